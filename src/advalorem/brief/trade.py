"""Trade between the pairs in several currencies, by reporter, and the gap between reporters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.brief.goods import Plan
from advalorem.brief.measures import country_name, the
from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.numbers import billions, count, share
from advalorem.brief.register import Register
from advalorem.law.model import Lawbook
from advalorem.schedule.fx import average_rate

TABLE = Path(__file__).parent.parent / "data" / "trade_pairs.parquet"
SIDES = {"exporter", "importer"}


def trade_section(
    book: Lawbook, register: Register, plan: Plan, countries: Sequence[str]
) -> Section:
    """Return the trade of the importer and the countries with each other, pair by pair."""
    members = {plan.importer, *countries}
    figures = [
        row for row in held(plan.trade_years) if {row["exporter"], row["importer"]} <= members
    ]
    said = (
        "Each side reports what it sees: the exporter at its border and by last known destination, "
        "the importer by country of origin. Values in other currencies are at the average rate of "
        "the year."
    )
    intro = Text(cells=(words(said, register.table("trade_pairs"), register.table("fx")),))
    blocks: list[Text | Table] = [intro, _figures(book, register, plan, figures)]
    blocks += _not_held(book, register, figures)
    blocks += _gaps(book, register, figures)
    balanced = _newest_balanced(members)
    blocks += _balanced(book, register, plan, balanced)
    years = {*plan.trade_years, *(row["year"] for row in balanced)}
    blocks.append(_averages(register, plan, sorted(years)))
    return Section(id="trade", title="Trade between the pairs", blocks=tuple(blocks))


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
    rows = tuple(
        _figure(book, register, plan, row) for row in figures if row["value_usd"] is not None
    )
    title = "Goods trade, as each side reports it"
    return Table(id="trade", title=title, columns=tuple(columns), rows=rows)


def _figure(book: Lawbook, register: Register, plan: Plan, row: dict[str, Any]) -> tuple[Cell, ...]:
    refs = _refs(register, row)
    names = [country_name(book, row[key]) for key in ("exporter", "importer", "reporter")]
    year = str(row["year"])
    amounts = _amounts(register, plan, row["value_usd"], row["year"], refs)
    what = "; ".join(filter(None, (row["valuation"], row["note"])))
    labels = (names[0], names[1], year, names[2])
    return (*map(words, labels), *amounts, words(what))


def _amounts(
    register: Register, plan: Plan, usd: float, year: int, refs: tuple[int, ...]
) -> Iterator[Cell]:
    base = plan.currencies[0]
    for currency in plan.currencies:
        if currency == base:
            yield billions(usd, currency, refs)
        else:
            value = average_rate(currency, year).convert(usd)
            yield billions(value, currency, (*refs, register.table("fx")))


def _refs(register: Register, row: dict[str, Any]) -> tuple[int, ...]:
    grade = {"A": "official", "B": "secondary publication", "C": "rounded or weak"}
    note = f"confidence: {grade.get(row['confidence'], 'not graded')}"
    return (register.reported(row["source"], str(row["source_date"] or ""), note),)


def _pair(book: Lawbook, row: dict[str, Any]) -> str:
    return f"{country_name(book, row['exporter'])} to {country_name(book, row['importer'])}"


def _not_held(
    book: Lawbook, register: Register, figures: Sequence[dict[str, Any]]
) -> Iterator[Text]:
    """Yield a sentence on the figures that are not held, by reporter."""
    missing: dict[str, dict[str, list[str]]] = {}
    for row in figures:
        if row["value_usd"] is None:
            mine = missing.setdefault(the(country_name(book, row["reporter"])), {})
            mine.setdefault(_pair(book, row), []).append(str(row["year"]))
    told = [
        f"of {reporter}: "
        + ", ".join(f"{pair} {' and '.join(years)}" for pair, years in mine.items())
        for reporter, mine in missing.items()
    ]
    if told:
        notes = [row["note"] for row in figures if row["value_usd"] is None and row["note"]]
        text = ". ".join([f"Not held are the figures {'; '.join(told)}", *dict.fromkeys(notes)])
        yield Text(cells=(words(f"{text}.", register.table("trade_pairs")),))


def _gaps(
    book: Lawbook, register: Register, figures: Sequence[dict[str, Any]]
) -> Iterator[Table | Text]:
    """Yield the importer's figure less the exporter's where both are held; a word on the rest."""
    columns = (
        column("pair", "Pair"),
        column("year", "Year"),
        column("gap", "Importer's figure less exporter's, USD billion", number=True),
        column("share", "Of the importer's figure", number=True),
    )
    key = itemgetter("exporter", "importer", "year")
    groups = [{row["side"]: row for row in group} for _, group in groupby(figures, key=key)]
    both = [sides for sides in groups if set(sides) == SIDES and _complete(sides)]
    rows = tuple(_gap(book, register, sides) for sides in both)
    if rows:
        title = "The gap between the two reporters"
        yield Table(id="gaps-trade", title=title, columns=columns, rows=rows)
    if len(both) < len(groups):
        text = (
            f"Both reporters' figures are held for {len(both)} of {len(groups)} pairs and years; "
            "for the others no gap can be told."
        )
        yield Text(cells=(words(text, register.table("trade_pairs")),))


def _complete(sides: dict[str, dict[str, Any]]) -> bool:
    return all(row["value_usd"] is not None for row in sides.values())


def _gap(book: Lawbook, register: Register, sides: dict[str, dict[str, Any]]) -> tuple[Cell, ...]:
    """Return pair, year, the gap and its share of the importer's figure."""
    ours, theirs = sides["importer"]["value_usd"], sides["exporter"]["value_usd"]
    refs = (*_refs(register, sides["importer"]), *_refs(register, sides["exporter"]))
    name, year = _pair(book, sides["importer"]), str(sides["importer"]["year"])
    gap = billions(ours - theirs, "USD", refs)
    return words(name), words(year), gap, share((ours - theirs) / ours, refs)


