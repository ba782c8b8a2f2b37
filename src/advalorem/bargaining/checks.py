"""What each key of a question may hold, so that nothing is solved for a question that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from advalorem.bargaining.errors import InputError

__all__ = ["PARTS", "check_kinds", "words"]


def words(name: str, value: Any) -> tuple[str, ...]:
    """Return a list of codes, also from a text such as ``CAN+MEX`` or ``CAN,MEX``.

    Raises
    ------
    InputError
        When it is none.

    Examples
    --------
    >>> words("players", "CAN+MEX")
    ('CAN', 'MEX')
    """
    parts = value.replace("+", ",").split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(p, str) for p in parts):
        raise InputError("question", name, f"{value!r} is no list of codes", "write a list")
    return tuple(part.strip() for part in parts)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _path(value: Any) -> bool:
    return isinstance(value, str | Path)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _codes(value: Any) -> bool:
    plain = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return bool(plain and value) or isinstance(value, str)


def _groups(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_codes(item) for item in value)


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _texts(value: Any) -> bool:
    return _mapping(value) and all(isinstance(item, str) for item in value.values())


def _lists(value: Any) -> bool:
    return _mapping(value) and all(_codes(item) for item in value.values())


def _weights(value: Any) -> bool:
    return _mapping(value) and bool(value) and all(_number(item) for item in value.values())


def _outside(value: Any) -> bool:
    return value in ("nash", "base") if isinstance(value, str) else _weights(value)


def _any(value: Any) -> bool:
    return True


Kind = tuple[Callable[[Any], bool], str]
TEXT: Kind = (_text, "write a word")
PATH: Kind = (_path, "write a path")
NUMBER: Kind = (_number, "give a number")
TRUTH: Kind = (_truth, "write true or false")
CODES: Kind = (_codes, "write a list of codes")
WEIGHTS: Kind = (_weights, "give a positive number for each player")
ANY: Kind = (_any, "")

TOP: dict[str, Kind] = {
    "economy": TEXT,
    "theta": PATH,
    "aggregate": PATH,
    "closure": TEXT,
    "payoff": (_texts, "give an objective by player, such as CAN: real_income:CAN"),
    "rule": TEXT,
    "partners": (_lists, "give a list of partners by player"),
    "coalitions": (_groups, "give a list of groups such as CAN+MEX"),
    "nash": TRUTH,
    "scenarios": (_mapping, "give lines or a scenario of the law by name"),
    "spread": NUMBER,
    "store": PATH,
}
PARTS: dict[str, dict[str, Kind]] = {
    "bargain": {
        "outside": (_outside, "give nash, base, or per cent by player"),
        "weights": WEIGHTS,
        "transfers": TRUTH,
    },
    "together": {
        "hub": TEXT,
        "spokes": CODES,
        "weights": WEIGHTS,
        "transfers": TRUTH,
        "deeper_trade": ANY,
    },
    "retaliation": {
        "attacker": TEXT,
        "attack": (_codes, "write lines such as 'A <- B: +25'"),
        "retaliators": CODES,
        "budget": NUMBER,
        "rate": NUMBER,
        "products": (_mapping, "give each product a sector and its trade"),
        "choose_attack": TRUTH,
    },
    "study": {"folder": PATH, "taxer": TEXT, "cases": CODES, "features": ANY},
}


def check_kinds(data: Mapping[str, Any]) -> None:
    """Refuse a question with a value of the wrong kind; None leaves a key out.

    Raises
    ------
    InputError
        Naming the key, the value and what to write.

    Examples
    --------
    >>> check_kinds({"rule": ["partner"]})
    Traceback (most recent call last):
    advalorem.world.errors.InputError: question, rule: ['partner'] is not understood; write a word
    """
    _check("question", data, TOP)
    for name, kinds in PARTS.items():
        part = data.get(name)
        if part is None:
            continue
        if not isinstance(part, Mapping) or set(part) - set(kinds):
            raise InputError(
                "question", name, f"{part!r} is not understood", f"use {', '.join(sorted(kinds))}"
            )
        _check(name, part, kinds)


def _check(place: str, data: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
    for name, (fits, remedy) in kinds.items():
        value = data.get(name)
        if value is not None and not fits(value):
            raise InputError(place, name, f"{value!r} is not understood", remedy)
