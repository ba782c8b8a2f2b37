"""The kernel against a plain interpreter, and against itself in other shapes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from draws import draws
from interpreter import Invalid, Shipment, Undetermined, interpret

from advalorem.duty.assess import assess
from advalorem.duty.intake import read_shipments
from advalorem.duty.ledger import APPLIED, ASSESSED, INVALID, PROHIBITED, UNDETERMINED

FIELDS = ("hts", "origin", "as_of", "value", "claim", "mode", "quantity")
IMPORTER = "US"


def table(rows: list[dict]) -> dict[str, list]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


@pytest.fixture(scope="module")
def rows(law):
    return draws(law, IMPORTER, 2000, seed=20250918)


@pytest.fixture(scope="module")
def shipments(law, rows):
    intake = read_shipments(law, table(rows))
    assert not intake.problems
    return intake.shipments


@pytest.fixture(scope="module")
def ledger(law, shipments):
    return assess(law, IMPORTER, shipments)


def reference(law, row: dict) -> tuple[int, Decimal | None, dict]:
    facts = {name: value for name, value in row.items() if name not in FIELDS}
    shipment = Shipment(row["hts"], row["origin"], row["as_of"], row["value"], row["claim"],
                        row["mode"], row["quantity"], facts)  # fmt: skip
    try:
        answer = interpret(law, IMPORTER, shipment, law.newest_act)
    except Undetermined:
        return UNDETERMINED, None, {}
    except Invalid:
        return INVALID, None, {}
    return ASSESSED, answer["total"], answer["lines"]


def test_equal_to_plain_interpreter(law, rows, ledger):
    wrong = []
    for number, row in enumerate(rows):
        outcome, total, _ = reference(law, row)
        found = int(ledger.outcome[number])
        if found == PROHIBITED:
            continue
        if outcome == UNDETERMINED and found == INVALID:
            continue  # both a fact and the quantity are missing
        same = found == outcome and (
            total is None or Decimal(int(ledger.total[number])) / 100 == total
        )
        if not same:
            wrong.append((row, found, int(ledger.total[number]), outcome, total))
    assert not wrong, wrong[:3]


def test_draws_reach_every_outcome(ledger):
    counts = np.bincount(ledger.outcome, minlength=5)
    assert counts[ASSESSED] > 500 and counts[UNDETERMINED] > 20 and counts[INVALID] > 20


def test_one_by_one(law, shipments, ledger):
    for row in range(0, len(shipments), 7):
        alone = assess(law, IMPORTER, shipments.take(np.array([row])))
        assert alone.total[0] == ledger.total[row]
        assert alone.outcome[0] == ledger.outcome[row]
        assert alone.asked[0] == ledger.asked[row]


def test_permuted_and_split(law, shipments, ledger):
    order = np.random.default_rng(7).permutation(len(shipments))
    permuted = assess(law, IMPORTER, shipments.take(order))
    np.testing.assert_array_equal(permuted.total, ledger.total[order])
    np.testing.assert_array_equal(permuted.outcome, ledger.outcome[order])
    halves = [assess(law, IMPORTER, shipments.take(part)) for part in np.array_split(order, 5)]
    np.testing.assert_array_equal(np.concatenate([h.total for h in halves]), permuted.total)


def test_ledger_adds_up(ledger):
    sums = np.zeros(len(ledger), dtype=np.int64)
    applied = ledger.reason == APPLIED
    np.add.at(sums, ledger.row[applied], ledger.amount[applied])
    np.testing.assert_array_equal(sums, ledger.total)
    assert (ledger.amount[~applied] == 0).all()
    assert (ledger.amount >= 0).all()
    assert (np.diff(ledger.row) >= 0).all()


def test_repealed_is_absent(law, shipments):
    """A measure taken out of the law charges as if it had never been named."""
    import msgspec

    measures = {k: v for k, v in law.measures.items() if not k.startswith("usa.ieepa")}
    less = msgspec.structs.replace(law, measures=measures, relations=[], version="without-ieepa")
    ledger = assess(less, IMPORTER, shipments)
    authorities = {layer.rule.measure.authority for layer in ledger.layers if layer.rule}
    assert authorities and not any(name.startswith("ieepa") for name in authorities)


def test_known_on_before_retroactive_order(law):
    """EO 14289 of 29 April 2025 reaches back to 4 March: known before, both duties stood."""
    row = {"hts": "7208510030", "origin": "CA", "as_of": date(2025, 4, 1), "value": Decimal(10000)}
    shipment = read_shipments(law, table([row])).shipments
    before = assess(law, IMPORTER, shipment, date(2025, 4, 28))
    after = assess(law, IMPORTER, shipment, date(2025, 4, 29))
    assert before.total[0] == 500_000
    assert after.total[0] == 250_000


def test_thirds_of_a_per_cent_are_exact(law):
    """Column 2 of 4202.29.20 is 33 1/3 %: a third of the value to the cent."""
    row = {"hts": "4202292000", "origin": "CU", "as_of": date(2025, 1, 2), "value": "1000000.01"}
    ledger = assess(law, IMPORTER, read_shipments(law, table([row])).shipments)
    assert ledger.amount[0] == 33_333_334
