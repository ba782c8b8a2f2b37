"""The kernel: which provisions reach a shipment, which yield, and what each charges.

One function rates a shipment and a million of them: rows never see each other. Within a
schedule the measures are decided in the order in which they yield to each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import compress

import numpy as np

from advalorem.duty.charge import ORDINARY, write_ledger
from advalorem.duty.conditions import Answered
from advalorem.duty.decide import Decided, base_amount, decide, fact_bit, test_all
from advalorem.duty.ledger import Ledger, scatter
from advalorem.duty.numbers import distinct
from advalorem.duty.ordinary import OrdinaryDuty, on_base, ordinary_duty
from advalorem.duty.shipments import Int, Mask, Shipments
from advalorem.duty.situations import (
    Situations,
    find_situations,
    gather,
    in_thirds,
    plain_rows,
    simple_situations,
)
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import Schedule

__all__ = ["ORDINARY", "assess", "assess_epoch", "assess_rows", "resolve_lines"]

MANY = 256
"""From so many rows of one epoch on, situations are assessed instead of rows."""
FEW = 8
"""Up to so many rows, rules that name none of their lines are passed over."""
_PRICE = ("kind", "rate", "specific", "amount")


def assess(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    known_on: date | None = None,
    lines: bool = True,
) -> Ledger:
    """Return the ledger of shipments, each under the law of its own day.

    Parameters
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    rows : checked shipments
    known_on : day up to which acts are known; the newest act coded if None
    lines : whether to keep the ledger's lines, or row results only

    Raises
    ------
    CoverageError
        The importer is not coded.
    """
    known = known_on or book.newest_act
    numbers = epochs_of(book, importer, known).number(rows.day)
    parts, found = [], distinct(numbers)
    if len(found) == 1:
        return assess_epoch(epoch_schedule(book, importer, found[0], known), rows, lines)
    for number in found:
        here = np.flatnonzero(numbers == number)
        schedule = epoch_schedule(book, importer, number, known)
        parts.append((here, assess_epoch(schedule, rows.take(here), lines)))
    return scatter(parts, len(rows))


def assess_epoch(schedule: Schedule, rows: Shipments, lines: bool = True) -> Ledger:
    """Return the ledger of shipments that all fall into the schedule's epoch.

    Many rows are assessed by situation, few row by row; the cents are the same.
    """
    if len(rows) < MANY:
        return assess_rows(schedule, rows)
    line, unknown, _ = resolve_lines(schedule, rows)
    plain = plain_rows(rows) & ~unknown & ~in_thirds(schedule, rows, line)
    fast, slow = np.flatnonzero(plain), np.flatnonzero(~plain)
    parts = []
    if len(fast):
        found = find_situations(schedule, rows.take(fast), line[fast])
        decided = assess_rows(schedule, rows.take(fast[found.representative]))
        simple = simple_situations(decided)[found.number]
        slow = np.sort(np.concatenate([slow, fast[~simple]]))
        few = Situations(found.representative, found.number[simple])
        here = fast[simple]
        parts.append((here, gather(decided, few, rows.take(here), line[here], lines)))
    if len(slow):
        parts.append((slow, assess_rows(schedule, rows.take(slow))))
    return scatter(parts, len(rows))


def assess_rows(schedule: Schedule, rows: Shipments) -> Ledger:
    """Return the ledger of shipments of one epoch, deciding every row for itself."""
    line, unknown_code, split = resolve_lines(schedule, rows)
    ordinary = ordinary_duty(schedule, rows, line)
    answers = Answered(schedule, rows, ordinary.claimed, ordinary.rate)
    asked = np.where(ordinary.unknown, fact_bit(schedule, "column1_rate"), 0)
    base = _ordinary_base(schedule, rows, answers, asked)
    ordinary = on_base(ordinary, base, rows.value)
    decided = Decided(schedule, len(rows))
    for members in _reaching(schedule, rows, line):
        asked |= decide(schedule, rows, line, members, answers, decided)
    ordinary = _ordinary_yields(schedule, ordinary, decided)
    return write_ledger(schedule, rows, line, ordinary, decided.chosen, asked, split, unknown_code)


def _reaching(schedule: Schedule, rows: Shipments, line: Int) -> Iterator[list[int]]:
    """Yield by measure the rules that may reach a row; those that reach none are left out.

    Many rows are told apart by origin only.
    """
    reaching = schedule.arrays.from_origins(rows.origin)
    lines = distinct(line) if len(rows) <= FEW else []
    for measure in schedule.measures:
        members = [number for number in measure if number in reaching]
        if lines:
            naming = (schedule.rules[number].products for number in members)
            named = [any(products[one] for one in lines) for products in naming]
            members = [*compress(members, named)]
        if members:
            yield members


def _ordinary_base(schedule: Schedule, rows: Shipments, answers: Answered, asked: Int) -> Int:
    """Return the base of the ordinary duty in cents; notes the facts asked."""
    base, left = rows.value.copy(), np.ones(len(rows), dtype=bool)
    for tests, form in schedule.column_bases:
        passes, unknown = test_all(schedule, tests, answers, left, asked)
        base[passes] = base_amount(schedule, form, rows, base, passes, asked)
        left &= ~passes & ~unknown
    return base


def _ordinary_yields(schedule: Schedule, ordinary: OrdinaryDuty, decided: Decided) -> OrdinaryDuty:
    """Return the ordinary duty with nothing charged where a relation lifts it."""
    lifted = np.zeros(len(ordinary.amount), dtype=bool)
    for number, relation in enumerate(schedule.yields):
        if relation.ordinary:
            lifted |= decided.taken_by(number) > 0
    if not lifted.any():
        return ordinary
    free = np.where(lifted, 0, 1)
    return replace(ordinary, **{name: getattr(ordinary, name) * free for name in _PRICE})


def resolve_lines(schedule: Schedule, rows: Shipments) -> tuple[Int, Mask, Mask]:
    """Return line numbers, which codes are unknown, and which are split by law.

    An eight-digit code stands for its first ten-digit line; it is split where its lines are not
    all of one class. Where the importer's schedule is not held, a ten-digit number that no list
    names stands for the other numbers of its item, or for the item, and a code without an item on
    a list for the last line.
    """
    eight = rows.eight
    line, unknown = _found(schedule, rows.code, eight)
    if schedule.late and unknown.any():
        eight = eight | unknown
        line, unknown = _found(schedule, np.where(eight, rows.code // 100 * 100, rows.code), eight)
    if not schedule.held:
        line, unknown = _found(schedule, _item_codes(schedule, rows.code, eight | ~unknown), eight)
        line, unknown = np.where(unknown, len(schedule.lines) - 1, line), np.zeros_like(unknown)
    split = eight & ~unknown
    return line, unknown, split & ~schedule.uniform[line] if split.any() else split


def _item_codes(schedule: Schedule, code: Int, listed: Mask) -> Int:
    """Return the codes, those not listed exchanged for the line that stands for their item."""
    item = code // 100
    rest = np.append(schedule.rest, -1)
    place = np.minimum(np.searchsorted(schedule.rest // 100, item), len(rest) - 1)
    other = np.where(rest[place] // 100 == item, rest[place], item * 100)
    return np.where(listed, code, other)


def _found(schedule: Schedule, code: Int, eight: Mask) -> tuple[Int, Mask]:
    """Return the line at or after each code, and where it is not the code's."""
    line = np.minimum(np.searchsorted(schedule.lines, code), len(schedule.lines) - 1)
    found = schedule.lines[line]
    return line, np.where(eight, found // 100 != code // 100, found != code)
