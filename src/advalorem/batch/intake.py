"""Tables of a file in, checked shipments out, with the trouble of every row that cannot be rated.

Text cells are read by `advalorem.batch.cells`, each distinct text once; columns of numbers and
days are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.batch.cells import Reader, Reading, readers
from advalorem.batch.columns import RATED, words
from advalorem.batch.sinks import is_odd, texts_of
from advalorem.batch.vocabulary import Trouble, Vocabulary
from advalorem.duty.encode import FactError, with_affirmed
from advalorem.duty.intake import CONTENTS, LIMIT_CENTS
from advalorem.duty.numbers import QUANTITY_UNITS
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments
from advalorem.duty.units import WORDS, is_unit
from advalorem.law.model import Lawbook

EPOCH_DAY = 719_163
"""Ordinal of 1970-01-01, from which days of a table are counted."""
PLAIN_MONEY = r"^\d{1,12}(\.\d{1,2})?$"
CENT_TOLERANCE = 1e-4
EXACT_SHORT, EXACT_LONG = 1 << 24, 1 << 53
"""From here on a number of 32 or of 64 bits cannot tell every whole number."""
INEXACT = " (not exact)"
VAGUE_MONEY = 1 << 17
"""From here on numbers of 32 bits lie more than a cent apart."""
TOO_SHORT = Trouble("value", "is stored in 32 bits, too few for its cents",
                    "store the column as decimals or in 64 bits")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table that can be read, their numbers in it, and trouble by row.

    `trouble` is -1 where a row is sound, else a number in `troubles`: the first in field order.
    """

    shipments: Shipments
    place: Int
    rows: Int
    trouble: NDArray[np.int32]
    troubles: tuple[Trouble, ...]


