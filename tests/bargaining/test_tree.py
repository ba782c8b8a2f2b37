"""The review: law and state on a day, backward induction by hand, thresholds, bad trees."""

from copy import deepcopy
from datetime import date

import pytest

from advalorem.bargaining.agreement import load_agreement, moved, state_on
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.review import read_review
from advalorem.bargaining.tree import annuity

USMCA = load_agreement("usmca")


def tree(p=0.5, **changes):
    chance = {
        "chance": {
            "agree": {"p": p, "move": "confirm", "to": "renewed"},
            "refuse": {"p": 1 - p, "to": {"choice": "USA", "options": {
                "wait": {"move": "wait", "to": "kept"},
                "leave": {"move": "withdraw", "to": "lost"},
            }}},
        }
    }  # fmt: skip
    data = {
        "agreement": "usmca",
        "as_of": date(2026, 10, 1),
        "horizon": date(2036, 7, 1),
        "discount_pct": 0,
        "outcomes": {
            "kept": {"payoff": {"USA": 0, "CAN": 0, "MEX": 0}},
            "renewed": {"payoff": {"USA": 0.1, "CAN": 0.2, "MEX": 0.2}},
            "lost": {"payoff": {"USA": -0.1, "CAN": -0.5, "MEX": -0.6}},
            "sure": {"payoff": {"USA": 0.03, "CAN": 0, "MEX": 0}},
        },
        "tree": {"choice": "USA", "meanwhile": "kept", "options": {"talk": chance, "stop": "sure"}},
    }
    return data | changes


def test_articles_and_events_are_cited():
    assert {rule.article for rule in USMCA.rules.values()} >= {"34.6", "34.7.3", "34.7.4"}
    assert USMCA.rules["term"].years == USMCA.rules["confirm"].years == 16
    assert USMCA.parties == ("USA", "CAN", "MEX")


def test_events_cite_instruments_of_the_lawbook(law):
    held = set(law.instruments)
    assert {event.instrument for event in USMCA.events} <= held


def test_state_before_and_after_the_united_states_did_not_confirm():
    before = state_on(USMCA, date(2026, 6, 30))
    assert (before.next_review, before.annual, before.not_confirmed) == (
        date(2026, 7, 1),
        False,
        (),
    )
    after = state_on(USMCA, date(2026, 7, 2))
    assert after.annual and after.not_confirmed == ("USA",)
    assert after.next_review == date(2027, 7, 1) and after.ends == date(2036, 7, 1)
    assert state_on(USMCA, date(2026, 11, 15)).earliest_exit == date(2027, 5, 15)


def test_days_after_the_last_check_are_said_to_be_uncoded():
    line = f"what happened after {USMCA.last_checked} is not coded"
    assert line in state_on(USMCA, date(2026, 11, 15)).words
    assert line not in state_on(USMCA, date(2026, 10, 1)).words


def test_what_was_not_known_yet_is_left_out():
    assert not state_on(USMCA, date(2026, 9, 1), known_on=date(2026, 6, 1)).annual


@pytest.mark.parametrize("day", [date(2020, 6, 30), date(2036, 7, 1)])
def test_outside_the_term(day):
    with pytest.raises(InputError, match="outside the term"):
        state_on(USMCA, day)


def test_moves_take_the_time_that_the_articles_say():
    on, ends = date(2027, 7, 1), date(2036, 7, 1)
    assert moved(USMCA, "withdraw", on, ends) == (date(2028, 1, 1), ends)
    assert moved(USMCA, "wait", on, ends) == (date(2028, 7, 1), ends)
    assert moved(USMCA, "confirm", on, ends) == (on, date(2043, 7, 1))
    assert moved(USMCA, "expire", on, ends) == (ends, ends)
    with pytest.raises(InputError, match="use expire"):
        moved(USMCA, "wait", date(2035, 7, 1), ends)


def test_backward_induction_by_hand():
    """USA: talks are worth p x 0.1 a year, stopping 0.03; a refusal is followed by waiting."""
    found = read_review(tree(0.5))
    assert found.solved.strategy == {"": "talk", "talk / refuse": "wait"}
    assert found.solved.per_year[""]["USA"] == pytest.approx(0.05)
    assert found.solved.per_year[""]["CAN"] == pytest.approx(0.1)
    assert read_review(tree(0.2)).solved.strategy[""] == "stop"


def test_notice_runs_before_a_withdrawal_costs_anything():
    found = read_review(tree())
    path = "talk / refuse / leave"
    years = annuity(date(2027, 4, 1), date(2036, 7, 1), 0.0)
    assert found.solved.values[path]["USA"] == pytest.approx(-0.1 * years)


def test_threshold_of_belief():
    found = {t.branch: t for t in read_review(tree(0.5)).thresholds if not t.choice}
    assert found["agree"].at == pytest.approx(0.3, abs=1e-8)
    assert (found["agree"].below, found["agree"].above) == ("stop", "talk")
    assert found["refuse"].at == pytest.approx(0.7, abs=1e-8)
    assert found["agree"].player == "USA"


def test_a_tie_is_said():
    assert read_review(tree(0.3)).solved.ties == ("",)


