"""Rate many rows: gather plans from the tables, multiply, and go one by one where that fails.

A `Rater` is law made ready for one importer and one day of knowledge. It grows as it meets
epochs and situations; threads may share it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
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
    Tally,
    add_up,
    blank,
    cleared,
    due_under,
    gathered,
)
from advalorem.batch.forms import FEW
from advalorem.batch.lines import SheetBook
from advalorem.batch.lookup import Flat, Found, find
from advalorem.batch.pages import PageBook, empty, grow
from advalorem.batch.plans import HARD, LOST, UNDECIDED, PlanBook
from advalorem.batch.slow import due_slowly, rate_slowly
from advalorem.batch.tables import products, universe, value_limits
from advalorem.duty.ledger import ASSESSED, INVALID
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epochs_of


@dataclass(slots=True)
class Rater:
    """The law of one importer as known on a day, ready for any number of rows.

    `codes` and `product` may be those of an equal rater; they are sought if left out. `detail`
    keeps the lines of the ledger with each situation; `grown` counts how often something new was
    decided.
    """

    book: Lawbook
    importer: str
    known_on: date
    codes: Int = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    product: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    detail: bool = False
    limits: Int = field(init=False)
    days: Int = field(init=False)
    pages: PageBook = field(init=False, default_factory=PageBook)
    plans: PlanBook = field(init=False, default_factory=PlanBook)
    flat: Flat = field(init=False)
    lock: Lock = field(init=False, default_factory=Lock)
    grown: int = field(init=False)

    def __post_init__(self) -> None:
        if not len(self.codes):
            self.codes = universe(self.book, self.importer, self.known_on)
        if not len(self.product):
            self.product = products(self.book, self.importer, self.known_on, self.codes)
        self.limits = value_limits(self.book, self.importer)
        self.days = epochs_of(self.book, self.importer, self.known_on).days
        if self.detail:
            self.plans.forms.sheets = SheetBook()
        self.flat = empty(self, self.plans.arrays())
        self.grown = 0

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
        sums = Tally() if tally is not None else None
        rated = gathered(flat, found, rows, sums)
        hard = np.flatnonzero(found.plan == HARD)
        if len(hard):
            rated.put(hard, self._slowly(rows.take(hard), tally))
        if sums is not None and tally is not None:
            open_ = flat.plans.unsettled.take(found.plan)
            here = np.flatnonzero(open_ & (rated.outcome == ASSESSED) & (found.plan > LOST))
            add_up(flat, found, rows, here, sums)
            names = self.plans.forms.measures
            sums.into([self.book.measures[name].authority for name in names], tally)
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
                grow(self, rows, place)
                flat = self.flat
            found = find(self, flat, rows, place)
            if (found.plan == UNDECIDED).any():
                raise RuntimeError("a situation was left undecided; this is a fault of the program")
        return flat, found


SLOW_ROWS = 20_000


def _plain(rater: Rater, rows: Shipments, place: Int) -> Mask:
    """Return which rows the tables can answer."""
    plain = (rows.value > FEW) & (rows.unit == 0) & (place >= 0) & (rows.day >= rater.days[0])
    for column in rows.facts.values():
        plain &= column == NOT_STATED
    return np.asarray(plain)
