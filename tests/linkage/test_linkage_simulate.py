"""Laws in the model: identity, attribution that adds up, and the derivative behind it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from advalorem.linkage.attribution import attribute
from advalorem.linkage.simulate import simulate_law
from advalorem.linkage.tangent import Direction, derivative, log_real_income, move, point_of
from advalorem.scenario import OverlapError, Scenario, load_scenario
from advalorem.scenario.changes import Enact, Productivity, Prohibit, TradeCost
from advalorem.world import InputError, Shock, gradient, raise_tariffs, solve

DAY = date(2025, 9, 18)


def test_same_law_changes_nothing(economy):
    same = simulate_law(economy, DAY, DAY, Scenario())
    assert same.moves == {}
    assert np.abs(same.outcome.real_income_pct).max() < 1e-8


def test_tariffs_of_the_law_read_back(found, tmp_path):
    """The law's vector as files, as a peer would get it, gives the same outcome."""
    from advalorem.cli.simulate import save
    from advalorem.world import load_economy, tariffs_from_file
    from advalorem.world.scenarios import with_base_tariffs

    save(found.outcome, [{"country": "CAN"}], tmp_path)
    economy = with_base_tariffs(load_economy("icio2022"), tmp_path / "tariffs_base.csv")
    tariffs = tariffs_from_file(economy, tmp_path / "tariffs_new.csv")
    again = solve(economy, Shock("read", tariffs=tariffs, allow_above_100=True))
    assert np.allclose(again.real_income_pct, found.outcome.real_income_pct, atol=1e-8)
    assert (tmp_path / "costs.csv").read_text() == "importer,exporter,sector,d_hat\n"


def test_signs_of_september(found):
    at = found.outcome.economy.country_index
    change = found.outcome.real_income_pct
    assert change[at("CAN")] < 0 > change[at("MEX")]
    assert change[at("CHN")] < 0 and found.outcome.real_wage_pct[at("USA")] < 0


def test_attribution_adds_up(found):
    split = found.attribution(alone=False)
    total = np.sum(list(split.parts.values()), axis=0)
    assert np.abs(total - found.outcome.real_income_pct).max() < 1e-8
    at = found.outcome.economy.country_index
    assert split.parts["usa.ieepa.fentanyl.mexico"][at("MEX")] < 0
    assert split.parts["usa.ieepa.fentanyl.canada"][at("CAN")] < 0
    assert split.parts["usa.ieepa.fentanyl.china"][at("MEX")] > 0


@pytest.fixture(scope="module")
def small():
    from advalorem.world import build_economy, calibrate, example

    return calibrate(build_economy(example.two_country_tables(tariff=0.1)))


def test_attribution_does_not_depend_on_the_order(small):
    tax = np.zeros((2, 2, 1))
    tax[0, 1] = 0.3
    shock = Shock("x", tariffs=small.tau + tax, d_hat=np.where(tax > 0, 0.9, 1.0))
    outcome = solve(small, shock)
    moves = {
        "a": Direction(tariffs=0.7 * tax),
        "b": Direction(tariffs=0.3 * tax),
        "c": Direction(log_d=np.log(np.where(tax > 0, 0.9, 1.0))),
    }
    one, two = attribute(outcome, moves), attribute(outcome, dict(reversed(moves.items())))
    for name in moves:
        assert np.allclose(one.parts[name], two.parts[name], atol=1e-12)
    assert np.allclose(one.parts["a"] / one.parts["b"], 0.7 / 0.3)
    assert np.allclose(sum(one.parts.values()), outcome.real_income_pct, atol=1e-9)
    assert not np.allclose(sum(one.alone.values()), outcome.real_income_pct, atol=1e-3)


def test_one_measure_gets_everything(small):
    outcome = solve(small, Shock("x", tariffs=2 * small.tau))
    found = attribute(outcome, {"all": Direction(tariffs=small.tau)})
    assert np.allclose(found.parts["all"], found.exact, atol=1e-9)
    assert np.allclose(found.alone["all"], found.exact, atol=1e-8)


def test_parts_must_make_the_shock(small):
    outcome = solve(small, Shock("x", tariffs=2 * small.tau))
    with pytest.raises(InputError, match="do not add up"):
        attribute(outcome, {"half": Direction(tariffs=0.5 * small.tau)})


