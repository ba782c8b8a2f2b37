"""A game small enough to solve by hand, used in examples and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Quadratic", "quadratic"]

LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Quadratic:
    """Each player sets one rate x and gets x - x^2 - harm x (sum of the others' rates).

    Attributes
    ----------
    players
        Names.
    harm
        What the others' rates cost, (P); the cost of each player is `harm` times their sum.
    money
        Base incomes, (P).
    """

    players: tuple[str, ...]
    harm: Floats
    money: Floats

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """One variable per player."""
        return tuple(np.array([p]) for p in range(len(self.players)))

    @property
    def lower(self) -> Floats:
        """Zero."""
        return np.zeros(len(self.players))

    @property
    def upper(self) -> Floats:
        """One."""
        return np.ones(len(self.players))

    def values(self, x: Floats) -> Floats:
        """Return x - x^2 - harm times the sum of the others' rates."""
        x = np.asarray(x, dtype=float)
        return np.asarray(x - x**2 - self.harm * (x.sum() - x))

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of the weighted sum."""
        x, weights = np.asarray(x, dtype=float), np.asarray(weights, dtype=float)
        harmed = (weights * self.harm).sum() - weights * self.harm
        return np.asarray(weights * (1 - 2 * x) - harmed)

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return twice the largest weight."""
        return np.full(len(self.players), 2 * float(np.abs(weights).max()))


def quadratic(count: int = 2, harm: float = 0.4) -> Quadratic:
    """Return the game with equal players; alone each sets one half, together (1 - harm') / 2.

    Here harm' is `harm` times the number of the others.

    Raises
    ------
    InputError
        For more players than letters.

    Examples
    --------
    >>> quadratic(2).values(np.array([0.5, 0.5])).round(3)
    array([0.05, 0.05])
    """
    if not 1 <= count <= len(LETTERS):
        raise InputError("players", str(count), "out of range", f"use 1 to {len(LETTERS)}")
    return Quadratic(tuple(LETTERS[:count]), np.full(count, harm), np.ones(count))
