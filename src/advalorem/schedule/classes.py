"""Lines that no provision tells apart, numbered when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from advalorem.schedule.model import ClaimColumn, Int, Mask, Ordinary, Rule


class LineClasses:
    """Classes of a schedule's lines; one shipment with a full code never needs them."""

    def __init__(
        self,
        rules: Sequence[Rule],
        claims: Sequence[ClaimColumn],
        general: Ordinary,
        column2: Ordinary,
        codes: Int,
        rest: Int,
    ) -> None:
        self._scopes = list({id(rule.products): rule.products for rule in rules}.values())
        live = [claim.rates.text_id for claim in claims if claim.in_force]
        self._texts = [general.text_id, column2.text_id, *live]
        self._codes = codes
        self._rest = np.isin(codes, rest)

    @cached_property
    def number(self) -> Int:
        """Class number by line."""
        size = len(self._codes)
        packed = np.packbits(np.array(self._scopes, dtype=bool).reshape(-1, size), axis=0).T
        ids = np.ascontiguousarray(np.array(self._texts, dtype=np.int32).T).view(np.uint8)
        keys = np.ascontiguousarray(np.hstack([ids, packed]))
        rows = keys.view(np.dtype((np.void, keys.shape[1]))).ravel()
        _, classes = np.unique(rows, return_inverse=True)
        return classes.astype(np.int64)

    @cached_property
    def uniform(self) -> Mask:
        """Whether all lines of a line's eight-digit code are of one class, by line.

        Lines that stand for the other numbers of an item are left aside, and are uniform.
        """
        named = ~self._rest
        items, number = self._codes[named] // 100, self.number[named]
        starts = np.flatnonzero(np.diff(items, prepend=-1))
        low, high = np.minimum.reduceat(number, starts), np.maximum.reduceat(number, starts)
        uniform = np.ones(len(self._codes), dtype=bool)
        uniform[named] = np.repeat(low == high, np.diff(np.append(starts, len(items))))
        return uniform
