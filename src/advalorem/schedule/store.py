"""The nomenclature in the form that loads in milliseconds, without a table library.

`tools/compile_tariff.py` makes it from the packaged Parquet tables; a test holds the two equal.
Rates are whole millionths, specific duties millionths of a currency unit, days ordinals.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import OPEN
from advalorem.schedule.model import (
    AD_VALOREM,
    COMPOUND,
    FREE,
    NONE,
    OTHER,
    SPECIFIC,
    Int,
    Ordinary,
)

DATA = Path(__file__).parent.parent / "data"
KINDS = {"free": FREE, "ad_valorem": AD_VALOREM, "specific": SPECIFIC, "compound": COMPOUND}
"""Kinds of rate texts that name a simple duty; all others are `OTHER`."""


class PackedColumn(msgspec.Struct, frozen=True):
    """A rate column as bytes: kind, rate, thirds, specific, unit and text, and their words."""

    kind: bytes
    rate: bytes
    thirds: bytes
    specific: bytes
    unit: bytes
    text: bytes
    units: list[str]
    texts: list[str]

    def unpack(self) -> Ordinary:
        """Return the column as arrays."""
        return Ordinary(
            kind=unpack(self.kind),
            rate=unpack(self.rate),
            thirds=unpack(self.thirds),
            specific=unpack(self.specific),
            unit=unpack(self.unit),
            units=tuple(self.units),
            text=tuple(self.texts),
            text_id=unpack(self.text),
        )


class PackedTariff(msgspec.Struct, frozen=True):
    """The lines of an importer over time, and the rates of its special column.

    `special` numbers the special text of each line, -1 for none; `programmes` and `special_of`
    say, for each row of `special_rates`, which programme and text it belongs to.
    """

    hts: bytes
    digits: bytes
    valid_from: bytes
    valid_until: bytes
    special: bytes
    general: PackedColumn
    column2: PackedColumn
    special_rates: PackedColumn
    special_of: bytes
    programmes: list[str]


class PackedWords(msgspec.Struct, frozen=True):
    """Descriptions: full code, digits printed, first day, and the path of words."""

    code: bytes
    digits: bytes
    valid_from: bytes
    path: list[str]


def pack(column: NDArray[np.int64]) -> bytes:
    """Return integers as bytes; `unpack` gives them back.

    >>> unpack(pack(np.array([3, 1])))
    array([3, 1])
    """
    return np.ascontiguousarray(column, dtype="<i8").tobytes()


def unpack(data: bytes) -> Int:
    """Return the integers that `pack` wrote."""
    return np.frombuffer(data, dtype="<i8").astype(np.int64, copy=False)


class Tariff(msgspec.Struct, frozen=True):
    """A packed tariff as arrays; row i of every array is the same line and span of days."""

    hts: Int
    digits: Int
    valid_from: Int
    valid_until: Int
    special: Int
    general: Ordinary
    column2: Ordinary
    special_rates: Ordinary
    special_of: Int
    programmes: list[str]


def path_of(importer: str, what: str) -> Path:
    """Return where an importer's compiled `tariff` or `words` lie."""
    return DATA / f"{what}_{importer.lower()}.msgpack"


@lru_cache(maxsize=4)
def load_tariff(importer: str) -> Tariff:
    """Return the lines of an importer over time.

    Raises
    ------
    FileNotFoundError
        No nomenclature of this importer is packaged.
    """
    path = path_of(importer, "tariff")
    if not path.exists():
        raise FileNotFoundError(f"no nomenclature is packaged for importer {importer!r} ({path})")
    packed = msgspec.msgpack.decode(path.read_bytes(), type=PackedTariff)
    return Tariff(
        hts=unpack(packed.hts),
        digits=unpack(packed.digits),
        valid_from=unpack(packed.valid_from),
        valid_until=unpack(packed.valid_until),
        special=unpack(packed.special),
        general=packed.general.unpack(),
        column2=packed.column2.unpack(),
        special_rates=packed.special_rates.unpack(),
        special_of=unpack(packed.special_of),
        programmes=packed.programmes,
    )


@lru_cache(maxsize=4)
def load_words(importer: str) -> PackedWords | None:
    """Return the descriptions of an importer's lines, or None where none are packaged."""
    path = path_of(importer, "words")
    if not path.exists():
        return None
    return msgspec.msgpack.decode(path.read_bytes(), type=PackedWords)


def live_rows(tariff: Tariff, ordinal: int) -> Int:
    """Return the rows of the lines that stand on a day, in ascending order of code."""
    live = (tariff.valid_from <= ordinal) & (ordinal < tariff.valid_until)
    return np.flatnonzero(live)


__all__ = [
    "KINDS",
    "NONE",
    "OPEN",
    "OTHER",
    "PackedColumn",
    "PackedTariff",
    "PackedWords",
    "Tariff",
]
