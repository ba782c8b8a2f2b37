"""`advalorem partnership`: what two countries gain by trading more cheaply with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli.dependence import exposure_rows, gainer_rows
from advalorem.cli.draws import DrawsOption, ErrorsOption, SeedOption, read_errors
from advalorem.cli.errors import UsageError, read_day, refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write
from advalorem.cli.simulate_options import Economy as EconomyOption
from advalorem.cli.simulate_options import Theta as ThetaOption
from advalorem.cli.what_if import ScenarioOption, paper_under

if TYPE_CHECKING:
    from advalorem.linkage.draws import Intervals
    from advalorem.linkage.simulate import LawOutcome
    from advalorem.partnership.effect import Effect
    from advalorem.partnership.offset import Offset
    from advalorem.scenario import Scenario
    from advalorem.world.outcome import Outcome

app = typer.Typer()

UNSOLVED = 3
TITLES = {
    "countries": "Real income, per cent; package in points",
    "offset": "How deep costs must fall to offset the law",
    "diversion": "What members buy, change with the package",
    "trade": "Trade in goods without and with the package",
    "sectors": "Sectors moved most by the package",
    "exposure": "Dependence before and after the law",
    "gainers": "Who takes the sales that members lose in the rival's market",
    "intervals": "Intervals, 5th to 95th percentile",
    "instruments": "Instruments and their evidence",
}


@app.command()
def partnership(
    economy: EconomyOption = "icio2022",
    theta: ThetaOption = None,
    scenario: ScenarioOption = None,
    law_from: Annotated[
        str | None, typer.Option("--law-from", help="Day whose law is the base, YYYY-MM-DD.")
    ] = None,
    law_to: Annotated[
        str | None, typer.Option("--law-to", help="Day of the law to live with, YYYY-MM-DD.")
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Size of an instrument: border_time=-1d, procedures=50%; repeatable."
        ),
    ] = None,
    per_day: Annotated[
        str, typer.Option("--per-day", help="Value of a day: low, middle, high or a percentage.")
    ] = "middle",
    partners: Annotated[
        str | None,
        typer.Option("--partners", help="Diversify to these instead: ISO codes or groups."),
    ] = None,
    countries: Annotated[
        str | None, typer.Option("--countries", help="Others to show, such as CN,DE.")
    ] = None,
    draws: DrawsOption = 0,
    seed: SeedOption = 0,
    theta_errors: ErrorsOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes for the draws.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Address of a dask scheduler for the draws.")
    ] = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what a package of the partnership brings, and how deep it must go to offset tariffs.

    Exit codes: 0 answered, 2 bad input, 3 no equilibrium found.
    """
    asked = dict(locals())
    with refusing():
        made = answer(asked)
    write(made, format_)


def answer(asked: dict[str, Any]) -> Paper:
    """Return the whole answer.

    Raises
    ------
    UsageError
        An option is wrong, or the model refuses it.
    """
    from advalorem.linkage.errors import LinkageError
    from advalorem.linkage.simulate import simulate_law
    from advalorem.partnership.effect import effect
    from advalorem.partnership.instruments import package, partnership_data, past_limit
    from advalorem.partnership.offset import offset
    from advalorem.scenario import Scenario, load_scenario
    from advalorem.world import InputError, UnsolvedError, build_economy, load_tables

    data = partnership_data()
    first = read_day("law_from", asked["law_from"] or str(data["law_from"]))
    last = read_day("law_to", asked["law_to"] or str(data["as_of"]))
    members, sizes = tuple(data["members"]), read_sizes(asked["size"])
    try:
        world = build_economy(load_tables(asked["economy"], asked["theta"]))
        what_if = Scenario() if asked["scenario"] is None else load_scenario(asked["scenario"])
        found = simulate_law(world, first, last, what_if)
        law = found.outcome
        made = package(law.economy, sizes, members, last, asked["per_day"])
        beyond = past_limit(law.economy, made, members, last)
        result = effect(law, made, last)
        wanted = partners_of(law, asked["partners"], str(data["rival"])) or list(members)
        needed = [offset(law, one, [c for c in wanted if c != one]) for one in members]
        spread = _spread(found, made, asked) if asked["draws"] else None
    except UnsolvedError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(UNSOLVED) from None
    except (InputError, LinkageError) as error:
        raise UsageError(str(error)) from None
    made_paper = paper(result, needed, spread, [*beyond, *found.statements()], sizes, asked)
    return paper_under(made_paper, asked["scenario"])


def read_sizes(words: list[str] | None) -> dict[str, str]:
    """Return sizes by instrument; those that sources give where none is stated.

    Raises
    ------
    UsageError
        A text is no `name=size`.

    Examples
    --------
    >>> read_sizes(["border_time=-2d"])
    {'border_time': '-2d'}
    """
    from advalorem.partnership.instruments import default_sizes

    if not words:
        return default_sizes()
    sizes = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not value:
            raise UsageError(f"set: {word!r} is no size; write border_time=-1d")
        sizes[name.strip()] = value.strip()
    return sizes


