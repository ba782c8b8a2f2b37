"""Shipments as checked columns of integers: the only input of the kernel.

Codes are full ten-digit numbers, money is integer cents, shares are millionths, quantities
ten-thousandths of a unit, days proleptic ordinals, words numbers in a closed list. A value that
is not stated is `NOT_STATED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOT_STATED = int(np.iinfo(np.int64).min)
SOME_OTHER = NOT_STATED + 1
"""A word that is none of those the law names; used when completions are tried out."""

MODES = ("vessel", "air", "truck", "rail", "post", "express")


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be rated: which field, what it held, why, and what to do."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value!r} {self.reason}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Shipments:
    """Checked shipments, one a row; see the module's docstring for the units.

    `eight` marks codes given to eight digits only (padded with zeros in `code`). `unit` numbers
    the words of `units`. `facts` holds a column for each fact that any row states.
    """

    code: Int
    eight: Mask
    origin: Int
    day: Int
    value: Int
    claim: Int
    mode: Int
    quantity: Int
    unit: Int
    units: tuple[str, ...] = ("",)
    facts: Mapping[str, Int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.code)

    def fact(self, name: str) -> Int:
        """Return the column of a fact, `NOT_STATED` throughout where no row states it."""
        column = self.facts.get(name)
        return np.full(len(self), NOT_STATED) if column is None else column

    def take(self, rows: Int) -> Shipments:
        """Return the rows of these numbers, in that order, repeats allowed."""
        return replace(
            self,
            **{name: _taken(getattr(self, name), rows) for name in COLUMNS},
            facts={name: column[rows] for name, column in self.facts.items()},
        )

    def with_fact(self, name: str, column: Int) -> Shipments:
        """Return the same shipments with one fact's column replaced."""
        return replace(self, facts={**self.facts, name: column})


def _taken(column: Any, rows: Int) -> Any:
    """Return rows of a column; one that holds a single value stays as small as it is."""
    if len(column) and column.strides == (0,):
        return np.broadcast_to(column[0], len(rows))
    return column[rows]


COLUMNS = ("code", "eight", "origin", "day", "value", "claim", "mode", "quantity", "unit")
