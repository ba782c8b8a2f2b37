"""The equilibrium: what must hold whatever the data, and cases with a known answer."""

import dataclasses

import numpy as np
import pytest

from advalorem import world
from advalorem.world import Closure, Shock, SolverOptions
from advalorem.world.check import residuals
from advalorem.world.example import two_country_tables
from advalorem.world.naive import solve_naively

CLOSURES = ("zero_deficits", "world_share", "nominal")


@pytest.mark.parametrize("closure", CLOSURES)
def test_no_shock_changes_nothing(small, closure):
    outcome = world.solve(small, None, closure)
    for name in ("w_hat", "price_hat", "cost_hat", "price_index_hat"):
        np.testing.assert_allclose(getattr(outcome.after, name), 1.0, atol=1e-9)
    np.testing.assert_allclose(outcome.after.flows, outcome.before.flows, rtol=1e-8)
    np.testing.assert_allclose(outcome.real_income_pct, 0.0, atol=1e-8)


@pytest.mark.parametrize("closure", CLOSURES)
def test_all_conditions_hold_in_levels(small, tax, closure):
    outcome = world.solve(small, tax, closure, options=SolverOptions(tolerance=1e-13))
    assert outcome.result == "converged"
    assert max(residuals(outcome.after).values()) < 1e-11
    assert max(residuals(outcome.before).values()) < 1e-9


def test_walras_the_market_left_out_clears(small, tax):
    """Labour and goods markets are solved for; that trade balances is then no assumption."""
    levels = world.solve(small, tax).after
    foreign = levels.flows * ~np.eye(4, dtype=bool)[:, :, None]
    exports, imports = foreign.sum(axis=(0, 2)), foreign.sum(axis=(1, 2))
    np.testing.assert_allclose(exports, imports, rtol=1e-8)
    assert abs(exports - imports).max() > 0  # a rounding error, not the same sum


@pytest.mark.parametrize("closure", ["zero_deficits", "world_share"])
def test_numeraire_does_not_matter(small, tax, closure):
    plain = world.solve(small, tax, Closure(closure))
    other = world.solve(small, tax, Closure(closure, numeraire="B"))
    np.testing.assert_allclose(other.real_income_pct, plain.real_income_pct, atol=1e-8)
    np.testing.assert_allclose(other.real_wage_pct, plain.real_wage_pct, atol=1e-8)
    np.testing.assert_allclose(other.after.pi, plain.after.pi, atol=1e-10)
    assert other.after.w_hat[1] == pytest.approx(1.0)
    assert abs(other.after.w_hat - plain.after.w_hat).max() > 1e-4


def test_constant_nominal_deficits_are_constant(small, tax):
    outcome = world.solve(small, tax, "nominal")
    np.testing.assert_allclose(outcome.after.deficit, small.deficit)
    assert abs(small.deficit).max() > 1
    total = outcome.after.factor_income.sum()
    assert total == pytest.approx(small.factor_income.sum())
    assert "world factor income" in outcome.notes()[0]


def test_deficits_keep_their_share_of_world_income(small, tax):
    outcome = world.solve(small, tax, "world_share")
    before, after = outcome.before, outcome.after
    np.testing.assert_allclose(
        after.deficit / after.income.sum(), before.deficit / before.income.sum(), rtol=1e-8
    )


def test_zero_deficits_are_zero(small, tax):
    outcome = world.solve(small, tax)
    np.testing.assert_array_equal(outcome.after.deficit, 0.0)
    np.testing.assert_array_equal(outcome.before.deficit, 0.0)


@pytest.mark.parametrize("closure", CLOSURES)
def test_order_of_labels_does_not_matter(tables, tax, closure):
    rows, cols = np.array([2, 0, 3, 1]), np.array([1, 2, 0])
    turned = dataclasses.replace(
        tables,
        countries=tuple(tables.countries[n] for n in rows),
        sectors=tuple(tables.sectors[j] for j in cols),
        trade=tables.trade[np.ix_(rows, rows, cols)],
        tariffs=tables.tariffs[np.ix_(rows, rows, cols)],
        input_use=tables.input_use[np.ix_(rows, cols, cols)],
        value_added=tables.value_added[np.ix_(rows, cols)],
        theta=tables.theta[cols],
        goods=tuple(tables.goods[j] for j in cols),
    )
    plain = world.solve(world.build_economy(tables), tax, closure)
    shock = Shock("tax", tariffs=tax.tariffs[np.ix_(rows, rows, cols)])
    other = world.solve(world.build_economy(turned), shock, closure)
    np.testing.assert_allclose(other.real_income_pct, plain.real_income_pct[rows], atol=1e-8)


