"""Canada's and Mexico's measures: items equal the orders, dates and exceptions as their texts say.

The texts are the consolidations of the Department of Justice and the orders of September 2026 as
published; tests that read them skip where the source folder is missing.
"""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from advalorem.duty.answer import rate
from advalorem.law.model import Lawbook

CODE = re.compile(r"\b\d{4}\.\d\d\.\d\d(?:\.\d\d)?\b")
UNNUMBERED = "item given without its number"

# Counts that the orders themselves give: SOR/2025-66, -95 (as made and after SOR/2025-181), -118,
# -148, -154, -267; SOR/2026-186 and -187; SOR/2024-187; SOR/2025-122 schedules 5 and 6.
COUNTS = {
    "can/us_2025_1": 1256,
    "can/us_metals_aluminum": 29,
    "can/us_metals_other_goods": 274 - 29,
    "can/us_metals_steel": 265,
    "can/us_metals_aluminum_50": 27,
    "can/us_metals_steel_50": 244,
    "can/us_vehicles": 19,
    "can/us_2026_15": 21,
    "can/us_2026_25": 172,
    "can/us_2026_50": 142,
    "can/steel_derivative": 61,
    "can/steel_quota_as_made": 50 + 35 + 22 + 7 + 6,
    "can/steel_quota": 576 + 1,
    "can/china_content_steel": 163,
    "can/china_content_aluminum": 19,
    "can/china_steel_aluminum": 163 + 19,
    "can/china_vehicles": 23,
    "can/us_vehicles_remission": 7,
    "can/us_metals_steel_remission": 179,
}

# list, consolidation, schedule (or its part)
IN_ORDERS = [
    ("can/us_metals_steel", "SOR-2025-95_pit-2025-03-13", "SCHEDULE 2"),
    ("can/us_metals_steel", "SOR-2025-95_pit-2025-04-09", "SCHEDULE 2"),
    ("can/us_metals_steel", "SOR-2025-95_pit-2025-09-01", "SCHEDULE 2"),
    ("can/us_metals_aluminum", "SOR-2025-95_pit-2025-09-01", "SCHEDULE 1"),
    ("can/us_vehicles", "SOR-2025-118_pit-2025-04-09", "SCHEDULE 1"),
    ("can/us_vehicles", "SOR-2025-118_pit-2025-08-29", "SCHEDULE 1"),
    ("can/steel_derivative", "SOR-2025-267_pit-2025-12-26", "SCHEDULE"),
    ("can/steel_derivative", "SOR-2025-267_current-2026-07", "SCHEDULE"),
    ("can/china_content_steel", "SOR-2025-154_current-2026-07", "PART 1"),
    ("can/china_content_aluminum", "SOR-2025-154_current-2026-07", "PART 2"),
]

# measure, provisions, consolidation, schedule whose items of chapters 98 and 99 stay subject
STAY_SUBJECT = [
    (
        "can.surtax.us_2025_1",
        ("chapter_98_other", "chapter_99_other"),
        "SOR-2025-66_pit-2025-04-09",
        "SCHEDULE",
    ),
    (
        "can.surtax.steel_aluminum_2025",
        ("chapter_98_other_aluminum", "chapter_99_other_aluminum"),
        "SOR-2025-95_pit-2025-03-13",
        "SCHEDULE 3",
    ),
    (
        "can.surtax.steel_aluminum_2025",
        ("chapter_98_other_steel", "chapter_99_other_steel"),
        "SOR-2025-95_pit-2025-09-01",
        "SCHEDULE 4",
    ),
    (
        "can.surtax.vehicles_2025",
        ("chapter_98_other", "chapter_99_other"),
        "SOR-2025-118_pit-2025-04-09",
        "SCHEDULE 2",
    ),
]

AGREEMENT_NAMES = {
    "Brunei Darussalam": "BN",
    "Czechia": "CZ",
    "Korea": "KR",
    "United Kingdom": "GB",
    "United States": "US",
    "Vietnam": "VN",
}


