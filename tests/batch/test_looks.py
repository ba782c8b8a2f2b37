"""What the law makes of a stated mode: mail differs while it has duties of its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from advalorem.batch.looks import told_apart
from advalorem.duty.shipments import MODES
from advalorem.schedule.build import build_schedule


@pytest.mark.parametrize(("day", "mail"), [(date(2025, 9, 18), True), (date(2026, 12, 1), False)])
def test_modes_told_apart(law, day, mail):
    """The duties on mail (EO 14256, EO 14388) end on 2026-07-24."""
    schedule = build_schedule(law, "US", day)
    origin = schedule.arrays.origins[[schedule.country("DE")]]
    low, high = told_apart(schedule, origin, [80_000, 10**8])[0].reshape(2, len(MODES) + 1)
    post, ship = 1 + MODES.index("post"), 1 + MODES.index("vessel")
    assert (low[post] != low[0]) == mail
    assert low[ship] == low[0] == high[0] == high[ship] == high[post]


def test_a_state_without_rules_tells_nothing_apart(law):
    schedule = build_schedule(law, "US", date(2025, 9, 18))
    none = np.zeros((1, len(schedule.rules)), dtype=bool)
    assert len(np.unique(told_apart(schedule, none, [80_000, 10**8]))) == 1
