"""One part of a file rated: the input's columns and six more, its rejects, and its sums.

This is the whole of what a worker does, on this machine or another: a table in, a table out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from advalorem.batch.charges import NO_CODE, NO_LAW, NO_QUANTITY, Rated
from advalorem.batch.columns import ADDED
from advalorem.batch.fees import total_fees
from advalorem.batch.intake import Intake, Table, as_text
from advalorem.batch.ledger import ledger_frame, ledger_lines
from advalorem.batch.notices import notices_of, words_of
from advalorem.batch.rater import Rater
from advalorem.batch.sources import Chunk
from advalorem.duty.ledger import ASSESSED, INVALID, OUTCOMES, UNDETERMINED
from advalorem.duty.shipments import NOT_STATED, Int, Mask

MONEY = pl.Decimal(18, 2)
SPLIT = "hts"
"""The question of a code whose ten-digit lines differ in law."""
REASONS = {
    NO_LAW: ("as_of", "lies before the first day coded", "ask for a later day"),
    NO_CODE: ("hts", "is not in the schedule of that day", "look the code up with `search`"),
    NO_QUANTITY: ("quantity", "is missing and the rate is by quantity",
                  "state the quantity in the unit of the line"),
}  # fmt: skip
OTHER_UNIT = ("unit", "does not convert to the unit of the line",
              "state the quantity in the unit of the line")  # fmt: skip


REJECTS = {
    "row": pl.Int64,
    "field": pl.String,
    "reason": pl.String,
    "remedy": pl.String,
    "content": pl.String,
}
"""Columns of the rejects: number of the row in the file from 1, why, and its cells as JSON."""


@dataclass(slots=True)
class Sums:
    """Counts and sums of rated rows; money in cents. Sums of parts add up."""

    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    duty: int = 0
    fees: int = 0
    value: int = 0
    authorities: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)

    def add(self, other: Sums) -> None:
        """Add the sums of another part."""
        self.rows += other.rows
        self.duty, self.fees = self.duty + other.duty, self.fees + other.fees
        self.value += other.value
        for mine, theirs in (
            (self.outcomes, other.outcomes),
            (self.refused, other.refused),
            (self.authorities, other.authorities),
            (self.notices, other.notices),
        ):
            mine.update(theirs)


@dataclass(frozen=True, slots=True)
class Part:
    """A rated part: its table, its rejects, its sums, and its ledger where one is kept."""

    table: pl.DataFrame
    rejects: pl.DataFrame
    sums: Sums
    ledger: pl.DataFrame | None = None


def rate_part(
    rater: Rater, intake: Intake, table: pl.DataFrame, first_row: int = 1, notices: bool = False
) -> Part:
    """Return the rated part of a table whose first row has this number in its file.

    `notices` asks for a seventh column, of the notices of each row.
    """
    read = intake.read(table)
    sums = Sums(rows=table.height)
    rated = rater.rate(read.shipments, read.place, sums.authorities)
    claimed = rated.claimed.astype(np.int64)
    fees = total_fees(
        rater.book, rater.importer, read.shipments, claimed, rated.freed, rater.known_on
    )
    rejects = _rejects(table, read, rated, first_row)
    sound = np.flatnonzero(rated.outcome != INVALID)
    kept = read.rows[sound]
    added = added_columns(rater, rated, fees)
    told = notices_of(rater, read.shipments, read.place, rated)
    sums.notices.update({each.words: len(each.rows) for each in told})
    if notices:
        added = added.with_columns(words_of(told, len(read.rows)))
    if len(kept) < table.height:
        table, added = table[kept], added[sound]
    _sum(sums, read, rated, fees, sound, rejects)
    ledger = _ledger(rater, read, rated, first_row) if rater.detail else None
    return Part(table.hstack(added), rejects, sums, ledger)


def _ledger(rater: Rater, read: Table, rated: Rated, first_row: int) -> pl.DataFrame:
    """Return the ledger of a table's rows, numbered as in their file."""
    lines = ledger_lines(rater, read.shipments, read.place, rated)
    return ledger_frame(rater.book, rater.importer, lines, read.rows + first_row)


def added_columns(rater: Rater, rated: Rated, fees: Int) -> pl.DataFrame:
    """Return the six columns of results."""
    outcomes = pl.Series(OUTCOMES, dtype=pl.String)
    columns = pl.DataFrame({
        "outcome": outcomes.gather(pl.Series(rated.outcome.astype(np.uint32))),
        "low": rated.low, "high": rated.high, "open": rated.open_, "fees": fees,
        "unsettled": rated.outcome == UNDETERMINED,
        "questions": _questions(rater, rated),
    })  # fmt: skip
    cent = pl.lit("0.01").str.to_decimal(scale=2)

    def money(column: pl.Expr) -> pl.Expr:
        return (column.cast(pl.Decimal(18, 0)) * cent).cast(MONEY)

    names = {"low": "duty_min", "high": "duty_max", "fees": "total_fees"}
    columns = columns.with_columns(money(pl.col(name)).alias(to) for name, to in names.items())
    return columns.select(
        pl.col("outcome"),
        pl.when(~pl.col("unsettled")).then(pl.col("duty_min")).alias("total_duty"),
        pl.col("duty_min"),
        pl.when(~(pl.col("open") & pl.col("unsettled"))).then(pl.col("duty_max")).alias("duty_max"),
        pl.col("total_fees"),
        pl.col("questions"),
    ).select(ADDED)


