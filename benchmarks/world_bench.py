"""The world model: NAFTA, the OECD baseline, many scenarios, gradients, distance to the floor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np

from advalorem import world
from advalorem.world import Economy, Shock, SolverOptions
from advalorem.world.closure import Closure
from advalorem.world.naive import solve_naively
from advalorem.world.system import PRICE_PASSES, make_system
from benchmarks.rows import Row, median

NAFTA = ("simulate", "--economy", "cp2015", "--scenario", "nafta", "--format", "json")
SCENARIOS = 1000
MEGA = 1e6


def run() -> list[Row]:
    """Return all figures of this module."""
    return [*nafta_rows(), *cold_rows(), *baseline_rows(), *many_rows()]


def nafta_rows() -> list[Row]:
    """Return warm times of the NAFTA counterfactual: ours, damped, and the appendix's solver."""
    economy = world.load_economy("cp2015")
    shock = world.named_shock(economy, "nafta")
    ours = median(lambda: world.solve(economy, shock), repeat=25)
    base = world.calibrate(economy)
    one = median(lambda: world.solve(base, shock), repeat=25)
    naive = median(lambda: solve_naively(base, shock, tolerance=1e-10), repeat=1, warm=0)
    outcome = world.solve(base, shock)
    return [
        Row(
            "NAFTA, baseline and counterfactual",
            1e3 * ours,
            "ms",
            30,
            "31 x 40, warm, median of 25",
        ),
        Row(
            "NAFTA, counterfactual alone",
            1e3 * one,
            "ms",
            None,
            f"{outcome.iterations} evaluations",
        ),
        Row("NAFTA, naive damped solver", 1e3 * naive, "ms", None, "as in the paper's appendix"),
        Row("naive over ours", naive / one, "times"),
        *gradient_rows("NAFTA", base, shock, one),
    ]


def cold_rows() -> list[Row]:
    """Return wall time and peak memory of the whole command in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.world_cold", *NAFTA]
    times, peaks = [], []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - start)
        peaks.append(float(done.stderr.rsplit("VmHWM:", 1)[1]) / 1024)
    return [
        Row("NAFTA, whole process, cold", float(np.median(times)), "s", 0.6, "median of 5"),
        Row("NAFTA, whole process, peak memory", float(np.median(peaks)), "MB", 150),
    ]


def baseline_rows() -> list[Row]:
    """Return times on the OECD baseline, and the distance to the memory-bandwidth floor."""
    raw = world.load_economy("icio2022")
    base = world.calibrate(raw)
    shock = Shock("25", tariffs=world.raise_tariffs(base, "USA <- CAN,MEX: +25"))
    both = median(lambda: world.solve(raw, shock), repeat=15)
    one = median(lambda: world.solve(base, shock), repeat=15)
    slow = SolverOptions(method="damped", max_iterations=5000)
    damped = median(lambda: world.solve(base, shock, options=slow), repeat=1, warm=0)
    naive = median(lambda: solve_naively(base, shock, tolerance=1e-10), repeat=1, warm=0)
    outcome = world.solve(base, shock)
    touched, speed = bytes_per_evaluation(base, shock), bandwidth()
    floor = touched * outcome.iterations / speed
    return [
        Row("OECD 2022, one scenario", 1e3 * one, "ms", 60, "81 x 28, base calibrated before"),
        Row("OECD 2022, base and scenario", 1e3 * both, "ms"),
        Row("OECD 2022, plain damping", 1e3 * damped, "ms", None, "same unknowns, no acceleration"),
        Row(
            "OECD 2022, naive damped solver", 1e3 * naive, "ms", None, "as in the paper's appendix"
        ),
        Row("naive over ours", naive / one, "times"),
        Row("memory bandwidth", speed / 1e9, "GB/s", None, "copy of 256 MB in this run"),
        Row(
            "touched per evaluation",
            touched / MEGA,
            "MB",
            None,
            f"{outcome.iterations} evaluations",
        ),
        Row("solve over bandwidth floor", one / floor, "times", 6),
        *gradient_rows("OECD 2022", base, shock, one),
    ]


def gradient_rows(name: str, base: Economy, shock: Shock, one: float) -> list[Row]:
    """Return the time of all derivatives of one objective, in solves; compiled before."""
    outcome = world.solve(base, shock)
    spent = median(lambda: world.gradient(outcome, "real_income:MEX"), repeat=9)
    size = base.tau.size
    return [
        Row(f"{name}, gradient", 1e3 * spent, "ms", None, f"{2 * size} tariffs and trade costs"),
        Row(f"{name}, gradient in solves", spent / one, "solves", 8),
    ]


def many_rows() -> list[Row]:
    """Return the time of many scenarios on all cores."""
    economy = world.load_economy("icio2022")
    start = time.perf_counter()
    found = world.solve_many(economy, drawn(economy))
    spent = time.perf_counter() - start
    if set(found.results) != {"converged"}:
        raise RuntimeError("a scenario has no solution")
    cores = len(os.sched_getaffinity(0))
    return [Row(f"OECD 2022, {SCENARIOS} scenarios", spent, "s", 60, f"{cores} processes")]


def drawn(economy: Economy) -> Iterator[Shock]:
    """Yield scenarios with random tariffs of every importer, from a fixed seed."""
    rng = np.random.default_rng(20)
    count = len(economy.countries)
    foreign = ~np.eye(count, dtype=bool)[:, :, None] & economy.goods
    for at in range(SCENARIOS):
        rates = rng.uniform(0, 0.3, (count, 1, len(economy.sectors))) * foreign
        yield Shock(f"draw {at}", tariffs=economy.tau + rates)


def bytes_per_evaluation(base: Economy, shock: Shock) -> float:
    """Return what one evaluation has to read: prices are formed twice, then sales and revenue."""
    system = make_system(base, shock, Closure())
    passes = PRICE_PASSES * (system.weight.nbytes + system.gamma.nbytes)
    return float(passes + 2 * system.net_weight.nbytes + system.gamma.nbytes)


def bandwidth() -> float:
    """Return bytes moved per second by copying 256 MB, reads and writes counted."""
    source = np.ones(32 * 1024 * 1024)
    target = np.empty_like(source)
    return 2 * source.nbytes / median(lambda: np.copyto(target, source), repeat=7)