def codes(law: Lawbook, name: str) -> list[str]:
    """Return the codes that a list prints, without items added because a number was left out."""
    listed = law.lists[name]
    return [
        code
        for row, code in enumerate(listed.code)
        if not listed.notes.get(row, "").startswith(UNNUMBERED)
    ]


def tree(sources: Path, name: str) -> ET.Element:
    return ET.fromstring((sources / "canada" / "laws" / f"{name}.xml").read_text("utf-8-sig"))


def schedule(sources: Path, name: str, label: str) -> list[str]:
    """Return the digits of all codes after a label and before the next one, in a schedule."""
    found: list[str] = []
    for part in tree(sources, name).iter("Schedule"):
        if part.get("id") == "NifProvs":
            continue
        here = False
        for node in part.iter():
            if node.tag == "Label" and re.match(r"SCHEDULE|PART", node.text or ""):
                here = node.text == label
            elif here and node.text and node.tag in ("Text", "entry"):
                found += [code.replace(".", "") for code in CODE.findall(node.text)]
    return found


def owed(law: Lawbook, hts: str, origin: str, day: str, value: str = "10000", **facts: str) -> str:
    claim = facts.pop("claim", None)
    known = facts.pop("known_on", None)
    reply = rate(
        hts=hts,
        origin=origin,
        as_of=day,
        value=Decimal(value),
        importer=facts.pop("importer", "CA"),
        claim=claim,
        facts=facts,
        known_on=date.fromisoformat(known) if known else None,
        law=law,
    )
    return reply.outcome if reply.total_duty is None else reply.total_duty


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_lists_have_the_orders_counts(law: Lawbook, name: str, count: int) -> None:
    listed = codes(law, name)
    assert len(listed) == len(set(listed)) == count


def test_lists_of_one_country_do_not_overlap(law: Lawbook) -> None:
    metals = ("can/us_metals_aluminum", "can/us_metals_other_goods", "can/us_metals_steel")
    spring = ["can/us_2025_1", *metals, "can/us_vehicles"]
    autumn = ["can/us_2026_15", "can/us_2026_25", "can/us_2026_50", metals[0], metals[2]]
    for names, total in ((spring, 1256 + 539 + 19), (autumn, 629)):
        every = [code for name in names for code in codes(law, name)]
        assert len(every) == len(set(every)) == total


def test_rates_of_september_2026_by_item(law: Lawbook) -> None:
    aluminum = {*codes(law, "can/us_metals_aluminum")} - {*codes(law, "can/us_metals_aluminum_50")}
    steel = {*codes(law, "can/us_metals_steel")} - {*codes(law, "can/us_metals_steel_50")}
    assert aluminum == {"76151000", "76152000"}
    assert len(steel) == 21
    assert {code[:4] for code in steel} == {"7320", "7321", "7322", "7323", "7324"}


@pytest.mark.parametrize(("name", "order", "label"), IN_ORDERS)
def test_items_equal_the_order(
    law: Lawbook, sources: Path, name: str, order: str, label: str
) -> None:
    assert sorted(codes(law, name)) == sorted(schedule(sources, order, label))


@pytest.mark.parametrize("day", ["2025-03-03", "2025-03-04", "2025-04-09"])
def test_items_of_the_first_order(law: Lawbook, sources: Path, day: str) -> None:
    items = schedule(sources, f"SOR-2025-66_pit-{day}", "SCHEDULE")
    assert len(items) == 1256 + 14
    goods = [code for code in items if code < "98"]
    assert sorted(codes(law, "can/us_2025_1")) == sorted(goods)


def test_items_taken_out_in_september_2025(law: Lawbook, sources: Path) -> None:
    before = schedule(sources, "SOR-2025-95_pit-2025-03-13", "SCHEDULE 1")
    after = schedule(sources, "SOR-2025-95_pit-2025-09-01", "SCHEDULE 1")
    assert set(codes(law, "can/us_metals_other_goods")) == set(before) - set(after)


def test_quota_numbers_equal_both_schedules(law: Lawbook, sources: Path) -> None:
    order = "SOR-2025-148_current-2026-07"
    first, second = (schedule(sources, order, f"SCHEDULE {n}") for n in (1, 2))
    assert sorted(first) == sorted(second)
    assert set(codes(law, "can/steel_quota")) == {*first, "7216910010"}


