"""What answers keep for the next shipment of the same legal situation, and nothing else.

A situation is all that decides an answer except how much is entered: law, day of knowledge,
importer, day, code, origin, claim, mode, stated facts, whether a quantity is stated, and which
thresholds of value are passed. Where every layer is ad valorem on the whole value, the decided
ledger is kept and the next value only multiplied, as `situations` does for a table; every other
shipment is assessed. The words beside the figure are kept by situation and decided ledger.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from advalorem.duty.assess import assess
from advalorem.duty.background import assumptions, coverage, description, warnings
from advalorem.duty.completions import Bounds, conditions_of
from advalorem.duty.conditions import NO, evaluate
from advalorem.duty.idle import not_applied, threats
from advalorem.duty.ledger import INVALID, Ledger
from advalorem.duty.reply import Line
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.duty.situations import Situations, gather, simple_situations
from advalorem.law.model import Lawbook
from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Schedule

KEPT = 1024
"""How many situations are kept; the one not asked for longest goes first."""
_ONE = Situations(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


class Asked:
    """A key that decides an answer, beside what the answer is worked out from."""

    __slots__ = ("given", "key")

    def __init__(self, key: Hashable, given: Any) -> None:
        self.key, self.given = key, given

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and other.key == self.key


@dataclass(frozen=True, slots=True)
class Decision:
    """The ledger of the shipment first asked for; `scales`: other values are multiplied from it."""

    rows: Shipments
    ledger: Ledger
    scales: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What a careful reader is told beside the figure, the same for all of a situation."""

    description: str
    not_applied: tuple[Line, ...]
    threats: tuple[Line, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


def situation(book: Lawbook, importer: str, rows: Shipments, known_on: date) -> Hashable:
    """Return the legal situation of one shipment, equal for shipments that differ in amount."""
    value = int(rows.value[0])
    stated = [(name, int(column[0])) for name, column in rows.facts.items()]
    return (
        BookKey(book), importer, known_on, int(rows.day[0]), int(rows.code[0]),
        bool(rows.eight[0]), int(rows.origin[0]), int(rows.claim[0]), int(rows.mode[0]),
        rows.units[rows.unit[0]], bool(rows.quantity[0] == NOT_STATED), value > 0,
        tuple(value <= limit for limit in _limits(BookKey(book), importer)),
        tuple(sorted(pair for pair in stated if pair[1] != NOT_STATED)),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _limits(key: BookKey, importer: str) -> tuple[int, ...]:
    """Return the thresholds of value, in cents, that an importer's law tests on any day."""
    tested = [*conditions_of(key.book, importer)]
    tested += [c for change in key.book.columns[importer].bases for c in change.when]
    limits = {c.value_at_most for c in tested if c.value_at_most is not None}
    return tuple(sorted(int(limit * 100) for limit in limits))


def assess_one(book: Lawbook, importer: str, rows: Shipments, known_on: date) -> Ledger:
    """Return the ledger of one shipment, as `assess` does, from what is kept where it scales."""
    key = situation(book, importer, rows, known_on)
    kept = _decision(Asked(key, (book, importer, rows, known_on)))
    if kept.rows is rows:
        return kept.ledger
    if kept.scales:
        return gather(kept.ledger, _ONE, rows, kept.ledger.line, lines=True)
    return assess(book, importer, rows, known_on)


@lru_cache(maxsize=KEPT)
def _decision(asked: Asked) -> Decision:
    book, importer, rows, known_on = asked.given
    ledger = assess(book, importer, rows, known_on)
    return Decision(rows, ledger, _scales(rows, ledger))


def _scales(rows: Shipments, ledger: Ledger) -> bool:
    """Return whether other values of the situation owe the same rates on the whole value."""
    if rows.value[0] == 0 or ledger.outcome[0] == INVALID or not simple_situations(ledger)[0]:
        return False
    schedule = ledger.layers[0].schedule
    line, own = ledger.line[0], schedule.column2_origins[rows.origin[0]]
    columns = [schedule.general, *(claim.rates for claim in schedule.claims)]
    columns += [schedule.column2] if own else []
    thirds = any(column.thirds[line] for column in columns)
    ordinary = [ledger.layers[number].rule is None for number in ledger.layer.tolist()]
    by_unit = bool(ledger.specific[ordinary].any())
    changed = any(_may_pass(schedule, tests, rows, ledger) for tests in _changes(schedule, ledger))
    return not (thirds or changed or (by_unit and rows.unit[0] != 0))


def _changes(schedule: Schedule, ledger: Ledger) -> Iterator[tuple[int, ...]]:
    """Yield the tests of whatever puts another base in the place of the whole value."""
    yield from (tests for tests, _ in schedule.column_bases)
    for number in ledger.layer.tolist():
        rule = ledger.layers[number].rule
        yield from (tests for tests, _, _ in (rule.bases if rule else ()))


def _may_pass(
    schedule: Schedule, tests: tuple[int, ...], rows: Shipments, ledger: Ledger
) -> bool:  # fmt: skip
    rate = schedule.general.rate[ledger.line]
    conditions = (schedule.conditions[test] for test in tests)
    return all(evaluate(c, schedule, rows, ledger.claimed, rate)[0] != NO for c in conditions)


def beside(
    schedule: Schedule, rows: Shipments, ledger: Ledger, bounds: Bounds | None, known_on: date
) -> Beside:
    """Return the words beside the figure of one shipment."""
    key = (
        situation(schedule.book, schedule.importer, rows, known_on),
        *_decided(ledger),
        None if bounds is None else (bounds.facts, bool(bounds.settled[0])),
    )  # fmt: skip
    return _beside(Asked(key, (schedule, rows, ledger, bounds, known_on)))


def _decided(ledger: Ledger) -> tuple[Hashable, ...]:
    """Return what a ledger decides, without its amounts."""
    results = (ledger.outcome, ledger.asked, ledger.split, ledger.missing_quantity, ledger.line)
    return (
        ledger.layer.tobytes(), ledger.reason.tobytes(), ledger.by.tobytes(),
        (ledger.amount > 0).tobytes(), int(ledger.claimed[0]),
        *(int(column[0]) for column in results),
    )  # fmt: skip


@lru_cache(maxsize=KEPT)
def _beside(asked: Asked) -> Beside:
    schedule, rows, ledger, bounds, known_on = asked.given
    book = schedule.book
    return Beside(
        description=description(schedule.importer, int(rows.code[0]), schedule.on),
        not_applied=tuple(not_applied(book, schedule, rows, ledger, known_on)),
        threats=tuple(threats(book, schedule, rows, ledger, known_on)),
        assumptions=tuple(assumptions(schedule, rows, ledger, bounds)),
        warnings=tuple(warnings(book, schedule, rows, ledger, known_on)),
    )


def covered(book: Lawbook, importer: str, rows: Shipments, known_on: date) -> dict[str, Any]:
    """Return what is coded for a shipment, as `coverage` does: a new copy of what is kept."""
    key = (BookKey(book), importer, int(rows.origin[0]), int(rows.day[0]), known_on)
    found = _covered(Asked(key, (book, importer, rows, known_on)))
    return {**found, "gaps": list(found["gaps"])}


@lru_cache(maxsize=KEPT)
def _covered(asked: Asked) -> dict[str, Any]:
    return coverage(*asked.given)
