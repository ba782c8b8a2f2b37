"""The different rows of a table of whole numbers, found by one number a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.shipments import Int

WORD = 2**63
SEED = 20250918


def distinct_rows(table: NDArray[np.integer[Any]]) -> tuple[Int, Int]:
    """Return the first row of each kind, and the number of its kind by row.

    Rows are told apart by a sum of their numbers in mixed weights, and then compared, so that
    two kinds of one sum are noticed.

    >>> first, number = distinct_rows(np.array([[1, 2], [3, 4], [1, 2]]))
    >>> bool(number[0] == number[2] != number[1]), sorted(first.tolist())
    (True, [0, 1])
    """
    wide = table.shape[1]
    weights = np.random.default_rng(SEED).integers(1, WORD, max(wide, 1), dtype=np.uint64)
    mixed = np.zeros(len(table), dtype=np.uint64)
    for column, weight in zip(table.T, weights[:wide] | np.uint64(1), strict=True):
        mixed += column.astype(np.uint64) * weight
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    if np.array_equal(table[first][number], table):
        return first, number
    _, first, number = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return first, number.ravel()
