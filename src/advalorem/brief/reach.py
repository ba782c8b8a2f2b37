"""What a provision needs to be reached: nothing, the answer to a question, or a special fact.

A provision that rests on a fact nobody states unasked, such as aluminium smelted in a certain
country, says nothing of the goods of a country in general.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum

import msgspec

from advalorem.law.history import MeasureOn, Standing, measure_on
from advalorem.law.model import Lawbook, Measure, Provision
from advalorem.law.timeline import timeline

DAY = timedelta(days=1)


class Reach(Enum):
    """How a provision is reached."""

    ALWAYS = "always"
    ASKED = "asked"
    SPECIAL = "special"


class InForce(msgspec.Struct, frozen=True):
    """Since when a measure charges goods of a country without a pause, and its last change."""

    since: date
    changed: date
    until: date | None


def reach_of(provision: Provision) -> Reach:
    """Return how a provision is reached.

    `ALWAYS` where no fact must be stated, `ASKED` where the law asks every such shipment,
    `SPECIAL` where only a shipment that states a fact, a heading or its way of transport gets
    there.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> steel = load_lawbook().measures["usa.s232.steel"].provisions
    >>> [reach_of(p).value for p in steel if p.id in ("zone_stampings", "stampings")]
    ['special', 'always']
    """
    special = any(
        (test.fact and test.unstated == "no")
        or test.mode
        or (test.heading_claimed and not test.negate)
        for test in provision.when
    )
    if special:
        return Reach.SPECIAL
    asked = any(test.fact and test.unstated == "ask" for test in provision.when)
    return Reach.ASKED if asked else Reach.ALWAYS


def charging(book: Lawbook, item: MeasureOn, reach: Reach) -> list[Standing]:
    """Return what charges of a measure on its day, of the provisions reached in one way."""
    ways = {p.id: reach_of(p) for p in book.measures[item.measure].provisions}
    return [s for s in item.provisions if s.bears and ways[s.provision] is reach]


def in_force_since(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str
) -> InForce | None:
    """Return since when a measure charges goods of an origin where no fact is stated.

    The first day is that since when some such provision stood on every day up to `on`; `changed`
    is the last day on which their rates changed. None where the measure does not charge so.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> book, day = load_lawbook(), date(2025, 9, 18)
    >>> steel = book.measures["usa.s232.steel"]
    >>> found = in_force_since(book, steel, day, book.newest_act, "CA")
    >>> str(found.since), str(found.changed), str(found.until)
    ('2025-03-12', '2025-06-04', '2026-04-06')
    """
    standing = _always(book, measure, on, known_on, origin)
    if not standing:
        return None
    since, changed, rates = on, None, _rates(standing)
    for start, found in _backwards(book, measure, on, known_on, origin):
        if not found:
            break
        if changed is None and _rates(found) != rates:
            changed = since
        since = start
    later = sorted(day for day in _days(book, measure, known_on) if on < day < date.max)
    ended = (day for day in later if not _always(book, measure, day, known_on, origin))
    return InForce(since, changed or since, next(ended, None))


def _backwards(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str
) -> Iterator[tuple[date, list[Standing]]]:
    """Yield the first days of the stretches up to a day, the latest first, with what charges."""
    for day in sorted(_days(book, measure, known_on), reverse=True):
        if day <= on:
            yield day, _always(book, measure, day, known_on, origin)


def _days(book: Lawbook, measure: Measure, known_on: date) -> set[date]:
    """Return the days on which a value of a measure begins or ends."""
    return {
        day
        for provision in measure.provisions
        for span in timeline(provision.values, book.instruments, known_on)
        for day in (span.from_, span.until)
    }


def _always(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str
) -> list[Standing]:
    return charging(book, measure_on(book, measure, on, known_on, origin), Reach.ALWAYS)


def _rates(found: list[Standing]) -> set[tuple[str, str]]:
    return {(standing.provision, standing.rate) for standing in found}
