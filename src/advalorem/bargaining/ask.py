"""Answer a bargaining question: everything asked for, in plain values for JSON and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.agreed import bargain
from advalorem.bargaining.draws import drawn, interval
from advalorem.bargaining.equilibrium import Equilibrium, nash
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.game import WorldGame
from advalorem.bargaining.instruments import RULES, instruments_of
from advalorem.bargaining.objectives import objective_of, real_income
from advalorem.bargaining.pareto import frontier
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.plain import (
    bargain_dict,
    comparison_dict,
    finite,
    mean_rates,
    nash_dict,
    tree_dict,
)
from advalorem.bargaining.question import Question
from advalorem.bargaining.retaliation import answers, targeted, worth_attacking
from advalorem.bargaining.review import Review, read_review
from advalorem.bargaining.together import compare, compare_wars
from advalorem.world.scenarios import raise_tariffs
from advalorem.world.shock import Shock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["answer", "economy_of", "game_of"]


def answer(question: Question) -> tuple[dict[str, Any], Review | None]:
    """Return the answer to a question as plain values, and the solved tree if one was asked for.

    Raises
    ------
    InputError
        For input that cannot be used.
    NotConvergedError
        When a search ended without an answer; nothing is then returned.

    Examples
    --------
    >>> from datetime import date
    >>> tree = {"players": ["A"], "as_of": date(2026, 1, 1), "horizon": date(2030, 1, 1),
    ...         "discount_pct": 3, "outcomes": {"up": {"payoff": {"A": 1}}}, "tree": "up"}
    >>> found, review = answer(Question(tree=tree))
    >>> found["tree"]["per_year"][""]
    {'A': 1.0}
    """
    stated = question.tree is not None and all(
        "payoff" in item for item in (question.tree.get("outcomes") or {}).values()
    )
    if stated and not _needs_world(question):
        review = read_review(question.tree or {})
        return {"tree": tree_dict(review)}, review
    game = game_of(question, economy_of(question))
    asked = _Asked(question, game)
    try:
        return asked.everything()
    finally:
        game.payoffs.close()


def _needs_world(question: Question) -> bool:
    return bool(
        question.nash
        or question.coalitions
        or question.frontier
        or question.bargain is not None
        or question.together is not None
        or question.retaliation is not None
        or question.scenarios
    )


def economy_of(question: Question) -> Economy:
    """Return the economy that a question names, merged if it says so."""
    from advalorem.world import build_economy, load_tables
    from advalorem.world.aggregation import aggregate, read_mapping

    tables = load_tables(question.economy, question.theta)
    if question.aggregate is not None:
        tables = aggregate(tables, *(found or None for found in read_mapping(question.aggregate)))
    return build_economy(tables)


def game_of(question: Question, economy: Economy) -> WorldGame:
    """Return the game of a question on an economy.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> game_of(Question(players=("H", "F")), economy).players
    ('H', 'F')
    """
    players = [economy.countries[economy.country_index(code)] for code in question.who]
    for code in question.payoff:
        if code not in players:
            raise InputError("payoff", code, "is no player", f"use {', '.join(players)}")
    objectives = [
        objective_of(economy, question.payoff[code])
        if code in question.payoff
        else real_income(code)
        for code in players
    ]
    own = instruments_of(
        economy, players, question.rule, question.partners, question.bounds, question.sectors
    )
    payoffs = Payoffs(economy, objectives, question.closure, question.store)
    return WorldGame(payoffs, own, payoffs.economy.tau)


@dataclass(slots=True)
class _Asked:
    """A question on its game; the Nash equilibrium is found once, when it is needed."""

    question: Question
    game: WorldGame
    found: Equilibrium | None = None

    def everything(self) -> tuple[dict[str, Any], Review | None]:
        """Return every part that was asked for, in the order of the parts."""
        asked, reply = self.question, self.settings()
        if asked.scenarios:
            reply["scenarios"] = {name: self.scenario(x) for name, x in asked.scenarios.items()}
        if asked.nash:
            reply["nash"] = nash_dict(self.game, self.equilibrium())
        if asked.coalitions:
            reply["coalitions"] = [self.coalition(members) for members in self.coalitions()]
        if asked.frontier:
            points = frontier(self.game, asked.frontier, self.game.start)
            reply["frontier"] = [
                {"weights": p.weights, "payoffs": p.payoffs, "tariffs": self.rates(p.x)}
                for p in points
            ]
        if asked.bargain is not None:
            reply["bargain"] = self.bargain(asked.bargain)
        if asked.together is not None:
            reply["together"] = self.together(asked.together)
        if asked.retaliation is not None:
            reply["retaliation"] = self.retaliation(asked.retaliation)
        review = None
        if asked.tree is not None:
            review = read_review(asked.tree, self.outcome)
            reply["tree"] = tree_dict(review)
        if asked.draws:
            reply["intervals"] = self.intervals()
        return reply, review

    def settings(self) -> dict[str, Any]:
        """Return what the answer rests on; printed with every answer."""
        payoffs, own = self.game.payoffs, self.game.instruments
        low, high = self.question.bounds
        return {
            "economy": payoffs.economy.name,
            "closure": payoffs.closure.kind,
            "theta": payoffs.economy.theta_set,
            "players": list(self.game.players),
            "payoff": list(payoffs.names),
            "instruments": f"{RULES[own.rule]}, from {low:g} to {high:g}, {own.count} in all",
            "unit": payoffs.economy.unit,
            "readings": [f"closure: {payoffs.closure.text}", *payoffs.economy.readings],
            "sources": list(payoffs.economy.sources),
        }

    def equilibrium(self) -> Equilibrium:
        """Return the Nash equilibrium."""
        if self.found is None:
            self.found = nash(self.game, seed=self.question.seed)
        return self.found

    def coalitions(self) -> list[tuple[str, ...]]:
        """Return the coalitions in the economy's codes, which must not overlap."""
        from advalorem.bargaining.game import merge

        economy = self.game.payoffs.economy
        coded = [
            tuple(economy.countries[economy.country_index(code)] for code in members)
            for members in self.question.coalitions
        ]
        merge(self.game, coded)
        return coded

    def coalition(self, members: tuple[str, ...]) -> dict[str, Any]:
        """Return payoffs of the trade war with members apart and as one player."""
        apart, joint, payoffs = compare_wars(self.game, members, self.equilibrium())
        return {
            "members": list(members),
            "payoffs_apart": apart.payoffs,
            "payoffs_together": payoffs,
            "gain_from_joining": {c: payoffs[c] - apart.payoffs[c] for c in payoffs},
            "joint_payoffs_together": joint.payoffs,
            "deviation_gain_pct": joint.deviation_gain,
            "tariffs": self.rates(joint.x),
        }

    def scenario(self, lines: Any) -> dict[str, float]:
        """Return payoffs after tariffs change as the lines, or a scenario of the law, say."""
        if isinstance(lines, Mapping):
            return self.law(lines)
        made = self.game.payoffs.values(self.shock("scenario", lines))
        return dict(zip(self.game.players, made.tolist(), strict=True))

    def law(self, asked: Mapping[str, Any]) -> dict[str, float]:
        """Return payoffs under a later law or a scenario, relative to the law of a day."""
        from advalorem.linkage.simulate import simulate_law
        from advalorem.scenario.files import load_scenario

        if not set(asked) <= {"scenario", "law_from", "law_to"} or "law_from" not in asked:
            raise InputError(
                "scenario", str(dict(asked)), "not understood", "give law_from, law_to, scenario"
            )
        days = [asked["law_from"], asked.get("law_to", asked["law_from"])]
        if not all(type(day) is date for day in days):
            raise InputError("scenario", f"days {days}", "no days", "write them as YYYY-MM-DD")
        payoffs, economy = self.game.payoffs, economy_of(self.question)
        try:
            changes = load_scenario(asked["scenario"]) if "scenario" in asked else None
            found = simulate_law(economy, days[0], days[1], changes, closure=payoffs.closure)
        except ValueError as error:
            raise InputError("scenario", str(dict(asked)), str(error), "correct it") from error
        own = Payoffs(found.outcome.economy, payoffs.objectives, payoffs.closure)
        made = own.values(found.outcome.shock)
        return dict(zip(self.game.players, made.tolist(), strict=True))

    def shock(self, name: str, lines: Any) -> Shock:
        """Return a change of tariffs written in lines."""
        texts = [lines] if isinstance(lines, str) else lines
        if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
            raise InputError("scenario", name, f"{lines!r}", "write lines such as 'A <- B: +25'")
        rates = self.game.tariffs
        for text in texts:
            rates = raise_tariffs(self.game.payoffs.economy, text, start=rates)
        return Shock(name, tariffs=rates, allow_above_100=True)

    def outcome(
        self, name: str, item: Mapping[str, Any], players: tuple[str, ...]
    ) -> dict[str, float]:
        """Return the yearly payoffs of an outcome of a tree: lines of tariffs, or the trade war."""
        if set(item) == {"raise"}:
            found = self.scenario(item["raise"])
        elif "law_from" in item:
            found = self.law(item)
        elif item == {"nash": True}:
            found = self.equilibrium().payoffs
        else:
            raise InputError(
                "tree", f"outcome {name}", f"{dict(item)}", "give payoff, raise, law_from or nash"
            )
        return {code: found[code] for code in players if code in found}

    def outside(self, given: Any) -> Floats:
        """Return outside options: the trade war, the base, or what the user states."""
        if given in (None, "nash"):
            return np.array(list(self.equilibrium().payoffs.values()))
        if given == "base":
            return np.asarray(self.game.values(self.game.start))
        if not isinstance(given, Mapping) or set(given) != set(self.game.players):
            raise InputError(
                "outside options", repr(given), "not understood", "give nash, base or all payoffs"
            )
        return np.array([float(given[code]) for code in self.game.players])

    def bargain(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the Nash bargain of all players."""
        found = bargain(
            self.game,
            self.outside(asked.get("outside")),
            asked.get("weights"),
            transfers=bool(asked.get("transfers", False)),
            starts=[self.game.start],
        )
        return bargain_dict(self.game, found)

    def together(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what comes of talking together and apart."""
        economy = self.game.payoffs.economy
        hub = economy.countries[economy.country_index(str(asked.get("hub", "")))]
        named = asked.get("spokes") or [code for code in self.game.players if code != hub]
        spokes = [economy.countries[economy.country_index(code)] for code in named]
        deeper = asked.get("deeper_trade")
        outside = None if deeper is None else self.deeper(spokes, float(deeper))
        transfers = bool(asked.get("transfers", False))
        found = compare(
            self.game,
            hub,
            spokes,
            asked.get("weights"),
            transfers=transfers,
            outside_game=outside,
        )
        return comparison_dict(self.game, found)

    def deeper(self, spokes: Sequence[str], factor: float) -> WorldGame:
        """Return the game with other iceberg costs between the spokes."""
        economy = self.game.payoffs.economy
        if not (np.isfinite(factor) and factor > 0):
            raise InputError("deeper_trade", f"{factor:g}", "not positive", "give 0.95 for -5 %")
        d_hat = np.ones(economy.tau.shape)
        a, b = (economy.country_index(code) for code in spokes)
        goods = slice(None) if economy.goods is None else np.asarray(economy.goods)
        d_hat[a, b, goods] = d_hat[b, a, goods] = factor
        return replace(self.game, d_hat=d_hat)

    def retaliation(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what follows from every answer to an attack."""
        economy = self.game.payoffs.economy
        attacker = economy.countries[economy.country_index(str(asked.get("attacker", "")))]
        named = asked.get("retaliators") or [c for c in self.game.players if c != attacker]
        codes = [economy.countries[economy.country_index(code)] for code in named]
        attack = self.shock("attack", asked.get("attack")).tariffs
        assert attack is not None
        payoffs = Payoffs(economy, [attacker, *codes], self.game.payoffs.closure)
        budget, rate = asked.get("budget"), float(asked.get("rate", 0.25))
        found = answers(
            payoffs, attacker, attack, codes, budget=budget, rate=rate, bounds=self.question.bounds
        )
        reply: dict[str, Any] = {
            name: {
                "payoffs": item.payoffs,
                "own_gain": item.own_gain,
                "attacker_loss": item.attacker_loss,
                "credible": item.credible,
                "attack_pays": worth_attacking(found, attacker, name),
            }
            for name, item in found.items()
        }
        if budget is not None:
            reply["targeted"]["products"] = {
                code: finite(asdict(targeted(payoffs, attacker, code, attack, budget, rate)))
                for code in codes
            }
        return reply

    def intervals(self) -> dict[str, Any]:
        """Return intervals of Nash payoffs and mean tariffs over draws of the elasticities."""
        asked, start = self.question, self.equilibrium().x
        raw = economy_of(asked)
        payoffs: dict[str, list[float]] = {code: [] for code in self.game.players}
        rates: dict[str, list[float]] = {}
        for economy in drawn(raw, asked.draws, asked.spread, asked.seed):
            game = game_of(replace(asked, store=None), economy)
            found = nash(game, [("point estimate", start)], seed=asked.seed)
            for code, value in found.payoffs.items():
                payoffs[code].append(value)
            for pair, value in mean_rates(game, found.x).items():
                rates.setdefault(pair, []).append(value)
        return {
            "draws": asked.draws,
            "spread": asked.spread,
            "seed": asked.seed,
            "payoffs": {code: asdict(interval(values)) for code, values in payoffs.items()},
            "mean_tariffs": {pair: asdict(interval(values)) for pair, values in rates.items()},
        }

    def rates(self, x: Floats) -> dict[str, dict[str, dict[str, float]]]:
        """Return rates by player, partner and sector."""
        return self.game.instruments.nested(x)
