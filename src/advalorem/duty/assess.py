"""The kernel: which provisions reach a shipment, which yield, and what each charges.

One function rates a shipment and a million of them: rows never see each other. Within a
schedule the measures are decided in the order in which they yield to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from advalorem.duty.conditions import NO, UNKNOWN, Answers, evaluate, fact_of
from advalorem.duty.ledger import (
    APPLIED,
    ASSESSED,
    DISPLACED,
    INVALID,
    NO_BASE,
    PROHIBITED,
    UNDETERMINED,
    Layer,
    Ledger,
    scatter,
)
from advalorem.duty.numbers import MILLION, QUANTITY_UNITS, ad_valorem, multiply_round, specific
from advalorem.duty.ordinary import OrdinaryDuty, ordinary_duty, unit_factor
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.duty.situations import (
    Situations,
    find_situations,
    gather,
    in_thirds,
    plain_rows,
    simple_situations,
)
from advalorem.law.model import Base, Lawbook
from advalorem.law.terms import LayerKind
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import NONE, Rule, Schedule, Yield

MANY = 256
"""From so many rows of one epoch on, situations are assessed instead of rows."""
PER_ITEM = "item"
_PRICE = ("kind", "rate", "specific", "amount")
ORDINARY: tuple[LayerKind, ...] = ("column1", "special", "column2")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one measure decided: rule number by row (-1 none), base in cents, who cut it."""

    rule: Int
    base: Int
    displaced: Mask
    by: Int


def assess(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    known_on: date | None = None,
    lines: bool = True,
) -> Ledger:
    """Return the ledger of shipments, each under the law of its own day.

    Parameters
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    rows : checked shipments
    known_on : day up to which acts are known; the newest act coded if None
    lines : whether to keep the ledger's lines, or row results only

    Raises
    ------
    CoverageError
        The importer is not coded.
    """
    known = known_on or book.newest_act
    numbers = epochs_of(book, importer, known).number(rows.day)
    parts = []
    for number in np.unique(numbers):
        here = np.flatnonzero(numbers == number)
        schedule = epoch_schedule(book, importer, int(number), known)
        parts.append((here, assess_epoch(schedule, rows.take(here), lines)))
    return scatter(parts, len(rows))


def assess_epoch(schedule: Schedule, rows: Shipments, lines: bool = True) -> Ledger:
    """Return the ledger of shipments that all fall into the schedule's epoch.

    Many rows are assessed by situation, few row by row; the cents are the same.
    """
    if len(rows) < MANY:
        return assess_rows(schedule, rows)
    line, unknown, _ = resolve_lines(schedule, rows)
    plain = plain_rows(rows) & ~unknown & ~in_thirds(schedule, rows, line)
    fast, slow = np.flatnonzero(plain), np.flatnonzero(~plain)
    parts = []
    if len(fast):
        found = find_situations(schedule, rows.take(fast), line[fast])
        decided = assess_rows(schedule, rows.take(fast[found.representative]))
        simple = simple_situations(decided)[found.number]
        slow = np.sort(np.concatenate([slow, fast[~simple]]))
        few = Situations(found.representative, found.number[simple])
        here = fast[simple]
        parts.append((here, gather(decided, few, rows.take(here), line[here], lines)))
    if len(slow):
        parts.append((slow, assess_rows(schedule, rows.take(slow))))
    return scatter(parts, len(rows))


def assess_rows(schedule: Schedule, rows: Shipments) -> Ledger:
    """Return the ledger of shipments of one epoch, deciding every row for itself."""
    line, unknown_code, split = resolve_lines(schedule, rows)
    ordinary = ordinary_duty(schedule, rows, line)
    answers = [
        evaluate(condition, schedule, rows, ordinary.claimed, ordinary.rate)
        for condition in schedule.conditions
    ]
    asked = np.where(ordinary.unknown, _bit(schedule, "column1_rate"), 0)
    decided: list[Chosen] = []
    for members in schedule.measures:
        chosen, needs = _decide(schedule, rows, line, members, answers, decided)
        decided.append(chosen)
        asked |= needs
    ordinary = _ordinary_yields(schedule, ordinary, decided)
    return _ledger(schedule, rows, line, ordinary, decided, asked, split, unknown_code)


