"""Spoiled files through the command line: never a traceback, never a good row changed or lost.

A good row is one whose line (or cells) nobody touched; it is known by its reference.
"""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from batch_cases import table
from typer.testing import CliRunner

from advalorem.cli.main import app

ROWS, DIRTY = 60, 4
NAMES = ("ref", "hts", "origin", "as_of", "value", "claim")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8", "utf-8")
ENDS = ("\n", "\r\n", "\r")
SIGNS = ["\x00", "é", ",", ";", "=", "\t", "€", "'", '"', '"', "\ufffd", "\x1b", " ", "\u2028"]
ODD = ["", "=1+1", "x" * 5000, "1e308", "-1", "NaN"]
BYTES = [b"\xff", b"\x80", b"\xc3", b'"', b"\x00", b"\x1a", b",", b"\xe2\x82"]


@pytest.fixture(scope="module")
def frame(law):
    rows = table(law, ROWS, seed=77).drop("mode", "quantity")
    refs = [f"Réf {number:03d}" for number in range(ROWS)]
    return rows.with_columns(ref=pl.Series(refs)).select(NAMES)


@pytest.fixture(scope="module")
def answers(frame, tmp_path_factory):
    """What each row of the clean file comes out as, by its reference."""
    folder = tmp_path_factory.mktemp("clean")
    frame.write_csv(folder / "a.csv")
    assert run(folder / "a.csv", folder / "o.csv").exit_code == 0
    return rated(folder / "o.csv")


def run(path: Path, out: Path):
    return CliRunner().invoke(app, ["batch", str(path), "--out", str(out)])


def rated(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["ref"]: row for row in csv.DictReader(file) if row.get("ref")}


def checked(path: Path, good: set[str], answers: dict[str, dict[str, str]]) -> int:
    """Rate a spoiled file and check what must hold; return the exit code."""
    out = path.with_name("out.csv")
    result = run(path, out)
    said = (path.read_bytes()[:2000], result.output)
    assert result.exception is None or isinstance(result.exception, SystemExit), said
    assert result.exit_code in (0, 2), said
    left = [each.name for each in path.parent.iterdir() if "unfinished" in each.name]
    assert left == []
    if result.exit_code == 2:
        assert "error: " in result.output and not out.exists(), said
        return 2
    found = rated(out)
    for ref in good & answers.keys():
        row = found.get(ref, {})
        assert {name: row.get(name) for name in answers[ref]} == answers[ref], (ref, said)
    for each in (out, out.with_name("out.csv.rejects")):
        each.unlink(missing_ok=True)
    return 0


def lines_of(frame: pl.DataFrame) -> list[str]:
    text = frame.write_csv(include_header=False, quote_style="necessary")
    return text.splitlines()


