"""From epoch to epoch: which sheet of cells each class of origins has, and what is rated for it.

A sheet holds the cell of every line for origins under the same law, claims and ordinary duty. It
is worked out once, whatever epochs and origins share it; within it, lines alike in all that the
law reads are rated once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advalorem.rates.panel_cells import Kinds, rate_standard
from advalorem.rates.panel_inputs import Duties, Inputs, Told
from advalorem.rates.panel_keys import (
    EpochKeys,
    Key,
    LawKeys,
    Lists,
    digest,
    epoch_keys,
    law_keys,
    variant_keys,
)
from advalorem.rates.readings import Readings
from advalorem.rates.standard import Quantities, Standard, standard_goods
from advalorem.schedule.model import Int, Mask, Schedule

Small = NDArray[np.int32]
GONE = -1
"""Cell of a line that is not in the nomenclature, or on which no preference is open."""
CHUNK = 40_000
"""Most shipments rated at a time: what bounds the memory."""
DENSE = 8
"""Numbers up to so many times their count are counted, not sorted."""
Name = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Rated:
    """The cells of one law: the cell of each kind of goods told apart."""

    told: Told
    cell: Small


@dataclass(frozen=True, slots=True)
class Draft:
    """A sheet before it is rated: its number, an origin under its law, the keys of its kinds."""

    number: int
    origin: int
    told: Told
    key: Key


class Walk:
    """Follows the law from epoch to epoch; holds the sheets and the duties met so far."""

    def __init__(self, lines: Int, standing: Int, readings: Readings) -> None:
        self.lines, self.standing, self.readings = lines, standing, readings
        self.sheets: list[Rated] = []
        self.place: list[Int] = []
        self.kinds, self.lists, self.known = Kinds(), Lists(), Known()
        self.authorities: tuple[str, ...] = ()
        self.rated = 0
        self._numbers: dict[Name, int] = {}
        self._inputs: dict[bytes, Inputs] = {}
        self._told: dict[tuple[int, int], Told] = {}
        self._quantities: dict[int, Quantities] = {}

    def step(self, schedule: Schedule) -> None:
        """Take in one epoch."""
        goods = standard_goods(schedule, self.readings, self._quantities)
        keys = epoch_keys(schedule, goods, self.lists)
        duties, laws = Duties(schedule, goods, self._inputs), _Laws(keys)
        here = np.searchsorted(self.lines, schedule.lines)
        place = np.zeros((len(self.standing), 2), dtype=np.int64)
        drafts: list[Draft] = []
        for number, origin in enumerate(self.standing.tolist()):
            name, mine = laws.of(origin)
            for claimed in (False, True):
                inputs = duties.of(origin, claimed)
                called = (name, int(keys.country[origin]), inputs.number, keys.stands)
                if called not in self._numbers:
                    self._numbers[called] = len(self._numbers)
                    told = self._told_apart(keys, inputs, here)
                    key = variant_keys(keys, laws.keys(name, mine), origin, told, inputs)
                    drafts.append(Draft(self._numbers[called], origin, told, key))
                place[number, int(claimed)] = self._numbers[called]
        self._settle(schedule, goods, drafts)
        self.place.append(place)

    def _told_apart(self, keys: EpochKeys, inputs: Inputs, here: Int) -> Told:
        """Return which lines some inputs tell apart; `here` are the places of the epoch's lines."""
        name = (keys.apart, inputs.number)
        if name not in self._told:
            row, claim = inputs.row, inputs.claim[inputs.row] + 1
            bins = np.searchsorted(keys.limits, inputs.rate[row], "right")
            asked = claim * (len(keys.limits) + 1) + bins
            first, kind = numbered(keys.kind[row], asked)
            one, pair = numbered(kind, inputs.place)
            every = np.full(len(self.lines), GONE, dtype=np.int32)
            every[here[row]] = pair
            self._told[name] = Told(
                row[first],
                inputs.claim[row[first]],
                every,
                kind[one],
                inputs.owed[inputs.place[one]],
            )
        return self._told[name]

    def _settle(self, schedule: Schedule, goods: Standard, drafts: list[Draft]) -> None:
        """Rate what is new among the drafts and write the sheets."""
        if drafts:
            self._rate(schedule, goods, drafts)
        for draft in drafts:
            self.sheets.append(Rated(draft.told, self.known.of(draft.key)))

    def _rate(self, schedule: Schedule, goods: Standard, drafts: list[Draft]) -> None:
        """Rate one shipment for each new key and remember its cell."""
        key, at = np.unique(np.concatenate([draft.key for draft in drafts]), return_index=True)
        new = ~self.known.has(key)
        key, at = key[new], at[new]
        row, claim, origin = (
            np.concatenate(column)[at]
            for column in (
                [draft.told.row for draft in drafts],
                [draft.told.claim for draft in drafts],
                [np.full(len(draft.key), draft.origin) for draft in drafts],
            )
        )
        self.authorities = self.authorities or tuple(sorted(schedule.book.authorities))
        cell = np.empty(len(at), dtype=np.int32)
        order = np.lexsort((row, origin))
        for start in range(0, len(at), CHUNK):
            some = order[start : start + CHUNK]
            cells = rate_standard(
                schedule, goods, row[some], origin[some], claim[some], self.readings
            )
            cell[some] = self.kinds.add(cells, self.authorities)
        self.known.add(key, cell)
        self.rated += len(at)


