"""A folder of parts, on this machine or behind a URL such as `s3://bucket/folder`.

A part is there whole or not at all: local files are written under a temporary name and renamed,
objects are put in one piece.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.batch.sinks import COMPRESSION, GROUP, UNFINISHED, CsvSink, replacing

ENDING_OF_REJECTS, ENDING_OF_SUMS = ".rejects", ".sums.json"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder by its path or URL."""

    place: str

    @property
    def remote(self) -> bool:
        """Whether the folder lies behind a URL."""
        return "://" in self.place

    def names(self) -> list[str]:
        """Return the names of the files in the folder, in order; unfinished ones are left out."""
        if self.remote:
            files, root = self._files()
            found = files.ls(root, detail=False) if files.exists(root) else []
            names = [str(path).rsplit("/", 1)[-1] for path in found]
        else:
            folder = Path(self.place)
            names = [path.name for path in folder.iterdir()] if folder.exists() else []
        return sorted(name for name in names if not name.endswith(UNFINISHED))

    def has(self, name: str) -> bool:
        """Return whether a file stands in the folder; the others are not listed."""
        if self.remote:
            files, root = self._files()
            return bool(files.exists(f"{root}/{name}"))
        return (Path(self.place) / name).exists()

    def read(self, name: str) -> bytes | None:
        """Return a file's content, None where there is no such file."""
        if self.remote:
            files, root = self._files()
            url = f"{root}/{name}"
            return bytes(files.cat_file(url)) if files.exists(url) else None
        path = Path(self.place) / name
        return path.read_bytes() if path.exists() else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file in its place, whole."""
        if self.remote:
            files, root = self._files()
            files.makedirs(root, exist_ok=True)
            files.pipe_file(f"{root}/{name}", content)
            return
        with replacing(Path(self.place) / name) as temporary:
            temporary.write_bytes(content)

    def tidy(self) -> None:
        """Remove what runs that were cut short left unfinished."""
        if not self.remote:
            for path in Path(self.place).glob(f".*{UNFINISHED}"):
                path.unlink(missing_ok=True)

    def _files(self) -> tuple[Any, str]:
        import fsspec  # type: ignore[import-untyped]

        files, root = fsspec.core.url_to_fs(self.place)
        return files, str(root).rstrip("/")


def encoded(table: pl.DataFrame, kind: str) -> bytes:
    """Return a table as the bytes of a CSV or Parquet file; equal tables give equal bytes."""
    buffer = io.BytesIO()
    if kind == "parquet":
        table.write_parquet(buffer, compression=COMPRESSION, statistics=False, row_group_size=GROUP)
    else:
        CsvSink(buffer, table.schema).write(table)
    return buffer.getvalue()
