"""What the law says of many rows without computing it, and what it does not cover at all.

The rows of a file get what `advalorem.duty.background` tells of one shipment: notices (an import
prohibited by sanctions, a territory, an open question), and refusals of origins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advalorem.batch.columns import NOTICES
from advalorem.batch.vocabulary import Trouble
from advalorem.duty.background import names
from advalorem.duty.ledger import INVALID
from advalorem.duty.shipments import MODES, Int, Mask, Shipments
from advalorem.law.errors import CoverageError
from advalorem.law.model import Lawbook, Measure
from advalorem.law.shelves import Notice
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


def notices_of(rater: Rater, rows: Shipments, rated: Rated) -> list[tuple[Notice, Int]]:
    """Return each notice that concerns some of the rows, with their numbers.

    Rows that cannot be rated have none. A notice on a measure concerns the rows that the measure
    charges, and none whose duty is not settled.
    """
    found = []
    for notice in rater.book.notices:
        if notice.importer != rater.importer or notice.said > rater.known_on:
            continue
        here = np.flatnonzero(_concerned(rater.book, notice, rows) & (rated.outcome != INVALID))
        if notice.measure is not None and len(here):
            here = here[_within(rater.book.measures[notice.measure], rows.take(here))]
            here = here[rater.due_under(rows.take(here), [notice.measure]) > 0]
        if len(here):
            found.append((notice, here))
    return found


def _concerned(book: Lawbook, notice: Notice, rows: Shipments) -> Mask:
    """Return which rows lie under a notice by origin, day and code."""
    hit = _named(BookKey(book), book.notices.index(notice)).take(rows.origin)
    if not hit.any():
        return hit
    hit &= rows.day >= notice.from_.toordinal()
    if notice.until is not None:
        hit &= rows.day < notice.until.toordinal()
    if notice.codes:
        under = np.zeros(len(rows), dtype=bool)
        for low, high in map(code_range, notice.codes):
            under |= (rows.code >= low) & (rows.code < high)
        hit &= under
    return hit


@lru_cache(maxsize=64)
def _named(key: BookKey, number: int) -> Mask:
    """Return which countries a notice of that number names."""
    notice = key.book.notices[number]
    named = [names(key.book, notice.origins, country.iso2) for country in key.book.countries]
    return np.array(named, dtype=bool)


def _within(measure: Measure, rows: Shipments) -> Mask:
    """Return which rows a measure can reach by mode and value, where all its provisions say so."""
    hit = np.zeros(len(rows), dtype=bool)
    for provision in measure.provisions:
        mine = np.ones(len(rows), dtype=bool)
        for test in provision.when:
            if test.mode is not None and not test.negate:
                mine &= np.isin(rows.mode, [MODES.index(mode) for mode in test.mode])
            if test.value_at_most is not None and not test.negate:
                mine &= rows.value <= int(test.value_at_most * 100)
        hit |= mine
    return hit


def words_of(found: list[tuple[Notice, Int]], size: int) -> pl.Series:
    """Return the titles of the notices of each row, joined by semicolons."""
    words = np.full(size, "", dtype=object)
    for notice, here in found:
        for row in here.tolist():
            words[row] = f"{words[row]}; {notice.title}" if words[row] else notice.title
    return pl.Series(NOTICES, words.tolist(), dtype=pl.String)


def counted(found: list[tuple[Notice, Int]]) -> Iterator[tuple[str, int]]:
    """Yield the words of each notice, as for one shipment, and how many rows it concerns."""
    for notice, here in found:
        yield f"{notice.title} ({notice.cite}): {notice.note}", len(here)
