"""Readings of the effective rates beyond the claims: each switch against what it must do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from rates_cases import BEFORE, PARTNERSHIP

from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, RatesError, Readings, effective_rates
from advalorem.rates.elasticities import load_elasticities, shrink
from advalorem.rates.flows import held_origins
from advalorem.rates.presets import preset_rates
from advalorem.rates.readings import paid_part
from advalorem.rates.substitution import flow_rates

PAIR = ("CA", "CN")
WALK = date(2025, 8, 15)


def under(book: Lawbook, day: date = PARTNERSHIP, **options: str) -> EffectiveRates:
    return effective_rates(book, "US", PAIR, day, readings=Readings(**options))


def rates_of(found: EffectiveRates, day: date = PARTNERSHIP) -> list[float]:
    return list(found.by_origin(day)["rate"])


def test_weights_after_substitution_against_a_plain_loop(book: Lawbook) -> None:
    """The formula of constant elasticity, flow by flow: value ((1 + t0) / (1 + t1)) ** theta."""
    fixed, moved = (
        under(book, unit_values="none"),
        under(book, unit_values="none", weights="substituted"),
    )
    start = effective_rates(
        book,
        "US",
        PAIR,
        date(2025, 1, 1),
        readings=Readings(usmca_share="2024", unit_values="none"),
    )
    before, after = start._day(date(2025, 1, 1)), fixed._day(PARTNERSHIP)
    theta = load_elasticities().of_flows(fixed.flows.hts)
    kept = 0.0
    value = moved._day(PARTNERSHIP).flows.value
    for flow in range(0, len(fixed.flows), 997):
        rate = [
            float((day.weights * day.cells.total[day.cells.situations.cell])
                  [day.cells.situations.flow == flow].sum() / fixed.flows.value[flow])
            for day in (before, after)
        ]  # fmt: skip
        kept = ((1 + rate[0]) / (1 + rate[1])) ** theta[flow]
        assert value[flow] == pytest.approx(fixed.flows.value[flow] * kept, rel=1e-9)
    assert kept > 0
    assert all(a < b for a, b in zip(rates_of(moved), rates_of(fixed), strict=True))


def test_substitution_is_the_identity_where_no_duty_rose(book: Lawbook) -> None:
    day = date(2025, 1, 1)
    options = {"usmca_share": "2024", "weights": "substituted"}
    moved, fixed = under(book, day, **options), under(book, day, usmca_share="2024")
    assert rates_of(moved, day) == pytest.approx(rates_of(fixed, day), abs=1e-15)
    assert np.allclose(moved._day(day).flows.value, fixed.flows.value)


def test_no_interval_without_a_standard_error(book: Lawbook) -> None:
    found = under(book, weights="substituted")
    assert found.interval(PARTNERSHIP).is_empty()
    said = " ".join(found.statements())
    assert "no interval is given" in said
    assert "imports are" in said


def test_interval_of_cited_errors_against_draws(book: Lawbook) -> None:
    """Independent normal draws of the estimates of Caliendo and Parro: their middle 95 per cent."""
    found = under(book, weights="substituted_cp2015")
    ends = found.interval(PARTNERSHIP).join(found.by_origin(PARTNERSHIP), on="origin")
    assert ends["origin"].to_list() == [*PAIR, "all"]
    assert (ends["low"] < ends["rate"]).all()
    assert (ends["rate"] < ends["high"]).all()
    assert "estimates are independent" in " ".join(found.statements())
    assert found.answers is not None
    held, day = found.answers.elasticities, found._day(PARTNERSHIP)
    segment = found.segments[0].cells
    after = flow_rates(segment, found.flows, day.shares)
    draw, places, rates = np.random.default_rng(5), held.places(found.flows.hts), []
    floor = np.minimum(held.value, 0.2)
    for _ in range(600):
        shock = np.nan_to_num(held.error) * draw.standard_normal(len(held.value))[held.estimate]
        theta = np.append(np.maximum(held.value + shock, floor), 0.0)[places]
        value = found.flows.value * shrink(found.answers.before, after, theta)
        rates.append(value @ after / value.sum())
    low, high = np.percentile(rates, [2.5, 97.5])
    width = ends["high"][2] - ends["low"][2]
    assert ends["low"][2] == pytest.approx(low, abs=0.15 * width)
    assert ends["high"][2] == pytest.approx(high, abs=0.15 * width)
    assert under(book).interval(PARTNERSHIP).is_empty()


@pytest.mark.parametrize("option", ["cbp", "budget_lab", "0.97", "97%"])
def test_compliance_takes_its_part_off_every_duty(book: Lawbook, option: str) -> None:
    """CBP: 99.44% of import revenue collected, FY 2018; Budget Lab: 10% not paid; or one's own."""
    part = {"cbp": 0.9944, "budget_lab": 0.9}.get(option, 0.97)
    full, less = under(book), under(book, compliance=option)
    assert rates_of(less) == pytest.approx([part * rate for rate in rates_of(full)], abs=1e-12)
    for name in ("by_authority", "by_chapter", "by_sector"):
        whole, some = (getattr(side, name)(PARTNERSHIP) for side in (full, less))
        assert np.allclose(some["rate"], part * whole["rate"], rtol=0, atol=1e-12)
    assert less.by_day()["rate"].to_list() == pytest.approx(rates_of(less), abs=1e-12)
    assert less.bands(PARTNERSHIP).equals(full.bands(PARTNERSHIP))
    shares = ["imports_usd", "free_share", "untaxed_share", "claimed_share"]
    assert less.by_origin(PARTNERSHIP)[shares].equals(full.by_origin(PARTNERSHIP)[shares])


