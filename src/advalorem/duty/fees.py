"""Charges beside duty: by value between bounds, or flat; by mode and kind of entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from advalorem.law.model import Fee, FeeValue, Lawbook
from advalorem.law.rates import parse_rate


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee on one shipment; `amount` in cents, `note` says which bound or exemption held."""

    fee: Fee
    value: FeeValue
    amount: int
    note: str


@dataclass(frozen=True, slots=True)
class FeeCase:
    """What decides a shipment's fees: value in cents, day, mode, claims and kind of entry.

    `provision` holds the digits of a heading claimed, `measures` those that decided its duty.
    """

    importer: str
    on: date
    value: int
    mode: str | None = None
    claim: str | None = None
    provision: str | None = None
    measures: frozenset[str] = frozenset()
    entry_type: str | None = None


def fees_of(book: Lawbook, case: FeeCase, known_on: date) -> tuple[FeeLine, ...]:
    """Return the fee lines of one shipment, exempt ones with amount 0.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> case = FeeCase("US", date(2025, 9, 18), 1_000_000)
    >>> [(line.fee.id, line.amount) for line in fees_of(load_lawbook(), case, date(2025, 9, 18))]
    [('usa.fee.mpf', 3464)]
    """
    return tuple(_lines(book, case, known_on))


def _lines(book: Lawbook, case: FeeCase, known_on: date) -> Iterator[FeeLine]:
    mine = [fee for fee in book.fees if fee.importer == case.importer]
    formal = entry_type_by_value(mine, case)
    for fee in mine:
        value = _value_on(book, fee, case.on, known_on)
        if value is None or (fee.modes and case.mode not in fee.modes):
            continue
        if fee.entry_type and fee.entry_type != (case.entry_type or formal):
            continue
        line = _charged(fee, value, case)
        stale = value.until is not None and case.on >= value.until
        yield (
            replace(line, note=f"{line.note}; the year's own notice was not known")
            if stale
            else line
        )


def entry_type_by_value(fees: list[Fee], case: FeeCase) -> str | None:
    """Return the kind of entry that the value implies: the first whose threshold it passes."""
    typed = [fee for fee in fees if fee.entry_type]
    for fee in typed:
        if fee.value_above is None or case.value > int(fee.value_above * 100):
            return fee.entry_type
    return None


def _value_on(book: Lawbook, fee: Fee, on: date, known_on: date) -> FeeValue | None:
    """Return the newest value known that has begun; a year not yet announced takes the last."""
    known = [v for v in fee.values if book.instruments[v.act].announced <= known_on]
    begun = sorted((v for v in known if v.from_ <= on), key=lambda value: value.from_)
    return begun[-1] if begun else None


def _charged(fee: Fee, value: FeeValue, case: FeeCase) -> FeeLine:
    exemption = _exemption(fee, case)
    if exemption is not None:
        return FeeLine(fee, value, 0, f"exempt: {exemption}")
    if value.flat is not None:
        return FeeLine(fee, value, _cents(value.flat), "flat")
    exact = Decimal(case.value) * parse_rate(fee.rate)
    amount = int(exact.to_integral_value(ROUND_HALF_UP))
    if value.min is not None and amount < _cents(value.min):
        return FeeLine(fee, value, _cents(value.min), "minimum")
    if value.max is not None and amount > _cents(value.max):
        return FeeLine(fee, value, _cents(value.max), "maximum")
    return FeeLine(fee, value, amount, "by value")


def _exemption(fee: Fee, case: FeeCase) -> str | None:
    """Return what exempts a shipment from a fee: a claim, a claimed provision, or a measure."""
    if case.claim in fee.exempt_claims:
        return case.claim
    claimed = case.provision or ""
    kept = any(claimed.startswith(_digits(name)) for name in fee.except_provisions)
    for name in fee.exempt_provisions:
        if claimed.startswith(_digits(name)) and claimed and not kept:
            return f"entered under chapter or heading {name}"
    return next((name for name in fee.exempt_measures if name in case.measures), None)


def _digits(heading: str) -> str:
    return heading.replace(".", "")


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
