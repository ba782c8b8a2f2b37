"""Where results go: written under a temporary name, and renamed when complete."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import polars as pl

UNFINISHED = ".unfinished"
GROUP = 250_000
FORMULA = r"^[=+\-@\t\r]"
MADE = datetime(1980, 1, 1)
"""Day of making that workbooks state, so that equal results are equal files."""
NUMBER = r"^[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?$"


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
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        _to_disk(temporary)
        temporary.replace(path)
        _to_disk(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _to_disk(path: Path) -> None:
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

    >>> escaped(pl.DataFrame({"a": ["=1+1", "-5", "x"]}))["a"].to_list()
    ["'=1+1", '-5', 'x']
    """
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    danger = [
        pl.when(pl.col(name) == "")
        .then(None)
        .when(pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(NUMBER))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    return table.with_columns(danger)


class CsvSink:
    """Writes UTF-8 CSV with cells that no program takes for formulas."""

    def __init__(self, file: BinaryIO, schema: pl.Schema) -> None:
        self.file = file
        names = escaped(pl.DataFrame({"name": schema.names()}))["name"].to_list()
        header = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        header.write_csv(file, include_header=True)

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""
        escaped(table).write_csv(self.file, include_header=False)

    def close(self) -> None:
        """Flush the file."""
        self.file.flush()


class SheetSink:
    """Writes one sheet of a workbook, numbers as numbers and text never as a formula."""

    MOST = 1_048_576

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        options = {"constant_memory": True, "strings_to_formulas": False,
                   "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties({"created": MADE})
        self.sheet = self.book.add_worksheet()
        self.row = 0
        self._put(schema.names())

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""
        if self.row + table.height > self.MOST:
            raise ValueError(f"a sheet holds {self.MOST} rows; write CSV or Parquet instead")
        for row in table.iter_rows():
            self._put(row)

    def _put(self, row: Any) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                self.sheet.write_string(self.row, column, cell[:32_767])
            elif cell is not None:
                self.sheet.write(self.row, column, cell)
        self.row += 1

    def close(self) -> None:
        """Finish the workbook."""
        self.book.close()


class ParquetSink:
    """Writes Parquet as the tables come, in row groups of their size."""

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        from queue import Queue
        from threading import Thread

        self.queue: Queue[pl.DataFrame | None] = Queue(maxsize=2)
        self.errors: list[BaseException] = []
        self.thread = Thread(target=self._sink, args=(path, schema), daemon=True)
        self.thread.start()

    def _sink(self, path: Path, schema: pl.Schema) -> None:
        from polars.io.plugins import register_io_source

        def tables(*_: Any) -> Iterator[pl.DataFrame]:
            while (table := self.queue.get()) is not None:
                yield table

        try:
            register_io_source(tables, schema=schema).sink_parquet(
                path, row_group_size=GROUP, maintain_order=True, compression="zstd",
                compression_level=1, statistics=False,
            )  # fmt: skip
        except BaseException as error:
            self.errors.append(error)
            while self.queue.get() is not None:
                continue

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""
        self.queue.put(table)

    def close(self) -> None:
        """Finish the file; raises what went wrong in writing it."""
        self.queue.put(None)
        self.thread.join()
        if self.errors:
            raise self.errors[0]


def open_sink(path: Path, kind: str, schema: pl.Schema) -> tuple[Sink, Callable[[], None]]:
    """Return a sink of a kind, and what closes its file."""
    if kind == "parquet":
        return ParquetSink(path, schema), lambda: None
    if kind == "xlsx":
        return SheetSink(path, schema), lambda: None
    file = path.open("wb")
    return CsvSink(file, schema), file.close


def standard_output(schema: pl.Schema) -> CsvSink:
    """Return a sink that writes CSV to standard output."""
    return CsvSink(sys.stdout.buffer, schema)
