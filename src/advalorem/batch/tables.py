"""The law of one importer as flat tables over all epochs: one gather a row instead of a search.

A code of the universe (every line of every edition, to ten and to eight digits) has a cell in
each epoch: the class of its line. An origin together with its claim has a state: origins that no
rule tells apart share one. Cell and state give the ordinary rates and the key of the situation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.assess import resolve_lines
from advalorem.duty.completions import conditions_of
from advalorem.duty.ordinary import ordinary_duty
from advalorem.duty.shipments import Int, Mask, Shipments
from advalorem.law.model import Lawbook
from advalorem.law.rates import millionths, parse_rate
from advalorem.schedule.build import epoch_schedule, epochs_of
from advalorem.schedule.model import COMPOUND, FREE, OTHER, SPECIFIC, Schedule

UNKNOWN_CODE, SPLIT_CODE = -1, -2
"""Cells of codes that an epoch does not know, and of those whose lines differ in ordinary rate."""
SOME_QUANTITY = 10**9
SOME_VALUE = 10**8


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch by its number; its schedule is built when it is asked for."""

    book: Lawbook
    importer: str
    number: int
    known_on: date

    @property
    def schedule(self) -> Schedule:
        """The law of the epoch as arrays."""
        return epoch_schedule(self.book, self.importer, self.number, self.known_on)


@dataclass(frozen=True, slots=True)
class EpochTable:
    """One epoch: cells by code, states by claim and origin, prices and keys by state and cell.

    `cell` (codes,); by cell a `code`, and the eight-digit code (`group`) of a split one; `state`
    (claims + 1, countries); `mode` (states,), a choice of rate column. By mode and cell: `rate`
    in thirds of a millionth, `specific`, whether a quantity is needed (`by_unit`), which ordinary
    column it is, the `flag` of what conditions see of the ordinary duty (a row of `flags`), and
    the `key` of the situation: flag and class of products. `by_mode` says whether some condition
    looks at the mode of transport, `by_quantity` whether some rule charges by quantity.
    """

    epoch: Epoch
    cell: NDArray[np.int32]
    code: Int
    group: Int
    state: NDArray[np.int32]
    mode: Int
    rate: Int
    specific: Int
    by_unit: Mask
    column: NDArray[np.int8]
    flag: NDArray[np.int32]
    flags: Int
    key: NDArray[np.int32]
    keys: int
    by_mode: bool
    by_quantity: bool

    @property
    def schedule(self) -> Schedule:
        """The law of the epoch as arrays."""
        return self.epoch.schedule


