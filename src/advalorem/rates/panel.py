"""The daily statutory panel: the duty on a standard shipment of every line from every origin.

Origins that nothing tells apart on any day form one class. A panel holds sheets of cells, one for
each law that some class has in some epoch; intervals of days come from following a class through
its sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.panel_keys import country_keys
from advalorem.rates.panel_walk import GONE, Small, Walk
from advalorem.rates.readings import (
    COMPLIANCE,
    LAGS,
    WEIGHTS,
    Readings,
    check_readings,
    refuse_set,
)
from advalorem.rates.situations import NOMINAL
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import Int, Mask, Schedule

Float = NDArray[np.float64]
OF_AVERAGES = (WEIGHTS, LAGS, COMPLIANCE)
"""Readings of averages, which do not enter the duty on one shipment."""


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
    schedules = [epoch_schedule(book, importer, number, known) for number in kept]
    origins = origin_classes(schedules, countries)
    lines = np.unique(np.concatenate([schedule.lines for schedule in schedules]))
    walk = Walk(lines, origins.standing, chosen)
    for schedule in schedules:
        walk.step(schedule)
    first = schedules[0]
    duty, sheets = _numbered(walk)
    return Panel(
        importer=importer,
        known_on=known,
        readings=chosen,
        lines=lines,
        days=starts,
        until=None if until is None else date.fromordinal(until.toordinal() + 1),
        origins=origins,
        authorities=walk.authorities,
        ordinary=book.columns[first.importer].authority,
        duty=duty,
        sheets=sheets,
        place=np.array(walk.place),
        rated=walk.rated,
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


def origin_classes(
    schedules: Sequence[Schedule], countries: Sequence[str] | None = None
) -> Origins:
    """Return classes of the countries that no provision, claim or column of any epoch tells apart.

    Raises
    ------
    RatesError
        The law knows no such country.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> found = origin_classes([build_schedule(load_lawbook(), "US", date(2025, 9, 18))])
    >>> [found.members(number) for number in found.number[[found.countries.index("MX")]]]
    [['MX']]
    """
    masks = {
        mask.tobytes(): mask
        for schedule in schedules
        for mask in (
            schedule.column2_origins,
            *(claim.origins for claim in schedule.claims),
            *(rule.origins for rule in schedule.rules),
        )
    }
    known = schedules[0].countries
    wanted = list(known) if countries is None else sorted(set(countries), key=list(countries).index)
    for country in wanted:
        if country not in known:
            raise RatesError(f"origins: {country!r} is no country of the law; write an ISO 2 code")
    here = np.array([known.index(country) for country in wanted])
    metal = [country_keys(schedule) for schedule in schedules]
    table = np.vstack([*(mask.astype(np.uint64) for mask in masks.values()), *metal])[:, here]
    _, first, number = np.unique(table, axis=1, return_index=True, return_inverse=True)
    return Origins(tuple(wanted), number.ravel(), here[first])


def _numbered(walk: Walk) -> tuple[Duty, tuple[Sheet, ...]]:
    """Return the different duties of all sheets, and the sheets with their numbers by pair."""
    told = {id(sheet.told): sheet.told for sheet in walk.sheets}
    different, place = np.unique(
        np.concatenate([one.owed for one in told.values()]), return_inverse=True
    )
    ends = np.cumsum([len(one.owed) for one in told.values()])
    owed = dict(zip(told, np.split(place, ends[:-1]), strict=True))
    size = len(different)
    used = np.zeros(len(walk.kinds.rate) * size, dtype=bool)
    codes = [
        sheet.cell[sheet.told.kind].astype(np.int64) * size + owed[id(sheet.told)]
        for sheet in walk.sheets
    ]
    for code in codes:
        used[code] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    sheets = tuple(
        Sheet(sheet.told.pair, np.append(number[code], np.int32(GONE)))
        for sheet, code in zip(walk.sheets, codes, strict=True)
    )
    kind, at = np.divmod(np.flatnonzero(used), size)
    duty = different[at]
    rates, flags = np.array(walk.kinds.rate), np.array(walk.kinds.flags)
    return Duty(rates, flags, kind, duty // 2 / NOMINAL, duty % 2 > 0), sheets


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
    line, at = np.nonzero(new.T)
    return Changes(line, epochs[at], duty[at, line]) if len(line) else None


def variants(panel: Panel) -> Iterator[tuple[int, bool, Changes]]:
    """Yield origin class, whether preferences are claimed, and changes of each variant."""
    for number in range(len(panel.origins.standing)):
        for claimed in (False, True):
            found = changes(panel, number, claimed)
            if found is not None:
                yield number, claimed, found
