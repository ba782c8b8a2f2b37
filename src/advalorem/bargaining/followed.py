"""A talk that another talk follows, as a game of its own, solved from the end.

Whatever the first pair signs, the second pair then bargains, knowing it. So the first pair looks
through: a rate it agrees on moves payoffs itself, moves what the second pair can get without a
deal, and moves what the second pair signs. The last part comes from the first-order conditions of
the second deal (implicit differentiation), with products of their Hessian and a vector as
differences of exact slopes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.agreed import Bargain, bargain, bargain_near
from advalorem.bargaining.errors import NotConvergedError
from advalorem.bargaining.game import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Followed", "Second"]

STEP = 1e-5
ACCURATE = 1e-4
MOST = 60
SAME = 1e-5


@dataclass(frozen=True, slots=True)
class Second:
    """What the second pair does after a first deal.

    Attributes
    ----------
    found
        Its bargain, which may say that there is no deal.
    x, threat
        All variables after it, and without it.
    made, left
        Payoffs of all players at both, before transfers.
    """

    found: Bargain
    x: Floats
    threat: Floats
    made: Floats
    left: Floats


@dataclass(slots=True)
class Followed:
    """The game of the pair that talks first; its payoffs foresee the second talk.

    Attributes
    ----------
    game
        What is played when both deals hold.
    alone
        What is played when the second talk has failed.
    who
        Positions of the hub, of whoever talks first and of whoever talks second.
    first, second
        Variables of the two deals.
    held
        All variables without any deal.
    share
        Bargaining weight of the hub in the second deal.
    transfers
        Whether parties can pay one another.
    """

    game: WorldGame
    alone: WorldGame
    who: tuple[int, int, int]
    first: Integers
    second: Integers
    held: Floats
    share: float
    transfers: bool
    _known: dict[bytes, Second] = field(default_factory=dict)
    _last: Floats | None = None

    @property
    def pair(self) -> Part:
        """The first pair's game as if nothing followed; lends names, bounds and incomes."""
        return Part(self.game, self.who[:2], self.first, self.held)

    @property
    def players(self) -> tuple[str, ...]:
        """The hub and whoever talks first."""
        return self.pair.players

    @property
    def blocks(self) -> tuple[Integers, ...]:
        """Positions of the variables of each."""
        return self.pair.blocks

    @property
    def lower(self) -> Floats:
        """Bounds of the first deal's variables."""
        return self.pair.lower

    @property
    def upper(self) -> Floats:
        """Bounds of the first deal's variables."""
        return self.pair.upper

    @property
    def money(self) -> Floats:
        """Base incomes of the first pair."""
        return self.pair.money

    def values(self, x: Floats) -> Floats:
        """Return the payoffs of the first pair, what the hub gets in the second deal included."""
        after = self.after(x)
        hub, one, _ = self.who
        made = np.array([after.made[hub], after.made[one]])
        if after.found.deal and self.transfers:
            made[0] = after.found.payoffs[self.players[0]]
        return made

    def curvature(self, x: Floats, weights: Floats) -> Floats:
        """Return the curvature as if nothing followed."""
        return Part(self.game, self.who[:2], self.first, self.after(x).x).curvature(x, weights)

    def gradient(self, x: Floats, weights: Floats) -> Floats:
        """Return the derivatives of the weighted sum, the second talk's answer included."""
        after = self.after(x)
        if not after.found.deal:
            spread = self._spread(weights)
            return np.asarray(self.alone.gradient(after.threat, spread)[self.first])
        if self.transfers:
            return self._paid_slope(after, weights)
        spread = self._spread(weights)
        slope = self.game.gradient(after.x, spread)
        return np.asarray(slope[self.first] + self._through(after, slope[self.second]))

    def after(self, x: Floats) -> Second:
        """Return what the second pair does when the first has agreed on x.

        Raises
        ------
        NotConvergedError
            When its bargain is not found.
        """
        key = np.asarray(x, dtype=float).tobytes()
        if key not in self._known:
            self._known[key] = self._solved(x)
        return self._known[key]

    def checked(self, x: Floats) -> Second:
        """Return the same, after a search for the second deal from everywhere.

        Raises
        ------
        NotConvergedError
            When that search finds another deal than the first pair foresaw.
        """
        after = self.after(x)
        part = Part(self.game, (self.who[0], self.who[2]), self.second, after.threat)
        names = part.players
        outside = [after.found.outside[name] for name in names]
        again = bargain(
            part, outside, after.found.weights, transfers=self.transfers,
            starts=[after.x[self.second]],
        )  # fmt: skip
        gaps = [abs(again.payoffs[name] - after.found.payoffs[name]) for name in names]
        if again.deal != after.found.deal or max(gaps) > SAME:
            raise NotConvergedError(f"deal of {' and '.join(names)}: there are several")
        return after

    def _solved(self, x: Floats) -> Second:
        hub, _, other = self.who
        threat = np.array(self.held)
        threat[self.first] = x
        left = self.alone.values(threat)
        part = Part(self.game, (hub, other), self.second, threat)
        weights = dict(zip(part.players, (self.share, 1 - self.share), strict=True))
        near = self.game.start[self.second] if self._last is None else self._last
        found = bargain_near(part, left[[hub, other]], weights, near, transfers=self.transfers)
        if found.x is None:
            return Second(found, threat, threat, left, left)
        self._last = found.x
        whole = part.whole(found.x)
        return Second(found, whole, threat, self.game.values(whole), left)

    def _spread(self, weights: Floats) -> Floats:
        """Return weights of the first pair as weights of all players."""
        every = np.zeros(len(self.game.players))
        every[list(self.who[:2])] = weights
        return every

    def _paid_slope(self, after: Second, weights: Floats) -> Floats:
        """Return the derivatives where parties pay one another.

        The hub gets its outside option and a share of what the second deal adds to joint income,
        which that deal maximises: its rates move the hub's payoff in no direction.
        """
        hub, one, other = self.who
        money, size = self.game.money, len(self.game.players)
        added, left, seen = np.zeros(size), np.zeros(size), np.zeros(size)
        added[[hub, other]] = weights[0] * self.share * money[[hub, other]] / money[hub]
        left[hub] = weights[0]
        left -= added
        seen[one] = weights[1]
        slope = self.game.gradient(after.x, added + seen)[self.first]
        slope = slope + self.alone.gradient(after.threat, left)[self.first]
        pull = self.game.gradient(after.x, seen)[self.second]
        return np.asarray(slope + self._through(after, pull))

    def _through(self, after: Second, pull: Floats) -> Floats:
        """Return what moving the first deal changes through the second, given slopes in it."""
        from scipy.sparse.linalg import LinearOperator, cg

        at = after.x[self.second]
        low, high = self.game.lower[self.second], self.game.upper[self.second]
        free = np.flatnonzero((at > low) & (at < high))
        if not free.size or not np.any(pull[free]):
            return np.zeros(self.first.size)
        force = self._force(after, after.x)
        bend = self._bend(after)[free]

        def moved(way: Floats) -> Floats:
            size = float(np.abs(way).max())
            if size == 0:
                return np.zeros_like(force)
            x = np.array(after.x)
            x[self.second[free]] += STEP / size * way
            return np.asarray((self._force(after, x) - force) * size / STEP)

        def falls(way: Floats) -> Floats:
            return -moved(np.ravel(way))[self.second[free]]

        shape = (free.size, free.size)
        scaled = LinearOperator(shape, matvec=lambda r: np.ravel(r) / bend, dtype=float)
        found, failed = cg(
            LinearOperator(shape, matvec=falls, dtype=float), pull[free],
            rtol=ACCURATE, maxiter=MOST, M=scaled,
        )  # fmt: skip
        if failed:
            raise NotConvergedError("how the second deal moves with the first: no answer")
        return moved(np.asarray(found))[self.first]

    def _weights(self, after: Second, x: Floats) -> Floats:
        """Return what the second deal maximises at x, as weights of all players."""
        hub, _, other = self.who
        both = [hub, other]
        weights = np.zeros(len(self.game.players))
        if self.transfers:
            weights[both] = self.game.money[both] / self.game.money[both].max()
        else:
            gain = (self.game.values(x) - after.left)[both]
            weights[both] = np.array([self.share, 1 - self.share]) / gain
        return weights

    def _force(self, after: Second, x: Floats) -> Floats:
        """Return the slope of what the second deal maximises, in all variables."""
        weights = self._weights(after, x)
        slope = np.array(self.game.gradient(x, weights))
        if not self.transfers:
            slope[self.first] -= self.alone.gradient(after.threat, weights)[self.first]
        return slope

    def _bend(self, after: Second) -> Floats:
        hub, _, other = self.who
        part = Part(self.game, (hub, other), self.second, after.x)
        return part.curvature(after.x[self.second], self._weights(after, after.x)[[hub, other]])
