"""`advalorem rates`: the average duty that a year's trade owes, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli.errors import UsageError, read_day, read_day_or_none, refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write
from advalorem.cli.what_if import ScenarioOption, law_under, paper_under

if TYPE_CHECKING:
    import polars as pl

    from advalorem.law.model import Lawbook
    from advalorem.rates import EffectiveRates

app = typer.Typer()


class By(StrEnum):
    """What the rows of the answer are."""

    origin = "origin"
    authority = "authority"
    chapter = "chapter"
    sector = "sector"
    day = "day"
    band = "band"
    step = "step"
    cause = "cause"


class Method(StrEnum):
    """How the steps of the decomposition are taken."""

    ordered = "ordered"
    shapley = "shapley"


Origins = Annotated[
    str | None,
    typer.Option("--origin", help="Origins, ISO codes joined by commas, or `all`; required."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of the rates, YYYY-MM-DD.")]
From = Annotated[str | None, typer.Option("--from", help="First day, with `--by day`.")]
To = Annotated[str | None, typer.Option("--to", help="Last day, with `--by day`.")]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Importing country; the first held if left out.")
]
ByOption = Annotated[By, typer.Option("--by", help="What the rows are.")]
KnownOn = Annotated[
    str | None,
    typer.Option("--known-on", help="Day up to which acts are known; the newest act if left out."),
]


@app.command()
def rates(
    origin: Origins = None,
    as_of: AsOf = None,
    from_: From = None,
    to: To = None,
    by: ByOption = By.origin,
    importer: Importer = None,
    usmca_share: Annotated[
        str | None,
        typer.Option("--usmca-share", help="Claims: month, h2_2025, 2024, none, all."),
    ] = None,
    metal_content: Annotated[
        str | None, typer.Option("--metal-content", help="Metal in derivatives: bea, flat50.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="Year of the trade that weighs.")
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", help="Any reading as name=option; may be given several times."),
    ] = None,
    method: Annotated[
        Method, typer.Option("--method", help="Steps in a fixed order, or averaged over orders.")
    ] = Method.ordered,
    known_on: KnownOn = None,
    scenario: ScenarioOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what the trade of a year would owe on average: by origin, authority, chapter or day.

    `--by step` goes from the headline rate to the average, `--by cause` names every provision
    behind the steps, `--by band` gives the share of imports at each rate.
    """
    from advalorem.rates import RatesError

    named = {"usmca_share": usmca_share, "metal_content": metal_content, "weights": weights}
    with refusing():
        try:
            found = _ask(origin, as_of, from_, to, by, importer, named, reading, known_on, scenario)
        except RatesError as error:
            raise UsageError(str(error)) from None
    result, on = found
    write(paper_under(paper(result, on, by, method), scenario), format_)


def _ask(
    origin: str | None,
    as_of: str | None,
    from_: str | None,
    to: str | None,
    by: By,
    importer: str | None,
    named: dict[str, str | None],
    reading: list[str] | None,
    known_on: str | None,
    scenario: str | None,
) -> tuple[EffectiveRates, date]:
    """Return the rates asked for and the day of the single-day answers."""
    from datetime import timedelta

    from advalorem.law.load import load_lawbook
    from advalorem.rates import Readings, effective_rates
    from advalorem.rates.flows import held_importers

    known = read_day_or_none("known_on", known_on)
    book = law_under(scenario, known) or load_lawbook()
    border = _iso2(book, importer, "importer") if importer else held_importers()[0]
    readings = Readings(**read_options(named, reading))
    first, last = read_span(as_of, from_, to, by)
    rated = effective_rates(
        book, border, read_origins(book, origin, border, readings.weights), first,
        last + timedelta(days=1), readings, known,
    )  # fmt: skip
    return rated, last


def read_span(as_of: str | None, from_: str | None, to: str | None, by: By) -> tuple[date, date]:
    """Return the first and the last day asked.

    Raises
    ------
    UsageError
        No day is stated, or a span is stated for rows that are not days.

    Examples
    --------
    >>> read_span("2025-09-18", None, None, By.origin)
    (datetime.date(2025, 9, 18), datetime.date(2025, 9, 18))
    """
    if by is not By.day and (from_ or to):
        raise UsageError(
            "from: a span gives rows by day; add --by day, or state one day as --as-of"
        )
    first = read_day("from" if from_ else "as_of", from_ or as_of)
    last = read_day("to" if to else "as_of", to or as_of or from_)
    if last < first:
        raise UsageError(f"to: {last} lies before {first}; state a later day")
    return first, last


