"""Refunds: entry numbers, routes, deadlines, and the claim file."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from batch_cases import table

from advalorem.batch.compare import Side, compare_file
from advalorem.batch.entries import EntryError, check_digit, claim_files, read_entry
from advalorem.batch.intake import Intake
from advalorem.batch.refund import Entry, Screen, claimable, screen, void_headings, void_measures
from advalorem.batch.refund_file import refund_file
from advalorem.batch.sources import open_source
from advalorem.duty.assess import assess
from advalorem.duty.ledger import ASSESSED

US = "US"
ON = date(2026, 5, 1)
HEADER = (
    "Entry Number,Line,HTS,Country of Origin,Entry Date,Entered Value,Duty Amount,"
    "Liquidation Date,Entry Type Code\n"
)
LUMBER = "4407.11.0001,CA,2025-08-20,1000"


def luhn(figures: list[int]) -> bool:
    """The usual check of a number with its digit, written the other way round."""
    total = 0
    for place, figure in enumerate(reversed(figures)):
        doubled = figure * 2 if place % 2 else figure
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


@pytest.mark.parametrize("seed", range(20))
def test_check_digit_is_that_of_the_usual_sum(seed):
    number = "".join(random.Random(seed).choice("0123456789") for _ in range(10))
    assert luhn([int(sign) for sign in number] + [check_digit(number)])


def test_letters_of_the_filer_code():
    """Letters stand for A-I 1-9, J-R 1-9, S-Z 2-9 (ACE CATAIR, Appendix E)."""
    for letters, figures in (("ABC", "123"), ("IJR", "919"), ("STZ", "239"), ("XJ5", "715")):
        assert check_digit(letters + "0123456") == check_digit(figures + "0123456")
    assert check_digit("ABC1234567") == 6  # worked example beside the implementation guide


def test_one_wrong_figure_is_found():
    for place in range(3, 11):
        sign = "ABC12345676"[place]
        with pytest.raises(EntryError):
            read_entry(
                "ABC12345676"[:place] + str((int(sign) + 1) % 10) + "ABC12345676"[place + 1 :]
            )


def test_claim_files_are_cut(tmp_path):
    numbers = [f"{n:011d}" for n in range(25)]
    found = list(claim_files(tmp_path / "cape.csv", "Entry Number", numbers, 10))
    assert [rows for _, rows in found] == [10, 10, 5]
    held = []
    for path, _ in found:
        with path.open(newline="") as file:
            head, *rows = csv.reader(file)
        assert head == ["Entry Number"]
        held += [row[0] for row in rows]
    assert held == numbers


def test_routes_cite_acts_that_are_known(law):
    assert {route.basis for route in law.routes} == {"void", "retroactive", "preference"}
    for route in law.routes:
        acts = [route.act, *(d.act for d in route.deadlines), *(q.act for q in route.questions)]
        assert all(law.instruments[act].source for act in acts)
    cape = next(route for route in law.routes if route.basis == "void")
    assert (cape.claim_rows, cape.claim_header, cape.opens) == (
        9999,
        "Entry Number",
        date(2026, 4, 20),
    )


def test_void_measures_are_those_held_void(law):
    assert not void_measures(law, US, date(2026, 2, 19))
    names = void_measures(law, US, date(2026, 2, 20))
    assert names and all(law.measures[name].authority.startswith("ieepa") for name in names)
    assert "99030110" in void_headings(law, US, ON)


def test_amount_is_what_the_ledger_charges_under_void_measures(law, rater):
    frame = table(law, 800, seed=31)
    intake = Intake(law, {name: name for name in frame.columns}, rater_reading(), rater.codes)
    rows = intake.read(frame).shipments
    names = void_measures(law, US, ON)
    due = rater.due_under(rows, names)
    ledger = assess(law, US, rows, rater.known_on)
    wanted = np.zeros(len(rows), dtype=np.int64)
    for row, layer, amount in zip(ledger.row, ledger.layer, ledger.amount, strict=True):
        rule = ledger.layers[layer].rule
        if rule is not None and rule.measure.measure in names:
            wanted[row] += amount
    settled = ledger.outcome == ASSESSED
    np.testing.assert_array_equal(due[settled], wanted[settled])
    assert (due > 0).sum() > 50


def rater_reading():
    from advalorem.batch.cells import Reading

    return Reading()


def found(law, options, tmp_path: Path, lines: list[str], on: date = ON):
    path = tmp_path / "entries.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines))
    out, cape = tmp_path / "out.csv", tmp_path / "cape.csv"
    sums = refund_file(law, open_source(path), out, options, on, cape)
    rows = pl.read_csv(out, infer_schema=False).rows(named=True)
    numbers = cape.read_text().split()[2:] if cape.exists() else []
    return sums, rows, numbers


def test_duty_under_void_measures(law, options, tmp_path):
    lines = [
        f"ABC12345676,1,{LUMBER},0,,01",
        f"ABC12345676,2,{LUMBER},0,,01",
        f"ABC12345670,1,{LUMBER},0,,01",
        f"XYZ00000017,1,{LUMBER},0,2026-03-20,01",
        f"{entry(2)},1,{LUMBER},0,2026-01-20,01",
        f"{entry(3)},1,{LUMBER},0,2025-10-01,01",
        f"{entry(4)},1,{LUMBER},0,,09",
    ]
    sums, rows, numbers = found(law, options, tmp_path, lines)
    cape = [row for row in rows if row["route"] == "usa.ieepa.cape"]
    assert [row["refund_min"] for row in cape] == ["350.00"] * 7
    statuses = [row["status"] for row in cape]
    assert statuses == ["open", "open", "open", "open", "ask", "closed", "barred"]
    assert numbers == ["ABC12345676"] or numbers[0] == "ABC12345676"
    assert "ABC12345670" not in numbers and entry(4) not in numbers
    assert any("should be 6" in text for text in sums.wrong)
    assert "drawback" in cape[0]["missing"] and "liquidation_date" in cape[0]["missing"]
    assert "liquidation_date" not in cape[3]["missing"]
    assert "2026-06-08" in cape[3]["deadlines"]  # 80 days after 20 March


def entry(number: int) -> str:
    base = f"ABC{number:07d}"
    return base + str(check_digit(base))


def test_stated_duty_of_headings_comes_first(law, options, tmp_path):
    lines = [
        f"{entry(1)},1,9903.01.10,CA,2025-08-20,0,123.45,,01",
        f"{entry(1)},1,{LUMBER},0,,01",
        f"{entry(2)},1,{LUMBER},0,,01",
    ]
    _, rows, numbers = found(law, options, tmp_path, lines)
    cape = [row for row in rows if row["route"] == "usa.ieepa.cape"]
    assert [(row["row"], row["refund_min"]) for row in cape] == [("2", "123.45")]
    assert numbers == [entry(1)]


def test_before_the_judgment_nothing_is_void(law, options, tmp_path):
    _, rows, numbers = found(
        law, options, tmp_path, [f"{entry(1)},1,{LUMBER},0,,01"], date(2026, 2, 1)
    )
    assert not [row for row in rows if row["route"] == "usa.ieepa.cape"] and not numbers


def test_claim_within_a_year(law, options, tmp_path):
    lines = [f"{entry(1)},1,{LUMBER},0,,01"]
    for on, status in ((date(2026, 8, 20), "open"), (date(2026, 8, 21), "closed")):
        _, rows, _ = found(law, options, tmp_path, lines, on)
        claim = next(row for row in rows if row["route"] == "usa.usmca.1520d")
        assert (claim["status"], claim["refund_min"]) == (status, "350.00")
        assert "originating" in claim["missing"]


def test_law_that_reached_back(law, options, tmp_path):
    """EO 14345 of 4 September 2025: 15 % in all on goods of Japan from 7 August."""
    line = f"{entry(1)},1,4202.92.3131,JP,2025-08-20,1000,0,,01"
    _, rows, _ = found(law, options, tmp_path, [line])
    claim = next(row for row in rows if row["route"] == "usa.retroactive")
    assert claim["refund_min"] == "150.00"  # 15 % on top of 17.6 % before, nothing after
    later = line.replace("2025-08-20", "2025-09-20")
    _, rows, _ = found(law, options, tmp_path, [later])
    assert not [row for row in rows if row["route"] == "usa.retroactive"]


def test_claimable_names_each_entry_once(law, rater, options, tmp_path):
    frame = pl.DataFrame({"hts": ["4407110001"] * 3, "origin": ["CA"] * 3,
                          "as_of": ["2025-08-20"] * 3, "value": ["1000"] * 3})  # fmt: skip
    intake = Intake(law, {name: name for name in frame.columns}, rater_reading(), rater.codes)
    entries = [Entry(number=entry(n)) for n in (1, 1, 2)]
    claims = screen(Screen(rater, intake.read(frame).shipments, entries, ON))
    assert claimable(claims, entries, "usa.ieepa.cape") == ([entry(1), entry(2)], [])


def test_compare_two_days_and_two_origins(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "hts,origin,as_of,value\n4407.11.0001,CA,2025-08-20,1000\n7208510030,XX,2025-08-20,1\n"
    )
    out = tmp_path / "out.csv"
    totals = compare_file(law, open_source(path), out, options,
                          (Side(date(2025, 8, 20)), Side(date(2025, 1, 20))))  # fmt: skip
    row = pl.read_csv(out, infer_schema=False).row(0, named=True)
    assert (row["total_duty_a"], row["total_duty_b"], row["difference"]) == (
        "350.00",
        "0.00",
        "-350.00",
    )
    assert (totals.rows, totals.both, totals.refused, totals.a, totals.b) == (2, 1, 1, 35000, 0)
    names = [country.iso2 for country in law.countries]
    exchange = Side(origins={names.index("CA"): names.index("MX")})
    compare_file(law, open_source(path), out, replace(options, rows=1), (Side(), exchange))
    row = pl.read_csv(out, infer_schema=False).row(0, named=True)
    assert (row["total_duty_a"], row["total_duty_b"]) == ("350.00", "250.00")
