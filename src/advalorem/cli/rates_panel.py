"""`advalorem rates panel`: the statutory rate of every line, origin and day as Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import rating
from advalorem.cli.errors import UsageError, read_day_or_none
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write
from advalorem.cli.what_if import ScenarioOption, law_under, paper_under

if TYPE_CHECKING:
    from advalorem.rates.panel import Panel
    from advalorem.rates.panel_write import Written

app = typer.Typer()

Out = Annotated[Path | None, typer.Option("--out", help="New folder for the files; required.")]
From = Annotated[
    str | None, typer.Option("--from", help="First day wanted; the first day coded if left out.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="Last day wanted; all that is scheduled if left out.")
]
Origins = Annotated[
    str | None,
    typer.Option(
        "--origins", help="Countries joined by commas, EU for its members; all if left out."
    ),
]
Usmca = Annotated[
    list[str] | None,
    typer.Option(
        "--usmca-share", help="A reading of the claims to write; each of them if left out."
    ),
]
Expand = Annotated[
    bool, typer.Option("--expand", help="A file for each country, not for each class of origins.")
]


@app.command()
def panel(
    out: Out = None,
    from_: From = None,
    until: Until = None,
    origins: Origins = None,
    usmca_share: Usmca = None,
    expand: Expand = False,
    importer: rating.Importer = None,
    metal_content: rating.MetalContent = None,
    reading: rating.Reading = None,
    known_on: rating.KnownOn = None,
    scenario: ScenarioOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """Write the rate of every line from every origin on every day, under each reading of claims.

    A row is a line, a class of origins and a span of days on which the rates stay as they are.
    Under a scenario the version of the law in the manifest carries the scenario's hash.
    """
    from advalorem.duty.words import after_newest_act
    from advalorem.law.load import load_lawbook
    from advalorem.rates import Readings
    from advalorem.rates.flows import held_importers
    from advalorem.rates.panel import build_panel
    from advalorem.rates.panel_span import helping_process
    from advalorem.rates.panel_write import check_folder, usmca_readings, write_panel

    with rating.refusing(), helping_process() as helper:
        if out is None:
            raise UsageError("out: is missing; name a new folder")
        check_folder(out)
        known = read_day_or_none("known_on", known_on)
        book = law_under(scenario, known) or load_lawbook()
        border = rating.read_iso2(book, importer, "importer") if importer else held_importers()[0]
        readings = Readings(**rating.read_options({"metal_content": metal_content}, reading))
        claims = usmca_readings(book, usmca_share)
        built = build_panel(
            book, border, readings,
            known_on=known,
            from_=read_day_or_none("from", from_),
            until=read_day_or_none("until", until),
            countries=rating.read_countries(book, origins) if origins else None,
            helper=helper,
        )  # fmt: skip
        written = write_panel(book, built, out, expand, claims, helper)
        warned = after_newest_act(book, built.days[-1], built.known_on)
    write(paper_under(paper(built, written, warned), scenario), format_)


def paper(built: Panel, written: Written, warned: Sequence[str] = ()) -> Paper:
    """Return what was written as a table."""
    rows = [
        ("folder", str(written.folder)),
        ("files", written.files),
        ("rows", written.rows),
        ("bytes", written.bytes),
        ("lines", len(built.lines)),
        ("origins", len(built.origins.countries)),
        ("origin classes", len(built.origins.standing)),
        ("epochs", len(built.days)),
        ("from", built.days[0]),
        ("known on", built.known_on),
    ]
    table = sheet("", ("what", "value"), rows)
    warnings = [Notes("Warnings", tuple(warned))] if warned else []
    notes = Notes("", ("manifest.json names every file with its SHA-256 and the readings",))
    answer = {**dict(rows), "warnings": list(warned)}
    return Paper(f"Panel of {built.importer}", (table, *warnings, notes), table, answer)
