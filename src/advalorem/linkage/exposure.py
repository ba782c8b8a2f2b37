"""Dependence: who buys a country's exports, where its value added ends, whose inputs it uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from advalorem.world.levels import Levels
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Dependence in one equilibrium.

    Attributes
    ----------
    export_share
        Share of exporter i's exports that importer n buys, (n, i); columns sum to one.
    concentration
        Sum of squared export shares by exporter, (i); one where a single country buys all.
    value_added_in
        Share of country i's value added that ends in the final demand of n, through third countries
        too, (n, i); columns sum to one.
    input_share
        Share of country n's inputs from abroad that come from i, by using sector, (n, i, j).
    input_abroad
        Share of country n's inputs that come from abroad, by using sector, (n, j).
    """

    export_share: Float
    concentration: Float
    value_added_in: Float
    input_share: Float
    input_abroad: Float


def exposure(levels: Levels) -> Exposure:
    """Return the dependence of every country on every other in one equilibrium.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> found = exposure(solve(build_economy(example.two_country_tables())).before)
    >>> found.export_share.sum(axis=0), found.value_added_in.sum(axis=0).round(12)
    (array([1., 1.]), array([1., 1.]))
    """
    flows = np.asarray(levels.flows)
    own = np.arange(len(flows))
    abroad = flows.sum(axis=2)
    abroad[own, own] = 0.0
    sold = abroad.sum(axis=0)
    share = abroad / np.where(sold > 0, sold, 1.0)
    inputs, foreign = _inputs(levels)
    return Exposure(
        export_share=share,
        concentration=(share**2).sum(axis=0),
        value_added_in=value_added_by_demand(levels),
        input_share=inputs,
        input_abroad=foreign,
    )


def value_added_by_demand(levels: Levels) -> Float:
    """Return the share of each country's value added by the country of final demand, (n, i).

    Leontief: v (I - A)^-1 F, with inputs bought from all origins at the importer's shares (Johnson
    and Noguera, 2012, Journal of International Economics 86(2), 224-236).
    """
    pi_net = np.asarray(levels.flows / np.where(levels.spending > 0, levels.spending, 1.0)[:, None])
    n, _, j = pi_net.shape
    size = n * j
    inputs = np.einsum("nik,nkj->iknj", pi_net, levels.gamma).reshape(size, size)
    final = np.einsum("nij,nj->ijn", pi_net, levels.alpha * levels.income[:, None])
    output = np.linalg.solve(np.eye(size) - inputs, final.reshape(size, n)).reshape(n, j, n)
    added = np.einsum("ij,ijn->ni", levels.value_added_share, output)
    return np.asarray(added / added.sum(axis=0))


def _inputs(levels: Levels) -> tuple[Float, Float]:
    """Return origins' shares of foreign inputs, (n, i, j), and the foreign share, (n, j)."""
    own = np.arange(len(levels.flows))
    bought = np.array(levels.flows / np.where(levels.spending > 0, levels.spending, 1.0)[:, None])
    used = np.einsum("nik,nkj->nij", bought, levels.gamma)
    everything = used.sum(axis=1)
    used[own, own] = 0.0
    abroad = used.sum(axis=1)
    share = used / np.where(abroad > 0, abroad, 1.0)[:, None]
    return np.asarray(share), np.asarray(abroad / np.where(everything > 0, everything, 1.0))


def sales_shift(outcome: Outcome, importer: str) -> Float:
    """Return the change of shares in an importer's purchases at base purchases, (i, j).

    Its own producers have their own place; the changes of a sector sum to zero. In the economy's
    unit at base prices, so that no change of the numeraire enters.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> outcome = solve(build_economy(example.two_country_tables()))
    >>> bool(abs(sales_shift(outcome, "H")).max() < 1e-6)
    True
    """
    n = outcome.economy.country_index(importer)
    old, new = outcome.before.flows[n], outcome.after.flows[n]
    bought, after = old.sum(axis=0), new.sum(axis=0)
    shares = new / np.where(after > 0, after, 1.0) - old / np.where(bought > 0, bought, 1.0)
    return np.asarray(shares * bought)


def gainers(outcome: Outcome, importer: str, losers: Sequence[str]) -> tuple[Float, float]:
    """Return who takes the sales that losers lose in an importer's market, (i), and their sum.

    Where the losers together lose in a sector, their loss is shared out over those who gain, in
    proportion to their gains. The parts sum to the loss.

    Examples
    --------
    >>> from advalorem.world import Shock, build_economy, example, solve
    >>> economy = build_economy(example.two_country_tables())
    >>> tariffs = economy.tau.copy()
    >>> tariffs[0, 1] = 0.1
    >>> parts, lost = gainers(solve(economy, Shock("x", tariffs=tariffs)), "H", ["F"])
    >>> bool(lost > 0), bool(abs(parts.sum() - lost) < 1e-9), float(parts[1])
    (True, True, 0.0)
    """
    shift = sales_shift(outcome, importer)
    rows = [outcome.economy.country_index(name) for name in losers]
    lost = np.maximum(-shift[rows].sum(axis=0), 0.0)
    won = np.maximum(shift, 0.0)
    won[rows] = 0.0
    total = won.sum(axis=0)
    parts = won * np.where(total > 0, lost / np.where(total > 0, total, 1.0), 0.0)
    return np.asarray(parts.sum(axis=1)), float(lost.sum())