def test_items_of_2026_equal_the_transcription(law: Lawbook, sources: Path) -> None:
    path = sources / "canada" / "canada_surtax_items_2026.csv"
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["rate"]]
    for order, part, lists in (
        ("2026-186", "0.15", ["can/us_2026_15"]),
        ("2026-186", "0.25", ["can/us_2026_25"]),
        ("2026-186", "0.50", ["can/us_2026_50"]),
        ("2026-187", "0.50", ["can/us_metals_aluminum_50", "can/us_metals_steel_50"]),
    ):
        items = {r["tariff_item"] for r in rows if order in r["order"] and r["rate"] == part}
        assert {code for name in lists for code in codes(law, name)} == items
    assert len(rows) == 629


@pytest.mark.parametrize(("measure", "provisions", "order", "label"), STAY_SUBJECT)
def test_chapter_98_and_99_items_that_stay_subject(
    law: Lawbook,
    sources: Path,
    measure: str,
    provisions: tuple[str, str],
    order: str,
    label: str,
) -> None:
    printed = {c for c in schedule(sources, order, label) if c >= "98"}
    tests = [
        test.heading_claimed.replace(".", "").ljust(8, "0")
        for provision in law.measures[measure].provisions
        if provision.id in provisions
        for test in provision.when
        if test.negate and test.heading_claimed
    ]
    assert len(tests) == len(printed)
    assert set(tests) == printed


def test_the_2026_order_keeps_the_first_orders_chapter_98_and_99_items(law: Lawbook) -> None:
    def kept(measure: str) -> list[str | None]:
        provisions = law.measures[measure].provisions
        chosen = [p for p in provisions if p.id.endswith("_other") and p.id.startswith("chapter")]
        return [t.heading_claimed for p in chosen for t in p.when if t.negate]

    assert kept("can.surtax.us_2026") == kept("can.surtax.us_2025_1")
    assert len(kept("can.surtax.us_2026")) == 14


def test_countries_with_a_trade_agreement(law: Lawbook, sources: Path) -> None:
    names = {country.name: country.iso2 for country in law.countries} | AGREEMENT_NAMES
    root = tree(sources, "SOR-2025-148_current-2026-07")
    third = next(
        part
        for part in root.iter("Schedule")
        if part.find("ScheduleFormHeading/Label") is not None
        and part.find("ScheduleFormHeading/Label").text == "SCHEDULE 3"
    )
    printed = [item.find("Text").text for item in third.iter("Item")]
    unknown = [name for name in printed if name not in names]
    assert unknown == []
    assert sorted(names[name] for name in printed) == sorted(law.groups["CA_STEEL_AGREEMENT"])


# Read from the orders: first and last days, rates, origins.
@pytest.mark.parametrize(
    ("hts", "origin", "day", "duty"),
    [
        ("2203.00.00", "US", "2025-03-03", "0.00"),  # SOR/2025-66 s. 4
        ("2203.00.00", "US", "2025-03-04", "2500.00"),
        ("2203.00.00", "US", "2025-08-31", "2500.00"),
        ("2203.00.00", "US", "2025-09-01", "0.00"),  # SOR/2025-181 s. 5
        ("2203.00.00", "MX", "2025-04-10", "0.00"),
        ("7214.20.00", "US", "2025-03-12", "0.00"),  # SOR/2025-95 s. 3
        ("7214.20.00", "US", "2025-03-13", "2500.00"),
        ("9603.29.00", "US", "2025-08-31", "2500.00"),
        ("9603.29.00", "US", "2025-09-01", "0.00"),  # SOR/2025-181 s. 9
        ("7606.12.00", "US", "2026-09-07", "2500.00"),
        ("7606.12.00", "US", "2026-09-08", "5000.00"),  # SOR/2026-187 s. 1(1.1)(b)
        ("7615.10.00", "US", "2026-09-08", "2500.00"),  # SOR/2026-187 s. 1(1.1)(a)
        ("7324.10.00", "US", "2026-09-08", "2500.00"),
        ("8415.10.00", "US", "2026-09-08", "1500.00"),  # SOR/2026-186 s. 1(1)
        ("0406.10.10", "US", "2026-09-08", "2500.00"),
        ("7010.90.00", "US", "2026-09-08", "5000.00"),
        ("7010.90.00", "US", "2026-09-07", "0.00"),
        ("8703.23.00", "US", "2025-04-08", "0.00"),  # SOR/2025-118 s. 4
        ("8703.23.00", "US", "2025-04-09", "2500.00"),
        ("7318.15.00", "DE", "2025-12-25", "0.00"),  # SOR/2025-267 s. 3
        ("7318.15.00", "DE", "2025-12-26", "2500.00"),
        ("7318.15.00", "CA", "2026-06-21", "2500.00"),
        ("7318.15.00", "CA", "2026-06-22", "0.00"),  # SOR/2026-155 s. 2
        ("8703.80.00", "CN", "2026-02-28", "10000.00"),  # SOR/2024-187 s. 3
        ("8703.80.00", "CN", "2026-03-01", "0.00"),  # SOR/2026-33 s. 1
        ("7601.10.00", "CN", "2025-01-01", "2500.00"),  # SOR/2024-202 s. 1
    ],
)
def test_first_and_last_days(law: Lawbook, hts: str, origin: str, day: str, duty: str) -> None:
    assert owed(law, hts, origin, day) == duty


