"""Reports as people have them, odd cells, and outputs that cannot be written."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from typer.testing import CliRunner

from advalorem.batch import workbooks
from advalorem.batch.columns import recognise, words
from advalorem.batch.sinks import SheetSink, SinkError, escaped
from advalorem.batch.sources import open_source
from advalorem.cli.main import app

# Columns of ACE report ES-003, entry summary line tariff details, with those that users add.
ES003 = (
    "Entry Summary Number", "Entry Summary Line Number", "Entry Type Code", "Importer Number",
    "Port of Entry Code", "Entry Date", "Entry Summary Date", "Liquidation Date",
    "Liquidation Status", "Reconciliation Indicator", "Protest Status", "Country of Origin Code",
    "Country of Export Code", "Line SPI Code", "Tariff Ordinal Number", "HTS Number - Full",
    "Line Tariff Goods Value Amount", "Line Goods Value Amount", "Line Tariff Duty Amount",
    "Line Tariff Quantity (1)", "Line Tariff UOM (1) Code",
)  # fmt: skip
HEADER = "HTS,Origin,Entry Date,Entered Value,Note\n"
GOOD = "7208.51.00.30,CA,2025-08-20,10000,"


def run(*words: object, stdin: bytes | None = None):
    return CliRunner().invoke(app, ["batch", *map(str, words)], input=stdin)


def results(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rated(path: Path, content: bytes | str, *words: object) -> list[dict[str, str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    out = path.with_name("out.csv")
    result = run(path, "--out", out, *words)
    assert result.exit_code == 0, result.output
    return results(out)


def refused(path: Path) -> list[dict[str, str]]:
    out = path.with_name("out.csv.rejects")
    return results(out) if out.exists() else []


def test_columns_of_es003():
    found = recognise(ES003, {}, [])
    assert found == {
        "entry": "Entry Summary Number", "line": "Entry Summary Line Number",
        "entry_type_code": "Entry Type Code", "as_of": "Entry Date",
        "liquidation": "Liquidation Date", "liquidation_status": "Liquidation Status",
        "reconciliation": "Reconciliation Indicator", "protest": "Protest Status",
        "origin": "Country of Origin Code", "claim": "Line SPI Code", "hts": "HTS Number - Full",
        "value": "Line Tariff Goods Value Amount", "duty": "Line Tariff Duty Amount",
        "quantity": "Line Tariff Quantity (1)", "unit": "Line Tariff UOM (1) Code",
    }  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        ("Entry Number", "Entry Date", "HTS", "Entered Value", "Duty Amount", "Country of Origin",
         "SPI"),
        ("SKU", "US HTS Code", "Value USD", "Origin Country", "Entry Date"),
        ("I_COMMODITY", "CTY_CODE", "CON_VAL_MO", "Date"),
    ],
)  # fmt: skip
def test_columns_of_brokers_and_others(names):
    assert {"hts", "origin", "as_of", "value"} <= recognise(names, {}, []).keys()


def test_names_that_order_are_known():
    assert set(words().rank) <= set(words().columns)


def test_rows_of_es003_are_rated(tmp_path):
    text = ",".join(ES003) + "\n" + ",".join([
        "ABC12345676", "1", "01", "12-3456789", "0901", "08/20/2025", "08/29/2025", "", "", "N",
        "", "CA", "CA", "S", "1", "7208510030", "10000", "10000", "5000", "10", "T",
    ])  # fmt: skip
    row = rated(tmp_path / "es003.csv", text)[0]
    assert row["total_duty"] == "5000.00"


def test_title_above_the_header(tmp_path):
    text = "Entry Summary Line Tariff Details\nRun on,8/30/2025,,,\n\n" + HEADER + GOOD + "x\n"
    assert rated(tmp_path / "a.csv", text)[0]["outcome"] == "assessed"
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 1, "Entry Summary Line Tariff Details")
    sheet.write_row(3, 1, HEADER.strip().split(","))
    sheet.write_row(4, 1, ["7208.51.00.30", "CA", date(2025, 8, 20).isoformat(), 10000])
    book.close()
    assert rated(tmp_path / "a.xlsx", buffer.getvalue())[0]["total_duty"] == "5000.00"


def test_stray_quotation_mark_takes_no_other_row(tmp_path):
    lines = [GOOD + "one", '"' + GOOD + "two", GOOD + "three", GOOD + '"fo"ur', GOOD + "five"]
    path = tmp_path / "a.csv"
    found = rated(path, HEADER + "\n".join(lines) + "\n")
    assert [row["Note"] for row in found] == ["one", "three", "five"]
    bad = refused(path)
    assert [row["row"] for row in bad] == ["2", "4"]
    assert "no other closes" in bad[0]["reason"] and "inside a quoted cell" in bad[1]["reason"]
    assert [json.loads(row["content"]) for row in bad] == [lines[1], lines[3]]


def test_cells_of_several_lines_stay_whole(tmp_path):
    note = "two\nlines, and a comma"
    found = rated(tmp_path / "a.csv", HEADER + GOOD + f'"{note}"\n' + GOOD + "x\n")
    assert [row["Note"] for row in found] == [note, "x"]


def test_one_bad_byte_changes_no_other_row(tmp_path):
    content = (HEADER + GOOD + "Montréal\n" + GOOD).encode() + b"\xe9t\xe9\n"
    assert [row["Note"] for row in rated(tmp_path / "a.csv", content)] == ["Montréal", "été"]


@pytest.mark.parametrize("cell", ["8/20/2025 12:00:00 AM", "2025-08-20T13:30", "20-Aug-2025 9:15"])
def test_time_of_day_is_left_aside(tmp_path, cell):
    text = HEADER + GOOD.replace("2025-08-20", cell) + "\n"
    assert rated(tmp_path / "a.csv", text)[0]["outcome"] == "assessed"


def test_instant_with_a_zone_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    assert not rated(path, HEADER + GOOD.replace("2025-08-20", "2025-08-20T02:00:00Z") + "\n")
    assert "is no date" in refused(path)[0]["reason"]


def test_typed_columns(tmp_path):
    day = datetime(2025, 8, 20, 13, 30)
    frame = pl.DataFrame({
        "HTS": [7208510030] * 3, "Origin": ["CA"] * 3, "Entry Date": [day] * 3,
        "Entered Value": [10000.0, 0.1 + 0.2, float("nan")],
        "made": [["a", "b"]] * 3, "raw": [b"\x00\xff"] * 3, "at": [day.replace(tzinfo=UTC)] * 3,
        "deep": [{"x": 1}] * 3, "big": [10**17 + 1] * 3, "odd": [float("inf")] * 3,
    })  # fmt: skip
    frame = frame.with_columns(pl.col("Origin").cast(pl.Categorical))
    path = tmp_path / "a.parquet"
    frame.write_parquet(path)
    for kind in ("csv", "xlsx", "parquet"):
        out = tmp_path / f"out.{kind}"
        assert run(path, "--out", out).exit_code == 0
        again = next(open_source(out).chunks(10)).table
        assert again.height == 2, kind
        if kind == "parquet":
            assert again.select(frame.columns).equals(frame.head(2))
        else:
            assert again["made"][0] == '["a","b"]' and again["raw"][0] == "00ff"
            assert again["deep"][0] == '{"x":1}' and again["big"][0] == str(10**17 + 1)
    bad = results(tmp_path / "out.csv.rejects")
    assert bad[0]["field"] == "value" and json.loads(bad[0]["content"])["HTS"] == "7208510030"


def test_facts_as_columns(tmp_path):
    text = (
        "hts,origin,as_of,value,us_content_share,steel_value\n"
        '7326.90.8688,CA,2025-09-18,10000,0.4,"2,500.00"\n'
    )
    row = rated(tmp_path / "a.csv", text)[0]
    words = ["duty", "--hts", "7326.90.8688", "--origin", "CA", "--as-of", "2025-09-18", "--value",
             "10000", "--fact", "us_content_share=0.4", "--fact", "steel_value=2500",
             "--format", "json"]  # fmt: skip
    reply = json.loads(CliRunner().invoke(app, words).stdout)
    assert row["outcome"] == reply["outcome"]
    assert (row["total_duty"] or None) == reply["total_duty"]


def test_workbook_and_parquet_on_standard_input(tmp_path):
    frame = pl.DataFrame({"hts": ["7208510030"], "origin": ["CA"], "as_of": ["2025-08-20"],
                          "value": ["10000"]})  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_excel(tmp_path / "a.xlsx")
    for name in ("a.parquet", "a.xlsx"):
        result = run("-", "--out", "-", stdin=(tmp_path / name).read_bytes())
        assert result.exit_code == 0 and "assessed,5000.00" in result.stdout, result.output


def test_rejects_beside_standard_output(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "bad,CA,2025-08-20,1,\n")
    result = run(path, "--out", "-")
    assert "is not made of digits" in result.stderr and "bad" not in result.stdout
    assert run(path, "--out", "-", "--rejects", tmp_path / "r.csv").exit_code == 0
    assert results(tmp_path / "r.csv")[0]["row"] == "1"


def test_output_is_not_the_input(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + "\n")
    result = run(path, "--out", path)
    assert result.exit_code == 2 and "is the input" in result.output
    assert path.read_text() == HEADER + GOOD + "\n"


def test_files_that_cannot_be_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + "x" * 40_000 + "\n")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "plain").write_text("")
    outs = ("folder.csv", "plain/out.csv", "out.xlsx", "out.xls")
    for out in outs:
        result = run(path, "--out", tmp_path / out)
        assert result.exit_code == 2 and "error: " in result.output, (out, result.output)
    assert "32,767 characters" in run(path, "--out", tmp_path / "out.xlsx").output
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "folder.csv", "plain"]


def test_sheet_that_is_full(tmp_path):
    sink = SheetSink(tmp_path / "a.xlsx", pl.Schema({"a": pl.Int64()}))
    with pytest.raises(SinkError, match="1,048,576 rows"):
        sink.write(pl.DataFrame({"a": range(SheetSink.MOST)}))
    sink.close()


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]
)
def test_formulas_are_escaped(text):
    assert escaped(pl.DataFrame({"a": [text]}))["a"][0] == "'" + text


@pytest.mark.parametrize("text", ["-5", "+1.5", "-", "1e-5", "-12%", "a=b"])
def test_numbers_and_plain_texts_are_not(text):
    assert escaped(pl.DataFrame({"a": [text]}))["a"][0] == text


def test_a_folder_leaves_its_output_aside(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + GOOD + "\n")
    (tmp_path / "~$a.xlsx").write_text("lock")
    (tmp_path / "empty.csv").write_text(HEADER)
    assert run(tmp_path, "--out", tmp_path / "out", "--parts", "csv").exit_code == 0
    again = run(tmp_path, "--out", tmp_path / "out", "--parts", "csv", "--resume")
    assert again.exit_code == 0, again.output
    parts = sorted(path.name for path in (tmp_path / "out").glob("*.csv"))
    assert parts == ["0000-a-00000.csv", "0001-empty-00000.csv"]
    assert results(tmp_path / "out" / parts[1]) == []


def test_a_bad_file_in_a_folder_is_named(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + GOOD + "\n")
    (tmp_path / "b.csv").write_text("")
    result = run(tmp_path, "--out", tmp_path.with_name("elsewhere"))
    assert result.exit_code == 2 and "b.csv: the file is empty" in result.output
    assert not tmp_path.with_name("elsewhere").exists()


def test_content_of_another_kind_is_told(tmp_path):
    frame = pl.DataFrame({"hts": ["7208510030"]})
    for ending in ("xlsx", "parquet"):
        getattr(frame, {"xlsx": "write_excel", "parquet": "write_parquet"}[ending])(
            tmp_path / f"a.{ending}"
        )
        (tmp_path / f"a.{ending}").rename(tmp_path / "a.csv")
        result = run(tmp_path / "a.csv", "--out", "-")
        assert result.exit_code == 2 and f"that of .{ending}" in result.output


def test_other_sheets_are_told(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in ("Entries", "More"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["hts", "origin", "as_of", "value"])
        sheet.write_row(1, 0, ["7208510030", "CA", "2025-08-20", 10000])
    book.close()
    assert "'More'" in run(tmp_path / "a.xlsx", "--out", "-").stderr
    result = run(tmp_path / "a.xlsx", "--out", "-", "--sheet", "More")
    assert result.exit_code == 0 and "note:" not in result.stderr
    assert "no sheet 'None'" in run(tmp_path / "a.xlsx", "--out", "-", "--sheet", "None").output


def test_long_names_are_cut_in_messages(tmp_path):
    (tmp_path / "a.csv").write_text("x" * 10**6 + "".join(f",c{n}" for n in range(100)) + "\n")
    result = run(tmp_path / "a.csv", "--out", "-")
    assert result.exit_code == 2 and "and 61 more" in result.output and len(result.output) < 2000


def test_a_disk_that_is_full(tmp_path):
    """A limit on the size of files stands for the disk."""
    rows = "".join(GOOD + f"{random.Random(n).randbytes(250).hex()}\n" for n in range(2000))
    (tmp_path / "a.csv").write_text(HEADER + rows)
    for out in ("o.csv", "o.parquet", "o.xlsx"):
        command = (
            "import resource\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
            "from advalorem.cli.main import app\n"
            f"app(['batch', 'a.csv', '--out', {out!r}, '--no-cache'])"
        )
        done = subprocess.run([sys.executable, "-c", command], cwd=tmp_path, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 2 and "error: " in done.stderr, (out, done.stderr)
        assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def broken_sheet(path: Path) -> Path:
    """A workbook with an error, a formula never computed, and one that was."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("of 2025")
        for column, name in enumerate(HEADER.strip().split(","), start=1):
            sheet.write_string(2, column, name)
        sheet.write_string(2, 6, "SPI")
        for row in range(3, 8):
            for column, cell in enumerate(
                ("4407.11.0001", "CA", "2025-08-20", "1000", ""), start=1
            ):
                sheet.write_string(row, column, cell)
        sheet.write_string(3, 6, "S")
        sheet.write_formula(4, 6, '=VLOOKUP("x",A1:B2,2)', None, "#N/A")
        sheet.write_formula(5, 6, "=A1", None, "")
        sheet.write_formula(6, 6, '="S"', None, "S")
        sheet.write_formula(7, 4, "=900+100", None, 1000)
        for column in range(1, 7):
            sheet.write_formula(9, column, "=B4", None, "")
    return path


