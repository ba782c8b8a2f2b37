"""The daily statutory panel: the duty on a standard shipment of every line from every origin.

Origins that nothing tells apart on any day form one class. A cell is rated anew only where
something that can reach it has changed, and cells alike in all that the law reads are rated once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.ledger import APPLIED
from advalorem.duty.numbers import MILLION
from advalorem.law.model import Lawbook
from advalorem.rates.cells import Cells, rate_cells
from advalorem.rates.errors import RatesError
from advalorem.rates.panel_inputs import Duties, Inputs, Standing, changed_lines, standing
from advalorem.rates.panel_keys import (
    EpochKeys,
    Key,
    OriginKeys,
    country_keys,
    epoch_keys,
    law_name,
    origin_keys,
    variant_keys,
)
from advalorem.rates.placing import EXACT, Placed
from advalorem.rates.readings import Readings, check_readings
from advalorem.rates.situations import NOMINAL, Situations
from advalorem.rates.standard import Standard, standard_goods
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import Int, Mask, Schedule

Float = NDArray[np.float64]
Small = NDArray[np.signedinteger[Any]]
GONE, UP_TO_TOTAL = -1, "up_to_total"
"""Cell of a line that is not, or no longer, in the nomenclature; the form of a top-up."""
CHUNK = 25_000
"""Most shipments rated at a time: what bounds the memory."""
FLAGS = ("prohibited", "open")
LACKING = "lacks_rate"


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
class Changes:
    """Every change of one variant: line, epoch, cell from then on, ordinary duty as a fraction.

    `lacking` marks ordinary duties for which a quantity or a printed rate is not held: they count
    less than is owed.

    A cell of `GONE` says that the line has left the nomenclature. Arrays of shape (changes,).
    """

    line: Small
    epoch: Small
    cell: Small
    ordinary: Float
    lacking: Mask


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel before it is written: variants, changes and the rates of cells.

    `lines` are all codes of all epochs, ascending; `days` the first days of the epochs. `rate` has
    shape (cells, 2 * authorities) as `additional` returns it; `flags` has shape (cells, 2) as named
    in `FLAGS`. `changes[class][claimed]` is None where no claim is open.
    """

    importer: str
    known_on: date
    lines: Int
    days: tuple[date, ...]
    origins: Origins
    authorities: tuple[str, ...]
    ordinary: str
    rate: Float
    flags: Mask
    changes: tuple[tuple[Changes, Changes | None], ...]
    rated: int


def build_panel(
    book: Lawbook,
    importer: str,
    readings: Readings | None = None,
    known_on: date | None = None,
    until: date | None = None,
) -> Panel:
    """Return the panel of an importer from the first day coded.

    Parameters
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    readings : what a standard shipment is; the defaults if None. The claims are no part of it
    known_on : day up to which acts are known; the newest act coded if None
    until : last day wanted; epochs that begin after it are left out

    Raises
    ------
    RatesError
        A reading has no such option.
    CoverageError
        No law of the importer is coded.
    """
    chosen, known = readings or Readings(), known_on or book.newest_act
    check_readings(book, chosen)
    spans = epochs_of(book, importer, known)
    days = [date.fromordinal(int(day)) for day in spans.days]
    kept = [number for number, day in enumerate(days) if until is None or day <= until]
    schedules = [epoch_schedule(book, importer, number, known) for number in kept]
    origins = origin_classes(schedules)
    walk = _Walk(schedules, origins, chosen)
    for number in kept:
        walk.step(number)
    return walk.panel(known, tuple(days[number] for number in kept))


