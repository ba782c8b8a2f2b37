"""Batch: ten million random lines against a copy of the same file, memory, one shipment, a table.

The file is the worst case: every code of the schedule, fifty origins, every day of two years,
claims, each drawn alike. `BENCH_ROWS` sets another number of lines.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from advalorem.batch.cells import Reading
from advalorem.batch.columns import recognise
from advalorem.batch.intake import Intake
from advalorem.batch.rater import Rater
from advalorem.duty.answer import rate
from advalorem.duty.intake import read_shipments
from advalorem.duty.problems import InputError
from advalorem.law.errors import CoverageError
from advalorem.law.load import load_lawbook
from advalorem.schedule.ordinary import lines_on
from benchmarks.rows import Row, median

ROWS = int(os.environ.get("BENCH_ROWS", 10_000_000))
GROUP = 500_000
ORIGINS = 50
FIRST, DAYS = date(2025, 1, 1), 730
TABLE = 1_000_000
MEBI = 2**20


def run() -> list[Row]:
    """Return all figures of this module."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_random(folder / "in.parquet", ROWS)
        return [*copy_rows(folder), *memory_rows(folder), *one_rows()]


def write_random(path: Path, rows: int) -> None:
    """Write random lines: code, origin, day, value, claim and quantity."""
    book, rng = load_lawbook(), np.random.default_rng(20250918)
    codes = pl.Series([f"{code:010d}" for code in lines_on("US", date(2025, 9, 18)).codes])
    partners = sorted(set(book.claims["USMCA"].origins) - {"US"})
    others = [c.iso2 for c in book.countries if c.iso2 not in (*partners, "US")]
    picked = rng.choice(others, ORIGINS - len(partners), replace=False)
    origins = pl.Series([*partners, *picked.tolist()])
    first = FIRST.toordinal() - date(1970, 1, 1).toordinal()
    parts = []
    for start in range(0, rows, GROUP):
        size = min(GROUP, rows - start)
        origin = rng.integers(0, ORIGINS, size)
        claimed = (origin < len(partners)) & (rng.random(size) < 0.5)
        parts.append(pl.DataFrame({
            "hts": codes.gather(rng.integers(0, len(codes), size)),
            "origin": origins.gather(origin),
            "as_of": pl.Series(rng.integers(first, first + DAYS, size)).cast(pl.Int32).cast(
                pl.Date
            ),
            "value": np.floor(np.exp(rng.normal(9, 2, size)) * 100) / 100,
            "claim": pl.Series(["", "USMCA"]).gather(claimed.astype(np.uint32)),
            "quantity": rng.integers(1, 100_000, size),
        }))  # fmt: skip
    money = pl.col("value").cast(pl.Decimal(18, 2))
    pl.concat(parts).with_columns(money).write_parquet(path, row_group_size=GROUP)


def copy_rows(folder: Path) -> list[Row]:
    """Return times of copying the file and of rating it, with nothing kept by an earlier run.

    Copies and runs take turns, and the best of each counts, since machines are noisy. Beside wall
    time stands CPU time, which other work on the machine disturbs less. Law known on
    a day before the newest act is not packed: its first run decides what the file asks for.
    """
    copies, runs = [], []
    for _ in range(4):
        start = time.process_time()
        wall = timed(lambda: duck_copy(folder))
        copies.append((wall, time.process_time() - start))
        runs.append(batch_times(folder, "--no-cache"))
    (base, copy_cpu), (first, first_cpu) = min(copies), min(runs)
    ledger, ledger_cpu = batch_times(folder, "--no-cache", "--ledger")
    most = peak()
    before = str(load_lawbook().newest_act - timedelta(days=1))
    afresh, afresh_cpu = batch_times(folder, "--no-cache", "--known-on", before)
    return [
        Row("DuckDB COPY, 2 threads", base, "s", None, f"{ROWS:,} lines, best of four"),
        Row(
            "batch, Parquet to Parquet", first, "s", None, "new process, nothing kept; best of four"
        ),
        Row("batch / COPY", first / base, "times", 3, "same run, same machine"),
        Row("batch / COPY, CPU", first_cpu / copy_cpu, "times", None, "user and system time"),
        Row("batch --ledger", ledger, "s", None, "new process, nothing kept on disk"),
        Row("ledger / totals", ledger / first, "times", 4, "same run, same machine"),
        Row("ledger / totals, CPU", ledger_cpu / first_cpu, "times", None, "user and system time"),
        Row("peak memory of batch", most, "MiB", 1500 * 10**6 / MEBI, "totals and ledger"),
        Row("batch, law not packed", afresh, "s", None, "known a day earlier: decided on the way"),
        Row("law not packed / COPY", afresh / base, "times", None, "same run, same machine"),
        Row("law not packed, CPU", afresh_cpu, "s", None, "user and system time"),
        Row("peak memory, not packed", peak(), "MiB", 1500 * 10**6 / MEBI, "largest of all runs"),
    ]


