"""`advalorem law`: the measures of a day, one measure with its acts, and what is coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import UsageError, read_day, read_day_or_none, refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advalorem.law.history import MeasureOn
    from advalorem.law.model import Lawbook, Measure
    from advalorem.law.shelves import Reading

app = typer.Typer(help="What the law says: the measures of a day, one measure, what is coded.")

InForce = Annotated[
    str | None, typer.Option("--in-force", help="The day asked for, YYYY-MM-DD; required.")
]
Origin = Annotated[
    str | None, typer.Option("--origin", help="Only measures on goods of this country.")
]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Only measures of this importing country.")
]
Every = Annotated[
    bool, typer.Option("--all", help="Also measures not in force: scheduled, suspended, ended.")
]
Name = Annotated[str, typer.Argument(metavar="MEASURE", help="Name of a measure, see `law list`.")]


@app.command("list")
def list_(
    in_force: InForce = None,
    origin: Origin = None,
    importer: Importer = None,
    known_on: shipment.KnownOn = None,
    every: Every = False,
    format_: FormatOption = Format.table,
) -> None:
    """List the measures in force on a day, with rate, status and act."""
    from advalorem.law.history import in_force as standing
    from advalorem.law.load import load_lawbook

    with refusing():
        day = read_day("in_force", in_force)
        book = load_lawbook()
        known = read_day_or_none("known_on", known_on) or book.newest_act
        of = shipment.iso2(origin, "origin") if origin else None
        into = shipment.iso2(importer, "importer") if importer else None
        found = [
            item
            for item in standing(book, day, known, into, of)
            if every or item.status in ("in force", "exempt", "void")
        ]
    notes = (f"acts known on {known}; law {book.version}",)
    write(list_paper(f"Measures on {day}", found, notes), format_)


def list_paper(title: str, found: Sequence[MeasureOn], notes: tuple[str, ...]) -> Paper:
    """Return the measures as a table; the CSV holds more columns than the page."""
    shown = [(f"{item.title}\n{item.measure}", rates_words(item), status_words(item),
              item.status_since, item.status_citation) for item in found]  # fmt: skip
    table = sheet("", ("measure", "rates", "status", "since", "act"), shown)
    rows = [
        (item.measure, item.importer, item.title, rates_words(item), item.status,
         item.status_since, item.usmca, item.status_citation, item.void_from, item.void_citation)
        for item in found
    ]  # fmt: skip
    columns = ("measure", "importer", "title", "rates", "status", "since", "USMCA", "act",
               "void from", "void by")  # fmt: skip
    records = sheet("", columns, rows)
    empty = () if found else ("no measure coded is in force",)
    return Paper(title, (table, Notes("", (*empty, *notes))), records, list(found))


def status_words(item: MeasureOn) -> str:
    """Return the status, and from when a measure in force was later held void, as known."""
    later = item.void_from is not None and item.status != "void"
    return f"{item.status}\nlater held void, from {item.void_from}" if later else item.status


def rates_words(item: MeasureOn) -> str:
    """Return the distinct rates of the provisions that charge anything, highest heading last."""
    rates = dict.fromkeys(standing.rate for standing in item.provisions if standing.bears)
    return ", ".join(rates)


@app.command()
def show(name: Name, format_: FormatOption = Format.table) -> None:
    """Show one measure: its provisions with every dated value, act, threat and note."""
    from advalorem.law.load import load_lawbook

    with refusing():
        book = load_lawbook()
        if name not in book.measures:
            raise UsageError(f"measure: {name!r} is not coded; {_nearest(name, book)}")
    write(show_paper(book, book.measures[name]), format_)


def _nearest(name: str, book: Lawbook) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(book.measures), n=3, cutoff=0.3)  # likeness of names
    return f"nearest: {', '.join(near)}" if near else "see `advalorem law list --all`"


SHOWN_COLUMNS = ("provision", "from", "until", "says", "act")
VALUE_COLUMNS = ("provision", "heading", "title", "from", "until", "says", "announced", "act")


def show_paper(book: Lawbook, measure: Measure) -> Paper:
    """Return a measure with all its dated values."""
    values = sheet("Values", VALUE_COLUMNS, list(_values(book, measure)))
    shown = sheet("Values", SHOWN_COLUMNS, list(_shown(book, measure)))
    about = [
        f"{measure.importer}, {measure.authority}, {measure.kind}",
        f"covers: {measure.covers}",
        f"origins: {', '.join(measure.origins)}",
    ]
    if measure.except_origins:
        about.append(f"except: {', '.join(measure.except_origins)}")
    if measure.usmca:
        about.append(f"USMCA: {measure.usmca}")
    if measure.note:
        about.append(measure.note)
    about.append(f"last compared with the acts: {measure.checked or 'never'}")
    parts: list[Sheet | Notes] = [Notes(measure.measure, tuple(about)), shown]
    if threats := [_threat(book, threat) for threat in measure.threats]:
        columns = ("threat", "rate", "announced", "for", "withdrawn", "outcome", "act")
        parts.append(sheet("Threats", columns, threats))
    return Paper(measure.title, tuple(parts), values, measure)


def _shown(book: Lawbook, measure: Measure) -> Iterator[tuple[object, ...]]:
    """Yield the values for a page: a provision's scope stands once, before its first value."""
    from advalorem.law.history import cite, says
    from advalorem.law.words import scope_words

    for provision in measure.provisions:
        name = f"{provision.heading or ''} {provision.id}".strip()
        told = "\n".join((name, provision.title, *scope_words(provision)))
        for number, value in enumerate(provision.values):
            act = book.instruments[value.act]
            yield (
                told if number == 0 else name, value.from_, value.until,
                says(provision, value) or value.ends, f"{cite(act)}\nannounced {act.announced}",
            )  # fmt: skip


