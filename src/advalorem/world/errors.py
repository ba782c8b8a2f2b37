"""What goes wrong in the world model, each with the place and the remedy."""

from __future__ import annotations

from typing import Any

__all__ = ["InputError", "UnsolvedError", "WorldError"]


class WorldError(Exception):
    """Base of every error that `advalorem.world` raises on purpose."""


class InputError(WorldError, ValueError):
    """A table or argument that the model cannot take.

    Parameters
    ----------
    table
        Table or argument at fault.
    where
        Row, label or cell at fault.
    problem
        What is wrong there.
    remedy
        What to do about it.

    Examples
    --------
    >>> print(InputError("theta", "sector C29", "-4 is not positive", "give theta > 0"))
    theta, sector C29: -4 is not positive; give theta > 0
    """

    def __init__(self, table: str, where: str, problem: str, remedy: str) -> None:
        self.table, self.where, self.problem, self.remedy = table, where, problem, remedy
        super().__init__(f"{table}, {where}: {problem}; {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.table, self.where, self.problem, self.remedy))


class UnsolvedError(WorldError, RuntimeError):
    """No equilibrium was found; `outcome` holds the last point and its residuals."""

    def __init__(self, message: str, outcome: Any = None) -> None:
        self.outcome = outcome
        super().__init__(message)
