"""How an equilibrium moves along a direction, exactly: one linear fixed point for each direction.

At an equilibrium u = G(u, p) the move along dp solves du = G_u du + G_p dp. Both products come from
dual numbers sent through the equations that the solver evaluates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.linkage.dual import Dual
from advalorem.world.anderson import anderson
from advalorem.world.errors import UnsolvedError
from advalorem.world.levels import Levels, levels_of
from advalorem.world.system import Guess, System, evaluate, make_system, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
TOLERANCE = 1e-11
MEMORY = 30
LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Direction:
    """Derivatives of the shock along a path: tariffs, logs of iceberg costs and productivity.

    `tariffs` and `log_d` are (n, i, j), `log_productivity` (n, j); None does not move.
    """

    tariffs: Float | None = None
    log_d: Float | None = None
    log_productivity: Float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A solved equilibrium, ready to be moved: its system, its unknowns and the shock there."""

    system: System
    vector: Float
    tariffs: Float
    d_hat: Float
    labour_hat: Float


def point_of(outcome: Outcome) -> Point:
    """Return a solved outcome as a point.

    Raises
    ------
    UnsolvedError
        The outcome is no equilibrium.
    """
    after = outcome.after
    system = make_system(outcome.economy, outcome.shock, outcome.closure)
    guess = Guess(np.log(after.w_hat), np.log(after.price_hat), np.asarray(after.spending))
    return Point(system, pack(guess, system.scale), after.tau, after.d_hat, after.labour_hat)


def move(point: Point, direction: Direction, start: Float | None = None) -> Float:
    """Return the derivative of the unknowns along a direction, as a vector like the unknowns.

    `start` is the move at a point near by, from which the iteration begins.

    Raises
    ------
    UnsolvedError
        The linear fixed point was not reached.
    """
    constant = _through(_moved(point, direction), point, np.zeros_like(point.vector))
    size = float(np.abs(constant).max())
    if size == 0.0:
        return constant
    found = anderson(
        lambda x: constant / size + _through(point.system, point, x),
        (constant if start is None else start) / size,
        tolerance=TOLERANCE,
        max_iterations=LIMIT,
        memory=MEMORY,
    )
    if found.result != "converged":
        raise UnsolvedError(f"tangent: {found.result}, residual {found.residual:.2g}")
    return size * found.point


def derivative(
    point: Point, direction: Direction, moved: Float, outcome: Callable[[Levels], Any]
) -> Float:
    """Return the derivative of an outcome along a direction in which the unknowns move by `moved`.

    `outcome` is a function of `Levels` that gives an array, written with the operations that the
    model's equations use.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> base = solve(build_economy(example.two_country_tables()))
    >>> tax = np.zeros((2, 2, 1))
    >>> tax[0, 1, 0] = 1.0
    >>> at, along = point_of(base), Direction(tariffs=tax)
    >>> found = derivative(at, along, move(at, along), log_real_income)
    >>> bool(found[0] > 0 > found[1])
    True
    """
    system = _moved(point, direction)
    guess = unpack(Dual(point.vector, moved), system.scale)
    tariffs = Dual(point.tariffs, _or_zero(direction.tariffs))
    d_hat = Dual(point.d_hat, point.d_hat * _or_zero(direction.log_d))
    slope: Float = outcome(levels_of(system, guess, tariffs, d_hat, point.labour_hat)).slope
    return slope


def log_real_income(levels: Levels) -> Any:
    """Return the log of real income, (n)."""
    return np.log(levels.income) - np.log(levels.price_index_hat)


def _or_zero(values: Float | None) -> Any:
    return 0.0 if values is None else values


def _through(system: System, point: Point, moved: Float) -> Float:
    """Return the derivative of the map where the unknowns move by `moved`."""
    guess = unpack(Dual(point.vector, moved), system.scale)
    slope: Float = pack(evaluate(system, guess), system.scale).slope
    return slope


def _moved(point: Point, direction: Direction) -> System:
    """Return the system with the derivatives of its weights along the direction."""
    system = point.system
    traded = system.weight.shape[2]
    border = np.broadcast_to(_or_zero(direction.tariffs) / (1 + point.tariffs), point.tariffs.shape)
    gone = -system.theta * (border + _or_zero(direction.log_d))
    weight = system.weight * gone[:, :, :traded]
    net = system.net_weight * (gone - border)[:, :, :traded]
    productivity = system.log_productivity
    if direction.log_productivity is not None:
        productivity = Dual(productivity, direction.log_productivity)
    return system._replace(
        weight=Dual(system.weight, weight),
        net_weight=Dual(system.net_weight, net),
        log_productivity=productivity,
    )
