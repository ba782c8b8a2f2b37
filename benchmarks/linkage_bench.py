"""From law to model: the whole command cold, and its parts warm."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from advalorem.linkage.draws import intervals
from advalorem.linkage.simulate import simulate_law
from advalorem.world import load_economy
from benchmarks.rates_bench import timed
from benchmarks.rows import Row, median

SPAN = (date(2025, 1, 1), date(2025, 9, 18))
WORDS = ["simulate", "--law-from", str(SPAN[0]), "--law-to", str(SPAN[1]), "--format", "json"]
COLD = str(Path(__file__).with_name("world_cold.py"))


def run() -> list[Row]:
    """Return all figures of this module."""
    cold, split = (timed(lambda more=more: command(more)) for more in ([], ["--attribute"]))
    economy = load_economy("icio2022")
    found = simulate_law(economy, *SPAN)
    again = median(lambda: simulate_law(economy, *SPAN), repeat=3)
    parts = median(lambda: found.attribution(alone=False), repeat=3)
    alone = timed(found.attribution)
    draws = timed(lambda: intervals(found.outcome, None, 50, 7, held=found.costs))
    return [
        Row("simulate from law to law, new process", cold, "s", 8, "two laws rated, one solve"),
        Row("the same with --attribute", split, "s", 15, f"{len(found.moves)} measures"),
        Row("two laws rated and solved, warm", again, "s", 3, "law and flows in memory"),
        Row("attribution alone, warm", parts, "s", 8, "six points of the path"),
        Row("the same and without each measure", alone, "s", 10, "one more solve for each"),
        Row("50 draws of the elasticities", draws, "s", 15, "in one process"),
    ]


def command(more: list[str]) -> None:
    """Run the command in a process of its own."""
    subprocess.run([sys.executable, COLD, *WORDS, *more], check=True, capture_output=True)
