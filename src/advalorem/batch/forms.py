"""Duty as a form: the rates charged on the value, apart from the value itself.

A settled shipment whose measures charge by value on the whole customs value owes
`ordinary + sum(round(value * rate)) + sum(max(round(value * top) - ordinary, 0))`. Where a
content of a few cents is tried, a measure charges those cents, or the value less them. Situations
with the same rates share one form, however many shipments they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.distinct import distinct_rows
from advalorem.batch.lines import SheetBook, sheets_of
from advalorem.duty.charge import PER_ITEM
from advalorem.duty.ledger import APPLIED, Ledger
from advalorem.duty.numbers import MILLION, QUANTITY_UNITS, multiply_round, specific
from advalorem.duty.shipments import NOT_STATED, Int, Mask
from advalorem.schedule.model import Rule

SAFE = np.iinfo(np.int64).max // 2
MEASURES = 1 << 10
"""Room for measure numbers beside the rate in a line's code."""
FEW = 9
"""Most cents of content that a form charges, or leaves out; a larger part makes a row hard."""
SHIFT = 2 * FEW + 1
Line = tuple[int, bool, int, int]
Note = Callable[[Int, Int | None, Int], None]
"""Takes measures by form, the rows charged (None for all), and amounts in cents."""


@dataclass(frozen=True, slots=True)
class Form:
    """Rates of one settled situation: outcome, whether ordinary duty is owed, charged lines.

    A line is (rate in millionths, whether it tops ordinary duty up to a total, measure number,
    cents): it charges the value less the cents, or where these are negative, as many cents.
    `by_unit` holds the lines that look at the quantity, `freed` the fees it is exempt from,
    `sheet` the number of its list of ledger lines, -1 where no ledger is kept.
    """

    outcome: int
    claimed: int
    freed: int
    ordinary: bool
    lines: tuple[Line, ...]
    by_unit: tuple[UnitLine, ...] = ()
    sheet: int = -1

    @property
    def in_part(self) -> bool:
        """Whether some line charges a part of the value."""
        return any(cents for *_, cents in self.lines)


@dataclass(frozen=True, slots=True, order=True)
class UnitLine:
    """A line by quantity: its duty form, rate and specific duty in millionths, and measure.

    `fallback` is the quantity where none is stated, in ten-thousandths of the unit.
    """

    form: str
    rate: int
    specific: int
    fallback: int
    measure: int

    def amounts(self, value: Int, quantity: Int) -> Int:
        """Return the duty in cents by row."""
        charged = charge(value, np.full(len(value), self.rate))
        given = np.where(quantity == NOT_STATED, self.fallback, quantity)
        unit = specific(given, np.full(len(value), self.specific))
        if self.form == "up_to_price":
            return np.asarray(np.maximum(unit - value, 0))
        if self.form == "at_least":
            return np.asarray(np.maximum(charged, unit))
        return np.asarray(np.minimum(charged, unit) if self.form == "at_most" else charged + unit)


