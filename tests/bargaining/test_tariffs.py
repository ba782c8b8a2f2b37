"""Optimal and Nash tariffs against closed forms, finite differences and a search from outside."""

import numpy as np
import pytest
from scipy.optimize import brentq, differential_evolution, minimize, minimize_scalar

from advalorem.bargaining.equilibrium import best_response, deviation_gains, nash
from advalorem.bargaining.errors import NotConvergedError
from advalorem.bargaining.example import quadratic
from advalorem.bargaining.game import merge
from advalorem.bargaining.search import maximise


@pytest.mark.parametrize("theta", [2.0, 4.0, 8.0, 40.0])
def test_small_country_taxes_by_one_over_theta(two_countries, play, theta):
    """Armington: demand for a small country's variety has elasticity 1 + theta abroad."""
    game = play(two_countries((8e-4, 1e3), 2e-4, theta), ["H", "F"])
    found = best_response(game, np.zeros(2), 0)
    assert found.converged
    assert found.x[0] == pytest.approx(1 / theta, rel=1e-4)


@pytest.mark.parametrize("foreign", [0.0, 0.15, 0.6])
@pytest.mark.parametrize("theta", [2.5, 6.0])
def test_two_countries_as_in_gros(two_countries, play, foreign, theta):
    """Gros (1987, Journal of International Economics 23): t = 1 / (theta s).

    s is the share of F's spending, at prices before its tariff, that stays at home.
    """
    game = play(two_countries(theta=theta), ["H", "F"])
    x = best_response(game, np.array([0.0, foreign]), 0).x
    new = game.payoffs.outcome(game.shock(np.array([x[0], foreign]))).after
    stays = new.flows[1, 1, 0] / new.flows[1, :, 0].sum()
    assert x[0] == pytest.approx(1 / (theta * stays), rel=1e-5)


@pytest.mark.parametrize("theta", [3.0, 5.0])
def test_symmetric_nash(two_countries, play, theta):
    """Two equal countries: t (theta s(t)) = 1 with wages equal and s from base shares."""
    game = play(two_countries((150.0, 150.0), 50.0, theta), ["H", "F"])
    found = nash(game)

    def gap(t):
        abroad = 50 / 150 * (1 + t) ** (-theta - 1)  # per unit spent at home, before tariff
        return t * theta / (1 + abroad) - 1

    assert found.x[0] == pytest.approx(found.x[1], abs=1e-6)
    assert found.x[0] == pytest.approx(brentq(gap, 1e-3, 2.0), rel=1e-5)
    assert set(dict(found.starts).values()) == {"same"}
    assert max(found.deviation_gain.values()) <= 1e-6


def test_slopes_are_those_of_finite_differences(small):
    rng = np.random.default_rng(1)
    x, weights = rng.uniform(0, 0.3, small.lower.size), np.array([1.0, -0.5, 2.0])
    exact = small.gradient(x, weights)
    for k in (0, 4, 8, 17):
        step = np.zeros_like(x)
        step[k] = 1e-3
        moved = weights @ (small.values(x + step) - small.values(x - step)) / 2e-3
        assert exact[k] == pytest.approx(moved, rel=1e-4, abs=2e-6)


@pytest.fixture(scope="module")
def war(small):
    return nash(small)


def test_nash_has_no_slope_left_by_finite_differences(small, war):
    assert (war.x > 0).all() and (war.x < 1).all()
    for p, block in enumerate(small.blocks):
        for k in block[::2]:
            step = np.zeros_like(war.x)
            step[k] = 1e-4
            around = [small.values(war.x + s * step)[p] for s in (-1, 0, 1)]
            assert around[1] >= max(around[0], around[2])
            assert abs(around[2] - around[0]) / 2e-4 < 1e-4


def test_nash_stands_against_a_search_without_our_slopes(small, war):
    """Every player tries scalings and random moves with another method."""
    rng = np.random.default_rng(5)
    held = small.values(war.x)
    for p, block in enumerate(small.blocks):

        def payoff(s, p=p, block=block, way=None):
            x = war.x.copy()
            x[block] = np.clip(x[block] * s if way is None else x[block] + s * way, 0, 1)
            return -small.values(x)[p]

        ways = [None, *rng.normal(size=(2, block.size))]
        for way in ways:
            bounds = (0.0, 5.0) if way is None else (-0.2, 0.2)
            run = minimize_scalar(
                payoff,
                bounds=bounds,
                args=(p, block, way),
                method="bounded",
                options={"maxiter": 12},
            )
            assert -run.fun <= held[p] + 1e-6


def deviation(game, x, player, seed):
    """Return the best payoff that a search from outside finds for one player, from payoffs alone.

    Differential evolution of Storn and Price (1997) over the whole range of rates, then the
    simplex of Nelder and Mead (1965) from the equilibrium; neither knows slopes.
    """
    block = game.blocks[player]

    def cost(own):
        trial = np.array(x)
        trial[block] = np.clip(own, game.lower[block], game.upper[block])
        return -float(game.values(trial)[player])

    bounds = list(zip(game.lower[block], game.upper[block], strict=True))
    wide = differential_evolution(
        cost, bounds, seed=seed, maxiter=12, popsize=4, polish=False, x0=None, tol=1e-9
    )
    near = minimize(cost, x[block], method="Nelder-Mead", options={"maxfev": 150})
    return -min(wide.fun, near.fun)


def test_no_deviation_from_nash_is_found_from_outside(small, war):
    held = small.values(war.x)
    for player in range(3):
        assert deviation(small, war.x, player, player) <= held[player] + 1e-6


