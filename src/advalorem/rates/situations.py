"""Flows as weighted shipments: one for each claim and stated use, equal ones rated once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.numbers import MILLION
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.rates import stated
from advalorem.rates.flows import CHAPTER_WIDTH, Flows
from advalorem.rates.needs import Need, needs
from advalorem.rates.placing import Placed, place
from advalorem.rates.readings import Readings
from advalorem.rates.tables import parameter
from advalorem.schedule.model import COMPOUND, OTHER, SPECIFIC, Int, Mask, Schedule

Float = NDArray[np.float64]

NOMINAL = 10**10
"""Customs value in cents at which every situation is rated: rounding is below 1e-10 of it."""
CHAPTER_98 = 98
UNCLAIMED = -1


@dataclass(frozen=True, slots=True)
class Situations:
    """Rows of flow × claim × use, and the distinct shipments they stand for.

    Rows: `flow`, `claimed`, `part` (share of the flow's claimed or unclaimed value), `cell` (the
    number of the row's shipment). Flows that no line holds have no row.
    """

    flow: Int
    claimed: Mask
    part: Float
    cell: Int
    shipments: Shipments
    placed: Placed


@dataclass(frozen=True, slots=True)
class _Rows:
    flow: Int
    line: Int
    claim: Int
    part: Float
    facts: Mapping[str, Int]

    def take(self, rows: Int, share: Float | None = None, **facts: Int) -> _Rows:
        """Return chosen rows, their parts scaled, with facts replaced."""
        part = self.part[rows] if share is None else self.part[rows] * share
        old = {name: column[rows] for name, column in self.facts.items()}
        return _Rows(self.flow[rows], self.line[rows], self.claim[rows], part, {**old, **facts})


def build_situations(schedule: Schedule, flows: Flows, readings: Readings) -> Situations:
    """Return the flows as weighted shipments of one schedule under the readings."""
    placed = place(schedule, flows.hts)
    countries = np.array([schedule.country(name) for name in flows.country], dtype=np.int64)
    origin = countries[flows.origin]
    rows = _claimed_and_not(schedule, placed, origin)
    asked = needs(schedule, countries, frozenset({readings.relief}))
    rows = _with_uses(schedule, asked, readings, rows)
    facts = {
        **rows.facts,
        **_contents(schedule, asked, readings, rows),
        **_countries(schedule, asked, readings, rows, origin),
        **{
            name: np.where(rows.claim >= 0, share[rows.line], NOT_STATED)
            for name, share in us_content(asked, readings).items()
        },
        **_chapter_98(schedule, rows),
        **stated.loaded(schedule, readings, len(rows.flow)),
    }
    number, equivalent = _quantities(schedule, flows, readings, rows)
    facts["column1_rate"] = equivalent
    alike = line_classes(schedule, countries)[rows.line]
    return _distinct(schedule, readings, rows, alike, origin[rows.flow], number, facts, placed)


def _claimed_and_not(schedule: Schedule, placed: Placed, origin: Int) -> _Rows:
    """Return each placed flow without a claim and, where one is open to it, with the claim."""
    flow = np.flatnonzero(placed.line >= 0)
    claim = claim_of(schedule, placed.line[flow], origin[flow])
    open_ = flow[claim >= 0]
    flows = np.concatenate([flow, open_])
    claims = np.concatenate([np.full(len(flow), UNCLAIMED), claim[claim >= 0]])
    return _Rows(flows, placed.line[flows], claims, np.ones(len(flows)), {})


def claim_of(schedule: Schedule, line: Int, origin: Int) -> Int:
    """Return the number of the preference open to each line and origin, -1 for none.

    A preference that provisions ask for is open on every line; of the others one that lists the
    line, the one with the fewest origins where several do.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> line = np.searchsorted(schedule.lines, [8703230190, 6203424011])
    >>> found = claim_of(schedule, line, np.full(2, schedule.country("KR")))
    >>> [schedule.claims[number].claim for number in found]
    ['KORUS', 'KORUS']
    """
    tested = {condition.claim for condition in schedule.conditions}
    ranked = sorted(
        enumerate(schedule.claims),
        key=lambda item: (item[1].claim not in tested, int(item[1].origins.sum())),
    )
    claim = np.full(len(line), UNCLAIMED)
    for number, column in reversed(ranked):
        if column.in_force:
            listed = column.eligible[line] | (column.claim in tested)
            claim[column.origins[origin] & listed] = number
    return claim


def _with_uses(
    schedule: Schedule, asked: tuple[Need, ...], readings: Readings, rows: _Rows
) -> _Rows:
    """Return the rows divided by each choice and yes-or-no fact that the law asks for."""
    for need in asked:
        if schedule.book.facts[need.fact].type not in ("choice", "yes_no") or not need.words:
            continue
        asks = need.lines[rows.line]
        outside = np.flatnonzero(~asks)
        pieces = [rows.take(outside, **{need.fact: np.full(len(outside), NOT_STATED)})]
        for part in stated.parts(schedule, need, readings):
            here = np.flatnonzero(asks & (part.share[rows.line] > 0))
            word = {need.fact: np.full(len(here), part.number)}
            pieces.append(rows.take(here, part.share[rows.line[here]], **word))
        rows = _joined(pieces)
    return rows


def _joined(pieces: list[_Rows]) -> _Rows:
    return _Rows(
        flow=np.concatenate([piece.flow for piece in pieces]),
        line=np.concatenate([piece.line for piece in pieces]),
        claim=np.concatenate([piece.claim for piece in pieces]),
        part=np.concatenate([piece.part for piece in pieces]),
        facts={
            name: np.concatenate([piece.facts[name] for piece in pieces])
            for name in pieces[0].facts
        },
    )


def _contents(
    schedule: Schedule, asked: tuple[Need, ...], readings: Readings, rows: _Rows
) -> dict[str, Int]:
    """Return the metal contents that the law asks for, by row."""
    metals = [need for need in asked if need.fact in stated.METALS]
    count = np.sum([need.lines for need in metals], axis=0) if metals else 1
    found = {}
    for need in asked:
        if need.fact not in stated.METALS and need.fact != stated.WEIGHT:
            continue
        divisor = 1 if need.fact == stated.WEIGHT else count
        share = stated.content_share(schedule, need, readings, divisor)
        number = stated.as_number(schedule.book.facts[need.fact], share, NOMINAL)
        found[need.fact] = np.where(need.lines, number, NOT_STATED)[rows.line]
    return found


def _countries(
    schedule: Schedule, asked: tuple[Need, ...], readings: Readings, rows: _Rows, origin: Int
) -> dict[str, Int]:
    """Return the countries of metals that the law asks for, by row."""
    return {
        need.fact: stated.country_fact(schedule, readings, origin[rows.flow], need.lines[rows.line])
        for need in asked
        if schedule.book.facts[need.fact].type == "country"
    }


def us_content(asked: tuple[Need, ...], readings: Readings) -> dict[str, Int]:
    """Return by line the US content of goods that claim a preference and pay on the rest."""
    if readings.vehicle_content == "none":
        return {}
    share = round(parameter("vehicles_us_content_share") * MILLION)
    return {
        need.fact: np.where(need.lines, share, NOT_STATED)
        for need in asked
        if need.fact == stated.US_CONTENT
    }


def _chapter_98(schedule: Schedule, rows: _Rows) -> dict[str, Int]:
    """Return the provision that goods of chapter 98 claim, and the value of repairs, by row."""
    code = schedule.lines[rows.line]
    here = code // CHAPTER_WIDTH == CHAPTER_98
    if not here.any():
        return {}
    repaired = round(parameter("repairs_dutiable_share") * NOMINAL)
    return {
        stated.PROVISION: np.where(here, code, NOT_STATED),
        stated.REPAIR: np.where(here, repaired, NOT_STATED),
    }


def _quantities(
    schedule: Schedule, flows: Flows, readings: Readings, rows: _Rows
) -> tuple[Int, Int]:
    """Return quantities for rates per unit, and ad valorem equivalents of unprinted rates."""
    number = np.full(len(rows.flow), NOT_STATED)
    equivalent = np.full(len(rows.flow), NOT_STATED)
    if readings.unit_values == "none":
        return number, equivalent
    kind = _kinds(schedule, rows)
    for row in np.flatnonzero(np.isin(kind, (SPECIFIC, COMPOUND))):
        unit = schedule.general.units[schedule.general.unit[rows.line[row]]]
        number[row] = stated.quantity(_implied(flows, rows, int(row), unit), NOMINAL)
    for row in np.flatnonzero(kind == OTHER):
        rate = _implied(flows, rows, int(row), stated.AD_VALOREM)
        equivalent[row] = NOT_STATED if rate is None else min(round(rate * MILLION), MILLION)
    return number, equivalent


def _kinds(schedule: Schedule, rows: _Rows) -> Int:
    """Return the kind of the ordinary rate that applies to each row under its claim."""
    kind = schedule.general.kind[rows.line]
    for number, claim in enumerate(schedule.claims):
        listed = (rows.claim == number) & claim.eligible[rows.line]
        kind = np.where(listed, claim.rates.kind[rows.line], kind)
    return kind


def _implied(flows: Flows, rows: _Rows, row: int, unit: str) -> float | None:
    flow = rows.flow[row]
    return stated.implied(int(flows.hts[flow]), flows.origins[flows.origin[flow]], unit)


def line_classes(schedule: Schedule, countries: Int) -> Int:
    """Return a class by line: lines of one class are told apart by no provision of these origins.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> mine = line_classes(schedule, np.array([schedule.country("CA")]))
    >>> len(mine) == len(schedule.lines), bool(mine.max() < schedule.line_class.max())
    (True, True)
    """
    scopes = [rule.products for rule in schedule.rules if rule.origins[countries].any()]
    scopes += [claim.eligible for claim in schedule.claims]
    bits = np.packbits(np.array(scopes, dtype=bool), axis=0)
    padded = np.zeros((-len(bits) % 8 + len(bits), bits.shape[1]), dtype=np.uint8)
    padded[: len(bits)] = bits
    words = np.ascontiguousarray(padded.T).view(np.int64)
    columns = [schedule.general, schedule.column2, *(claim.rates for claim in schedule.claims)]
    return _numbered([*words.T, *(column.text_id for column in columns)])[1]


def _distinct(
    schedule: Schedule,
    readings: Readings,
    rows: _Rows,
    alike: Int,
    origin: Int,
    quantity: Int,
    facts: dict[str, Int],
    placed: Placed,
) -> Situations:
    """Return the rows with equal shipments numbered alike."""
    facts = {name: column for name, column in facts.items() if (column != NOT_STATED).any()}
    first, cell = _numbered([alike, origin, rows.claim, quantity, *facts.values()])
    size = len(first)
    shipments = Shipments(
        code=schedule.lines[rows.line[first]],
        eight=np.zeros(size, dtype=bool),
        origin=origin[first],
        day=np.full(size, schedule.from_.toordinal()),
        value=np.full(size, NOMINAL),
        claim=rows.claim[first],
        mode=stated.carried(readings, size),
        quantity=quantity[first],
        unit=np.zeros(size, dtype=np.int64),
        facts={name: column[first] for name, column in facts.items()},
    )
    return Situations(rows.flow, rows.claim >= 0, rows.part, cell, shipments, placed)


def _numbered(columns: list[Int]) -> tuple[Int, Int]:
    """Return the first row of each distinct row of columns, and the number of every row's."""
    names = [str(number) for number in range(len(columns))]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True))).with_row_index("row")
    groups = frame.group_by(names, maintain_order=True).agg("row").with_row_index("cell")
    rows = groups.select("cell", "row").explode("row").sort("row")
    first = groups["row"].list.first().cast(pl.Int64).to_numpy()
    return first, rows["cell"].cast(pl.Int64).to_numpy()