def _values(book: Lawbook, measure: Measure) -> Iterator[tuple[object, ...]]:
    from advalorem.law.history import cite, says

    for provision in measure.provisions:
        for value in provision.values:
            act = book.instruments[value.act]
            yield (
                provision.id, provision.heading, provision.title, value.from_, value.until,
                says(provision, value) or value.ends, act.announced, cite(act),
            )  # fmt: skip


def _threat(book: Lawbook, threat: object) -> tuple[object, ...]:
    from advalorem.law.history import threat_on

    item = threat_on(book, threat, book.newest_act)  # type: ignore[arg-type]
    return (item.title, item.rate, item.announced, item.announced_for, item.withdrawn,
            item.outcome, item.citation)  # fmt: skip


Headings = Annotated[
    bool,
    typer.Option(
        "--headings", help="Every chapter 99 heading: coded by what, or left out and why."
    ),
]
HEADING_COLUMNS = ("headings", "status", "coded by", "reason", "text")


@app.command()
def coverage(headings: Headings = False, format_: FormatOption = Format.table) -> None:
    """Show what is coded: importers, origins, days, and the named gaps."""
    from advalorem.law.load import load_lawbook

    with refusing():
        book = load_lawbook()
    write(headings_paper(book) if headings else coverage_paper(book), format_)


def headings_paper(book: Lawbook) -> Paper:
    """Return every chapter 99 heading that is coded, and the ranges left out with the reason."""
    from advalorem.law.headings import heading_coverage

    found = heading_coverage(book)
    rows = [
        (
            row.first if row.first == row.last else f"{row.first} to {row.last}",
            "coded" if row.coded else "out of scope",
            "\n".join(row.measures), row.reason, row.text,
        )
        for row in found
    ]  # fmt: skip
    coded = sum(row.coded for row in found)
    notes = (f"{coded} headings coded; {len(found) - coded} headings or ranges out of scope",
             f"newest act {book.newest_act}; law {book.version}")  # fmt: skip
    table = sheet("", HEADING_COLUMNS, rows)
    return Paper("Headings of chapter 99", (table, Notes("", notes)), table, list(found))


@app.command()
def readings(format_: FormatOption = Format.table) -> None:
    """List the readings of unclear law: question, option taken, other options, evidence."""
    from advalorem.law.load import load_lawbook

    with refusing():
        book = load_lawbook()
    rows = [
        (
            f"{row.question}\n{name}",
            row.options[row.default],
            _not_taken(row),
            row.evidence,
            row.source,
        )
        for name, row in book.readings.items()
    ]
    table = sheet("", ("question", "taken", "not taken", "evidence"), [row[:4] for row in rows])
    records = sheet("", ("question", "taken", "not taken", "evidence", "source"), rows)
    about = Notes("", (f"law {book.version}",))
    data = list(book.readings.values())
    write(Paper("Readings", (table, about), records, data), format_)


def _not_taken(row: Reading) -> str:
    """Return the options of a reading that are not its default, and what a user may state."""
    found = [words for option, words in row.options.items() if option != row.default]
    return "\n".join([*found, *([f"or stated: {row.own_share}"] if row.own_share else [])])


@app.command()
def lists(format_: FormatOption = Format.table) -> None:
    """Compare the product lists with the schedule of their days.

    Codes are shown that the editions do not hold, that retired while the list names them, and that
    are shorter than a line, with the doubts that the list's source states.
    """
    from advalorem.law.load import load_lawbook
    from advalorem.schedule.listed import list_findings

    with refusing():
        book = load_lawbook()
        found = list_findings(book)
    rows = [
        (row.list, row.code, row.kind, row.on, ", ".join(row.measures), "; ".join(row.doubts))
        for row in found
    ]
    records = sheet("", ("list", "code", "finding", "from", "measures", "doubts"), rows)
    counts: dict[tuple[str, str, str], int] = {}
    for row in found:
        key = (row.list, row.kind, "; ".join(row.doubts))
        counts[key] = counts.get(key, 0) + 1
    shown = [(name, kind, number, doubt) for (name, kind, doubt), number in counts.items()]
    table = sheet("", ("list", "finding", "codes", "doubts"), shown, right=("codes",))
    notes = (f"{len(book.lists)} lists, {sum(len(x.code) for x in book.lists.values())} codes; "
             f"{len(found)} findings; law {book.version}",)  # fmt: skip
    write(Paper("Product lists", (table, Notes("", notes)), records, list(found)), format_)


def coverage_paper(book: Lawbook) -> Paper:
    """Return what is coded, and the named gaps."""
    rows = [
        (row.importer, ", ".join(row.origins), row.from_, row.until, row.scope)
        for row in book.coverage
    ]
    columns = ("importer", "origins", "from", "until", "scope")
    table = sheet("", columns, rows)
    gaps = tuple(
        Notes(f"Not covered: {row.importer} from {', '.join(row.origins)}", tuple(row.gaps))
        for row in book.coverage
    )
    about = Notes("", (f"newest act {book.newest_act}; law {book.version}",))
    return Paper("Coverage", (table, *gaps, about), table, book.coverage)
