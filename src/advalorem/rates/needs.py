"""Which facts the law of a schedule asks for, on which lines: what the readings must state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from advalorem.law.model import Base, Condition
from advalorem.schedule.model import Int, Mask, Rule, Schedule

ASK = "ask"
ASKED_ONLY = ("choice", "yes_no", "country", "date")


@dataclass(frozen=True, slots=True)
class Need:
    """A fact, the lines on which a provision in reach reads it, and the words it is tested for.

    `words` maps each word to the lines whose provisions test it; empty for money and shares.
    """

    fact: str
    lines: Mask
    words: dict[str, Mask]


def needs(
    schedule: Schedule, countries: Int, relief: frozenset[str] = frozenset()
) -> tuple[Need, ...]:
    """Return the facts that provisions read for goods of the countries, by line.

    A fact that the law reads as a relief only, and takes as not claimed where nobody states it, is
    left out unless `relief` names its word; so is a base that goods of chapter 98 alone take.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> found = needs(schedule, np.array([schedule.country("CA")]))
    >>> {"steel_value", "us_content_share", "end_use"} <= {need.fact for need in found}
    True
    """
    lines: dict[str, Mask] = {}
    words: dict[str, dict[str, Mask]] = {}
    nothing = np.zeros(len(schedule.lines), dtype=bool)
    for rule in schedule.rules:
        if not rule.origins[countries].any():
            continue
        for fact, tested in _read_by(schedule, rule, relief):
            lines[fact] = lines.get(fact, nothing) | rule.products
            for word in tested:
                known = words.setdefault(fact, {})
                known[word] = known.get(word, nothing) | rule.products
    order = [fact for fact in schedule.book.facts if fact in lines]
    return tuple(Need(fact, lines[fact], words.get(fact, {})) for fact in order)


def _read_by(
    schedule: Schedule, rule: Rule, relief: frozenset[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each fact that a rule reads, with the words it tests."""
    for number in rule.tests:
        yield from _tested(schedule, schedule.conditions[number], relief)
    yield from _based(rule.provision.base)
    for tests, base, _ in rule.bases:
        conditions = [schedule.conditions[number] for number in tests]
        if any(condition.heading_claimed and not condition.negate for condition in conditions):
            continue
        yield from _based(base)
        for condition in conditions:
            yield from _tested(schedule, condition, relief)


def _tested(
    schedule: Schedule, condition: Condition, relief: frozenset[str]
) -> Iterator[tuple[str, list[str]]]:
    fact = condition.fact
    if fact is None or condition.given is not None:
        return
    if condition.is_ in relief and not condition.negate:
        yield fact, [condition.is_ or ""]
        return
    if condition.unstated != ASK and schedule.book.facts[fact].type in ASKED_ONLY:
        return
    yield fact, [*(condition.in_ or []), *([condition.is_] if condition.is_ else [])]


def _based(base: Base) -> Iterator[tuple[str, list[str]]]:
    for fact in (base.content, base.fact_value, base.less_share):
        if fact is not None:
            yield fact, []
