"""Rate the situations of one schedule: the kernel's ledger as rates by authority."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.assess import ORDINARY, assess_epoch
from advalorem.duty.completions import UNBOUNDED, complete
from advalorem.duty.ledger import (
    APPLIED,
    LINE_COLUMNS,
    PROHIBITED,
    ROW_COLUMNS,
    UNDETERMINED,
    Layer,
    Ledger,
)
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.rates.situations import NOMINAL, Situations
from advalorem.schedule.model import OTHER, Schedule

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Rates of distinct shipments, and what of them is not known.

    `rate` has shape (cells, authorities), fractions of the customs value; `total` is its row sum,
    `high` the largest total that an open question allows (equal to `total` where none is open).
    `charged` is the share of the value that some duty falls on. `partial` marks cells whose
    ordinary duty lacks a quantity or a printed rate, `open_` those with a question that no reading
    answers, `banned` those that may not enter.
    """

    schedule: Schedule
    situations: Situations
    shipments: Shipments
    ledger: Ledger
    authorities: tuple[str, ...]
    rate: Float
    total: Float
    charged: Float
    high: Float
    partial: Mask
    open_: Mask
    banned: Mask
    facts_open: tuple[str, ...]


def rate_cells(schedule: Schedule, situations: Situations) -> Cells:
    """Return the rates of all situations of a schedule.

    A rate per unit without a quantity, and a rate that the schedule does not print, count nothing
    and mark the cell `partial`. A question that no reading answers is settled by the answer that
    charges least; `high` then holds the other end.
    """
    rows, ledger, partial = _without_gaps(schedule, situations.shipments)
    rows, ledger, high, open_, facts = _settled(schedule, rows, ledger)
    authorities = tuple(sorted({authority(schedule, layer) for layer in ledger.layers}))
    rate = rates_by(ledger, [authority(schedule, layer) for layer in ledger.layers], authorities)
    total = ledger.total / NOMINAL
    return Cells(
        schedule=schedule,
        situations=situations,
        shipments=rows,
        ledger=ledger,
        authorities=authorities,
        rate=rate,
        total=total,
        charged=charged_share(ledger),
        high=np.where(open_, high, total),
        partial=partial,
        open_=open_,
        banned=ledger.outcome == PROHIBITED,
        facts_open=facts,
    )


def without(cells: Cells, left_out: Collection[str]) -> Cells:
    """Return the cells with the duties of some authorities left out.

    What only they charge is charged no more, and what only they lack is lacking no more.
    """
    ledger = cells.ledger
    rate = np.where(np.isin(cells.authorities, list(left_out)), 0.0, cells.rate)
    by = [authority(cells.schedule, layer) for layer in ledger.layers]
    per_unit = (ledger.specific > 0) & (ledger.reason == APPLIED)
    kept = ledger.row[per_unit & ~np.isin(by, list(left_out))[ledger.layer]]
    ordinary = cells.schedule.book.columns[cells.schedule.importer].authority
    partial = cells.partial
    if ordinary in left_out:
        partial = partial & _marked(len(partial), kept)
    return replace(with_rate(cells, rate), partial=partial)


def with_rate(cells: Cells, rate: Float) -> Cells:
    """Return the cells with other rates by authority; shape of `rate` (cells, authorities).

    A duty whose rate is zero falls on no part of the value. What an open question may add stays.
    """
    ledger, total = cells.ledger, rate.sum(axis=1)
    by = [authority(cells.schedule, layer) for layer in ledger.layers]
    column = np.array([cells.authorities.index(name) for name in by], dtype=np.int64)
    charged = charged_share(ledger, rate[ledger.row, column[ledger.layer]] > 0)
    high = np.maximum(total, cells.high - (cells.total - total))
    return replace(cells, rate=rate, total=total, charged=charged, high=high)


def authority(schedule: Schedule, layer: Layer) -> str:
    """Return the authority of a ledger layer."""
    if layer.rule is None:
        return schedule.book.columns[schedule.importer].authority
    return layer.rule.measure.authority


def charged_share(ledger: Ledger, counted: Mask | None = None) -> Float:
    """Return the share of each cell's value that some duty falls on; shape (cells,).

    Bases of different measures are taken as parts that do not overlap, up to the whole value.
    `counted` marks the lines of the ledger that count; all if None.
    """
    paid = (ledger.amount > 0) & (True if counted is None else counted)
    bases = np.bincount(ledger.row[paid], ledger.base[paid], len(ledger))
    return np.minimum(bases / NOMINAL, 1.0)


