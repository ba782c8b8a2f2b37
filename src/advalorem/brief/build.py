"""Assemble a brief: what is imposed, what is owed, what stays open, each number with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

import advalorem
from advalorem.brief.averages import averages_of, gap_section, heads, readings_section
from advalorem.brief.collected import owed_and_collected
from advalorem.brief.examples import goods_section
from advalorem.brief.goods import load_plan
from advalorem.brief.limits import limits_section
from advalorem.brief.measures import Dates, country_name, measures_section, the
from advalorem.brief.model import Brief, Cell, CountryHead, words
from advalorem.brief.own import own_section
from advalorem.brief.register import Register, data_version
from advalorem.brief.timeline import timeline_section
from advalorem.brief.trade import trade_section
from advalorem.law.errors import CoverageError
from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook


def build_brief(
    countries: Sequence[str],
    as_of: date,
    against: date | None = None,
    known_on: date | None = None,
    law: Lawbook | None = None,
) -> Brief:
    """Return the brief on some countries of origin on a day, next to another day.

    Parameters
    ----------
    countries : sequence of str
        ISO 2 codes of the countries of origin.
    as_of, against : date
        The day asked for; the day it is compared with, the first day coded if None.
    known_on : date
        Day up to which acts are known; the newest act coded if None.
    law : Lawbook
        The law; the packaged law if None.

    Raises
    ------
    CoverageError
        A country or a day lies outside what is coded.

    Examples
    --------
    >>> brief = build_brief(["MX"], date(2025, 9, 18))
    >>> brief.heads[0].cards[0].now.text
    '25%'
    """
    book, plan = law or load_lawbook(), load_plan()
    first = first_day(book, plan.importer, countries)
    dates = Dates(as_of, against or first, known_on or book.newest_act)
    for day in (dates.as_of, dates.against):
        if day < first:
            raise CoverageError(f"as_of: {day} lies before {first}, the first day coded")
    if dates.as_of == dates.against:
        raise CoverageError(f"against: {dates.against} is the day asked for; name another day")
    register = Register(book)
    averages = averages_of(book, register, plan.importer, countries, dates)
    shown, importer = heads(book, register, averages, countries, dates), plan.importer
    gap = gap_section(book, register, averages, countries, dates)
    owed = owed_and_collected(register, averages, country_name(book, importer), dates)
    gap = msgspec.structs.replace(gap, blocks=(*gap.blocks, *owed))
    sections = (
        timeline_section(book, register, averages, importer, countries, dates),
        gap,
        measures_section(book, register, averages.weights(as_of), importer, countries, dates),
        goods_section(book, register, plan, countries, dates),
        own_section(book, register, [c for c in countries if c in plan.rivals], importer, dates),
        trade_section(book, register, plan, countries),
        limits_section(book, register, plan, countries, dates),
        readings_section(book, averages, countries, dates),
    )
    names = " and ".join(country_name(book, country) for country in countries)
    return Brief(
        title=f"What {the(country_name(book, importer))} charges on goods of {names}",
        lead=tuple(_lead(cell, dates) for cell in shown),
        importer=importer,
        countries=tuple(countries),
        as_of=dates.as_of.isoformat(),
        against=dates.against.isoformat(),
        known_on=dates.known_on.isoformat(),
        heads=shown,
        sections=sections,
        sources=register.sources(),
        versions={
            "advalorem": advalorem.__version__,
            "law": book.version,
            "data": data_version(),
        },
        command=_command(countries, dates),
    )


def first_day(book: Lawbook, importer: str, countries: Sequence[str]) -> date:
    """Return the first day on which the law of all countries of origin is coded.

    Raises
    ------
    CoverageError
        No country is given, or one is not coded.
    """
    days = []
    if importer in countries:
        raise CoverageError(f"countries: {importer!r} is the importer; name countries of origin")
    for country in countries:
        fitting = [
            row.from_
            for row in book.coverage
            if row.importer == importer and (country in row.origins or "all" in row.origins)
        ]
        if not fitting:
            raise CoverageError(
                f"countries: {country!r} is not coded as an origin; see `law coverage`"
            )
        days.append(min(fitting))
    if not days:
        raise CoverageError("countries: none is given; state at least one, such as CA,MX")
    return max(days)


def _lead(head: CountryHead, dates: Dates) -> Cell:
    """Return the headline numbers of a country as one sentence."""
    cards = {card.id: card for card in head.cards}
    announced, owed, free = cards["headline"].now, cards["rate"].now, cards["free_share"].now
    text = (
        f"{head.name}: {announced.text} announced, {owed.text} owed on average; {free.text} of "
        f"imports pay nothing. On {dates.against}: {cards['rate'].then.text} owed on average."
    )
    return words(text, *announced.refs, *owed.refs)


def _command(countries: Sequence[str], dates: Dates) -> str:
    return (
        f"advalorem brief --countries {','.join(countries)} --as-of {dates.as_of} "
        f"--against {dates.against} --known-on {dates.known_on} --out brief.html"
    )
