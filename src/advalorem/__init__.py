"""North American trade policy, computed from the legal text to the bargaining table.

The parts of the chain, such as `advalorem.law`, are imported when first asked for.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

_PARTS = frozenset(
    {"bargaining", "batch", "brief", "duty", "law", "rates", "scenario", "schedule", "world"}
)


def __getattr__(name: str) -> Any:
    """Return a part of the chain, imported on first use.

    >>> import advalorem
    >>> len(advalorem.law.in_force("2025-09-18", importer="US")) > 10
    True
    """
    if name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(f"{__name__}.{name}")
