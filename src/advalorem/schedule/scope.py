"""Product lists and origin lists as masks over the lines and countries of a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import CodeList, Instrument, Products

Lines = NDArray[np.int64]
Mask = NDArray[np.bool_]

DIGITS = 10
"""Length of a full statistical code; shorter codes stand for everything under them."""


def code_range(code: str) -> tuple[int, int]:
    """Return the half-open range of full codes under a code of two to ten digits.

    Examples
    --------
    >>> code_range("7208")
    (7208000000, 7209000000)
    """
    width = 10 ** (DIGITS - len(code))
    return int(code) * width, (int(code) + 1) * width


def list_mask(
    code_list: CodeList, lines: Lines, on: date, acts: Mapping[str, Instrument], known_on: date
) -> Mask:
    """Return which lines a product list covers on a day, as known on a day; shape (lines,).

    `lines` are full codes in ascending order.
    """
    day = on.toordinal()
    from_, until = np.asarray(code_list.from_), np.asarray(code_list.until)
    known = np.array([acts[act].announced <= known_on for act in code_list.acts], dtype=bool)
    live = (from_ <= day) & (day < until) & known[np.asarray(code_list.act, dtype=np.int64)]
    ranges = [code_range(code_list.code[row]) for row in np.flatnonzero(live)]
    return _covered(ranges, lines)


def _covered(ranges: Sequence[tuple[int, int]], lines: Lines) -> Mask:
    """Return which lines lie in any of the half-open ranges."""
    if not ranges:
        return np.zeros(len(lines), dtype=bool)
    bounds = np.searchsorted(lines, np.array(ranges, dtype=np.int64))
    steps = np.zeros(len(lines) + 1, dtype=np.int32)
    np.add.at(steps, bounds[:, 0], 1)
    np.add.at(steps, bounds[:, 1], -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


def product_mask(products: Products | None, masks: Mapping[str, Mask], size: int) -> Mask:
    """Return which lines a provision covers: its lists less its exceptions; all if None."""
    if products is None:
        return np.ones(size, dtype=bool)
    covered = np.logical_or.reduce([masks[name] for name in products.lists])
    for name in products.except_lists:
        covered &= ~masks[name]
    return np.asarray(covered)


def origin_mask(
    origins: Sequence[str],
    except_origins: Sequence[str],
    countries: Sequence[str],
    groups: Mapping[str, Sequence[str]],
) -> Mask:
    """Return which countries a list of countries and groups names, less its exceptions.

    Examples
    --------
    >>> origin_mask(["all"], ["CA"], ["CA", "MX"], {})
    array([False,  True])
    """
    named = _members(origins, countries, groups) - _members(except_origins, countries, groups)
    return np.array([country in named for country in countries])


def _members(
    names: Sequence[str], countries: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> set[str]:
    if "all" in names:
        return set(countries)
    return {member for name in names for member in groups.get(name, [name])}