@pytest.mark.parametrize(
    ("hts", "day", "facts", "duty"),
    [
        ("2203.00.00", "2025-03-10", {"in_transit": "yes"}, "0.00"),
        ("4011.10.00", "2025-04-10", {"end_use": "original_equipment"}, "0.00"),
        ("4011.10.00", "2025-04-10", {}, "2500.00"),
        ("6109.10.00", "2025-04-10", {"importation": "personal"}, "2500.00"),
        ("6109.10.00", "2025-04-10", {"provision": "9804.10.00"}, "0.00"),
        ("6109.10.00", "2025-04-10", {"provision": "9804.30.00"}, "2500.00"),
        ("6109.10.00", "2025-04-10", {"provision": "9989.00.00"}, "2500.00"),
        ("6109.10.00", "2025-04-10", {"provision": "9992.00.00"}, "0.00"),
        ("6109.10.00", "2025-04-08", {"canada_relief": "campobello"}, "2500.00"),
        ("6109.10.00", "2025-04-09", {"canada_relief": "campobello"}, "0.00"),
        ("6109.10.00", "2025-05-01", {"canada_relief": "manufacture_or_processing"}, "0.00"),
        # Steel had no exception for chapters 98 and 99 before 29 August 2025.
        ("7214.20.00", "2025-08-28", {"provision": "9801.10.10"}, "2500.00"),
        ("7214.20.00", "2025-08-29", {"provision": "9801.10.10"}, "0.00"),
        ("7214.20.00", "2025-08-29", {"provision": "9913.00.00"}, "2500.00"),
        ("7606.12.00", "2025-08-28", {"provision": "9966.00.00"}, "2500.00"),
        ("7606.12.00", "2025-08-29", {"provision": "9966.00.00"}, "0.00"),
        ("7606.12.00", "2025-08-28", {"provision": "9913.00.00"}, "0.00"),
        ("7606.12.00", "2026-09-08", {"in_transit": "yes"}, "2500.00"),
        ("7010.90.00", "2026-09-08", {"in_transit": "yes"}, "0.00"),
        # SOR/2025-122 section 5: last days of remission for manufacture, steel and aluminum.
        ("7214.20.00", "2026-01-31", {"canada_relief": "manufacture_or_processing"}, "0.00"),
        ("7214.20.00", "2026-02-01", {"canada_relief": "manufacture_or_processing"}, "2500.00"),
        ("7214.20.00", "2026-02-01", {"canada_relief": "vehicle_manufacture"}, "0.00"),
        ("7606.12.00", "2027-06-30", {"canada_relief": "manufacture_or_processing"}, "0.00"),
        ("7606.12.00", "2027-07-01", {"canada_relief": "manufacture_or_processing"}, "5000.00"),
        ("7010.90.00", "2027-06-30", {"canada_relief": "health_or_public_safety"}, "0.00"),
        ("7010.90.00", "2027-07-01", {"canada_relief": "health_or_public_safety"}, "5000.00"),
        ("7216.10.00.30", "2026-07-10", {"canada_relief": "number_of_schedule_5_or_6"}, "0.00"),
        ("7216.10.00.11", "2026-07-10", {"canada_relief": "number_of_schedule_5_or_6"}, "2500.00"),
        ("8704.60.00", "2025-08-28", {"canada_relief": "heavy_electric_truck"}, "2500.00"),
        ("8704.60.00", "2025-08-29", {"canada_relief": "heavy_electric_truck"}, "0.00"),
        ("8703.23.00", "2025-08-29", {"canada_relief": "heavy_electric_truck"}, "2500.00"),
    ],
)
def test_exceptions_and_remissions(
    law: Lawbook, hts: str, day: str, facts: dict[str, str], duty: str
) -> None:
    assert owed(law, hts, "US", day, **facts) == duty


