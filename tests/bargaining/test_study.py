"""The published study's cases against its equations, written here anew and solved directly.

The study's model as its replication package states it: shares, sales net of what importers keep,
budgets with deficits as shares of world income, labour supply. The program gets there another way,
by shocks around the world model.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import root

from advalorem.bargaining.errors import InputError
from advalorem.bargaining.study import (
    CASES,
    PLAIN,
    Features,
    Study,
    kept_shares,
    load_study,
    run_case,
)

VARIANTS = {
    "base": Features(),
    "low pass-through": Features(variety=0.25),
    "without mark-ups": Features(mark_ups=False),
    "lump sum": Features(lump_sum=True),
    "elastic": Features(epsilon=8.0, scale=1.34),
    "plain": PLAIN,
}


def direct(study, rates, features):
    """Return welfare in per cent by solving the study's 3N equations at once."""
    f, count = features, len(study.countries)
    fitted, nu = kept_shares(study, Features()), kept_shares(study, f)
    bought, sold = study.trade.sum(axis=1), ((1 - fitted)[:, None] * study.trade).sum(axis=0)
    spend = study.trade + np.diag(
        np.maximum(study.gdp + (1 - fitted) * (bought - sold) - bought, 0)
    )

    def sales(flows):
        return ((1 - nu)[:, None] * flows).sum(axis=0) + nu * flows.sum(axis=1)

    base, income = spend.sum(axis=1), sales(spend)
    theta, psi = f.epsilon / (f.scale or 1.0), f.scale / f.epsilon
    phi = np.ones(count)
    if f.mark_ups:
        phi = f.variety + (1 + theta) / ((1 - nu) * theta) - 1 / theta - 1

    def system(z):
        wage, total, labour = np.exp(z.reshape(3, count))
        weight = spend / base[:, None] * ((wage / labour**psi) ** -f.epsilon)
        weight = weight * (1 + rates) ** (-f.epsilon * phi)[:, None]
        price = (total / wage) ** (1 - phi) * weight.sum(axis=1) ** (-1 / f.epsilon)
        paid = weight / weight.sum(axis=1)[:, None] * (base * total)[:, None]
        net = paid / (1 + rates)
        revenue, new = (paid - net).sum(axis=1), wage * labour * income
        tax = np.zeros(count) if f.lump_sum else revenue / new
        gaps = (sales(net) - new) / income
        gaps[-1] = np.log(wage) @ income / income.sum()
        budget = (revenue + new + (base - income) * new.sum() / income.sum()) / base - total
        supply = np.log(labour) - f.kappa * np.log(wage / price / (1 - tax))
        part = base / (base - f.kappa * (1 - tax) * income / (1 + f.kappa))
        welfare = part * total / price + (1 - part) * wage * labour / price
        return np.concatenate([gaps, budget, supply]), 100 * (welfare - 1)

    found = root(lambda z: system(z)[0], np.zeros(3 * count), options={"xtol": 1e-11})
    assert np.abs(system(found.x)[0]).max() < 1e-9
    return system(found.x)[1]


@pytest.fixture(scope="module")
def invented():
    """Six countries with random trade; the last one taxes the others."""
    rng = np.random.default_rng(11)
    trade = rng.uniform(5, 60, (6, 6))
    np.fill_diagonal(trade, 0)
    gdp = trade.sum(axis=0) * rng.uniform(3, 6, 6)
    announced = np.append(rng.uniform(0.1, 0.5, 5), 0.0)
    return Study(tuple("ABCDEF"), trade, gdp, announced, 5)


@pytest.mark.parametrize("name", VARIANTS)
def test_equations_of_the_study(invented, name):
    for case in ("announced", "optimal_optimal_retaliation"):
        found = run_case(invented, case, VARIANTS[name])
        referee = direct(invented, found.tariffs, VARIANTS[name])
        assert found.welfare_pct == pytest.approx(referee, abs=1e-6)


def test_reciprocal_answers_are_the_attack_turned_round(invented):
    found = run_case(invented, "announced_reciprocal_retaliation", Features())
    assert (found.tariffs[:, 5] == found.tariffs[5]).all()


def test_answers_of_small_countries(invented):
    """1 / ((1 + epsilon) phi - 1), which is 1 / epsilon without mark-ups."""
    found = run_case(invented, "announced_small_retaliation", Features(mark_ups=False))
    assert found.tariffs[:5, 5] == pytest.approx(np.full(5, 0.25))


def test_balanced_trade_with_the_taxing_country(invented):
    found = run_case(invented, "announced", replace(Features(), deficits="balanced"))
    other = run_case(invented, "announced", Features())
    assert found.welfare_pct[5] != pytest.approx(other.welfare_pct[5], abs=1e-3)
    with pytest.raises(InputError, match="deficits"):
        run_case(invented, "announced", replace(Features(), deficits="none"))


def test_no_tariff_changes_nothing(invented):
    still = replace(invented, announced=np.zeros(6))
    assert np.abs(run_case(still, "announced", Features()).welfare_pct).max() < 1e-6


@pytest.fixture(scope="module")
def study(sources):
    folder = sources / "liberation_day"
    if not folder.exists():
        pytest.skip("the study's data are not here")
    return load_study(folder, "USA")


@pytest.mark.parametrize("name", ["base", "lump sum"])
def test_equations_of_the_study_on_its_data(study, name):
    found = run_case(study, "announced", VARIANTS[name])
    assert len(study.countries) == 194 and found.tariffs[study.taxer].max() == 0.54
    referee = direct(study, found.tariffs, VARIANTS[name])
    assert found.welfare_pct == pytest.approx(referee, abs=1e-5)


def test_what_the_plain_model_leaves_out(study):
    plain, full = (run_case(study, "announced", f) for f in (PLAIN, Features()))
    us = study.taxer
    assert plain.employment_pct == pytest.approx(np.zeros(194))
    assert 0 < plain.welfare_pct[us] < full.welfare_pct[us]


def test_study_retaliation_costs_the_taxer(study):
    found = {case: run_case(study, case).welfare_pct[study.taxer] for case in CASES}
    assert found["optimal"] == max(found.values())
    assert found["announced"] > found["announced_optimal_retaliation"]
    with pytest.raises(InputError, match="unknown"):
        run_case(study, "none")
