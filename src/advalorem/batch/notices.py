"""What the law says of many rows without computing it, and what it does not cover at all.

The rows of a file get what `advalorem.duty.background` tells of one shipment: notices (an import
prohibited by sanctions, a territory, an open question), and refusals of origins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advalorem.batch.columns import NOTICES
from advalorem.batch.vocabulary import Trouble
from advalorem.duty.background import names, notice_words, order_words
from advalorem.duty.ledger import INVALID
from advalorem.duty.shipments import MODES, Int, Mask, Shipments
from advalorem.law.errors import CoverageError
from advalorem.law.model import Lawbook, Measure, Provision
from advalorem.law.shelves import Notice
from advalorem.schedule.build import epoch_schedule
from advalorem.schedule.key import BookKey
from advalorem.schedule.scope import code_range

if TYPE_CHECKING:
    from advalorem.batch.charges import Rated
    from advalorem.batch.rater import Rater


def check_covered(book: Lawbook, importer: str, known_on: date) -> None:
    """Raise where nothing of an importer is coded, or was on the day of knowledge.

    Raises
    ------
    CoverageError
        As for one shipment.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> check_covered(load_lawbook(), "GB", date(2026, 1, 5))
    Traceback (most recent call last):
    advalorem.law.errors.CoverageError: importer: no law of 'GB' is coded; coded are CA, MX, US
    """
    first = [row.from_ for row in book.coverage if row.importer == importer]
    if not first:
        coded = ", ".join(sorted({row.importer for row in book.coverage}))
        raise CoverageError(f"importer: no law of {importer!r} is coded; coded are {coded}")
    if known_on < min(first):
        raise CoverageError(f"known_on: {known_on} lies before {min(first)}, the first day coded")


def refused_origins(book: Lawbook, importer: str) -> dict[int, Trouble]:
    """Return, by number of the country, why goods of an origin are not rated and what to do."""
    inside = [n for n in book.notices if n.kind == "inside" and n.importer == importer]
    mine = [row.origins for row in book.coverage if row.importer == importer]
    found = {}
    for number, country in enumerate(book.countries):
        for notice in inside:
            if country.iso2 in notice.origins:
                reason = f"{notice.title} ({notice.cite})"
                found[number] = Trouble("origin", reason, notice.note)
        if mine and not any(names(book, origins, country.iso2) for origins in mine):
            remedy = "rate it under the law of its own country of import"
            found[number] = Trouble("origin", f"is not coded for {importer}", remedy)
    return found


def units_named(rater: Rater) -> frozenset[str]:
    """Return the units that the newest schedule of an importer names."""
    schedule = epoch_schedule(rater.book, rater.importer, len(rater.days) - 1, rater.known_on)
    named = {*schedule.general.units, *(rule.unit for rule in schedule.rules)}
    return frozenset(unit for unit in named if unit)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of some rows: a title, the words as for one shipment, and the rows' numbers."""

    title: str
    words: str
    rows: Int


def notices_of(rater: Rater, rows: Shipments, place: Int, rated: Rated) -> list[Told]:
    """Return each notice and order that concerns some of the rows, with their numbers.

    Rows that cannot be rated have none. A notice on a measure concerns the rows that the measure
    charges, and none whose duty is not settled. `place` is that of the rater.
    """
    told = [*_notices(rater, rows), *_orders(rater, rows, place)]
    sound = [replace(each, rows=each.rows[rated.outcome[each.rows] != INVALID]) for each in told]
    return [each for each in sound if len(each.rows)]


def _notices(rater: Rater, rows: Shipments) -> Iterator[Told]:
    """Yield the notices of the importer as known."""
    book, key = rater.book, BookKey(rater.book)
    by_origin = np.flatnonzero(_some(key, rater.importer).take(rows.origin))
    for number, notice in enumerate(book.notices):
        if notice.importer != rater.importer or notice.said > rater.known_on:
            continue
        here = by_origin
        if notice.measure is not None:
            here = np.flatnonzero(_within(book.measures[notice.measure], rows))
        here = here[_named(key, number).take(rows.origin[here])]
        here = here[_stands(notice, rows.day[here], rows.code[here])]
        if notice.measure is not None and len(here):
            here = here[rater.due_under(rows.take(here), [notice.measure]) > 0]
        yield Told(notice.title, notice_words(notice), here)