def test_cells_without_a_value_are_no_empty_cells(tmp_path):
    """An error in a claim would else count as no claim, and a row of formulas as no row."""
    path = broken_sheet(tmp_path / "a.xlsx")
    assert run(path, "--out", tmp_path / "out.csv").exit_code == 0
    assert [row["total_duty"] for row in results(tmp_path / "out.csv")] == [
        "0.00",
        "0.00",
        "350.00",
    ]
    told = [(row["row"], row["field"], row["reason"]) for row in refused(path)]
    assert told == [("2", "claim", "is no known claim"), ("3", "claim", "is no known claim"),
                    ("6", "hts", "is not made of digits")]  # fmt: skip
    contents = [json.loads(row["content"]) for row in refused(path)]
    assert [content["SPI"] for content in contents] == ["#N/A", "=A1", "=B4"]


@pytest.mark.parametrize("parts", [(7, 500), (500, 9)])
def test_valueless_cells_are_found_across_blocks(tmp_path, monkeypatch, parts):
    monkeypatch.setattr(workbooks, "BLOCK", parts[0])
    monkeypatch.setattr(workbooks, "OVERLAP", max(parts))
    path = broken_sheet(tmp_path / "a.xlsx")
    found = workbooks.valueless(path, "of 2025")
    assert {(row, column) for row in found for column in found[row]} == {
        (4, 6), (5, 6), *((9, column) for column in range(1, 7)),
    }  # fmt: skip
    assert found[4][6] == "#N/A" and found[5][6] == "=A1"


