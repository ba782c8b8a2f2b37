"""Place flows, whose codes are those of the trade year, on the lines of a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.rates.tables import DATA, table
from advalorem.schedule.model import Schedule

Int = NDArray[np.int64]

EXACT, SUCCESSOR, EIGHT_DIGITS, SIX_DIGITS, NOWHERE = range(5)
PLACINGS = ("same code", "successor", "eight digits", "six digits", "no line")
_WIDTHS = {EIGHT_DIGITS: 100, SIX_DIGITS: 10_000}


@dataclass(frozen=True, slots=True)
class Placed:
    """Line number of each code (-1 for none) and how it was found (a number in `PLACINGS`)."""

    line: Int
    how: Int


def place(schedule: Schedule, hts: Int) -> Placed:
    """Return the line of each code: its own, its successor, else one that shares its first digits.

    Of several lines under eight or six digits the first stands for all.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> placed = place(schedule, np.array([7208510030, 9999950000]))
    >>> [PLACINGS[how] for how in placed.how]
    ['same code', 'no line']
    """
    line, how = _exact(schedule.lines, hts), np.full(len(hts), EXACT)
    heirs = _heirs(schedule.importer, schedule.from_)
    open_ = np.flatnonzero(line < 0)
    new = np.array([heirs.get(int(code), -1) for code in hts[open_]], dtype=np.int64)
    _fill(line, how, open_, _exact(schedule.lines, new), SUCCESSOR)
    for step, width in _WIDTHS.items():
        open_ = np.flatnonzero(line < 0)
        _fill(line, how, open_, _first_under(schedule.lines, hts[open_], width), step)
    how[line < 0] = NOWHERE
    return Placed(line, how)


def _fill(line: Int, how: Int, open_: Int, found: Int, step: int) -> None:
    """Write the lines found for the open codes and how they were found."""
    here = found >= 0
    line[open_[here]], how[open_[here]] = found[here], step


def _exact(lines: Int, hts: Int) -> Int:
    at = np.minimum(np.searchsorted(lines, hts), len(lines) - 1)
    return np.asarray(np.where(lines[at] == hts, at, -1))


def _first_under(lines: Int, hts: Int, width: int) -> Int:
    """Return the first line that shares all digits of a code above `width`."""
    stem = hts // width * width
    at = np.minimum(np.searchsorted(lines, stem), len(lines) - 1)
    return np.asarray(np.where(lines[at] // width * width == stem, at, -1))


def _heirs(importer: str, on: date) -> dict[int, int]:
    """Return the best heir of each line retired by a day, followed to the end of its chain."""
    name = f"successors_{importer.lower()}"
    if not (DATA / f"{name}.parquet").exists():
        return {}
    frame = table(name).filter(pl.col("new").is_not_null() & (pl.col("day") <= on))
    order = ["old", *(["rank"] if "rank" in frame.columns else []), "new"]
    best = frame.sort(order).unique("old", keep="first", maintain_order=True)
    direct = dict(best.select("old", "new").iter_rows())
    return {old: _last(direct, new, old) for old, new in direct.items()}


def _last(direct: dict[int, int], code: int, start: int) -> int:
    """Follow heirs of heirs; a circle ends where it began."""
    seen = {start}
    while code in direct and code not in seen:
        seen.add(code)
        code = direct[code]
    return code
