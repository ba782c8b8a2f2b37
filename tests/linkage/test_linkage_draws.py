"""What is drawn and from which source; intervals that repeat on any number of processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from typer.testing import CliRunner

from advalorem.cli.main import app
from advalorem.linkage.draws import draw, intervals
from advalorem.linkage.elasticities import (
    draw_theta,
    elasticity_data,
    given_errors,
    spread_of,
)
from advalorem.linkage.errors import LinkageError
from advalorem.linkage.simulate import simulate_law
from advalorem.scenario import load_scenario, read_scenario
from advalorem.world import build_economy, load_tables

FROM, TO = date(2025, 1, 1), date(2025, 9, 18)
runner = CliRunner()


def loaded(name, theta=None):
    return build_economy(load_tables(name, theta))


def test_errors_cover_all_goods():
    """Twenty sectors of goods; they are estimated again in `test_caliendo_parro`."""
    table = elasticity_data()["tables"]["caliendo_parro"]
    assert len(table["rows"]) == 20
    assert sum(row["observations"] for row in table["rows"]) == table["observations"] == 5102
    assert all(row["standard_error"] > 0 for row in table["rows"])


@pytest.mark.parametrize(
    ("economy", "theta", "fixed"),
    [
        ("icio2022", None, {"A02", "B05", "B06", "B07", "B08", "B09", "C24A", "C301", "SERV"}),
        ("icio2022", "cp2015_icio28", {"C29", "C301", "C302T309", "SERV"}),
        ("cp2015", None, None),
    ],
)
def test_sectors_without_a_citation_stay_fixed(economy, theta, fixed):
    world = loaded(economy, theta)
    spread = spread_of(world.theta_set, world.sectors, world.theta)
    still = {s for s, moves in zip(world.sectors, spread.drawn, strict=True) if not moves}
    if fixed is None:
        fixed = {"Auto", "Other Transport"} | set(world.sectors[20:])
    assert still == fixed
    assert (spread.low <= world.theta).all() and (world.theta <= spread.high).all()
    found = draw_theta(spread, np.random.default_rng(4))
    assert (found[~spread.drawn] == world.theta[~spread.drawn]).all()
    assert (found != world.theta).sum() == spread.drawn.sum()


def test_sectors_of_one_estimate_share_its_draw():
    world = loaded("icio2022", "cp2015_icio28")
    spread = spread_of(world.theta_set, world.sectors, world.theta)
    theta = draw_theta(spread, np.random.default_rng(4))
    at = world.sector_index
    assert theta[at("A01")] == theta[at("A02")] != theta[at("B05")]
    # The mean of three independent estimates: the root of the sum of squares, over three.
    squares = 4.53**2 + 1.77**2 + 1.56**2
    assert spread.error[at("C26")] == pytest.approx(squares**0.5 / 3)


def test_draws_have_the_stated_moments():
    spread = given_errors({"a": 0.5, "b": 3.0}, ["a", "b"], np.array([9.0, 1.5]))
    many = np.array([draw(spread, 5, k).theta for k in range(4000)])
    assert many[:, 0].mean() == pytest.approx(9.0, abs=0.03)
    assert many[:, 0].std() == pytest.approx(0.5, abs=0.02)
    floor = elasticity_data()["floor"]["value"]
    assert (many[:, 1] > floor).all() and np.median(many[:, 1]) > 1.5


def test_merged_sectors_and_own_sets_have_none():
    assert spread_of("my.csv", ["A01"], np.array([3.0])).is_empty
    merged = spread_of("fgo_icio28", ["A01"], np.array([4.4]))
    assert merged.is_empty and "fits none" in merged.statements[0]


@pytest.mark.parametrize("errors", [{"cars": 1.0}, {"A01": -1.0}, {"A01": float("nan")}])
def test_wrong_errors_are_refused(errors):
    with pytest.raises(LinkageError, match="theta errors"):
        given_errors(errors, ["A01"], np.array([4.0]))


def test_interval_holds_the_central_value(found):
    made = intervals(found.outcome, None, 12, 7, held=found.costs)
    at = found.outcome.economy.country_index("CAN")
    assert made.law[0, at] < made.law[1, at] < made.law[2, at] < 0
    assert made.law[0, at] - 0.02 < found.outcome.real_income_pct[at] < made.law[2, at] + 0.02
    assert made.gain is None and any("Fontagne" in line for line in made.statements)


def test_without_a_source_there_is_no_interval(economy):
    own = economy.with_theta(economy.theta * 1.01, "my.csv")
    made = intervals(simulate_law(own, FROM, TO).outcome, None, 5, 7)
    assert made.law is None and made.wage is None
    assert any("no interval" in line for line in made.statements)


def test_value_of_a_day_is_drawn_where_it_is_cited(economy):
    """A scenario's own value of a day is stated, so it has no interval."""
    own = economy.with_theta(economy.theta * 1.01, "my.csv")
    cited = simulate_law(own, TO, TO, load_scenario("partnership"))
    made = intervals(cited.outcome, None, 6, 7, held=cited.costs)
    at = economy.country_index("MEX")
    assert 0 < made.law[0, at] < made.law[2, at]
    assert (cited.costs(0.021) <= cited.costs(0.006)).all()
    text = (
        "scenario: x\nchanges:\n  - {change: border_days, importers: [CAN], exporters: [MEX], "
        "days: -1, per_day: 1.5%, from: 2025-09-18}\n"
    )
    stated = simulate_law(own, TO, TO, read_scenario(text))
    assert intervals(stated.outcome, None, 6, 7, held=stated.costs).law is None


def test_too_few_draws(found):
    with pytest.raises(LinkageError, match="at least once"):
        intervals(found.outcome, None, 0, 7)


WORDS = ["simulate", "--scenario", "threat-mexico-30", "--countries", "MX", "--draws", "10",
         "--seed", "9", "--format", "json"]  # fmt: skip


def test_reply_has_an_interval():
    made = runner.invoke(app, [*WORDS, "--workers", "1"])
    assert made.exit_code == 0, made.output
    data = json.loads(made.stdout)
    band = data["countries"][0]["interval"]["real_income_pct"]
    assert band["low"] < band["median"] < band["high"] < 0
    assert data["draws"]["draws"] == 10 and data["draws"]["seed"] == 9


@pytest.mark.slow
def test_same_seed_same_bytes_on_processes_and_a_cluster():
    command = [sys.executable, "-m", "advalorem", *WORDS]
    env = {**os.environ, "COLUMNS": "200"}
    made = [
        subprocess.run([*command, "--workers", n], capture_output=True, check=True, env=env).stdout
        for n in ("1", "2")
    ]
    distributed = pytest.importorskip("distributed")
    local = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**local) as ours:
        address = ours.scheduler_address
        made.append(subprocess.run([*command, "--cluster", address], capture_output=True,
                                   check=True, env=env).stdout)  # fmt: skip
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("words", [["--draws", "3"], ["--exposure", "US"]])
def test_many_takes_no_more_options(words, tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("scenario,importer,exporter,sector,tariff_pct\na,USA,MEX,all,5\n")
    made = runner.invoke(app, ["simulate", "--many", str(path), *words])
    assert made.exit_code == 2 and "cannot be mixed with --many" in made.output
