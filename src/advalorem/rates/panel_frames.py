"""The panel as frames: intervals of days by line for a class of origins and a reading of claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.rates.claims import MONTHLY, claim_shares_of, held_months, partners
from advalorem.rates.errors import RatesError
from advalorem.rates.panel import Changes, Panel, by_line, changes
from advalorem.rates.panel_walk import GONE
from advalorem.schedule.model import Int, Mask

Float = NDArray[np.float64]
FLAGS, LACKING = ("prohibited", "open"), "lacks_rate"
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Rated:
    """A panel with its different duties as a frame: total, rate by authority, flags."""

    panel: Panel
    duties: pl.DataFrame

    @property
    def names(self) -> list[str]:
        """Columns of the panel's tables, in order."""
        return ["hts10", "origin_class", "valid_from", "valid_until", *self.duties.columns]


def rated(panel: Panel) -> Rated:
    """Return the panel with the rates of its different duties.

    An authority that charges nothing in the whole panel has no column, but for the ordinary duty.
    """
    duty, width = panel.duty, len(panel.authorities)
    columns, total = {}, np.zeros(len(duty.kind))
    for number, name in enumerate(panel.authorities):
        rate = duty.rate[duty.kind, number]
        rate = rate + np.maximum(duty.rate[duty.kind, width + number] - duty.ordinary, 0.0)
        if name == panel.ordinary:
            rate = rate + duty.ordinary
        if name == panel.ordinary or duty.rate[:, number::width].any():
            columns[f"rate_{name}"] = rate
            total += rate
    flags = {name: duty.flags[duty.kind, number] for number, name in enumerate(FLAGS)}
    whole = {"rate": total, **columns, **flags, LACKING: duty.lacking}
    return Rated(panel, pl.DataFrame(whole))


def intervals(rates: Rated, number: int, found: Changes) -> pl.DataFrame:
    """Return one variant as intervals: a row for each line and span of days at the same rates.

    Columns: `hts10, origin_class, valid_from, valid_until, rate`, `rate_<authority>`, and a flag
    each of `FLAGS`; rates as fractions of the customs value, `valid_until` the first day no longer
    covered, null while open; the last column marks a rate for which a quantity is not held. Sorted
    by line and day.
    """
    start = np.array([day.toordinal() for day in rates.panel.days])[found.epoch]
    until, last = _ends(rates.panel, found.line, start)
    kept = np.flatnonzero(found.duty != GONE)
    frame = rates.duties[found.duty[kept]]
    return _dated(rates, frame, number, found.line[kept], start[kept], until[kept], last[kept])


def _ends(panel: Panel, line: Int, start: Int) -> tuple[Int, Mask]:
    """Return the day on which each row's line next changes, and which rows are open at the end."""
    last = np.ones(len(line), dtype=bool)
    last[:-1] = line[1:] != line[:-1]
    until = np.zeros(len(line), dtype=np.int64)
    until[:-1] = start[1:]
    return until, last


def _dated(
    rates: Rated, frame: pl.DataFrame, number: int, line: Int, start: Int, until: Int, last: Mask
) -> pl.DataFrame:
    """Return rated lines with their code, class and days."""
    ends = pl.Series("valid_until", until - EPOCH, dtype=pl.Int32)
    return frame.with_columns(
        pl.Series("hts10", rates.panel.lines[line]),
        pl.lit(number, dtype=pl.Int16).alias("origin_class"),
        pl.Series("valid_from", start - EPOCH, dtype=pl.Int32).cast(pl.Date),
        pl.when(pl.Series("open", last)).then(None).otherwise(ends).cast(pl.Date)
        .alias("valid_until"),
    ).select(rates.names)  # fmt: skip


def mixed(rates: Rated, number: int, country: str, option: str) -> pl.DataFrame:
    """Return one origin's lines open to a claim, mixed at the shares of a USMCA reading.

    Raises
    ------
    RatesError
        No claims by line of the country are held, or no preference is open to it.
    """
    panel = rates.panel
    sides = [changes(panel, number, claimed) for claimed in (False, True)]
    if sides[0] is None or sides[1] is None or country not in partners():
        raise RatesError(f"origin: no claims of {country!r} by line are held")
    monthly = option == MONTHLY
    days = sorted({*panel.days, *(_month_starts(panel) if monthly else [])})
    duties = [_grid(panel, number, claimed, days) for claimed in (False, True)]
    shares = np.stack([claim_shares_of(panel.lines, country, option, (day.year, day.month))
                       for day in (days if monthly else days[:1])])  # fmt: skip
    held = (duties[0] != GONE) & (duties[1] != GONE)
    new = np.ones_like(held)
    np.not_equal(held[1:], held[:-1], out=new[1:])
    for values in (*duties, *([shares] if monthly else [])):
        new[1:] |= values[1:] != values[:-1]
    line, at = by_line(new)
    starts = np.array([day.toordinal() for day in days])[at]
    until, last = _ends(panel, line, starts)
    kept = np.flatnonzero(held[at, line])
    line, at = line[kept], at[kept]
    share = shares[at if monthly else np.zeros_like(at), line]
    frame = _mixture(rates, [side[at, line] for side in duties], share)
    return _dated(rates, frame, number, line, starts[kept], until[kept], last[kept])


def _month_starts(panel: Panel) -> list[date]:
    """Return the first days of the months whose claims are held, within the panel."""
    starts = [date(year, month, 1) for year, month in held_months()]
    return [day for day in starts if panel.days[0] <= day < (panel.until or date.max)]


def _grid(panel: Panel, number: int, claimed: bool, days: list[date]) -> Int:
    """Return the duty of every line on some days; (days, lines)."""
    starts = [day.toordinal() for day in panel.days]
    epochs = np.searchsorted(starts, [day.toordinal() for day in days], side="right") - 1
    sheets = panel.place[epochs, number, int(claimed)]
    return np.stack([panel.sheets[sheet].by_line() for sheet in sheets.tolist()])


def _mixture(rates: Rated, sides: list[Int], share: Float) -> pl.DataFrame:
    """Return lines with the rates of two duties mixed at a share of the second."""
    plain, claimed = (rates.duties[side] for side in sides)
    weight = pl.Series("share", share)
    return plain.with_columns(
        *[(plain[name] * (1 - weight) + claimed[name] * weight).alias(name)
          for name in plain.columns if name.startswith("rate")],
        *[(plain[name] | claimed[name]).alias(name) for name in (*FLAGS, LACKING)],
    )  # fmt: skip


def class_table(panel: Panel) -> pl.DataFrame:
    """Return the countries of each origin class."""
    rows = [
        (number, country)
        for number in range(len(panel.origins.standing))
        for country in panel.origins.members(number)
    ]
    schema = {"origin_class": pl.Int16, "country": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
