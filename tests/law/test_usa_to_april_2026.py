"""US law on goods of Canada and Mexico to April 2026, each figure with the text that says so."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from advalorem.duty.answer import rate
from advalorem.duty.reply import Reply
from advalorem.law.load import LAWBOOK, load_lawbook
from advalorem.law.timeline import timeline, value_on

CHAPTER_99 = "us/hts/chapter99_intervals_2025basic_2026rev10.parquet"
MINE = re.compile(
    r"9903\.(01\.(0[1-5]|1[0-6])|7[468]\.|81\.(8[5-9]|9)|85\.(0[234789]|1[2-5])|94\.)"
)


def shipment(hts: str, origin: str, day: str, known: str | None = None, **facts: str) -> Reply:
    claim = facts.pop("claim", None)
    known_on = date.fromisoformat(known) if known else None
    return rate(
        hts=hts, origin=origin, as_of=day, value=10000, claim=claim, facts=facts, known_on=known_on
    )


def charged(reply: Reply) -> dict[str, str]:
    """Return heading and amount of the layers of chapter 99 that bear duty."""
    return {
        line.heading: line.amount
        for line in reply.layers
        if line.heading and line.amount not in (None, "0.00")
    }


def test_every_heading_of_these_programmes_is_coded(sources: Path) -> None:
    """Referee: the headings that chapter 99 prints from 2025 Basic to 2026 Revision 10."""
    printed = set(pl.read_parquet(sources / CHAPTER_99)["htsno"].to_list())
    book = load_lawbook()
    provisions = [p for measure in book.measures.values() for p in measure.provisions]
    coded = {p.heading for p in provisions} | {p.base.rest_heading for p in provisions}
    assert sorted(h for h in printed if MINE.match(h) and h not in coded) == []


def test_lists_hold_lines_of_their_day(sources: Path) -> None:
    """Referee: editions of January 2025, January and June 2026; a code stands in one of them."""
    names = ("hts_2025_basic", "hts_2026_basic", "hts_2026_rev10")
    frames = [pl.read_parquet(sources / "us" / "hts" / f"{name}.parquet") for name in names]
    lines = {code for frame in frames for code in frame["hts"].to_list() if len(code or "") >= 8}
    starts = {code[:n] for code in lines for n in (2, 4, 5, 6, 8, 10)}
    missing = [(name, code) for name, code in listed() if code not in starts]
    assert missing == []


def listed() -> Iterator[tuple[str, str]]:
    """Yield the lists of this law and their codes."""
    folder = LAWBOOK / "usa" / "lists"
    for entry in yaml.safe_load((folder / "SOURCES.yaml").read_text(encoding="utf-8"))["lists"]:
        path = folder / f"{entry['name'].removeprefix('usa/')}.csv"
        with path.open(encoding="utf-8") as file:
            yield from ((path.stem, row["code"]) for row in csv.DictReader(file))


def test_august_additions_are_as_many_as_customs_listed() -> None:
    """Trade reports count 428 codes on the lists of 2025-08-18; 90 FR 40326 speaks of 407."""
    folder = LAWBOOK / "usa" / "lists"
    added: set[str] = set()
    for name in ("steel_n", "steel_m_72", "steel_m_73", "aluminum_j", "aluminum_k"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            added |= {r["code"] for r in csv.DictReader(file) if r["act"] == "bis-2025-08-15"}
    assert len(added) == 428


@pytest.mark.parametrize(
    ("day", "canada", "mexico"),
    [
        ("2025-02-20", None, None),  # Executive Orders 14197 and 14198
        ("2025-03-05", "25%", "25%"),
        ("2025-08-01", "35%", "25%"),  # Executive Order 14325
        ("2026-02-23", "35%", "25%"),
        ("2026-02-24", None, None),  # Executive Order 14389
    ],
)
def test_border_duties_by_day(day: str, canada: str | None, mexico: str | None) -> None:
    book = load_lawbook()
    for country, expected in (("canada", canada), ("mexico", mexico)):
        measure = book.measures[f"usa.ieepa.fentanyl.{country}"]
        general = next(p for p in measure.provisions if p.id == "all")
        spans = timeline(general.values, book.instruments, date(2026, 11, 1))
        span = value_on(spans, date.fromisoformat(day))
        assert (span.value.rate if span else None) == expected


def test_energy_pays_ten_percent_and_potash_from_the_seventh_of_march() -> None:
    """Headings 9903.01.13 (2025 Revision 3) and 9903.01.15 (Revision 4)."""
    assert charged(shipment("2709.00.20.10", "CA", "2025-03-05", column1_rate="0")) == {
        "9903.01.13": "1000.00"
    }
    assert charged(shipment("3104.20.00.10", "CA", "2025-03-05")) == {"9903.01.10": "2500.00"}
    assert charged(shipment("3104.20.00.10", "MX", "2025-03-07")) == {"9903.01.05": "1000.00"}


def test_steel_of_mexico_before_march_2025() -> None:
    """CSMS 62095799: exempt where melted and poured in the United States, Mexico or Canada."""
    assert shipment("7208.51.00.30", "MX", "2025-01-15").duty_range == ["0.00", "2500.00"]
    abroad = shipment("7208.51.00.30", "MX", "2025-01-15", melt_pour_country="CN")
    assert charged(abroad) == {"9903.81.85": "2500.00"}
    here = shipment("7208.51.00.30", "MX", "2025-01-15", melt_pour_country="MX")
    assert charged(here) == {}


def test_chapter_73_pays_on_its_steel_from_june_2025() -> None:
    """Proclamation 10947, clauses 1, 5 and 6: 50% of the steel, the border duty on the rest."""
    before = shipment("7318.15.20.91", "CA", "2025-06-03", claim="USMCA", steel_value="6000")
    assert charged(before) == {"9903.81.90": "2500.00"}
    after = shipment("7318.15.20.91", "CA", "2025-06-04", steel_value="6000")
    assert charged(after) == {"9903.81.90": "3000.00", "9903.01.10": "1000.00"}


def test_order_of_metals_and_border_duties_turned_twice() -> None:
    """Before Executive Order 14289 both were owed; under it the border duty; from June metals."""
    steel = "7208.51.00.30"
    assert charged(shipment(steel, "CA", "2025-04-01", known="2025-04-15")) == {
        "9903.81.87": "2500.00",
        "9903.01.10": "2500.00",
    }
    assert charged(shipment(steel, "CA", "2025-04-01")) == {"9903.01.10": "2500.00"}
    assert charged(shipment(steel, "CA", "2025-06-04")) == {"9903.81.87": "5000.00"}


def test_copper_pays_beside_the_border_duty() -> None:
    """Proclamation 10962, clause 1; the aluminum in the cable is out (10947, clause 5)."""
    cable = shipment(
        "8544.42.90.90", "CA", "2025-09-18", copper_value="4000", aluminum_value="1000"
    )
    assert charged(cable) == {
        "9903.78.01": "2000.00",
        "9903.85.08": "500.00",
        "9903.01.10": "3150.00",
    }


def test_car_of_usmca_pays_on_what_is_not_us_content() -> None:
    """Note 33(d); without approved US content the full value pays."""
    car = shipment("8703.23.01.90", "CA", "2025-09-18", claim="USMCA", us_content_share="0.4")
    assert charged(car) == {"9903.94.03": "1500.00"}
    plain = shipment("8703.23.01.90", "CA", "2025-09-18", claim="USMCA")
    assert charged(plain) == {"9903.94.01": "2500.00"}


def test_part_of_a_car_asks_its_use() -> None:
    """Notes 33(f) to (h): 25% for a part, free under USMCA, the border duty for anything else."""
    hinge = "8302.10.30.00"
    assert [q.fact for q in shipment("8536.41.00.05", "MX", "2025-09-18").questions] == ["end_use"]
    part = shipment(hinge, "MX", "2025-09-18", end_use="automobile_part", aluminum_value="0")
    assert charged(part) == {"9903.94.05": "2500.00"}
    other = shipment(hinge, "MX", "2025-09-18", end_use="other", aluminum_value="0")
    assert charged(other) == {"9903.01.01": "2500.00"}


def test_free_part_pays_no_metal_duty_from_november_2025() -> None:
    """CSMS 65054270: subject means more than 0% owed; Proclamation 10984, clause 9, ends that."""
    facts = {"claim": "USMCA", "end_use": "automobile_part", "aluminum_value": "3000"}
    assert charged(shipment("8708.29.51.60", "CA", "2025-10-31", **facts)) == {
        "9903.85.08": "1500.00"
    }
    assert charged(shipment("8708.29.51.60", "CA", "2025-11-01", **facts)) == {}


def test_wood_step_up_was_known_until_it_was_put_off() -> None:
    """Proclamation 10976, clause 5, and Proclamation 11000 of 2025-12-31."""
    cabinet = "9403.40.90.60"
    assert charged(shipment(cabinet, "MX", "2026-01-05", known="2025-12-30")) == {
        "9903.76.03": "5000.00"
    }
    assert charged(shipment(cabinet, "MX", "2026-01-05")) == {"9903.76.03": "2500.00"}


def test_steel_from_a_zone_reports_its_own_heading() -> None:
    """Heading 9903.81.88: privileged foreign status before 2025-06-04."""
    zone = shipment(
        "7208.51.00.30", "DE", "2025-07-18", privileged_foreign_status_date="2025-05-01"
    )
    assert charged(zone) == {"9903.81.88": "5000.00"}
