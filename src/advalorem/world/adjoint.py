"""Exact derivatives of any scalar outcome by implicit differentiation; loads JAX.

At an equilibrium u = G(u, p). For an objective O(u, p) the adjoint lambda solves
lambda = dO/du + (dG/du)^T lambda, one linear fixed point whatever the number of parameters, and
the gradient is dO/dp + (dG/dp)^T lambda. Both transposed products come from reverse-mode
differentiation of the same equations that the solver evaluates.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from advalorem.world import equations as eq
from advalorem.world.anderson import anderson
from advalorem.world.errors import InputError, UnsolvedError
from advalorem.world.levels import Levels, levels_of
from advalorem.world.shock import Shock, shock_arrays
from advalorem.world.system import System, evaluate, make_system, pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world.outcome import Outcome

    Floats = NDArray[np.float64]

__all__ = ["OBJECTIVES", "Gradient", "gradient"]

Objective = Callable[[Levels], Any]

OBJECTIVES = {
    "real_income": "exact change of real income, per cent",
    "real_wage": "change of the real wage, per cent",
    "tariff_revenue": "tariff revenue in the economy's unit",
    "income": "income in the economy's unit",
}
TOLERANCE = 1e-10
MEMORY = 20


@dataclass(frozen=True, slots=True)
class Gradient:
    """Derivatives of one scalar at a counterfactual.

    Attributes
    ----------
    value
        The scalar itself.
    tariffs
        With respect to tau', per unit of the fraction (1 is 100 points), (n, i, j).
    d_hat
        With respect to iceberg changes, (n, i, j).
    productivity_hat, labour_hat
        With respect to productivity (n, j) and labour (n).
    iterations
        Applications of the transposed map.
    residual
        Of the adjoint, relative to the largest derivative of the objective.
    """

    value: float
    tariffs: Floats
    d_hat: Floats
    productivity_hat: Floats
    labour_hat: Floats
    iterations: int
    residual: float


class Parameters(NamedTuple):
    """What the derivatives are taken with respect to."""

    tau_new: Any
    d_hat: Any
    productivity_hat: Any
    labour_hat: Any


class Fixed(NamedTuple):
    """What does not move: base data and the system built without a shock."""

    pi: Any
    tau: Any
    factor_income: Any
    income: Any
    system: System


def gradient(outcome: Outcome, objective: str | Objective) -> Gradient:
    """Return the derivatives of a scalar with respect to all tariffs and trade costs.

    Parameters
    ----------
    outcome
        A solved counterfactual, at which the derivatives are taken.
    objective
        ``NAME:COUNTRY`` with a name of `OBJECTIVES`, or a function of `Levels` that returns a
        scalar and is written with JAX operations. Pass the same function object again to reuse
        what was compiled for it.

    Returns
    -------
    Gradient
        Holding everything else, wages and prices included, at its new equilibrium.

    Raises
    ------
    InputError
        For an unknown objective or a prohibitive tariff.
    UnsolvedError
        When the outcome is not an equilibrium or the adjoint does not converge.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> outcome = solve(build_economy(example.two_country_tables()))
    >>> found = gradient(outcome, "real_income:H")
    >>> found.tariffs.shape, bool(found.tariffs[0, 1, 0] > 0 > found.tariffs[1, 0, 0])
    ((2, 2, 1), True)
    """
    outcome.require_solved()
    with double_precision():
        scalar, country = _objective(outcome, objective)
        fixed, at = _fixed(outcome), _parameters(outcome)
        vector = _vector(outcome, fixed.system)
        value, du, dp = _compiled(scalar)[0](vector, at, fixed, country)
        linearise, onto_guess, onto_parameters = _transposed()
        back = linearise(vector, at, fixed)
        adjoint, iterations, residual = _adjoint(
            np.asarray(du), lambda x: np.asarray(onto_guess(back, x))
        )
        moved = onto_parameters(back, adjoint)
        total = [np.asarray(a) + np.asarray(b) for a, b in zip(dp, moved, strict=True)]
    return Gradient(
        value=float(value),
        **dict(zip(Parameters._fields[1:], total[1:], strict=True)),
        tariffs=total[0],
        iterations=iterations,
        residual=residual,
    )


def double_precision() -> AbstractContextManager[Any]:
    """Return a context in which JAX computes in double precision.

    Raises
    ------
    InputError
        When JAX is not installed.
    """
    try:
        import jax
    except ImportError as error:
        raise InputError(
            "gradient", "jax", "not installed", "install the extra: pip install 'advalorem[world]'"
        ) from error
    context: AbstractContextManager[Any] = jax.enable_x64(True)
    return context


def system_at(fixed: Fixed, at: Parameters) -> System:
    """Return the system at other parameters; traced by JAX."""
    xp = at.tau_new.__array_namespace__()
    kappa = eq.kappa_hat(fixed.tau, at.tau_new, at.d_hat)
    weight = eq.trade_weight(fixed.pi, kappa, fixed.system.theta)
    return fixed.system._replace(
        weight=weight,
        net_weight=weight / (1 + at.tau_new),
        labour_income=fixed.factor_income * at.labour_hat,
        log_productivity=xp.log(at.productivity_hat),
    )


def _image(vector: Any, at: Parameters, fixed: Fixed) -> Any:
    system = system_at(fixed, at)
    return pack(evaluate(system, unpack(vector, system.scale)), system.scale)


def _adjoint(right: Floats, transposed: Callable[[Floats], Floats]) -> tuple[Floats, int, float]:
    """Return lambda = right + transposed(lambda), its iterations and relative residual."""
    size = float(np.abs(right).max())
    if size == 0.0:
        return np.zeros_like(right), 0, 0.0
    scaled = right / size
    found = anderson(
        lambda x: scaled + transposed(x),
        scaled,
        tolerance=TOLERANCE,
        max_iterations=1000,
        memory=MEMORY,
    )
    if found.result != "converged":
        raise UnsolvedError(
            f"adjoint of the gradient: {found.result}, residual {found.residual:.2g}"
        )
    return size * found.point, found.iterations, found.residual


@lru_cache(maxsize=1)
def _transposed() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return compiled functions: linearise, and apply the transposed derivative to either side."""
    import jax

    def linearise(vector: Any, at: Parameters, fixed: Fixed) -> Any:
        return jax.vjp(lambda v, p: _image(v, p, fixed), vector, at)[1]

    onto_guess = jax.jit(lambda back, x: back(x)[0])
    onto_parameters = jax.jit(lambda back, x: back(x)[1])
    return jax.jit(linearise), onto_guess, onto_parameters