def timed(work: object) -> float:
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def duck_copy(folder: Path) -> None:
    """Copy the file as DuckDB does it."""
    with duckdb.connect() as base:
        base.execute("SET threads = 2")
        base.execute(f"COPY (SELECT * FROM '{folder}/in.parquet') TO '{folder}/copy.parquet'"
                     " (FORMAT parquet)")  # fmt: skip


def batch_times(folder: Path, *more: str) -> tuple[float, float]:
    """Rate the file in a process of its own; return its wall and CPU time."""
    command = [sys.executable, "-m", "advalorem", "batch", str(folder / "in.parquet"),
               "--out", str(folder / "out.parquet"), *more]  # fmt: skip
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak() -> float:
    """Return the largest memory that a child process held, in MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MEBI


def memory_rows(folder: Path) -> list[Row]:
    """Return the time of a line in memory, on law made ready: reading cells, and rating alone."""
    book = load_lawbook()
    rater = Rater(book, book.default_importer, book.newest_act)
    table = pl.scan_parquet(folder / "in.parquet").head(min(TABLE, ROWS)).collect()
    fields = recognise(table.columns, {}, book.facts)
    intake = Intake(book, fields, Reading(), rater.codes)
    read = intake.read(table)
    alone = median(lambda: rater.rate(read.shipments, read.place), repeat=5)
    cells = median(lambda: intake.read(table), repeat=5)
    size, micro = table.height, 1e6
    return [
        Row("a line rated in memory", micro * alone / size, "us", 1 / 3, "one thread, warm"),
        Row("a line's cells read", micro * cells / size, "us", None, "one thread, warm"),
    ]


def one_rows() -> list[Row]:
    """Return the time of one shipment through the Python API."""
    ask = {"hts": "7208.51.00.30", "origin": "CA", "as_of": "2025-09-18", "value": 10000}
    book = load_lawbook()
    rater = Rater(book, book.default_importer, book.newest_act)
    one = read_shipments(book, {name: [value] for name, value in ask.items()}).shipments
    totals = median(lambda: rater.rate(one), repeat=50)
    same, other = answer_times([{**ask, "value": 10_000 + n} for n in range(200)], random_asks(200))
    return [
        Row("one shipment, duty", 1e3 * totals, "ms", 1, "duty, bounds and questions, warm"),
        Row("one shipment, whole answer", same, "ms", 1, "CPU; values of one situation, cited"),
        Row("whole answer, new situation", other, "ms", None, "CPU; random codes and origins"),
    ]


def random_asks(number: int) -> list[dict[str, object]]:
    """Return shipments of one day, each of another code and origin."""
    day, rng = date(2025, 9, 18), np.random.default_rng(20250918)
    codes, book = lines_on("US", day).codes, load_lawbook()
    origins = [country.iso2 for country in book.countries if country.iso2 != "US"]
    drawn = zip(rng.choice(codes, number, replace=False), rng.choice(origins, number), strict=True)
    return [
        {"hts": f"{code:010d}", "origin": str(origin), "as_of": day, "value": 10000,
         "quantity": 100}
        for code, origin in drawn
    ]  # fmt: skip


def answer_times(*tables: list[dict[str, object]]) -> list[float]:
    """Return the CPU time of an answer in each table in ms, the first of each left out."""
    found = []
    for first, *others in tables:
        answered(first)
        start = time.process_time()
        for ask in others:
            answered(ask)
        found.append(1e3 * (time.process_time() - start) / len(others))
    return found


def answered(ask: dict[str, object]) -> None:
    """Answer a shipment; one that is refused for its unit or origin is answered too."""
    with suppress(InputError, CoverageError):
        rate(**ask)  # type: ignore[arg-type]