# SOR/2025-118 section 2: 25 % of A - B; B is the content claimed if over 15 %, else 15 % of A.
@pytest.mark.parametrize(
    ("facts", "duty"),
    [
        ({}, "12500.00"),
        ({"claim": "USMCA"}, "10625.00"),
        ({"claim": "USMCA", "ca_mx_content_share": "0.10"}, "10625.00"),
        ({"claim": "USMCA", "ca_mx_content_share": "0.15"}, "10625.00"),
        ({"claim": "USMCA", "ca_mx_content_share": "0.40"}, "7500.00"),
        ({"claim": "USMCA", "canada_relief": "maker_quota"}, "0.00"),
        ({"canada_relief": "maker_quota"}, "12500.00"),
    ],
)
def test_vehicles_by_entitlement(law: Lawbook, facts: dict[str, str], duty: str) -> None:
    assert owed(law, "8703.23.00", "US", "2025-06-15", "50000", **facts) == duty


@pytest.mark.parametrize(
    ("hts", "origin", "day", "facts", "duty"),
    [
        # Exempt with an agreement until 31 July 2025; other origins from 27 June.
        ("7208.51.00", "DE", "2025-07-01", {"quota": "out"}, "0.00"),
        ("7208.51.00", "TR", "2025-07-01", {"quota": "out"}, "5000.00"),
        ("7208.51.00", "TR", "2025-06-26", {"quota": "out"}, "0.00"),
        (
            "7208.51.00.11",
            "DE",
            "2025-08-01",
            {"quota": "out", "melt_pour_country": "DE"},
            "5000.00",
        ),
        ("7208.51.00.11", "DE", "2025-08-01", {"quota": "in", "melt_pour_country": "DE"}, "0.00"),
        ("7208.51.00.11", "MX", "2025-08-01", {"melt_pour_country": "MX"}, "0.00"),
        ("7208.51.00.11", "US", "2025-08-01", {}, "2500.00"),
        # In the second year, and not after it.
        (
            "7208.51.00.11",
            "TR",
            "2026-06-27",
            {"quota": "out", "melt_pour_country": "TR"},
            "5000.00",
        ),
        ("7208.51.00.11", "TR", "2027-06-27", {"melt_pour_country": "TR"}, "0.00"),
        ("7208.51.00.11", "TR", "2026-09-10", {}, "undetermined"),
        # One surtax only (SOR/2025-148 s. 3.1, from 1 August 2025); in July 2025 both were owed.
        ("7208.51.00.11", "CN", "2025-08-01", {"quota": "out"}, "5000.00"),
        ("7208.51.00.11", "CN", "2025-08-01", {"quota": "in"}, "2500.00"),
        ("7208.51.00", "CN", "2025-07-01", {"quota": "out"}, "7500.00"),
        # Melted and poured, smelted or cast in China (SOR/2025-154).
        ("7208.51.00.11", "KR", "2025-07-30", {}, "0.00"),
        (
            "7208.51.00.11",
            "KR",
            "2025-08-01",
            {"quota": "in", "melt_pour_country": "CN"},
            "2500.00",
        ),
        ("7606.12.00", "DE", "2025-08-01", {"smelt_country": "CN"}, "2500.00"),
        ("7606.12.00", "DE", "2025-08-01", {"smelt_country": "IS"}, "undetermined"),
        (
            "7606.12.00",
            "DE",
            "2025-08-01",
            {"smelt_country": "IS", "cast_country": "CN"},
            "2500.00",
        ),
        (
            "7606.12.00",
            "DE",
            "2025-08-01",
            {"smelt_country": "IS", "cast_country": "DE"},
            "0.00",
        ),
        ("7606.12.00", "US", "2025-08-01", {}, "2500.00"),
        ("7606.12.00", "CN", "2025-08-01", {}, "2500.00"),
        # The derivative order yields to the United States orders (SOR/2025-267 s. 2(a)).
        ("7318.15.00", "US", "2026-01-15", {}, "2500.00"),
        ("7318.15.00", "US", "2026-01-15", {"canada_relief": "manufacture_or_processing"}, "0.00"),
        ("9401.71.10", "US", "2026-09-07", {}, "2500.00"),
        ("9401.71.10", "US", "2026-09-08", {}, "5000.00"),
        ("9401.71.10", "VN", "2026-09-08", {}, "2500.00"),
        ("7318.15.00", "DE", "2026-01-15", {"importation": "personal"}, "0.00"),
        ("7318.15.00", "DE", "2027-06-30", {"canada_relief": "vehicle_manufacture"}, "0.00"),
        ("7318.15.00", "DE", "2027-07-01", {"canada_relief": "vehicle_manufacture"}, "2500.00"),
        ("7308.20.00", "DE", "2026-01-15", {"canada_relief": "wind_tower_west"}, "0.00"),
        ("7308.10.00", "DE", "2026-01-15", {"canada_relief": "wind_tower_west"}, "2500.00"),
    ],
)
def test_one_steel_surtax(
    law: Lawbook, hts: str, origin: str, day: str, facts: dict[str, str], duty: str
) -> None:
    assert owed(law, hts, origin, day, **facts) == duty


