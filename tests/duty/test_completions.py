"""Bounds of undetermined shipments: every answer is tried, and the search ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from interpreter import Shipment, interpret

from advalorem.duty.answer import rate
from advalorem.duty.completions import complete
from advalorem.duty.intake import read_shipments
from advalorem.duty.problems import InputError
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


def test_least_content_bounds_the_duty():
    """Before 2025-06-04 any aluminum content, even USD 1, lifted the whole reciprocal duty."""
    part = {"hts": "8708.29.51.60", "origin": "JP", "as_of": "2025-04-20"}
    low, high = (Decimal(bound) for bound in rate(**shipment(**part)).duty_range)
    stated = rate(**shipment(**part, facts={"aluminum_value": 1}))
    assert stated.total_duty == "250.25"
    assert (low, high) == (Decimal("250.00"), Decimal("2750.00"))


def test_claim_of_civil_aircraft_affirms_the_use(law):
    """General note 6: who claims C certifies the use in civil aircraft; Brazil then owes 10 %."""
    jet = {"hts": "8802.40.01", "origin": "BR", "as_of": "2025-08-20", "value": 10_000_000}
    claimed = rate(**jet, claim="CIVIL-AIRCRAFT")
    assert claimed.total_duty == rate(**jet, facts={"end_use": "civil_aircraft"}).total_duty
    assert claimed.total_duty == "1000000.00"
    assert any("affirmed by the claim" in text for text in claimed.assumptions)
    assert rate(**jet, claim="C", facts={"end_use": "other"}).total_duty == "5000000.00"
    plain = Shipment("8802400115", "BR", date(2025, 8, 20), Decimal(10_000_000), "Civil-Aircraft")
    assert interpret(law, "US", plain, law.newest_act)["total"] == 1_000_000


def test_relief_by_vessel_is_told_where_no_mode_is_stated():
    """9903.01.28: goods in transit by vessel before 2025-04-05 are free of the reciprocal duty."""
    shirt = {"hts": "6109.10.00", "origin": "CN", "as_of": "2025-04-09", "value": 10_000}
    loaded = {"loading_date": "2025-04-04"}
    relief = "mode is not stated: Goods loaded on the final vessel before 2025-04-05"
    assert any(text.startswith(relief) for text in rate(**shirt, facts=loaded).assumptions)
    for said in ({}, {"facts": loaded, "mode": "air"}, {"facts": {"loading_date": "2025-04-06"}}):
        assert not any(text.startswith(relief) for text in rate(**shirt, **said).assumptions)


def test_unknown_unit_is_refused_where_it_is_not_needed():
    """A shirt pays 16.5 % whatever it weighs: a unit in use is taken, another word is not."""
    shirt = shipment(hts="6109.10.00", origin="CN", quantity=5)
    assert rate(**shirt, unit="ctn").total_duty == rate(**shirt, unit="dozen").total_duty
    with pytest.raises(InputError, match="unit: 'furlong' is no known unit; write one of"):
        rate(**shirt, unit="furlong")
