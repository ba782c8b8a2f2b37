"""Texts of a column read once each: most cells of a large file repeat a few thousand words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.batch.cells import Reader
from advalorem.duty.encode import FactError
from advalorem.duty.shipments import Int

WORDS = 200_000
"""Most texts kept; further ones are read again in each chunk."""
LONGEST = 64
EMPTY = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell cannot be used, and what to do."""

    field: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Words:
    """Texts with the numbers they stand for; `trouble` numbers those that stand for nothing.

    `places` holds what the vocabulary's `locate` makes of the numbers.
    """

    texts: pl.Enum
    numbers: Int
    places: Int
    trouble: NDArray[np.int32]
    troubles: tuple[Trouble, ...]

    def of(self, at: NDArray[np.uint32]) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
        """Return numbers by row, the number of each row's trouble (-1 for none), and troubles."""
        return self.numbers.take(at), self.trouble.take(at), self.troubles


@dataclass(slots=True)
class Vocabulary:
    """The texts of one field met so far. Threads may share it.

    `locate`, if given, finds the place of each number in some table, once for each text; `known`
    holds texts whose numbers need no reading.
    """

    name: str
    reader: Reader
    locate: Callable[[Int], Int] | None = None
    known: InitVar[tuple[Sequence[str], Int] | None] = None
    words: Words = field(init=False)
    lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self, known: tuple[Sequence[str], Int] | None) -> None:
        self.words = self._read([EMPTY], None)
        if known is not None:
            texts, numbers = known
            whole = np.concatenate([self.words.numbers, numbers])
            sound = np.full(len(texts), -1, dtype=np.int32)
            self.words = Words(
                texts=pl.Enum([EMPTY, *texts]),
                numbers=whole,
                places=whole if self.locate is None else self.locate(whole),
                trouble=np.concatenate([self.words.trouble, sound]),
                troubles=self.words.troubles,
            )

    def encode(self, texts: pl.Series) -> tuple[Int, NDArray[np.int32], tuple[Trouble, ...]]:
        """Return numbers by row, the number of each row's trouble (-1 for none), and troubles.

        A missing text counts as an empty one.
        """
        words, at = self.find(texts)
        return words.of(at)

    def find(self, texts: pl.Series) -> tuple[Words, NDArray[np.uint32]]:
        """Return words that hold all the texts, and which of them each row has."""
        texts = texts.fill_null(EMPTY)
        words, code = self.words, texts.cast(self.words.texts, strict=False).to_physical()
        if code.null_count():
            fresh = texts.filter(code.is_null()).unique(maintain_order=True)
            words = self._grown(fresh)
            code = texts.cast(words.texts, strict=False).to_physical()
        return words, code.to_numpy()

    def _grown(self, fresh: pl.Series) -> Words:
        """Return the words with fresh texts read, keeping those that are short and few."""
        short = fresh.filter(fresh.str.len_bytes() <= LONGEST)
        with self.lock:
            known = self.words
            new = short.filter(~short.is_in(known.texts.categories.to_list()))
            if len(new) and len(known.numbers) + len(new) <= WORDS:
                self.words = known = self._read(new.to_list(), known)
        rest = fresh.filter(fresh.cast(known.texts, strict=False).is_null())
        return known if not len(rest) else self._read(rest.to_list(), known)

    def _read(self, texts: list[str], known: Words | None) -> Words:
        """Return the words known and those read from texts."""
        numbers, trouble = [], []
        troubles = list(known.troubles) if known else []
        numbered = {each: number for number, each in enumerate(troubles)}
        for text in texts:
            try:
                numbers.append(self.reader(text.strip()))
                trouble.append(-1)
            except FactError as error:
                each = Trouble(self.name, error.reason, error.remedy)
                if each not in numbered:
                    numbered[each] = len(troubles)
                    troubles.append(each)
                numbers.append(0)
                trouble.append(numbered[each])
        old = known.texts.categories.to_list() if known else []
        whole = np.concatenate([known.numbers if known else [], numbers]).astype(np.int64)
        return Words(
            texts=pl.Enum([*old, *texts]),
            numbers=whole,
            places=whole if self.locate is None else self.locate(whole),
            trouble=np.concatenate([known.trouble if known else [], trouble]).astype(np.int32),
            troubles=tuple(troubles),
        )
