"""The ordinary duty of each shipment: column 1 general, a claimed preference, or column 2."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from advalorem.duty.numbers import MILLION, QUANTITY_UNITS, SAFE, multiply_round, specific
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.duty.units import unit_factor
from advalorem.schedule.model import (
    AD_VALOREM,
    COMPOUND,
    FREE,
    NONE,
    OTHER,
    SPECIFIC,
    ClaimColumn,
    Ordinary,
    Schedule,
)

GENERAL, SPECIAL, SECOND = range(3)


@dataclass(frozen=True, slots=True)
class OrdinaryDuty:
    """Ordinary duty by row: column, kind, rates, base and amount in cents; what is unknown."""

    column: Int
    kind: Int
    rate: Int
    thirds: Int
    specific: Int
    base: Int
    amount: Int
    claimed: Int
    unknown: Mask
    missing_quantity: Mask


def ordinary_duty(schedule: Schedule, rows: Shipments, line: Int) -> OrdinaryDuty:
    """Return the ordinary duty of rows whose tariff line numbers are known."""
    parts = _override(_gather(schedule.general, line), rows)
    second = schedule.column2_origins[rows.origin]
    parts = np.where(second, _gather(schedule.column2, line), parts)
    claimed = np.full(len(rows), -1)
    column = np.where(second, SECOND, GENERAL)
    for number, claim in enumerate(schedule.claims):
        asked = rows.claim == number
        if not asked.any():
            continue
        accepted = asked & _eligible(schedule, claim, rows, line, parts[0])
        claimed[accepted] = number
        special = accepted & claim.eligible[line]
        parts = np.where(special, _gather(claim.rates, line), parts)
        column[special] = SPECIAL
    parts = np.where(parts[0] == OTHER, _override(parts, rows), parts)
    return _priced(schedule, rows, line, parts, column, claimed)


def _gather(column: Ordinary, line: Int) -> Int:
    """Return kind, rate, specific amount and thirds of a column by row; shape (4, rows)."""
    parts = [column.kind, column.rate, column.specific, column.thirds]
    return np.stack([part[line] for part in parts])


def _override(parts: Int, rows: Shipments) -> Int:
    """Return the column 1 parts with stated overriding rates put in their place."""
    if not {"column1_rate", "column1_specific_rate"} & rows.facts.keys():
        return parts
    rate, unit = rows.fact("column1_rate"), rows.fact("column1_specific_rate")
    has_rate, has_unit = rate != NOT_STATED, unit != NOT_STATED
    kind = np.where(has_unit, np.where(has_rate, COMPOUND, SPECIFIC), AD_VALOREM)
    kind = np.where(~has_unit & (rate == 0), FREE, kind)
    rate, unit = np.where(has_rate, rate, 0), np.where(has_unit, unit, 0) * 10_000
    stated = np.stack([kind, rate, unit, np.zeros_like(rate)])
    return np.where(has_rate | has_unit, stated, parts)


def _eligible(
    schedule: Schedule, claim: ClaimColumn, rows: Shipments, line: Int, kind: Int
) -> Mask:
    """Return where a claim holds: its origin, and a line that lists it or is free anyway.

    Where the importer's schedule is not held, the line is taken to list it.
    """
    if not claim.in_force:
        return np.zeros(len(rows), dtype=bool)
    lists = claim.eligible[line] | (kind == FREE) | (not schedule.held)
    return np.asarray(claim.origins[rows.origin] & lists)


def _priced(
    schedule: Schedule, rows: Shipments, line: Int, parts: Int, column: Int, claimed: Int
) -> OrdinaryDuty:
    kind, rate, unit_amount, thirds = parts
    by_unit = (kind == SPECIFIC) | (kind == COMPOUND)
    quantity = quantity_in_line_unit(schedule, rows, line, by_unit)
    missing = by_unit & (quantity == NOT_STATED)
    amount = multiply_round(rows.value, 3 * rate + thirds, 3 * MILLION)
    amount = amount + np.where(
        by_unit & ~missing, specific(np.where(missing | ~by_unit, 0, quantity), unit_amount), 0
    )
    return OrdinaryDuty(
        column=column,
        kind=kind,
        rate=rate,
        thirds=thirds,
        specific=unit_amount,
        base=rows.value,
        amount=np.where((kind == OTHER) | (kind == NONE), 0, amount),
        claimed=claimed,
        unknown=kind == OTHER,
        missing_quantity=missing,
    )


def on_base(ordinary: OrdinaryDuty, base: Int, value: Int) -> OrdinaryDuty:
    """Return the ordinary duty on another base than the whole value, all in cents.

    The part by unit is taken in proportion: its ad valorem equivalent on the base.
    """
    by_value = multiply_round(value, 3 * ordinary.rate + ordinary.thirds, 3 * MILLION)
    by_unit = ordinary.amount - np.minimum(by_value, ordinary.amount)
    share = np.where(value > 0, base / np.maximum(value, 1), 0.0)
    part = multiply_round(base, 3 * ordinary.rate + ordinary.thirds, 3 * MILLION)
    amount = part + np.floor(by_unit * share + 0.5).astype(np.int64)
    return replace(ordinary, base=base, amount=np.where(base == value, ordinary.amount, amount))


def quantity_in_line_unit(schedule: Schedule, rows: Shipments, line: Int, needed: Mask) -> Int:
    """Return quantities in the unit of each line's column 1 rate, `NOT_STATED` where unknown.

    A quantity without a unit is taken in the line's unit, one beside a stated specific rate in
    the unit of that rate. A unit that cannot be converted into
    the line's gives `NOT_STATED`.
    """
    target = schedule.general.unit[line]
    own = (rows.unit == 0) | (rows.fact("column1_specific_rate") != NOT_STATED)
    result = np.where(own, rows.quantity, NOT_STATED)
    stated = needed & ~own & (rows.quantity != NOT_STATED)
    for given, wanted in {*zip(rows.unit[stated].tolist(), target[stated].tolist(), strict=True)}:
        factor = unit_factor(rows.units[given], schedule.general.units[wanted])
        here = stated & (rows.unit == given) & (target == wanted)
        if factor is not None:
            result[here] = converted(rows.quantity[here], factor)
    return result


def converted(quantity: Int, factor: float) -> Int:
    """Return quantities times a factor, `NOT_STATED` where that is beyond all measure.

    >>> converted(np.array([10_000]), 1000.0)
    array([10000000])
    """
    exact = np.rint(quantity * factor)
    sound = exact < SAFE
    return np.where(sound, np.where(sound, exact, 0).astype(np.int64), NOT_STATED)


QUANTITY_SCALE = QUANTITY_UNITS
