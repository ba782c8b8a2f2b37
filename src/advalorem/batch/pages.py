"""Pages of the law, compiled epoch by epoch and decided as rows ask for them.

A page of plans belongs to what decides it, not to an epoch: most law stays when an act changes
some of it, so most pages stay too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.content import ContentBook, Laws, laws
from advalorem.batch.lookup import (
    BLOCK,
    NOT_MET,
    Flat,
    Found,
    blocks_of,
    cells,
    extra,
    extras,
    find,
)
from advalorem.batch.plans import HARD, LOST, UNDECIDED, PlanArrays, decide
from advalorem.batch.tables import (
    SOME_QUANTITY,
    SOME_VALUE,
    SPLIT_CODE,
    UNKNOWN_CODE,
    Epoch,
    EpochTable,
    epoch_table,
)
from advalorem.duty.completions import join
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Mask, Shipments

if TYPE_CHECKING:
    from advalorem.batch.rater import Rater

BATCH = 200_000
"""Most situations decided together."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An epoch's table, the cell of each product in it, and its first state among all states."""

    table: EpochTable
    cell: Int
    laws: Laws
    first: int


@dataclass(slots=True)
class PageBook:
    """Epochs compiled, and the numbers of prices and pages by what they say; grows only."""

    compiled: dict[int, Compiled] = field(default_factory=dict)
    content: ContentBook = field(default_factory=ContentBook)
    prices: dict[tuple[int, ...], int] = field(default_factory=dict)
    priced: dict[bytes, int] = field(default_factory=dict)
    pages: dict[tuple[bytes, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asks:
    """Situations of one epoch to decide: rows that stand for them, and which page each is on.

    `mode` and `key` are those of the epoch's table, `at` is the row's place in it.
    """

    rows: Shipments
    mode: Int
    key: Int
    at: Int
    page: Int


def empty(rater: Rater, plans: PlanArrays) -> Flat:
    """Return tables without an epoch."""
    span = int(rater.days[-1] - rater.days[0]) + 1
    epoch = np.searchsorted(rater.days, rater.days[0] + np.arange(span), side="right") - 1
    none, no = np.zeros(0, dtype=np.int64), np.zeros(len(rater.days), dtype=bool)
    states = len(rater.days) * (len(rater.book.claims) + 1) * len(rater.book.countries)
    return Flat(
        product=rater.product.astype(np.int64), epoch=epoch, state=np.full(states, NOT_MET),
        priced=none, page=none, price=none.astype(np.int32), rate=none, specific=none,
        by_unit=none.astype(bool), column=none.astype(np.int8),
        block=np.zeros(blocks_of(width(rater)), dtype=np.int32),
        plan=np.zeros(BLOCK, dtype=np.int32), by_mode=no, by_quantity=no.copy(),
        plans=plans,
    )  # fmt: skip


def restore(rater: Rater) -> None:
    """Note the numbers of prices and of their pages in tables that an equal rater made."""
    flat, book, wide = rater.flat, rater.pages, width(rater)
    columns = [flat.rate, flat.specific, flat.by_unit.astype(np.int64), flat.column]
    rows = zip(*(np.asarray(column).tolist() for column in columns), strict=True)
    book.prices = {tuple(row): number for number, row in enumerate(rows)}
    starts = range(0, len(flat.price), wide)
    book.priced = {flat.price[start : start + wide].tobytes(): start for start in starts}


def width(rater: Rater) -> int:
    """Return how many products there are: the cells of a page."""
    return int(rater.product.max(initial=0)) + 1


def grow(rater: Rater, rows: Shipments, place: Int) -> None:
    """Compile the epochs and decide the situations of rows that are not known yet."""
    epoch = rater.flat.epoch.take(np.minimum(rows.day - rater.days[0], len(rater.flat.epoch) - 1))
    for number in np.unique(epoch).tolist():
        meet(rater, number)
    old = len(rater.flat.block)
    add_pages(rater, *_states_of(rater, rows, place))
    found = find(rater, rater.flat, rows, place)
    unknown = np.flatnonzero(found.plan == UNDECIDED)
    again = unknown[found.page[unknown] < old]
    seen = again[np.unique(found.page[again], return_index=True)[1]]
    _, first = np.unique((found.page * width(rater) + found.product)[unknown], return_index=True)
    rest = unknown[first]
    paged = np.isin(found.page[rest], found.page[seen])
    asks = []
    for number in np.unique(epoch[unknown]).tolist():
        whole, here = seen[epoch[seen] == number], rest[epoch[rest] == number]
        split = _group(rater, number, found.product[here]) > 0
        single = here[~paged[epoch[rest] == number] | split]
        parts = [_whole(rater, number, rows, found, row) for row in whole.tolist()]
        asks.append((number, [*parts, _single(rater, number, rows, found, single)]))
    settle(rater, asks)


def _states_of(rater: Rater, rows: Shipments, place: Int) -> tuple[Int, Int]:
    """Return the states and combinations of rows."""
    found = find(rater, rater.flat, rows, place)
    return found.state, extra(rater, rater.flat, rows, found.epoch)


def _group(rater: Rater, epoch: int, product: Int) -> Int:
    """Return by product the eight-digit code of a split code, 0 for the others."""
    known = compiled(rater, epoch)
    return np.asarray(known.table.group[np.maximum(known.cell[product], 0)])


def compiled(rater: Rater, epoch: int) -> Compiled:
    """Return an epoch compiled; its states are those behind all others if it is not met yet."""
    book = rater.pages
    if epoch not in book.compiled:
        table = epoch_table(Epoch(rater.book, rater.importer, epoch, rater.known_on), rater.codes)
        cell = table.cell[np.unique(rater.product, return_index=True)[1]].astype(np.int64)
        mine = rater.flat.state.reshape(len(rater.days), -1)[epoch]
        first = int(mine[0] - table.state[0, 0]) if mine[0] != NOT_MET else len(rater.flat.priced)
        book.compiled[epoch] = Compiled(
            table, cell, laws(book.content, table, cell, values_of(rater)), first
        )
    return book.compiled[epoch]


def meet(rater: Rater, epoch: int) -> None:
    """Add an epoch's states and pages of prices, if it is not met yet."""
    flat = rater.flat
    state = flat.state.reshape(len(rater.days), -1)
    if state[epoch, 0] != NOT_MET:
        return
    known = compiled(rater, epoch)
    table = known.table
    prices, price, starts = _price_pages(rater, known)
    state = state.copy()
    state[epoch] = (known.first + table.state).ravel()
    by_mode, by_quantity = flat.by_mode.copy(), flat.by_quantity.copy()
    by_mode[epoch], by_quantity[epoch] = table.by_mode, table.by_quantity
    fresh = np.zeros(len(table.mode) * extras(rater), dtype=np.int64)
    rater.flat = replace(
        flat, state=state.ravel(), priced=np.append(flat.priced, starts[table.mode]),
        page=np.append(flat.page, fresh), price=price, rate=prices[:, 0], specific=prices[:, 1],
        by_unit=prices[:, 2].astype(bool), column=prices[:, 3].astype(np.int8),
        by_mode=by_mode, by_quantity=by_quantity,
    )  # fmt: skip


def _price_pages(rater: Rater, known: Compiled) -> tuple[Int, NDArray[np.int32], Int]:
    """Return all prices, all pages of them, and where the page of each mode of an epoch starts."""
    book, table = rater.pages, known.table
    number = [book.prices.setdefault(tuple(row), len(book.prices)) for row in table.prices.tolist()]
    pages = np.array(number, dtype=np.int32)[table.price][:, np.maximum(known.cell, 0)]
    starts, parts = [], [rater.flat.price]
    for page in pages:
        start = book.priced.setdefault(page.tobytes(), len(book.priced) * len(page))
        starts.append(start)
        if start == sum(len(part) for part in parts):
            parts.append(page)
    return np.array(list(book.prices)), np.concatenate(parts), np.array(starts)


def add_pages(rater: Rater, state: Int, combination: Int) -> None:
    """Give every state and combination a page: one of the same law, or an undecided one."""
    flat, book, size = rater.flat, rater.pages, extras(rater)
    deep = blocks_of(width(rater))
    fresh = np.unique((state * size + combination)[flat.page[state * size + combination] == 0])
    page, parts = flat.page.copy(), [flat.plan]
    first = {number: _first(rater, number) for number in range(len(rater.days))}
    met = sorted((at, number) for number, at in first.items() if at != NOT_MET)
    begins = np.array([at for at, _ in met])
    for at in fresh.tolist():
        state_number, which = divmod(at, size)
        begin, epoch = met[int(np.searchsorted(begins, state_number, side="right")) - 1]
        known = compiled(rater, epoch)
        name = _name(known.laws, state_number - begin, which)
        if name not in book.pages:
            book.pages[name] = len(flat.block) + (len(parts) - 1) * deep
            parts.append(_blank(known, deep))
        page[at] = book.pages[name]
    more = len(flat.plan) + BLOCK * np.arange(deep * (len(parts) - 1), dtype=np.int32)
    block = np.concatenate([flat.block, more.astype(np.int32)])
    rater.flat = replace(flat, page=page, block=block, plan=np.concatenate(parts))


def _name(laws: Laws, state: int, combination: int) -> tuple[bytes, int]:
    """Return what decides a page: law and combination, without what the law does not look at."""
    rest, lacks = divmod(combination, 2)
    lacks *= bool(laws.by_quantity[state])
    return laws.words[state], int(laws.same[state, rest]) * 2 + lacks


def _first(rater: Rater, epoch: int) -> int:
    """Return the first state of an epoch, `NOT_MET` if it has none."""
    return int(rater.flat.state.reshape(len(rater.days), -1)[epoch].min())


def _blank(known: Compiled, deep: int) -> NDArray[np.int32]:
    """Return blocks in which nothing is decided but what an epoch does not know or cannot say."""
    plan = np.zeros(deep * BLOCK, dtype=np.int32)
    unknown, mixed = known.cell == UNKNOWN_CODE, known.cell == SPLIT_CODE
    plan[: len(unknown)][unknown], plan[: len(mixed)][mixed] = LOST, HARD
    return plan


def _single(rater: Rater, epoch: int, rows: Shipments, found: Found, here: Int) -> Asks:
    """Return the situations of the rows `here`."""
    known, state = compiled(rater, epoch), found.state[here]
    cell = known.cell[found.product[here]]
    return _asks(rater, known, rows.take(here), state - known.first, cell, found.page[here])


def _whole(rater: Rater, epoch: int, rows: Shipments, found: Found, row: int) -> Asks:
    """Return every situation on the page of one row.

    A page that is asked twice is decided whole, but for split codes: the next parts of a file
    will ask for the rest.
    """
    known, one = compiled(rater, epoch), rows.take(np.array([row]))
    usual = (known.table.group == 0)[np.maximum(known.cell, 0)]
    state, page = int(found.state[row]) - known.first, int(found.page[row])
    return page_asks(rater, known, one, state, page, usual)


def page_asks(
    rater: Rater, known: Compiled, one: Shipments, state: int, page: int, among: Mask
) -> Asks:
    """Return the situations of the products `among` those of a page, for a row like `one`.

    `state` is the number of the row's state in its epoch.
    """
    cell = known.cell[(known.cell >= 0) & among]
    _, first = np.unique(known.table.key[known.table.mode[state]][cell], return_index=True)
    cell = cell[first]
    many = one.take(np.zeros(len(cell), dtype=np.int64))
    many = replace(many, code=known.table.code[cell], eight=known.table.group[cell] > 0)
    return _asks(rater, known, many, np.full(len(cell), state), cell, np.full(len(cell), page))


def _asks(rater: Rater, known: Compiled, rows: Shipments, state: Int, cell: Int, page: Int) -> Asks:
    """Return rows as situations: what the law of their state does not look at is left plain."""
    laws, mode, modes = known.laws, known.table.mode[state], len(MODES) + 1
    zone = np.searchsorted(rater.limits, rows.value, side="left")
    zone, stated = np.divmod(laws.same[state, zone * modes + rows.mode + 1], modes)
    lacks = laws.by_quantity[state] & (rows.quantity == NOT_STATED)
    standard = replace(
        rows,
        value=np.array(values_of(rater))[zone],
        mode=stated - 1,
        quantity=np.where(lacks, NOT_STATED, SOME_QUANTITY),
        facts={},
    )
    at = mode * known.table.key.shape[1] + cell
    return Asks(standard, mode, known.table.key.ravel()[at].astype(np.int64), at, page)


def values_of(rater: Rater) -> list[int]:
    """Return a value in cents for each zone: those at which the law turns, and one beyond all."""
    return [*rater.limits.tolist(), max(SOME_VALUE, 10 * int(rater.limits.max(initial=0)))]


def settle(rater: Rater, asks: Iterable[tuple[int, Sequence[Asks]]]) -> None:
    """Decide situations by epoch and write their plans into their pages."""
    plan, wide = rater.flat.plan.copy(), width(rater)
    for epoch, parts in asks:
        many = _joined(parts)
        number = _decide(rater, epoch, many)
        known = compiled(rater, epoch)
        for page, mode, asked in _by_page(many):
            table = np.zeros(known.table.keys, dtype=np.int32)
            table[many.key[asked]] = number[asked]
            told = table[known.table.key[mode][np.maximum(known.cell, 0)]]
            here = cells(rater.flat, page, wide)
            plan[here] = np.where(plan[here] == UNDECIDED, told, plan[here])
    rater.flat = replace(rater.flat, plan=plan, plans=rater.plans.arrays())
    rater.grown += 1


def _joined(parts: Sequence[Asks]) -> Asks:
    names = ("mode", "key", "at", "page")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return Asks(join([part.rows for part in parts]), *columns)


def _by_page(asks: Asks) -> Iterator[tuple[int, int, Int]]:
    """Yield page, mode, and which situations ask for them."""
    order = np.lexsort((asks.mode, asks.page))
    pair = np.stack([asks.page[order], asks.mode[order]], axis=1)
    cuts = np.flatnonzero((np.diff(pair, axis=0) != 0).any(axis=1)) + 1
    for here in np.split(order, cuts) if len(order) else []:
        yield int(asks.page[here[0]]), int(asks.mode[here[0]]), here


def _decide(rater: Rater, epoch: int, asks: Asks) -> NDArray[np.int32]:
    """Return the plans of situations of one epoch."""
    table, size = compiled(rater, epoch).table, len(asks.rows)
    parts = [np.arange(start, min(start + BATCH, size)) for start in range(0, size, BATCH)]
    found = [decide(rater.plans, table, asks.rows.take(part), asks.at[part]) for part in parts]
    return np.concatenate([*found, np.zeros(0, dtype=np.int32)]).astype(np.int32)
