"""`advalorem rates revenue`: what a law would bring in a year, over another one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli import rating
from advalorem.cli.errors import UsageError, read_day, read_day_or_none
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, write
from advalorem.cli.what_if import ScenarioOption, law_under, paper_under

if TYPE_CHECKING:
    from datetime import date

    from advalorem.law.model import Lawbook
    from advalorem.rates.revenue import Revenue

app = typer.Typer()

LawOn = Annotated[
    str | None, typer.Option("--law-on", help="Day whose law is taken, YYYY-MM-DD; required.")
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        help="Day of the law compared with: the first day coded, or under a scenario the same day.",
    ),
]
Elasticities = Annotated[
    str | None,
    typer.Option("--elasticities", help="A packaged set, or a CSV file of sector, theta and se."),
]


class By(StrEnum):
    """What the rows of the second table are."""

    authority = "authority"
    origin = "origin"
    elasticities = "elasticities"


@app.command()
def revenue(
    law_on: LawOn = None,
    against: Against = None,
    by: Annotated[By, typer.Option("--by", help="What the second table shows.")] = By.authority,
    elasticities: Elasticities = None,
    importer: rating.Importer = None,
    usmca_share: rating.UsmcaShare = None,
    reading: rating.Reading = None,
    known_on: rating.KnownOn = None,
    scenario: ScenarioOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what the law of a day would bring in a year: static, and with trade that answers.

    An interval is given only where the elasticities have standard errors, as a file of one's own
    may; `--by elasticities` compares the packaged sets.
    """
    with rating.refusing():
        if law_on is None:
            raise UsageError("law_on: is missing; state the day as --law-on YYYY-MM-DD")
        day, known = read_day("law_on", law_on), read_day_or_none("known_on", known_on)
        named = {"usmca_share": usmca_share}
        found = _ask(
            day, read_day_or_none("against", against), elasticities, importer,
            rating.read_options(named, reading), known, scenario,
        )  # fmt: skip
    write(paper_under(paper(found, by), scenario), format_)


def _ask(
    day: date, against: date | None, elasticities: str | None, importer: str | None,
    options: dict[str, str], known: date | None, scenario: str | None,
) -> Revenue:  # fmt: skip
    from advalorem.law.load import load_lawbook
    from advalorem.rates import Readings
    from advalorem.rates.elasticities import DEFAULT
    from advalorem.rates.flows import held_importers
    from advalorem.rates.revenue import revenue as work_out

    book = load_lawbook()
    border = rating.read_iso2(book, importer, "importer") if importer else held_importers()[0]
    under = law_under(scenario, known)
    before = against or (day if under else _first_day(book, border))
    return work_out(
        book, border, day, before, under, Readings(**options), elasticities or DEFAULT, known
    )


def _first_day(book: Lawbook, importer: str) -> date:
    from advalorem.schedule.build import epochs_of

    return epochs_of(book, importer, book.newest_act).span(0)[0]


def paper(found: Revenue, by: By) -> Paper:
    """Return the answer as tables and lines."""
    summary, detail = found.summary(), _detail(found, by)
    warnings: list[Sheet | Notes] = [Notes("Warnings", found.warnings)] if found.warnings else []
    parts = (
        rating.sheet_of(summary, "A year's revenue"),
        rating.sheet_of(detail, f"By {by.value}"),
        *warnings,
        Notes("How", found.statements),
    )
    title = (
        f"Revenue of the law of {found.law.on} over that of {found.against.on}, "
        f"{found.flows.importer}, trade of {found.flows.year}"
    )
    return Paper(title, parts, rating.records(summary), data(found, by))


def _detail(found: Revenue, by: By) -> Any:
    frames = {
        By.authority: found.by_authority,
        By.origin: found.by_origin,
        By.elasticities: found.across_sets,
    }
    return frames[by]()


def data(found: Revenue, by: By) -> dict[str, Any]:
    """Return the answer as plain values, for JSON."""
    return {
        "importer": found.flows.importer,
        "law_on": found.law.on,
        "against": found.against.on,
        "trade_year": found.flows.year,
        "held_share": found.held,
        "elasticities": found.elasticities.name,
        "interval": found.elasticities.has_errors,
        "rows": found.summary().to_dicts(),
        f"by_{by.value}": _detail(found, by).to_dicts(),
        "warnings": list(found.warnings),
        "statements": list(found.statements),
    }
