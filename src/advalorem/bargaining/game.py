"""A game as the solution concepts see it: players, variables with bounds, payoffs, derivatives.

Every solution concept of this package works on anything that offers `Game`. `WorldGame` is the
tariff game on an economy; `Merged` lets several players act as one, `Part` holds some variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from advalorem.bargaining.errors import InputError
from advalorem.world.shock import Shock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.instruments import Instruments
    from advalorem.bargaining.payoffs import Payoffs

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Game", "Merged", "Part", "WorldGame", "merge"]

SMALLEST_CURVATURE = 1e-12


class Game(Protocol):
    """Payoffs of players as functions of one vector x.

    Attributes
    ----------
    players
        Names.
    blocks
        Positions in x of each player's variables.
    lower, upper
        Bounds of x, (K).
    money
        Base income of each player, (P): one per cent of payoff is worth money / 100.
    """

    @property
    def players(self) -> tuple[str, ...]:
        """Names."""

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """Positions of each player's variables."""

    @property
    def lower(self) -> Floats:
        """Lowest values."""

    @property
    def upper(self) -> Floats:
        """Highest values."""

    @property
    def money(self) -> Floats:
        """Base incomes."""

    def values(self, x: Floats) -> Floats:
        """Return the payoffs in per cent, (P)."""

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of the weighted sum of payoffs, (K)."""

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return about how fast those derivatives fall as each variable rises, (K), positive."""


@dataclass(frozen=True, slots=True)
class WorldGame:
    """The tariff game of some countries in an economy.

    Attributes
    ----------
    payoffs
        With one objective per player, in the order of the players.
    instruments
        What they set.
    tariffs
        Tariffs of everybody else and on everything else, (n, i, j).
    d_hat
        Iceberg costs against the base, (n, i, j), or None.

    Examples
    --------
    >>> from advalorem.bargaining.instruments import instruments_of
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> game = WorldGame(payoffs, instruments_of(payoffs.economy, ["H", "F"]), payoffs.economy.tau)
    >>> game.values(np.array([0.25, 0.0])).round(3)
    array([ 1.095, -1.199])
    """

    payoffs: Payoffs
    instruments: Instruments
    tariffs: Floats
    d_hat: Floats | None = None

    @property
    def players(self) -> tuple[str, ...]:
        """Codes of the players."""
        return self.instruments.players

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """Positions of each player's variables."""
        owner = self.instruments.owner
        return tuple(np.flatnonzero(owner == p) for p in range(len(self.players)))

    @property
    def lower(self) -> Floats:
        """Lowest rates."""
        return self.instruments.lower

    @property
    def upper(self) -> Floats:
        """Highest rates."""
        return self.instruments.upper

    @property
    def money(self) -> Floats:
        """Base incomes in the unit of the economy."""
        at = [self.payoffs.economy.country_index(code) for code in self.players]
        return np.asarray(self.payoffs.before.income[at])

    @property
    def start(self) -> Floats:
        """The rates of `tariffs`, averaged over cells with trade as weights, within bounds."""
        mean = self.instruments.mean(self.tariffs, self.payoffs.economy.flows)
        return np.asarray(np.clip(mean, self.lower, self.upper))

    def shock(self, x: Floats) -> Shock:
        """Return the shock that the variables stand for."""
        rates = self.instruments.put(self.tariffs, x)
        return Shock("tariffs of the game", tariffs=rates, d_hat=self.d_hat, allow_above_100=True)

    def values(self, x: Floats) -> Floats:
        """Return the payoffs in per cent."""
        return self.payoffs.values(self.shock(x))

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of the weighted sum of payoffs."""
        return self.instruments.collect(self.payoffs.gradient(self.shock(x), weights))

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return elasticity times trade over one plus the rate, in per cent of income.

        That is how fast the revenue of a small rate falls with the rate, all else equal. A cell
        counts for its importer or its exporter, whichever weighs more.
        """
        own, economy = self.instruments, self.payoffs.economy
        new = self.payoffs.outcome(self.shock(x)).after
        at = (own.importer, own.exporter, own.sector)
        worth = np.zeros(len(economy.countries))
        players = [economy.country_index(code) for code in self.players]
        worth[players] = 100 * np.abs(weights) / self.money
        cells = (new.flows * economy.theta / (1 + new.tau))[at]
        cells = cells * np.maximum(worth[own.importer], worth[own.exporter])
        total = np.bincount(own.variable, weights=cells, minlength=own.count)
        return np.maximum(total, SMALLEST_CURVATURE)


