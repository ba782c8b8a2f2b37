"""Talks in sequence: slopes through the second deal, and the first deal against a search outside.

The referee knows payoffs only: it solves the second deal for every first deal by Nelder and Mead's
simplex, without slopes, and looks for a better first deal around the one found.
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from advalorem.bargaining.equilibrium import nash
from advalorem.bargaining.followed import Followed
from advalorem.bargaining.talks import Talks


@pytest.fixture(scope="module")
def coarse(small_tables, play):
    """One rate per partner: two rates in each deal."""
    return play(small_tables, ("USA", "CAN", "MEX"), rule="partner", bounds=(0.0, 0.5))


@pytest.fixture(scope="module")
def talks(coarse):
    def made(transfers):
        return Talks(coarse, "USA", ("CAN", "MEX"), None, transfers, coarse)

    return made


@pytest.mark.parametrize("transfers", [True, False])
def test_slopes_look_through_the_second_deal(small, transfers):
    held = Talks(small, "USA", ("CAN", "MEX"), None, transfers, small)
    war = held.base(nash(small, [("zero", small.start)]).x)
    ahead = Followed(
        small, small, (0, 1, 2), held.pair("CAN"), held.pair("MEX"), war, 0.5, transfers
    )
    x = np.random.default_rng(0).uniform(0.01, 0.05, ahead.first.size)
    weights = np.array([1.0, 2.0])
    exact = ahead.gradient(x, weights)
    for k in (0, 3, 5):
        step = np.zeros_like(x)
        step[k] = 2e-3
        moved = weights @ (ahead.values(x + step) - ahead.values(x - step)) / 4e-3
        assert exact[k] == pytest.approx(moved, rel=2e-4, abs=2e-3)


class Outside:
    """The sequence worked out from payoffs alone, without transfers and with equal weights."""

    def __init__(self, talks, war, first, second):
        self.game, self.war = talks.game, talks.base(war)
        self.pairs = [talks.pair(first), talks.pair(second)]
        self.who = [talks.game.players.index(name) for name in ("USA", first, second)]

    def put(self, one, two):
        x = self.war.copy()
        x[self.pairs[0]], x[self.pairs[1]] = one, two
        return x

    def best(self, product, start):
        """Return the largest product of gains within bounds, by a simplex search."""

        def cost(z):
            low, high = self.game.lower[0], self.game.upper[0]
            return -product(np.clip(z, low, high)) + 10 * np.abs(z - np.clip(z, low, high)).sum()

        options = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": 200}
        return np.clip(minimize(cost, start, method="Nelder-Mead", options=options).x, 0, 0.5)

    def second(self, one):
        """Return the second deal after a first one."""
        hub, _, other = self.who
        left = self.game.values(self.put(one, self.war[self.pairs[1]]))

        def product(two):
            gain = (self.game.values(self.put(one, two)) - left)[[hub, other]]
            return float(np.sign(gain.min()) * np.abs(gain).prod())

        return self.best(product, np.full(2, 0.02))

    def first_product(self, one, outside):
        gain = (self.game.values(self.put(one, self.second(one))) - outside)[self.who[:2]]
        return float(np.sign(gain.min()) * np.abs(gain).prod())


def test_first_deal_stands_against_a_search_from_outside(talks):
    held = talks(False)
    war = held.war(())
    apart = held.simultaneous(war)
    found = held.sequence(war, "CAN", apart.x)
    assert all(deal.deal for deal in found.deals.values())
    referee = Outside(held, war, "CAN", "MEX")
    one, two = (found.x[held.pair(code)] for code in ("CAN", "MEX"))
    assert held.game.values(referee.put(one, referee.second(one))) == pytest.approx(
        held.game.values(referee.put(one, two)), abs=3e-4
    )
    failed = referee.war[referee.pairs[0]]
    outside = held.game.values(referee.put(failed, referee.second(failed)))
    for k, code in enumerate(("USA", "CAN")):
        assert found.deals["USA+CAN"].outside[code] == pytest.approx(outside[k], abs=1e-4)
    reached = referee.first_product(one, outside)
    rng = np.random.default_rng(3)
    for way in rng.normal(size=(6, 2)):
        tried = np.clip(one + 0.02 * way, 0, 0.5)
        assert referee.first_product(tried, outside) <= reached + 2e-6


@pytest.mark.parametrize("transfers", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_who_talks_first_foresees_the_second_deal(talks, transfers):
    """The hub's outside option in the first talk is what the second talk alone would bring."""
    held = talks(transfers)
    war = held.war(())
    apart = held.simultaneous(war)
    found = held.sequence(war, "MEX", apart.x)
    alone = held.alone(war, "CAN")
    assert found.deals["USA+MEX"].outside["USA"] == pytest.approx(alone["USA"], abs=1e-5)
    assert found.deals["USA+MEX"].outside["MEX"] == pytest.approx(alone["MEX"], abs=1e-5)
    assert found.payoffs["USA"] >= apart.payoffs["USA"] - 1e-6
