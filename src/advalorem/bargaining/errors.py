"""What goes wrong in bargaining: bad input as in the world model, and searches that fail."""

from __future__ import annotations

from advalorem.world.errors import InputError, UnsolvedError

__all__ = ["InputError", "NotConvergedError", "UnsolvedError"]


class NotConvergedError(UnsolvedError):
    """A search ended without an answer; its last point is not one and is not given.

    Examples
    --------
    >>> issubclass(NotConvergedError, UnsolvedError)
    True
    """