def _orders(rater: Rater, rows: Shipments, place: Int) -> Iterator[Told]:
    """Yield the orders on dumping and subsidies that may cover some rows."""
    orders = [order for order in rater.book.orders if order.importer == rater.importer]
    if not orders:
        return
    origins = [country.iso2 for country in rater.book.countries]
    named = np.isin(np.arange(len(origins)), [origins.index(order.origin) for order in orders])
    under = _under_orders(BookKey(rater.book), rater.importer, rater.codes.tobytes())
    near = np.flatnonzero(named.take(rows.origin))
    near = near[(place[near] >= 0) & under.any(axis=0).take(place[near])]
    for order, covered in zip(orders, under, strict=True):
        here = near[covered.take(place[near])]
        here = here[rows.origin[here] == origins.index(order.origin)]
        if order.from_ is not None:
            here = here[rows.day[here] >= order.from_.toordinal()]
        if order.until is not None:
            here = here[rows.day[here] < order.until.toordinal()]
        yield Told(f"{order.kind} order {order.case_no}", order_words(order), here)


@lru_cache(maxsize=4)
def _under_orders(key: BookKey, importer: str, codes: bytes) -> Mask:
    """Return which codes of a universe lie under each order; shape (orders, codes)."""
    full = np.frombuffer(codes, dtype=np.int64) // 2
    found = []
    for order in key.book.orders:
        if order.importer == importer:
            ranges = [code_range(each) for each in order.codes]
            found.append(np.any([(full >= low) & (full < high) for low, high in ranges], axis=0))
    return np.array(found, dtype=bool)


def _stands(notice: Notice, day: Int, code: Int) -> Mask:
    """Return which days and codes lie under a notice."""
    hit = np.asarray(day >= notice.from_.toordinal())
    if notice.until is not None:
        hit &= day < notice.until.toordinal()
    if notice.codes:
        ranges = [code_range(each) for each in notice.codes]
        hit &= np.any([(code >= low) & (code < high) for low, high in ranges], axis=0)
    return hit


@lru_cache(maxsize=4)
def _some(key: BookKey, importer: str) -> Mask:
    """Return which countries some notice names that is not on a measure."""
    mine = [number for number, notice in enumerate(key.book.notices)
            if notice.importer == importer and notice.measure is None]  # fmt: skip
    nobody = np.zeros(len(key.book.countries), dtype=bool)
    return np.asarray(np.any([nobody, *(_named(key, number) for number in mine)], axis=0))


@lru_cache(maxsize=64)
def _named(key: BookKey, number: int) -> Mask:
    """Return which countries a notice of that number names."""
    notice = key.book.notices[number]
    named = [names(key.book, notice.origins, country.iso2) for country in key.book.countries]
    return np.array(named, dtype=bool)


def _within(measure: Measure, rows: Shipments) -> Mask:
    """Return which rows a measure can reach by mode and value, where all its provisions say so."""
    hit = np.zeros(len(rows), dtype=bool)
    for tests in {_bounds(provision) for provision in measure.provisions}:
        mine = np.ones(len(rows), dtype=bool)
        for modes, limit in tests:
            if modes:
                mine &= np.any([rows.mode == mode for mode in modes], axis=0)
            if limit is not None:
                mine &= rows.value <= limit
        hit |= mine
    return hit


def _bounds(provision: Provision) -> frozenset[tuple[tuple[int, ...], int | None]]:
    """Return the modes and the value in cents that each condition of a provision asks for."""
    return frozenset(
        (tuple(MODES.index(mode) for mode in test.mode or ()),
         None if test.value_at_most is None else int(test.value_at_most * 100))
        for test in provision.when
        if not test.negate
    )  # fmt: skip


def words_of(told: list[Told], size: int) -> pl.Series:
    """Return the titles of what is said of each row, joined by semicolons."""
    words = np.full(size, "", dtype=object)
    for each in told:
        for row in each.rows.tolist():
            words[row] = f"{words[row]}; {each.title}" if words[row] else each.title
    return pl.Series(NOTICES, words.tolist(), dtype=pl.String)
