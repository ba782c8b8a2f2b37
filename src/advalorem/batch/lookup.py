"""Where rows stand in the law of all epochs: a few gathers a row from small tables.

Codes that no epoch tells apart are one product. A page has a cell for each product: a page of
prices gives the ordinary duty under a rate column, a page of plans what is owed in a situation.
Epochs, origins and claims under which the law is the same share their pages, and pages share their
blocks of `BLOCK` products, so all of the law takes a few megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.plans import PlanArrays
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Mask, Shipments

if TYPE_CHECKING:
    from advalorem.batch.rater import Rater

NOT_MET = -1
"""State of origins and claims in an epoch that is not compiled yet."""
BITS = 5
BLOCK = 1 << BITS
"""Products of a block."""


@dataclass(frozen=True, slots=True)
class Flat:
    """The law met so far.

    `product` (codes,); `epoch` (days,); `state` (epochs, claims + 1, countries), flat. By state:
    where its page of prices starts (`priced`), and by state and combination where its page of
    plans does (`page`), 0 if not met: page 0 stays empty. `price` holds the pages of prices, one
    behind the other; `rate`, `specific`, `by_unit` and `column` say what a price is. `block` holds
    the pages of plans as starts of blocks in `plan`.
    """

    product: Int
    epoch: Int
    state: Int
    priced: Int
    page: Int
    price: NDArray[np.int32]
    rate: Int
    specific: Int
    by_unit: Mask
    column: NDArray[np.int8]
    block: NDArray[np.int32]
    plan: NDArray[np.int32]
    by_mode: Mask
    by_quantity: Mask
    plans: PlanArrays


@dataclass(frozen=True, slots=True)
class Found:
    """Where rows stand: epoch, product, state, price, start of the page of plans, and plan."""

    epoch: Int
    product: Int
    state: Int
    price: Int
    page: Int
    plan: Int


def find(rater: Rater, flat: Flat, rows: Shipments, place: Int) -> Found:
    """Return where plain rows stand in the tables; plan 0 where that is not known yet."""
    epoch = flat.epoch.take(np.minimum(rows.day - rater.days[0], len(flat.epoch) - 1))
    product = flat.product.take(place)
    wide, deep = len(rater.book.countries), len(rater.book.claims) + 1
    state = flat.state.take((epoch * deep + rows.claim + 1) * wide + rows.origin)
    if (state == NOT_MET).any():
        nothing = np.zeros(len(rows), dtype=np.int64)
        return Found(epoch, product, state, nothing, nothing, nothing)
    price = flat.price.take(flat.priced.take(state) + product)
    page = flat.page.take(state * extras(rater) + extra(rater, flat, rows, epoch))
    plan = flat.plan.take(flat.block.take(page + (product >> BITS)) + (product & (BLOCK - 1)))
    return Found(epoch, product, state, price.astype(np.int64), page, plan.astype(np.int64))


def cells(flat: Flat, page: int, size: int) -> Int:
    """Return where the plans of all products of a page stand; shape (size,)."""
    blocks = flat.block[page : page + blocks_of(size)].astype(np.int64)
    return np.asarray((blocks[:, None] + np.arange(BLOCK)).ravel()[:size])


def blocks_of(size: int) -> int:
    """Return how many blocks a page of so many products has."""
    return -(-size // BLOCK)


def extras(rater: Rater) -> int:
    """Return how many combinations of value zone, mode and a missing quantity there are."""
    return (len(rater.limits) + 1) * (len(MODES) + 1) * 2


def extra(rater: Rater, flat: Flat, rows: Shipments, epoch: Int) -> Int:
    """Return the number of each row's combination; what no rule of its epoch sees is left out."""
    zone = np.zeros(len(rows), dtype=np.int64)
    for limit in rater.limits.tolist():
        zone += rows.value > limit
    zone *= len(MODES) + 1
    mode = rows.mode + 1
    if mode.any():
        zone += np.where(flat.by_mode.take(epoch), mode, 0)
    zone *= 2
    lacks = rows.quantity == NOT_STATED
    if lacks.any():
        zone += flat.by_quantity.take(epoch) & lacks
    return zone
