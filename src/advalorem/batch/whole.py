"""All of the law decided at once, for any origin and claim: what the package brings along.

Situations in which a stated mode of transport makes a difference are left to the files that state
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.distinct import distinct_rows
from advalorem.batch.lookup import BLOCK, blocks_of, cells, extra, extras
from advalorem.batch.pages import (
    Asks,
    Compiled,
    PageBook,
    add_pages,
    compiled,
    meet,
    page_asks,
    restore,
    settle,
    values_of,
    width,
)
from advalorem.batch.plans import LOST, UNDECIDED
from advalorem.batch.rater import Rater
from advalorem.batch.tables import shipments
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Shipments

SAMPLE = 400
"""Pages by which products are compared when they are numbered anew."""


def decide_all(rater: Rater) -> None:
    """Decide every page of every epoch, then give equal pages one place."""
    for epoch in range(len(rater.days)):
        meet(rater, epoch)
        asks = list(_asks(rater, epoch))
        settle(rater, [(epoch, asks)] if asks else [])
    share(rater)


def _asks(rater: Rater, epoch: int) -> Iterator[Asks]:
    """Yield the situations of the pages that an epoch has and no earlier one had."""
    known = compiled(rater, epoch)
    everything = np.ones(len(known.cell), dtype=bool)
    for rows, state in _combinations(rater, known):
        which = extra(rater, rater.flat, rows, np.full(len(rows), epoch))
        old = len(rater.flat.block)
        add_pages(rater, known.first + state, which)
        place = (known.first + state) * extras(rater) + which
        page, first = np.unique(rater.flat.page[place], return_index=True)
        for start, at in zip(page.tolist(), first.tolist(), strict=True):
            if start >= old:
                one = rows.take(np.array([at]))
                yield page_asks(rater, known, one, int(state[at]), start, everything)


def _combinations(rater: Rater, known: Compiled) -> Iterator[tuple[Shipments, Int]]:
    """Yield a row for states of an epoch, with their numbers, in every combination to be decided.

    A mode is stated where the law of the state takes it as it takes none.
    """
    table, modes = known.table, len(MODES) + 1
    _, first = np.unique(table.state, return_index=True)
    claim, origin = np.divmod(first, table.state.shape[1])
    codes = np.full(len(first), table.code[0])
    plain = shipments(codes, np.zeros(len(first), dtype=bool), table.schedule)
    plain = replace(plain, claim=claim - 1, origin=origin)
    same = known.laws.same
    without = same[:, ::modes]
    for (zone, value), mode in product(enumerate(values_of(rater)), range(-1, len(MODES))):
        here = np.flatnonzero((same[:, [zone * modes + mode + 1]] == without).any(axis=1))
        for quantity in (plain.quantity, np.full(len(first), NOT_STATED)):
            rows = replace(plain, value=np.full(len(first), value), quantity=quantity)
            yield replace(rows, mode=np.full(len(first), mode)).take(here), here


def share(rater: Rater) -> None:
    """Give equal pages and blocks one place, and like products numbers side by side.

    Raises
    ------
    ValueError
        A page has a situation that is not decided: a later decision would be of other law too.
    """
    flat, size = rater.flat, width(rater)
    deep = blocks_of(size)
    starts = np.arange(0, len(flat.block), deep)
    pages = np.stack([flat.plan[cells(flat, start, size)] for start in starts.tolist()])
    if (pages[1:] == UNDECIDED).any():
        raise ValueError("pages can be shared only when all of them are decided")
    first, number = distinct_rows(pages)
    first, number = _first_first(first, number)
    order = _alike(pages[first])
    blocks, block = _blocks(pages[first][:, order], deep)
    rank = np.argsort(order)
    rater.product = rank[rater.product].astype(np.int32)
    rater.flat = replace(
        flat,
        product=rater.product.astype(np.int64),
        page=number[flat.page // deep] * deep,
        price=flat.price.reshape(-1, size)[:, order].ravel(),
        block=block,
        plan=blocks,
    )
    rater.pages = PageBook()
    restore(rater)


def _first_first(first: Int, number: Int) -> tuple[Int, Int]:
    """Return kinds numbered in the order in which they first come."""
    order = np.argsort(first)
    return first[order], np.argsort(order)[number]


def _alike(pages: NDArray[np.int32]) -> Int:
    """Return the products in an order in which those of equal plans stand side by side."""
    few = pages[:: max(1, len(pages) // SAMPLE)]
    return np.asarray(np.lexsort(few), dtype=np.int64)


def _blocks(pages: NDArray[np.int32], deep: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the different blocks of pages, and where the blocks of each page start among them."""
    padded = np.pad(pages, ((0, 0), (0, deep * BLOCK - pages.shape[1])))
    blocks = padded.reshape(-1, BLOCK)
    first, number = _first_first(*distinct_rows(blocks))
    return blocks[first].ravel(), (number * BLOCK).astype(np.int32)


def without_lines(rater: Rater) -> Rater:
    """Return an equal rater that keeps no ledger lines: many forms and plans become one."""
    plain = Rater(rater.book, rater.importer, rater.known_on, rater.codes, rater.product)
    forms, old = plain.plans.forms, rater.plans.forms
    forms.measures, forms.unit_lines = list(old.measures), list(old.unit_lines)
    form = [forms.add(replace(each, sheet=-1)) for each in old.forms]
    plans = [
        replace(
            plan, low=_once(form[at] for at in plan.low), high=_once(form[at] for at in plan.high)
        )
        for plan in rater.plans.plans
    ]
    number = [at if at <= LOST else plain.plans.add(plan) for at, plan in enumerate(plans)]
    plan = np.array(number, dtype=np.int32)[rater.flat.plan]
    plain.flat = replace(rater.flat, plan=plan, plans=plain.plans.arrays())
    share(plain)
    return plain


def _once(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return numbers in their order, each once."""
    return tuple(dict.fromkeys(numbers))
