"""What decides a situation, in numbers that mean the same in every epoch.

Most law stays from one epoch to the next: a situation on which the same provisions with the same
values and the same relations bear is decided once, whatever the day.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np

from advalorem.batch.distinct import distinct_rows
from advalorem.batch.looks import told_apart
from advalorem.batch.tables import EpochTable
from advalorem.duty.completions import lines_under
from advalorem.duty.shipments import Int, Mask, Shipments
from advalorem.schedule.model import Rule, Schedule


@dataclass(slots=True)
class ContentBook:
    """Numbers of things by what they say; grows only.

    A provision with another value is another rule, however it is numbered in its epoch.
    """

    numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, thing: Hashable) -> int:
        """Return the number of a thing, giving it one if it is new."""
        return self.numbers.setdefault(thing, len(self.numbers))

    def rules(self, schedule: Schedule, scopes: Sequence[Hashable] | None = None) -> Int:
        """Return the number of each rule: provision and value, and scope if given; (rules,)."""
        found = [
            self.number((*_name(rule), rule.rate, rule.specific, rule.unit, scope))
            for rule, scope in zip(
                schedule.rules, scopes or [None] * len(schedule.rules), strict=True
            )
        ]
        return np.array(found, dtype=np.int64)


def _name(rule: Rule) -> tuple[str, str]:
    return rule.measure.measure, rule.provision.id


def _wholly(schedule: Schedule, target: Mask) -> set[str]:
    """Return the measures of which every rule is a relation's target."""
    hit = {schedule.rules[at].measure.measure for at in np.flatnonzero(target).tolist()}
    return {name for name in hit if target[schedule.arrays.members(name)].all()}


def signatures(
    book: ContentBook, table: EpochTable, rows: Shipments, line: Int, split: Mask, flag: Int
) -> tuple[list[tuple[bytes, ...]], Int, Int]:
    """Return what decides the situations among rows, each one's first row, and its number by row.

    That is the rules that reach it, the relations among them, what tests see of the ordinary
    duty, and mode, value, claim and quantity. A row of a split code has the rules of all classes
    of lines under the code, in their order.
    """
    reach = _reached(book, table, rows, line, split)
    words, pattern = _distinct(reach)
    rest = [rows.mode, rows.value, rows.claim, rows.quantity, split]
    parts = np.stack([pattern, flag, *rest], axis=1).astype(np.int64)
    first, number = distinct_rows(parts)
    names: list[tuple[bytes, ...]] = [
        (words[pattern[at]], table.flags[flag[at]].tobytes(), parts[at, 2:].tobytes())
        for at in first.tolist()
    ]
    return names, first.astype(np.int64), number.astype(np.int64)


