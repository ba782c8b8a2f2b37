"""`advalorem search`: words to tariff lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import read_day, refuse, refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write

if TYPE_CHECKING:
    from advalorem.schedule.search import SearchResult

app = typer.Typer()

Words = Annotated[list[str], typer.Argument(help="The name of a good in plain words.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Day on which the lines stand, YYYY-MM-DD; required.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most lines shown.")]


@app.command()
def search(
    words: Words,
    as_of: AsOf = None,
    importer: shipment.Importer = None,
    limit: Limit = 10,
    format_: FormatOption = Format.table,
) -> None:
    """Find tariff lines by plain words; the code remains yours to choose."""
    from advalorem.schedule.search import search as find

    with refusing():
        day = read_day("as_of", as_of)
        place = shipment.importer_or_default(importer)
        try:
            found = find(" ".join(words), day, place, limit)
        except (ValueError, FileNotFoundError) as error:
            refuse(str(error))
    write(paper(found), format_)


def paper(found: SearchResult) -> Paper:
    """Return the lines found, and the words that were read otherwise than written."""
    rows = [(hit.code, hit.description, hit.general, hit.lines) for hit in found.hits]
    columns = ("code", "description", "column 1 general", "ten-digit lines")
    lines = sheet("", columns, rows, right=("ten-digit lines",))
    notes = [f"{old!r} read as {new!r}" for old, new in found.read_as.items()]
    if not rows:
        notes.append("no line holds all these words; try fewer or other words")
    title = f"Lines for {found.query!r} on {found.on}"
    return Paper(title, (lines, Notes("", tuple(notes))), lines, found)
