"""Three readings of welfare."""

import numpy as np
import pytest

from advalorem import world
from advalorem.world import Shock, SolverOptions
from advalorem.world.welfare import COMPONENTS


def shocks(small):
    rng = np.random.default_rng(5)
    n, j = small.shape
    tariffs = small.tau.copy()
    tariffs[0, 2, 1] += 0.3
    tariffs[1] *= 0.2
    return {
        "tariffs": Shock("tariffs", tariffs=tariffs),
        "iceberg": Shock("iceberg", d_hat=rng.uniform(0.8, 1.2, (n, n, j))),
        "productivity": Shock("productivity", productivity_hat=rng.uniform(0.9, 1.1, (n, j))),
        "labour": Shock("labour", labour_hat=np.array([1.3, 1.0, 0.8, 1.0])),
        "all": Shock(
            "all",
            tariffs=tariffs,
            d_hat=rng.uniform(0.9, 1.1, (n, n, j)),
            productivity_hat=rng.uniform(0.9, 1.1, (n, j)),
            labour_hat=np.array([1.1, 1.0, 0.9, 1.0]),
        ),
    }


@pytest.mark.parametrize("closure", ["zero_deficits", "world_share", "nominal"])
@pytest.mark.parametrize("name", ["tariffs", "iceberg", "productivity", "labour", "all"])
def test_the_path_adds_up_to_the_exact_change(small, closure, name):
    outcome = world.solve(small, shocks(small)[name], closure)
    split = world.decompose(outcome)
    np.testing.assert_allclose(split.total, outcome.real_income_pct, atol=1e-6)
    np.testing.assert_array_equal(split.exact, outcome.real_income_pct)
    assert set(split.components) == set(COMPONENTS)


def test_only_what_was_shocked_contributes(small):
    held = shocks(small)
    labour = world.decompose(world.solve(small, held["labour"])).components
    assert labour["labour"][0] > 1 > abs(labour["labour"][1]) == 0
    for name in ("technical_efficiency", "productivity", "deficit"):
        np.testing.assert_array_equal(labour[name], 0.0)


def test_a_small_shock_has_one_welfare_effect(small):
    """For a small change the one step is the exact change, up to second order."""
    gaps = []
    base = world.calibrate(small, options=SolverOptions(tolerance=1e-13))
    for size in (1e-3, 1e-4):
        tau = base.tau.copy()
        tau[0, 2, 1] += size
        outcome = world.solve(base, Shock("s", tariffs=tau), options=SolverOptions(tolerance=1e-13))
        total = sum(outcome.one_step().values())
        gaps.append(abs(total - outcome.real_income_pct).max())
    assert gaps[0] > 0
    assert gaps[1] < gaps[0] / 50


def test_one_step_against_a_plain_loop(small, tax):
    outcome = world.solve(small, tax)
    old, new = outcome.before, outcome.after
    n_, j_ = small.shape
    for n in range(n_):
        terms = volume = 0.0
        for i in range(n_):
            for j in range(j_):
                exports = old.flows[i, n, j]
                imports = old.flows[n, i, j]
                terms += exports * (new.cost_hat[n, j] - 1) - imports * (new.cost_hat[i, j] - 1)
                if imports > 0:
                    growth = new.flows[n, i, j] / imports
                    volume += old.tau[n, i, j] * imports * (growth - new.cost_hat[i, j])
        parts = outcome.one_step()
        assert parts["terms_of_trade"][n] == pytest.approx(100 * terms / old.income[n])
        assert parts["volume_of_trade"][n] == pytest.approx(100 * volume / old.income[n])


def test_prohibitive_tariffs_have_no_path(small):
    tau = small.tau.copy()
    tau[0, 2, 1] = np.inf
    with pytest.raises(world.InputError, match="no finite path"):
        world.decompose(world.solve(small, Shock("ban", tariffs=tau)))


def test_three_numbers_on_nafta(nafta):
    """The figures on the page docs/world.md."""
    split = world.decompose(nafta)
    for code, exact, one_step, terms, volume in (
        ("CAN", -0.1101, -0.0638, -0.1090, -0.0011),
        ("MEX", 0.0073, 1.3121, -0.6775, 0.6849),
        ("USA", 0.0741, 0.0848, 0.0585, 0.0156),
    ):
        at = nafta.economy.country_index(code)
        assert nafta.real_income_pct[at] == pytest.approx(exact, abs=5e-5)
        assert sum(nafta.one_step().values())[at] == pytest.approx(one_step, abs=5e-5)
        assert split.components["terms_of_trade"][at] == pytest.approx(terms, abs=5e-5)
        assert split.components["volume_of_trade"][at] == pytest.approx(volume, abs=5e-5)
        assert split.total[at] == pytest.approx(nafta.real_income_pct[at], abs=1e-6)