def test_the_search_from_outside_can_find_a_deviation(small, war):
    """A referee that finds nothing anywhere proves nothing."""
    wrong = np.array(war.x)
    wrong[small.blocks[0]] = 0.5
    assert deviation(small, wrong, 0, 0) > small.values(wrong)[0] + 1e-3


def test_both_searches_find_the_same_best_response(small, war):
    block = small.blocks[1]
    weights = np.eye(3)[1]

    def placed(own):
        x = war.x.copy()
        x[block] = own
        return x

    other = maximise(
        lambda own: float(small.values(placed(own))[1]),
        lambda own: (
            small.gradient(placed(own), weights)[block],
            small.curvature(placed(own), weights)[block],
        ),
        np.full(block.size, 0.5),
        small.lower[block],
        small.upper[block],
    )
    ours = best_response(small, war.x, 1, np.zeros(block.size))
    assert other.converged and ours.converged
    assert other.value == pytest.approx(ours.value, abs=1e-6)
    assert np.abs(other.x - ours.x).max() < 5e-3


def test_bounds_bind(small_tables, play):
    game = play(small_tables, ["USA", "CAN"], bounds=(0.02, 0.05))
    found = nash(game, [("low", game.lower)])
    assert found.x.min() >= 0.02 and found.x.max() == 0.05
    assert max(found.deviation_gain.values()) <= 1e-6


@pytest.mark.parametrize("rule, count", [("partner", 2), ("sector", 3), ("one", 1)])
def test_coarser_rates_are_worth_less(small_tables, play, rule, count):
    """Fewer rates can only be worse than one per partner and sector."""
    partners = {"USA": ["CAN", "MEX"]}
    coarse = play(small_tables, ["USA"], rule=rule, partners=partners)
    fine = play(small_tables, ["USA"], partners=partners)
    assert coarse.instruments.count == count
    values = [best_response(g, g.start, 0).value for g in (coarse, fine)]
    assert 0 < values[0] <= values[1] + 1e-9


def test_one_player_alone_meets_everybody(small_tables, play):
    game = play(small_tables, ["USA"], rule="one")
    assert set(game.instruments.exporter.tolist()) == {
        game.payoffs.economy.country_index(c) for c in ("CAN", "MEX", "ROW")
    }
    assert 0.01 < best_response(game, game.start, 0).x[0] < 1


def test_a_coalition_does_not_tax_itself_into_loss(small):
    joined = merge(small, [("CAN", "MEX")])
    found = nash(joined, [("zero", np.zeros(small.lower.size))])
    assert found.payoffs.keys() == {"USA", "CAN+MEX"}
    values = dict(zip(small.players, small.values(found.x), strict=True))
    money = dict(zip(small.players, small.money, strict=True))
    joint = (values["CAN"] * money["CAN"] + values["MEX"] * money["MEX"]) / (
        money["CAN"] + money["MEX"]
    )
    assert found.payoffs["CAN+MEX"] == pytest.approx(joint, abs=1e-12)
    assert max(found.deviation_gain.values()) <= 1e-6


class Chase:
    """A wants to be where B is, B where A is not: no equilibrium in pure strategies."""

    players = ("A", "B")
    blocks = (np.array([0]), np.array([1]))
    lower, upper, money = np.zeros(2), np.ones(2), np.ones(2)

    def values(self, x):
        gap = (x[0] - x[1]) ** 2
        return np.array([-gap, gap])

    def gradient(self, x, weights):
        slope = 2 * (x[0] - x[1]) * (weights[1] - weights[0])
        return np.array([slope, -slope])

    def curvature(self, x, weights):
        return np.full(2, 2.0)


def test_a_game_without_equilibrium_says_so():
    with pytest.raises(NotConvergedError, match="still gains"):
        nash(Chase(), rounds=8)


def test_several_equilibria_are_reported():
    class Double:
        """Both want to agree: on everything or on nothing."""

        players = ("A", "B")
        blocks = (np.array([0]), np.array([1]))
        lower, upper, money = np.zeros(2), np.ones(2), np.ones(2)

        def values(self, x):
            a, b = x[0] - 0.5, x[1] - 0.5
            return np.array([a * b + 0.1 * x[0] * x[1], a * b + 0.1 * x[0] * x[1]])

        def gradient(self, x, weights):
            total = weights.sum()
            return total * np.array([x[1] - 0.5 + 0.1 * x[1], x[0] - 0.5 + 0.1 * x[0]])

        def curvature(self, x, weights):
            return np.full(2, 1.0)

    found = nash(Double(), [("low", np.zeros(2)), ("high", np.ones(2))])
    assert dict(found.starts) == {"low": "same", "high": "another equilibrium"}
    assert len(found.others) == 1
    assert found.others[0].x.round(6).tolist() == [1.0, 1.0]


def test_deviation_gain_of_a_wrong_point_is_seen(small, war):
    gains, _ = deviation_gains(small, np.zeros_like(war.x), random_starts=0)
    assert gains.min() > 1e-3


def test_quadratic_game_by_hand():
    assert nash(quadratic(3)).x == pytest.approx(np.full(3, 0.5), abs=1e-6)


@pytest.mark.slow
def test_three_countries_and_all_sectors(play):
    from advalorem import world

    game = play(world.load_tables("icio2022"), ("USA", "CAN", "MEX"))
    found = nash(game)
    assert game.instruments.count == 3 * 2 * 27
    assert max(found.deviation_gain.values()) <= 1e-6
    assert set(dict(found.starts).values()) == {"same"}
    assert found.payoffs["MEX"] < found.payoffs["CAN"] < -0.4
