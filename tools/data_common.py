"""Shared by the builders of packaged data: sources, tables, manifest.

Tables are written so that the same sources give the same bytes: rows sorted, one row group size,
zstd at a fixed level, no statistics.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

BUILDER_VERSION = "1"
ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "src" / "advalorem" / "data"
MANIFEST = DATA / "manifest.json"


def sources() -> Path:
    """Return the folder of the source files (`ADVALOREM_SOURCES`, else `../shared/data`)."""
    folder = Path(os.environ.get("ADVALOREM_SOURCES") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        raise SystemExit(f"no source data at {folder}: set ADVALOREM_SOURCES to their folder")
    return folder


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from: who published it, and the files read.

    Files lie below the source folder, those that begin with ``tools/`` in this repository.
    """

    publisher: str
    licence: str
    date: str
    files: tuple[str, ...]
    by_way_of: str | None = None

    def describe(self) -> dict[str, object]:
        """Return the manifest entry, each file with its sha256."""
        return {
            "publisher": self.publisher,
            "by_way_of": self.by_way_of,
            "licence": self.licence,
            "date": self.date,
            "files": {name: file_sha256(_locate(name)) for name in self.files},
        }


def _locate(name: str) -> Path:
    """Return the path of a source file."""
    return (ROOT if name.startswith("tools/") else sources()) / name


@dataclass(frozen=True, slots=True)
class Table:
    """One packaged table with what the manifest says of it."""

    name: str
    title: str
    frame: pl.DataFrame
    key: tuple[str, ...]
    sources: tuple[Source, ...]
    units: dict[str, str]
    notes: tuple[str, ...] = field(default=())


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_table(table: Table, folder: Path) -> dict[str, object]:
    """Write the table as Parquet, sorted by its key, and return its manifest entry."""
    path = folder / f"{table.name}.parquet"
    frame = table.frame.sort(table.key, nulls_last=True)
    if frame.select(table.key).is_duplicated().any():
        twice = frame.filter(frame.select(table.key).is_duplicated()).head(3).rows()
        raise SystemExit(f"{table.name}: the key {table.key} is not unique, e.g. {twice}")
    frame.write_parquet(
        path, compression="zstd", compression_level=19, statistics=False, row_group_size=1 << 20
    )
    return {
        "title": table.title,
        "file": path.name,
        "rows": frame.height,
        "columns": {name: str(kind) for name, kind in frame.schema.items()},
        "key": list(table.key),
        "units": table.units,
        "notes": list(table.notes),
        "ships": True,
        "sources": [source.describe() for source in table.sources],
        "sha256": file_sha256(path),
        "bytes": path.stat().st_size,
        "builder_version": BUILDER_VERSION,
        "written_with": f"polars {pl.__version__}",
    }


def write_manifest(entries: dict[str, dict[str, object]], path: Path = MANIFEST) -> None:
    """Write the manifest, keeping the entries of tables that were not built this time."""
    known = json.loads(path.read_text("utf-8"))["tables"] if path.exists() else {}
    tables = dict(sorted({**known, **entries}.items()))
    text = json.dumps({"manifest_version": 1, "tables": tables}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")
