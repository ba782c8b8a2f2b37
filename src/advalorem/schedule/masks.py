"""Product and origin masks, computed once for each set of list rows in force and shared.

A mask is the same array for every epoch in which the same rows of the same lists are in force, so
the schedules of all epochs together stay small.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from advalorem.law.model import Measure, Products, Provision
from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Int, Mask
from advalorem.schedule.scope import code_range, covered, origin_mask
from advalorem.schedule.tariff import Tariff


@lru_cache(maxsize=1024)
def _columns(key: BookKey, name: str) -> tuple[Int, Int, Int, Int]:
    """Return a list's code ranges (rows, 2), first and last days, and days of knowledge."""
    rows = key.book.lists[name]
    ranges = np.array([code_range(code) for code in rows.code], dtype=np.int64).reshape(-1, 2)
    known = [key.book.instruments[act].announced.toordinal() for act in rows.acts]
    told = np.array(known, dtype=np.int64)[np.asarray(rows.act, dtype=np.int64)]
    return ranges, np.asarray(rows.from_), np.asarray(rows.until), told


def _live(key: BookKey, name: str, on: int, known_on: int) -> Mask:
    """Return which rows of a list are in force on a day, as known on a day."""
    _, from_, until, told = _columns(key, name)
    return np.asarray((from_ <= on) & (on < until) & (told <= known_on))


@lru_cache(maxsize=8192)
def _list_mask(key: BookKey, name: str, live: bytes, tariff: Tariff) -> Mask:
    rows = np.frombuffer(live, dtype=bool)
    return covered(_columns(key, name)[0][rows], tariff.codes)


@lru_cache(maxsize=64)
def _all_lines(tariff: Tariff) -> Mask:
    return np.ones(len(tariff.codes), dtype=bool)


@lru_cache(maxsize=8192)
def _product_mask(
    key: BookKey, lists: tuple[tuple[str, bytes], ...], less: tuple[tuple[str, bytes], ...],
    tariff: Tariff,
) -> Mask:  # fmt: skip
    named = np.logical_or.reduce([_list_mask(key, name, live, tariff) for name, live in lists])
    for name, live in less:
        named = named & ~_list_mask(key, name, live, tariff)
    return np.asarray(named)


def product_mask(
    key: BookKey, products: Products | None, on: date, known_on: date, tariff: Tariff
) -> Mask:
    """Return which lines a provision covers: its lists less its exceptions; all if None."""
    if products is None:
        return _all_lines(tariff)
    days = (on.toordinal(), known_on.toordinal())
    lists, less = (
        tuple((name, _live(key, name, *days).tobytes()) for name in names)
        for names in (products.lists, products.except_lists)
    )
    return _product_mask(key, lists, less, tariff)


@lru_cache(maxsize=4096)
def _origins(key: BookKey, origins: tuple[str, ...], less: tuple[str, ...]) -> Mask:
    countries = [country.iso2 for country in key.book.countries]
    return origin_mask(origins, less, countries, key.book.groups)


def origins_of(key: BookKey, measure: Measure, provision: Provision) -> Mask:
    """Return the countries a provision names, or its measure's, less the measure's exceptions."""
    return _origins(key, tuple(provision.origins or measure.origins), tuple(measure.except_origins))
