"""Build the table of retired lines and the lines that took their goods."""

import re

import polars as pl

from data_common import Source, Table, sources
from data_nomenclature import HTS, Editions, read_editions

CONCORDANCE = Source(
    publisher="Budget Lab at Yale, comparison of editions of the Harmonized Tariff Schedule",
    by_way_of="arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="MIT",
    date="2025 Basic to 2026 Revision 3",
    files=("us/measures/raw_yale/hts_concordance.csv",),
)
_CODE = re.compile(r"\d{4}\.\d{2}\.\d{4}")
_GONE, _NEW = ("Discontinued", "Deleted", "Annotated"), ("Established", "Added")


def successor_tables() -> list[Table]:
    """Return the one table of this group."""
    editions = read_editions()
    items = _items()
    pairs = pl.concat([_transfers(items), _compared(editions), _same_rate_line(items)])
    best = pairs.filter(pl.col("rank") == pl.col("rank").min().over("old")).unique()
    return [
        Table(
            "successors_us",
            "Ten-digit lines that were retired, and the lines that took their goods",
            best.drop("rank"),
            ("old", "new"),
            (HTS, CONCORDANCE),
            {"day": "first day on which the old line is gone"},
            (
                "basis: 'change record' names the transfer; 'editions compared' rests on texts; "
                "'same rate line' lists lines created there on the same day; 'none' knows no heir",
            ),
        )
    ]


def _items() -> pl.DataFrame:
    """Read the dated change-record items on ten-digit lines of chapters 1 to 97."""
    path = sources() / "us/hts/hts_change_record_items.csv"
    items = pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("effective").str.to_date(strict=False).alias("day"),
        pl.col("item").str.replace_all(".", "", literal=True).alias("code"),
    )
    ten = (pl.col("code").str.len_chars() == 10) & (pl.col("code") < "9800000000")
    return items.filter(ten).drop_nulls("day")


def _pairs(rows: list[tuple[int, int | None, object]], basis: str, rank: int) -> pl.DataFrame:
    """Return pairs with their basis and its rank."""
    schema = {"old": pl.Int64, "new": pl.Int64, "day": pl.Date}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.lit(basis).alias("basis"), pl.lit(rank).alias("rank"))


def _transfers(items: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that change records name ("transferred from", "transferred to")."""
    rows = []
    for code, line, day in items.select("code", "line", "day").iter_rows():
        words, _, rest = line.partition("transferred ")
        others = [int(found.replace(".", "")) for found in _CODE.findall(rest)]
        if "Discontinued" in words:
            rows += [(int(code), other, day) for other in others]
        elif "Established" in words:
            rows += [(other, int(code), day) for other in others]
    return _pairs(rows, "change record", 0)


def _compared(editions: Editions) -> pl.DataFrame:
    """Return the pairs found by comparing the texts of neighbouring editions."""
    path = sources() / "us/measures/raw_yale/hts_concordance.csv"
    table = pl.read_csv(path, infer_schema=False, null_values="NA").drop_nulls("old_hts10")
    table = table.filter(pl.col("old_hts10").is_in(["9401993030", "7602000035"]).not_())
    rows = [
        (int(old), None if new is None else int(new), editions.effective[editions.number[edition]])
        for old, new, edition in table.select("old_hts10", "new_hts10", "revision_to").iter_rows()
    ]
    linked, lone = [r for r in rows if r[1] is not None], [r for r in rows if r[1] is None]
    return pl.concat([_pairs(linked, "editions compared", 1), _pairs(lone, "none", 3)])


def _same_rate_line(items: pl.DataFrame) -> pl.DataFrame:
    """Pair lines retired with lines created under the same eight digits on the same day."""
    gone = items.filter(pl.col("nature").is_in(_GONE)).select(
        pl.col("code").cast(pl.Int64).alias("old"), pl.col("code").str.head(8).alias("stem"), "day"
    )
    new = items.filter(pl.col("nature").is_in(_NEW)).select(
        pl.col("code").cast(pl.Int64).alias("new"), pl.col("code").str.head(8).alias("stem"), "day"
    )
    rows = gone.join(new, on=["stem", "day"], how="left").select("old", "new", "day").rows()
    linked, lone = [r for r in rows if r[1] is not None], [r for r in rows if r[1] is None]
    return pl.concat([_pairs(linked, "same rate line", 2), _pairs(lone, "none", 3)])
