"""Situations assessed once and gathered give what each row gives by itself."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from advalorem.duty import assess as kernel
from advalorem.duty.ledger import OUTCOMES, Ledger
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.schedule.build import build_schedule

IMPORTER = "US"


def plain_table(law, size: int, seed: int) -> Shipments:
    rng = np.random.default_rng(seed)
    lines = build_schedule(law, IMPORTER, date(2025, 9, 18)).lines
    code = rng.choice(lines, size)
    eight = rng.random(size) < 0.2
    countries = [country.iso2 for country in law.countries]
    origins = [countries.index(name) for name in law.claims["USMCA"].origins[:2]]
    return Shipments(
        code=np.where(eight, code // 100 * 100, code),
        eight=eight,
        origin=rng.choice(origins, size),
        day=np.full(size, date(2025, 9, 18).toordinal()),
        value=rng.integers(0, 500_000, size),
        claim=rng.choice([-1, 0], size),
        mode=rng.integers(-1, 6, size),
        quantity=np.where(rng.random(size) < 0.5, NOT_STATED, rng.integers(1, 10**7, size)),
        unit=np.zeros(size, dtype=np.int64),
    )


@pytest.fixture(scope="module")
def rows(law):
    return plain_table(law, 20_000, seed=11)


def same(one: Ledger, other: Ledger, names: tuple[str, ...]) -> None:
    for name in names:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


ROWS = ("total", "outcome", "asked", "split", "missing_quantity", "claimed", "line")


def test_gathered_equals_row_by_row(law, rows, monkeypatch):
    fast = kernel.assess(law, IMPORTER, rows)
    totals = kernel.assess(law, IMPORTER, rows, lines=False)
    monkeypatch.setattr(kernel, "MANY", len(rows) + 1)
    slow = kernel.assess(law, IMPORTER, rows)
    same(fast, slow, ROWS)
    same(totals, slow, ROWS)
    same(fast, slow, ("row", "base", "rate", "specific", "amount", "reason", "by"))
    assert [fast.layers[n].rule for n in fast.layer] == [slow.layers[n].rule for n in slow.layer]
    assert len(totals.row) < len(fast.row)


def test_table_reaches_several_outcomes(law, rows):
    outcomes = kernel.assess(law, IMPORTER, rows).outcome
    assert {OUTCOMES[n] for n in np.unique(outcomes)} >= {"assessed", "undetermined", "invalid"}


def test_facts_go_row_by_row(law, rows):
    stated = rows.with_fact("steel_value", np.where(np.arange(len(rows)) % 2, NOT_STATED, 100))
    mixed = kernel.assess(law, IMPORTER, stated)
    alone = kernel.assess(law, IMPORTER, stated.take(np.arange(0, len(rows), 997)))
    np.testing.assert_array_equal(mixed.total[::997], alone.total)
    np.testing.assert_array_equal(mixed.outcome[::997], alone.outcome)
