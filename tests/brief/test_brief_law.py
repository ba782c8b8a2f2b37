"""The table of the law: days in force, provisions that rest on facts, and orders by their stage."""

from __future__ import annotations

import re
from datetime import date

import pytest

from advalorem.brief.goods import load_plan
from advalorem.brief.model import Brief, Chart, Table, Text
from advalorem.brief.reach import Reach, in_force_since, reach_of
from advalorem.law.load import load_lawbook

DAY = date(2025, 9, 18)


def rows(brief: Brief, name: str) -> list[dict[str, str]]:
    blocks = (block for section in brief.sections for block in section.blocks)
    found = next(b for b in blocks if isinstance(b, Table) and b.id == name)
    keys = [column.key for column in found.columns]
    return [dict(zip(keys, (cell.text for cell in row), strict=True)) for row in found.rows]


def since(brief: Brief, country: str) -> dict[str, str]:
    return {row["measure"]: row["since"] for row in rows(brief, f"in-force-{country}")}


# Proclamations 10895 and 10896: aluminum and steel of Canada and Mexico from 2025-03-12, 50% from
# 2025-06-04 (Proclamation 10947); Proclamation 10339: solar safeguard from 2022-02-07, 14% from
# 2025-02-07; Proclamation 10908: parts from 2025-05-03.
@pytest.mark.parametrize("country", ["ca", "mx"])
def test_days_in_force(brief: Brief, country: str) -> None:
    found = since(brief, country)
    metal = "from 2025-03-12 until 2026-04-06; rates last changed 2025-06-04"
    assert found["Section 232 duty on steel articles and their derivatives"] == metal
    assert found["Section 232 duty on aluminum articles and their derivatives"] == metal
    solar = "Section 201 safeguard on crystalline silicon photovoltaic cells and modules"
    assert found[solar] == "from 2022-02-07 until 2026-02-07; rates last changed 2025-02-07"
    parts = "Section 232 duty on parts of passenger vehicles and light trucks"
    assert found[parts] == "from 2025-05-03"


# Executive Order 14357: 20% became 10% on 2025-11-10; the duty ended on 2026-02-24 (EO 14389).
def test_a_changed_rate_is_no_end() -> None:
    book = load_lawbook()
    measure = book.measures["usa.ieepa.fentanyl.china"]
    found = in_force_since(book, measure, DAY, book.newest_act, "CN")
    assert found is not None
    assert (found.since, found.until) == (date(2025, 2, 4), date(2026, 2, 24))


@pytest.mark.parametrize("country", ["ca", "mx"])
def test_what_only_facts_bring_in_stands_apart(brief: Brief, country: str) -> None:
    general = rows(brief, f"in-force-{country}")
    assert not [row for row in general if "200%" in row["rates"] or "9903.85.67" in row["then"]]
    assert not [row for row in general if "post" in row["measure"]]
    apart = {row["rates"]: row for row in rows(brief, f"on-facts-{country}")}
    assert "200% (9903.85.67, 9903.85.68)" in apart
    assert [row for row in apart.values() if "sent by post" in row["facts"]]


def test_reach_of_every_kind() -> None:
    measures = load_lawbook().measures
    ways = {p.id: reach_of(p) for p in measures["usa.s232.auto_parts"].provisions}
    assert (ways["by_line"], ways["all"]) == (Reach.ALWAYS, Reach.ASKED)
    ways = {p.id: reach_of(p) for p in measures["usa.ieepa.fentanyl.canada"].provisions}
    assert (ways["chapter_98"], ways["transshipped"]) == (Reach.SPECIAL, Reach.SPECIAL)
    assert ways["usmca"] is Reach.ALWAYS


def test_the_measure_that_collects_most_stands_first(brief: Brief) -> None:
    for country in ("ca", "mx"):
        first = rows(brief, f"in-force-{country}")[0]["measure"]
        assert first.startswith(("IEEPA additional duty", "Section 232 duty on passenger"))


def acts(brief: Brief) -> dict[str, str]:
    return {row["day"]: row["act"] for row in rows(brief, "acts")}


# Proclamations 10895, 10896, 10908 and 10947; EO 14231: goods of the USMCA out, potash at 10%.
def test_acts_name_the_provision_that_weighs(brief: Brief) -> None:
    told = acts(brief)
    assert "25% on all other goods of Canada" in told["2025-03-04"]
    assert "10% on energy" in told["2025-03-04"]
    assert told["2025-03-07"].index("nothing on goods of Canada") < told["2025-03-07"].index("10%")
    assert "25% on listed steel articles" in told["2025-03-12"]
    assert "25% on passenger vehicles and light trucks" in told["2025-04-03"]
    assert "25% becomes 50% on listed aluminum articles" in told["2025-06-04"]
    assert not [text for text in told.values() if "on All" in text or "on Potash" in text]


