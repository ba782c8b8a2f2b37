"""The paper's own numbers: Caliendo and Parro (2015), section 5.1 and abstract.

Second referee: README of github.com/paulofelipe/cp2015, commit 1f69bba9, which prints three digits
of an independent program for the same data and counterfactual.
"""

import dataclasses

import numpy as np
import pytest

from advalorem import world

MEMBERS = ("CAN", "MEX", "USA")
PAPER = {  # welfare, terms of trade, volume of trade, real wage; per cent
    "CAN": (-0.06, -0.11, 0.04, 0.32),
    "MEX": (1.31, -0.41, 1.72, 1.72),
    "USA": (0.08, 0.04, 0.04, 0.11),
}
INDEPENDENT = {
    "CAN": (-0.0638, -0.108, 0.0443, 0.323),
    "MEX": (1.31, -0.412, 1.72, 1.72),
    "USA": (0.0848, 0.0435, 0.0412, 0.112),
}
INTRA_BLOC_IMPORTS = {"CAN": 11, "MEX": 118, "USA": 41}  # per cent, abstract


def printed(nafta, code):
    at = nafta.economy.country_index(code)
    parts = nafta.one_step()
    welfare = parts["terms_of_trade"] + parts["volume_of_trade"]
    columns = (welfare, parts["terms_of_trade"], parts["volume_of_trade"], nafta.real_wage_pct)
    return [float(column[at]) for column in columns]


@pytest.mark.parametrize("code", MEMBERS)
def test_the_papers_table_to_its_printed_digits(nafta, code):
    assert [round(value, 2) for value in printed(nafta, code)] == list(PAPER[code])


@pytest.mark.parametrize("code", MEMBERS)
def test_an_independent_program_to_its_printed_digits(nafta, code):
    found = [float(f"{value:.3g}") for value in printed(nafta, code)]
    assert found == list(INDEPENDENT[code])


@pytest.mark.parametrize("code", MEMBERS)
def test_trade_inside_the_bloc_as_in_the_abstract(nafta, code):
    here = nafta.economy.country_index(code)
    others = [nafta.economy.country_index(other) for other in MEMBERS if other != code]
    before, after = nafta.imports()
    growth = 100 * (after[here, others].sum() / before[here, others].sum() - 1)
    assert round(growth) == INTRA_BLOC_IMPORTS[code]


def test_exact_real_income_is_another_number_than_the_one_step(nafta):
    mexico = nafta.economy.country_index("MX")
    assert nafta.real_income_pct[mexico] == pytest.approx(0.0073, abs=5e-5)


def test_authors_conventions_are_reported(nafta):
    moved = {item.step: item for item in nafta.economy.adjustments}
    assert moved["exports.above_output"].cells == 26
    assert moved["inputs.negative"].where[0][0] == "CAN/Other/Basic metals"
    assert moved["final_demand.negative"].cells == 185
    deficits = dict(moved["calibrate.deficits"].where)
    assert deficits["USA"] == pytest.approx(-123.3187e9, rel=1e-6)
    assert deficits["CAN"] == pytest.approx(10.7411e9, rel=1e-5)
    assert deficits["MEX"] == pytest.approx(-8.7307e9, rel=1e-5)


def test_elasticities_are_those_of_the_authors_file(cp2015, source):
    theta = np.loadtxt(source("cp2015") / "T.txt")
    np.testing.assert_array_equal(cp2015.theta[:20], theta)


def test_packaged_economy_equals_the_authors_files(cp2015, source):
    from advalorem.world.sources.cp2015 import read_cp2015

    tables = read_cp2015(source("cp2015"))
    packaged = world.load_tables("cp2015")
    for name in ("trade", "tariffs", "input_use", "value_added", "theta"):
        np.testing.assert_array_equal(getattr(packaged, name), getattr(tables, name))
    np.testing.assert_array_equal(packaged.scenarios["2005"], tables.scenarios["2005"])
    assert packaged.countries == tables.countries
    assert packaged.sectors == tables.sectors


@pytest.mark.slow
def test_scaling_printed_shares_to_one_moves_nobody(nafta, source):
    """IO.txt prints seven digits; with its sums left as printed nothing moves by 1e-6 points."""
    from advalorem.world.naive import solve_naively

    mix = np.loadtxt(source("cp2015") / "IO.txt").reshape(31, 40, 40)
    off = mix.sum(axis=1)
    assert 1e-7 < abs(off[off > 0] - 1).max() < 2e-6
    value_added = np.loadtxt(source("cp2015") / "B.txt").T
    gamma = (1 - value_added)[:, None, :] * mix
    printed = dataclasses.replace(nafta.economy, gamma=gamma, value_added_share=value_added)
    old, new = (solve_naively(printed, shock, tolerance=1e-9) for shock in (None, nafta.shock))
    index = np.prod((new.price_hat / old.price_hat) ** printed.alpha, axis=1)
    real = 100 * (new.income / old.income / index - 1)
    np.testing.assert_allclose(real, nafta.real_income_pct, atol=1e-6)


@pytest.mark.slow
def test_the_naive_solver_agrees_on_nafta(nafta):
    from advalorem.world.naive import solve_naively

    naive = solve_naively(nafta.economy, nafta.shock, tolerance=1e-10)
    np.testing.assert_allclose(naive.w_hat, nafta.after.w_hat, rtol=1e-8)
    real = naive.income / nafta.before.income / nafta.after.price_index_hat
    np.testing.assert_allclose(100 * (real - 1), nafta.real_income_pct, atol=1e-6)


def test_nonzero_deficits_are_another_experiment(cp2015, nafta):
    other = world.solve(cp2015, world.named_shock(cp2015, "nafta"), "nominal")
    mexico = cp2015.country_index("MEX")
    assert abs(other.real_income_pct[mexico] - nafta.real_income_pct[mexico]) > 0.01
    np.testing.assert_allclose(other.after.deficit, other.before.deficit, rtol=1e-12)
