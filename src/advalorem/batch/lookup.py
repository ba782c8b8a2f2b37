"""Where rows stand in the tables of all epochs, laid out flat: a few gathers a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.plans import HARD, LOST, PlanArrays
from advalorem.batch.tables import SPLIT_CODE, UNKNOWN_CODE
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Mask, Shipments

if TYPE_CHECKING:
    from advalorem.batch.rater import Rater

BY_PRICE = ("rate", "specific", "by_unit", "column", "key")
BLANK_PAGE = 1 << 20
"""Room of page 0, which stays empty: that of every state not met yet."""


@dataclass(frozen=True, slots=True)
class Flat:
    """The tables of the epochs met so far, one behind the other; see `advalorem.batch.tables`."""

    slot: NDArray[np.int32]
    cell: NDArray[np.int32]
    state: NDArray[np.int32]
    price: Int
    rate: Int
    specific: Int
    by_unit: Mask
    column: NDArray[np.int8]
    key: NDArray[np.int32]
    page: Int
    plan: NDArray[np.int32]
    by_mode: Mask
    by_quantity: Mask
    plans: PlanArrays


@dataclass(frozen=True, slots=True)
class Found:
    """Where rows stand in the tables: epoch slot, cell, global state, price, page and plan."""

    slot: NDArray[np.int32]
    cell: NDArray[np.int32]
    state: NDArray[np.int32]
    price: Int
    page: Int
    plan: NDArray[np.int32]


def find(rater: Rater, flat: Flat, rows: Shipments, place: Int) -> Found:
    """Return where plain rows stand in the tables; plan 0 where that is not known yet."""
    day = np.minimum(rows.day - rater.days[0], len(flat.slot) - 1)
    slot = flat.slot.take(day)
    if (slot < 0).any() or not len(flat.cell):
        nothing = np.zeros(len(rows), dtype=np.int64)
        none = nothing.astype(np.int32)
        return Found(slot, none, none, nothing, nothing, none)
    wide, deep = len(rater.book.countries), len(rater.book.claims) + 1
    cell = flat.cell.take(slot * len(rater.codes) + place)
    state = flat.state.take((slot * deep + rows.claim + 1) * wide + rows.origin)
    price = flat.price.take(state) + np.maximum(cell, 0)
    page = flat.page.take(state * _extras(rater) + _extra(rater, flat, rows, slot))
    plan = flat.plan.take(page + flat.key.take(price))
    if (cell < 0).any():
        plan = np.where(cell == SPLIT_CODE, HARD, np.where(cell == UNKNOWN_CODE, LOST, plan))
    return Found(slot, cell, state, price, page, plan)


def _extras(rater: Rater) -> int:
    """Return how many combinations of value zone, mode and a missing quantity there are."""
    return (len(rater.limits) + 1) * (len(MODES) + 1) * 2


def _extra(rater: Rater, flat: Flat, rows: Shipments, slot: NDArray[np.int32]) -> Int:
    """Return the number of each row's combination; what no rule of its epoch sees is left out."""
    zone = np.zeros(len(rows), dtype=np.int64)
    for limit in rater.limits.tolist():
        zone += rows.value > limit
    zone *= len(MODES) + 1
    mode = rows.mode + 1
    if mode.any():
        zone += np.where(flat.by_mode.take(slot), mode, 0)
    return np.asarray(zone * 2 + (flat.by_quantity.take(slot) & (rows.quantity == NOT_STATED)))


def group_of(rater: Rater, found: Found) -> Int:
    """Return by row the eight-digit code of a split code, 0 for the others."""
    group = np.concatenate([table.group for table in rater.tables.values()])
    sizes = [len(table.group) for table in rater.tables.values()]
    start = (np.cumsum(sizes) - np.array(sizes)).astype(np.int64)
    return np.asarray(group.take(start[found.slot] + np.maximum(found.cell, 0)))


def starts(rater: Rater) -> dict[int, int]:
    """Return where the prices of each epoch start in the flat tables."""
    starts, at = {}, 0
    for epoch, table in rater.tables.items():
        starts[epoch] = at
        at += table.rate.size
    return starts


def with_pages(rater: Rater, rows: Shipments, place: Int) -> Flat:
    """Return the tables with a page of plans for every state and combination of these rows."""
    flat = rater.flat
    found = find(rater, flat, rows, place)
    at = found.state * _extras(rater) + _extra(rater, flat, rows, found.slot)
    fresh = np.unique(at[found.page == 0])
    if not len(fresh):
        return flat
    sizes = np.repeat([t.keys for t in rater.tables.values()],
                      [len(t.mode) for t in rater.tables.values()])  # fmt: skip
    width = sizes[fresh // _extras(rater)]
    page = flat.page.copy()
    page[fresh] = len(flat.plan) + np.cumsum(width) - width
    plan = np.concatenate([flat.plan, np.zeros(int(width.sum()), dtype=np.int32)])
    return replace(flat, page=page, plan=plan)


def flatten(rater: Rater, before: Flat | None) -> Flat:
    """Return the tables of all epochs compiled, with the plans already known.

    The epochs' own tables become views of these.
    """
    tables = list(rater.tables.values())
    span = int(rater.days[-1] - rater.days[0]) + 1
    number = np.searchsorted(rater.days, rater.days[0] + np.arange(span), side="right") - 1
    order = {epoch: slot for slot, epoch in enumerate(rater.tables)}
    slot = np.array([order.get(epoch, -1) for epoch in number.tolist()], dtype=np.int32)
    states: list[NDArray[np.int32]] = []
    price: list[Int] = []
    prices = 0
    for table in tables:
        states.append(table.state.ravel() + np.int32(sum(len(part) for part in price)))
        price.append(prices + table.mode * table.rate.shape[1])
        prices += table.rate.size
    extras = _extras(rater) * sum(len(part) for part in price)
    page = np.zeros(extras, dtype=np.int64)
    if before is not None:
        page[: len(before.page)] = before.page
    plan = before.plan if before is not None else np.zeros(BLANK_PAGE, dtype=np.int32)
    flat = Flat(
        slot=slot,
        cell=_joined([table.cell for table in tables], np.int32),
        state=_joined(states, np.int32),
        price=_joined(price, np.int64),
        rate=_joined([table.rate for table in tables], np.int64),
        specific=_joined([table.specific for table in tables], np.int64),
        by_unit=_joined([table.by_unit for table in tables], np.bool_),
        column=_joined([table.column for table in tables], np.int8),
        key=_joined([table.key for table in tables], np.int32),
        page=page,
        plan=plan,
        by_mode=np.array([table.by_mode for table in tables], dtype=bool),
        by_quantity=np.array([table.by_quantity for table in tables], dtype=bool),
        plans=rater.plans.arrays(),
    )
    _share(rater, flat)
    return flat


def _share(rater: Rater, flat: Flat) -> None:
    """Have the large tables of each epoch be views of the flat ones."""
    at = 0
    for epoch, table in rater.tables.items():
        size, shape = table.rate.size, table.rate.shape
        views = {name: getattr(flat, name)[at : at + size].reshape(shape) for name in BY_PRICE}
        rater.tables[epoch] = replace(table, **views)
        at += size


def _joined(parts: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    if not parts:
        return np.zeros(0, dtype=kind)
    return np.concatenate([part.ravel() for part in parts]).astype(kind, copy=False)
