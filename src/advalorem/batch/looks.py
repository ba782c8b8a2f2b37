"""Which values and modes of transport the law tells apart, for rows that state no facts.

A combination is a zone of value and a mode: `zone * (modes + 1) + mode + 1`, mode -1 if none is
stated. Most law looks at neither, and a rule that some fact must bring to life looks at nothing
where that fact can be neither stated nor asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advalorem.duty.conditions import HEADING_FACT
from advalorem.duty.shipments import MODES, Int, Mask
from advalorem.law.model import Condition
from advalorem.schedule.model import Schedule

EVERY = -1
"""Owner of tests that concern every row."""


def told_apart(schedule: Schedule, reach: Mask, values: Sequence[int]) -> Int:
    """Return by state the combination that stands for each; shape (states, combinations).

    `reach` (states, rules) says which rules reach a state, `values` holds a value of each zone.
    """
    owners, outcomes = [], [np.zeros((0, len(values) * (len(MODES) + 1)), dtype=bool)]
    for owner, tests in _tests(schedule):
        holds = _holds([schedule.conditions[at] for at in tests], values)
        if holds.any() and not holds.all():
            owners.append(owner)
            outcomes.append(holds[None, :])
    told = np.concatenate(outcomes)
    seen = np.array([[owner == EVERY or one[owner] for owner in owners] for one in reach], bool)
    known = {mine.tobytes(): _first(told[mine]) for mine in seen}
    return np.array([known[mine.tobytes()] for mine in seen]).reshape(len(reach), -1)


def _tests(schedule: Schedule) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the number of a rule, or `EVERY`, and tests that may hold together for it."""
    asked = _asked(schedule)
    sets = [(EVERY, tests) for tests, _ in schedule.column_bases]
    for number, rule in enumerate(schedule.rules):
        sets += [(number, rule.tests), *((number, tests) for tests, *_ in rule.bases)]
    for owner, tests in sets:
        if not any(_never(schedule.conditions[at], asked) for at in tests):
            yield owner, tests


def _asked(schedule: Schedule) -> set[str]:
    """Return the facts that some question may fill in."""
    tests = {test.fact or HEADING_FACT for test in schedule.conditions if test.unstated == "ask"}
    bases = [base for _, base in schedule.column_bases]
    for rule in schedule.rules:
        bases += [rule.provision.base, *(base for _, base, _ in rule.bases)]
    names = {name for base in bases for name in (base.content, base.less_share, base.fact_value)}
    rates = {rule.provision.rate_fact for rule in schedule.rules}
    return tests | {str(name) for name in names | rates if name is not None}


def _never(test: Condition, asked: set[str]) -> bool:
    """Return whether a test fails where its fact is not stated, and its fact is never asked."""
    if test.fact is not None and test.given is None:
        return test.unstated == "no" and test.fact not in asked
    return False


def _holds(tests: Sequence[Condition], values: Sequence[int]) -> Mask:
    """Return in which combinations the tests of value and mode among some tests hold."""
    value, mode = np.divmod(np.arange(len(values) * (len(MODES) + 1)), len(MODES) + 1)
    value, holds = np.array(values)[value], np.ones(len(value), dtype=bool)
    for test in tests:
        if test.value_at_most is not None:
            holds &= (value <= int(test.value_at_most * 100)) != test.negate
        if test.mode is not None:
            among = np.isin(mode - 1, [MODES.index(each) for each in test.mode])
            holds &= among != test.negate
    return holds


def _first(told: Mask) -> Int:
    """Return for each combination the one of the same outcomes: no mode first, high value first.

    >>> size = 2 * (len(MODES) + 1)
    >>> _first(np.zeros((0, size), dtype=bool)).tolist() == [len(MODES) + 1] * size
    True
    """
    size = told.shape[1]
    zone, mode = np.divmod(np.arange(size), len(MODES) + 1)
    stands: dict[bytes, int] = {}
    for at in np.lexsort((mode, -zone)).tolist():
        stands.setdefault(told[:, at].tobytes(), at)
    return np.array([stands[told[:, at].tobytes()] for at in range(size)], dtype=np.int64)
