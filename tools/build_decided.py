"""Decide all of the default importer's law and pack it, so that no first run has to.

    python tools/build_decided.py

Takes some minutes. The files, with ledger lines and without, name the version of the law; under
another one they are not used.
"""

from __future__ import annotations

from advalorem.batch.cache import pack
from advalorem.batch.rater import Rater
from advalorem.batch.whole import decide_all, without_lines
from advalorem.law.load import load_lawbook


def main() -> None:
    """Decide and pack the law as known on the day of its newest act."""
    book = load_lawbook()
    rater = Rater(book, book.default_importer, book.newest_act, detail=True)
    decide_all(rater)
    pack(rater)
    pack(without_lines(rater))


if __name__ == "__main__":
    main()
