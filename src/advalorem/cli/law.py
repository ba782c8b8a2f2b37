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
    shown = [(f"{item.title}\n{item.measure}", rates_words(item), item.status, item.status_since,
              item.status_citation) for item in found]  # fmt: skip
    table = sheet("", ("measure", "rates", "status", "since", "act"), shown)
    rows = [
        (item.measure, item.importer, item.title, rates_words(item), item.status,
         item.status_since, item.usmca, item.status_citation)
        for item in found
    ]  # fmt: skip
    columns = ("measure", "importer", "title", "rates", "status", "since", "USMCA", "act")
    records = sheet("", columns, rows)
    empty = () if found else ("no measure coded is in force",)
    return Paper(title, (table, Notes("", (*empty, *notes))), records, list(found))


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


VALUE_COLUMNS = ("provision", "heading", "title", "from", "until", "says", "announced", "act")


def show_paper(book: Lawbook, measure: Measure) -> Paper:
    """Return a measure with all its dated values."""
    values = sheet("Values", VALUE_COLUMNS, list(_values(book, measure)))
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
    parts: list[Sheet | Notes] = [Notes(measure.measure, tuple(about)), values]
    if threats := [_threat(book, threat) for threat in measure.threats]:
        columns = ("threat", "rate", "announced", "for", "withdrawn", "outcome", "act")
        parts.append(sheet("Threats", columns, threats))
    return Paper(measure.title, tuple(parts), values, measure)


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

    item = threat_on(book, threat)  # type: ignore[arg-type]
    return (item.title, item.rate, item.announced, item.announced_for, item.withdrawn,
            item.outcome, item.citation)  # fmt: skip


@app.command()
def coverage(format_: FormatOption = Format.table) -> None:
    """Show what is coded: importers, origins, days, and the named gaps."""
    from advalorem.law.load import load_lawbook

    with refusing():
        book = load_lawbook()
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
    write(Paper("Coverage", (table, *gaps, about), table, book.coverage), format_)
