"""Write changes of trade costs into arrays: the one place where a scenario meets the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from advalorem.scenario.changes import (
    ALL,
    GOODS,
    AnyChange,
    BorderDays,
    Productivity,
    TradeCost,
)
from advalorem.scenario.errors import OverlapError, ScenarioError
from advalorem.scenario.places import CITED, group_named, per_day, percent

Float = NDArray[np.float64]


class Coordinates(Protocol):
    """Labels of a world: what `advalorem.world.Economy` has, and a change of costs needs."""

    @property
    def countries(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def sectors(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def goods(self) -> Any: ...  # noqa: D102
    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102


def d_hat_of(
    changes: Sequence[AnyChange], coords: Coordinates, on: date, day: float | None = None
) -> Float:
    """Return new over old iceberg costs on a day, (n, i, j); one where nothing changes.

    `day` is a value of a day in place of the cited range's, as in `factor`.

    Raises
    ------
    ScenarioError
        A change names a country or sector that the world does not have.
    OverlapError
        Two changes of one instrument fall on the same cell.
    """
    size, sectors = len(coords.countries), len(coords.sectors)
    found = np.ones((size, size, sectors))
    taken: dict[str, NDArray[np.bool_]] = {}
    for change in changes:
        if isinstance(change, TradeCost | BorderDays) and change.from_ <= on < change.end:
            cells = _cells(change, coords)
            _once(taken, change, cells, coords)
            found[cells] *= factor(change, day)
    return found


def factor(change: TradeCost | BorderDays, day: float | None = None) -> float:
    """Return new over old cost of trade.

    A day is worth a constant share of value, so days compound. `day`, a fraction, takes the place
    of a value that the change takes from the cited range; one that it states itself stays.

    Raises
    ------
    ScenarioError
        The cost would fall to nothing.

    Examples
    --------
    >>> from decimal import Decimal
    >>> day = date(2025, 1, 1)
    >>> factor(BorderDays(from_=day, importers=["all"], exporters=["all"], days=Decimal(0)))
    1.0
    """
    if isinstance(change, BorderDays):
        cited = day is not None and change.per_day in CITED
        worth = day if cited and day is not None else per_day(change.per_day)
        return float((1.0 + worth) ** float(change.days))
    new = 1.0 + percent(change.by)
    if new <= 0:
        raise ScenarioError(f"by: {change.by!r} leaves no cost of trade; stay above -100%")
    return new


def productivity_of(changes: Sequence[AnyChange], coords: Coordinates, on: date) -> Float:
    """Return new over old productivity on a day, (n, j); one where nothing changes.

    Raises
    ------
    ScenarioError
        A change names a country or sector that the world does not have, or leaves nothing.
    OverlapError
        Two changes fall on the same cell.
    """
    found = np.ones((len(coords.countries), len(coords.sectors)))
    taken = np.zeros(found.shape, dtype=bool)
    for change in changes:
        if isinstance(change, Productivity) and change.from_ <= on < change.end:
            new = 1.0 + percent(change.by)
            if new <= 0:
                raise ScenarioError(f"by: {change.by!r} leaves no output; stay above -100%")
            rows = countries_of(change.countries, coords)
            cells = np.ix_(rows, sectors_of(change.sectors, coords))
            if taken[cells].any():
                names = ", ".join(change.countries)
                raise OverlapError(f"productivity: two changes fall on cells of {names}; give one")
            taken[cells], found[cells] = True, found[cells] * new
    return found


def _cells(change: TradeCost | BorderDays, coords: Coordinates) -> NDArray[np.bool_]:
    """Return the cells of a change, (n, i, j), without domestic sales."""
    size = len(coords.countries)
    cells = np.zeros((size, size, len(coords.sectors)), dtype=bool)
    sectors = sectors_of(change.sectors, coords)
    buyers, sellers = (
        countries_of(names, coords) for names in (change.importers, change.exporters)
    )
    cells[np.ix_(buyers, sellers, sectors)] = True
    if change.both_ways:
        cells[np.ix_(sellers, buyers, sectors)] = True
    cells[np.eye(size, dtype=bool)] = False
    return cells


def _once(
    taken: dict[str, NDArray[np.bool_]],
    change: TradeCost | BorderDays,
    cells: NDArray[np.bool_],
    coords: Coordinates,
) -> None:
    """Record the cells of an instrument; raise where one is taken."""
    name = change.instrument or type(change).__name__
    before = taken.get(name, np.zeros_like(cells))
    if (before & cells).any():
        n, i, j = (int(at) for at in np.argwhere(before & cells)[0])
        where = f"{coords.countries[n]} <- {coords.countries[i]} / {coords.sectors[j]}"
        raise OverlapError(f"{name}: two changes fall on {where}; give them different instruments")
    taken[name] = before | cells


def countries_of(names: Sequence[str], coords: Coordinates) -> list[int]:
    """Return the positions of countries, groups or all, in order.

    Raises
    ------
    ScenarioError
        A name is neither.
    """
    return sorted(set(_positions(names, coords)))


def _positions(names: Sequence[str], coords: Coordinates) -> Iterator[int]:
    for name in names:
        group = group_named(coords.groups, name)
        if name == ALL:
            yield from range(len(coords.countries))
        elif group:
            yield from (coords.countries.index(member) for member in group)
        elif name in coords.countries:
            yield coords.countries.index(name)
        else:
            known = ", ".join([*coords.groups, *coords.countries])
            raise ScenarioError(f"{name!r} is no country or group of this economy; it has {known}")


def sectors_of(names: Sequence[str], coords: Coordinates) -> list[int]:
    """Return the positions of sectors, `goods` or `all`, in order.

    Raises
    ------
    ScenarioError
        A name is none of these.
    """
    found: set[int] = set()
    for name in names:
        if name == ALL:
            found |= set(range(len(coords.sectors)))
        elif name == GOODS:
            goods = coords.goods
            found |= {j for j in range(len(coords.sectors)) if goods is None or bool(goods[j])}
        elif name in coords.sectors:
            found.add(coords.sectors.index(name))
        else:
            known = ", ".join(coords.sectors)
            raise ScenarioError(f"{name!r} is no sector of this economy; it has {known}")
    return sorted(found)
