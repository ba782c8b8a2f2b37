"""The decomposition printed in the documentation is what the program gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rates_cases import BOTH, PARTNERSHIP

from advalorem.rates import EffectiveRates

PAGE = Path(__file__).parents[2] / "docs" / "rates.md"
ROWS = {
    "headline": "headline", "not rated": "not_rated", "column 1": "column_1",
    "exemptions": "exemptions", "other measures": "other_measures", "stacking": "stacking",
    "claims": "claims", "composition of claims": "claims_composition", "average": "average",
}  # fmt: skip
"""Step of each row of the table."""


def printed() -> dict[str, list[float]]:
    """Return the points of each row of the table, by step: Canada, Mexico."""
    table = (
        PAGE.read_text(encoding="utf-8").partition("| | Canada | Mexico |")[2].partition("\n\n")[0]
    )
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table.replace("*", ""), re.M)
    found = {label: [float(cell.replace("−", "-")) for cell in cells] for label, *cells in rows
             if label in ROWS}  # fmt: skip
    return {ROWS[label]: cells for label, cells in found.items()}


@pytest.mark.parametrize("column", [0, 1])
def test_table_of_steps(september: EffectiveRates, column: int) -> None:
    steps = september.decomposition(PARTNERSHIP)
    steps = steps.filter(steps["origin"] == BOTH[column])
    ours = dict(zip(steps["step"], steps["effect"] * 100, strict=True))
    ours["average"] = steps["rate_after"][-1] * 100
    page = printed()
    assert page.keys() == ours.keys()
    for step, points in ours.items():
        assert page[step][column] == pytest.approx(points, abs=0.0051), step
