"""The panel in spans of epochs, each walked by itself, one in another process where wanted.

What a span holds of origins and lines is its own; joining numbers them anew, so that the panel is
the same however it was divided.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.panel_keys import Key, country_keys
from advalorem.rates.panel_walk import GONE, Small, Walk
from advalorem.rates.readings import Readings
from advalorem.schedule.build import epoch_schedule
from advalorem.schedule.model import Int, Mask, Schedule

Float = NDArray[np.float64]
Done = TypeVar("Done")
OWN, PARTS = 5, 9
"""Of so many parts of the epochs this process walks so many; another one has to start first."""
MANY = 24
"""From so many epochs, or files, a helper is worth its start."""


@contextmanager
def helping_process() -> Iterator[Executor | None]:
    """Give a pool of one process that starts when it is first used; None on a single core.

    A script must be guarded by `if __name__ == "__main__"`, for the process reads it anew.
    """
    if len(os.sched_getaffinity(0)) < 2:
        yield None
        return
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_leave_interrupts) as pool:
        yield pool


def done_by(future: Future[Done], again: Callable[[], Done]) -> Done:
    """Return what a helper did; where it was lost, for want of memory say, do it here.

    >>> lost: Future[int] = Future()
    >>> lost.set_exception(BrokenExecutor())
    >>> done_by(lost, lambda: 1)
    1
    """
    try:
        return future.result()
    except BrokenExecutor:
        return again()


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@dataclass(frozen=True, slots=True)
class Origins:
    """Origin classes: the class of each country, and a country that stands for each class."""

    countries: tuple[str, ...]
    number: Int
    standing: Int

    def members(self, number: int) -> list[str]:
        """Return the countries of a class."""
        here = np.flatnonzero(self.number == number)
        return [self.countries[country] for country in here]


@dataclass(frozen=True, slots=True)
class Sides:
    """What tells countries apart: which acts name them, and what the tests of metals see.

    `acts` are the different masks over all countries of the law, in the order met; `metals` a
    number by country for each epoch; `known` the countries of the law.
    """

    known: tuple[str, ...]
    acts: tuple[Mask, ...]
    metals: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """Goods told apart: the pair of each line (-1 for none), kind and ordinary duty of each pair.

    `owed` is twice the ordinary duty in cents, and one more where something is lacking for it.
    """

    pair: Small
    kind: Int
    owed: Int


@dataclass(frozen=True, slots=True)
class Walked:
    """Some epochs after their walk.

    `sheets` pairs the number of an `apart` with the number in `rate` and `flags` of every kind;
    `place` holds the sheet of each class of origins without and with claims, (epochs, classes, 2).
    """

    lines: Int
    apart: tuple[Apart, ...]
    sheets: tuple[tuple[int, Small], ...]
    place: Int
    rate: Float
    flags: Mask
    authorities: tuple[str, ...]
    rated: int


@dataclass(frozen=True, slots=True)
class Span(Walked):
    """Epochs walked by one process, with what tells their origins apart and their own classes."""

    sides: Sides
    number: Int


@dataclass(frozen=True, slots=True)
class Joined(Walked):
    """Spans on common lines, classes and kinds, their sheets one after another."""

    origins: Origins


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is walked: an importer's law as known on a day, readings, origins, epochs."""

    book: Lawbook
    importer: str
    known_on: date
    readings: Readings
    countries: tuple[str, ...] | None
    epochs: tuple[int, ...]


def walk_spans(wanted: Wanted, helper: Executor | None = None) -> list[Span]:
    """Return the spans of the epochs wanted: one, or two of which the helper walks the later.

    Raises
    ------
    RatesError
        The law knows no such country.
    """
    if helper is None or len(wanted.epochs) < MANY:
        return [walk_span(wanted)]
    cut = len(wanted.epochs) * OWN // PARTS
    mine, theirs = (
        replace(wanted, epochs=part) for part in (wanted.epochs[:cut], wanted.epochs[cut:])
    )
    later = helper.submit(walk_span, theirs)
    return [walk_span(mine), done_by(later, lambda: walk_span(theirs))]


