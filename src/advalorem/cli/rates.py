"""`advalorem rates`: the average duty that a year's trade owes, and what it is made of.

The parts of the verb that are commands of their own (`rates panel`) live in the modules
`rates_<part>`, each imported when it is used.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, MutableMapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from click.core import ParameterSource
from typer.core import TyperGroup

from advalorem.cli import rating
from advalorem.cli.errors import UsageError, read_day, read_day_or_none
from advalorem.cli.rating import read_iso2, read_options, read_origins, records, sheet_of
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, write
from advalorem.cli.what_if import ScenarioOption, law_under, paper_under

if TYPE_CHECKING:
    import polars as pl

    from advalorem.rates import EffectiveRates

PREFIX = "rates_"


def _parts() -> tuple[str, ...]:
    """Return the parts of the verb whose module is installed, by name."""
    package = importlib.import_module("advalorem.cli")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return tuple(sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)))


def load_part(part: str) -> Any:
    """Return the command of a part of the verb."""
    module = importlib.import_module(f"advalorem.cli.{PREFIX}{part}")
    command = typer.main.get_command(module.app)
    command.name = part
    return command


class Parts(TyperGroup):
    """A group whose members are the modules `rates_<part>`; without one it answers itself."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the parts."""
        return list(_parts())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a part, or None where there is no such part."""
        return load_part(cmd_name) if cmd_name in _parts() else None

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """All parts with their commands; this imports every module."""
        return {part: load_part(part) for part in _parts()}

    @commands.setter
    def commands(self, value: MutableMapping[str, Any]) -> None:
        """Ignore what the base class sets: the modules say which parts there are."""


app = typer.Typer(cls=Parts, invoke_without_command=True)


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
ByOption = Annotated[By, typer.Option("--by", help="What the rows are.")]


@app.callback()
def rates(
    context: typer.Context,
    origin: Origins = None,
    as_of: AsOf = None,
    from_: From = None,
    to: To = None,
    by: ByOption = By.origin,
    importer: rating.Importer = None,
    usmca_share: rating.UsmcaShare = None,
    metal_content: rating.MetalContent = None,
    weights: rating.Weights = None,
    reading: rating.Reading = None,
    method: Annotated[
        Method, typer.Option("--method", help="Steps in a fixed order, or averaged over orders.")
    ] = Method.ordered,
    column_1: Annotated[
        bool, typer.Option("--column-1/--no-column-1", help="With or without ordinary duty.")
    ] = True,
    known_on: rating.KnownOn = None,
    scenario: ScenarioOption = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="Count as a public tracker states: yale, tradewartracker."),
    ] = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what the trade of a year would owe on average: by origin, authority, chapter or day.

    `--by step` goes from the headline rate to the average, `--by cause` names every provision
    behind the steps, `--by band` gives the share of imports at each rate. `--preset` sets law,
    readings and what the figure holds as a tracker states them, each step with its citation.
    """
    if context.invoked_subcommand:
        with rating.refusing():
            _refuse_misplaced(context)
        return
    named = {"usmca_share": usmca_share, "metal_content": metal_content, "weights": weights}
    with rating.refusing():
        if preset is not None:
            _refuse_with_preset(context, by)
            result, on = _ask_preset(preset, origin, as_of, from_, to, by, importer)
        else:
            result, on = _ask(
                origin, as_of, from_, to, by, importer, named, reading, known_on, scenario
            )
        result = result if column_1 else result.without_column_1()
        made = paper(result, on, by, method)
    write(paper_under(made, scenario), format_)


def _refuse_misplaced(context: typer.Context) -> None:
    """Refuse options that stand before the name of a part, which would not reach it."""
    stated = [
        name.rstrip("_").replace("_", "-")
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if stated:
        part = context.invoked_subcommand
        raise UsageError(f"{stated[0]}: write --{stated[0]} after `{part}`, not before it")


SET_BY_PRESET = (
    "usmca_share", "metal_content", "weights", "reading", "known_on", "scenario", "method",
)  # fmt: skip
"""Options whose meaning a preset fixes."""


def _refuse_with_preset(context: typer.Context, by: By) -> None:
    """Refuse what a preset sets by itself, and rows that its figures do not have."""
    for name in SET_BY_PRESET:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            word = name.replace("_", "-")
            raise UsageError(f"{word}: the preset sets it; leave out --{word} or --preset")
    if by in (By.step, By.cause):
        raise UsageError(f"by: a preset has no rows by {by.value}; ask --by origin or --by day")


def _ask_preset(
    preset: str, origin: str | None, as_of: str | None, from_: str | None, to: str | None, by: By,
    importer: str | None,
) -> tuple[EffectiveRates, date]:  # fmt: skip
    """Return the rates as a tracker counts them, and the day of the single-day answers."""
    from datetime import timedelta

    from advalorem.law.load import load_lawbook
    from advalorem.rates.flows import held_importers
    from advalorem.rates.presets import load_preset, preset_rates

    book = load_lawbook()
    border = read_iso2(book, importer, "importer") if importer else held_importers()[0]
    first, last = read_span(as_of, from_, to, by)
    origins = read_origins(book, origin, border, load_preset(preset).readings.weights)
    return preset_rates(book, preset, border, origins, first, last + timedelta(days=1)), last


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
    from advalorem.rates.readings import check_readings

    known = read_day_or_none("known_on", known_on)
    book = law_under(scenario, known) or load_lawbook()
    border = read_iso2(book, importer, "importer") if importer else held_importers()[0]
    readings = Readings(**read_options(named, reading))
    check_readings(book, readings)
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


def paper(result: EffectiveRates, on: date, by: By, method: Method) -> Paper:
    """Return the answer as tables and lines."""
    import polars as pl

    frame = _frames(result, method)[by](on)
    rows = sheet_of(frame, f"Rates by {by.value}")
    days = f"{result.from_} to {on}" if by is By.day else str(on)
    title = f"Effective rates of {result.importer} on {', '.join(result.flows.origins)}, {days}"
    headline = result.headline(on)
    parts: list[Sheet | Notes] = [rows]
    if not headline.is_empty():
        parts.append(sheet_of(headline, "Headline rates"))
    interval = result.interval(on)
    if not interval.is_empty():
        how = interval.with_columns(how=pl.lit(result.interval_method()))
        parts.append(sheet_of(how, "95 per cent interval of the rate by origin"))
    gaps = result.coverage(on).filter(pl.col("share") > 0)
    parts.append(sheet_of(gaps.drop("low", "high"), "Not rated, or not wholly; share of imports"))
    if result.warnings():
        parts.append(Notes("Warnings", tuple(result.warnings())))
    parts.append(Notes("Readings", tuple(result.statements())))
    parts.append(Notes("Behind the answer", tuple(_provenance(result))))
    return Paper(title, tuple(parts), records(frame), data(result, on, by, frame))


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
        "interval": result.interval(on).to_dicts(),
        "interval_method": result.interval_method(),
        "warnings": result.warnings(),
        "readings": result.readings.names(),
        "statements": result.statements(),
        "known_on": result.known_on,
        "ruleset_version": result.book.version,
        "data_as_of": result.book.newest_act,
    }


def _provenance(result: EffectiveRates) -> list[str]:
    return [f"law {result.book.version}, known on {result.known_on}"]
