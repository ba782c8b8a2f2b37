"""Duty at borders whose flows by line are not held, as far as lists of goods with values go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from advalorem.law.model import Lawbook
from advalorem.linkage.flows import ListFlows, SectorDuty, listed_duty
from advalorem.rates.elasticities import NO_SECTOR
from advalorem.rates.errors import RatesError
from advalorem.rates.flows import held_importers
from advalorem.rates.tables import notes, table
from advalorem.schedule.build import epochs_of

SERVICES = "SERV"


@dataclass(frozen=True, slots=True)
class Border:
    """Duty of one importer on goods that its lists name, from one exporter, over some days.

    `spans` holds a row for each span of days on which the duty stays as it is: `from, until, rate`
    (duty over the value of all listed goods), `duty_usd` (for those days, at the trade of one
    year), `duty_per_year_usd`, and the same per year by measure. `not_held` says in words what
    stands outside. An importer without any flow has no spans.
    """

    importer: str
    exporter: str
    year: int | None
    listed_usd: float
    trade_usd: float | None
    spans: pl.DataFrame
    not_held: tuple[str, ...]


def list_flows(importer: str) -> ListFlows | None:
    """Return the flows by list of an importer, None where there are none.

    >>> list_flows("CA").exporter, list_flows("MX")
    ('US', None)
    """
    held = [ListFlows(**row) for row in notes("linkage").get("list_flows", [])]
    return next((flows for flows in held if flows.importer == importer), None)


def border(book: Lawbook, importer: str, from_: date, until: date, known_on: date) -> Border:
    """Return the duty on the listed goods of an importer on the days `[from_, until)`.

    Raises
    ------
    RatesError
        The importer's law is not coded, its flows by line are held, or the span is empty.
    """
    if importer in held_importers():
        raise RatesError(f"importer: flows of {importer} by line are held; ask for its rates")
    if not any(place.importer == importer for place in book.coverage):
        raise RatesError(f"importer: no law of {importer!r} is coded; choose CA or MX")
    if until <= from_:
        last = until - timedelta(days=1)
        raise RatesError(f"to: {last} lies before {from_}; give a later day")
    held = list_flows(importer)
    if held is None:
        return Border(importer, "", None, 0.0, None, _spans([], []), _missing(book, importer, None))
    found = _by_epoch(book, held, from_, until, known_on)
    duty = next(iter(found))[2]
    trade = _all_trade(held)
    return Border(
        importer=importer,
        exporter=held.exporter,
        year=held.year,
        listed_usd=float(duty.value_all.sum()),
        trade_usd=trade,
        spans=_merged(found),
        not_held=_missing(book, importer, held),
    )


def _by_epoch(
    book: Lawbook, held: ListFlows, from_: date, until: date, known_on: date
) -> list[tuple[date, date, SectorDuty]]:
    """Return the duty on each span of days of the importer's law, in order."""
    sectors = sorted({*table("hts10_icio28")["sector"], SERVICES} - {NO_SECTOR})
    epochs = epochs_of(book, held.importer, known_on)
    first = epochs.span(0)[0]
    if from_ < first:
        raise RatesError(f"from: {from_} lies before {first}, the first day coded; ask from there")
    found, day = [], from_
    while day < until:
        number = int(epochs.number(np.array([day.toordinal()]))[0])
        end = min(epochs.span(number)[1], until)
        found.append((day, end, listed_duty(book, held, day, sectors, known_on)))
        day = end
    return found


def _merged(found: list[tuple[date, date, SectorDuty]]) -> pl.DataFrame:
    """Return the spans as rows, those with equal duty joined."""
    measures = sorted({name for _, _, duty in found for name in duty.measures})
    rows: list[list[object]] = []
    for start, end, duty in found:
        by_measure = dict(zip(duty.measures, duty.duty.sum(axis=(1, 2)).tolist(), strict=True))
        lost = float(duty.dropped.sum())
        values = [by_measure.get(name, 0.0) for name in measures]
        total = sum(values) + lost
        if rows and rows[-1][4:] == [total, *values]:
            start = rows.pop()[0]  # type: ignore[assignment]
        days = (end - start).days
        rate = total / float(duty.value_all.sum())
        rows.append([start, end, rate, total * days / 365, total, *values])
    return _spans(rows, measures)


def _spans(rows: list[list[object]], measures: list[str]) -> pl.DataFrame:
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {"from": pl.Date, "until": pl.Date}
    numbers = ["rate", "duty_usd", "duty_per_year_usd", *(f"{name}_usd" for name in measures)]
    return pl.DataFrame(rows, schema={**kinds, **dict.fromkeys(numbers, pl.Float64)}, orient="row")


def _all_trade(held: ListFlows) -> float | None:
    """Return all goods that the exporter sold to the importer in the year, None if not held."""
    frame = table("trade_pairs").filter(
        (pl.col("exporter") == held.exporter)
        & (pl.col("importer") == held.importer)
        & (pl.col("year") == held.year)
        & pl.col("value_usd").is_not_null()
    )
    return float(frame["value_usd"][0]) if frame.height else None


def _missing(book: Lawbook, importer: str, held: ListFlows | None) -> tuple[str, ...]:
    """Return what is not held of a border, in words."""
    gaps = [text for place in book.coverage if place.importer == importer for text in place.gaps]
    if held is None:
        flows = [f"no flows into {importer} by tariff item are held: duty is told by item only"]
    else:
        flows = [
            held.text,
            f"goods of {held.exporter} outside the lists and goods of other origins are not held",
            "flows by month are not held: a year's trade is spread evenly over its days",
        ]
    return (*flows, f"what {importer} collected is not held by month, so no gap is split", *gaps)
