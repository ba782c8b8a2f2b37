"""The ordinary rates of an importer as arrays: column 1, column 2 and claimed preferences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from advalorem.schedule.model import (
    AD_VALOREM,
    COMPOUND,
    FREE,
    NONE,
    OTHER,
    SPECIFIC,
    Int,
    Mask,
    Ordinary,
)

UNLISTED = 9_999_999_999
ITEM_DIGITS = 8
FULL_DIGITS = 10
DATA = Path(__file__).parent.parent / "data"
_KINDS = {
    "free": FREE,
    "ad_valorem": AD_VALOREM,
    "specific": SPECIFIC,
    "compound": COMPOUND,
}
_COLUMNS = {"general": ("general", "g"), "column2": ("other", "o")}


@dataclass(frozen=True, slots=True)
class Lines:
    """The tariff lines in force on a day: full codes, ascending, and their rows in the table."""

    codes: Int
    rows: pl.DataFrame


def packaged_lines(importer: str) -> Path | None:
    """Return the packaged nomenclature of an importer, or None where none is held."""
    path = DATA / f"nomenclature_{importer.lower()}.parquet"
    return path if path.exists() else None


@lru_cache(maxsize=4)
def _table(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


def lines_on(importer: str, on: date) -> Lines:
    """Return the lines of an importer's nomenclature on a day.

    Raises
    ------
    FileNotFoundError
        No nomenclature of this importer is packaged.
    """
    path = packaged_lines(importer)
    if path is None:
        raise FileNotFoundError(f"no nomenclature held for importer {importer}")
    table = _table(path)
    live = (pl.col("valid_from") <= on) & (
        pl.col("valid_until").is_null() | (pl.col("valid_until") > on)
    )
    rows = table.filter(live).sort("hts")
    return Lines(rows["hts"].to_numpy(), rows)


def lines_of_lists(codes: Iterable[str]) -> Lines:
    """Return the lines that product lists name, and one last line for any code not among them.

    For importers whose schedule is not held. Codes shorter than a tariff item are left out.

    Examples
    --------
    >>> lines_of_lists(["2203.00.00".replace(".", "")]).codes
    array([2203000000, 9999999999])
    """
    full = {int(code.ljust(10, "0")) for code in codes if len(code) >= ITEM_DIGITS}
    numbers = np.array([*sorted(full), UNLISTED], dtype=np.int64)
    return Lines(numbers, pl.DataFrame({"hts": numbers}))


def with_numbers(lines: Lines, codes: Iterable[str]) -> Lines:
    """Return the lines and the ten-digit numbers among `codes` that are newer than they.

    A new number takes the rates of the first line under its eight-digit code; one without such a
    line is left out.
    """
    wanted = np.array(sorted({int(code) for code in codes if len(code) == FULL_DIGITS}))
    fresh = np.setdiff1d(wanted, lines.codes).astype(np.int64)
    place = np.minimum(np.searchsorted(lines.codes, fresh // 100 * 100), len(lines.codes) - 1)
    sibling = lines.codes[place] // 100 == fresh // 100
    if not sibling.any():
        return lines
    copies = lines.rows[place[sibling]].with_columns(hts=pl.Series(fresh[sibling]))
    rows = pl.concat([lines.rows, copies]).sort("hts")
    return Lines(rows["hts"].to_numpy(), rows)


def nomenclature_days(importer: str) -> set[date]:
    """Return the days on which a line of the importer's nomenclature begins or ends."""
    path = packaged_lines(importer)
    if path is None:
        return set()
    table = _table(path)
    days = [*table["valid_from"].unique(), *table["valid_until"].drop_nulls().unique()]
    return set(days)


def column(rows: pl.DataFrame, which: str) -> Ordinary:
    """Return a rate column (`general` or `column2`) as arrays over lines."""
    text, prefix = _COLUMNS[which]
    if text not in rows.columns:
        return no_column(len(rows))
    return Ordinary(
        kind=_codes(rows[f"{prefix}_kind"], _KINDS, OTHER),
        rate=_millionths(rows[f"{prefix}_ad_valorem"]),
        specific=_millionths(rows[f"{prefix}_specific"]),
        **_units(_whole_unit(rows, f"{prefix}_specific")),
        **_texts(rows[text]),
    )


