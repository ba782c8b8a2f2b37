"""Dual numbers on arrays: values with their derivative along one direction, exact to rounding.

The model's equations are written for any array; given duals they carry derivatives along, so that
no equation is written twice. Only what the equations use is known; anything else raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


class Dual:
    """An array `value` and its derivative `slope`, of the same shape.

    Examples
    --------
    >>> x = Dual(np.array([2.0]), np.array([1.0]))
    >>> y = np.log(x * x)
    >>> y.slope
    array([1.])
    """

    __slots__ = ("slope", "value")

    def __init__(self, value: Any, slope: Any) -> None:
        self.value = np.asarray(value)
        found = np.asarray(slope)
        same = found.shape == self.value.shape
        self.slope = found if same else np.broadcast_to(found, self.value.shape)

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return np

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        rule = _UFUNCS.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        return rule(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function not in _LINEAR:
            return NotImplemented
        value = function(*_parts(args, _value), **options)
        return Dual(value, function(*_parts(args, _slope), **options))

    def __add__(self, other: Any) -> Dual:
        return _add(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        return _subtract(self, other)

    def __rsub__(self, other: Any) -> Dual:
        return _subtract(other, self)

    def __mul__(self, other: Any) -> Dual:
        return _multiply(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        return _divide(self, other)

    def __rtruediv__(self, other: Any) -> Dual:
        return _divide(other, self)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __getitem__(self, at: Any) -> Dual:
        return Dual(self.value[at], self.slope[at])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def T(self) -> Dual:
        """The transposed dual."""
        return Dual(self.value.T, self.slope.T)

    def sum(self, axis: Any = None) -> Dual:
        """Return sums over axes."""
        return Dual(self.value.sum(axis=axis), self.slope.sum(axis=axis))

    def reshape(self, *shape: Any) -> Dual:
        """Return the dual in another shape."""
        return Dual(self.value.reshape(*shape), self.slope.reshape(*shape))


def _value(x: Any) -> Any:
    return x.value if isinstance(x, Dual) else x


def _slope(x: Any) -> Any:
    """Return the derivative; zeros for a plain array, and what is no array as it is."""
    if isinstance(x, Dual):
        return x.slope
    return np.zeros_like(x) if isinstance(x, np.ndarray) else x


def _parts(args: Sequence[Any], part: Callable[[Any], Any]) -> list[Any]:
    return [[part(item) for item in arg] if isinstance(arg, list) else part(arg) for arg in args]


def _rate(x: Any) -> Any:
    """Return the derivative, a plain zero for what has none."""
    return x.slope if isinstance(x, Dual) else 0.0


def _add(a: Any, b: Any) -> Dual:
    return Dual(_value(a) + _value(b), _rate(a) + _rate(b))


def _subtract(a: Any, b: Any) -> Dual:
    return Dual(_value(a) - _value(b), _rate(a) - _rate(b))


def _multiply(a: Any, b: Any) -> Dual:
    return Dual(_value(a) * _value(b), _rate(a) * _value(b) + _value(a) * _rate(b))


def _divide(a: Any, b: Any) -> Dual:
    ratio = _value(a) / _value(b)
    return Dual(ratio, (_rate(a) - ratio * _rate(b)) / _value(b))


def _matmul(a: Any, b: Any) -> Dual:
    if not isinstance(a, Dual) and b.ndim > 1 and b.shape[-1] == 1:
        both = np.matmul(a, np.concatenate([b.value, b.slope], axis=-1))
        return Dual(both[..., :1], both[..., 1:])
    slope = 0.0
    if isinstance(a, Dual):
        slope = slope + np.matmul(a.slope, _value(b))
    if isinstance(b, Dual):
        slope = slope + np.matmul(_value(a), b.slope)
    return Dual(np.matmul(_value(a), _value(b)), slope)


def _exp(x: Dual) -> Dual:
    value = np.exp(x.value)
    return Dual(value, value * x.slope)


def _log(x: Dual) -> Dual:
    return Dual(np.log(x.value), x.slope / x.value)


_UFUNCS: dict[Any, Callable[..., Dual]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.divide: _divide,
    np.negative: lambda x: Dual(-x.value, -x.slope),
    np.matmul: _matmul,
    np.exp: _exp,
    np.log: _log,
}
_LINEAR = frozenset(
    (np.concatenate, np.reshape, np.permute_dims, np.swapaxes, np.transpose, np.broadcast_to)
)
"""Functions that act on value and derivative alike."""
