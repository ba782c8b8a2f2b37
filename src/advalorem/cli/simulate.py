"""`advalorem simulate`: what a change of tariffs does to every economy, in general equilibrium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from advalorem.cli import simulate_options as options
from advalorem.cli.draws import DrawsOption, ErrorsOption, SeedOption
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write

if TYPE_CHECKING:
    from advalorem.world import Economy, Outcome, Shock

app = typer.Typer()

UNSOLVED, BAD_INPUT = 3, 2
WELFARE = {
    "country": "country",
    "real income": "real_income_pct",
    "real wage": "real_wage_pct",
    "one step": "welfare_one_step_pct",
    "terms": "terms_of_trade_pct",
    "volume": "volume_of_trade_pct",
}
PATH = {
    "country": "country",
    "real income": "path_total_pct",
    "terms": "path_terms_of_trade_pct",
    "volume": "path_volume_of_trade_pct",
    "iceberg": "path_technical_efficiency_pct",
    "deficit": "path_deficit_pct",
}
MANY = {
    "country": "country",
    "result": "result",
    "real income": "real_income_pct",
    "real wage": "real_wage_pct",
    "wage": "wage_pct",
    "price": "price_pct",
}
TRADE = {
    "country": "country",
    "exports": "exports_pct",
    "imports": "imports_pct",
    "wage": "wage_pct",
    "price": "price_pct",
}


@app.command()
def simulate(
    economy: options.Economy = "icio2022",
    scenario: options.Scenario = None,
    tariffs: options.Tariffs = None,
    raises: options.Raises = None,
    costs: options.Costs = None,
    base_tariffs: options.BaseTariffs = None,
    closure: options.Closure = "zero_deficits",
    numeraire: options.Numeraire = None,
    theta: options.Theta = None,
    aggregate: options.Aggregate = None,
    countries: options.Countries = None,
    decompose: options.Decompose = False,
    zeros_omitted: options.ZerosOmitted = False,
    allow_above_100: options.AllowAbove100 = False,
    many: options.Many = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    checkpoint: options.Checkpoint = None,
    law_from: options.LawFrom = None,
    law_to: options.LawTo = None,
    attribute: options.Attribute = False,
    attribute_of: options.AttributeOf = None,
    known_on: options.KnownOn = None,
    exposure: options.Exposure = None,
    zoom: options.Zoom = None,
    digits: options.Digits = 8,
    regions: options.Regions = None,
    draws: DrawsOption = 0,
    seed: SeedOption = 0,
    theta_errors: ErrorsOption = None,
    out: options.Out = None,
    format_: FormatOption = Format.table,
) -> None:
    """Solve the world after a change of tariffs and say what it does to every economy.

    Exit codes: 0 answered, 2 bad input, 3 no equilibrium found.
    """
    asked = dict(locals())
    with refusing():
        world = base_economy(asked)
        rule = closure_of(world, closure, numeraire)
        show = show_one if many is None else show_many
        show(world, rule, asked)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the model's own errors into a message on stderr and an exit code."""
    from advalorem.cli.errors import UsageError
    from advalorem.world.errors import InputError, UnsolvedError

    try:
        yield
    except (InputError, UsageError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except UnsolvedError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(UNSOLVED) from None


def base_economy(asked: dict[str, Any]) -> Economy:
    """Return the economy that the options name, not yet calibrated."""
    from advalorem.world import build_economy, load_tables

    folder = (
        {name: asked[name] for name in ("zeros_omitted", "allow_above_100")}
        if Path(asked["economy"]).is_dir()
        else {}
    )
    tables = load_tables(asked["economy"], asked["theta"], **folder)
    if asked["aggregate"] is not None:
        from advalorem.world.aggregation import aggregate, read_mapping

        tables = aggregate(tables, *(found or None for found in read_mapping(asked["aggregate"])))
    economy = build_economy(tables)
    if asked["base_tariffs"] is not None:
        from advalorem.world.scenarios import with_base_tariffs

        above = asked["allow_above_100"]
        economy = with_base_tariffs(economy, asked["base_tariffs"], allow_above_100=above)
    return economy


def closure_of(economy: Economy, kind: str, numeraire: str | None) -> Any:
    """Return the closure that the options name; a country is accepted in either ISO code."""
    from advalorem.world import Closure

    if numeraire is None:
        return Closure(kind)
    return Closure(kind, economy.countries[economy.country_index(numeraire)])


def shock_of(economy: Economy, asked: dict[str, Any]) -> Shock:
    """Return the shock: scenario first, then the file, then each raise."""
    from advalorem.world import Shock, named_shock, raise_tariffs, tariffs_from_file
    from advalorem.world.scenarios import costs_from_file

    named = named_shock(economy, asked["scenario"]) if asked["scenario"] else Shock("none")
    rates, words = named.tariffs, [named.name] if asked["scenario"] else []
    if asked["tariffs"] is not None:
        above = asked["allow_above_100"]
        rates = tariffs_from_file(economy, asked["tariffs"], allow_above_100=above, start=rates)
        words.append(f"tariffs of {asked['tariffs'].name}")
    for text in asked["raises"] or []:
        rates = raise_tariffs(economy, text, start=rates)
        words.append(text)
    d_hat = None
    if asked["costs"] is not None:
        d_hat = costs_from_file(economy, asked["costs"])
        words.append(f"costs of {asked['costs'].name}")
    title = ", ".join(words) or "none"
    return Shock(title, tariffs=rates, d_hat=d_hat, allow_above_100=True)


def show_one(economy: Economy, rule: Any, asked: dict[str, Any]) -> None:
    """Solve one scenario and write it."""
    from advalorem.cli import simulate_law as law
    from advalorem.cli import simulate_more as more
    from advalorem.world import decompose as split_path
    from advalorem.world import solve

    found = law.law_outcome(economy, rule, asked) if law.asks_for_law(economy, asked) else None
    if found is not None:
        outcome = found.outcome
    else:
        outcome = solve(economy, shock_of(economy, asked), rule, throw=False)
    if outcome.result != "converged":
        refuse_unsolved(outcome, asked["format_"])
    split = split_path(outcome) if asked["decompose"] else None
    data = outcome.as_dict(split)
    keep = chosen(outcome.economy, asked["countries"])
    data["countries"] = [row for row in data["countries"] if row["country"] in keep]
    if asked["out"] is not None:
        save(outcome, data["countries"], asked["out"])
    made = paper(outcome, data, asked["decompose"])
    if found is not None:
        by_act = found.attribution() if asked["attribute"] else None
        law.body(found, by_act, data)
        made = more.with_parts(made, law.parts(found, by_act, keep))
    made = more.with_parts(made, more.details(outcome, found, asked, data))
    write(made, asked["format_"])


def refuse_unsolved(outcome: Outcome, format_: Format) -> None:
    """Say that there is no equilibrium, and leave; no number is printed as an answer."""
    import json

    if format_ is Format.json:
        typer.echo(json.dumps({"countries": [], "solver": outcome.solver_dict()}, indent=2))
    typer.echo(
        f"error: {outcome.shock.name}: {outcome.result} after {outcome.iterations} iterations. "
        f"{outcome.message}",
        err=True,
    )
    raise typer.Exit(BAD_INPUT if outcome.result == "inconsistent_input" else UNSOLVED)


def chosen(economy: Economy, text: str | None) -> set[str]:
    """Return the countries to show, all of them when none is named."""
    if text is None:
        return set(economy.countries)
    return {economy.countries[economy.country_index(code)] for code in text.split(",")}


def paper(outcome: Outcome, data: dict[str, Any], decomposed: bool) -> Paper:
    """Return the outcome as tables and lines."""
    tables = [
        table_of(
            "Welfare, change in per cent; terms and volume of trade add up to one step",
            WELFARE,
            data["countries"],
        ),
        table_of("Trade at new prices, change in per cent", TRADE, data["countries"]),
    ]
    if decomposed:
        title = "Change of real income split along the path, in points"
        tables.insert(1, table_of(title, PATH, data["countries"]))
    names = list(data["countries"][0]) if data["countries"] else []
    records = sheet("", names, [list(row.values()) for row in data["countries"]])
    solver = data["solver"]
    worst = max(solver["residuals"].values())
    lines = [
        f"{solver['result']} in {solver['iterations']} iterations, largest residual {worst:.1e}"
    ]
    moved = [
        f"{item['text']}: {item['amount']:.6g} in {item['cells']} cells, most in "
        f"{item['largest'][0]['where']}"
        for item in data["adjustments"]
    ]
    parts: list[Sheet | Notes] = [*tables, Notes("Solver", tuple(lines))]
    parts.append(Notes("Readings", tuple(data["readings"])))
    parts.append(Notes("Repairs of the data", tuple(moved)))
    parts.append(Notes("Sources", tuple(data["sources"])))
    title = f"{data['economy']}, {data['scenario']}"
    return Paper(title, tuple(part for part in parts if _filled(part)), records, data)


def table_of(title: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> Sheet:
    """Return some columns of the countries as a table with short names."""
    cells = [[_short(row.get(name, "")) for name in columns.values()] for row in rows]
    words = ("scenario", "country", "result")
    return sheet(title, list(columns), cells, [name for name in columns if name not in words])


def _filled(part: Sheet | Notes) -> bool:
    return bool(part.rows if isinstance(part, Sheet) else part.lines)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.0f}"


def save(outcome: Outcome, rows: list[dict[str, Any]], folder: Path) -> None:
    """Write countries, sectors and trade as CSV, and tariffs and costs as they are read."""
    folder.mkdir(parents=True, exist_ok=True)
    countries = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    tables = {
        "countries": countries,
        "sectors": outcome.sector_columns(),
        "trade": outcome.trade_columns(),
        **outcome.tariff_columns(),
    }
    for name, columns in tables.items():
        write_csv(folder / f"{name}.csv", columns)


def write_csv(path: Path, columns: dict[str, Any]) -> None:
    """Write columns of equal length as a CSV file with a line of names."""
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        plain = [
            values if isinstance(values, list) else values.tolist() for values in columns.values()
        ]
        writer.writerows(zip(*plain, strict=True))


def show_many(economy: Economy, rule: Any, asked: dict[str, Any]) -> None:
    """Solve every scenario of a table and write a row for each scenario and country."""
    from advalorem.world.many import SolveInterrupted, solve_many

    refuse_with_many(asked)
    names, shocks = scenarios_of(economy, asked)
    try:
        with progress_bar(len(names)) as told:
            found = solve_many(
                economy,
                shocks,
                rule,
                workers=asked["workers"],
                checkpoint=asked["checkpoint"],
                cluster=asked["cluster"],
                progress=told,
            )
    except SolveInterrupted as stop:
        where = asked["checkpoint"] or "nothing was kept: give --checkpoint FILE"
        typer.echo(f"error: {stop}; {where}", err=True)
        raise typer.Exit(UNSOLVED) from None
    keep = chosen(economy, asked["countries"])
    columns = many_columns(found, keep)
    if asked["out"] is not None:
        asked["out"].mkdir(parents=True, exist_ok=True)
        write_csv(asked["out"] / "scenarios.csv", columns)
    write(many_paper(found, columns), asked["format_"])
    if set(found.results) != {"converged"}:
        raise typer.Exit(UNSOLVED)


def refuse_with_many(asked: dict[str, Any]) -> None:
    """Raise where an option asks for more than a table of scenarios gives.

    Raises
    ------
    InputError
        Naming the options.
    """
    from advalorem.world.errors import InputError

    alone = ("draws", "exposure", "zoom", "regions", "attribute", "attribute_of", "decompose")
    mixed = [f"--{name.replace('_', '-')}" for name in alone if asked[name]]
    if mixed:
        raise InputError("options", ", ".join(mixed), "cannot be mixed with --many",
                         "ask for one scenario")  # fmt: skip


def scenarios_of(economy: Economy, asked: dict[str, Any]) -> tuple[list[str], Iterator[Shock]]:
    """Return the names in a table of scenarios, and their shocks, made one at a time."""
    from advalorem.world import Shock
    from advalorem.world.scenarios import tariffs_from_frame
    from advalorem.world.sources.frames import labels_of, read_table

    frame, table = read_table(asked["many"]), asked["many"].name
    labels_of(frame, table, "scenario")
    parts = frame.partition_by("scenario", maintain_order=True)
    names = [str(part["scenario"][0]).strip() for part in parts]

    def shocks() -> Iterator[Shock]:
        for name, part in zip(names, parts, strict=True):
            rates = tariffs_from_frame(
                economy, part, f"{table}, scenario {name}", allow_above_100=asked["allow_above_100"]
            )
            yield Shock(name, tariffs=rates, allow_above_100=True)

    return names, shocks()


def many_columns(found: Any, keep: set[str]) -> dict[str, list[Any]]:
    """Return one row per scenario and country, as columns."""
    at = [n for n, country in enumerate(found.countries) if country in keep]
    columns: dict[str, list[Any]] = {
        "scenario": [name for name in found.names for _ in at],
        "country": [found.countries[n] for _ in found.names for n in at],
        "result": [result for result in found.results for _ in at],
    }
    for name, values in found.columns.items():
        columns[name] = values[:, at].ravel().tolist()
    return columns


def many_paper(found: Any, columns: dict[str, list[Any]]) -> Paper:
    """Return many outcomes as one table."""
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    held = [dict(zip(columns, row, strict=True)) for row in rows]
    table = table_of("Changes in per cent", {"scenario": "scenario", **MANY}, held)
    body = {"scenarios": held, "readings": list(found.notes)}
    parts = (table, Notes("Readings", tuple(found.notes)))
    return Paper(f"{len(found)} scenarios", parts, sheet("", list(columns), rows), body)


@contextmanager
def progress_bar(total: int) -> Iterator[Any]:
    """Yield a function that is told how many scenarios are done; the bar goes to stderr."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scenarios", total=total)
        yield lambda done: bar.update(task, completed=done)
