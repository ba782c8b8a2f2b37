"""A file on two sides: two days of law, or origins exchanged."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import polars as pl
from batch_cases import table
from typer.testing import CliRunner

from advalorem.batch.compare import Side, compare_file
from advalorem.batch.run import rate_file
from advalorem.batch.sources import open_source
from advalorem.cli.main import app


def test_compare_two_days_and_two_origins(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "hts,origin,as_of,value\n4407.11.0001,CA,2025-08-20,1000\n7208510030,XX,2025-08-20,1\n"
    )
    out = tmp_path / "out.csv"
    totals = compare_file(law, open_source(path), str(out), options,
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
    compare_file(law, open_source(path), str(out), replace(options, rows=1), (Side(), exchange))
    row = pl.read_csv(out, infer_schema=False).row(0, named=True)
    assert (row["total_duty_a"], row["total_duty_b"]) == ("350.00", "250.00")


def test_sides_are_what_batch_gives(law, options, tmp_path):
    """Side a of a file is the file rated; side b the file rated with the day written in."""
    frame = table(law, 400, seed=41)
    frame.write_csv(tmp_path / "a.csv")
    other = frame.with_columns(as_of=pl.lit("2026-03-05"))
    other.write_csv(tmp_path / "b.csv")
    for name in ("a", "b"):
        rate_file(law, open_source(tmp_path / f"{name}.csv"), str(tmp_path / f"{name}_o.csv"),
                  options, lambda rows: None)  # fmt: skip
    sides = (Side(), Side(date(2026, 3, 5)))
    totals = compare_file(law, open_source(tmp_path / "a.csv"), str(tmp_path / "both.csv"),
                          options, sides)  # fmt: skip
    both = pl.read_csv(tmp_path / "both.csv", infer_schema=False)
    bad = {
        row
        for name in ("a", "b")
        for row in pl.read_csv(tmp_path / f"{name}_o.csv.rejects")["row"].to_list()
    }
    told = pl.read_csv(tmp_path / "both.csv.rejects")["row"].to_list()
    assert told == sorted(bad) and totals.refused == len(bad)
    for side, name in (("a", "a"), ("b", "b")):
        alone = with_rows(tmp_path, name, frame.height).filter(~pl.col("at").is_in(bad))
        for column in ("outcome", "total_duty", "duty_min", "duty_max", "questions"):
            assert both[f"{column}_{side}"].to_list() == alone[column].to_list(), column
    settled = both.filter(pl.col("difference").is_not_null())
    gap = sum(float(cell) for cell in settled["difference"].to_list())
    assert totals.both == settled.height and abs((totals.b - totals.a) / 100 - gap) < 0.01
    assert sum(totals.outcomes[0].values()) == both.height


def with_rows(folder, name: str, size: int) -> pl.DataFrame:
    rows = pl.read_csv(folder / f"{name}_o.csv", infer_schema=False)
    bad = set(pl.read_csv(folder / f"{name}_o.csv.rejects")["row"].to_list())
    kept = [row for row in range(1, size + 1) if row not in bad]
    return rows.with_columns(at=pl.Series(kept))


ENTRIES = "HTS,Origin,Entry Date,Entered Value\n4407.11.0001,MX,2025-08-20,1000\nbad\n"


def test_verb_writes_lines_and_totals(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(ENTRIES)
    result = CliRunner().invoke(app, ["compare", str(path), "--origin", "MX=CA"])
    assert result.exit_code == 0, result.output
    row = next(csv.DictReader(io.StringIO(result.stdout)))
    assert (row["total_duty_a"], row["total_duty_b"], row["difference"]) == (
        "250.00", "350.00", "100.00",
    )  # fmt: skip
    assert "b (as entered, MX=CA): duty 350.00" in result.stderr
    assert "has 1 cells where the header has 4" in result.stderr
    days = ["--law-on", "2025-08-20", "--law-on", "2025-01-20"]
    result = CliRunner().invoke(
        app, ["compare", str(path), *days, "--out", str(tmp_path / "o.xlsx")]
    )
    assert result.exit_code == 0 and "difference (b less a): -250.00" in result.output
    assert next(open_source(tmp_path / "o.xlsx").chunks(9)).table["difference"][0] == "-250"


def test_nothing_to_compare_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(ENTRIES)
    for words in ([], ["--law-on", "2025-08-20"], ["--origin", "MX"], ["--origin", "MX=XX"],
                  ["--law-on", "2024-08-20", "--law-on", "soon"]):  # fmt: skip
        result = CliRunner().invoke(app, ["compare", str(path), *words])
        assert result.exit_code == 2 and "error: " in result.output, words


def test_results_of_an_earlier_comparison_are_refused(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(ENTRIES.replace("Origin,", "Origin,difference,").replace("MX,", "MX,1,"))
    result = CliRunner().invoke(app, ["compare", str(path), "--origin", "MX=CA"])
    assert result.exit_code == 2 and "names of results" in result.output


def test_claims_and_least_contents_are_those_of_one_shipment(law, options, tmp_path):
    """A claim of civil aircraft affirms the use; one cent of aluminum lifts a duty (April 2025)."""
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    path.write_text(
        "hts,origin,as_of,value,claim,end_use\n"
        "8802.40.01,BR,2025-08-20,10000000,C,\n"
        "8802.40.01,BR,2025-08-20,10000000,C,other\n"
        "8708.29.5160,JP,2025-04-20,10000,,\n"
    )
    rate_file(law, open_source(path), str(out), options, lambda rows: None)
    rows = pl.read_csv(out, infer_schema=False).rows(named=True)
    assert [row["total_duty"] for row in rows[:2]] == ["1000000.00", "5000000.00"]
    assert (rows[2]["duty_min"], rows[2]["duty_max"]) == ("250.00", "2750.00")