def test_low_value_is_outside_the_order_on_chinese_content(law: Lawbook) -> None:
    facts = {"smelt_country": "CN"}
    assert owed(law, "7606.12.00", "DE", "2025-08-01", "5000", **facts) == "0.00"
    assert owed(law, "7606.12.00", "DE", "2025-08-01", "5000.01", **facts) == "1250.00"


@pytest.mark.parametrize(
    ("hts", "origin", "day", "known_on", "duty"),
    [
        ("9603.29.00", "US", "2025-09-10", "2025-08-01", "2500.00"),
        ("9603.29.00", "US", "2025-09-10", "2025-08-22", "0.00"),
        ("7606.12.00", "US", "2026-10-01", "2026-08-01", "2500.00"),
        ("7606.12.00", "US", "2026-10-01", "2026-08-25", "5000.00"),
        ("7318.15.00", "CA", "2026-07-01", "2026-06-21", "2500.00"),
    ],
)
def test_as_known_on_a_day(
    law: Lawbook, hts: str, origin: str, day: str, known_on: str, duty: str
) -> None:
    assert owed(law, hts, origin, day, known_on=known_on) == duty


def test_orders_that_never_bound_are_threats(law: Lawbook) -> None:
    first, second = law.measures["can.surtax.us_2025_1"].threats
    assert (first.act, first.withdrawn_act) == ("sor-2025-15", "sor-2025-16")
    assert second.announced_for == date(2025, 4, 2)
    counter = law.measures["mex.counter_us_2025"]
    assert counter.provisions == []
    assert [threat.act for threat in counter.threats] == ["statement-sheinbaum-2025-02-03"]


def test_mexican_lines_equal_the_tariff(law: Lawbook, sources: Path) -> None:
    path = sources / "mexico" / "ligie_partial_2026.csv"
    with path.open(encoding="utf-8") as file:
        printed = {
            row["fraccion"].replace(".", ""): Decimal(row["igi_advalorem"])
            for row in csv.DictReader(file)
            if row["igi_advalorem"]
        }
    held = {
        code: Decimal(name.removeprefix("mex/igi_")) / 100
        for name, listed in law.lists.items()
        if name.startswith("mex/igi_") and name != "mex/igi_prohibited"
        for code in listed.code
    }
    assert held == printed
    assert len(held) == 1834 - 20


