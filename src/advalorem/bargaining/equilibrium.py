"""Best responses and Nash equilibrium, with the gain from the best deviation of each player.

All first-order conditions are first settled together; where that does not end, the players
answer one another in turn. Either way every player is then searched for a deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.search import Found, climb, settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import Game

    Floats = NDArray[np.float64]

__all__ = ["Equilibrium", "best_response", "deviation_gains", "nash"]

TOLERANCE = 1e-6
SETTLED = 1e-8
SAME_PAYOFF = 1e-4


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """A Nash equilibrium and what was done to make sure of it.

    Attributes
    ----------
    x
        Variables, (K).
    payoffs
        Per cent, by player.
    deviation_gain
        What the best deviation found would add, per cent, by player; searched from the
        equilibrium, both bounds and random points.
    rounds
        Rounds of best responses.
    starts
        Per start its name and ``same``, ``another equilibrium`` or ``not converged``.
    others
        Equilibria that differ in payoffs.
    """

    x: Floats
    payoffs: dict[str, float]
    deviation_gain: dict[str, float]
    rounds: int
    starts: tuple[tuple[str, str], ...] = ()
    others: tuple[Equilibrium, ...] = field(default=())


def best_response(game: Game, x: Floats, player: int, start: Floats | None = None) -> Found:
    """Return the best variables of one player given those of the others.

    Parameters
    ----------
    x
        Variables of everybody, (K).
    player
        Position of the player.
    start
        Its own variables to start from; None starts at `x`.

    Returns
    -------
    Found
        With the variables of the player alone.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> best_response(quadratic(), np.zeros(2), 0).x
    array([0.5])
    """
    block = game.blocks[player]
    weights = np.eye(len(game.players))[player]
    whole = np.array(x, dtype=float)

    def placed(own: Floats) -> Floats:
        trial = whole.copy()
        trial[block] = own
        return trial

    def value(own: Floats) -> float:
        return float(game.values(placed(own))[player])

    def slope(own: Floats) -> tuple[Floats, Floats]:
        at = placed(own)
        return game.gradient(at, weights)[block], game.curvature(at, weights)[block]

    first = whole[block] if start is None else start
    return climb(value, slope, first, game.lower[block], game.upper[block])


def deviation_gains(
    game: Game, x: Floats, *, random_starts: int = 1, seed: int = 0
) -> tuple[Floats, list[Floats]]:
    """Return what the best deviation found adds for each player, per cent, and the deviations.

    Each player is searched from its own variables, from both bounds and from random points.

    Raises
    ------
    NotConvergedError
        When no search of a player ended with an answer.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> deviation_gains(quadratic(), np.zeros(2))[0].round(6)
    array([0.25, 0.25])
    """
    rng = np.random.default_rng(seed)
    held = game.values(x)
    gains, best = np.zeros(len(game.players)), []
    for p, block in enumerate(game.blocks):
        low, high = game.lower[block], game.upper[block]
        drawn = [rng.uniform(low, high) for _ in range(random_starts)]
        found = [best_response(game, x, p, s) for s in (np.asarray(x)[block], low, high, *drawn)]
        answers = [item for item in found if item.converged]
        if not answers:
            raise NotConvergedError(
                f"deviation of {game.players[p]}: no search ended within its limits "
                f"({found[0].message}); use fewer instruments or a smaller economy"
            )
        top = max(answers, key=lambda item: item.value)
        gains[p] = max(0.0, max(item.value for item in found) - held[p])
        best.append(top.x)
    return gains, best


def nash(
    game: Game,
    starts: Sequence[tuple[str, Floats]] | None = None,
    *,
    tolerance: float = TOLERANCE,
    rounds: int = 60,
    seed: int = 0,
) -> Equilibrium:
    """Return a Nash equilibrium, with others if the starts lead to several.

    From each start all first-order conditions are settled together. What comes out has to pass
    `deviation_gains`; where a player gains, or nothing came out, the players answer one another
    in turn, and only half-way when their gains stop falling.

    Parameters
    ----------
    starts
        (name, variables) pairs; by default the lower bounds, the middle and a random point.
    tolerance
        Largest gain from a deviation that counts as none, per cent of income.
    rounds
        Rounds before a start is given up.

    Raises
    ------
    NotConvergedError
        When no start leads to an equilibrium; the last point is not an answer and not given.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> nash(quadratic()).x.round(6)
    array([0.5, 0.5])
    """
    if rounds < 1:
        raise InputError("rounds", str(rounds), "leaves no time to search", "allow at least one")
    found: list[tuple[str, Equilibrium | None]] = []
    reasons: list[str] = []
    for name, start in starts if starts is not None else _starts(game, seed):
        try:
            found.append((name, _from(game, start, tolerance, rounds, seed)))
        except NotConvergedError as error:
            found.append((name, None))
            reasons.append(f"from {name}: {error}")
    solved = [item for _, item in found if item is not None]
    if not solved:
        raise NotConvergedError(
            f"Nash equilibrium not found: {'; '.join(reasons)}; use fewer instruments, narrower "
            "bounds or another seed"
        )
    return _compared(solved[0], found)


def _starts(game: Game, seed: int) -> list[tuple[str, Floats]]:
    low, high = np.asarray(game.lower), np.asarray(game.upper)
    drawn = np.random.default_rng(seed).uniform(low, high)
    return [("lower bounds", low), ("middle", (low + high) / 2), ("random", drawn)]


def _from(game: Game, start: Floats, tolerance: float, rounds: int, seed: int) -> Equilibrium:
    x, done, _ = settle(_slopes(game), start, game.lower, game.upper)
    if not done:
        x = np.clip(np.asarray(start, dtype=float), game.lower, game.upper)
    last, step, settled = np.inf, 1.0, done
    for count in range(1, rounds + 1):
        if not settled:
            x, gain = _round(game, x, step)
            step = max(step / 2, 1 / 8) if gain > 0.9 * last else step
            last, settled = gain, gain <= min(SETTLED, tolerance / 10)
            continue
        gains, better = deviation_gains(game, x, seed=seed)
        if gains.max() <= tolerance:
            return _equilibrium(game, x, gains, count)
        for block, own, gain in zip(game.blocks, better, gains, strict=True):
            if gain > tolerance:
                x[block] = own
        last, step, settled = np.inf, 1.0, False
    raise NotConvergedError(f"after {rounds} rounds a player still gains {last:.2g} % of income")


def _slopes(game: Game) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return slopes and curvatures of every player's payoff in its own variables."""

    def slopes(x: Floats) -> tuple[Floats, Floats]:
        up, bend = np.zeros_like(x), np.ones_like(x)
        for weights, block in zip(np.eye(len(game.players)), game.blocks, strict=True):
            up[block] = game.gradient(x, weights)[block]
            bend[block] = game.curvature(x, weights)[block]
        return up, bend

    return slopes


