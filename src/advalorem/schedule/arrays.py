"""What the kernel asks of all rules of a schedule at once, as arrays made when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from advalorem.schedule.model import Int, Mask, Rule, Yield


class RuleArrays:
    """Arrays over the rules of a schedule, shape (rules,) unless stated.

    `kept` holds what others derive from the schedule once, by name.
    """

    def __init__(self, rules: Sequence[Rule], yields: Sequence[Yield]) -> None:
        self._rules, self._yields = rules, yields
        self.kept: dict[str, Any] = {}

    @cached_property
    def bears(self) -> Mask:
        """Whether each rule charges anything."""
        return np.array([rule.bears for rule in self._rules], dtype=bool)

    @cached_property
    def bans(self) -> Mask:
        """Whether each rule prohibits."""
        return np.array([rule.provision.prohibits for rule in self._rules], dtype=bool)

    @cached_property
    def by_unit(self) -> Mask:
        """Whether each rule charges by quantity."""
        return np.array([rule.specific > 0 for rule in self._rules], dtype=bool)

    @cached_property
    def yielded_to(self) -> tuple[Mask, ...]:
        """By relation: which rules count where they decide."""
        return tuple(each.by_bearing & self.bears | each.by_deciding for each in self._yields)

    def members(self, measure: str) -> list[int]:
        """Return the numbers of a measure's rules."""
        return self._members[measure]

    @cached_property
    def _members(self) -> dict[str, list[int]]:
        members: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            members.setdefault(rule.measure.measure, []).append(number)
        return members

    @cached_property
    def origins(self) -> Mask:
        """Which rules reach each country of origin; shape (countries, rules)."""
        return np.ascontiguousarray(np.array([rule.origins for rule in self._rules], dtype=bool).T)

    def from_origins(self, origin: Int) -> frozenset[int]:
        """Return the numbers of the rules that reach one of the origins."""
        if not self._rules:
            return frozenset()
        return frozenset(np.flatnonzero(self.origins[np.unique(origin)].any(axis=0)).tolist())
