"""Ledger lines of a situation, apart from value and quantity: what they name and how they charge.

A sheet is the list of lines of one settled situation, in the order of the law; situations with
the same lines share one.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from advalorem.batch.distinct import distinct_rows
from advalorem.batch.words import provision_numbers, relation_numbers
from advalorem.duty.ledger import APPLIED, Ledger
from advalorem.duty.shipments import Int, Mask
from advalorem.schedule.model import Rule

NOTHING, COLUMN, SHARE, TOP_UP, BY_UNIT = range(5)
"""How an amount comes about: not at all, ordinary duty, a rate, that less ordinary duty, units."""


@dataclass(frozen=True, slots=True, order=True)
class LedgerLine:
    """One line: provision and relation by number, how it charges, whether on the whole value.

    Provisions 0 to 2 are the ordinary columns; a line of ordinary duty has number 0 and takes the
    column of its row. `rate` and `specific` are in millionths, `unit` a number of a line by
    quantity, `by` -1 where no relation displaced the line.
    """

    provision: int
    reason: int
    by: int
    mode: int
    whole: bool
    rate: int
    specific: int
    unit: int


@dataclass(slots=True)
class SheetBook:
    """Lines and sheets met so far, numbered; grows only."""

    lines: list[LedgerLine] = field(default_factory=list)
    sheets: list[tuple[int, ...]] = field(default_factory=list)
    numbers: dict[Hashable, int] = field(default_factory=dict)
    ordered: list[int] = field(default_factory=list)

    def line(self, line: LedgerLine) -> int:
        """Return the number of a line, giving it one if it is new."""
        found = self.numbers.get(line)
        if found is None:
            found = self.numbers[line] = len(self.lines)
            self.lines.append(line)
        return found

    def order(self) -> list[int]:
        """Return the line numbers in the order of the law."""
        if len(self.ordered) < len(self.lines):
            self.ordered = sorted(range(len(self.lines)), key=self.lines.__getitem__)
        return self.ordered

    def sheet(self, sheet: tuple[int, ...]) -> int:
        """Return the number of a sheet of line numbers in order, giving it one if it is new."""
        found = self.numbers.get(sheet)
        if found is None:
            found = self.numbers[sheet] = len(self.sheets)
            self.sheets.append(sheet)
        return found

    def arrays(self) -> SheetArrays:
        """Return lines and sheets as arrays."""
        sizes = np.array([len(sheet) for sheet in self.sheets], dtype=np.int64)
        flat = [number for sheet in self.sheets for number in sheet]
        columns = {
            name: np.array([getattr(self.lines[at], name) for at in flat], dtype=np.int64)
            for name in LedgerLine.__slots__
        }
        return SheetArrays(np.cumsum(sizes) - sizes, sizes, columns)


@dataclass(frozen=True, slots=True)
class SheetArrays:
    """Sheets one behind the other: where each starts, its lines, and the columns of all lines."""

    start: Int
    size: Int
    columns: dict[str, Int]


def sheets_of(book: SheetBook, ledger: Ledger, value: Int, lifted: Mask, units: Int) -> Int:
    """Return the sheet number of each row of a ledger; rows without a form get one of no use.

    `units` holds, by layer, the number of its line by quantity, -1 for none.
    """
    whole = (ledger.base == value[ledger.row]) & (ledger.base > 0)
    parts = [_layer_parts(layer.rule) for layer in ledger.layers]
    names = [_names(ledger, at) for at in range(len(ledger.layers))]
    own = np.array([layer.rule is None for layer in ledger.layers], dtype=bool)[ledger.layer]
    charged = ledger.reason == APPLIED
    mode = np.where(charged, np.array(parts, dtype=np.int64)[ledger.layer], NOTHING)
    mode = np.where(own & lifted[ledger.row], NOTHING, mode)
    mode = np.where(charged & (units[ledger.layer] >= 0), BY_UNIT, mode)
    by = _relations(ledger)
    columns = [
        np.array(names, dtype=np.int64)[ledger.layer], ledger.reason, by, mode, whole,
        np.where(own, 0, ledger.rate), np.where(own, 0, ledger.specific),
        np.where(mode == BY_UNIT, units[ledger.layer], -1),
    ]  # fmt: skip
    table = np.stack([np.asarray(column, dtype=np.int64) for column in columns], axis=1)
    first, number = distinct_rows(table)
    known = np.array([book.line(_line(row)) for row in table[first].tolist()] or [0])
    return _numbered(book, ledger.row, known[number].astype(np.int64), len(ledger))


def _line(row: list[int]) -> LedgerLine:
    provision, reason, by, mode, whole, rate, specific, unit = row
    return LedgerLine(provision, reason, by, mode, bool(whole), rate, specific, unit)


def _numbered(book: SheetBook, row: Int, line: Int, size: int) -> Int:
    """Return the sheet number of each row from line numbers by row."""
    rank = np.argsort(np.array(book.order(), dtype=np.int64))
    order = np.lexsort((rank[line], row))
    count = np.bincount(row, minlength=size)
    table = np.full((size, int(count.max(initial=0))), -1)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    table[row[order], place] = line[order]
    first, number = distinct_rows(table)
    sheets = [tuple(at for at in row if at >= 0) for row in table[first].tolist()]
    known = np.array([book.sheet(sheet) for sheet in sheets], dtype=np.int64)
    return known[number] if size else known


def _layer_parts(rule: Rule | None) -> int:
    """Return how a layer charges where its reason is to charge."""
    if rule is None:
        return COLUMN
    if not rule.bears or rule.provision.prohibits:
        return NOTHING
    return TOP_UP if rule.form == "up_to_total" else SHARE


def _names(ledger: Ledger, at: int) -> int:
    """Return the number of a layer's provision in its law, 0 for ordinary duty."""
    layer = ledger.layers[at]
    if layer.rule is None:
        return 0
    book, importer = layer.schedule.book, layer.schedule.importer
    return provision_numbers(book, importer)[layer.rule.measure.measure, layer.rule.provision.id]


def _relations(ledger: Ledger) -> Int:
    """Return by line the number of the relation in the law, -1 for none."""
    found = np.full(len(ledger.by), -1)
    for number in np.unique(ledger.layer[ledger.by >= 0]).tolist():
        schedule = ledger.layers[number].schedule
        known = relation_numbers(schedule.book)
        table = np.array([known[each.relation.id] for each in schedule.yields], dtype=np.int64)
        here = (ledger.layer == number) & (ledger.by >= 0)
        found[here] = table[ledger.by[here]]
    return found