def test_workbooks_without_trouble_are_read_once(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in range(50):
            sheet.write_formula(row, 0, "=1+1", None, 2)
    monkeypatch.setattr(workbooks, "_cells", None)
    assert workbooks.valueless(path, "Sheet1") == {}


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = broken_sheet(tmp_path / "a.xlsx")
    monkeypatch.setattr("advalorem.batch.sources.LARGEST", 5000)
    result = run(path, "--out", tmp_path / "out.csv")
    assert result.exit_code == 2 and "save it as CSV" in result.output


@pytest.mark.parametrize("at", [b"PK\x01\x02", b"PK\x05\x06"], ids=["directory", "its_end"])
def test_a_workbook_with_a_damaged_directory_is_refused(tmp_path, at):
    content = broken_sheet(tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "b.xlsx").write_bytes(content.replace(at, b"PK\x07\x77", 1))
    result = run(tmp_path / "b.xlsx", "--out", tmp_path / "out.csv")
    assert result.exit_code == 2 and "error: " in result.output
    assert isinstance(result.exception, SystemExit)


def test_kinds_are_told_by_content(tmp_path):
    """A name that does not fit: packed text, a web page or text as a workbook."""
    cases = {
        "a.csv": (gzip.compress(HEADER.encode()), "packed with gzip"),
        "b.xls": (b"<HTML><table><tr><td>HTS</td></tr></table>", "a web page"),
        "c.xls": (HEADER.encode(), "if it is text, name it .csv"),
        "d.csv": (broken_sheet(tmp_path / "x.xlsx").read_bytes(), "name it so"),
    }
    for name, (content, message) in cases.items():
        (tmp_path / name).write_bytes(content)
        result = run(tmp_path / name, "--out", tmp_path / "out.csv")
        assert result.exit_code == 2 and message in result.output, name
    renamed = tmp_path / "y.xls"
    renamed.write_bytes((tmp_path / "x.xlsx").read_bytes())
    assert run(renamed, "--out", tmp_path / "out.csv").exit_code == 0


def test_numbers_of_32_bits_hold_no_cents_of_large_amounts(tmp_path):
    value = pl.Series([799.96, 131072.0, 2500000.14], dtype=pl.Float32)
    frame = pl.DataFrame({"hts": ["7208510030"] * 3, "origin": "CA", "as_of": "2025-08-20",
                          "value": value})  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    assert run(tmp_path / "a.parquet", "--out", tmp_path / "out.csv").exit_code == 0
    assert [row["total_duty"] for row in results(tmp_path / "out.csv")] == ["399.98"]
    assert [row["reason"][:21] for row in refused(tmp_path / "a")] == ["is stored in 32 bits,"] * 2
    codes = frame.with_columns(hts=pl.Series([7208510030.0] * 3, dtype=pl.Float32), value=1)
    codes.write_parquet(tmp_path / "a.parquet")
    assert run(tmp_path / "a.parquet", "--out", tmp_path / "out.csv").exit_code == 0
    assert {row["reason"] for row in refused(tmp_path / "a")} == {"is not made of digits"}


def test_codes_that_were_numbers_on_the_way(tmp_path):
    """A point and a zero behind ten digits; a lost zero is not made up by them."""
    text = HEADER + "".join(f"{code},CA,2025-08-20,10000,\n" for code in
                            ("7208510030.0", '"=""7208510030"""', "702002002.0", "7020020.0",
                             "7.20851003E9"))  # fmt: skip
    assert [row["total_duty"] for row in rated(tmp_path / "a.csv", text)] == ["5000.00"] * 2
    told = [row["reason"] for row in refused(tmp_path / "a")]
    lost = [reason.endswith("a leading zero seems lost") for reason in told]
    assert lost == [True, True, False] and told[2] == "is not made of digits"


@pytest.mark.parametrize("code", ["XA", "XB", "XC", "XM", "XN", "XO", "XP", "XQ", "XS", "XT", "XV",
                                  "XW", "XY", "xo"])  # fmt: skip
def test_provinces_of_entry_summaries_are_canada(tmp_path, code):
    """15 CFR 30.54(b): entry summaries name the province; "CA" is not taken since 15 May 1997."""
    text = HEADER + GOOD + "\n" + GOOD.replace("CA", code) + "\n"
    assert [row["total_duty"] for row in rated(tmp_path / "a.csv", text)] == ["5000.00"] * 2


def test_options_that_cannot_be_meant_are_refused(tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    path.write_text(HEADER + GOOD + "\n")
    cases = [
        (["--out", tmp_path / "out.json"], "files .json are not written"),
        (["--out", out, "--sheet", "x"], "leave out --sheet"),
        (["--out", out, "--map", "valu=Entered Value"], "did you mean value"),
        (["--out", out, "--map", "qqqq=HTS"], "facts such as us_content_share"),
        (["--out", out, "--map", "value=Entered Value", "--map", "value=HTS"], "given twice"),
        (["--out", out, "--map", "value=Worth"], "no column 'Worth'"),
    ]
    for given, message in cases:
        result = run(path, *given)
        assert result.exit_code == 2 and message in result.output, given
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_sheets_of_a_mixed_folder(tmp_path):
    broken_sheet(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_text(HEADER + GOOD + "\n")
    result = run(tmp_path, "--out", tmp_path / "out", "--sheet", "of 2025")
    assert result.exit_code == 0 and "rows: 7" in result.stderr
    assert run(tmp_path, "--out", tmp_path / "out2", "--sheet", "of 2026").exit_code == 2


def test_text_with_tabs_comes_out_with_tabs(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text((HEADER + GOOD + "\n").replace(",", "\t"))
    assert run(path, "--out", tmp_path / "out.tsv").exit_code == 0
    head, row = (tmp_path / "out.tsv").read_text().splitlines()
    assert head.split("\t")[-6:] == ["outcome", "total_duty", "duty_min", "duty_max", "total_fees",
                                     "questions"]  # fmt: skip
    assert row.split("\t")[6] == "5000.00"


def test_summary_as_json(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + "\n" + GOOD.replace("CA", "KP") + "\nbad,CA,2025-08-20,1,\n")
    told = tmp_path / "told.json"
    result = run(path, "--out", tmp_path / "out.csv", "--summary", told)
    assert result.exit_code == 0
    data = json.loads(told.read_text())
    assert (data["rows"], data["outcomes"]) == (3, {"assessed": 2})
    assert data["refused"] == {"hts is not made of digits": 1}
    assert data["value"] == "20000.00" and list(data["notices"].values()) == [1]
    by_authority = {name: float(text) for name, text in data["duty_by_authority"].items()}
    assert by_authority["s232_steel"] == 10000 and sum(by_authority.values()) == float(data["duty"])


def test_a_day_of_knowledge_past_the_newest_act_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + "\n")
    for verb, more in (("batch", ["--out", "-"]), ("compare", ["--origin", "CA=MX"]),
                       ("refund", ["--filed-on", "2026-05-01"])):  # fmt: skip
        words = [verb, str(path), *more, "--known-on", "2099-01-01"]
        result = CliRunner().invoke(app, words)
        assert "note: known on 2099-01-01: no act after" in result.stderr, verb


def test_a_reader_that_has_enough_is_no_error(tmp_path):
    """`advalorem batch IN --out - | head -1` ends with the exit code that click gives it."""
    (tmp_path / "a.csv").write_text(HEADER + (GOOD + "x" * 200 + "\n") * 4000)
    words = ["batch", "a.csv", "--out", "-", "--rows", "100", "--no-cache"]
    script = "from advalorem.cli.main import app; app()"
    with subprocess.Popen([sys.executable, "-c", script, *words], cwd=tmp_path,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith(b"HTS,")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_terminal_shows_rows_and_time_left(tmp_path):
    """A pseudo-terminal: rows done, rows a second and the time left are drawn on it."""
    pty = pytest.importorskip("pty")
    path = tmp_path / "a.csv"
    path.write_text(HEADER + (GOOD + "\n") * 3000)
    words = ["batch", str(path), "--out", str(tmp_path / "out.csv"), "--rows", "500"]
    ours, theirs = pty.openpty()
    script = "from advalorem.cli.main import app; app()"
    process = subprocess.Popen([sys.executable, "-c", script, *words], stderr=theirs,
                               env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})  # fmt: skip
    os.close(theirs)
    drawn = b""
    with contextlib.suppress(OSError):
        while block := os.read(ours, 4096):
            drawn += block
    assert process.wait() == 0
    os.close(ours)
    text = drawn.decode(errors="replace")
    assert "3000/3000" in text and "rows/s" in text and "rows: 3,000" in text
