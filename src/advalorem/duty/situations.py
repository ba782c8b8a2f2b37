"""Assess unique situations, then gather.

What decides the legal outcome is discrete: the class of the code, the origin, the claim, the mode,
which value thresholds are passed, whether a quantity is stated. Rows of one situation get the same
rules and rates; only the value scales. So the kernel decides one row of each situation, and the
rest is multiplication. Rows that state facts, or whose base is not the whole customs value, keep
the row-by-row way; both ways give the same cents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from advalorem.duty.ledger import APPLIED, LINE_COLUMNS, ROW_COLUMNS, Ledger
from advalorem.duty.numbers import ad_valorem, specific
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.schedule.model import Rule, Schedule

DENSE_LIMIT = 4_000_000
"""Largest table of possible situations that is indexed directly instead of sorted."""


@dataclass(frozen=True, slots=True)
class Situations:
    """The situations of rows: one representative row each, and each row's situation number."""

    representative: Int
    number: Int


def plain_rows(rows: Shipments) -> Mask:
    """Return which rows state no fact and no unit of their own, and have a value."""
    plain = (rows.unit == 0) & (rows.value > 0)
    for column in rows.facts.values():
        plain &= column == NOT_STATED
    return np.asarray(plain)


def in_thirds(schedule: Schedule, rows: Shipments, line: Int) -> Mask:
    """Return which rows pay a column 2 rate that millionths do not hold, such as 33 1/3 %."""
    return np.asarray(schedule.column2_origins[rows.origin] & (schedule.column2.thirds[line] > 0))


def find_situations(schedule: Schedule, rows: Shipments, line: Int) -> Situations:
    """Return the situations of plain rows whose tariff line numbers are known."""
    parts = [
        (schedule.line_class[line], int(schedule.line_class.max()) + 1),
        (rows.origin, len(schedule.countries)),
        (rows.claim + 1, len(schedule.claims) + 1),
        ((rows.quantity != NOT_STATED).astype(np.int64), 2),
        ((rows.eight & ~schedule.uniform[line]).astype(np.int64), 2),
        *_tested(schedule, rows),
    ]
    key, size = np.zeros(len(rows), dtype=np.int64), 1
    for column, width in parts:
        key = key * width + column
        size *= width
    return _dense(key, size) if size <= DENSE_LIMIT else _sorted(key)


def _tested(schedule: Schedule, rows: Shipments) -> list[tuple[Int, int]]:
    """Return the further columns that some condition looks at."""
    found: list[tuple[Int, int]] = []
    if any(condition.mode is not None for condition in schedule.conditions):
        found.append((rows.mode + 1, int(rows.mode.max(initial=-1)) + 2))
    limits = {c.value_at_most for c in schedule.conditions if c.value_at_most is not None}
    for limit in sorted(limits):
        found.append(((rows.value <= int(limit * 100)).astype(np.int64), 2))
    return found


def _dense(key: Int, size: int) -> Situations:
    first = np.full(size, -1, dtype=np.int64)
    first[key] = np.arange(len(key))
    present = np.flatnonzero(first >= 0)
    number = np.zeros(size, dtype=np.int64)
    number[present] = np.arange(len(present))
    return Situations(first[present], number[key])


def _sorted(key: Int) -> Situations:
    _, representative, number = np.unique(key, return_index=True, return_inverse=True)
    return Situations(representative, number)


def simple_situations(ledger: Ledger) -> Mask:
    """Return which representatives charge only ad valorem on the whole value."""
    plain = _by_rule(ledger, lambda rule: rule is None or _is_plain(rule))
    simple = np.ones(len(ledger), dtype=bool)
    simple[ledger.row[~plain]] = False
    return simple


def _is_plain(rule: Rule) -> bool:
    base = rule.provision.base
    whole = base.content is None and base.less_share is None and base.fact_value is None
    by_value = rule.specific == 0 and rule.provision.rate_fact is None
    return whole and by_value and rule.form in ("ad_valorem", "up_to_total")


