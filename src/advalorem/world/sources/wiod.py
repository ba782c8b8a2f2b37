"""The complete world input-output table of 2011, WIOD release 2013: 41 economies, 35 sectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from advalorem.world.build import report
from advalorem.world.economy import Adjustment
from advalorem.world.sources.frames import labels_of, numbers, read_table
from advalorem.world.sources.paths import iso2_codes, readings, sources
from advalorem.world.tables import Tables, place

__all__ = ["read_wiod2011", "sectors_of"]


def read_wiod2011(folder: Path, theta: np.ndarray, theta_set: str) -> Tables:
    """Return the tables of 2011, negative flows set to zero and reported.

    Negative total flows are inventory changes; they cannot be trade shares. Base tariffs are
    zero by a named reading, since the table holds none.

    Parameters
    ----------
    folder
        Holds ``trade_2011``, ``io_use_2011``, ``output_va_2011``, ``countries`` and ``sectors``.
    theta, theta_set
        Elasticities, (j), and where they come from; the table holds none.

    Raises
    ------
    InputError
        When a file or column is missing, or labels differ between tables.
    """
    countries = tuple(labels_of(read_table(folder / "countries.csv"), "countries", "code"))
    fields = read_table(folder / "sectors.csv")
    sectors = tuple(labels_of(fields, "sectors", "code"))
    kinds = labels_of(fields, "sectors", "kind")
    trade = _trade(folder / "trade_2011.parquet", countries, sectors)
    use = [("country", countries), ("input_sector", sectors), ("using_sector", sectors)]
    cell = [("country", countries), ("sector", sectors)]
    moved: list[Adjustment] = []
    report(
        moved,
        "trade.negative",
        "negative flows, which are inventory changes, set to zero",
        np.minimum(trade, 0.0),
        (countries, countries, sectors),
    )
    codes = iso2_codes()
    return Tables(
        name="wiod2011",
        countries=countries,
        sectors=sectors,
        trade=np.maximum(trade, 0.0),
        tariffs=np.zeros_like(trade),
        input_use=_read(folder / "io_use_2011.parquet", use, "value"),
        value_added=_read(folder / "output_va_2011.parquet", cell, "value_added"),
        theta=theta,
        unit="million US dollars of 2011, basic prices",
        theta_set=theta_set,
        goods=tuple(kind == "goods" for kind in kinds),
        readings=readings("wiod2011"),
        sources=sources("wiod2011"),
        adjustments=tuple(moved),
        iso2=tuple(codes.get(country, "") for country in countries),
    )


def sectors_of(folder: Path) -> tuple[str, ...]:
    """Return the sector codes of the table."""
    return tuple(labels_of(read_table(folder / "sectors.csv"), "sectors", "code"))


def _trade(path: Path, countries: tuple[str, ...], sectors: tuple[str, ...]) -> np.ndarray:
    frame = read_table(path)
    keys = [("importer", countries), ("exporter", countries), ("sector", sectors)]
    full = [(name, labels_of(frame, path.stem, name), allowed) for name, allowed in keys]
    total = numbers(frame, path.stem, "intermediate") + numbers(frame, path.stem, "final")
    return place(path.stem, full, total, zeros_omitted=True)


def _read(path: Path, keys: Any, value: str) -> np.ndarray:
    frame = read_table(path)
    full = [(column, labels_of(frame, path.stem, column), allowed) for column, allowed in keys]
    return place(path.stem, full, numbers(frame, path.stem, value), zeros_omitted=True)
