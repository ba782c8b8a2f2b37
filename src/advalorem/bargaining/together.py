"""Together or apart: what the spokes gain by talking as one, and whether that holds.

Leverage is a difference of bargained outcomes. A spoke defects when a deal of its own, the other
left without one or following with its own, is worth more to it. What keeps it is money from the
other spoke, a bond of that size forfeited on leaving, or patience, where leaving today means
talking apart ever after (Friedman 1971, Review of Economic Studies 38(1), 1-12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.agreed import weights_of
from advalorem.bargaining.equilibrium import Equilibrium, nash
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.game import merge
from advalorem.bargaining.talks import Arrangement, Talks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame

    Floats = NDArray[np.float64]

__all__ = ["Arrangement", "Comparison", "Defection", "compare", "compare_wars"]

FORMS = ("one_player", "pact")
APART = "simultaneous"


@dataclass(frozen=True, slots=True)
class Defection:
    """What one spoke gets by leaving one form of talking together.

    Attributes
    ----------
    form, spoke
        What is left, by whom.
    alone
        Payoff of a deal of its own while the other spoke has none, per cent.
    first
        Payoff of a deal of its own that the other spoke follows with another, per cent.
    gain
        The larger of both less its payoff in the form, per cent; positive when it defects.
    keeps
        Money that would make it stay, in the unit of the economy; the bond is as large.
    can_be_kept
        Whether the other spoke would pay that and still want to stay.
    patience
        Smallest weight on the next year at which it stays of its own accord, when leaving today
        means separate deals from the next year on; zero where it has nothing to gain today, None
        where separate deals are no worse for it than staying.
    """

    form: str
    spoke: str
    alone: float
    first: float
    gain: float
    keeps: float
    can_be_kept: bool
    patience: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Together against apart.

    Attributes
    ----------
    hub, spokes
        Who talks with whom.
    arrangements
        By name.
    leverage
        By form of talking together and by arrangement apart: what each country gains, per cent.
    defections
        One per form and spoke.
    """

    hub: str
    spokes: tuple[str, str]
    arrangements: dict[str, Arrangement]
    leverage: dict[str, dict[str, dict[str, float]]]
    defections: tuple[Defection, ...]


def compare_wars(
    game: WorldGame, members: Sequence[str], apart: Equilibrium | None = None
) -> tuple[Equilibrium, Equilibrium, dict[str, float]]:
    """Return Nash equilibria with the members apart and as one player, and payoffs of the second.

    Payoffs are by country, also for members of the coalition. `apart` is the first equilibrium
    when it is known already.

    Raises
    ------
    InputError
        When a member is no player.
    NotConvergedError
        When an equilibrium is not found.
    """
    joined = merge(game, [tuple(members)])
    apart = nash(game) if apart is None else apart
    joint = nash(joined, [("apart", apart.x), ("lower bounds", np.asarray(game.lower))])
    payoffs = dict(zip(game.players, game.values(joint.x).tolist(), strict=True))
    return apart, joint, payoffs


def compare(
    game: WorldGame,
    hub: str,
    spokes: Sequence[str],
    weights: Mapping[str, float] | None = None,
    *,
    transfers: bool = False,
    outside_game: WorldGame | None = None,
) -> Comparison:
    """Return what comes of talking together and apart.

    Tariffs between the spokes stay as they start in deals and while the spokes act as one; the
    trade war sets them too, unless bounds hold them or the instruments leave them out.

    Parameters
    ----------
    game
        Three players, with variables by partner.
    hub, spokes
        Who talks with whom.
    weights
        Bargaining weights by country; a coalition has the sum of its members'. Equal weights for
        hub and spoke, or for hub and coalition, when None.
    transfers
        Whether parties can pay one another.
    outside_game
        The game that is played as long as a spoke has no deal with the hub, for example with
        lower trade costs between the spokes; None takes `game`.

    Raises
    ------
    InputError
        When the countries are not the three players, or the weights do not fit them.
    NotConvergedError
        When a search ends without an answer.
    """
    _check(game, hub, spokes)
    weights_of(game.players, weights)
    first, second = spokes
    talks = Talks(game, hub, (first, second), weights, transfers, outside_game or game)
    war, joined = talks.war(()), talks.war(((first, second),))
    apart = talks.simultaneous(war)
    found = {
        APART: apart,
        f"sequence: {first} first": talks.sequence(war, first, apart.x),
        f"sequence: {second} first": talks.sequence(war, second, apart.x),
        "one_player": talks.one_player(joined),
        "pact": talks.pact(war),
    }
    alone = {spoke: talks.alone(war, spoke) for spoke in talks.spokes}
    leaving = [_defection(talks, found, alone, form, s) for form in FORMS for s in talks.spokes]
    return Comparison(hub, talks.spokes, found, _leverage(found), tuple(leaving))


def _leverage(found: Mapping[str, Arrangement]) -> dict[str, dict[str, dict[str, float]]]:
    """Return payoffs together less payoffs apart."""
    return {
        form: {
            name: {code: found[form].payoffs[code] - value for code, value in item.payoffs.items()}
            for name, item in found.items()
            if name not in FORMS
        }
        for form in FORMS
    }


def _defection(
    talks: Talks,
    found: Mapping[str, Arrangement],
    alone: Mapping[str, Mapping[str, float]],
    form: str,
    spoke: str,
) -> Defection:
    """Return what a spoke gets by leaving."""
    (other,) = (code for code in talks.spokes if code != spoke)
    held, worst = found[form].payoffs, found[APART].payoffs[spoke]
    ways = {
        code: (alone[code][code], found[f"sequence: {code} first"].payoffs[code])
        for code in talks.spokes
    }
    money = dict(zip(talks.game.players, talks.game.money / 100, strict=True))
    gain = max(ways[spoke]) - held[spoke]
    keeps = max(0.0, gain) * float(money[spoke])
    room = held[other] - max(alone[spoke][other], *ways[other])
    can = keeps == 0 or room * money[other] >= keeps
    best = max(ways[spoke])
    return Defection(
        form, spoke, *ways[spoke], gain, keeps, bool(can), patience(held[spoke], best, worst)
    )


def patience(stays: float, leaves: float, after: float) -> float | None:
    """Return the smallest weight on the next period at which staying is worth more than leaving.

    Leaving pays `leaves` now and `after` ever after, staying pays `stays` always.

    Examples
    --------
    >>> patience(1.0, 2.0, 0.0), patience(1.0, 0.5, 0.0), patience(1.0, 2.0, 1.0)
    (0.5, 0.0, None)
    """
    if leaves <= stays:
        return 0.0
    return None if after >= stays else (leaves - stays) / (leaves - after)


def _check(game: WorldGame, hub: str, spokes: Sequence[str]) -> None:
    if len(spokes) != 2 or {hub, *spokes} != set(game.players) or len(game.players) != 3:
        raise InputError(
            "together",
            f"{hub} with {', '.join(spokes)}",
            "are not the three players",
            f"name a hub and two spokes among {', '.join(game.players)}",
        )
    if game.instruments.rule not in ("partner_sector", "partner"):
        raise InputError(
            "instruments",
            game.instruments.rule,
            "no rate per partner",
            "use partner_sector or partner",
        )
