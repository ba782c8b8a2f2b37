"""Rate many rows: gather plans from the tables, multiply, and go one by one where that fails.

A `Rater` is law made ready for one importer and one day of knowledge. It grows as it meets
epochs and situations; threads may share it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.forms import charge
from advalorem.batch.plans import HARD, LOST, UNDECIDED, PlanArrays, PlanBook, decide
from advalorem.batch.slow import due_slowly, rate_slowly
from advalorem.batch.tables import (
    SOME_QUANTITY,
    SOME_VALUE,
    SPLIT_CODE,
    UNKNOWN_CODE,
    Epoch,
    EpochTable,
    epoch_table,
    universe,
    value_limits,
)
from advalorem.duty.charge import ORDINARY
from advalorem.duty.completions import join
from advalorem.duty.ledger import ASSESSED, INVALID, UNDETERMINED
from advalorem.duty.numbers import specific
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Mask, Shipments
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epochs_of

NO_REASON, NO_LAW, NO_CODE, NO_QUANTITY = range(4)
"""Why a row is invalid: its day lies before the law coded, its code is unknown, no quantity."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Results by row, money in cents; `asked` has bit i for fact i, `split` asks for the line.

    `open_` marks rows without an upper bound, `freed` the fees a row is exempt from (see
    `advalorem.batch.fees`), `reason` says why a row is invalid.
    """

    outcome: NDArray[np.int8]
    low: Int
    high: Int
    open_: Mask
    asked: Int
    split: Mask
    claimed: NDArray[np.int16]
    freed: Int
    reason: NDArray[np.int8]

    def put(self, rows: Int, part: Rated) -> None:
        """Write another result over the rows of these numbers."""
        for name in FIELDS:
            getattr(self, name)[rows] = getattr(part, name)


FIELDS = ("outcome", "low", "high", "open_", "asked", "split", "claimed", "freed", "reason")


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


@dataclass(slots=True)
class Rater:
    """The law of one importer as known on a day, ready for any number of rows.

    `codes` may be those of another rater of the importer; they are sought if left out.
    `grown` counts how often something new was decided.
    """

    book: Lawbook
    importer: str
    known_on: date
    codes: Int = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    limits: Int = field(init=False)
    days: Int = field(init=False)
    tables: dict[int, EpochTable] = field(init=False, default_factory=dict)
    plans: PlanBook = field(init=False, default_factory=PlanBook)
    flat: Flat = field(init=False)
    lock: Lock = field(init=False, default_factory=Lock)
    grown: int = field(init=False)

    def __post_init__(self) -> None:
        if not len(self.codes):
            self.codes = universe(self.book, self.importer, self.known_on)
        self.limits = value_limits(self.book, self.importer)
        self.days = epochs_of(self.book, self.importer, self.known_on).days
        self.flat = _flat(self, None)
        self.grown = 0

    def restore(
        self, tables: dict[int, EpochTable], plans: PlanBook, page: Int, plan: NDArray[np.int32]
    ) -> None:
        """Take what an equal rater decided in an earlier run."""
        self.tables, self.plans = tables, plans
        self.flat = replace(_flat(self, None), page=page, plan=plan)

    def place(self, rows: Shipments) -> Int:
        """Return the number of each code in the universe, -1 for those no epoch knows."""
        wanted = rows.code * 2 + rows.eight
        place = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        return np.where(self.codes[place] == wanted, place, -1)

    def rate(
        self, rows: Shipments, place: Int | None = None, tally: dict[str, int] | None = None
    ) -> Rated:
        """Return the results of rows; `place` is that of the method of that name, if at hand.

        The duty of assessed rows is added to `tally` by authority, in cents.
        """
        place = self.place(rows) if place is None else place
        plain = _plain(self, rows, place)
        if plain.all():
            return _cleared(self._settle(rows, place, tally))
        rated = _blank(len(rows))
        fast, slow = np.flatnonzero(plain), np.flatnonzero(~plain)
        if len(fast):
            rated.put(fast, self._settle(rows.take(fast), place[fast], tally))
        rated.put(slow, self._slowly(rows.take(slow), tally))
        return _cleared(rated)

    def _settle(self, rows: Shipments, place: Int, tally: dict[str, int] | None) -> Rated:
        """Return the results of plain rows, those without a form one by one."""
        flat, found = self._found(rows, place)
        rated = _gathered(flat, found, rows)
        hard = np.flatnonzero(found.plan == HARD)
        if len(hard):
            rated.put(hard, self._slowly(rows.take(hard), tally))
        if tally is not None:
            here = np.flatnonzero((rated.outcome == ASSESSED) & (found.plan != HARD))
            _tally(self, flat, found, rows, here, rated, tally)
        return rated

    def _slowly(self, rows: Shipments, tally: dict[str, int] | None) -> Rated:
        early = rows.day < self.days[0]
        rated = _blank(len(rows))
        rated.outcome[early], rated.reason[early] = INVALID, NO_LAW
        here = np.flatnonzero(~early)
        for start in range(0, len(here), SLOW_ROWS):
            part = here[start : start + SLOW_ROWS]
            columns = rate_slowly(self.book, self.importer, rows.take(part), self.known_on, tally)
            reason = np.where(columns.unknown_code, NO_CODE, NO_QUANTITY)
            reason = np.where(columns.outcome == INVALID, reason, NO_REASON).astype(np.int8)
            rated.put(part, Rated(
                columns.outcome.astype(np.int8), columns.low, columns.high, columns.open_,
                columns.asked, columns.split, columns.claimed.astype(np.int16), columns.freed, reason,
            ))  # fmt: skip
        return rated

    def due_under(self, rows: Shipments, measures: Collection[str]) -> Int:
        """Return the duty in cents that some measures charge, by row; 0 where undetermined."""
        rated, place = self.rate(rows), self.place(rows)
        plain = _plain(self, rows, place)
        due = np.zeros(len(rows), dtype=np.int64)
        fast = np.flatnonzero(plain & (rated.outcome == ASSESSED))
        flat, found = self._found(rows.take(fast), place[fast])
        soft = np.flatnonzero(found.plan != HARD)
        due[fast[soft]] = _due_under(self, flat, found, rows.take(fast), soft, measures)
        hard = np.setdiff1d(np.flatnonzero(rated.outcome == ASSESSED), fast[soft])
        due[hard] = due_slowly(self.book, self.importer, rows.take(hard), self.known_on, measures)
        return due

    def _found(self, rows: Shipments, place: Int) -> tuple[Flat, Found]:
        """Return the tables and where the rows stand in them, deciding what is not decided."""
        flat = self.flat
        found = _find(self, flat, rows, place)
        if (found.plan == UNDECIDED).any():
            with self.lock:
                _grow(self, rows, place)
                flat = self.flat
            found = _find(self, flat, rows, place)
            if (found.plan == UNDECIDED).any():
                raise RuntimeError("a situation was left undecided; this is a fault of the program")
        return flat, found


SLOW_ROWS = 20_000
BLANK_PAGE = 1 << 20
"""Room of page 0, which stays empty: that of every state not met yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where rows stand in the tables: epoch slot, cell, global state, price, page and plan."""

    slot: Int
    cell: Int
    state: Int
    price: Int
    page: Int
    plan: NDArray[np.int32]


def _plain(rater: Rater, rows: Shipments, place: Int) -> Mask:
    """Return which rows the tables can answer."""
    plain = (rows.value > 0) & (rows.unit == 0) & (place >= 0) & (rows.day >= rater.days[0])
    for column in rows.facts.values():
        plain &= column == NOT_STATED
    return np.asarray(plain)


def _due_under(
    rater: Rater, flat: Flat, found: Found, rows: Shipments, here: Int, measures: Collection[str]
) -> Int:
    """Return what some measures charge the rows `here`, which are assessed and have plans."""
    forms, names = flat.plans.forms, rater.plans.forms.measures
    wanted = np.array([name in measures for name in names], dtype=bool)
    value, quantity = rows.value[here], rows.quantity[here]
    form = np.maximum(flat.plans.low[0].take(found.plan[here]), 0)
    ordinary = charge(value, flat.rate.take(found.price[here]))
    _by_unit(flat, found.price[here], rows.take(here), ordinary)
    owed = np.where(forms.ordinary.take(form), ordinary, 0)
    due = np.zeros(len(here), dtype=np.int64)
    for level in range(len(forms.rate)):
        at, amount = forms.amounts(level, form, value, owed)
        at = np.arange(len(form)) if at is None else at
        due[at] += np.where(wanted.take(forms.measure[level].take(form[at])), amount, 0)
    for at, line, amount in forms.unit_amounts(form, value, quantity):
        due[at] += amount if wanted[line.measure] else 0
    return due


def _cleared(rated: Rated) -> Rated:
    """Return results in which invalid rows have no amounts and no questions."""
    invalid = np.flatnonzero(rated.outcome == INVALID)
    for name in ("low", "high", "open_", "asked", "split", "freed"):
        getattr(rated, name)[invalid] = 0
    rated.claimed[invalid] = -1
    return rated


def _blank(size: int) -> Rated:
    """Return results of so many rows, all undetermined and zero."""
    zero = np.zeros(size, dtype=np.int64)
    no = np.zeros(size, dtype=bool)
    outcome = np.full(size, UNDETERMINED, dtype=np.int8)
    claimed, reason = np.full(size, -1, dtype=np.int16), np.zeros(size, dtype=np.int8)
    return Rated(
        outcome, zero, zero.copy(), no, zero.copy(), no.copy(), claimed, zero.copy(), reason
    )


def _find(rater: Rater, flat: Flat, rows: Shipments, place: Int) -> Found:
    """Return where plain rows stand in the tables; plan 0 where that is not known yet."""
    day = np.minimum(rows.day - rater.days[0], len(flat.slot) - 1)
    slot = flat.slot.take(day)
    if (slot < 0).any() or not len(flat.cell):
        nothing = np.zeros(len(rows), dtype=np.int64)
        return Found(slot, nothing, nothing, nothing, nothing, nothing.astype(np.int32))
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


def _extra(rater: Rater, flat: Flat, rows: Shipments, slot: Int) -> Int:
    """Return the number of each row's combination; what no rule of its epoch sees is left out."""
    zone = np.zeros(len(rows), dtype=np.int64)
    for limit in rater.limits.tolist():
        zone += rows.value > limit
    zone *= len(MODES) + 1
    mode = rows.mode + 1
    if mode.any():
        zone += np.where(flat.by_mode.take(slot), mode, 0)
    return zone * 2 + (flat.by_quantity.take(slot) & (rows.quantity == NOT_STATED))


