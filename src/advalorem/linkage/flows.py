"""Duty by origin, sector and measure: the ledger of the rates added up over flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.ledger import Layer
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.law.model import Lawbook
from advalorem.linkage.concordance import BASES, NONE, link
from advalorem.rates.cells import Cells, rate_cells, rates_by
from advalorem.rates.claims import claim_shares
from advalorem.rates.effective import effective_rates
from advalorem.rates.flows import Flows, held_origins, total_by
from advalorem.rates.placing import PLACINGS, Placed
from advalorem.rates.readings import COMPLIANCE, LAGS, Readings, refuse_set
from advalorem.rates.situations import NOMINAL, Situations
from advalorem.rates.tables import table
from advalorem.rates.weights import row_weights
from advalorem.schedule.build import build_schedule
from advalorem.schedule.model import Schedule

Float = NDArray[np.float64]
_SUBHEADING = 10_000


@dataclass(frozen=True, slots=True)
class SectorDuty:
    """Duty and trade of one importer by origin and sector, in dollars.

    `measures` are those that charge something; `duty` has shape (measures, origins, sectors),
    `value` and `banned` (origins, sectors).
    `dropped` holds duty of goods without a sector by origin, `value_all` all trade by origin.
    `coverage` lists what share of value stands on what, as (item, note, share).
    """

    importer: str
    origins: tuple[str, ...]
    measures: tuple[str, ...]
    duty: Float
    value: Float
    banned: Float
    dropped: Float
    value_all: Float
    coverage: tuple[tuple[str, str, float], ...]
    statements: tuple[str, ...] = ()


def held_duty(
    book: Lawbook,
    importer: str,
    on: date,
    sectors: Sequence[str],
    readings: Readings,
    known_on: date,
) -> SectorDuty:
    """Return the duty on the whole trade of an importer whose flows by line are held.

    Raises
    ------
    RatesError
        No flows are held, or a reading has no such option.
    """
    refuse_set(readings, (COMPLIANCE, LAGS), "the model's tariffs are those of the law")
    origins = held_origins(importer, readings.weights)
    rates = effective_rates(book, importer, origins, on, readings=readings, known_on=known_on)
    shares = claim_shares(rates.flows, readings.usmca_share, (on.year, on.month))
    cells = rates.segments[0].cells
    weights = row_weights(rates.flows, cells.situations, shares)
    found = add_up(cells, rates.flows, weights, sectors)
    return replace(found, statements=tuple(rates.statements()))


def add_up(cells: Cells, flows: Flows, weights: Float, sectors: Sequence[str]) -> SectorDuty:
    """Return the ledger of rated rows, weighted with dollars of trade, by origin and sector."""
    names = [_measure(cells.schedule, layer) for layer in cells.ledger.layers]
    measures = tuple(sorted(set(names)))
    rate = rates_by(cells.ledger, names, measures)
    links = link(flows.hts, sectors)
    rows = cells.situations
    shape = (len(flows.origins), len(sectors))
    by_flow = _by_flow(weights, rows, rate, len(flows))
    by_flow = np.hstack(
        [by_flow, _by_flow(weights, rows, cells.banned[:, None].astype(np.float64), len(flows))]
    )
    key = flows.origin[links.code] * len(sectors) + links.sector
    sums = [
        total_by(key, column[links.code] * links.weight, shape[0] * shape[1]).reshape(shape)
        for column in (*by_flow.T, flows.value)
    ]
    has_sector = np.zeros(len(flows), dtype=bool)
    has_sector[links.code] = True
    outside = np.where(has_sector, 0.0, by_flow[:, :-1].sum(axis=1))
    duty = np.stack(sums[:-2])
    charging = [n for n in range(len(measures)) if duty[n].any()]
    return SectorDuty(
        importer=flows.importer,
        origins=flows.origins,
        measures=tuple(measures[n] for n in charging),
        duty=duty[charging],
        value=sums[-1],
        banned=sums[-2],
        dropped=total_by(flows.origin, outside, shape[0]),
        value_all=flows.totals(),
        coverage=tuple(_coverage(flows, rows, links.basis, links.confidence)),
    )


def _measure(schedule: Schedule, layer: Layer) -> str:
    """Return the measure of a ledger layer; that of the importer's column where it is ordinary."""
    if layer.rule is None:
        return schedule.book.columns[schedule.importer].measure
    return layer.rule.measure.measure