# The duty on parts replaced the border duty of the same 25%; EO 14289 was signed on 2025-04-29.
def test_what_the_marks_leave_out_is_said(brief: Brief) -> None:
    section = next(section for section in brief.sections if section.id == "timeline")
    texts = [cell.text for b in section.blocks if isinstance(b, Text) for cell in b.cells]
    small = next(text for text in texts if text.startswith("Not marked"))
    assert "2025-05-03 (Section 232 duty on parts of passenger vehicles" in small
    back = next(text for text in texts if text.startswith("Acts that reach back"))
    assert "Executive Order 14289, 90 FR 18907, of 2025-04-29, from 2025-03-04" in back


# 90 FR 9231 (preliminary, 2025-02-10), lapsed after four months, order on 2025-12-19; suspension
# agreements on sugar of 2014-12-19; chassis under investigation from 2025-03-18 (90 FR 13457).
def test_cases_say_what_they_are_on_the_day(brief: Brief) -> None:
    found = {row["case"]: row for c in ("ca", "mx") for row in rows(brief, f"orders-{c}")}
    assert found["A-122-857"]["status"] == "order"
    assert found["C-122-872"]["status"] == "pending, deposits lapsed"
    assert found["A-122-871"]["status"] == "pending, provisional deposits"
    assert found["A-201-845"]["status"].startswith("suspended")
    assert found["A-201-865"]["status"].startswith("pending")
    assert not [row for row in found.values() if re.search(r"\b2026-\d\d-\d\d", row["note"])]
    assert not [row for row in found.values() if row["note"].startswith("2026-")]
    assert not [row for row in found.values() if "investigation)" in row["product"]]


def test_stages_belong_to_cases_of_the_lawbook() -> None:
    plan, cases = load_plan(), {order.case_no for order in load_lawbook().orders}
    assert {stages.case for stages in plan.stages} <= cases
    for stages in plan.stages:
        days = [step.from_ for step in stages.steps]
        assert days == sorted(days)
        assert stages.on(date(2010, 1, 1)) is None


def test_gaps_of_other_origins_are_left_out(brief: Brief) -> None:
    told = [row["gap"] for row in rows(brief, "gaps") if row["border"] == "United States"]
    assert told
    assert not [gap for gap in told if "CAFTA" in gap or "AGOA" in gap or "cranes" in gap]
    assert len([gap for gap in told if gap.startswith("Anti-dumping")]) == 1


def test_small_measures_stand_in_the_note(brief: Brief) -> None:
    told = rows(brief, "authorities")
    assert not [row for row in told if row["rate"] == "0.00%"]
    assert not [row for row in told if "(to 2026" in row["authority"]]
    assert not [row for row in told if row["country"] == "Canada" and "China" in row["authority"]]
    blocks = (block for section in brief.sections for block in section.blocks)
    table = next(b for b in blocks if isinstance(b, Table) and b.id == "authorities")
    assert "Canada, Section 201 safeguard" in table.note


# Monthly Treasury Statement, customs duties: April 2025 15.6 and August 2025 29.5 billion dollars.
def test_receipts_stand_beside_what_is_owed(brief: Brief) -> None:
    told = {row["month"]: row["duties"] for row in rows(brief, "collected")}
    assert list(told) == [f"2025-{month:02d}" for month in range(1, 10)]
    assert (told["2025-04"], told["2025-08"]) == ("15.6", "29.5")


def test_trade_without_a_rate_is_named(brief: Brief) -> None:
    chart = next(b for s in brief.sections for b in s.blocks if isinstance(b, Chart) and
                 b.id == "steps")  # fmt: skip
    assert "Trade that could not be rated, counted at no duty" in {p.x for p in chart.points}
    texts = [c.text for s in brief.sections for b in s.blocks if isinstance(b, Text)
             for c in b.cells]  # fmt: skip
    said = next(text for text in texts if "no rate was found" in text)
    share = next(row["share"] for row in rows(brief, "covered")
                 if (row["country"], row["item"]) == ("Canada", "code on no line"))  # fmt: skip
    assert f"{share} of imports from Canada" in said
