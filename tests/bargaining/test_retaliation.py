"""Retaliation: mirror, targets within a budget, what is credible, and the play from the end."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advalorem import world
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.retaliation import chosen_share, menu_of
from advalorem.bargaining.subgame import play
from advalorem.bargaining.targets import Product, targeted


@pytest.fixture(scope="module")
def payoffs(small):
    return Payoffs(small.payoffs.economy, ["USA", "CAN", "MEX"])


@pytest.fixture(scope="module")
def attack(payoffs):
    return world.raise_tariffs(payoffs.economy, "USA <- CAN,MEX: +10")


@pytest.fixture(scope="module")
def menu(payoffs, attack):
    return menu_of(payoffs, "USA", attack, ["CAN", "MEX"], budget=20_000.0)


@pytest.fixture(scope="module")
def found(menu):
    return {name: menu.answer(name) for name in menu.rows}


def test_doing_nothing_changes_nothing(found, attack):
    assert (found["none"].tariffs == attack).all()
    assert found["none"].attacker_loss == 0 and found["none"].credible


def test_mirror_answers_in_kind(found, payoffs, attack):
    e = payoffs.economy
    us, ca, auto = e.country_index("USA"), e.country_index("CAN"), e.sector_index("auto")
    assert found["mirror"].tariffs[ca, us, auto] == pytest.approx(attack[us, ca, auto])
    assert found["mirror"].attacker_loss > 0


def test_credible_answer_is_best_for_who_gives_it(found, menu):
    """No other answer, and no random one, is better for a retaliator given the other's."""
    assert found["credible"].credible
    best = menu.values(("credible", "credible"))
    e = menu.payoffs.economy
    rng = np.random.default_rng(4)
    for p, code in enumerate(("CAN", "MEX")):
        others = [menu.rows[name][code] for name in ("none", "mirror", "targeted")]
        own = menu.rows["credible"][code]
        goods = np.arange(own.size) < own.size - 1
        others += [
            np.where(goods, np.clip(own + rng.normal(0, 0.05, own.size), 0, 1), 0) for _ in range(6)
        ]
        for row in others:
            tau = menu.tariffs(("credible", "credible"))
            tau[e.country_index(code), e.country_index("USA")] = row
            made = menu.payoffs.values(world.Shock(tariffs=tau))
            assert made[p + 1] <= best[p + 1] + 1e-6


def test_own_gain_is_that_of_answering_alone_given_the_others(found, menu):
    both, without = menu.values(("mirror", "mirror")), menu.values(("mirror", "none"))
    assert found["mirror"].own_gain["MEX"] == pytest.approx(both[2] - without[2])


def test_an_attack_is_foreseen(menu):
    """Where tariffs last, answers pay for themselves; where they may go, they deter."""
    money = np.array([3.0, 1.0, 1.0])
    lasting, ends = (
        play(menu.codes, list(menu.rows), menu.values, money, withdrawal=may)
        for may in (False, True)
    )
    assert lasting.answers == {"CAN": "credible", "MEX": "credible"}
    assert lasting.attacks == (lasting.after_attack["USA"] > 0)
    assert not ends.attacks and ends.withdraws
    assert set(ends.payoffs.values()) == {0.0}


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_play_is_sub_game_perfect(seed, withdrawal):
    """Against every strategy written out: no player gains by another choice anywhere."""
    names, rng = ("a", "b", "c"), np.random.default_rng(seed)
    table = {p: rng.normal(size=3) for p in product(names, repeat=2)}
    found = play(["A", "B", "C"], names, table.__getitem__, np.ones(3), withdrawal=withdrawal)

    def ends(profile):
        kept = table[profile]
        return np.zeros(3) if withdrawal and kept[0] < 0 else kept

    def stable(profile):
        b, c = profile
        return all(
            ends((n, c))[1] <= ends(profile)[1] and ends((b, n))[2] <= ends(profile)[2]
            for n in names
        )

    every = [p for p in table if stable(p)]
    assert found.equilibria == len(every)
    if every:
        taken = tuple(found.answers.values())
        assert taken in every
        assert ends(taken)[1:].sum() == max(ends(p)[1:].sum() for p in every)
        assert found.attacks == (ends(taken)[0] > 0)
    else:
        assert not found.answers


