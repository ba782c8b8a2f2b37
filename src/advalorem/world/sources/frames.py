"""Long tables from CSV and Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from advalorem.world.errors import InputError

__all__ = ["column", "labels_of", "numbers", "read_table"]


def read_table(path: Path) -> Any:
    """Return a CSV or Parquet file as a `polars.DataFrame`.

    Raises
    ------
    InputError
        When the file is missing or not readable as a table.
    """
    import polars as pl

    if not path.is_file():
        raise InputError(path.stem, str(path), "file not found", "check the path")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(
            path.stem, str(path), f"not readable: {error}", "use CSV or Parquet"
        ) from error


def column(frame: Any, table: str, name: str) -> Any:
    """Return one column, or raise naming the columns that are there.

    Raises
    ------
    InputError
        When the column is missing.
    """
    if name not in frame.columns:
        raise InputError(
            table, f"column {name}", "missing", f"the table has {', '.join(frame.columns)}"
        )
    return frame[name]


def labels_of(frame: Any, table: str, name: str) -> list[str]:
    """Return a label column as text.

    Raises
    ------
    InputError
        When a label is empty.
    """
    import polars as pl

    values = column(frame, table, name).cast(pl.String).to_list()
    for row, value in enumerate(values, start=1):
        if value is None or not value.strip():
            raise InputError(table, f"row {row}, column {name}", "empty label", "fill it in")
    return [value.strip() for value in values]


def numbers(frame: Any, table: str, name: str) -> np.ndarray:
    """Return a number column; empty cells become NaN, which the caller refuses by label.

    Raises
    ------
    InputError
        When a cell is not a number.
    """
    import polars as pl

    values = column(frame, table, name)
    cast = values.cast(pl.Float64, strict=False)
    wrong = cast.is_null() & values.is_not_null()
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise InputError(
            table, f"row {row + 1}, column {name}", f"{values[row]!r} is not a number", "correct it"
        )
    return np.asarray(cast.fill_null(float("nan")).to_numpy(), dtype=float)
