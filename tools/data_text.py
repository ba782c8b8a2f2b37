"""Build the words of the nomenclature: descriptions and reporting units, by edition held."""

import csv
from datetime import date
from pathlib import Path

import polars as pl

from data_common import sources

EDITIONS = {
    "hts_2025_basic": date(2025, 1, 1),
    "hts_2026_basic": date(2026, 1, 1),
    "hts_2026_rev10": date(2026, 6, 8),
}
UNITS = Path(__file__).with_name("units.csv")


def read_editions() -> pl.DataFrame:
    """Return every numbered line of the editions held with its cleaned text."""
    parts = [_read(name, day) for name, day in EDITIONS.items()]
    return pl.concat(parts).filter(~pl.col("hts").str.starts_with("99"))


def _read(name: str, day: date) -> pl.DataFrame:
    """Read one edition."""
    frame = pl.read_parquet(sources() / "us" / "hts" / f"{name}.parquet")
    return frame.filter(pl.col("digits") > 0).select(
        "hts",
        pl.col("digits").cast(pl.Int8),
        pl.lit(day).alias("edition"),
        _clean("description"),
        _clean("description_path").alias("path"),
        _clean("units"),
    )


def _clean(column: str) -> pl.Expr:
    """Strip markup and doubled blanks."""
    plain = pl.col(column).fill_null("").str.replace_all(r"<[^>]*>", "")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def padded(code: pl.Expr) -> pl.Expr:
    """Return a code of 4 to 10 digits as a ten-digit integer, filled with zeros."""
    return code.str.pad_end(10, "0").cast(pl.Int64)


def build_text(editions: pl.DataFrame) -> pl.DataFrame:
    """Return descriptions by code and span of editions with the same text.

    A line's first text held counts from the first day. A later text counts from the last day that a
    change record gives for the line since the edition before, else from the edition itself.
    """
    frame = editions.unique(["hts", "edition"], keep="first", maintain_order=True)
    frame = frame.sort("hts", "edition").with_columns(
        (pl.col("path") != pl.col("path").shift().over("hts")).fill_null(True).alias("new"),
        pl.col("edition").shift().over("hts").alias("before"),
    )
    recorded = frame.join(_recorded_days(), on="hts", how="left").filter(
        pl.col("day").is_between("before", "edition", closed="right")
    )
    recorded = recorded.group_by("hts", "edition").agg(pl.col("day").max())
    frame = frame.filter("new").join(recorded, on=["hts", "edition"], how="left")
    frame = frame.with_columns(
        pl.when(pl.col("before").is_null())
        .then(pl.lit(min(EDITIONS.values())))
        .otherwise(pl.coalesce("day", "edition"))
        .alias("valid_from")
    )
    return frame.select(
        padded(pl.col("hts")).alias("code"), "digits", "valid_from", "description", "path"
    ).unique(["code", "digits", "valid_from"], keep="first", maintain_order=True)


def _recorded_days() -> pl.DataFrame:
    """Return the days on which change records touch a line: hts, day."""
    items = pl.read_csv(sources() / "us/hts/hts_change_record_items.csv", infer_schema=False)
    return items.select(
        pl.col("item").str.replace_all(".", "", literal=True).alias("hts"),
        pl.col("effective").str.to_date(strict=False).alias("day"),
    ).drop_nulls()


def build_units(editions: pl.DataFrame) -> pl.DataFrame:
    """Return the reporting units of each line: as printed and in canonical form."""
    newest = editions.sort("edition").unique("hts", keep="last", maintain_order=True)
    printed = newest.filter(pl.col("digits") >= 8).select(
        padded(pl.col("hts")).alias("hts"), "digits", "units"
    )
    known = sorted(printed["units"].unique().to_list())
    canonical = {text: canonical_units(text) for text in known}
    return (
        printed.sort("digits", descending=True)
        .unique("hts", keep="first", maintain_order=True)
        .select(
            "hts",
            pl.col("units").str.strip_chars(" ;"),
            pl.col("units").replace_strict(canonical, return_dtype=pl.String).alias("census_unit"),
        )
    )


def canonical_units(printed: str) -> str:
    """Return ``doz;kg`` for ``doz.;kg`` and ``kg of lead content`` for ``Pb kg``."""
    with UNITS.open(encoding="utf-8", newline="") as file:
        table = {row["printed"]: (row["unit"], row["of"]) for row in csv.DictReader(file)}
    names = [name.strip() for name in printed.replace(" and ", ";").split(";") if name.strip()]
    unknown = [name for name in names if name not in table]
    if unknown:
        raise SystemExit(f"unknown reporting unit {unknown} in {printed!r}: add it to {UNITS}")
    return ";".join(unit + (f" of {of}" if of else "") for unit, of in (table[n] for n in names))
