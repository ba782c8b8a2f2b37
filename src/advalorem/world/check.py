"""Residuals of an equilibrium, recomputed from levels and not from the solver's unknowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from advalorem.world.levels import Levels

__all__ = ["residuals"]


def residuals(levels: Levels) -> dict[str, float]:
    """Return the largest relative error of each condition of the equilibrium.

    Parameters
    ----------
    levels
        Levels of one equilibrium.

    Returns
    -------
    dict
        ``market_clearing`` (expenditure against inputs and final spending, over the country's
        expenditure), ``labour_market`` (value added against factor income), ``trade_balance``
        (purchases less sales less deficit, over income), ``income`` (spending on final goods
        against income), ``shares`` (sums of shares), ``world`` (sum of deficits over world
        income).

    Examples
    --------
    >>> from advalorem.world import build_economy, calibrate, example, solve
    >>> outcome = solve(build_economy(example.two_country_tables()))
    >>> max(residuals(outcome.new).values()) < 1e-12
    True
    """
    flows, output = levels.flows, levels.flows.sum(axis=0)
    bought = flows.sum(axis=1)
    inputs = np.einsum("nkj,nj->nk", levels.gamma, output)
    final = levels.alpha * levels.income[:, None]
    total = levels.spending.sum(axis=1)
    paid = np.einsum("nij,nij->nj", flows, 1 + _finite(levels.tau))
    wages = (levels.value_added_share * output).sum(axis=1)
    errors = {
        "market_clearing": (levels.spending - inputs - final) / total[:, None],
        "labour_market": wages / levels.factor_income - 1,
        "trade_balance": (bought.sum(axis=1) - output.sum(axis=1) - levels.deficit) / levels.income,
        "income": ((levels.spending - inputs).sum(axis=1) - levels.income) / levels.income,
        "shares": (paid - levels.spending) / total[:, None],
        "world": levels.deficit.sum() / levels.income.sum(),
    }
    return {name: float(np.max(np.abs(error))) for name, error in errors.items()}


def _finite(tau: np.ndarray) -> np.ndarray:
    """Return tariffs with prohibitive ones as zero; nothing is traded there."""
    return tau if np.isfinite(tau.max()) else np.where(np.isfinite(tau), tau, 0.0)
