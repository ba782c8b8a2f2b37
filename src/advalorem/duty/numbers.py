"""Exact integer arithmetic on money: one rounding a line, half up, to the cent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

MILLION = 1_000_000
SAFE = 2**62
"""Products up to here stay exact in 64 bits, with room for the rounding."""
SORTING_PAYS = 64
QUANTITY_UNITS = 10_000
"""Quantities are held in ten-thousandths of a unit."""


def multiply_round(amount: Int, factor: Int, divisor: int) -> Int:
    """Return `amount * factor / divisor` rounded half up, exactly.

    All arguments are non-negative. Products that do not fit 64 bits are taken in whole numbers of
    any size.

    Raises
    ------
    OverflowError
        A result does not fit 64 bits.

    Examples
    --------
    >>> multiply_round(np.array([10020]), np.array([25000]), MILLION)
    array([251])
    """
    largest = int(np.max(factor, initial=0)) * max(divisor, int(np.max(amount, initial=0)))
    if largest > SAFE:
        exact = (amount.astype(object) * factor.astype(object) + divisor // 2) // divisor
        return np.array(exact, dtype=np.int64)
    whole, rest = np.divmod(amount, divisor)
    return np.asarray(whole * factor + (rest * factor + divisor // 2) // divisor)


def distinct(column: Int) -> list[int]:
    """Return the different values of a column, ascending.

    >>> distinct(np.array([3, 1, 3]))
    [1, 3]
    """
    if len(column) < SORTING_PAYS:
        return sorted(set(column.tolist()))
    return [int(value) for value in np.unique(column)]


def among(column: Int, allowed: Sequence[int]) -> NDArray[np.bool_]:
    """Return where a column holds one of the values allowed.

    >>> among(np.array([3, 1, 2]), [1, 3])
    array([ True,  True, False])
    """
    if len(column) < SORTING_PAYS:
        return np.array([value in allowed for value in column.tolist()], dtype=bool)
    return np.isin(column, allowed)


def ad_valorem(base: Int, rate: Int) -> Int:
    """Return the duty in cents on a base in cents at a rate in millionths.

    Examples
    --------
    >>> ad_valorem(np.array([1_000_000]), np.array([350_000]))
    array([350000])
    """
    return multiply_round(base, rate, MILLION)


def specific(quantity: Int, amount: Int) -> Int:
    """Return the duty in cents on a quantity at an amount a unit.

    `quantity` in ten-thousandths of the unit, `amount` in millionths of the currency a unit.

    Examples
    --------
    >>> specific(np.array([1_500_000]), np.array([105_000]))  # 150 bbl at 10.5 cents
    array([1575])
    """
    return multiply_round(quantity, amount, QUANTITY_UNITS * MILLION // 100)
