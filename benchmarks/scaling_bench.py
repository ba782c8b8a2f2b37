"""Scaling: the constants of the cost model of `batch`, measured here, and what they predict.

A run costs a start (program, law, what is packed with it), the situations decided by each process
where the law is not packed, and a time for each row that is shared by the cores. docs/scaling.md
explains it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from advalorem.law.load import load_lawbook
from benchmarks.batch_bench import MEBI, write_random
from benchmarks.rows import Row

SMALL, LARGE = 1_000_000, int(os.environ.get("BENCH_ROWS", 4_000_000))
MANY = 10**10


@dataclass(frozen=True, slots=True)
class Costs:
    """Constants of a run: seconds of CPU to start and to decide, for a row; memory of a process.

    `efficiency` is the share of a worker's time that rates rows when several work together.
    """

    start: float
    decide: float
    row: float
    memory: float
    efficiency: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run takes: seconds, MiB over all processes, and hours of cores."""

    seconds: float
    memory: float
    core_hours: float


def predict(costs: Costs, rows: int, cores: int, packed: bool = True) -> Prediction:
    """Return what so many rows take on so many cores, one process a core.

    `packed` says that every process finds its law decided, packed or kept by an earlier run.

    >>> costs = Costs(start=2, decide=30, row=1e-6, memory=1000, efficiency=1)
    >>> predict(costs, 10**10, 100, packed=False)
    Prediction(seconds=132.0, memory=100000, core_hours=3.666666666666667)
    """
    before = costs.start + (0 if packed else costs.decide)
    work = rows * costs.row / costs.efficiency
    return Prediction(before + work / cores, costs.memory * cores, (before * cores + work) / 3600)


def run() -> list[Row]:
    """Return the constants and the prediction for ten thousand million rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_random(folder / "small.parquet", SMALL)
        write_random(folder / "large.parquet", LARGE)
        costs, speedup = measured(folder)
    told = predict(costs, MANY, 64)
    return [
        Row("start of a process", costs.start, "s", None, "CPU, the law is packed"),
        Row("situations decided", costs.decide, "s", None, "CPU, each process, law not packed"),
        Row("a row", 1e6 * costs.row, "us", None, "CPU, Parquet to Parquet"),
        Row("memory of a process", costs.memory, "MiB", 1500, "largest"),
        Row("two workers, speed", speedup, "times", None, "wall time of rows, against one worker"),
        Row("10^10 rows, 64 cores", told.seconds / 60, "min", None, "predicted, the law is packed"),
        Row("10^10 rows", told.core_hours, "core-h", None, "predicted, the law is packed"),
    ]


def measured(folder: Path) -> tuple[Costs, float]:
    """Return the constants, and how much faster two workers rate rows than one."""
    small, large = (cpu(folder, name, ["--no-cache"]) for name in ("small", "large"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MEBI
    before = str(load_lawbook().newest_act - timedelta(days=1))
    afresh = cpu(folder, "small", ["--no-cache", "--known-on", before])
    row = (large - small) / (LARGE - SMALL)
    walls = [wall(folder, "large", n) - wall(folder, "small", n) for n in (1, 2)]
    speedup = walls[0] / walls[1]
    return Costs(small - SMALL * row, afresh - small, row, memory, speedup / 2), speedup


def wall(folder: Path, name: str, workers: int) -> float:
    """Return the wall time of a cluster of so many workers on a file."""
    start = time.perf_counter()
    cpu(folder, name, ["--cluster", f"local:{workers}", "--no-cache"], f"{name}{workers}")
    return time.perf_counter() - start


def cpu(folder: Path, name: str, more: list[str], out: str = "out.parquet") -> float:
    """Return the CPU time of rating a file in a process of its own, its children's included."""
    command = [sys.executable, "-m", "advalorem", "batch", str(folder / f"{name}.parquet"),
               "--out", str(folder / out), *more]  # fmt: skip
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