def _gathered(flat: Flat, found: Found, rows: Shipments) -> Rated:
    """Return the results of rows from their plans; hard rows get nothing of use."""
    plans, forms = flat.plans, flat.plans.forms
    price, plan = found.price, found.plan
    ordinary = charge(rows.value, flat.rate.take(price))
    missing = _by_unit(flat, price, rows, ordinary)
    form = np.maximum(plans.low[0].take(plan), 0)
    low = forms.totals(form, rows.value, rows.quantity, ordinary)
    outcome, claimed = forms.outcome.take(form), plans.claimed.take(plan)
    high, open_ = low.copy(), np.zeros(len(rows), dtype=bool)
    asked, freed = plans.asked.take(plan), plans.freed.take(plan)
    here = np.flatnonzero(plans.unsettled.take(plan))
    if len(here):
        cheapest = _bounded(plans, plan, rows, ordinary, here, low, high)
        open_[here] = plans.open_.take(plan[here])
        same = (low[here] == high[here]) & ~open_[here]
        outcome[here] = np.where(same, forms.outcome.take(cheapest), UNDETERMINED)
        claimed[here] = np.where(same, forms.claimed.take(cheapest), claimed[here])
        freed[here] = np.where(same, forms.freed.take(cheapest), freed[here])
    outcome[missing] = INVALID
    reason = np.where(outcome == INVALID, NO_QUANTITY, NO_REASON).astype(np.int8)
    lost = np.flatnonzero(plan == LOST)
    outcome[lost], reason[lost] = INVALID, NO_CODE
    return Rated(outcome, low, high, open_, asked, plans.split.take(plan), claimed, freed, reason)


