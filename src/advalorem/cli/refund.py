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
    Rejects,
    SheetName,
    Zeros,
    make_options,
    money,
    refusing_files,
    rejects_to,
    say_law,
    say_sheets,
)
from advalorem.cli.errors import read_day_or_none, refusing
from advalorem.cli.shipment import Importer, KnownOn

if TYPE_CHECKING:
    from advalorem.batch.refund_file import Found

app = typer.Typer()


@app.command()
def refund(
    source: Annotated[
        str, typer.Argument(metavar="ENTRIES", help="CSV, XLSX or Parquet file, or - (stdin).")
    ],
    out: Annotated[
        str, typer.Option("--out", help="File of claims; stdout (CSV) if left out.")
    ] = "-",
    claim_file: Annotated[
        Path | None,
        typer.Option(
            "--claim-file",
            help="CSV of entry numbers, as the authority takes it; OUT-claim.csv if left out.",
        ),
    ] = None,
    filed_on: Annotated[
        str | None, typer.Option("--filed-on", help="Day of filing; today if left out.")
    ] = None,
    rejects: Rejects = None,
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
    claims of preference not made. What is missing to decide stands beside each row. Beside OUT
    stand the entry numbers that can be claimed, their check digits checked, each once; the totals
    and the numbers left out go to stderr. No duty comes back twice: routes of one row overlap.
    """
    from advalorem.batch.refund_file import refund_file
    from advalorem.batch.sources import open_source
    from advalorem.law.load import load_lawbook

    with refusing(), refusing_files():
        book = load_lawbook()
        options = make_options(book, mapping, importer, known_on, dates, decimal, restore_zeros,
                               sheet, no_cache=no_cache)  # fmt: skip
        on = read_day_or_none("filed_on", filed_on) or date.today()
        file = open_source(source, sheet, options.mapping)
        say_sheets([file])
        say_law(book, options)
        found = refund_file(book, file, out, options, on, claim_file or beside(out),
                            rejects_to(out, rejects))  # fmt: skip
    typer.echo(summary(found), err=True)


def beside(out: str) -> Path | None:
    """Return where the claim file goes unless told: beside the claims, nowhere beside stdout.

    >>> beside("claims.xlsx").name, beside("-")
    ('claims-claim.csv', None)
    """
    path = Path(out)
    return None if out == "-" else path.with_name(f"{path.stem}-claim.csv")


def summary(found: Found) -> str:
    """Return the sums of a screening in words."""
    lines = [f"rows: {found.rows:,}; claims: {found.claims:,}; refused: {found.refused:,}"]
    for key, cents in sorted(found.sums.items()):
        fees = f" and fees {money(found.fees[key])}" if found.fees[key] else ""
        most = f" to {money(found.most[key])}" if found.most[key] != cents else ""
        lines.append(f"  {key[0]}, {key[1]}: duty {money(cents)}{most}{fees}")
    for route, count in sorted(found.unsure.items()):
        if count:
            lines.append(f"  {route}: {count:,} rows whose refund hangs on facts not stated")
    if found.several:
        lines.append(f"  {found.several:,} rows stand under several routes; no duty comes twice")
    for route, questions in found.missing.items():
        lines += [f"  {route} asks {name}: {text}" for name, text in questions.items()]
    lines += [f"claim file {path}: {rows:,} entry numbers" for path, rows in found.files]
    lines += [
        f"  {route}: {count:,} entries left out; status, why and entry_problem say why"
        for route, count in found.left_out.items()
        if count
    ]
    lines += [f"not claimed: {text}" for text in found.wrong]
    if found.wrong_rows > len(found.wrong):
        lines.append(f"not claimed: {found.wrong_rows - len(found.wrong):,} more rows")
    return "\n".join(lines)
