"""The claims of a file kept on disk part by part, and the entry numbers to claim among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.batch.entries import EntryError, read_entry
from advalorem.batch.refund_sums import KEY, Tally

COLUMNS = (
    "row", "entry", "line", "hts", "route", "refund_min", "refund_max", "fee_refund", "status",
    "why", "deadlines", "missing", "also", "entry_problem", "act",
)  # fmt: skip
SCHEMA = pl.Schema(dict.fromkeys(COLUMNS, pl.String()))
NO_ROW = np.iinfo(np.int64).max
LISTED = 20
"""Most entry numbers that are told as wrong one by one."""
AT_ONCE = 100_000


@dataclass(slots=True)
class Kept:
    """Claims of a file by route: their lines in a folder, and their entries added up.

    Of each entry `left` counts the claims that cannot be made as they stand, and `row` is the
    first row with an amount.
    """

    folder: Path
    parts: dict[str, list[Path]] = field(default_factory=dict)
    entries: dict[str, Tally] = field(default_factory=dict)

    def add(self, lines: pl.DataFrame, ready: str) -> None:
        """Keep the lines of claims, in the columns of `COLUMNS`; those of status `ready` stand."""
        for (route,), mine in lines.group_by("route", maintain_order=True):
            parts = self.parts.setdefault(str(route), [])
            place = list(self.parts).index(str(route))
            parts.append(self.folder / f"{place}-{len(parts)}.parquet")
            mine.write_parquet(parts[-1], compression="zstd", compression_level=1)
            tally = self.entries.setdefault(str(route), Tally({"left": "sum", "row": "min"}))
            numbers = {"left": (mine["status"] != ready).cast(pl.Int64).to_numpy(),
                       "row": _paid_rows(mine)}  # fmt: skip
            tally.add(plain(mine["entry"]), numbers)

    def lines(self, routes: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the lines kept, route by route, each in the order of the file."""
        for route in routes:
            for path in self.parts.get(route, ()):
                yield pl.read_parquet(path)


def plain(numbers: pl.Series) -> pl.Series:
    """Return entry numbers as `advalorem.batch.entries.plain_entry` gives each.

    >>> plain(pl.Series(["abc-1234567-6 "])).to_list()
    ['ABC12345676']
    """
    return numbers.str.replace_all(r"[\s-]", "").str.to_uppercase()


def _paid_rows(lines: pl.DataFrame) -> np.ndarray:
    """Return the row of each line with an amount of duty, `NO_ROW` for the others."""
    paid = (lines["refund_max"] != "") & (lines["refund_max"] != "0.00")
    return np.where(paid.to_numpy(), lines["row"].cast(pl.Int64).to_numpy(), NO_ROW)


@dataclass(frozen=True, slots=True)
class Claimable:
    """The numbers to claim under a route, each once, how many entries are left out, and why.

    `wrong` names the rows of numbers that are none, at most `LISTED`; `wrong_rows` counts them.
    """

    numbers: pl.Series
    left_out: int
    wrong: list[str]
    wrong_rows: int


def claimable(kept: Kept, route: str) -> Claimable:
    """Return what can be claimed under a route.

    An entry is left out where any of its rows is barred, closed or asks for a look, where no row
    has an amount without open facts, and where its number is wrong.
    """
    entries = kept.entries[route].whole()
    good = entries.filter((pl.col("left") == 0) & (pl.col("row") < NO_ROW)).sort("row")[KEY]
    problems = dict(_problems(good))
    numbers = good.filter(~good.is_in(list(problems))) if problems else good
    wrong, rows = _told(kept, route, problems)
    return Claimable(numbers, entries.height - len(numbers), wrong, rows)


def _problems(numbers: pl.Series) -> Iterator[tuple[str, str]]:
    """Yield the numbers that are wrong, and why."""
    for start in range(0, len(numbers), AT_ONCE):
        for number in numbers[start : start + AT_ONCE].to_list():
            try:
                read_entry(number)
            except EntryError as error:
                yield number, str(error)


def _told(kept: Kept, route: str, problems: Mapping[str, str]) -> tuple[list[str], int]:
    """Return the first rows of wrong numbers in words, and how many there are."""
    told: list[str] = []
    rows = 0
    for lines in kept.lines([route]) if problems else ():
        key = plain(lines["entry"])
        here = pl.Series(_paid_rows(lines) < NO_ROW) & key.is_in(list(problems))
        rows += int(here.sum())
        for row, entry in lines.filter(here).head(LISTED - len(told))["row", "entry"].iter_rows():
            why = problems[plain(pl.Series([entry]))[0]]
            told.append(f"row {row}: entry {entry!r} {why}")
    return told, rows
