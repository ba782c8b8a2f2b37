"""Together or apart: one player or two against the hub, and whether the pact holds.

The hub bargains with spokes. Apart, each pair bargains over its own tariffs: at the same time,
each taking the other deal as it will be (Horn and Wolinsky 1988, RAND Journal of Economics
19(3)), or one after the other, where a failed first talk still leaves the second, and a failed
second talk leaves the first deal in force. Together, the spokes bargain as one, or all three sign
or nobody does. Without a deal the tariffs are those of the trade war that follows, fought by the
spokes apart or together as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.agreed import Bargain, bargain
from advalorem.bargaining.equilibrium import Equilibrium, nash
from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.game import Merged, Part, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Arrangement", "Comparison", "compare", "compare_wars"]

SETTLED = 1e-5
ROUNDS = 40
FORMS = ("simultaneous", "sequence", "one_player", "pact")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What comes of one way of talking.

    Attributes
    ----------
    name
        Such as ``simultaneous`` or ``sequence: CAN first`` or ``one_player``.
    payoffs
        Per cent, by country.
    outside
        Payoffs without any deal, by country.
    deals
        Each bargain by the names of its parties; a bargain may say that there is no deal.
    x
        All variables that follow.
    """

    name: str
    payoffs: dict[str, float]
    outside: dict[str, float]
    deals: dict[str, Bargain]
    x: Floats


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
        What each country gains from talking together (``one_player``) over simultaneous separate
        deals, per cent.
    defection
        Per spoke: its payoff from a deal of its own while the other spoke has none, less its
        payoff in the pact; positive means that it gains by defecting.
    keeps
        Per spoke: money that would make it stay, in the unit of the economy, zero where it stays.
    can_be_kept
        Whether what the other spoke gains from the pact, over being left alone, pays for it.
    """

    hub: str
    spokes: tuple[str, str]
    arrangements: dict[str, Arrangement]
    leverage: dict[str, float]
    defection: dict[str, float]
    keeps: dict[str, float]
    can_be_kept: dict[str, bool]


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
    together = nash(joined, [("apart", apart.x), ("lower bounds", np.asarray(game.lower))])
    return apart, together, _by_country(game, together.x)


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
    trade war sets them too, unless bounds hold them.

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
        The game that is played without a deal, for example with lower trade costs between the
        spokes; None takes `game`.

    Raises
    ------
    InputError
        When the countries are not the three players.
    NotConvergedError
        When a search ends without an answer.
    """
    _check(game, hub, spokes)
    first, second = spokes
    talk = _Talk(game, hub, (first, second), weights, transfers, outside_game or game)
    apart, joined = talk.war(()), talk.war(((first, second),))
    found = {
        "simultaneous": talk.simultaneous(apart),
        f"sequence: {first} first": talk.sequence(apart, first, second),
        f"sequence: {second} first": talk.sequence(apart, second, first),
        "one_player": talk.one_player(joined),
        "pact": talk.pact(apart),
    }
    return _compared(talk, found, apart)


def _compared(talk: _Talk, found: dict[str, Arrangement], war: Floats) -> Comparison:
    together, apart = found["one_player"].payoffs, found["simultaneous"].payoffs
    alone = {spoke: talk.alone(war, spoke) for spoke in talk.spokes}
    defection = {s: alone[s][s] - together[s] for s in talk.spokes}
    money = dict(zip(talk.game.players, talk.game.money / 100, strict=True))
    keeps = {s: max(0.0, defection[s]) * money[s] for s in talk.spokes}
    other = dict(zip(talk.spokes, talk.spokes[::-1], strict=True))
    room = {s: (together[other[s]] - alone[s][other[s]]) * money[other[s]] for s in talk.spokes}
    return Comparison(
        talk.hub,
        talk.spokes,
        found,
        {name: together[name] - apart[name] for name in together},
        defection,
        {name: float(value) for name, value in keeps.items()},
        {name: bool(room[name] >= keeps[name]) for name in talk.spokes},
    )


