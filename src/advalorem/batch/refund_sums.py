"""Numbers added up by text over all parts of a file: entries, and headings of their lines.

Held in columns, a few dozen bytes for each text, so that memory grows with the entries of a file
and not with its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from advalorem.duty.shipments import Int

KEY, AT = "key", "at"
PARTS = 16
"""Parts that are held apart before they are added up."""


@dataclass(slots=True)
class Tally:
    """Columns of whole numbers by text, each a `sum`, a `min` or what came `first`."""

    kinds: Mapping[str, str]
    parts: list[pl.DataFrame] = field(default_factory=list)

    def add(self, keys: pl.Series, numbers: Mapping[str, Int]) -> None:
        """Add rows of texts and numbers."""
        if len(keys):
            self.parts.append(self._together(pl.DataFrame({KEY: keys, **numbers})))
        if len(self.parts) > PARTS:
            self.parts = [self.whole()]

    def whole(self) -> pl.DataFrame:
        """Return a row for each text, in the order in which they came.

        >>> tally = Tally({"cents": "sum", "day": "first"})
        >>> tally.add(pl.Series(["b", "a"]), {"cents": np.array([1, 2]), "day": np.array([5, 6])})
        >>> tally.add(pl.Series(["b"]), {"cents": np.array([3]), "day": np.array([7])})
        >>> tally.whole().rows()
        [('b', 4, 5), ('a', 2, 6)]
        """
        if not self.parts:
            return pl.DataFrame(schema={KEY: pl.String} | dict.fromkeys(self.kinds, pl.Int64))
        return self._together(pl.concat(self.parts))

    def _together(self, table: pl.DataFrame) -> pl.DataFrame:
        how = [getattr(pl.col(name), kind)() for name, kind in self.kinds.items()]
        return table.group_by(KEY, maintain_order=True).agg(how)


def find(whole: pl.DataFrame, keys: pl.Series) -> Int:
    """Return the row of each text in a table of texts, -1 where it is none of them.

    >>> find(pl.DataFrame({"key": ["b", "a"]}), pl.Series(["a", "x", "b"]))
    array([ 1, -1,  0])
    """
    asked = pl.DataFrame({KEY: keys})
    held = whole.select(KEY).with_row_index(AT).join(asked.unique(), on=KEY, how="semi")
    found = asked.join(held, on=KEY, how="left", maintain_order="left")[AT]
    return np.asarray(found.cast(pl.Int64).fill_null(-1).to_numpy())


def first_of(at: Int) -> Int:
    """Return the places of the first of each number, those below zero left out.

    >>> first_of(np.array([4, -1, 2, 4]))
    array([2, 0])
    """
    numbers, first = np.unique(at, return_index=True)
    return np.asarray(first[numbers >= 0])
