"""`advalorem refund`: which entries paid duty that can be had back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli.batch import (
    Dates,
    Decimals,
    Mapping,
    Mark,
    NoCache,
    SheetName,
    Zeros,
    make_options,
    money,
    refusing_files,
)
from advalorem.cli.errors import read_day_or_none, refusing
from advalorem.cli.shipment import Importer, KnownOn

if TYPE_CHECKING:
    from advalorem.batch.refund_file import Found

app = typer.Typer()


@app.command()
def refund(
    source: Annotated[str, typer.Argument(metavar="ENTRIES", help="CSV, XLSX or Parquet file.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file of claims to write.")],
    claim_file: Annotated[
        Path | None,
        typer.Option("--claim-file", help="CSV file of entry numbers, as the authority takes it."),
    ] = None,
    filed_on: Annotated[
        str | None, typer.Option("--filed-on", help="Day of filing; today if left out.")
    ] = None,
    mapping: Mapping = None,
    importer: Importer = None,
    known_on: KnownOn = None,
    dates: Dates = None,
    decimal: Decimals = Mark.point,
    restore_zeros: Zeros = False,
    sheet: SheetName = None,
    no_cache: NoCache = False,
) -> None:
    """Say which rows of a file paid duty that can be had back, how much, how and until when.

    Routes: duty under void measures, duty above what a later act made of that day's law, and
    claims of preference not made. What is missing to decide stands beside each row.
    """
    from advalorem.batch.refund_file import refund_file
    from advalorem.batch.sources import open_source
    from advalorem.law.load import load_lawbook

    with refusing(), refusing_files():
        book = load_lawbook()
        options = make_options(book, mapping, importer, known_on, dates, decimal, restore_zeros,
                               sheet, no_cache=no_cache)  # fmt: skip
        on = read_day_or_none("filed_on", filed_on) or date.today()
        found = refund_file(book, open_source(source, sheet), out, options, on, claim_file)
    typer.echo(summary(found), err=True)


def summary(found: Found) -> str:
    """Return the sums of a screening in words."""
    lines = [f"rows: {found.rows:,}; claims: {found.claims:,}; refused: {found.refused:,}"]
    for (route, status), cents in sorted(found.sums.items()):
        lines.append(f"  {route}, {status}: {money(cents)}")
    for route, count in sorted(found.unsure.items()):
        if count:
            lines.append(f"  {route}: {count:,} rows whose refund hangs on facts not stated")
    lines += [f"claim file {path}: {rows:,} entry numbers" for path, rows in found.files]
    lines += [f"not claimed: {text}" for text in found.wrong[:20]]
    if len(found.wrong) > 20:
        lines.append(f"not claimed: {len(found.wrong) - 20:,} more")
    return "\n".join(lines)
