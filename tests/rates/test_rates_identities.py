"""What must hold whatever the law says: parts sum to wholes, days agree with spans."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from rates_cases import BEFORE, BOTH, PARTNERSHIP

from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, Readings, effective_rates

DAYS = ((BEFORE, "january"), (PARTNERSHIP, "september"))


@pytest.fixture(params=DAYS, ids=["january", "september"])
def case(request: pytest.FixtureRequest) -> tuple[EffectiveRates, date]:
    on, name = request.param
    return request.getfixturevalue(name), on


def rates_of(frame: pl.DataFrame) -> np.ndarray:
    return frame.sort("origin")["rate"].to_numpy()


def test_authorities_sum_to_the_rate(case: tuple[EffectiveRates, date]) -> None:
    rates, on = case
    parts = rates.by_authority(on).group_by("origin").agg(pl.col("rate").sum())
    np.testing.assert_allclose(rates_of(parts), rates_of(rates.by_origin(on)), atol=1e-12)


@pytest.mark.parametrize("group", ["chapter", "sector"])
def test_groups_sum_to_the_rate(case: tuple[EffectiveRates, date], group: str) -> None:
    rates, on = case
    frame = getattr(rates, f"by_{group}")(on)
    duty = (pl.col("rate") * pl.col("imports_usd")).sum() / pl.col("imports_usd").sum()
    summed = frame.group_by("origin").agg(duty.alias("rate"))
    np.testing.assert_allclose(rates_of(summed), rates_of(rates.by_origin(on)), atol=1e-12)


def test_all_origins_are_the_weighted_mean(case: tuple[EffectiveRates, date]) -> None:
    rates, on = case
    frame = rates.by_origin(on)
    own = frame.filter(pl.col("origin") != "all")
    mean = np.average(own["rate"], weights=own["imports_usd"])
    assert frame.filter(pl.col("origin") == "all")["rate"][0] == pytest.approx(mean, abs=1e-12)


def test_bands_share_out_all_imports(case: tuple[EffectiveRates, date]) -> None:
    rates, on = case
    shares = rates.bands(on).group_by("origin").agg(pl.col("share").sum())["share"]
    np.testing.assert_allclose(shares, 1.0, atol=1e-12)
    free = rates.bands(on).filter(pl.col("band") == "free").sort("origin")["share"]
    assert free.to_list() == rates.by_origin(on).sort("origin")["free_share"].to_list()


@pytest.mark.parametrize("method", ["ordered", "shapley"])
def test_decomposition_sums_to_the_average(case: tuple[EffectiveRates, date], method: str) -> None:
    rates, on = case
    steps = rates.decomposition(on, method)
    summed = steps.group_by("origin").agg(pl.col("effect").sum().alias("rate"))
    own = rates.by_origin(on).filter(pl.col("origin") != "all")
    np.testing.assert_allclose(rates_of(summed), rates_of(own), atol=1e-9)
    last = steps.group_by("origin", maintain_order=True).last().sort("origin")["rate_after"]
    np.testing.assert_allclose(last, rates_of(own), atol=1e-9)


def test_causes_sum_to_their_step(september: EffectiveRates) -> None:
    steps = september.decomposition(PARTNERSHIP)
    claims = pl.col("step").str.replace("claims_composition", "claims")
    told = steps.group_by("origin", claims).agg(pl.col("effect").sum())
    found = (
        september.causes(PARTNERSHIP)
        .group_by("origin", "step")
        .agg(pl.col("effect").sum().alias("caused"))
    )
    both = told.join(found, on=["origin", "step"])
    assert both.height == 10
    np.testing.assert_allclose(both["caused"], both["effect"], atol=1e-9)


def test_a_day_alone_equals_the_day_in_a_span(book: Lawbook, september: EffectiveRates) -> None:
    span = effective_rates(book, "US", BOTH, date(2025, 9, 1), date(2025, 10, 20)).by_day()
    assert span.height == 49 * 3
    inside = span.filter(pl.col("day") == PARTNERSHIP)
    alone = september.by_day()
    np.testing.assert_allclose(rates_of(inside), rates_of(alone), atol=1e-15)


def test_claims_only_lower_the_rate_of_these_origins(book: Lawbook) -> None:
    rate = {
        option: rates_of(
            effective_rates(
                book, "US", BOTH, PARTNERSHIP, readings=Readings(usmca_share=option)
            ).by_origin(PARTNERSHIP)
        )
        for option in ("none", "2024", "month", "all")
    }
    assert (rate["none"] > rate["2024"]).all()
    assert (rate["2024"] > rate["month"]).all()
    assert (rate["month"] > rate["all"]).all()


def test_one_origin_alone_equals_it_beside_another(
    book: Lawbook, september: EffectiveRates
) -> None:
    alone = effective_rates(book, "US", ["MX"], PARTNERSHIP).by_origin(PARTNERSHIP)
    beside = september.by_origin(PARTNERSHIP).filter(pl.col("origin") == "MX")
    assert alone["rate"][0] == pytest.approx(beside["rate"][0], abs=1e-12)
