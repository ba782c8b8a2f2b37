"""Where results go: written under a temporary name, and renamed when complete."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO, Literal, Protocol

import polars as pl

UNFINISHED = ".unfinished"
GROUP = 250_000
COMPRESSION: Literal["snappy"] = "snappy"
"""Codec of Parquet: the one that every reader knows, and the quickest to write."""
FORMULA = r"^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]"
"""How a text begins that a spreadsheet may take for a formula, full-width signs included."""
PLAIN = r"^[+-]?(\d+([.,]\d+)*|\.\d+)?([eE][+-]?\d+)?%?$"
"""Numbers and lone signs, which are no formulas."""
LONGEST = 32_767
"""Characters that a cell of a workbook holds."""
FIRST_YEAR = 1901
"""Days of earlier years have no number in a workbook."""
EXACT = 10**15
"""Whole numbers below this are exact in a workbook; larger ones are written as text."""
MADE = datetime(1980, 1, 1)
"""Day of making that workbooks state, so that equal results are equal files."""


class SinkError(ValueError):
    """Rows cannot be written in this form; the message says why and what to do."""


class Sink(Protocol):
    """Takes tables of one schema, one after the other."""

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""

    def close(self) -> None:
        """Finish the file."""


def unfinished(path: Path) -> Path:
    """Return the temporary name of a file.

    >>> unfinished(Path("a/out.csv")).name
    '.out.csv.unfinished'
    """
    return path.with_name(f".{path.name}{UNFINISHED}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; rename it to `path` when all went well."""
    with placing(path) as temporary:
        yield temporary


