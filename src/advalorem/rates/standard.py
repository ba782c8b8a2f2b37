"""The standard shipment of each line: one for the panel of statutory rates.

A cell of the panel is the duty on one shipment of a line. What the law asks of it is answered by
the readings: the use or kind with the largest published share of the line's trade, the metal
content and the metal's country, the provision under which goods of chapter 98 enter, and the
quantity that the line's trade of 2024 implies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.rates import stated
from advalorem.rates.flows import CHAPTER_WIDTH
from advalorem.rates.needs import Need, needs
from advalorem.rates.readings import Readings
from advalorem.rates.situations import CHAPTER_98, NOMINAL, us_content
from advalorem.rates.tables import parameter
from advalorem.schedule.model import COMPOUND, OTHER, SPECIFIC, Int, Mask, Schedule

COLUMN_1_RATE = "column1_rate"
NO_ORIGIN = ""


@dataclass(frozen=True, slots=True)
class Standard:
    """Facts and quantity of each line's standard shipment of `NOMINAL` cents.

    `asked` marks the lines on which some provision reads a fact; `facts` holds by name the fact of
    every line, `claimed` those that only goods with a claim state, `countries` the names of facts
    that are the country of origin itself; `quantity` is in ten-thousandths of the unit of the
    line's rate. All arrays have shape (lines,).
    """

    facts: Mapping[str, Int]
    claimed: Mapping[str, Int]
    countries: Mapping[str, Int]
    quantity: Int
    asked: Mapping[str, Mask]

    def shipments(
        self, schedule: Schedule, line: Int, origin: Int, claim: Int, readings: Readings
    ) -> Shipments:
        """Return the standard shipments of some lines, origins and claims; shape (rows,)."""
        facts = {name: column[line] for name, column in self.facts.items()}
        for name, column in self.claimed.items():
            facts[name] = np.where(claim >= 0, column[line], NOT_STATED)
        for name, asked in self.countries.items():
            facts[name] = stated.country_fact(schedule, readings, origin, asked[line] > 0)
        size = len(line)
        return Shipments(
            code=schedule.lines[line],
            eight=np.zeros(size, dtype=bool),
            origin=origin,
            day=np.full(size, schedule.from_.toordinal()),
            value=np.full(size, NOMINAL),
            claim=claim,
            mode=stated.carried(readings, size),
            quantity=self.quantity[line],
            unit=np.zeros(size, dtype=np.int64),
            facts={name: col for name, col in facts.items() if (col != NOT_STATED).any()},
        )


Quantities = tuple[Int, Int]


def standard_goods(
    schedule: Schedule, readings: Readings, known: dict[int, Quantities] | None = None
) -> Standard:
    """Return the standard shipment of every line of a schedule under the readings.

    `known` keeps the quantities of an edition of the tariff for its other epochs.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> goods = standard_goods(schedule, Readings())
    >>> len(goods.quantity) == len(schedule.lines), sorted(goods.claimed)
    (True, ['us_content_share'])
    """
    asked = needs(schedule, np.arange(len(schedule.countries)), frozenset({readings.relief}))
    types = {need.fact: schedule.book.facts[need.fact].type for need in asked}
    held, edition = {} if known is None else known, id(schedule.general)
    if edition not in held:
        held[edition] = _quantities(schedule, readings)
    quantity, equivalent = held[edition]
    facts = {
        **{n.fact: _likeliest(schedule, n, readings) for n in asked
           if types[n.fact] in ("choice", "yes_no") and n.words},
        **_contents(schedule, asked, readings),
        **_chapter_98(schedule),
        **stated.loaded(schedule, readings, len(schedule.lines)),
        COLUMN_1_RATE: equivalent,
    }  # fmt: skip
    return Standard(
        facts={name: column for name, column in facts.items() if (column != NOT_STATED).any()},
        claimed=us_content(asked, readings),
        countries={
            need.fact: need.lines.astype(np.int64)
            for need in asked
            if types[need.fact] == "country"
        },
        quantity=quantity,
        asked={need.fact: need.lines for need in asked},
    )


def _likeliest(schedule: Schedule, need: Need, readings: Readings) -> Int:
    """Return the word with the largest share of each line's trade, where the law asks for one."""
    parts = stated.parts(schedule, need, readings)
    numbers = np.array([part.number for part in parts], dtype=np.int64)
    best = np.argmax(np.stack([part.share for part in parts]), axis=0)
    return np.where(need.lines, numbers[best], NOT_STATED)


def _contents(schedule: Schedule, asked: tuple[Need, ...], readings: Readings) -> dict[str, Int]:
    """Return the metal contents that the law asks for anywhere, by line."""
    metals = [need for need in asked if need.fact in stated.METALS]
    count = np.sum([need.lines for need in metals], axis=0) if metals else 1
    found = {}
    for need in asked:
        if need.fact in stated.METALS or need.fact == stated.WEIGHT:
            divisor = 1 if need.fact == stated.WEIGHT else count
            share = stated.content_share(schedule, need, readings, divisor)
            found[need.fact] = stated.as_number(schedule.book.facts[need.fact], share, NOMINAL)
    return found


def _chapter_98(schedule: Schedule) -> dict[str, Int]:
    here = schedule.lines // CHAPTER_WIDTH == CHAPTER_98
    repaired = round(parameter("repairs_dutiable_share") * NOMINAL)
    return {
        stated.PROVISION: np.where(here, schedule.lines, NOT_STATED),
        stated.REPAIR: np.where(here, repaired, NOT_STATED),
    }


def _quantities(schedule: Schedule, readings: Readings) -> Quantities:
    """Return the quantity of each line, and the ad valorem equivalent of unprinted rates."""
    size, column = len(schedule.lines), schedule.general
    number, equivalent = np.full(size, NOT_STATED), np.full(size, NOT_STATED)
    if readings.unit_values == "none":
        return number, equivalent
    for line in np.flatnonzero(np.isin(column.kind, (SPECIFIC, COMPOUND))):
        unit = column.units[column.unit[line]]
        amount = stated.implied(int(schedule.lines[line]), NO_ORIGIN, unit)
        number[line] = stated.quantity(amount, NOMINAL)
    for line in np.flatnonzero(column.kind == OTHER):
        rate = stated.implied(int(schedule.lines[line]), NO_ORIGIN, stated.AD_VALOREM)
        equivalent[line] = NOT_STATED if rate is None else min(round(rate * 10**6), 10**6)
    return number, equivalent