def gather(
    decided: Ledger, situations: Situations, rows: Shipments, line: Int, lines: bool
) -> Ledger:
    """Return the ledger of rows from the ledger of their representatives.

    `line` holds the rows' own tariff line numbers.
    Without `lines` the ledger holds row results only, at less than half the cost.
    """
    number = situations.number
    ordinary = _ordinary(decided, number, rows)
    if lines:
        detail = _gathered_lines(decided, number, rows, ordinary)
        total = np.zeros(len(rows), dtype=np.int64)
        np.add.at(total, detail["row"], detail["amount"])
    else:
        detail = {name: getattr(decided, name)[:0] for name in LINE_COLUMNS}
        total = _totals(decided, number, rows, ordinary)
    results = {name: getattr(decided, name)[number] for name in ROW_COLUMNS}
    return Ledger(**detail, **{**results, "total": total, "line": line}, layers=decided.layers)


def _own(decided: Ledger) -> Mask:
    """Return which lines of the representatives are ordinary duty."""
    return _by_rule(decided, lambda rule: rule is None)


def _tops(decided: Ledger) -> Mask:
    """Return which lines of the representatives top up column 1 to a total."""
    return _by_rule(decided, lambda rule: rule is not None and rule.form == "up_to_total")


def _by_rule(decided: Ledger, test: Callable[[Rule | None], bool]) -> Mask:
    """Return the answers to a test of each line's rule; where lines are few, of these alone."""
    layers, numbers = decided.layers, decided.layer
    if len(numbers) < len(layers):
        return np.array([test(layers[n].rule) for n in numbers.tolist()], dtype=bool)
    return np.array([test(layer.rule) for layer in layers], dtype=bool)[numbers]


def _ordinary(decided: Ledger, number: Int, rows: Shipments) -> Int:
    """Return the ordinary duty of rows in cents."""
    own = _own(decided)
    rate, unit = np.zeros(len(decided), dtype=np.int64), np.zeros(len(decided), dtype=np.int64)
    rate[decided.row[own]], unit[decided.row[own]] = decided.rate[own], decided.specific[own]
    duty = ad_valorem(rows.value, rate[number])
    by_unit = unit[number]
    if by_unit.any():
        quantity = np.where(rows.quantity == NOT_STATED, 0, rows.quantity)
        duty = duty + specific(quantity, by_unit)
    return duty


def _totals(decided: Ledger, number: Int, rows: Shipments, ordinary: Int) -> Int:
    """Return total duty in cents: ordinary, then the k-th charged line of each situation."""
    extra = np.flatnonzero((decided.reason == APPLIED) & ~_own(decided) & (decided.rate > 0))
    depth = _depths(decided.row[extra], len(decided))
    tops, total = _tops(decided)[extra], ordinary.copy()
    for level in range(int(depth.max(initial=-1)) + 1):
        here = extra[depth == level]
        rate, top = np.zeros(len(decided), dtype=np.int64), np.zeros(len(decided), dtype=bool)
        rate[decided.row[here]], top[decided.row[here]] = decided.rate[here], tops[depth == level]
        charged = ad_valorem(rows.value, rate[number])
        if top.any():
            charged = np.where(top[number], np.maximum(charged - ordinary, 0), charged)
        total += charged
    return total


def _depths(row: Int, size: int) -> Int:
    """Return 0, 1, ... for the lines of each row, which stand together in row order."""
    counts = np.bincount(row, minlength=size)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    return np.arange(len(row)) - starts[row]


def _gathered_lines(decided: Ledger, number: Int, rows: Shipments, ordinary: Int) -> dict[str, Any]:
    """Return the ledger lines of rows: those of their representatives, on their own values."""
    counts = np.bincount(decided.row, minlength=len(decided))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    row = np.repeat(np.arange(len(rows)), counts[number])
    offset = np.arange(len(row)) - np.repeat(np.cumsum(counts[number]), counts[number])
    offset += np.repeat(counts[number], counts[number])
    line = starts[number][row] + offset
    charged = decided.reason[line] == APPLIED
    base = np.where(charged, rows.value[row], 0)
    amount = ad_valorem(base, decided.rate[line])
    amount = np.where(_tops(decided)[line], np.maximum(amount - ordinary[row], 0), amount)
    amount = np.where(_own(decided)[line], ordinary[row], np.where(charged, amount, 0))
    kept = {name: getattr(decided, name)[line] for name in ("layer", "rate", "specific", "by")}
    return {"row": row, "base": base, "amount": amount, "reason": decided.reason[line], **kept}