def _ordinary_yields(
    schedule: Schedule, ordinary: OrdinaryDuty, decided: list[Chosen]
) -> OrdinaryDuty:
    """Return the ordinary duty with nothing charged where a relation lifts it."""
    lifted = np.zeros(len(ordinary.amount), dtype=bool)
    for relation in schedule.yields:
        if relation.ordinary:
            lifted |= _taken(schedule, relation, decided, len(lifted)) > 0
    free = np.where(lifted, 0, 1)
    return replace(ordinary, **{name: getattr(ordinary, name) * free for name in _PRICE})


def resolve_lines(schedule: Schedule, rows: Shipments) -> tuple[Int, Mask, Mask]:
    """Return line numbers, which codes are unknown, and which are split by law.

    An eight-digit code stands for its first ten-digit line; it is split where its lines are not
    all of one class. Where the importer's schedule is not held, a code that no list names stands
    for the last line.
    """
    eight = rows.eight
    line, unknown = _found(schedule, rows.code, eight)
    if schedule.late and unknown.any():
        eight = eight | unknown
        line, unknown = _found(schedule, np.where(eight, rows.code // 100 * 100, rows.code), eight)
    if not schedule.held:
        line, unknown = np.where(unknown, len(schedule.lines) - 1, line), np.zeros_like(unknown)
    return line, unknown, eight & ~unknown & ~schedule.uniform[line]


def _found(schedule: Schedule, code: Int, eight: Mask) -> tuple[Int, Mask]:
    """Return the line at or after each code, and where it is not the code's."""
    line = np.minimum(np.searchsorted(schedule.lines, code), len(schedule.lines) - 1)
    found = schedule.lines[line]
    return line, np.where(eight, found // 100 != code // 100, found != code)


def _bit(schedule: Schedule, fact: str) -> int:
    return 1 << list(schedule.book.facts).index(fact)


def _decide(
    schedule: Schedule,
    rows: Shipments,
    line: Int,
    members: tuple[int, ...],
    answers: list[Answers],
    decided: list[Chosen],
) -> tuple[Chosen, Int]:
    """Return which rule of a measure decides by row, and the facts that rows still need."""
    pick = np.full(len(rows), -1)
    open_ = np.ones(len(rows), dtype=bool)
    asked = np.zeros(len(rows), dtype=np.int64)
    for number in members:
        rule = schedule.rules[number]
        reach = open_ & rule.products[line] & rule.origins[rows.origin]
        if not reach.any():
            continue
        passes, unknown = _tests(schedule, rule.tests, answers, reach, asked)
        pick[passes] = number
        open_ &= ~passes & ~unknown
    asked[_displaced_whole(schedule, members, decided, len(rows))] = 0
    return _based(schedule, rows, pick, decided, asked, answers)


def _displaced_whole(
    schedule: Schedule, members: tuple[int, ...], decided: list[Chosen], size: int
) -> Mask:
    """Return where every rule of a measure is displaced: no fact about it matters there."""
    whole = np.zeros(size, dtype=bool)
    for relation in schedule.yields:
        if not relation.remainder and relation.target[list(members)].all():
            whole |= _taken(schedule, relation, decided, size) > 0
    return whole


def _tests(
    schedule: Schedule, tests: tuple[int, ...], answers: list[Answers], reach: Mask, asked: Int
) -> tuple[Mask, Mask]:
    """Return where all tests pass and where one is unknown; notes the facts asked."""
    passes, unknown = reach.copy(), np.zeros_like(reach)
    for test in tests:
        passes &= answers[test] != NO
    for test in tests:
        here = passes & (answers[test] == UNKNOWN)
        unknown |= here
        if here.any():
            asked[here] |= _bit(schedule, fact_of(schedule.conditions[test]))
    return passes & ~unknown, unknown


def _based(
    schedule: Schedule,
    rows: Shipments,
    pick: Int,
    decided: list[Chosen],
    asked: Int,
    answers: list[Answers],
) -> tuple[Chosen, Int]:
    """Return the measure's choice with bases, after those it yields to have taken theirs."""
    base = rows.value.copy()
    displaced = np.zeros(len(rows), dtype=bool)
    by = np.full(len(rows), -1)
    for number, relation in enumerate(schedule.yields):
        target = (pick >= 0) & relation.target[pick]
        if not target.any():
            continue
        taken = _taken(schedule, relation, decided, len(rows))
        cut = target & (taken > 0)
        by[cut] = number
        if relation.remainder:
            base[cut] -= np.minimum(taken, base)[cut]
        else:
            displaced |= cut
    displaced |= (by >= 0) & (base == 0)
    for number in np.unique(pick[(pick >= 0) & ~displaced]):
        here = (pick == number) & ~displaced
        rule = schedule.rules[number]
        for form, rows_of_form in _base_forms(schedule, rule, answers, here, asked):
            base[rows_of_form] = _base(schedule, form, rows, base, rows_of_form, asked)
    return Chosen(pick, base, displaced, by), asked


def _base_forms(
    schedule: Schedule, rule: Rule, answers: list[Answers], here: Mask, asked: Int
) -> list[tuple[Base, Mask]]:
    """Return which base each of the rows `here` takes: a changed one of its measure, or its own."""
    forms, left = [], here
    for tests, base, _ in rule.bases if rule.bears else ():
        passes, unknown = _tests(schedule, tests, answers, left, asked)
        forms.append((base, passes))
        left = left & ~passes & ~unknown
    return [*forms, (rule.provision.base, left)]


def _taken(schedule: Schedule, relation: Yield, decided: list[Chosen], size: int) -> Int:
    """Return by row the base that the rules yielded to stand on, in cents."""
    taken = np.zeros(size, dtype=np.int64)
    bears = np.array([rule.bears for rule in schedule.rules], dtype=bool)
    bears = relation.by_bearing & bears | relation.by_deciding
    for chosen in decided:
        hit = (chosen.rule >= 0) & bears[chosen.rule] & ~chosen.displaced
        taken[hit] += chosen.base[hit]
    return taken


def _base(
    schedule: Schedule, form: Base, rows: Shipments, available: Int, here: Mask, asked: Int
) -> Int:
    """Return the base in cents for the rows `here`; notes the facts asked."""
    name = form.content or form.fact_value
    if name is not None:
        content = rows.fact(name)
        missing = here & (content == NOT_STATED)
        asked[missing] |= _bit(schedule, name)
        return np.asarray(np.where(missing, 0, np.minimum(content, available))[here])
    if form.less_share is not None:
        share = rows.fact(form.less_share)
        fallback = int((form.unstated_share or Decimal(0)) * MILLION)
        share = np.where(share == NOT_STATED, fallback, share)
        if form.less_share_at_most is not None:
            share = np.minimum(share, int(form.less_share_at_most * MILLION))
        return np.asarray(multiply_round(available, MILLION - share, MILLION)[here])
    return np.asarray(available[here])


def _amounts(rule: Rule, base: Int, ordinary: Int, rows: Shipments) -> Int:
    """Return the duty in cents of one rule on bases; `ordinary` is the column 1 duty."""
    charged = ad_valorem(base, _rates(rule, rows))
    if rule.form == "up_to_total":
        return np.asarray(np.maximum(charged - ordinary, 0))
    if rule.specific:
        quantity = rule_quantity(rule, rows)
        quantity = np.where(quantity == NOT_STATED, 0, quantity)
        unit = specific(quantity, np.full(len(base), rule.specific))
        if rule.form == "up_to_price":
            return np.asarray(np.maximum(unit - base, 0))
        if rule.form == "at_least":
            return np.asarray(np.maximum(charged, unit))
        if rule.form == "at_most":
            return np.asarray(np.minimum(charged, unit))
        return np.asarray(charged + unit)
    return charged


def rule_quantity(rule: Rule, rows: Shipments) -> Int:
    """Return quantities in a rule's unit, `NOT_STATED` where none is stated or it converts not.

    A duty per item counts one where no quantity is stated.
    """
    if rule.unit == PER_ITEM:
        return np.where(rows.quantity == NOT_STATED, QUANTITY_UNITS, rows.quantity)
    result = np.where(rows.unit == 0, rows.quantity, NOT_STATED)
    for given in np.unique(rows.unit[rows.unit > 0]):
        factor = unit_factor(rows.units[given], rule.unit)
        here = (rows.unit == given) & (rows.quantity != NOT_STATED)
        if factor is not None:
            result[here] = np.rint(rows.quantity[here] * factor).astype(np.int64)
    return result


def _lacks_quantity(schedule: Schedule, rows: Shipments, decided: list[Chosen]) -> Mask:
    """Return where a rule by unit is due and the quantity is not known."""
    lacks = np.zeros(len(rows), dtype=bool)
    by_unit = [n for n, rule in enumerate(schedule.rules) if rule.specific > 0]
    for number in by_unit:
        quantity = rule_quantity(schedule.rules[number], rows)
        for chosen in decided:
            due = (chosen.rule == number) & ~chosen.displaced & (chosen.base > 0)
            lacks |= due & (quantity == NOT_STATED)
    return lacks


def _rates(rule: Rule, rows: Shipments) -> Int:
    """Return the rate of a rule by row, in millionths: the law's, or one stated as a fact."""
    if rule.provision.rate_fact is None:
        return np.full(len(rows), rule.rate)
    stated = rows.fact(rule.provision.rate_fact)
    return np.where(stated == NOT_STATED, 0, stated)


def _ledger(
    schedule: Schedule,
    rows: Shipments,
    line: Int,
    ordinary: OrdinaryDuty,
    decided: list[Chosen],
    asked: Int,
    split: Mask,
    unknown_code: Mask,
) -> Ledger:
    """Return the lines of ordinary duty and measures, and each row's outcome."""
    layers = [Layer(kind, schedule) for kind in ORDINARY]
    layers += [Layer(rule.kind, schedule, rule) for rule in schedule.rules]
    parts = [_ordinary_lines(rows, ordinary), *_measure_lines(schedule, rows, ordinary, decided)]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole["row"], kind="stable")
    lines = {name: column[order] for name, column in whole.items()}
    total = np.zeros(len(rows), dtype=np.int64)
    np.add.at(total, lines["row"], lines["amount"])
    prohibited = _prohibited(schedule, decided, len(rows))
    missing_quantity = ordinary.missing_quantity | _lacks_quantity(schedule, rows, decided)
    outcome = np.select(
        [unknown_code | missing_quantity, prohibited, (asked != 0) | split],
        [INVALID, PROHIBITED, UNDETERMINED],
        ASSESSED,
    ).astype(np.int8)
    return Ledger(
        **lines,
        layers=tuple(layers),
        outcome=outcome,
        total=total,
        asked=asked,
        split=split,
        missing_quantity=missing_quantity,
        unknown_code=unknown_code,
        line=line,
        claimed=ordinary.claimed,
    )


def _ordinary_lines(rows: Shipments, ordinary: OrdinaryDuty) -> dict[str, Int]:
    held = np.flatnonzero((ordinary.kind != NONE) & ~ordinary.unknown)
    return {
        "row": held,
        "layer": ordinary.column[held],
        "base": rows.value[held],
        "rate": ordinary.rate[held],
        "specific": ordinary.specific[held],
        "amount": ordinary.amount[held],
        "reason": np.full(len(held), APPLIED, dtype=np.int8),
        "by": np.full(len(held), -1),
    }


def _measure_lines(
    schedule: Schedule, rows: Shipments, ordinary: OrdinaryDuty, decided: list[Chosen]
) -> list[dict[str, Int]]:
    parts = []
    for chosen in decided:
        for number in np.unique(chosen.rule[chosen.rule >= 0]):
            here = np.flatnonzero(chosen.rule == number)
            parts.append(_rule_lines(schedule, rows, ordinary, chosen, int(number), here))
    return parts


def _rule_lines(
    schedule: Schedule,
    rows: Shipments,
    ordinary: OrdinaryDuty,
    chosen: Chosen,
    number: int,
    here: Int,
) -> dict[str, Int]:
    rule = schedule.rules[number]
    base = chosen.base[here] if rule.bears else rows.value[here]
    displaced = chosen.displaced[here] & rule.bears
    amount = _amounts(rule, base, ordinary.amount[here], rows.take(here))
    reason = np.where(displaced, DISPLACED, np.where(rule.bears & (base == 0), NO_BASE, APPLIED))
    charged = reason == APPLIED
    return {
        "row": here,
        "layer": np.full(len(here), len(ORDINARY) + number),
        "base": np.where(charged, base, 0),
        "rate": _rates(rule, rows.take(here)),
        "specific": np.full(len(here), rule.specific),
        "amount": np.where(charged, amount, 0),
        "reason": reason.astype(np.int8),
        "by": chosen.by[here],
    }


def _prohibited(schedule: Schedule, decided: list[Chosen], size: int) -> Mask:
    bans = np.array([rule.provision.prohibits for rule in schedule.rules], dtype=bool)
    hit = np.zeros(size, dtype=bool)
    if bans.any():
        for chosen in decided:
            hit |= (chosen.rule >= 0) & bans[chosen.rule] & ~chosen.displaced
    return hit
