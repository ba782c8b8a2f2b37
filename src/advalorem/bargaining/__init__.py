"""Who gains from which outcome, alone or together: games on the world model.

Examples
--------
>>> from advalorem import bargaining, world
>>> economy = world.build_economy(world.example.two_country_tables(theta=4.0))
>>> payoffs = bargaining.Payoffs(economy, ["H", "F"])
>>> rates = bargaining.instruments_of(payoffs.economy, ["H", "F"])
>>> game = bargaining.WorldGame(payoffs, rates, payoffs.economy.tau)
>>> bargaining.nash(game).x.round(3)
array([0.261, 0.269])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advalorem.bargaining.agreed import bargain as bargain
    from advalorem.bargaining.agreement import load_agreement as load_agreement
    from advalorem.bargaining.agreement import state_on as state_on
    from advalorem.bargaining.ask import answer as answer
    from advalorem.bargaining.equilibrium import best_response as best_response
    from advalorem.bargaining.equilibrium import deviation_gains as deviation_gains
    from advalorem.bargaining.equilibrium import nash as nash
    from advalorem.bargaining.errors import NotConvergedError as NotConvergedError
    from advalorem.bargaining.game import WorldGame as WorldGame
    from advalorem.bargaining.game import merge as merge
    from advalorem.bargaining.instruments import instruments_of as instruments_of
    from advalorem.bargaining.objectives import objective_of as objective_of
    from advalorem.bargaining.pareto import frontier as frontier
    from advalorem.bargaining.payoffs import Payoffs as Payoffs
    from advalorem.bargaining.question import Question as Question
    from advalorem.bargaining.question import question_of as question_of
    from advalorem.bargaining.retaliation import answers as answers
    from advalorem.bargaining.review import read_review as read_review
    from advalorem.bargaining.subgame import play as play
    from advalorem.bargaining.together import compare as compare

_HOME = {
    "NotConvergedError": "errors",
    "Payoffs": "payoffs",
    "Question": "question",
    "WorldGame": "game",
    "answer": "ask",
    "answers": "retaliation",
    "play": "subgame",
    "bargain": "agreed",
    "best_response": "equilibrium",
    "compare": "together",
    "deviation_gains": "equilibrium",
    "frontier": "pareto",
    "instruments_of": "instruments",
    "load_agreement": "agreement",
    "merge": "game",
    "nash": "equilibrium",
    "objective_of": "objectives",
    "question_of": "question",
    "read_review": "review",
    "state_on": "agreement",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing stays cheap."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
