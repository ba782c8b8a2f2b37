"""A tree of choices and chances in time, solved by backward induction.

A node is an outcome, a chance or a choice. Its branches may take a `move` of the agreement, whose
articles say when it takes effect, or a plain `after`; until then the outcome `meanwhile` holds.
Outcomes pay a flow, per cent of income a year, discounted continuously to the day asked and summed
to the horizon. Whoever chooses takes the branch that is worth most to them from that day on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp, expm1, log1p
from typing import Any

from advalorem.bargaining.agreement import Agreement, later, moved
from advalorem.bargaining.errors import InputError

__all__ = ["Branch", "Node", "Rules", "Solved", "read_tree", "solve_tree"]

DAYS = 365.25
SUM_TOLERANCE = 1e-9
TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Branch:
    """A way on from a node: name, probability (chance only), delay, and the node it leads to."""

    name: str
    to: Node
    p: float | None = None
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One point of the tree.

    Attributes
    ----------
    path
        Names of the branches that lead here, joined by ` / `; the root is empty.
    kind
        ``outcome``, ``chance`` or ``choice``.
    on
        Day on which the node is reached.
    outcome
        Name of what holds from then to the horizon, for an outcome.
    player
        Who chooses, for a choice.
    branches
        Ways on.
    meanwhile
        What holds until a branch starts.
    """

    path: str
    kind: str
    on: date
    outcome: str = ""
    player: str = ""
    branches: tuple[Branch, ...] = ()
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tree is read and valued with.

    Attributes
    ----------
    players
        Countries with a value at every node; they may choose.
    payoffs
        Per cent of income a year, by outcome and player.
    discount_pct
        Yearly discount rate in per cent, by player.
    on, horizon
        First day, and the day up to which flows count.
    agreement, ends
        Law of the moves and the end of the term on `on`; None when no branch moves.
    """

    players: tuple[str, ...]
    payoffs: Mapping[str, Mapping[str, float]]
    discount_pct: Mapping[str, float]
    on: date
    horizon: date
    agreement: Agreement | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Solved:
    """Values and strategy.

    Attributes
    ----------
    values
        By path of the node and player: value from the node's day to the horizon, discounted to
        that day, in years of per cent of income.
    per_year
        The same as a constant flow, per cent of income a year; None on the horizon itself.
    strategy
        By path of every choice: the branch taken.
    ties
        Paths of choices between branches that are worth the same to whoever chooses.
    """

    values: dict[str, dict[str, float]]
    per_year: dict[str, dict[str, float | None]]
    strategy: dict[str, str]
    ties: tuple[str, ...]


def read_tree(data: Mapping[str, Any], rules: Rules) -> Node:
    """Return a tree from the mappings of a file, checked.

    Raises
    ------
    InputError
        Naming the node and the remedy: an unknown outcome, player, move or key, probabilities
        that do not sum to one, a branch that starts after the horizon.

    Examples
    --------
    >>> rules = Rules(("A",), {"up": {"A": 1.0}, "down": {"A": 0.0}}, {"A": 3.0},
    ...               date(2026, 1, 1), date(2036, 1, 1))
    >>> read_tree({"chance": {"up": {"p": 0.5, "to": "up"}, "down": {"p": 0.4, "to": "down"}}},
    ...           rules)
    Traceback (most recent call last):
    advalorem.world.errors.InputError: tree, root: probabilities sum to 0.9, not 1; ...
    """
    return _node(data, rules, "", rules.on, rules.ends, "")


def _node(data: Any, rules: Rules, path: str, on: date, ends: date | None, meanwhile: str) -> Node:
    if isinstance(data, str):
        return Node(path, "outcome", on, outcome=_outcome(data, rules, path))
    if not isinstance(data, Mapping):
        raise _wrong(path, f"{data!r} is no node", "write an outcome's name, chance or choice")
    extra = set(data) - {"chance", "choice", "options", "meanwhile"}
    if extra or ("chance" in data) == ("choice" in data):
        found = ", ".join(sorted(map(str, data)))
        raise _wrong(
            path, f"keys {found}", "give chance, or choice with options; meanwhile may join"
        )
    held = _outcome(data["meanwhile"], rules, path) if "meanwhile" in data else meanwhile
    if "chance" in data:
        branches = _branches(data["chance"], rules, path, on, ends, held, True)
        total = sum(branch.p or 0.0 for branch in branches)
        if abs(total - 1) > SUM_TOLERANCE:
            raise _wrong(path, f"probabilities sum to {total:g}, not 1", "correct them")
        return Node(path, "chance", on, branches=branches, meanwhile=held)
    player = str(data["choice"])
    if player not in rules.players:
        raise _wrong(path, f"{player!r} is no player", f"use {', '.join(rules.players)}")
    branches = _branches(data.get("options"), rules, path, on, ends, held, False)
    return Node(path, "choice", on, player=player, branches=branches, meanwhile=held)


def _branches(
    data: Any, rules: Rules, path: str, on: date, ends: date | None, held: str, chance: bool
) -> tuple[Branch, ...]:
    if not isinstance(data, Mapping) or not data:
        raise _wrong(path, "has no branches", "give each a name and what it leads to")
    found = []
    for name, item in data.items():
        place = f"{path} / {name}" if path else str(name)
        spec = {"to": item} if isinstance(item, str) or "to" not in item else dict(item)
        extra = set(spec) - {"to", "move", "after"} - ({"p"} if chance else set())
        if extra:
            raise _wrong(
                place, f"keys {', '.join(sorted(extra))}", "use to, move, after; p in chances"
            )
        p = _probability(spec, place) if chance else None
        starts, term = _start(spec, rules, place, on, ends)
        if starts > on and not held:
            raise _wrong(place, f"nothing holds until {starts}", "name an outcome under meanwhile")
        if starts > rules.horizon:
            raise _wrong(place, f"starts {starts}, after the horizon", "choose a later horizon")
        to = _node(spec["to"], rules, place, starts, term, held)
        found.append(Branch(str(name), to, p, starts))
    return tuple(found)


def _probability(spec: Mapping[str, Any], place: str) -> float:
    p = spec.get("p")
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise _wrong(place, f"probability {p!r}", "give p from 0 to 1")
    return float(p)


def _start(
    spec: Mapping[str, Any], rules: Rules, place: str, on: date, ends: date | None
) -> tuple[date, date | None]:
    """Return the day on which a branch starts, and the end of the term on it."""
    if "move" in spec and "after" in spec:
        raise _wrong(place, "has both move and after", "keep one")
    if "move" in spec:
        if rules.agreement is None or ends is None:
            raise _wrong(place, "moves without an agreement", "name the agreement")
        return moved(rules.agreement, str(spec["move"]), on, ends)
    after = spec.get("after")
    if after is None:
        return on, ends
    if isinstance(after, date):
        if after < on:
            raise _wrong(place, f"after {after} lies before {on}", "choose a later day")
        return after, ends
    if isinstance(after, int) and not isinstance(after, bool) and after >= 0:
        return later(on, months=after), ends
    raise _wrong(place, f"after {after!r}", "give a day or a number of months")


def _outcome(name: Any, rules: Rules, path: str) -> str:
    if name not in rules.payoffs:
        raise _wrong(path, f"outcome {name!r} is not described", f"use {', '.join(rules.payoffs)}")
    return str(name)


def _wrong(path: str, problem: str, remedy: str) -> InputError:
    return InputError("tree", path or "root", problem, remedy)


def solve_tree(root: Node, rules: Rules) -> Solved:
    """Return values by backward induction and the strategy that follows.

    Examples
    --------
    >>> rules = Rules(("A",), {"up": {"A": 1.0}, "down": {"A": -1.0}}, {"A": 0.0},
    ...               date(2026, 1, 1), date(2027, 1, 1))
    >>> root = read_tree({"choice": "A", "options": {"stay": "down", "go": "up"}}, rules)
    >>> solve_tree(root, rules).strategy
    {'': 'go'}
    """
    values: dict[str, dict[str, float]] = {}
    strategy: dict[str, str] = {}
    ties: list[str] = []
    _value(root, rules, values, strategy, ties)
    years: dict[str, dict[str, float | None]] = {path: {} for path in values}
    for node in nodes(root):
        for player in rules.players:
            full = annuity(node.on, rules.horizon, rules.discount_pct[player])
            years[node.path][player] = values[node.path][player] / full if full else None
    return Solved(values, years, strategy, tuple(ties))


def nodes(root: Node) -> list[Node]:
    """Return all nodes, each before those it leads to.

    >>> leaf = Node("a", "outcome", date(2026, 1, 1), outcome="x")
    >>> [node.path for node in nodes(leaf)]
    ['a']
    """
    found = [root]
    for branch in root.branches:
        found += nodes(branch.to)
    return found


def annuity(start: date, end: date, discount_pct: float) -> float:
    """Return what a flow of one a year from `start` to `end` is worth on `start`.

    >>> round(annuity(date(2026, 1, 1), date(2036, 1, 1), 0.0), 3)
    9.999
    """
    years, rate = (end - start).days / DAYS, log1p(discount_pct / 100)
    return years if rate == 0 else -expm1(-rate * years) / rate


def _value(
    node: Node,
    rules: Rules,
    values: dict[str, dict[str, float]],
    strategy: dict[str, str],
    ties: list[str],
) -> dict[str, float]:
    if node.kind == "outcome":
        flows = rules.payoffs[node.outcome]
        found = {
            player: flows[player] * annuity(node.on, rules.horizon, rules.discount_pct[player])
            for player in rules.players
        }
        values[node.path] = found
        return found
    worth = {
        branch.name: _branch(branch, node, rules, _value(branch.to, rules, values, strategy, ties))
        for branch in node.branches
    }
    if node.kind == "chance":
        p = {branch.name: branch.p or 0.0 for branch in node.branches}
        found = {c: sum(p[name] * worth[name][c] for name in worth) for c in rules.players}
    else:
        ranked = sorted(worth, key=lambda name: -worth[name][node.player])
        taken = ranked[0]
        if len(ranked) > 1:
            gap = worth[taken][node.player] - worth[ranked[1]][node.player]
            if gap <= TIE:
                ties.append(node.path)
        strategy[node.path] = taken
        found = worth[taken]
    values[node.path] = found
    return found


def _branch(
    branch: Branch, node: Node, rules: Rules, then: Mapping[str, float]
) -> dict[str, float]:
    """Return what a branch is worth on the node's day: what holds meanwhile, and what follows."""
    starts = branch.starts or node.on
    found = {}
    for player in rules.players:
        rate = rules.discount_pct[player]
        wait = annuity(node.on, starts, rate)
        held = rules.payoffs[node.meanwhile][player] * wait if wait else 0.0
        shrink = exp(-log1p(rate / 100) * (starts - node.on).days / DAYS)
        found[player] = held + shrink * then[player]
    return found
