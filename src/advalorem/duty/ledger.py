"""The ledger: one line per shipment and layer, and what it adds up to.

`sum(amount of applied lines) = total duty`, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advalorem.law.terms import LayerKind
from advalorem.schedule.model import Rule, Schedule

Int = NDArray[np.int64]
Small = NDArray[np.int8]

APPLIED, DISPLACED, NO_BASE = range(3)
"""Reasons of a line: charged or exempt by its heading; displaced; its base is nothing."""

ASSESSED, UNDETERMINED, PROHIBITED, QUOTA_FULL, INVALID = range(5)
OUTCOMES = ("assessed", "undetermined", "prohibited", "quota_full", "invalid")


@dataclass(frozen=True, slots=True)
class Layer:
    """What a ledger line refers to: a rule of a schedule, or one of its ordinary columns."""

    kind: LayerKind
    schedule: Schedule
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines and row results of assessed shipments.

    Lines: `row` and `layer` (a number in `layers`), `base` and `amount` in cents, `rate` and
    `specific` in millionths, `reason`, and `by`, the relation that displaced the line or cut its
    base (a number in the schedule's yields, -1 for none). Rows: `outcome`, `total` in cents,
    `asked` (bit i: fact i of the lawbook is needed), `split` (the code's ten-digit lines differ
    in law), `missing_quantity` and `claimed` (the accepted claim, -1 for none).
    """

    row: Int
    layer: Int
    base: Int
    rate: Int
    specific: Int
    amount: Int
    reason: Small
    by: Int
    layers: tuple[Layer, ...]
    outcome: Small
    total: Int
    asked: Int
    split: NDArray[np.bool_]
    missing_quantity: NDArray[np.bool_]
    unknown_code: NDArray[np.bool_]
    line: Int
    claimed: Int

    def __len__(self) -> int:
        return len(self.total)


LINE_COLUMNS = ("row", "layer", "base", "rate", "specific", "amount", "reason", "by")
ROW_COLUMNS = (
    "outcome", "total", "asked", "split", "missing_quantity", "unknown_code", "line", "claimed",
)  # fmt: skip


def scatter(parts: Sequence[tuple[Int, Ledger]], size: int) -> Ledger:
    """Return one ledger of `size` rows from ledgers over disjoint row sets.

    Each part is (row numbers in the whole, its ledger). Lines are ordered by row, then by the
    order in which they were decided.
    """
    lines: dict[str, list[NDArray[np.generic]]] = {name: [] for name in LINE_COLUMNS}
    rows = {name: np.zeros(size, dtype=getattr(parts[0][1], name).dtype) for name in ROW_COLUMNS}
    layers: list[Layer] = []
    for numbers, part in parts:
        for name in LINE_COLUMNS:
            lines[name].append(getattr(part, name))
        lines["row"][-1] = numbers[part.row]
        lines["layer"][-1] = part.layer + len(layers)
        layers.extend(part.layers)
        for name in ROW_COLUMNS:
            rows[name][numbers] = getattr(part, name)
    whole = {name: np.concatenate(columns) for name, columns in lines.items()}
    order = np.argsort(whole["row"], kind="stable")
    return Ledger(
        **{name: column[order] for name, column in whole.items()},
        **rows,
        layers=tuple(layers),
    )