def no_column(size: int) -> Ordinary:
    """Return a column in which no rate is held."""
    zero = np.zeros(size, dtype=np.int64)
    return Ordinary(np.full(size, NONE), zero, zero, zero, ("",), ("",), zero)


def free_column(size: int) -> Ordinary:
    """Return a column in which every line is free."""
    zero = np.zeros(size, dtype=np.int64)
    return Ordinary(np.full(size, FREE), zero, zero, zero, ("",), ("Free",), zero)


def _codes(series: pl.Series, words: dict[str, int], missing: int) -> Int:
    return series.replace_strict(words, default=missing, return_dtype=pl.Int64).to_numpy()


def _millionths(series: pl.Series) -> Int:
    return (series.fill_null(0.0) * 1_000_000).round().cast(pl.Int64).to_numpy()


def _numbered(series: pl.Series) -> tuple[Int, tuple[str, ...]]:
    words = series.fill_null("").unique(maintain_order=True).to_list()
    numbers = {word: number for number, word in enumerate(words)}
    return _codes(series.fill_null(""), numbers, 0), tuple(words)


def _whole_unit(rows: pl.DataFrame, name: str) -> pl.Series:
    """Return units with what is weighed or counted where that is not the good itself."""
    unit, of = pl.col(f"{name}_unit"), pl.col(f"{name}_of")
    words = pl.when(of.is_null()).then(unit).otherwise(pl.concat_str(unit, of, separator=" of "))
    return rows.select(words.alias(name))[name]


def _units(series: pl.Series) -> dict[str, Any]:
    unit, units = _numbered(series)
    return {"unit": unit, "units": units}


def _texts(series: pl.Series) -> dict[str, Any]:
    text_id, text = _numbered(series)
    return {"text_id": text_id, "text": text}


@dataclass(frozen=True, slots=True)
class SpecialRates:
    """All rates of the special column: one row per special text and programme."""

    programme: tuple[str, ...]
    special_id: Int
    column: Ordinary


@lru_cache(maxsize=1)
def special_rates() -> SpecialRates:
    """Return the packaged rates of the special column as arrays; row 0 stands for none."""
    table = pl.read_parquet(DATA / "special_rates.parquet")
    none = pl.DataFrame({"special_id": [-1], "programme": [""], "rate": [""]})
    table = pl.concat([none.cast({"special_id": pl.Int16}), table], how="diagonal")
    column = Ordinary(
        kind=_codes(table["rate_kind"], _KINDS, OTHER),
        rate=_millionths(table["rate_ad_valorem"]),
        specific=_millionths(table["rate_specific"]),
        **_units(_whole_unit(table, "rate_specific")),
        text=tuple(table["rate"]),
        text_id=np.arange(len(table)),
    )
    return SpecialRates(tuple(table["programme"]), table["special_id"].to_numpy(), column)


def listed(rows: pl.DataFrame, spi: Sequence[str]) -> tuple[Mask, Ordinary]:
    """Return which lines list one of the SPI codes, and the rate column they give under it.

    The first code of `spi` that a line lists decides.
    """
    if "special_id" not in rows.columns:
        return np.zeros(len(rows), dtype=bool), no_column(len(rows))
    rates = special_rates()
    best = np.zeros(int(rates.special_id.max()) + 1, dtype=np.int64)
    for code in reversed(spi):
        hit = np.array([n for n, word in enumerate(rates.programme) if word == code], dtype=int)
        best[rates.special_id[hit]] = hit
    pick = best[rows["special_id"].fill_null(0).to_numpy()]
    pick = np.where(rows["special_id"].is_null().to_numpy(), 0, pick)
    return pick > 0, _picked(rates.column, pick)


def _picked(column: Ordinary, pick: Int) -> Ordinary:
    """Return the rows of a rate column by number."""
    return replace(
        column,
        kind=column.kind[pick],
        rate=column.rate[pick],
        specific=column.specific[pick],
        unit=column.unit[pick],
        text_id=column.text_id[pick],
    )
