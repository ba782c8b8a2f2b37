"""What an origin's panel cells stand on beside the law: claims and ordinary duties by line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.numbers import MILLION, QUANTITY_UNITS
from advalorem.duty.shipments import NOT_STATED
from advalorem.rates.panel_keys import Key, digest
from advalorem.rates.situations import NOMINAL, UNCLAIMED, claim_of
from advalorem.rates.standard import COLUMN_1_RATE, Standard
from advalorem.schedule.model import NONE, OTHER, Int, Mask, Ordinary, Schedule

Small = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Claim (-1 none) and ordinary rate by line, the lines that count, their ordinary duty.

    `row` are the lines that count; `owed` the different ordinary duties on them, ascending, and
    `place` the number of each line's. A duty is twice its cents, and one more where a quantity or
    rate is lacking. `names` are random numbers of the claims; `number` stands for all of it.
    """

    claim: Int
    rate: Int
    row: Int
    owed: Int
    place: Int
    names: Key
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """Which lines some claims and ordinary duties tell apart, under facts and lists of an epoch.

    `kind` numbers what additional duties can tell apart; `row` and `claim` are a line of each kind.
    `pair` numbers kinds with an ordinary duty by line of the panel, -1 for lines that do not count;
    `kind` and `owed` are those of each pair.
    """

    row: Int
    claim: Int
    pair: Small
    kind: Int
    owed: Int


class Duties:
    """Claims and ordinary duties of one epoch, worked out once for origins that share them.

    `held` is handed on from epoch to epoch, so that what stays is not worked out again.
    """

    def __init__(self, schedule: Schedule, goods: Standard, held: dict[bytes, Inputs]) -> None:
        self.schedule, self.goods, self.held = schedule, goods, held
        self.names = np.array([digest(c.claim) for c in schedule.claims], dtype=np.uint64)
        self.columns: dict[int, Int] = {}
        parts = [schedule.lines, goods.quantity, goods.facts.get(COLUMN_1_RATE, schedule.lines)]
        for column in (schedule.general, schedule.column2):
            parts += [column.kind, column.rate, column.specific]
        listed = [(c.claim, digest(c.eligible.tobytes())) for c in schedule.claims]
        self.number = digest(b"".join(p.tobytes() for p in parts) + str(listed).encode())

    def of(self, origin: int, claimed: bool) -> Inputs:
        """Return the inputs of an origin without a claim, or of the lines open to one."""
        schedule = self.schedule
        open_to = [c.in_force and bool(c.origins[origin]) and claimed for c in schedule.claims]
        flags = bytes([*open_to, bool(schedule.column2_origins[origin]), claimed])
        name = flags + self.number.to_bytes(8, "little")
        if name not in self.held:
            self.held[name] = self._inputs(origin, claimed)
        return self.held[name]

    def _inputs(self, origin: int, claimed: bool) -> Inputs:
        size = len(self.schedule.lines)
        claim = np.full(size, UNCLAIMED)
        if claimed:
            claim = claim_of(self.schedule, np.arange(size), np.full(size, origin))
        owed, rate = self._ordinary(origin, claim)
        row = np.flatnonzero(claim >= 0) if claimed else np.arange(size)
        different, place = np.unique(owed[row], return_inverse=True)
        number = digest(b"".join(p.tobytes() for p in (self.schedule.lines, claim, owed, rate)))
        return Inputs(claim, rate, row, different, place, self.names, number)

    def _ordinary(self, origin: int, claim: Int) -> tuple[Int, Int]:
        """Return the ordinary duty in cents on every line's standard shipment, and its rate."""
        schedule = self.schedule
        column = schedule.column2 if schedule.column2_origins[origin] else schedule.general
        owed, rate = self._cents(column), column.rate
        for number in np.unique(claim[claim >= 0]):
            preference = schedule.claims[number]
            here = (claim == number) & preference.eligible
            owed = np.where(here, self._cents(preference.rates), owed)
            rate = np.where(here, preference.rates.rate, rate)
        return owed, rate

    def _cents(self, column: Ordinary) -> Int:
        """Return twice the duty in cents, and one more where something is lacking for it."""
        if id(column) not in self.columns:
            cents = ordinary_cents(column, self.goods)
            self.columns[id(column)] = 2 * cents + lacking(column, self.goods)
        return self.columns[id(column)]


def ordinary_cents(column: Ordinary, goods: Standard) -> Int:
    """Return the duty of one rate column in cents on the standard shipment of every line.

    A rate that is not printed counts its ad valorem equivalent where one is held, else nothing;
    a rate per unit of which no quantity is held counts nothing.
    """
    rate = 3 * column.rate + column.thirds
    stated = goods.facts.get(COLUMN_1_RATE, np.full(len(rate), NOT_STATED))
    rate = np.where(_unprinted(column), np.where(stated == NOT_STATED, 0, 3 * stated), rate)
    quantity = np.where(goods.quantity == NOT_STATED, 0, goods.quantity)
    unit = np.rint(column.specific * (quantity / QUANTITY_UNITS) / (MILLION / 100))
    by_value = (rate * (NOMINAL // MILLION) + 1) // 3
    return np.asarray(by_value + unit.astype(np.int64))


def _unprinted(column: Ordinary) -> Mask:
    return np.asarray((column.kind == OTHER) | (column.kind == NONE))


def lacking(column: Ordinary, goods: Standard) -> Mask:
    """Return the lines whose rate in a column needs a quantity or a rate that is not held."""
    stated = goods.facts.get(COLUMN_1_RATE, np.full(len(column.kind), NOT_STATED))
    no_rate = _unprinted(column) & (stated == NOT_STATED)
    return np.asarray(no_rate | ((column.specific > 0) & (goods.quantity == NOT_STATED)))
