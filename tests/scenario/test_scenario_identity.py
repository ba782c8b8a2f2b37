"""Empty, composed and hashed scenarios; what overlaps raises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advalorem.scenario import OverlapError, Scenario, load_scenario, read_scenario, write_scenario
from advalorem.scenario.changes import (
    AnyChange,
    BorderDays,
    Enact,
    Exempt,
    LawOf,
    PreferenceEnds,
    Productivity,
    Prohibit,
    Repeal,
    SetRate,
    Suspend,
    TradeCost,
)

FIRST, SECOND, THIRD = date(2025, 3, 1), date(2025, 6, 1), date(2025, 9, 1)
MEXICO = "usa.ieepa.fentanyl.mexico"


def rate(percent: int, start: date, end: date | None, measure: str = MEXICO) -> SetRate:
    return SetRate(
        measures=[measure], provisions=["all"], rate=f"{percent}%", from_=start, until=end
    )


def test_empty_is_neutral():
    some = Scenario("some", (rate(30, FIRST, SECOND),))
    assert Scenario().then(some) is some
    assert some.then(Scenario()) is some
    assert Scenario().is_empty and not some.is_empty


def test_composition_is_associative():
    a, b, c = (
        Scenario("a", (rate(10, FIRST, SECOND),)),
        Scenario("b", (rate(20, SECOND, THIRD),)),
        Scenario("c", (rate(30, THIRD, None),)),
    )
    assert a.then(b).then(c) == a.then(b.then(c))
    assert a.then(b).then(c).changes == (*a.changes, *b.changes, *c.changes)


def test_composition_keeps_the_order():
    a, b = Scenario("a", (rate(10, FIRST, SECOND),)), Scenario("b", (rate(20, SECOND, THIRD),))
    assert a.then(b).hash != b.then(a).hash
    assert a.then(b).changes == tuple(reversed(b.then(a).changes))


def test_hash_is_of_the_content():
    changes = (rate(30, FIRST, SECOND),)
    assert Scenario("a", changes, title="one").hash == Scenario("b", changes).hash
    assert Scenario("a", changes).hash != Scenario("a", (rate(31, FIRST, SECOND),)).hash
    assert len({Scenario("a", tuple(p)).hash for p in permutations(
        [rate(1, FIRST, SECOND), rate(2, SECOND, THIRD), rate(3, THIRD, None)])}) == 6  # fmt: skip


def test_codes_of_countries_are_spelled_alike():
    one = TradeCost(importers=["US"], exporters=["CAN"], by="1%", from_=FIRST)
    two = TradeCost(importers=["USA"], exporters=["ca"], by="1%", from_=FIRST)
    assert Scenario("x", (one,)).hash == Scenario("x", (two,)).hash


CLASHES = [
    (rate(10, FIRST, THIRD), rate(20, SECOND, None)),
    (rate(10, FIRST, None), Repeal(measures=["usa.*"], from_=SECOND)),
    (Suspend(measures=[MEXICO], from_=FIRST, until=THIRD), rate(20, SECOND, None)),
    (LawOf(day=FIRST, from_=FIRST), rate(20, SECOND, None)),
    (LawOf(day=FIRST, from_=FIRST), PreferenceEnds(claim="USMCA", from_=SECOND)),
    (PreferenceEnds(claim="USMCA", from_=FIRST), PreferenceEnds(claim="USMCA", from_=SECOND)),
    (
        Exempt(measures=[MEXICO], codes=["8703"], from_=FIRST),
        Exempt(measures=["usa.ieepa.*"], codes=["870323"], from_=SECOND),
    ),
    (
        Enact(measure="x", importer="US", origins=["CA"], rate="5%", from_=FIRST),
        Prohibit(measure="x", importer="US", origins=["MX"], from_=SECOND),
    ),
    (
        TradeCost(importers=["CA"], exporters=["MX"], by="-1%", both_ways=True, from_=FIRST),
        TradeCost(importers=["MX"], exporters=["all"], by="-2%", from_=SECOND),
    ),
    (
        BorderDays(importers=["CA"], exporters=["MX"], days=Decimal(-1), from_=FIRST),
        BorderDays(importers=["CA"], exporters=["MX"], days=Decimal(-2), from_=SECOND),
    ),
    (
        Productivity(countries=["CA"], by="1%", from_=FIRST),
        Productivity(countries=["CAN", "MEX"], sectors=["C29"], by="2%", from_=SECOND),
    ),
    (
        Prohibit(measure="y", importer="US", origins=["CA"], codes=["8703"], from_=FIRST),
        Prohibit(measure="y", importer="US", origins=["MX"], from_=SECOND),
    ),
    (
        Repeal(measures=["usa.*"], note="why", from_=FIRST, until=THIRD),
        Suspend(measures=[MEXICO], from_=SECOND),
    ),
]


@pytest.mark.parametrize(("one", "two"), CLASHES)
def test_overlap_raises(one, two):
    for pair in ((one, two), (two, one)):
        with pytest.raises(OverlapError, match="changes 1 and 2"):
            Scenario("both", pair)
    with pytest.raises(OverlapError):
        Scenario("a", (one,)).then(Scenario("b", (two,)))


APART = [
    (rate(10, FIRST, SECOND), rate(20, SECOND, None)),
    (rate(10, FIRST, None), rate(10, FIRST, None, "usa.ieepa.fentanyl.canada")),
    (
        TradeCost(importers=["CA"], exporters=["MX"], by="-1%", instrument="a", from_=FIRST),
        TradeCost(importers=["CA"], exporters=["MX"], by="-1%", instrument="b", from_=FIRST),
    ),
    (
        TradeCost(importers=["CA"], exporters=["MX"], sectors=["C29"], by="-1%", from_=FIRST),
        TradeCost(importers=["CA"], exporters=["MX"], sectors=["C28"], by="-1%", from_=FIRST),
    ),
    (
        Exempt(measures=[MEXICO], codes=["8703"], from_=FIRST),
        Exempt(measures=[MEXICO], codes=["8704"], from_=FIRST),
    ),
]


@pytest.mark.parametrize(("one", "two"), APART)
def test_apart_does_not_raise(one, two):
    assert len(Scenario("both", (one, two)).changes) == 2


days = st.dates(date(2025, 1, 1), date(2026, 6, 1))


@given(st.integers(0, 60), days, days)
@settings(max_examples=30, deadline=None)
def test_yaml_reads_back(percent, start, end):
    start, end = min(start, end), max(start, end).replace(year=2027)
    scenario = Scenario("x: y", (rate(percent, start, end),), title="A title", as_of=start)
    again = read_scenario(write_scenario(scenario))
    assert again == scenario and again.hash == scenario.hash


def test_every_kind_of_change_reads_back():
    changes = [pair[0] for pair in CLASHES]
    assert {type(change) for change in changes} == set(get_args(AnyChange))
    for change in changes:
        scenario = Scenario("one", (change,))
        assert read_scenario(write_scenario(scenario)) == scenario


def test_names_joined_by_plus():
    joined = load_scenario("threat-mexico-30 + partnership")
    assert len(joined.changes) == 2
    assert joined.name == "threat-mexico-30 + partnership"