def origin_classes(schedules: list[Schedule]) -> Origins:
    """Return classes of the countries that no provision, claim or column of any epoch tells apart.

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
    metal = [country_keys(schedule) for schedule in schedules]
    table = np.vstack([*(mask.astype(np.uint64) for mask in masks.values()), *metal])
    _, first, number = np.unique(table, axis=1, return_index=True, return_inverse=True)
    return Origins(schedules[0].countries, number.ravel(), first)


class _Laws:
    """Keys of one epoch, worked out once for the variants that share law, inputs and lines."""

    def __init__(self, keys: EpochKeys) -> None:
        self.keys = keys
        self.names: dict[int, bytes] = {}
        self.laws: dict[bytes, OriginKeys] = {}
        self.held: dict[tuple[int, int, int, int], Key] = {}

    def of(self, origin: int, row: Int, inputs: Inputs) -> Key:
        """Return the keys of some lines for an origin."""
        if origin not in self.names:
            self.names[origin] = law_name(self.keys, origin)
        called, country = self.names[origin], self.keys.country[origin]
        if called not in self.laws:
            self.laws[called] = origin_keys(self.keys, origin)
        law = self.laws[called]
        name = (law.number, inputs.number, int(country), hash(row.tobytes()))
        if name not in self.held:
            self.held[name] = variant_keys(
                self.keys, law, country, row, inputs.claim[row], inputs.names, inputs.rate[row]
            )
        return self.held[name]


class _Walk:
    """Follows the variants from epoch to epoch; holds the state of the last one."""

    def __init__(self, schedules: list[Schedule], origins: Origins, readings: Readings) -> None:
        self.schedules, self.origins, self.readings = schedules, origins, readings
        self.lines = np.unique(np.concatenate([schedule.lines for schedule in schedules]))
        count = 2 * len(origins.standing)
        shape = (count, len(self.lines))
        self.key = np.zeros(shape, dtype=np.uint64)
        self.cell = np.full(shape, GONE, dtype=np.int32)
        self.owed = np.full(shape, GONE, dtype=np.int64)
        self.inputs: list[int] = [0] * count
        self.found: list[list[tuple[Small, Small, Small, Int]]] = [[] for _ in range(count)]
        self.known_keys = np.zeros(0, dtype=np.uint64)
        self.known_cells = np.zeros(0, dtype=np.int32)
        self.cells = _Kinds()
        self.inputs_held: dict[bytes, Inputs] = {}
        self.authorities: tuple[str, ...] = ()
        self.rated = 0
        self.before: Standing | None = None

    def step(self, number: int) -> None:
        """Take in one epoch."""
        schedule = self.schedules[number]
        goods = standard_goods(schedule, self.readings)
        keys = epoch_keys(schedule, goods)
        now = standing(schedule, keys, self.lines, self.origins.standing)
        touched = changed_lines(self.before, now)
        duties = Duties(schedule, goods, self.inputs_held)
        laws = _Laws(keys)
        waiting: list[_Change] = []
        for origin_class, origin in enumerate(self.origins.standing.tolist()):
            for claimed in (False, True):
                variant = 2 * origin_class + claimed
                inputs = duties.of(origin, claimed)
                here = touched[origin_class]
                if self.inputs[variant] != inputs.number:
                    here = self._other_inputs(variant, here, inputs, now)
                    self.inputs[variant] = inputs.number
                if here.any():
                    waiting.append(self._changed(variant, origin, here, laws, inputs, now))
        self._settle(number, schedule, goods, waiting)
        self.before = now

    def _other_inputs(self, variant: int, here: Mask, inputs: Inputs, now: Standing) -> Mask:
        """Return the lines touched, with those whose ordinary duty or claim is another."""
        held = now.row >= 0
        open_ = np.zeros(len(held), dtype=bool)
        open_[held] = inputs.open_[now.row[held]]
        owed = np.full(len(held), GONE)
        owed[open_] = inputs.owed[now.row[open_]]
        return np.asarray(here | (owed != self.owed[variant]))

    def _changed(
        self, variant: int, origin: int, here: Mask, laws: _Laws, inputs: Inputs, now: Standing
    ) -> _Change:
        """Return the lines of a variant whose key or ordinary duty changed, and note them."""
        at = np.flatnonzero(here)
        row = now.row[at]
        kept = (row >= 0) & inputs.open_[row]
        gone = at[~kept & (self.cell[variant, at] != GONE)]
        self.owed[variant, gone] = GONE
        at, row = at[kept], row[kept]
        owed, claim = inputs.owed[row], inputs.claim[row]
        key = laws.of(origin, row, inputs)
        moved = (
            (self.key[variant, at] != key)
            | (self.owed[variant, at] != owed)
            | (self.cell[variant, at] == GONE)
        )
        at, row, key = at[moved], row[moved], key[moved]
        self.key[variant, at], self.owed[variant, at] = key, owed[moved]
        return _Change(variant, origin, at, row, key, claim[moved], gone)

    def _settle(
        self, number: int, schedule: Schedule, goods: Standard, waiting: list[_Change]
    ) -> None:
        """Rate what is new and write down the changes of the epoch."""
        if not waiting:
            return
        every = np.concatenate([change.key for change in waiting])
        first = pl.Series(every).arg_unique().to_numpy()
        new = first[~_among(every[first], self.known_keys)]
        if len(new):
            self._rate(schedule, goods, waiting, every[new], new)
        for change in waiting:
            cell = self.known_cells[np.searchsorted(self.known_keys, change.key)]
            self.cell[change.variant, change.line] = cell
            owed = self.owed[change.variant, change.line]
            self.cell[change.variant, change.gone] = GONE
            if not len(change.line) + len(change.gone):
                continue
            line = np.concatenate([change.line, change.gone]).astype(np.int32)
            cells = np.concatenate([cell, np.full(len(change.gone), GONE, dtype=np.int32)])
            duty = np.concatenate([owed, np.zeros(len(change.gone), dtype=np.int64)])
            epoch = np.full(len(line), number, dtype=np.int16)
            self.found[change.variant].append((line, epoch, cells, duty))

    def _rate(
        self, schedule: Schedule, goods: Standard, waiting: list[_Change], keys: Key, at: Int
    ) -> None:
        """Rate one shipment for each new key and remember its cell."""
        line = np.concatenate([change.row for change in waiting])[at]
        claim = np.concatenate([change.claim for change in waiting])[at]
        origin = np.concatenate([np.full(len(c.row), c.origin) for c in waiting])[at]
        self.authorities = self.authorities or tuple(sorted(schedule.book.authorities))
        found: list[NDArray[np.int32]] = []
        for start in range(0, len(at), CHUNK):
            some = slice(start, start + CHUNK)
            cells = rate_standard(
                schedule, goods, line[some], origin[some], claim[some], self.readings
            )
            found.append(self.cells.add(cells, self.authorities))
        numbers = np.concatenate(found)
        self.rated += len(at)
        keys, numbers = (
            np.concatenate([self.known_keys, keys]),
            np.concatenate([self.known_cells, numbers]),
        )
        order = np.argsort(keys)
        self.known_keys, self.known_cells = keys[order], numbers[order]

    def panel(self, known_on: date, days: tuple[date, ...]) -> Panel:
        """Return the panel of all epochs taken in."""
        first = self.schedules[0]
        ordinary = first.book.columns[first.importer].authority
        del self.key, self.cell, self.owed
        pairs = [
            (self._joined(2 * n), self._joined(2 * n + 1))
            for n in range(len(self.origins.standing))
        ]
        return Panel(
            importer=first.importer,
            known_on=known_on,
            lines=self.lines,
            days=days,
            origins=self.origins,
            authorities=self.authorities,
            ordinary=ordinary,
            rate=np.array(self.cells.rate),
            flags=np.array(self.cells.flags),
            changes=tuple((none, claimed) for none, claimed in pairs if none is not None),
            rated=self.rated,
        )

    def _joined(self, variant: int) -> Changes | None:
        """Return the changes of a variant by line and epoch, without those of no effect."""
        if not self.found[variant]:
            return None
        line, epoch, cell, duty = (
            np.concatenate(part) for part in zip(*self.found[variant], strict=True)
        )
        self.found[variant] = []
        order = np.argsort(line, kind="stable")
        line, epoch, cell, duty = line[order], epoch[order], cell[order], duty[order]
        same = np.zeros(len(line), dtype=bool)
        same[1:] = (line[1:] == line[:-1]) & (cell[1:] == cell[:-1]) & (duty[1:] == duty[:-1])
        kept = ~same
        return Changes(
            line[kept], epoch[kept], cell[kept], duty[kept] // 2 / NOMINAL, duty[kept] % 2 > 0
        )


def _among(keys: Key, known: Key) -> Mask:
    """Return which keys are among the known ones, which ascend."""
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(known[at] == keys)


class _Kinds:
    """The different duties met so far, numbered as they come."""

    def __init__(self) -> None:
        self.number: dict[bytes, int] = {}
        self.rate: list[Float] = []
        self.flags: list[Mask] = []

    def add(self, cells: Cells, authorities: Sequence[str]) -> NDArray[np.int32]:
        """Return the kind of each cell, taking in those that are new."""
        rate = additional(cells, authorities)
        flags = np.stack([cells.banned, cells.open_], axis=1)
        weights = np.sqrt(np.arange(2.0, rate.shape[1] + 2.0))
        whole = rate @ weights + flags @ np.array([101.0, 211.0])
        first = pl.Series(whole).arg_unique().to_numpy()
        known = [self._number(rate[at], flags[at]) for at in first]
        order = np.argsort(whole[first])
        place = order[np.searchsorted(whole[first], whole, sorter=order)]
        return np.asarray(np.array(known, dtype=np.int32)[place])

    def _number(self, rate: Float, flags: Mask) -> int:
        key = rate.tobytes() + flags.tobytes()
        if key not in self.number:
            self.number[key] = len(self.number)
            self.rate.append(rate)
            self.flags.append(flags)
        return self.number[key]


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines of a variant that changed: number among all lines, row in the schedule, key, claim."""

    variant: int
    origin: int
    line: Int
    row: Int
    key: Key
    claim: Int
    gone: Int


