"""Estimates on the parameters shelf: each names its source, date and unit, and was read there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from advalorem.law.load import LAWBOOK

VALUES = {"value", "low", "high", "rows"}
SHELF = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((LAWBOOK / "parameters").glob("*.toml"))
}


def estimates(data: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table that holds a value or rows of values, with its place."""
    if isinstance(data, dict):
        if VALUES & set(data):
            yield at, data
        for key, below in data.items():
            yield from estimates(below, f"{at}.{key}".strip("."))


def unsourced(data: Any) -> list[str]:
    """Return what lacks source, date or unit, or admits that its source was not read."""
    wrong = [
        f"{at}: no {name}"
        for at, entry in estimates(data)
        for name in ("source", "date", "unit")
        if not entry.get(name)
    ]
    doubtful = [
        f"{at}: confidence low" for at, entry in estimates(data) if entry.get("confidence") == "low"
    ]
    return wrong + doubtful


@pytest.mark.parametrize("name", SHELF)
def test_each_estimate_has_a_source_that_was_read(name):
    assert unsourced(SHELF[name]) == []


def test_a_value_without_a_source_is_found():
    found = unsourced({"a": {"value": 1, "date": 2025, "unit": "x", "confidence": "low"}})
    assert found == ["a: no source", "a: confidence low"]
