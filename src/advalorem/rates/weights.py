"""Weights of the rows of a segment, and sums of duty over groups of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from advalorem.rates.cells import Cells
from advalorem.rates.flows import Flows, total_by
from advalorem.rates.situations import Situations
from advalorem.schedule.model import Int

Float = NDArray[np.float64]


def row_weights(flows: Flows, situations: Situations, shares: Float) -> Float:
    """Return dollars of trade by row where `shares` of each flow claim; shape (rows,).

    A flow that has no claimed row claims nothing. The weights of a flow's rows sum to its value.
    """
    share = open_shares(flows, situations, shares)[situations.flow]
    part = np.where(situations.claimed, share, 1.0 - share)
    return flows.value[situations.flow] * part * situations.part


def open_shares(flows: Flows, situations: Situations, shares: Float) -> Float:
    """Return the shares with zero where the law opens no claim to the flow; shape (flows,)."""
    open_ = np.zeros(len(flows), dtype=bool)
    open_[situations.flow[situations.claimed]] = True
    return np.where(open_, shares, 0.0)


def average_shares(flows: Flows, situations: Situations, shares: Float) -> Float:
    """Return for each flow the average share of its origin; shape (flows,)."""
    share = open_shares(flows, situations, shares)
    claimed = total_by(flows.origin, flows.value * share, len(flows.origins))
    return np.asarray((claimed / flows.totals())[flows.origin])


def sum_rates(cells: Cells, weights: Float, group: Int, size: int) -> Float:
    """Return duty in dollars by group of rows and authority; shape (size, authorities).

    `group` numbers the rows' groups from 0; rows of group -1 are left out.
    """
    kept = group >= 0
    cell, weight, where = cells.situations.cell[kept], weights[kept], group[kept]
    columns = [
        total_by(where, weight * cells.rate[cell, number], size)
        for number in range(len(cells.authorities))
    ]
    return np.stack(columns, axis=1)


def sum_cells(cells: Cells, value: Float, weights: Float, group: Int, size: int) -> Float:
    """Return the weighted sum of a value by cell over groups of rows; shape (size,)."""
    return total_by(group, weights * value[cells.situations.cell], size)
