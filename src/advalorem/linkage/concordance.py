"""Tariff codes to sectors of the input-output tables, with weights that sum to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.linkage.errors import LinkageError
from advalorem.rates.tables import table

Int = NDArray[np.int64]
Float = NDArray[np.float64]

TABLE = "hts10_icio28"
NONE = "none"
BASES = ("ten digits", "eight digits", "six digits", NONE)
_WIDTHS = (1, 100, 10_000)


@dataclass(frozen=True, slots=True)
class Links:
    """Codes to sectors, one row a link.

    `code` numbers the codes asked for, `sector` the sectors; `weight` sums to one over the links of
    a code that has any. `basis` (by code) numbers `BASES`, `confidence` holds a word by code.
    """

    code: Int
    sector: Int
    weight: Float
    basis: Int
    confidence: NDArray[np.str_]


def link(codes: Int, sectors: Sequence[str]) -> Links:
    """Return the sectors of ten-digit codes.

    A code that the concordance lacks is shared out over the sectors of its first eight, then six
    digits, with the imports of 2024 as weights; a subheading is written with four zeros.

    Raises
    ------
    LinkageError
        The concordance names a sector that is not among `sectors`.

    Examples
    --------
    >>> links = link(np.array([101210010]), ["A01", "B05"])
    >>> links.sector.tolist(), links.weight.tolist(), BASES[links.basis[0]]
    ([0], [1.0], 'ten digits')
    """
    numbers = {name: number for number, name in enumerate(sectors)}
    unique, place = np.unique(codes, return_inverse=True)
    rows: list[tuple[int, int, float]] = []
    basis = np.full(len(unique), len(BASES) - 1)
    confidence = np.full(len(unique), NONE, dtype="<U8")
    for at, code in enumerate(unique.tolist()):
        for level, width in enumerate(_WIDTHS):
            found = _shares(width).get(code // width)
            if found:
                basis[at], confidence[at] = level, found[0][2]
                rows += [(at, _number(numbers, name), share) for name, share, _ in found]
                break
    return _spread(rows, place, basis, confidence)


def _number(numbers: dict[str, int], name: str) -> int:
    if name not in numbers:
        raise LinkageError(
            f"sector: the concordance names {name}, which this economy lacks; use one with the "
            "sectors of icio2022"
        )
    return numbers[name]


def _spread(
    rows: list[tuple[int, int, float]], place: Int, basis: Int, confidence: NDArray[np.str_]
) -> Links:
    """Return the links of distinct codes as links of the codes asked for."""
    unique = np.array([row[0] for row in rows], dtype=np.int64)
    sector = np.array([row[1] for row in rows], dtype=np.int64)
    weight = np.array([row[2] for row in rows], dtype=np.float64)
    counts = np.bincount(unique, minlength=len(basis))[place]
    first = np.searchsorted(unique, np.arange(len(basis)))[place]
    code = np.repeat(np.arange(len(place)), counts)
    inner = np.arange(len(code)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = np.repeat(first, counts) + inner
    return Links(code, sector[taken], weight[taken], basis[place], confidence[place])


@lru_cache(maxsize=4)
def _shares(width: int) -> dict[int, list[tuple[str, float, str]]]:
    """Return sector, share of trade and confidence by stem of a code."""
    stem = (pl.col("hts") // width).alias("stem")
    trade = table("imports_2024").group_by("hts").agg(pl.col("customs_value_usd").sum().alias("v"))
    held = table(TABLE).filter(pl.col("sector").is_not_null() & (pl.col("sector") != ""))
    if width == 1:
        rows = held.select("hts", "sector", pl.lit(1.0), "confidence").iter_rows()
        return {code: [(sector, share, word)] for code, sector, share, word in rows}
    held = held.join(trade, on="hts", how="left").with_columns(pl.col("v").fill_null(0), stem)
    sums = held.group_by("stem", "sector").agg(pl.col("v").sum(), pl.len().alias("lines"))
    traded = pl.col("v").sum().over("stem") > 0
    weight = pl.when(traded).then(pl.col("v")).otherwise(pl.col("lines")).cast(pl.Float64)
    sums = sums.with_columns(weight.alias("weight")).sort("stem", "sector")
    share = (pl.col("weight") / pl.col("weight").sum().over("stem")).alias("share")
    found: dict[int, list[tuple[str, float, str]]] = {}
    word = BASES[_WIDTHS.index(width)]
    for code, sector, part in sums.select("stem", "sector", share).iter_rows():
        if part:
            found.setdefault(code, []).append((sector, part, word))
    return found
