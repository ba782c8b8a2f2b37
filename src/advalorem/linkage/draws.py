"""Intervals from drawn parameters: only what a source gives a range or an error is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.linkage.errors import LinkageError
from advalorem.scenario.places import parameters
from advalorem.world.many import solve_many
from advalorem.world.shock import Shock

if TYPE_CHECKING:
    from collections.abc import Callable

    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
LOW, MIDDLE, HIGH = 5, 50, 95
DECIMALS = 6
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Intervals:
    """Percentiles over draws by country, in per cent or points, rounded to six decimals.

    `law` is the change without the package, `gain` what the package adds; each (3, n) for the 5th,
    50th and 95th percentile, or None where nothing that it depends on was drawn.
    """

    draws: int
    seed: int
    law: Float | None
    gain: Float | None
    statements: tuple[str, ...]


def intervals(
    outcome: Outcome,
    costs: Callable[[float], Float],
    draws: int,
    seed: int,
    errors: Mapping[str, float] | None = None,
    *,
    workers: int | None = 1,
    cluster: Any = None,
) -> Intervals:
    """Return percentiles of the change of real income over drawn parameters.

    Draw k depends on the seed and on k alone, so that neither the number of processes nor a cluster
    changes a digit.

    Parameters
    ----------
    outcome : the change without the package
    costs : from the value of a day (a fraction) to the package's new over old costs, (n, i, j)
    draws, seed : how many, and from which seed
    errors : standard errors of the elasticities by sector, which are then drawn from normal
        distributions cut off at zero; None holds the elasticities fixed
    workers, cluster : as in `advalorem.world.solve_many`

    Raises
    ------
    LinkageError
        A draw has no equilibrium, or an error names an unknown sector.
    """
    economy = outcome.economy
    _check(outcome, errors)
    chosen = [_draw(outcome, seed, k, errors) for k in range(draws)]
    fixed = outcome.real_income_pct
    gains = _solved(outcome, _with_costs(outcome, chosen, costs), workers, cluster)
    if errors:
        law = _solved(outcome, _without(outcome, chosen), workers, cluster)
    else:
        law = np.broadcast_to(fixed, gains.shape)
    varies = any((costs(day) != 1).any() for day, _ in chosen[:1])
    words = _statements(economy.theta_set, errors, draws, seed)
    return Intervals(
        draws=draws,
        seed=seed,
        law=_percentiles(law) if errors else None,
        gain=_percentiles(gains - law) if varies else None,
        statements=words,
    )


def _check(outcome: Outcome, errors: Mapping[str, float] | None) -> None:
    for sector, error in (errors or {}).items():
        if sector not in outcome.economy.sectors or error < 0:
            known = ", ".join(outcome.economy.sectors)
            raise LinkageError(
                f"theta errors: {sector!r} {error}: sectors are {known}, errors >= 0"
            )


def _draw(
    outcome: Outcome, seed: int, k: int, errors: Mapping[str, float] | None
) -> tuple[float, Float | None]:
    """Return the value of a day and the elasticities of draw k."""
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
    held = parameters()["time_cost_per_day"]
    day = float(stream.uniform(held["low"], held["high"]))
    if not errors:
        return day, None
    spread = np.array([errors.get(name, 0.0) for name in outcome.economy.sectors])
    theta = outcome.economy.theta + spread * stream.standard_normal(len(spread))
    return day, np.maximum(theta, SMALLEST + outcome.economy.theta / len(spread) ** 2)


def _with_costs(
    outcome: Outcome,
    chosen: list[tuple[float, Float | None]],
    costs: Callable[[float], Float],
) -> Iterator[Shock]:
    held = outcome.shock.d_hat
    for k, (day, theta) in enumerate(chosen):
        d_hat = costs(day) if held is None else held * costs(day)
        yield Shock(f"draw {k}", outcome.shock.tariffs, d_hat,
                    outcome.shock.productivity_hat, None, theta, True)  # fmt: skip


def _without(outcome: Outcome, chosen: list[tuple[float, Float | None]]) -> Iterator[Shock]:
    for k, (_, theta) in enumerate(chosen):
        yield Shock(f"law {k}", outcome.shock.tariffs, outcome.shock.d_hat,
                    outcome.shock.productivity_hat, None, theta, True)  # fmt: skip


def _solved(outcome: Outcome, shocks: Iterator[Shock], workers: int | None, cluster: Any) -> Float:
    """Return the change of real income by draw and country."""
    found = solve_many(outcome.economy, shocks, outcome.closure, workers=workers, cluster=cluster)
    unsolved = [n for n, r in zip(found.names, found.results, strict=True) if r != "converged"]
    if unsolved:
        raise LinkageError(f"draws without equilibrium: {', '.join(unsolved)}")
    return found.columns["real_income_pct"]


def _percentiles(values: Float) -> Float:
    return np.round(np.percentile(values, (LOW, MIDDLE, HIGH), axis=0), DECIMALS)


def _statements(
    theta_set: str, errors: Mapping[str, float] | None, draws: int, seed: int
) -> tuple[str, ...]:
    held = parameters()["time_cost_per_day"]
    theta = (
        f"elasticities drawn from the standard errors given for {len(errors)} sectors"
        if errors
        else f"elasticities fixed: no standard errors are held for {theta_set}, so what the law "
        "costs has no interval"
    )
    return (
        f"{draws} draws, seed {seed}: 5th, 50th and 95th percentile",
        f"value of a day drawn evenly from its cited range ({held['source']})",
        theta,
        "sizes of the instruments are stated, not drawn",
    )
