"""Retaliation: none, mirror, targeted within a budget, and what is in the retaliator's interest.

An attack is a change of tariffs by one country. The others answer; the sub-game perfect answer is
their best response (with several, the Nash equilibrium of their answers), and a threat is credible
when carrying it out is worth at least as much to whoever threatens as doing nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.equilibrium import nash
from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.game import Part, WorldGame
from advalorem.bargaining.instruments import instruments_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.payoffs import Payoffs

    Floats = NDArray[np.float64]

__all__ = ["Answer", "Targets", "answers", "targeted", "worth_attacking"]

TIE = 1e-9
MOST = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows from one way to answer an attack.

    Attributes
    ----------
    name
        ``none``, ``mirror``, ``targeted`` or ``credible``.
    payoffs
        Per cent, by country (attacker first).
    tariffs
        All tariffs after it, (n, i, j).
    own_gain
        What answering adds for each retaliator over doing nothing, per cent.
    attacker_loss
        What it costs the attacker, per cent.
    credible
        Whether no retaliator loses by carrying it out.
    """

    name: str
    payoffs: dict[str, float]
    tariffs: Floats
    own_gain: dict[str, float]
    attacker_loss: float
    credible: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """Products chosen for retaliation.

    Attributes
    ----------
    rates
        Rate by sector, zero where it is not used, as fractions.
    covered
        Base imports from the attacker hit, by sector, in the unit of the economy.
    attacker_loss, own_loss
        Money, in the unit of the economy; a negative own loss is a gain.
    ratio
        Loss of the attacker per own loss; infinite where retaliation costs nothing.
    """

    rates: dict[str, float]
    covered: dict[str, float]
    attacker_loss: float
    own_loss: float
    ratio: float


