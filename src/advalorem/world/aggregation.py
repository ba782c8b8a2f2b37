"""Merge countries and sectors of raw tables by a mapping file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.errors import InputError
from advalorem.world.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["aggregate", "read_mapping"]


def read_mapping(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return old-to-new labels of countries and of sectors.

    The file is CSV or Parquet with columns ``kind`` (``country`` or ``sector``), ``code`` and
    ``into``.

    Raises
    ------
    InputError
        For an unknown kind or a code mapped twice.
    """
    from advalorem.world.sources.frames import labels_of, read_table

    frame = read_table(Path(path))
    maps: dict[str, dict[str, str]] = {"country": {}, "sector": {}}
    columns = (labels_of(frame, "mapping", name) for name in ("kind", "code", "into"))
    for kind, code, into in zip(*columns, strict=True):
        if kind not in maps:
            raise InputError("mapping", f"kind {kind!r}", "unknown", "use country or sector")
        if code in maps[kind]:
            raise InputError("mapping", f"{kind} {code}", "mapped twice", "keep one row")
        maps[kind][code] = into
    return maps["country"], maps["sector"]


def aggregate(
    tables: Tables,
    countries: Mapping[str, str] | None = None,
    sectors: Mapping[str, str] | None = None,
) -> Tables:
    """Return tables with countries and sectors merged.

    Values add up; tariffs are averaged with trade net of tariffs as weights (simple averages
    where nothing is traded); elasticities of merged sectors are averaged with world trade as
    weights, which the readings of the result say. Trade among merged countries becomes domestic
    and its tariffs are dropped.

    Parameters
    ----------
    tables
        Raw tables.
    countries, sectors
        Old to new label, for every old label; None merges nothing.

    Raises
    ------
    InputError
        When a label is not mapped, or a mapped label is not in the tables.

    Examples
    --------
    >>> from advalorem.world import example
    >>> world = aggregate(example.two_country_tables(), countries={"H": "W", "F": "W"})
    >>> float(world.trade.sum()), world.countries
    (325.0, ('W',))
    """
    new_c, rows = _matrix("countries", tables.countries, countries)
    new_s, cols = _matrix("sectors", tables.sectors, sectors)
    flow = tables.trade
    foreign = flow * ~np.eye(len(tables.countries), dtype=bool)[:, :, None]
    trade = _merge(tables.trade, rows, rows, cols)
    tariffs = _average(tables.tariffs, foreign, rows, cols)
    return replace(
        tables,
        name=f"{tables.name}, merged to {len(new_c)} x {len(new_s)}",
        countries=new_c,
        sectors=new_s,
        trade=trade if tables.domestic == "given" else _no_diagonal(tables, trade),
        tariffs=tariffs,
        input_use=np.einsum("nkj,an,bk,cj->abc", tables.input_use, rows, cols, cols, optimize=True),
        value_added=rows @ tables.value_added @ cols.T,
        theta=_theta(tables, foreign, cols),
        final_demand=None if tables.final_demand is None else rows @ tables.final_demand @ cols.T,
        goods=_goods(tables, cols),
        iso2=tuple(_iso2(tables, code) for code in new_c),
        groups={},
        scenarios={
            name: _average(rates, foreign, rows, cols) for name, rates in tables.scenarios.items()
        },
        readings=(*tables.readings, _reading(tables, new_s)),
    )


def _matrix(
    axis: str, labels: tuple[str, ...], mapping: Mapping[str, str] | None
) -> tuple[tuple[str, ...], Floats]:
    """Return new labels in order of first use, and a matrix of zeros and ones, (new, old)."""
    mapping = {label: label for label in labels} if mapping is None else mapping
    for label in labels:
        if label not in mapping:
            raise InputError("mapping", f"{axis} {label}", "not mapped", "add a row for it")
    for label in mapping:
        if label not in labels:
            raise InputError("mapping", f"{axis} {label}", "not in the tables", "remove the row")
    new = tuple(dict.fromkeys(mapping[label] for label in labels))
    matrix = np.zeros((len(new), len(labels)))
    for at, label in enumerate(labels):
        matrix[new.index(mapping[label]), at] = 1.0
    return new, matrix


def _merge(values: Floats, first: Floats, second: Floats, third: Floats) -> Floats:
    return np.asarray(np.einsum("nij,an,bi,cj->abc", values, first, second, third, optimize=True))


def _average(rates: Floats, weights: Floats, rows: Floats, cols: Floats) -> Floats:
    total = _merge(weights, rows, rows, cols)
    weighted = _merge(rates * weights, rows, rows, cols)
    plain = _merge(rates, rows, rows, cols) / _merge(np.ones_like(rates), rows, rows, cols)
    mean = np.divide(weighted, total, out=plain, where=total > 0)
    own = np.arange(len(rows))
    mean[own, own] = 0.0
    return np.asarray(mean)


def _no_diagonal(tables: Tables, trade: Floats) -> Floats:
    """Refuse to lose trade inside a merged country when domestic sales are a residual."""
    own = np.arange(len(trade))
    inside = np.array(trade)
    inside[own, own] = 0.0
    return inside


def _theta(tables: Tables, foreign: Floats, cols: Floats) -> Floats:
    weights = foreign.sum(axis=(0, 1))
    total = cols @ weights
    plain = (cols @ tables.theta) / cols.sum(axis=1)
    return np.asarray(np.divide(cols @ (weights * tables.theta), total, out=plain, where=total > 0))


def _goods(tables: Tables, cols: Floats) -> tuple[bool, ...]:
    if not tables.goods:
        return ()
    return tuple(bool(value) for value in (cols @ np.array(tables.goods, dtype=float)) > 0)


def _iso2(tables: Tables, code: str) -> str:
    codes = dict(zip(tables.countries, tables.iso2, strict=False))
    return codes.get(code, "")


def _reading(tables: Tables, sectors: tuple[str, ...]) -> str:
    return "world.aggregation: tariffs averaged with trade as weights" + (
        "" if len(sectors) == len(tables.sectors) else ", elasticities with world trade"
    )
