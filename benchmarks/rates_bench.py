"""Effective rates: a year of Canada and Mexico by day, another reading, every origin on a day."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any

from advalorem.law.load import load_lawbook
from advalorem.rates import Readings, effective_rates
from advalorem.rates.flows import held_origins
from benchmarks.rows import Row, median

PANEL = """
import resource, sys
from pathlib import Path
from advalorem.law.load import load_lawbook
from advalorem.rates.panel import build_panel
from advalorem.rates.panel_span import helping_process
from advalorem.rates.panel_write import write_panel
book = load_lawbook()
with helping_process() as helper:
    panel = build_panel(book, "US", helper=helper)
    written = write_panel(book, panel, Path(sys.argv[1]), helper=helper)
both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
seconds = sum(used.ru_utime + used.ru_stime for used in both)
print(seconds, sum(used.ru_maxrss for used in both) / 1024, written.rows, len(panel.lines))
"""
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
DAY = date(2025, 9, 18)
PAIR = ("CA", "MX")
COLD = """
from datetime import date
from advalorem.law.load import load_lawbook
from advalorem.rates import effective_rates
span = date(2025, 1, 1), date(2026, 1, 1)
effective_rates(load_lawbook(), "US", ["CA", "MX"], *span).by_day()
"""


def run() -> list[Row]:
    """Return all figures of this module."""
    book = load_lawbook()
    cold = timed(lambda: subprocess.run([sys.executable, "-c", COLD], check=True))
    first = effective_rates(book, "US", PAIR, *YEAR)
    again = timed(
        lambda: effective_rates(book, "US", PAIR, *YEAR, Readings(usmca_share="2024")).by_day()
    )
    steps = median(lambda: first.decomposition(DAY), repeat=5)
    world = timed(lambda: effective_rates(book, "US", held_origins("US", "2024"), DAY))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row(
            "2025 by day, CA and MX, new process", cold, "s", 10, f"{len(first.segments)} segments"
        ),
        Row("the same with the claims of 2024", again, "s", 3, "cells kept, weights changed"),
        Row("decomposition of a day", steps, "s", 1, "in order, with causes"),
        Row("every origin on one day", world, "s", 15, "207,148 flows"),
        *panel(),
        Row("peak memory", peak, "MiB", 2048, "of all but the panel"),
    ]


def panel() -> list[Row]:
    """Return time and memory of the whole statutory panel, built and written by a new process."""
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PANEL, f"{folder}/panel"], check=True, capture_output=True
        )
        took = time.perf_counter() - start
    cpu, peak, rows, lines = (float(word) for word in done.stdout.split())
    note = f"{lines:,.0f} lines, every origin and reading, {rows:,.0f} rows"
    return [
        Row("statutory panel, built and written, new process", took, "s", 20, note),
        Row("the same, processor time", cpu, "s", 40, "of both cores"),
        Row("the same, peak memory", peak, "MiB", 2048, "of its two processes together"),
    ]


def timed(work: Callable[[], Any]) -> float:
    """Return the wall time of one run in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
