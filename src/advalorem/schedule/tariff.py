"""The ordinary tariff of an importer between two changes of its nomenclature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Int, Mask, Ordinary
from advalorem.schedule.ordinary import (
    Lines,
    lines_of_lists,
    lines_on,
    listed,
    no_column,
    nomenclature_days,
    picked,
    with_numbers,
)
from advalorem.schedule.store import load_tariff


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """Lines (ascending full codes), rate columns, and each claim's eligible lines and rates.

    `late` says that the days lie after the newest edition held; `rest` holds the codes of lines
    that stand for any other number of their item. Compared by identity.
    """

    codes: Int
    general: Ordinary
    column2: Ordinary
    claims: tuple[tuple[str, Mask, Ordinary], ...]
    late: bool
    rest: Int


def tariff_on(key: BookKey, importer: str, on: date) -> Tariff:
    """Return the ordinary tariff of an importer on a day."""
    newest = key.book.columns[importer].newest_edition
    late = newest is not None and on >= newest
    days = [day for day in nomenclature_days(importer) if day <= on]
    return _tariff(key, importer, max(days, default=on), late)


@lru_cache(maxsize=32)
def _tariff(key: BookKey, importer: str, on: date, late: bool) -> Tariff:
    if not key.book.columns[importer].held:
        return _listed_tariff(key, importer)
    table, lines = load_tariff(importer), _lines(key, importer, on, late)
    claims = [(c.claim, *listed(table, lines.rows, c.spi)) for c in key.book.claims.values()]
    return Tariff(
        codes=lines.codes,
        general=picked(table.general, lines.rows),
        column2=picked(table.column2, lines.rows),
        claims=tuple(claims),
        late=late,
        rest=lines.rest,
    )


def _listed_tariff(key: BookKey, importer: str) -> Tariff:
    """Return the tariff of an importer whose schedule is not held: no rate, lines from lists."""
    lines = lines_of_lists(_listed_codes(key, importer))
    codes = lines.codes
    none, nothing = no_column(len(codes)), np.zeros(len(codes), dtype=bool)
    claims = tuple((claim, nothing, none) for claim in key.book.claims)
    return Tariff(
        codes=codes, general=none, column2=none, claims=claims, late=False, rest=lines.rest
    )  # fmt: skip


def _lines(key: BookKey, importer: str, on: date, late: bool) -> Lines:
    lines = lines_on(importer, on)
    return with_numbers(lines, _listed_codes(key, importer)) if late else lines


def _listed_codes(key: BookKey, importer: str) -> Iterator[str]:
    """Yield every code that a product list of the importer's measures names."""
    measures = [m for m in key.book.measures.values() if m.importer == importer]
    products = [p.products for m in measures for p in m.provisions if p.products]
    for name in {name for p in products for name in [*p.lists, *p.except_lists]}:
        yield from key.book.lists[name].code
