"""Nash bargaining: the agreement that maximises the weighted product of gains.

Nash (1950), Econometrica 18(2), 155-162, with weights as in Kalai (1977), International Journal of
Game Theory 6(3), 129-133. With transfers the parties maximise joint income and share what it adds
by their weights; a transfer is money at base prices and has no effect of its own on trade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.pareto import weighted_best
from advalorem.bargaining.search import Found, climb, projected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import Game

    Floats = NDArray[np.float64]

__all__ = ["Bargain", "bargain", "bargain_near", "weights_of"]

NOTHING = 1e-6
FLOOR = 1e-3
SHARPER = (10.0, 200.0)


@dataclass(frozen=True, slots=True)
class Bargain:
    """What the parties agree on, or that they do not.

    Attributes
    ----------
    deal
        Whether an agreement better than the outside options for all was found.
    reason
        Why there is no deal, else empty.
    payoffs
        Per cent, by player; the outside options without a deal. With transfers they include them.
    outside
        Outside options, per cent.
    weights
        Bargaining weights, summing to one.
    x
        Variables agreed on, or None.
    transfers
        Money received, in units of the base incomes, by player; None without transfers.
    slope
        Largest remaining gain to first order: slope of the objective times the room to move.
    """

    deal: bool
    reason: str
    payoffs: dict[str, float]
    outside: dict[str, float]
    weights: dict[str, float]
    x: Floats | None
    transfers: dict[str, float] | None = None
    slope: float = 0.0

    @property
    def gains(self) -> dict[str, float]:
        """Payoffs less outside options, per cent."""
        return {name: self.payoffs[name] - self.outside[name] for name in self.payoffs}


def weights_of(players: Sequence[str], given: Mapping[str, float] | None) -> Floats:
    """Return bargaining weights that sum to one; equal when none are given.

    Raises
    ------
    InputError
        When a player has none, or one is not positive.

    Examples
    --------
    >>> weights_of(("A", "B"), {"A": 3, "B": 1})
    array([0.75, 0.25])
    """
    if given is None:
        return np.full(len(players), 1 / len(players))
    if set(given) != set(players):
        raise InputError("weights", ", ".join(given), "do not fit", f"give {', '.join(players)}")
    values = np.array([float(given[name]) for name in players])
    if not (np.isfinite(values) & (values > 0)).all():
        raise InputError("weights", str(dict(given)), "not all positive", "give positive numbers")
    return np.asarray(values / values.sum())


def bargain(
    game: Game,
    outside: Floats | Sequence[float],
    weights: Mapping[str, float] | None = None,
    *,
    transfers: bool = False,
    starts: Sequence[Floats] = (),
) -> Bargain:
    """Return the Nash bargaining solution.

    Parameters
    ----------
    outside
        Payoffs without agreement, per cent, (P).
    weights
        Bargaining weights by player.
    transfers
        Whether the parties can pay one another.
    starts
        Points to start from besides the lower bounds.

    Returns
    -------
    Bargain
        With ``deal`` False when no agreement found is better than the outside options for all.

    Raises
    ------
    InputError
        For outside options or weights that do not fit.
    NotConvergedError
        When the search ended without an answer.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> found = bargain(quadratic(), [0.05, 0.05])
    >>> found.x.round(4), {name: round(v, 4) for name, v in found.payoffs.items()}
    (array([0.3, 0.3]), {'A': 0.09, 'B': 0.09})
    >>> bargain(quadratic(), [0.2, 0.2]).reason
    'no agreement found is better than the outside options for all'
    """
    held = np.asarray(outside, dtype=float)
    if held.shape != (len(game.players),) or not np.isfinite(held).all():
        raise InputError(
            "outside options", str(list(held)), "do not fit", "give one payoff per player"
        )
    share = weights_of(game.players, weights)
    if transfers:
        return _with_transfers(game, held, share, starts)
    return _without(game, held, share, starts)


def bargain_near(
    game: Game,
    outside: Floats | Sequence[float],
    weights: Mapping[str, float] | None,
    x: Floats,
    *,
    transfers: bool = False,
) -> Bargain:
    """Return the Nash bargaining solution next to a point, looking no further where that works.

    For talks that are solved many times over, each close to the last. Without transfers the point
    has to be better than the outside options for all; otherwise `bargain` looks everywhere.

    Examples
    --------
    >>> from advalorem.bargaining.example import quadratic
    >>> bargain_near(quadratic(), [0.05, 0.05], None, np.full(2, 0.25)).x.round(4)
    array([0.3, 0.3])
    """
    held, share = np.asarray(outside, dtype=float), weights_of(game.players, weights)
    if transfers:
        return _shared(game, weighted_best(game, _joint(game), x), held, share)
    if (game.values(x) - held).min() > NOTHING:
        return _climbed(game, held, share, x)
    return bargain(game, held, weights, starts=[x])


def _joint(game: Game) -> Floats:
    """Return weights of payoffs that add up to joint income."""
    return np.asarray(game.money / game.money.max())


def _with_transfers(
    game: Game, outside: Floats, share: Floats, starts: Sequence[Floats]
) -> Bargain:
    """Maximise joint income, then share out what it adds to the outside options."""
    found = [weighted_best(game, _joint(game), s) for s in _starts(game, starts)]
    best = max(found, key=lambda item: (item.converged, item.value))
    return _shared(game, best, outside, share)


def _shared(game: Game, best: Found, outside: Floats, share: Floats) -> Bargain:
    """Share out what the largest joint income adds to the outside options."""
    if not best.converged:
        raise NotConvergedError(f"joint income of {', '.join(game.players)}: {best.message}")
    money, x = game.money / 100, best.x
    made = game.values(x)
    surplus = float(money @ (made - outside))
    if surplus <= NOTHING * float(money.max()):
        return _no_deal(game, outside, share, "no agreement found adds to joint income")
    paid = outside + share * surplus / money
    sums = dict(zip(game.players, ((paid - made) * money).tolist(), strict=True))
    slope = _remaining(game, x, _joint(game))
    return _deal(game, x, paid, outside, share, sums, slope)


def _without(game: Game, outside: Floats, share: Floats, starts: Sequence[Floats]) -> Bargain:
    x = _better_for_all(game, outside, starts)
    if x is None:
        reason = "no agreement found is better than the outside options for all"
        return _no_deal(game, outside, share, reason)
    return _climbed(game, outside, share, x)


def _climbed(game: Game, outside: Floats, share: Floats, x: Floats) -> Bargain:
    """Maximise the product of gains from a point that is better for all."""
    floor = FLOOR * (game.values(x) - outside)

    def value(at: Floats) -> float:
        return float(share @ _log(game.values(at) - outside, floor)[0])

    def pull(at: Floats) -> Floats:
        return np.asarray(share * _log(game.values(at) - outside, floor)[1])

    def slope(at: Floats) -> tuple[Floats, Floats]:
        weights = pull(at)
        return game.gradient(at, weights), game.curvature(at, weights)

    found = climb(value, slope, x, game.lower, game.upper)
    if not found.converged:
        raise NotConvergedError(f"bargain of {', '.join(game.players)}: {found.message}")
    weights = pull(found.x)
    left = _remaining(game, found.x, weights / weights.max())
    return _deal(game, found.x, game.values(found.x), outside, share, None, left)


def _log(gain: Floats, floor: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm, straight below `floor` so that it exists everywhere, and its slope."""
    high = np.maximum(gain, floor)
    straight = np.minimum(gain - floor, 0.0) / floor
    return np.log(high) + straight, 1 / high


