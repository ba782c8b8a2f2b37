"""Exact derivatives against finite differences of whole solutions."""

import dataclasses

import numpy as np
import pytest

from advalorem import world
from advalorem.world import Shock, SolverOptions

pytest.importorskip("jax")

FINE = SolverOptions(tolerance=1e-13)
STEP = 1e-5


def slope(base, shock, closure, field, at, value):
    """Central difference of a scalar in one cell of one field of the shock."""
    found = []
    for sign in (1, -1):
        moved = np.array(getattr(shock, field))
        moved[at] += sign * STEP
        moved_shock = dataclasses.replace(shock, **{field: moved})
        found.append(value(world.solve(base, moved_shock, closure, options=FINE)))
    return (found[0] - found[1]) / (2 * STEP)


@pytest.fixture(scope="module")
def full_shock(small):
    n, j = small.shape
    tau = small.tau + 0.05 * ~np.eye(n, dtype=bool)[:, :, None] * small.goods
    return Shock(
        "full",
        tariffs=tau,
        d_hat=np.full((n, n, j), 1.02),
        productivity_hat=np.full((n, j), 1.01),
        labour_hat=np.full(n, 1.03),
    )


@pytest.mark.parametrize("closure", ["zero_deficits", "world_share", "nominal"])
@pytest.mark.parametrize("name", ["real_income", "real_wage", "tariff_revenue", "income"])
def test_named_objectives(small, full_shock, closure, name):
    base = world.calibrate(small, closure, options=FINE)
    outcome = world.solve(base, full_shock, closure, options=FINE)
    found = world.gradient(outcome, f"{name}:C")

    def value(solved):
        return {
            "real_income": lambda: solved.real_income_pct[2],
            "real_wage": lambda: solved.real_wage_pct[2],
            "tariff_revenue": lambda: solved.after.revenue[2],
            "income": lambda: solved.after.income[2],
        }[name]()

    assert found.value == pytest.approx(value(outcome), rel=1e-9)
    for field, at in (
        ("tariffs", (2, 1, 1)), ("tariffs", (1, 2, 0)), ("tariffs", (3, 1, 1)),
        ("d_hat", (2, 1, 1)), ("d_hat", (1, 1, 2)), ("d_hat", (3, 0, 1)),
        ("productivity_hat", (2, 2)), ("productivity_hat", (0, 1)), ("labour_hat", (2,)),
    ):  # fmt: skip
        exact = getattr(found, field)[at]
        near = slope(base, full_shock, closure, field, at, value)
        assert exact == pytest.approx(near, rel=1e-5, abs=1e-6), (field, at)


def test_any_function_of_levels(small, full_shock):
    def exports_of_b(levels):
        return levels.flows[:, 1].sum() - levels.flows[1, 1].sum()

    base = world.calibrate(small, options=FINE)
    outcome = world.solve(base, full_shock, options=FINE)
    found = world.gradient(outcome, exports_of_b)
    near = slope(
        base, full_shock, "zero_deficits", "tariffs", (0, 1, 1),
        lambda solved: exports_of_b(solved.after),
    )  # fmt: skip
    assert found.tariffs[0, 1, 1] == pytest.approx(near, rel=1e-5)


def test_small_countries_lose_from_their_own_distortions_at_the_margin(nafta):
    """Signs on real data: a dearer border between two others, a rival's tariff."""
    found = world.gradient(nafta, "real_income:MEX")
    economy = nafta.economy
    usa, mex, auto = (
        economy.country_index("USA"),
        economy.country_index("MEX"),
        economy.sector_index("Auto"),
    )
    assert found.tariffs.shape == economy.tau.shape
    assert found.tariffs[usa, mex, auto] < 0
    assert found.d_hat[usa, mex, auto] < 0 and found.d_hat[mex, usa, auto] < 0
    assert (found.tariffs[economy.pi == 0] == 0).all()


def test_unknown_objectives_and_unsolved_outcomes(small, tax):
    outcome = world.solve(small, tax)
    with pytest.raises(world.InputError, match="NAME:COUNTRY"):
        world.gradient(outcome, "happiness:A")
    base = world.calibrate(small)
    few = world.solve(base, tax, options=SolverOptions(max_iterations=2), throw=False)
    with pytest.raises(world.UnsolvedError):
        world.gradient(few, "real_income:A")


def test_importing_the_model_does_not_import_jax():
    import subprocess
    import sys

    code = (
        "import sys, advalorem; from advalorem import world;"
        "assert 'advalorem.world' in sys.modules and 'numpy' not in sys.modules;"
        "e = world.load_economy('cp2015'); world.solve(e, world.named_shock(e, 'nafta'));"
        "heavy = {'jax', 'polars', 'xarray', 'scipy', 'distributed'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