def _by_flow(weights: Float, rows: Situations, rate: Float, flows: int) -> Float:
    """Return dollars by flow and column of a rate by cell; shape (flows, columns)."""
    columns = [
        np.bincount(rows.flow, weights * rate[rows.cell, number], flows)
        for number in range(rate.shape[1])
    ]
    return np.stack(columns, axis=1)


def _coverage(
    flows: Flows, rows: Situations, basis: NDArray[np.int64], confidence: NDArray[np.str_]
) -> list[tuple[str, str, float]]:
    """Return the share of trade by how its line and its sector were found."""
    total = flows.value.sum()

    def share(which: NDArray[np.bool_]) -> float:
        return float(flows.value[which].sum() / total)

    found = [
        (f"line by {word}", "how the code was placed on the schedule", share(rows.placed.how == n))
        for n, word in enumerate(PLACINGS)
    ]
    found += [
        (f"sector by {word}", "how the code was given a sector", share(basis == n))
        for n, word in enumerate(BASES)
    ]
    found += [
        (
            f"confidence {word}",
            "mark of the concordance",
            share((basis == 0) & (confidence == word)),
        )
        for word in sorted({*confidence[basis == 0].tolist()} - {NONE})
    ]
    return found


@dataclass(frozen=True, slots=True)
class ListFlows:
    """Flows of an importer that are known by its lists only; see `parameters/linkage.toml`."""

    importer: str
    exporter: str
    table: str
    year: int
    text: str


def listed_duty(
    book: Lawbook, held: ListFlows, on: date, sectors: Sequence[str], known_on: date
) -> SectorDuty:
    """Return the duty on listed goods, each subheading at the average of its listed items.

    Goods state no claim and no fact; what the law asks is settled at the least.
    """
    schedule = build_schedule(book, held.importer, on, known_on)
    flows = _list_flows(held)
    rows = _items(schedule, flows)
    cells = rate_cells(schedule, rows)
    return add_up(cells, flows, row_weights(flows, rows, np.zeros(len(flows))), sectors)


def _list_flows(held: ListFlows) -> Flows:
    frame = table(held.table).group_by("hs6").agg(pl.col("exports_usd").max()).sort("hs6")
    return Flows(
        importer=held.importer,
        year=str(held.year),
        hts=frame["hs6"].to_numpy().astype(np.int64) * _SUBHEADING,
        origin=np.zeros(frame.height, dtype=np.int64),
        value=frame["exports_usd"].to_numpy().astype(np.float64),
        origins=(held.exporter,),
        country=(held.exporter,),
    )


def _items(schedule: Schedule, flows: Flows) -> Situations:
    """Return one shipment for each item under each subheading, in equal parts."""
    stems = schedule.lines // _SUBHEADING
    wanted = flows.hts // _SUBHEADING
    low, high = np.searchsorted(stems, wanted), np.searchsorted(stems, wanted, side="right")
    count = high - low
    flow = np.repeat(np.arange(len(flows)), count)
    line = np.repeat(low, count) + np.arange(len(flow)) - np.repeat(np.cumsum(count) - count, count)
    size = len(flow)
    how = np.where(count > 0, PLACINGS.index("six digits"), PLACINGS.index("no line"))
    origin = schedule.country(flows.country[0])
    shipments = Shipments(
        code=schedule.lines[line],
        eight=np.zeros(size, dtype=bool),
        origin=np.full(size, origin),
        day=np.full(size, schedule.from_.toordinal()),
        value=np.full(size, NOMINAL),
        claim=np.full(size, -1),
        mode=np.full(size, -1),
        quantity=np.full(size, NOT_STATED),
        unit=np.zeros(size, dtype=np.int64),
        facts={},
    )
    return Situations(
        flow=flow,
        claimed=np.zeros(size, dtype=bool),
        part=1.0 / count[flow],
        cell=np.arange(size),
        shipments=shipments,
        placed=Placed(np.where(count > 0, low, -1), how),
    )