def _tally(
    rater: Rater,
    flat: Flat,
    found: Found,
    rows: Shipments,
    here: Int,
    rated: Rated,
    tally: dict[str, int],
) -> None:
    """Add the duty of the assessed rows `here` to a tally by authority."""
    forms, plan, price = flat.plans.forms, found.plan[here], found.price[here]
    value, quantity = rows.value[here], rows.quantity[here]
    form = np.maximum(flat.plans.low[0].take(plan), 0)
    ordinary = charge(value, flat.rate.take(price))
    _by_unit(flat, price, rows.take(here), ordinary)
    owed = np.where(forms.ordinary.take(form), ordinary, 0)
    names = [rater.book.measures[name].authority for name in rater.plans.forms.measures]
    left = rated.low[here].copy()
    for level in range(len(forms.rate)):
        at, amount = forms.amounts(level, form, value, owed)
        at = np.arange(len(form)) if at is None else at
        _add(tally, names, forms.measure[level].take(form[at]), amount)
        left[at] -= amount
    for at, line, amount in forms.unit_amounts(form, value, quantity):
        _add(tally, names, np.full(len(at), line.measure), amount)
        left[at] -= amount
    _add(tally, list(ORDINARY), flat.column.take(price).astype(np.int64), left)


HALF = 1 << 26


