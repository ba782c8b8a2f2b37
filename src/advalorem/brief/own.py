"""The countries' own measures on goods of the importer: in force, withdrawn, threatened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from advalorem.brief.measures import Dates, country_name, live, rates_cell, the
from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.numbers import count, rate
from advalorem.brief.reach import DAY
from advalorem.brief.register import Register
from advalorem.law.changes import Change, changes
from advalorem.law.history import MeasureOn, in_force
from advalorem.law.model import Lawbook


def own_section(
    book: Lawbook, register: Register, rivals: Sequence[str], importer: str, dates: Dates
) -> Section:
    """Return each country's own measures: what stands, what was withdrawn, what was threatened."""
    blocks: list[Text | Table] = []
    of = the(country_name(book, importer))
    for country in rivals:
        found = in_force(book, dates.as_of, dates.known_on, country, importer)
        standing = [item for item in found if live(item)]
        name = country_name(book, country)
        if standing:
            blocks.append(_standing(book, register, standing, country, dates))
        else:
            text = f"{name}: no measure of its own on goods of {of} is in force on {dates.as_of}."
            blocks.append(Text(cells=(words(text, register.law()),)))
        blocks += _withdrawn(book, register, country, importer, dates)
        blocks += _threats(book, register, found, country, dates)
    return Section(id="own", title=f"Own measures on goods of {of}", blocks=tuple(blocks))


def _standing(
    book: Lawbook, register: Register, found: Sequence[MeasureOn], country: str, dates: Dates
) -> Table:
    columns = (
        column("measure", "Measure"),
        column("rates", "Rates"),
        column("items", "Tariff items", number=True),
        column("since", "In force since"),
        column("covers", "What it covers"),
        column("usmca", "Goods under the agreement"),
    )
    rows = tuple(_row(book, register, item, dates.as_of) for item in found)
    title = f"{country_name(book, country)}: in force on {dates.as_of}"
    return Table(id=f"own-{country.lower()}", title=title, columns=columns, rows=rows)


def _row(book: Lawbook, register: Register, item: MeasureOn, on: date) -> tuple[Cell, ...]:
    bearing = [standing for standing in item.provisions if standing.bears]
    refs = register.acts(standing.act for standing in bearing)
    items = len(items_on(book, item, on))
    first = min(standing.from_ for standing in bearing)
    return (
        words(item.title, *refs),
        rates_cell(book, register, item),
        count(items, "tariff items", (*refs, register.law())) if items else words("all", *refs),
        words(str(first), *refs),
        words(item.covers, *refs),
        words(item.usmca or "no word on it", *refs),
    )


def items_on(book: Lawbook, item: MeasureOn, on: date) -> set[str]:
    """Return the codes on the lists of a measure's charging provisions, as they stand on a day.

    Empty where the provisions name no list: they cover all goods.
    """
    names = {standing.provision for standing in item.provisions if standing.bears}
    lists = {
        listed
        for provision in book.measures[item.measure].provisions
        if provision.id in names and provision.products
        for listed in provision.products.lists
    }
    day = on.toordinal()
    return {
        code
        for name in lists
        for code, start, end in zip(
            book.lists[name].code, book.lists[name].from_, book.lists[name].until, strict=True
        )
        if start <= day < end
    }


def _withdrawn(
    book: Lawbook, register: Register, country: str, importer: str, dates: Dates
) -> Iterator[Table]:
    """Yield a table of the duties that ended from the day compared with to the day asked."""
    first, last = sorted((dates.against, dates.as_of))
    ended = [
        change
        for change in changes(book, first, last, dates.known_on, country, importer)
        if change.kind == "ended" and any(_charged(detail.before) for detail in change.details)
    ]
    found = (_ended(book, register, change, importer, dates) for change in ended)
    rows = tuple(row for row in found if row)
    if not rows:
        return
    columns = (
        column("day", "From"),
        column("measure", "Measure"),
        column("what", "What was withdrawn"),
        column("items", "Tariff items", number=True),
        column("act", "Act"),
    )
    title = f"{country_name(book, country)}: withdrawn or ended, {first} to {last}"
    yield Table(id=f"ended-{country.lower()}", title=title, columns=columns, rows=rows)


def _charged(text: str | None) -> bool:
    return text not in (None, "0%", "no rate")


def _ended(
    book: Lawbook, register: Register, change: Change, importer: str, dates: Dates
) -> tuple[Cell, ...] | None:
    """Return the row of a change that takes codes off a measure, None where it takes none."""
    days = (change.day - DAY, change.day)
    states = [
        next(item for item in in_force(book, day, dates.known_on, change.importer, importer)
             if item.measure == change.measure)
        for day in days
    ]  # fmt: skip
    gone = items_on(book, states[0], days[0]) - items_on(book, states[1], days[1])
    if not gone:
        return None
    refs = register.acts([change.act])
    told = [detail for detail in change.details if _charged(detail.before)]
    what = "; ".join(dict.fromkeys(f"{detail.before} on {detail.title}" for detail in told[:3]))
    return (
        words(str(change.day)),
        words(change.title, *refs),
        words(what, *refs),
        count(len(gone), "tariff items", (*refs, register.law())),
        words(change.citation, *refs),
    )


def _threats(
    book: Lawbook, register: Register, found: Sequence[MeasureOn], country: str, dates: Dates
) -> Iterator[Table]:
    """Yield a table of what the country announced by the day and did not do."""
    rows = []
    for item in found:
        for threat in item.threats:
            if threat.announced <= dates.as_of:
                refs = register.acts([threat.act])
                rows.append((
                    words(str(threat.announced)),
                    words(threat.title, *refs),
                    rate(threat.rate, refs) if threat.rate else words("no rate named", *refs),
                    words(threat.outcome or "never in force", *refs),
                ))  # fmt: skip
    if not rows:
        return
    columns = (
        column("announced", "Announced"),
        column("threat", "Threat or plan"),
        column("rate", "Rate", number=True),
        column("outcome", "What came of it"),
    )
    title = f"{country_name(book, country)}: announced and not in force on {dates.as_of}"
    name = f"own-threats-{country.lower()}"
    yield Table(id=name, title=title, columns=columns, rows=tuple(rows))
