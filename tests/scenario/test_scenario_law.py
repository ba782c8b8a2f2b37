"""What scenarios do to the law, to one duty and to the effective rates."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.duty.answer import rate
from advalorem.law.history import in_force
from advalorem.rates import effective_rates
from advalorem.scenario import Scenario, ScenarioError, load_scenario, read_scenario, shipped
from advalorem.scenario.changes import Enact, Exempt, LawOf, Prohibit, Repeal, SetRate, Suspend

MEXICO = "usa.ieepa.fentanyl.mexico"
START = date(2025, 8, 1)
HORSE = {"hts": "0101.21.00.10", "value": 10000}
STEEL = {"hts": "7208.51.00.30", "value": 10000}


def owed(law, day, origin="MX", goods=HORSE, **words):
    return rate(origin=origin, as_of=day, law=law, **goods, **words)


def average(law, day, *origins):
    frame = effective_rates(law, "US", list(origins), day).by_origin(day)
    return dict(zip(frame["origin"], frame["rate"], strict=True))


def test_empty_scenario_is_the_law(book, day):
    assert Scenario().apply(book) is book
    assert load_scenario("baseline").apply(book) is book
    assert owed(Scenario().apply(book), day) == owed(None, day)
    # A scenario of trade costs alone leaves the law as it is.
    assert load_scenario("partnership").apply(book) is book


def test_changed_law_has_a_version_of_its_own(book):
    versions = {load_scenario(name).apply(book).version
                for name in shipped() if "DATE" not in name}  # fmt: skip
    assert book.version in versions and len(versions) >= 5
    assert all(version.startswith(book.version) for version in versions)


def test_threat_to_mexico(book, day):
    law = load_scenario("threat-mexico-30").apply(book)
    assert owed(book, day).total_duty == "2500.00"
    assert owed(law, day).total_duty == "3000.00"
    assert owed(law, date(2025, 7, 31)).total_duty == "2500.00"
    assert owed(law, day, claim="USMCA", goods=STEEL).total_duty == "5000.00"
    assert owed(law, date(2026, 3, 1)).total_duty == owed(book, date(2026, 3, 1)).total_duty
    layer = next(line for line in owed(law, day).layers if line.measure == MEXICO)
    assert "hypothetical" in layer.citation


def test_headline_without_exemptions(book, day):
    law = load_scenario("headline-35-no-exemptions").apply(book)
    energy = {"hts": "2711.21.00.00", "value": 10000}
    assert owed(book, day, "CA", energy).total_duty == "1000.00"
    assert owed(law, day, "CA", energy).total_duty == "3500.00"
    assert owed(law, day, "CA", energy, claim="USMCA").total_duty == "3500.00"
    assert average(law, day, "CA")["CA"] > 0.3


def test_usmca_lapses(book, day):
    """National Bank Financial, 7 August 2025: over 25 % on Canada without USMCA."""
    law = load_scenario("usmca-lapses").apply(book)
    found = average(law, day, "CA", "MX")
    assert 0.25 < found["CA"] < 0.28
    assert 0.25 < found["MX"] < 0.31


def test_all_duties_void(book, day):
    law = load_scenario("all-duties-void").apply(book)
    assert owed(law, day, goods=STEEL).total_duty == "0.00"
    assert average(law, day, "CA", "MX")["all"] < 0.003
    standing = in_force(law, day, importer="US")
    left = [m.measure for m in standing if m.status == "in force"]
    assert all(name.startswith("adcvd.") for name in left)


def test_law_of_the_day_itself_changes_nothing(book, day):
    law = load_scenario(f"law-of-{day}").apply(book)
    assert average(law, day, "CA", "MX", "CN") == average(book, day, "CA", "MX", "CN")
    for goods in (HORSE, STEEL):
        assert owed(law, day, goods=goods).total_duty == owed(book, day, goods=goods).total_duty


def test_law_of_another_day(book, day):
    early, late = date(2025, 3, 5), date(2025, 9, 18)
    assert owed(book, early, claim="USMCA").total_duty == "2500.00"
    assert owed(load_scenario(f"law-of-{early}").apply(book), late, claim="USMCA").total_duty == (
        "2500.00"
    )
    assert owed(load_scenario(f"law-of-{late}").apply(book), early, claim="USMCA").total_duty == (
        owed(book, late, claim="USMCA").total_duty
    )


def test_canada_retaliates_as_of(book, day):
    code = next(c for c in book.lists["can/us_2025_1"].code if len(c) == 8)
    listed = {"hts": code, "value": 10000, "importer": "CA"}
    then = load_scenario("canada-retaliates-as-of-2025-05-01").apply(book)
    assert owed(book, date(2025, 5, 1), "US", listed).total_duty == "2500.00"
    assert owed(book, day, "US", listed).total_duty == "0.00"
    assert owed(then, day, "US", listed).total_duty == "2500.00"


def test_enact(book, day):
    change = Enact(
        measure="new.x", importer="US", origins=["MX"], rate="10%", exempt_claims=["USMCA"],
        codes=["0101"], from_=START,
    )  # fmt: skip
    law = Scenario("x", (change,)).apply(book)
    assert owed(law, day).total_duty == "3500.00"
    assert owed(law, day, claim="USMCA").total_duty == owed(book, day, claim="USMCA").total_duty
    assert owed(law, day, goods=STEEL).total_duty == owed(book, day, goods=STEEL).total_duty
    assert owed(law, date(2025, 7, 31)).total_duty == "2500.00"


def test_enacted_duty_yields(book, day):
    change = Enact(
        measure="new.x", importer="US", origins=["MX"], rate="10%", yields_to=[MEXICO], from_=START
    )
    assert owed(Scenario("x", (change,)).apply(book), day).total_duty == "2500.00"


def test_enacted_and_then_changed(book, day):
    enact = Enact(measure="new.x", importer="US", origins=["MX"], rate="10%", from_=START)
    raised = SetRate(measures=["new.x"], rate="20%", from_=day)
    first, second = Scenario("a", (enact,)), Scenario("b", (raised,))
    assert owed(first.then(second).apply(book), day).total_duty == "4500.00"
    with pytest.raises(ScenarioError, match="names no measure"):
        second.then(first).apply(book)


def test_prohibit(book, day):
    law = Scenario(
        "x", (Prohibit(measure="new.ban", importer="US", origins=["MX"], codes=["0101"],
                       from_=START),)
    ).apply(book)  # fmt: skip
    assert owed(law, day).outcome == "prohibited"
    assert owed(law, day, goods=STEEL).outcome == "assessed"


def test_suspend_and_exempt(book, day):
    law = Scenario("x", (Suspend(measures=[MEXICO], from_=START, until=day),)).apply(book)
    assert owed(law, START).total_duty == "0.00"
    assert owed(law, day).total_duty == "2500.00"
    free = Scenario("x", (Exempt(measures=[MEXICO], codes=["0101.21"], from_=START),)).apply(book)
    assert owed(free, day).total_duty == "0.00"
    assert owed(free, date(2025, 7, 31)).total_duty == "2500.00"


def test_scenario_is_known_whatever_is_known(book, day):
    known = date(2025, 9, 1)
    scenario = load_scenario("threat-mexico-30")
    law = scenario.apply(book, known)
    assert owed(law, day, known_on=known).total_duty == "3000.00"
    assert law.version != scenario.apply(book).version


WRONG = [
    (Repeal(measures=["usa.iepa.fentanyl"], from_=START), "near are"),
    (LawOf(day=date(2024, 6, 1), from_=START), "before 2025-01-01, the first day coded"),
    (Repeal(measures=[MEXICO], provisions=["everything"], from_=START), "it has chapter_98"),
    (SetRate(measures=[MEXICO], rate="30", from_=START), "not a rate"),
    (Exempt(measures=[MEXICO], claim="NAFTA", from_=START), "known are USMCA"),
    (Exempt(measures=[MEXICO], codes=["cars"], from_=START), "no code"),
    (Enact(measure="x", importer="JP", origins=["all"], rate="5%", from_=START), "coded are"),
    (Enact(measure="x", importer="US", origins=["XX"], rate="5%", from_=START), "unknown country"),
    (Enact(measure=MEXICO, importer="US", origins=["MX"], rate="5%", from_=START), "exists"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_errors_name_the_remedy(book, change, words):
    with pytest.raises(ScenarioError, match=words):
        Scenario("wrong", (change,)).apply(book)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scenario: x\nchanges: [{change: abolish, from: 2025-01-01}]", "abolish"),
        ("scenario: x\nchanges: [{change: repeal, measures: [a]}]", "from"),
        ("scenario: x\nwhy: because", "unknown field"),
        ("scenario: [", "not YAML"),
    ],
)
def test_files_that_do_not_fit(text, words):
    with pytest.raises(ScenarioError, match=words):
        read_scenario(text)


def test_name_that_nobody_knows():
    with pytest.raises(ScenarioError, match="did you mean usmca-lapses"):
        load_scenario("usmca-laps")
    with pytest.raises(ScenarioError, match="no date"):
        load_scenario("law-of-2025-13-01")
