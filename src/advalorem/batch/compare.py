"""A file rated twice: under the law of two days, or with some origins exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from advalorem.batch.charges import Rated
from advalorem.batch.columns import ColumnError
from advalorem.batch.intake import Intake, Table
from advalorem.batch.output import Rejects, opened_output
from advalorem.batch.part import MONEY, added_columns, numbered, reasons_of, rejects_of
from advalorem.batch.rater import Rater
from advalorem.batch.run import Options, Progress, intake_of, rater_of
from advalorem.batch.sources import Chunk, Source
from advalorem.duty.ledger import ASSESSED, INVALID, OUTCOMES
from advalorem.duty.shipments import Shipments
from advalorem.law.model import Lawbook

SIDES = ("a", "b")
RESULTS = ("outcome", "total_duty", "duty_min", "duty_max", "questions")
TEXTS = ("outcome", "questions")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: the day that every row is entered on, and origins exchanged."""

    on: date | None = None
    origins: Mapping[int, int] | None = None

    def of(self, rows: Shipments) -> Shipments:
        """Return the rows as this side has them."""
        day = rows.day if self.on is None else np.full(len(rows), self.on.toordinal())
        origin = rows.origin.copy()
        for old, new in (self.origins or {}).items():
            origin[rows.origin == old] = new
        return replace(rows, day=day, origin=origin)


@dataclass(slots=True)
class Totals:
    """Counts of rows, and duty in cents of each side over the rows assessed on both.

    `dearer` and `cheaper` count rows that owe more or less on the second side; `outcomes` counts
    the outcomes of each side.
    """

    rows: int = 0
    both: int = 0
    refused: int = 0
    a: int = 0
    b: int = 0
    dearer: int = 0
    cheaper: int = 0
    outcomes: tuple[Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter(), Counter())
    )


def compare_file(
    book: Lawbook,
    source: Source,
    out: str,
    options: Options,
    sides: tuple[Side, Side],
    progress: Progress | None = None,
    rejects: Rejects = None,
) -> Totals:
    """Rate a file on two sides and write outcome and duty of each, row by row, and the difference.

    Rows that cannot be rated on one of the sides go to `OUT.rejects`.
    """
    intake, rater = intake_of(book, options, source), rater_of(book, options)
    added = _schema()
    taken = [name for name in added if name in source.columns]
    if taken:
        raise ColumnError(f"columns {', '.join(taken)} have the names of results; rename them")
    totals = Totals()
    schema = pl.Schema({**source.schema, **added})
    with opened_output(source, out, schema, rejects) as output:
        for chunk in source.chunks(options.rows):
            table, told = _compared(rater, intake, chunk, sides, totals)
            output.write(table, told)
            totals.rows += chunk.rows
            if progress is not None:
                progress(chunk.rows)
    totals.refused = output.refused
    return totals


def _schema() -> dict[str, pl.DataType]:
    sides = {f"{name}_{side}": pl.String() if name in TEXTS else MONEY
             for side in SIDES for name in RESULTS}  # fmt: skip
    return {**sides, "difference": MONEY}


def _compared(
    rater: Rater, intake: Intake, chunk: Chunk, sides: tuple[Side, Side], totals: Totals
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a chunk with both sides beside its columns, and its rejects."""
    read = intake.read(chunk.table)
    first, second = (rater.rate(side.of(read.shipments)) for side in sides)
    sound = np.flatnonzero((first.outcome != INVALID) & (second.outcome != INVALID))
    columns = [_side(rater, first, "a")[sound], _side(rater, second, "b")[sound]]
    wide = pl.concat([chunk.table[read.rows[sound]], *columns], how="horizontal")
    gap = (pl.col("total_duty_b") - pl.col("total_duty_a")).cast(MONEY)
    _count(totals, first, second, sound)
    return wide.with_columns(difference=gap), _rejects(chunk, read, first, second)


def _side(rater: Rater, rated: Rated, name: str) -> pl.DataFrame:
    found = added_columns(rater, rated, np.zeros(len(rated.low), dtype=np.int64))
    return found.select(pl.col(column).alias(f"{column}_{name}") for column in RESULTS)


def _count(totals: Totals, first: Rated, second: Rated, sound: np.ndarray) -> None:
    for rated, counts in zip((first, second), totals.outcomes, strict=True):
        numbers = np.bincount(rated.outcome[sound], minlength=len(OUTCOMES)).tolist()
        counts.update({name: n for name, n in zip(OUTCOMES, numbers, strict=True) if n})
    settled = (first.outcome[sound] == ASSESSED) & (second.outcome[sound] == ASSESSED)
    both = sound[settled]
    gap = second.low[both] - first.low[both]
    totals.both += len(both)
    totals.a += int(first.low[both].sum())
    totals.b += int(second.low[both].sum())
    totals.dearer += int((gap > 0).sum())
    totals.cheaper += int((gap < 0).sum())


def _rejects(chunk: Chunk, read: Table, first: Rated, second: Rated) -> pl.DataFrame:
    """Return the rows that cannot be rated on one of the sides, in the order of the file."""
    told = {**reasons_of(read, second), **reasons_of(read, first)}
    rows = np.array(sorted(told), dtype=np.int64)
    table = rejects_of(chunk.table, rows, [told[row] for row in rows.tolist()], chunk.first_row)
    return numbered(table, chunk)