def rates_by(ledger: Ledger, label: Sequence[str], labels: Sequence[str]) -> Float:
    """Return duty over nominal value by cell and label; shape (cells, labels).

    `label` names each layer of the ledger; layers whose label is not in `labels` are left out.
    """
    numbers = {name: number for number, name in enumerate(labels)}
    column = np.array([numbers.get(name, -1) for name in label], dtype=np.int64)[ledger.layer]
    here = column >= 0
    flat = ledger.row[here] * len(labels) + column[here]
    sums = np.bincount(flat, ledger.amount[here], len(ledger) * len(labels))
    return sums.reshape(len(ledger), len(labels)) / NOMINAL


def _without_gaps(schedule: Schedule, rows: Shipments) -> tuple[Shipments, Ledger, Mask]:
    """Return the shipments with nothing counted for missing quantities and unprinted rates.

    The mask marks those whose ordinary duty would need one of them.
    """
    no_quantity = rows.quantity == NOT_STATED
    line = np.searchsorted(schedule.lines, rows.code)
    unprinted = (schedule.general.kind[line] == OTHER) & (rows.fact(UNBOUNDED) == NOT_STATED)
    filled = replace(rows, quantity=np.where(no_quantity, 0, rows.quantity))
    if unprinted.any():
        rate = np.where(unprinted, 0, rows.fact(UNBOUNDED))
        filled = filled.with_fact(UNBOUNDED, rate)
    ledger = assess_epoch(schedule, filled)
    kinds = np.array([layer.kind for layer in ledger.layers])[ledger.layer]
    per_unit = ledger.row[(ledger.specific > 0) & (ledger.reason == APPLIED)]
    general = ledger.row[kinds == ORDINARY[0]]
    partial = (_marked(len(rows), per_unit) & no_quantity) | (
        _marked(len(rows), general) & unprinted
    )
    return filled, ledger, partial | _unprinted(schedule, ledger)


def _marked(size: int, rows: Int) -> Mask:
    mask = np.zeros(size, dtype=bool)
    mask[rows] = True
    return mask


def _unprinted(schedule: Schedule, ledger: Ledger) -> Mask:
    """Return the rows whose claimed rate the schedule does not print as a number."""
    return np.asarray((ledger.asked & (1 << list(schedule.book.facts).index(UNBOUNDED))) != 0)


def _settled(
    schedule: Schedule, rows: Shipments, ledger: Ledger
) -> tuple[Shipments, Ledger, Float, Mask, tuple[str, ...]]:
    """Return the shipments with open questions answered so that least is owed, and the bounds."""
    open_ = (ledger.outcome == UNDETERMINED) & ~_unprinted(schedule, ledger)
    high = ledger.total / NOMINAL
    if not open_.any():
        return rows, ledger, high, open_, ()
    here = np.flatnonzero(open_)
    bounds = complete(schedule.book, schedule.importer, rows.take(here), schedule.known_on)
    high[here] = bounds.high / NOMINAL
    rows = _put(rows, here, bounds.example)
    names = sorted(set().union(*bounds.facts))
    settled = assess_epoch(schedule, rows.take(here))
    return rows, _replaced(ledger, here, settled), high, open_, tuple(names)


def _replaced(ledger: Ledger, here: Int, other: Ledger) -> Ledger:
    """Return a ledger with some rows taken from another of the same schedule."""
    kept = ~_marked(len(ledger), here)[ledger.row]
    lines = {
        name: np.concatenate([getattr(ledger, name)[kept], getattr(other, name)])
        for name in LINE_COLUMNS
        if name != "row"
    }
    row = np.concatenate([ledger.row[kept], here[other.row]])
    order = np.argsort(row, kind="stable")
    rows = {name: getattr(ledger, name).copy() for name in ROW_COLUMNS}
    for name, column in rows.items():
        column[here] = getattr(other, name)
    ordered = {name: column[order] for name, column in lines.items()}
    return Ledger(row=row[order], **ordered, **rows, layers=ledger.layers)


def _put(rows: Shipments, here: Int, answered: Shipments) -> Shipments:
    """Return the shipments with the facts of some rows replaced by those of their answers."""
    for name in answered.facts:
        column = rows.fact(name).copy()
        column[here] = answered.facts[name]
        if (column != NOT_STATED).any():
            rows = rows.with_fact(name, column)
    return rows


__all__ = ["Cells", "authority", "rate_cells", "rates_by", "with_rate", "without"]
