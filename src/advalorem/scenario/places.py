"""Codes of countries as scenarios write them, and the parameters that they may name."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import digits
from typing import Any

from advalorem.law.load import LAWBOOK
from advalorem.scenario.errors import ScenarioError

PARAMETERS = Path("parameters") / "trade_costs.toml"
CITED = ("low", "middle", "high")
"""Words for the value of a day that stand for the cited range."""


@lru_cache(maxsize=1)
def _codes() -> tuple[dict[str, str], dict[str, str]]:
    """Return ISO 2 by ISO 3 code, and ISO 3 by ISO 2 code."""
    text = (LAWBOOK / "countries.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    two = {row["iso3"]: row["iso2"] for row in rows}
    return two, {iso2: iso3 for iso3, iso2 in two.items()}


def two_letters(code: str) -> str:
    """Return a country's ISO 2 code; groups and other words as they are.

    >>> len(two_letters("USA")), two_letters("all")
    (2, 'all')
    """
    return _codes()[0].get(code.strip().upper(), code.strip())


def three_letters(code: str) -> str:
    """Return a country's ISO 3 code; groups and other words as they are.

    >>> len(three_letters("us")), three_letters("all")
    (3, 'all')
    """
    return _codes()[1].get(code.strip().upper(), code.strip())


def group_named(groups: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...] | None:
    """Return the members of a group by its name, or by its name without a number; None if none.

    >>> group_named({"EU27": ("AUT", "BEL")}, "EU"), group_named({"EU27": ("AUT",)}, "E")
    (('AUT', 'BEL'), None)
    """
    bare = {group.rstrip(digits): members for group, members in groups.items()}
    return groups.get(name) or bare.get(name)


@lru_cache(maxsize=1)
def parameters() -> dict[str, Any]:
    """Return the cited parameters of trade costs by name.

    >>> sorted(parameters()["time_cost_per_day"])
    ['date', 'high', 'low', 'meaning', 'source', 'unit']
    """
    return tomllib.loads((LAWBOOK / PARAMETERS).read_text(encoding="utf-8"))


def per_day(text: str) -> float:
    """Return the value of a day as a fraction of the value of goods.

    Parameters
    ----------
    text : a percentage, or `low`, `middle` or `high` of the cited range

    Raises
    ------
    ScenarioError
        The text is none of these.

    Examples
    --------
    >>> per_day("low") < per_day("middle") < per_day("high")
    True
    """
    held = parameters()["time_cost_per_day"]
    if text == "middle":
        return float(held["low"] + held["high"]) / 2
    if text in ("low", "high"):
        return float(held[text])
    remedy = f"write low, middle, high or a percentage such as {held['low']:.1%}"
    try:
        worth = percent(text)
    except ScenarioError:
        raise ScenarioError(f"per_day: {text!r} is no value of a day; {remedy}") from None
    if not 0 <= worth < 1:
        raise ScenarioError(f"per_day: {text!r} is no value of a day from 0 to 100%; {remedy}")
    return worth


def percent(text: str) -> float:
    """Return a percentage as a fraction.

    Raises
    ------
    ScenarioError
        The text is no percentage.

    >>> percent("-3%")
    -0.03
    """
    from advalorem.law.errors import LawError
    from advalorem.law.rates import parse_rate

    try:
        return float(parse_rate(text))
    except LawError as error:
        raise ScenarioError(str(error)) from None
