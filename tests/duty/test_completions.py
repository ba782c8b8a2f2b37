"""Bounds of undetermined shipments: every answer is tried, and the search ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from advalorem.duty.answer import rate
from advalorem.duty.completions import complete
from advalorem.duty.intake import read_shipments
from advalorem.schedule.model import OTHER
from advalorem.schedule.store import load_tariff


def shipment(**stated):
    return {"origin": "CA", "as_of": "2025-09-18", "value": 10_000, **stated}


def test_unstated_content_bounds_the_duty():
    """9403.20.0086 is a steel derivative: 50 % on the content, 35 % on the rest."""
    reply = rate(**shipment(hts="9403.20.00.86"))
    assert reply.outcome == "undetermined"
    assert "steel_value" in [question.fact for question in reply.questions]
    low, high = (Decimal(bound) for bound in reply.duty_range)
    for part in ("0", "2500", "9999.99", "10000"):
        stated = rate(**shipment(hts="9403.20.00.86", facts={
            "steel_value": part, "aluminum_value": 0, "end_use": "other"}))  # fmt: skip
        assert stated.outcome == "assessed"
        assert low <= Decimal(stated.total_duty) <= high


def test_facts_that_change_nothing_do_not_leave_it_open():
    """A starter motor of Mexico owes 25 % as a car part (Section 232) and 25 % as none (IEEPA)."""
    reply = rate(**shipment(hts="8511.40.00.00", origin="MX"))
    assert reply.outcome == "assessed"
    assert reply.total_duty == "2750.00"
    assert [question.fact for question in reply.questions] == ["end_use"]
    assert any("every answer gives this duty" in text for text in reply.assumptions)


@pytest.mark.parametrize("claim", [None, "USMCA"])
def test_reference_rates_end_in_an_open_bound(law, claim):
    """Lines whose rate is a reference text ask for it and have no upper bound."""
    tariff = load_tariff("US")
    rows = [row for row, kind in enumerate(tariff.general.kind) if kind == OTHER][::25]
    columns = {"hts": [f"{tariff.hts[row]:010d}" for row in rows], "origin": ["CA"] * len(rows),
               "as_of": [date(2025, 9, 18)] * len(rows), "value": [1000] * len(rows),
               "claim": [claim] * len(rows)}  # fmt: skip
    bounds = complete(law, "US", read_shipments(law, columns).shipments, law.newest_act)
    assert bounds.open_.any()
    assert (bounds.low <= bounds.high).all()


def test_eight_digits_whose_lines_differ():
    """Only 2106.90.9998 is a derivative: eight digits leave the duty open, each line settles it."""
    reply = rate(**shipment(hts="2106.90.99", facts={"aluminum_value": 5000, "steel_value": 0}))
    assert reply.outcome == "undetermined"
    assert [question.fact for question in reply.questions] == ["hts"]
    assert Decimal(reply.duty_range[0]) < Decimal(reply.duty_range[1])


def test_packaging_that_decides_a_ban_leaves_the_outcome_open():
    """Beer of Canada pays the same in every packing, but retail ones are banned (2026-09-29)."""
    beer = {"hts": "2203.00.00", "as_of": "2026-10-05"}
    reply = rate(**shipment(**beer))
    assert (reply.outcome, reply.total_duty) == ("undetermined", None)
    assert [question.fact for question in reply.questions] == ["packaging"]
    assert any("prohibit the import" in text for text in reply.warnings)
    assert rate(**shipment(**beer, facts={"packaging": "retail"})).outcome == "prohibited"
    other = rate(**shipment(**beer, facts={"packaging": "bulk"}))
    assert (other.outcome, [other.total_duty] * 2) == ("assessed", reply.duty_range)


@pytest.mark.parametrize("origin", ["GB", "JP"])
def test_question_that_only_some_answers_ask(origin):
    """Wooden furniture of the United Kingdom pays 10 % in all, of Japan 15 %, cabinet or not."""
    reply = rate(hts="9403.60.80", origin=origin, as_of="2025-11-01", value=10_000)
    assert (reply.outcome, reply.total_duty) == (
        "assessed", {"GB": "1000.00", "JP": "1500.00"}[origin])  # fmt: skip
    assert any(text.startswith("cabinet_or_vanity is not stated") for text in reply.assumptions)
