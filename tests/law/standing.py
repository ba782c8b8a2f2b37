"""What stands under an authority for an origin on a day, read from provisions and timelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from advalorem.law.history import concerns, names_origin, says
from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook, Measure, Provision, Value
from advalorem.law.timeline import Span, timeline, value_on


@cache
def book() -> Lawbook:
    return load_lawbook()


@cache
def spans(measure: str, number: int, known: date) -> tuple[Span, ...]:
    law = book()
    return timeline(law.measures[measure].provisions[number].values, law.instruments, known)


@cache
def candidates(authority: str, origin: str) -> tuple[tuple[Measure, int], ...]:
    law = book()
    importer = law.authorities[authority].importer
    return tuple(
        (measure, number)
        for measure in law.measures.values()
        if measure.authority == authority and concerns(law, measure, importer, origin)
        for number, provision in enumerate(measure.provisions)
        if names_origin(law, provision.origins or ["all"], origin)
    )


def standing(
    authority: str, origin: str, on: date, known: date
) -> Iterator[tuple[Measure, Provision, Value]]:
    """Yield what stands for an origin on a day, in the order in which it is tried."""
    for measure, number in candidates(authority, origin):
        span = value_on(spans(measure.measure, number, known), on)
        if span is not None and span.value.ends is None:
            yield measure, measure.provisions[number], span.value


def ordinary(
    found: Iterable[tuple[Measure, Provision, Value]],
) -> Iterator[tuple[Measure, Provision, Value]]:
    """Yield what decides where nothing is claimed or stated: each list of goods has one."""
    taken: dict[str, set[str]] = {}
    for measure, provision, value in found:
        lists = set(provision.products.lists) if provision.products else {"all goods"}
        done = taken.setdefault(measure.measure, set())
        if provision.when or lists <= done or "all goods" in done:
            continue
        done |= lists
        yield measure, provision, value


def rates(
    authority: str, origin: str, heading: str, on: date, known: date | None = None
) -> set[str]:
    """Return what the provisions of a heading order for an origin on a day; empty: none stands."""
    return {
        says(provision, value) or ""
        for _, provision, value in standing(authority, origin, on, known or book().newest_act)
        if provision.heading == heading
    }