@dataclass(frozen=True, slots=True)
class Merged:
    """A game in which groups of players act as one.

    The payoff of a group is the change of its joint income in per cent, which is the average of
    its members' payoffs with base incomes as weights. Made by `merge`.
    """

    game: Any
    groups: tuple[tuple[int, ...], ...]

    @property
    def players(self) -> tuple[str, ...]:
        """Names of the groups, members joined by a plus."""
        names = self.game.players
        return tuple("+".join(names[p] for p in group) for group in self.groups)

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """Positions of each group's variables."""
        blocks = self.game.blocks
        return tuple(np.sort(np.concatenate([blocks[p] for p in g])) for g in self.groups)

    @property
    def lower(self) -> Floats:
        """Bounds as in the game."""
        return np.asarray(self.game.lower)

    @property
    def upper(self) -> Floats:
        """Bounds as in the game."""
        return np.asarray(self.game.upper)

    @property
    def money(self) -> Floats:
        """Joint base incomes."""
        return np.array([self.game.money[list(group)].sum() for group in self.groups])

    @property
    def _shares(self) -> Floats:
        """Weight of each member in its group, (groups, members)."""
        shares = np.zeros((len(self.groups), len(self.game.players)))
        for row, group in enumerate(self.groups):
            members = list(group)
            shares[row, members] = self.game.money[members] / self.game.money[members].sum()
        return shares

    def values(self, x: Floats) -> Floats:
        """Return the payoffs of the groups in per cent."""
        return np.asarray(self._shares @ self.game.values(x))

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of the weighted sum of the groups' payoffs."""
        return np.asarray(self.game.gradient(x, np.asarray(weights) @ self._shares))

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return the curvature of the weighted sum of the groups' payoffs."""
        return np.asarray(self.game.curvature(x, np.asarray(weights) @ self._shares))


def merge(game: Game, coalitions: Sequence[Sequence[str]]) -> Merged:
    """Return the game in which each coalition is one player; the others stay alone.

    Raises
    ------
    InputError
        When a member is not a player, or stands in two coalitions.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> merge(quadratic(3), [("B", "C")]).players
    ('A', 'B+C')
    """
    taken: list[str] = []
    for members in coalitions:
        for code in members:
            if code not in game.players:
                raise InputError(
                    "coalition", code, "is no player", f"use {', '.join(game.players)}"
                )
            if code in taken:
                raise InputError(
                    "coalition", code, "stands in two coalitions", "let coalitions not overlap"
                )
            taken.append(code)
    groups: list[tuple[int, ...]] = []
    for p, name in enumerate(game.players):
        group = next((tuple(m) for m in coalitions if name in m), (name,))
        positions = tuple(sorted(game.players.index(code) for code in group))
        if positions[0] == p:
            groups.append(positions)
    return Merged(game, tuple(groups))


@dataclass(frozen=True, slots=True)
class Part:
    """A game among some players in which only the variables `free` move, from `held`.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> part = Part(quadratic(3), (0, 1), np.array([0, 1]), np.full(3, 0.5))
    >>> part.players, part.lower.size
    (('A', 'B'), 2)
    """

    game: Any
    who: tuple[int, ...]
    free: Integers
    held: Floats

    @property
    def players(self) -> tuple[str, ...]:
        """Names of the players who take part."""
        return tuple(self.game.players[p] for p in self.who)

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """Positions in the free variables of each player's own."""
        blocks = self.game.blocks
        return tuple(np.flatnonzero(np.isin(self.free, blocks[p])) for p in self.who)

    @property
    def lower(self) -> Floats:
        """Bounds of the free variables."""
        return np.asarray(self.game.lower[self.free])

    @property
    def upper(self) -> Floats:
        """Bounds of the free variables."""
        return np.asarray(self.game.upper[self.free])

    @property
    def money(self) -> Floats:
        """Base incomes of those who take part."""
        return np.asarray(self.game.money[list(self.who)])

    def whole(self, x: Floats) -> Floats:
        """Return all variables, the free ones set to x."""
        full = np.array(self.held, dtype=float)
        full[self.free] = x
        return full

    def values(self, x: Floats) -> Floats:
        """Return the payoffs of those who take part."""
        return np.asarray(self.game.values(self.whole(x))[list(self.who)])

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of their weighted sum with respect to the free variables."""
        return np.asarray(self.game.gradient(self.whole(x), self._every(weights))[self.free])

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return the curvature of their weighted sum in the free variables."""
        return np.asarray(self.game.curvature(self.whole(x), self._every(weights))[self.free])

    def _every(self, weights: Floats) -> Floats:
        every = np.zeros(len(self.game.players))
        every[list(self.who)] = weights
        return every
