"""Customs receipts by month: totals to date by kind of year, and where a figure fits."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import isfinite

import polars as pl

from advalorem.rates.errors import RatesError
from advalorem.rates.tables import notes, table

MILLION = 1e6
CALENDAR, FISCAL = "calendar", "fiscal"
NET, GROSS = "net", "gross"
NOTES = "collected"
Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bracket:
    """Month ends of one year between which a sum was reached, or why it cannot be placed.

    `kind` is the kind of year, `basis` whether the figure is read as net of refunds or gross;
    `after` and `by` are the month ends, with the totals to date there in dollars. All four are
    empty where the figure is `unplaceable`, for the reason in `why`. `near` is the month end whose
    total is the same to three digits.
    """

    kind: str
    year: int
    basis: str
    after: date | None
    by: date | None
    low_usd: float | None
    high_usd: float | None
    near: date | None
    why: str

    @property
    def placed(self) -> bool:
        """Whether the figure lies between two month ends."""
        return self.by is not None


def note(name: str) -> float:
    """Return an estimate of `parameters/collected.toml`.

    >>> note("fiscal_year_first_month")
    10.0
    """
    return float(notes(NOTES)[name]["value"])


@lru_cache(maxsize=1)
def receipts() -> dict[Month, tuple[float, float]]:
    """Return receipts and imports of goods in dollars by month, months without imports left out.

    >>> receipts()[2025, 6][0]
    26632000000.0
    """
    columns = ("year", "month", "customs_duties_musd", "imports_musd")
    rows = table("treasury_receipts").select(columns).drop_nulls().sort("year", "month").rows()
    return {(year, month): (duty * MILLION, goods * MILLION) for year, month, duty, goods in rows}


def month_end(month: Month) -> date:
    """Return the last day of a month.

    >>> month_end((2025, 2))
    datetime.date(2025, 2, 28)
    """
    return date(*month, monthrange(*month)[1])


def months_of_year(kind: str, year: int) -> list[Month]:
    """Return the twelve months of a calendar or fiscal year.

    >>> months_of_year("fiscal", 2025)[0]
    (2024, 10)
    """
    first = round(note("fiscal_year_first_month")) if kind == FISCAL else 1
    before = year if first == 1 else year - 1
    return [(before + (first + n - 1) // 12, (first + n - 1) % 12 + 1) for n in range(12)]


def totals(year: int) -> pl.DataFrame:
    """Return receipts of the month and to date, in dollars, of the calendar and the fiscal year.

    Columns: `kind, year, month_end, receipts_usd, to_date_usd, imports_usd`; months that the
    series lacks are left out.

    Raises
    ------
    RatesError
        The series holds no month of the year.

    Examples
    --------
    >>> frame = totals(2025).filter(pl.col("kind") == "fiscal")
    >>> round(frame["to_date_usd"][-1] / 1e9, 1)
    194.9
    """
    rows = [row for kind in (CALENDAR, FISCAL) for row in _to_date(kind, year)]
    if not rows:
        raise RatesError(f"year: no receipts of {year} are held; held: {span_words()}")
    columns = ("kind", "year", "month_end", "receipts_usd", "to_date_usd", "imports_usd")
    return pl.DataFrame(rows, schema=columns, orient="row")


def span_words(first: Month | None = None, last: Month | None = None) -> str:
    """Return two months in words; the first and the last one held if left out.

    >>> span_words((2025, 1), (2026, 3)), span_words()[:10]
    ('2025-01 to 2026-03', '1982-01 to')
    """
    ends = (first or min(receipts()), last or max(receipts()))
    return " to ".join(f"{year}-{month:02d}" for year, month in ends)


def _to_date(kind: str, year: int) -> list[tuple[str, int, date, float, float, float]]:
    """Return the months of a year up to the first one that the series lacks."""
    rows, total = [], 0.0
    for month in months_of_year(kind, year):
        if month not in receipts():
            break
        duty, goods = receipts()[month]
        total += duty
        rows.append((kind, year, month_end(month), duty, total, goods))
    return rows


def bracket(amount_usd: float, year: int) -> tuple[Bracket, ...]:
    """Return between which month ends receipts reached a sum, by kind of year.

    The series is net of refunds. A figure may be gross; it is then placed by adding the refunds of
    an average month, and marked so.

    Raises
    ------
    RatesError
        The sum is not positive, or the series holds no month of the year.

    Examples
    --------
    >>> [(b.kind, b.basis, b.after.month, b.by.month) for b in bracket(171.7e9, 2025)][:2]
    [('calendar', 'net', 8, 9), ('calendar', 'gross', 8, 9)]
    """
    if not (amount_usd > 0 and isfinite(amount_usd)):
        raise RatesError(f"amount: {amount_usd} is no sum of money; write dollars above zero")
    totals(year)
    return tuple(
        _placed(amount_usd, kind, year, basis)
        for kind in (CALENDAR, FISCAL)
        for basis in (NET, GROSS)
    )


def _placed(amount: float, kind: str, year: int, basis: str) -> Bracket:
    more = note("refunds_usd_per_month") if basis == GROSS else 0.0
    rows = _to_date(kind, year)
    ends = [row[2] for row in rows]
    sums = [row[4] + more * (number + 1) for number, row in enumerate(rows)]
    for number, total in enumerate(sums):
        if amount <= total:
            start = date(*months_of_year(kind, year)[0], 1) - timedelta(days=1)
            low, after = (sums[number - 1], ends[number - 1]) if number else (0.0, start)
            near = next(
                (end for end, at in zip(ends, sums, strict=True) if _alike(at, amount)), None
            )
            return Bracket(kind, year, basis, after, ends[number], low, total, near, "")
    if not rows:
        return _nowhere(kind, year, basis, f"the series holds no month of the {kind} year {year}")
    word = "the whole year" if len(rows) == len(months_of_year(kind, year)) else "the series"
    held = f"{sums[-1] / 1e9:.1f} billion dollars by {ends[-1]}"
    return _nowhere(kind, year, basis, f"more than {word} holds: {held}")


def _nowhere(kind: str, year: int, basis: str, why: str) -> Bracket:
    return Bracket(kind, year, basis, None, None, None, None, None, why)


def _alike(total: float, amount: float) -> bool:
    """Return whether two sums differ by less than a part in a thousand.

    >>> _alike(171.67e9, 171.7e9)
    True
    """
    return abs(total - amount) < amount / 1000


def published() -> list[dict[str, object]]:
    """Return figures that were published for spans of months, with the series' own sum.

    Each has `from, to, gross_busd, net_busd, source`, and `series_busd`, in billions of dollars.

    >>> [abs(round(row["series_busd"] - row["net_busd"], 1)) for row in published()]
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    found: list[dict[str, object]] = []
    for row in notes(NOTES)["published"]:
        first, last = (tuple(int(part) for part in row[name].split("-")) for name in ("from", "to"))
        total = sum(duty for month, (duty, _) in receipts().items() if first <= month <= last)
        found.append({**row, "series_busd": total / 1e9})
    return found
