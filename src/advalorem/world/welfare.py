"""Three readings of welfare: exact, the paper's one step, and integrated along the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.errors import UnsolvedError
from advalorem.world.levels import Levels
from advalorem.world.shock import part_of, shock_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world.outcome import Outcome
    from advalorem.world.solver import SolverOptions

    Floats = NDArray[np.float64]

__all__ = ["COMPONENTS", "Decomposition", "decompose", "one_step"]

COMPONENTS = (
    "terms_of_trade",
    "volume_of_trade",
    "technical_efficiency",
    "productivity",
    "labour",
    "deficit",
)


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Exact change of real income split along the path of the shock, in per cent, (n) each.

    Attributes
    ----------
    components
        One array per name in `COMPONENTS`; they add up to `total`.
    total
        Sum of the components.
    exact
        Exact change of real income of the same equilibrium.
    gap
        Largest absolute difference of the two, in points.
    nodes
        Equilibria solved along the path.
    """

    components: dict[str, Floats]
    total: Floats
    exact: Floats
    gap: float
    nodes: int


def one_step(base: Levels, new: Levels) -> dict[str, Floats]:
    """Return the paper's decomposition from base weights and total changes, per cent, (n) each.

    terms of trade = sum_ij [E_ni (c_hat_n - 1) - M_ni (c_hat_i - 1)] / I_n,
    volume of trade = sum_ij tau_ni M_ni (M_hat_ni - c_hat_i) / I_n, as the welfare formula of
    Caliendo and Parro (2015) is evaluated for their tables: a differential applied to a finite
    change. ``technical_efficiency`` is the like term for iceberg costs.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> outcome = solve(build_economy(example.two_country_tables()))
    >>> float(abs(one_step(outcome.base, outcome.new)["terms_of_trade"]).max()) < 1e-12
    True
    """
    change = new.cost_hat / base.cost_hat - 1
    revenue_base = base.tau * base.flows
    grown = np.where(base.tau > 0, base.tau * new.flows, 0.0)
    volume = (grown - revenue_base * (1 + change[None, :, :])).sum(axis=(1, 2))
    iceberg = np.where(base.flows > 0, base.flows * (1 + base.tau), 0.0) * (
        np.where(base.flows > 0, new.d_hat / base.d_hat, 1.0) - 1
    )
    parts = {
        "terms_of_trade": _terms_of_trade(base.flows, change),
        "volume_of_trade": volume,
        "technical_efficiency": 0.0 - iceberg.sum(axis=(1, 2)),
    }
    return {name: 100 * value / base.income for name, value in parts.items()}


def decompose(
    outcome: Outcome,
    *,
    tolerance: float = 1e-6,
    options: SolverOptions | None = None,
    max_nodes: int = 129,
) -> Decomposition:
    """Return the exact change of real income split along the path of the shock.

    The path is straight in log (1 + tau), log d, log A and log L. Equilibria are solved at
    Chebyshev points, the integrands differentiated spectrally and integrated by Clenshaw-Curtis
    quadrature; points are doubled until the parts add up to the exact change. Log points are
    scaled by the country's ratio of per cent to log points, so that the parts add up to the
    exact per cent change.

    Parameters
    ----------
    outcome
        A solved outcome.
    tolerance
        Largest gap allowed between the sum and the exact change, in points.
    options
        Solver options for the points on the path.
    max_nodes
        Most points to use.

    Raises
    ------
    InputError
        For a prohibitive tariff or cost, to which no finite path leads.
    UnsolvedError
        When a point on the path has no solution, or the gap stays above the tolerance.

    Examples
    --------
    >>> from advalorem.world import Shock, build_economy, example, solve
    >>> economy = build_economy(example.two_country_tables(tariff=0.1))
    >>> split = decompose(solve(economy, Shock("free trade", tariffs=0 * economy.tau)))
    >>> split.gap < 1e-6
    True
    """
    outcome.require_solved()
    part_of(outcome.economy, outcome.shock, 1.0)
    nodes = 5
    while True:
        split = _integrate(outcome, nodes, options)
        if split.gap <= tolerance:
            return split
        nodes = 2 * nodes - 1
        if nodes > max_nodes:
            raise UnsolvedError(
                f"decomposition of {outcome.shock.name}: parts miss the exact change by "
                f"{split.gap:.2g} points with {split.nodes} points; raise max_nodes or tolerance",
                outcome,
            )