def test_tangent_against_the_adjoint(economy):
    """The same derivative by other code: reverse mode through JAX."""
    pytest.importorskip("jax")
    tau = raise_tariffs(economy, "USA <- CAN,MEX: +25")
    outcome = solve(economy, Shock("x", tariffs=tau))
    along = tau - outcome.economy.tau
    point, part = point_of(outcome), Direction(tariffs=along)
    slope = derivative(point, part, move(point, part), log_real_income)
    for name in ("MEX", "USA", "DEU"):
        at = economy.country_index(name)
        ratio = 1 + outcome.real_income_pct[at] / 100
        adjoint = float((gradient(outcome, f"real_income:{name}").tariffs * along).sum())
        assert 100 * ratio * slope[at] == pytest.approx(adjoint, rel=1e-7, abs=1e-9)


def test_tangent_against_differences(small):
    point = point_of(solve(small, Shock("x")))
    step = 1e-5
    for part, shock in (
        (Direction(log_d=np.ones((2, 2, 1)) - np.eye(2)[:, :, None]), "d_hat"),
        (Direction(log_productivity=np.array([[1.0], [0.0]])), "productivity_hat"),
    ):
        slope = derivative(point, part, move(point, part), log_real_income)
        logs = part.log_d if shock == "d_hat" else part.log_productivity
        up, down = (
            solve(small, Shock("x", **{shock: np.exp(sign * step * logs)})).real_income_pct
            for sign in (1, -1)
        )
        assert np.allclose((up - down) / (200 * step), slope, atol=1e-6)


def test_costs_and_productivity_are_attributed(economy):
    changes = (
        TradeCost(importers=["CAN"], exporters=["MEX"], by="-5%", both_ways=True, from_=DAY),
        Productivity(countries=["CAN"], by="1%", from_=DAY),
    )
    found = simulate_law(economy, DAY, DAY, Scenario("x", changes))
    assert set(found.moves) == {"trade_costs", "productivity"}
    split = found.attribution(alone=False)
    at = found.outcome.economy.country_index
    assert split.parts["trade_costs"][at("MEX")] > 0
    assert split.parts["productivity"][at("CAN")] > 0.9


def test_ban_hurts_and_is_attributed(economy, book):
    ban = Prohibit(measure="new.ban", importer="US", origins=["MX"], codes=["8703"], from_=DAY)
    found = simulate_law(economy, DAY, DAY, Scenario("x", (ban,)), book=book)
    at = found.outcome.economy.country_index
    assert found.outcome.real_income_pct[at("MEX")] < -0.1
    assert set(found.moves) >= {"prohibitions"}


def test_scenario_against_the_law_of_the_day(economy):
    threat = simulate_law(economy, DAY, DAY, load_scenario("threat-mexico-30"))
    at = threat.outcome.economy.country_index
    assert threat.outcome.real_income_pct[at("MEX")] < 0 < threat.outcome.real_income_pct[at("CAN")]
    assert list(threat.moves) == ["usa.ieepa.fentanyl.mexico"]


def test_enacted_measure_has_its_own_part(economy):
    new = Enact(measure="new.x", importer="US", origins=["MX"], rate="10%", from_=DAY)
    found = simulate_law(economy, DAY, DAY, Scenario("x", (new,)))
    assert list(found.moves) == ["new.x"]


def test_whole_ban_is_solved_and_not_attributed(economy):
    ban = Prohibit(measure="new.ban", importer="US", origins=["MX"], from_=DAY)
    found = simulate_law(economy, DAY, DAY, Scenario("x", (ban,)))
    us, mx = economy.country_index("USA"), economy.country_index("MEX")
    old, new = (levels.flows[us, mx, economy.goods].sum()
                for levels in (found.outcome.before, found.outcome.after))  # fmt: skip
    # What is left are mining services, which no tariff line carries.
    assert new < 1e-3 * old
    assert found.outcome.real_income_pct[mx] < -1
    assert np.isfinite(list(found.outcome.one_step().values())).all()
    with pytest.raises(InputError, match="whole ban"):
        found.attribution()


def test_group_and_member_overlap_in_cells(economy):
    changes = tuple(
        TradeCost(importers=[name], exporters=["CN"], by="5%", instrument="a", from_=DAY)
        for name in ("EU27", "DE")
    )
    with pytest.raises(OverlapError, match="DEU <- CHN"):
        Scenario("x", changes).d_hat(economy, DAY)

    moved = tuple(Productivity(countries=[name], by="1%", from_=DAY) for name in ("EU27", "DE"))
    with pytest.raises(OverlapError, match="productivity"):
        Scenario("x", moved).productivity_hat(economy, DAY)


def test_costs_hold_on_their_days_only(economy):
    change = TradeCost(importers=["CA"], exporters=["MX"], by="-5%", from_=DAY)
    scenario = Scenario("x", (change,))
    assert (scenario.d_hat(economy, date(2025, 9, 17)) == 1).all()
    assert (scenario.d_hat(economy, DAY) == 0.95).sum() == economy.goods.sum()
