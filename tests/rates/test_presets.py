"""Presets against what the trackers print in their own texts, and what a preset must say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from advalorem.law.model import Lawbook
from advalorem.rates import RatesError
from advalorem.rates.effective import EffectiveRates
from advalorem.rates.flows import held_origins
from advalorem.rates.presets import (
    counted,
    load_preset,
    preset_names,
    preset_rates,
    reaching_back,
)
from advalorem.rates.readings import check_readings

TRACKER = "tradewartracker"


def rate_of(book: Lawbook, name: str, origin: str, on: date) -> float:
    return float(preset_rates(book, name, "US", [origin], on).by_origin(on)["rate"][0]) * 100


# README of tradewartracker/trade-war-redux-2025 of 2026-07-23: Canada before and after the actions
# of 19 August 2026; Brazil on 22 July 2026, when two actions overlap.
@pytest.mark.parametrize(
    ("origin", "on", "printed"),
    [
        ("CA", date(2026, 8, 18), 5.82),
        ("CA", date(2026, 8, 19), 7.67),
        ("BR", date(2026, 7, 22), 17.5),
    ],
)
def test_trade_war_tracker_as_printed(book: Lawbook, origin: str, on: date, printed: float) -> None:
    assert rate_of(book, TRACKER, origin, on) == pytest.approx(printed, abs=0.06)


@pytest.mark.slow
def test_trade_war_tracker_nationally_as_printed(book: Lawbook) -> None:
    """README: 10.89% before 24 July 2026 and 11.39% on it, both with 2.3 points of 2024."""
    origins = held_origins("US", "2024")
    for on, printed in ((date(2026, 7, 20), 10.89), (date(2026, 7, 24), 11.39)):
        rate = preset_rates(book, TRACKER, "US", origins, on).by_origin(on)["rate"][-1] * 100
        assert rate + 2.3 == pytest.approx(printed, abs=0.15)


def test_canada_and_mexico_pay_flat_rates_whatever_they_claim(book: Lawbook) -> None:
    """README: Canada 8.75% and Mexico 4.5% of all goods from 6 March 2025, no claim read."""
    on = date(2025, 3, 6)
    assert rate_of(book, TRACKER, "CA", on) == pytest.approx(8.75, abs=0.1)
    assert rate_of(book, TRACKER, "MX", on) == pytest.approx(4.5, abs=0.1)


def test_a_text_that_reaches_back_counts_from_its_publication(book: Lawbook) -> None:
    """Korea's terms bind from November 2025 and were published in December."""
    before, after = date(2025, 11, 25), date(2025, 12, 10)
    rates = {on: rate_of(book, "yale", "KR", on) for on in (before, after)}
    assert rates[before] > rates[after] + 3
    assert date(2025, 12, 4) in reaching_back(book)


def test_rebate_on_cars_is_not_taken_from_a_deal(book: Lawbook) -> None:
    """Japan pays 15% in all on cars from 16 September 2025, before that 25% less 1.2375 points."""
    on = date(2025, 9, 20)
    day = preset_rates(book, "yale", "US", ["JP"], on)
    cars = day.by_chapter(on).filter(day.by_chapter(on)["chapter"] == 87)
    assert 0.14 < cars["rate"][0] < 0.16


def test_computers_pay_as_metal_where_the_tracker_lists_them(book: Lawbook) -> None:
    """Audit of 7 June 2026: bare 8471 is charged 25% from 6 April 2026; chips keep their rate."""
    before, after = date(2026, 4, 1), date(2026, 5, 1)
    for on, duty in ((before, 0.0), (after, 0.25)):
        found = preset_rates(book, "yale", "US", ["VN"], on)
        day = found._day(on)
        laptops = day.flows.hts[day.cells.situations.flow] == 8471300100
        total = day.cells.total[day.cells.situations.cell[laptops]]
        assert total.max() == pytest.approx(duty, abs=1e-9)
    assert load_preset("yale").readings.metal_weight == "all"


def test_medicines_under_eight_digits_pay_on_half_of_their_value(book: Lawbook) -> None:
    """Deep dive of 12 June 2026, item 1: 3004.90.92 at exactly 25% before the annex."""
    for on, more in ((date(2025, 8, 10), 0.0), (date(2025, 12, 20), 0.25), (date(2026, 5, 1), 0.0)):
        day = preset_rates(book, "yale", "US", ["IN"], on)._day(on)
        here = day.flows.hts[day.cells.situations.flow] == 3004909239
        total = day.cells.total[day.cells.situations.cell[here]]
        assert total.max() == pytest.approx(more, abs=1e-9)


def spring(book: Lawbook) -> EffectiveRates:
    return preset_rates(book, "yale", "US", ["CN"], date(2025, 5, 20))


def test_scales_and_omissions(book: Lawbook) -> None:
    preset = load_preset("yale")
    cells = spring(book).segments[0].cells
    again = counted(cells, preset)
    column = cells.authorities.index("s301_china")
    assert (again.rate[:, column] <= cells.rate[:, column]).all()
    np.testing.assert_allclose(again.rate.sum(axis=1), again.total)
    tracker = preset_rates(book, TRACKER, "US", ["CN"], date(2025, 5, 20)).segments[0].cells
    assert tracker.rate[:, tracker.authorities.index("column_1")].max() == 0


@pytest.mark.parametrize("name", preset_names())
def test_every_step_is_cited(book: Lawbook, name: str) -> None:
    preset = load_preset(name)
    check_readings(book, preset.readings)
    assert preset.steps
    assert all(text and cite for text, cite in preset.steps)
    assert all(scale["cite"] and scale["authority"] in book.authorities for scale in preset.scales)
    assert all(listed in book.lists for scale in preset.scales for listed in scale["lists"])
    assert preset.open


def test_the_answer_says_what_was_set(book: Lawbook) -> None:
    said = spring(book).statements()
    assert said[0].startswith("preset yale")
    assert any("auto_rebate" in line for line in said)


def test_unknown_preset(book: Lawbook) -> None:
    with pytest.raises(RatesError, match="choose one of yale, tradewartracker"):
        preset_rates(book, "other", "US", ["CA"], date(2025, 5, 20))
