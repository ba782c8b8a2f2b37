"""`advalorem brief`: a summary on the terminal, and the whole brief as a page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import UsageError, read_day, read_day_or_none, refuse, refusing
from advalorem.cli.sheets import Format, Notes, Paper, Sheet, sheet, write
from advalorem.cli.what_if import ScenarioOption, brief_under, law_under

if TYPE_CHECKING:
    from advalorem.brief.model import Brief

app = typer.Typer()


NOTHING = "0.00%"
"""How a measure prints that weighs less than a hundredth of a point: left out of the summary."""


class Page(StrEnum):
    """What is written to the file."""

    html = "html"
    md = "md"
    json = "json"


SUFFIXES = {
    ".html": Page.html, ".htm": Page.html, ".md": Page.md, ".markdown": Page.md, ".json": Page.json,
}  # fmt: skip
"""What a file holds by the end of its name."""

Countries = Annotated[
    str | None,
    typer.Option("--countries", help="Countries of origin, ISO codes with commas; required."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of entry, YYYY-MM-DD; required.")]
Against = Annotated[
    str | None,
    typer.Option("--against", help="Day to compare with; the first day coded if left out."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="File to write; only the summary if left out.")
]
PageOption = Annotated[
    Page | None,
    typer.Option("--format", "-f", help="What is written; by the file's suffix if left out."),
]


@app.command()
def brief(
    countries: Countries = None,
    as_of: AsOf = None,
    out: Out = None,
    against: Against = None,
    known_on: shipment.KnownOn = None,
    scenario: ScenarioOption = None,
    format_: PageOption = None,
) -> None:
    """Say what is charged on some countries' goods on a day, next to another day.

    Prints the headline numbers and writes one page that opens without a network.
    """
    with refusing():
        names = read_countries(countries)
        days = (read_day("as_of", as_of), read_day_or_none("against", against))
        known = read_day_or_none("known_on", known_on)
        check_place(out)
        form = format_ or read_form(out)
        check_extra()
        from advalorem.brief.build import build_brief
        from advalorem.rates import RatesError

        try:
            made = build_brief(names, *days, known, law_under(scenario, known))
            made = brief_under(made, scenario)
        except RatesError as error:
            raise UsageError(str(error)) from None
    write(summary(made), Format.table)
    if out is not None:
        out.write_text(page(made, form), encoding="utf-8")
        typer.echo(f"wrote {out}")


def read_countries(text: str | None) -> list[str]:
    """Return ISO 2 codes from codes with commas.

    Raises
    ------
    UsageError
        None is given, one is unknown, or one is given twice.

    Examples
    --------
    >>> len(read_countries("can,mex"))
    2
    """
    words = [word for word in (text or "").split(",") if word.strip()]
    if not words:
        raise UsageError("countries: none is given; state codes with commas between them")
    names = [shipment.iso2(word, "countries") for word in words]
    if len(set(names)) < len(names):
        raise UsageError(f"countries: {text!r} names a country twice; state each once")
    return names


def read_form(out: Path | None) -> Page:
    """Return what a file of this name holds, by its suffix.

    Raises
    ------
    UsageError
        The suffix names no form; the message lists those there are.

    Examples
    --------
    >>> read_form(Path("page.md")).value
    'md'
    """
    if out is None:
        return Page.html
    found = SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise UsageError(
            f"out: {str(out)!r} does not say what to write; end it in {', '.join(SUFFIXES)} or "
            "state --format html, md or json"
        )
    return found


def check_place(out: Path | None) -> None:
    """Raise where the file's folder does not exist, before any work is done.

    Raises
    ------
    UsageError
        The folder is missing, or the name is that of a folder.
    """
    if out is not None and (not out.parent.is_dir() or out.is_dir()):
        raise UsageError(
            f"out: {str(out)!r} cannot be written; name a file in a folder that exists"
        )


def check_extra() -> None:
    """Leave with a message where the libraries that draw the page are not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("altair", "vl_convert", "great_tables") if find_spec(name) is None]
    if missing:
        refuse(f"{', '.join(missing)}: not installed; install advalorem[brief]")


def page(made: Brief, format_: Page) -> str:
    """Return the brief in the form asked for."""
    if format_ is Page.json:
        return made.to_json()
    if format_ is Page.md:
        from advalorem.brief.markdown import to_markdown

        return to_markdown(made)
    from advalorem.brief.html import to_html

    return to_html(made)


def summary(made: Brief) -> Paper:
    """Return what a reader wants first: headline numbers, the average by measure, the goods."""
    rows = [
        (head.name, card.label, card.now.text, card.then.text)
        for head in made.heads
        for card in head.cards
    ]
    columns = ("country", "", made.as_of, made.against)
    numbers = sheet("", columns, rows, right=(made.as_of, made.against))
    tables = [short(made, "authorities", (0, 1, 2)), short(made, f"goods-{made.as_of}", None)]
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    notes = Notes("", (f"{len(made.sources)} sources; acts known on {made.known_on}; {versions}",))
    return Paper(made.title, (numbers, *tables, notes), numbers, made)


def short(made: Brief, name: str, keep: tuple[int, ...] | None) -> Sheet:
    """Return a table of the brief as a sheet: some columns, or the first and all of numbers."""
    from advalorem.brief.model import Table

    blocks = (block for section in made.sections for block in section.blocks)
    found = next(block for block in blocks if isinstance(block, Table) and block.id == name)
    numbers = [n for n, column in enumerate(found.columns) if column.number]
    shown = keep or (0, *numbers)
    columns = [found.columns[number].label for number in shown]
    right = [found.columns[number].label for number in shown if number in numbers]
    rows = [[row[number].text for number in shown] for row in found.rows]
    rows = [row for row in rows if row[-1] != NOTHING]
    return sheet(found.title, columns, rows, right)
