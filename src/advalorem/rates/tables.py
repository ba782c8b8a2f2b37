"""The packaged tables that the rates read, each read once."""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.rates.errors import RatesError

DATA = Path(__file__).parent.parent / "data"


@lru_cache(maxsize=16)
def table(name: str) -> pl.DataFrame:
    """Return a packaged table.

    Raises
    ------
    FileNotFoundError
        No such table is packaged.

    Examples
    --------
    >>> table("imports_2024").columns
    ['hts', 'country', 'customs_value_usd', 'calculated_duty_usd']
    """
    return pl.read_parquet(DATA / f"{name}.parquet")


def parameter(name: str) -> float:
    """Return an estimate by name.

    Raises
    ------
    RatesError
        No estimate of this name is packaged.

    Examples
    --------
    >>> 0 < parameter("metal_content_flat") < 1
    True
    """
    found = table("parameters").filter(pl.col("name") == name)
    if found.is_empty():
        raise RatesError(f"parameter {name!r} is not packaged; add it to parameters")
    return float(found["value"][0])


PARAMETERS = Path(__file__).parent.parent / "lawbook" / "parameters"


@lru_cache(maxsize=4)
def notes(name: str) -> dict[str, Any]:
    """Return a file of cited estimates or presets by name.

    >>> "usmca_flat" in notes("rates")
    True
    """
    return tomllib.loads((PARAMETERS / f"{name}.toml").read_text())


def estimate(*path: str) -> float:
    """Return a cited estimate of `parameters/rates.toml`.

    Raises
    ------
    RatesError
        No such estimate is held.

    Examples
    --------
    >>> estimate("usmca_flat", "CA")
    0.65
    """
    found: Any = notes("rates")
    for name in path:
        if name not in found:
            raise RatesError(f"estimate {'.'.join(path)!r} is not held; add it to rates.toml")
        found = found[name]
    return float(found["value"])


@lru_cache(maxsize=1)
def data_version() -> str:
    """Return the version of the packaged tables: the digest of the manifest that names them.

    >>> len(data_version())
    16
    """
    return hashlib.sha256((DATA / "manifest.json").read_bytes()).hexdigest()[:16]