def numbered(one: Int, other: Int) -> tuple[Int, Int]:
    """Return a first row of each different pair of small numbers, and the number of every row's.

    >>> numbered(np.array([1, 0, 1]), np.array([0, 1, 0]))
    (array([1, 0]), array([1, 0, 1]))
    """
    width = int(other.max(initial=0)) + 1
    code = one * width + other
    size = int(code.max(initial=-1)) + 1
    if size > DENSE * len(code):
        _, first, number = np.unique(code, return_index=True, return_inverse=True)
        return first, number
    held = np.zeros(size, dtype=bool)
    held[code] = True
    number = (np.cumsum(held) - 1)[code]
    first = np.zeros(int(held.sum()), dtype=np.int64)
    first[number[::-1]] = np.arange(len(code))[::-1]
    return first, number


class Known:
    """Keys rated so far, ascending, and the cell of each."""

    def __init__(self) -> None:
        self.key = np.zeros(0, dtype=np.uint64)
        self.cell = np.zeros(0, dtype=np.int32)

    def has(self, key: Key) -> Mask:
        """Return which keys are known."""
        if not len(self.key):
            return np.zeros(len(key), dtype=bool)
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.asarray(self.key[at] == key)

    def of(self, key: Key) -> Small:
        """Return the cells of known keys."""
        return np.asarray(self.cell[np.searchsorted(self.key, key)])

    def add(self, key: Key, cell: Small) -> None:
        """Take in new keys, which ascend."""
        at = np.searchsorted(self.key, key)
        self.key, self.cell = np.insert(self.key, at, key), np.insert(self.cell, at, cell)


class _Laws:
    """The law of each origin in one epoch: a number for it, and the keys of those asked for."""

    def __init__(self, keys: EpochKeys) -> None:
        self.epoch = keys
        self._names: dict[bytes, int] = {}
        self._keys: dict[int, LawKeys] = {}

    def of(self, origin: int) -> tuple[int, Mask]:
        """Return the number of an origin's law and the rules that are in it."""
        mine = self.epoch.origins[:, origin]
        raw = mine.tobytes()
        if raw not in self._names:
            said = self.epoch.names[mine].tobytes()
            self._names[raw] = digest(said + self.epoch.relation.tobytes())
        return self._names[raw], mine

    def keys(self, name: int, mine: Mask) -> LawKeys:
        """Return the keys of a law."""
        if name not in self._keys:
            self._keys[name] = law_keys(self.epoch, mine)
        return self._keys[name]