def _round(game: Game, x: Floats, step: float) -> tuple[Floats, float]:
    """Let every player answer in turn; return the new point and the largest gain."""
    x, largest = x.copy(), 0.0
    for p, block in enumerate(game.blocks):
        held = float(game.values(x)[p])
        answer = best_response(game, x, p)
        if not answer.converged:
            raise NotConvergedError(
                f"best response of {game.players[p]}: no answer after {answer.evaluations} "
                f"evaluations ({answer.message})"
            )
        largest = max(largest, answer.value - held)
        x[block] += step * (answer.x - x[block])
    return x, largest


def _equilibrium(game: Game, x: Floats, gains: Floats, rounds: int) -> Equilibrium:
    names = game.players
    return Equilibrium(
        x,
        dict(zip(names, map(float, game.values(x)), strict=True)),
        dict(zip(names, map(float, gains), strict=True)),
        rounds,
    )


def _compared(first: Equilibrium, found: list[tuple[str, Equilibrium | None]]) -> Equilibrium:
    """Return the first equilibrium with what the other starts led to."""
    words: list[tuple[str, str]] = []
    others: list[Equilibrium] = []
    for name, item in found:
        if item is None:
            words.append((name, "not converged"))
        elif _same(first, item):
            words.append((name, "same"))
        else:
            words.append((name, "another equilibrium"))
            if not any(_same(item, other) for other in others):
                others.append(item)
    return Equilibrium(
        first.x,
        first.payoffs,
        first.deviation_gain,
        first.rounds,
        tuple(words),
        tuple(others),
    )


def _same(one: Equilibrium, other: Equilibrium) -> bool:
    gaps = [abs(one.payoffs[name] - other.payoffs[name]) for name in one.payoffs]
    return max(gaps) <= SAME_PAYOFF
