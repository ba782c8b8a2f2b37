"""Levels and changes that follow from a solved guess."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from advalorem.world import equations as eq
from advalorem.world.economy import Economy
from advalorem.world.system import Guess, System, deficit_of

__all__ = ["Levels", "base_levels", "levels_of", "summary"]

Array = Any


class Levels(NamedTuple):
    """One equilibrium in levels; hats are relative to the base of the economy.

    Attributes
    ----------
    w_hat, price_index_hat
        Wage per worker and price of final spending, (n).
    price_hat, cost_hat
        Price index and cost of the input bundle by sector, (n, j).
    tau, d_hat, pi, flows
        Tariffs, iceberg changes, expenditure shares, trade net of tariffs, (n, i, j).
    spending, output
        Expenditure with tariffs and gross output, (n, j).
    factor_income, revenue, deficit, income
        (n); income is the sum of the other three.
    labour_hat, productivity_hat
        The shocks, (n) and (n, j).
    alpha, gamma, value_added_share
        Parameters, as in `Economy`.
    """

    w_hat: Array
    price_index_hat: Array
    price_hat: Array
    cost_hat: Array
    tau: Array
    d_hat: Array
    pi: Array
    flows: Array
    spending: Array
    output: Array
    factor_income: Array
    revenue: Array
    deficit: Array
    income: Array
    labour_hat: Array
    productivity_hat: Array
    alpha: Array
    gamma: Array
    value_added_share: Array


def levels_of(system: System, guess: Guess, tau: Array, d_hat: Array, labour_hat: Array) -> Levels:
    """Return the levels of a guess; meaningful when the guess is an equilibrium.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> solve(build_economy(example.two_country_tables())).new.output.ravel()
    array([125., 200.])
    """
    xp = system.gamma.__array_namespace__()
    log_cost = eq.log_input_cost_hat(
        guess.log_w,
        guess.log_price,
        system.value_added_share,
        system.gamma,
        system.log_productivity,
    )
    cost = eq.cost_power(log_cost, system.theta)
    power = eq.price_power(system.weight, cost)
    sectors = cost.shape[1]
    pi = eq.trade_share(eq.all_sectors(system.weight, sectors), cost, power)
    net = eq.trade_share(eq.all_sectors(system.net_weight, sectors), cost, power)
    flows = net * guess.spending[:, None, :]
    revenue = (guess.spending - flows.sum(axis=1)).sum(axis=1)
    factor_income = xp.exp(guess.log_w) * system.labour_income
    deficit = deficit_of(system, factor_income, revenue)
    return Levels(
        w_hat=xp.exp(guess.log_w),
        price_index_hat=xp.exp((system.alpha * guess.log_price).sum(axis=1)),
        price_hat=xp.exp(guess.log_price),
        cost_hat=xp.exp(log_cost),
        tau=tau,
        d_hat=d_hat,
        pi=pi,
        flows=flows,
        spending=guess.spending,
        output=flows.sum(axis=0),
        factor_income=factor_income,
        revenue=revenue,
        deficit=deficit,
        income=eq.income(factor_income, revenue, deficit),
        labour_hat=labour_hat,
        productivity_hat=xp.exp(system.log_productivity),
        alpha=system.alpha,
        gamma=system.gamma,
        value_added_share=system.value_added_share,
    )


def base_levels(economy: Economy) -> Levels:
    """Return the levels of a calibrated economy, at which all hats are one.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> base_levels(build_economy(example.two_country_tables())).income
    array([125., 200.])
    """
    n, j = economy.shape
    flows = economy.flows
    revenue = (economy.spending - flows.sum(axis=1)).sum(axis=1)
    country, cell = np.ones(n), np.ones((n, j))
    return Levels(
        w_hat=country,
        price_index_hat=country,
        price_hat=cell,
        cost_hat=cell,
        tau=economy.tau,
        d_hat=np.broadcast_to(1.0, economy.tau.shape),
        pi=economy.pi,
        flows=flows,
        spending=economy.spending,
        output=flows.sum(axis=0),
        factor_income=economy.factor_income,
        revenue=revenue,
        deficit=economy.deficit,
        income=eq.income(economy.factor_income, revenue, economy.deficit),
        labour_hat=country,
        productivity_hat=cell,
        alpha=economy.alpha,
        gamma=economy.gamma,
        value_added_share=economy.value_added_share,
    )


def summary(levels: Levels, base_income: Array) -> dict[str, Array]:
    """Return what is kept of each of many scenarios, (n) each.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> new = solve(build_economy(example.two_country_tables())).new
    >>> sorted(summary(new, new.income))[:4]
    ['income_new', 'price_pct', 'real_income_pct', 'real_wage_pct']
    """
    price = levels.price_index_hat
    return {
        "real_income_pct": 100 * (levels.income / base_income / price - 1),
        "real_wage_pct": 100 * (levels.w_hat / price - 1),
        "wage_pct": 100 * (levels.w_hat - 1),
        "price_pct": 100 * (price - 1),
        "tariff_revenue_new": levels.revenue,
        "income_new": levels.income,
    }
