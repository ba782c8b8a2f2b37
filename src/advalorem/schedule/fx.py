"""Exchange rates: what a currency was worth on average in a year, a month, or on a day.

Rates are units of the currency per US dollar, averages of the European Central Bank's daily
reference rates (table ``fx``, see ``docs/data.md``).
"""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import polars as pl

__all__ = ["AverageRate", "average_rate"]

DATA = Path(__file__).parent.parent / "data"


class AverageRate(msgspec.Struct, frozen=True):
    """An exchange rate of a period.

    Attributes
    ----------
    currency, base : str
        ISO 4217 codes: `rate` units of `currency` per unit of `base`.
    period : str
        ``2024``, ``2024-03`` or ``2024-03-18``.
    rate : float
        Mean of the daily rates.
    days : int
        Daily rates averaged.
    last : date
        Last of them: a running year ends before December.
    source : str
        Who published the daily rates.
    """

    currency: str
    base: str
    period: str
    rate: float
    days: int
    last: date
    source: str

    def convert(self, amount: float) -> float:
        """Return an amount of the base currency in this currency.

        >>> round(average_rate("CAD", "2024").convert(100.0), 1)
        137.0
        """
        return amount * self.rate


def average_rate(currency: str, period: str | int) -> AverageRate:
    """Return the average rate of a currency over a year or month, or the rate of a day.

    Parameters
    ----------
    currency : str
        ISO 4217 code: CAD, GBP, MXN, EUR, or the base currency USD itself.
    period : str or int
        A year (``2024``), month (``"2024-03"``) or day (``"2024-03-18"``).

    Returns
    -------
    AverageRate
        Units of the currency per US dollar.

    Raises
    ------
    LookupError
        When no rate of that currency or period is held; the message says what is.

    Examples
    --------
    >>> rate = average_rate("MXN", 2024)
    >>> round(rate.rate, 2), rate.days, rate.last
    (18.33, 256, datetime.date(2024, 12, 31))
    >>> average_rate("USD", 2024).rate
    1.0
    """
    table, name = _table(), str(period)
    base = str(table["base"][0])
    rows = table.filter(pl.col("period") == name)
    if currency == base and rows.height:
        row = rows.row(0, named=True)
        return AverageRate(base, base, name, 1.0, row["days"], row["last"], "the unit itself")
    found = rows.filter(pl.col("currency") == currency)
    if found.is_empty():
        raise LookupError(_nothing_held(table, currency, name))
    row = found.row(0, named=True)
    return AverageRate(currency, base, name, row["rate"], row["days"], row["last"], _source())


def _nothing_held(table: pl.DataFrame, currency: str, period: str) -> str:
    """Say which field is wrong and what is held."""
    held = table["currency"].unique().sort().to_list()
    if currency not in held:
        return f"currency {currency!r}: no rates held; give one of {', '.join(held)}"
    days = table.filter(pl.col("span") == "day")["period"].sort().to_list()
    return (
        f"period {period!r}: no rate of {currency} held; give a year, month or working day "
        f"from {days[0]} to {days[-1]}"
    )


@lru_cache(maxsize=1)
def _table() -> pl.DataFrame:
    """Read the packaged rates."""
    return pl.read_parquet(DATA / "fx.parquet")


@lru_cache(maxsize=1)
def _source() -> str:
    """Return the publisher from the manifest."""
    manifest = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
    return str(manifest["tables"]["fx"]["sources"][0]["publisher"])
