"""Undetermined shipments: try every answer to the open questions and bound the duty.

Each missing fact is replaced by the values that the law can tell apart; the completed shipments
go through the same kernel. Duties are piecewise linear in contents and shares, so the bounds lie
at the ends and thresholds tried here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from advalorem.duty.assess import assess
from advalorem.duty.encode import encode_number, encode_word
from advalorem.duty.ledger import PROHIBITED, UNDETERMINED, Ledger
from advalorem.duty.shipments import COLUMNS, NOT_STATED, SOME_OTHER, Int, Mask, Shipments
from advalorem.law.model import Condition, FactWord, Lawbook
from advalorem.schedule.build import build_schedule
from advalorem.schedule.model import Rule, Schedule

UNBOUNDED = "column1_rate"
"""The one question whose answers have no upper bound: an ordinary rate that the schedule prints
as a formula or reference."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Duty bounds by row, in cents; `open_` marks rows without an upper bound.

    `banned` marks rows that some answers prohibit and others do not. `facts` names, row by row,
    every fact that was asked on the way, `example` a completed shipment of each row: the
    completion that charges least.
    """

    low: Int
    high: Int
    open_: Mask
    banned: Mask
    facts: tuple[frozenset[str], ...]
    example: Shipments

    @property
    def settled(self) -> Mask:
        """Rows of which every answer gives the same outcome and duty."""
        return np.asarray((self.low == self.high) & ~self.open_ & ~self.banned)


def complete(book: Lawbook, importer: str, rows: Shipments, known_on: date) -> Bounds:
    """Return the bounds of duty over all completions of shipments; shape (rows,)."""
    size = len(rows)
    low, high = np.full(size, np.iinfo(np.int64).max), np.zeros(size, dtype=np.int64)
    open_, outcomes = np.zeros(size, dtype=bool), np.zeros((2, size), dtype=bool)
    facts: list[set[str]] = [set() for _ in range(size)]
    best = [rows.take(np.array([row])) for row in range(size)]
    parents, frontier = np.arange(size), rows
    while len(frontier):
        ledger = assess(book, importer, frontier, known_on)
        done = ledger.outcome != UNDETERMINED
        for row in np.flatnonzero(done):
            parent, total = int(parents[row]), int(ledger.total[row])
            high[parent] = max(high[parent], total)
            outcomes[int(ledger.outcome[row] == PROHIBITED), parent] = True
            if total < low[parent]:
                low[parent], best[parent] = total, frontier.take(np.array([row]))
        left = np.flatnonzero(~done)
        parts = [
            _expand(book, importer, frontier, ledger, int(row), facts[parents[row]], known_on)
            for row in left
        ]
        open_[parents[left]] |= np.array([unbounded for _, unbounded in parts], dtype=bool)
        parents = np.repeat(parents[left], [len(part) for part, _ in parts])
        frontier = join([part for part, _ in parts])
    banned, named = outcomes[0] & outcomes[1], tuple(frozenset(f) for f in facts)
    return Bounds(low, high, open_, banned, named, join(best))


def _expand(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    ledger: Ledger,
    row: int,
    facts: set[str],
    known_on: date,
) -> tuple[Shipments, bool]:
    """Return the shipments that answer one open question of a row in every way."""
    one = rows.take(np.array([row]))
    if ledger.split[row]:
        return _lines_under(book, importer, one, known_on), False
    names = list(book.facts)
    asked = int(ledger.asked[row])
    name = names[(asked & -asked).bit_length() - 1]
    facts.add(name)
    schedule = build_schedule(book, importer, date.fromordinal(int(one.day[0])), known_on)
    values = candidates(schedule, book.facts[name], one)
    many = one.take(np.zeros(len(values), dtype=np.int64))
    return many.with_fact(name, np.array(values)), name == UNBOUNDED


def _lines_under(book: Lawbook, importer: str, one: Shipments, known_on: date) -> Shipments:
    """Return the shipment on each class of ten-digit line under its eight-digit code."""
    day = date.fromordinal(int(one.day[0]))
    schedule = build_schedule(book, importer, day, known_on)
    lines = lines_under(schedule, int(one.code[0]))
    many = one.take(np.zeros(len(lines), dtype=np.int64))
    return replace(many, code=schedule.lines[lines], eight=np.zeros(len(lines), dtype=bool))


def lines_under(schedule: Schedule, code: int) -> Int:
    """Return the first line number of each class under an eight-digit code."""
    item = code // 100 * 100
    first, last = np.searchsorted(schedule.lines, [item, item + 100])
    line = np.arange(first, last)
    line = line[~np.isin(schedule.lines[line], schedule.rest)]
    return np.asarray(line[np.unique(schedule.line_class[line], return_index=True)[1]])


def candidates(schedule: Schedule, fact: FactWord, one: Shipments) -> list[int]:
    """Return the encoded values of a fact between which the law can tell.

    The first is the one that claims or contains nothing.
    """
    book, importer = schedule.book, schedule.importer
    if fact.fact == UNBOUNDED:
        return [0]
    if fact.type == "yes_no":
        return [0, 1]
    if fact.type == "money":
        room, least = _room(book, fact, one), int(tips(schedule, fact.fact)[one.origin[0]])
        return sorted({0, min(least, room), room})
    tests = [c for c in conditions_of(book, importer) if c.fact == fact.fact]
    if fact.type == "share":
        return sorted({0, 1_000_000, *_thresholds(fact, tests)})
    if fact.type == "date":
        days = [day for c in tests for day in (c.before, c.since) if day]
        return sorted({d.toordinal() + step for d in days for step in (-1, 0)})
    if fact.type == "code":
        asked = [c for c in conditions_of(book, importer) if c.unstated == "ask"]
        headings = {c.heading_claimed for c in asked if c.heading_claimed}
        return [SOME_OTHER, *sorted(encode_word(fact, word, [], {})[0] for word in headings)]
    countries = [country.iso2 for country in book.countries]
    words = [w for c in tests for w in [*(c.in_ or []), *([c.is_] if c.is_ else [])]]
    named = {n for word in words for n in encode_word(fact, word, countries, book.groups)}
    return [SOME_OTHER, *sorted(named)]


def tips(schedule: Schedule, fact: str) -> Mask:
    """Return the origins where one cent of a content already changes another duty.

    There a duty on the content displaces a measure, or lifts the ordinary duty, however small the
    content is; or a condition asks whether there is any. Shape (countries,).
    """
    kept = schedule.arrays.kept
    name = f"tips {fact}"
    if name not in kept:
        asked = any(c.fact == fact and _bounded(c) for c in schedule.conditions)
        found = np.full(len(schedule.countries), asked)
        for counts, relation in zip(schedule.arrays.yielded_to, schedule.yields, strict=True):
            if not relation.remainder or relation.ordinary:
                stands = np.array([_stands_on(rule, fact) for rule in schedule.rules], dtype=bool)
                cut = _reached(schedule, relation.target) | relation.ordinary
                found |= _reached(schedule, counts & stands) & cut
        kept[name] = found
    mask: Mask = kept[name]
    return mask


def _bounded(condition: Condition) -> bool:
    return condition.at_least is not None or condition.below is not None


def _stands_on(rule: Rule, fact: str) -> bool:
    """Return whether a rule may charge the value that a fact holds."""
    bases = [rule.provision.base, *(base for _, base, _ in rule.bases)]
    return any(fact in (base.content, base.fact_value) for base in bases)


def _reached(schedule: Schedule, rules: Mask) -> Mask:
    """Return which origins some of the rules reach; shape (countries,)."""
    return np.asarray(schedule.arrays.origins[:, rules].any(axis=1))


def _room(book: Lawbook, fact: FactWord, one: Shipments) -> int:
    """Return the largest content value left beside the contents already stated."""
    if not fact.fact.endswith("_value"):
        return int(one.value[0])
    others = [name for name in one.facts if name.endswith("_value") and name != fact.fact]
    stated = [int(one.facts[name][0]) for name in others if book.facts[name].type == "money"]
    taken = sum(amount for amount in stated if amount != NOT_STATED)
    return max(int(one.value[0]) - taken, 0)


def _thresholds(fact: FactWord, tests: Sequence[Condition]) -> Iterator[int]:
    for condition in tests:
        for bound in (condition.at_least, condition.below):
            if bound is not None:
                number = encode_number(fact.type, bound)
                yield number
                yield max(number - 1, 0)


def conditions_of(book: Lawbook, importer: str) -> Iterator[Condition]:
    """Yield every condition in an importer's law, of whatever day."""
    for measure in book.measures.values():
        if measure.importer == importer:
            for provision in measure.provisions:
                yield from provision.when
            for change in measure.bases:
                yield from change.when


def join(parts: Sequence[Shipments]) -> Shipments:
    """Return shipments one below the other; all parts share one list of units."""
    if not parts:
        return empty()
    names = {name for part in parts for name in part.facts}
    first = parts[0]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS
    }
    facts = {name: np.concatenate([part.fact(name) for part in parts]) for name in names}
    return replace(first, facts=facts, **columns)


def empty() -> Shipments:
    """Return no shipments."""
    none = np.zeros(0, dtype=np.int64)
    return Shipments(none, none.astype(bool), none, none, none, none, none, none, none)