@pytest.mark.parametrize("method", ["ordered", "shapley"])
@pytest.mark.parametrize("option", ["cbp", "0.5"])
def test_compliance_is_a_step_of_its_own(book: Lawbook, method: str, option: str) -> None:
    found = under(book, compliance=option)
    rate = dict(found.by_origin(PARTNERSHIP).select("origin", "rate").iter_rows())
    steps, plain = (side.decomposition(PARTNERSHIP, method) for side in (found, under(book)))
    part = {"cbp": 0.9944}.get(option, 0.5)
    for origin in PAIR:
        mine = steps.filter(steps["origin"] == origin)
        assert mine["effect"].sum() == pytest.approx(rate[origin], abs=1e-9)
        assert mine["rate_after"][-1] == pytest.approx(rate[origin], abs=1e-9)
        assert mine["step"][-1] == "compliance"
        assert mine["effect"][-1] < 0
        if method == "ordered":
            assert mine["effect"][-1] == pytest.approx((part - 1) * rate[origin] / part, abs=1e-9)
            causes = found.causes(PARTNERSHIP).filter(pl.col("origin") == origin)
            own = causes.filter(pl.col("step") == "compliance")
            assert own["effect"].to_list() == pytest.approx([mine["effect"][-1]], abs=1e-9)
    assert "compliance" not in plain["step"].to_list()


@pytest.mark.parametrize("text", ["1.2", "0", "-0.5", "nan", "inf", "most", "", "105%"])
def test_a_share_that_is_none_is_refused(book: Lawbook, text: str) -> None:
    with pytest.raises(RatesError, match="above 0 and up to 1"):
        under(book, compliance=text)
    with pytest.raises(RatesError, match="choose one of"):
        under(book, metal_content="0.5")


def test_words_of_compliance_hold_the_numbers_used(book: Lawbook) -> None:
    options = book.readings["rates.compliance"].options
    for name in ("cbp", "budget_lab"):
        assert f"{paid_part(Readings(compliance=name)) * 100:g}%" in options[name]
    said = under(book, compliance="0.97").statements()
    assert any("compliance = 0.97: stated by the user, not cited" in line for line in said)


def test_rates_without_column_1(book: Lawbook) -> None:
    whole = under(book)
    less = whole.without_column_1()
    both = whole.by_origin(PARTNERSHIP).join(less.by_origin(PARTNERSHIP), on="origin", suffix="_2")
    assert np.allclose(both["rate_2"], both["additional"], atol=1e-12)
    day = less.by_day()
    assert day["rate_column_1"].abs().sum() == 0
    bands = less.bands(PARTNERSHIP).group_by("origin").agg(pl.col("share").sum())
    assert np.allclose(bands["share"], 1.0)
    with pytest.raises(RatesError, match="column 1 is one of the steps"):
        less.decomposition(PARTNERSHIP)


