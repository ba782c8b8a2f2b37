"""The law of one epoch as tables: what tells one shipment from another, numbered.

A code of the universe (every line of every edition, to ten and to eight digits) has a cell in
each epoch: the class of its line. An origin together with its claim has a state: origins that no
rule tells apart share one. Cell and state give the ordinary price and the key of the situation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
ROOM = 2.0**60
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
    """One epoch: cells by code, states by claim and origin, prices and keys by mode and cell.

    `cell` (codes,); by cell a `code`, and the eight-digit code (`group`) of a split one;
    `rule_class` by line and `reach` by country tell apart what the rules tell apart; `state`
    (claims + 1, countries); `mode` (states,), a choice of rate column. By mode and cell: the
    `price`, a row of `prices`, the `flag` of what conditions see of the ordinary duty, a row of
    `flags`, and the `key` of the situation: flag and class of products. The columns of `prices`
    are those of `PRICE`. `by_mode` says whether some condition looks at the mode of transport,
    `by_quantity` whether some rule charges by quantity.
    """

    epoch: Epoch
    cell: NDArray[np.int32]
    code: Int
    group: Int
    rule_class: Int
    reach: Int
    state: NDArray[np.int32]
    mode: Int
    price: NDArray[np.int32]
    prices: Int
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


PRICE = ("rate", "specific", "by_unit", "column")
"""Of an ordinary duty: rate in thirds of a millionth, specific duty in millionths, whether a
quantity is needed, and which ordinary column it is."""


def universe(book: Lawbook, importer: str, known_on: date) -> Int:
    """Return every code that some epoch knows, as `2 * code`, plus one for eight digits."""
    lines = [schedule.lines for schedule in _schedules(book, importer, known_on)]
    codes = np.unique(np.concatenate(lines))
    return np.unique(np.concatenate([codes * 2, codes // 100 * 200 + 1]))


def products(book: Lawbook, importer: str, known_on: date, codes: Int) -> NDArray[np.int32]:
    """Return the product of each code: codes that share a cell in every epoch are one product."""
    number = np.zeros(len(codes), dtype=np.int64)
    for schedule in _schedules(book, importer, known_on):
        cell = _cells(schedule, codes)[0].astype(np.int64) - UNKNOWN_CODE
        number = np.unique(number * (int(cell.max()) + 1) + cell, return_inverse=True)[1]
    return number.astype(np.int32)


def _schedules(book: Lawbook, importer: str, known_on: date) -> Iterator[Schedule]:
    """Yield the law of every epoch."""
    for number in range(len(epochs_of(book, importer, known_on).days)):
        yield epoch_schedule(book, importer, number, known_on)


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
    reach = _classes([rule.origins for rule in schedule.rules], len(schedule.countries))
    state, mode, modes = _states(schedule, reach)
    rule_class = _classes([rule.products for rule in schedule.rules], len(schedule.lines))
    parts = [_prices(schedule, line, *pair) for pair in modes]
    flag, flags = _numbered(np.stack([part.flags for part in parts]))
    scope = [np.broadcast_to(part, flag.shape) for part in (rule_class[line], group)]
    key, _ = _numbered(np.stack([flag, *scope], axis=2))
    price, prices = _numbered(np.stack([part.prices for part in parts]))
    cell = _without_mixed(schedule, cell, group, np.vstack([flag, price]))
    return EpochTable(
        epoch=epoch,
        cell=cell,
        code=schedule.lines[line],
        group=group,
        rule_class=rule_class,
        reach=reach,
        state=state,
        mode=mode,
        price=price,
        prices=prices,
        flag=flag,
        flags=flags,
        key=key,
        keys=int(key.max()) + 1,
        by_mode=any(test.mode is not None for test in schedule.conditions),
        by_quantity=any(rule.specific > 0 for rule in schedule.rules),
    )


def _numbered(parts: Int) -> tuple[NDArray[np.int32], Int]:
    """Return numbers of the vectors along the last axis, equal ones sharing one, and the vectors.

    Vectors are told apart by one number, their digits in mixed places; digits too large for that
    are exchanged for their ranks.
    """
    flat = parts.reshape(-1, parts.shape[-1]).astype(np.int64)
    small = flat
    if np.prod(flat.max(axis=0, initial=0) + 1.0) > ROOM:
        small = np.stack([np.unique(part, return_inverse=True)[1] for part in flat.T], axis=1)
    places = small.max(axis=0, initial=0) + 1
    digits = np.ravel_multi_index(tuple(small.T), tuple(places.tolist()))
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
    schedule: Schedule, cell: NDArray[np.int32], group: Int, seen: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the cells with those of split codes taken out whose lines differ in ordinary duty.

    `seen` holds, by cell in its columns, all that tells one ordinary duty from another.
    """
    split = np.flatnonzero(group)
    first = np.searchsorted(schedule.lines, group[split] * 100)
    last = np.searchsorted(schedule.lines, group[split] * 100 + 100)
    mixed = [
        number
        for number, low, high in zip(split.tolist(), first.tolist(), last.tolist(), strict=True)
        if np.ptp(seen[:, schedule.line_class[low:high]], axis=1).any()
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


def _classes(masks: Sequence[Mask], size: int) -> Int:
    """Return class numbers of the columns of masks of a size: equal columns share one."""
    if not masks:
        return np.zeros(size, dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(np.array(masks, dtype=bool), axis=0).T)
    _, number = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_inverse=True)
    return np.asarray(number)


def _states(schedule: Schedule, reach: Int) -> tuple[NDArray[np.int32], Int, list[tuple[int, int]]]:
    """Return the state by claim and origin, the mode of each state, and the modes.

    A mode is (a country that stands for its column, claim or -1).
    """
    size, second = len(schedule.countries), schedule.column2_origins
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
    """By cell: the ordinary duty in the columns of `PRICE`, and what conditions see of it."""

    prices: Int
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
    above = np.searchsorted(_column1_limits(schedule), duty.rate, side="right")
    rate = np.where(nothing, 0, 3 * duty.rate + duty.thirds)
    prices = [rate, np.where(by_unit, duty.specific, 0), by_unit, duty.column]
    flags = [duty.kind == OTHER, duty.kind == FREE, by_unit, nothing, above, claimed + 1]
    return _Prices(_columns(prices), _columns(flags))


def _columns(parts: list[Int]) -> Int:
    return np.stack([np.asarray(part, dtype=np.int64) for part in parts], axis=1)