def _better_for_all(game: Game, outside: Floats, starts: Sequence[Floats]) -> Floats | None:
    """Return a point that is better for all, looked for by raising the smallest gain."""
    best, least = None, NOTHING
    for start in _starts(game, starts):
        x = np.asarray(start, dtype=float)
        for sharpness in (0.0, *SHARPER):
            gain = game.values(x) - outside
            if gain.min() > least:
                best, least = x, float(gain.min())
            if best is not None and sharpness:
                break
            x = _raised(game, x, outside, sharpness)
        gain = game.values(x) - outside
        if gain.min() > least:
            best, least = x, float(gain.min())
    return best


def _raised(game: Game, x: Floats, outside: Floats, sharpness: float) -> Floats:
    """Return the maximum of a smooth stand-in for the smallest gain."""
    if sharpness == 0.0:
        return weighted_best(game, game.money / game.money.max(), x).x
    size = float(np.abs(game.values(x) - outside).max()) or 1.0

    def parts(at: Floats) -> tuple[float, Floats]:
        low = -sharpness * (game.values(at) - outside) / size
        top = float(low.max())
        raw = np.exp(low - top)
        return -size / sharpness * (top + float(np.log(raw.sum()))), raw / raw.sum()

    def slope(at: Floats) -> tuple[Floats, Floats]:
        weights = parts(at)[1]
        return game.gradient(at, weights), game.curvature(at, weights)

    return climb(lambda at: parts(at)[0], slope, x, game.lower, game.upper).x


def _starts(game: Game, given: Sequence[Floats]) -> list[Floats]:
    """Return the lower bounds and the points given, each once."""
    found = [np.asarray(game.lower, dtype=float)]
    for item in given:
        point = np.asarray(item, dtype=float)
        if not any(np.array_equal(point, other) for other in found):
            found.append(point)
    return found


def _remaining(game: Game, x: Floats, weights: Floats) -> float:
    """Return the first-order gain of moving each variable by a hundredth, at the most."""
    slope = projected(x, game.gradient(x, weights), game.lower, game.upper)
    return float(np.abs(slope).max(initial=0.0)) / 100


def _deal(
    game: Game,
    x: Floats,
    payoffs: Floats,
    outside: Floats,
    share: Floats,
    transfers: dict[str, float] | None,
    slope: float,
) -> Bargain:
    return Bargain(
        True,
        "",
        _named(game, payoffs),
        _named(game, outside),
        _named(game, share),
        x,
        transfers,
        slope,
    )


def _no_deal(game: Game, outside: Floats, share: Floats, reason: str) -> Bargain:
    held = _named(game, outside)
    return Bargain(False, reason, held, dict(held), _named(game, share), None)


def _named(game: Game, values: Floats) -> dict[str, float]:
    return dict(zip(game.players, values.tolist(), strict=True))
