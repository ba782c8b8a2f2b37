"""Build what stands in for facts that trade data lack: implied unit values, shares of uses.

A line with a specific rate needs a quantity. Where goods pay column 1 in full, the duty that the
Census Bureau calculates, less the ad valorem part, over the specific rate is the quantity.
"""

from datetime import date

import polars as pl

from data_common import DATA, ROOT, Source, Table
from data_flows import CENSUS
from data_model import TRACKER

FACTS = "tools/sources/fact_shares.csv"
FLOWS_HELD = "tools/sources/flow_tables.csv"
PAYING = "tools/sources/origins_without_preference.csv"
RATES_OF = date(2025, 1, 1)
LEAST_DUTY = 1_000
"""US dollars of duty below which a cell says nothing about a unit value."""
LEAST_PAID = 100_000
"""US dollars of trade below which a cell says nothing about an ad valorem equivalent."""
SHARE_LEFT = 0.2
"""Least part of a cell's trade without a claim for its own duty to be used."""
LEVELS = (10, 8, 6)
"""Digits at which cells are added up; the finest that exists is used."""

USITC = Source(
    publisher="US International Trade Commission, Harmonized Tariff Schedule, 2025 Basic",
    licence="US Government work (public domain)",
    date="2025-01-01",
    files=(PAYING,),
)
USES = Source(
    publisher=TRACKER.publisher,
    by_way_of=TRACKER.by_way_of,
    licence=TRACKER.licence,
    date=TRACKER.date,
    files=(*TRACKER.files, FACTS),
)


def value_tables() -> list[Table]:
    """Return the tables of this group."""
    return [implied_2024(), fact_shares(), flow_register()]


def fact_shares() -> Table:
    """Return the share of a code's trade for which a fact holds that no declaration shows."""
    frame = pl.read_csv(ROOT / FACTS, infer_schema=False).with_columns(
        pl.col("code").fill_null(""), pl.col("share").cast(pl.Float64), pl.col("date").str.to_date()
    )
    return Table(
        "fact_shares",
        "Share of a code's trade for which a fact holds that trade data do not show",
        frame,
        ("fact", "value", "code"),
        (USES,),
        {"code": "leading digits, text; empty for all codes", "share": "fraction of customs value"},
        ("the longest code that fits decides", "judgements of trackers, not law"),
    )


def flow_register() -> Table:
    """Return which import flows are held, by importer and year."""
    return Table(
        "flow_tables",
        "Import flows held, by importer and year of the weights",
        pl.read_csv(ROOT / FLOWS_HELD, infer_schema=False),
        ("importer", "weights"),
        (CENSUS,),
        {},
    )


def implied_2024() -> Table:
    """Return unit values and ad valorem equivalents that 2024 duties imply, by line and origin.

    Rows with an empty origin hold for every origin: they come from origins that pay column 1. Rows
    with an origin come from its own duty on trade without a claim.
    """
    cells = _cells()
    paying = pl.read_csv(ROOT / PAYING)["origin"].to_list()
    world = cells.filter(pl.col("country").is_in(paying)).with_columns(
        pl.lit("").alias("origin"), paid=pl.col("value")
    )
    own = cells.join(_claims_2024(), on=["hts", "country"], how="inner")
    own = own.filter(pl.col("share") < 1 - SHARE_LEFT).with_columns(
        pl.col("country").alias("origin"), paid=pl.col("value") * (1 - pl.col("share"))
    )
    parts = [_implied(part, digits) for part in (world, own) for digits in LEVELS]
    return Table(
        "implied_2024",
        "Unit values and ad valorem equivalents implied by duties of 2024",
        pl.concat(parts),
        ("code", "digits", "origin", "unit"),
        (CENSUS, USITC),
        {
            "code": "10, 8 or 6 digits, filled with zeros to ten",
            "amount": "USD per unit; fraction of value where the unit is 1",
            "paid_usd": "USD of imports taken to have paid column 1",
        },
        (
            "quantity = (calculated duty - ad valorem part) / specific rate of 1 January 2025",
            "origin empty: from origins without a preference in 2024; else from the origin's own "
            "trade less the share that claimed USMCA in 2024",
            "ad valorem equivalents only where the schedule prints no simple rate",
        ),
    )


def _cells() -> pl.DataFrame:
    """Return 2024 trade cells of lines whose rate is not a plain percentage."""
    live = (pl.col("valid_from") <= RATES_OF) & (
        pl.col("valid_until").is_null() | (pl.col("valid_until") > RATES_OF)
    )
    lines = pl.read_parquet(DATA / "nomenclature_us.parquet").filter(live)
    eight = lines.unique("hts8", keep="first").with_columns(pl.col("hts8").alias("join8"))
    kinds = ["specific", "compound", "parts", "other"]
    return (
        pl.read_parquet(DATA / "imports_2024.parquet")
        .with_columns((pl.col("hts") // 100).cast(pl.Int32).alias("join8"))
        .join(eight.select("join8", "g_kind", "g_ad_valorem", "g_specific", "g_specific_unit"),
              on="join8")
        .filter(pl.col("g_kind").is_in(kinds))
        .rename({"customs_value_usd": "value", "calculated_duty_usd": "duty"})
        .with_columns(pl.col("g_ad_valorem").fill_null(0.0))
    )  # fmt: skip


def _claims_2024() -> pl.DataFrame:
    """Return the share of 2024 trade that claimed USMCA; lines without a row claimed nothing."""
    cells = pl.read_parquet(DATA / "imports_2024.parquet", columns=["hts", "country"])
    shares = pl.read_parquet(DATA / "usmca_shares.parquet")
    partners = shares["country"].unique().to_list()
    annual = shares.filter((pl.col("year") == 2024) & (pl.col("month") == 0))
    return (
        cells.filter(pl.col("country").is_in(partners))
        .join(annual.select("hts", "country", "share"), on=["hts", "country"], how="left")
        .with_columns(pl.col("share").fill_null(0.0))
    )


def _implied(cells: pl.DataFrame, digits: int) -> pl.DataFrame:
    """Return the implied amount of each code and origin column from cells that paid."""
    width = 10 ** (10 - digits)
    simple = pl.col("g_kind").is_in(["specific", "compound"])
    above = pl.col("duty") - pl.col("g_ad_valorem") * pl.col("paid")
    enough = pl.when(simple).then((pl.col("duty") >= LEAST_DUTY) & (above > 0))
    used = cells.filter(enough.otherwise(pl.col("paid") >= LEAST_PAID))
    unit = pl.when(simple).then(pl.col("g_specific_unit")).otherwise(pl.lit("1")).alias("unit")
    code = (pl.col("hts") // width * width).alias("code")
    summed = used.group_by(code, "origin", unit, simple.alias("simple")).agg(
        pl.col("paid").sum().alias("paid_usd"),
        pl.col("duty").sum().alias("duty_usd"),
        pl.when(simple).then(above / pl.col("g_specific")).sum().alias("quantity"),
        pl.len().alias("cells"),
    )
    return summed.select(
        "code",
        pl.lit(digits, pl.Int8).alias("digits"),
        "origin",
        "unit",
        pl.when("simple")
        .then(pl.col("paid_usd") / pl.col("quantity"))
        .otherwise(pl.col("duty_usd") / pl.col("paid_usd"))
        .alias("amount"),
        pl.col("paid_usd").round().cast(pl.Int64),
        pl.col("duty_usd").cast(pl.Int64),
        pl.col("cells").cast(pl.Int16),
    )
