"""The share of each flow that claims its preference, by month, under a reading."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.rates.flows import Flows
from advalorem.rates.tables import estimate, table

Float = NDArray[np.float64]
Month = tuple[int, int]

NONE, ALL, MONTHLY, FLAT = "none", "all", "month", "flat"
SINCE = "since_"
_LEVELS = (10, 8, 6, 4, 2)
_WHOLE_YEAR = 0


def claim_shares(flows: Flows, option: str, month: Month) -> Float:
    """Return the share of each flow's value that claims a preference; shape (flows,).

    Parameters
    ----------
    flows : trade by line and origin
    option : option of the reading `rates.usmca_share`; `h2_2025` reads the second half of that
        year, `since_h2_2025` all months from its start, a year its annual shares
    month : year and month of the day, read under `month` only

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.rates.flows import load_flows
    >>> flows = load_flows(load_lawbook(), "US", ["CA"], "2024")
    >>> float(claim_shares(flows, "all", (2025, 9)).min())
    1.0
    """
    shares = np.zeros(len(flows))
    for number, origin in enumerate(flows.origins):
        here = flows.origin == number
        codes = flows.hts[here]
        if option == NONE:
            continue
        if origin not in partners():
            shares[here] = _by_chapter(codes // 10**8, origin)
        else:
            shares[here] = claim_shares_of(codes, origin, option, month)
    return shares


def claim_shares_of(codes: NDArray[np.int64], origin: str, option: str, month: Month) -> Float:
    """Return the share that claims by code for one partner; shape (codes,).

    >>> claim_shares_of(np.array([8703230190]), "MX", "2024", (2025, 1)).round(1)
    array([0.4])
    """
    if option in (NONE, ALL):
        return np.full(len(codes), float(option == ALL))
    if option == FLAT:
        return np.full(len(codes), estimate("usmca_flat", origin))
    return _of_lines(codes, origin, month_used(option, month))


@lru_cache(maxsize=1)
def partners() -> frozenset[str]:
    """Return the origins whose claims are held by line."""
    return frozenset(table("usmca_shares")["country"].unique().to_list())


def held_months() -> list[Month]:
    """Return the months for which claims are held, in order.

    >>> held_months()[0], held_months()[-1]
    ((2025, 1), (2026, 2))
    """
    frame = table("usmca_shares_monthly").select("year", "month").unique().sort("year", "month")
    return [(year, month) for year, month in frame.iter_rows()]


def month_used(option: str, month: Month) -> str:
    """Return the period whose claims an option reads for a month, for the statements.

    >>> month_used("month", (2026, 9)), month_used("h2_2025", (2025, 1))
    ('2026-02', 'h2_2025')
    """
    if option != MONTHLY:
        return option
    held = held_months()
    year, number = min(max(month, held[0]), held[-1])
    return f"{year}-{number:02d}"


Lookup = tuple[NDArray[np.int64], Float]
"""Codes cut to some digits, ascending, and the share of each."""


@lru_cache(maxsize=256)
def _period_table(origin: str, period: str) -> tuple[Lookup, ...]:
    """Return shares by code at each number of digits, finest first."""
    frame = table("usmca_shares").filter(pl.col("country") == origin)
    if period.isdigit():
        annual = frame.filter((pl.col("year") == int(period)) & (pl.col("month") == _WHOLE_YEAR))
        return (_lookup(annual.select(pl.col("hts").alias("stem"), "share")),)
    rows = frame.filter(_in_period(period) & (pl.col("total_value_usd") > 0))
    return tuple(_at_level(rows, digits) for digits in _LEVELS)


def _lookup(frame: pl.DataFrame) -> Lookup:
    ordered = frame.sort("stem")
    return ordered["stem"].to_numpy(), ordered["share"].to_numpy()


def _in_period(period: str) -> pl.Expr:
    """Return the rows of a month `YYYY-MM`, a half-year `hN_YYYY`, or of all months since one."""
    if period.startswith(SINCE):
        half, year = int(period[len(SINCE) + 1]), int(period.split("_")[-1])
        later = (pl.col("year") == year) & (pl.col("month") >= 6 * half - 5)
        return (pl.col("month") != _WHOLE_YEAR) & ((pl.col("year") > year) | later)
    if period.startswith("h"):
        half, year = int(period[1]), int(period.split("_")[1])
        return (pl.col("year") == year) & pl.col("month").is_between(6 * half - 5, 6 * half)
    year, month = (int(part) for part in period.split("-"))
    return (pl.col("year") == year) & (pl.col("month") == month)


def _at_level(rows: pl.DataFrame, digits: int) -> Lookup:
    """Return claimed over total value by the first digits of the code."""
    share = pl.col("usmca_value_usd").sum() / pl.col("total_value_usd").sum()
    stem = (pl.col("hts") // 10 ** (10 - digits)).alias("stem")
    return _lookup(rows.group_by(stem).agg(share.alias("share")))


def _of_lines(codes: NDArray[np.int64], origin: str, period: str) -> Float:
    """Return the share of each code from the finest level that had trade; 0 where none had."""
    found = np.full(len(codes), np.nan)
    for digits, (stems, shares) in zip(_LEVELS, _period_table(origin, period), strict=False):
        open_ = np.flatnonzero(np.isnan(found))
        wanted = codes[open_] // 10 ** (10 - digits)
        at = np.minimum(np.searchsorted(stems, wanted), len(stems) - 1)
        found[open_] = np.where(stems[at] == wanted, shares[at], np.nan)
    return np.asarray(np.nan_to_num(found))


@lru_cache(maxsize=512)
def _preferences(origin: str) -> Float:
    """Return by chapter the share of an origin's trade that entered free by a preference."""
    frame = table("mfn_preference_exemption_shares")
    found = np.zeros(100)
    for chapter, country, share in frame.iter_rows():
        if country == origin:
            found[chapter] = share
    return found


def _by_chapter(chapters: NDArray[np.int64], origin: str) -> Float:
    """Return the share of a chapter's trade that entered free by a preference in 2024."""
    return _preferences(origin)[chapters]
