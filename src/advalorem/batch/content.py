"""What decides a situation, in numbers that mean the same in every epoch.

Most law stays from one epoch to the next: a situation on which the same provisions with the same
values and the same relations bear is decided once, whatever the day.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    def rules(self, schedule: Schedule) -> Int:
        """Return the number of each rule: provision and value; shape (rules,)."""
        found = [
            self.number((*_name(rule), rule.rate, rule.specific, rule.unit))
            for rule in schedule.rules
        ]
        return np.array(found, dtype=np.int64)

    def relations(self, schedule: Schedule) -> Int:
        """Return the number of each relation: itself and the provisions it stands between."""
        found = []
        for each in schedule.yields:
            sides = [
                tuple(_name(schedule.rules[at]) for at in np.flatnonzero(side).tolist())
                for side in (each.by_bearing, each.by_deciding, each.target)
            ]
            whole = tuple(sorted(_wholly(schedule, each.target)))
            found.append(self.number((id(each.relation), *sides, whole, each.ordinary)))
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
    reach = _reached(book, table.schedule, rows, line, split)
    words, pattern = _distinct(reach)
    rest = [rows.mode, rows.value, rows.claim, rows.quantity, split]
    parts = np.stack([pattern, flag, *rest], axis=1).astype(np.int64)
    _, first, number = np.unique(_as_items(parts), return_index=True, return_inverse=True)
    names: list[tuple[bytes, ...]] = [
        (words[pattern[at]], table.flags[flag[at]].tobytes(), parts[at, 2:].tobytes())
        for at in first.tolist()
    ]
    return names, first.astype(np.int64), number.astype(np.int64)


def _as_items(parts: Int) -> NDArray[Any]:
    """Return the rows of a table of numbers as one item each."""
    flat = np.ascontiguousarray(parts)
    return flat.view(f"V{8 * flat.shape[1]}").ravel()


def _distinct(reach: Sequence[bytes]) -> tuple[list[bytes], Int]:
    """Return the different words, and the number of each row's."""
    numbers: dict[bytes, int] = {}
    found = [numbers.setdefault(word, len(numbers)) for word in reach]
    return list(numbers), np.array(found, dtype=np.int64)


def _reached(
    book: ContentBook, schedule: Schedule, rows: Shipments, line: Int, split: Mask
) -> list[bytes]:
    """Return by row, as bytes, which rules reach its line from its origin and their relations."""
    if not schedule.rules:
        return [b""] * len(rows)
    products = np.array([rule.products for rule in schedule.rules], dtype=bool)
    origins, speak = schedule.arrays.origins, _Speaker(book, schedule)
    pairs = line * len(schedule.countries) + rows.origin
    _, first, number = np.unique(pairs, return_index=True, return_inverse=True)
    words = speak.words(products[:, line[first]].T & origins[rows.origin[first]])
    found = [words[at] for at in number.tolist()]
    for row in np.flatnonzero(split).tolist():
        lines = lines_under(schedule, int(schedule.lines[line[row]] // 100 * 100))
        under = products[:, lines].T & origins[int(rows.origin[row])]
        found[row] = b"/".join(speak.words(under))
    return found


class _Speaker:
    """Says which rules reach, and which relations stand among them, in lasting numbers."""

    def __init__(self, book: ContentBook, schedule: Schedule) -> None:
        self._rules, self._relations = book.rules(schedule), book.relations(schedule)
        wide = (len(schedule.yields), len(schedule.rules))
        by = [each.by_bearing | each.by_deciding for each in schedule.yields]
        self._by = np.array(by, dtype=np.float32).reshape(wide)
        target = [each.target for each in schedule.yields]
        self._target = np.array(target, dtype=np.float32).reshape(wide)
        self._ordinary = np.array([each.ordinary for each in schedule.yields], dtype=bool)

    def words(self, reach: Mask) -> list[bytes]:
        """Return the words of rows of rules that reach; shape of `reach` (rows, rules)."""
        packed = np.ascontiguousarray(np.packbits(reach, axis=1))
        items = packed.view(f"V{packed.shape[1]}").ravel()
        _, first, number = np.unique(items, return_index=True, return_inverse=True)
        few = reach[first].astype(np.float32)
        live = (few @ self._by.T > 0) & ((few @ self._target.T > 0) | self._ordinary)
        told = [
            np.sort(self._rules[mine]).tobytes() + b"|" + np.sort(self._relations[among]).tobytes()
            for mine, among in zip(reach[first], live, strict=True)
        ]
        return [told[at] for at in number.tolist()]
