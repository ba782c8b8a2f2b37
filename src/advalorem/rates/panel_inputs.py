"""What changes from one epoch to the next for the panel: lines touched, ordinary duties, claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from advalorem.duty.numbers import MILLION, QUANTITY_UNITS
from advalorem.duty.shipments import NOT_STATED
from advalorem.rates.panel_keys import EpochKeys, Key, digest
from advalorem.rates.situations import NOMINAL, UNCLAIMED, claim_of
from advalorem.rates.standard import COLUMN_1_RATE, Standard
from advalorem.schedule.model import NONE, OTHER, Int, Mask, Ordinary, Schedule

Name = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """The law of an epoch, to be compared with the next one.

    `row` is the line number of each code of the panel, -1 where the epoch has no such line;
    `rules` maps the name of each rule to origins (classes,) and lines (rows,); `relations` maps
    the name of each relation to the names of the rules that yield; `facts` are random numbers of
    the standard shipments by line.
    """

    row: Int
    rules: dict[Name, tuple[Mask, Mask]]
    relations: dict[bytes, list[Name]]
    facts: dict[str, Key]


def standing(schedule: Schedule, keys: EpochKeys, lines: Int, countries: Int) -> Standing:
    """Return the law of an epoch for the codes of the panel and one country of each class."""
    at = np.minimum(np.searchsorted(schedule.lines, lines), len(schedule.lines) - 1)
    row = np.where(schedule.lines[at] == lines, at, -1)
    masks = {id(rule.products): rule.products for rule in schedule.rules}
    listed = {number: np.packbits(mask).tobytes() for number, mask in masks.items()}
    names = [
        (keys.weight[n].tobytes(), rule.origins[countries].tobytes(), listed[id(rule.products)])
        for n, rule in enumerate(schedule.rules)
    ]
    rules = {
        name: (rule.origins[countries], rule.products)
        for name, rule in zip(names, schedule.rules, strict=True)
    }
    relations: dict[bytes, list[Name]] = {
        number.tobytes(): [names[n] for n in np.flatnonzero(relation.target)]
        if not relation.ordinary
        else names
        for number, relation in zip(keys.relation, schedule.yields, strict=True)
    }
    stated = {**dict(zip(keys.names, keys.facts, strict=True)), "": keys.quantity}
    return Standing(row, rules, relations, stated)


def changed_lines(before: Standing | None, now: Standing) -> Mask:
    """Return which codes of each class may owe another duty than before; shape (classes, codes)."""
    size = len(now.row)
    classes = len(next(iter(now.rules.values()))[0])
    if before is None:
        return np.ones((classes, size), dtype=bool)
    found = list(_changes(before, now))
    touched = np.zeros((classes, size), dtype=bool)
    touched[:] = _common(before, now)
    if not found:
        return touched
    origins = np.array([entry[0] for entry in found])
    masks = np.array([entry[1] for entry in found])
    alike, number = np.unique(origins, axis=1, return_inverse=True)
    unions = np.array([masks[column].any(axis=0) for column in alike.T])
    return np.asarray(touched | unions[number.ravel()])


def _changes(before: Standing, now: Standing) -> Iterator[tuple[Mask, Mask]]:
    """Yield origins and codes of every rule, and every rule that yields, that came or went."""
    for one, other in ((before, now), (now, before)):
        new = {name for name in one.rules if name not in other.rules}
        for relation, yielding in one.relations.items():
            if relation not in other.relations:
                new.update(yielding)
        for name in new:
            origins, lines = one.rules[name]
            yield origins, np.where(one.row >= 0, lines[one.row], False)


def _common(before: Standing, now: Standing) -> Mask:
    """Return the codes that came, went, or whose standard shipment is another."""
    changed = (before.row >= 0) != (now.row >= 0)
    both = (before.row >= 0) & (now.row >= 0)
    for name in before.facts.keys() & now.facts.keys():
        changed |= both & (before.facts[name][before.row] != now.facts[name][now.row])
    return np.asarray(changed)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Claim (-1 none), ordinary duty, its rate, and which lines count, by line.

    `owed` is twice the ordinary duty in cents, and one more where a quantity or rate is lacking.

    `names` are random numbers of the claims; `number` stands for all of it.
    """

    claim: Int
    owed: Int
    rate: Int
    open_: Mask
    names: Key
    number: int


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
        listed = [digest(claim.eligible.tobytes()) for claim in schedule.claims]
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
        open_ = claim >= 0 if claimed else np.ones(size, dtype=bool)
        number = digest(b"".join(p.tobytes() for p in (self.schedule.lines, claim, owed)))
        return Inputs(claim, owed, rate, open_, self.names, number)

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


__all__ = ["Duties", "Inputs", "Standing", "changed_lines", "lacking", "ordinary_cents", "standing"]
