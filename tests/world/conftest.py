"""Economies shared by the tests of the world model."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from advalorem import world
from advalorem.world import Economy, Outcome, Tables

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(os.environ.get("ADVALOREM_SOURCES", ROOT.parent / "shared" / "data"))


def made_up_tables(seed: int = 3, countries: int = 4, sectors: int = 3) -> Tables:
    """A made-up world with deficits, tariffs, a non-traded sector and an empty cell.

    Sector 2 is not traded; country 0 neither makes nor buys sector 0.
    """
    rng = np.random.default_rng(seed)
    trade = rng.uniform(5, 40, (countries, countries, sectors))
    trade[:, :, -1] = np.eye(countries) * rng.uniform(100, 200, countries)
    own = np.arange(countries)
    trade[own, own] += 100
    trade[0, :, 0] = trade[:, 0, 0] = 0.0
    tariffs = rng.uniform(0, 0.3, trade.shape)
    tariffs[own, own] = 0.0
    tariffs[:, :, -1] = 0.0
    sold = trade.sum(axis=0)
    gamma = rng.dirichlet(np.ones(sectors + 1), (countries, sectors))[:, :, :-1]
    use = np.transpose(gamma, (0, 2, 1)) * 0.5 * sold[:, None, :]
    use[0, 0] = 0.0
    return Tables(
        name="made up",
        countries=tuple("ABCDEFGH"[:countries]),
        sectors=tuple(f"s{j}" for j in range(sectors)),
        trade=trade,
        tariffs=tariffs,
        input_use=use,
        value_added=sold - use.sum(axis=1),
        theta=np.linspace(2.5, 9.0, sectors),
        goods=tuple(j < sectors - 1 for j in range(sectors)),
    )


@pytest.fixture(scope="session")
def tables() -> Tables:
    return made_up_tables()


@pytest.fixture(scope="session")
def small(tables: Tables) -> Economy:
    return world.build_economy(tables)


@pytest.fixture(scope="session")
def cp2015() -> Economy:
    return world.load_economy("cp2015")


@pytest.fixture(scope="session")
def nafta(cp2015: Economy) -> Outcome:
    return world.solve(cp2015, world.named_shock(cp2015, "nafta"))


@pytest.fixture(scope="session")
def icio() -> Economy:
    return world.calibrate(world.load_economy("icio2022"))


@pytest.fixture
def tax(small: Economy) -> world.Shock:
    """A taxes C's sector 1 by 20 points more, and D lifts all its tariffs."""
    tau = small.tau.copy()
    tau[0, 2, 1] += 0.2
    tau[3] = 0.0
    return world.Shock("tax", tariffs=tau)


@pytest.fixture(scope="session")
def source() -> Callable[[str], Path]:
    """A function that finds a folder of source data, or skips the test."""

    def found(name: str) -> Path:
        path = SOURCES / name
        if not path.exists():
            pytest.skip(f"needs {path}; set ADVALOREM_SOURCES")
        return path

    return found


@pytest.fixture(scope="session")
def made_up() -> Callable[..., Tables]:
    """The maker of made-up worlds."""
    return made_up_tables
