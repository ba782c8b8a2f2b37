"""The ledger of rated rows: one line for each row and provision, in one table beside the results.

Rows with a plan take the lines of their sheet; the others those of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advalorem.batch.charges import Rated
from advalorem.batch.forms import charge, charge_thirds
from advalorem.batch.lines import BY_UNIT, COLUMN, NOTHING, TOP_UP, SheetArrays
from advalorem.batch.lookup import Flat, Found
from advalorem.batch.words import provision_codes, provision_numbers, relation_numbers
from advalorem.duty.assess import assess
from advalorem.duty.completions import complete
from advalorem.duty.ledger import ASSESSED, PROHIBITED, UNDETERMINED, Ledger
from advalorem.duty.numbers import specific
from advalorem.duty.shipments import NOT_STATED, Int, Shipments
from advalorem.law.model import Lawbook

if TYPE_CHECKING:
    from advalorem.batch.rater import Rater

REASONS = ("applied", "displaced", "no_base")
COLUMNS = ("row", "provision", "reason", "by", "basis", "rate", "specific", "amount")


@dataclass(frozen=True, slots=True)
class Lines:
    """Ledger lines by number of row, provision, reason and relation; `basis` and `amount` in cents.

    `rate` in millionths, `specific` in millionths of the currency a unit; -1 in `by` is none.
    """

    row: Int
    provision: Int
    reason: Int
    by: Int
    basis: Int
    rate: Int
    specific: Int
    amount: Int


def ledger_lines(rater: Rater, rows: Shipments, place: Int, rated: Rated) -> Lines:
    """Return the lines of all settled rows, in order of the rows.

    Rows whose duty is not settled have none: what they owe depends on the answers.
    """
    settled = (rated.outcome == ASSESSED) | (rated.outcome == PROHIBITED)
    fast = np.flatnonzero(settled & (rated.form >= 0))
    slow = np.flatnonzero(settled & (rated.form < 0))
    flat, found = rater.find(rows.take(fast), place[fast])
    parts = [_gathered(rater, flat, found, rows.take(fast), rated.form[fast], fast)]
    if not len(slow):
        return parts[0]
    parts.append(_by_kernel(rater, rows.take(slow), slow))
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    order = np.argsort(whole["row"], kind="stable")
    return Lines(**{name: column[order] for name, column in whole.items()})


def _gathered(
    rater: Rater, flat: Flat, found: Found, rows: Shipments, form: Int, number: Int
) -> Lines:
    """Return the lines of rows by the sheets of their forms."""
    forms, sheets = flat.plans.forms, flat.plans.sheets
    sheet = forms.sheet.take(form)
    at, line = _spread(sheets, sheet)
    told = {name: column.take(line) for name, column in sheets.columns.items()}
    price = found.price
    column, rate = flat.column.take(price).astype(np.int64), flat.rate.take(price)
    own = told["mode"] == COLUMN
    units = np.where(flat.by_unit.take(price), flat.specific.take(price), 0)
    ordinary = charge_thirds(rows.value, rate) + _by_unit(rows.quantity, units)
    value = rows.value.take(at)
    return Lines(
        row=number.take(at),
        provision=np.where(told["provision"] == 0, column.take(at), told["provision"]),
        reason=told["reason"],
        by=told["by"],
        basis=np.where(told["whole"] != 0, value, 0),
        rate=np.where(own, rate.take(at) // 3, told["rate"]),
        specific=np.where(own, units.take(at), told["specific"]),
        amount=_amounts(rater, told, rows, at, np.where(forms.ordinary.take(form), ordinary, 0)),
    )


def _spread(sheets: SheetArrays, sheet: Int) -> tuple[Int, Int]:
    """Return by line the row it belongs to and its place among all lines of all sheets."""
    size = sheets.size.take(sheet)
    at = np.repeat(np.arange(len(sheet)), size)
    first = np.cumsum(size) - size
    return at, np.arange(len(at)) + np.repeat(sheets.start.take(sheet) - first, size)


def _by_unit(quantity: Int, units: Int) -> Int:
    due = np.flatnonzero((units > 0) & (quantity != NOT_STATED))
    amount = np.zeros(len(quantity), dtype=np.int64)
    amount[due] = specific(quantity[due], units[due])
    return amount


def _amounts(rater: Rater, told: dict[str, Int], rows: Shipments, at: Int, owed: Int) -> Int:
    """Return the amount of each line in cents; `owed` is the ordinary duty by row."""
    mode = told["mode"]
    value, due = rows.value.take(at), owed.take(at)
    amount = charge(value, np.where(mode == NOTHING, 0, told["rate"]))
    amount = np.where(mode == TOP_UP, np.maximum(amount - due, 0), amount)
    amount = np.where(mode == COLUMN, due, amount)
    units = np.flatnonzero(mode == BY_UNIT)
    for number in np.unique(told["unit"][units]).tolist():
        here = units[told["unit"][units] == number]
        line = rater.plans.forms.unit_lines[number]
        amount[here] = line.amounts(value[here], rows.quantity.take(at[here]))
    return np.asarray(amount)


def _by_kernel(rater: Rater, rows: Shipments, number: Int) -> Lines:
    """Return the lines of rows that the kernel decides, open questions answered at least cost."""
    ledger = assess(rater.book, rater.importer, rows, rater.known_on)
    open_ = np.flatnonzero(ledger.outcome == UNDETERMINED)
    closed = np.flatnonzero(ledger.outcome[ledger.row] != UNDETERMINED)
    parts = [_told(rater, ledger, closed, number)]
    if len(open_):
        example = complete(rater.book, rater.importer, rows.take(open_), rater.known_on).example
        again = assess(rater.book, rater.importer, example, rater.known_on)
        parts.append(_told(rater, again, np.arange(len(again.row)), number[open_]))
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    return Lines(**whole)


def _told(rater: Rater, ledger: Ledger, here: Int, number: Int) -> Lines:
    """Return the lines `here` of a kernel's ledger, in the order of the law."""
    layer, by = ledger.layer[here], ledger.by[here]
    kinds, names = _numbers(rater, ledger)
    relation = np.full(len(here), -1)
    known = relation_numbers(rater.book)
    for each in np.unique(layer[by >= 0]).tolist():
        mine = (layer == each) & (by >= 0)
        yields = ledger.layers[each].schedule.yields
        relation[mine] = [known[yields[at].relation.id] for at in by[mine].tolist()]
    provision = np.where(kinds[layer] >= 0, kinds[layer], names[layer])
    order = np.lexsort((provision, ledger.row[here]))
    picked = here[order]
    return Lines(
        row=number[ledger.row[picked]],
        provision=provision[order],
        reason=ledger.reason[picked].astype(np.int64),
        by=relation[order],
        basis=ledger.base[picked],
        rate=ledger.rate[picked],
        specific=ledger.specific[picked],
        amount=ledger.amount[picked],
    )


