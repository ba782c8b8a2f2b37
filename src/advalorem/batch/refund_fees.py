"""Fees that come back with the duty: what an entry owed less what it owes after a claim.

The bounds of a fee hold for the whole entry, so rows are added up by the number of their entry; a
row without a number is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from advalorem.batch.fees import fees_at
from advalorem.duty.fees import FeeCase, entry_type_by_value, fees_of
from advalorem.duty.shipments import Int, Mask
from advalorem.law.model import Lawbook


@dataclass(frozen=True, slots=True)
class FeeRows:
    """Rows by entry number, day and value in cents: those a fee fell on, and those it leaves."""

    numbers: Sequence[str]
    day: Int
    value: Int
    charged: Mask
    left: Mask


def fee_refunds(
    book: Lawbook, importer: str, rows: FeeRows, fees: Collection[str], known_on: date
) -> Int:
    """Return the fees in cents that come back, by row; shape (rows,).

    An entry's sum is spread over the rows that no longer bear the fee, by their value.
    """
    back = np.zeros(len(rows.value), dtype=np.int64)
    for here in _entries(rows):
        freed = here[rows.charged[here] & ~rows.left[here]]
        if not len(freed):
            continue
        case = FeeCase(
            importer, date.fromordinal(int(rows.day[here[0]])), int(rows.value[here].sum())
        )
        before = _fee(book, case, int(rows.value[here[rows.charged[here]]].sum()), fees, known_on)
        after = _fee(book, case, int(rows.value[here[rows.left[here]]].sum()), fees, known_on)
        back[freed] = spread(max(before - after, 0), rows.value[freed])
    return back


def _entries(rows: FeeRows) -> list[Int]:
    """Return the rows of each entry that has some row freed from the fee."""
    found: dict[str, list[int]] = {}
    for row, number in enumerate(rows.numbers):
        found.setdefault(number or f"\0{row}", []).append(row)
    return [np.array(each, dtype=np.int64) for each in found.values()]


def _fee(book: Lawbook, entry: FeeCase, value: int, fees: Collection[str], known_on: date) -> int:
    """Return the fees in cents on the part of an entry that bears them; the kind is the whole's."""
    if not value:
        return 0
    kind = entry_type_by_value(fees_at(book, entry.importer), entry)
    case = FeeCase(entry.importer, entry.on, value, entry_type=kind)
    return sum(line.amount for line in fees_of(book, case, known_on) if line.fee.id in fees)


def spread(amount: int, weights: Int) -> Int:
    """Return an amount in cents in parts by weight that add up to it.

    >>> spread(100, np.array([1, 1, 1]))
    array([33, 34, 33])
    """
    total = int(weights.sum())
    if not total:
        return np.array([amount] + [0] * (len(weights) - 1), dtype=np.int64)
    steps = [0, *np.cumsum(weights).tolist()]
    ends = [(2 * amount * step + total) // (2 * total) for step in steps]
    whole = np.array(ends, dtype=np.int64)
    return np.asarray(whole[1:] - whole[:-1])
