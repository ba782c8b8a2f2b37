"""Cells of the panel as questions to the calculator, so that anybody can ask them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from advalorem.duty.encode import decode_fact
from advalorem.duty.numbers import QUANTITY_UNITS
from advalorem.duty.shipments import MODES, NOT_STATED, SOME_OTHER, Shipments
from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.flows import CHAPTER_WIDTH
from advalorem.rates.panel import Panel, changes
from advalorem.rates.panel_frames import LACKING, intervals, rated
from advalorem.rates.readings import Readings
from advalorem.rates.situations import CHAPTER_98, NOMINAL, UNCLAIMED, claim_of
from advalorem.rates.standard import Standard, standard_goods
from advalorem.schedule.build import build_schedule
from advalorem.schedule.model import Schedule

LAST_ARTICLE = CHAPTER_98 * CHAPTER_WIDTH

NO_USE = "other"
"""The word of a use that no provision names."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: code, country of origin, day, whether the open preference is claimed, its rate."""

    hts10: int
    origin: str
    day: date
    claimed: bool
    rate: float
    flagged: bool


def sample(panel: Panel, count: int, seed: int) -> list[Cell]:
    """Return cells drawn at random: class and claim, row of it, country of the class.

    Chapter 98 is left out: its provisions are claimed beside an article's own code.
    """
    draw, rates = np.random.default_rng(seed), rated(panel)
    found: list[Cell] = []
    while len(found) < count:
        number, claimed = int(draw.integers(len(panel.origins.standing))), draw.random() < 0.5
        pick = changes(panel, number, claimed)
        if pick is None:
            continue
        frame = intervals(rates, number, pick).filter(pl.col("hts10") < LAST_ARTICLE)
        row = frame.row(int(draw.integers(0, frame.height)), named=True)
        country = str(draw.choice(panel.origins.members(number)))
        flagged = bool(row["prohibited"] or row["open"] or row[LACKING])
        found.append(Cell(row["hts10"], country, row["valid_from"], claimed, row["rate"], flagged))
    return found


def question(
    book: Lawbook, importer: str, cell: Cell, readings: Readings, known_on: date
) -> dict[str, object]:
    """Return the arguments of `advalorem.duty.answer.rate` for the shipment of a cell.

    Raises
    ------
    RatesError
        The code is not in the schedule of the day.
    """
    schedule = build_schedule(book, importer, cell.day, known_on)
    at = np.searchsorted(schedule.lines, cell.hts10)
    if at >= len(schedule.lines) or schedule.lines[at] != cell.hts10:
        raise RatesError(f"hts10: {cell.hts10:010d} is not in the schedule of {cell.day}")
    line, origin = np.array([at]), np.array([schedule.country(cell.origin)])
    claim = claim_of(schedule, line, origin) if cell.claimed else np.array([UNCLAIMED])
    goods = standard_goods(schedule, readings)
    rows = goods.shipments(schedule, line, origin, claim, readings)
    quantity = int(rows.quantity[0])
    return {
        "hts": f"{cell.hts10:010d}",
        "origin": cell.origin,
        "as_of": cell.day,
        "value": NOMINAL // 100,
        "importer": importer,
        "mode": MODES[rows.mode[0]] if rows.mode[0] >= 0 else None,
        "claim": schedule.claims[claim[0]].claim if claim[0] >= 0 else None,
        "quantity": None if quantity == NOT_STATED else Decimal(quantity) / QUANTITY_UNITS,
        "facts": {**_of_no_use(schedule, int(claim[0])), **_facts(schedule, rows, goods, int(at))},
        "known_on": known_on,
        "law": book,
    }


def _of_no_use(schedule: Schedule, claim: int) -> dict[str, object]:
    """Return the facts that a claim affirms as not so: goods of the panel have no stated use."""
    name = schedule.claims[claim].claim if claim >= 0 else None
    return dict.fromkeys(schedule.book.claims[name].affirms, NO_USE) if name else {}


def _facts(schedule: Schedule, rows: Shipments, goods: Standard, line: int) -> dict[str, object]:
    """Return the facts of one shipment that the law asks for on its line, as words."""
    book = schedule.book
    return {
        name: decode_fact(book.facts[name], int(column[0]), schedule.countries)
        for name, column in rows.facts.items()
        if column[0] not in (NOT_STATED, SOME_OTHER)
        and (name not in goods.asked or goods.asked[name][line])
    }


def owed_rate(total: str) -> float:
    """Return a duty on the standard shipment as a fraction of its value.

    >>> owed_rate("25000000.00")
    0.25
    """
    return float(Decimal(total) * 100 / NOMINAL)
