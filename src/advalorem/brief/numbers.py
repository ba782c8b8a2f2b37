"""Numbers as cells: printed for reading, kept as exact decimal strings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from advalorem.brief.model import Cell

FRACTION, POINTS = "fraction", "percentage points"


def share(value: float, refs: Sequence[int], digits: int = 1) -> Cell:
    """Return a fraction as a percentage.

    >>> share(0.0412, [1]).text, share(0.0412, [1]).value
    ('4.1%', '0.0412')
    """
    return Cell(
        text=f"{value * 100:.{digits}f}%", value=plain(value), unit=FRACTION, refs=once(refs)
    )


def points(value: float, refs: Sequence[int]) -> Cell:
    """Return a difference of fractions in percentage points, with its sign.

    >>> points(-0.308, [1]).text
    '−30.8'
    """
    return Cell(text=signed(value), value=plain(value), unit=POINTS, refs=once(refs))


def signed(value: float) -> str:
    """Return a difference of fractions in points, with a sign that stands out.

    >>> signed(0.05), signed(-0.05)
    ('+5.0', '−5.0')
    """
    if round(value * 100, 1) == 0:
        return "0.0"
    return f"{value * 100:+.1f}".replace("-", "−")


def rate(text: str, refs: Sequence[int]) -> Cell:
    """Return a rate as the law prints it.

    >>> rate("35%", [1]).value
    '0.35'
    """
    from advalorem.law.rates import parse_rate

    value = format(parse_rate(text), "f")
    return Cell(text=text, value=value, unit=FRACTION, refs=once(refs))


def money(value: str | Decimal | float, currency: str, refs: Sequence[int]) -> Cell:
    """Return an amount of money with two decimals.

    >>> money("3500.00", "USD", [1]).text
    '3,500.00'
    """
    number = Decimal(str(value))
    return Cell(text=f"{number:,.2f}", value=format(number, "f"), unit=currency, refs=once(refs))


def billions(value: float, currency: str, refs: Sequence[int]) -> Cell:
    """Return an amount in billions with one decimal; the value stays in units.

    >>> billions(411693824741, "USD", [1]).text, billions(1, "USD", [1]).unit
    ('411.7', 'USD')
    """
    return Cell(text=f"{value / 1e9:,.1f}", value=f"{value:.0f}", unit=currency, refs=once(refs))


def count(value: int, unit: str, refs: Sequence[int]) -> Cell:
    """Return a number of things.

    >>> count(1256, "items", [1]).text
    '1,256'
    """
    return Cell(text=f"{value:,}", value=str(value), unit=unit, refs=once(refs))


def plain(value: float) -> str:
    """Return a float as a decimal string of at most eight decimals.

    >>> plain(0.1 + 0.2)
    '0.3'
    """
    return f"{value:.8f}".rstrip("0").rstrip(".") or "0"


def once(refs: Sequence[int]) -> tuple[int, ...]:
    """Return numbers of sources, each once.

    >>> once([2, 1, 2])
    (2, 1)
    """
    return tuple(dict.fromkeys(refs))