def _newest_balanced(members: set[str]) -> list[dict[str, Any]]:
    """Return the reconciled figures of the newest year held, one for each pair of members."""
    rows = pl.read_parquet(TABLE).filter(
        (pl.col("side") == "balanced")
        & pl.col("exporter").is_in(members)
        & pl.col("importer").is_in(members)
    )
    newest = rows.filter(pl.col("year") == pl.col("year").max())
    return newest.sort("exporter", "importer").rows(named=True)


def _balanced(
    book: Lawbook, register: Register, plan: Plan, found: Sequence[dict[str, Any]]
) -> Iterator[Table]:
    """Yield a table of reconciled figures."""
    if not found:
        return
    columns = (
        column("pair", "Pair"),
        *(column(c.lower(), f"{c}, billion", number=True) for c in plan.currencies),
    )
    cells = tuple(
        (words(_pair(book, row)),
         *_amounts(register, plan, row["value_usd"], row["year"], _refs(register, row)))
        for row in found
    )  # fmt: skip
    note = (
        "One figure a pair, both reports reconciled: it is no second reporter and shows no gap. "
        f"Counted in {found[0]['valuation']}; {found[0]['note']}."
    )
    title = f"For scale: reconciled figures of {found[0]['year']}"
    yield Table(id="trade-balanced", title=title, columns=columns, rows=cells, note=note)


def _averages(register: Register, plan: Plan, years: Sequence[int]) -> Table:
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
        for year in years:
            found = average_rate(currency, year)
            value = Cell(text=f"{found.rate:.4f}", value=f"{found.rate:.6f}",
                         unit=f"{currency}/{plan.currencies[0]}", refs=(ref,))  # fmt: skip
            rows.append((words(currency), words(str(year)), value,
                         count(found.days, "days", (ref,))))  # fmt: skip
    return Table(id="fx", title="Exchange rates used", columns=columns, rows=tuple(rows))