def universe(book: Lawbook, importer: str, known_on: date) -> Int:
    """Return every code that some epoch knows, as `2 * code`, plus one for eight digits."""
    count = len(epochs_of(book, importer, known_on).days)
    lines = [epoch_schedule(book, importer, n, known_on).lines for n in range(count)]
    codes = np.unique(np.concatenate(lines))
    return np.unique(np.concatenate([codes * 2, codes // 100 * 200 + 1]))


def _column1_limits(schedule: Schedule) -> Int:
    """Return the ordinary rates, in millionths, at which a condition of any day's law turns."""
    found = schedule.arrays.kept.get("column1_limits")
    if found is None:
        limits = {
            test.column1_at_least
            for test in conditions_of(schedule.book, schedule.importer)
            if test.column1_at_least
        }
        found = np.array(sorted(millionths(parse_rate(limit)) for limit in limits), dtype=np.int64)
        schedule.arrays.kept["column1_limits"] = found
    return np.asarray(found)


def value_limits(book: Lawbook, importer: str) -> Int:
    """Return the values in cents at which some condition of the importer's law turns."""
    tests = [test.value_at_most for test in conditions_of(book, importer)]
    return np.array(sorted({int(limit * 100) for limit in tests if limit is not None}), dtype=int)


def epoch_table(epoch: Epoch, codes: Int) -> EpochTable:
    """Return the tables of one epoch over the universe of codes."""
    schedule = epoch.schedule
    cell, line, group = _cells(schedule, codes)
    state, mode, modes = _states(schedule)
    rule_class = _classes(np.array([rule.products for rule in schedule.rules], dtype=bool))
    parts = [_prices(schedule, line, *pair) for pair in modes]
    flag, flags = _numbered(np.stack([part.flags for part in parts]))
    scope = [np.broadcast_to(part, flag.shape) for part in (rule_class[line], group)]
    key, _ = _numbered(np.stack([flag, *scope], axis=2))
    cell = _without_mixed(schedule, cell, group, parts, flag)
    return EpochTable(
        epoch=epoch,
        cell=cell,
        code=schedule.lines[line],
        group=group,
        state=state,
        mode=mode,
        rate=np.stack([part.rate for part in parts]),
        specific=np.stack([part.specific for part in parts]),
        by_unit=np.stack([part.by_unit for part in parts]),
        column=np.stack([part.column for part in parts]).astype(np.int8),
        flag=flag,
        flags=flags,
        key=key,
        keys=int(key.max()) + 1,
        by_mode=any(test.mode is not None for test in schedule.conditions),
        by_quantity=any(rule.specific > 0 for rule in schedule.rules),
    )


def _numbered(parts: Int) -> tuple[NDArray[np.int32], Int]:
    """Return numbers of the vectors along the last axis, equal ones sharing one, and the vectors.

    Vectors of small numbers are told apart by one number, their digits in mixed places.
    """
    flat = parts.reshape(-1, parts.shape[-1]).astype(np.int64)
    places = flat.max(axis=0, initial=0) + 1
    digits = np.ravel_multi_index(tuple(flat.T), tuple(places.tolist()))
    _, first, number = np.unique(digits, return_index=True, return_inverse=True)
    return np.asarray(number.reshape(parts.shape[:-1]), dtype=np.int32), flat[first]


def _cells(schedule: Schedule, codes: Int) -> tuple[NDArray[np.int32], Int, Int]:
    """Return the cell of each code, and by cell a line number and the code it is split under.

    The first cells are the classes of lines; behind them stands one for each eight-digit code
    whose lines differ in law, with that code (0 for the others).
    """
    rows = shipments(codes // 2, codes % 2 == 1, schedule)
    line, unknown, split = resolve_lines(schedule, rows)
    cell = schedule.line_class[line].astype(np.int32)
    _, first = np.unique(schedule.line_class, return_index=True)
    groups, number = np.unique(line[split], return_inverse=True)
    cell[split], cell[unknown] = len(first) + number, UNKNOWN_CODE
    under = schedule.lines[groups] // 100
    return cell, np.append(first, groups), np.append(np.zeros(len(first), dtype=np.int64), under)


def _without_mixed(
    schedule: Schedule,
    cell: NDArray[np.int32],
    group: Int,
    parts: list[_Prices],
    flag: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return the cells with those of split codes taken out whose lines differ in ordinary duty."""
    split = np.flatnonzero(group)
    first = np.searchsorted(schedule.lines, group[split] * 100)
    last = np.searchsorted(schedule.lines, group[split] * 100 + 100)
    prices = np.vstack(
        [flag, *(np.stack([part.rate, part.specific, part.by_unit]) for part in parts)]
    )
    mixed = [
        number
        for number, low, high in zip(split.tolist(), first.tolist(), last.tolist(), strict=True)
        if np.ptp(prices[:, schedule.line_class[low:high]], axis=1).any()
    ]
    return np.where(np.isin(cell, mixed), SPLIT_CODE, cell).astype(np.int32)


def shipments(code: Int, eight: Mask, schedule: Schedule) -> Shipments:
    """Return shipments of codes with everything else at a plain value."""
    size = len(code)
    zero, nothing = np.zeros(size, dtype=np.int64), np.full(size, -1)
    day = np.full(size, schedule.from_.toordinal())
    value, quantity = np.full(size, SOME_VALUE), np.full(size, SOME_QUANTITY)
    claim, unit = nothing.copy(), zero.copy()
    return Shipments(code, eight, zero, day, value, claim, nothing, quantity, unit)


def _classes(masks: Mask) -> Int:
    """Return class numbers of the columns of a mask: equal columns share one."""
    if not len(masks):
        return np.zeros(masks.shape[-1], dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(masks, axis=0).T)
    _, number = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_inverse=True)
    return np.asarray(number)


def _states(schedule: Schedule) -> tuple[NDArray[np.int32], Int, list[tuple[int, int]]]:
    """Return the state by claim and origin, the mode of each state, and the modes.

    A mode is (a country that stands for its column, claim or -1).
    """
    size, second = len(schedule.countries), schedule.column2_origins
    reach = _classes(np.array([rule.origins for rule in schedule.rules], dtype=bool))
    table = np.zeros((len(schedule.claims) + 1, size), dtype=np.int64)
    for number, claim in enumerate(schedule.claims):
        table[number + 1] = np.where(claim.origins & claim.in_force, number + 1, 0)
    choice = table * 2 + second
    pairs = reach * (choice.max() + 1) + choice
    _, first, state = np.unique(pairs, return_index=True, return_inverse=True)
    picks = choice.ravel()[first]
    choices, mode = np.unique(picks, return_inverse=True)
    modes = []
    for picked in choices.tolist():
        origin = int(np.flatnonzero((choice == picked).any(axis=0))[0])
        modes.append((origin, picked // 2 - 1))
    return state.reshape(table.shape).astype(np.int32), mode, modes


@dataclass(frozen=True, slots=True)
class _Prices:
    rate: Int
    specific: Int
    by_unit: Mask
    column: Int
    flags: Int


def _prices(schedule: Schedule, line: Int, origin: int, claim: int) -> _Prices:
    """Return the ordinary duty by cell for a country and a claim, and what conditions see of it."""
    rows = shipments(schedule.lines[line], np.zeros(len(line), dtype=bool), schedule)
    rows.origin[:], rows.claim[:] = origin, 0 if claim >= 0 else -1
    only = schedule.claims[claim : claim + 1] if claim >= 0 else ()
    duty = ordinary_duty(replace(schedule, claims=only), rows, line)
    by_unit = np.isin(duty.kind, (SPECIFIC, COMPOUND))
    nothing = ~by_unit & (duty.amount == 0)
    claimed = np.where(duty.claimed >= 0, claim, -1)
    least = _column1_limits(schedule)
    above = np.searchsorted(least, duty.rate, side="right")
    flags = [duty.kind == OTHER, duty.kind == FREE, by_unit, nothing, above, claimed + 1]
    return _Prices(
        rate=np.where(nothing, 0, 3 * duty.rate + duty.thirds),
        specific=np.where(by_unit, duty.specific, 0),
        by_unit=by_unit,
        column=duty.column,
        flags=np.stack([np.asarray(flag, dtype=np.int64) for flag in flags], axis=1),
    )
