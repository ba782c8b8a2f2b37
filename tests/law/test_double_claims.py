"""No two provisions of one measure claim the same goods but where one is meant to go first.

Within a measure the first provision that reaches a shipment decides, so an order of provisions can
hide a slip: two headings that both charge the same goods of the same origins under the same
conditions. Going first is on purpose where the first is the narrower: it names fewer origins or
fewer goods than the second. Any other overlap is a double claim, and must stand in `KNOWN`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import msgspec
import numpy as np
import pytest

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import Mask, Rule, Schedule

BOOK = load_lawbook()

# (measure, first, second): why both claim the goods and the first goes first.
RUSSIAN_ALUMINUM = (
    "9903.85.67 and .68 stay beside note 16 and take aluminum of Russia before its other headings "
    "(Proclamation 11021, clause 8)"
)
KNOWN = {
    ("usa.s232.metals", f"{half}_russia_derivatives", second): RUSSIAN_ALUMINUM
    for half in ("april", "june")
    for second in ("russia_50", f"{half}_russia_25", f"{half}_russia_machines")
}


def schedules(book: Lawbook, importer: str) -> Iterator[Schedule]:
    known = book.newest_act
    for number in range(len(epochs_of(book, importer, known).days)):
        yield epoch_schedule(book, importer, number, known)


def key(rule: Rule) -> str:
    return str(msgspec.json.encode(sorted(rule.provision.when, key=repr)))


def narrower(first: Mask, second: Mask) -> bool:
    return bool((first & ~second).sum() == 0 and (second & ~first).any())


def is_double(first: Rule, second: Rule) -> bool:
    """Whether both claim some goods of some origin and neither origins nor goods are nested."""
    if not (first.origins & second.origins).any():
        return False
    if narrower(first.origins, second.origins):
        return False
    if first.products is second.products:
        return True
    both = (first.products & second.products).any()
    return bool(both and not narrower(first.products, second.products))


def double_claims(schedule: Schedule) -> set[tuple[str, str, str]]:
    found, same = set(), defaultdict(list)
    for members in schedule.measures:
        for rule in (schedule.rules[number] for number in members):
            if rule.bears:
                same[rule.measure.measure, key(rule)].append(rule)
    for (measure, _), rules in same.items():
        for first, second in combinations(rules, 2):
            if is_double(first, second):
                found.add((measure, first.provision.id, second.provision.id))
    return found


@pytest.mark.parametrize("importer", sorted(BOOK.columns))
def test_no_goods_are_claimed_twice(importer: str) -> None:
    found = set().union(*(double_claims(schedule) for schedule in schedules(BOOK, importer)))
    assert found - set(KNOWN) == set()


def test_every_known_overlap_is_still_there() -> None:
    found = set().union(*(double_claims(schedule) for schedule in schedules(BOOK, "US")))
    assert set(KNOWN) <= found


def test_a_double_claim_is_found() -> None:
    """A second heading of 50 percent on all goods of Canada, beside the first of 35."""
    measure = BOOK.measures["usa.ieepa.fentanyl.canada"]
    last = measure.provisions[-1]
    twice = msgspec.structs.replace(
        measure, provisions=[*measure.provisions, msgspec.structs.replace(last, id="again")]
    )
    book = msgspec.structs.replace(
        BOOK, version="double", measures={**BOOK.measures, twice.measure: twice}
    )
    schedule = epoch_schedule(book, "US", 40, book.newest_act)
    assert ("usa.ieepa.fentanyl.canada", last.id, "again") in double_claims(schedule)


def test_the_narrower_provision_may_go_first() -> None:
    lines = np.array([True, True, False]), np.array([True, True, True])
    assert narrower(*lines)
    assert not narrower(lines[1], lines[0])
    assert not narrower(lines[0], lines[0])