def _add(tally: dict[str, int], names: list[str], which: Int, amount: Int) -> None:
    """Add amounts to a tally by name, exactly: sums are taken in two halves."""
    high, low = np.divmod(amount, HALF)
    sums = [np.bincount(which, part.astype(np.float64), len(names)) for part in (high, low)]
    for name, above, below in zip(names, sums[0].tolist(), sums[1].tolist(), strict=True):
        if above or below:
            tally[name] = tally.get(name, 0) + int(above) * HALF + int(below)


def _by_unit(flat: Flat, price: Int, rows: Shipments, ordinary: Int) -> Mask:
    """Add the specific part of ordinary duty; return the rows whose quantity is missing."""
    by_unit = flat.by_unit.take(price)
    here = np.flatnonzero(by_unit)
    given = rows.quantity[here] != NOT_STATED
    stated = here[given]
    ordinary[stated] += specific(rows.quantity[stated], flat.specific.take(price[stated]))
    by_unit[stated] = False
    return by_unit


def _bounded(
    plans: PlanArrays,
    plan: NDArray[np.int32],
    rows: Shipments,
    ordinary: Int,
    here: Int,
    low: Int,
    high: Int,
) -> Int:
    """Fill in the bounds of undetermined rows; return the form of the cheapest answer of each."""
    cheapest = np.zeros(len(low), dtype=np.int64)
    cheapest[here] = plans.low[0].take(plan[here])
    for level in range(1, len(plans.low)):
        at, form, total = _tried(plans, plans.low[level], plan, rows, ordinary, here)
        better = total < low[at]
        low[at[better]] = total[better]
        cheapest[at[better]] = form[better]
    high[here] = 0
    for level in range(len(plans.high)):
        at, _, total = _tried(plans, plans.high[level], plan, rows, ordinary, here)
        high[at] = np.maximum(high[at], total)
    return cheapest[here]


def _tried(
    plans: PlanArrays,
    level: Int,
    plan: NDArray[np.int32],
    rows: Shipments,
    ordinary: Int,
    here: Int,
) -> tuple[Int, Int, Int]:
    """Return which rows have a form at a level, the forms, and what they charge."""
    form = level.take(plan[here])
    at, form = here[form >= 0], form[form >= 0]
    return at, form, plans.forms.totals(form, rows.value[at], rows.quantity[at], ordinary[at])


def _grow(rater: Rater, rows: Shipments, place: Int) -> None:
    """Compile the epochs and decide the situations of rows that are not known yet."""
    number = np.searchsorted(rater.days, rows.day, side="right") - 1
    fresh = set(np.unique(number).tolist()) - set(rater.tables)
    for epoch in sorted(fresh):
        table = epoch_table(Epoch(rater.book, rater.importer, epoch, rater.known_on), rater.codes)
        if table.keys > BLANK_PAGE:
            raise ValueError(
                f"epoch {epoch} has {table.keys} situations a state; page 0 is smaller"
            )
        rater.tables[epoch] = table
    if fresh:
        rater.flat = _flat(rater, rater.flat)
    before = _find(rater, rater.flat, rows, place).page
    rater.flat = _with_pages(rater, rows, place)
    if not rater.flat.plan.flags.writeable:
        rater.flat = replace(rater.flat, plan=rater.flat.plan.copy())
    flat = rater.flat
    found = _find(rater, flat, rows, place)
    unknown = np.flatnonzero(found.plan == UNDECIDED)
    again = unknown[before[unknown] > 0]
    _, first = np.unique(found.page[again], return_index=True)
    seen = again[first]
    at = found.page + flat.key.take(found.price)
    _, first = np.unique(at[unknown], return_index=True)
    rest = unknown[first]
    paged = np.isin(found.page[rest], found.page[seen])
    rest = rest[~paged | (_group(rater, found)[rest] > 0)]
    for epoch in np.unique(number[unknown]).tolist():
        whole, here = seen[number[seen] == epoch], rest[number[rest] == epoch]
        parts = [_whole_page(rater, epoch, rows, found, row) for row in whole.tolist()]
        parts.append((rows.take(here), found.price[here], at[here]))
        many = join([part for part, _, _ in parts])
        price, place_of = (np.concatenate([part[column] for part in parts]) for column in (1, 2))
        flat.plan[place_of] = _decide(rater, epoch, many, price)
    rater.flat = replace(flat, plans=rater.plans.arrays())
    rater.grown += 1