def read_options(named: dict[str, str | None], words: list[str] | None) -> dict[str, str]:
    """Return options of readings by name.

    Raises
    ------
    UsageError
        A text is no `name=option`, or names no reading.

    Examples
    --------
    >>> read_options({"weights": None}, ["unit_values=none"])
    {'unit_values': 'none'}
    """
    from advalorem.rates import Readings

    chosen = {name: option for name, option in named.items() if option is not None}
    for word in words or []:
        name, sign, option = word.partition("=")
        if not sign or name not in Readings().names():
            known = ", ".join(Readings().names())
            raise UsageError(f"reading: {word!r} is no name=option; readings are {known}")
        chosen[name] = option
    return chosen


def read_origins(book: Lawbook, text: str | None, importer: str, weights: str) -> list[str]:
    """Return origins as the flow data name them.

    Raises
    ------
    UsageError
        No origin is stated, or a word is no country.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> read_origins(load_lawbook(), "CAN,MX", "US", "2024")
    ['CA', 'MX']
    """
    from advalorem.rates.flows import held_origins

    if not text:
        raise UsageError("origin: is missing; state ISO codes such as CA,MX")
    held = held_origins(importer, weights)
    if text == "all":
        return held
    words = [word.strip().upper() for word in text.split(",")]
    return [word if word in held else _iso2(book, word, "origin") for word in words]


def _iso2(book: Lawbook, text: str, field: str) -> str:
    for country in book.countries:
        if text.upper() in (country.iso2, country.iso3):
            return country.iso2
    raise UsageError(f"{field}: {text!r} is no country; write an ISO code such as CA or CAN")


def paper(result: EffectiveRates, on: date, by: By, method: Method) -> Paper:
    """Return the answer as tables and lines."""
    frame = _frames(result, method)[by](on)
    rows = sheet_of(frame, f"Rates by {by.value}")
    days = f"{result.from_} to {on}" if by is By.day else str(on)
    title = f"Effective rates of {result.importer} on {', '.join(result.flows.origins)}, {days}"
    headline = result.headline(on)
    parts: list[Sheet | Notes] = [rows]
    if not headline.is_empty():
        parts.append(sheet_of(headline, "Headline rates"))
    gaps = result.coverage(on).filter(_some_share())
    parts.append(sheet_of(gaps.drop("low", "high"), "Not rated, or not wholly; share of imports"))
    parts.append(Notes("Readings", tuple(result.statements())))
    parts.append(Notes("Behind the answer", tuple(_provenance(result))))
    return Paper(title, tuple(parts), records(frame), data(result, on, by, frame))


def _some_share() -> pl.Expr:
    import polars as pl

    return pl.col("share") > 0


def _frames(result: EffectiveRates, method: Method) -> dict[By, Callable[[date], pl.DataFrame]]:
    return {
        By.origin: result.by_origin,
        By.authority: result.by_authority,
        By.chapter: result.by_chapter,
        By.sector: result.by_sector,
        By.day: lambda on: result.by_day(),
        By.band: result.bands,
        By.step: lambda on: result.decomposition(on, method.value),
        By.cause: result.causes,
    }


def data(result: EffectiveRates, on: date, by: By, frame: pl.DataFrame) -> dict[str, Any]:
    """Return the answer as plain values, for JSON."""
    return {
        "importer": result.importer,
        "origins": list(result.flows.origins),
        "from": result.from_,
        "as_of": on,
        "by": by.value,
        "rows": frame.to_dicts(),
        "headline": result.headline(on).to_dicts(),
        "coverage": result.coverage(on).to_dicts(),
        "readings": result.readings.names(),
        "statements": result.statements(),
        "known_on": result.known_on,
        "ruleset_version": result.book.version,
        "data_as_of": result.book.newest_act,
    }


def _provenance(result: EffectiveRates) -> list[str]:
    return [f"law {result.book.version}, known on {result.known_on}"]


def records(frame: pl.DataFrame) -> Sheet:
    """Return a frame as the rows of a CSV, numbers in full."""
    return sheet("", frame.columns, frame.rows())


def sheet_of(frame: pl.DataFrame, title: str) -> Sheet:
    """Return a frame as a table for readers: rates in per cent, money in millions of dollars."""
    import polars as pl

    shown: list[list[str]] = []
    names, right = [], []
    for name in frame.columns:
        column = frame[name]
        words = [_shown(name, value) for value in column.to_list()]
        shown.append(words)
        names.append(name.replace("_usd", "_musd"))
        if column.dtype.is_numeric() and column.dtype != pl.Boolean:
            right.append(names[-1])
    rows: Sequence[Sequence[str]] = list(zip(*shown, strict=True))
    return sheet(title, names, rows, right)


def _shown(name: str, value: object) -> str:
    """Return a value for readers.

    >>> _shown("rate", 0.05651), _shown("duty_usd", 2500000.0), _shown("above", 10.0)
    ('5.65%', '2.5', '10')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if name.endswith("_usd"):
        return f"{value / 1_000_000:,.1f}"
    if name in ("above", "up_to"):
        return f"{value:g}"
    return f"{value * 100:.2f}%"
