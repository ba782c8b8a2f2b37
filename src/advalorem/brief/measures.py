"""What the law imposes: measures in force, threats, what was put off or ended, own measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.numbers import count, rate
from advalorem.brief.register import Register
from advalorem.law.changes import Change, changes
from advalorem.law.history import MeasureOn, Standing, in_force, measure_on
from advalorem.law.model import Lawbook

DAY = timedelta(days=1)
NONE = "none"


class Dates(msgspec.Struct, frozen=True):
    """The days of a brief: asked for, compared with, and known on."""

    as_of: date
    against: date
    known_on: date


def measures_section(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Section:
    """Return what the importer's law imposes on goods of the countries."""
    blocks: list[Text | Table] = []
    for country in countries:
        blocks.append(_in_force(book, register, importer, country, dates))
    blocks.append(_threats(book, register, importer, countries, dates))
    blocks.append(_put_off(book, register, importer, countries, dates))
    return Section(id="law", title="What the law imposes", blocks=tuple(blocks))


def _in_force(
    book: Lawbook, register: Register, importer: str, country: str, dates: Dates
) -> Table:
    found = in_force(book, dates.as_of, dates.known_on, importer, country)
    before = {
        item.measure: item
        for item in in_force(book, dates.against, dates.known_on, importer, country)
    }
    rows = tuple(
        (
            words(item.title, *_acts(register, item)),
            rates_cell(register, item),
            words(item.covers, *_acts(register, item)),
            words(item.usmca or "no word on it", *_acts(register, item)),
            words(_since(item), *_acts(register, item)),
            _then(register, before.get(item.measure)),
        )
        for item in found
        if _live(item)
    )
    columns = (
        column("measure", "Measure"),
        column("rates", "Rates and headings"),
        column("covers", "What it covers"),
        column("usmca", "What USMCA does to it"),
        column("since", "In force"),
        column("then", f"On {dates.against}"),
    )
    name = country_name(book, country)
    title = f"Additional duties on goods of {name} in force on {dates.as_of}"
    note = "The ordinary tariff (column 1 general, or free by claim of USMCA) stands beside."
    return Table(
        id=f"in-force-{country.lower()}", title=title, columns=columns, rows=rows, note=note
    )


def country_name(book: Lawbook, iso2: str) -> str:
    """Return a country's English name."""
    return next((c.name for c in book.countries if c.iso2 == iso2), iso2)


def _live(item: MeasureOn) -> bool:
    charged = any(standing.bears for standing in item.provisions)
    return item.status in ("in force", "void") and charged


def _acts(register: Register, item: MeasureOn) -> tuple[int, ...]:
    return register.acts(standing.act for standing in item.provisions if standing.bears)


def rates_cell(register: Register, item: MeasureOn) -> Cell:
    """Return the rates of a measure with their headings, the highest first."""
    bearing = [standing for standing in item.provisions if standing.bears]
    groups: dict[str, list[Standing]] = {}
    for standing in bearing:
        groups.setdefault(standing.rate, []).append(standing)
    ordered = sorted(groups, key=_size, reverse=True)
    text = "; ".join(f"{name} ({_headings(groups[name])})" for name in ordered)
    return words(text, *register.acts(standing.act for standing in bearing))


def _size(text: str) -> float:
    head = text.split("%")[0]
    try:
        return float(head)
    except ValueError:
        return 0.0


def _headings(group: Sequence[Standing], most: int = 4) -> str:
    names = [standing.heading or standing.title for standing in group]
    unique = list(dict.fromkeys(names))
    rest = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + rest


def _since(item: MeasureOn) -> str:
    starts = [standing.from_ for standing in item.provisions if standing.bears]
    ends = [s.until for s in item.provisions if s.bears and s.until is not None]
    end = f" until {max(ends)}" if len(ends) == len(starts) else ""
    latest = f"; last changed {max(starts)}" if max(starts) != min(starts) else ""
    return f"from {min(starts)}{end}{latest}"


