"""Spans of days on which nothing changes for the origins asked: each is rated once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from advalorem.law.model import Lawbook
from advalorem.law.timeline import timeline
from advalorem.rates.cells import Cells, rate_cells
from advalorem.rates.errors import RatesError
from advalorem.rates.flows import Flows, load_flows
from advalorem.rates.readings import Readings
from advalorem.rates.situations import build_situations
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.epochs import lists_of
from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Ordinary, Schedule
from advalorem.schedule.ordinary import nomenclature_days
from advalorem.schedule.scope import origin_mask

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """Days `[from_, until)` with the same law for the origins asked, and their rated cells."""

    from_: date
    until: date
    cells: Cells


def build_segments(
    book: Lawbook,
    importer: str,
    origins: Sequence[str],
    from_: date,
    until: date,
    readings: Readings,
    known_on: date,
) -> tuple[Segment, ...]:
    """Return the segments that cover the days `[from_, until)`, in order.

    Raises
    ------
    RatesError
        The span is empty, or begins before the first day coded.
    """
    spans = epochs_of(book, importer, known_on)
    first, _ = spans.span(0)
    if until <= from_:
        raise RatesError(f"until: {until} does not lie after {from_}; give a later day")
    if from_ < first:
        raise RatesError(f"from: {from_} lies before {first}, the first day coded; ask from there")
    rater = _Rater(BookKey(book), importer, tuple(origins), known_on, _rated_by(readings))
    starts = [from_, *(day for day in _change_days(rater) if from_ < day < until)]
    found: list[Segment] = []
    for start, end in zip(starts, [*starts[1:], until], strict=True):
        cells = rater.cells(int(spans.number(np.array([start.toordinal()]))[0]))
        if found and found[-1].cells is cells:
            found[-1] = Segment(found[-1].from_, end, cells)
        else:
            found.append(Segment(start, end, cells))
    return tuple(found)


def _rated_by(readings: Readings) -> Readings:
    """Return the readings without the one that only weighs and does not rate."""
    from dataclasses import replace

    return replace(readings, usmca_share=Readings().usmca_share)


@dataclass(frozen=True)
class _Rater:
    """What the cells of an epoch depend on, besides its number."""

    key: BookKey
    importer: str
    origins: tuple[str, ...]
    known_on: date
    readings: Readings

    def cells(self, number: int) -> Cells:
        """Return the cells of an epoch, those of an earlier one where the law is the same."""
        schedule = epoch_schedule(self.key.book, self.importer, number, self.known_on)
        return _cells(self, Law(fingerprint(schedule, self.origins_numbers(schedule)), schedule))

    def origins_numbers(self, schedule: Schedule) -> tuple[int, ...]:
        """Return the numbers of the origins' countries in a schedule."""
        return tuple(schedule.country(name) for name in _flows(self).country)


@lru_cache(maxsize=8)
def _change_days(rater: _Rater) -> tuple[date, ...]:
    """Return the days, in order, on which the law may change for the origins asked."""
    book, known = rater.key.book, rater.known_on
    dated = [relation.values for relation in book.relations]
    dated += [claim.values for claim in book.claims.values()]
    lists: set[str] = set()
    for measure in book.measures.values():
        for provision in measure.provisions if measure.importer == rater.importer else []:
            named = provision.origins or measure.origins
            countries = _flows(rater).country
            if origin_mask(named, measure.except_origins, countries, book.groups).any():
                dated.append(provision.values)
                lists.update(lists_of(provision))
    spans = [span for values in dated for span in timeline(values, book.instruments, known)]
    days = {day for span in spans for day in (span.from_, span.until)}
    numbers = {day for name in lists for day in (*book.lists[name].from_, *book.lists[name].until)}
    days |= {date.fromordinal(number) for number in numbers}
    return tuple(sorted(days | nomenclature_days(rater.importer)))


class Law:
    """A schedule that hashes by its fingerprint, so that cells can be cached by it."""

    __slots__ = ("digest", "schedule")

    def __init__(self, digest: str, schedule: Schedule) -> None:
        self.digest = digest
        self.schedule = schedule

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Law) and other.digest == self.digest


@lru_cache(maxsize=8)
def _flows(rater: _Rater) -> Flows:
    return load_flows(rater.key.book, rater.importer, rater.origins, rater.readings.weights)


@lru_cache(maxsize=96)
def _cells(rater: _Rater, law: Law) -> Cells:
    return rate_cells(law.schedule, build_situations(law.schedule, _flows(rater), rater.readings))


def fingerprint(schedule: Schedule, countries: Sequence[int]) -> str:
    """Return a digest of all that a schedule says of goods of some countries.

    Two schedules with the same digest rate every shipment of these countries alike.
    """
    total = hashlib.blake2b(digest_size=16)
    total.update(schedule.lines.tobytes())
    for column in (schedule.general, schedule.column2, *(c.rates for c in schedule.claims)):
        _digest_column(total, column)
    numbers = list(countries)
    total.update(schedule.column2_origins[numbers].tobytes())
    for claim in schedule.claims:
        total.update(f"{claim.claim}{claim.in_force}{claim.origins[numbers].tolist()}".encode())
        total.update(claim.eligible.tobytes())
    kept = [rule.origins[numbers].any() for rule in schedule.rules]
    for rule, keep in zip(schedule.rules, kept, strict=True):
        if keep:
            name = f"{rule.measure.measure}/{rule.provision.id}/{rule.span.value}"
            total.update(f"{name}{rule.origins[numbers].tolist()}".encode())
            total.update(rule.products.tobytes())
    for relation in schedule.yields:
        total.update(f"{relation.relation.id}/{relation.span.value}".encode())
    return total.hexdigest()


def _digest_column(total: hashlib.blake2b, column: Ordinary) -> None:
    for array in (column.kind, column.rate, column.specific):
        total.update(array.tobytes())


def months_of(from_: date, until: date) -> Iterator[tuple[Month, int]]:
    """Yield each month that the days `[from_, until)` touch and how many of its days they hold.

    >>> list(months_of(date(2025, 1, 30), date(2025, 2, 3)))
    [((2025, 1), 2), ((2025, 2), 2)]
    """
    day = from_
    while day < until:
        after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(after, until)
        yield (day.year, day.month), (end - day).days
        day = end