def test_the_share_of_the_attack_is_the_best_of_a_grid(payoffs):
    attack = world.raise_tariffs(payoffs.economy, "USA <- CAN,MEX: +40")
    share, made = chosen_share(payoffs, "USA", attack, ["CAN", "MEX"])
    base = payoffs.economy.tau
    for other in (0.1, 0.3, 1.0):
        part = base + other * (attack - base)
        there = menu_of(payoffs, "USA", part, ["CAN", "MEX"]).values(("credible", "credible"))
        assert there[0] <= made["USA"] + 2e-5
    assert 0 <= share < 0.5


def test_named_products_are_hit_within_their_trade(payoffs, attack):
    named = {
        "cars": Product("auto", 9_000.0),
        "machines": Product("factories", 30_000.0),
        "chemicals": Product("factories", 10_000.0),
    }
    found = targeted(payoffs, "USA", "CAN", attack, 20_000.0, 0.25, named)
    assert set(found.products) == set(named)
    assert all(found.products[n] <= named[n].trade * (1 + 1e-9) for n in named)
    assert sum(found.products.values()) == pytest.approx(sum(found.covered.values()))
    assert sum(found.covered.values()) <= 20_000 * (1 + 1e-6)
    assert found.covered["farms and mines"] == 0
    ratio = found.products["machines"] / found.products["chemicals"]
    assert ratio == pytest.approx(3)


@pytest.mark.parametrize(
    "product, words",
    [(Product("SERV", 5.0), "sector of"), (Product("auto", 1e9), "more than"),
     (Product("auto", 0.0), "above zero")],
)  # fmt: skip
def test_bad_products(payoffs, attack, product, words):
    with pytest.raises(InputError, match=words):
        targeted(payoffs, "USA", "CAN", attack, 1e4, 0.25, {"it": product})


def test_targets_keep_to_the_budget_and_beat_random_lists(payoffs, attack):
    budget = 20_000.0
    best = targeted(payoffs, "USA", "CAN", attack, budget, 0.25)
    assert sum(best.covered.values()) <= budget * (1 + 1e-6)
    assert best.attacker_loss > 0 and max(best.rates.values()) <= 0.25
    e = payoffs.economy
    n, i = e.country_index("CAN"), e.country_index("USA")
    flows = e.flows[n, i]
    rng = np.random.default_rng(2)
    idle = payoffs.values(world.Shock(tariffs=attack))[0]
    unit = payoffs.before.income[i] / 100
    for _ in range(12):
        share = rng.uniform(0, 1, 3)
        share *= min(1.0, budget / (share @ flows[:3]))
        tau = attack.copy()
        tau[n, i, :3] += 0.25 * np.minimum(share, 1)
        harm = (idle - payoffs.values(world.Shock(tariffs=tau))[0]) * unit
        assert harm <= best.attacker_loss * (1 + 1e-3)


def test_a_costly_list_is_traded_off(payoffs, attack):
    """With a large budget at a high rate harm costs something; the ratio is then the best one."""
    best = targeted(payoffs, "USA", "MEX", attack, 3e5, 1.0)
    assert best.attacker_loss > 0
    assert best.ratio == float("inf") or best.ratio == pytest.approx(
        best.attacker_loss / best.own_loss
    )


@pytest.mark.parametrize("budget, rate", [(0, 0.25), (-1, 0.25), (1e4, 0), (float("nan"), 0.1)])
def test_bad_budgets(payoffs, attack, budget, rate):
    with pytest.raises(InputError, match="retaliation"):
        targeted(payoffs, "USA", "CAN", attack, budget, rate)


def test_a_country_on_both_sides(payoffs, attack):
    with pytest.raises(InputError, match="retaliation"):
        menu_of(payoffs, "USA", attack, ["USA", "CAN"])
