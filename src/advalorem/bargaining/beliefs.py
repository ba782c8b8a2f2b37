"""Thresholds of belief: the probabilities at which the strategy of a tree changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from advalorem.bargaining.tree import Node, Rules, nodes, solve_tree

__all__ = ["Threshold", "thresholds", "with_probability"]

GRID = 64
CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Threshold:
    """A belief at which a choice changes.

    Attributes
    ----------
    chance, branch
        Path of the chance node and the branch whose probability moves; the other branches keep
        their proportions.
    stated
        The probability as given.
    at
        The probability at which the choice changes.
    choice, below, above
        Path of the choice, and what is taken on either side.
    player
        Who chooses.
    """

    chance: str
    branch: str
    stated: float
    at: float
    choice: str
    below: str
    above: str
    player: str


def thresholds(root: Node, rules: Rules) -> tuple[Threshold, ...]:
    """Return every probability at which a choice that can be reached would change.

    Beliefs are moved one at a time, in steps of one 64th between which a change is narrowed down; a
    choice that changes and changes back within one step is not seen. Only choices on the path that
    the strategy and the chances leave open on either side are listed.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.bargaining.tree import read_tree
    >>> payoffs = {"safe": {"A": 0.0}, "good": {"A": 3.0}, "bad": {"A": -1.0}}
    >>> rules = Rules(("A",), payoffs, {"A": 0.0}, date(2026, 1, 1), date(2027, 1, 1))
    >>> risk = {"chance": {"good": {"p": 0.5, "to": "good"}, "bad": {"p": 0.5, "to": "bad"}}}
    >>> root = read_tree({"choice": "A", "options": {"safe": "safe", "risk": risk}}, rules)
    >>> [(t.branch, round(t.at, 6), t.below, t.above) for t in thresholds(root, rules)]
    [('good', 0.25, 'safe', 'risk'), ('bad', 0.75, 'risk', 'safe')]
    """
    found: list[Threshold] = []
    for node in nodes(root):
        if node.kind == "chance":
            for branch in node.branches:
                found += _along(root, rules, node, branch.name, branch.p or 0.0)
    return tuple(found)


def _along(root: Node, rules: Rules, chance: Node, branch: str, stated: float) -> list[Threshold]:
    def taken(p: float) -> dict[str, str]:
        tree = with_probability(root, chance.path, branch, p)
        return _reached(tree, solve_tree(tree, rules).strategy)

    found: list[Threshold] = []
    players = {node.path: node.player for node in nodes(root)}
    points = [at / GRID for at in range(GRID + 1)]
    known = {p: taken(p) for p in points}
    for low, high in pairwise(points):
        for path in known[low].keys() & known[high].keys():
            for at, below, above in _changes(taken, path, low, high):
                words = (path, below, above, players[path])
                found.append(Threshold(chance.path, branch, stated, at, *words))
    return sorted(found, key=lambda item: (item.at, item.choice))


def _changes(
    taken: Callable[[float], dict[str, str]], path: str, low: float, high: float
) -> list[tuple[float, str, str]]:
    """Return where a choice changes between two beliefs, and what is taken on either side."""
    below, end, found = taken(low)[path], taken(high)[path], list[tuple[float, str, str]]()
    while below != end and high - low > 2 * CLOSE:
        at = _bisect(taken, path, low, high, below)
        low = min(at + 2 * CLOSE, high)
        above = taken(low).get(path, end)
        found.append((at, below, above))
        below = above
    return found


def _bisect(
    taken: Callable[[float], dict[str, str]], path: str, low: float, high: float, below: str
) -> float:
    while high - low > CLOSE:
        middle = (low + high) / 2
        if taken(middle).get(path) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _reached(root: Node, strategy: dict[str, str]) -> dict[str, str]:
    """Return the choices that are reached with the strategy, whatever chance does."""
    if root.kind == "outcome":
        return {}
    if root.kind == "chance":
        parts = [_reached(branch.to, strategy) for branch in root.branches]
        return {path: taken for part in parts for path, taken in part.items()}
    taken = strategy[root.path]
    on = next(branch.to for branch in root.branches if branch.name == taken)
    return {root.path: taken, **_reached(on, strategy)}


def with_probability(root: Node, chance: str, branch: str, p: float) -> Node:
    """Return the tree with one probability changed and the others of its node in proportion.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.bargaining.tree import read_tree
    >>> rules = Rules(("A",), {"x": {"A": 0.0}}, {"A": 0.0}, date(2026, 1, 1), date(2027, 1, 1))
    >>> data = {"chance": {n: {"p": q, "to": "x"} for n, q in (("a", .5), ("b", .25), ("c", .25))}}
    >>> tree = with_probability(read_tree(data, rules), "", "a", 0.8)
    >>> [round(item.p, 3) for item in tree.branches]
    [0.8, 0.1, 0.1]
    """
    if root.path == chance and root.kind == "chance":
        rest = sum(item.p or 0.0 for item in root.branches if item.name != branch)
        others = len(root.branches) - 1
        changed = []
        for item in root.branches:
            share = (item.p or 0.0) / rest if rest > 0 else 1 / max(others, 1)
            changed.append(replace(item, p=p if item.name == branch else (1 - p) * share))
        return replace(root, branches=tuple(changed))
    below = tuple(
        replace(item, to=with_probability(item.to, chance, branch, p)) for item in root.branches
    )
    return replace(root, branches=below)
