"""Intervals over trade elasticities: the same question for many draws of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["Interval", "drawn", "interval"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Fifth and ninety-fifth percentile, and the median."""

    low: float
    median: float
    high: float


def drawn(
    economy: Economy, count: int, spread: float | None = None, seed: int = 0
) -> Iterator[Economy]:
    """Return economies whose elasticities are each multiplied by a log-normal factor.

    Parameters
    ----------
    spread
        Standard deviation of the logarithm of each factor, independent across sectors; the user
        states it, no source does.

    Raises
    ------
    InputError
        For a count below two, or a spread that is missing or not positive.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> [round(float(e.theta[0]), 3) for e in drawn(economy, 2, 0.2)]
    [4.102, 3.896]
    """
    if count < 2:
        raise InputError("draws", str(count), "gives no interval", "use two or more")
    if spread is None:
        raise InputError(
            "draws", economy.theta_set, "no standard errors are packaged", "state a --spread"
        )
    if not (np.isfinite(spread) and spread > 0):
        raise InputError("spread", f"{spread:g}", "not positive", "give a number above zero")
    return _drawn(economy, count, spread, seed)


def _drawn(economy: Economy, count: int, spread: float, seed: int) -> Iterator[Economy]:
    rng = np.random.default_rng(seed)
    for at in range(count):
        factor = np.exp(spread * rng.standard_normal(economy.theta.shape))
        yield economy.with_theta(economy.theta * factor, f"{economy.theta_set}, draw {at + 1}")


def interval(values: list[float]) -> Interval:
    """Return the interval that holds nine tenths of the values.

    >>> interval([0.0, 1.0, 2.0])
    Interval(low=0.1, median=1.0, high=1.9)
    """
    low, median, high = np.quantile(np.asarray(values), [0.05, 0.5, 0.95])
    return Interval(round(float(low), 12), round(float(median), 12), round(float(high), 12))