def spoiled(rng: random.Random, line: str) -> str:
    """A line with one piece of dirt."""
    at = rng.randrange(len(line))
    kind = rng.randrange(7)
    if kind <= 1:
        return line[:at] + rng.choice(SIGNS) + line[at:]
    if kind == 2:
        return line[:at] + line[at + 1 :]
    if kind == 3:
        return ",".join(reversed(line.split(",")))
    if kind == 4:
        cells = line.split(",")
        cells[rng.randrange(len(cells))] = rng.choice(ODD)
        return ",".join(cells)
    return line[: at // 2] if kind == 5 else line.replace(line[at], rng.choice("x9-/ "))


def spoiled_csv(rng: random.Random, frame: pl.DataFrame) -> tuple[bytes, set[str]]:
    """A file with some spoiled lines, and the references of those left alone."""
    lines, dirty = lines_of(frame), sorted(rng.sample(range(ROWS), rng.randrange(1, DIRTY)))
    good = {frame["ref"][at] for at in range(ROWS) if at not in dirty}
    encoding, end = rng.choice(ENCODINGS), rng.choice(ENDS)
    if encoding in ("utf-8", "cp1252") and rng.random() < 0.4:
        parts = [line.encode(encoding) for line in lines]
        for at in dirty:
            where = rng.randrange(len(parts[at]))
            parts[at] = parts[at][:where] + rng.choice(BYTES) + parts[at][where:]
        head = (",".join(NAMES) + end).encode()
        return head + end.encode().join(parts) + end.encode(), good
    for at in dirty:
        lines[at] = spoiled(rng, lines[at])
    text = end.join([",".join(NAMES), *lines]) + end
    return text.encode(encoding, errors="replace"), good


def spoiled_sheet(rng: random.Random, frame: pl.DataFrame) -> tuple[bytes, set[str]]:
    """A workbook with odd cells in some rows, and the references of the others."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, NAMES)
    dirty = set(rng.sample(range(ROWS), rng.randrange(1, DIRTY)))
    for number, row in enumerate(frame.iter_rows()):
        for column, cell in enumerate(row):
            sheet.write_string(number + 1, column, cell)
        if number in dirty:
            odd(rng, sheet, number + 1, rng.randrange(len(NAMES)))
    book.close()
    return buffer.getvalue(), {frame["ref"][at] for at in range(ROWS) if at not in dirty}


def odd(rng: random.Random, sheet, row: int, column: int) -> None:
    kind = rng.randrange(6)
    if kind == 0:
        sheet.write_formula(row, column, "=1/0", None, "#DIV/0!")
    elif kind == 1:
        sheet.write_number(row, column, rng.choice([1e300, -5, 0.1 + 0.2, 45000.5, 702002002]))
    elif kind == 2:
        sheet.write_boolean(row, column, True)
    elif kind == 3:
        sheet.write_blank(row, column, None, None)
        sheet.write_string(row, len(NAMES) + 2, "beside")
    elif kind == 4:
        sheet.write_string(row, column, "y" * 30_000)
    else:
        sheet.write_formula(row, column, '=HYPERLINK("http://x")', None, "")


def spoiled_parquet(rng: random.Random, frame: pl.DataFrame) -> tuple[bytes, set[str]]:
    """A Parquet file with odd texts in some rows, or a column of another kind."""
    dirty = set(rng.sample(range(ROWS), rng.randrange(1, DIRTY)))
    name = rng.choice(NAMES[1:])
    cells = frame[name].to_list()
    for at in dirty:
        cells[at] = rng.choice([None, "", "=x", "\x00", "é" * 9000, "1e999", "2025-13-40"])
    frame = frame.with_columns(pl.Series(name, cells))
    if rng.random() < 0.3:
        frame = frame.with_columns(pl.col(rng.choice(["hts", "as_of"])).cast(pl.Categorical))
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue(), {frame["ref"][at] for at in range(ROWS) if at not in dirty}


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Bytes cut short, flipped, doubled or blanked."""
    at = rng.randrange(len(content))
    kind = rng.randrange(5)
    if kind == 0:
        return content[:at]
    if kind == 1:
        flipped = bytearray(content)
        for _ in range(rng.randrange(1, 20)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if kind == 2:
        return content[:at] + content[at // 2 :]
    return content[at:] if kind == 3 else content[:at] + bytes(rng.randrange(200)) + content[at:]


MADE = {"csv": spoiled_csv, "xlsx": spoiled_sheet, "parquet": spoiled_parquet}
FEW, ALL = {"csv": 60, "xlsx": 20, "parquet": 20}, {"csv": 3000, "xlsx": 1000, "parquet": 1000}
SIZES = [pytest.param(FEW, id="few"), pytest.param(ALL, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("files", SIZES)
def test_spoiled_files(frame, answers, tmp_path, kind, files):
    codes = []
    for seed in range(files[kind]):
        rng = random.Random(f"{kind} {seed}")
        content, good = MADE[kind](rng, frame)
        if seed % 4 == 3:
            content, good = damaged(rng, content), set()
        path = tmp_path / f"a.{kind}"
        path.write_bytes(content)
        codes.append(checked(path, good, answers))
        assert codes[-1] == 0 or not good, (kind, seed)
    assert 0 in codes and 2 in codes
