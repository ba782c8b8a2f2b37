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

from advalorem.batch.charges import (
    NO_CODE,
    NO_LAW,
    NO_QUANTITY,
    NO_REASON,
    Rated,
    add_up,
    blank,
    cleared,
    due_under,
    gathered,
)
from advalorem.batch.lines import SheetBook
from advalorem.batch.lookup import (
    BLANK_PAGE,
    Flat,
    Found,
    find,
    flatten,
    group_of,
    starts,
    with_pages,
)
from advalorem.batch.plans import HARD, UNDECIDED, PlanBook, decide
from advalorem.batch.slow import due_slowly, rate_slowly
from advalorem.batch.tables import (
    SOME_QUANTITY,
    SOME_VALUE,
    Epoch,
    EpochTable,
    epoch_table,
    universe,
    value_limits,
)
from advalorem.duty.completions import join
from advalorem.duty.ledger import ASSESSED, INVALID
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epochs_of


@dataclass(slots=True)
class Rater:
    """The law of one importer as known on a day, ready for any number of rows.

    `codes` may be those of another rater of the importer; they are sought if left out.
    `detail` keeps the lines of the ledger with each situation; `grown` counts how often
    something new was decided.
    """

    book: Lawbook
    importer: str
    known_on: date
    codes: Int = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    detail: bool = False
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
        if self.detail:
            self.plans.forms.sheets = SheetBook()
        self.flat = flatten(self, None)
        self.grown = 0

    def restore(
        self, tables: dict[int, EpochTable], plans: PlanBook, page: Int, plan: NDArray[np.int32]
    ) -> None:
        """Take what an equal rater decided in an earlier run."""
        self.tables, self.plans = tables, plans
        self.flat = replace(flatten(self, None), page=page, plan=plan)

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
            return cleared(self._settle(rows, place, tally))
        rated = blank(len(rows))
        fast, slow = np.flatnonzero(plain), np.flatnonzero(~plain)
        if len(fast):
            rated.put(fast, self._settle(rows.take(fast), place[fast], tally))
        rated.put(slow, self._slowly(rows.take(slow), tally))
        return cleared(rated)

    def _settle(self, rows: Shipments, place: Int, tally: dict[str, int] | None) -> Rated:
        """Return the results of plain rows, those without a form one by one."""
        flat, found = self.find(rows, place)
        rated = gathered(flat, found, rows)
        hard = np.flatnonzero(found.plan == HARD)
        if len(hard):
            rated.put(hard, self._slowly(rows.take(hard), tally))
        if tally is not None:
            here = np.flatnonzero((rated.outcome == ASSESSED) & (found.plan != HARD))
            add_up(self, flat, found, rows, here, rated, tally)
        return rated

    def _slowly(self, rows: Shipments, tally: dict[str, int] | None) -> Rated:
        early = rows.day < self.days[0]
        rated = blank(len(rows))
        rated.outcome[early], rated.reason[early] = INVALID, NO_LAW
        here = np.flatnonzero(~early)
        for start in range(0, len(here), SLOW_ROWS):
            part = here[start : start + SLOW_ROWS]
            columns = rate_slowly(self.book, self.importer, rows.take(part), self.known_on, tally)
            reason = np.where(columns.unknown_code, NO_CODE, NO_QUANTITY)
            reason = np.where(columns.outcome == INVALID, reason, NO_REASON).astype(np.int8)
            rated.put(part, Rated(
                columns.outcome.astype(np.int8), columns.low, columns.high, columns.open_,
                columns.asked, columns.split, columns.claimed.astype(np.int16), columns.freed,
                reason, np.full(len(part), -1),
            ))  # fmt: skip
        return rated

    def due_under(self, rows: Shipments, measures: Collection[str]) -> Int:
        """Return the duty in cents that some measures charge, by row; 0 where undetermined."""
        rated, place = self.rate(rows), self.place(rows)
        plain = _plain(self, rows, place)
        due = np.zeros(len(rows), dtype=np.int64)
        fast = np.flatnonzero(plain & (rated.outcome == ASSESSED))
        flat, found = self.find(rows.take(fast), place[fast])
        soft = np.flatnonzero(found.plan != HARD)
        due[fast[soft]] = due_under(self, flat, found, rows.take(fast), soft, measures)
        hard = np.setdiff1d(np.flatnonzero(rated.outcome == ASSESSED), fast[soft])
        due[hard] = due_slowly(self.book, self.importer, rows.take(hard), self.known_on, measures)
        return due

    def find(self, rows: Shipments, place: Int) -> tuple[Flat, Found]:
        """Return the tables and where the rows stand in them, deciding what is not decided."""
        flat = self.flat
        found = find(self, flat, rows, place)
        if (found.plan == UNDECIDED).any():
            with self.lock:
                _grow(self, rows, place)
                flat = self.flat
            found = find(self, flat, rows, place)
            if (found.plan == UNDECIDED).any():
                raise RuntimeError("a situation was left undecided; this is a fault of the program")
        return flat, found


