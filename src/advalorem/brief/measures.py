"""What the law imposes: measures in force, held void, threatened, put off or ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.numbers import rate
from advalorem.brief.reach import DAY, Reach, charging, in_force_since
from advalorem.brief.register import Register
from advalorem.law.changes import Change, changes
from advalorem.law.history import MeasureOn, Standing, in_force, measure_on
from advalorem.law.model import Lawbook

DEPOSITS = "adcvd"
"""Kind of the measures whose rate is set by company: they stand among what is not computed."""


class Dates(msgspec.Struct, frozen=True):
    """The days of a brief: asked for, compared with, and known on."""

    as_of: date
    against: date
    known_on: date


def measures_section(
    book: Lawbook,
    register: Register,
    weights: Mapping[tuple[str, str], float],
    importer: str,
    countries: Sequence[str],
    dates: Dates,
) -> Section:
    """Return what the importer's law imposes on goods of the countries.

    `weights` gives what an authority collects of the goods of a country, as a fraction of value:
    the measure that weighs most stands first.
    """
    blocks: list[Text | Table] = []
    for country in countries:
        found = [
            item
            for item in in_force(book, dates.as_of, dates.known_on, importer, country)
            if live(item) and book.measures[item.measure].kind != DEPOSITS
        ]
        found.sort(key=lambda item: -weights.get((country, item.authority), 0.0))
        blocks.append(_in_force(book, register, found, country, dates))
        blocks += _on_facts(book, register, found, country)
        blocks += _exempt(book, register, importer, country, dates)
    blocks += _void(book, register, importer, countries, dates)
    blocks.append(_threats(book, register, importer, countries, dates))
    blocks.append(_put_off(book, register, importer, countries, dates))
    return Section(id="law", title="What the law imposes", blocks=tuple(blocks))


def _in_force(
    book: Lawbook, register: Register, found: Sequence[MeasureOn], country: str, dates: Dates
) -> Table:
    """Return the measures that charge goods of a country where no fact is stated."""
    importer = {item.importer for item in found}
    before = {
        item.measure: item
        for border in importer
        for item in in_force(book, dates.against, dates.known_on, border, country)
    }
    rows = tuple(
        (
            words(item.title, *_acts(register, item)),
            rates_cell(book, register, item),
            _cited(item.covers, _acts(register, item)),
            _cited(item.usmca or "no word on it", _acts(register, item)),
            _since(book, register, item, country, dates),
            _then(book, register, before.get(item.measure)),
        )
        for item in found
        if charging(book, item, Reach.ALWAYS) or charging(book, item, Reach.ASKED)
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
    note = (
        "The measure that collects most stands first. The ordinary tariff (column 1 general, or "
        "free by claim of USMCA) stands beside."
    )
    return Table(
        id=f"in-force-{country.lower()}", title=title, columns=columns, rows=rows, note=note
    )


def _cited(text: str, refs: tuple[int, ...]) -> Cell:
    """Return words whose row names the source; words with a rate name it again."""
    return words(text, *(refs if "%" in text else ()))


def _on_facts(
    book: Lawbook, register: Register, found: Sequence[MeasureOn], country: str
) -> Iterator[Table]:
    """Yield a table of what only a shipment that states a fact, or comes by post, pays."""
    rows = []
    for item in found:
        for group in _alike(charging(book, item, Reach.SPECIAL)):
            refs = register.acts(standing.act for standing in group)
            titles = dict.fromkeys(standing.title for standing in group)
            rows.append((
                words(item.title),
                words("; ".join(_rated(group)), *refs),
                _cited("; ".join(titles), refs),
                words("; ".join(_needs(book, item, group))),
            ))  # fmt: skip
    if not rows:
        return
    columns = (
        column("measure", "Measure"),
        column("rates", "Rate and heading"),
        column("what", "On what"),
        column("facts", "Only where stated"),
    )
    name = country_name(book, country)
    title = f"Goods of {name}: charged only where a shipment states more"
    yield Table(id=f"on-facts-{country.lower()}", title=title, columns=columns, rows=tuple(rows))


def _alike(found: Sequence[Standing]) -> list[list[Standing]]:
    """Return provisions in groups that wait for the same facts, in the order of the law."""
    groups: dict[tuple[str, ...], list[Standing]] = {}
    for standing in found:
        groups.setdefault(standing.facts, []).append(standing)
    return list(groups.values())


def _rated(group: Sequence[Standing]) -> list[str]:
    """Return the rates of a group, each with its headings where it has any."""
    found: dict[str, dict[str, None]] = {}
    for standing in group:
        headings = found.setdefault(standing.rate, {})
        if standing.heading:
            headings[standing.heading] = None
    return [f"{said} ({', '.join(names)})" if names else said for said, names in found.items()]


def _needs(book: Lawbook, item: MeasureOn, group: Sequence[Standing]) -> list[str]:
    """Return what the provisions of a group wait for: ways of transport, facts, headings."""
    named = {standing.provision for standing in group}
    tests = [
        test
        for provision in book.measures[item.measure].provisions
        if provision.id in named
        for test in provision.when
    ]
    ways = [f"sent by {way}" for test in tests for way in test.mode or ()]
    meanings = [book.facts[test.fact].meaning for test in tests if test.fact]
    facts = [meaning.split(". ")[0].rstrip(".") for meaning in meanings]
    headings = [f"heading {t.heading_claimed}" for t in tests if t.heading_claimed and not t.negate]
    return list(dict.fromkeys([*ways, *facts, *headings]))


def _exempt(
    book: Lawbook, register: Register, importer: str, country: str, dates: Dates
) -> list[Text]:
    """Return a sentence on the measures in force that charge no good of the country."""
    found = [
        item
        for item in in_force(book, dates.as_of, dates.known_on, importer, country)
        if item.status == "exempt"
    ]
    if not found:
        return []
    names = "; ".join(item.title for item in found)
    text = f"In force on other origins, and charging no good of {country_name(book, country)}: "
    refs = register.acts(s.act for item in found for s in item.provisions[:1])
    return [Text(cells=(words(f"{text}{names}.", *refs),))]


def _void(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Iterator[Text]:
    """Yield a sentence for each measure in force on the day that was later held void, as known."""
    names = dict.fromkeys(
        item.measure
        for country in countries
        for item in in_force(book, dates.as_of, dates.known_on, importer, country)
        if live(item)
    )
    for measure in (book.measures[name] for name in names):
        for value in measure.void:
            act = book.instruments[value.act]
            if dates.as_of < act.announced <= dates.known_on:
                note = f" ({value.note})" if value.note else ""
                text = f"Later held void: {measure.title}, on {act.announced}{note}."
                yield Text(cells=(words(text, register.act(value.act)),))


def the(name: str) -> str:
    """Return a country's name as it stands inside a sentence.

    >>> the("Canada")
    'Canada'
    """
    return f"the {name}" if name.startswith("United ") else name


def country_name(book: Lawbook, iso2: str) -> str:
    """Return a country's English name."""
    return next((c.name for c in book.countries if c.iso2 == iso2), iso2)


