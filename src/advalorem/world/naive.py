"""The solver of the paper's appendix, kept as a slow reference for tests and benchmarks.

Caliendo and Parro (2015), online appendix: guess wages; iterate prices and costs to a fixed point;
form shares; find the expenditures that they imply; move each wage by a fraction of the country's
trade imbalance; repeat. Nothing is accelerated and no product is reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.closure import Closure, as_closure
from advalorem.world.economy import Economy
from advalorem.world.errors import UnsolvedError
from advalorem.world.shock import Shock, shock_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["NaiveSolution", "solve_naively"]


@dataclass(frozen=True, slots=True)
class NaiveSolution:
    """Wages, prices and expenditure found by damping.

    Attributes
    ----------
    w_hat, price_hat, spending, pi
        (n), (n, j), (n, j) and (n, i, j).
    income
        (n), in the economy's unit.
    iterations
        Wage updates.
    """

    w_hat: Floats
    price_hat: Floats
    spending: Floats
    pi: Floats
    income: Floats
    iterations: int


def solve_naively(
    economy: Economy,
    shock: Shock | None = None,
    closure: str | Closure = "zero_deficits",
    *,
    tolerance: float = 1e-10,
    step: float = 0.2,
    max_iterations: int = 20_000,
) -> NaiveSolution:
    """Return the equilibrium of an already calibrated economy under zero or fixed deficits.

    Raises
    ------
    UnsolvedError
        When wages have not settled after `max_iterations`.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> solve_naively(build_economy(example.two_country_tables())).w_hat
    array([1., 1.])
    """
    new = shock_arrays(economy, shock or Shock())
    kappa = (1 + new["tau_new"]) / (1 + economy.tau) * new["d_hat"]
    deficit = economy.deficit if as_closure(closure).kind == "nominal" else 0 * economy.deficit
    labour = economy.factor_income * new["labour_hat"]
    w, price, spending = np.ones(len(labour)), np.ones(economy.shape), economy.spending
    for iteration in range(1, max_iterations + 1):
        price, cost = _prices(economy, w, price, kappa, new["productivity_hat"], tolerance)
        pi = economy.pi * (kappa * cost[None] / price[:, None]) ** -economy.theta
        spending = _spending(economy, pi, new["tau_new"], w * labour + deficit, spending, tolerance)
        flows = pi / (1 + new["tau_new"]) * spending[:, None]
        gap = flows.sum(axis=(0, 2)) - flows.sum(axis=(1, 2)) + deficit
        if np.abs(gap / labour).max() < tolerance:
            revenue = (spending - flows.sum(axis=1)).sum(axis=1)
            return NaiveSolution(w, price, spending, pi, w * labour + revenue + deficit, iteration)
        w = w * (1 + step * gap / (w * labour))
    raise UnsolvedError(f"naive solver: wages not settled after {max_iterations} iterations")


def _prices(
    economy: Economy,
    w: Floats,
    price: Floats,
    kappa: Floats,
    productivity: Floats,
    tolerance: float,
) -> tuple[Floats, Floats]:
    """Return the price indices and costs that belong to wages, eqs (10) and (11)."""
    while True:
        inputs = np.einsum("nkj,nk->nj", economy.gamma, np.log(price))
        cost = w[:, None] ** economy.value_added_share * np.exp(inputs) / productivity
        delivered = (kappa * cost[None]) ** -economy.theta
        found = np.einsum("nij,nij->nj", economy.pi, delivered) ** (-1 / economy.theta)
        if np.abs(found - price).max() < tolerance / 10:
            return found, cost
        price = found


def _spending(
    economy: Economy, pi: Floats, tau: Floats, outside: Floats, spending: Floats, tolerance: float
) -> Floats:
    """Return the expenditures that belong to shares and wages, eq. (13)."""
    net = pi / (1 + tau)
    world = spending.sum()
    while True:
        flows = net * spending[:, None]
        revenue = (spending - flows.sum(axis=1)).sum(axis=1)
        inputs = np.einsum("nkj,nj->nk", economy.gamma, flows.sum(axis=0))
        found = inputs + economy.alpha * (outside + revenue)[:, None]
        if np.abs(found - spending).sum() < tolerance / 10 * world:
            return np.asarray(found)
        spending = found
