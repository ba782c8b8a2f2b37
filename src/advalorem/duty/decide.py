"""Which rule of each measure decides a shipment, what it yields to, and on which base it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from advalorem.duty.conditions import HEADING_FACT, NO, UNKNOWN, YES, Answered, fact_of
from advalorem.duty.numbers import MILLION, distinct, multiply_round
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.law.model import Base, Measure
from advalorem.schedule.model import Rule, Schedule


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one measure decided: rule number by row (-1 none), base in cents, who cut it."""

    rule: Int
    base: Int
    displaced: Mask
    by: Int


@dataclass(slots=True)
class Decided:
    """What the measures decided so far, and by relation the base that is yielded to.

    A relation is asked for after every measure that it yields to; `chosen` leaves out measures
    of which no rule decides.
    """

    schedule: Schedule
    size: int
    chosen: list[Chosen] = field(default_factory=list)
    taken: dict[int, Int] = field(default_factory=dict)

    def add(self, chosen: Chosen) -> None:
        """Note what one measure decided."""
        self.chosen.append(chosen)

    def taken_by(self, relation: int) -> Int:
        """Return by row the base in cents that the rules stand on to which a relation yields."""
        if relation not in self.taken:
            taken = self.taken[relation] = np.zeros(self.size, dtype=np.int64)
            counts = self.schedule.arrays.yielded_to[relation]
            for chosen in self.chosen:
                hit = (chosen.rule >= 0) & counts[chosen.rule] & ~chosen.displaced
                taken[hit] += chosen.base[hit]
        return self.taken[relation]


def fact_bit(schedule: Schedule, fact: str) -> int:
    """Return the bit that stands for a fact among the facts asked."""
    return 1 << list(schedule.book.facts).index(fact)


def decide(
    schedule: Schedule,
    rows: Shipments,
    line: Int,
    members: Sequence[int],
    answers: Answered,
    decided: Decided,
) -> Int:
    """Note which rule of a measure decides by row; return the facts that rows still need.

    `members` are the measure's rules that reach some origin among the rows.
    """
    asked = np.zeros(len(rows), dtype=np.int64)
    open_: Mask | None = None
    for number in members:
        rule = schedule.rules[number]
        reach = rule.products[line] & rule.origins[rows.origin]
        if not reach.any():
            continue
        if open_ is None:
            open_, pick = np.ones(len(rows), dtype=bool), np.full(len(rows), -1)
        reach &= open_
        told = affirmed(schedule, rule, rows, answers)
        passes, unknown = test_all(schedule, rule.tests, told, reach, asked)
        pick[passes] = number
        open_ &= ~passes & ~unknown
    if open_ is None:
        return asked
    if asked.any():
        asked[_displaced_whole(schedule, schedule.rules[members[0]].measure, decided)] = 0
    if (pick >= 0).any():
        decided.add(_based(schedule, rows, pick, decided, asked, answers))
    return asked


def _displaced_whole(schedule: Schedule, measure: Measure, decided: Decided) -> Mask:
    """Return where every rule of a measure is displaced: no fact about it matters there."""
    whole = np.zeros(decided.size, dtype=bool)
    members = schedule.arrays.members(measure.measure)
    for number, relation in enumerate(schedule.yields):
        if not relation.remainder and relation.target[members].all():
            whole |= decided.taken_by(number) > 0
    return whole


def affirmed(schedule: Schedule, rule: Rule, rows: Shipments, answers: Answered) -> Answered:
    """Return the answers with a rule's silent facts and mode taken as met where it is claimed.

    Who claims a heading affirms its conditions; what is stated otherwise still counts.
    """
    stated = rows.facts.get(HEADING_FACT)
    if stated is None or rule.code is None:
        return answers
    claimed = stated == rule.code
    if not claimed.any():
        return answers
    told = answers.copy()
    for test in rule.tests:
        condition = schedule.conditions[test]
        if condition.fact is not None and condition.given is None:
            silent = rows.fact(condition.fact) == NOT_STATED
            told[test] = np.where(claimed & silent, YES, told[test]).astype(np.int8)
        elif condition.mode is not None:
            told[test] = np.where(claimed & (rows.mode < 0), YES, told[test]).astype(np.int8)
    return told


def test_all(
    schedule: Schedule, tests: tuple[int, ...], answers: Answered, reach: Mask, asked: Int
) -> tuple[Mask, Mask]:
    """Return where all tests pass and where one is unknown; notes the facts asked."""
    passes, unknown = reach.copy(), np.zeros_like(reach)
    for test in tests:
        passes &= answers[test] != NO
        if not passes.any():
            return passes, unknown
    for test in tests:
        here = passes & (answers[test] == UNKNOWN)
        unknown |= here
        if here.any():
            asked[here] |= fact_bit(schedule, fact_of(schedule.conditions[test]))
    return passes & ~unknown, unknown


def _based(
    schedule: Schedule,
    rows: Shipments,
    pick: Int,
    decided: Decided,
    asked: Int,
    answers: Answered,
) -> Chosen:
    """Return the measure's choice with bases, after those it yields to have taken theirs."""
    base = rows.value.copy()
    displaced = np.zeros(len(rows), dtype=bool)
    by = np.full(len(rows), -1)
    for number, relation in enumerate(schedule.yields):
        target = (pick >= 0) & relation.target[pick]
        if not target.any():
            continue
        taken = decided.taken_by(number)
        cut = target & (taken > 0)
        by[cut] = number
        if relation.remainder:
            base[cut] -= np.minimum(taken, base)[cut]
        else:
            displaced |= cut
    displaced |= (by >= 0) & (base == 0)
    for number in distinct(pick[(pick >= 0) & ~displaced]):
        here = (pick == number) & ~displaced
        rule = schedule.rules[number]
        for form, rows_of_form in _base_forms(schedule, rule, answers, here, asked):
            base[rows_of_form] = base_amount(schedule, form, rows, base, rows_of_form, asked)
    return Chosen(pick, base, displaced, by)


def _base_forms(
    schedule: Schedule, rule: Rule, answers: Answered, here: Mask, asked: Int
) -> list[tuple[Base, Mask]]:
    """Return which base each of the rows `here` takes: a changed one of its measure, or its own."""
    forms, left = [], here
    for tests, base, _ in rule.bases if rule.bears else ():
        passes, unknown = test_all(schedule, tests, answers, left, asked)
        forms.append((base, passes))
        left = left & ~passes & ~unknown
    return [*forms, (rule.provision.base, left)]


def base_amount(
    schedule: Schedule, form: Base, rows: Shipments, available: Int, here: Mask, asked: Int
) -> Int:
    """Return the base in cents for the rows `here`; notes the facts asked."""
    if form.nothing:
        return np.zeros(int(here.sum()), dtype=np.int64)
    name = form.content or form.fact_value
    if name is not None:
        content = rows.fact(name)
        missing = here & (content == NOT_STATED)
        asked[missing] |= fact_bit(schedule, name)
        return np.asarray(np.where(missing, 0, np.minimum(content, available))[here])
    if form.less_share is not None:
        share = rows.fact(form.less_share)
        fallback = int((form.unstated_share or Decimal(0)) * MILLION)
        share = np.where(share == NOT_STATED, fallback, share)
        if form.less_share_at_most is not None:
            share = np.minimum(share, int(form.less_share_at_most * MILLION))
        return np.asarray(multiply_round(available, MILLION - share, MILLION)[here])
    return np.asarray(available[here])
