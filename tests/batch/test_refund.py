"""Refunds: entry numbers, routes, deadlines, and the claim file."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from batch_cases import table
from typer.testing import CliRunner

from advalorem.batch import refund_file as module
from advalorem.batch.entries import EntryError, check_digit, claim_files, read_entry
from advalorem.batch.intake import Intake
from advalorem.batch.refund import void_headings, void_measures
from advalorem.batch.refund_file import refund_file
from advalorem.batch.sources import open_source
from advalorem.cli.main import app
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


# Entries of one filer as printed in ruling HQ H005628 of 4 September 2007.
PRINTED = """
002-6110316-2 002-6111115-7 002-6111223-9 002-6111109-0 002-6111082-9 002-6110748-6 002-6111267-6
002-6110711-4 002-6111447-4 002-6110706-4 002-6111495-3 002-6110240-4 002-6111224-7 002-6110467-3
"""


@pytest.mark.parametrize("number", PRINTED.split())
def test_printed_entry_numbers_are_sound(number):
    assert read_entry(number) == number.replace("-", "")


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
    sums = refund_file(law, open_source(path), str(out), options, on, cape)
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
    assert "2026-07-19" in cape[4]["why"]  # 180 days after 20 January, to protest
    assert "Atmus Filtration" in cape[5]["why"]
    assert cape[2]["entry_problem"] == "check digit is 0 and should be 6"


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


def test_the_year_runs_from_importation(law, options, tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    path.write_text(
        "hts,origin,entry date,import date,value\n4407.11.0001,CA,2025-08-20,8/15/2025,1000\n"
    )
    refund_file(law, open_source(path), str(out), options, date(2026, 8, 16), None)
    rows = pl.read_csv(out, infer_schema=False).rows(named=True)
    claim = next(row for row in rows if row["route"] == "usa.usmca.1520d")
    assert claim["status"] == "closed" and "2026-08-15" in claim["deadlines"]


# What each act that reached back gives per 1,000 dollars, worked by hand from its text:
# ordinary rate and additional rate before, the rate in all after.
REACHED_BACK = [
    # EO 14345 of 4 September 2025: goods of Japan 15 % in all from 7 August.
    ("4202.92.3131", "JP", "2025-08-20", "", "150.00"),  # 17.6 + 15 -> 17.6
    ("8481.80.5090", "JP", "2025-08-20", "", "30.00"),  # 3 + 15 -> 15
    ("8703.23.0190", "JP", "2025-09-10", "", None),  # cars of Japan only from 16 September
    # FR Doc. 2025-18660 of 25 September 2025: cars of the Union 15 % in all from 1 August; its
    # natural resources free of the reciprocal duty from 1 September.
    ("8703.23.0190", "DE", "2025-08-15", "", "125.00"),  # 2.5 + 25 -> 15
    ("8703.23.0190", "DE", "2025-07-31", "", None),
    ("4501.10.0000", "PT", "2025-09-10", "", "150.00"),  # 0 + 15 -> 0
    # FR Doc. 2025-21940 of 4 December 2025: cars of Korea from 1 November, other goods from
    # 14 November.
    ("8703.23.0190", "KR", "2025-11-10", "", "125.00"),  # 2.5 + 25 -> 15
    ("8703.23.0190", "KR", "2025-11-10", "KR", "100.00"),  # 0 + 25 -> 15
    ("8481.80.5090", "KR", "2025-11-20", "", "30.00"),  # 3 + 15 -> 15
    ("8481.80.5090", "KR", "2025-11-13", "", None),
    # Notice of 18 December 2025: Switzerland and Liechtenstein from 14 November.
    ("8481.80.5090", "CH", "2025-11-20", "", "270.00"),  # 3 + 39 -> 15
    ("8481.80.5090", "LI", "2025-11-20", "", "30.00"),  # 3 + 15 -> 15
    ("8481.80.5090", "CH", "2025-12-20", "", None),
]


@pytest.fixture(scope="module")
def reached(law, options, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reached")
    lines = ["hts,origin,entry date,value,spi"]
    lines += [f"{hts},{origin},{day},1000,{spi}" for hts, origin, day, spi, _ in REACHED_BACK]
    (folder / "a.csv").write_text("\n".join(lines) + "\n")
    refund_file(law, open_source(folder / "a.csv"), str(folder / "o.csv"), options,
                date(2026, 1, 10), None)  # fmt: skip
    rows = pl.read_csv(folder / "o.csv", infer_schema=False).rows(named=True)
    return {int(r["row"]): r["refund_min"] for r in rows if r["route"] == "usa.retroactive"}


@pytest.mark.parametrize("number", range(len(REACHED_BACK)))
def test_acts_that_reached_back(reached, number):
    assert reached.get(number + 1) == REACHED_BACK[number][-1]


def test_void_duty_lies_between_corrected_and_not(law, options, tmp_path):
    """A floor of 15 % in all: 12 % void where the entry was corrected, 15 % where it was not."""
    line = f"{entry(1)},1,8481.80.5090,JP,2025-08-20,1000,,,01"
    _, rows, numbers = found(law, options, tmp_path, [line])
    cape = next(row for row in rows if row["route"] == "usa.ieepa.cape")
    assert (cape["refund_min"], cape["refund_max"]) == ("120.00", "150.00")
    assert "corrected" in cape["missing"] and cape["also"] == "usa.retroactive"
    assert numbers == [entry(1)]


@pytest.mark.parametrize(
    ("liquidated", "filed", "status", "told"),
    [
        ("", date(2026, 6, 16), "open", "2026-06-16"),
        ("", date(2026, 6, 17), "ask", "180 days after liquidation"),
        ("2026-07-01", date(2026, 6, 16), "open", "2026-06-16"),
        ("2026-06-20", date(2026, 6, 10), "ask", "is 2026-12-17"),
        ("2026-06-20", date(2026, 11, 20), "open", "2026-12-17"),
        ("2026-04-01", date(2026, 11, 20), "closed", "2026-09-28"),
    ],
)
def test_correction_within_300_days_of_entry(
    law, options, tmp_path, liquidated, filed, status, told
):
    """81 FR 89482: 300 days after entry, 15 before liquidation; 19 U.S.C. 1514: 180 after it."""
    path, out = tmp_path / "one.csv", tmp_path / "out.csv"
    path.write_text(HEADER + f"{entry(1)},1,8481.80.5090,JP,2025-08-20,1000,,{liquidated},01\n")
    refund_file(law, open_source(path), str(out), options, filed, None)
    rows = pl.read_csv(out, infer_schema=False).rows(named=True)
    row = next(row for row in rows if row["route"] == "usa.retroactive")
    assert row["status"] == status
    assert told in (row["deadlines"] if status == "open" else row["why"])


def fees(law, options, tmp_path, lines: list[str]) -> list[str]:
    path, out = tmp_path / "fees.csv", tmp_path / "out.csv"
    path.write_text("entry number,hts,origin,entry date,value,spi\n" + "\n".join(lines) + "\n")
    refund_file(law, open_source(path), str(out), options, date(2026, 5, 1), None)
    rows = pl.read_csv(out, infer_schema=False).rows(named=True)
    return [row["fee_refund"] for row in rows if row["route"] == "usa.usmca.1520d"]


def test_processing_fee_comes_back_with_the_claim(law, options, tmp_path):
    """0.3464 % of 10,000 is 34.64; 0.3464 % of 5,000 is 17.32, below the least of 32.71."""
    mexican = "8481.80.5090,MX,2025-08-20"
    assert fees(law, options, tmp_path, [f"{entry(1)},{mexican},10000,"]) == ["34.64"]
    assert fees(law, options, tmp_path, [f"{entry(1)},{mexican},5000,"]) == ["32.71"]
    assert fees(law, options, tmp_path, [f"{entry(1)},{mexican},2000,"]) == ["2.62"]
    assert fees(law, options, tmp_path, [f"{entry(1)},{mexican},10000,S"]) == []


def test_processing_fee_is_that_of_the_entry(law, options, tmp_path):
    """634.62 at most for an entry: with 200,000 of other goods left nothing comes back."""
    mexican, other = "8481.80.5090,MX,2025-08-20", "8481.80.5090,DE,2025-08-20"
    lines = [f"{entry(1)},{mexican},10000,", f"{entry(1)},{other},200000,"]
    assert fees(law, options, tmp_path, lines) == ["0.00"]
    lines = [f"{entry(1)},{mexican},10000,", f"{entry(1)},{mexican},30000,",
             f"{entry(1)},{other},20000,"]  # fmt: skip
    assert fees(law, options, tmp_path, lines) == ["34.64", "103.92"]  # 207.84 less 69.28, 1 to 3


def test_what_bars_and_what_asks(law, options, tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    head = (
        "Entry Number,HTS,Country of Origin,Entry Date,Entered Value,Liquidation Date,"
        "Liquidation Status,Reconciliation Indicator,Drawback,Protest Status\n"
    )
    cases = [
        (",Unliquidated,N,N,", "open", "open"),
        (",Unliquidated,Y,N,", "barred", "ask"),
        (",Unliquidated,N,Y,", "barred", "barred"),
        (",Unliquidated,N,N,Open", "barred", "barred"),
        (",Liquidated,N,N,", "ask", "ask"),
        ("03/04/2026,Liquidated,N,N,", "ask", "ask"),
    ]
    lines = [f"{entry(n)},{LUMBER},{told}" for n, (told, *_) in enumerate(cases)]
    path.write_text(head + "\n".join(lines) + "\n")
    for at, on in ((1, date(2026, 5, 1)), (2, date(2026, 7, 1))):
        cape = tmp_path / f"cape{at}.csv"
        refund_file(law, open_source(path), str(out), options, on, cape)
        rows = pl.read_csv(out, infer_schema=False).rows(named=True)
        mine = [row for row in rows if row["route"] == "usa.ieepa.cape"]
        assert [row["status"] for row in mine] == [case[at] for case in cases]
        assert "liquidation_date" not in mine[0]["missing"]
        assert cape.read_text().split("\n")[1].strip() == entry(0)
        assert "may be" in mine[5]["why"] or "cannot be read" in mine[5]["why"]


def test_claim_files_of_many_entries(law, options, tmp_path):
    """10,050 entries and one again: two files, 9,999 and 51 numbers, each once."""
    lines = [f"{entry(n)},1,{LUMBER},0,,01" for n in range(10_050)]
    sums, _, _ = found(law, options, tmp_path, [*lines, lines[0]])
    assert [rows for _, rows in sums.files] == [9999, 51]
    held = []
    for path, _ in sums.files:
        head, *rows = path.read_text(encoding="ascii").split("\n")[:-1]
        assert head.strip() == "Entry Number"
        held += [row.strip() for row in rows]
    assert held == [entry(n) for n in range(10_050)]
    assert all(len(number) == 11 for number in held)


def test_rows_that_cannot_be_read_are_kept(law, options, tmp_path):
    lines = [f"{entry(1)},1,{LUMBER},0,,01", "short", f"{entry(2)},1,bad,CA,2025-08-20,1,0,,01"]
    sums, rows, _ = found(law, options, tmp_path, lines)
    with (tmp_path / "out.csv.rejects").open(newline="") as file:
        told = [(row["row"], row["field"]) for row in csv.DictReader(file)]
    assert told == [("2", "row"), ("3", "hts")] and sums.rows == 3 and sums.refused == 2
    assert {row["row"] for row in rows} == {"1"}


def test_verb_without_an_output(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + f"ABC12345676,1,{LUMBER},0,,01\n")
    words = ["refund", str(path), "--filed-on", "2026-05-01"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0 and "usa.ieepa.cape,350.00,350.00" in result.stdout
    assert "asks drawback" in result.stderr
    result = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "o.xlsx")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "o-claim.csv").read_text() == "Entry Number\nABC12345676\n"


def mixed_entries(size: int) -> list[str]:
    """Entries of several lines whose headings, goods and other goods lie far from one another."""
    rng = random.Random(9)
    goods = (LUMBER, "8481.80.5090,MX,2025-08-20,3000", "8481.80.5090,DE,2025-08-20,90000",
             "8481.80.5090,JP,2025-08-20,1000", "bad,CA,2025-08-20,1")  # fmt: skip
    lines = []
    for number in range(size):
        name = entry(number) if number % 7 else f"ABC{number:07d}0"
        told = rng.choice(("2026-03-20,01", ",01", ",09"))
        for line in range(1, rng.randrange(2, 6)):
            lines.append(f"{name},{line},{rng.choice(goods)},0,{told}")
            if rng.random() < 0.3:
                lines.append(f"{name},{line},9903.01.10,CA,2025-08-20,0,{line}.25,{told}")
    rng.shuffle(lines)
    return [*lines, f",1,{LUMBER},0,,01", ",1,8481.80.5090,MX,2025-08-20,3000,0,,01"]


@pytest.mark.parametrize("headings", [True, False])
def test_parts_of_any_size_give_the_same_claims(law, options, tmp_path, monkeypatch, headings):
    """Duty of headings and fees of an entry are those of the whole file, not of a part of it."""
    lines = [line for line in mixed_entries(90) if headings or ",9903." not in line]
    path = tmp_path / "entries.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines))
    sizes, results = [], []
    real = module.screen
    monkeypatch.setattr(
        module, "screen", lambda asked: sizes.append(len(asked.rows)) or real(asked)
    )
    for rows in (1000, 37, 4):
        sizes.clear()
        out, claims = tmp_path / f"{rows}.csv", tmp_path / f"{rows}-claim.csv"
        told = replace(options, rows=rows)
        sums = refund_file(law, open_source(path), str(out), told, ON, claims)
        assert len(sizes) == -(-len(lines) // rows) and max(sizes) <= rows
        rejects = tmp_path / f"{rows}.csv.rejects"
        results.append((out.read_bytes(), rejects.read_bytes(), claims.read_bytes(),
                        replace(sums, files=[])))  # fmt: skip
    assert results[0] == results[1] == results[2]
    rows = pl.read_csv(tmp_path / "4.csv", infer_schema=False)
    assert rows["fee_refund"].n_unique() > 5 and sums.wrong and sums.left_out
    assert rows["refund_min"].str.ends_with(".25").any() == headings


MEMORY = """
import resource, sys
from advalorem.cli.main import app
try:
    app(["refund", "a.csv", "--out", "o.csv", "--filed-on", "2026-05-01", "--no-cache"])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path):
    """Five times the rows over the same entries: 240,000 rows held whole took 700 MB more."""
    peaks = []
    for times in (1, 5):
        lines = [f"{entry(n)},{line},{LUMBER},0,,01" for line in range(6 * times)
                 for n in range(10_000)]  # fmt: skip
        (tmp_path / "a.csv").write_text(HEADER + "".join(line + "\n" for line in lines))
        ended = subprocess.run([sys.executable, "-c", MEMORY], cwd=tmp_path, check=True,
                               capture_output=True, text=True)  # fmt: skip
        peaks.append(int(ended.stdout.split()[-1]) / 1024)
    assert peaks[1] - peaks[0] < 150
