"""Fees that come back with the duty: what an entry owed less what it owes after a claim.

The bounds of a fee hold for the whole entry, so rows are added up by the number of their entry over
all parts of a file; a row without a number is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from advalorem.batch.fees import fees_at
from advalorem.batch.refund_sums import Tally, find
from advalorem.duty.fees import FeeCase, entry_type_by_value, fees_of
from advalorem.duty.shipments import Int, Mask
from advalorem.law.model import Lawbook

KINDS = {"day": "first", "value": "sum", "charged": "sum", "left": "sum", "freed": "sum"}


@dataclass(frozen=True, slots=True)
class FeeRows:
    """Rows by entry number, day and value in cents: those a fee fell on, and those it leaves."""

    numbers: pl.Series
    day: Int
    value: Int
    charged: Mask
    left: Mask

    @property
    def freed(self) -> Mask:
        """Rows that no longer bear the fee."""
        return np.asarray(self.charged & ~self.left)

    def sums(self) -> dict[str, Int]:
        """Return what a row adds to its entry, in the columns of `KINDS`."""
        parts = {"charged": self.charged, "left": self.left, "freed": self.freed}
        spared = {name: np.where(mask, self.value, 0) for name, mask in parts.items()}
        return {"day": self.day, "value": self.value, **spared}


@dataclass(slots=True)
class EntryFees:
    """What the rows of each entry add up to, and the value of freed rows met so far.

    Rows are given to `add` for the whole file first, then in the same order to `back`.
    """

    tally: Tally = field(default_factory=lambda: Tally(KINDS))
    sums: pl.DataFrame | None = None
    met: dict[int, int] = field(default_factory=dict)

    def add(self, rows: FeeRows) -> None:
        """Add rows to their entries."""
        here = np.flatnonzero((rows.numbers != "").to_numpy())
        told = {name: column[here] for name, column in rows.sums().items()}
        self.tally.add(rows.numbers.gather(here), told)

    def back(
        self, book: Lawbook, importer: str, rows: FeeRows, fees: Collection[str], known_on: date
    ) -> Int:
        """Return the fees in cents that come back, by row; shape (rows,).

        An entry's sum is spread over the rows that no longer bear the fee, by their value.
        """
        if self.sums is None:
            self.sums = self.tally.whole().filter(pl.col("freed") > 0)
        at, own = find(self.sums, rows.numbers), rows.sums()
        back = np.zeros(len(rows.value), dtype=np.int64)
        for here in _together(at, np.flatnonzero(rows.freed)):
            entry = int(at[here[0]])
            sums = ({name: int(column[here[0]]) for name, column in own.items()} if entry < 0
                    else self.sums.row(entry, named=True))  # fmt: skip
            case = FeeCase(importer, date.fromordinal(sums["day"]), sums["value"])
            before = _fee(book, case, sums["charged"], fees, known_on)
            after = _fee(book, case, sums["left"], fees, known_on)
            met = self.met.pop(entry, 0) if entry >= 0 else 0
            value = rows.value[here]
            back[here] = spread(max(before - after, 0), value, met, sums["freed"])
            if entry >= 0 and (met := met + int(value.sum())) < sums["freed"]:
                self.met[entry] = met
        return back


def _together(at: Int, rows: Int) -> list[Int]:
    """Return rows grouped by the number of their entry; those without one stand alone."""
    number = at[rows]
    number = np.where(number < 0, -1 - np.arange(len(rows)), number)
    order = np.argsort(number, kind="stable")
    cuts = np.flatnonzero(np.diff(number[order])) + 1
    return np.split(rows[order], cuts) if len(rows) else []


def _fee(book: Lawbook, entry: FeeCase, value: int, fees: Collection[str], known_on: date) -> int:
    """Return the fees in cents on the part of an entry that bears them; the kind is the whole's."""
    if not value:
        return 0
    kind = entry_type_by_value(fees_at(book, entry.importer), entry)
    case = FeeCase(entry.importer, entry.on, value, entry_type=kind)
    return sum(line.amount for line in fees_of(book, case, known_on) if line.fee.id in fees)


def spread(amount: int, weights: Int, before: int = 0, total: int | None = None) -> Int:
    """Return what of an amount in cents falls on some of the rows it is spread over by weight.

    `total` is the weight of all rows, `before` that of the rows in front of these; over all of
    them the parts add up to the amount.

    >>> spread(100, np.array([1, 1, 1]))
    array([33, 34, 33])
    >>> spread(100, np.array([1, 1]), 0, 3), spread(100, np.array([1]), 2, 3)
    (array([33, 34]), array([33]))
    """
    total = int(weights.sum()) if total is None else total
    if not total:
        return np.array([amount] + [0] * (len(weights) - 1), dtype=np.int64)
    steps = [before, *(before + np.cumsum(weights)).tolist()]
    ends = [(2 * amount * step + total) // (2 * total) for step in steps]
    whole = np.array(ends, dtype=np.int64)
    return np.asarray(whole[1:] - whole[:-1])
