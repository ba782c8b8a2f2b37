"""`advalorem rates collected`: duty received by month, beside what the law says is owed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli import rating
from advalorem.cli.errors import UsageError, read_day_or_none
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from advalorem.rates.accrual import Question
    from advalorem.rates.collected import Collected
    from advalorem.rates.receipts import Bracket

app = typer.Typer()
Month = tuple[int, int]

Amount = Annotated[
    str | None,
    typer.Option("--amount", help="A sum in dollars, such as 171.7e9: when was it reached?"),
]
Year = Annotated[
    int | None, typer.Option("--year", help="Calendar and fiscal year; 2025 if left out.")
]
Chart = Annotated[
    Path | None, typer.Option("--chart", help="Draw it: a file ending in .svg, .png or .html.")
]
From = Annotated[str | None, typer.Option("--from", help="A day of the first month.")]
To = Annotated[str | None, typer.Option("--to", help="A day of the last month.")]
Elasticities = Annotated[
    str | None,
    typer.Option("--elasticities", help="A packaged set, or a CSV file of sector, theta and se."),
]
DEFAULT_YEAR = 2025


@app.command()
def collected(
    amount: Amount = None,
    year: Year = None,
    from_: From = None,
    to: To = None,
    chart: Chart = None,
    elasticities: Elasticities = None,
    reading: rating.Reading = None,
    format_: FormatOption = Format.table,
) -> None:
    """Set customs receipts beside the duty owed, and split the gap into parts that sum to it.

    Totals to date are given for the calendar and the fiscal year; `--amount` says between which
    month ends a sum was reached, or that it cannot be placed.
    """
    from advalorem.rates.collected import collected as work_out
    from advalorem.rates.collected import statements
    from advalorem.rates.receipts import bracket, totals

    with rating.refusing():
        asked = year or DEFAULT_YEAR
        sums = totals(asked)
        placed = bracket(read_amount(amount), asked) if amount else ()
        span = read_months(read_day_or_none("from", from_), read_day_or_none("to", to))
        question = _question(span, elasticities, reading)
        found = work_out(question)
        if chart is not None:
            from advalorem.brief.collected_chart import save

            save(found, chart)
        said = statements(question.book, question.readings)
    write(paper(sums, placed, found, said, chart), format_)


def _question(
    span: tuple[Month, Month], elasticities: str | None, reading: list[str] | None
) -> Question:
    from advalorem.law.load import load_lawbook
    from advalorem.rates import Readings
    from advalorem.rates.accrual import Question
    from advalorem.rates.elasticities import DEFAULT
    from advalorem.rates.flows import held_importers

    readings = Readings(**rating.read_options({}, reading))
    border = held_importers()[0]
    return Question(load_lawbook(), border, *span, readings, elasticities or DEFAULT)


def read_amount(text: str) -> float:
    """Return a sum of dollars.

    Raises
    ------
    UsageError
        The text is no number.

    Examples
    --------
    >>> read_amount("171.7e9")
    171700000000.0
    """
    try:
        return float(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise UsageError(f"amount: {text!r} is no number; write dollars such as 171.7e9") from None


def read_months(first: date | None, last: date | None) -> tuple[Month, Month]:
    """Return the first and the last month asked; the months of law and receipts if left out.

    >>> read_months(None, None)
    ((2025, 1), (2026, 3))
    """
    from advalorem.law.load import load_lawbook
    from advalorem.rates.flows import held_importers
    from advalorem.rates.receipts import receipts
    from advalorem.schedule.build import epochs_of

    book = load_lawbook()
    start = epochs_of(book, held_importers()[0], book.newest_act).span(0)[0]
    begin = first or start
    return (begin.year, begin.month), (last.year, last.month) if last else max(receipts())


def paper(
    sums: pl.DataFrame,
    placed: tuple[Bracket, ...],
    found: Collected,
    said: list[str],
    chart: Path | None,
) -> Paper:
    """Return totals, brackets and the gap as tables, with the assumptions in words."""
    from advalorem.rates.receipts import span_words

    parts: list[Sheet | Notes] = []
    if placed:
        parts.append(_brackets(placed))
    parts.append(rating.sheet_of(sums, "Receipts, net of refunds, to date"))
    steps = found.steps()
    span = span_words(found.months[0], found.months[-1])
    parts.append(rating.sheet_of(steps, f"From duty owed to receipts, {span}"))
    parts.append(_months(found))
    parts.append(Notes("How", tuple(said)))
    if chart is not None:
        parts.append(Notes("Chart", (str(chart),)))
    title = "Customs duty of the United States: received, and owed by law"
    return Paper(
        title, tuple(parts), rating.records(found.by_month()), _data(sums, placed, found, said)
    )


def _brackets(placed: tuple[Bracket, ...]) -> Sheet:
    rows = [
        (f"{b.kind} {b.year}", b.basis, b.after, b.by, _billions(b.low_usd), _billions(b.high_usd),
         b.near, b.why)
        for b in placed
    ]  # fmt: skip
    columns = ("year", "read as", "after", "by", "from_bn", "to_bn", "as at", "unplaceable")
    return sheet("When the sum was reached", columns, rows, ("from_bn", "to_bn"))


def _months(found: Collected) -> Sheet:
    """Return the parts by month in billions of dollars."""
    from advalorem.rates.collected import STEPS

    rows = [
        (f"{year}-{month:02d}", *(f"{value / 1e9:.1f}" for value in (owed, *parts, received)))
        for (year, month), owed, parts, received in zip(
            found.months, found.owed, found.parts, found.received, strict=True
        )
    ]
    columns = ("month", "owed", *STEPS, "received")
    return sheet("By month, billions of dollars", columns, rows, columns[1:])


def _billions(amount: float | None) -> str:
    return "" if amount is None else f"{amount / 1e9:,.1f}"


def _data(
    sums: pl.DataFrame, placed: tuple[Bracket, ...], found: Collected, said: list[str]
) -> dict[str, Any]:
    from msgspec import to_builtins

    from advalorem.rates.collected import STEPS
    from advalorem.rates.receipts import published

    return {
        "brackets": [{**to_builtins(b), "unplaceable": not b.placed} for b in placed],
        "totals": sums.to_dicts(),
        "steps": found.steps().to_dicts(),
        "months": found.by_month().to_dicts(),
        "kinds": {step: kind for step, (_, kind) in STEPS.items()},
        "published": published(),
        "statements": said,
    }
