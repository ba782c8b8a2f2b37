"""The partnership: packages, the inverse run forward, dependence, draws, products, regions."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from advalorem.linkage.draws import intervals
from advalorem.linkage.errors import LinkageError
from advalorem.linkage.exposure import exposure, gainers, sales_shift
from advalorem.linkage.subnational import outlook
from advalorem.linkage.zoom import split_sector, zoom
from advalorem.partnership.effect import effect
from advalorem.partnership.instruments import (
    border_gap,
    carried,
    default_sizes,
    instruments,
    package,
    partnership_data,
    past_limit,
)
from advalorem.partnership.offset import OUT_OF_REACH, REACHED, offset
from advalorem.scenario import Scenario, ScenarioError, load_scenario
from advalorem.scenario.places import per_day
from advalorem.world import Shock, load_economy, raise_tariffs, solve

DAY = date(2025, 9, 18)
PAIR = ("CAN", "MEX")


@pytest.fixture(scope="module")
def law(found):
    return found.outcome


def test_every_fact_has_a_grade_and_a_source():
    facts = partnership_data()["facts"]
    assert all(fact["grade"] in "ABC" and fact["source"] for fact in facts.values())
    named = {key for row in instruments().values() for key in row.facts}
    assert named <= set(facts)


def test_a_day_is_worth_the_cited_range():
    """Hummels and Schaur (2013), abstract: 0.6 to 2.1 per cent."""
    assert (per_day("low"), per_day("high")) == (0.006, 0.021)


def test_shipped_partnership_is_the_default_package(economy):
    shipped = load_scenario("partnership").d_hat(economy, DAY)
    made = package(economy, default_sizes(), PAIR, DAY).d_hat(economy, DAY)
    assert np.array_equal(shipped, made)
    ca, mx = (economy.country_index(name) for name in PAIR)
    goods = economy.goods
    assert np.allclose(made[ca, mx, goods], 1 / (1 + per_day("middle")))
    assert np.allclose(made[mx, ca, goods], made[ca, mx, goods])
    made[ca, mx] = made[mx, ca] = 1.0
    assert (made == 1).all()


def test_empty_package_changes_nothing(law):
    assert np.array_equal(effect(law, Scenario(), DAY).gain, np.zeros(len(law.economy.countries)))


def test_package_helps_members_and_diverts_from_the_rival(law, economy):
    made = effect(law, package(economy, {"border_time": "-1d"}, PAIR, DAY), DAY)
    at = economy.country_index
    assert made.gain[at("CAN")] > 0 < made.gain[at("MEX")] and made.gain[at("USA")] < 0
    canada = made.diversion(PAIR, "USA")[0]
    assert canada["from_members"] > 0 > canada["from_rival"]
    longer = effect(law, package(economy, {"border_time": "-2d"}, PAIR, DAY), DAY)
    assert (longer.gain[[at("CAN"), at("MEX")]] > made.gain[[at("CAN"), at("MEX")]]).all()


def test_instruments_multiply(economy):
    both = package(economy, {"border_time": "-1d", "corridor_rail": "-1d"}, PAIR, DAY)
    ca, mx = (economy.country_index(name) for name in PAIR)
    cars, food = economy.sector_index("C29"), economy.sector_index("B05")
    d_hat = both.d_hat(economy, DAY)[ca, mx]
    assert d_hat[cars] == pytest.approx(d_hat[food] ** 2)


def test_procedures_cut_a_share_of_the_gap(economy):
    ca, mx = (economy.country_index(name) for name in PAIR)
    gap = border_gap(economy, PAIR)
    full = package(economy, {"procedures": "100%"}, PAIR, DAY).d_hat(economy, DAY)[ca, mx]
    cars = economy.sector_index("C29")
    assert full[cars] == pytest.approx(1 - 0.10 * (1 - 1 / gap[cars]), abs=1e-9)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"missions": "-1d"}, "there are border_time"),
        ({"border_time": "soond"}, "number of days"),
        ({"procedures": "150%"}, "no share"),
        ({"remaining_tariffs": "-5%"}, "no tariffs"),
    ],
)
def test_wrong_sizes(economy, sizes, words):
    with pytest.raises(ScenarioError, match=words):
        package(economy, sizes, PAIR, DAY)


def test_a_package_past_the_limit(economy):
    """Cheaper than at home for part of the trade is said, for most of it refused."""
    far = past_limit(economy, package(economy, {"border_time": "-20d"}, PAIR, DAY), PAIR, DAY)
    assert len(far) == 1 and "further than the limit" in far[0]
    with pytest.raises(ScenarioError, match="take smaller sizes"):
        past_limit(economy, package(economy, {"border_time": "-400d"}, PAIR, DAY), PAIR, DAY)


def test_corridors_say_what_they_carry(economy):
    shares = carried(economy, instruments()["corridor_energy"], PAIR)
    assert 0 < shares["MEX to CAN"] < shares["CAN to MEX"] < 0.05


@pytest.mark.parametrize(("country", "partners"), [("CAN", ["MEX"]), ("MEX", ["CAN"])])
def test_inverse_run_forward(law, economy, country, partners):
    """The answer, typed in as a shock of its own, brings real income back."""
    answer = offset(law, country, partners)
    assert answer.result == REACHED and answer.loss < 0 < answer.at_limit
    n, i = economy.country_index(country), economy.country_index(partners[0])
    gap = border_gap(law.economy, (country, partners[0]))
    d_hat = np.ones(economy.tau.shape)
    cost = np.maximum(1 - answer.cut, 1 / gap)
    d_hat[n, i] = d_hat[i, n] = np.where(economy.goods & np.isfinite(gap), cost, 1.0)
    again = solve(law.economy, Shock("again", tariffs=law.shock.tariffs, d_hat=d_hat))
    assert again.real_income_pct[n] == pytest.approx(0.0, abs=1e-7)
    assert answer.days[0] == pytest.approx(-np.log(1 - answer.cut) / np.log(1.021))


def test_out_of_reach_is_said(economy):
    """With a quarter on everything no depth of trade with Iceland brings Mexico back."""
    tariffs = raise_tariffs(economy, "USA <- MEX: +25")
    answer = offset(solve(economy, Shock("x", tariffs=tariffs)), "MEX", ["ISL"])
    assert answer.result == OUT_OF_REACH
    assert answer.cut is None and answer.days is None and answer.at_limit < 0


def test_no_loss_needs_nothing(economy):
    answer = offset(solve(economy, Shock("none")), "CAN", ["MEX"])
    assert (answer.result, answer.cut) == ("no loss", 0.0)


def test_exposure_adds_up(law):
    found = exposure(law.before)
    at = law.economy.country_index
    assert np.allclose(found.export_share.sum(axis=0), 1.0)
    assert np.allclose(found.value_added_in.sum(axis=0), 1.0)
    assert np.allclose(found.input_share.sum(axis=1)[at("CAN")], 1.0)
    assert ((found.input_abroad >= 0) & (found.input_abroad <= 1)).all()
    assert 0.3 < found.input_abroad[at("CAN"), law.economy.sector_index("C29")] < 0.7
    assert 0.5 < found.export_share[at("USA"), at("MEX")] < 0.8
    # Less of value added than of exports ends there; some gets there through others.
    assert 0.05 < found.value_added_in[at("USA"), at("CAN")] < 0.25


def test_lost_sales_go_somewhere(law):
    assert np.allclose(sales_shift(law, "USA").sum(axis=0), 0.0, atol=1e-6)
    parts, lost = gainers(law, "USA", PAIR)
    assert lost > 0 and parts.sum() == pytest.approx(lost) and (parts >= 0).all()


def _costs(law, sizes):
    def costs(day):
        return package(law.economy, sizes, PAIR, DAY, f"{100 * day:.10f}%").d_hat(law.economy, DAY)

    return costs


def test_draws_repeat(law):
    costs = _costs(law, {"border_time": "-1d"})
    one, two = (intervals(law, costs, 6, 11) for _ in range(2))
    assert one.gain.tobytes() == two.gain.tobytes()
    assert intervals(law, costs, 6, 12).gain.tobytes() != one.gain.tobytes()
    assert (one.gain[0] <= one.gain[1]).all() and (one.law[0] <= one.law[2]).all()


@pytest.mark.slow
def test_draws_do_not_depend_on_processes(law):
    costs = _costs(law, {"border_time": "-1d"})
    one, two = (intervals(law, costs, 16, 11, workers=n) for n in (1, 2))
    assert one.gain.tobytes() == two.gain.tobytes()


def test_draws_of_elasticities(law):
    errors = dict.fromkeys(law.economy.sectors, 0.5)
    found = intervals(law, _costs(law, {"border_time": "-1d"}), 4, 1, errors)
    at = law.economy.country_index("MEX")
    assert found.law[0, at] < found.law[2, at] < 0


def test_products_sum_to_the_sector(found, book):
    made = zoom(found, (book, book), "MX", "C29")
    assert made.value_new.sum() == pytest.approx(made.value.sum() * made.ratio, rel=1e-12)
    assert len(made.code) > 50 and (made.rate_new >= -1e-12).all()
    taxed = made.rate_new - made.rate > 0.1
    calm = made.rate_new - made.rate < 0.005
    growth = made.value_new / np.where(made.value > 0, made.value, 1)
    assert np.median(growth[taxed]) < np.median(growth[calm])
    with pytest.raises(LinkageError, match="digits"):
        zoom(found, (book, book), "MX", "C29", digits=7)
    six = zoom(found, (book, book), "MX", "C29", digits=6)
    assert six.value_new.sum() == pytest.approx(made.value_new.sum())


def test_equal_tariffs_keep_the_mix():
    old = np.array([1.0, 2.0, 3.0])
    new = split_sector(old, np.full(3, 0.1), np.full(3, 0.2), 5.0, 0.7)
    assert np.allclose(new, 0.7 * old)


def test_regions_are_refused_without_data(law):
    with pytest.raises(LinkageError, match="no data by province or state"):
        outlook(law, None)


def test_regions_of_a_table(law, tmp_path):
    sectors = law.economy.sectors
    rows = [("CA", "West", s, 1.0 if s == "B06" else 0.5) for s in sectors]
    rows += [("CA", "East", s, 0.0 if s == "B06" else 0.5) for s in sectors]
    frame = pl.DataFrame(rows, schema=["country", "region", "sector", "share"], orient="row")
    frame.write_csv(tmp_path / "regions.csv")
    made = outlook(law, tmp_path / "regions.csv")
    assert made.region == ("West", "East") and made.country == ("CAN", "CAN")
    frame.filter(pl.col("region") == "East").write_csv(tmp_path / "half.csv")
    with pytest.raises(LinkageError, match="sum to"):
        outlook(law, tmp_path / "half.csv")


def test_published_simulation():
    """ifo Institute, 4 February 2025: 25 % on Canada and Mexico and 10 % on China, no reply.

    Exports fall by 17, 21 and 14 % in Canada, Mexico and the United States and by 2.7 % in China.
    """
    economy = load_economy("icio2022")
    tariffs = raise_tariffs(economy, "USA <- CAN,MEX: +25")
    outcome = solve(economy, Shock("x", tariffs=raise_tariffs(economy, "USA <- CHN: +10", tariffs)))
    theirs = {"CAN": -17.0, "MEX": -21.0, "USA": -14.0, "CHN": -2.7}
    for name, expected in theirs.items():
        i = economy.country_index(name)
        abroad = np.arange(len(economy.countries)) != i
        real = outcome.after.flows[abroad, i] / outcome.after.cost_hat[i]
        change = 100 * (real.sum() / outcome.before.flows[abroad, i].sum() - 1)
        assert change == pytest.approx(expected, rel=0.3)
