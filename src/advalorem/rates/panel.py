"""The daily statutory panel: the duty on a standard shipment of every line from every origin.

Origins that nothing tells apart on any day form one class. A panel holds sheets of cells, one for
each law that some class has in some epoch; intervals of days come from following a class through
its sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.panel_span import Joined, Origins, Wanted, join, walk_spans
from advalorem.rates.panel_walk import GONE, Small
from advalorem.rates.readings import (
    COMPLIANCE,
    LAGS,
    WEIGHTS,
    Readings,
    check_readings,
    refuse_set,
)
from advalorem.rates.situations import NOMINAL
from advalorem.schedule.build import epochs_of
from advalorem.schedule.model import Int, Mask

Float = NDArray[np.float64]
OF_AVERAGES = (WEIGHTS, LAGS, COMPLIANCE)
"""Readings of averages, which do not enter the duty on one shipment."""


@dataclass(frozen=True, slots=True)
class Duty:
    """The different duties: additional duties by kind, ordinary duty, and what it lacks.

    `rate` has shape (kinds, 2 * authorities) as `panel_cells.additional` returns it, `flags` shape
    (kinds, 2): whether goods are banned, and whether a question is open. A duty is a kind of
    additional duties and an ordinary duty, a fraction of value; `lacking` marks ordinary duties
    for which a quantity or a printed rate is not held: they count less than is owed.
    """

    rate: Float
    flags: Mask
    kind: Int
    ordinary: Float
    lacking: Mask


@dataclass(frozen=True, slots=True)
class Changes:
    """Every change of one variant: line, epoch, and the number of the duty from then on.

    A duty of `GONE` says that the line has left the nomenclature. Arrays of shape (changes,).
    """

    line: Int
    epoch: Int
    duty: Small


@dataclass(frozen=True, slots=True)
class Sheet:
    """The number of the duty on every line under one law: of each pair, -1 for those left out.

    `pair` numbers by line what the law tells apart; the last of `duty` is `GONE`.
    """

    pair: Small
    duty: Small

    def by_line(self) -> Small:
        """Return the number of the duty on every line."""
        return self.duty[self.pair]


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel before it is written.

    `lines` are all codes of all epochs, ascending; `days` the first days of the epochs, the first
    of them the first day asked; `until` is the day after the last one asked, None where the panel
    ends with the law as known. `sheets` hold the numbers of the duties by line, and
    `place` the sheet of each class without and with its claims in each epoch, (epochs, classes, 2).
    """

    importer: str
    known_on: date
    readings: Readings
    lines: Int
    days: tuple[date, ...]
    until: date | None
    origins: Origins
    authorities: tuple[str, ...]
    ordinary: str
    duty: Duty
    sheets: tuple[Sheet, ...]
    place: Int
    rated: int


def build_panel(
    book: Lawbook,
    importer: str,
    readings: Readings | None = None,
    known_on: date | None = None,
    from_: date | None = None,
    until: date | None = None,
    countries: Sequence[str] | None = None,
    helper: Executor | None = None,
) -> Panel:
    """Return the panel of an importer.

    Parameters
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    readings : what a standard shipment is; the defaults if None. The claims are no part of it
    known_on : day up to which acts are known; the newest act coded if None
    from_, until : first and last day wanted; every day from the first one coded if None
    countries : ISO 2 codes of the origins wanted; all if None
    helper : walks the later days meanwhile, such as a pool of one process; the panel is the same

    Raises
    ------
    RatesError
        A reading has no such option, or the days or countries are not coded.
    CoverageError
        No law of the importer is coded.
    """
    chosen, known = readings or Readings(), known_on or book.newest_act
    check_readings(book, chosen)
    refuse_set(
        chosen, OF_AVERAGES, "the panel holds what the law charges, not what is paid or weighs"
    )
    starts, kept = _days(book, importer, known, from_, until)
    asked = None if countries is None else tuple(countries)
    wanted = Wanted(book, importer, known, chosen, asked, tuple(kept))
    walked = join(walk_spans(wanted, helper), asked)
    duty, sheets = _numbered(walked)
    return Panel(
        importer=importer,
        known_on=known,
        readings=chosen,
        lines=walked.lines,
        days=starts,
        until=None if until is None else date.fromordinal(until.toordinal() + 1),
        origins=walked.origins,
        authorities=walked.authorities,
        ordinary=book.columns[importer].authority,
        duty=duty,
        sheets=sheets,
        place=walked.place,
        rated=walked.rated,
    )


