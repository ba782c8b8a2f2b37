"""`advalorem rates border`: duty at the other borders, as far as their flows are held."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli import rating
from advalorem.cli.errors import UsageError, read_day_or_none
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, write
from advalorem.cli.what_if import ScenarioOption, law_under, paper_under

if TYPE_CHECKING:
    from advalorem.linkage.border import Border

app = typer.Typer()

Importer = Annotated[
    str | None, typer.Option("--importer", help="Importing country, CA or MX; required.")
]
From = Annotated[
    str | None, typer.Option("--from", help="First day; the first one coded if left out.")
]
To = Annotated[str | None, typer.Option("--to", help="Last day; the newest act if left out.")]


@app.command()
def border(
    importer: Importer = None,
    from_: From = None,
    to: To = None,
    known_on: rating.KnownOn = None,
    scenario: ScenarioOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what the measures of Canada or Mexico charge on the goods whose flows are held.

    Of Canada, US exports on its lists of March 2025 are held; of Mexico none. What is not held is
    said below the answer.
    """
    with rating.refusing():
        if importer is None:
            raise UsageError("importer: is missing; state CA or MX")
        days = read_day_or_none("from", from_), read_day_or_none("to", to)
        found, warned = _ask(importer, days, read_day_or_none("known_on", known_on), scenario)
    write(paper_under(paper(found, warned), scenario), format_)


def _ask(
    importer: str, days: tuple[date | None, date | None], known: date | None, scenario: str | None
) -> tuple[Border, tuple[str, ...]]:
    """Return the answer and the warnings that belong to it."""
    from advalorem.duty.words import after_newest_act
    from advalorem.law.load import load_lawbook
    from advalorem.linkage.border import border as work_out
    from advalorem.schedule.build import epochs_of

    book = law_under(scenario, known) or load_lawbook()
    place = rating.read_iso2(book, importer, "importer")
    day = known or book.newest_act
    first = days[0] or epochs_of(book, place, day).span(0)[0]
    last = days[1] or book.newest_act
    warned = tuple(after_newest_act(book, last, day))
    return work_out(book, place, first, last + timedelta(days=1), day), warned


def paper(found: Border, warned: tuple[str, ...] = ()) -> Paper:
    """Return the spans as a table, with what is not held."""
    title = f"Duty of {found.importer} on goods of {found.exporter}, trade of {found.year}"
    if found.year is None:
        title = f"Duty of {found.importer}: no flows are held"
    notes: list[Sheet | Notes] = [Notes("Warnings", warned)] if warned else []
    parts = (
        rating.sheet_of(found.spans, "Spans of days"), *notes, Notes("Not held", found.not_held),
    )  # fmt: skip
    answer = {**data(found), "warnings": list(warned)}
    return Paper(title, parts, rating.records(found.spans), answer)


def data(found: Border) -> dict[str, Any]:
    """Return the answer as plain values, for JSON."""
    return {
        "importer": found.importer,
        "exporter": found.exporter,
        "trade_year": found.year,
        "listed_usd": found.listed_usd,
        "trade_usd": found.trade_usd,
        "listed_share": found.listed_usd / found.trade_usd if found.trade_usd else None,
        "rows": found.spans.to_dicts(),
        "not_held": list(found.not_held),
    }