def named(law: Outcome, text: str | None) -> list[str]:
    """Return economies by ISO code or group, in order; none where nothing is stated."""
    from advalorem.scenario.places import group_named

    found: list[str] = []
    for word in filter(None, (part.strip() for part in (text or "").split(","))):
        economy = law.economy
        group = group_named(economy.groups, word)
        found += group or (economy.countries[economy.country_index(word)],)
    return list(dict.fromkeys(found))


def partners_of(law: Outcome, text: str | None, rival: str) -> list[str]:
    """Return the partners asked for.

    Raises
    ------
    UsageError
        The country whose tariffs are to be offset is among them.
    """
    found = named(law, text)
    if rival in found:
        raise UsageError(
            f"partners: {text!r} holds {rival}, the country whose tariffs are to be offset; "
            "name others"
        )
    return found


def _spread(found: LawOutcome, made: Scenario, asked: dict[str, Any]) -> Intervals:
    """Return intervals of what the law costs and the package brings."""
    from advalorem.linkage.draws import intervals

    law = found.outcome
    return intervals(
        law, lambda day: made.d_hat(law.economy, found.after.on, day), asked["draws"],
        asked["seed"], read_errors(asked["theta_errors"]), held=found.costs,
        workers=asked["workers"], cluster=asked["cluster"],
    )  # fmt: skip


def paper(
    result: Effect,
    needed: list[Offset],
    spread: Intervals | None,
    statements: list[str],
    sizes: dict[str, str],
    asked: dict[str, Any],
) -> Paper:
    """Return the answer as tables, lines and plain values."""
    from advalorem.partnership.instruments import partnership_data

    known = partnership_data()
    members, rival = known["members"], known["rival"]
    shown = list(dict.fromkeys([*members, rival, *named(result.law, asked["countries"])]))
    data: dict[str, Any] = {
        "package": result.package.title,
        "instruments": instrument_rows(result, sizes),
        "countries": result.income_rows(shown),
        "offset": [offset_row(row) for row in needed],
        "trade": result.trade_rows(shown),
        "diversion": result.diversion(members, rival),
        "sectors": result.sector_rows(members),
        "exposure": exposure_rows(
            result.law, members, rival,
            (("before", result.law.before), ("law", result.law.after),
             ("package", result.both.after)),
            "value_added_in_rival",
        ),
        "gainers": gainer_rows(result.law, members, rival),
        "unit": result.law.economy.unit,
        "readings": [
            *result.law.notes(), *(f"partnership.{k}: {v}" for k, v in known["readings"].items()),
            *statements,
        ],
    }  # fmt: skip
    if spread is not None:
        data["intervals"] = interval_rows(result, spread, shown)
        data["draws"] = {"draws": spread.draws, "seed": spread.seed,
                         "statements": list(spread.statements)}  # fmt: skip
    parts: list[Sheet | Notes] = [_table(title, data[key]) for key, title in TITLES.items()
                                  if data.get(key)]  # fmt: skip
    if spread is not None:
        parts.append(Notes("Draws", spread.statements))
    parts.append(Notes("Readings", tuple(data["readings"])))
    records = _table("", data["countries"])
    return Paper(f"Partnership: {result.package.title}", tuple(parts), records, data)


def _table(title: str, rows: list[dict[str, Any]]) -> Sheet:
    names = list(rows[0])
    cells = [[_short(row[name]) for name in names] for row in rows]
    right = [name for name in names if isinstance(rows[0][name], float)]
    return sheet(title, names, cells, right)


def _short(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.0f}"
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def instrument_rows(result: Effect, sizes: dict[str, str]) -> list[dict[str, Any]]:
    """Return every instrument with its size, the trade it covers and its evidence."""
    from advalorem.partnership.instruments import carried, instruments, partnership_data

    data = partnership_data()
    pair = (data["members"][0], data["members"][1])
    rows = []
    for row in instruments().values():
        facts = [f"{data['facts'][key]['source']} (grade {data['facts'][key]['grade']})"
                 for key in row.facts]  # fmt: skip
        shares = carried(result.law.economy, row, pair)
        rows.append({
            "instrument": row.name, "title": row.title,
            "size": sizes.get(row.name, "none: no source gives one"),
            **{f"share {way}": share for way, share in shares.items()},
            "evidence": "; ".join(facts) or "none",
        })  # fmt: skip
    return rows


def offset_row(row: Offset) -> dict[str, Any]:
    """Return an answer of the inverse as plain values."""
    return {
        "country": row.country,
        "partners": list(row.partners),
        "result": row.result,
        "loss_pct": row.loss,
        "cut_pct": None if row.cut is None else 100 * row.cut,
        "days_at_high": None if row.days is None else row.days[0],
        "days_at_low": None if row.days is None else row.days[1],
        "run_forward_pct": row.forward,
        "at_limit_pct": row.at_limit,
    }


def interval_rows(result: Effect, spread: Intervals, shown: list[str]) -> list[dict[str, Any]]:
    """Return percentiles by country; empty where nothing was drawn that they depend on."""
    rows: list[dict[str, Any]] = []
    for name in shown:
        at = result.law.economy.country_index(name)
        row: dict[str, Any] = {"country": result.law.economy.countries[at]}
        for label, values in (("law", spread.law), ("package", spread.gain)):
            for place, word in enumerate(("low", "median", "high")):
                row[f"{label}_{word}"] = None if values is None else float(values[place, at])
        rows.append(row)
    return rows