def live(item: MeasureOn) -> bool:
    """Return whether a measure charges or forbids anything on its day."""
    charged = any(standing.bears for standing in item.provisions)
    return item.status in ("in force", "void") and charged


def _acts(register: Register, item: MeasureOn) -> tuple[int, ...]:
    return register.acts(standing.act for standing in item.provisions if standing.bears)


def rates_cell(book: Lawbook, register: Register, item: MeasureOn) -> Cell:
    """Return the rates of a measure with their headings, the highest first.

    Rates that hang on a fact the law asks for stand after the others; those that only a fact
    brings in that nobody is asked for are left out.
    """
    plain = charging(book, item, Reach.ALWAYS)
    told = {(standing.heading, standing.rate) for standing in plain}
    asked = [s for s in charging(book, item, Reach.ASKED) if (s.heading, s.rate) not in told]
    given = f"by the facts asked {_rates(asked)}" if asked else ""
    text = "; ".join(filter(None, (_rates(plain), given)))
    return words(text, *register.acts(standing.act for standing in (*plain, *asked)))


def _rates(group: Sequence[Standing]) -> str:
    by_rate: dict[str, list[Standing]] = {}
    for standing in group:
        by_rate.setdefault(standing.rate, []).append(standing)
    ordered = sorted(by_rate, key=_size, reverse=True)
    return "; ".join(f"{name} ({_headings(by_rate[name])})" for name in ordered)


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


