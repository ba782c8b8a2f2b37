"""Cells of the panel: standard shipments rated by the kernel, and the different duties met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.ledger import APPLIED
from advalorem.duty.numbers import MILLION
from advalorem.rates.cells import Cells, rate_cells
from advalorem.rates.errors import RatesError
from advalorem.rates.placing import EXACT, Placed
from advalorem.rates.readings import Readings
from advalorem.rates.situations import NOMINAL, Situations
from advalorem.rates.standard import Standard
from advalorem.schedule.model import Int, Mask, Schedule

Float = NDArray[np.float64]
UP_TO_TOTAL = "up_to_total"
"""The form of a top-up."""


def rate_standard(
    schedule: Schedule, goods: Standard, line: Int, origin: Int, claim: Int, readings: Readings
) -> Cells:
    """Return the rated standard shipments of some lines, origins and claims."""
    rows = goods.shipments(schedule, line, origin, claim, readings)
    here = np.arange(len(line))
    placed = Placed(line, np.full(len(line), EXACT))
    each = Situations(here, claim >= 0, np.ones(len(line)), here, rows, placed)
    return rate_cells(schedule, each)


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


class Kinds:
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
        whole = (rate * weights).sum(axis=1) + flags @ np.array([101.0, 211.0])
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
