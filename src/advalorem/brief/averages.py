"""The headline beside the average owed: cards, steps, duty by measure, what pays nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import polars as pl

from advalorem.brief.measures import Dates, country_name, live
from advalorem.brief.model import (
    Card,
    Cell,
    Chart,
    CountryHead,
    Point,
    Section,
    Table,
    Text,
    column,
    words,
)
from advalorem.brief.numbers import billions, plain, points, share
from advalorem.brief.register import Register
from advalorem.law.history import in_force
from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, effective_rates

TABLES = ("imports_2024", "usmca_shares", "metal_content", "implied_2024", "fact_shares")
CAUSES = 4
WORTH = 5e-5
"""Least rate of a measure, as a fraction of value, that gets a row: it prints as 0.01%."""
HEADLINE, NOT_RATED = "headline", "not_rated"
UNPLACED = "code on no line"
UNRATED = "Trade that could not be rated, counted at no duty"


class Averages(msgspec.Struct, frozen=True):
    """Effective rates of the days of a brief: from the first day compared with to the day asked."""

    rates: EffectiveRates
    refs: tuple[int, ...]

    def origin(self, country: str, on: date) -> dict[str, Any]:
        """Return rate, additional duty, free share and claimed share of a country on a day."""
        frame = self.rates.by_origin(on)
        return frame.row(by_predicate=pl.col("origin") == country, named=True)

    def weights(self, on: date) -> dict[tuple[str, str], float]:
        """Return what each authority collects of the goods of each country, of their value."""
        frame = self.rates.by_authority(on)
        return {
            (row[0], row[1]): row[2] for row in frame.select("origin", "authority", "rate").rows()
        }

    def headline(self, country: str, on: date) -> list[dict[str, Any]]:
        """Return the announced rates of a country on a day, with their provisions."""
        return self.rates.headline(on).filter(pl.col("origin") == country).to_dicts()


def averages_of(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Averages:
    """Return the effective rates of the countries on every day from `against` to `as_of`."""
    first, last = sorted((dates.against, dates.as_of))
    until = date.fromordinal(last.toordinal() + 1)
    rates = effective_rates(book, importer, countries, first, until, known_on=dates.known_on)
    rests_on = (register.law(), *(register.table(name) for name in TABLES))
    name = "Effective rates: imports of 2024 rated by the law of the day (advalorem.rates)"
    title = "Readings: " + "; ".join(rates.statements())
    return Averages(rates, (register.computation(name, title, rests_on),))


def heads(
    book: Lawbook, register: Register, averages: Averages, countries: Sequence[str], dates: Dates
) -> tuple[CountryHead, ...]:
    """Return the headline numbers of each country on both days."""
    return tuple(
        CountryHead(
            country=country,
            name=country_name(book, country),
            cards=tuple(_cards(register, averages, country, dates)),
        )
        for country in countries
    )


def _cards(register: Register, averages: Averages, country: str, dates: Dates) -> Iterator[Card]:
    now, then = (averages.origin(country, day) for day in (dates.as_of, dates.against))
    yield Card(
        id="headline",
        label="Headline rate",
        now=_headline(register, averages, country, dates.as_of),
        then=_headline(register, averages, country, dates.against),
    )
    for key, label in (("rate", "Owed on average"), ("free_share", "Imports that pay nothing")):
        yield Card(
            id=key,
            label=label,
            now=share(now[key], averages.refs),
            then=share(then[key], averages.refs),
        )


def _headline(register: Register, averages: Averages, country: str, on: date) -> Cell:
    found = averages.headline(country, on)
    if not found:
        return words("none", register.law())
    refs = tuple(register.citation(row["citation"]) for row in found)
    total = sum(row["rate"] for row in found)
    return share(total, refs, digits=0 if round(total * 100, 6) % 1 == 0 else 1)


def gap_section(
    book: Lawbook, register: Register, averages: Averages, countries: Sequence[str], dates: Dates
) -> Section:
    """Return the way from the headline to the average, and what the average is made of."""
    intro = (
        "The headline falls on every good of the country; most goods escape it. Each step below "
        "switches on more of the law, and the last one ends at the average owed."
    )
    blocks: list[Text | Table | Chart] = [
        Text(cells=(words(intro, *averages.refs),)),
        _overview(book, register, averages, countries, dates),
        _steps_chart(book, averages, countries, dates.as_of),
    ]
    for country in countries:
        blocks.append(_steps(book, register, averages, country, dates.as_of))
    blocks += _unrated(book, averages, countries, dates.as_of)
    blocks.append(_authorities(book, register, averages, countries, dates))
    blocks.append(_bands(book, averages, countries, dates))
    return Section(id="gap", title="Headline against average", blocks=tuple(blocks))


def _overview(
    book: Lawbook, register: Register, averages: Averages, countries: Sequence[str], dates: Dates
) -> Table:
    columns = (
        column("country", "Country"),
        column("day", "Day"),
        column("headline", "Headline rate", number=True),
        column("rate", "Owed on average", number=True),
        column("additional", "of it additional duties", number=True),
        column("column_1", "of it ordinary duty", number=True),
        column("free", "Imports that pay nothing", number=True),
        column("claimed", "Imports claiming USMCA", number=True),
    )
    rows = []
    for country in countries:
        for on in (dates.as_of, dates.against):
            found = averages.origin(country, on)
            figures = (
                share(found[key], averages.refs, 2 if key != "free_share" else 1)
                for key in ("rate", "additional", "column_1", "free_share", "claimed_share")
            )
            head = _headline(register, averages, country, on)
            name = words(country_name(book, country))
            rows.append((name, words(str(on)), head, *figures))
    title = "What is announced and what is owed, share of customs value"
    note = "Averages weigh each tariff line by the imports of 2024; the duties do not change them."
    return Table(id="overview", title=title, columns=columns, rows=tuple(rows), note=note)


def _steps_chart(book: Lawbook, averages: Averages, countries: Sequence[str], on: date) -> Chart:
    frame = averages.rates.decomposition(on)
    found = tuple(
        Point(series=country_name(book, row["origin"]), x=_label(row), value=plain(row["effect"]))
        for row in frame.to_dicts()
        if row["origin"] in countries
    )
    return Chart(
        id="steps", title=f"From the headline to the average, {on}", form="steps",
        unit="share of customs value", points=found, refs=averages.refs,
        alt="Each bar adds to or takes from the rate before it; the last is the average owed.",
    )  # fmt: skip


def _steps(book: Lawbook, register: Register, averages: Averages, country: str, on: date) -> Table:
    """Return the steps of one country with the provisions behind them."""
    steps = averages.rates.decomposition(on).filter(pl.col("origin") == country).to_dicts()
    causes = averages.rates.causes(on).filter(pl.col("origin") == country).to_dicts()
    columns = (
        column("step", "Step"),
        column("effect", "Effect, points", number=True),
        column("after", "Rate after it", number=True),
        column("provisions", "Largest provisions behind it, with their points"),
    )
    rows = tuple(
        (
            words(_label(step)),
            share(step["effect"], averages.refs)
            if step["step"] == HEADLINE
            else points(step["effect"], averages.refs),
            share(step["rate_after"], averages.refs),
            _causes(register, averages, causes, step["step"]),
        )
        for step in steps
    )
    title = f"{country_name(book, country)}: from the headline to the average, step by step, {on}"
    return Table(id=f"steps-{country.lower()}", title=title, columns=columns, rows=rows)


def _label(step: Mapping[str, Any]) -> str:
    return UNRATED if step["step"] == NOT_RATED else str(step["label"])


def _unrated(
    book: Lawbook, averages: Averages, countries: Sequence[str], on: date
) -> Iterator[Text]:
    """Yield a sentence on the trade for which no rate was found."""
    frame = averages.rates.coverage(on).filter(pl.col("item") == UNPLACED)
    found = {row["origin"]: row["share"] for row in frame.to_dicts() if row["share"] > 0}
    told = [
        f"{found[c]:.2%} of imports from {country_name(book, c)}" for c in countries if c in found
    ]
    if told:
        text = (
            f"For {' and '.join(told)} no rate was found: no line of the tariff of the day holds "
            "the code under which the trade of 2024 was recorded. They count at no duty, so the "
            "second step lowers the average by the headline rate on them."
        )
        yield Text(cells=(words(text, *averages.refs),))


def _causes(
    register: Register, averages: Averages, causes: Sequence[dict[str, Any]], step: str
) -> Cell:
    """Return the largest provisions of a step in words."""
    mine = [cause for cause in causes if cause["step"] == step][:CAUSES]
    texts = [
        f"{cause['heading']} {cause['title']}".strip() + f" ({cause['effect'] * 100:+.2f})"
        for cause in mine
    ]
    refs = [register.citation(cause["citation"]) for cause in mine]
    return words("; ".join(texts).replace("(-", "(−"), *averages.refs, *refs) if mine else words("")


def _authorities(
    book: Lawbook, register: Register, averages: Averages, countries: Sequence[str], dates: Dates
) -> Table:
    """Return the average by measure, on both days, with the duty on the imports of 2024."""
    found = averages.rates.by_authority(dates.as_of).filter(pl.col("origin").is_in(countries))
    shown = [row for row in found.to_dicts() if row["rate"] >= WORTH]
    small = [row for row in found.to_dicts() if 0 < row["rate"] < WORTH]
    then = averages.weights(dates.against)
    refs = averages.refs
    columns = (
        column("country", "Country"),
        column("authority", "Measure"),
        column("rate", f"Of value, {dates.as_of}", number=True),
        column("share", "Share of the duty", number=True),
        column("duty", "Duty on a year's imports, USD billion", number=True),
        column("then", f"Of value, {dates.against}", number=True),
    )
    rows = tuple(
        (
            words(country_name(book, row["origin"])),
            words(_measure_title(book, row, dates)),
            share(row["rate"], refs, 2),
            share(row["share_of_duty"], refs),
            billions(row["duty_usd"], "USD", refs),
            share(then.get((row["origin"], row["authority"]), 0.0), refs, 2),
        )
        for row in shown
    )
    note = (
        "Duty is the rate of the day on the imports of 2024: what a year of that law would collect."
    )
    if small:
        told = (
            f"{country_name(book, r['origin'])}, {_measure_title(book, r, dates)}" for r in small
        )
        note += f" Left out, each below 0.005% of value: {'; '.join(told)}."
    return Table(id="authorities", title="The average by measure", columns=columns, rows=rows,
                 note=note)  # fmt: skip


def _measure_title(book: Lawbook, row: Mapping[str, Any], dates: Dates) -> str:
    """Return the title of the one measure of an authority that charges an origin, else its own."""
    titles = {
        item.title
        for item in in_force(book, dates.as_of, dates.known_on, None, row["origin"])
        if item.authority == row["authority"] and live(item)
    }
    return titles.pop() if len(titles) == 1 else str(row["title"])


def _bands(book: Lawbook, averages: Averages, countries: Sequence[str], dates: Dates) -> Table:
    """Return the share of imports by band of the rate, on both days."""
    frames = [averages.rates.bands(day).to_dicts() for day in (dates.as_of, dates.against)]
    found = {
        (row["origin"], row["band"], number): row["share"]
        for number, frame in enumerate(frames)
        for row in frame
    }
    bands = list(dict.fromkeys(row["band"] for row in frames[0]))
    columns = [column("band", "Duty owed, share of value")]
    for country in countries:
        for day in (dates.as_of, dates.against):
            key = f"{country.lower()}-{day}"
            columns.append(column(key, f"{country_name(book, country)}, {day}", number=True))
    rows = tuple(
        (
            words("nothing" if band == "free" else band),
            *(
                share(found.get((country, band, number), 0.0), averages.refs)
                for country in countries
                for number in (0, 1)
            ),
        )
        for band in bands
    )
    title = "Share of imports by the duty they owe"
    return Table(id="bands", title=title, columns=tuple(columns), rows=rows)


def readings_section(
    book: Lawbook, averages: Averages, countries: Sequence[str], dates: Dates
) -> Section:
    """Return the readings behind the averages, and the part of trade not, or not wholly, rated."""
    statements = tuple(
        (words(name), words(text, *averages.refs))
        for name, _, text in (said.partition(": ") for said in averages.rates.statements())
        if text
    )
    readings = Table(
        id="readings", title="Readings used",
        columns=(column("reading", "Reading"), column("says", "What is taken")), rows=statements,
    )  # fmt: skip
    columns = (
        column("country", "Country"),
        column("item", "What"),
        column("share", "Share of imports", number=True),
        column("imports", "USD billion", number=True),
        column("note", "How it is counted"),
    )
    rows = tuple(
        (
            words(country_name(book, row["origin"])),
            words(row["item"]),
            share(row["share"], averages.refs, 2),
            billions(row["imports_usd"], "USD", averages.refs),
            words(row["note"]),
        )
        for row in averages.rates.coverage(dates.as_of).to_dicts()
        if row["origin"] in countries and row["imports_usd"] > 0
    )
    covered = Table(
        id="covered", title="Trade not, or not wholly, rated", columns=columns, rows=rows
    )
    return Section(id="readings", title="How the averages are read", blocks=(readings, covered))
