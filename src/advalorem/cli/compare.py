"""`advalorem compare`: a file under the law of two days, or with origins exchanged."""

from __future__ import annotations

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
    progress_bar,
    refusing_files,
    rejects_to,
    say_law,
    say_sheets,
)
from advalorem.cli.errors import UsageError, read_day, refusing
from advalorem.cli.shipment import Importer, KnownOn, iso2

if TYPE_CHECKING:
    from datetime import date

    from advalorem.batch.compare import Side, Totals
    from advalorem.law.model import Lawbook

app = typer.Typer()


@app.command()
def compare(
    source: Annotated[
        str, typer.Argument(metavar="ENTRIES", help="CSV, XLSX or Parquet file, or - (stdin).")
    ],
    out: Annotated[
        str, typer.Option("--out", help="File to write; stdout (CSV) if left out.")
    ] = "-",
    rejects: Rejects = None,
    law_on: Annotated[
        list[str] | None,
        typer.Option("--law-on", help="Rate every row as if entered on this day; give two."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", help="Exchange an origin on the second side, as MX=CA."),
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
    """Say what a file owes on two sides, row by row and in total.

    Give --law-on twice, or --origin, or both. One --law-on sets the day of both sides. The rows
    go to OUT with outcome and duty of side a and side b and their difference, the totals to
    stderr. Totals count the rows assessed on both sides.
    """
    from advalorem.batch.compare import compare_file
    from advalorem.batch.sources import open_source
    from advalorem.law.load import load_lawbook

    with refusing(), refusing_files():
        book = load_lawbook()
        options = make_options(book, mapping, importer, known_on, dates, decimal, restore_zeros,
                               sheet, no_cache=no_cache)  # fmt: skip
        sides = read_sides(book, options.importer, law_on or [], origin or [])
        file = open_source(source, sheet, options.mapping)
        say_sheets([file])
        say_law(book, options)
        with progress_bar([file.rows or file.about]) as advance:
            totals = compare_file(book, file, out, options, sides, advance,
                                  rejects_to(out, rejects))  # fmt: skip
    typer.echo(summary(totals, names_of(law_on or [], origin or [])), err=True)


def read_sides(
    book: Lawbook, importer: str, law_on: list[str], origin: list[str]
) -> tuple[Side, Side]:
    """Return the two sides that the options state.

    Raises
    ------
    UsageError
        Nothing is to be compared, more than two days are given, or an origin is not rated.
    """
    from advalorem.batch.compare import Side
    from advalorem.batch.notices import refused_origins

    if len(law_on) > 2:
        raise UsageError(f"law_on: {len(law_on)} days are given; give two")
    if len(law_on) < 2 and not origin:
        raise UsageError("nothing to compare; give --law-on twice, or --origin MX=CA")
    days: list[date | None] = [read_day("law_on", text) for text in law_on]
    days = days or [None]
    numbers = {country.iso2: number for number, country in enumerate(book.countries)}
    pairs: dict[int, int] = {}
    refused = refused_origins(book, importer)
    for text in origin:
        old, sign, new = text.partition("=")
        if not sign:
            raise UsageError(f"origin: {text!r} is no exchange; write it as MX=CA")
        given = numbers[iso2(old, "origin")]
        if given in pairs:
            raise UsageError(f"origin: {old} is exchanged twice; give each origin once")
        pairs[given] = numbers[iso2(new, "origin")]
        if pairs[given] in refused:
            why = refused[pairs[given]]
            raise UsageError(f"origin: {new!r}: {why.reason}; {why.remedy}")
    return Side(days[0]), Side(days[-1], pairs)


def names_of(law_on: list[str], origin: list[str]) -> tuple[str, str]:
    """Return what the two sides are, in words.

    >>> names_of(["2025-08-20", "2026-08-20"], [])
    ('law of 2025-08-20', 'law of 2026-08-20')
    >>> names_of([], ["MX=CA"])
    ('as entered', 'as entered, MX=CA')
    """
    days = [f"law of {day}" for day in law_on] or ["as entered"]
    return days[0], ", ".join([days[-1], *origin])


def summary(totals: Totals, names: tuple[str, str]) -> str:
    """Return the totals of a comparison in words."""
    lines = [
        f"rows: {totals.rows:,}; assessed on both sides: {totals.both:,}; "
        f"refused: {totals.refused:,}"
    ]
    for side, name, counts, cents in zip(
        "ab", names, totals.outcomes, (totals.a, totals.b), strict=True
    ):
        told = ", ".join(f"{outcome} {count:,}" for outcome, count in counts.most_common())
        lines.append(f"{side} ({name}): duty {money(cents)}; {told or 'no rows'}")
    gap = totals.b - totals.a
    lines.append(
        f"difference (b less a): {money(gap)}; rows that owe more: {totals.dearer:,}, "
        f"less: {totals.cheaper:,}"
    )
    return "\n".join(lines)
