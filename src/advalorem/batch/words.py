"""Names of the law by number, the same for every epoch: provisions and relations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from advalorem.duty.charge import ORDINARY
from advalorem.law.model import Lawbook
from advalorem.schedule.key import BookKey


def provision_numbers(book: Lawbook, importer: str) -> Mapping[tuple[str, str], int]:
    """Return the number of each provision (measure, provision), after the ordinary columns."""
    return _provisions(BookKey(book), importer)


def relation_numbers(book: Lawbook) -> Mapping[str, int]:
    """Return the number of each relation by its id."""
    return _relations(BookKey(book))


def provision_codes(book: Lawbook, importer: str) -> list[str]:
    """Return the code of each provision by number: `column1` or `measure/provision`."""
    return [*ORDINARY, *("/".join(pair) for pair in provision_numbers(book, importer))]


@lru_cache(maxsize=8)
def _provisions(key: BookKey, importer: str) -> dict[tuple[str, str], int]:
    pairs = [
        (measure.measure, provision.id)
        for measure in key.book.measures.values()
        if measure.importer == importer
        for provision in measure.provisions
    ]
    return {pair: number + len(ORDINARY) for number, pair in enumerate(pairs)}


@lru_cache(maxsize=8)
def _relations(key: BookKey) -> dict[str, int]:
    return {relation.id: number for number, relation in enumerate(key.book.relations)}