def _then(register: Register, item: MeasureOn | None) -> Cell:
    if item is None or not _live(item):
        return words("not in force", register.law())
    return rates_cell(register, item)


def _threats(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Table:
    """Return what was announced by the day and not in force on it."""
    rows: list[tuple[Cell, ...]] = []
    for country in countries:
        for item in in_force(book, dates.as_of, dates.as_of, importer, country):
            for threat in item.threats:
                refs = register.acts([threat.act])
                came = threat.outcome or "not in force"
                due = str(threat.announced_for or "no day named")
                rows.append(
                    (
                        words(country_name(book, country), *refs),
                        words(threat.title, *refs),
                        rate(threat.rate, refs) if threat.rate else words("no rate", *refs),
                        words(str(threat.announced), *refs),
                        words(due, *refs),
                        words(came, *refs),
                    )
                )
            if item.status == "scheduled" and item.status_since:
                rows.append(_scheduled(book, register, item, country))
    columns = (
        column("country", "Country"),
        column("threat", "Threat or plan"),
        column("rate", "Rate", number=True),
        column("announced", "Announced"),
        column("for", "For"),
        column("outcome", "What came of it"),
    )
    title = f"Announced by {dates.as_of}: threats, and measures not yet in force"
    return Table(id="threats", title=title, columns=columns, rows=tuple(dict.fromkeys(rows)))


def _scheduled(
    book: Lawbook, register: Register, item: MeasureOn, country: str
) -> tuple[Cell, ...]:
    acts = {v.act for p in book.measures[item.measure].provisions for v in p.values}
    first = min(acts, key=lambda act: book.instruments[act].announced)
    refs = register.acts([first])
    announced = book.instruments[first].announced
    return (
        words(country_name(book, country), *refs),
        words(item.title, *refs),
        words("see the act", *refs),
        words(str(announced), *refs),
        words(str(item.status_since), *refs),
        words("ordered, not yet in force", *refs),
    )


def _put_off(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Table:
    """Return what was suspended, withdrawn or ended from the earlier day to the day."""
    rows = [
        row
        for country in countries
        for change in changes(book, dates.against, dates.as_of, dates.as_of, importer, country)
        if change.kind == "withdrawn" or _stopped(book, change, dates)
        for row in [_put_off_row(book, register, change, country)]
    ]
    columns = (
        column("country", "Country"),
        column("day", "Day"),
        column("measure", "Measure"),
        column("what", "What happened"),
        column("act", "Act"),
    )
    title = f"Suspended, withdrawn or ended, {dates.against} to {dates.as_of}"
    return Table(id="put-off", title=title, columns=columns, rows=tuple(rows))


def _stopped(book: Lawbook, change: Change, dates: Dates) -> bool:
    """Return whether a change is the end of a whole measure, not of one heading of it."""
    if change.kind != "ended":
        return False
    measure = book.measures[change.measure]
    return not _live(measure_on(book, measure, change.day, dates.as_of))


def _put_off_row(
    book: Lawbook, register: Register, change: Change, country: str
) -> tuple[Cell, ...]:
    refs = register.acts([change.act])
    shown = max(change.details, key=lambda d: _size(d.before or ""))
    due = f", due on {change.effective}" if change.kind == "withdrawn" and change.effective else ""
    heading = f" ({shown.heading})" if shown.heading else ""
    what = f"{shown.before or shown.title}{heading}{due}: {shown.after or 'no longer in force'}"
    return (
        words(country_name(book, country), *refs),
        words(str(change.day), *refs),
        words(change.title, *refs),
        words(what, *refs),
        words(change.citation, *refs),
    )


def own_section(
    book: Lawbook, register: Register, rivals: Sequence[str], importer: str, dates: Dates
) -> Section:
    """Return the countries' own measures on goods of the importer: standing, withdrawn, none."""
    blocks: list[Text | Table] = []
    for country in rivals:
        found = in_force(book, dates.as_of, dates.known_on, country, importer)
        rows = tuple(row for item in found for row in _own_rows(book, register, item, dates))
        name = country_name(book, country)
        if not any(_live(item) for item in found):
            blocks.append(_no_measure(book, register, country, importer, dates))
        if rows:
            blocks.append(_own_table(rows, country, name, country_name(book, importer), dates))
    title = f"Own measures on goods of {country_name(book, importer)}"
    return Section(id="own", title=title, blocks=tuple(blocks))


def _no_measure(
    book: Lawbook, register: Register, country: str, importer: str, dates: Dates
) -> Text:
    text = (
        f"{country_name(book, country)}: no measure of its own on goods of "
        f"{country_name(book, importer)} is in force on {dates.as_of}."
    )
    return Text(cells=(words(text, register.law()),))


def _own_table(
    rows: tuple[tuple[Cell, ...], ...], country: str, name: str, of: str, dates: Dates
) -> Table:
    columns = (
        column("measure", "Measure"),
        column("status", f"On {dates.as_of}"),
        column("rates", "Rates"),
        column("items", "Tariff items", number=True),
        column("since", "Since"),
        column("covers", "What it covers"),
        column("usmca", "USMCA goods"),
    )
    title = f"{name}: measures on goods of {of}, and what became of them by {dates.as_of}"
    return Table(id=f"own-{country.lower()}", title=title, columns=columns, rows=rows)


def _own_rows(
    book: Lawbook, register: Register, item: MeasureOn, dates: Dates
) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for a measure in force or ended by the day, and one for each threat made."""
    measure = book.measures[item.measure]
    ended = item.status in ("revoked", "expired", "suspended") and item.status_since
    if _live(item) or ended:
        day = dates.as_of if _live(item) else (item.status_since or dates.as_of) - DAY
        told = in_force(book, day, dates.known_on, measure.importer)
        then = next(found for found in told if found.measure == item.measure)
        refs = _acts(register, then) + register.acts(_status_act(book, item, dates))
        items = items_on(book, item.measure, day)
        scope = book.list_sources
        refs_items = (*refs, register.law()) if scope else refs
        state = item.status if _live(item) else f"{item.status}; until then as shown"
        yield (
            words(item.title, *refs),
            words(state, *refs),
            rates_cell(register, then),
            count(items, "tariff items", refs_items) if items else words("all goods", *refs),
            words(str(item.status_since or ""), *refs),
            words(item.covers, *refs),
            words(item.usmca or "no word on it", *refs),
        )
    for threat in item.threats:
        if threat.announced <= dates.as_of:
            refs = register.acts([threat.act])
            yield (
                words(item.title, *refs),
                words("threatened", *refs),
                rate(threat.rate, refs) if threat.rate else words("no rate named", *refs),
                words(NONE, *refs),
                words(str(threat.announced), *refs),
                words(threat.title, *refs),
                words(threat.outcome or "never in force", *refs),
            )


def _status_act(book: Lawbook, item: MeasureOn, dates: Dates) -> list[str]:
    """Return the act that gives a measure its status on the day."""
    from advalorem.law.history import status_of

    _, span = status_of(book, book.measures[item.measure], dates.as_of, dates.known_on)
    return [span.value.act] if span else []


def items_on(book: Lawbook, name: str, on: date) -> int:
    """Return how many entries the product lists of a measure's charging provisions hold on a day.

    Zero means that the measure names no list: it covers all goods.
    """
    lists = {
        listed
        for provision in book.measures[name].provisions
        if provision.products and any((v.rate or "0%") != "0%" for v in provision.values)
        for listed in provision.products.lists
    }
    day = on.toordinal()
    codes = {
        code
        for listed in lists
        for code, start, end in zip(
            book.lists[listed].code, book.lists[listed].from_, book.lists[listed].until, strict=True
        )
        if start <= day < end
    }
    return len(codes)
