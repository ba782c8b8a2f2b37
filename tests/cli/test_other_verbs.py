"""`search`, `changes`, `law` and `data` at the command line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import advalorem
from advalorem.cli import data as data_verb
from advalorem.cli.main import VERBS, LazyGroup, app

CANADA = "usa.ieepa.fentanyl.canada"


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def load_app() -> LazyGroup:
    return typer.main.get_command(app)


def read(*words: str) -> object:
    code, out, error = run(*words, "--format", "json")
    assert code == 0, error
    return json.loads(out)


def test_every_verb_says_what_it_is() -> None:
    verbs = load_app().commands
    assert {"duty", "explain", "search", "changes", "law", "data", "rates", "brief"} <= set(verbs)
    assert list(verbs) == [verb for verb in VERBS if verb in verbs]
    for verb, command in verbs.items():
        assert command.help, verb


def test_version() -> None:
    assert run("--version") == (0, f"advalorem {advalorem.__version__}\n", "")


def test_unknown_verb_is_bad_input() -> None:
    code, _, error = run("dutty")
    assert code == 2
    assert "dutty" in error


def test_search_of_an_importer_without_words_says_who_has_them() -> None:
    code, _, error = run("search", "wheat", "--as-of", "2026-03-01", "--importer", "MX")
    assert code == 2
    assert "'MX'" in error
    assert "held are US" in error
    assert ".parquet" not in error


def test_search_finds_lines_by_words() -> None:
    found = read("search", "crude", "oil", "--as-of", "2025-09-18")
    assert found["hits"][0]["code"] == "2709.00.10"
    _, table, _ = run("search", "crude", "oil", "--as-of", "2025-09-18", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["code"] for row in rows] == [hit["code"] for hit in found["hits"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("search", "oil"), "as_of: is missing; state it as YYYY-MM-DD"),
        (("search", "the", "--as-of", "2025-09-18"), "no word to search for"),
        (("search", "oil", "--as-of", "2025-09-18", "--importer", "QQ"), "importer: 'QQ'"),
        (("changes", "2025-03-04", "2025-03-01"), "to: '2025-03-01' lies before 2025-03-04"),
        (("changes", "March", "2025-03-01"), "from: 'March' is no date; write it as YYYY-MM-DD"),
        (("changes", "2025-03-01", "2025-03-04", "--origin", "QQ"), "origin: 'QQ'"),
        (("law", "list"), "in_force: is missing"),
        (("law", "show", "usa.fentanyl"), "measure: 'usa.fentanyl' is not coded; nearest"),
    ],
)
def test_bad_input_is_named_with_its_remedy(words: tuple[str, ...], message: str) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert message in error


# EO 14193 of 1 February 2025, put off by EO 14197 on 3 February, in force on 4 March.
def test_changes_of_the_first_weeks() -> None:
    found = read("changes", "2025-02-01", "2025-03-04", "--origin", "CA", "--importer", "US")
    mine = [(c["day"], c["kind"]) for c in found
            if c["measure"] == CANADA and c["kind"] != "stacking"]  # fmt: skip
    assert mine == [
        ("2025-02-01", "announced"), ("2025-02-03", "withdrawn"), ("2025-03-04", "began"),
    ]  # fmt: skip
    assert all(change["citation"] for change in found)


def test_changes_known_earlier_leave_later_acts_out() -> None:
    words = ("changes", "2025-02-01", "2025-03-04", "--origin", "CA", "--known-on", "2025-02-02")
    kinds = ("announced", "withdrawn", "began")
    found = [c for c in read(*words) if c["measure"] == CANADA and c["kind"] in kinds]
    assert [(c["day"], c["kind"]) for c in found] == [
        ("2025-02-01", "announced"), ("2025-02-04", "began"),
    ]  # fmt: skip


def test_changes_as_csv_has_a_row_for_each_provision() -> None:
    words = ("changes", "2025-02-01", "2025-03-04", "--origin", "CA", "--importer", "US")
    details = sum(len(change["details"]) for change in read(*words))
    _, table, _ = run(*words, "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(table)))) == details


def test_law_list_shows_what_is_in_force() -> None:
    found = read("law", "list", "--in-force", "2025-09-18", "--origin", "CA", "--importer", "US")
    by_name = {item["measure"]: item for item in found}
    assert by_name[CANADA]["status"] == "in force"
    assert {p["rate"] for p in by_name[CANADA]["provisions"]} >= {"35%", "10%"}
    assert by_name["usa.ieepa.reciprocal"]["status"] == "exempt"
    assert "usa.ieepa.fentanyl.mexico" not in by_name
    early = read("law", "list", "--in-force", "2025-01-01", "--origin", "CA", "--importer", "US")
    assert CANADA not in {item["measure"] for item in early}


def test_law_show_gives_every_value_with_its_act() -> None:
    _, text, _ = run("law", "show", CANADA, "--format", "md")
    assert "Executive Order 14325, 90 FR 37957" in text
    assert "9903.01.10" in text


def test_law_coverage_names_the_gaps() -> None:
    found = read("law", "coverage")
    assert {row["importer"] for row in found} >= {"US", "CA", "MX"}
    assert all(row["gaps"] for row in found)


def test_data_lists_every_table_with_licence_and_digest() -> None:
    found = read("data", "--verify")
    assert {"imports_2024", "fx", "nomenclature_us"} <= set(found)
    for entry in found.values():
        assert entry["sources"]
        assert all(source["licence"] for source in entry["sources"])
        assert entry["state"] == "whole"


def test_a_table_that_was_changed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a table"
    entry = {
        "file": "one.parquet", "rows": 1, "bytes": len(text),
        "sha256": hashlib.sha256(text).hexdigest(),
        "sources": [{"publisher": "P", "licence": "L", "date": "2025"}],
    }  # fmt: skip
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"tables": {"one": entry}}), encoding="utf-8")
    monkeypatch.setattr(data_verb, "DATA", tmp_path)
    monkeypatch.setattr(data_verb, "MANIFEST", manifest)
    code, _, error = run("data", "--verify")
    assert (code, "one: differs" in error) == (2, True)
    (tmp_path / "one.parquet").write_bytes(text)
    assert run("data", "--verify")[0] == 0
    (tmp_path / "one.parquet").write_bytes(b"another")
    assert run("data", "--verify")[0] == 2
    assert run("data")[0] == 0


def test_law_coverage_accounts_for_every_heading() -> None:
    rows = read("law", "coverage", "--headings")
    canada = next(row for row in rows if row["first"] == "9903.01.10")
    assert (canada["coded"], canada["measures"]) == (True, [CANADA])
    left_out = [row for row in rows if not row["coded"]]
    assert left_out
    assert all(row["reason"] and row["text"] for row in left_out)
    _, table, _ = run("law", "coverage", "--headings", "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == len(rows)
    assert {line["status"] for line in lines} == {"coded", "out of scope"}


def test_law_lists_reports_codes_that_the_schedule_does_not_hold() -> None:
    found = read("law", "lists")
    kinds = {(row["list"], row["kind"]) for row in found}
    assert ("usa/s301_list_4b", "unknown") in kinds
    assert ("usa/all_chapters", "short") in kinds
    assert all(row["doubts"] for row in found if row["kind"] != "short")
    assert all(row["measures"] for row in found)
    _, text, _ = run("law", "lists")
    assert f"{len(found)} findings" in text


def test_law_list_says_what_was_later_held_void() -> None:
    """Learning Resources v. Trump, 20 February 2026; known from that day."""
    words = ("law", "list", "--in-force", "2025-09-18", "--origin", "CA")
    later = {row["measure"]: row for row in read(*words)}[CANADA]
    assert (later["status"], later["void_from"]) == ("in force", "2026-02-20")
    assert "Learning Resources" in later["void_citation"]
    then = {row["measure"]: row for row in read(*words, "--known-on", "2026-02-19")}[CANADA]
    assert (then["status"], then["void_from"]) == ("in force", None)
    held = read("law", "list", "--in-force", "2026-02-21", "--origin", "CA")
    assert {row["measure"]: row["status"] for row in held}[CANADA] == "void"


def test_law_readings_give_both_outcomes_and_the_evidence() -> None:
    found = {row["reading"]: row for row in read("law", "readings")}
    plan = found["usa.onshoring_plan_of_partners"]
    assert plan["default"] in plan["options"]
    assert all(row["evidence"] and row["source"] for row in found.values())
    assert all(len(row["options"]) > 1 for name, row in found.items() if name.startswith("usa."))
    _, text, _ = run("law", "readings", "--format", "md")
    assert all(row["options"][row["default"]].split()[0] in text for row in found.values())
