"""One hub, two spokes: what comes of each way of talking.

Apart, each pair bargains over its own tariffs: at the same time, each taking the other deal as it
will be (Horn and Wolinsky 1988, RAND Journal of Economics 19(3), 408-419), or one after the other,
solved from the end: whatever the first pair signs, the second then bargains, and the first pair
foresees it (`Followed`). Together, the spokes bargain as one, or all three sign or nobody does.
Without a deal the tariffs are those of the trade war that follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.agreed import Bargain, bargain, bargain_near, weights_of
from advalorem.bargaining.equilibrium import nash
from advalorem.bargaining.errors import NotConvergedError
from advalorem.bargaining.followed import Followed
from advalorem.bargaining.game import Merged, Part, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Arrangement", "Talks"]

SETTLED = 1e-5
ROUNDS = 40


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
        Each bargain by the names of its parties, with the outside options of both; a bargain may
        say that there is no deal.
    x
        All variables that follow.
    """

    name: str
    payoffs: dict[str, float]
    outside: dict[str, float]
    deals: dict[str, Bargain]
    x: Floats


@dataclass(frozen=True, slots=True)
class Talks:
    """Who talks, under what rules.

    Attributes
    ----------
    game
        What is played once both spokes have a deal.
    hub, spokes
        Who talks with whom.
    weights
        Bargaining weights by country, or None for equal ones.
    transfers
        Whether parties can pay one another.
    apart
        What is played as long as a spoke has no deal, such as with cheaper trade between the
        spokes.
    """

    game: WorldGame
    hub: str
    spokes: tuple[str, str]
    weights: Mapping[str, float] | None
    transfers: bool
    apart: WorldGame

    def war(self, coalitions: Sequence[Sequence[str]]) -> Floats:
        """Return the tariffs without any deal."""
        held: Any = merge(self.apart, coalitions) if coalitions else self.apart
        return nash(held, [("as they are", self.game.start)]).x

    def pair(self, spoke: str) -> Integers:
        """Return the variables of a deal between hub and spoke, both ways."""
        own = self.game.instruments
        return np.sort(np.concatenate([own.pair(self.hub, spoke), own.pair(spoke, self.hub)]))

    def base(self, war: Floats) -> Floats:
        """Return the trade war's tariffs between hub and spokes, the others as they start."""
        x = np.array(self.game.start)
        for spoke in self.spokes:
            x[self.pair(spoke)] = war[self.pair(spoke)]
        return x

    def simultaneous(self, war: Floats) -> Arrangement:
        """Let both pairs bargain, each taking the other deal as it is, until nothing moves."""
        x, deals = self.base(war), dict[str, Bargain]()
        for _ in range(ROUNDS):
            before = x.copy()
            for spoke in self.spokes:
                other = deals.get(self._name(self._other(spoke)))
                both = other is None or other.deal
                found, x = self._deal(spoke, x, war, self.game if both else self.apart)
                deals[self._name(spoke)] = found
            if np.abs(x - before).max() <= SETTLED:
                return self._arranged("simultaneous", x, war, deals)
        raise NotConvergedError(f"simultaneous deals still move after {ROUNDS} rounds")

    def alone(self, war: Floats, spoke: str) -> dict[str, float]:
        """Return payoffs when one spoke has a deal of its own and the other has none."""
        found, x = self._deal(spoke, self.base(war), war, self.apart)
        made = self._named(self.apart.values(x if found.deal else war))
        return {**made, **(found.payoffs if found.deal else {})}

    def sequence(self, war: Floats, first: str, near: Floats) -> Arrangement:
        """Let one pair bargain, then the other, solved from the end.

        `near` are variables to look near, those of the simultaneous deals.
        """
        second, start = self._other(first), self.base(war)
        failed = self._followed(start, first, second, self.apart)
        ahead = self._followed(start, first, second, self.game)
        outside = failed.values(start[self.pair(first)])
        chosen = self._weights(ahead.players)
        one = bargain_near(ahead, outside, chosen, near[self.pair(first)], transfers=self.transfers)
        held = start[self.pair(first)]
        after = failed.checked(held) if one.x is None else ahead.checked(one.x)
        deals = {self._name(first): one, self._name(second): after.found}
        return self._arranged(f"sequence: {first} first", after.x, war, deals)

    def one_player(self, war: Floats) -> Arrangement:
        """Let hub and coalition bargain over all tariffs between them."""
        joined = merge(self.game, [self.spokes])
        outside = merge(self.apart, [self.spokes]).values(war)
        found, x = self._all(joined, war, outside, self._joint_weights(joined))
        return self._arranged("one_player", x, war, {"+".join((self.hub, *self.spokes)): found})

    def pact(self, war: Floats) -> Arrangement:
        """Let all three sign or nobody."""
        found, x = self._all(self.game, war, self.apart.values(war), self.weights)
        return self._arranged("pact", x, war, {"+".join((self.hub, *self.spokes)): found})

    def _name(self, spoke: str) -> str:
        return f"{self.hub}+{spoke}"

    def _other(self, spoke: str) -> str:
        return self.spokes[1 - self.spokes.index(spoke)]

    def _named(self, values: Floats) -> dict[str, float]:
        return dict(zip(self.game.players, values.tolist(), strict=True))

    def _weights(self, names: Sequence[str]) -> dict[str, float] | None:
        return None if self.weights is None else {name: self.weights[name] for name in names}

    def _followed(self, start: Floats, first: str, second: str, game: WorldGame) -> Followed:
        """Return the first pair's game; `game` is played once the second pair has signed."""
        at = [self.game.players.index(name) for name in (self.hub, first, second)]
        pair = (self.hub, second)
        share = float(weights_of(pair, self._weights(pair))[0])
        return Followed(
            game, self.apart, (at[0], at[1], at[2]),
            self.pair(first), self.pair(second), start, share, self.transfers,
        )  # fmt: skip

    def _deal(self, spoke: str, x: Floats, war: Floats, game: WorldGame) -> tuple[Bargain, Floats]:
        """Return the bargain of hub and spoke, the rest as in x, and the tariffs after it."""
        threat = np.array(x)
        threat[self.pair(spoke)] = war[self.pair(spoke)]
        who = tuple(self.game.players.index(name) for name in (self.hub, spoke))
        part = Part(game, who, self.pair(spoke), x)
        found = bargain(
            part, self.apart.values(threat)[list(who)], self._weights(part.players),
            transfers=self.transfers, starts=[x[part.free]],
        )  # fmt: skip
        return found, threat if found.x is None else part.whole(found.x)

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
        struck = [found.deal for found in deals.values()]
        outside = self._named(self.apart.values(war))
        if not any(struck):
            return Arrangement(name, dict(outside), outside, deals, war)
        made = self._named((self.game if all(struck) else self.apart).values(x))
        return Arrangement(name, self._paid(made, deals), outside, deals, x)

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
