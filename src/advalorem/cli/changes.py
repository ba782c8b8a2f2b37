"""`advalorem changes`: what happened to the law between two days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import UsageError, read_day, read_day_or_none, refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advalorem.law.changes import Change, Detail

app = typer.Typer()

First = Annotated[str, typer.Argument(metavar="FROM", help="First day looked at, YYYY-MM-DD.")]
Last = Annotated[str, typer.Argument(metavar="TO", help="Last day looked at, YYYY-MM-DD.")]
Origin = Annotated[
    str | None, typer.Option("--origin", help="Only measures on goods of this country.")
]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Only measures of this importing country.")
]


@app.command()
def changes(
    first: First,
    last: Last,
    known_on: shipment.KnownOn = None,
    origin: Origin = None,
    importer: Importer = None,
    format_: FormatOption = Format.table,
) -> None:
    """List what began, ended, changed, was announced or withdrawn, with the act.

    Both days are included. An act that reaches back shows twice: on the day it was announced and
    on the day from which it binds.
    """
    from advalorem.law.changes import changes as between
    from advalorem.law.load import load_lawbook

    with refusing():
        start, end = read_day("from", first), read_day("to", last)
        if end < start:
            raise UsageError(f"to: {last!r} lies before {first}; state the earlier day first")
        book = load_lawbook()
        known = read_day_or_none("known_on", known_on) or book.newest_act
        of = shipment.iso2(origin, "origin") if origin else None
        into = shipment.iso2(importer, "importer") if importer else None
        found = between(book, start, end, known, into, of)
    notes = (f"acts known on {known}; law {book.version}",)
    write(paper(f"Changes of the law, {start} to {end}", found, notes), format_)


COLUMNS = (
    "day", "kind", "importer", "measure", "heading", "provision", "before", "after", "effective",
    "announced", "retroactive", "citation",
)  # fmt: skip


def paper(title: str, found: Sequence[Change], notes: tuple[str, ...]) -> Paper:
    """Return the changes as a table; in CSV every provision has a line of its own."""
    shown = [
        (item.day, _kind(item), item.importer, item.title, _details(item.details), item.citation)
        for item in found
    ]
    table = sheet("", ("day", "what", "importer", "measure", "before and after", "act"), shown)
    records = sheet("", COLUMNS, list(_records(found)))
    empty = () if found else ("nothing changed in the law coded",)
    return Paper(title, (table, Notes("", (*empty, *notes))), records, list(found))


def _kind(item: Change) -> str:
    if item.kind in ("announced", "withdrawn") and item.effective:
        return f"{item.kind}, for {item.effective}"
    return f"{item.kind}, announced {item.announced}" if item.retroactive else item.kind


def _details(details: Sequence[Detail], most: int = 4) -> str:
    """Return the first few details in words, one a line, exemptions after what is charged."""
    free = {"0%", None}
    ordered = sorted(details, key=lambda d: d.before in free and d.after in free)
    lines = [_detail(detail) for detail in ordered[:most]]
    if len(details) > most:
        lines.append(f"and {len(details) - most} more")
    return "\n".join(lines)


def _detail(detail: Detail) -> str:
    name = detail.heading or detail.title
    if detail.before is None:
        return f"{name}: {detail.after}"
    return f"{name}: {detail.before} to {detail.after or 'nothing'}"


def _records(found: Sequence[Change]) -> Iterator[tuple[object, ...]]:
    for item in found:
        for detail in item.details:
            yield (
                item.day, item.kind, item.importer, item.measure, detail.heading, detail.name,
                detail.before, detail.after, item.effective, item.announced,
                "yes" if item.retroactive else "no", item.citation,
            )  # fmt: skip
