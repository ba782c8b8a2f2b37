"""Where rows come from: CSV of any dialect and encoding, workbooks, Parquet, standard input.

A source gives tables of a fixed number of rows. Text files give text cells only, just as they
stand; rows whose cells do not fit the header are set aside with their reason.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from advalorem.batch.cells import iso_text
from advalorem.batch.columns import ColumnError

ROWS = 250_000
"""Rows in a part, unless told otherwise."""
SNIFF = 1 << 20
BLOCK = 1 << 20
TWO_BYTE_ZEROS = 1 / 2
"""Share of zero bytes at even or odd places from which text is taken for two-byte text."""
DELIMITERS = ",;\t|"
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


class SourceError(ValueError):
    """A file cannot be read at all; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row whose cells do not fit the header: its number from 1, why, and its cells as JSON."""

    row: int
    reason: str
    content: str


@dataclass(slots=True)
class Chunk:
    """Consecutive rows of a source: the number of each row in the file, and the misfits."""

    table: pl.DataFrame
    first_row: int
    rows: int
    numbers: list[int] | None = None
    misfits: list[Misfit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of rows: its name, kind and columns; `rows` is their count where it is known."""

    path: str
    kind: str
    schema: pl.Schema
    rows: int | None

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names()

    def chunks(self, size: int, skip: int = 0) -> Iterator[Chunk]:
        """Yield the rows in parts of `size`, leaving out the first `skip` parts."""
        if self.kind == "parquet":
            return _parquet_chunks(self, size, skip)
        rows = _cells(self)
        next(rows, None)
        return _text_chunks(self.columns, rows, size, skip)


def open_source(path: str | Path, sheet: str | None = None) -> Source:
    """Return a file, or standard input for `-`, ready to be read.

    Raises
    ------
    SourceError
        The file is missing, of no known kind, or damaged.
    """
    name = str(path)
    if name != "-" and not Path(name).exists() and "://" not in name:
        raise SourceError(f"{name}: no such file; give a CSV, XLSX or Parquet file, or a folder")
    kind = "csv" if name == "-" else KINDS.get(Path(name).suffix.lower(), "")
    if not kind:
        raise SourceError(f"{name}: of no known kind; name it .csv, .tsv, .xlsx or .parquet")
    if kind == "parquet":
        return _open_parquet(name)
    if name == "-":
        name = _spooled()
    source = Source(f"{name}\n{sheet}" if sheet else name, kind, pl.Schema(), None)
    header = next(_cells(source), [])
    return Source(source.path, kind, pl.Schema(dict.fromkeys(_header(header), pl.String())), None)


def _open_parquet(name: str) -> Source:
    try:
        scan = pl.scan_parquet(name)
        rows = int(scan.select(pl.len()).collect().item())
        return Source(name, "parquet", scan.collect_schema(), rows)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{name}: no Parquet file: {_first_line(error)}") from None


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _header(cells: Sequence[str]) -> list[str]:
    """Return the names of columns; an empty one is named by its place."""
    names = [cell.strip() or f"column_{at}" for at, cell in enumerate(cells, 1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ColumnError(f"columns {', '.join(map(repr, twice))} come twice; rename one")
    if not names:
        raise ColumnError("the file is empty; give one with a line of column names")
    return names


def _parquet_chunks(source: Source, size: int, skip: int) -> Iterator[Chunk]:
    rows = source.rows or 0
    scan = pl.scan_parquet(source.path)
    for start in range(skip * size, rows, size):
        table = scan.slice(start, size).collect()
        yield Chunk(table, start + 1, table.height)


def _text_chunks(
    names: list[str], rows: Iterator[list[str]], size: int, skip: int
) -> Iterator[Chunk]:
    """Yield tables of text; empty lines are no rows."""
    first = 1
    for number, part in enumerate(_parts((row for row in rows if row), size)):
        if number >= skip:
            yield _text_chunk(names, part, first)
        first += len(part)


def _parts(rows: Iterable[list[str]], size: int) -> Iterator[list[list[str]]]:
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part


def _text_chunk(names: list[str], part: list[list[str]], first: int) -> Chunk:
    width, misfits, numbers, sound = len(names), [], [], []
    for number, row in enumerate(part, first):
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        if len(row) == width:
            sound.append(row)
            numbers.append(number)
        else:
            reason = f"has {len(row)} cells where the header has {width}"
            misfits.append(Misfit(number, reason, json.dumps(row, ensure_ascii=False)))
    columns = list(zip(*sound, strict=True)) if sound else [()] * width
    table = pl.DataFrame(
        {
            name: pl.Series(cells, dtype=pl.String)
            for name, cells in zip(names, columns, strict=True)
        }
    )
    return Chunk(table, first, len(part), numbers if misfits else None, misfits)


def _cells(source: Source) -> Iterator[list[str]]:
    """Yield the rows of a text file or workbook as lists of texts, header first."""
    path, _, sheet = source.path.partition("\n")
    return _sheet_cells(path, sheet or None) if source.kind == "xlsx" else _csv_cells(Path(path))


def _sheet_cells(path: str, sheet: str | None) -> Iterator[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise SourceError(f"{path}: no sheet {sheet!r}; there are {', '.join(names)}")
        if not names:
            raise SourceError(f"{path}: the workbook has no sheet")
        rows = book.get_sheet_by_name(sheet or names[0]).iter_rows()
        started = False
        for row in rows:
            cells = [iso_text(cell) for cell in row]
            started = started or any(cells)
            if started:
                yield cells if any(cells) else []
    except (CalamineError, OSError) as error:
        raise SourceError(f"{path}: no workbook: {_first_line(error)}") from None


def _csv_cells(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a delimited text; it is decoded as it goes."""
    csv.field_size_limit(sys.maxsize)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter(file.read(SNIFF))
        file.seek(0)
        reader = csv.reader(_without_nulls(file), delimiter=delimiter)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise SourceError(f"{path}: line {reader.line_num}: {error}") from None


def _without_nulls(file: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a file; a lone carriage return ends a line as well."""
    for line in file:
        if "\r" in line.rstrip("\r\n"):
            yield from line.splitlines(keepends=True) if '"' not in line else [line]
        else:
            yield line


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its mark, or the first that fits the whole file.

    UTF-8 comes first; two-byte text without a mark is known by its zero bytes; the rest is read
    as Windows-1252, or Latin-1 where that leaves bytes without a letter.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in BOMS.items():
            if head.startswith(mark):
                return name if _decodes(file, name) else "latin-1"
        zeros = [head[at::2].count(0) / max(len(head) // 2, 1) for at in (0, 1)]
        if max(zeros) > TWO_BYTE_ZEROS:
            guess = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
            if _decodes(file, guess):
                return guess
        return next(name for name in ("utf-8", "cp1252", "latin-1") if _decodes(file, name))


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Return the delimiter that the first line holds most of.

    >>> _delimiter("a;b;c,d"), _delimiter("hts")
    (';', ',')
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda sign: (first.count(sign), -DELIMITERS.index(sign)))


def _spooled() -> str:
    """Return the name of a temporary file that holds standard input."""
    import atexit
    import shutil
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    atexit.register(Path(file.name).unlink, missing_ok=True)
    return file.name


def files_in(folder: Path) -> list[Path]:
    """Return the files of known kinds under a folder, in order of their names."""
    found: list[Any] = [path for path in folder.rglob("*") if path.suffix.lower() in KINDS]
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))
