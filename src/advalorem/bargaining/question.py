"""What a user asks, from a YAML file or from options, checked before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from advalorem.bargaining.agreement import load_agreement
from advalorem.bargaining.checks import check_kinds, words
from advalorem.bargaining.errors import InputError

__all__ = ["AGREEMENT", "Question", "question_of", "read_yaml"]

AGREEMENT = "usmca"


@dataclass(frozen=True, slots=True)
class Question:
    """A bargaining question; the defaults are those printed with every answer.

    Attributes
    ----------
    economy, theta, aggregate
        As for a simulation: a packaged name or folder, elasticities, and a mapping file.
    closure
        Rule for deficits.
    players
        Countries; empty means the parties of the coded agreement.
    payoff
        Objective by player; missing ones are real income.
    rule, bounds, sectors, partners
        Instruments, see `instruments_of`.
    nash
        Whether the Nash equilibrium is wanted.
    coalitions
        Groups that act as one.
    frontier
        Points along each edge of the Pareto frontier, zero for none.
    bargain
        ``outside`` (``nash``, ``base`` or payoffs by player), ``weights``, ``transfers``.
    together
        ``hub``, ``spokes``, ``weights``, ``transfers``, ``deeper_trade`` (between the spokes, as
        long as one has no deal with the hub; see `deeper_game`).
    retaliation
        ``attacker``, ``attack`` (lines such as ``A <- B: +25``), ``retaliators``, ``budget``,
        ``rate``, ``products`` (by name: ``sector`` and ``trade``), ``choose_attack`` (whether the
        share of the attack that is best for the attacker is wanted).
    scenarios
        Payoffs of named lists of such lines.
    tree
        A tree as in `read_review`, or the path of its file.
    study
        ``folder`` of a published study's data, ``taxer``, ``cases`` and ``features``; see
        `advalorem.bargaining.study`.
    draws, spread, seed
        Intervals over elasticities.
    store
        File that keeps payoffs between runs.
    folder
        Folder to which paths in the question are relative.
    """

    economy: str = "icio2022"
    theta: str | None = None
    aggregate: Path | None = None
    closure: str = "zero_deficits"
    players: tuple[str, ...] = ()
    payoff: Mapping[str, str] = field(default_factory=dict)
    rule: str = "partner_sector"
    bounds: tuple[float, float] = (0.0, 1.0)
    sectors: tuple[str, ...] | None = None
    partners: Mapping[str, Any] | None = None
    nash: bool = False
    coalitions: tuple[tuple[str, ...], ...] = ()
    frontier: int = 0
    bargain: Mapping[str, Any] | None = None
    together: Mapping[str, Any] | None = None
    retaliation: Mapping[str, Any] | None = None
    scenarios: Mapping[str, Any] = field(default_factory=dict)
    tree: Mapping[str, Any] | None = None
    study: Mapping[str, Any] | None = None
    draws: int = 0
    spread: float | None = None
    seed: int = 0
    store: Path | None = None
    folder: Path | None = None

    @property
    def who(self) -> tuple[str, ...]:
        """The players, or the parties of the coded agreement."""
        return self.players or load_agreement(AGREEMENT).parties


def question_of(data: Mapping[str, Any], folder: Path | None = None) -> Question:
    """Return a question from the mappings of a file; paths are relative to `folder`.

    Raises
    ------
    InputError
        For an unknown key or a value of the wrong kind.

    Examples
    --------
    >>> question_of({"players": ["USA", "CAN"], "nash": True}).who
    ('USA', 'CAN')
    >>> question_of({"player": ["USA"]})
    Traceback (most recent call last):
    advalorem.world.errors.InputError: question, key 'player': unknown; use one of ...
    """
    known = {item.name for item in fields(Question)} - {"folder"}
    for key in data:
        if key not in known:
            raise InputError(
                "question", f"key {key!r}", "unknown", f"use one of {', '.join(sorted(known))}"
            )
    check_kinds(data)
    made = {key: value for key, value in data.items() if value is not None}
    for name in ("players", "sectors"):
        if made.get(name) is not None:
            made[name] = words(name, made[name])
    if "bounds" in made:
        made["bounds"] = _bounds(made["bounds"])
    made["coalitions"] = tuple(words("coalitions", item) for item in made.get("coalitions") or ())
    made["tree"] = _tree(made.get("tree"), folder)
    for name in ("aggregate", "store"):
        if made.get(name) is not None:
            made[name] = (folder or Path()) / made[name]
    _check_numbers(made)
    return Question(**made, folder=folder)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds.

    Raises
    ------
    InputError
        When the file is missing, is no YAML, or holds no mapping.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("file", str(path), "cannot be read", "check the path") from error
    except yaml.YAMLError as error:
        raise InputError("file", str(path), f"is no YAML: {error}", "correct it") from error
    if not isinstance(data, dict):
        raise InputError("file", str(path), "holds no mapping", "write keys and values")
    return data


def _bounds(value: Any) -> tuple[float, float]:
    try:
        low, high = (float(item) for item in value)
    except (TypeError, ValueError):
        raise InputError(
            "bounds", repr(value), "not two numbers", "write [lowest, highest] as fractions"
        ) from None
    return low, high


def _tree(value: Any, folder: Path | None) -> dict[str, Any] | None:
    if isinstance(value, str | Path):
        return read_yaml((folder or Path()) / value)
    if value is not None and not isinstance(value, Mapping):
        raise InputError("tree", repr(value), "no tree", "give a mapping or the path of a file")
    return None if value is None else dict(value)


def _check_numbers(made: Mapping[str, Any]) -> None:
    for name in ("frontier", "draws", "seed"):
        value = made.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InputError("question", name, f"{value!r} is no count", "give a whole number")
