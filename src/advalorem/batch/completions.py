"""Undetermined rows of one epoch completed together: every answer to every open question.

The same search as `advalorem.duty.completions`, a level at a time over all rows instead of a row
at a time, and in the same order; tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from advalorem.batch.fees import freed_by
from advalorem.duty.assess import assess_epoch
from advalorem.duty.completions import UNBOUNDED, candidates, lines_under, tips
from advalorem.duty.ledger import PROHIBITED, UNDETERMINED, Ledger
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.law.errors import LawError
from advalorem.law.model import FactWord, Lawbook
from advalorem.schedule.model import Schedule

LIMIT = 250_000
"""Most completed shipments assessed at a time."""


@dataclass(frozen=True, slots=True)
class Level:
    """Completed shipments at one depth of the search.

    `parent` is the row that each completes, `settled` which of them leave no question open.
    """

    parent: Int
    rows: Shipments
    ledger: Ledger
    settled: Mask


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked by row on the way: bit i for fact i of the lawbook, and no upper bound."""

    facts: Int
    open_: Mask


@dataclass(frozen=True, slots=True)
class RowBounds:
    """Bounds of duty in cents by row, what was asked; outcome and fees of the cheapest answer.

    `banned` and `passed` mark rows that some answer prohibits, and that some answer lets in.
    """

    low: Int
    high: Int
    outcome: Int
    claimed: Int
    freed: Int
    asked: Asked
    banned: Mask
    passed: Mask

    @property
    def settled(self) -> Mask:
        """Rows of which every answer gives the same outcome and duty."""
        return np.asarray(
            (self.low == self.high) & ~self.asked.open_ & ~(self.banned & self.passed)
        )


def bounds(schedule: Schedule, rows: Shipments) -> RowBounds:
    """Return the bounds of duty of undetermined rows of the schedule's epoch; shape (rows,)."""
    size = len(rows)
    low, high = np.full(size, np.iinfo(np.int64).max), np.zeros(size, dtype=np.int64)
    outcome, claimed = np.full(size, UNDETERMINED, dtype=np.int64), np.full(size, -1)
    freed, banned = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    found = RowBounds(low, high, outcome, claimed, freed, _asked(size), banned, banned.copy())
    step = max(1, LIMIT // 100)
    for start in range(0, size, step):
        part = np.arange(start, min(start + step, size))
        known = _asked(len(part))
        for level in levels(schedule, rows.take(part), known):
            _narrow(schedule, level, part, found)
        found.asked.facts[part], found.asked.open_[part] = known.facts, known.open_
    return found


def _asked(size: int) -> Asked:
    return Asked(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool))


def _narrow(schedule: Schedule, level: Level, part: Int, found: RowBounds) -> None:
    """Take the settled completions of one level into the bounds of their rows."""
    done = np.flatnonzero(level.settled)
    parent, total = part[level.parent[done]], level.ledger.total[done]
    np.maximum.at(found.high, parent, total)
    banned = level.ledger.outcome[done] == PROHIBITED
    found.banned[parent[banned]], found.passed[parent[~banned]] = True, True
    order = np.lexsort((np.arange(len(done)), total, parent))
    first = order[np.flatnonzero(np.diff(parent[order], prepend=-1))]
    better = first[total[first] < found.low[parent[first]]]
    rows, best = parent[better], done[better]
    found.low[rows] = total[better]
    found.outcome[rows] = level.ledger.outcome[best]
    found.claimed[rows] = level.ledger.claimed[best]
    found.freed[rows] = freed_by(schedule.book, schedule.importer, level.ledger)[best]


def levels(schedule: Schedule, rows: Shipments, asked: Asked) -> Iterator[Level]:
    """Yield the levels of the search, filling in `asked` on the way.

    Raises
    ------
    LawError
        A question stays open although every fact is stated.
    """
    parent, frontier = np.arange(len(rows)), rows
    for _ in range(len(schedule.book.facts) + 2):
        if not len(frontier):
            return
        ledger = assess_epoch(schedule, frontier)
        settled = ledger.outcome != UNDETERMINED
        yield Level(parent, frontier, ledger, settled)
        left = np.flatnonzero(~settled)
        fact = _first_bit(ledger.asked[left])
        fact[ledger.split[left]] = -1
        known = left[fact >= 0]
        np.bitwise_or.at(asked.facts, parent[known], np.int64(1) << fact[fact >= 0])
        frontier, source = _expanded(schedule, frontier.take(left), fact)
        unbounded = fact == list(schedule.book.facts).index(UNBOUNDED)
        asked.open_[parent[left[unbounded]]] = True
        parent = parent[left[source]]
    raise LawError(
        f"{schedule.importer} on {schedule.on}: questions remain when every fact is stated; "
        "a condition asks for a fact whose answers it does not tell apart"
    )


def _first_bit(asked: Int) -> Int:
    """Return the number of the lowest bit set, by row."""
    lowest = np.maximum(asked & -asked, 1)
    return np.asarray(np.rint(np.log2(lowest.astype(np.float64))), dtype=np.int64)


def _expanded(schedule: Schedule, rows: Shipments, fact: Int) -> tuple[Shipments, Int]:
    """Return rows with one question answered in every way, and which row each came from.

    `fact` is the number of the fact to answer, -1 where the ten-digit line is to be chosen.
    """
    answers: dict[int, list[Int]] = {}
    width = np.ones(len(rows), dtype=np.int64)
    for number in np.unique(fact).tolist():
        here = np.flatnonzero(fact == number)
        answers[number] = _answers(schedule, rows.take(here), number)
        width[here] = [len(values) for values in answers[number]]
    source = np.repeat(np.arange(len(rows)), width)
    many, which = rows.take(source), fact[source]
    for number, values in answers.items():
        column = np.concatenate(values)
        many = _answered(schedule, many, np.flatnonzero(which == number), number, column)
    return many, source


def _answered(
    schedule: Schedule, many: Shipments, here: Int, number: int, column: Int
) -> Shipments:
    """Return the rows with one fact, or the code where `number` is -1, filled in."""
    if number < 0:
        code, eight = many.code.copy(), many.eight.copy()
        code[here], eight[here] = column, False
        return replace(many, code=code, eight=eight)
    name = list(schedule.book.facts)[number]
    filled = many.fact(name).copy()
    filled[here] = column
    return many.with_fact(name, filled)


def _answers(schedule: Schedule, rows: Shipments, number: int) -> list[Int]:
    """Return, by row, the values to try for a fact, or the lines to try where it is -1."""
    if number < 0:
        return [schedule.lines[lines_under(schedule, int(code))] for code in rows.code]
    book = schedule.book
    fact = book.facts[list(book.facts)[number]]
    if fact.type == "money":
        room, least = _room(book, fact, rows), tips(schedule, fact.fact)[rows.origin].astype(int)
        pairs = zip(room.tolist(), least.tolist(), strict=True)
        return [np.array(sorted({0, min(cent, most), most})) for most, cent in pairs]
    values = np.array(candidates(schedule, fact, rows.take(np.array([0]))), dtype=np.int64)
    return [values] * len(rows)


def _room(book: Lawbook, fact: FactWord, rows: Shipments) -> Int:
    """Return the largest content value left beside the contents already stated, by row."""
    if not fact.fact.endswith("_value"):
        return rows.value
    taken = np.zeros(len(rows), dtype=np.int64)
    for name, column in rows.facts.items():
        money = name.endswith("_value") and book.facts[name].type == "money"
        if money and name != fact.fact:
            taken += np.where(column == NOT_STATED, 0, column)
    return np.asarray(np.maximum(rows.value - taken, 0))
