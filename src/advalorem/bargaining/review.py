"""The review of an agreement as a decision: a tree from a file, its values and its thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from typing import Any

from advalorem.bargaining.agreement import State, load_agreement, state_on
from advalorem.bargaining.beliefs import Threshold, thresholds
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.tree import Node, Rules, Solved, read_tree, solve_tree

__all__ = ["Review", "read_review"]

KEYS = {
    "agreement", "as_of", "known_on", "horizon", "discount_pct", "players", "outcomes", "tree",
}  # fmt: skip
Payoff = Callable[[str, Mapping[str, Any], tuple[str, ...]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Review:
    """A solved tree.

    Attributes
    ----------
    root, rules
        What was asked; `rules.payoffs` are the flows of every outcome.
    state
        Where the agreement stands on the day asked, or None without an agreement.
    solved
        Values and strategy.
    thresholds
        Beliefs at which the strategy changes.
    """

    root: Node
    rules: Rules
    state: State | None
    solved: Solved
    thresholds: tuple[Threshold, ...]


def read_review(data: Mapping[str, Any], payoff: Payoff | None = None) -> Review:
    """Return the solved tree of a file.

    Parameters
    ----------
    data
        Keys ``as_of``, ``horizon`` (days), ``discount_pct`` (a number, or one per player),
        ``outcomes`` and ``tree``; with ``agreement`` its moves may be used, and its parties are the
        players unless ``players`` names them. An outcome is ``payoff: {player: per cent of income a
        year}``, or what `payoff` understands.
    payoff
        Computes the payoffs of an outcome that states none: name, mapping, players.

    Raises
    ------
    InputError
        Naming the key or node and the remedy.

    Examples
    --------
    >>> data = {"agreement": "usmca", "as_of": date(2026, 9, 1), "horizon": date(2036, 7, 1),
    ...         "discount_pct": 4, "players": ["USA"],
    ...         "outcomes": {"kept": {"payoff": {"USA": 0}}, "lost": {"payoff": {"USA": -0.1}}},
    ...         "tree": {"choice": "USA", "meanwhile": "kept",
    ...                  "options": {"stay": "kept", "leave": {"move": "withdraw", "to": "lost"}}}}
    >>> read_review(data).solved.strategy
    {'': 'stay'}
    """
    if set(data) - KEYS:
        extra = ", ".join(sorted(set(data) - KEYS))
        raise InputError("tree", f"key {extra}", "unknown", f"use {', '.join(sorted(KEYS))}")
    on, horizon = _day(data, "as_of"), _day(data, "horizon")
    if horizon <= on:
        raise InputError("tree", f"horizon {horizon}", f"not after {on}", "choose a later day")
    agreement = load_agreement(str(data["agreement"])) if "agreement" in data else None
    known = _day(data, "known_on") if "known_on" in data else None
    state = None if agreement is None else state_on(agreement, on, known)
    players = tuple(data.get("players") or (agreement.parties if agreement else ()))
    if not players:
        raise InputError("tree", "players", "none", "name them, or an agreement")
    named = _named(data.get("outcomes"))
    if "tree" not in data:
        raise InputError("tree", "key tree", "missing", "describe the root")
    rules = Rules(
        players,
        {name: {} for name in named},
        _discount(data.get("discount_pct"), players),
        on,
        horizon,
        agreement,
        state.ends if state else None,
    )
    root = read_tree(data["tree"], rules)  # before any outcome is solved
    rules = replace(rules, payoffs=_payoffs(named, players, payoff))
    return Review(root, rules, state, solve_tree(root, rules), thresholds(root, rules))


def _day(data: Mapping[str, Any], key: str) -> date:
    value = data.get(key)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = None
    if type(value) is not date:
        raise InputError("tree", key, f"{data.get(key)!r} is no day", "write it as YYYY-MM-DD")
    return value


def _discount(value: Any, players: tuple[str, ...]) -> dict[str, float]:
    given = value if isinstance(value, Mapping) else dict.fromkeys(players, value)
    found = {}
    for player in players:
        rate = given.get(player)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 100:
            raise InputError(
                "tree",
                f"discount_pct of {player}",
                f"{rate!r}",
                "give per cent a year from 0 to 100",
            )
        found[player] = float(rate)
    return found


def _named(data: Any) -> dict[str, Mapping[str, Any]]:
    """Return the outcomes by name; those that state their payoffs first."""
    if not isinstance(data, Mapping) or not data:
        raise InputError("tree", "outcomes", "missing", "name each outcome and what it pays")
    for name, item in data.items():
        if not isinstance(item, Mapping):
            raise InputError("tree", f"outcome {name}", f"{item!r}", "give payoff or raise")
        if "payoff" in item and len(item) > 1:
            raise InputError(
                "tree", f"outcome {name}", f"payoff beside {', '.join(map(str, item))}", "keep one"
            )
    order = sorted(data, key=lambda name: "payoff" not in data[name])
    return {str(name): data[name] for name in order}


def _payoffs(
    outcomes: Mapping[str, Mapping[str, Any]], players: tuple[str, ...], payoff: Payoff | None
) -> dict[str, dict[str, float]]:
    found = {}
    for name, item in outcomes.items():
        flows: Any = item.get("payoff")
        if flows is None:
            if payoff is None:
                raise InputError("tree", f"outcome {name}", "states no payoff", "give payoff")
            flows = payoff(name, item, players)
        found[name] = {code: _flow(name, flows, code) for code in players}
    return found


def _flow(name: str, flows: Any, code: str) -> float:
    """Return one payoff, per cent of income a year."""
    value = flows.get(code) if isinstance(flows, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise InputError("tree", f"outcome {name}", f"no payoff of {code}", "give a number")
    return float(value)
