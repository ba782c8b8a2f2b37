"""Fixed points by Anderson acceleration with restarts, and by plain damping.

Anderson (1965), Journal of the ACM 12(4), 547-560, in the form of Walker and Ni (2011), SIAM
Journal on Numerical Analysis 49(4), 1715-1735. Nothing here knows any economics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Map = Callable[[Floats], Floats]

__all__ = ["FixedPoint", "anderson", "damped"]

REGULARISATION = 1e-14
GROWTH = 100.0
CAUTION = 0.1
SETBACKS = 40


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """Where an iteration ended.

    Attributes
    ----------
    point
        Last point with finite residual.
    result
        ``converged``, ``max_iterations`` or ``non_finite``.
    iterations
        Evaluations of the map.
    residual
        Largest absolute component of map(point) - point.
    restarts
        How often the memory was dropped.
    """

    point: Floats
    result: str
    iterations: int
    residual: float
    restarts: int = 0


class _Memory:
    """The last `size` changes of the residual, the moves they undo, and their Gram matrix."""

    def __init__(self, size: int, length: int) -> None:
        self.moves = np.empty((size, length))
        self.changes = np.empty((size, length))
        self.gram = np.zeros((size, size))
        self.count = 0

    def add(self, step: Floats, change: Floats) -> None:
        size = len(self.moves)
        slot = self.count % size
        self.changes[slot] = change
        np.add(step, change, out=self.moves[slot])
        self.count += 1
        held = min(self.count, size)
        row = self.changes[:held] @ change
        self.gram[slot, :held], self.gram[:held, slot] = row, row

    def correction(self, residual: Floats) -> Floats:
        """Return what the secant information takes off a plain step."""
        held = min(self.count, len(self.moves))
        gram = self.gram[:held, :held]
        norms = np.sqrt(np.diag(gram))
        norms[norms == 0] = 1.0
        scaled = gram / norms[:, None] / norms[None, :]
        scaled.flat[:: held + 1] += REGULARISATION
        right = (self.changes[:held] @ residual) / norms
        correction: Floats = (_solved(scaled, right) / norms) @ self.moves[:held]
        return correction

    def drop(self) -> None:
        self.count = 0


def anderson(
    function: Map, start: Floats, *, tolerance: float, max_iterations: int, memory: int = 15
) -> FixedPoint:
    """Return a fixed point of `function`, restarting from the best point when a step fails.

    A step fails when its residual is not finite or 100 times the best so far; the memory is
    then dropped and a tenth of a plain step taken from the best point, less after each failure.

    Parameters
    ----------
    function
        Map from a vector to a vector of the same length.
    start
        First point.
    tolerance
        Largest absolute component of map(x) - x that counts as solved.

    Examples
    --------
    >>> found = anderson(np.cos, np.array([1.0]), tolerance=1e-12, max_iterations=50)
    >>> found.result, round(float(found.point[0]), 6)
    ('converged', 0.739085)
    """
    with np.errstate(all="ignore"):
        return _accelerate(function, start, tolerance, max_iterations, memory)


def _accelerate(
    function: Map, start: Floats, tolerance: float, max_iterations: int, memory: int
) -> FixedPoint:
    held = _Memory(memory, start.size)
    point, residual = start, _residual(function, start)
    best, lowest = (point, residual), _size(residual)
    restarts, caution, iterations = 0, 1.0, 1
    while iterations < max_iterations and lowest > tolerance:
        plain = residual if caution == 1.0 else caution * residual
        trial = point + plain - (held.correction(residual) if held.count else 0.0)
        change = _residual(function, trial)
        iterations += 1
        size = _size(change)
        if not size < GROWTH * lowest:
            restarts, caution = restarts + 1, caution * CAUTION**0.5
            held.drop()
            point, residual = best
            if restarts > SETBACKS:
                break
            continue
        held.add(trial - point, change - residual)
        point, residual = trial, change
        if size < lowest:
            best, lowest, caution = (point, residual), size, min(1.0, caution * 2)
    result = _verdict(lowest, tolerance)
    return FixedPoint(
        best[0] + best[1] if result == "converged" else best[0],
        result,
        iterations,
        lowest,
        restarts,
    )


def damped(
    function: Map, start: Floats, *, tolerance: float, max_iterations: int, step: float = 0.5
) -> FixedPoint:
    """Return a fixed point by plain damping, x + step (map(x) - x); slow, kept as reference.

    Examples
    --------
    >>> damped(np.cos, np.array([1.0]), tolerance=1e-10, max_iterations=200).result
    'converged'
    """
    with np.errstate(all="ignore"):
        point, residual, iterations = start, _residual(function, start), 1
        while iterations < max_iterations and tolerance < _size(residual) < np.inf:
            point = point + step * residual
            residual = _residual(function, point)
            iterations += 1
    size = _size(residual)
    return FixedPoint(point, _verdict(size, tolerance), iterations, size)


def _solved(matrix: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, right, rcond=1e-15)[0])


def _residual(function: Map, point: Floats) -> Floats:
    return function(point) - point


def _size(residual: Floats) -> float:
    """Return the largest absolute component, infinity when any is not finite."""
    size = float(np.abs(residual).max())
    return size if np.isfinite(size) else np.inf


def _verdict(size: float, tolerance: float) -> str:
    if size <= tolerance:
        return "converged"
    return "max_iterations" if np.isfinite(size) else "non_finite"
