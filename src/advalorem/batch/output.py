"""Results and rejects of one file: written side by side, and in place only when both are whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from advalorem.batch.part import REJECTS
from advalorem.batch.sinks import (
    CsvSink,
    Sink,
    SinkError,
    opened_sink,
    placing,
    replacing,
    standard_output,
    to_disk,
    unfinished,
)
from advalorem.batch.sources import KINDS, STDIN, WORKBOOKS, Source
from advalorem.batch.store import encoded
from advalorem.batch.text import SourceError

Rejects = BinaryIO | Path | None
"""Where rejects go: a file of that path, an open file, or `OUT.rejects`."""


@dataclass(slots=True)
class LedgerParts:
    """Takes the ledgers of the parts of one file, and writes each into a folder if there is one."""

    folder: Path | None = None
    count: int = 0

    def write(self, ledger: pl.DataFrame | None) -> None:
        """Write the ledger of the next part, if ledgers are kept."""
        if self.folder is not None and ledger is not None:
            path = self.folder / f"part-{self.count:05d}.parquet"
            path.write_bytes(encoded(ledger, "parquet"))
            to_disk(path)
            self.count += 1


@dataclass(slots=True)
class Output:
    """Takes tables of results, of rejects and of ledgers, and counts the rejects."""

    sink: Sink
    file: BinaryIO
    ledger: LedgerParts = field(default_factory=LedgerParts)
    refused: int = 0
    bad: CsvSink | None = None

    def write(
        self,
        table: pl.DataFrame,
        rejects: pl.DataFrame | None = None,
        ledger: pl.DataFrame | None = None,
    ) -> None:
        """Append results, rejects and, where they are kept, lines of the ledger."""
        self.sink.write(table)
        if rejects is not None:
            self.refuse(rejects)
        self.ledger.write(ledger)

    def refuse(self, rejects: pl.DataFrame) -> None:
        """Append rejects."""
        if rejects.height:
            self.bad = self.bad or CsvSink(self.file, pl.Schema(REJECTS))
            self.bad.write(rejects)
            self.refused += rejects.height


@contextmanager
def opened_output(
    source: Source, out: str, schema: pl.Schema, rejects: Rejects = None, ledger: bool = False
) -> Iterator[Output]:
    """Give an output to write to; `-` is CSV on standard output.

    Files stand under a temporary name until all is written, and are put in place together, the
    output last. No file of rejects stands beside it where there are none, and no ledger where none
    is kept; beside standard output rejects are dropped unless told otherwise.

    Raises
    ------
    SourceError
        The output is the input, or a ledger is asked for beside standard output.
    SinkError
        The name stands for a kind of file that is not written.
    """
    if out == STDIN:
        if ledger:
            raise SourceError("a ledger stands beside a file or folder; name one with --out")
        with _opened_rejects(rejects) as file:
            yield Output(standard_output(schema), file)
        return
    path, refused = _paths(source, out, rejects)
    folder = Path(ledger_folder(out))
    beside = [refused, folder] if ledger or _is_ledger(folder) else [refused]
    with placing(path, *beside) as temporary:
        bad = unfinished(refused)
        bad.parent.mkdir(parents=True, exist_ok=True)
        with opened_sink(temporary, kind_of(path), schema) as sink, bad.open("wb") as file:
            output = Output(sink, file, _ledger_parts(folder if ledger else None))
            try:
                yield output
            finally:
                sink.close()
        if not output.refused:
            bad.unlink()


OTHER = (".json", ".jsonl", ".xml", ".html", ".htm", ".pdf", ".zip", ".gz", ".zst", ".ods", ".db",
         ".sqlite", ".feather", ".arrow", ".ipc", ".avro", ".orc", ".dta", ".sav", ".doc", ".docx",
         ".ledger", ".rejects")  # fmt: skip
"""Endings of files that are not written, and of what stands beside an output."""


def is_file(out: str) -> bool:
    """Return whether an output is one file, or standard output, and no folder of parts.

    Raises
    ------
    SinkError
        The ending is that of a kind of file that is not written.

    Examples
    --------
    >>> is_file("a.csv"), is_file("rated"), is_file("rated.2025")
    (True, False, False)
    """
    ending = Path(out).suffix.lower()
    if ending in OTHER:
        raise SinkError(
            f"{out}: files {ending} are not written; name it .csv, .tsv, .xlsx or .parquet, or "
            "without an ending for a folder of parts"
        )
    return out == STDIN or ending in KINDS


def ledger_folder(out: str) -> str:
    """Return the folder of the ledger that stands beside an output.

    >>> ledger_folder("a/out.parquet"), ledger_folder("s3://bucket/rated/")
    ('a/out.parquet.ledger', 's3://bucket/rated.ledger')
    """
    return out.rstrip("/") + ".ledger"


def _is_ledger(folder: Path) -> bool:
    """Return whether a folder holds the ledger of an earlier output and nothing else."""
    return folder.is_dir() and all(path.match("part-*.parquet") for path in folder.iterdir())


def _ledger_parts(folder: Path | None) -> LedgerParts:
    """Return what takes ledgers, into a folder under its temporary name."""
    if folder is None:
        return LedgerParts()
    unfinished(folder).mkdir(parents=True)
    return LedgerParts(unfinished(folder))


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
    refused = rejects if isinstance(rejects, Path) else path.with_name(path.name + ".rejects")
    for each in (path, refused):
        if each.exists() and Path(source.path).exists() and each.samefile(source.path):
            raise SourceError(f"{each}: is the input; write the output under another name")
    if path.absolute() == refused.absolute():
        raise SourceError(f"{refused}: is the output; write the rejects under another name")
    return path, refused


def kind_of(path: Path) -> str:
    """Return the kind of a file to write: by its ending, CSV where it says nothing.

    >>> kind_of(Path("a.parquet")), kind_of(Path("a.tsv")), kind_of(Path("a"))
    ('parquet', 'tsv', 'csv')
    """
    if path.suffix.lower() == ".tsv":
        return "tsv"
    kind = KINDS.get(path.suffix.lower(), "csv")
    if kind == "xlsx" and path.suffix.lower() != WORKBOOKS[0]:
        raise SinkError(f"{path}: workbooks are written as {WORKBOOKS[0]}; name it so")
    return kind
