"""Games shared by the tests of bargaining."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from advalorem import world
from advalorem.bargaining.game import WorldGame
from advalorem.bargaining.instruments import instruments_of
from advalorem.bargaining.payoffs import Payoffs
from advalorem.world.aggregation import aggregate

THREE = ("USA", "CAN", "MEX")


def game_on(tables: world.Tables, players, **options) -> WorldGame:
    payoffs = Payoffs(world.build_economy(tables), players)
    own = instruments_of(payoffs.economy, players, **options)
    return WorldGame(payoffs, own, payoffs.economy.tau)


@pytest.fixture(scope="session")
def two_countries() -> Callable[..., world.Tables]:
    """Two countries with labour only: spending of each on itself and on the other."""

    def made(home=(100.0, 175.0), trade=25.0, theta=4.0) -> world.Tables:
        flows = np.array([[[home[0]], [trade]], [[trade], [home[1]]]])
        base = world.example.two_country_tables(theta=theta)
        return replace(base, trade=flows, value_added=flows.sum(axis=0))

    return made


@pytest.fixture(scope="session")
def small_tables() -> world.Tables:
    """Canada, Mexico, the United States and the rest; three goods sectors and services."""
    tables = world.load_tables("icio2022")
    countries = {code: code if code in THREE else "ROW" for code in tables.countries}
    kinds = {"SERV": "SERV", "C29": "auto"}
    sectors = {
        code: kinds.get(code, "farms and mines" if code[0] in "AB" else "factories")
        for code in tables.sectors
    }
    return aggregate(tables, countries, sectors)


@pytest.fixture(scope="session")
def small(small_tables) -> WorldGame:
    return game_on(small_tables, THREE)


@pytest.fixture(scope="session")
def play() -> Callable[..., WorldGame]:
    """The maker of games."""
    return game_on
