"""Rates as law prints them, read exactly."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from advalorem.law.errors import LawError

PARTS_PER_UNIT = 1_000_000


@lru_cache(maxsize=1024)
def parse_rate(text: str) -> Decimal:
    """Return a printed percentage as an exact fraction.

    Raises
    ------
    LawError
        The text is not a percentage.

    Examples
    --------
    >>> parse_rate("25%")
    Decimal('0.25')
    >>> parse_rate("0.3464%")
    Decimal('0.003464')
    """
    number = text.strip()
    try:
        if not number.endswith("%"):
            raise InvalidOperation
        return (Decimal(number[:-1]) / 100).normalize() + 0
    except InvalidOperation:
        raise LawError(f"{text!r} is not a rate; write a percentage such as 25%") from None


def millionths(value: Decimal) -> int:
    """Return a fraction or an amount as whole millionths.

    Raises
    ------
    LawError
        The number has more than six decimals.

    Examples
    --------
    >>> millionths(Decimal("0.25"))
    250000
    """
    scaled = value * PARTS_PER_UNIT
    if scaled != scaled.to_integral_value():
        raise LawError(f"{value} has more than six decimals")
    return int(scaled)
