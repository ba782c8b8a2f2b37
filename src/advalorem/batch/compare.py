"""A file rated twice: under the law of two days, or with some origins exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.batch.charges import Rated
from advalorem.batch.intake import Intake
from advalorem.batch.part import REASONS, REJECTS, added_columns, rejects_of
from advalorem.batch.rater import Rater
from advalorem.batch.run import Options, intake_of, rater_of
from advalorem.batch.sinks import CsvSink, open_sink, replacing
from advalorem.batch.sources import Source
from advalorem.duty.ledger import ASSESSED, INVALID
from advalorem.duty.shipments import Shipments
from advalorem.law.model import Lawbook

SIDES = ("a", "b")
RESULTS = ("outcome", "total_duty", "duty_min", "duty_max")


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
    """Rows and duty in cents of each side, over rows assessed on both."""

    rows: int = 0
    both: int = 0
    refused: int = 0
    a: int = 0
    b: int = 0


def compare_file(
    book: Lawbook, source: Source, out: Path, options: Options, sides: tuple[Side, Side]
) -> Totals:
    """Rate a file on two sides and write outcome and duty of each, row by row, and the difference.

    Rows that cannot be rated on one of the sides go to `OUT.rejects`.
    """
    intake, rater = intake_of(book, options, source), rater_of(book, options)
    schema = pl.Schema({**source.schema, **_schema()})
    totals = Totals()
    refused = out.with_name(out.name + ".rejects")
    with replacing(out) as temporary, replacing(refused) as bad:
        sink, close = open_sink(temporary, "csv" if out.suffix != ".parquet" else "parquet", schema)
        with bad.open("wb") as file:
            rejects = CsvSink(file, pl.Schema(REJECTS))
            for chunk in source.chunks(options.rows):
                table, told = _compared(rater, intake, chunk.table, chunk.first_row, sides, totals)
                sink.write(table)
                rejects.write(told)
        sink.close()
        close()
    if not totals.refused:
        refused.unlink(missing_ok=True)
    return totals


def _schema() -> dict[str, pl.DataType]:
    money, text = pl.Decimal(18, 2), pl.String()
    sides = {f"{name}_{side}": text if name == "outcome" else money
             for side in SIDES for name in RESULTS}  # fmt: skip
    return {**sides, "difference": money}


def _compared(
    rater: Rater,
    intake: Intake,
    table: pl.DataFrame,
    first_row: int,
    sides: tuple[Side, Side],
    totals: Totals,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a chunk with both sides beside its columns, and its rejects."""
    read = intake.read(table)
    rated = [rater.rate(side.of(read.shipments)) for side in sides]
    bad = (rated[0].outcome == INVALID) | (rated[1].outcome == INVALID)
    sound = np.flatnonzero(~bad)
    columns = [_side(rater, each, name)[sound] for each, name in zip(rated, SIDES, strict=True)]
    wide = pl.concat([table[read.rows[sound]], *columns], how="horizontal")
    gap = (pl.col("total_duty_b") - pl.col("total_duty_a")).cast(pl.Decimal(18, 2))
    wide = wide.with_columns(difference=gap)
    whys = {int(row): read.troubles[read.trouble[row]] for row in np.flatnonzero(read.trouble >= 0)}
    told = {row: (each.field, each.reason, each.remedy) for row, each in whys.items()}
    for at in np.flatnonzero(bad).tolist():
        reason = rated[0].reason[at] or rated[1].reason[at]
        told[int(read.rows[at])] = REASONS[int(reason)]
    rows = np.array(sorted(told), dtype=np.int64)
    both = sound[(rated[0].outcome[sound] == ASSESSED) & (rated[1].outcome[sound] == ASSESSED)]
    totals.rows, totals.both = totals.rows + table.height, totals.both + len(both)
    totals.refused += len(rows)
    totals.a += int(rated[0].low[both].sum())
    totals.b += int(rated[1].low[both].sum())
    return wide, rejects_of(table, rows, [told[row] for row in rows.tolist()], first_row)


def _side(rater: Rater, rated: Rated, name: str) -> pl.DataFrame:
    found = added_columns(rater, rated, np.zeros(len(rated.low), dtype=np.int64))
    return found.select(pl.col(column).alias(f"{column}_{name}") for column in RESULTS)