def walk_span(wanted: Wanted) -> Span:
    """Return some epochs after their walk."""
    schedules = [
        epoch_schedule(wanted.book, wanted.importer, number, wanted.known_on)
        for number in wanted.epochs
    ]
    sides = sides_of(schedules)
    origins = classes([sides], wanted.countries)
    lines = np.unique(np.concatenate([schedule.lines for schedule in schedules]))
    walk = Walk(lines, origins.standing, wanted.readings)
    for schedule in schedules:
        walk.step(schedule)
    told = {id(sheet.told): sheet.told for sheet in walk.sheets}
    numbers = {name: number for number, name in enumerate(told)}
    return Span(
        lines=lines,
        sides=sides,
        number=origins.number,
        apart=tuple(Apart(one.pair, one.kind, one.owed) for one in told.values()),
        sheets=tuple((numbers[id(sheet.told)], sheet.cell) for sheet in walk.sheets),
        place=np.array(walk.place),
        rate=np.array(walk.kinds.rate),
        flags=np.array(walk.kinds.flags),
        authorities=walk.authorities,
        rated=walk.rated,
    )


def sides_of(schedules: Sequence[Schedule]) -> Sides:
    """Return what some schedules tell countries apart by."""
    masks = {
        mask.tobytes(): mask
        for schedule in schedules
        for mask in (
            schedule.column2_origins,
            *(claim.origins for claim in schedule.claims),
            *(rule.origins for rule in schedule.rules),
        )
    }
    metals = tuple(country_keys(schedule) for schedule in schedules)
    return Sides(schedules[0].countries, tuple(masks.values()), metals)


def classes(spans: Sequence[Sides], countries: Sequence[str] | None = None) -> Origins:
    """Return classes of the countries that no provision, claim or column of any epoch tells apart.

    Raises
    ------
    RatesError
        The law knows no such country.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> sides = sides_of([build_schedule(load_lawbook(), "US", date(2025, 9, 18))])
    >>> found = classes([sides])
    >>> [found.members(number) for number in found.number[[found.countries.index("MX")]]]
    [['MX']]
    """
    known = spans[0].known
    wanted = list(known) if countries is None else sorted(set(countries), key=list(countries).index)
    for country in wanted:
        if country not in known:
            raise RatesError(f"origins: {country!r} is no country of the law; write an ISO 2 code")
    here = np.array([known.index(country) for country in wanted])
    masks = {mask.tobytes(): mask for sides in spans for mask in sides.acts}
    metals = [numbers for sides in spans for numbers in sides.metals]
    table = np.vstack([*(mask.astype(np.uint64) for mask in masks.values()), *metals])[:, here]
    _, first, number = np.unique(table, axis=1, return_index=True, return_inverse=True)
    return Origins(tuple(wanted), number.ravel(), here[first])


def join(spans: Sequence[Span], countries: Sequence[str] | None) -> Joined:
    """Return spans of epochs that follow each other as one."""
    origins = classes([span.sides for span in spans], countries)
    lines = np.unique(np.concatenate([span.lines for span in spans]))
    member = np.unique(origins.number, return_index=True)[1]
    kinds: dict[bytes, int] = {}
    rates, flags, places = [], [], []
    aparts: list[Apart] = []
    sheets: list[tuple[int, Small]] = []
    for span in spans:
        cells = _numbers(span, kinds)
        rates.append(span.rate[cells[0]])
        flags.append(span.flags[cells[0]])
        places.append(span.place[:, span.number[member]] + len(sheets))
        sheets += [(number + len(aparts), cells[1][cell]) for number, cell in span.sheets]
        aparts += [_on(one, span.lines, lines) for one in span.apart]
    return Joined(
        lines=lines,
        origins=origins,
        apart=tuple(aparts),
        sheets=tuple(sheets),
        place=np.concatenate(places),
        rate=np.concatenate(rates),
        flags=np.concatenate(flags),
        authorities=spans[0].authorities,
        rated=sum(span.rated for span in spans),
    )


def _numbers(span: Span, kinds: dict[bytes, int]) -> tuple[Int, Small]:
    """Return the kinds of a span that are new, and the number of each among all; takes them in."""
    new, number = [], np.zeros(len(span.rate), dtype=np.int32)
    for at, (rate, flags) in enumerate(zip(span.rate, span.flags, strict=True)):
        name = rate.tobytes() + flags.tobytes()
        if name not in kinds:
            kinds[name] = len(kinds)
            new.append(at)
        number[at] = kinds[name]
    return np.array(new, dtype=np.int64), number


def _on(one: Apart, own: Int, lines: Int) -> Apart:
    """Return goods told apart with the lines of all spans."""
    if len(own) == len(lines):
        return one
    pair = np.full(len(lines), GONE, dtype=np.int32)
    pair[np.searchsorted(lines, own)] = one.pair
    return Apart(pair, one.kind, one.owed)
