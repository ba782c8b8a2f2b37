"""Which provisions stand behind each step of a decomposition, with their part of its effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.ledger import Layer
from advalorem.duty.words import cite
from advalorem.rates.cells import Cells
from advalorem.rates.decompose import (
    CLAIMS,
    COLUMN_1,
    EXEMPTIONS,
    OTHERS,
    STACKING,
    Pieces,
    Trade,
    headline_rules,
    pieces,
)
from advalorem.rates.flows import total_by
from advalorem.rates.situations import NOMINAL
from advalorem.schedule.model import Int

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cause:
    """A provision, relation or measure behind a step: what it adds to an origin's average."""

    origin: int
    step: str
    heading: str
    measure: str
    title: str
    citation: str
    effect: float


def causes(cells: Cells, trade: Trade) -> list[Cause]:
    """Return the causes of each step, taken in the fixed order, largest effects first.

    Claims are told apart by the measure from whose duty they free; both claim steps together.
    """
    parts = pieces(cells)
    found = [
        *_exemptions(cells, trade, parts),
        *_measures(cells, trade, parts),
        *_stacking(cells, trade, parts),
        *_claims(cells, trade),
    ]
    merged = _merged(found)
    return sorted(merged, key=lambda cause: (cause.origin, cause.step, -abs(cause.effect)))


def _merged(found: Sequence[Cause]) -> list[Cause]:
    """Return the causes with those of one provision and step added up, without the empty ones."""
    sums: dict[Cause, float] = {}
    for cause in found:
        key = replace(cause, effect=0.0)
        sums[key] = sums.get(key, 0.0) + cause.effect
    return [replace(key, effect=effect) for key, effect in sums.items() if effect]


def _spread(trade: Trade, row: Int, effect: Float, size: int, claimed: bool) -> Float:
    """Return the average by origin of effects that fall on some cells, some cells twice."""
    by_cell = total_by(row, effect, size)
    weights = trade.actual - trade.unclaimed if claimed else trade.unclaimed
    return trade.average(by_cell, weights)


def _lines_of(cells: Cells) -> Iterator[tuple[Layer, Int]]:
    for number, layer in enumerate(cells.ledger.layers):
        lines = np.flatnonzero(cells.ledger.layer == number)
        if len(lines):
            yield layer, lines


def _headline_measures(cells: Cells) -> set[str]:
    origins = np.unique(cells.shipments.origin).tolist()
    schedule = cells.schedule
    return {r.measure.measure for origin in origins for r in headline_rules(schedule, origin)}


def _exemptions(cells: Cells, trade: Trade, parts: Pieces) -> Iterator[Cause]:
    """Yield the provisions of the headline measures that charge another rate than announced."""
    measures = sorted(_headline_measures(cells))
    for layer, lines in _lines_of(cells):
        rule = layer.rule
        if rule is None or rule.measure.measure not in measures:
            continue
        row, column = cells.ledger.row[lines], measures.index(rule.measure.measure)
        less = np.where(
            parts.claimed[row, column], 0.0, (parts.listed - parts.printed)[row, column]
        )
        yield from _caused(
            cells, layer, EXEMPTIONS, _spread(trade, row, less, len(parts.ordinary), False)
        )


def _measures(cells: Cells, trade: Trade, parts: Pieces) -> Iterator[Cause]:
    """Yield what column 1 and each provision outside the headline measures charge."""
    measures = _headline_measures(cells)
    for layer, lines in _lines_of(cells):
        if layer.rule is not None and layer.rule.measure.measure in measures:
            continue
        amount = cells.ledger.amount[lines] / NOMINAL
        effect = _spread(trade, cells.ledger.row[lines], amount, len(parts.ordinary), False)
        yield from _caused(cells, layer, COLUMN_1 if layer.rule is None else OTHERS, effect)


def _stacking(cells: Cells, trade: Trade, parts: Pieces) -> Iterator[Cause]:
    """Yield the relations by which the headline measures yield."""
    measures = sorted(_headline_measures(cells))
    lost = parts.listed * (parts.kept - 1.0)
    effects: dict[int, Float] = {}
    for layer, lines in _lines_of(cells):
        if layer.rule is None or layer.rule.measure.measure not in measures:
            continue
        column = measures.index(layer.rule.measure.measure)
        for number in np.unique(cells.ledger.by[lines]).tolist():
            row = cells.ledger.row[lines[cells.ledger.by[lines] == number]]
            effect = _spread(trade, row, lost[row, column], len(parts.ordinary), False)
            effects[number] = effects.get(number, np.zeros(len(trade.imports))) + effect
    for number, effect in effects.items():
        if number < 0:
            continue
        relation = cells.schedule.yields[number]
        act = cite(cells.schedule.book.instruments[relation.span.value.act])
        for origin, value in enumerate(effect.tolist()):
            name = relation.relation.id
            heading = relation.relation.heading or ""
            yield Cause(origin, STACKING, heading, name, relation.relation.title, act, value)


def _claims(cells: Cells, trade: Trade) -> Iterator[Cause]:
    """Yield by layer what the claims take off, or add."""
    for layer, lines in _lines_of(cells):
        row, amount = cells.ledger.row[lines], cells.ledger.amount[lines] / NOMINAL
        yield from _caused(
            cells, layer, CLAIMS, _spread(trade, row, amount, len(cells.total), True)
        )


def _caused(cells: Cells, layer: Layer, step: str, effect: Float) -> Iterator[Cause]:
    """Yield a layer's effect for each origin."""
    book = cells.schedule.book
    for origin, value in enumerate(effect.tolist()):
        if layer.rule is None:
            column = book.columns[cells.schedule.importer]
            act = cite(book.instruments[column.act])
            yield Cause(
                origin, step, "", column.measure, f"{column.title} ({layer.kind})", act, value
            )
            continue
        rule = layer.rule
        act = cite(book.instruments[rule.span.value.act])
        heading, title = rule.provision.heading or "", rule.provision.title
        yield Cause(origin, step, heading, rule.measure.measure, title, act, value)