@contextmanager
def placing(path: Path, *beside: Path) -> Iterator[Path]:
    """Give the temporary name of a file, and put it and what stands beside it in place together.

    What goes beside is written under its own `unfinished` name; where nothing was, nothing stands
    in the end. All is on the disk before anything is renamed, and the file itself is renamed last:
    where it stands, all that belongs to it stands. An older file goes first, so that it never
    stands beside what is not its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file, or a folder without an ending")
    everything = [unfinished(each) for each in (path, *beside)]
    for each in everything:
        remove(each)
    try:
        yield everything[0]
        for each in filter(Path.exists, everything):
            to_disk(each)
        _put(path, beside)
    except BaseException:
        for each in everything:
            remove(each)
        raise


def _put(path: Path, beside: Sequence[Path]) -> None:
    """Rename a file and what stands beside it from their temporary names, the file last."""
    if beside:
        path.unlink(missing_ok=True)
    for each in beside:
        remove(each)
        if unfinished(each).exists():
            unfinished(each).replace(each)
    unfinished(path).replace(path)
    for folder in {each.parent for each in (path, *beside)}:
        to_disk(folder)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Have the system write a file or folder to its disk before anything is renamed."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def escaped(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of text in which no cell can be taken for a formula, and none is empty text.

    >>> escaped(pl.DataFrame({"a": ["=1+1", "-5", "-", "x"]}))["a"].to_list()
    ["'=1+1", '-5', '-', 'x']
    """
    table = flat(table)
    texts = [name for name, kind in table.schema.items() if kind in (pl.String, pl.Categorical)]
    table = table.with_columns(pl.col(texts).cast(pl.String))
    danger = [
        pl.when(pl.col(name) == "")
        .then(None)
        .when(pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(PLAIN))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    return table.with_columns(danger)


def flat(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with lists, records, bytes and the like as text.

    >>> flat(pl.DataFrame({"a": [[1, 2]], "b": [1]})).row(0)
    ('[1,2]', 1)
    """
    odd = [name for name, kind in table.schema.items() if is_odd(kind)]
    return table.with_columns(texts_of(table[name]) for name in odd) if odd else table


def is_odd(kind: pl.DataType) -> bool:
    """Return whether cells of a kind have no text of their own."""
    return kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration, pl.Unknown)


def texts_of(column: pl.Series) -> pl.Series:
    """Return a column of any kind as text: records and lists as JSON, bytes in hexadecimal.

    >>> texts_of(pl.Series("a", [bytes([1]), None])).to_list()
    ['01', None]
    """

    def plain(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    def text(value: object) -> str | None:
        if isinstance(value, list | dict):
            return json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":"))
        return None if value is None else plain(value)

    return pl.Series(column.name, [text(value) for value in column.to_list()], dtype=pl.String)


class CsvSink:
    """Writes UTF-8 CSV with cells that no program takes for formulas."""

    def __init__(self, file: BinaryIO, schema: pl.Schema, separator: str = ",") -> None:
        self.file, self.separator = file, separator
        names = escaped(pl.DataFrame({"name": schema.names()}))["name"].to_list()
        header = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        header.write_csv(file, include_header=True, separator=separator)

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""
        escaped(table).write_csv(self.file, include_header=False, separator=self.separator)

    def close(self) -> None:
        """Flush the file."""
        self.file.flush()


class SheetSink:
    """Writes one sheet of a workbook, numbers as numbers and text never as a formula."""

    MOST = 1_048_576
    WIDEST = 16_384

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        if len(schema) > self.WIDEST:
            raise SinkError(f"a sheet holds {self.WIDEST:,} columns; write CSV or Parquet instead")
        options = {"constant_memory": True, "strings_to_formulas": False,
                   "strings_to_urls": False, "strings_to_numbers": False,
                   "default_date_format": "yyyy-mm-dd", "remove_timezone": True}  # fmt: skip
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties({"created": MADE})
        self.sheet = self.book.add_worksheet()
        self.time = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.row = 0
        self._put(schema.names())

    def write(self, table: pl.DataFrame) -> None:
        """Append a table.

        Raises
        ------
        SinkError
            The sheet is full, or a cell is too long for it.
        """
        if self.row + table.height > self.MOST:
            raise SinkError(f"a sheet holds {self.MOST:,} rows; write CSV or Parquet instead")
        for row in flat(table).iter_rows():
            self._put(row)

    def _put(self, row: Any) -> None:
        for column, cell in enumerate(row):
            self._cell(column, cell)
        self.row += 1

    def _cell(self, column: int, cell: Any) -> None:
        """Write one cell so that nothing of it is lost."""
        if isinstance(cell, str):
            if len(cell) > LONGEST:
                raise SinkError(
                    f"row {self.row}: a cell of a workbook holds {LONGEST:,} characters and this "
                    f"one has {len(cell):,}; write CSV or Parquet instead"
                )
            self.sheet.write_string(self.row, column, cell)
        elif isinstance(cell, date) and cell.year < FIRST_YEAR:
            self.sheet.write_string(self.row, column, cell.isoformat())
        elif isinstance(cell, datetime):
            self.sheet.write_datetime(self.row, column, cell, self.time)
        elif isinstance(cell, bool | date) or (isinstance(cell, int) and abs(cell) < EXACT):
            self.sheet.write(self.row, column, cell)
        elif isinstance(cell, float | Decimal) and math.isfinite(cell):
            self.sheet.write_number(self.row, column, cell)
        elif cell is not None:
            self.sheet.write_string(self.row, column, str(cell))

    def close(self) -> None:
        """Finish the workbook."""
        from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

        try:
            self.book.close()
        except XlsxWriterException as error:
            raise SinkError(f"the workbook cannot be written: {error}") from None


class ParquetSink:
    """Writes Parquet as the tables come, in row groups of their size."""

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        from queue import Queue
        from threading import Thread

        self.queue: Queue[pl.DataFrame | None] = Queue(maxsize=2)
        self.errors: list[BaseException] = []
        self.ended = False
        self.thread = Thread(target=self._sink, args=(path, schema), daemon=True)
        self.thread.start()

    def _sink(self, path: Path, schema: pl.Schema) -> None:
        from polars.io.plugins import register_io_source

        def tables(*_: Any) -> Iterator[pl.DataFrame]:
            while (table := self.queue.get()) is not None:
                yield table
            self.ended = True

        try:
            register_io_source(tables, schema=schema).sink_parquet(
                path, row_group_size=GROUP, maintain_order=True, compression=COMPRESSION,
                statistics=False,
            )  # fmt: skip
        except BaseException as error:
            self.errors.append(error)
            while not self.ended:
                self.ended = self.queue.get() is None

    def write(self, table: pl.DataFrame) -> None:
        """Append a table; raises what went wrong in writing the ones before."""
        if self.errors:
            raise self.errors[0]
        self.queue.put(table)

    def close(self) -> None:
        """Finish the file; raises what went wrong in writing it."""
        self.queue.put(None)
        self.thread.join()
        if self.errors:
            raise self.errors[0]


@contextmanager
def opened_sink(path: Path, kind: str, schema: pl.Schema) -> Iterator[Sink]:
    """Give a sink of a kind that writes to a file; its owner closes the sink.

    Raises
    ------
    SinkError
        The file cannot be written, as on a full disk.
    """
    try:
        if kind == "parquet":
            yield ParquetSink(path, schema)
        elif kind == "xlsx":
            yield SheetSink(path, schema)
        else:
            with path.open("wb") as file:
                yield CsvSink(file, schema, "\t" if kind == "tsv" else ",")
    except pl.exceptions.PolarsError as error:
        raise SinkError(f"{path.name}: cannot be written: {error}") from None


def standard_output(schema: pl.Schema) -> CsvSink:
    """Return a sink that writes CSV to standard output."""
    return CsvSink(sys.stdout.buffer, schema)