def test_discounting_prefers_what_comes_first():
    outcomes = {
        "now": {"payoff": {"A": 1}},
        "later": {"payoff": {"A": 1.5}},
        "none": {"payoff": {"A": 0}},
    }
    root = {
        "choice": "A", "meanwhile": "none",
        "options": {"now": "now", "wait": {"after": 24, "to": "later"}},
    }  # fmt: skip
    data = {
        "players": ["A"], "as_of": "2026-01-01", "horizon": "2036-01-01", "outcomes": outcomes,
        "tree": root,
    }  # fmt: skip
    taken = [read_review({**data, "discount_pct": r}).solved.strategy[""] for r in (0, 30)]
    assert taken == ["wait", "now"]


def test_expiry_on_the_last_day_counted():
    """Waiting until the term ends is worth what holds meanwhile, when nothing is counted after."""
    data = tree()
    options(data)["drift"] = {"move": "expire", "to": "lost"}
    found = read_review(data)
    assert found.solved.per_year["drift"] == {"USA": None, "CAN": None, "MEX": None}
    assert found.solved.values["drift"]["USA"] == 0


def test_thresholds_of_three_choices():
    """Going pays 2p - 1 with p = 0.4; mixed half of 1 and half of -0.495; safe nothing."""
    outcomes = {
        "safe": {"payoff": {"A": 0}}, "good": {"payoff": {"A": 1}}, "bad": {"payoff": {"A": -1}},
        "fair": {"payoff": {"A": 0.505}}, "poor": {"payoff": {"A": -0.495}},
    }  # fmt: skip
    root = {"chance": {"go": {"p": 0.4, "to": "good"}, "stop": {"p": 0.6, "to": "bad"}}}
    first = {"chance": {"up": {"p": 0.5, "to": {"choice": "A", "options": {
        "risk": "good", "safe": "safe"}}}, "down": {"p": 0.5, "to": "poor"}}}  # fmt: skip
    data = {
        "players": ["A"], "as_of": "2026-01-01", "horizon": "2027-01-01", "discount_pct": 0,
        "outcomes": outcomes, "tree": {"choice": "A", "options": {
            "risk": root, "mixed": first, "safe": "safe"}},
    }  # fmt: skip
    found = read_review(data)
    assert found.solved.strategy[""] == "mixed"
    limits = {(t.branch, t.below, t.above): t.at for t in found.thresholds}
    assert limits["up", "safe", "mixed"] == pytest.approx(0.495 / 1.495, abs=1e-8)
    assert limits["go", "mixed", "risk"] == pytest.approx((0.2525 + 1) / 2, abs=1e-8)


def test_a_bad_tree_is_refused_before_anything_is_solved():
    def never(name, item, players):
        raise AssertionError(name)

    data = tree()
    data["outcomes"]["lost"] = {"raise": ["USA <- CAN: +1"]}
    branches(data)["agree"].update(p=0.9)
    with pytest.raises(InputError, match=r"sum to 1\.4"):
        read_review(data, never)


def wrong(change):
    data = deepcopy(tree())
    change(data)
    return data


def options(data):
    return data["tree"]["options"]


def branches(data):
    return options(data)["talk"]["chance"]


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda d: branches(d)["agree"].update(p=0.6), "sum to 1.1"),
        (lambda d: branches(d)["agree"].update(p=1.5), "probability 1.5"),
        (lambda d: branches(d)["agree"].pop("p"), "probability None"),
        (lambda d: branches(d)["agree"].update(to="gone"), "not described"),
        (lambda d: branches(d)["agree"].update(move="veto"), "unknown"),
        (lambda d: branches(d)["agree"].update(after=3), "both move and after"),
        (lambda d: d["tree"].update(choice="BRA"), "no player"),
        (lambda d: d["tree"].pop("meanwhile"), "nothing holds until"),
        (lambda d: d["tree"].update(options={}), "no branches"),
        (lambda d: d["tree"].update(extra=1), "keys"),
        (lambda d: d.update(horizon=date(2020, 1, 1)), "not after"),
        (lambda d: d.update(horizon="soon"), "no day"),
        (lambda d: d.update(discount_pct=-1), "discount_pct of USA"),
        (lambda d: d.update(agreement="nafta"), "not coded"),
        (lambda d: d.update(outcomes={}), "outcomes"),
        (lambda d: d["outcomes"]["kept"]["payoff"].pop("MEX"), "no payoff of MEX"),
        (lambda d: d.update(colour="red"), "unknown"),
        (lambda d: d["outcomes"].update(kept={"payoff": 3}), "no payoff of"),
        (lambda d: d["outcomes"]["kept"]["payoff"].update(USA=float("nan")), "no payoff of USA"),
        (lambda d: d["outcomes"]["kept"].update(nash=True), "keep one"),
        (lambda d: d.pop("tree"), "missing"),
        (lambda d: d.pop("agreement") and d.update(players=["USA"]), "without an agreement"),
    ],
)
def test_bad_trees(change, words):
    with pytest.raises(InputError, match=words):
        read_review(wrong(change))
