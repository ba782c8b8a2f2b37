"""The Pareto frontier of two or three parties: what no agreement can improve for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.search import Found, climb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import Game

    Floats = NDArray[np.float64]

__all__ = ["Point", "frontier", "weighted_best"]

PARTIES = (2, 3)
WORSE = 1e-7


@dataclass(frozen=True, slots=True)
class Point:
    """One efficient outcome.

    Attributes
    ----------
    weights
        Weights of the payoffs whose sum it maximises, by player.
    payoffs
        Per cent, by player.
    x
        Variables, (K).
    """

    weights: dict[str, float]
    payoffs: dict[str, float]
    x: Floats


def weighted_best(game: Game, weights: Floats, start: Floats) -> Found:
    """Return variables that maximise a weighted sum of payoffs.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> weighted_best(quadratic(), np.ones(2), np.zeros(2)).x.round(6)
    array([0.3, 0.3])
    """
    weights = np.asarray(weights, dtype=float)

    def value(x: Floats) -> float:
        return float(weights @ game.values(x))

    def slope(x: Floats) -> tuple[Floats, Floats]:
        return game.gradient(x, weights), game.curvature(x, weights)

    return climb(value, slope, start, game.lower, game.upper)


def frontier(game: Game, points: int = 9, start: Floats | None = None) -> tuple[Point, ...]:
    """Return efficient outcomes, ordered by the weight of the first player, falling.

    Weights run from one player to the other; with three players over a triangular grid. Every
    point maximises a weighted sum, so it is efficient; parts of a frontier that bends inwards
    are left out. Points that another one beats for all are dropped.

    Parameters
    ----------
    points
        Weights along each edge, at least two.
    start
        Variables to start from; None takes the lower bounds.

    Raises
    ------
    InputError
        For other than two or three players, or fewer than two points.
    NotConvergedError
        When a maximum was not found.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> found = frontier(quadratic(), 3)
    >>> [tuple(round(v, 3) for v in point.payoffs.values()) for point in found]
    [(0.25, -0.2), (0.09, 0.09), (-0.2, 0.25)]
    """
    count = len(game.players)
    if count not in PARTIES:
        raise InputError("frontier", f"{count} players", "not drawn", "use two or three players")
    if points < 2:
        raise InputError("frontier", f"{points} points", "too few", "use at least two")
    x = np.array(game.lower if start is None else start, dtype=float)
    found = []
    for weights in _grid(count, points):
        best = weighted_best(game, weights, x)
        if not best.converged:
            raise NotConvergedError(f"frontier at weights {weights.tolist()}: {best.message}")
        x = best.x
        found.append(_point(game, weights, x))
    return tuple(point for point in found if not _beaten(point, found))


def is_efficient(values: Sequence[float], points: Sequence[Point], tolerance: float) -> bool:
    """Return whether no point of a frontier beats the payoffs for all by more than `tolerance`.

    >>> is_efficient([0.0, 0.0], [Point({}, {"A": 1.0, "B": 1.0}, np.zeros(1))], 1e-6)
    False
    """
    return not any(
        all(new > old + tolerance for new, old in zip(p.payoffs.values(), values, strict=True))
        for p in points
    )


def _grid(count: int, points: int) -> list[Floats]:
    """Return weights in an order in which neighbours are close."""
    steps = range(points)
    top = points - 1
    if count == 2:
        return [np.array([top - k, k]) / top for k in steps]
    rows = [[(top - k, k - m, m) for m in range(k + 1)] for k in steps]
    snake = [row if at % 2 == 0 else row[::-1] for at, row in enumerate(rows)]
    return [np.array(weights) / top for row in snake for weights in row]


def _point(game: Game, weights: Floats, x: Floats) -> Point:
    names = game.players
    return Point(
        dict(zip(names, weights.tolist(), strict=True)),
        dict(zip(names, game.values(x).tolist(), strict=True)),
        x,
    )


def _beaten(point: Point, others: Sequence[Point]) -> bool:
    return any(
        other is not point
        and all(other.payoffs[name] >= point.payoffs[name] - WORSE for name in point.payoffs)
        and any(other.payoffs[name] > point.payoffs[name] + WORSE for name in point.payoffs)
        for other in others
    )
