"""Product lists and origin lists as masks over the lines and countries of a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

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


def covered(ranges: Lines, lines: Lines) -> Mask:
    """Return which lines lie in any of the half-open ranges; `ranges` of shape (ranges, 2).

    Examples
    --------
    >>> covered(np.array([[10, 20]]), np.array([5, 10, 19, 20]))
    array([False,  True,  True, False])
    """
    bounds = np.searchsorted(lines, ranges)
    steps = np.zeros(len(lines) + 1, dtype=np.int32)
    np.add.at(steps, bounds[:, 0], 1)
    np.add.at(steps, bounds[:, 1], -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


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
