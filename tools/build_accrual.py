"""Work out the duty that each month's imports owe under the present law, and pack it.

    python tools/build_accrual.py

Takes some minutes. The table names the version of the law; under another one it is not used.
"""

from __future__ import annotations

from advalorem.law.load import load_lawbook
from advalorem.rates.flows import held_importers
from advalorem.rates.packed import pack
from advalorem.rates.receipts import receipts
from advalorem.schedule.build import epochs_of


def main() -> None:
    """Pack the months from the first one of the law to the last one of the receipts."""
    book = load_lawbook()
    for importer in held_importers():
        day = epochs_of(book, importer, book.newest_act).span(0)[0]
        pack(book, importer, (day.year, day.month), max(receipts()))


if __name__ == "__main__":
    main()
