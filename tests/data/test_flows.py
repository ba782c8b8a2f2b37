"""Flows, claims, receipts and exchange rates against published figures."""

from pathlib import Path

import polars as pl
import pytest

DATA = Path(__file__).parents[2] / "src" / "advalorem" / "data"


def table(name: str) -> pl.DataFrame:
    return pl.read_parquet(DATA / f"{name}.parquet")


def test_imports_count_slovakia_once() -> None:
    """The source sums to 3.217 trillion dollars with Slovakia (8.14 billion) twice."""
    imports = table("imports_2024")
    total = imports["customs_value_usd"].sum()
    assert total == pytest.approx(3.217e12 - 8.141e9, rel=2e-4)
    assert "SK" not in set(imports["country"])
    assert {"EU", "CA", "MX", "CN"} <= set(imports["country"])
    assert imports["country"].n_unique() == 50


@pytest.mark.parametrize(("country", "billion"), [("CA", 412.7), ("MX", 505.9)])
def test_imports_are_near_the_census_totals(country: str, billion: float) -> None:
    """Census Bureau, general imports 2024; imports for consumption differ by under 1 per cent."""
    imports = table("imports_2024").filter(pl.col("country") == country)
    assert imports["customs_value_usd"].sum() / 1e9 == pytest.approx(billion, rel=0.01)


def test_a_tenth_of_imports_bears_a_specific_rate() -> None:
    """The first chain's own count: 8.5 per cent of all imports, 29 per cent of Canada's."""
    lines = table("nomenclature_us").unique("hts8", keep="first").select("hts8", "g_kind")
    imports = table("imports_2024").with_columns(
        (pl.col("hts") // 100).cast(pl.Int32).alias("hts8")
    )
    joined = imports.join(lines, on="hts8")
    for country, share in ((None, 0.087), ("CA", 0.295)):
        trade = joined if country is None else joined.filter(pl.col("country") == country)
        specific = trade.filter(pl.col("g_kind") == "specific")["customs_value_usd"].sum()
        assert specific / trade["customs_value_usd"].sum() == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(
    ("country", "year", "month", "share"),
    [
        # USITC DataWeb, programme S and S+ in imports for consumption.
        ("CA", 2025, 1, 0.345),
        ("CA", 2025, 6, 0.57),
        ("CA", 2025, 7, 0.86),
        ("CA", 2025, 12, 0.89),
        ("CA", 2026, 2, 0.84),
        ("MX", 2025, 1, 0.45),
        ("MX", 2025, 6, 0.475),
        ("MX", 2025, 7, 0.87),
        ("MX", 2026, 2, 0.90),
    ],
)
def test_claim_shares(country: str, year: int, month: int, share: float) -> None:
    row = table("usmca_shares_monthly").filter(
        (pl.col("country") == country) & (pl.col("year") == year) & (pl.col("month") == month)
    )
    assert row["share"][0] == pytest.approx(share, abs=0.006)


def test_yearly_claims_are_the_months_added_up() -> None:
    claims = table("usmca_shares").filter(pl.col("year") == 2025)
    monthly = (
        claims.filter(pl.col("month") > 0)
        .group_by("hts", "country")
        .agg((pl.col("usmca_value_usd").sum() / pl.col("total_value_usd").sum()).alias("added"))
    )
    both = claims.filter(pl.col("month") == 0).join(monthly, on=["hts", "country"])
    assert both.height > 19_000
    assert (both["share"] - both["added"]).abs().max() < 1e-6


def test_shares_are_fractions() -> None:
    assert table("usmca_shares")["share"].is_between(0, 1).all()
    assert table("mfn_preference_exemption_shares")["share"].is_between(0, 1).all()
    metals = table("metal_content").select("steel", "aluminum", "copper", "other_metal")
    assert metals.sum_horizontal().is_between(0, 1).all()


def test_receipts_of_2025() -> None:
    """US Treasury: January to August 2025, 144.4 billion dollars."""
    year = table("treasury_receipts").filter((pl.col("year") == 2025) & (pl.col("month") <= 8))
    assert year["customs_duties_musd"].sum() == pytest.approx(144_400, rel=1e-3)


@pytest.mark.parametrize(
    ("currency", "year", "rate"),
    [
        # Internal Revenue Service, yearly average currency exchange rates.
        ("CAD", "2024", 1.370),
        ("MXN", "2024", 18.330),
        ("GBP", "2024", 0.783),
        ("EUR", "2024", 0.924),
        ("CAD", "2023", 1.350),
        ("MXN", "2023", 17.733),
        ("GBP", "2023", 0.804),
    ],
)
def test_yearly_rates_are_those_of_the_tax_authority(currency: str, year: str, rate: float) -> None:
    row = table("fx").filter((pl.col("currency") == currency) & (pl.col("period") == year))
    assert row["rate"][0] == pytest.approx(rate, rel=0.002)


def test_the_mirror_gap_of_canada_and_mexico() -> None:
    """Canada books 34.3 billion dollars from Mexico in 2024, Mexico 18.9 to Canada."""
    pairs = table("trade_pairs").filter(
        (pl.col("exporter") == "MX") & (pl.col("importer") == "CA") & (pl.col("year") == 2024)
    )
    values = dict(pairs.select("side", "value_usd").iter_rows())
    assert values["importer"] - values["exporter"] == 34_293_000_000 - 18_856_000_000


def test_missing_reporters_are_named_and_empty() -> None:
    pairs = table("trade_pairs")
    missing = pairs.filter(pl.col("source") == "not held")
    assert missing.height > 10
    assert missing["value_usd"].null_count() == missing.height
    assert pairs.filter(pl.col("source") != "not held")["value_usd"].null_count() == 0


def test_every_line_of_goods_has_a_sector() -> None:
    lines = table("nomenclature_us").filter(pl.col("hts") < 98 * 10**8)
    sectors = table("hts10_icio28").filter(pl.col("sector") != "")
    assert set(lines["hts"]) - set(sectors["hts"]) == set()
    assert sectors["sector"].n_unique() <= 28
