"""The ordinary rates of an importer as arrays: column 1, column 2 and claimed preferences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import islice

import numpy as np

from advalorem.schedule.model import FREE, NONE, Int, Mask, Ordinary
from advalorem.schedule.store import OPEN, Tariff, live_rows, load_tariff

UNLISTED = 9_999_999_999
ITEM_DIGITS = 8
FULL_DIGITS = 10
NUMBERS = 100
"""Ten-digit numbers under an eight-digit item."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The tariff lines in force on a day: full codes, ascending, and their rows in the tariff.

    `rest` holds the codes of lines that stand for any other number of their eight-digit item.
    """

    codes: Int
    rows: Int
    rest: Int = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def lines_on(importer: str, on: date) -> Lines:
    """Return the lines of an importer's nomenclature on a day.

    Raises
    ------
    FileNotFoundError
        No nomenclature of this importer is packaged.

    Examples
    --------
    >>> lines = lines_on("US", date(2025, 9, 18))
    >>> bool((np.diff(lines.codes) > 0).all())
    True
    """
    tariff = load_tariff(importer)
    rows = live_rows(tariff, on.toordinal())
    return Lines(tariff.hts[rows], rows)


def lines_of_lists(codes: Iterable[str]) -> Lines:
    """Return the lines that product lists name, and one last line for any code not among them.

    For importers whose schedule is not held. Codes shorter than a tariff item are left out. An item
    of which lists name some numbers only has one line more, for its other numbers.

    Examples
    --------
    >>> lines_of_lists(["22030000"]).codes
    array([2203000000, 9999999999])
    >>> lines_of_lists(["72071100", "7207110010"]).rest
    array([7207110099])
    """
    full = {int(code.ljust(FULL_DIGITS, "0")) for code in codes if len(code) >= ITEM_DIGITS}
    rest = list(_rest_numbers(full))
    numbers = np.array([*sorted({*full, *rest}), UNLISTED], dtype=np.int64)
    return Lines(numbers, np.zeros(len(numbers), dtype=np.int64), np.array(rest, dtype=np.int64))


def _rest_numbers(full: Collection[int]) -> Iterator[int]:
    """Yield, for each item with several numbers, the highest number above the first not taken."""
    items: dict[int, list[int]] = {}
    for number in sorted(full):
        items.setdefault(number // NUMBERS, []).append(number)
    for item, taken in items.items():
        free = range(item * NUMBERS + NUMBERS - 1, taken[0], -1)
        if len(taken) > 1:
            yield from islice((number for number in free if number not in taken), 1)


def with_numbers(lines: Lines, codes: Iterable[str]) -> Lines:
    """Return the lines and the ten-digit numbers among `codes` that are newer than they.

    A new number takes the rates of the first line under its eight-digit code; one without such a
    line is left out.
    """
    wanted = np.array(sorted({int(code) for code in codes if len(code) == FULL_DIGITS}))
    fresh = np.setdiff1d(wanted, lines.codes).astype(np.int64)
    place = np.minimum(np.searchsorted(lines.codes, fresh // 100 * 100), len(lines.codes) - 1)
    sibling = lines.codes[place] // 100 == fresh // 100
    all_codes = np.concatenate([lines.codes, fresh[sibling]])
    all_rows = np.concatenate([lines.rows, lines.rows[place[sibling]]])
    order = np.argsort(all_codes, kind="stable")
    return Lines(all_codes[order], all_rows[order])


@lru_cache(maxsize=4)
def nomenclature_days(importer: str) -> frozenset[date]:
    """Return the days on which a line of the importer's nomenclature begins or ends."""
    try:
        tariff = load_tariff(importer)
    except FileNotFoundError:
        return frozenset()
    ordinals = {*tariff.valid_from.tolist(), *tariff.valid_until.tolist()}
    return frozenset(date.fromordinal(day) for day in ordinals if day < OPEN)


def no_column(size: int) -> Ordinary:
    """Return a column in which no rate is held."""
    zero = np.zeros(size, dtype=np.int64)
    return Ordinary(np.full(size, NONE), zero, zero, zero, zero, ("",), ("",), zero)


def free_column(size: int) -> Ordinary:
    """Return a column in which every line is free."""
    zero = np.zeros(size, dtype=np.int64)
    return Ordinary(np.full(size, FREE), zero, zero, zero, zero, ("",), ("Free",), zero)


def listed(tariff: Tariff, rows: Int, spi: Sequence[str]) -> tuple[Mask, Ordinary]:
    """Return which lines list one of the SPI codes, and the rate column they give under it.

    The first code of `spi` that a line lists decides.
    """
    best = np.zeros(int(tariff.special_of.max(initial=0)) + 2, dtype=np.int64)
    for code in reversed(spi):
        hit = np.array([n for n, word in enumerate(tariff.programmes) if word == code], dtype=int)
        best[tariff.special_of[hit]] = hit
    best[-1] = 0
    pick = best[tariff.special[rows]]
    return pick > 0, picked(tariff.special_rates, pick)


def picked(column: Ordinary, rows: Int) -> Ordinary:
    """Return the rows of a rate column by number."""
    return replace(
        column,
        kind=column.kind[rows],
        rate=column.rate[rows],
        thirds=column.thirds[rows],
        specific=column.specific[rows],
        unit=column.unit[rows],
        text_id=column.text_id[rows],
    )