def test_two_countries_and_one_sector_against_the_scalar_root():
    """Zero tariffs in the base: balanced trade is one equation in the relative wage."""
    from scipy.optimize import brentq

    theta, tariff = 4.0, 0.25
    economy = world.build_economy(two_country_tables(theta=theta))
    tau = economy.tau.copy()
    tau[0, 1] = tariff
    outcome = world.solve(economy, Shock("H taxes F", tariffs=tau))
    income = economy.factor_income
    pi_hf, pi_fh = 25 / 125, 25 / 200

    def gap(w):  # w: wage of H over wage of F
        cheap = pi_hf * (1 + tariff) ** -theta
        share_hf = cheap / (cheap + (1 - pi_hf) * w**-theta)
        share_fh = pi_fh * w**-theta / (pi_fh * w**-theta + 1 - pi_fh)
        spent = w * income[0] / (1 - share_hf * tariff / (1 + tariff))
        return share_hf / (1 + tariff) * spent - share_fh * income[1]

    root = brentq(gap, 0.5, 2.0, xtol=1e-14)
    assert outcome.after.w_hat[0] / outcome.after.w_hat[1] == pytest.approx(root, rel=1e-10)


def test_one_sector_obeys_arkolakis_costinot_rodriguez_clare():
    """Real wages change by the own share to the power -1/theta; ACR (2012), AER 102(1)."""
    economy = world.build_economy(two_country_tables(theta=5.0))
    cost = np.ones((2, 2, 1))
    cost[0, 1] = cost[1, 0] = 1.3
    outcome = world.solve(economy, Shock("costs", d_hat=cost))
    own = np.arange(2)
    change = outcome.after.pi[own, own, 0] / outcome.before.pi[own, own, 0]
    np.testing.assert_allclose(outcome.real_wage_pct, 100 * (change ** (-1 / 5.0) - 1), atol=1e-9)
    np.testing.assert_allclose(outcome.real_income_pct, outcome.real_wage_pct, atol=1e-9)


def test_the_naive_solver_finds_the_same(small, tax):
    base = world.calibrate(small, options=SolverOptions(tolerance=1e-13))
    outcome = world.solve(base, tax)
    naive = solve_naively(base, tax, tolerance=1e-11)
    np.testing.assert_allclose(naive.w_hat, outcome.after.w_hat, rtol=1e-9)
    np.testing.assert_allclose(naive.income, outcome.after.income, rtol=1e-9)
    np.testing.assert_allclose(naive.pi, outcome.after.pi, atol=1e-9)
    assert naive.iterations > 2 * outcome.iterations


def test_damping_in_the_same_variables_finds_the_same(small, tax):
    base = world.calibrate(small)
    slow = SolverOptions(method="damped", max_iterations=20_000)
    found = world.solve(base, tax, options=slow)
    np.testing.assert_allclose(
        found.real_income_pct, world.solve(base, tax).real_income_pct, atol=1e-7
    )


def test_high_elasticity_needs_no_luck(made_up):
    tables = dataclasses.replace(made_up(), theta=np.array([64.85, 30.0, 8.22]))
    economy = world.build_economy(tables)
    outcome = world.solve(economy, Shock("free trade", tariffs=0 * economy.tau))
    assert outcome.result == "converged"
    assert max(outcome.residuals.values()) < 1e-9


def test_a_large_shock_is_approached_in_steps(cp2015):
    foreign = ~np.eye(31, dtype=bool)[:, :, None] & cp2015.goods
    outcome = world.solve(
        cp2015, Shock("+300", tariffs=cp2015.tau + 3.0 * foreign, allow_above_100=True)
    )
    assert outcome.result == "converged"
    assert max(outcome.residuals.values()) < 1e-9
    assert (outcome.real_income_pct < 0).all()


def test_a_prohibitive_tariff_ends_the_flow(small):
    tau = small.tau.copy()
    tau[0, 2, 1] = np.inf
    outcome = world.solve(small, Shock("ban", tariffs=tau))
    assert outcome.after.flows[0, 2, 1] == 0.0
    assert outcome.after.revenue[0] > 0


def test_zero_flows_stay_zero_and_empty_cells_stay_empty(small, tax):
    after = world.solve(small, tax).after
    assert (after.flows[small.flows == 0] == 0).all()
    assert (after.flows[0, :, 0] == 0).all() and after.spending[0, 0] == 0
    assert np.isfinite(after.price_hat).all()


