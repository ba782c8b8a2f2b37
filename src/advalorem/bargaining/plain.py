"""Answers as plain values, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.agreed import Bargain
from advalorem.bargaining.equilibrium import Equilibrium
from advalorem.bargaining.game import WorldGame
from advalorem.bargaining.review import Review
from advalorem.bargaining.together import Comparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "bargain_dict", "comparison_dict", "finite", "mean_rates", "nash_dict", "tree_dict",
]  # fmt: skip


def bargain_dict(game: WorldGame, found: Bargain) -> dict[str, Any]:
    """Return a bargain as plain values."""
    return {
        "deal": found.deal,
        "reason": found.reason,
        "payoffs": found.payoffs,
        "outside": found.outside,
        "gains": found.gains,
        "weights": found.weights,
        "transfers": found.transfers,
        "tariffs": None
        if found.x is None or found.x.size != game.instruments.count
        else game.instruments.nested(found.x, game.payoffs.economy),
    }


def comparison_dict(game: WorldGame, found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values."""
    return {
        "hub": found.hub,
        "spokes": list(found.spokes),
        "arrangements": {
            name: {
                "payoffs": item.payoffs,
                "outside": item.outside,
                "deals": {
                    parties: {
                        "deal": deal.deal,
                        "reason": deal.reason,
                        "payoffs": deal.payoffs,
                        "outside": deal.outside,
                        "gains": deal.gains,
                        "weights": deal.weights,
                        "transfers": deal.transfers,
                    }
                    for parties, deal in item.deals.items()
                },
                "tariffs": game.instruments.nested(item.x, game.payoffs.economy),
            }
            for name, item in found.arrangements.items()
        },
        "leverage": found.leverage,
        "defections": [asdict(item) for item in found.defections],
    }


def mean_rates(game: WorldGame, x: Floats) -> dict[str, float]:
    """Return the average rate of each player on each partner, base imports as weights."""
    own, economy = game.instruments, game.payoffs.economy
    weight = economy.flows[own.importer, own.exporter, own.sector]
    rate = np.asarray(x)[own.variable]
    found: dict[str, float] = {}
    for n, i in sorted(set(zip(own.importer.tolist(), own.exporter.tolist(), strict=True))):
        here = (own.importer == n) & (own.exporter == i)
        total = float(weight[here].sum())
        mean = float(weight[here] @ rate[here]) / total if total > 0 else float(rate[here].mean())
        found[f"{economy.countries[n]} <- {economy.countries[i]}"] = mean
    return found


def nash_dict(game: WorldGame, found: Equilibrium) -> dict[str, Any]:
    """Return an equilibrium as plain values."""
    return {
        "tariffs": game.instruments.nested(found.x, game.payoffs.economy),
        "mean_tariffs": mean_rates(game, found.x),
        "payoffs": found.payoffs,
        "deviation_gain_pct": found.deviation_gain,
        "rounds": found.rounds,
        "starts": dict(found.starts),
        "other_equilibria": [
            {
                "payoffs": item.payoffs,
                "tariffs": game.instruments.nested(item.x, game.payoffs.economy),
            }
            for item in found.others
        ],
    }


def tree_dict(review: Review) -> dict[str, Any]:
    """Return a solved tree as plain values."""
    state = review.state
    return {
        "as_of": review.rules.on.isoformat(),
        "horizon": review.rules.horizon.isoformat(),
        "discount_pct": dict(review.rules.discount_pct),
        "state": list(state.words) if state else [],
        "outcomes": {name: dict(flows) for name, flows in review.rules.payoffs.items()},
        "values": review.solved.values,
        "per_year": review.solved.per_year,
        "strategy": review.solved.strategy,
        "ties": list(review.solved.ties),
        "thresholds": [asdict(item) for item in review.thresholds],
    }


def finite(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with None for an infinite ratio, which JSON cannot hold."""
    return {name: None if value == float("inf") else value for name, value in values.items()}