def _distinct(reach: Sequence[bytes]) -> tuple[list[bytes], Int]:
    """Return the different words, and the number of each row's."""
    numbers: dict[bytes, int] = {}
    found = [numbers.setdefault(word, len(numbers)) for word in reach]
    return list(numbers), np.array(found, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Laws:
    """By state of an epoch: what decides its pages, and what its law looks at besides.

    `same` (states, combinations) is the combination of value and mode that stands for each;
    `by_quantity` says whether a quantity that is not stated matters.
    """

    words: list[bytes]
    same: Int
    by_quantity: Mask


def laws(book: ContentBook, table: EpochTable, cell: Int, values: Sequence[int]) -> Laws:
    """Return the law of each state of an epoch: states with equal law share their pages.

    `cell` holds the cell of each product, `values` a value of each zone. The law of a state is the
    rules that reach its origin, with the products that each names, the relations among them, the
    claim, what tests see of the ordinary duty of each product, and which products and split codes
    there are.
    """
    schedule, seen, known = table.schedule, np.maximum(cell, 0), cell >= 0
    line = np.searchsorted(schedule.lines, table.code)[seen]
    scopes = [np.packbits(rule.products[line] & known).tobytes() for rule in schedule.rules]
    _, first = np.unique(table.state, return_index=True)
    claim, origin = np.divmod(first, table.state.shape[1])
    reach = schedule.arrays.origins[origin] if schedule.rules else np.zeros((len(first), 0), bool)
    words = _Speaker(book, schedule, book.rules(schedule, scopes)).words(reach)
    codes = np.unique(table.group[table.group > 0]) * 100
    under = [lines_under(schedule, code) for code in codes.tolist()]
    lines = schedule.lines[np.concatenate([*under, np.zeros(0, dtype=np.int64)]).astype(np.int64)]
    there = book.number(("there", np.minimum(cell, 0).tobytes(), lines.tobytes()))
    flags = [table.flags[part[seen]].tobytes() for part in table.flag]
    flag = np.array([book.number(("flags", part)) for part in flags])[table.mode]
    heads = np.stack([claim, flag, np.full(len(first), there)], axis=1).astype(np.int64)
    told = [head.tobytes() + word for head, word in zip(heads, words, strict=True)]
    specific = np.array([rule.specific > 0 for rule in schedule.rules], dtype=bool)
    by_quantity = (reach & specific).any(axis=1)
    return Laws(told, told_apart(schedule, reach, values), by_quantity)


def _reached(
    book: ContentBook, table: EpochTable, rows: Shipments, line: Int, split: Mask
) -> list[bytes]:
    """Return by row, as bytes, which rules reach its line from its origin and their relations."""
    schedule = table.schedule
    if not schedule.rules:
        return [b""] * len(rows)
    products = np.array([rule.products for rule in schedule.rules], dtype=bool)
    wide = len(schedule.countries)
    pairs = table.rule_class[line] * wide + table.reach[rows.origin]
    pairs = np.where(split, -1 - line * wide - table.reach[rows.origin], pairs)
    _, first, number = np.unique(pairs, return_index=True, return_inverse=True)
    lines = [_lines_of(schedule, int(line[at]), bool(split[at])) for at in first.tolist()]
    sizes = np.array([len(each) for each in lines], dtype=np.int64)
    reach = products[:, np.concatenate(lines)].T
    reach &= schedule.arrays.origins[np.repeat(rows.origin[first], sizes)]
    words = _Speaker(book, schedule, book.rules(schedule)).words(reach)
    ends = np.cumsum(sizes).tolist()
    told = [b"/".join(words[end - size : end]) for end, size in zip(ends, sizes, strict=True)]
    return [told[at] for at in number.tolist()]


def _lines_of(schedule: Schedule, line: int, split: bool) -> Int:
    """Return a line, or where its eight-digit code is split, one line of each class under it."""
    if split:
        return lines_under(schedule, int(schedule.lines[line] // 100 * 100))
    return np.array([line], dtype=np.int64)


class _Speaker:
    """Says which rules reach, and which relations stand among them, in lasting numbers.

    Of a relation only the rules that reach are said: what it says of others bears on no row here.
    """

    def __init__(self, book: ContentBook, schedule: Schedule, rules: Int) -> None:
        self._book, self._schedule, self._rules = book, schedule, rules
        self._names = [_name(rule) for rule in schedule.rules]
        self._wholly = [_wholly(schedule, each.target) for each in schedule.yields]

    def words(self, reach: Mask) -> list[bytes]:
        """Return the words of rows of rules that reach; shape of `reach` (rows, rules)."""
        if not reach.size:
            return [b""] * len(reach)
        first, number = distinct_rows(np.packbits(reach, axis=1))
        few = reach[first]
        relations = [self._relation(few, at) for at in range(len(self._schedule.yields))]
        table = np.stack([*relations, np.full(len(few), SILENT)], axis=1)
        told = [
            np.sort(self._rules[mine]).tobytes() + b"|" + np.sort(among[among != SILENT]).tobytes()
            for mine, among in zip(few, table, strict=True)
        ]
        return [told[at] for at in number.tolist()]

    def _relation(self, reach: Mask, at: int) -> Int:
        """Return the number of what a relation says of the rules that reach, by row."""
        each = self._schedule.yields[at]
        sides = (each.by_bearing, each.by_deciding, each.target)
        seen = np.flatnonzero(np.any(sides, axis=0))
        live = (reach & (sides[0] | sides[1])).any(axis=1)
        live &= (reach & each.target).any(axis=1) | each.ordinary
        found = np.full(len(reach), SILENT)
        here = np.flatnonzero(live)
        first, number = distinct_rows(np.packbits(reach[np.ix_(here, seen)], axis=1))
        numbers = [self._said(at, reach[row]) for row in here[first].tolist()]
        found[here] = np.array(numbers, dtype=np.int64)[number]
        return found

    def _said(self, at: int, reach: Mask) -> int:
        """Return the number of what a relation says of the rules that reach one row."""
        each = self._schedule.yields[at]
        sides = (each.by_bearing, each.by_deciding, each.target)
        told = [[self._names[rule] for rule in np.flatnonzero(side & reach)] for side in sides]
        whole = sorted({measure for measure, _ in told[2]} & self._wholly[at])
        names = (*map(tuple, told), tuple(whole), each.ordinary)
        return self._book.number((id(each.relation), *names))


SILENT = -1
"""Number of a relation that says nothing of the rules that reach."""
