"""Options of the draws, and intervals as rows of an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli.errors import UsageError
from advalorem.cli.sheets import Notes, Sheet, sheet

if TYPE_CHECKING:
    from advalorem.linkage.draws import Costs, Intervals
    from advalorem.world.outcome import Outcome

DrawsOption = Annotated[int, typer.Option("--draws", min=0, help="Draws for intervals; none if 0.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of the draws.")]
ErrorsOption = Annotated[
    Path | None,
    typer.Option("--theta-errors", help="CSV of sector, standard_error, in place of cited ones."),
]
WORDS = ("low", "median", "high")


def read_errors(path: Path | None) -> dict[str, float] | None:
    """Return standard errors of elasticities by sector from a CSV, None without a file.

    Raises
    ------
    UsageError
        The file lacks a column, or a value is no number.
    """
    if path is None:
        return None
    import csv

    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["sector"]: float(row["standard_error"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"theta_errors: {path}: {error}; give columns sector, standard_error"
        ) from None


def drawn(outcome: Outcome, held: Costs | None, asked: dict[str, Any]) -> Intervals:
    """Return intervals of an outcome of `simulate`.

    Raises
    ------
    InputError
        The draws cannot be made.
    """
    from advalorem.linkage.draws import intervals
    from advalorem.linkage.errors import LinkageError
    from advalorem.world.errors import InputError

    try:
        return intervals(
            outcome, None, asked["draws"], asked["seed"], read_errors(asked["theta_errors"]),
            held=held, workers=asked["workers"], cluster=asked["cluster"],
        )  # fmt: skip
    except (LinkageError, UsageError) as error:
        raise InputError("draws", "", str(error), "correct it") from None


def add_intervals(outcome: Outcome, found: Intervals, data: dict[str, Any]) -> list[Sheet | Notes]:
    """Put an interval, or none, in each country of a reply; return what a page shows."""
    names = list(outcome.economy.countries)
    measured = (("real_income_pct", found.law), ("real_wage_pct", found.wage))
    for row in data["countries"]:
        at = names.index(row["country"])
        row["interval"] = {
            label: None if values is None else dict(zip(WORDS, values[:, at].tolist(), strict=True))
            for label, values in measured
        }
    data["draws"] = {
        "draws": found.draws, "seed": found.seed, "percentiles": [5, 50, 95],
        "statements": list(found.statements),
    }  # fmt: skip
    notes = Notes("Draws", found.statements)
    if found.law is None:
        return [notes]
    cells = [
        (row["country"], *(f"{row['interval'][label][word]:+.4f}"
                           for label, _ in measured for word in WORDS))
        for row in data["countries"]
    ]  # fmt: skip
    columns = ("country", *WORDS, *(f"wage {word}" for word in WORDS))
    title = "Real income and real wage, per cent, 5th, 50th and 95th percentile"
    return [sheet(title, columns, cells, columns[1:]), notes]
