"""Bounds of undetermined shipments: every answer is tried, and the search ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from draws import draws

from advalorem.duty.answer import rate
from advalorem.duty.assess import assess
from advalorem.duty.completions import complete
from advalorem.duty.intake import read_shipments
from advalorem.duty.ledger import UNDETERMINED
from advalorem.schedule.model import OTHER
from advalorem.schedule.store import load_tariff


def shipment(**stated):
    return {"origin": "CA", "as_of": "2025-09-18", "value": 10_000, **stated}


def test_unstated_content_bounds_the_duty():
    """9403.20.0086 is a steel derivative: 50 % of nothing to 50 % of the value, 35 % on the rest."""
    reply = rate(**shipment(hts="9403.20.00.86"))
    assert reply.outcome == "undetermined"
    assert "steel_value" in [question.fact for question in reply.questions]
    low, high = (Decimal(bound) for bound in reply.duty_range)
    for part in ("0", "2500", "9999.99", "10000"):
        stated = rate(**shipment(hts="9403.20.00.86", facts={
            "steel_value": part, "aluminum_value": 0, "end_use": "other"}))  # fmt: skip
        assert stated.outcome == "assessed"
        assert low <= Decimal(stated.total_duty) <= high


def test_facts_that_change_nothing_do_not_leave_it_open(law):
    """Where every answer to the questions gives the same duty, the duty is given."""
    rows = draws(law, "US", 400, seed=3)
    names = list(dict.fromkeys(name for row in rows for name in row))
    shipments = read_shipments(law, {n: [r.get(n) for r in rows] for n in names}).shipments
    open_ = np.flatnonzero(assess(law, "US", shipments).outcome == UNDETERMINED)
    bounds = complete(law, "US", shipments.take(open_), law.newest_act)
    settled = open_[(bounds.low == bounds.high) & ~bounds.open_]
    assert len(settled)
    row = {k: v for k, v in rows[settled[0]].items() if v is not None}
    fields = ("hts", "origin", "as_of", "value", "claim", "mode", "quantity")
    reply = rate(**{k: row[k] for k in fields if k in row},
                 facts={k: v for k, v in row.items() if k not in fields})  # fmt: skip
    assert reply.outcome == "assessed"
    assert any("every answer gives this duty" in text for text in reply.assumptions)
    assert reply.questions


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
