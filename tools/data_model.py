"""Build the links from lines to model sectors, and the estimates that readings use."""

import polars as pl

from data_common import DATA, ROOT, Source, Table, sources

PARAMETERS = "tools/sources/parameters.csv"
RAW = "us/measures/raw_yale/"
CONCORDANCE = Source(
    publisher="UN Statistics Division, Eurostat, US Census Bureau: correspondence tables",
    by_way_of="insongkim/concordance @201c812 (MIT), eurostat/correspondenceTables @c86135f, "
    "colaberry/WorldOfTaxonomy @7d0a7bf (MIT)",
    licence="UN terms (free use with attribution); public domain; European Commission reuse",
    date="HS 2022, ISIC Rev. 4, NAICS 2017",
    files=("concordance/hts10_to_icio28.csv",),
)
TRACKER = Source(
    publisher="Budget Lab at Yale, tariff rate tracker",
    by_way_of="arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="MIT",
    date="2026-06",
    files=(
        RAW + "policy_params.yaml",
        RAW + "s232_auto_parts_applicability.csv",
        RAW + "semi_qualifying_shares.csv",
        PARAMETERS,
    ),
)


def model_tables() -> list[Table]:
    """Return the tables of this group."""
    return [sectors(), parameters(), product_shares()]


def sectors() -> Table:
    """Return the ICIO sector of every line: from its own row, else from like lines."""
    path = sources() / "concordance" / "hts10_to_icio28.csv"
    given = pl.read_csv(path, infer_schema=False).select(
        pl.col("hts10").cast(pl.Int64).alias("hts"),
        pl.col("sector").fill_null(""),
        pl.col("confidence").fill_null("none"),
    )
    lines = pl.read_parquet(DATA / "nomenclature_us.parquet", columns=["hts"]).unique()
    rest = lines.join(given, on="hts", how="anti")
    own = given.with_columns(pl.lit("line").alias("basis"))
    eight = _by_prefix(rest, given, 100, "eight digits")
    rest = rest.join(eight, on="hts", how="anti")
    six = _by_prefix(rest, given, 10_000, "six digits")
    return Table(
        "hts10_icio28",
        "Sector of the OECD input-output tables (28 sectors) of each tariff line",
        pl.concat([own, eight, six]),
        ("hts",),
        (CONCORDANCE,),
        {},
        (
            "basis: the line's own row, else the most frequent sector under its 8 or 6 digits",
            "confidence: high, medium, low; none has no sector (chapters 98 and 99)",
        ),
    )


def _by_prefix(rest: pl.DataFrame, given: pl.DataFrame, step: int, basis: str) -> pl.DataFrame:
    """Give lines the most frequent sector among lines with the same first digits."""
    counts = given.filter(pl.col("sector") != "").with_columns(
        (pl.col("hts") // step).alias("stem")
    )
    votes = (
        counts.group_by("stem", "sector")
        .len()
        .sort(["stem", "len", "sector"], descending=[False, True, False])
    )
    best = votes.unique("stem", keep="first", maintain_order=True)
    one = votes.group_by("stem").agg((pl.len() == 1).alias("alone"))
    found = rest.with_columns((pl.col("hts") // step).alias("stem")).join(best, on="stem")
    return found.join(one, on="stem").select(
        "hts",
        "sector",
        pl.when("alone").then(pl.lit("medium")).otherwise(pl.lit("low")).alias("confidence"),
        pl.lit(basis).alias("basis"),
    )


def parameters() -> Table:
    """Return the estimates that stand in for facts nobody declares."""
    frame = pl.read_csv(ROOT / PARAMETERS, infer_schema=False).with_columns(
        pl.col("value").cast(pl.Float64), pl.col("date").str.to_date()
    )
    return Table(
        "parameters",
        "Estimates used where a fact is not declared",
        frame,
        ("name",),
        (TRACKER,),
        {"value": "see unit"},
        ("estimates without standard error, not law",),
    )


def product_shares() -> Table:
    """Return the share of a code's trade that a measure's duty reaches."""
    folder = sources() / RAW
    parts = pl.read_csv(
        folder / "s232_auto_parts_applicability.csv", comment_prefix="#", infer_schema=False
    ).select(
        pl.lit("section_232_auto_parts").alias("programme"),
        pl.col("hts_prefix").alias("code"),
        pl.col("applicability_share").cast(pl.Float64).alias("share"),
    )
    chips = pl.read_csv(
        folder / "semi_qualifying_shares.csv", infer_schema=False, truncate_ragged_lines=True
    ).select(
        pl.lit("section_232_semiconductors").alias("programme"),
        pl.col("hts10").alias("code"),
        pl.col("qualifying_share").cast(pl.Float64).alias("share"),
    )
    return Table(
        "product_shares",
        "Estimated share of a code's trade that a measure reaches",
        pl.concat([parts, chips]),
        ("programme", "code"),
        (TRACKER,),
        {"code": "leading digits, text", "share": "fraction of customs value"},
        ("codes not listed count in full; judgements of the tracker, not law",),
    )
