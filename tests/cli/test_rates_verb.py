"""`advalorem rates`: four formats of one answer, and messages for wrong input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from advalorem.cli.rates import app

DAY = ("--origin", "CAN,MX", "--as-of", "2025-09-18")
METHOD = ("--method", "shapley")


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_json_and_csv_hold_the_same_numbers() -> None:
    code, text, _ = run(*DAY, "--by", "authority", "--format", "json")
    assert code == 0
    answer = json.loads(text)
    assert answer["origins"] == ["CA", "MX"]
    assert answer["readings"]["usmca_share"] == "month"
    assert {row["heading"] for row in answer["headline"]} == {"9903.01.10", "9903.01.01"}
    _, table, _ = run(*DAY, "--by", "authority", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [float(row["rate"]) for row in rows] == [row["rate"] for row in answer["rows"]]


def test_table_states_readings_and_what_is_not_rated() -> None:
    code, text, _ = run(*DAY, "--usmca-share", "2024")
    assert code == 0
    assert "usmca_share = 2024" in text
    assert "code on no line" in text
    assert "35.00%" in text


def test_interval_of_rates_names_its_method() -> None:
    words = (*DAY, "--weights", "substituted_cp2015")
    how = "estimates are independent"
    assert how in " ".join(run(*words)[1].split())
    answer = json.loads(run(*words, "--format", "json")[1])
    assert how in answer["interval_method"]
    assert json.loads(run(*DAY, "--format", "json")[1])["interval_method"] is None


def test_a_share_of_ones_own_is_marked_as_stated() -> None:
    code, text, _ = run(*DAY, "--by", "step", "--reading", "compliance=0.97")
    assert code == 0
    assert "compliance = 0.97: stated by the user, not cited" in text
    rows = json.loads(
        run(*DAY, "--by", "step", "--reading", "compliance=0.97", "--format", "json")[1]
    )["rows"]
    assert [row["step"] for row in rows].count("compliance") == 2
    code, _, wrong = run(*DAY, "--reading", "compliance=1.2")
    assert code == 2
    assert "compliance: '1.2' is no option; choose one of full, cbp, budget_lab, or state" in wrong


def test_provisions_stand_beside_effects_of_the_fixed_order_only() -> None:
    words = (*DAY, "--by", "step", "--format", "json")
    fixed, averaged = (json.loads(run(*words, *more)[1])["rows"] for more in ((), METHOD))
    assert any(row["provisions"] for row in fixed)
    assert all("provisions" not in row for row in averaged)


@pytest.mark.parametrize(
    "words",
    [
        ("--origin", "CA", "--as-of", "2090-01-01"),
        ("--origin", "CA", "--from", "2089-12-30", "--to", "2090-01-01", "--by", "day"),
        ("border", "--importer", "MX", "--to", "2090-01-01"),
        pytest.param(("revenue", "--law-on", "2090-01-01"), marks=pytest.mark.slow),
    ],
)
def test_after_the_newest_act_the_law_is_as_scheduled(words: tuple[str, ...]) -> None:
    warnings = json.loads(run(*words, "--format", "json")[1])["warnings"]
    assert [warning.partition(": ")[2] for warning in warnings] == ["the law as scheduled then"]
    assert "the law as scheduled then" in run(*words)[1]


def test_no_warning_up_to_the_newest_act() -> None:
    assert json.loads(run(*DAY, "--format", "json")[1])["warnings"] == []


def test_days_of_a_span() -> None:
    words = ("--origin", "CA", "--from", "2025-07-31", "--to", "2025-08-01", "--by", "day")
    code, text, _ = run(*words, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert code == 0
    assert [row["day"] for row in rows] == ["2025-07-31", "2025-08-01"]
    assert float(rows[1]["rate"]) > float(rows[0]["rate"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--as-of", "2025-09-18"), "origin: is missing"),
        (("--origin", "CA"), "as_of: is missing"),
        (("--origin", "ZZ", "--as-of", "2025-09-18"), "origin: 'ZZ' is no country"),
        (("--origin", "CA", "--as-of", "2024-12-31"), "the first day coded"),
        ((*DAY, "--usmca-share", "half"), "choose one of month, h2_2025, since_h2_2025, 2024"),
        ((*DAY, "--preset", "yale", "--by", "step"), "a preset has no rows by step"),
        ((*DAY, "--preset", "yale", "--usmca-share", "2024"), "the preset sets it"),
        ((*DAY, "--preset", "other"), "choose one of yale, tradewartracker"),
        (("revenue",), "law_on: is missing"),
        (("border",), "importer: is missing"),
        (("border", "--importer", "US"), "ask for its rates"),
        (("collected", "--amount", "much"), "is no number"),
        ((*DAY, "--reading", "colour=red"), "readings are usmca_share"),
        ((*DAY, "--importer", "MX"), "no import flows by line"),
        ((*DAY, "--weights", "foo"), "weights: 'foo' is no option; choose one of 2024, subst"),
        (("revenue", "--law-on", "2025-09-18", "--reading", "weights=foo"), "weights: 'foo' is no"),
        (("collected", "--amount", "171.7e9", "--year", "2030"), "held: 1982-01 to "),
        ((*DAY, "--from", "2025-01-01"), "add --by day"),
    ],
)  # fmt: skip
def test_wrong_input_exits_with_two(words: tuple[str, ...], message: str) -> None:
    code, _, error = run(*words)
    assert code == 2
    assert message in error
    assert "Traceback" not in error


def test_an_option_before_the_name_of_a_part_is_refused() -> None:
    code, _, error = run("--metal-content", "bea", "panel", "--out", "nowhere")
    assert code == 2
    assert "after `panel`" in error


def test_panel_needs_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("")
    for words, message in (((), "out: is missing"), (("--out", str(tmp_path)), "is not empty")):
        code, _, error = run("panel", *words)
        assert code == 2
        assert message in error


def test_preset_says_each_step_with_its_citation() -> None:
    words = ("--preset", "tradewartracker", "--origin", "CA", "--as-of", "2026-08-19")
    code, text, _ = run(*words, "--format", "json")
    assert code == 0
    answer = json.loads(text)
    assert answer["rows"][0]["rate"] == pytest.approx(0.0767, abs=5e-5)
    assert any("README, phase 1" in line for line in answer["statements"])


def test_revenue_of_a_day() -> None:
    code, text, _ = run("revenue", "--law-on", "2025-09-18", "--format", "json")
    assert code == 0
    answer = json.loads(text)
    cases = {row["case"]: row["revenue_usd"] for row in answer["rows"]}
    assert 0 < cases["substituted"] < cases["static"]
    assert answer["interval"] is False
    assert answer["against"] == "2025-01-01"


def test_border_of_mexico_says_what_is_not_held() -> None:
    code, text, _ = run("border", "--importer", "MX", "--format", "json")
    assert code == 0
    answer = json.loads(text)
    assert answer["rows"] == []
    assert "no flows into MX" in answer["not_held"][0]


def test_collected_places_a_sum_and_sums_to_the_gap(tmp_path: Path) -> None:
    words = ("collected", "--amount", "171.7e9", "--year", "2025", "--to", "2025-01-31")
    chart = tmp_path / "gap.svg"
    code, text, _ = run(*words, "--chart", str(chart), "--format", "json")
    assert code == 0
    answer = json.loads(text)
    placed = {(row["kind"], row["basis"]): row for row in answer["brackets"]}
    for kind in ("calendar", "fiscal"):
        assert placed[kind, "net"]["after"] == "2025-08-31"
        assert placed[kind, "net"]["by"] == "2025-09-30"
        assert placed[kind, "net"]["unplaceable"] is False
    amounts = {row["step"]: row["amount_usd"] for row in answer["steps"]}
    received = amounts.pop("received")
    assert sum(amounts.values()) == pytest.approx(received, rel=1e-12)
    assert chart.read_text("utf-8").startswith("<svg")