def _since(book: Lawbook, register: Register, item: MeasureOn, country: str, dates: Dates) -> Cell:
    """Return since when a measure charges goods of a country, and when its rates last changed."""
    measure = book.measures[item.measure]
    found = in_force_since(book, measure, dates.as_of, dates.known_on, country)
    if found is None:
        return words("by the facts asked", *_acts(register, item))
    end = f" until {found.until}" if found.until else ""
    latest = f"; rates last changed {found.changed}" if found.changed != found.since else ""
    return words(f"from {found.since}{end}{latest}", register.law())


def _then(book: Lawbook, register: Register, item: MeasureOn | None) -> Cell:
    """Return the rates of the day compared with."""
    if item is None or not live(item):
        return words("not in force", register.law())
    cell = rates_cell(book, register, item)
    return cell if cell.text else words("only where a shipment states more", register.law())


def _threats(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Table:
    """Return what was announced by the day and not in force on it."""
    rows: list[tuple[Cell, ...]] = []
    seen: set[tuple[str, str]] = set()
    for country in countries:
        for item in in_force(book, dates.as_of, dates.as_of, importer, country):
            for threat in item.threats:
                if (country, threat.act) in seen:
                    continue
                seen.add((country, threat.act))
                refs = register.acts([threat.act])
                came = threat.outcome or "not in force"
                due = str(threat.announced_for or "no day named")
                rows.append(
                    (
                        words(country_name(book, country)),
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
        words(country_name(book, country)),
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
    first, last = sorted((dates.against, dates.as_of))
    rows = [
        row
        for country in countries
        for change in changes(book, first, last, last, importer, country)
        if _put_off_here(book, change, country, dates)
        for row in [_put_off_row(book, register, change, country)]
    ]
    columns = (
        column("country", "Country"),
        column("day", "Day"),
        column("measure", "Measure"),
        column("what", "What happened"),
        column("act", "Act"),
    )
    title = f"Suspended or ended, {first} to {last}"
    return Table(id="put-off", title=title, columns=columns, rows=tuple(rows))


def _put_off_here(book: Lawbook, change: Change, country: str, dates: Dates) -> bool:
    """Return whether a change takes a duty off the country: put off, or wholly ended.

    Threats withdrawn stand in a table of their own.
    """
    if change.kind not in ("ended", "withdrawn"):
        return False
    measure = book.measures[change.measure]
    if change.kind == "ended":
        before = measure_on(book, measure, change.day - DAY, dates.as_of, country)
        return live(before) and not live(
            measure_on(book, measure, change.day, dates.as_of, country)
        )
    if any(detail.name == "threat" for detail in change.details):
        return False
    due, known = change.effective or change.day, change.announced - DAY
    reached = measure_on(book, measure, due, known, country).provisions
    bearing = {standing.provision for standing in reached if standing.bears}
    return any(detail.name in bearing for detail in change.details)


def _put_off_row(
    book: Lawbook, register: Register, change: Change, country: str
) -> tuple[Cell, ...]:
    refs = register.acts([change.act])
    shown = max(change.details, key=lambda d: _size(d.before or ""))
    due = f", due on {change.effective}" if change.kind == "withdrawn" and change.effective else ""
    heading = f" ({shown.heading})" if shown.heading else ""
    what = f"{shown.before or shown.title}{heading}{due}: {shown.after or 'no longer in force'}"
    return (
        words(country_name(book, country)),
        words(str(change.day)),
        words(change.title, *refs),
        words(what, *refs),
        words(change.citation, *refs),
    )
