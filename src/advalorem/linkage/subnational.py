"""Provinces and states: a table of the user's carries sector results down; none is packaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advalorem.linkage.errors import LinkageError

if TYPE_CHECKING:
    from advalorem.world.outcome import Outcome

COLUMNS = ("country", "region", "sector", "share")
LAYOUT = (
    "a CSV or Parquet with columns country (ISO code), region, sector (of the economy) and share "
    "(part of the country's value added in the sector; the regions of a country sum to one in "
    "every sector), and its source"
)
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Outlook:
    """Change of value added by region, per cent, in units of the numeraire.

    Every region of a country has the change of each sector's value added in the country; regions
    differ by their mix of sectors only.
    """

    country: tuple[str, ...]
    region: tuple[str, ...]
    value_added_pct: tuple[float, ...]


def outlook(outcome: Outcome, path: Path | None) -> Outlook:
    """Return the change of value added by region.

    Parameters
    ----------
    outcome : a solved outcome
    path : table of regions; there is none in the package

    Raises
    ------
    LinkageError
        No table is given, or it does not fit; the message gives the layout.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> outlook(solve(build_economy(example.two_country_tables())), None)
    Traceback (most recent call last):
    ...
    advalorem.linkage.errors.LinkageError: regions: no data by province or state are held; give ...
    """
    if path is None or not path.is_file():
        raise LinkageError(f"regions: no data by province or state are held; give {LAYOUT}")
    frame = _read(path)
    economy = outcome.economy
    share = economy.value_added_share
    old, new = (share * levels.output for levels in (outcome.before, outcome.after))
    found: dict[tuple[str, str], list[float]] = {}
    for country, region, sector, part in frame.select(COLUMNS).iter_rows():
        n, j = economy.country_index(country), economy.sector_index(sector)
        sums = found.setdefault((economy.countries[n], region), [0.0, 0.0])
        sums[0] += part * float(old[n, j])
        sums[1] += part * float(new[n, j])
    return Outlook(
        country=tuple(country for country, _ in found),
        region=tuple(region for _, region in found),
        value_added_pct=tuple(100 * (b / a - 1) if a else 0.0 for a, b in found.values()),
    )


def _read(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise LinkageError(f"regions: {path.name} lacks {', '.join(missing)}; give {LAYOUT}")
    sums = frame.group_by("country", "sector").agg(pl.col("share").sum())
    wrong = sums.filter((pl.col("share") - 1).abs() > TOLERANCE).sort("country", "sector")
    if not wrong.is_empty():
        country, sector, total = wrong.row(0)
        raise LinkageError(
            f"regions: shares of {country} in {sector} sum to {total:g}, not to one; add the "
            "regions that are missing"
        )
    if not bool(np.isfinite(frame["share"].to_numpy()).all()) or (frame["share"] < 0).any():
        raise LinkageError(f"regions: {path.name} has a share that is no part; correct it")
    return frame
