"""Fees of many rows at once; each row is an entry of its own, as in `advalorem.duty.fees`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np

from advalorem.batch.forms import charge
from advalorem.duty.conditions import HEADING_FACT
from advalorem.duty.ledger import Ledger
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Mask, Shipments
from advalorem.law.model import Fee, FeeValue, Lawbook
from advalorem.law.rates import millionths, parse_rate
from advalorem.schedule.scope import code_range

NO_TYPE = -1


def freed_by(book: Lawbook, importer: str, ledger: Ledger) -> Int:
    """Return by row which fees a deciding measure exempts from: bit i for fee i of the importer."""
    freed = np.zeros(len(ledger), dtype=np.int64)
    names = [layer.rule.measure.measure if layer.rule else "" for layer in ledger.layers]
    for bit, fee in enumerate(fees_at(book, importer)):
        frees = np.array([name in fee.exempt_measures for name in names], dtype=bool)
        if frees.any():
            freed[ledger.row[frees[ledger.layer]]] |= 1 << bit
    return freed


def fees_at(book: Lawbook, importer: str) -> list[Fee]:
    """Return the fees of an importer."""
    return [fee for fee in book.fees if fee.importer == importer]


def total_fees(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    claimed: Int,
    freed: Int,
    known_on: date,
    only: Collection[str] | None = None,
) -> Int:
    """Return the sum of fees in cents by row; shape (rows,).

    `claimed` is the number of the claim accepted, -1 for none; `freed` as `freed_by` gives it.
    `only` names the fees to add up; all if left out.

    Examples
    --------
    >>> from advalorem.duty.intake import read_shipments
    >>> from advalorem.law.load import load_lawbook
    >>> book = load_lawbook()
    >>> rows = read_shipments(book, {"hts": ["7208510030"], "origin": ["CA"],
    ...     "as_of": ["2025-09-18"], "value": ["10000"]}).shipments
    >>> none = np.array([-1])
    >>> total_fees(book, "US", rows, none, none * 0, date(2025, 9, 18))
    array([3464])
    """
    mine = fees_at(book, importer)
    types = [fee.entry_type for fee in mine if fee.entry_type]
    entry = _entry_types(book, mine, types, rows)
    total = np.zeros(len(rows), dtype=np.int64)
    for bit, fee in enumerate(mine):
        if only is not None and fee.id not in only:
            continue
        due = _due(book, fee, types, entry, rows, claimed) & (freed >> bit & 1 == 0)
        for value, here in _spans(book, fee, rows.day, due, known_on):
            total[here] += _amounts(fee, value, rows.value[here])
    return total


def _entry_types(book: Lawbook, mine: list[Fee], types: list[str], rows: Shipments) -> Int:
    """Return the number in `types` of each row's kind of entry: as stated, or by its value."""
    result = np.full(len(rows), NO_TYPE)
    for fee in reversed([fee for fee in mine if fee.entry_type]):
        over = np.ones(len(rows), dtype=bool)
        if fee.value_above is not None:
            over = rows.value > int(fee.value_above * 100)
        result[over] = types.index(fee.entry_type or "")
    stated = rows.facts.get("entry_type")
    if stated is None:
        return result
    names = book.facts["entry_type"].allowed
    numbers = np.array([types.index(n) if n in types else NO_TYPE for n in names] + [NO_TYPE])
    given = stated != NOT_STATED
    result[given] = numbers[np.minimum(stated[given], len(names))]
    return result


def _due(
    book: Lawbook, fee: Fee, types: list[str], entry: Int, rows: Shipments, claimed: Int
) -> Mask:
    """Return which rows a fee falls on."""
    due = np.ones(len(rows), dtype=bool)
    if fee.modes:
        due &= np.isin(rows.mode, [MODES.index(mode) for mode in fee.modes])
    if fee.entry_type:
        due &= entry == types.index(fee.entry_type)
    names = list(book.claims)
    exempt = [names.index(claim) for claim in fee.exempt_claims if claim in names]
    if exempt:
        frees = np.zeros(len(names) + 1, dtype=bool)
        frees[np.array(exempt) + 1] = True
        due &= ~frees.take(claimed + 1)
    heading = rows.facts.get(HEADING_FACT)
    if heading is not None:
        due &= ~_under(heading, fee.exempt_provisions) | _under(heading, fee.except_provisions)
    return due


def _under(heading: Int, names: Sequence[str]) -> Mask:
    """Return which headings claimed lie under some of the names."""
    hit = np.zeros(len(heading), dtype=bool)
    for name in names:
        first, last = code_range(name.replace(".", ""))
        hit |= (heading >= first) & (heading < last)
    return hit


def _spans(
    book: Lawbook, fee: Fee, day: Int, due: Mask, known_on: date
) -> list[tuple[FeeValue, Int]]:
    """Return the rows that each known value of a fee decides: the newest that has begun."""
    known = [v for v in fee.values if book.instruments[v.act].announced <= known_on]
    known.sort(key=lambda value: value.from_)
    here = np.flatnonzero(due)
    if not len(here):
        return []
    number = _newest([value.from_.toordinal() for value in known], day[here])
    return [(value, here[number == at]) for at, value in enumerate(known)]


def _newest(first: Sequence[int], day: Int) -> Int:
    """Return which of some first days is the newest that each day has reached, -1 for none.

    >>> _newest([10, 20], np.array([5, 10, 25])).tolist()
    [-1, 0, 1]
    """
    low, high = int(day.min()), int(day.max())
    if high - low > len(day):
        return np.searchsorted(first, day, side="right") - 1
    return (np.searchsorted(first, np.arange(low, high + 1), side="right") - 1).take(day - low)


def _amounts(fee: Fee, value: FeeValue, customs: Int) -> Int:
    if value.flat is not None:
        return np.full(len(customs), int(value.flat * 100))
    amount = charge(customs, np.full(len(customs), millionths(parse_rate(fee.rate))))
    least = 0 if value.min is None else int(value.min * 100)
    most = np.iinfo(np.int64).max if value.max is None else int(value.max * 100)
    return np.clip(amount, least, most)
