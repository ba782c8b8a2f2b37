"""Raw tables of an economy: values as published, labelled and checked, not yet consistent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.economy import Adjustment, check_tariffs
from advalorem.world.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Tables", "check_tables", "place", "rate_unit_check"]


HIGHEST = 3.0


@dataclass(frozen=True, slots=True)
class Tables:
    """Values of a base year, before anything is repaired.

    Attributes
    ----------
    name, unit
        Name of the data and unit of all values.
    countries, sectors
        Labels, in the order of the axes.
    trade
        Sales of exporter i to importer n, net of tariffs, (n, i, j). The diagonal holds domestic
        sales, unless `domestic` is ``"residual"``.
    tariffs
        Base tariffs as fractions, (n, i, j).
    input_use
        Purchases of input k by sector j, all origins, (n, k, j).
    value_added
        Value added, (n, j).
    theta
        Trade elasticity, (j).
    final_demand
        Final spending by sector at prices with tariffs, (n, j); None derives it as expenditure
        less input use.
    domestic
        ``"given"`` or ``"residual"``: domestic sales are output less exports, and output is raised
        to exports where exports are larger (the convention of Caliendo and Parro's own code).
    allow_above_100
        Say that base tariffs that look like per cent are meant as fractions.
    adjustments
        What a reader had to repair before the tables could be read at all.
    """

    name: str
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    trade: Floats
    tariffs: Floats
    input_use: Floats
    value_added: Floats
    theta: Floats
    final_demand: Floats | None = None
    domestic: str = "given"
    unit: str = "unit of the data"
    theta_set: str = "as given"
    goods: tuple[bool, ...] = ()
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    iso2: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scenarios: dict[str, Floats] = field(default_factory=dict)
    negative_inputs: bool = False
    adjustments: tuple[Adjustment, ...] = ()
    allow_above_100: bool = False

    @property
    def output(self) -> Floats:
        """Gross output, inputs plus value added, (n, j)."""
        return np.asarray(self.input_use.sum(axis=1) + self.value_added)


def check_tables(tables: Tables) -> None:
    """Raise when a table holds what no economy has.

    Checked: labels given once, shapes, NaN, negative flows, theta, tariffs.

    Raises
    ------
    InputError
        Naming the table, the label and the remedy.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from advalorem.world import example
    >>> check_tables(replace(example.two_country_tables(), theta=np.array([0.0])))
    Traceback (most recent call last):
    advalorem.world.errors.InputError: theta, sector good: 0 is missing or not positive; ...
    """
    _check_labels("countries", tables.countries)
    _check_labels("sectors", tables.sectors)
    c, s = len(tables.countries), len(tables.sectors)
    shapes: dict[str, tuple[Any, tuple[int, ...]]] = {
        "trade": (tables.trade, (c, c, s)),
        "tariffs": (tables.tariffs, (c, c, s)),
        "input_use": (tables.input_use, (c, s, s)),
        "value_added": (tables.value_added, (c, s)),
    }
    if tables.final_demand is not None:
        shapes["final_demand"] = (tables.final_demand, (c, s))
    for name, (values, shape) in shapes.items():
        _check_shape(name, values, shape)
        _check_values(tables, name, values)
    check_tariffs("tariffs", tables.tariffs, tables.countries, tables.sectors)
    if not tables.allow_above_100:
        rate_unit_check(tables.tariffs, "tariffs")
    _check_theta(tables)


def rate_unit_check(rates: Floats, table: str, where: str = "largest rate") -> None:
    """Refuse rates that look like per cent: one above 3, or most of the positive ones above 1.

    Raises
    ------
    InputError
        Naming the largest rate and how to say that it is meant.

    Examples
    --------
    >>> rate_unit_check(np.array([0.05, 0.1, 1.8]), "tariffs")
    >>> rate_unit_check(np.array([5.0]), "tariffs")
    Traceback (most recent call last):
    advalorem.world.errors.InputError: tariffs, largest rate: 5 as a fraction is 500 %; ...
    """
    positive = rates[np.isfinite(rates) & (rates > 0)]
    if not positive.size:
        return
    largest = float(positive.max())
    if largest > HIGHEST or 2 * np.count_nonzero(positive > 1) > positive.size:
        raise InputError(
            table,
            where,
            f"{largest:g} as a fraction is {100 * largest:g} %",
            "give per cent in a column tariff_pct, or say that such rates are meant "
            "(allow_above_100)",
        )


def place(
    table: str,
    keys: Sequence[tuple[str, Sequence[str], tuple[str, ...]]],
    values: Any,
    *,
    zeros_omitted: bool = False,
    default: float = 0.0,
    allow_infinite: bool = False,
) -> Floats:
    """Put long-table values into an array, one axis per key column, whatever the row order.

    Parameters
    ----------
    table
        Name used in errors.
    keys
        One (column name, labels of the rows, allowed labels) per axis.
    values
        One number per row.
    zeros_omitted
        True when the table leaves out rows that are zero; missing rows then become `default`.
    allow_infinite
        True when infinity has a meaning, as for a tariff that prohibits.

    Returns
    -------
    numpy.ndarray
        One axis per key, in the order of the allowed labels.

    Raises
    ------
    InputError
        For an unknown label, a duplicate, a missing combination or a value that is not finite.

    Examples
    --------
    >>> place("theta", [("sector", ["b", "a"], ("a", "b"))], [2.0, 1.0])
    array([1., 2.])
    >>> place("theta", [("sector", ["b"], ("a", "b"))], [2.0])
    Traceback (most recent call last):
    advalorem.world.errors.InputError: theta, sector a: missing; add the row...
    """
    positions = [_positions(table, *key) for key in keys]
    shape = tuple(len(key[2]) for key in keys)
    numbers = np.asarray(values, dtype=float)
    flat = np.ravel_multi_index(tuple(positions), shape)
    _check_rows(table, keys, shape, flat, numbers if not allow_infinite else _no_inf(numbers))
    result = np.full(int(np.prod(shape)), default)
    seen = np.zeros(result.size, dtype=bool)
    result[flat], seen[flat] = numbers, True
    if not zeros_omitted and not seen.all():
        where = _describe(keys, shape, int(np.argmin(seen)))
        raise InputError(
            table,
            where,
            "missing",
            "add the row, with value 0 where there is nothing, or say "
            "that the tables leave zeros out (zeros_omitted)",
        )
    return result.reshape(shape)


def _no_inf(numbers: Floats) -> Floats:
    return np.where(np.isposinf(numbers), 0.0, numbers)


def _positions(
    table: str, column: str, labels: Sequence[str], allowed: tuple[str, ...]
) -> NDArray[np.int64]:
    index: Mapping[str, int] = {label: at for at, label in enumerate(allowed)}
    try:
        return np.array([index[label] for label in labels], dtype=np.int64)
    except KeyError as error:
        unknown = error.args[0]
    raise InputError(
        table,
        f"{column} {unknown!r}",
        "label is not in the other tables",
        "correct the label, or add it to every table",
    )


def _check_rows(table: str, keys: Any, shape: tuple[int, ...], flat: Any, numbers: Floats) -> None:
    counts = np.bincount(flat, minlength=int(np.prod(shape)))
    if counts.max(initial=0) > 1:
        where = _describe(keys, shape, int(np.argmax(counts > 1)))
        raise InputError(table, where, "given more than once", "keep one row")
    if not np.isfinite(numbers).all():
        row = int(np.argmax(~np.isfinite(numbers)))
        where = _describe(keys, shape, int(flat[row]))
        raise InputError(table, where, f"value {numbers[row]} is not a number", "correct it")


def _describe(keys: Any, shape: tuple[int, ...], flat: int) -> str:
    indices = np.unravel_index(flat, shape)
    return ", ".join(f"{key[0]} {key[2][at]}" for key, at in zip(keys, indices, strict=True))


def _check_labels(table: str, labels: tuple[str, ...]) -> None:
    if not labels:
        raise InputError(table, "labels", "none given", "give at least one")
    for label in labels:
        if not label or labels.count(label) > 1:
            raise InputError(
                table, repr(label), "empty or given more than once", "use unique labels"
            )


def _check_shape(table: str, values: Any, shape: tuple[int, ...]) -> None:
    if np.shape(values) != shape:
        raise InputError(
            table,
            f"shape {np.shape(values)}",
            f"does not fit the labels, {shape}",
            "give one value per combination of labels",
        )


def _check_values(tables: Tables, table: str, values: Floats) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        raise InputError(table, _cell(tables, bad), "not a finite number", "correct the cell")
    may_be_negative = table in ("final_demand", "tariffs") or (
        table == "input_use" and tables.negative_inputs
    )
    if not may_be_negative and (values < 0).any():
        where = _cell(tables, values < 0)
        amount = float(values[values < 0][0])
        raise InputError(
            table, where, f"negative value {amount:g}", "correct it, or set it to zero and say so"
        )


def _cell(tables: Tables, mask: Any) -> str:
    """Return the labels of the first True cell; the first axis is always a country."""
    at = np.unravel_index(int(np.argmax(mask)), mask.shape)
    bilateral = mask.ndim == 3 and mask.shape[1] == len(tables.countries) != len(tables.sectors)
    middle = tables.countries if bilateral else tables.sectors
    names = (
        [tables.countries, middle, tables.sectors]
        if mask.ndim == 3
        else [tables.countries, tables.sectors]
    )
    return " / ".join(labels[int(index)] for labels, index in zip(names, at, strict=True))


def _check_theta(tables: Tables) -> None:
    theta = np.asarray(tables.theta, dtype=float)
    if theta.shape != (len(tables.sectors),):
        raise InputError(
            "theta", f"shape {theta.shape}", "not one value per sector", "add the rest"
        )
    bad = ~(np.isfinite(theta) & (theta > 0))
    if bad.any():
        j = int(np.argmax(bad))
        raise InputError(
            "theta",
            f"sector {tables.sectors[j]}",
            f"{theta[j]:g} is missing or not positive",
            "give an elasticity above zero",
        )
