"""Build the trade flows: 2024 imports, USMCA claims, content shares, receipts."""

import polars as pl

from data_common import ROOT, Source, Table, sources

EU, SLOVAKIA = "0003", "4359"
FLOWS = "us/flows/"
COUNTRIES = ROOT / "src" / "advalorem" / "lawbook" / "countries.csv"
CENSUS = Source(
    publisher="US Census Bureau, imports for consumption by HTS10 and partner, 2024",
    by_way_of="tradewartracker/trade-war-redux-2025 @726c595 (MIT)",
    licence="US Government work (public domain); compilation MIT",
    date="calendar year 2024",
    files=(FLOWS + "us_imports_2024_hts10_country.parquet", FLOWS + "census_codes.csv"),
)
DATAWEB = Source(
    publisher="US International Trade Commission, DataWeb, imports by programme S and S+",
    by_way_of="arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="US Government work (public domain); compilation MIT",
    date="2024 to February 2026",
    files=(FLOWS + "usmca_utilisation_hts10_month.parquet",),
)
BEA = Source(
    publisher="US Bureau of Economic Analysis, detailed input-output accounts, by industry",
    by_way_of="Budget Lab at Yale; arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="MIT",
    date="not stated in the source",
    files=(FLOWS + "metal_content_shares_bea_hs10.parquet",),
)
PREFERENCES = Source(
    publisher="Budget Lab at Yale, from US Census calculated duties",
    by_way_of="arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="MIT",
    date="calendar year 2024",
    files=(FLOWS + "mfn_preference_exemption_shares_hs2_country.csv",),
)
RECEIPTS = Source(
    publisher="US Treasury (customs duties) and US Census Bureau (goods imports)",
    by_way_of="Budget-Lab-Yale/Tariff-Model, treasury_revenue.csv",
    licence="facts published by the US Government (public domain)",
    date="1982-01 to 2026-03",
    files=(FLOWS + "treasury_customs_receipts_monthly.csv",),
)


def census_to_iso2() -> dict[str, str]:
    """Return ISO 3166 two-letter codes by Census code; the EU aggregate is ``EU``."""
    table = pl.read_csv(COUNTRIES, infer_schema=False).drop_nulls("census")
    return dict(table.select("census", "iso2").iter_rows()) | {EU: "EU"}


def flow_tables() -> list[Table]:
    """Return the tables of this group."""
    return [
        imports_2024(),
        usmca_shares(),
        usmca_monthly(),
        metal_content(),
        preference_shares(),
        receipts(),
    ]


def _iso2(column: str) -> pl.Expr:
    """Map a Census code to ISO 3166; unknown codes stop the build."""
    return pl.col(column).replace_strict(census_to_iso2(), return_dtype=pl.String)


def imports_2024() -> Table:
    """Return 2024 imports without Slovakia's double counting."""
    frame = pl.read_parquet(sources() / FLOWS / "us_imports_2024_hts10_country.parquet")
    slovakia = frame.filter(pl.col("country_code") == SLOVAKIA)["customs_value_usd"].sum()
    frame = frame.filter(pl.col("country_code") != SLOVAKIA).select(
        pl.col("hts10").cast(pl.Int64).alias("hts"),
        _iso2("country_code").alias("country"),
        pl.col("customs_value_usd").round().cast(pl.Int64),
        pl.col("calculated_duty_usd").round().cast(pl.Int64),
    )
    return Table(
        "imports_2024",
        "US imports for consumption 2024 by HTS10 and country of origin",
        frame,
        ("hts", "country"),
        (CENSUS,),
        {"customs_value_usd": "USD, customs value", "calculated_duty_usd": "USD, at 2024 rates"},
        (
            "50 partners: the European Union is one (EU), about 190 small origins are missing",
            f"Slovakia stood beside the EU too; its {slovakia / 1e9:.2f} billion USD are removed",
            "9999950000 is the estimate of low-value shipments; no quantities are held",
        ),
    )


def usmca_shares() -> Table:
    """Return USMCA claim shares by line, country and period."""
    frame = pl.read_parquet(sources() / FLOWS / "usmca_utilisation_hts10_month.parquet")
    traded = (pl.col("total_value_usd") > 0) | (
        pl.col("total_value_usd").is_null() & (pl.col("usmca_share") > 0)
    )
    frame = frame.filter(traded).select(
        pl.col("hts10").cast(pl.Int64).alias("hts"),
        _iso2("country_code").alias("country"),
        pl.col("year").cast(pl.Int16),
        pl.col("month").cast(pl.Int8),
        pl.col("usmca_share").alias("share"),
        pl.col("total_value_usd").round().cast(pl.Int64),
        pl.col("usmca_value_usd").round().cast(pl.Int64),
    )
    return Table(
        "usmca_shares",
        "Share of US imports from Canada and Mexico that claimed USMCA, by HTS10 and month",
        frame,
        ("hts", "country", "year", "month"),
        (DATAWEB,),
        {
            "month": "1 to 12; 0 for the whole year (2024 and 2025: share only)",
            "share": "fraction of customs value with programme S or S+",
            "total_value_usd": "USD",
            "usmca_value_usd": "USD",
        },
        (
            "monthly rows without trade and annual rows with share 0 are left out",
            "the rise from June to July 2025 is partly a break in how claims are recorded",
        ),
    )


