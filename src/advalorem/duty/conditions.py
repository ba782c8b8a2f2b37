"""Conditions of provisions tested on shipments: no, yes, or unknown until a fact is stated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.encode import encode_number, encode_word
from advalorem.duty.numbers import among
from advalorem.duty.shipments import MODES, NOT_STATED, Shipments
from advalorem.law.model import Condition
from advalorem.law.rates import millionths, parse_rate
from advalorem.schedule.model import Int, Mask, Schedule
from advalorem.schedule.scope import code_range

Answers = NDArray[np.int8]

NO, YES, UNKNOWN = 0, 1, 2
HEADING_FACT = "provision"
"""The fact that holds the heading an importer claims."""
_UNSTATED = {"no": NO, "yes": YES, "ask": UNKNOWN}


def evaluate(
    condition: Condition, schedule: Schedule, rows: Shipments, claimed: Int, column1_rate: Int
) -> Answers:
    """Return NO, YES or UNKNOWN by row; shape (rows,).

    `claimed` is the number of the claim accepted for each row, -1 for none; `column1_rate` the
    ordinary ad valorem rate in millionths.
    """
    if condition.fact is not None:
        return _test_fact(condition, schedule, rows)
    holds = _test_other(condition, schedule, rows, claimed, column1_rate)
    answers = (holds != condition.negate).astype(np.int8)
    if condition.heading_claimed is not None and condition.unstated != "no":
        answers[rows.fact(HEADING_FACT) == NOT_STATED] = _UNSTATED[condition.unstated]
    return np.asarray(answers)


class Answered:
    """The answers to a schedule's conditions by number, each worked out when it is asked for."""

    def __init__(
        self, schedule: Schedule, rows: Shipments, claimed: Int, column1_rate: Int
    ) -> None:
        self._asked = (schedule, rows, claimed, column1_rate)
        self._known: dict[int, Answers] = {}

    def __getitem__(self, number: int) -> Answers:
        if number not in self._known:
            schedule = self._asked[0]
            self._known[number] = evaluate(schedule.conditions[number], *self._asked)
        return self._known[number]

    def __setitem__(self, number: int, answers: Answers) -> None:
        self._known[number] = answers

    def copy(self) -> Answered:
        """Return answers of their own, in which some can be put in another's place."""
        other = Answered(*self._asked)
        other._known.update(self._known)
        return other


def fact_of(condition: Condition) -> str:
    """Return the fact that a condition looks at; for a claimed heading, the fact that holds it."""
    return condition.fact or HEADING_FACT


def _test_other(
    condition: Condition, schedule: Schedule, rows: Shipments, claimed: Int, column1_rate: Int
) -> Mask:
    if condition.claim is not None:
        names = [claim.claim for claim in schedule.claims]
        return np.asarray(claimed == names.index(condition.claim))
    if condition.mode is not None:
        return among(rows.mode, [MODES.index(mode) for mode in condition.mode])
    if condition.heading_claimed is not None:
        first, last = code_range(condition.heading_claimed.replace(".", ""))
        claimed_heading = rows.fact(HEADING_FACT)
        return np.asarray((claimed_heading >= first) & (claimed_heading < last))
    if condition.value_at_most is not None:
        return np.asarray(rows.value <= int(condition.value_at_most * 100))
    return np.asarray(column1_rate >= millionths(parse_rate(condition.column1_at_least or "")))


def _test_fact(condition: Condition, schedule: Schedule, rows: Shipments) -> Answers:
    stated = rows.fact(condition.fact or "")
    known = stated != NOT_STATED
    if condition.given is not None:
        return np.asarray((known == condition.given) != condition.negate, dtype=np.int8)
    holds = _comparison(condition, schedule)(stated) != condition.negate
    return np.asarray(np.where(known, holds, _UNSTATED[condition.unstated]), dtype=np.int8)


def _comparison(condition: Condition, schedule: Schedule) -> Callable[[Int], Mask]:
    """Return the test of a condition on encoded facts."""
    fact = schedule.book.facts[condition.fact or ""]
    if condition.is_ is not None or condition.in_ is not None:
        words = condition.in_ if condition.in_ is not None else [condition.is_ or ""]
        codes = [
            encode_word(fact, word, schedule.countries, schedule.book.groups) for word in words
        ]
        allowed = [code for group in codes for code in group]
        return lambda column: among(column, allowed)
    if condition.at_least is not None:
        bound = encode_number(fact.type, condition.at_least)
        return lambda column: np.asarray(column >= bound)
    if condition.below is not None:
        bound = encode_number(fact.type, condition.below)
        return lambda column: np.asarray(column < bound)
    limit = condition.before or condition.since or date.max
    if condition.before is not None:
        return lambda column: np.asarray(column < limit.toordinal())
    return lambda column: np.asarray(column >= limit.toordinal())