@pytest.mark.parametrize("preset", ["", "tradewartracker"])
def test_value_untaxed_without_column_1(book: Lawbook, preset: str) -> None:
    """A good that pays nothing has no value that is taxed; before 2025 column 1 was nearly all."""
    rates = under(book, BEFORE).without_column_1()
    if preset:
        rates = preset_rates(book, preset, "US", PAIR, BEFORE)
    shares = rates.by_origin(BEFORE).select("free_share", "untaxed_share").to_numpy()
    assert (shares[:, 1] >= shares[:, 0] - 1e-12).all()
    assert shares[0].min() > 0.99
    gaps = rates.coverage(BEFORE).filter(pl.col("item") == "rate without quantity")
    assert gaps["share"].sum() == 0


def test_decomposition_sums_under_substitution(book: Lawbook) -> None:
    found = under(book, weights="substituted")
    rate = dict(found.by_origin(PARTNERSHIP).select("origin", "rate").iter_rows())
    for method in ("ordered", "shapley"):
        steps = found.decomposition(PARTNERSHIP, method)
        for origin in PAIR:
            effects = steps.filter(steps["origin"] == origin)["effect"].sum()
            assert effects == pytest.approx(rate[origin], abs=1e-9)


def test_statement_lag_is_the_law_of_a_month_before(book: Lawbook) -> None:
    late = effective_rates(book, "US", PAIR, WALK, readings=Readings(lags="statement"))
    then = effective_rates(book, "US", PAIR, date(2025, 7, 15))
    assert rates_of(late, WALK) == rates_of(then, date(2025, 7, 15))
    first = effective_rates(
        book, "US", PAIR, date(2025, 1, 20), date(2025, 3, 10), Readings(lags="statement")
    )
    days = first.by_day()
    assert days.filter(days["day"] == date(2025, 1, 25))["rate"].len() == 3
    plain = effective_rates(book, "US", PAIR, date(2025, 1, 1), date(2025, 2, 10)).by_day()
    at = [frame.filter(frame["day"] == day)["rate"].to_list() for frame, day in
          ((days, date(2025, 3, 5)), (plain, date(2025, 2, 5)))]  # fmt: skip
    assert at[0] == at[1]


def test_reliefs_only_lower_the_duty(book: Lawbook) -> None:
    day = date(2025, 4, 20)
    plain = under(book, day)
    for option in ({"in_transit": "all"}, {"relief": "civil_aircraft"}):
        eased = under(book, day, **option)
        assert all(a <= b for a, b in zip(rates_of(eased, day), rates_of(plain, day), strict=True))
    assert rates_of(under(book, day, in_transit="all"), day)[1] < rates_of(plain, day)[1]


def test_flat_share_of_claims(book: Lawbook) -> None:
    """65% of Canada's trade claims in each line, as the tracker counts it."""
    found = under(book, usmca_share="flat").by_origin(PARTNERSHIP)
    assert found["claimed_share"][0] == pytest.approx(0.65, abs=0.01)


def test_every_reading_is_stated_and_every_option_rates(book: Lawbook) -> None:
    default = Readings()
    for name in default.names():
        for option in book.readings[f"rates.{name}"].options:
            found = under(book, **{name: option})
            assert any(line.startswith(f"{name} = {option}:") for line in found.statements())
            assert 0 <= rates_of(found)[0] < 1
            assert replace(default, **{name: option}) == found.readings


def test_trade_without_flows_is_stated(book: Lawbook) -> None:
    assert any("goods imports of 2024" in line for line in under(book).statements())


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(2025, 4, 15), date(2026, 3, 1), date(2026, 9, 1)])
def test_sums_of_every_origin(book: Lawbook, day: date) -> None:
    """Steps, authorities, chapters and bands of all origins add up to the rate, to 1e-9."""
    found = effective_rates(book, "US", held_origins("US", "2024"), day)
    rate = found.by_origin(day).select("origin", "rate")

    def same(frame: pl.DataFrame, total: pl.Expr) -> None:
        sums = frame.group_by("origin").agg(total.alias("sum")).join(rate, on="origin")
        assert sums.height >= len(found.flows.origins)
        assert np.allclose(sums["sum"], sums["rate"], rtol=0, atol=1e-9)

    for method in ("ordered", "shapley"):
        same(found.decomposition(day, method), pl.col("effect").sum())
    same(found.by_authority(day), pl.col("rate").sum())
    weighted = (pl.col("rate") * pl.col("imports_usd")).sum() / pl.col("imports_usd").sum()
    same(found.by_chapter(day), weighted)
    same(found.by_sector(day), weighted)
    shares = found.bands(day).group_by("origin").agg(pl.col("share").sum())
    assert np.allclose(shares["share"], 1.0, rtol=0, atol=1e-9)
