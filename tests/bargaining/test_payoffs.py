"""Payoffs: what they are, and that every equilibrium is solved once."""

import numpy as np
import pytest

from advalorem import world
from advalorem.bargaining.objectives import objective_of
from advalorem.bargaining.payoffs import Payoffs
from advalorem.world import Shock

LINE = "USA <- CAN,MEX: +25"


@pytest.fixture(scope="module")
def economy(small_tables):
    return world.calibrate(world.build_economy(small_tables))


def test_real_income_is_that_of_the_world_model(economy):
    shock = Shock("a", tariffs=world.raise_tariffs(economy, LINE))
    made = Payoffs(economy, ["CAN"]).values(shock)
    outcome = world.solve(economy, shock)
    assert made[0] == pytest.approx(outcome.real_income_pct[economy.country_index("CAN")], abs=1e-9)


def test_same_content_is_solved_once_whatever_its_name(economy):
    payoffs = Payoffs(economy, ["CAN"])
    tau = world.raise_tariffs(economy, LINE)
    first = payoffs.values(Shock("a", tariffs=tau))
    assert (payoffs.values(Shock("b", tariffs=tau.copy())) == first).all()
    assert payoffs.solved == 1
    payoffs.values(Shock("b", tariffs=tau * 0.5))
    assert payoffs.solved == 2


def test_keys_tell_economies_closures_and_arrays_apart(economy):
    tau = world.raise_tariffs(economy, LINE)
    shock = Shock(tariffs=tau)
    others = [
        Payoffs(economy, ["CAN"]).key(Shock(tariffs=tau, d_hat=np.ones_like(tau))),
        Payoffs(economy, ["MEX"]).key(shock),
        Payoffs(economy, ["CAN"], "world_share").key(shock),
        Payoffs(economy.with_theta(economy.theta * 1.01), ["CAN"]).key(shock),
    ]
    assert len({Payoffs(economy, ["CAN"]).key(shock), *others}) == 5


def test_a_file_keeps_payoffs(economy, tmp_path):
    shock = Shock(tariffs=world.raise_tariffs(economy, LINE))
    first = Payoffs(economy, ["CAN"], store=tmp_path / "payoffs.jsonl")
    values = first.values(shock)
    first.close()
    again = Payoffs(economy, ["CAN"], store=tmp_path / "payoffs.jsonl")
    assert again.values(shock) == pytest.approx(values, abs=0)
    assert again.solved == 0
    again.close()


def test_composed_objectives_add_up(economy):
    texts = ["real_income:CAN", "output:CAN/auto", "value_added:CAN/auto,factories"]
    texts += ["tariff_revenue:USA", "income:MEX"]
    shock = Shock(tariffs=world.raise_tariffs(economy, LINE))
    single = Payoffs(economy, [objective_of(economy, text) for text in texts]).values(shock)
    weights = [0.5, 0.2, 0.3, 2.0, -1.0]
    mixed = " + ".join(f"{w:g}*{text}" for w, text in zip(weights, texts, strict=True))
    together = Payoffs(economy, [objective_of(economy, mixed)]).values(shock)
    assert together[0] == pytest.approx(np.dot(weights, single), abs=1e-9)
    assert single[1] < -1 and single[3] > 0


def test_output_and_revenue_are_those_of_the_outcome(economy):
    shock = Shock(tariffs=world.raise_tariffs(economy, LINE))
    texts = ["output:CAN/auto", "tariff_revenue:USA"]
    payoffs = Payoffs(economy, [objective_of(economy, text) for text in texts])
    made = payoffs.values(shock)
    outcome = world.solve(economy, shock)
    rows = outcome.sector_columns()
    at = list(zip(rows["country"], rows["sector"], strict=True)).index(("CAN", "auto"))
    assert made[0] == pytest.approx(rows["real_output_pct"][at], abs=1e-8)
    n = economy.country_index("USA")
    revenue = outcome.after.revenue[n] / outcome.before.income[n]
    assert made[1] == pytest.approx(100 * revenue, rel=1e-8)


@pytest.mark.parametrize("text", ["output:CAN/auto", "0.5*value_added:CAN + tariff_revenue:USA"])
def test_slopes_of_composed_objectives(economy, text):
    payoffs = Payoffs(economy, [objective_of(economy, text)])
    tau = world.raise_tariffs(economy, LINE)
    exact = payoffs.gradient(Shock(tariffs=tau), [1.0])
    at = (economy.country_index("USA"), economy.country_index("CAN"), economy.sector_index("auto"))
    step = np.zeros_like(tau)
    step[at] = 1e-3
    up, down = (payoffs.values(Shock(tariffs=tau + s * step))[0] for s in (1, -1))
    assert exact[at] == pytest.approx((up - down) / 2e-3, rel=1e-4, abs=2e-6)
