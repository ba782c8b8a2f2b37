"""Files in, files out: dialects, dirt, rejects, parts, and runs that are killed."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from batch_cases import table
from typer.testing import CliRunner

from advalorem.batch.cells import Reading
from advalorem.batch.columns import ColumnError
from advalorem.batch.run import Job, ResumeError, rate_file, rate_folder
from advalorem.batch.sources import open_source
from advalorem.cli.main import app

HEADER = "HTS Number,Country of Origin,Entry Date,Entered Value\n"
GOOD = "7208.51.00.30,Canada,2025-08-20,10000\n"


def quiet(rows: int) -> None:
    return None


def rated(law, path: Path, out: Path, options) -> pl.DataFrame:
    rate_file(law, open_source(path), str(out), options, quiet)
    return pl.read_csv(out, infer_schema=False) if out.suffix == ".csv" else pl.read_parquet(out)


def rejects(out: Path) -> list[dict[str, str]]:
    path = out.with_name(out.name + ".rejects")
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(*words: str | Path, stdin: bytes | None = None):
    return CliRunner().invoke(app, ["batch", *map(str, words)], input=stdin)


def test_same_results_from_every_kind(law, options, tmp_path):
    frame = table(law, 1200, seed=8)
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_excel(tmp_path / "a.xlsx")
    found = [rated(law, tmp_path / f"a.{kind}", tmp_path / f"out_{kind}.csv", options)
             for kind in ("csv", "parquet", "xlsx")]  # fmt: skip
    results = found[0].columns[len(frame.columns) :]
    for other in found[1:]:
        assert other.select(results).equals(found[0].select(results))
    parquet = rated(law, tmp_path / "a.csv", tmp_path / "out.parquet", options)
    texts = parquet.with_columns(pl.all().cast(pl.String)).select(results)
    assert texts.fill_null("").equals(found[0].select(results).fill_null(""))
    assert [row["row"] for row in rejects(tmp_path / "out_csv.csv")] == [
        row["row"] for row in rejects(tmp_path / "out.parquet")
    ]


def test_sheet_out_and_in_again(law, options, tmp_path):
    frame = table(law, 50, seed=9)
    frame.write_csv(tmp_path / "a.csv")
    rate_file(law, open_source(tmp_path / "a.csv"), str(tmp_path / "b.xlsx"), options, quiet)
    again = next(open_source(tmp_path / "b.xlsx").chunks(1000)).table
    direct = rated(law, tmp_path / "a.csv", tmp_path / "b.csv", options)
    assert again["outcome"].to_list() == direct["outcome"].to_list()
    money = [float(text) if text else None for text in again["duty_max"]]
    assert money == [float(text) if text else None for text in direct["duty_max"]]


def test_parts_threads_and_file_are_the_same(law, options, tmp_path):
    frame = table(law, 1700, seed=10)
    frame.write_parquet(tmp_path / "a.parquet")
    one = rated(law, tmp_path / "a.parquet", tmp_path / "one.parquet", options)
    source = open_source(tmp_path / "a.parquet")
    folders = []
    for threads in (1, 3):
        job = Job((source,), str(tmp_path / f"t{threads}"), "parquet",
                  replace(options, threads=threads), law.version)  # fmt: skip
        rate_folder(law, job, quiet)
        folders.append({p.name: p.read_bytes() for p in Path(job.out).iterdir()})
    assert folders[0] == folders[1]
    assert pl.read_parquet(tmp_path / "t1" / "*.parquet").equals(one)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_and_line_ends(law, options, tmp_path, encoding):
    text = HEADER.replace("\n", ",Note\r\n") + GOOD.replace("\n", ",Montréal\r\n")
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    found = rated(law, path, tmp_path / "out.csv", options)
    assert found["Note"].to_list() == ["Montréal"] and found["total_duty"].to_list() == ["5000.00"]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_delimiters(law, options, tmp_path, sign):
    path = tmp_path / "a.txt"
    path.write_text((HEADER + GOOD).replace(",", sign))
    assert rated(law, path, tmp_path / "out.csv", options)["outcome"].to_list() == ["assessed"]


CELLS = [
    ("7208510030,CA,2025-08-20,10000", "5000.00"),
    ("7208.51.0030,CAN,8/20/2025,\"10,000.00\"", "5000.00"),
    ("7208 51 00 30,1220,20/08/2025,$10000", "5000.00"),
    ("0702.00.20.02,Mexico,20250820,1000", "is missing and the rate is by quantity"),
    ("702002002,MX,2025-08-20,1000", "a leading zero seems lost"),
    ("7208510030,CA,03/04/2025,10000", "may be March 4 or April 3"),
    ("7208510030,CA,2025-02-30,10000", "is no date"),
    ("7208510030,CA,2025-08-20,-5", "is negative"),
    ("7208510030,CA,2025-08-20,\"1,5\"", "has a comma that sets off no thousands"),
    ("7208510030,CA,2025-08-20,1.005", "has more than two decimals"),
    ("7208510030,CA,2025-08-20,1e999", "is no number"),
    ("7208510030,Atlantis,2025-08-20,1", "is no country of origin"),
    ("7208510030,CA,2024-08-20,1", "lies before the first day coded"),
    ("7208510099,CA,2025-08-20,1", "is not in the schedule of that day"),
    ("7208510030,CA,2025-08-20", "has 3 cells where the header has 4"),
    ("7208510030,CA,2025-08-20,1,2", "has 5 cells where the header has 4"),
    ("=cmd|'/c calc'!A1,CA,2025-08-20,1", "is not made of digits"),
]  # fmt: skip


@pytest.fixture(scope="module")
def cells(law, options, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    path = folder / "a.csv"
    path.write_text(HEADER + "".join(line + "\n" for line, _ in CELLS))
    return rated(law, path, folder / "out.csv", options), rejects(folder / "out.csv")


@pytest.mark.parametrize("number", range(len(CELLS)), ids=[line for line, _ in CELLS])
def test_cells(cells, number):
    table, bad = cells
    wanted = CELLS[number][1]
    refused = {int(row["row"]): row for row in bad}
    if wanted is None or wanted[0].isdigit():
        assert number + 1 not in refused
        place = number - sum(row <= number for row in refused)
        assert wanted is None or table["total_duty"][place] == wanted
    else:
        assert wanted in refused[number + 1]["reason"]
        content = json.loads(refused[number + 1]["content"])
        text = CELLS[number][0].replace('"', "").replace("1,5", "1;5")
        held = list(content.values()) if isinstance(content, dict) else content
        assert [cell.replace(",", ";") for cell in held] == text.split(",")


def test_told_dates_decimals_and_zeros(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + '101210010,CA,03/04/2025,"1.000,50"\n')
    told = replace(options, reading=Reading("dmy", ",", restore_zeros=True))
    found = rated(law, path, tmp_path / "out.csv", told)
    plain = HEADER + "0101.21.0010,CA,2025-04-03,1000.50\n"
    path.write_text(plain)
    assert not rejects(tmp_path / "out.csv") and found.height == 1
    again = rated(law, path, tmp_path / "out.csv", options)
    assert again["duty_max"].to_list() == found["duty_max"].to_list()


def test_formulas_come_out_as_text(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER.replace("\n", ",Note\n") + GOOD.replace("\n", ',"=1+1"\n'))
    assert rated(law, path, tmp_path / "o.csv", options)["Note"].to_list() == ["'=1+1"]
    assert rated(law, path, tmp_path / "o.parquet", options)["Note"].to_list() == ["=1+1"]


def test_large_field(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER.replace("\n", ",Note\n") + GOOD.replace("\n", "," + "x" * 10**7 + "\n"))
    assert rated(law, path, tmp_path / "o.csv", options)["Note"].str.len_chars().to_list() == [
        10**7
    ]
    path.write_text(HEADER + GOOD + "x" * 10**7 + ",CA,2025-08-20,1\n")
    assert rated(law, path, tmp_path / "o.csv", options).height == 1
    assert len(rejects(tmp_path / "o.csv")) == 1


def test_empty_files(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("")
    with pytest.raises(ColumnError, match="empty"):
        open_source(path)
    path.write_text(HEADER)
    assert rated(law, path, tmp_path / "o.csv", options).height == 0


def test_bad_files_have_a_message_and_no_traceback(tmp_path):
    cases = {"a.xlsx": b"PK no", "b.parquet": b"PAR1", "c.csv": b"a,a\n1,2\n", "d.bin": b"x"}
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        result = run(tmp_path / name, "--out", tmp_path / "o.csv")
        assert result.exit_code == 2 and "error:" in result.output, name
        assert not (tmp_path / "o.csv").exists()
    assert run(tmp_path / "none.csv", "--out", "-").exit_code == 2


def test_columns_told(law, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text((HEADER + GOOD).replace("Entered Value", "Worth"))
    assert "no column holds value" in run(path, "--out", tmp_path / "o.csv").output
    result = run(path, "--out", tmp_path / "o.csv", "--map", "value=Worth")
    assert result.exit_code == 0, result.output


def test_standard_input_and_output():
    result = run("-", "--out", "-", stdin=(HEADER + GOOD).encode())
    assert result.exit_code == 0
    assert "assessed,5000.00,5000.00,5000.00" in result.stdout


def test_folder_of_another_job_is_refused(law, options, tmp_path):
    frame = table(law, 60, seed=3)
    frame.write_parquet(tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet")
    job = Job((source,), str(tmp_path / "out"), "csv", options, law.version)
    rate_folder(law, job, quiet)
    with pytest.raises(ResumeError, match="not empty"):
        rate_folder(law, job, quiet)
    again = replace(job, options=replace(options, resume=True, rows=7))
    with pytest.raises(ResumeError, match="other options"):
        rate_folder(law, again, quiet)


SCRIPT = """
import sys
from advalorem.cli.main import app
app()
"""


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, "batch", "a.parquet", "--out", "out", "--rows", "40"]
    return subprocess.Popen([*command, *words], cwd=folder, stderr=subprocess.DEVNULL,
                            env={**os.environ, "POLARS_MAX_THREADS": "2"})  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_runs_resume_to_the_same_bytes(law, options, tmp_path, kills):
    table(law, 2000, seed=12).write_parquet(tmp_path / "a.parquet")
    whole = Job((open_source(tmp_path / "a.parquet"),), str(tmp_path / "whole"), "parquet",
                replace(options, rows=40), law.version)  # fmt: skip
    rate_folder(law, whole, quiet)
    wanted, rng, out = content(tmp_path / "whole"), random.Random(6), tmp_path / "out"
    names = [name for name in wanted if name.endswith(".parquet")]
    for _ in range(kills):
        process = start(tmp_path, "--resume")
        deadline = time.monotonic() + 60
        before = len(list(out.glob("*.parquet"))) if out.exists() else 0
        goal = before + rng.randrange(1, 4)
        while process.poll() is None and time.monotonic() < deadline:
            if out.exists() and len(list(out.glob("*.parquet"))) >= goal:
                time.sleep(rng.random() / 200)
                break
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in out.glob("*.parquet"):
            assert path.read_bytes() == wanted[path.name]
    assert start(tmp_path, "--resume").wait() == 0
    found = content(out)
    assert [name for name in found if name.endswith(".parquet")] == names
    assert {k: v for k, v in found.items() if k != "job.json"} == {
        k: v for k, v in wanted.items() if k != "job.json"
    }


def spoiled(rng: random.Random, line: str) -> str:
    """A line with one piece of dirt."""
    at = rng.randrange(len(line))
    kind = rng.randrange(5)
    if kind == 0:
        return line[:at] + rng.choice(["\x00", "é", ",", ";", "=", "\t", "€", "'"]) + line[at:]
    if kind == 1:
        return line[:at] + line[at + 1 :]
    if kind == 2:
        return ",".join(reversed(line.split(",")))
    return line[: at // 2] if kind == 3 else line.replace(line[at], rng.choice("x9-/ "))


@pytest.mark.parametrize("files", [60, pytest.param(5000, marks=pytest.mark.slow)])
def test_dirt_changes_no_good_row(law, options, tmp_path, files):
    good = [",".join(row) for row in table(law, 200, seed=21).drop("mode", "quantity").iter_rows()]
    header = "hts,origin,as_of,value,claim"
    clean = tmp_path / "clean.csv"
    clean.write_text("\n".join([header, *good]) + "\n")
    rows = rated(law, clean, tmp_path / "clean_out.csv", options)
    bad = {int(row["row"]) for row in rejects(tmp_path / "clean_out.csv")}
    answers = dict(zip([n for n in range(1, 201) if n not in bad], rows.rows(), strict=True))
    for number in range(files):
        rng = random.Random(number)
        lines, dirty = list(good), sorted(rng.sample(range(200), 5))
        for at in dirty:
            lines[at] = spoiled(rng, lines[at])
        path = tmp_path / "dirty.csv"
        encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16"])
        end = rng.choice(["\n", "\r\n"])
        path.write_bytes((end.join([header, *lines]) + end).encode(encoding))
        found = rated(law, path, tmp_path / "out.csv", options)
        told = {int(row["row"]) for row in rejects(tmp_path / "out.csv")}
        empty = sum(not lines[at] for at in dirty)
        assert found.height + len(told) + empty == 200, number
        if not empty:
            kept = dict(zip([n for n in range(1, 201) if n not in told], found.rows(), strict=True))
            for row, answer in answers.items():
                if row - 1 not in dirty:
                    assert kept[row] == answer, (number, row)
