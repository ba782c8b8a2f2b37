"""Bargaining axioms as properties: efficiency, symmetry, independence of units; no deal."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advalorem.bargaining.agreed import bargain
from advalorem.bargaining.deeper import deeper_game
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.example import quadratic
from advalorem.bargaining.pareto import frontier, is_efficient, weighted_best
from advalorem.bargaining.together import compare, compare_wars, patience
from advalorem.partnership.instruments import package, partnership_data

HARM = st.floats(0.15, 0.45)
SHARE = st.floats(0.2, 0.8)


class InOtherUnits:
    """A game in which each player counts payoffs in another unit, from another zero."""

    def __init__(self, game, unit, zero):
        self.game, self.unit, self.zero = game, np.asarray(unit), np.asarray(zero)
        self.players, self.blocks, self.money = game.players, game.blocks, game.money
        self.lower, self.upper = game.lower, game.upper

    def values(self, x):
        return self.unit * self.game.values(x) + self.zero

    def gradient(self, x, weights):
        return self.game.gradient(x, np.asarray(weights) * self.unit)

    def curvature(self, x, weights):
        return self.game.curvature(x, np.asarray(weights) * self.unit)


def unequal(first, second):
    return replace(quadratic(2), harm=np.array([first, second]))


@given(HARM, HARM, SHARE)
@settings(max_examples=25, deadline=None)
def test_bargain_is_efficient(first, second, share):
    game = unequal(first, second)
    found = bargain(game, [0.0, 0.0], {"A": share, "B": 1 - share})
    assert found.deal and min(found.gains.values()) > 0
    rng = np.random.default_rng(0)
    best = game.values(found.x)
    for x in rng.uniform(0, 1, (400, 2)):
        assert not (game.values(x) > best + 1e-7).all()


@given(HARM)
@settings(max_examples=15, deadline=None)
def test_equal_players_get_the_same(harm):
    for transfers in (False, True):
        payoffs = bargain(quadratic(2, harm), [0.0, 0.0], transfers=transfers).payoffs
        assert payoffs["A"] == pytest.approx(payoffs["B"], abs=1e-7)


@given(HARM, HARM, st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)), st.floats(-1, 1))
@settings(max_examples=25, deadline=None)
def test_units_and_zeros_do_not_matter(first, second, unit, zero):
    game = unequal(first, second)
    other = InOtherUnits(game, unit, (zero, -zero))
    outside = np.array([-0.02, 0.01])
    ours = bargain(game, outside)
    theirs = bargain(other, other.unit * outside + other.zero)
    assert ours.x == pytest.approx(theirs.x, abs=2e-4)


@given(HARM, SHARE)
@settings(max_examples=15, deadline=None)
def test_more_weight_is_worth_more(harm, share):
    found = [
        bargain(quadratic(2, harm), [0, 0], {"A": w, "B": 1 - w}).payoffs["A"]
        for w in (share, min(share + 0.1, 0.95))
    ]
    assert found[1] >= found[0] - 1e-7


@given(HARM, HARM, SHARE)
@settings(max_examples=15, deadline=None)
def test_with_transfers_joint_gain_is_largest_and_shared_by_weight(first, second, share):
    game = replace(unequal(first, second), money=np.array([3.0, 1.0]))
    found = bargain(game, [0.0, 0.0], {"A": share, "B": 1 - share}, transfers=True)
    best = weighted_best(game, game.money / 100, np.zeros(2)).value
    money = np.array(list(found.gains.values())) * game.money / 100
    assert money.sum() == pytest.approx(best, rel=1e-6)
    assert money[0] / money.sum() == pytest.approx(share, rel=1e-9)
    assert sum(found.transfers.values()) == pytest.approx(0, abs=1e-12)


def test_an_outside_option_better_than_every_agreement():
    for transfers in (False, True):
        found = bargain(quadratic(), [0.2, 0.2], transfers=transfers)
        assert not found.deal and "no agreement found" in found.reason
        assert found.x is None and found.payoffs == found.outside


@pytest.mark.parametrize("weights", [{"A": 1}, {"A": 1, "B": -1}, {"A": 1, "C": 1}])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(InputError, match="weights"):
        bargain(quadratic(), [0, 0], weights)


@pytest.mark.parametrize("outside", [[0.0], [0.0, float("nan")]])
def test_outside_options_that_do_not_fit(outside):
    with pytest.raises(InputError, match="outside options"):
        bargain(quadratic(), outside)


def test_frontier_of_three_is_efficient_and_falls():
    points = frontier(quadratic(3, 0.2), 4)
    for point in points:
        others = [other for other in points if other is not point]
        assert is_efficient(list(point.payoffs.values()), others, 1e-6)
    assert max(p.payoffs["A"] for p in points) == pytest.approx(0.25)
    with pytest.raises(InputError, match="two or three"):
        frontier(quadratic(4), 3)
    with pytest.raises(InputError, match="too few"):
        frontier(quadratic(2), 1)


def test_the_base_beats_the_war_for_all_together(small):
    """Joint income is largest near free trade, so the war leaves something to bargain over."""
    from advalorem.bargaining.equilibrium import nash

    war = nash(small, [("zero", small.start)])
    found = bargain(small, list(war.payoffs.values()), transfers=True, starts=[small.start])
    assert found.deal and min(found.gains.values()) > 0
    assert np.abs(found.x).max() < 0.02


@pytest.fixture(scope="module")
def talks(small):
    return compare(small, "USA", ["CAN", "MEX"], transfers=True)


def test_every_deal_leaves_both_sides_better_off(talks):
    for item in talks.arrangements.values():
        for deal in item.deals.values():
            assert deal.deal and min(deal.gains.values()) > 0


def test_leverage_is_a_difference_of_bargained_outcomes(talks):
    for form, apart in talks.leverage.items():
        for name, held in apart.items():
            for code, value in held.items():
                one, other = (talks.arrangements[n].payoffs[code] for n in (form, name))
                assert value == pytest.approx(one - other)
    assert set(talks.leverage) == {"one_player", "pact"}


def test_what_keeps_a_spoke_is_what_it_would_gain(talks, small):
    money = dict(zip(small.players, small.money / 100, strict=True))
    assert {(d.form, d.spoke) for d in talks.defections} == {
        (form, spoke) for form in ("one_player", "pact") for spoke in ("CAN", "MEX")
    }
    for item in talks.defections:
        stays = talks.arrangements[item.form].payoffs[item.spoke]
        assert item.gain == pytest.approx(max(item.alone, item.first) - stays)
        assert item.keeps == pytest.approx(max(0, item.gain) * money[item.spoke])
        assert (item.patience == 0) == (item.gain <= 0)


@pytest.mark.parametrize("stays, leaves, after", [(1.0, 2.0, 0.5), (0.2, 0.3, -1.0)])
def test_patience_makes_staying_worth_as_much_as_leaving(stays, leaves, after):
    """Friedman (1971): stays / (1 - d) = leaves + after d / (1 - d)."""
    d = patience(stays, leaves, after)
    assert stays / (1 - d) == pytest.approx(leaves + after * d / (1 - d))


def test_the_first_to_sign_does_not_gain(talks):
    """Whoever talks first faces a hub that can still turn to the other."""
    apart = talks.arrangements["simultaneous"].payoffs
    for spoke in ("CAN", "MEX"):
        first = talks.arrangements[f"sequence: {spoke} first"].payoffs
        assert first[spoke] <= apart[spoke] + 1e-6
        assert first["USA"] >= apart["USA"] - 1e-6


def test_deeper_trade_outside_raises_what_the_spokes_get(small, talks):
    d_hat = np.ones(small.tariffs.shape)
    a, b = (small.payoffs.economy.country_index(code) for code in ("CAN", "MEX"))
    d_hat[a, b, :-1] = d_hat[b, a, :-1] = 0.7
    outside = replace(small, d_hat=d_hat)
    found = compare(small, "USA", ["CAN", "MEX"], transfers=True, outside_game=outside)
    before, after = (t.arrangements["pact"].payoffs for t in (talks, found))
    assert after["CAN"] > before["CAN"] and after["MEX"] > before["MEX"]
    assert after["USA"] < before["USA"]
    before, after = (t.arrangements["simultaneous"].payoffs for t in (talks, found))
    assert after["CAN"] > before["CAN"] and after["MEX"] > before["MEX"]


def test_deeper_trade_by_a_package_of_the_partnership(small):
    """A day saved at the border is worth what the partnership says it is."""
    e = small.payoffs.economy
    own = deeper_game(small, ["CAN", "MEX"], {"border_time": "-1d"}).d_hat
    day = partnership_data()["as_of"]
    expected = package(e, {"border_time": "-1d"}, ("CAN", "MEX"), day).d_hat(e, day)
    assert (own == expected).all()
    ca, mx, us = (e.country_index(code) for code in ("CAN", "MEX", "USA"))
    assert (own[ca, mx, :-1] < 1).all() and (own[us] == 1).all()
    assert (deeper_game(small, ["CAN", "MEX"], True).d_hat == own).all()


@pytest.mark.parametrize("asked", [0, -1.0, "much", {"border_time": "soon"}, {"magic": "-1d"}])
def test_bad_deeper_trade(small, asked):
    with pytest.raises(InputError, match="deeper_trade"):
        deeper_game(small, ["CAN", "MEX"], asked)


def test_hub_and_spokes_have_to_be_the_players(small):
    with pytest.raises(InputError, match="three players"):
        compare(small, "USA", ["CAN"])


def test_a_war_together_is_best_for_the_joint_income(small):
    apart, joint, payoffs = compare_wars(small, ["CAN", "MEX"])
    assert set(payoffs) == {"USA", "CAN", "MEX"}
    assert max(joint.deviation_gain.values()) <= 1e-6
    assert payoffs != apart.payoffs
