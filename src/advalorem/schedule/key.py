"""Keys by which compiled law is cached."""

from __future__ import annotations

from advalorem.law.model import Lawbook


class BookKey:
    """A lawbook that hashes by its version, so that what is compiled from it can be cached."""

    __slots__ = ("book",)

    def __init__(self, book: Lawbook) -> None:
        self.book = book

    def __hash__(self) -> int:
        return hash(self.book.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BookKey) and other.book.version == self.book.version
