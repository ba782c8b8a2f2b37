"""Trade between the pairs in several currencies, by reporter, and the gap between reporters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.brief.goods import Plan
from advalorem.brief.measures import country_name
from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.numbers import billions, count, share
from advalorem.brief.register import Register
from advalorem.law.model import Lawbook
from advalorem.schedule.fx import average_rate

TABLE = Path(__file__).parent.parent / "data" / "trade_pairs.parquet"
NOT_HELD = "not held"


def trade_section(
    book: Lawbook, register: Register, plan: Plan, countries: Sequence[str]
) -> Section:
    """Return the trade of the importer and the countries with each other, pair by pair."""
    members = sorted({plan.importer, *countries})
    figures = [
        row for row in held(plan.trade_years) if {row["exporter"], row["importer"]} <= {*members}
    ]
    said = (
        "Each side reports what it sees: the exporter at its border and by last known destination, "
        "the importer by country of origin. Values in other currencies are at the average rate of "
        "the year."
    )
    intro = Text(cells=(words(said, register.table("trade_pairs"), register.table("fx")),))
    blocks = (
        intro,
        _figures(book, register, plan, figures),
        _gaps(book, register, figures),
        _averages(register, plan),
    )
    return Section(id="trade", title="Trade between the pairs", blocks=blocks)


def held(years: Sequence[int]) -> list[dict[str, Any]]:
    """Return one row for each pair, year and reporter, the most official figure of each.

    A reporter without a figure keeps its row, `value_usd` None.

    >>> {row["reporter"] for row in held([2024])} >= {"CA", "MX", "US"}
    True
    """
    rows = pl.read_parquet(TABLE).filter(
        pl.col("year").is_in(list(years)) & pl.col("reporter").is_not_null()
    )
    key = ["exporter", "importer", "year", "side"]
    ordered = rows.with_columns(missing=pl.col("value_usd").is_null()).sort(
        [*key, "missing", "confidence"]
    )
    return ordered.unique(key, keep="first", maintain_order=True).rows(named=True)


def _figures(
    book: Lawbook, register: Register, plan: Plan, figures: Sequence[dict[str, Any]]
) -> Table:
    columns = [
        column("from", "From"),
        column("to", "To"),
        column("year", "Year"),
        column("reporter", "Reported by"),
        *(column(c.lower(), f"{c}, billion", number=True) for c in plan.currencies),
        column("what", "What is counted"),
    ]
    rows = tuple(_figure(book, register, plan, row) for row in figures)
    title = "Goods trade, as each side reports it"
    return Table(id="trade", title=title, columns=tuple(columns), rows=rows)


def _figure(book: Lawbook, register: Register, plan: Plan, row: dict[str, Any]) -> tuple[Cell, ...]:
    refs = _refs(register, row)
    names = [country_name(book, row[key]) for key in ("exporter", "importer", "reporter")]
    year = str(row["year"])
    if row["value_usd"] is None:
        amounts = [words(NOT_HELD, *refs) for _ in plan.currencies]
    else:
        amounts = list(_amounts(register, plan, row, refs))
    what = "; ".join(filter(None, (row["valuation"], row["note"])))
    labels = (names[0], names[1], year, names[2])
    return (*map(words, labels), *amounts, words(what, *refs))


def _amounts(
    register: Register, plan: Plan, row: dict[str, Any], refs: tuple[int, ...]
) -> Iterator[Cell]:
    base = plan.currencies[0]
    for currency in plan.currencies:
        if currency == base:
            yield billions(row["value_usd"], currency, refs)
        else:
            value = average_rate(currency, row["year"]).convert(row["value_usd"])
            yield billions(value, currency, (*refs, register.table("fx")))


def _refs(register: Register, row: dict[str, Any]) -> tuple[int, ...]:
    if row["value_usd"] is None:
        return (register.table("trade_pairs"),)
    grade = {"A": "official", "B": "secondary publication", "C": "rounded or weak"}
    note = f"confidence: {grade.get(row['confidence'], 'not graded')}"
    return (register.reported(row["source"], str(row["source_date"] or ""), note),)


def _gaps(book: Lawbook, register: Register, figures: Sequence[dict[str, Any]]) -> Table:
    """Return, for each pair and year, the importer's figure less the exporter's."""
    columns = (
        column("pair", "Pair"),
        column("year", "Year"),
        column("gap", "Importer's figure less exporter's, USD billion", number=True),
        column("share", "Of the importer's figure", number=True),
    )
    rows = []
    for (exporter, importer, year), group in groupby(
        figures, key=itemgetter("exporter", "importer", "year")
    ):
        sides = {row["side"]: row for row in group}
        name = f"{country_name(book, exporter)} to {country_name(book, importer)}"
        rows.append((words(name), words(str(year)), *_gap(register, sides)))
    title = "The gap between the two reporters"
    return Table(id="gaps-trade", title=title, columns=columns, rows=tuple(rows))


def _gap(register: Register, sides: dict[str, dict[str, Any]]) -> tuple[Cell, Cell]:
    """Return the gap and its share; which figure is missing where one is."""
    missing = [side for side in ("exporter", "importer")
               if side not in sides or sides[side]["value_usd"] is None]  # fmt: skip
    if missing:
        table = register.table("trade_pairs")
        text = f"not computable: the figure of the {' and the '.join(missing)} is not held"
        return words(text, table), words(NOT_HELD, table)
    ours, theirs = sides["importer"]["value_usd"], sides["exporter"]["value_usd"]
    refs = (*_refs(register, sides["importer"]), *_refs(register, sides["exporter"]))
    return billions(ours - theirs, "USD", refs), share((ours - theirs) / ours, refs)


def _averages(register: Register, plan: Plan) -> Table:
    """Return the exchange rates used."""
    columns = (
        column("currency", "Currency"),
        column("year", "Year"),
        column("rate", f"Units a {plan.currencies[0]}, average of the year", number=True),
        column("days", "Days averaged", number=True),
    )
    ref = register.table("fx")
    rows = []
    for currency in plan.currencies[1:]:
        for year in plan.trade_years:
            found = average_rate(currency, year)
            value = Cell(text=f"{found.rate:.4f}", value=f"{found.rate:.6f}",
                         unit=f"{currency}/{plan.currencies[0]}", refs=(ref,))  # fmt: skip
            rows.append((words(currency), words(str(year)), value,
                         count(found.days, "days", (ref,))))  # fmt: skip
    return Table(id="fx", title="Exchange rates used", columns=columns, rows=tuple(rows))
