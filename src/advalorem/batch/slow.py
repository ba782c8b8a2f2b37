"""Rows that state facts, or whose duty is no rate on their value: by the kernel, row by row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from advalorem.batch.completions import bounds
from advalorem.batch.fees import freed_by
from advalorem.duty.assess import assess, assess_epoch
from advalorem.duty.ledger import ASSESSED, UNDETERMINED, Ledger
from advalorem.duty.shipments import Int, Mask, Shipments
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epoch_schedule, epochs_of


@dataclass(frozen=True, slots=True)
class Columns:
    """Results by row, as in `advalorem.batch.rater.Rated`."""

    outcome: Int
    low: Int
    high: Int
    open_: Mask
    asked: Int
    split: Mask
    claimed: Int
    freed: Int
    unknown_code: Mask


def rate_slowly(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    known_on: date,
    tally: dict[str, int] | None = None,
) -> Columns:
    """Return the results of rows, each decided by the kernel for itself.

    The duty of assessed rows is added to `tally` by authority.
    """
    size = len(rows)
    zero, no = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    out = Columns(zero, zero.copy(), zero.copy(), no, zero.copy(), no.copy(), zero.copy(),
                  zero.copy(), no.copy())  # fmt: skip
    numbers = epochs_of(book, importer, known_on).number(rows.day)
    for number in np.unique(numbers).tolist():
        here = np.flatnonzero(numbers == number)
        schedule = epoch_schedule(book, importer, number, known_on)
        part, mine = rows.take(here), {}
        ledger = assess_epoch(schedule, part, lines=True)
        _tally(ledger, tally)
        mine["outcome"], mine["claimed"] = ledger.outcome.astype(np.int64), ledger.claimed
        mine["freed"] = freed_by(book, importer, ledger)
        mine["low"] = mine["high"] = ledger.total
        for name, column in {**mine, "split": ledger.split & (ledger.outcome == UNDETERMINED),
                             "unknown_code": ledger.unknown_code}.items():  # fmt: skip
            getattr(out, name)[here] = column
        left = np.flatnonzero(ledger.outcome == UNDETERMINED)
        if len(left):
            _bound(out, here[left], schedule, part.take(left))
    return out


def _tally(ledger: Ledger, tally: dict[str, int] | None) -> None:
    """Add the duty of a ledger's assessed rows to a tally by authority."""
    if tally is None:
        return
    lines = np.flatnonzero((ledger.outcome[ledger.row] == ASSESSED) & (ledger.amount > 0))
    for number in np.unique(ledger.layer[lines]).tolist():
        layer = ledger.layers[number]
        name = layer.rule.measure.authority if layer.rule else layer.kind
        amount = ledger.amount[lines[ledger.layer[lines] == number]]
        tally[name] = tally.get(name, 0) + int(amount.sum())


def due_slowly(
    book: Lawbook, importer: str, rows: Shipments, known_on: date, measures: Collection[str]
) -> Int:
    """Return the duty in cents that some measures charge, by row."""
    due = np.zeros(len(rows), dtype=np.int64)
    if not len(rows):
        return due
    ledger = assess(book, importer, rows, known_on)
    rules = [layer.rule for layer in ledger.layers]
    wanted = [rule is not None and rule.measure.measure in measures for rule in rules]
    lines = np.flatnonzero(np.array(wanted, dtype=bool)[ledger.layer])
    np.add.at(due, ledger.row[lines], ledger.amount[lines])
    return due


def _bound(out: Columns, here: Int, schedule: object, rows: Shipments) -> None:
    """Write the bounds of undetermined rows into the results."""
    found = bounds(schedule, rows)  # type: ignore[arg-type]
    same = found.settled
    out.low[here], out.high[here] = found.low, found.high
    out.open_[here], out.asked[here] = found.asked.open_, found.asked.facts
    out.outcome[here] = np.where(same, found.outcome, UNDETERMINED)
    out.claimed[here] = np.where(same, found.claimed, out.claimed[here])
    out.freed[here] = np.where(same, found.freed, out.freed[here])