def test_no_supplier_left_is_said_and_not_returned(small):
    tau = np.where(np.eye(4, dtype=bool)[:, :, None], 0.0, np.full(small.tau.shape, np.inf))
    lost = small.pi.copy()
    economy = dataclasses.replace(small, pi=_without_home(lost, 1, 1))
    outcome = world.solve(economy, Shock("closed", tariffs=tau), throw=False)
    assert outcome.result == "non_finite"
    with pytest.raises(world.UnsolvedError, match="non_finite"):
        _ = outcome.real_income_pct
    with pytest.raises(world.UnsolvedError, match="without a supplier"):
        world.solve(economy, Shock("closed", tariffs=tau))


def _without_home(pi, n, j):
    """Country n buys nothing of sector j at home."""
    pi[n, n, j] = 0.0
    pi[n, :, j] /= pi[n, :, j].sum()
    return pi


def test_too_few_iterations_raise_and_carry_the_outcome(small, tax):
    few = SolverOptions(max_iterations=3)
    base = world.calibrate(small)
    with pytest.raises(world.UnsolvedError, match="max_iterations") as caught:
        world.solve(base, tax, options=few)
    assert caught.value.outcome.result == "max_iterations"
    assert caught.value.outcome.residuals["fixed_point"] > 1e-11
    outcome = world.solve(base, tax, options=few, throw=False)
    assert outcome.result == "max_iterations"
    with pytest.raises(world.UnsolvedError):
        outcome.as_dict()


def test_inconsistent_input_is_a_result_code(small):
    broken = dataclasses.replace(small, alpha=small.alpha * 1.1)
    assert world.solve(broken, throw=False).result == "inconsistent_input"
    with pytest.raises(world.InputError, match=r"alpha.*sum to 1\.1"):
        world.solve(broken)


def test_productivity_and_labour(small):
    """Doubling labour everywhere leaves wages per head; doubling productivity doubles them."""
    more = world.solve(small, Shock("labour", labour_hat=np.full(4, 2.0)))
    np.testing.assert_allclose(more.real_wage_pct, 0.0, atol=1e-8)
    np.testing.assert_allclose(more.real_income_pct, 100.0, atol=1e-8)
    labour_only = world.build_economy(two_country_tables())
    better = world.solve(labour_only, Shock("better", productivity_hat=np.full((2, 1), 2.0)))
    np.testing.assert_allclose(better.real_wage_pct, 100.0, atol=1e-8)


def test_a_warm_start_saves_iterations(small, tax):
    from advalorem.world.system import Guess

    base = world.calibrate(small)
    cold = world.solve(base, tax)
    after = cold.after
    start = Guess(np.log(after.w_hat), np.log(after.price_hat), after.spending)
    assert world.solve(base, tax, start=start).iterations < cold.iterations / 3


def test_elasticities_of_the_shock_are_used(small, tax):
    theta = np.array([3.0, 4.0, 5.0])
    direct = world.solve(small.with_theta(theta), tax)
    named = world.solve(small, dataclasses.replace(tax, theta=theta))
    np.testing.assert_allclose(named.real_income_pct, direct.real_income_pct, atol=1e-9)
    assert abs(named.real_income_pct - world.solve(small, tax).real_income_pct).max() > 1e-3


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds_clear_and_agree_with_the_naive_solver(seed, made_up):
    tables = made_up(seed, countries=5, sectors=4)
    economy = world.calibrate(world.build_economy(tables), options=SolverOptions(tolerance=1e-13))
    rng = np.random.default_rng(seed)
    foreign = ~np.eye(5, dtype=bool)[:, :, None] & economy.goods
    shock = Shock("random", tariffs=rng.uniform(0, 0.5, economy.tau.shape) * foreign)
    outcome = world.solve(economy, shock)
    assert max(residuals(outcome.after).values()) < 1e-9
    naive = solve_naively(economy, shock, tolerance=1e-11)
    np.testing.assert_allclose(naive.w_hat, outcome.after.w_hat, rtol=1e-8)
    np.testing.assert_allclose(naive.spending, outcome.after.spending, rtol=1e-7)


def test_a_solved_base_is_an_equilibrium_for_any_elasticity(small):
    """Shares at unchanged costs do not move, whatever theta; only then are draws comparable."""
    base = world.calibrate(small, options=SolverOptions(tolerance=1e-13))
    other = base.with_theta(np.array([1.5, 20.0, 7.0]))
    outcome = world.solve(other)
    assert outcome.iterations == 1
    np.testing.assert_allclose(outcome.after.flows, base.flows, rtol=1e-10)
