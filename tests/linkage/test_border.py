"""Duty of Canada on the goods whose flows are held, and what is said of Mexico."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.linkage.border import Border, border
from advalorem.rates import RatesError


@pytest.fixture(scope="module")
def law() -> Lawbook:
    return load_lawbook()


@pytest.fixture(scope="module")
def canada(law: Lawbook) -> Border:
    return border(law, "CA", date(2025, 1, 1), date(2025, 10, 1), law.newest_act)


def rate_on(found: Border, day: date) -> float:
    rows = found.spans.filter((found.spans["from"] <= day) & (found.spans["until"] > day))
    assert rows.height == 1
    return float(rows["rate"][0])


def test_canada_by_span(canada: Border) -> None:
    """SOR/2025-66 and SOR/2025-95: 25% on each list; SOR/2025-66 ends on 1 September 2025."""
    assert rate_on(canada, date(2025, 2, 1)) == 0.0
    assert 0.0 < rate_on(canada, date(2025, 3, 10)) < 0.25
    assert rate_on(canada, date(2025, 8, 1)) == pytest.approx(0.25, abs=0.005)
    assert rate_on(canada, date(2025, 9, 10)) < rate_on(canada, date(2025, 3, 10))


def test_measures_sum_to_the_duty(canada: Border) -> None:
    fixed = ("rate", "duty_usd", "duty_per_year_usd")
    by_measure = [
        name for name in canada.spans.columns if name.endswith("_usd") and name not in fixed
    ]
    for row in canada.spans.to_dicts():
        parts = sum(row[name] for name in by_measure)
        assert parts == pytest.approx(row["duty_per_year_usd"], rel=1e-9)
        assert row["duty_per_year_usd"] == pytest.approx(row["rate"] * canada.listed_usd)


def test_what_is_held_is_a_fifth(canada: Border) -> None:
    assert canada.trade_usd is not None
    assert 0.15 < canada.listed_usd / canada.trade_usd < 0.25
    assert any("outside the lists" in text for text in canada.not_held)


def test_mexico_has_no_flows(law: Lawbook) -> None:
    found = border(law, "MX", date(2025, 1, 1), date(2025, 10, 1), law.newest_act)
    assert found.spans.is_empty()
    assert "no flows into MX" in found.not_held[0]


@pytest.mark.parametrize(("importer", "words"), [("US", "are held"), ("FR", "no law")])
def test_other_importers_are_refused(law: Lawbook, importer: str, words: str) -> None:
    with pytest.raises(RatesError, match=words):
        border(law, importer, date(2025, 1, 1), date(2025, 2, 1), law.newest_act)
