"""The verbs: one scenario asked of every layer, and JSON replies."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from advalorem.cli.main import app, load_verb

runner = CliRunner()


def run(verb, *words):
    return runner.invoke(app, [verb, *words])


def reply(*words):
    found = run(*words, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_simulate_between_two_laws():
    data = reply(
        "simulate", "--law-from", "2025-01-01", "--law-to", "2025-09-18", "--attribute",
        "--countries", "CA,MX,US",
    )  # fmt: skip
    assert {row["country"] for row in data["countries"]} == {"CAN", "MEX", "USA"}
    for row in data["countries"]:
        assert abs(sum(row["attribution"].values()) - row["real_income_pct"]) < 1e-8
        assert set(row["attribution"]) == set(row["without"])
    assert any(line.startswith("linkage.other_importers") for line in data["readings"])
    assert any(row["item"] == "economy without flows" for row in data["coverage"])


def test_simulate_under_a_scenario():
    data = reply("simulate", "--scenario", "threat-mexico-30", "--attribute", "--countries", "MX")
    assert list(data["countries"][0]["attribution"]) == ["usa.ieepa.fentanyl.mexico"]
    assert data["law_from"] == data["law_to"] == "2025-09-18"


def test_the_base_law_is_named():
    """The flows are taken to be those under the first law, so the way back is another question."""
    words = ("--countries", "MX", "--law-from")
    there = reply("simulate", *words, "2025-01-01", "--law-to", "2025-09-18")
    back = reply("simulate", *words, "2025-09-18", "--law-to", "2025-01-01")
    for data, day in ((there, "2025-01-01"), (back, "2025-09-18")):
        (said,) = (line for line in data["readings"] if line.startswith("linkage.base"))
        assert f"under the law of {day}" in said and "not the reverse" in said
    one, other = (1 + data["countries"][0]["real_income_pct"] / 100 for data in (there, back))
    assert one * other != pytest.approx(1, abs=1e-5)
    shown = run("simulate", *words, "2025-01-01", "--law-to", "2025-09-18").output
    assert "linkage.base: the flows of the economy" in " ".join(shown.split())


def test_simulate_without_change():
    data = reply("simulate", "--law-from", "2025-09-18", "--law-to", "2025-09-18")
    assert max(abs(row["real_income_pct"]) for row in data["countries"]) < 1e-8


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--law-from", "2025-01-01"], "are missing"),
        (["--scenario", "nonsense"], "error: scenario: 'nonsense' is neither a file"),
        (["--law-from", "2024-01-01", "--law-to", "2025-09-18"],
         "error: law_from, law_to: 2024-01-01 lies before 2025-01-01, the first day coded; ask"),
        (["--law-from", "2025-01-01", "--law-to", "soon"], "no date"),
        (["--law-from", "2025-01-01", "--law-to", "2025-09-18", "--raise", "USA <- MEX: +5"],
         "cannot be mixed"),
        (["--law-from", "2025-01-01", "--law-to", "2025-09-18", "--economy", "cp2015"], "icio2022"),
        (["--regions", "no-such-file.csv"], "no data by province or state"),
    ],
)  # fmt: skip
def test_simulate_refuses(words, message):
    found = run("simulate", *words)
    assert found.exit_code == 2
    assert message in " ".join(found.output.split())


def test_one_scenario_in_duty_and_rates(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "scenario: mine\nchanges:\n  - {change: enact, measure: new.x, importer: US, origins: [MX],"
        " rate: 10%, from: 2025-09-01}\n",
        encoding="utf-8",
    )
    goods = ["--hts", "0101.21.00.10", "--origin", "MX", "--as-of", "2025-09-18", "--value", "1000"]
    plain, changed = reply("duty", *goods), reply("duty", *goods, "--scenario", str(path))
    assert float(changed["total_duty"]) - float(plain["total_duty"]) == 100.0
    assert "--scenario" in changed["reproduce"]
    assert any("what if" in line for line in changed["assumptions"])
    same = reply("duty", *goods, "--scenario", "baseline")
    assert same["total_duty"] == plain["total_duty"]
    words = ["--origin", "MX", "--as-of", "2025-09-18"]
    old, new = reply("rates", *words), reply("rates", *words, "--scenario", str(path))
    assert new["rows"][0]["rate"] - old["rows"][0]["rate"] == pytest.approx(0.10, abs=0.003)


def test_scenarios_are_listed_and_shown():
    names = {row["scenario"] for row in reply("scenario")["scenarios"]}
    assert {"law-of-DATE", "usmca-lapses", "partnership"} <= names
    shown = reply("scenario", "usmca-lapses")
    assert shown["changes"][0]["change"] == "preference_ends"
    assert load_verb("scenario").name == "scenario"


def test_every_shipped_scenario_fits_the_law():
    for row in reply("scenario")["scenarios"]:
        name = row["scenario"].replace("DATE", "2025-05-01")
        assert run("scenario", name).exit_code == 0, name


def test_partnership_answers():
    data = reply("partnership", "--draws", "4", "--seed", "3")
    assert [row["result"] for row in data["offset"]] == ["reached", "reached"]
    assert all(abs(row["run_forward_pct"]) < 1e-7 for row in data["offset"])
    assert data["intervals"][0]["package_low"] < data["intervals"][0]["package_high"]
    assert data["intervals"][0]["law_low"] < data["intervals"][0]["law_high"] < 0
    shares = sum(row["share"] for row in data["gainers"])
    assert shares == pytest.approx(1.0)
    again = run("partnership", "--draws", "4", "--seed", "3", "--format", "json")
    assert json.loads(again.stdout) == data


def test_partnership_with_a_member_or_the_rival():
    """Nobody is a partner of its own; the rival is no partner at all."""
    rows = reply("partnership", "--partners", "CA")["offset"]
    assert [row["result"] for row in rows] == ["no partner", "reached"]
    assert rows[0]["at_limit_pct"] is None and rows[0]["partners"] == []
    found = run("partnership", "--partners", "JP,US")
    assert found.exit_code == 2 and "whose tariffs are to be offset" in found.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "border_time=5"], "border_time: '5' is no size of it; write days such as -1d"),
        (["--set", "procedures=-1d"], "write a share of the potential such as 50%"),
        (["--per-day", "-3"], "per_day: '-3' is no value of a day; write low, middle, high or"),
        (["--per-day", "-3%"], "from 0 to 100%; write low, middle, high or"),
    ],
)
def test_partnership_refuses(words, message):
    found = run("partnership", *words)
    assert found.exit_code == 2 and message in " ".join(found.output.split())


def test_partnership_with_others():
    data = reply("partnership", "--partners", "GB,JP", "--set", "corridor_rail=-1d")
    assert data["offset"][0]["partners"] == ["GBR", "JPN"]
    union = reply("partnership", "--partners", "EU")["offset"][0]
    assert len(union["partners"]) == 27 and union["result"] == "reached"
    assert run("partnership", "--set", "nonsense").exit_code == 2
    assert run("partnership", "--set", "missions=-1d").exit_code == 2


def test_brief_says_what_if(tmp_path):
    pytest.importorskip("altair")
    path = tmp_path / "brief.json"
    words = ["--countries", "MX", "--as-of", "2025-09-18", "--scenario", "threat-mexico-30"]
    assert run("brief", *words, "--out", str(path), "--format", "json").exit_code == 0
    made = json.loads(path.read_text(encoding="utf-8"))
    assert "what if threat-mexico-30" in made["title"] and "--scenario" in made["command"]
    assert made["heads"][0]["cards"][0]["now"]["text"] == "30%"


LAWS = ["--law-from", "2025-01-01", "--law-to", "2025-09-18", "--countries", "CA,MX"]


def test_exposure_to_a_market():
    data = reply("simulate", *LAWS, "--exposure", "US")["exposure"]
    rows = {(row["country"], row["stage"]): row for row in data["dependence"]}
    assert data["market"] == "USA" and len(rows) == 4
    mexico = rows["MEX", "before"]
    assert 0.5 < mexico["export_share"] < 0.8 and mexico["largest_buyers"][0].startswith("USA")
    assert mexico["value_added_in_market"] < mexico["export_share"]
    assert rows["MEX", "after"]["export_share"] < mexico["export_share"]
    assert sum(row["share"] for row in data["gainers"]) == pytest.approx(1.0)
    autos = next(r for r in data["inputs"] if (r["country"], r["sector"]) == ("CAN", "C29"))
    assert autos["of_which_market_new"] < autos["of_which_market"]


def test_any_outcome_is_split_over_measures():
    words = ["--scenario", "threat-mexico-30", "--countries", "CA,MX"]
    data = reply("simulate", *words, "--attribute-of", "output:C29")["attribution_of"]
    for row in data["countries"]:
        assert sum(row["attribution"].values()) == pytest.approx(row["change_pct"], abs=1e-8)
    mexico = data["countries"][1]
    assert list(mexico["attribution"]) == ["usa.ieepa.fentanyl.mexico"]
    assert mexico["change_pct"] != 0


def test_products_at_six_digits():
    data = reply("simulate", *LAWS, "--zoom", "MX:C29", "--digits", "6")["zoom"]
    rows = data["products"]
    assert all(len(row["code"]) == 6 for row in rows)
    old, new = (sum(row[key] for row in rows) for key in ("value_usd", "value_new_usd"))
    assert new == pytest.approx(old * data["ratio"], rel=1e-12)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--attribute-of", "happiness"], "there are real_wage"),
        (["--exposure", "XX"], "not in economy"),
        (
            ["--zoom", "MX:C29", "--digits", "7"],
            "error: digits: 7 is no length of a code; use 6, 8 or 10\n",
        ),
    ],
)
def test_further_options_refuse(words, message):
    found = run("simulate", *LAWS, *words)
    assert found.exit_code == 2 and message in found.output


def without(data, *names):
    return {name: value for name, value in data.items() if name not in names}


EMPTY = ["--scenario", "baseline"]


def test_empty_scenario_is_the_law_for_duty_and_rates():
    goods = ["--hts", "7208.51.00.30", "--origin", "CA", "--as-of", "2025-09-18",
             "--value", "1000"]  # fmt: skip
    plain, empty = reply("duty", *goods), reply("duty", *goods, *EMPTY)
    said = ("assumptions", "reproduce")
    assert without(plain, *said) == without(empty, *said)
    assert plain["assumptions"] == empty["assumptions"][1:]
    words = ["--origin", "CA,MX", "--as-of", "2025-09-18"]
    assert reply("rates", *words) == without(reply("rates", *words, *EMPTY), "scenario")


def test_empty_scenario_is_the_law_for_the_model():
    plain, empty = reply("simulate", *LAWS), reply("simulate", *LAWS, *EMPTY)
    assert plain == empty
    again = reply("simulate", *LAWS[:2], "--law-to", "2025-01-01", *EMPTY)
    assert max(abs(row["real_income_pct"]) for row in again["countries"]) < 1e-8


def test_empty_scenario_is_the_law_for_the_brief(tmp_path):
    pytest.importorskip("altair")
    made = []
    for name, more in (("plain", []), ("empty", EMPTY)):
        path = tmp_path / f"{name}.json"
        words = ["--countries", "MX", "--as-of", "2025-09-18", *more]
        assert run("brief", *words, "--out", str(path), "--format", "json").exit_code == 0
        made.append(without(json.loads(path.read_text(encoding="utf-8")), "title", "command"))
    assert made[0] == made[1]
