"""Legal epochs: the spans of days on which nothing in an importer's law changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import OPEN, CodeList, Lawbook, Measure, Provision
from advalorem.law.timeline import Span, timeline
from advalorem.schedule.key import BookKey
from advalorem.schedule.ordinary import nomenclature_days


@dataclass(frozen=True, slots=True)
class Epochs:
    """Days on which the law changes, as ascending ordinals; epoch i is `[days[i], days[i+1])`."""

    days: NDArray[np.int64]

    def number(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the epoch number of each day."""
        return np.searchsorted(self.days, ordinals, side="right") - 1

    def span(self, number: int) -> tuple[date, date]:
        """Return the first day of an epoch and the first day after it."""
        last = number + 1 >= len(self.days)
        until = date.max if last else date.fromordinal(int(self.days[number + 1]))
        return date.fromordinal(int(self.days[number])), until


@lru_cache(maxsize=16)
def epochs(key: BookKey, importer: str, known_on: date) -> Epochs:
    """Return the epochs of an importer's law as known on a day, from the first coded day."""
    law = key.book
    first = min(c.from_ for c in law.coverage if c.importer == importer)
    days = {first, *(d for d in _change_days(law, importer, known_on) if d > first)}
    return Epochs(np.array(sorted(day.toordinal() for day in days), dtype=np.int64))


def _change_days(law: Lawbook, importer: str, known_on: date) -> Iterator[date]:
    yield from nomenclature_days(importer)
    mine = [m for m in law.measures.values() if m.importer == importer]
    for measure in mine:
        yield from _measure_days(law, measure, known_on)
    for relation in law.relations:
        yield from _span_days(timeline(relation.values, law.instruments, known_on))
    for claim in law.claims.values():
        yield from _span_days(timeline(claim.values, law.instruments, known_on))
    for column in law.columns.values():
        if column.importer == importer:
            yield from filter(None, [column.newest_edition])
            yield from _span_days(timeline(column.column2, law.instruments, known_on))
    for name in {name for m in mine for p in m.provisions for name in lists_of(p)}:
        yield from _list_days(law.lists[name])


def lists_of(provision: Provision) -> list[str]:
    """Return the names of the product lists a provision uses."""
    products = provision.products
    return [*products.lists, *products.except_lists] if products else []


def _measure_days(law: Lawbook, measure: Measure, known_on: date) -> Iterator[date]:
    for provision in measure.provisions:
        yield from _span_days(timeline(provision.values, law.instruments, known_on))


def _span_days(spans: Iterable[Span]) -> Iterator[date]:
    for span in spans:
        yield span.from_
        if span.until < date.max:
            yield span.until


def _list_days(code_list: CodeList) -> Iterator[date]:
    for day in {*code_list.from_, *code_list.until} - {OPEN}:
        yield date.fromordinal(day)