@dataclass(slots=True)
class Intake:
    """Reads the tables of one file: fields by column, and the texts met so far.

    `refused` says by number of the country why goods of an origin are not rated; `named` gives the
    units that the importer's schedule has beside those of forms and invoices.
    """

    book: Lawbook
    fields: Mapping[str, str]
    reading: Reading
    codes: Int
    chapters: tuple[str, ...] = ()
    refused: Mapping[int, Trouble] = field(default_factory=dict)
    named: Callable[[], Collection[str]] = tuple
    vocabularies: dict[str, Vocabulary] = field(init=False)

    def __post_init__(self) -> None:
        known = readers(self.book, self.reading, words().modes, words().countries)
        known["hts"] = without_claimed(known["hts"], self.chapters)
        known["origin"] = without_origins(known["origin"], self.refused)
        wanted = [name for name in self.fields if name in RATED or name in self.book.facts]
        more = {"hts": (self._place, plain_codes(self.codes, self.chapters))}
        self.vocabularies = {name: Vocabulary(name, known[name], *more.get(name, ()))
                             for name in wanted
                             if name != "unit"}  # fmt: skip

    def read(self, table: pl.DataFrame) -> Table:
        """Return the shipments of a table's rows."""
        size = table.height
        found = {name: NOTHING[name] for name in NOTHING}
        columns: dict[str, Int] = {n: alike(value, size) for n, value in found.items()}
        first = np.full(size, -1, dtype=np.int32)
        troubles: list[Trouble] = []
        for name, vocabulary in self.vocabularies.items():
            if name == "hts":
                held, at = vocabulary.find(as_text(table[self.fields[name]]))
                columns["place"] = held.places.take(at)
                numbers, trouble, known = held.of(at)
            else:
                numbers, trouble, known = self._column(vocabulary, table[self.fields[name]])
            columns[name] = numbers
            bad = (first < 0) & (trouble >= 0)
            first[bad] = trouble[bad] + len(troubles)
            troubles.extend(known)
        unit, units = self._units(table)
        for over, why in (self._contents(columns), self._odd_units(unit, units)):
            first[(first < 0) & over] = len(troubles)
            troubles.append(why)
        rows = np.flatnonzero(first < 0)
        shipments = with_affirmed(self.book, self._shipments(columns, unit, units))
        place = columns["place"]
        if len(rows) < size:
            shipments, place = shipments.take(rows), place[rows]
        return Table(shipments, place, rows, first, tuple(troubles))

    def _column(
        self, vocabulary: Vocabulary, column: pl.Series
    ) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
        """Return the numbers of one column and the trouble of each row."""
        name = vocabulary.name
        if name == "as_of" and _is_day(column.dtype) and not column.null_count():
            days = column.cast(pl.Date).to_physical().to_numpy().astype(np.int64) + EPOCH_DAY
            return days, np.full(len(days), -1, dtype=np.int32), ()
        if name == "quantity" and column.dtype.is_integer():
            return _or_read(vocabulary, column, *_quantity(column))
        if name == "value":
            return _money(vocabulary, column, self.reading.decimal)
        return vocabulary.encode(as_text(column))

    def _units(self, table: pl.DataFrame) -> tuple[Int, tuple[str, ...]]:
        """Return the number of each row's unit, and the units."""
        if "unit" not in self.fields:
            return alike(0, table.height), ("",)
        texts = as_text(table[self.fields["unit"]]).fill_null("").str.strip_chars()
        units = ["", *sorted(set(texts.unique().to_list()) - {""})]
        return texts.cast(pl.Enum(units)).to_physical().to_numpy().astype(np.int64), tuple(units)

    def _contents(self, columns: Mapping[str, Int]) -> tuple[Mask, Trouble]:
        """Return which rows have metal contents that are worth more than the goods."""
        names = [name for name in CONTENTS if name in columns]
        stated = [np.where(columns[name] == NOT_STATED, 0, columns[name]) for name in names]
        reason = "together exceed the customs value"
        trouble = Trouble(", ".join(names), reason, "state each content's part of the value")
        over = np.sum(stated, axis=0) > columns["value"] if names else False
        return np.broadcast_to(over, columns["value"].shape), trouble

    def _odd_units(self, unit: Int, units: tuple[str, ...]) -> tuple[Mask, Trouble]:
        """Return which rows have a word that is no unit, whether it is needed or not."""
        odd = [at for at, word in enumerate(units) if word and not is_unit(word)]
        if odd:
            named = self.named()
            odd = [at for at in odd if units[at] not in named]
        some = ", ".join(sorted(WORDS))
        return np.isin(unit, odd), Trouble("unit", "is no known unit", f"write one of {some}")

    def _shipments(
        self, columns: Mapping[str, Int], unit: Int, units: tuple[str, ...]
    ) -> Shipments:
        hts = columns["hts"]
        facts = {n: column for n, column in columns.items() if n in self.book.facts}
        return Shipments(
            code=hts // 2, eight=hts % 2 == 1, origin=columns["origin"], day=columns["as_of"],
            value=columns["value"], claim=columns["claim"], mode=columns["mode"],
            quantity=columns["quantity"], unit=unit, units=units, facts=facts,
        )  # fmt: skip

    def _place(self, hts: Int) -> Int:
        """Return the number of each code in the universe, -1 for those that no epoch knows."""
        place = np.minimum(np.searchsorted(self.codes, hts), len(self.codes) - 1)
        return np.where(self.codes[place] == hts, place, -1)