def answers(
    payoffs: Payoffs,
    attacker: str,
    attack: Floats,
    retaliators: Sequence[str],
    *,
    budget: float | None = None,
    rate: float = 0.25,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> dict[str, Answer]:
    """Return what follows from every way to answer an attack, by its name.

    Parameters
    ----------
    payoffs
        With one objective per country: attacker first, then the retaliators.
    attack
        All tariffs after the attack, (n, i, j).
    budget
        Base imports that each retaliator may hit when it targets products, in the unit of the
        economy; None leaves ``targeted`` out.
    rate
        Rate on targeted products.
    bounds
        Of the credible answer.

    Raises
    ------
    InputError
        For unknown countries, a budget that is not positive, or a country on both sides.
    NotConvergedError
        When the credible answer is not found.

    Examples
    --------
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example, raise_tariffs
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> found = answers(payoffs, "H", raise_tariffs(payoffs.economy, "H <- F: +25"), ["F"])
    >>> found["none"].credible, found["mirror"].credible, list(found)
    (True, True, ['none', 'mirror', 'credible'])
    """
    economy = payoffs.economy
    codes = [economy.countries[economy.country_index(code)] for code in (attacker, *retaliators)]
    if len(set(codes)) < len(codes) or len(codes) < 2 or len(codes) != len(payoffs.objectives):
        raise InputError(
            "retaliation", ", ".join(codes), "repeated, or without an objective", "name each once"
        )
    made = {"none": attack, "mirror": _mirror(payoffs, codes, attack)}
    if budget is not None:
        new = np.array(attack)
        for code in codes[1:]:
            new = _applied(payoffs, codes[0], code, attack, new, budget, rate)
        made["targeted"] = new
    made["credible"] = _credible(payoffs, codes, attack, bounds)
    return {name: _answer(payoffs, codes, attack, name, new) for name, new in made.items()}


def worth_attacking(found: Mapping[str, Answer], attacker: str, expected: str) -> bool:
    """Return whether the attacker is better off attacking when the `expected` answer follows.

    Not attacking is worth zero, the base.

    Examples
    --------
    >>> idle = Answer("none", {"H": 0.1}, np.zeros(1), {}, 0.0, True)
    >>> worth_attacking({"none": idle}, "H", "none")
    True
    """
    return found[expected].payoffs[attacker] > 0


def _answer(payoffs: Payoffs, codes: list[str], attack: Floats, name: str, new: Floats) -> Answer:
    from advalorem.world.shock import Shock

    made = payoffs.values(Shock(name, tariffs=new, allow_above_100=True))
    idle = payoffs.values(Shock("attack", tariffs=attack, allow_above_100=True))
    gain = dict(zip(codes[1:], (made - idle)[1:].tolist(), strict=True))
    return Answer(
        name,
        dict(zip(codes, made.tolist(), strict=True)),
        new,
        gain,
        float(idle[0] - made[0]),
        all(value >= -TIE for value in gain.values()),
    )


def _mirror(payoffs: Payoffs, codes: list[str], attack: Floats) -> Floats:
    """Return tariffs in which every retaliator raises what the attacker raised, by as much."""
    at = [payoffs.economy.country_index(code) for code in codes]
    raised = np.maximum(attack - payoffs.economy.tau, 0.0)
    new = np.array(attack)
    for code in at[1:]:
        new[code, at[0]] = payoffs.economy.tau[code, at[0]] + raised[at[0], code]
    return new


def _credible(
    payoffs: Payoffs, codes: list[str], attack: Floats, bounds: tuple[float, float]
) -> Floats:
    """Return the attack with the best answers of the retaliators to it and to one another."""
    partners = {code: [codes[0]] for code in codes}
    partners[codes[0]] = codes[1:]
    own = instruments_of(payoffs.economy, codes, "partner_sector", partners, bounds)
    game = WorldGame(payoffs, own, attack)
    free = np.flatnonzero(own.owner > 0)
    held = own.mean(attack, payoffs.economy.flows)
    part = Part(game, tuple(range(1, len(codes))), free, held)
    found = nash(part, [("as they are", game.start[free])])
    return own.put(attack, part.whole(found.x))


def _applied(
    payoffs: Payoffs,
    attacker: str,
    code: str,
    attack: Floats,
    new: Floats,
    budget: float,
    rate: float,
) -> Floats:
    targets = targeted(payoffs, attacker, code, attack, budget, rate)
    n, i = (payoffs.economy.country_index(name) for name in (code, attacker))
    changed = np.array(new)
    for sector, value in targets.rates.items():
        changed[n, i, payoffs.economy.sector_index(sector)] += value
    return changed


def targeted(
    payoffs: Payoffs, attacker: str, retaliator: str, attack: Floats, budget: float, rate: float
) -> Targets:
    """Return the products that cost the attacker most per own loss within a budget of trade.

    Every goods sector may be hit in part: half of its imports at `rate` counts as the whole at
    half the rate. The ratio is maximised by Dinkelbach's method (1967, Management Science 13(7)):
    other's loss less q times own loss, with q raised to the ratio found until it stays. Where the
    most harmful list costs its user nothing, that list is the answer and the ratio is infinite.

    Raises
    ------
    InputError
        For a budget or rate that is not positive.
    NotConvergedError
        When the search ended without an answer.

    Examples
    --------
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example, raise_tariffs
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> attack = raise_tariffs(payoffs.economy, "H <- F: +25")
    >>> found = targeted(payoffs, "H", "F", attack, budget=10.0, rate=0.25)
    >>> found.covered, found.ratio
    ({'good': 10.0}, inf)
    """
    if not (np.isfinite([budget, rate]).all() and budget > 0 and rate > 0):
        raise InputError(
            "retaliation",
            f"budget {budget:g}, rate {rate:g}",
            "not positive",
            "give positive numbers",
        )
    hunt = _Hunt.of(payoffs, attacker, retaliator, attack, budget, rate)
    share, q = hunt.best(0.0), 0.0
    for _ in range(20):
        harm, cost = hunt.losses(share)
        if cost <= TIE * hunt.money[1] or harm <= 0:
            break
        if harm / cost <= q * (1 + 1e-6):
            break
        q = harm / cost
        share = hunt.best(q)
    return hunt.targets(share)


@dataclass(frozen=True, slots=True)
class _Hunt:
    """The search for targets: which part of each sector is hit."""

    game: WorldGame
    who: tuple[int, int]
    base: Floats
    flows: Floats
    budget: float
    rate: float

    @classmethod
    def of(
        cls,
        payoffs: Payoffs,
        attacker: str,
        retaliator: str,
        attack: Floats,
        budget: float,
        rate: float,
    ) -> _Hunt:
        economy = payoffs.economy
        pair = [economy.countries[economy.country_index(code)] for code in (retaliator, attacker)]
        own = instruments_of(economy, pair[:1], "partner_sector", {pair[0]: pair[1:]})
        countries = [objective.terms[0].country for objective in payoffs.objectives]
        who = (countries.index(pair[1]), countries.index(pair[0]))
        flows = economy.flows[own.importer, own.exporter, own.sector]
        base = attack[own.importer, own.exporter, own.sector]
        return cls(WorldGame(payoffs, own, attack), who, base, flows, budget, rate)

    @property
    def money(self) -> tuple[float, float]:
        """Money per per cent of payoff of attacker and retaliator."""
        payoffs = self.game.payoffs
        codes = [payoffs.objectives[k].terms[0].country for k in self.who]
        at = [payoffs.economy.country_index(code) for code in codes]
        return tuple(float(value) for value in payoffs.before.income[at] / 100)  # type: ignore[return-value]

    def losses(self, share: Floats) -> tuple[float, float]:
        """Return the losses of attacker and retaliator against the attack alone, money."""
        made = self.game.values(self.base + self.rate * share)
        idle = self.game.values(self.base)
        lost = [(idle - made)[k] * money for k, money in zip(self.who, self.money, strict=True)]
        return float(lost[0]), float(lost[1])

    def best(self, q: float) -> Floats:
        """Return the shares that maximise the attacker's loss less q times the own loss."""
        from scipy.optimize import minimize

        unit, size = self.money[1], len(self.game.payoffs.objectives)
        weights = np.zeros(size)
        weights[self.who[0]] = self.money[0] / unit
        weights[self.who[1]] -= q

        def cost(share: Floats) -> tuple[float, Floats]:
            x = self.base + self.rate * share
            slope = self.rate * self.game.gradient(x, weights)
            return float(weights @ self.game.values(x)), slope

        hit = self.flows > 0
        high = np.where(hit, 1.0, 0.0)
        start = high * min(1.0, self.budget / max(self.flows.sum(), 1e-300))
        room = {
            "type": "ineq",
            "fun": lambda s: 1 - self.flows @ s / self.budget,
            "jac": lambda s: -self.flows / self.budget,
        }
        run = minimize(
            cost, start, jac=True, method="SLSQP", bounds=np.column_stack([0 * high, high]),
            constraints=[room], options={"maxiter": MOST, "ftol": 1e-10},
        )  # fmt: skip
        if run.status not in (0, 8):
            raise NotConvergedError(f"targets of retaliation: {run.message}")
        return np.asarray(np.clip(run.x, 0.0, high))

    def targets(self, share: Floats) -> Targets:
        """Return the answer in words and money."""
        harm, cost = self.losses(share)
        sectors = [label[2] for label in self.game.instruments.labels]
        used = share * (share > 1e-6)
        return Targets(
            {s: float(self.rate * v) for s, v in zip(sectors, used, strict=True)},
            {s: float(v) for s, v in zip(sectors, used * self.flows, strict=True)},
            harm,
            cost,
            float("inf") if cost <= TIE * self.money[1] else harm / cost,
        )