@dataclass(frozen=True, slots=True)
class _Talk:
    """Who talks, under what rules."""

    game: WorldGame
    hub: str
    spokes: tuple[str, str]
    weights: Mapping[str, float] | None
    transfers: bool
    outside_game: WorldGame

    def war(self, coalitions: Sequence[Sequence[str]]) -> Floats:
        """Return the tariffs without any deal."""
        held: Any = merge(self.outside_game, coalitions) if coalitions else self.outside_game
        return nash(held, [("as they are", self.game.start)]).x

    def pair(self, spoke: str) -> Integers:
        """Return the variables of a deal between hub and spoke, both ways."""
        own = self.game.instruments
        return np.sort(np.concatenate([own.pair(self.hub, spoke), own.pair(spoke, self.hub)]))

    def without(self, war: Floats) -> Floats:
        """Return payoffs of all players without any deal."""
        return np.asarray(self.outside_game.values(war))

    def base(self, war: Floats) -> Floats:
        """Return the trade war's tariffs between hub and spokes, the others as they start."""
        x = np.array(self.game.start)
        for spoke in self.spokes:
            x[self.pair(spoke)] = war[self.pair(spoke)]
        return x

    def deal(self, spoke: str, x: Floats, outside: Floats) -> tuple[Bargain, Floats]:
        """Return the bargain of hub and spoke at x, and the tariffs after it."""
        who = tuple(self.game.players.index(name) for name in (self.hub, spoke))
        part = Part(self.game, who, self.pair(spoke), x)
        given = self.weights
        chosen = None if given is None else {name: given[name] for name in part.players}
        found = bargain(
            part, outside[list(who)], chosen, transfers=self.transfers, starts=[x[part.free]]
        )
        return found, x if found.x is None else part.whole(found.x)

    def simultaneous(self, war: Floats) -> Arrangement:
        """Let both pairs bargain, each taking the other deal as it is, until nothing moves."""
        x, deals = self.base(war), dict[str, Bargain]()
        for _ in range(ROUNDS):
            before = x.copy()
            for spoke in self.spokes:
                threat = x.copy()
                threat[self.pair(spoke)] = war[self.pair(spoke)]
                found, after = self.deal(spoke, x, self.game.values(threat))
                x = after if found.deal else threat
                deals[f"{self.hub}+{spoke}"] = found
            if np.abs(x - before).max() <= SETTLED:
                return self._arranged("simultaneous", x, war, deals)
        raise NotConvergedError(f"simultaneous deals still move after {ROUNDS} rounds")

    def sequence(self, war: Floats, first: str, second: str) -> Arrangement:
        """Let one pair bargain, then the other; each foresees what a failure leaves."""
        start = self.base(war)
        left, only_second = self.deal(second, start, self.game.values(start))
        x, name, paid = start, f"sequence: {first} first", self._to_hub(left)
        for _ in range(ROUNDS):
            before, paid_before = x.copy(), paid
            outside = self.game.values(only_second)
            outside[self.game.players.index(self.hub)] += self._to_hub(left) - paid
            one, x1 = self.deal(first, x, outside)
            if not one.deal:
                x1 = start.copy()
            threat = x1.copy()
            threat[self.pair(second)] = war[self.pair(second)]
            two, x = self.deal(second, x1, self.game.values(threat))
            x, paid = (x if two.deal else threat), self._to_hub(two)
            if np.abs(x - before).max() <= SETTLED and abs(paid - paid_before) <= SETTLED:
                deals = {f"{self.hub}+{first}": one, f"{self.hub}+{second}": two}
                return self._arranged(name, x, war, deals)
        raise NotConvergedError(f"{name}: deals still move after {ROUNDS} rounds")

    def _to_hub(self, found: Bargain) -> float:
        """Return what the hub receives in a deal, per cent of its income."""
        at = self.game.players.index(self.hub)
        return float(100 * (found.transfers or {}).get(self.hub, 0.0) / self.game.money[at])

    def one_player(self, war: Floats) -> Arrangement:
        """Let hub and coalition bargain over all tariffs between them."""
        joined = merge(self.game, [self.spokes])
        outside = merge(self.outside_game, [self.spokes]).values(war)
        found, x = self._all(joined, war, outside, self._joint_weights(joined))
        return self._arranged("one_player", x, war, {"+".join((self.hub, *self.spokes)): found})

    def pact(self, war: Floats) -> Arrangement:
        """Let all three sign or nobody."""
        found, x = self._all(self.game, war, self.without(war), self.weights)
        return self._arranged("pact", x, war, {"+".join((self.hub, *self.spokes)): found})

    def alone(self, war: Floats, spoke: str) -> dict[str, float]:
        """Return payoffs when one spoke has a deal of its own and the other has none."""
        start = self.base(war)
        found, x = self.deal(spoke, start, self.game.values(start))
        payoffs = _by_country(self.game, x if found.deal else start)
        return {**payoffs, **(found.payoffs if found.deal else {})}

    def _all(
        self, game: Any, war: Floats, outside: Floats, weights: Mapping[str, float] | None
    ) -> tuple[Bargain, Floats]:
        free = np.sort(np.concatenate([self.pair(spoke) for spoke in self.spokes]))
        part = Part(game, tuple(range(len(game.players))), free, self.base(war))
        starts = [part.held[free], self.game.start[free]]
        found = bargain(part, outside, weights, transfers=self.transfers, starts=starts)
        return found, war if found.x is None else part.whole(found.x)

    def _joint_weights(self, joined: Merged) -> dict[str, float] | None:
        if self.weights is None:
            return None
        return {name: sum(self.weights[c] for c in name.split("+")) for name in joined.players}

    def _arranged(
        self, name: str, x: Floats, war: Floats, deals: dict[str, Bargain]
    ) -> Arrangement:
        names = self.game.players
        struck = any(found.deal for found in deals.values())
        made = self.game.values(x) if struck else self.without(war)
        payoffs = dict(zip(names, made.tolist(), strict=True))
        if self.transfers:
            payoffs = self._paid(payoffs, deals)
        outside = dict(zip(names, self.without(war).tolist(), strict=True))
        return Arrangement(name, payoffs, outside, deals, x)

    def _paid(self, payoffs: dict[str, float], deals: dict[str, Bargain]) -> dict[str, float]:
        """Add transfers; those to a coalition are shared by the income of its members."""
        money = dict(zip(self.game.players, self.game.money, strict=True))
        total = dict(payoffs)
        for found in deals.values():
            for party, amount in (found.transfers or {}).items():
                members = party.split("+")
                joint = sum(money[code] for code in members)
                for code in members:
                    total[code] += float(100 * amount / joint)
        return total


def _by_country(game: WorldGame, x: Floats) -> dict[str, float]:
    return dict(zip(game.players, game.values(x).tolist(), strict=True))


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
