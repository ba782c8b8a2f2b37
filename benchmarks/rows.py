"""One measured figure, and the clock that measures it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its unit, the most it should be, and what it was measured on.

    Attributes
    ----------
    name
        What was measured.
    value, unit
        The figure.
    most
        Target, in the same unit; None when the figure is only recorded.
    note
        How it was measured.
    """

    name: str
    value: float
    unit: str
    most: float | None = None
    note: str = ""


def median(work: Callable[[], Any], repeat: int = 9, warm: int = 1) -> float:
    """Return the median wall time of `work` in seconds, after `warm` runs that do not count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
