"""The command line: options in, tables, JSON and files out, exit codes."""

import csv
import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from advalorem.cli.simulate import app

RUNNER = CliRunner()


def run(*words):
    return RUNNER.invoke(app, list(words))


def reply(*words):
    found = run(*words, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_nafta_as_json():
    answer = reply("--economy", "cp2015", "--scenario", "nafta")
    rows = {row["country"]: row for row in answer["countries"]}
    assert len(rows) == 31
    mexico = rows["MEX"]
    assert round(mexico["welfare_one_step_pct"], 2) == 1.31
    assert round(mexico["real_wage_pct"], 2) == 1.72
    assert round(mexico["terms_of_trade_pct"], 2) == -0.41
    assert round(mexico["volume_of_trade_pct"], 2) == 1.72
    assert round(mexico["real_income_pct"], 4) == 0.0073
    assert answer["solver"]["result"] == "converged"
    assert answer["solver"]["iterations"] > 5
    assert max(answer["solver"]["residuals"].values()) < 1e-9
    assert {item["step"] for item in answer["adjustments"]} >= {"final_demand.negative"}


def test_a_raise_on_the_default_economy_says_its_reading():
    answer = reply("--raise", "USA <- CAN,MEX: +25", "--countries", "ca,MX,USA")
    assert answer["economy"] == "icio2022" and answer["theta"] == "fgo_icio28"
    assert [row["country"] for row in answer["countries"]] == ["CAN", "MEX", "USA"]
    assert all(row["real_income_pct"] < 0 for row in answer["countries"])
    assert any("world.base_tariffs.zero" in line for line in answer["readings"])


def test_theta_closure_and_numeraire_are_used():
    plain = reply("--raise", "US <- CA: +25", "--countries", "CAN")
    other = reply("--raise", "US <- CA: +25", "--countries", "CAN", "--theta", "cp2015_icio28")
    nominal = reply("--raise", "US <- CA: +25", "--countries", "CAN", "--closure", "nominal")
    in_dollars = reply("--raise", "US <- CA: +25", "--countries", "US", "--numeraire", "US")
    values = [answer["countries"][0]["real_income_pct"] for answer in (plain, other, nominal)]
    assert len({round(value, 3) for value in values}) == 3
    assert other["theta"] == "cp2015_icio28" and nominal["closure"] == "nominal"
    assert in_dollars["numeraire"] == "USA"
    assert in_dollars["countries"][0]["wage_pct"] == pytest.approx(0.0, abs=1e-9)


def test_decomposition_adds_up():
    answer = reply("-e", "cp2015", "-s", "nafta", "--decompose", "--countries", "MX")
    row = answer["countries"][0]
    parts = [
        value for name, value in row.items() if name.startswith("path_") and "total" not in name
    ]
    assert sum(parts) == pytest.approx(row["real_income_pct"], abs=1e-6)


def test_a_tariff_file_equals_the_scenario_it_spells_out(tmp_path):
    from advalorem import world

    economy = world.load_economy("cp2015")
    rates, members = economy.scenarios["2005"], ("CAN", "MEX", "USA")
    path = tmp_path / "tariffs.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["importer", "exporter", "sector", "tariff_pct"])
        for importer in members:
            for exporter in members:
                for sector in economy.sectors[:20]:
                    at = (
                        economy.country_index(importer),
                        economy.country_index(exporter),
                        economy.sector_index(sector),
                    )
                    writer.writerow([importer, exporter, sector, 100 * float(rates[at])])
    named = reply("-e", "cp2015", "-s", "nafta")["countries"]
    filed = reply("-e", "cp2015", "--tariffs", str(path))["countries"]
    for one, other in zip(named, filed, strict=True):
        assert other["real_income_pct"] == pytest.approx(one["real_income_pct"], abs=1e-9)


def test_tables_and_files(tmp_path):
    found = run("-e", "cp2015", "-s", "nafta", "--countries", "MX", "--out", str(tmp_path / "o"))
    assert found.exit_code == 0, found.output
    for word in ("real income", "1.3121", "converged", "authors' conventions", "Caliendo"):
        assert word in found.output
    with (tmp_path / "o" / "trade.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) >= {"importer", "exporter", "sector", "trade", "trade_new", "tariff_new"}
    with (tmp_path / "o" / "sectors.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 31 * 40
    assert (tmp_path / "o" / "countries.csv").read_text().startswith("country,real_income_pct")


def test_csv_and_markdown():
    lines = run("-e", "cp2015", "-s", "nafta", "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("country,real_income_pct,real_wage_pct") and len(lines) == 32
    assert "| MEX |" in run("-e", "cp2015", "-s", "nafta", "--format", "md").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-e", "nowhere"), "neither a packaged economy nor a folder"),
        (("-e", "cp2015", "-s", "brexit"), "is neither a file nor one of"),
        (("--raise", "US <- Atlantis: +5"), "Atlantis"),
        (("--closure", "open"), "zero_deficits"),
        (("--theta", "lucky"), "unknown set"),
        (("--countries", "XX"), "'XX'"),
        (("--tariffs", "no/such.csv"), "file not found"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_two(words, message):
    found = run(*words)
    assert found.exit_code == 2
    assert message in found.stderr and "Traceback" not in found.output


def test_no_equilibrium_is_exit_code_three_and_no_numbers(tmp_path):
    path = tmp_path / "closed.csv"
    path.write_text("importer,exporter,sector,tariff\nall,all,all,inf\n")
    found = run("-e", "cp2015", "--tariffs", str(path), "--allow-above-100", "--format", "json")
    assert found.exit_code == 3
    answer = json.loads(found.stdout)
    assert answer["countries"] == [] and answer["solver"]["result"] == "non_finite"


def test_many_scenarios(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text(
        "scenario,importer,exporter,sector,tariff_pct\n"
        "ten,US,CA,all,10\ntwenty,US,CA,all,20\ntwenty,US,MX,all,20\n"
    )
    words = ("-e", "cp2015", "--many", str(path), "--workers", "1", "--countries", "CA,MX")
    kept = tmp_path / "kept.jsonl"
    answer = reply(*words, "--checkpoint", str(kept), "--out", str(tmp_path))
    rows = {(row["scenario"], row["country"]): row for row in answer["scenarios"]}
    assert set(rows) == {(s, c) for s in ("ten", "twenty") for c in ("CAN", "MEX")}
    single = reply("-e", "cp2015", "--raise", "US <- CA: =10", "--countries", "CA")["countries"][0]
    assert rows["ten", "CAN"]["real_income_pct"] == pytest.approx(single["real_income_pct"])
    assert len(kept.read_text().splitlines()) == 3
    assert len((tmp_path / "scenarios.csv").read_text().splitlines()) == 5


def test_a_users_folder(tmp_path):
    import numpy as np
    import polars as pl

    labels = ["H", "F"]
    pairs = [(n, i) for n in labels for i in labels]
    trade = {
        "importer": [n for n, _ in pairs],
        "exporter": [i for _, i in pairs],
        "sector": ["good"] * 4,
        "value": [100.0, 25.0, 25.0, 175.0],
    }
    pl.DataFrame(trade).write_csv(tmp_path / "trade.csv")
    use = {
        "country": labels,
        "input_sector": ["good"] * 2,
        "using_sector": ["good"] * 2,
        "value": np.zeros(2),
    }
    pl.DataFrame(use).write_csv(tmp_path / "input_use.csv")
    added = {"country": labels, "sector": ["good"] * 2, "value": [125.0, 200.0]}
    pl.DataFrame(added).write_csv(tmp_path / "value_added.csv")
    pl.DataFrame({"sector": ["good"], "theta": [4.0]}).write_csv(tmp_path / "theta.csv")
    answer = reply("-e", str(tmp_path), "--raise", "H <- F / good: +25")
    rows = {row["country"]: row for row in answer["countries"]}
    assert rows["H"]["real_income_pct"] == pytest.approx(1.095, abs=1e-3)
    assert any("world.base_tariffs.zero" in line for line in answer["readings"])


def test_one_answer_loads_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from advalorem.cli.simulate import app;"
        "r = CliRunner().invoke(app, ['-e', 'cp2015', '-s', 'nafta', '-f', 'json']);"
        "assert r.exit_code == 0;"
        "heavy = {'jax', 'polars', 'xarray', 'scipy', 'distributed'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
