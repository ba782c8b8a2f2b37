"""Intervals from drawn parameters: only what a source gives a range or an error is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.linkage.elasticities import Spread, draw_theta, given_errors, spread_of
from advalorem.linkage.errors import LinkageError
from advalorem.scenario.places import parameters
from advalorem.world.many import solve_many
from advalorem.world.shock import Shock

if TYPE_CHECKING:
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
Costs = Callable[[float], Float]
PERCENTILES = (5, 50, 95)
MEASURED = ("real_income_pct", "real_wage_pct")
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: the value of a day as a fraction, and the elasticities, None where fixed."""

    day: float
    theta: Float | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Percentiles over draws by country, in per cent or points, rounded to six decimals.

    Attributes
    ----------
    draws, seed
        How many, and from which seed.
    law, wage
        Change of real income and of the real wage, (3, n) for the 5th, 50th and 95th percentile;
        None where nothing that they depend on was drawn.
    gain
        What a package adds to the change of real income, (3, n); None without one, or where nothing
        that it depends on was drawn.
    statements
        What was drawn from which source, and what was not.
    """

    draws: int
    seed: int
    law: Float | None
    wage: Float | None
    gain: Float | None
    statements: tuple[str, ...]


def intervals(
    outcome: Outcome,
    costs: Costs | None,
    draws: int,
    seed: int,
    errors: Mapping[str, float] | None = None,
    *,
    held: Costs | None = None,
    workers: int | None = 1,
    cluster: Any = None,
) -> Intervals:
    """Return percentiles of the change of real income over drawn parameters.

    Draw k depends on the seed and on k alone, so that neither the number of processes nor a cluster
    changes a digit.

    Parameters
    ----------
    outcome : the change without the package
    costs : from the value of a day (a fraction) to the package's new over old costs, (n, i, j);
        None without a package
    draws, seed : how many, at least one, and from which seed
    errors : standard errors of the elasticities by sector, in place of the cited ones
    held : from the value of a day to the costs of the outcome's own shock; None where no day is in
        them
    workers, cluster : as in `advalorem.world.solve_many`

    Raises
    ------
    LinkageError
        A draw has no equilibrium, or an error names an unknown sector.
    """
    if draws < 1:
        raise LinkageError(f"draws: {draws} is too few; draw at least once")
    economy = outcome.economy
    theta_of = (economy.sectors, economy.theta)
    spread = spread_of(economy.theta_set, *theta_of) if errors is None else given_errors(
        errors, *theta_of
    )  # fmt: skip
    chosen = [draw(spread, seed, k) for k in range(draws)]
    alone = _columns(outcome, chosen, held, None, spread, workers, cluster)
    law = None if alone is None else alone["real_income_pct"]
    gain = None
    if costs is not None and not (spread.is_empty and _day_is_idle(costs)):
        whole = _columns(outcome, chosen, held, costs, spread, workers, cluster)
        if whole is not None:
            gain = whole["real_income_pct"] - (outcome.real_income_pct if law is None else law)
    return Intervals(
        draws=draws,
        seed=seed,
        law=_percentiles(law),
        wage=_percentiles(None if alone is None else alone["real_wage_pct"]),
        gain=_percentiles(gain),
        statements=_statements(spread, draws, seed, (held, costs)),
    )


def draw(spread: Spread, seed: int, k: int) -> Draw:
    """Return draw k of a seed: the value of a day first, then the elasticities.

    >>> spread = spread_of("of my own", ["A01"], np.array([4.0]))
    >>> draw(spread, 7, 0) == draw(spread, 7, 0), draw(spread, 7, 1).day == draw(spread, 7, 0).day
    (True, False)
    """
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
    row = parameters()["time_cost_per_day"]
    day = float(stream.uniform(row["low"], row["high"]))
    return Draw(day, None if spread.is_empty else draw_theta(spread, stream))


def _day_is_idle(costs: Costs | None) -> bool:
    """Return whether the value of a day makes no difference to the costs."""
    row = parameters()["time_cost_per_day"]
    return costs is None or bool(np.array_equal(costs(row["low"]), costs(row["high"])))


def _columns(
    outcome: Outcome,
    chosen: list[Draw],
    held: Costs | None,
    costs: Costs | None,
    spread: Spread,
    workers: int | None,
    cluster: Any,
) -> dict[str, Float] | None:
    """Return what is measured by draw and country; None where nothing drawn enters."""
    if spread.is_empty and _day_is_idle(held) and _day_is_idle(costs):
        return None
    shocks = _shocks(outcome, chosen, held, costs)
    found = solve_many(outcome.economy, shocks, outcome.closure, workers=workers, cluster=cluster)
    unsolved = [n for n, r in zip(found.names, found.results, strict=True) if r != "converged"]
    if unsolved:
        raise LinkageError(f"draws without equilibrium: {', '.join(unsolved)}")
    return {name: found.columns[name] for name in MEASURED}


def _shocks(
    outcome: Outcome, chosen: list[Draw], held: Costs | None, costs: Costs | None
) -> Iterator[Shock]:
    """Return the shock of each draw: elasticities, and costs at the value of a day drawn."""
    shock = outcome.shock
    for k, one in enumerate(chosen):
        d_hat = shock.d_hat if held is None else held(one.day)
        if costs is not None:
            d_hat = costs(one.day) if d_hat is None else d_hat * costs(one.day)
        yield Shock(f"draw {k}", shock.tariffs, d_hat, shock.productivity_hat, shock.labour_hat,
                    one.theta, True)  # fmt: skip


def _percentiles(values: Float | None) -> Float | None:
    if values is None:
        return None
    return np.round(np.percentile(values, PERCENTILES, axis=0), DECIMALS)


def _statements(
    spread: Spread, draws: int, seed: int, costs: tuple[Costs | None, ...]
) -> tuple[str, ...]:
    row = parameters()["time_cost_per_day"]
    idle = all(_day_is_idle(part) for part in costs)
    days = (
        "no value of a day is in these costs, so none is drawn"
        if idle
        else f"value of a day drawn evenly from its cited range ({row['source']})"
    )
    none = "nothing is drawn, so there is no interval" if spread.is_empty and idle else None
    return tuple(filter(None, (
        f"{draws} draws, seed {seed}: 5th, 50th and 95th percentile",
        *spread.statements, days, none,
        "tariffs, claims and sizes of the instruments are stated, not drawn",
    )))  # fmt: skip
