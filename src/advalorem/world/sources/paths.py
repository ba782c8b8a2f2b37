"""Where packaged tables lie, and the texts that travel with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["DATA", "iso2_codes", "meta", "readings", "sources"]

DATA = Path(__file__).resolve().parents[2] / "data" / "world"


@cache
def meta() -> dict[str, Any]:
    """Return citations, named readings, scenarios and groups of the packaged economies.

    Examples
    --------
    >>> "cp2015" in meta()["economies"]
    True
    """
    loaded: dict[str, Any] = json.loads((DATA / "world.json").read_text(encoding="utf-8"))
    return loaded


def readings(economy: str) -> tuple[str, ...]:
    """Return the named readings under which an economy was read."""
    return tuple(
        f"{item['name']}: {item['text']}" for item in meta()["economies"][economy]["readings"]
    )


def sources(economy: str) -> tuple[str, ...]:
    """Return the citations of an economy's tables."""
    return tuple(meta()["economies"][economy]["sources"])


@cache
def iso2_codes() -> dict[str, str]:
    """Return ISO 3166-1 two-letter codes by three-letter code.

    Examples
    --------
    >>> iso2_codes()["MEX"]
    'MX'
    """
    lines = (DATA / "labels" / "iso3166.csv").read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split(",")[:2] for line in lines)
