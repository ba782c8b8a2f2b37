"""Our averages against figures that others published, each with its source.

They differ in trade year, claims and scope; the tolerance of each case says by how much.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from rates_cases import BEFORE, BOTH, PARTNERSHIP

from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, Readings, effective_rates
from advalorem.rates.tables import table


def rate_on(book: Lawbook, origin: str, on: date, **readings: str) -> float:
    rates = effective_rates(book, "US", [origin], on, readings=Readings(**readings))
    return float(rates.by_origin(on)["rate"][0])


# Column 1 of 2025 with the claims of 2024, against the duty that the Census Bureau calculated on
# the same trade. Named lines where the two cannot agree: peanuts whose over-quota duty Census
# counts although the entries claim USMCA; steel of Mexico melted elsewhere, which paid Section 232;
# wiring sets and repaired goods whose US or original value stands in chapter 98.
APART = (2008116100, 2008111500, 1202429040, 7210490091, 7317005505, 8544300000)


@pytest.fixture(scope="module")
def before(book: Lawbook) -> EffectiveRates:
    return effective_rates(book, "US", BOTH, BEFORE, readings=Readings(usmca_share="2024"))


def by_chapter(before: EffectiveRates) -> pl.DataFrame:
    """Return our column 1 duty and that of the Census Bureau, in millions, by chapter."""
    chapter = (pl.col("hts") // 10**8).alias("chapter")
    census = (
        table("imports_2024")
        .filter(pl.col("country").is_in(BOTH))
        .group_by(pl.col("country").alias("origin"), chapter)
        .agg(
            pl.col("calculated_duty_usd").sum().alias("census") / 1e6,
            pl.col("calculated_duty_usd").filter(pl.col("hts").is_in(APART)).sum().alias("apart")
            / 1e6,
        )
    )
    ours = (pl.col("rate_column_1") * pl.col("imports_usd") / 1e6).alias("ours")
    return before.by_chapter(BEFORE).with_columns(ours).join(census, on=["origin", "chapter"])


@pytest.mark.parametrize("origin", BOTH)
def test_column_1_against_census_2024(before: EffectiveRates, origin: str) -> None:
    """US Census Bureau, imports for consumption 2024: calculated duty."""
    frame = by_chapter(before).filter(pl.col("origin") == origin)
    census, ours = frame["census"].sum(), frame["ours"].sum()
    assert ours == pytest.approx(census, rel=0.08)
    rest = frame.filter(pl.col("chapter") != 98)
    gap = rest["ours"] - rest["census"] + rest["apart"].clip(0, 200) * (rest["chapter"] != 85)
    assert np.abs(gap).sum() < 0.12 * census
    assert np.corrcoef(rest["ours"], rest["census"] - rest["apart"])[0, 1] > 0.99


# Bank of Canada, Monetary Policy Reports of July 2025 (revised in October: 4.4), October 2025 and
# January 2026, table 1: average US tariff rate on Canada, weights of 2024, claims of July 2025.
# https://www.bankofcanada.ca/publications/mpr/mpr-2025-10-29/section-8
BANK_OF_CANADA = (
    (date(2025, 1, 1), 0.1),
    (date(2025, 7, 27), 4.4),
    (date(2025, 10, 22), 5.9),
    (date(2026, 1, 23), 5.8),
)


@pytest.mark.parametrize(("on", "percent"), BANK_OF_CANADA)
def test_canada_against_the_bank_of_canada(book: Lawbook, on: date, percent: float) -> None:
    share = "2024" if on == BEFORE else "h2_2025"
    assert rate_on(book, "CA", on, usmca_share=share) * 100 == pytest.approx(percent, abs=0.35)


def test_canada_against_its_prime_minister(book: Lawbook) -> None:
    """5.6 per cent, said on 2025-08-22 (Agence France-Presse and others of that day)."""
    on = date(2025, 8, 22)
    assert rate_on(book, "CA", on, usmca_share="h2_2025") * 100 == pytest.approx(5.6, abs=0.35)


# Fitch Ratings, effective tariff rate monitor of early November 2025: Canada 5.9, Mexico 5.8;
# Moody's Analytics, October 2025: Mexico 7.5.
# https://www.elmanana.com/noticias/nacional/estados-unidos-aplica-arancel-efectivo-de-58-a-mexico/6052191
# https://www.jornada.com.mx/2025/10/21/economia/024n2eco
@pytest.mark.parametrize(("origin", "low", "high"), [("CA", 5.4, 6.4), ("MX", 5.8, 7.5)])
def test_autumn_2025_lies_between_the_raters(
    book: Lawbook, origin: str, low: float, high: float
) -> None:
    assert low <= rate_on(book, origin, date(2025, 11, 4)) * 100 <= high


def test_without_claims_the_rate_is_what_banks_say_of_trade_outside_usmca(book: Lawbook) -> None:
    """National Bank of Canada, 2025-08-07: over 25% without compliance; over 15% at that of March.

    March is read here as the claims of 2024, before firms changed their papers.
    """
    assert rate_on(book, "CA", date(2025, 8, 7), usmca_share="none") > 0.25
    assert 0.15 < rate_on(book, "CA", date(2025, 8, 7), usmca_share="2024") < 0.18


def test_headline_rates_and_provisions(september: EffectiveRates, january: EffectiveRates) -> None:
    """Executive Orders 14325 (Canada, 35% from 2025-08-01) and 14194 (Mexico, 25%)."""
    told = september.headline(PARTNERSHIP)
    assert told.select("origin", "rate", "heading").rows() == [
        ("CA", 0.35, "9903.01.10"), ("MX", 0.25, "9903.01.01"),
    ]  # fmt: skip
    assert january.headline(BEFORE).is_empty()


def test_three_days_of_march_knew_no_relief(book: Lawbook) -> None:
    """From 4 to 6 March 2025 goods that claimed USMCA paid the border duty like the others."""
    rates = {
        (on, option): effective_rates(
            book, "US", BOTH, on, readings=Readings(usmca_share=option)
        ).by_authority(on).filter(pl.col("authority") == "ieepa_fentanyl")["rate"].to_numpy()
        for on in (date(2025, 3, 5), date(2025, 3, 7))
        for option in ("none", "all")
    }  # fmt: skip
    np.testing.assert_allclose(*(rates[date(2025, 3, 5), option] for option in ("none", "all")))
    assert rates[date(2025, 3, 7), "all"].size == 0 or rates[date(2025, 3, 7), "all"].max() < 0.02
