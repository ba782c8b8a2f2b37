"""Where rows come from: CSV of any dialect and encoding, workbooks, Parquet, standard input.

A source gives tables of a fixed number of rows. Text files give text cells only, just as they
stand; rows whose cells do not fit the header are set aside with their reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.batch.columns import ColumnError, is_header
from advalorem.batch.text import Broken, Lines, SourceError, delimiter_of, fits, open_text, records
from advalorem.batch.workbooks import LARGEST, other_sheets, sheet_height, sheet_rows, unpacked

ROWS = 250_000
"""Rows in a part, unless told otherwise."""
PREFACE = 30
"""Rows above the header that a report may have."""
SAMPLE = 1 << 16
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")
KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet"}
KINDS |= dict.fromkeys(WORKBOOKS, "xlsx")
MAGIC = {b"PAR1": ".parquet", b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls"}
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
STDIN = "-"
REACHED = ("file", "s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "http", "https", "hf")
"""Schemes of URLs that Polars reads from by itself, the parts that are needed and no more."""


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
    """A file of rows: its path, name, kind and columns.

    `rows` is their count where it is known, and `about` an estimate of it. Of text, `delimiter` is
    what sets off cells; `preface` counts the rows above the header. `other_sheets` are those of a
    workbook that are not read though none was asked for.
    """

    path: str
    kind: str
    schema: pl.Schema
    rows: int | None
    name: str = ""
    sheet: str | None = None
    delimiter: str = ","
    preface: int = 0
    about: int | None = None
    other_sheets: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names()

    def chunks(self, size: int, skip: int = 0) -> Iterator[Chunk]:
        """Yield the rows in parts of `size`, leaving out the first `skip` parts.

        A file without rows gives one empty part.
        """
        if self.kind == "parquet":
            return _parquet_chunks(self, size, skip)
        return _text_chunks(self.columns, _data(self), size, skip)


def open_source(
    path: str | Path, sheet: str | None = None, told: Mapping[str, str] | None = None
) -> Source:
    """Return a file, or standard input for `-`, ready to be read.

    `told` maps columns to fields, as for `advalorem.batch.columns.recognise`; it helps to find
    the header of a report that has a title above it.

    Raises
    ------
    SourceError
        The file is missing, of no known kind, or damaged.
    """
    name = str(path)
    if name == STDIN:
        path, name = _spooled(), "stdin"
    elif not Path(name).exists() and "://" not in name:
        raise SourceError(f"{name}: no such file; give a CSV, XLSX or Parquet file, or a folder")
    kind = KINDS.get(Path(path).suffix.lower(), "")
    if not kind:
        raise SourceError(f"{name}: of no known kind; name it .csv, .tsv, .xlsx or .parquet")
    if sheet is not None and kind != "xlsx":
        raise SourceError(f"{name}: is no workbook and has no sheets; leave out --sheet")
    _check_content(name, Path(path), kind)
    known = Source(str(path), kind, pl.Schema(), None, name, sheet)
    try:
        return _open_parquet(known) if kind == "parquet" else _open_text(known, told or {})
    except ColumnError as error:
        raise ColumnError(f"{name}: {error}") from None


def _check_content(name: str, path: Path, kind: str) -> None:
    """Raise where a file holds something else than its name says, or unpacks to too much."""
    if kind == "parquet" and "://" in name:
        return
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    packed = next((what for mark, what in PACKED.items() if head.startswith(mark)), None)
    if packed is not None:
        raise SourceError(f"{name}: is packed with {packed}; unpack it first")
    held = MAGIC.get(head[:4])
    if kind == "csv" and held is not None:
        raise SourceError(f"{name}: holds no text; its content is that of {held}, name it so")
    if kind != "xlsx" or not head:
        return
    if KINDS.get(held or "") != "xlsx":
        page = b"<html" in head[:1000].lower()
        what = (
            "a web page; open it and save it as" if page else "no workbook; if it is text, name it"
        )
        raise SourceError(f"{name}: is {what} .csv")
    if unpacked(path) > LARGEST:
        raise SourceError(f"{name}: unpacks to more than {LARGEST >> 30} GB; save it as CSV")


@contextmanager
def _readable(source: Source, what: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file, even inside a library, into one message."""
    try:
        yield
    except (SourceError, ColumnError, OSError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise SourceError(f"{source.name}: {what}: {_first_line(error)}") from None


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _open_parquet(source: Source) -> Source:
    with _readable(source, "no Parquet file"):
        scan = _scan(source)
        rows = int(scan.select(pl.len()).collect().item())
        schema = scan.collect_schema()
        if not schema:
            raise ColumnError("the file has no columns; give one that names them")
        return replace(source, schema=schema, rows=rows)


def _scan(source: Source) -> pl.LazyFrame:
    """Return a Parquet file to read from; what Polars does not reach is opened by fsspec."""
    scheme, _, rest = source.path.partition("://")
    if rest and scheme not in REACHED:
        import fsspec  # type: ignore[import-untyped]

        with fsspec.open(source.path, "rb") as file:
            return pl.scan_parquet(file.read())
    return pl.scan_parquet(source.path, glob=bool(rest))


def _open_text(source: Source, told: Mapping[str, str]) -> Source:
    """Return a text file or workbook with its header found."""
    if source.kind == "csv":
        source = replace(source, delimiter=_delimiter(source, told))
    first: list[list[str]] = []
    for row in islice(_rows(source), PREFACE):
        if isinstance(row, list):
            first.append(row)
            if is_header(row, told):
                break
    found = len(first) - 1 if first and is_header(first[-1], told) else 0
    names = _header(first[found] if first else [])
    schema = pl.Schema(dict.fromkeys(names, pl.String()))
    source = replace(source, schema=schema, preface=found, about=_about(source))
    return replace(source, other_sheets=_others(source))


def _others(source: Source) -> tuple[str, ...]:
    """Return the sheets of a workbook that are not read though none was asked for."""
    return other_sheets(source.path) if source.kind == "xlsx" and source.sheet is None else ()


def _delimiter(source: Source, told: Mapping[str, str]) -> str:
    """Return what sets off cells: as in the line that looks like a header, or the first one."""
    with open_text(Path(source.path)) as file:
        lines = [line for line in islice(_short(file), PREFACE) if line.strip()]
    for line in lines:
        sign = delimiter_of(line)
        cells = next(records(Lines(iter([line])), sign), [])
        if isinstance(cells, list) and is_header(cells, told):
            return sign
    return delimiter_of(lines[0]) if lines else ","


def _short(file: Any) -> Iterator[str]:
    """Yield the lines of a file, of long ones only the start."""
    while line := file.readline(SAMPLE):
        yield line


def _about(source: Source) -> int | None:
    """Return an estimate of the rows: of a text by the length of its first lines."""
    path = Path(source.path)
    if source.kind == "xlsx":
        return sheet_height(source.path, source.sheet)
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    lines = sample.count(b"\n") or sample.count(b"\r") or 1
    return int(path.stat().st_size / max(len(sample), 1) * lines)


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
    for start in range(skip * size, max(rows, 1), size):
        with _readable(source, "damaged Parquet file"):
            table = _scan(source).slice(start, size).collect()
        yield Chunk(table, start + 1, table.height)


def _text_chunks(
    names: list[str], rows: Iterator[list[str] | Broken], size: int, skip: int
) -> Iterator[Chunk]:
    """Yield tables of text; empty lines are no rows."""
    first = 1
    for number, part in enumerate(_parts((row for row in rows if row), size)):
        if number >= skip:
            yield _text_chunk(names, part, first)
        first += len(part)


def _parts(rows: Iterable[list[str] | Broken], size: int) -> Iterator[list[list[str] | Broken]]:
    """Yield lists of so many rows; one empty list where there are none."""
    rows = iter(rows)
    yield list(islice(rows, size))
    while part := list(islice(rows, size)):
        yield part


def _text_chunk(names: list[str], part: list[list[str] | Broken], first: int) -> Chunk:
    width, misfits, numbers, sound = len(names), [], [], []
    for number, row in enumerate(part, first):
        if isinstance(row, list) and fits(row, width):
            sound.append(row[:width])
            numbers.append(number)
        else:
            misfits.append(_misfit(number, row, width))
    columns = list(zip(*sound, strict=True)) if sound else [()] * width
    cells = zip(names, columns, strict=True)
    table = pl.DataFrame({name: pl.Series(each, dtype=pl.String) for name, each in cells})
    return Chunk(table, first, len(part), numbers if misfits else None, misfits)


def _misfit(number: int, row: list[str] | Broken, width: int) -> Misfit:
    if isinstance(row, Broken):
        return Misfit(number, row.reason, json.dumps(row.text, ensure_ascii=False))
    reason = f"has {len(row)} cells where the header has {width}"
    return Misfit(number, reason, json.dumps(row, ensure_ascii=False))


def _rows(source: Source) -> Iterator[list[str] | Broken]:
    """Yield all rows of a text file or workbook that are not empty."""
    if source.kind == "xlsx":
        return _sheet_rows(source)
    return _csv_rows(source, 0)


def _data(source: Source) -> Iterator[list[str] | Broken]:
    """Yield the rows below the header."""
    if source.kind == "xlsx":
        return islice(_sheet_rows(source), source.preface + 1, None)
    return _csv_rows(source, len(source.columns))


def _csv_rows(source: Source, width: int) -> Iterator[list[str] | Broken]:
    """Yield the records of a text; with a width, only those below the header."""
    with open_text(Path(source.path)) as file:
        lines = Lines(iter(file))
        rows = (row for row in records(lines, source.delimiter) if row)
        if not width:
            yield from rows
            return
        above = 0
        for row in rows:
            above += isinstance(row, list)
            if above > source.preface:
                break
        yield from records(lines, source.delimiter, width)


def _sheet_rows(source: Source) -> Iterator[list[str]]:
    """Yield the rows of a workbook's sheet that are not empty, values only."""
    with _readable(source, "no workbook"):
        yield from sheet_rows(source.path, source.sheet)


def _spooled() -> Path:
    """Return the path of a temporary file that holds standard input, named by its kind."""
    import atexit
    import shutil
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    path = Path(file.name)
    with path.open("rb") as held:
        ending = MAGIC.get(held.read(4), ".csv")
    path = path.rename(path.with_suffix(ending))
    atexit.register(path.unlink, missing_ok=True)
    return path


def urls_in(folder: str) -> list[str]:
    """Return the URLs of the Parquet files under a folder behind a URL, in order."""
    import fsspec

    files, root = fsspec.core.url_to_fs(folder)
    found = [str(path) for path in files.find(root) if str(path).endswith(".parquet")]
    return sorted(files.unstrip_protocol(path) for path in found)


def files_in(folder: Path, out: Path | None = None) -> list[Path]:
    """Return the files of known kinds under a folder, in order of their names.

    Hidden files, locks of open workbooks (`~$`) and what lies under `out` or its ledger are left
    aside.
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() in KINDS]
    made = [] if out is None else [out.resolve(), Path(f"{out.resolve()}.ledger")]
    found = [path for path in found if not any(path.resolve().is_relative_to(m) for m in made)]
    found = [path for path in found if not path.name.startswith((".", "~$"))]
    return sorted(path for path in found if path.is_file())