def _group(rater: Rater, found: Found) -> Int:
    """Return by row the eight-digit code of a split code, 0 for the others."""
    group = np.concatenate([table.group for table in rater.tables.values()])
    sizes = [len(table.group) for table in rater.tables.values()]
    start = np.cumsum(sizes) - sizes
    return group.take(start[found.slot] + np.maximum(found.cell, 0))


def _whole_page(
    rater: Rater, epoch: int, rows: Shipments, found: Found, row: int
) -> tuple[Shipments, Int, Int]:
    """Return a row of every situation on the page of one row, their prices and places.

    A page that is asked twice is decided whole, but for split codes: the next parts of a file
    will ask for the rest.
    """
    table, flat = rater.tables[epoch], rater.flat
    start = int(flat.price[found.state[row]])
    usual = np.flatnonzero(table.group == 0)
    key, first = np.unique(flat.key[start + usual], return_index=True)
    cell = usual[first]
    one = rows.take(np.full(len(cell), row))
    many = replace(one, code=table.code[cell], eight=np.zeros(len(cell), dtype=bool))
    return many, start + cell, int(found.page[row]) + key


def _decide(rater: Rater, epoch: int, rows: Shipments, price: Int) -> Int:
    """Return the plans of the situations that rows of one epoch stand for."""
    table = rater.tables[epoch]
    zone = np.searchsorted(rater.limits, rows.value, side="left")
    top = int(max(SOME_VALUE, 10 * rater.limits.max(initial=0)))
    value = np.append(rater.limits, top)[zone]
    start = _starts(rater)[epoch]
    mode = rows.mode if table.by_mode else np.full(len(rows), -1)
    lacks = table.by_quantity & (rows.quantity == NOT_STATED)
    quantity = np.where(lacks, NOT_STATED, SOME_QUANTITY)
    standard = Shipments(
        code=rows.code, eight=rows.eight, origin=rows.origin, day=rows.day, value=value,
        claim=rows.claim, mode=mode, quantity=quantity, unit=rows.unit,
    )  # fmt: skip
    return decide(rater.plans, epoch, table, standard, price - start)


def _starts(rater: Rater) -> dict[int, int]:
    """Return where the prices of each epoch start in the flat tables."""
    starts, at = {}, 0
    for epoch, table in rater.tables.items():
        starts[epoch] = at
        at += table.rate.size
    return starts


def _with_pages(rater: Rater, rows: Shipments, place: Int) -> Flat:
    """Return the tables with a page of plans for every state and combination of these rows."""
    flat = rater.flat
    found = _find(rater, flat, rows, place)
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


def _flat(rater: Rater, before: Flat | None) -> Flat:
    """Return the tables of all epochs compiled, with the plans already known."""
    tables = list(rater.tables.values())
    span = int(rater.days[-1] - rater.days[0]) + 1
    number = np.searchsorted(rater.days, rater.days[0] + np.arange(span), side="right") - 1
    order = {epoch: slot for slot, epoch in enumerate(rater.tables)}
    slot = np.array([order.get(epoch, -1) for epoch in number.tolist()], dtype=np.int32)
    states, price, prices = [], [], 0
    for table in tables:
        states.append(table.state.ravel() + sum(len(part) for part in price))
        price.append(prices + table.mode * table.rate.shape[1])
        prices += table.rate.size
    extras = _extras(rater) * sum(len(part) for part in price)
    page = np.zeros(extras, dtype=np.int64)
    if before is not None:
        page[: len(before.page)] = before.page
    plan = before.plan if before is not None else np.zeros(BLANK_PAGE, dtype=np.int32)
    return Flat(
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


def _joined(parts: list[NDArray[np.generic]], kind: type) -> NDArray[np.generic]:
    if not parts:
        return np.zeros(0, dtype=kind)
    return np.concatenate([part.ravel() for part in parts]).astype(kind, copy=False)