def usmca_monthly() -> Table:
    """Return the claim shares summed to country and month."""
    lines = usmca_shares().frame.filter(pl.col("month") > 0)
    frame = lines.group_by("country", "year", "month").agg(
        pl.col("total_value_usd", "usmca_value_usd").sum()
    )
    return Table(
        "usmca_shares_monthly",
        "Share of US imports from Canada and Mexico that claimed USMCA, by month",
        frame.with_columns((pl.col("usmca_value_usd") / pl.col("total_value_usd")).alias("share")),
        ("country", "year", "month"),
        (DATAWEB,),
        {"share": "fraction of customs value", "total_value_usd": "USD", "usmca_value_usd": "USD"},
        ("summed from usmca_shares",),
    )


def metal_content() -> Table:
    """Return estimated metal content by line; where parts exceed the whole, scaled to it."""
    metals = ("steel", "aluminum", "copper", "other_metal")
    frame = pl.read_parquet(sources() / FLOWS / "metal_content_shares_bea_hs10.parquet")
    total = pl.sum_horizontal(f"{name}_share" for name in metals)
    scale = pl.max_horizontal(total, pl.lit(1.0))
    scaled = frame.select((total > 1).sum()).item()
    return Table(
        "metal_content",
        "Estimated share of steel, aluminium, copper and other metals in the value of goods",
        frame.select(
            pl.col("hs10").cast(pl.Int64).alias("hts"),
            "naics",
            pl.col("bea_detail_code").alias("bea"),
            *((pl.col(f"{name}_share") / scale).alias(name) for name in metals),
        ),
        ("hts",),
        (BEA,),
        dict.fromkeys(metals, "fraction of value"),
        (
            "input-output estimate, the same for all lines of an industry; not a declared content",
            f"{scaled} lines whose parts exceed the value in the source are scaled to add up to 1",
        ),
    )


def preference_shares() -> Table:
    """Return the share of value that enters free of column 1 duty by a preference."""
    path = sources() / FLOWS / "mfn_preference_exemption_shares_hs2_country.csv"
    table = pl.read_csv(path, schema_overrides={"hs2": pl.String, "cty_code": pl.String})
    known = census_to_iso2()
    placed = table.filter(pl.col("cty_code").is_in(list(known)))
    lost = sorted(set(table["cty_code"]) - set(known))
    return Table(
        "mfn_preference_exemption_shares",
        "Share of US imports 2024 free of column 1 duty by a preference, by chapter and country",
        placed.select(
            pl.col("hs2").cast(pl.Int8).alias("chapter"),
            _iso2("cty_code").alias("country"),
            pl.col("exemption_share").alias("share"),
        ),
        ("chapter", "country"),
        (PREFERENCES,),
        {"share": "fraction of customs value"},
        (f"Census codes without an ISO code are left out: {', '.join(lost) or 'none'}",),
    )


def receipts() -> Table:
    """Return monthly customs receipts of the Treasury."""
    path = sources() / FLOWS / "treasury_customs_receipts_monthly.csv"
    table = pl.read_csv(path, schema_overrides={"customs_duties": pl.Float64})
    return Table(
        "treasury_receipts",
        "US customs duties received and goods imports, by month",
        table.select(
            pl.col("date").str.to_date().dt.year().cast(pl.Int16).alias("year"),
            pl.col("date").str.to_date().dt.month().cast(pl.Int8).alias("month"),
            pl.col("customs_duties").alias("customs_duties_musd"),
            pl.col("imports_value").alias("imports_musd"),
        ),
        ("year", "month"),
        (RECEIPTS,),
        {
            "customs_duties_musd": "million USD, net of refunds",
            "imports_musd": "million USD, goods imports",
        },
        (
            "receipts lag entry by up to six weeks (periodic monthly statement)",
            "the compiler calls them gross; they agree with the net receipts of the Monthly "
            "Treasury Statement (June 2025 26.6, October 2024 to June 2025 108.0, fiscal year 2025 "
            "194.9, January to November 2025 236.15 billion), but for March 2025 (8.17 here, 8.75 "
            "published)",
            "not adjusted for seasons, as far as these months show",
        ),
    )