@dataclass(slots=True)
class FormBook:
    """All forms met so far, numbered, and the same as arrays by level; grows only."""

    forms: list[Form] = field(default_factory=list)
    number: dict[Form, int] = field(default_factory=dict)
    measures: list[str] = field(default_factory=list)
    unit_lines: list[UnitLine] = field(default_factory=list)
    sheets: SheetBook | None = None

    def add(self, form: Form) -> int:
        """Return the number of a form, giving it one if it is new."""
        found = self.number.get(form)
        if found is None:
            found = self.number[form] = len(self.forms)
            self.forms.append(form)
        return found

    def measure(self, name: str) -> int:
        """Return the number of a measure, giving it one if it is new."""
        if name not in self.measures:
            self.measures.append(name)
        return self.measures.index(name)

    def unit_line(self, line: UnitLine) -> int:
        """Return the number of a line by quantity, giving it one if it is new."""
        if line not in self.unit_lines:
            self.unit_lines.append(line)
        return self.unit_lines.index(line)

    def arrays(self) -> FormArrays:
        """Return the forms as arrays."""
        depth = max((len(form.lines) for form in self.forms), default=0)
        rate = np.zeros((depth, len(self.forms)), dtype=np.int64)
        top = np.zeros((depth, len(self.forms)), dtype=bool)
        measure, cents = rate.copy(), rate.copy()
        for number, form in enumerate(self.forms):
            for level, line in enumerate(form.lines):
                at = level, number
                rate[at], top[at], measure[at], cents[at] = line
        ordinary = np.array([form.ordinary for form in self.forms], dtype=bool)
        outcome = np.array([form.outcome for form in self.forms], dtype=np.int8)
        claimed = np.array([form.claimed for form in self.forms], dtype=np.int16)
        freed = np.array([form.freed for form in self.forms], dtype=np.int64)
        by_unit = np.array([bool(form.by_unit) for form in self.forms], dtype=bool)
        sheet = np.array([form.sheet for form in self.forms], dtype=np.int64)
        return FormArrays(
            rate, top, measure, cents, ordinary, outcome, claimed, freed, by_unit, sheet,
            np.array([form.in_part for form in self.forms], dtype=bool), tuple(self.forms),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormArrays:
    """Forms as arrays: `rate`, `top`, `measure`, `cents` are (levels, forms), the others (forms,).

    `in_part` marks forms of which a line charges a part of the value.
    """

    rate: Int
    top: Mask
    measure: Int
    cents: Int
    ordinary: Mask
    outcome: NDArray[np.int8]
    claimed: NDArray[np.int16]
    freed: Int
    by_unit: Mask
    sheet: Int
    in_part: Mask
    forms: tuple[Form, ...]

    def totals(
        self, form: Int, value: Int, quantity: Int, ordinary: Int, note: Note | None = None
    ) -> Int:
        """Return total duty in cents of rows with these form numbers; shape (rows,).

        `value` and `ordinary` are the customs value and the ordinary duty in cents. `note` is
        told measure by form, rows and amounts of every level.
        """
        owed = ordinary if self.ordinary.all() else np.where(self.ordinary.take(form), ordinary, 0)
        total = owed.copy()
        for measure, here, amount in self.charged(form, value, quantity, owed):
            if here is None:
                total += amount
            else:
                total[here] += amount
            if note is not None:
                note(measure, here, amount)
        return total

    def charged(
        self, form: Int, value: Int, quantity: Int, owed: Int
    ) -> Iterator[tuple[Int, Int | None, Int]]:
        """Yield measures by form, the rows charged (None for all), and their amounts in cents.

        `owed` is the ordinary duty where it is owed. A form with a line at one level has one at
        every level before it.
        """
        here: Int | None = None
        for level, rates in enumerate(self.rate):
            rate = rates.take(form if here is None else form[here])
            charged = np.flatnonzero(rate)
            if not len(charged):
                break
            among = charged if here is None else here[charged]
            if here is None and len(charged) * 2 >= len(form):
                yield self.measure[level], None, self._amounts(level, form, value, owed, rate)
            else:
                parts = form[among], value[among], owed[among], rate[charged]
                yield self.measure[level], among, self._amounts(level, *parts)
            here = among
        for rows, line, amount in self.unit_amounts(form, value, quantity):
            yield np.full(len(self.forms), line.measure), rows, amount

    def _amounts(self, level: int, form: Int, value: Int, owed: Int, rate: Int) -> Int:
        """Return what the lines of a level charge."""
        base = value
        if self.cents[level].any():
            cents = self.cents[level].take(form)
            base = np.where(cents < 0, -cents, base - cents)
        amount = charge(base, rate)
        if self.top[level].any():
            amount = np.where(self.top[level].take(form), np.maximum(amount - owed, 0), amount)
        return amount

    def unit_amounts(
        self, form: Int, value: Int, quantity: Int
    ) -> Iterator[tuple[Int, UnitLine, Int]]:
        """Yield, for each line by quantity, the rows that it charges and their amounts in cents."""
        if not self.by_unit.any():
            return
        rows = np.flatnonzero(self.by_unit.take(form))
        for number in np.unique(form[rows]).tolist():
            here = rows[form[rows] == number]
            for line in self.forms[number].by_unit:
                yield here, line, line.amounts(value[here], quantity[here])


def charge(value: Int, rate: Int) -> Int:
    """Return values in cents times rates in millionths, rounded half up to the cent.

    >>> charge(np.array([10020, 10**14]), np.array([25000, 2_500_000]))
    array([            251, 250000000000000])
    """
    return _share(value, rate, MILLION)


def charge_thirds(value: Int, rate: Int) -> Int:
    """Return values in cents times rates in thirds of a millionth, rounded half up to the cent.

    >>> charge_thirds(np.array([10**10]), np.array([1_000_000]))
    array([3333333333])
    """
    return _share(value, rate, 3 * MILLION)


def _share(value: Int, rate: Int, whole: int) -> Int:
    largest = int(value.max(initial=0)) * int(rate.max(initial=0))
    if largest < SAFE:
        return np.asarray((value * rate + whole // 2) // whole)
    return multiply_round(value, rate, whole)


@dataclass(frozen=True, slots=True)
class FormRows:
    """The form of each row of a ledger, by number, and which rows have none."""

    form: Int
    hard: Mask


def forms_of(ledger: Ledger, value: Int, lifted: Mask, freed: Int, book: FormBook) -> FormRows:
    """Return the forms of settled rows of one epoch, adding them to the book.

    `lifted` marks rows whose ordinary duty is not owed, `freed` the fees they are exempt from. A
    row whose duty is not rates on the value, whole or but for a few cents, is hard: it has no form.
    """
    code = np.array([_code(layer.rule, book) for layer in ledger.layers], dtype=np.int64)
    own = np.array([layer.rule is None for layer in ledger.layers], dtype=bool)[ledger.layer]
    extra = np.flatnonzero(~own & (ledger.reason == APPLIED))
    row, layer = ledger.row[extra], code[ledger.layer[extra]]
    cents, odd = _cents(value[row], ledger.base[extra])
    bears, by_unit = layer != NO_DUTY, layer >= UNIT
    hard = np.zeros(len(ledger), dtype=bool)
    hard[row[bears & ((layer == NO_CODE) | odd | (by_unit & (cents != 0)))]] = True
    layer = np.where(by_unit, layer, layer * SHIFT + cents + FEW)
    in_part = np.zeros(len(ledger), dtype=bool)
    in_part[row[bears & (cents != 0)]] = True
    due = own & ((ledger.rate > 0) | (ledger.specific > 0))
    hard[ledger.row[due & (ledger.base != value[ledger.row])]] = True
    table = _side_by_side(row[bears], layer[bears], len(ledger))
    sheet = np.full(len(ledger), -1)
    if book.sheets is not None:
        units = np.where(code >= UNIT, code - UNIT, -1)
        sheet = np.where(in_part, -1, sheets_of(book.sheets, ledger, value, lifted, units))
    head = np.stack([ledger.outcome, ledger.claimed + 1, freed, ~lifted, sheet], axis=1)
    head = head.astype(np.int64)
    whole = np.hstack([head, table])
    first, number = distinct_rows(whole)
    known = np.array([book.add(_form(told, book)) for told in whole[first].tolist()] or [0])
    return FormRows(known[number], hard)


def _cents(value: Int, base: Int) -> tuple[Int, Mask]:
    """Return how many cents a base is short of the value, less than 0 where it is so many cents.

    The second result marks bases that are neither.

    >>> _cents(np.array([500, 500, 500, 500]), np.array([500, 498, 1, 250]))
    (array([ 0,  2, -1,  0]), array([False, False, False,  True]))
    """
    short = value - base
    few, cents = (base > 0) & (base <= FEW), np.where((short > 0) & (short <= FEW), short, 0)
    cents = np.where(few & (short > 0), -base, cents)
    return cents, (short != 0) & (cents == 0)


NO_DUTY, NO_CODE = 0, 1
"""Codes of rules that charge nothing, and of those whose duty no form can say."""
BY_VALUE = ("ad_valorem", "up_to_total")
UNIT = 1 << 60
"""Codes of lines by quantity start here; the rest is their number in the form book."""


def _code(rule: Rule | None, book: FormBook) -> int:
    """Return the code of what a rule charges: rate, top and measure, or a line by quantity."""
    if rule is None or not rule.bears or rule.provision.prohibits:
        return NO_DUTY
    if rule.provision.rate_fact is not None:
        return NO_CODE
    measure = book.measure(rule.measure.measure)
    if rule.specific == 0 and rule.form in BY_VALUE:
        return (rule.rate * 2 + (rule.form == "up_to_total") + 2) * MEASURES + measure
    if rule.specific == 0 or rule.form == "up_to_total":
        return NO_CODE
    fallback = QUANTITY_UNITS if rule.unit == PER_ITEM else 0
    return UNIT + book.unit_line(UnitLine(rule.form, rule.rate, rule.specific, fallback, measure))


def _side_by_side(row: Int, code: Int, size: int) -> Int:
    """Return the codes of each row in one line, largest first, filled with zeros."""
    order = np.lexsort((-code, row))
    row, code = row[order], code[order]
    counts = np.bincount(row, minlength=size)
    starts = np.cumsum(counts) - counts
    table = np.zeros((size, int(counts.max(initial=0))), dtype=np.int64)
    table[row, np.arange(len(row)) - starts[row]] = code
    return table


def _form(signature: Sequence[int], book: FormBook) -> Form:
    """Return the form that a row of outcome, claim, ordinary duty and codes stands for."""
    outcome, claimed, freed, ordinary, sheet, *codes = signature
    lines = [divmod(code, SHIFT) for code in codes if NO_CODE * SHIFT + SHIFT <= code < UNIT]
    return Form(
        outcome,
        claimed - 1,
        freed,
        bool(ordinary),
        tuple(_line(code, shift - FEW) for code, shift in lines),
        tuple(sorted(book.unit_lines[code - UNIT] for code in codes if code >= UNIT)),
        sheet,
    )


def _line(code: int, cents: int) -> Line:
    """Return the line that a code of `_code` stands for, on a base of these cents."""
    half, measure = divmod(code, MEASURES)
    return half // 2 - 1, bool(half % 2), measure, cents


def at_most(one: Form, other: Form) -> bool:
    """Return whether a form never charges more than another, whatever the value.

    False may mean unknown: forms are compared line by line, largest rate first, a line on a part
    of the value counting as one on all of it in the first, as none in the second.

    >>> free, taxed = Form(0, -1, 0, True, ()), Form(0, -1, 0, True, ((250_000, False, 0, 0),))
    >>> at_most(free, taxed), at_most(taxed, free)
    (True, False)
    """
    if one.by_unit or other.by_unit:
        return False
    tops = any(top for form in (one, other) for _, top, *_ in form.lines)
    if one.ordinary != other.ordinary and (tops or one.ordinary):
        return False
    return all(_under(one, other, top) for top in (False, True))


def _under(one: Form, other: Form, top: bool) -> bool:
    mine = sorted((rate for rate, is_top, *_ in one.lines if is_top == top), reverse=True)
    whole = [(rate, is_top) for rate, is_top, _, cents in other.lines if not cents]
    theirs = sorted((rate for rate, is_top in whole if is_top == top), reverse=True)
    return len(mine) <= len(theirs) and all(
        a <= b for a, b in zip(mine, theirs[: len(mine)], strict=True)
    )