def _integrate(outcome: Outcome, nodes: int, options: SolverOptions | None) -> Decomposition:
    at, weights, derivative = _chebyshev(nodes)
    path = [_point(outcome, float(s), options) for s in at]
    logs = np.stack([np.log(p.cost_hat) for p in path])
    d_cost = np.tensordot(derivative, logs, axes=1)
    d_flows = np.tensordot(derivative, np.stack([p.flows for p in path]), axes=1)
    d_deficit = np.tensordot(derivative, np.stack([p.deficit for p in path]), axes=1)
    slopes = _log_slopes(outcome)
    total = {name: np.zeros(len(outcome.economy.countries)) for name in COMPONENTS}
    for weight, here, cost, flows, deficit in zip(
        weights, path, d_cost, d_flows, d_deficit, strict=True
    ):
        for name, value in _integrands(here, cost, flows, deficit, slopes).items():
            total[name] += weight * value / here.income
    return _scaled(outcome, total, nodes)


def _integrands(
    here: Levels, d_cost: Floats, d_flows: Floats, d_deficit: Floats, slopes: dict[str, Floats]
) -> dict[str, Floats]:
    """Return the differential of real income times income, split; exact at every point."""
    tariffs = here.tau
    paid = here.flows * (1 + tariffs)
    return {
        "terms_of_trade": _terms_of_trade(here.flows, d_cost),
        "volume_of_trade": (tariffs * (d_flows - here.flows * d_cost[None])).sum(axis=(1, 2)),
        "technical_efficiency": 0.0 - (paid * slopes["d"]).sum(axis=(1, 2)),
        "productivity": (here.output * slopes["productivity"]).sum(axis=1),
        "labour": here.factor_income * slopes["labour"],
        "deficit": d_deficit,
    }


def _terms_of_trade(flows: Floats, change: Floats) -> Floats:
    """Return the gain on exports less the loss on imports at given flows, (n)."""
    gained = (flows.sum(axis=0) * change).sum(axis=1)
    lost = np.einsum("nij,ij->n", flows, change)
    return np.asarray(gained - lost)


def _scaled(outcome: Outcome, total: dict[str, Floats], nodes: int) -> Decomposition:
    exact = outcome.real_income_pct
    logs = np.log1p(exact / 100)
    factor = np.where(np.abs(logs) > 1e-12, exact / np.where(logs == 0, 1.0, logs), 100.0)
    parts = {name: value * factor for name, value in total.items()}
    summed = np.sum(list(parts.values()), axis=0)
    return Decomposition(parts, summed, exact, float(np.abs(summed - exact).max()), nodes)


def _point(outcome: Outcome, s: float, options: SolverOptions | None) -> Levels:
    """Return the equilibrium at a share s of the way, in logs, from base to shock."""
    from advalorem.world.solver import SolverOptions, solve

    if s in (0.0, 1.0):
        return outcome.before if s == 0.0 else outcome.after
    part = part_of(outcome.economy, outcome.shock, s)
    finer = options or SolverOptions(tolerance=1e-12)
    found = solve(outcome.economy, part, outcome.closure, options=finer)
    return found.after


def _log_slopes(outcome: Outcome) -> dict[str, Floats]:
    new = shock_arrays(outcome.economy, outcome.shock)
    return {
        "d": np.log(new["d_hat"]),
        "productivity": np.log(new["productivity_hat"]),
        "labour": np.log(new["labour_hat"]),
    }


def _chebyshev(nodes: int) -> tuple[Floats, Floats, Floats]:
    """Return points on [0, 1], Clenshaw-Curtis weights and the differentiation matrix.

    Trefethen (2000), Spectral Methods in MATLAB, chapters 6 and 12.
    """
    last = nodes - 1
    angle = np.pi * np.arange(nodes) / last
    at = (1 - np.cos(angle)) / 2
    ends = np.where((np.arange(nodes) == 0) | (np.arange(nodes) == last), 2.0, 1.0)
    signed = ends * (-1.0) ** np.arange(nodes)
    gap = at[:, None] - at[None, :] + np.eye(nodes)
    derivative = signed[:, None] / signed[None, :] / gap
    derivative -= np.diag(derivative.sum(axis=1))
    moments = np.array([1.0 / (1 - k * k) if k % 2 == 0 else 0.0 for k in range(nodes)])
    cosines = np.cos(np.outer(np.arange(nodes), np.pi - angle))
    weights = np.linalg.solve(cosines, moments)
    at[0], at[-1] = 0.0, 1.0
    return at, weights, derivative
