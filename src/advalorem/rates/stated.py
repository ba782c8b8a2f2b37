"""What the readings state of goods: contents, shares, uses and unit values, by line.

Contents and shares are fractions of the customs value; a fact that no reading covers stays
unstated, and the kernel then bounds the duty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.encode import encode_word
from advalorem.duty.numbers import MILLION, QUANTITY_UNITS
from advalorem.duty.shipments import MODES, NOT_STATED
from advalorem.law.model import FactWord
from advalorem.rates.needs import Need
from advalorem.rates.readings import Readings
from advalorem.rates.tables import parameter, table
from advalorem.schedule.model import Int, Mask, Schedule
from advalorem.schedule.scope import code_range

Float = NDArray[np.float64]

METALS = {"steel_value": "steel", "aluminum_value": "aluminum", "copper_value": "copper"}
WEIGHT, US_CONTENT, REPAIR, PROVISION = (
    "metal_weight_share", "us_content_share", "repair_value", "provision",
)  # fmt: skip
OTHER, YES, NO = "other", "yes", "no"
AD_VALOREM = "1"


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a fact: its number (or `NOT_STATED`) and the share of each line's trade."""

    number: int
    share: Float


def content_share(schedule: Schedule, need: Need, readings: Readings, metals: int | Int) -> Float:
    """Return the value of a metal, or of all metals, over the customs value, by line.

    `metals` is the number of metals whose content the law asks for on each line.
    """
    if need.fact == WEIGHT and readings.metal_weight == "all":
        return np.ones(len(schedule.lines))
    flat = parameter("metal_content_flat") / np.maximum(metals, 1)
    if readings.metal_content != "bea":
        return np.broadcast_to(flat, len(schedule.lines)).astype(np.float64)
    columns = tuple(METALS.values()) if need.fact == WEIGHT else (METALS[need.fact],)
    codes, share = _industry_shares(columns)
    at = np.minimum(np.searchsorted(codes, schedule.lines), len(codes) - 1)
    found = np.where(codes[at] == schedule.lines, share[at], np.nan)
    return np.asarray(np.where(np.isnan(found), flat, found))


@lru_cache(maxsize=8)
def _industry_shares(columns: tuple[str, ...]) -> tuple[Int, Float]:
    """Return codes, ascending, and the sum of some metals' shares in their industry's inputs."""
    frame = table("metal_content").sort("hts")
    return frame["hts"].to_numpy(), frame.select(pl.sum_horizontal(columns)).to_series().to_numpy()


def as_number(fact: FactWord, share: Float, nominal: int) -> Int:
    """Return shares of the customs value as the fact's integers: millionths, or cents of money.

    >>> fact = FactWord(fact="x", type="money", meaning="", question="")
    >>> as_number(fact, np.array([0.25]), 1000)
    array([250])
    """
    scale = nominal if fact.type == "money" else MILLION
    return np.rint(share * scale).astype(np.int64)


def parts(schedule: Schedule, need: Need, readings: Readings) -> list[Part]:
    """Return how each line's trade divides among the words of a choice or of yes and no.

    Words are served in the order of the fact's list, each up to its share of the code; what is
    left is `other` or `no`. A line with a word of unknown share stays unstated.
    """
    fact = schedule.book.facts[need.fact]
    order = [YES] if fact.type == "yes_no" else fact.allowed
    left = np.ones(len(schedule.lines))
    unknown = np.zeros(len(schedule.lines), dtype=bool)
    found: list[Part] = []
    for word in [word for word in order if word in need.words]:
        share = _word_share(schedule, need.fact, word, readings)
        unknown |= need.words[word] & np.isnan(share)
        taken = np.minimum(np.where(need.words[word], np.nan_to_num(share), 0.0), left)
        left = left - taken
        found.append(Part(encode_word(fact, word, [], {})[0], np.where(unknown, 0.0, taken)))
    rest = _rest(fact, need)
    number = NOT_STATED if rest is None else encode_word(fact, rest, [], {})[0]
    known = Part(number, np.where(unknown, 0.0, left))
    return [*found, known, Part(NOT_STATED, unknown.astype(np.float64))]


def _rest(fact: FactWord, need: Need) -> str | None:
    """Return the word for what no word of the law takes."""
    if fact.type == "yes_no":
        return NO
    if OTHER in fact.allowed:
        return OTHER
    listed = set(table("fact_shares").filter(pl.col("fact") == fact.fact)["value"])
    return next((w for w in fact.allowed if w in listed and w not in need.words), None)


def _word_share(schedule: Schedule, fact: str, word: str, readings: Readings) -> Float:
    """Return the share of each line for which a word holds; NaN where no estimate is held."""
    if word == readings.relief:
        return np.ones(len(schedule.lines))
    if readings.end_use != "tracker":
        return np.zeros(len(schedule.lines))
    rows = table("fact_shares").filter((pl.col("fact") == fact) & (pl.col("value") == word))
    share = np.full(len(schedule.lines), np.nan)
    for code, value in sorted(rows.select("code", "share").iter_rows(), key=lambda r: len(r[0])):
        if code == "":
            share[:] = value
            continue
        low, high = np.searchsorted(schedule.lines, code_range(code))
        share[low:high] = value
    return share


def country_fact(schedule: Schedule, readings: Readings, origin: Int, lines: Mask) -> Int:
    """Return the country of a metal by row: the article's own, or one that nobody names."""
    from advalorem.duty.shipments import SOME_OTHER

    stated = origin if readings.metal_origin == "origin" else np.full(len(origin), SOME_OTHER)
    return np.asarray(np.where(lines, stated, NOT_STATED))


@lru_cache(maxsize=1)
def _implied() -> dict[tuple[int, int, str, str], float]:
    frame = table("implied_2024").select("code", "digits", "origin", "unit", "amount")
    return {row[:4]: row[4] for row in frame.iter_rows()}


_STEPS = ((10, True), (8, True), (10, False), (8, False), (6, True), (6, False))
"""Digits and whether the origin's own trade is read, finest first."""


@lru_cache(maxsize=1 << 16)
def implied(code: int, origin: str, unit: str) -> float | None:
    """Return dollars a unit, or duty over value where the unit is 1, that 2024 duties imply.

    >>> round(implied(2709001000, "CA", "bbl"))
    62
    """
    held = _implied()
    for digits, own in _STEPS:
        width = 10 ** (10 - digits)
        amount = held.get((code // width * width, digits, origin if own else "", unit))
        if amount is not None and (amount > 0 or unit == AD_VALOREM):
            return amount
    return None


def quantity(amount: float | None, nominal: int) -> int:
    """Return the quantity, in ten-thousandths, of a value in cents at a unit value in dollars.

    >>> quantity(50.0, 1_000_000), quantity(None, 1) == NOT_STATED
    (2000000, True)
    """
    return NOT_STATED if amount is None else round(nominal / 100 / amount * QUANTITY_UNITS)


LOADED, LONG_AGO = "loading_date", date(2000, 1, 1)
BY_SEA, UNKNOWN = "vessel", -1


def loaded(schedule: Schedule, readings: Readings, size: int) -> dict[str, Int]:
    """Return the day of loading by row where goods on their way are spared, else nothing."""
    if readings.in_transit == "none" or LOADED not in schedule.book.facts:
        return {}
    return {LOADED: np.full(size, LONG_AGO.toordinal())}


def carried(readings: Readings, size: int) -> Int:
    """Return the mode of transport by row: by vessel where goods on their way are spared.

    >>> carried(Readings(), 1)
    array([-1])
    """
    return np.full(size, UNKNOWN if readings.in_transit == "none" else MODES.index(BY_SEA))
