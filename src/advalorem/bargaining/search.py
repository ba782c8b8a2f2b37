"""Maximise within bounds with exact derivatives; no economics here.

First by a fixed point: every variable moves by its slope over its curvature, which Anderson
acceleration turns into about ten evaluations. Where that does not end, or ends lower than it
began, by L-BFGS-B of Byrd, Lu, Nocedal and Zhu (1995), SIAM Journal on Scientific Computing
16(5), through scipy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.anderson import anderson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Slope = Callable[[Floats], tuple[Floats, Floats]]
    Value = Callable[[Floats], float]

__all__ = ["Found", "climb", "maximise", "projected", "settle"]

STILL = 1e-6
MEMORY = 8
FLAT = 1e-8
NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search ended.

    Attributes
    ----------
    x, value
        The point and its value.
    converged
        Whether the point is an answer.
    message
        How the search ended.
    evaluations
        Points at which the function was taken.
    """

    x: Floats
    value: float
    converged: bool
    message: str
    evaluations: int


def settle(
    slope: Slope, start: Floats, lower: Floats, upper: Floats, most: int = 60
) -> tuple[Floats, bool, int]:
    """Return where slopes over curvatures, kept within bounds, move nothing any more.

    Parameters
    ----------
    slope
        Gives slopes and curvatures (positive) at x.

    Returns
    -------
    tuple
        The point, whether the largest move fell below 1e-6, and the evaluations.

    Examples
    --------
    >>> def hill(x): return -2 * (x - 0.25), np.array([3.0])
    >>> x, done, _ = settle(hill, np.zeros(1), np.zeros(1), np.ones(1))
    >>> x.round(6), done
    (array([0.25]), True)
    """

    def move(x: Floats) -> Floats:
        inside = np.clip(x, lower, upper)
        up, bend = slope(inside)
        return np.clip(inside + np.clip(up / bend, lower - upper, upper - lower), lower, upper)

    first = np.clip(np.asarray(start, dtype=float), lower, upper)
    found = anderson(move, first, tolerance=STILL, max_iterations=most, memory=MEMORY)
    return np.clip(found.point, lower, upper), found.result == "converged", found.iterations


def climb(value: Value, slope: Slope, start: Floats, lower: Floats, upper: Floats) -> Found:
    """Return a local maximum within bounds: `settle`, and `maximise` where that fails.

    Examples
    --------
    >>> def value(x): return -float((x[0] - 2) ** 2)
    >>> def slope(x): return -2 * (x - 2), np.full(1, 2.0)
    >>> climb(value, slope, np.zeros(1), np.zeros(1), np.ones(1)).x
    array([1.])
    """
    first = np.clip(np.asarray(start, dtype=float), lower, upper)
    before = value(first)
    x, done, count = settle(slope, first, lower, upper)
    after = value(x)
    if done and after >= before - NOISE:
        return Found(x, after, True, "settled", count)
    better = x if after > before else first
    return maximise(value, slope, better, lower, upper)


def maximise(
    value: Value, slope: Slope, start: Floats, lower: Floats, upper: Floats, most: int = 300
) -> Found:
    """Return a local maximum within bounds by L-BFGS-B in variables scaled by the curvature.

    The method is started again where it ended until a whole run adds less than 1e-8.

    Examples
    --------
    >>> def value(x): return -float((x[0] - 0.5) ** 4)
    >>> def slope(x): return -4 * (x - 0.5) ** 3, np.ones(1)
    >>> maximise(value, slope, np.zeros(1), np.zeros(1), np.ones(1)).x.round(2)
    array([0.5])
    """
    from scipy.optimize import minimize

    x = np.clip(np.asarray(start, dtype=float), lower, upper)
    held, count = value(x), 1
    bend = slope(x)[1]
    scale = np.minimum(1 / np.sqrt(bend / bend.max()), 1e3)

    def negated(z: Floats) -> tuple[float, Floats]:
        at = np.clip(z * scale, lower, upper)
        return -value(at), -slope(at)[0] * scale

    bounds = np.column_stack([lower / scale, upper / scale])
    while count < most:
        options = {"maxfun": most - count, "ftol": 1e-12, "gtol": 1e-10, "maxcor": 20}
        run = minimize(
            negated, x / scale, jac=True, method="L-BFGS-B", bounds=bounds, options=options
        )
        count += int(run.nfev)
        gain = -float(run.fun) - held
        if gain > 0:
            x, held = np.clip(run.x * scale, lower, upper), -float(run.fun)
        if gain <= FLAT and run.status != 1:
            return Found(x, held, True, "no run adds anything", count)
    return Found(x, held, False, f"no answer after {count} evaluations", count)


def projected(x: Floats, slope: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the part of the slope along which a maximiser within bounds could still move.

    >>> projected(np.array([0.0, 0.5]), np.array([-1.0, 2.0]), np.zeros(2), np.ones(2))
    array([0., 2.])
    """
    stuck = ((x <= lower) & (slope < 0)) | ((x >= upper) & (slope > 0))
    return np.where(stuck, 0.0, slope)
