"""Answer a bargaining question: everything asked for, in plain values for JSON and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.draws import drawn, interval, statements_of
from advalorem.bargaining.equilibrium import Equilibrium, nash
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.game import WorldGame
from advalorem.bargaining.instruments import RULES, instruments_of
from advalorem.bargaining.objectives import objective_of, real_income
from advalorem.bargaining.outcomes import base_readings, scenario_payoffs
from advalorem.bargaining.pareto import frontier
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.plain import mean_rates, nash_dict, tree_dict
from advalorem.bargaining.question import Question
from advalorem.bargaining.replies import (
    bargain_reply,
    retaliation_reply,
    study_reply,
    together_reply,
)
from advalorem.bargaining.review import Review, read_review
from advalorem.bargaining.together import compare_wars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["answer", "economy_of", "game_of"]

STATED = "per cent of income a year as the tree states it; no economy is solved"


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
    if not _needs_world(question):
        return _without_world(question)
    game = game_of(question, economy_of(question))
    asked = _Asked(question, game)
    try:
        return asked.everything()
    finally:
        game.payoffs.close()


def _needs_world(question: Question) -> bool:
    """Return whether something has to be solved on the economy."""
    outcomes = (question.tree or {}).get("outcomes") or {}
    solved = isinstance(outcomes, Mapping) and any(
        "payoff" not in item for item in outcomes.values() if isinstance(item, Mapping)
    )
    parts = (question.bargain, question.together, question.retaliation)
    asked = question.nash or question.coalitions or question.frontier or question.scenarios
    nothing = question.tree is None and question.study is None
    return bool(asked or solved or nothing or any(part is not None for part in parts))


def _without_world(question: Question) -> tuple[dict[str, Any], Review | None]:
    """Return the parts that need no economy: a tree with stated payoffs, a study on its data."""
    reply: dict[str, Any] = {}
    review = None
    if question.study is not None:
        reply["study"] = study_reply(question.study, question.who, question.folder)
    if question.tree is not None:
        review = read_review(question.tree)
        reply |= {"payoff": [STATED], "tree": tree_dict(review)}
    return reply, review


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
    economy: Economy | None = None

    def everything(self) -> tuple[dict[str, Any], Review | None]:
        """Return every part that was asked for, in the order of the parts."""
        asked, reply = self.question, self.settings()
        coalitions, draws = self.coalitions(), self.draws()
        if asked.scenarios:
            reply["scenarios"] = {name: self.scenario(x) for name, x in asked.scenarios.items()}
        if asked.nash:
            reply["nash"] = nash_dict(self.game, self.equilibrium())
        if asked.coalitions:
            reply["coalitions"] = [self.coalition(members) for members in coalitions]
        if asked.frontier:
            points = frontier(self.game, asked.frontier, self.game.start)
            reply["frontier"] = [
                {"weights": p.weights, "payoffs": p.payoffs, "tariffs": self.rates(p.x)}
                for p in points
            ]
        if asked.bargain is not None:
            outside = self.outside(asked.bargain.get("outside"))
            reply["bargain"] = bargain_reply(self.game, asked.bargain, outside)
        if asked.together is not None:
            reply["together"] = together_reply(self.game, asked.together)
        if asked.retaliation is not None:
            reply |= retaliation_reply(self.game, asked.retaliation, asked.bounds)
        if asked.study is not None:
            reply["study"] = study_reply(asked.study, asked.who, asked.folder)
        review = None
        if asked.tree is not None:
            review = read_review(asked.tree, self.outcome)
            reply["tree"] = tree_dict(review)
        if draws is not None:
            reply["intervals"] = self.intervals(draws)
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
            "readings": [
                f"closure: {payoffs.closure.text}",
                *payoffs.economy.readings,
                *base_readings(self.named_outcomes()),
            ],
            "sources": list(payoffs.economy.sources),
        }

    def named_outcomes(self) -> list[Any]:
        """Return the outcomes that the question names, of scenarios and of the tree."""
        asked = self.question
        outcomes = (asked.tree or {}).get("outcomes") or {}
        named = outcomes.values() if isinstance(outcomes, Mapping) else ()
        return [*(asked.scenarios or {}).values(), *named]

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
            "gain_from_joining": {c: payoffs[c] - apart.payoffs[c] for c in members},
            "joint_payoffs_together": joint.payoffs,
            "deviation_gain_pct": joint.deviation_gain,
            "tariffs": self.rates(joint.x),
        }

    def scenario(self, item: Any) -> dict[str, float]:
        """Return payoffs after tariffs change as lines, or a scenario of the law, say."""
        return scenario_payoffs(self.game, item, self.raw, self.question.folder)

    def raw(self) -> Economy:
        """Return the economy before it is calibrated: a draw, or the one that is asked for."""
        return economy_of(self.question) if self.economy is None else self.economy

    def outcome(
        self, name: str, item: Mapping[str, Any], players: tuple[str, ...]
    ) -> dict[str, float]:
        """Return the yearly payoffs of an outcome of a tree: lines of tariffs, or the trade war."""
        if set(item) == {"raise"}:
            found = self.scenario(item["raise"])
        elif "law_from" in item:
            found = self.scenario(item)
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

    def draws(self) -> Iterator[Economy] | None:
        """Return economies with drawn elasticities, checked before anything is solved."""
        asked = self.question
        if not asked.draws:
            return None
        return drawn(economy_of(asked), asked.draws, asked.spread, asked.seed)

    def intervals(self, draws: Iterator[Economy]) -> dict[str, Any]:
        """Return intervals over draws of the elasticities of what was asked for; see `numbers`."""
        asked, start = self.question, self.equilibrium().x
        held: dict[str, dict[str, list[float]]] = {}
        taken: dict[str, list[str]] = {}
        for economy in draws:
            game = game_of(replace(asked, store=None), economy)
            found = nash(game, [("point estimate", start)], seed=asked.seed)
            one = _Asked(asked, game, found, economy)
            for part, values in one.numbers().items():
                for name, value in values.items():
                    held.setdefault(part, {}).setdefault(name, []).append(value)
            for path, name in one.strategy().items():
                taken.setdefault(path, []).append(name)
        made = {
            part: {name: asdict(interval(values)) for name, values in named.items()}
            for part, named in held.items()
        }
        if taken:
            made["strategy"] = {
                path: {name: names.count(name) / len(names) for name in dict.fromkeys(names)}
                for path, names in taken.items()
            }
        rests = list(statements_of(self.raw(), asked.spread))
        settings = {"draws": asked.draws, "spread": asked.spread, "seed": asked.seed}
        return {**settings, "rests_on": rests, **made}

    def numbers(self) -> dict[str, dict[str, float]]:
        """Return what intervals are given of: Nash payoffs and rates, scenarios, coalitions."""
        made = {
            "payoffs": self.equilibrium().payoffs,
            "mean_tariffs": mean_rates(self.game, self.equilibrium().x),
        }
        for name, item in self.question.scenarios.items():
            made[f"scenario {name}"] = self.scenario(item)
        for members in self.coalitions():
            joined = self.coalition(members)
            made[f"{'+'.join(members)} gain from joining"] = joined["gain_from_joining"]
        return made

    def strategy(self) -> dict[str, str]:
        """Return the strategy of the tree, if there is one."""
        tree = self.question.tree
        return {} if tree is None else dict(read_review(tree, self.outcome).solved.strategy)

    def rates(self, x: Floats) -> dict[str, dict[str, dict[str, float]]]:
        """Return rates by player, partner and sector."""
        return self.game.instruments.nested(x, self.game.payoffs.economy)
