"""What "owed" means beside what is collected: a sentence, and the Treasury's receipts by month."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl

from advalorem.brief.averages import Averages
from advalorem.brief.measures import Dates, the
from advalorem.brief.model import Table, Text, column, words
from advalorem.brief.numbers import billions, share
from advalorem.brief.register import Register

TABLE = Path(__file__).parent.parent / "data" / "treasury_receipts.parquet"
MILLION = 1e6


def owed_and_collected(
    register: Register, averages: Averages, name: str, dates: Dates
) -> tuple[Text | Table, ...]:
    """Return what owed means, and what the importer, by `name`, collected on goods of all origins.

    The table holds the months between the two days; it is left out where there is none.
    """
    owed = (
        "Owed means owed under the law of the day on the goods of 2024, with the claims of the "
        "month as filed at entry. What is collected is less: a claim may follow the entry (post "
        "summary correction, or within a year under 19 U.S.C. 1520(d)), duty is refunded or drawn "
        "back, and trade moves away from what is taxed."
    )
    said = Text(cells=(words(owed, *averages.refs),))
    first, last = sorted((dates.against, dates.as_of))
    months = [
        month
        for month in _months()
        if (first.year, first.month) <= month[:2] <= (last.year, last.month)
    ]
    return (said, _receipts(register, the(name), months)) if months else (said,)


def _receipts(
    register: Register, name: str, months: Sequence[tuple[int, int, float, float]]
) -> Table:
    columns = (
        column("month", "Month"),
        column("duties", "Duties received, USD billion", number=True),
        column("imports", "Imports of goods, USD billion", number=True),
        column("rate", "Duties of imports", number=True),
    )
    refs = (register.table("treasury_receipts"),)
    rows = tuple(
        (
            words(f"{year}-{month:02d}"),
            billions(duties * MILLION, "USD", refs),
            billions(imports * MILLION, "USD", refs),
            share(duties / imports, refs),
        )
        for year, month, duties, imports in months
    )
    title = f"An outside check: what {name} collected on goods of all origins"
    note = (
        "Receipts lag entries by up to six weeks and are not told apart by origin: they show the "
        "size of the change and do not confirm the averages above. docs/rates.md of the package "
        "sets the rates beside figures published by others."
    )
    return Table(id="collected", title=title, columns=columns, rows=rows, note=note)


@lru_cache(maxsize=1)
def _months() -> tuple[tuple[int, int, float, float], ...]:
    """Return year, month, duties and imports in millions of dollars."""
    frame = pl.read_parquet(TABLE).sort("year", "month")
    columns = ("year", "month", "customs_duties_musd", "imports_musd")
    return tuple(frame.select(columns).drop_nulls().iter_rows())
