"""Results and rejects of one file: written side by side, and in place only when both are whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

import polars as pl

from advalorem.batch.part import REJECTS
from advalorem.batch.sinks import (
    CsvSink,
    Sink,
    SinkError,
    opened_sink,
    replacing,
    standard_output,
    unfinished,
)
from advalorem.batch.sources import KINDS, STDIN, WORKBOOKS, Source, SourceError
from advalorem.batch.store import encoded

Rejects = BinaryIO | Path | None
"""Where rejects go: a file of that path, an open file, or `OUT.rejects`."""


@dataclass(slots=True)
class Output:
    """Takes tables of results and of rejects, and counts the rejects."""

    sink: Sink
    file: BinaryIO
    refused: int = 0
    bad: CsvSink | None = None

    def write(self, table: pl.DataFrame, rejects: pl.DataFrame) -> None:
        """Append results and rejects."""
        self.sink.write(table)
        if rejects.height:
            self.bad = self.bad or CsvSink(self.file, pl.Schema(REJECTS))
            self.bad.write(rejects)
            self.refused += rejects.height


@contextmanager
def opened_output(
    source: Source, out: str, schema: pl.Schema, rejects: Rejects = None
) -> Iterator[Output]:
    """Give an output to write to; `-` is CSV on standard output.

    Files stand under a temporary name until all is written. A file of rejects without rows is
    removed; beside standard output rejects are dropped unless told otherwise.

    Raises
    ------
    SourceError
        The output is the input.
    SinkError
        The name stands for a kind of file that is not written.
    """
    if out == STDIN:
        with _opened_rejects(rejects) as file:
            yield Output(standard_output(schema), file)
        return
    path, refused = _paths(source, out, rejects)
    with (
        replacing(path) as temporary,
        replacing(refused) as bad,
        opened_sink(temporary, kind_of(path), schema) as sink,
        bad.open("wb") as file,
    ):
        output = Output(sink, file)
        try:
            yield output
        finally:
            sink.close()
    if not output.refused:
        refused.unlink(missing_ok=True)


def ledger_folder(out: str) -> str:
    """Return the folder of the ledger that stands beside an output.

    >>> ledger_folder("a/out.parquet"), ledger_folder("s3://bucket/rated/")
    ('a/out.parquet.ledger', 's3://bucket/rated.ledger')
    """
    return out.rstrip("/") + ".ledger"


@dataclass(slots=True)
class LedgerParts:
    """Takes the ledgers of the parts of one file, and writes each into a folder."""

    folder: Path | None
    count: int = 0

    def write(self, ledger: pl.DataFrame | None) -> None:
        """Write the ledger of the next part, if ledgers are kept."""
        if self.folder is not None and ledger is not None:
            path = self.folder / f"part-{self.count:05d}.parquet"
            path.write_bytes(encoded(ledger, "parquet"))
            self.count += 1


@contextmanager
def opened_ledger(out: str, kept: bool) -> Iterator[LedgerParts]:
    """Give what takes the ledgers of one file's parts; their folder is in place when all are.

    Raises
    ------
    SourceError
        A ledger is asked for beside standard output.
    """
    if not kept:
        yield LedgerParts(None)
        return
    if out == STDIN:
        raise SourceError("a ledger stands beside a file or folder; name one with --out")
    folder = Path(ledger_folder(out))
    temporary = unfinished(folder)
    rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield LedgerParts(temporary)
        rmtree(folder, ignore_errors=True)
        temporary.replace(folder)
    finally:
        rmtree(temporary, ignore_errors=True)


@contextmanager
def _opened_rejects(rejects: Rejects) -> Iterator[BinaryIO]:
    if isinstance(rejects, Path):
        with replacing(rejects) as bad, bad.open("wb") as file:
            yield file
    else:
        yield rejects or io.BytesIO()


def _paths(source: Source, out: str, rejects: Rejects) -> tuple[Path, Path]:
    """Return where results and rejects go."""
    path = Path(out)
    if path.exists() and Path(source.path).exists() and path.samefile(source.path):
        raise SourceError(f"{out}: is the input; write the output under another name")
    return path, rejects if isinstance(rejects, Path) else path.with_name(path.name + ".rejects")


def kind_of(path: Path) -> str:
    """Return the kind of a file to write: by its ending, CSV where it says nothing.

    >>> kind_of(Path("a.parquet")), kind_of(Path("a"))
    ('parquet', 'csv')
    """
    kind = KINDS.get(path.suffix.lower(), "csv")
    if kind == "xlsx" and path.suffix.lower() != WORKBOOKS[0]:
        raise SinkError(f"{path}: workbooks are written as {WORKBOOKS[0]}; name it so")
    return kind
