"""Worked cases as rows of files: `batch` gives each what one shipment gives."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from compare import answer, by_case, cases, covered_code
from typer.testing import CliRunner

from advalorem.cli.main import app

FIELDS = ("hts", "origin", "as_of", "value", "claim", "mode", "quantity", "unit")
ERRORS = (ValueError, LookupError, FileNotFoundError)


def files() -> list[tuple[str, str]]:
    return sorted({(case["importer"], case["known_on"]) for case in cases()})


def row_of(case: dict[str, str], law) -> dict[str, str]:
    facts = {row["fact"]: row["value"] for row in by_case("facts.csv").get(case["case_id"], [])}
    claim = "USMCA" if case["usmca_claim"] == "yes" else case["other_preference"]
    return {
        "Case": case["case_id"],
        "hts": case["hts"] or covered_code(case, law),
        "origin": case["origin"] or "CA",
        "as_of": case["entry_date"],
        "value": case["value"],
        "claim": claim,
        "mode": case["mode"],
        "quantity": case["quantity"],
        "unit": case["quantity_unit"],
        **facts,
    }


@pytest.fixture(scope="module")
def rated(law, tmp_path_factory):
    """Every case by its name: its row of results, or None where it was refused."""
    folder, found = tmp_path_factory.mktemp("golden"), {}
    held = defaultdict(list)
    for case in cases():
        held[case["importer"], case["known_on"]].append(row_of(case, law))
    for number, ((importer, known_on), rows) in enumerate(sorted(held.items())):
        path = folder / f"{number}.csv"
        told = ["--importer", importer, *(["--known-on", known_on] if known_on else [])]
        write(path, rows)
        for row in run(path, folder / f"{number}_out.csv", told):
            found[row["Case"]] = row
    return found


def write(path: Path, rows: list[dict[str, str]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    pl.DataFrame(
        {name: [row.get(name, "") for row in rows] for name in names}, strict=False
    ).write_csv(path)


def run(path: Path, out: Path, told: list[str]) -> list[dict[str, str]]:
    result = CliRunner().invoke(app, ["batch", str(path), "--out", str(out), *told])
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=[case["case_id"] for case in cases()])
def test_row_of_a_file_is_the_shipment(case, law, rated):
    row = rated.get(case["case_id"])
    try:
        reply = answer({**case, "outcome": "duty"}, law)
    except ERRORS:
        assert row is None
        return
    assert row is not None
    assert row["outcome"] == reply.outcome
    assert (row["total_duty"] or None) == reply.total_duty
    assert row["total_fees"] == reply.total_fees
    assert row["questions"] == ";".join(question.fact for question in reply.questions)
    if reply.duty_range is not None:
        low, high = reply.duty_range
        assert (row["duty_min"], row["duty_max"] or None) == (low, high)