@lru_cache(maxsize=32)
def _compiled(scalar: Callable[..., Any]) -> tuple[Callable[..., Any]]:
    """Return the compiled value and derivatives of an objective."""
    import jax

    def both(vector: Any, at: Parameters, fixed: Fixed, country: Any) -> Any:
        def value_at(v: Any, p: Parameters) -> Any:
            system = system_at(fixed, p)
            levels = levels_of(system, unpack(v, system.scale), p.tau_new, p.d_hat, p.labour_hat)
            return scalar(levels, fixed.income, country)

        value, (du, dp) = jax.value_and_grad(value_at, argnums=(0, 1))(vector, at)
        return value, du, dp

    return (jax.jit(both),)


def _objective(outcome: Outcome, objective: str | Objective) -> tuple[Callable[..., Any], Any]:
    if not isinstance(objective, str):
        return _wrapped(objective), 0
    name, _, code = objective.partition(":")
    if name not in NAMED or not code:
        raise InputError(
            "objective",
            repr(objective),
            "unknown",
            f"use NAME:COUNTRY with {', '.join(OBJECTIVES)}",
        )
    return NAMED[name], outcome.economy.country_index(code)


@lru_cache(maxsize=32)
def _wrapped(objective: Objective) -> Callable[..., Any]:
    return lambda levels, income, country: objective(levels)


def _real_income(levels: Levels, income: Any, country: Any) -> Any:
    return 100 * (levels.income[country] / income[country] / levels.price_index_hat[country] - 1)


def _real_wage(levels: Levels, income: Any, country: Any) -> Any:
    return 100 * (levels.w_hat[country] / levels.price_index_hat[country] - 1)


def _revenue(levels: Levels, income: Any, country: Any) -> Any:
    return levels.revenue[country]


def _income(levels: Levels, income: Any, country: Any) -> Any:
    return levels.income[country]


NAMED = {
    "real_income": _real_income,
    "real_wage": _real_wage,
    "tariff_revenue": _revenue,
    "income": _income,
}


def _fixed(outcome: Outcome) -> Fixed:
    import jax.numpy as jnp

    economy = outcome.economy
    system = make_system(economy, Shock("base"), outcome.closure)
    return Fixed(
        pi=jnp.asarray(economy.pi),
        tau=jnp.asarray(economy.tau),
        factor_income=jnp.asarray(economy.factor_income),
        income=jnp.asarray(outcome.before.income),
        system=System(*(jnp.asarray(value) for value in system)),
    )


def _parameters(outcome: Outcome) -> Parameters:
    import jax.numpy as jnp

    new = shock_arrays(outcome.economy, outcome.shock)
    for name in ("tau_new", "d_hat"):
        if not np.isfinite(new[name]).all():
            raise InputError(name, outcome.shock.name, "prohibitive", "use a large finite value")
    return Parameters(**{name: jnp.asarray(values) for name, values in new.items()})


def _vector(outcome: Outcome, system: System) -> Any:
    import jax.numpy as jnp

    from advalorem.world.system import Guess

    after = outcome.after
    guess = Guess(np.log(after.w_hat), np.log(after.price_hat), np.asarray(after.spending))
    return pack(Guess(*(jnp.asarray(part) for part in guess)), system.scale)