def _days(
    book: Lawbook, importer: str, known: date, from_: date | None, until: date | None
) -> tuple[tuple[date, ...], list[int]]:
    """Return the first day of every epoch that the days touch, and the epochs' numbers."""
    days = [date.fromordinal(int(day)) for day in epochs_of(book, importer, known).days]
    first = from_ or days[0]
    if first < days[0]:
        raise RatesError(
            f"from: {first} lies before {days[0]}, the first day coded; ask from there"
        )
    if until is not None and until < first:
        raise RatesError(f"until: {until} lies before {first}; give a later day")
    ends = [*days[1:], date.max]
    kept = [n for n, day in enumerate(days) if (not until or day <= until) and ends[n] > first]
    return tuple(max(days[number], first) for number in kept), kept


def _numbered(walked: Joined) -> tuple[Duty, tuple[Sheet, ...]]:
    """Return the different duties of all sheets, and the sheets with their numbers by pair."""
    different, place = np.unique(
        np.concatenate([one.owed for one in walked.apart]), return_inverse=True
    )
    ends = np.cumsum([len(one.owed) for one in walked.apart])
    owed = np.split(place, ends[:-1])
    size = len(different)
    used = np.zeros(len(walked.rate) * size, dtype=bool)
    codes = [
        cell[walked.apart[number].kind].astype(np.int64) * size + owed[number]
        for number, cell in walked.sheets
    ]
    for code in codes:
        used[code] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    sheets = tuple(
        Sheet(walked.apart[told].pair, np.append(number[code], np.int32(GONE)))
        for (told, _), code in zip(walked.sheets, codes, strict=True)
    )
    kind, at = np.divmod(np.flatnonzero(used), size)
    duty = different[at]
    return Duty(walked.rate, walked.flags, kind, duty // 2 / NOMINAL, duty % 2 > 0), sheets


def changes(panel: Panel, number: int, claimed: bool) -> Changes | None:
    """Return what changes for a class of origins, by line and epoch; None where nothing is rated.

    With `claimed`, of the lines on which a preference is open, at that preference.
    """
    place = panel.place[:, number, int(claimed)]
    epochs = np.flatnonzero(np.diff(place, prepend=-1))
    duty = np.stack([panel.sheets[sheet].by_line() for sheet in place[epochs]])
    new = np.empty(duty.shape, dtype=bool)
    new[0] = duty[0] != GONE
    np.not_equal(duty[1:], duty[:-1], out=new[1:])
    line, at = by_line(new)
    return Changes(line, epochs[at], duty[at, line]) if len(line) else None


def by_line(new: Mask) -> tuple[Int, Int]:
    """Return the columns and rows of the marks of a table, in the order of the columns.

    >>> by_line(np.array([[True, False], [True, True]]))
    (array([0, 0, 1]), array([0, 1, 1]))
    """
    column, row = np.divmod(np.flatnonzero(np.ascontiguousarray(new.T)), len(new))
    return column, row


def variants(panel: Panel) -> Iterator[tuple[int, bool, Changes]]:
    """Yield origin class, whether preferences are claimed, and changes of each variant."""
    for number in range(len(panel.origins.standing)):
        for claimed in (False, True):
            found = changes(panel, number, claimed)
            if found is not None:
                yield number, claimed, found