SLOW_ROWS = 20_000


def _plain(rater: Rater, rows: Shipments, place: Int) -> Mask:
    """Return which rows the tables can answer."""
    plain = (rows.value > 0) & (rows.unit == 0) & (place >= 0) & (rows.day >= rater.days[0])
    for column in rows.facts.values():
        plain &= column == NOT_STATED
    return np.asarray(plain)


def _grow(rater: Rater, rows: Shipments, place: Int) -> None:
    """Compile the epochs and decide the situations of rows that are not known yet."""
    number = np.searchsorted(rater.days, rows.day, side="right") - 1
    _compile(rater, set(np.unique(number).tolist()) - set(rater.tables))
    before = find(rater, rater.flat, rows, place).page
    rater.flat = with_pages(rater, rows, place)
    if not rater.flat.plan.flags.writeable:
        rater.flat = replace(rater.flat, plan=rater.flat.plan.copy())
    found = find(rater, rater.flat, rows, place)
    unknown = np.flatnonzero(found.plan == UNDECIDED)
    again = unknown[before[unknown] > 0]
    _, first = np.unique(found.page[again], return_index=True)
    seen = again[first]
    at = found.page + rater.flat.key.take(found.price)
    _, first = np.unique(at[unknown], return_index=True)
    rest = unknown[first]
    paged = np.isin(found.page[rest], found.page[seen])
    rest = rest[~paged | (group_of(rater, found)[rest] > 0)]
    for epoch in np.unique(number[unknown]).tolist():
        whole, here = seen[number[seen] == epoch], rest[number[rest] == epoch]
        parts = [_whole_page(rater, epoch, rows, found, row) for row in whole.tolist()]
        parts.append((rows.take(here), found.price[here], at[here]))
        many = join([part for part, _, _ in parts])
        price = np.concatenate([prices for _, prices, _ in parts])
        place_of = np.concatenate([places for _, _, places in parts])
        rater.flat.plan[place_of] = _decide(rater, epoch, many, price)
    rater.flat = replace(rater.flat, plans=rater.plans.arrays())
    rater.grown += 1


def _compile(rater: Rater, fresh: set[int]) -> None:
    """Add the tables of epochs not met yet."""
    for epoch in sorted(fresh):
        table = epoch_table(Epoch(rater.book, rater.importer, epoch, rater.known_on), rater.codes)
        if table.keys > BLANK_PAGE:
            raise ValueError(
                f"epoch {epoch} has {table.keys} situations a state; page 0 is smaller"
            )
        rater.tables[epoch] = table
    if fresh:
        rater.flat = flatten(rater, rater.flat)


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
    return many, (start + cell).astype(np.int64), int(found.page[row]) + key.astype(np.int64)


def _decide(rater: Rater, epoch: int, rows: Shipments, price: Int) -> NDArray[np.int32]:
    """Return the plans of the situations that rows of one epoch stand for."""
    table = rater.tables[epoch]
    zone = np.searchsorted(rater.limits, rows.value, side="left")
    top = int(max(SOME_VALUE, 10 * rater.limits.max(initial=0)))
    value = np.append(rater.limits, top)[zone]
    start = starts(rater)[epoch]
    mode = rows.mode if table.by_mode else np.full(len(rows), -1)
    lacks = table.by_quantity & (rows.quantity == NOT_STATED)
    quantity = np.where(lacks, NOT_STATED, SOME_QUANTITY)
    standard = Shipments(
        code=rows.code, eight=rows.eight, origin=rows.origin, day=rows.day, value=value,
        claim=rows.claim, mode=mode, quantity=quantity, unit=rows.unit,
    )  # fmt: skip
    return decide(rater.plans, table, standard, price - start)
