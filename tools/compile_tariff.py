"""Compile the nomenclature tables into the form that a single question loads.

Run after the tables are rebuilt: `make data` does. A test holds the two equal.
"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np
import polars as pl

from advalorem.law.model import OPEN
from advalorem.schedule.model import NONE, OTHER
from advalorem.schedule.store import (
    DATA,
    KINDS,
    PackedColumn,
    PackedTariff,
    PackedWords,
    pack,
    path_of,
)

IMPORTERS = ("US", "CA")


def main() -> None:
    """Write the tariff and words of every importer with a packaged nomenclature."""
    for importer in IMPORTERS:
        for what, packed in (("tariff", tariff(importer)), ("words", words(importer))):
            path = path_of(importer, what)
            path.write_bytes(msgspec.msgpack.encode(packed))
            print(f"{path.name}: {path.stat().st_size:,} bytes")


def tariff(importer: str) -> PackedTariff:
    """Return the packed lines and rates of an importer."""
    table = pl.read_parquet(DATA / f"nomenclature_{importer.lower()}.parquet").sort(
        "hts", "valid_from"
    )
    special = pl.read_parquet(DATA / "special_rates.parquet")
    none = pl.DataFrame({"special_id": [-1], "programme": [""], "rate": [""]})
    special = pl.concat([none.cast({"special_id": pl.Int16}), special], how="diagonal")
    held = "special_id" in table.columns
    ids = table["special_id"].fill_null(-1) if held else pl.Series([-1] * len(table))
    return PackedTariff(
        hts=pack(table["hts"].to_numpy()),
        digits=pack(table["digits"].to_numpy()),
        valid_from=pack(_days(table["valid_from"])),
        valid_until=pack(_days(table["valid_until"])),
        special=pack(ids.to_numpy()),
        general=column(table, "general", "g"),
        column2=column(table, "other", "o"),
        special_rates=column(special, "rate", "rate"),
        special_of=pack(special["special_id"].to_numpy()),
        programmes=special["programme"].to_list(),
    )


def words(importer: str) -> PackedWords:
    """Return the packed descriptions of an importer's lines."""
    table = pl.read_parquet(DATA / f"nomenclature_{importer.lower()}_text.parquet")
    return PackedWords(
        code=pack(table["code"].to_numpy()),
        digits=pack(table["digits"].to_numpy()),
        valid_from=pack(_days(table["valid_from"])),
        path=table["path"].to_list(),
    )


def column(table: pl.DataFrame, text: str, prefix: str) -> PackedColumn:
    """Return one rate column packed; no rate held where the table lacks it."""
    if text not in table.columns:
        zero = np.zeros(len(table), dtype=np.int64)
        return PackedColumn(
            pack(np.full(len(table), NONE)), *[pack(zero)] * 5,
            [""], [""],
        )  # fmt: skip
    unit, units = _numbered(_whole_unit(table, f"{prefix}_specific"))
    text_id, texts = _numbered(table[text])
    kind = table[f"{prefix}_kind"].replace_strict(KINDS, default=OTHER, return_dtype=pl.Int64)
    thirds = (table[f"{prefix}_ad_valorem"].fill_null(0.0) * 3_000_000).round().cast(pl.Int64)
    return PackedColumn(
        kind=pack(kind.to_numpy()),
        rate=pack((thirds // 3).to_numpy()),
        thirds=pack((thirds % 3).to_numpy()),
        specific=pack(_millionths(table[f"{prefix}_specific"])),
        unit=pack(unit),
        text=pack(text_id),
        units=units,
        texts=texts,
    )


def _days(series: pl.Series) -> np.ndarray:
    epoch = date(1970, 1, 1).toordinal()
    days = series.to_physical().cast(pl.Int64) + epoch
    return days.fill_null(OPEN).to_numpy()


def _millionths(series: pl.Series) -> np.ndarray:
    return (series.fill_null(0.0) * 1_000_000).round().cast(pl.Int64).to_numpy()


def _whole_unit(table: pl.DataFrame, name: str) -> pl.Series:
    """Return units with what is weighed or counted where that is not the good itself."""
    unit, of = pl.col(f"{name}_unit"), pl.col(f"{name}_of")
    words = pl.when(of.is_null()).then(unit).otherwise(pl.concat_str(unit, of, separator=" of "))
    return table.select(words.alias(name))[name]


def _numbered(series: pl.Series) -> tuple[np.ndarray, list[str]]:
    filled = series.fill_null("")
    words = filled.unique(maintain_order=True).to_list()
    numbers = {word: number for number, word in enumerate(words)}
    ids = filled.replace_strict(numbers, return_dtype=pl.Int64)
    return ids.to_numpy(), words


if __name__ == "__main__":
    main()