def plain_codes(codes: Int, chapters: Sequence[str]) -> tuple[list[str], Int]:
    """Return the ten-digit codes of a universe as ten digits, and the numbers they are read as.

    Codes of chapters that are claimed beside an article's own are left out.

    >>> plain_codes(np.array([202_420_020, 202_420_021, 19_804_001_000]), ["99"])
    (['0101210010'], array([202420020]))
    """
    full = codes[codes % 2 == 0]
    texts = np.array([f"{code:010d}" for code in (full // 2).tolist()], dtype="U10")
    kept = np.ones(len(full), dtype=bool)
    for chapter in chapters:
        kept &= ~np.char.startswith(texts, chapter)
    return texts[kept].tolist(), full[kept]


def without_claimed(reader: Reader, chapters: Sequence[str]) -> Reader:
    """Return a reader of codes that refuses those of chapters claimed beside an article's code."""

    def read(text: str) -> int:
        hts = reader(text)
        for chapter in chapters:
            if f"{hts // 2:010d}".startswith(chapter):
                raise FactError(f"is a provision of chapter {chapter}, claimed beside the code",
                                "give the article's own code and the fact `provision`")  # fmt: skip
        return hts

    return read


def without_origins(reader: Reader, refused: Mapping[int, Trouble]) -> Reader:
    """Return a reader of origins that refuses those whose goods are not rated."""

    def read(text: str) -> int:
        origin = reader(text)
        if origin in refused:
            raise FactError(refused[origin].reason, refused[origin].remedy)
        return origin

    return read


def _is_day(kind: pl.DataType) -> bool:
    """Return whether a column of a kind holds days, with no time zone that could move them."""
    return kind == pl.Date or (isinstance(kind, pl.Datetime) and kind.time_zone is None)


def alike(value: int, size: int) -> Int:
    """Return a column of one value that takes the room of one; it cannot be written to.

    >>> alike(-1, 3).tolist()
    [-1, -1, -1]
    """
    return np.broadcast_to(np.int64(value), size)


NOTHING = {"claim": -1, "mode": -1, "quantity": NOT_STATED}
"""What a field is that no column holds."""


def as_text(column: pl.Series) -> pl.Series:
    """Return a column as text; days in ISO order, whole numbers without a point.

    >>> as_text(pl.Series([7208510030.0, None])).to_list()
    ['7208510030', None]
    """
    if column.dtype == pl.String:
        return column
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        same = (whole.cast(column.dtype) == column).fill_null(False)
        exact = column.abs() < (EXACT_SHORT if column.dtype == pl.Float32 else EXACT_LONG)
        return pl.select(
            pl.when(~exact).then(column.cast(pl.String) + INEXACT)
            .when(same).then(whole.cast(pl.String))
            .otherwise(column.cast(pl.String)).alias(column.name)
        ).to_series()  # fmt: skip
    if isinstance(column.dtype, pl.Datetime):
        zone = "" if column.dtype.time_zone is None else "%:z"
        return column.dt.strftime(f"%Y-%m-%d %H:%M:%S{zone}")
    return texts_of(column) if is_odd(column.dtype) else column.cast(pl.String, strict=False)


def _money(
    vocabulary: Vocabulary, column: pl.Series, decimal: str
) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
    """Return amounts in cents, plain ones at once and the rest cell by cell."""
    if isinstance(column.dtype, pl.Decimal) and column.dtype.scale <= 2:
        cents = (column.cast(pl.Decimal(38, 2)) * 100).cast(pl.Int64, strict=False)
        sound = cents.is_between(0, LIMIT_CENTS)
        return _or_read(vocabulary, column, cents, sound)
    if column.dtype.is_integer():
        cents = column.cast(pl.Int64, strict=False)
        sound = cents.is_between(0, LIMIT_CENTS // 100)
        return _or_read(vocabulary, column, cents.clip(0, LIMIT_CENTS // 100) * 100, sound)
    if column.dtype == pl.Float32:
        return _short_money(vocabulary, column)
    if column.dtype.is_float():
        scaled = column.cast(pl.Float64) * 100
        near = (scaled - scaled.round()).abs() <= CENT_TOLERANCE
        sound = near & scaled.is_between(0, LIMIT_CENTS // 100)
        return _or_read(vocabulary, column, scaled.round().cast(pl.Int64, strict=False), sound)
    texts = column.cast(pl.String, strict=False)
    if decimal != ".":
        return vocabulary.encode(texts)
    sound = texts.str.contains(PLAIN_MONEY)
    amount = texts.cast(pl.Float64, strict=False)
    return _or_read(vocabulary, texts, (amount * 100).round().cast(pl.Int64, strict=False), sound)


def _short_money(
    vocabulary: Vocabulary, column: pl.Series
) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
    """Return amounts in cents of a column of 32 bits, which are too few for cents of large ones."""
    numbers, trouble, troubles = vocabulary.encode(column.cast(pl.String))
    vague = (column.abs() >= VAGUE_MONEY).fill_null(False).to_numpy()
    return numbers, np.where(vague, len(troubles), trouble).astype(np.int32), (*troubles, TOO_SHORT)


def _quantity(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return whole quantities in the units of shipments, and which of them are sound."""
    whole = column.cast(pl.Int64, strict=False)
    most = LIMIT_CENTS // QUANTITY_UNITS
    return whole.clip(0, most) * QUANTITY_UNITS, whole.is_between(0, most)


def _or_read(
    vocabulary: Vocabulary, column: pl.Series, cents: pl.Series, sound: pl.Series
) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
    """Return the cents where they are sound, and the other cells read one by one."""
    sound = sound.fill_null(False)
    numbers = cents.fill_null(0).to_numpy().copy()
    trouble = np.full(len(numbers), -1, dtype=np.int32)
    rest = np.flatnonzero(~sound.to_numpy())
    if not len(rest):
        return numbers, trouble, ()
    read, bad, troubles = vocabulary.encode(as_text(column.gather(rest)))
    numbers[rest], trouble[rest] = read, bad
    return numbers, trouble, troubles