def _numbers(rater: Rater, ledger: Ledger) -> tuple[Int, Int]:
    """Return by layer the number of its ordinary column and of its provision, -1 for neither."""
    codes = provision_codes(rater.book, rater.importer)
    known = provision_numbers(rater.book, rater.importer)
    kinds = [codes.index(each.kind) if each.rule is None else -1 for each in ledger.layers]
    names = [
        -1 if each.rule is None else known[each.rule.measure.measure, each.rule.provision.id]
        for each in ledger.layers
    ]
    return np.array(kinds, dtype=np.int64), np.array(names, dtype=np.int64)


def ledger_schema(book: Lawbook, importer: str) -> pl.Schema:
    """Return the columns of the ledger's table."""
    provisions = pl.Enum(provision_codes(book, importer))
    relations = pl.Enum([relation.id for relation in book.relations])
    numbers = {name: pl.Int64() for name in ("basis", "rate", "specific", "amount")}
    return pl.Schema({"row": pl.Int64(), "provision": provisions, "reason": pl.Enum(REASONS),
                      "by": relations, **numbers})  # fmt: skip


def ledger_frame(book: Lawbook, importer: str, lines: Lines, numbers: Int) -> pl.DataFrame:
    """Return lines as a table; `numbers` holds the number in its file of each row."""
    schema = ledger_schema(book, importer)
    by = pl.Series(lines.by)
    return pl.DataFrame({
        "row": numbers.take(lines.row),
        "provision": pl.Series(lines.provision.astype(np.uint16)).cat.to(schema["provision"]),
        "reason": pl.Series(lines.reason.astype(np.uint8)).cat.to(schema["reason"]),
        "by": by.set(by < 0, None).cast(pl.UInt16).cat.to(schema["by"]),
        "basis": lines.basis, "rate": lines.rate, "specific": lines.specific,
        "amount": lines.amount,
    }, schema=schema)  # fmt: skip
