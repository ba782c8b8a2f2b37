"""Retaliation: mirror, targets within a budget, and what is credible."""

import numpy as np
import pytest

from advalorem import world
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.retaliation import answers, targeted, worth_attacking


@pytest.fixture(scope="module")
def payoffs(small):
    return Payoffs(small.payoffs.economy, ["USA", "CAN", "MEX"])


@pytest.fixture(scope="module")
def attack(payoffs):
    return world.raise_tariffs(payoffs.economy, "USA <- CAN,MEX: +10")


@pytest.fixture(scope="module")
def found(payoffs, attack):
    return answers(payoffs, "USA", attack, ["CAN", "MEX"], budget=20_000.0)


def test_doing_nothing_changes_nothing(found, attack):
    assert (found["none"].tariffs == attack).all()
    assert found["none"].attacker_loss == 0 and found["none"].credible


def test_mirror_answers_in_kind(found, payoffs, attack):
    e = payoffs.economy
    us, ca, auto = e.country_index("USA"), e.country_index("CAN"), e.sector_index("auto")
    assert found["mirror"].tariffs[ca, us, auto] == pytest.approx(attack[us, ca, auto])
    assert found["mirror"].attacker_loss > 0


def test_credible_answer_is_best_for_who_gives_it(found):
    assert found["credible"].credible
    for name in ("none", "targeted"):
        for code in ("CAN", "MEX"):
            assert found["credible"].own_gain[code] >= found[name].own_gain[code] - 1e-3


def test_whether_the_attack_pays_depends_on_the_answer(found):
    assert worth_attacking(found, "USA", "none") == (found["none"].payoffs["USA"] > 0)
    assert not worth_attacking(found, "USA", "mirror")


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
        answers(payoffs, "USA", attack, ["USA", "CAN"])