def additional(cells: Cells, authorities: Sequence[str]) -> Float:
    """Return additional duties by cell; shape (cells, 2 * authorities).

    The first half are duties as fractions of value, the second half totals up to which ordinary
    duty is topped up: a good owes what they exceed its ordinary duty by. What is left of a ban or
    of a price is charged as the ledger has it.

    Raises
    ------
    RatesError
        Two measures of one authority top the same goods up to a total.
    """
    ledger, width = cells.ledger, len(authorities)
    label = [
        -1 if layer.rule is None else authorities.index(layer.rule.measure.authority)
        for layer in ledger.layers
    ]
    tops = [layer.rule is not None and layer.rule.form == UP_TO_TOTAL for layer in ledger.layers]
    column, top = np.array(label)[ledger.layer], np.array(tops)[ledger.layer]
    here = (column >= 0) & (ledger.reason == APPLIED)
    whole = top & here
    place = ledger.row * 2 * width + column + np.where(top, width, 0)
    if len(np.unique(place[whole])) < whole.sum():
        raise RatesError("two measures of one authority top one shipment up to a total")
    amount = np.where(top, ledger.base * (ledger.rate / MILLION), ledger.amount)
    sums = np.bincount(place[here], amount[here], len(ledger) * 2 * width)
    return sums.reshape(len(ledger), 2 * width) / NOMINAL


def rate_standard(
    schedule: Schedule, goods: Standard, line: Int, origin: Int, claim: Int, readings: Readings
) -> Cells:
    """Return the rated standard shipments of some lines, origins and claims."""
    rows = goods.shipments(schedule, line, origin, claim, readings.metal_origin)
    here = np.arange(len(line))
    placed = Placed(line, np.full(len(line), EXACT))
    each = Situations(here, claim >= 0, np.ones(len(line)), here, rows, placed)
    return rate_cells(schedule, each)


def variants(panel: Panel) -> Iterator[tuple[int, bool, Changes]]:
    """Yield origin class, whether preferences are claimed, and changes of each variant."""
    for number, (plain, claimed) in enumerate(panel.changes):
        yield number, False, plain
        if claimed is not None:
            yield number, True, claimed
