"""Find the counterfactual equilibrium; no economics here, see `equations` and `system`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world import anderson as fixed
from advalorem.world.check import residuals
from advalorem.world.closure import Closure, as_closure
from advalorem.world.economy import Adjustment, Economy, check_economy, sector_major
from advalorem.world.errors import InputError, UnsolvedError
from advalorem.world.levels import Levels, base_levels, levels_of
from advalorem.world.outcome import Outcome
from advalorem.world.shock import Shock, part_of, shock_arrays
from advalorem.world.system import Guess, System, evaluate, make_system, pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["RESULTS", "SolverOptions", "calibrate", "solve"]

RESULTS = {
    "converged": "the residual is below the tolerance",
    "max_iterations": "the iteration ended before the residual was below the tolerance; raise "
    "max_iterations, or split a large shock into steps",
    "non_finite": "no finite residual was found: the shock leaves a country without a supplier or "
    "moves prices out of range",
    "inconsistent_input": "the economy contradicts itself, see the message",
}


@dataclass(frozen=True, slots=True)
class SolverOptions:
    """How to iterate.

    Attributes
    ----------
    tolerance
        Largest change of any log wage, log price or scaled expenditure in one more evaluation.
    max_iterations
        Evaluations of the model.
    memory
        Steps that Anderson acceleration remembers.
    method
        ``anderson``, or ``damped`` for plain damping, which is slow and kept as reference.
    """

    tolerance: float = 1e-11
    max_iterations: int = 1000
    memory: int = 15
    method: str = "anderson"


DEFAULTS = SolverOptions()


def solve(
    economy: Economy,
    shock: Shock | None = None,
    closure: str | Closure = "zero_deficits",
    *,
    options: SolverOptions = DEFAULTS,
    throw: bool = True,
    start: Guess | None = None,
) -> Outcome:
    """Return the equilibrium after `shock`, relative to the calibrated base.

    Parameters
    ----------
    economy
        Base year; it is calibrated under `closure` first unless it already is.
    shock
        What changes; None changes nothing.
    closure
        ``zero_deficits``, ``world_share``, ``nominal`` or a `Closure`.
    options
        Tolerance, limits and method.
    throw
        When False, failure is returned as ``outcome.result`` instead of raised.
    start
        Unknowns of a similar case to start from; None starts at the base.

    Returns
    -------
    Outcome
        Result code, iterations, residuals recomputed from levels, and the two equilibria.

    Raises
    ------
    InputError
        When the economy or the shock is not usable (code ``inconsistent_input``).
    UnsolvedError
        When no equilibrium was found; the error holds the outcome.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> tariffs = economy.tau.copy()
    >>> tariffs[0, 1] = 0.25
    >>> outcome = solve(economy, Shock("H taxes F", tariffs=tariffs))
    >>> outcome.result, round(float(outcome.real_income_pct[0]), 3)
    ('converged', 1.095)
    """
    shock = shock or Shock()
    rule = as_closure(closure)
    try:
        base = _base(economy, shock, rule, options)
        new = shock_arrays(base, shock)
        system = make_system(base, shock, rule, new)
    except InputError as error:
        if throw:
            raise
        return _unusable(economy, shock, rule, str(error))
    except UnsolvedError as error:
        if throw:
            raise
        outcome: Outcome = error.outcome
        return outcome
    guess, found = _iterate(system, start or _start(base), options)
    if found.result != "converged" and options.method == "anderson":
        guess, found = _in_steps(base, shock, rule, options, (guess, found))
    outcome = _outcome(base, shock, rule, system, guess, found, new)
    if throw and outcome.result != "converged":
        raise UnsolvedError(_message(outcome), outcome)
    return outcome


def calibrate(
    economy: Economy,
    closure: str | Closure = "zero_deficits",
    *,
    options: SolverOptions = DEFAULTS,
) -> Economy:
    """Return the economy as an equilibrium under `closure`, with a report of what moved.

    The model is solved at base tariffs. Under ``zero_deficits`` this removes aggregate
    deficits; under every closure it removes what repairs of the tables left out of balance.

    Raises
    ------
    InputError
        When shares do not sum to one or values are not usable.
    UnsolvedError
        When the base has no equilibrium within the limits.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> calibrate(build_economy(example.two_country_tables())).closure
    'zero_deficits'
    """
    rule = as_closure(closure)
    check_economy(economy)
    system = make_system(economy, Shock("base"), rule)
    guess, found = _iterate(system, _start(economy), options)
    if found.result != "converged":
        new = shock_arrays(economy, Shock("base"))
        outcome = _outcome(economy, Shock("base"), rule, system, guess, found, new)
        raise UnsolvedError(f"calibrating {economy.name}: {_message(outcome)}", outcome)
    ones = np.broadcast_to(1.0, economy.tau.shape)
    levels = levels_of(system, guess, economy.tau, ones, np.ones(len(economy.countries)))
    return replace(
        economy,
        pi=sector_major(levels.pi),
        spending=levels.spending,
        factor_income=levels.factor_income,
        deficit=levels.deficit,
        closure=rule.key,
        adjustments=economy.adjustments + _moved(economy, levels, rule),
    )


def _base(economy: Economy, shock: Shock, rule: Closure, options: SolverOptions) -> Economy:
    if shock.theta is not None:
        economy = replace(economy.with_theta(shock.theta, f"given by {shock.name}"), closure=None)
    if economy.closure == rule.key:
        return economy
    return calibrate(economy, rule, options=options)


def _start(economy: Economy) -> Guess:
    return Guess(np.zeros(len(economy.countries)), np.zeros(economy.shape), economy.spending)


def _iterate(
    system: System, start: Guess, options: SolverOptions
) -> tuple[Guess, fixed.FixedPoint]:
    def once(vector: Floats) -> Floats:
        packed: Floats = pack(evaluate(system, unpack(vector, system.scale)), system.scale)
        return packed

    vector = pack(start, system.scale)
    limits = {"tolerance": options.tolerance, "max_iterations": options.max_iterations}
    if options.method == "damped":
        found = fixed.damped(once, vector, **limits)  # type: ignore[arg-type]
    else:
        found = fixed.anderson(once, vector, memory=options.memory, **limits)  # type: ignore[arg-type]
    return unpack(found.point, system.scale), found


def _in_steps(
    base: Economy,
    shock: Shock,
    rule: Closure,
    options: SolverOptions,
    failed: tuple[Guess, fixed.FixedPoint],
) -> tuple[Guess, fixed.FixedPoint]:
    """Approach a large shock in eighths, each from the last solution; else return `failed`."""
    guess, spent = _start(base), failed[1].iterations
    for eighth in range(1, 9):
        try:
            part = part_of(base, shock, eighth / 8) if eighth < 8 else shock
        except InputError:
            return failed
        guess, found = _iterate(make_system(base, part, rule), guess, options)
        spent += found.iterations
        if found.result != "converged":
            return failed
    return guess, replace(found, iterations=spent, restarts=failed[1].restarts + found.restarts)


def _outcome(
    base: Economy,
    shock: Shock,
    rule: Closure,
    system: System,
    guess: Guess,
    found: fixed.FixedPoint,
    new: dict[str, Any],
) -> Outcome:
    with np.errstate(all="ignore"):
        levels = levels_of(system, guess, new["tau_new"], new["d_hat"], new["labour_hat"])
        errors = residuals(levels)
    return Outcome(
        economy=base,
        shock=shock,
        closure=rule,
        result=found.result,
        iterations=found.iterations,
        restarts=found.restarts,
        residuals={"fixed_point": found.residual, **errors},
        base=base_levels(base),
        new=levels,
    )


def _unusable(economy: Economy, shock: Shock, rule: Closure, message: str) -> Outcome:
    """Return an outcome without equilibria, which raises when asked for numbers."""
    return Outcome(
        economy=economy,
        shock=shock,
        closure=rule,
        result="inconsistent_input",
        iterations=0,
        restarts=0,
        residuals={},
        base=None,
        new=None,
        message=message,
    )


def _message(outcome: Outcome) -> str:
    worst = outcome.residuals.get("fixed_point", float("nan"))
    return (
        f"{outcome.shock.name}: {outcome.result} after {outcome.iterations} iterations, residual "
        f"{worst:.2g}: {RESULTS[outcome.result]}"
    )


def _moved(economy: Economy, levels: Levels, rule: Closure) -> tuple[Adjustment, ...]:
    """Report deficits removed and how far expenditure moved, by country."""
    reports = (
        (
            "calibrate.deficits",
            "trade deficits changed to what the closure allows",
            levels.deficit - economy.deficit,
        ),
        (
            "calibrate.expenditure",
            "expenditure moved to the equilibrium of the model",
            np.abs(levels.spending - economy.spending).sum(axis=1),
        ),
    )
    world = economy.spending.sum()
    return tuple(
        Adjustment(step, text, float(np.abs(amounts).sum()), _by_country(economy, amounts))
        for step, text, amounts in reports
        if np.abs(amounts).sum() > 1e-9 * world
    )


def _by_country(economy: Economy, amounts: Floats) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-np.abs(amounts), kind="stable")
    return tuple((economy.countries[n], float(amounts[n])) for n in order if amounts[n] != 0)
