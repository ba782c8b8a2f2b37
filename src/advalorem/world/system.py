"""One evaluation of the model as a fixed point, composed of the numbered equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from advalorem.world import equations as eq
from advalorem.world.closure import Closure, deficit_terms, numeraire_weights
from advalorem.world.economy import Economy
from advalorem.world.shock import Shock, shock_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Guess", "System", "evaluate", "make_system", "pack", "unpack"]

Array = Any

WAGE_STEP = 0.5
PRICE_PASSES = 2


class System(NamedTuple):
    """What stays fixed while a counterfactual is solved; NumPy or JAX arrays.

    Attributes
    ----------
    weight, net_weight
        pi kappa_hat^-theta and the same over (1 + tau'), (n, i, j); sectors at the end that are
        not traded are left out.
    value_added_share, gamma, alpha, theta
        As in `Economy`.
    labour_income
        Factor income at base wages and the new labour force, (n).
    log_productivity
        (n, j).
    deficit_fixed, deficit_share
        Deficit = fixed + share x world income, (n).
    numeraire
        Weights v of the wages, (n), with v w_hat = 1.
    scale
        Unit of expenditure in the unknowns, (n, j).
    """

    weight: Array
    net_weight: Array
    value_added_share: Array
    gamma: Array
    alpha: Array
    theta: Array
    labour_income: Array
    log_productivity: Array
    deficit_fixed: Array
    deficit_share: Array
    numeraire: Array
    scale: Array


class Guess(NamedTuple):
    """The unknowns: log wages (n), log prices (n, j), expenditure (n, j)."""

    log_w: Array
    log_price: Array
    spending: Array


def make_system(
    economy: Economy, shock: Shock, closure: Closure, new: dict[str, Any] | None = None
) -> System:
    """Return the fixed arrays of one counterfactual; `new` is what `shock_arrays` gives for it.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> make_system(economy, Shock(), Closure()).weight.shape
    (2, 2, 1)
    """
    new = shock_arrays(economy, shock) if new is None else new
    weight = economy.pi
    if shock.tariffs is not None or shock.d_hat is not None:
        kappa = eq.kappa_hat(economy.tau, new["tau_new"], new["d_hat"])
        weight = eq.trade_weight(economy.pi, kappa, economy.theta)
    traded = _traded(economy, shock)
    weight, border = weight[:, :, :traded], 1 + new["tau_new"][:, :, :traded]
    fixed, share = deficit_terms(economy, closure)
    return System(
        weight=weight,
        net_weight=weight / border,
        value_added_share=economy.value_added_share,
        gamma=economy.gamma,
        alpha=economy.alpha,
        theta=economy.theta,
        labour_income=economy.factor_income * new["labour_hat"],
        log_productivity=np.log(new["productivity_hat"]),
        deficit_fixed=fixed,
        deficit_share=share,
        numeraire=numeraire_weights(economy, closure),
        scale=economy.spending + economy.spending.mean(axis=1, keepdims=True),
    )


def _traded(economy: Economy, shock: Shock) -> int:
    """Return how many sectors there are up to the last one that is traded or made dearer."""
    own = np.arange(len(economy.countries))
    if shock.d_hat is not None and (np.asarray(shock.d_hat)[own, own] != 1).any():
        return len(economy.sectors)
    foreign = (economy.pi[own, own] != 1).any(axis=0)
    return int(np.nonzero(foreign)[0].max(initial=0)) + 1


def evaluate(system: System, guess: Guess) -> Guess:
    """Return what the equations make of a guess; an equilibrium is returned unchanged.

    Prices follow (10) and (11), twice over, and expenditure (13). The wage moves half-way, in
    logs, to the one that clears the labour market, sum_j va Y' = w_hat w L, which with (13) is
    the trade balance (14); then wages are put back on the numeraire.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> system = make_system(economy, Shock(), Closure())
    >>> base = Guess(np.zeros(2), np.zeros((2, 1)), economy.spending)
    >>> bool(np.allclose(evaluate(system, base).spending, base.spending))
    True
    """
    log_price = guess.log_price
    for _ in range(PRICE_PASSES):
        log_cost = eq.log_input_cost_hat(
            guess.log_w,
            log_price,
            system.value_added_share,
            system.gamma,
            system.log_productivity,
        )
        cost = eq.cost_power(log_cost, system.theta)
        power = eq.price_power(system.weight, cost)
        log_price = eq.log_price_hat(power, system.theta)
    output = eq.sales(system.net_weight, cost, power, guess.spending)
    spent = income_of(system, guess, cost, power)
    return Guess(
        log_w=_next_wage(system, guess.log_w, output),
        log_price=log_price,
        spending=eq.expenditure(system.gamma, system.alpha, output, spent),
    )


def income_of(system: System, guess: Guess, cost: Array, power: Array) -> Array:
    """Return income I', (n): wages, tariff revenue and the deficit that the closure gives."""
    xp = system.gamma.__array_namespace__()
    bought = eq.purchases(system.net_weight, cost, power, guess.spending)
    revenue = (guess.spending - bought).sum(axis=1)
    wages = xp.exp(guess.log_w) * system.labour_income
    return eq.income(wages, revenue, deficit_of(system, wages, revenue))


def deficit_of(system: System, wages: Array, revenue: Array) -> Array:
    """Return the deficits, (n), under the closure of the system.

    >>> from advalorem.world import build_economy, example
    >>> system = make_system(build_economy(example.two_country_tables()), Shock(), Closure())
    >>> deficit_of(system, np.array([125.0, 200.0]), np.zeros(2))
    array([0., 0.])
    """
    return system.deficit_fixed + system.deficit_share * (wages + revenue).sum()


def pack(guess: Guess, scale: Array) -> Array:
    """Return the unknowns as one vector, expenditure in units of `scale`.

    >>> pack(Guess(np.zeros(1), np.zeros((1, 1)), np.array([[6.0]])), np.array([[3.0]]))
    array([0., 0., 2.])
    """
    xp = scale.__array_namespace__()
    parts = [guess.log_w, xp.reshape(guess.log_price, (-1,))]
    return xp.concatenate([*parts, xp.reshape(guess.spending / scale, (-1,))])


def unpack(vector: Array, scale: Array) -> Guess:
    """Return the unknowns from one vector; the inverse of `pack`.

    >>> unpack(np.array([0.0, 0.0, 2.0]), np.array([[3.0]])).spending
    array([[6.]])
    """
    n, j = scale.shape
    prices = vector[n : n + n * j].reshape(n, j)
    return Guess(vector[:n], prices, vector[n + n * j :].reshape(n, j) * scale)


def _next_wage(system: System, log_w: Array, output: Array) -> Array:
    xp = system.gamma.__array_namespace__()
    demanded = (system.value_added_share * output).sum(axis=1)
    target = xp.log(demanded / system.labour_income)
    moved = log_w + WAGE_STEP * (target - log_w)
    return moved - xp.log((system.numeraire * xp.exp(moved)).sum())