@pytest.mark.parametrize(
    ("hts", "origin", "day", "facts", "duty"),
    [
        ("0207.12.01", "BR", "2026-01-01", {}, "7500.00"),
        ("0207.12.01", "BR", "2025-12-31", {}, "0.00"),
        ("0207.12.01", "US", "2026-01-01", {"claim": "USMCA"}, "0.00"),
        ("0207.12.01", "US", "2026-01-01", {}, "7500.00"),
        ("6403.91.13", "CN", "2026-01-01", {}, "3500.00"),
    ],
)
def test_mexican_rates(
    law: Lawbook, hts: str, origin: str, day: str, facts: dict[str, str], duty: str
) -> None:
    assert owed(law, hts, origin, day, importer="MX", **facts) == duty


# SOR/2025-66 lists eight-digit items, SOR/2025-155 ten-digit numbers of steel from 2025-08-01.
@pytest.mark.parametrize(
    ("hts", "origin", "as_of", "facts", "duty"),
    [
        ("2009.12.00", "US", "2025-03-10", {}, "2500.00"),
        ("2009.12.00.90", "US", "2025-03-10", {}, "2500.00"),
        ("7208.51.00.10", "US", "2025-03-13", {}, "2500.00"),
        ("7208.51.00.91", "TR", "2025-07-01", {"quota": "out"}, "5000.00"),
        ("8703.23.00.99", "US", "2025-04-10", {}, "2500.00"),
    ],
)
def test_a_ten_digit_number_falls_under_its_item(
    hts: str, origin: str, as_of: str, facts: dict[str, str], duty: str
) -> None:
    reply = rate(hts=hts, origin=origin, as_of=as_of, value=10_000, importer="CA", facts=facts)
    assert (reply.outcome, reply.total_duty) == ("assessed", duty)


def test_a_number_that_no_list_names_is_outside_a_list_of_numbers(law: Lawbook) -> None:
    """SOR/2025-155 counts steel by number: another number of a listed item is not counted."""
    steel = {"origin": "KR", "as_of": "2025-08-02", "value": 10_000, "importer": "CA"}
    facts = {"quota": "out", "melt_pour_country": "KR"}
    listed = {code for code in law.lists["can/steel_quota"].code if code.startswith("72085100")}
    number = next(f"{n:02}" for n in range(99, 0, -1) if f"72085100{n:02}" not in listed)
    told = rate(hts=f"72085100{number}", **steel, facts=facts)
    assert told.total_duty == "0.00"
    assert any("no list names the ten-digit number" in text for text in told.warnings)
    inside = min(code for code in listed if not code.endswith("00"))
    assert rate(hts=inside, **steel, facts=facts).total_duty == "5000.00"


def test_the_layer_that_is_not_held_stands_in_each_answer() -> None:
    reply = rate(hts="2009.12.00", origin="US", as_of="2025-03-10", value=10_000, importer="CA")
    assert reply.coverage["scope"] == "surtax_only"
    (line,) = [line for line in reply.not_applied if line.measure == "can.mfn"]
    assert (line.kind, line.amount, line.rate) == ("column1", None, None)
    assert "not held" in line.reason
    stated = rate(hts="2009.12.00", origin="US", as_of="2025-03-10", value=10_000, importer="CA",
                  facts={"column1_rate": "0.05"})  # fmt: skip
    assert "can.mfn" not in {line.measure for line in stated.not_applied}
    assert stated.total_duty == "3000.00"


def test_a_fraccion_of_mexico_with_its_two_further_digits() -> None:
    """NICO numbers add two digits to a fraccion; the duty is that of the fraccion."""
    for hts in ("6404.11.17", "6404.11.17.00", "6404.11.17.99"):
        reply = rate(hts=hts, origin="CN", as_of="2026-02-01", value=10_000, importer="MX")
        assert reply.total_duty == "3500.00"
