"""Intervals over trade elasticities: the same question for many draws of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError
from advalorem.linkage.draws import draw
from advalorem.linkage.elasticities import spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.linkage.elasticities import Spread
    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["Interval", "drawn", "interval", "statements_of"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Fifth and ninety-fifth percentile, and the median."""

    low: float
    median: float
    high: float


def drawn(
    economy: Economy, count: int, spread: float | None = None, seed: int = 0
) -> Iterator[Economy]:
    """Return economies whose elasticities are drawn.

    Without `spread` the cited standard errors or ranges of the elasticities are drawn from, as in a
    simulation: draw k depends on the seed and on k alone.

    Parameters
    ----------
    spread
        Instead: multiply every elasticity by an independent log-normal factor whose logarithm has
        this standard deviation; the user states it, no source does.

    Raises
    ------
    InputError
        For a count below two, a spread that is not positive, or elasticities for which neither
        errors nor ranges are cited.

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
        known = spread_of(economy.theta_set, economy.sectors, economy.theta)
        if known.is_empty:
            raise InputError(
                "draws", economy.theta_set, "; ".join(known.statements), "state a --spread"
            )
        return _cited(economy, known, count, seed)
    if not (np.isfinite(spread) and spread > 0):
        raise InputError("spread", f"{spread:g}", "not positive", "give a number above zero")
    return _stated(economy, count, spread, seed)


def statements_of(economy: Economy, spread: float | None) -> tuple[str, ...]:
    """Return what the draws rest on: sources and readings, or the spread that the user states.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> statements_of(build_economy(example.two_country_tables()), 0.2)[0][:36]
    'every elasticity times a log-normal '
    """
    if spread is None:
        return spread_of(economy.theta_set, economy.sectors, economy.theta).statements
    return (
        f"every elasticity times a log-normal factor with spread {spread:g}, as stated by the user",
    )


def _cited(economy: Economy, known: Spread, count: int, seed: int) -> Iterator[Economy]:
    for at in range(count):
        theta = draw(known, seed, at).theta
        if theta is not None:
            yield economy.with_theta(theta, f"{economy.theta_set}, draw {at + 1}")


def _stated(economy: Economy, count: int, spread: float, seed: int) -> Iterator[Economy]:
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
