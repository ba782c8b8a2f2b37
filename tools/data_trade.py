"""Build the trade between the United States, Canada and Mexico, by year and reporter."""

import polars as pl

from data_common import ROOT, Source, Table, sources
from data_flows import CENSUS, DATAWEB, imports_2024, usmca_shares

PUBLISHED = "tools/sources/trade_pairs_published.csv"
ISO2 = {"USA": "US", "CAN": "CA", "MEX": "MX"}
YEARS = range(2017, 2023)
SERVICES = "SERV"
ICIO = Source(
    publisher="OECD, Inter-Country Input-Output Tables, 2025 edition (http://oe.cd/icio)",
    by_way_of="ahmadlp/tariffwar @9863698",
    licence="OECD terms: use with attribution (CC BY 4.0 from July 2024)",
    date="2017 to 2022",
    files=tuple(f"world/trade_{year}.parquet" for year in YEARS),
)
FIGURES = Source(
    publisher="statistical offices of Canada and Mexico, as named in each row",
    by_way_of="press and institutes, as named in each row",
    licence="facts",
    date="2023 to 2025",
    files=(PUBLISHED,),
)
SCHEMA = {
    "exporter": pl.String,
    "importer": pl.String,
    "year": pl.Int16,
    "value_usd": pl.Int64,
    "valuation": pl.String,
    "reporter": pl.String,
    "side": pl.String,
    "source": pl.String,
    "source_date": pl.String,
    "confidence": pl.String,
    "note": pl.String,
}


def trade_tables() -> list[Table]:
    """Return the one table of this group."""
    parts = [_icio(), _census(), _dataweb(), _published()]
    return [
        Table(
            "trade_pairs",
            "Goods trade between the United States, Canada and Mexico by year and reporter",
            pl.concat(parts),
            ("exporter", "importer", "year", "side", "source", "valuation"),
            (ICIO, CENSUS, DATAWEB, FIGURES),
            {"value_usd": "USD, current prices"},
            (
                "value_usd null with source 'not held' says that this reporter's figure is missing",
                "side 'balanced': both reporters reconciled by the OECD, no single reporter",
                "confidence: A official, B secondary, agrees with others, C weak or rounded",
            ),
        )
    ]


def _icio() -> pl.DataFrame:
    """Return goods flows of the input-output tables."""
    return pl.concat([_icio_year(year) for year in YEARS])


def _icio_year(year: int) -> pl.DataFrame:
    """Return one year's goods flows between the three."""
    frame = pl.read_parquet(sources() / f"world/trade_{year}.parquet").with_columns(
        pl.col("exporter", "importer", "sector").cast(pl.String)
    )
    three = list(ISO2)
    goods = frame.filter(
        pl.col("exporter").is_in(three)
        & pl.col("importer").is_in(three)
        & (pl.col("exporter") != pl.col("importer"))
        & (pl.col("sector") != SERVICES)
    )
    value = (pl.col("value").cast(pl.Float64).sum() * 1e6).round().cast(pl.Int64)
    sums = goods.group_by("exporter", "importer").agg(value.alias("value_usd"))
    return _shaped(
        sums.with_columns(pl.col("exporter", "importer").replace_strict(ISO2)),
        year=year,
        valuation="basic prices, by producing industry and origin, without re-exports",
        reporter=None,
        side="balanced",
        source="OECD Inter-Country Input-Output Tables",
        source_date="2025",
        confidence="A",
        note="goods industries (ISIC A to C); lies below customs values",
    )


def _census() -> pl.DataFrame:
    """Return US imports 2024 from the packaged flows."""
    frame = imports_2024().frame.filter(pl.col("country").is_in(list(ISO2.values())))
    return _us_imports(
        frame.group_by("country").agg(pl.col("customs_value_usd").sum().alias("value_usd")),
        year=2024,
        source="US Census Bureau, imports for consumption by HTS10",
        source_date="2025",
        note="",
    )


def _dataweb() -> pl.DataFrame:
    """Return US imports 2025 from the monthly claims."""
    frame = usmca_shares().frame.filter((pl.col("year") == 2025) & (pl.col("month") > 0))
    return _us_imports(
        frame.group_by("country").agg(pl.col("total_value_usd").sum().alias("value_usd")),
        year=2025,
        source="US International Trade Commission, DataWeb, summed from months",
        source_date="2026",
        note="lines of the tariff schedule only; later revisions by the Census are not included",
    )


def _us_imports(sums: pl.DataFrame, **words: object) -> pl.DataFrame:
    """Return rows of the United States as importing reporter."""
    return _shaped(
        sums.rename({"country": "exporter"}).with_columns(pl.lit("US").alias("importer")),
        valuation="customs value, imports for consumption, by country of origin",
        reporter="US",
        side="importer",
        confidence="A",
        **words,
    )


def _shaped(frame: pl.DataFrame, **words: object) -> pl.DataFrame:
    """Add constant columns and put all in order."""
    return frame.with_columns(**{name: pl.lit(value) for name, value in words.items()}).select(
        pl.col(name).cast(kind) for name, kind in SCHEMA.items()
    )


def _published() -> pl.DataFrame:
    """Return the published figures and the gaps."""
    frame = pl.read_csv(ROOT / PUBLISHED, infer_schema=False).with_columns(
        pl.col("note", "confidence", "valuation").fill_null("")
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
