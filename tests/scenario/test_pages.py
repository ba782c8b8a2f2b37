"""The figures of the pages are those of the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from advalorem.cli.main import app

DOCS = Path(__file__).parents[2] / "docs"
pytestmark = pytest.mark.slow


def reply(*words):
    found = CliRunner().invoke(app, [*words, "--format", "json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def rows_of(page, head):
    """Return the cells of the first table of a page whose first line begins with a text."""
    lines = (DOCS / page).read_text(encoding="utf-8").split("\n" + head, 1)[1].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def number(cell):
    return float(cell.replace("\N{MINUS SIGN}", "-"))


def shipped():
    """Return names and figures of the table of shipped scenarios, those that have figures."""
    rows = []
    for name, text, *cells in rows_of("scenario.md", "| name | what if |"):
        if cells[0]:
            day = re.search(r"here (\d{4}-\d\d-\d\d)", text)
            rows.append((name.strip("`").replace("DATE", day[1] if day else ""), cells))
    return rows


@pytest.mark.parametrize(("name", "cells"), shipped())
def test_shipped_scenarios(name, cells):
    words = ["--law-from", "2025-09-18"] if name.startswith("canada-retaliates") else []
    data = reply("simulate", "--scenario", name, *words, "--countries", "CA,MX,US")
    found = [f"{row['real_income_pct']:.2f}" for row in data["countries"]]
    assert [float(text) for text in found] == [number(cell) for cell in cells]


def test_how_deep_it_must_be():
    by_title = {}
    for partners in (None, "GB,JP,KR", "EU27"):
        words = [] if partners is None else ["--partners", partners]
        for row in reply("partnership", *words)["offset"]:
            by_title[row["country"], partners] = row
    keys = [("CAN", None), ("MEX", None), ("CAN", "GB,JP,KR"), ("MEX", "EU27")]
    table = rows_of("partnership.md", "| to offset the law")
    for (title, loss, *cells), key in zip(table, keys, strict=True):
        row = by_title[key]
        assert number(loss) == round(row["loss_pct"], 3), title
        found = [round(row[name], 1) for name in ("cut_pct", "days_at_high", "days_at_low")]
        assert found == [number(cell) for cell in cells], title
