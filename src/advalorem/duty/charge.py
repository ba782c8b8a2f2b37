"""What the deciding rules charge: ledger lines of ordinary duty and of each measure."""

from __future__ import annotations

import numpy as np

from advalorem.duty.decide import Chosen
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
)
from advalorem.duty.numbers import QUANTITY_UNITS, ad_valorem, distinct, specific
from advalorem.duty.ordinary import OrdinaryDuty, converted
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.duty.units import unit_factor
from advalorem.law.terms import LayerKind
from advalorem.schedule.model import NONE, Rule, Schedule

PER_ITEM = "item"
ORDINARY: tuple[LayerKind, ...] = ("column1", "special", "column2")


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
    for given in distinct(rows.unit[rows.unit > 0]):
        factor = unit_factor(rows.units[given], rule.unit)
        here = (rows.unit == given) & (rows.quantity != NOT_STATED)
        if factor is not None:
            result[here] = converted(rows.quantity[here], factor)
    return result


def _lacks_quantity(schedule: Schedule, rows: Shipments, decided: list[Chosen]) -> Mask:
    """Return where a rule by unit is due and the quantity is not known."""
    lacks = np.zeros(len(rows), dtype=bool)
    by_unit = schedule.arrays.by_unit
    if not by_unit.any():
        return lacks
    for chosen in decided:
        due = (chosen.rule >= 0) & by_unit[chosen.rule] & ~chosen.displaced & (chosen.base > 0)
        for number in distinct(chosen.rule[due]):
            quantity = rule_quantity(schedule.rules[number], rows)
            lacks |= due & (chosen.rule == number) & (quantity == NOT_STATED)
    return lacks


def _rates(rule: Rule, rows: Shipments) -> Int:
    """Return the rate of a rule by row, in millionths: the law's, or one stated as a fact."""
    if rule.provision.rate_fact is None:
        return np.full(len(rows), rule.rate)
    stated = rows.fact(rule.provision.rate_fact)
    return np.where(stated == NOT_STATED, 0, stated)


def write_ledger(
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
    parts = [_ordinary_lines(ordinary), *_measure_lines(schedule, rows, ordinary, decided)]
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
        layers=_layers(schedule),
        outcome=outcome,
        total=total,
        asked=asked,
        split=split,
        missing_quantity=missing_quantity,
        unknown_code=unknown_code,
        line=line,
        claimed=ordinary.claimed,
    )


def _layers(schedule: Schedule) -> tuple[Layer, ...]:
    """Return what the lines of a schedule's ledgers refer to, made once for each schedule."""
    found: tuple[Layer, ...] | None = schedule.arrays.kept.get("layers")
    if found is None:
        layers = [Layer(kind, schedule) for kind in ORDINARY]
        layers += [Layer(rule.kind, schedule, rule) for rule in schedule.rules]
        found = schedule.arrays.kept["layers"] = tuple(layers)
    return found


def _ordinary_lines(ordinary: OrdinaryDuty) -> dict[str, Int]:
    held = np.flatnonzero((ordinary.kind != NONE) & ~ordinary.unknown)
    return {
        "row": held,
        "layer": ordinary.column[held],
        "base": ordinary.base[held],
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
        for number in distinct(chosen.rule[chosen.rule >= 0]):
            here = np.flatnonzero(chosen.rule == number)
            parts.append(_rule_lines(schedule, rows, ordinary, chosen, number, here))
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
    bans = schedule.arrays.bans
    hit = np.zeros(size, dtype=bool)
    if bans.any():
        for chosen in decided:
            hit |= (chosen.rule >= 0) & bans[chosen.rule] & ~chosen.displaced
    return hit