def _questions(rater: Rater, rated: Rated) -> pl.Series:
    """Return the facts asked by row, in the order of the lawbook, joined by semicolons.

    The code is asked for only where its lines owe different duty.
    """
    split = rated.split & (rated.outcome == UNDETERMINED)
    here = np.flatnonzero((rated.asked != 0) | split)
    asked, number = np.unique(rated.asked[here] * 2 + split[here], return_inverse=True)
    names = list(rater.book.facts)
    texts = [""]
    for bits in asked.tolist():
        facts = [name for bit, name in enumerate(names) if bits >> (bit + 1) & 1]
        texts.append(";".join([*facts, SPLIT] if bits & 1 else facts))
    at = np.zeros(len(rated.asked), dtype=np.uint32)
    at[here] = number.ravel() + 1
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(at))


def _rejects(table: pl.DataFrame, read: Table, rated: Rated, first_row: int) -> pl.DataFrame:
    """Return the rows that cannot be rated, in the order of the file."""
    unread = np.flatnonzero(read.trouble >= 0)
    invalid = np.flatnonzero(rated.outcome == INVALID)
    whys = [(each.field, each.reason, each.remedy) for each in read.troubles]
    whys += [*(REASONS[number] for number in sorted(REASONS)), OTHER_UNIT]
    reason = len(read.troubles) - 1 + rated.reason[invalid].astype(np.int64)
    reason += stated_in_vain(read, rated)[invalid]
    why = np.concatenate([read.trouble[unread].astype(np.int64), reason])
    row = np.concatenate([unread, read.rows[invalid]])
    order = np.argsort(row, kind="stable")
    return rejects_of(table, row[order], [whys[number] for number in why[order].tolist()],
                      first_row)  # fmt: skip


def stated_in_vain(read: Table, rated: Rated) -> Mask:
    """Return which rows are invalid though a quantity is stated: its unit does not convert."""
    stated = read.shipments.quantity != NOT_STATED
    return np.asarray((rated.outcome == INVALID) & (rated.reason == NO_QUANTITY) & stated)


def reasons_of(read: Table, rated: Rated) -> dict[int, tuple[str, str, str]]:
    """Return by number of the row in its table why it cannot be rated: unread or invalid."""
    whys = {int(row): read.troubles[read.trouble[row]] for row in np.flatnonzero(read.trouble >= 0)}
    told = {row: (each.field, each.reason, each.remedy) for row, each in whys.items()}
    other = stated_in_vain(read, rated)
    for at in np.flatnonzero(rated.outcome == INVALID).tolist():
        told[int(read.rows[at])] = OTHER_UNIT if other[at] else REASONS[int(rated.reason[at])]
    return told


def rejects_of(
    table: pl.DataFrame, rows: Int, whys: Sequence[tuple[str, str, str]], first_row: int
) -> pl.DataFrame:
    """Return rejects of the rows of these numbers, each with field, reason and remedy.

    >>> rejects_of(pl.DataFrame({"hts": ["x"]}), np.array([0]), [("hts", "is bad", "mend")], 1)[
    ...     "content"].to_list()
    ['{"hts":"x"}']
    """
    names = ("field", "reason", "remedy")
    told = {name: [why[at] for why in whys] for at, name in enumerate(names)}
    refused = table[rows]
    cells = refused.select(as_text(refused[name]) for name in table.columns)
    content = cells.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    return pl.DataFrame(
        {"row": rows + first_row, **told, "content": content if len(rows) else []}, schema=REJECTS
    )


def renumbered(ledger: pl.DataFrame | None, chunk: Chunk) -> pl.DataFrame | None:
    """Return the ledger of a chunk that skips rows, numbered as in the file."""
    if ledger is None:
        return None
    at = ledger["row"] - chunk.first_row
    return ledger.with_columns(row=pl.Series(chunk.numbers, dtype=pl.Int64).gather(at))


def numbered(rejects: pl.DataFrame, chunk: Chunk) -> pl.DataFrame:
    """Return the rejects of a chunk numbered as in the file, rows that fit no header among them."""
    if not chunk.misfits:
        return rejects
    at = rejects["row"] - chunk.first_row
    numbers = pl.Series(chunk.numbers, dtype=pl.Int64)
    return with_misfits(rejects.with_columns(row=numbers.gather(at)), chunk)


def with_misfits(rejects: pl.DataFrame, chunk: Chunk) -> pl.DataFrame:
    """Return rejects numbered as in the file with the chunk's rows that fit no header."""
    rows = [(each.row, "row", each.reason, "mend the row", each.content) for each in chunk.misfits]
    return pl.concat([rejects, pl.DataFrame(rows, schema=REJECTS, orient="row")]).sort("row")


def _sum(
    sums: Sums, read: Table, rated: Rated, fees: Int, sound: Int, rejects: pl.DataFrame
) -> None:
    outcome = rated.outcome[sound]
    counts = np.bincount(outcome, minlength=len(OUTCOMES)).tolist()
    sums.outcomes.update({name: n for name, n in zip(OUTCOMES, counts, strict=True) if n})
    whys = rejects.group_by("field", "reason").len().iter_rows()
    sums.refused.update({f"{name} {reason}": count for name, reason, count in whys})
    settled = sound[outcome == ASSESSED]
    sums.duty = int(rated.low[settled].sum())
    sums.fees = int(fees[sound].sum())
    sums.value = int(read.shipments.value[sound].sum())
