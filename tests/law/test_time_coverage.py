"""Every day from 2025-01-01 has one answer: values without gap or rival, all of them reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from advalorem.law.history import names_origin
from advalorem.law.load import load_lawbook
from advalorem.law.model import OPEN, Measure, Products, Provision, Value
from advalorem.law.timeline import Span, timeline, value_on

BOOK = load_lawbook()
FIRST = date(2025, 1, 1)
MEASURES = sorted(BOOK.measures)

# Acts that reach back on purpose: each says so in its text. A new one must be looked at.
REACH_BACK = {
    "csms-65201773",
    "eo-14345",
    "eo-14360",
    "eo-14361",
    "fin-2025-04-15",
    "fr-2025-18660",
    "fr-2025-21671",
    "fr-2025-21940",
    "fr-2025-23316",
    "fr-2026-04-29",
    "fr-2026-08-04",
    "fr-2026-10571",
    "sor-2025-122",
    "sor-2025-147",
    "sor-2026-154",
    "ustr-2024-09-18",
    "hts-2025-basic",
}


@cache
def spans(measure: str, number: int) -> tuple[Span, ...]:
    values = BOOK.measures[measure].provisions[number].values
    return timeline(values, BOOK.instruments, BOOK.newest_act)


def overlaps(first: Value, second: Value) -> bool:
    return first.from_ < (second.until or date.max) and second.from_ < (first.until or date.max)


def rivals(values: list[Value]) -> Iterator[str]:
    """Yield pairs announced on one day of which neither is plainly the later word."""
    for number, first in enumerate(values):
        for second in values[number + 1 :]:
            one_day = (
                BOOK.instruments[first.act].announced == BOOK.instruments[second.act].announced
            )
            plain = second.from_ > first.from_ or (second.from_ == first.from_ and second.ends)
            if one_day and overlaps(first, second) and not plain:
                yield f"{first.from_} {first.act} and {second.from_} {second.act}"


@pytest.mark.parametrize("name", MEASURES)
def test_no_two_values_of_a_day_rival_each_other(name: str) -> None:
    measure = BOOK.measures[name]
    for provision in measure.provisions:
        assert list(rivals(provision.values)) == [], provision.id
    assert list(rivals(measure.void)) == []


def test_relations_and_claims_have_no_rival_values() -> None:
    for relation in BOOK.relations:
        assert list(rivals(relation.values)) == [], relation.id
    for claim in BOOK.claims.values():
        assert list(rivals(claim.values)) == [], claim.claim


@pytest.mark.parametrize("name", MEASURES)
def test_no_provision_has_a_gap_between_its_values(name: str) -> None:
    """From its first day on a provision says a rate or that it ended, until it is given up."""
    for number, provision in enumerate(BOOK.measures[name].provisions):
        gaps = [(a.until, b.from_) for a, b in pairwise(spans(name, number)) if a.until < b.from_]
        assert gaps == [], provision.id


@pytest.mark.parametrize("name", MEASURES)
def test_no_value_ends_without_a_word(name: str) -> None:
    """A provision that stops says why, unless its act fixed the last day."""
    for number, provision in enumerate(BOOK.measures[name].provisions):
        last = spans(name, number)[-1]
        ends_in_the_open = last.until == date.max or last.value.until is not None
        assert ends_in_the_open, provision.id


def covers(earlier: Products | None, later: Products | None) -> bool:
    """Return whether the goods of one provision hold all goods of another, as far as lists tell."""
    if earlier is None:
        return True
    if later is None:
        return False
    return set(later.lists) <= set(earlier.lists) and set(earlier.except_lists) <= set(
        later.except_lists
    )


def countries_of(measure: Measure, provision: Provision) -> list[str]:
    named = provision.origins or ["all"]
    return [
        country.iso2
        for country in BOOK.countries
        if names_origin(BOOK, measure.origins, country.iso2)
        and not names_origin(BOOK, measure.except_origins, country.iso2)
        and names_origin(BOOK, named, country.iso2)
    ]


def standing(name: str, number: int, on: date) -> bool:
    span = value_on(spans(name, number), on)
    return span is not None and span.value.ends is None


def is_reached(measure: Measure, number: int) -> bool:
    """Return whether on some day some origin reaches a provision past those before it."""
    provision = measure.provisions[number]
    before = [
        (place, other)
        for place, other in enumerate(measure.provisions[:number])
        if not other.when and covers(other.products, provision.products)
    ]
    days = {max(span.from_, FIRST) for span in spans(measure.measure, number)}
    days |= {span.from_ for place, _ in before for span in spans(measure.measure, place)}
    for on in sorted(days):
        if not standing(measure.measure, number, on):
            continue
        barred = [other for place, other in before if standing(measure.measure, place, on)]
        for country in countries_of(measure, provision):
            if not any(names_origin(BOOK, other.origins or ["all"], country) for other in barred):
                return True
    return False


@pytest.mark.parametrize("name", MEASURES)
def test_every_provision_in_force_since_2025_can_be_reached(name: str) -> None:
    """A provision that another one before it always hides is never applied: a slip of order."""
    measure = BOOK.measures[name]
    hidden = [
        provision.id
        for number, provision in enumerate(measure.provisions)
        if any(span.value.ends is None and span.until > FIRST for span in spans(name, number))
        and not is_reached(measure, number)
    ]
    assert hidden == []


@pytest.mark.parametrize("name", MEASURES)
def test_lists_hold_goods_while_their_provision_stands(name: str) -> None:
    """Goods may join the list of a heading later; a heading that never has any is a slip."""
    for number, provision in enumerate(BOOK.measures[name].provisions):
        live = [s for s in spans(name, number) if s.value.ends is None and s.until > FIRST]
        days = {max(span.from_, FIRST) for span in live}
        days |= {span.until - timedelta(days=1) for span in live}
        if provision.products is not None and days:
            assert any(goods_on(provision.products, on) for on in days), provision.id


def goods_on(products: Products, on: date) -> int:
    """Return how many rows of the lists of some products stand on a day."""
    day = on.toordinal()
    return sum(
        start <= day < until or (until == OPEN and start <= day)
        for name in products.lists
        for start, until in zip(BOOK.lists[name].from_, BOOK.lists[name].until, strict=True)
    )


def test_acts_that_reach_back_are_known() -> None:
    back = defaultdict(set)
    for measure in BOOK.measures.values():
        for provision in measure.provisions:
            for value in provision.values:
                if BOOK.instruments[value.act].announced > value.from_:
                    back[value.act].add(measure.measure)
    assert set(back) == REACH_BACK


def test_every_value_names_an_act_with_its_place_in_print() -> None:
    for act in BOOK.instruments.values():
        assert act.cite.strip(), act.id
        assert act.title.strip(), act.id
        assert act.published is None or act.published >= FIRST or act.announced < FIRST, act.id
