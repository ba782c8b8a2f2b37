"""Product lists against the schedule editions of their days: retired, unknown, too short codes.

A code of a list is meant to stand on every day on which its row is in force, from the first day
coded to the newest edition held. What does not is reported here, and does not stop anything: such a
code simply names no goods on those days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import CodeList, Lawbook
from advalorem.schedule.nomenclature import Nomenclature, load_nomenclature
from advalorem.schedule.scope import code_range

LINE_DIGITS = 8
Days = NDArray[np.int64]


class ListFinding(msgspec.Struct, frozen=True):
    """A code of a product list that the schedule of its day does not hold as a line.

    `kind`: `unknown`, in no edition held; `retired`, without a line from the day `on`, though its
    row is in force; `short`, a heading or subheading of fewer than eight digits. `doubts` are those
    that the list's source states.
    """

    importer: str
    list: str
    code: str
    kind: Literal["unknown", "retired", "short"]
    on: date | None
    measures: tuple[str, ...]
    doubts: tuple[str, ...]


def list_findings(book: Lawbook) -> tuple[ListFinding, ...]:
    """Return what the schedules say against the codes of the product lists.

    Importers without a packaged nomenclature are left out.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> found = list_findings(load_lawbook())
    >>> sorted({finding.kind for finding in found})
    ['short', 'unknown']
    """
    found: list[ListFinding] = []
    for name, importer, measures in _used(book):
        lines = _nomenclature(importer)
        if lines is not None:
            first = min(row.from_ for row in book.coverage if row.importer == importer)
            newest = book.columns[importer].newest_edition or date.max
            doubts = tuple(book.list_sources[name].doubts)
            for code, kind, on in _findings(book.lists[name], lines, first, newest):
                found.append(ListFinding(importer, name, code, kind, on, measures, doubts))
    return tuple(found)


def _used(book: Lawbook) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each list with the importer and the measures that use it."""
    users: dict[tuple[str, str], dict[str, None]] = {}
    for measure in book.measures.values():
        scopes = [p.products for p in measure.provisions] + [t.products for t in measure.threats]
        for scope in scopes:
            for name in [*scope.lists, *scope.except_lists] if scope else []:
                users.setdefault((name, measure.importer), {})[measure.measure] = None
    for (name, importer), measures in sorted(users.items()):
        yield name, importer, tuple(measures)


def _nomenclature(importer: str) -> Nomenclature | None:
    try:
        return load_nomenclature(importer)
    except FileNotFoundError:
        return None


def _findings(
    codes: CodeList, lines: Nomenclature, first: date, newest: date
) -> Iterator[tuple[str, Literal["unknown", "retired", "short"], date | None]]:
    width = int(lines.digits.max())
    for text, start, until in zip(codes.code, codes.from_, codes.until, strict=True):
        code = text[:width]
        if len(code) < LINE_DIGITS:
            yield text, "short", None
        under = slice(*np.searchsorted(lines.hts, code_range(code)).tolist())
        if under.start == under.stop:
            yield text, "unknown", None
            continue
        begin, end = max(start, first.toordinal()), min(until, newest.toordinal())
        day = _day_without(lines.valid_from[under], lines.valid_until[under], begin, end)
        if day is not None:
            yield text, "retired", date.fromordinal(day)


def _day_without(starts: Days, ends: Days, day: int, until: int) -> int | None:
    """Return the first day in `[day, until)` on which none of the spans stands."""
    while day < until:
        live = ends[(starts <= day) & (day < ends)]
        if not len(live):
            return day
        day = int(live.max())
    return None
