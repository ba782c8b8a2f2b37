"""Rates of duty by month that are worked out beforehand, for the law and data they were made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from advalorem.law.model import Lawbook
from advalorem.rates.accrual import LEVELS, Accrual, Question, accrue
from advalorem.rates.elasticities import DEFAULT
from advalorem.rates.readings import FULL, Readings
from advalorem.rates.receipts import NOTES, Month
from advalorem.rates.tables import DATA, data_version, notes

PACKED = DATA / "derived" / "accrual_us.json"
ESTIMATES = ("rates", NOTES)
"""Files of estimates that the table rests on."""


@lru_cache(maxsize=1)
def packed() -> dict[str, Any]:
    """Return the packed table: importer, what it was made of, months and rates by level.

    >>> sorted(packed())[:3]
    ['elasticities', 'held', 'importer']
    """
    return dict(json.loads(PACKED.read_text(encoding="utf-8")))


def is_current(book: Lawbook) -> bool:
    """Return whether the packed table was made of this law, these estimates and these tables."""
    return PACKED.is_file() and packed()["made_of"] == made_of(book, packed()["importer"])


def made_of(book: Lawbook, importer: str) -> str:
    """Return a digest of all that the table of an importer rests on: its law, estimates, tables.

    Words of readings and the law of other importers are no part of it.

    >>> from advalorem.law.load import load_lawbook
    >>> len(made_of(load_lawbook(), "US"))
    16
    """
    mine = [measure for measure in book.measures.values() if measure.importer == importer]
    named = {value.act for measure in mine for p in measure.provisions for value in p.values}
    acts = {name: book.instruments[name].announced for name in sorted(named)}
    parts = (
        mine, book.relations, acts, book.lists, book.facts, book.claims, book.columns[importer],
        book.groups, book.countries, [_values(notes(name)) for name in ESTIMATES], data_version(),
    )  # fmt: skip
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()[:16]


def _values(held: Any) -> Any:
    """Return the numbers of a file of estimates by name, without the words that go with them.

    >>> _values({"share": {"value": 0.9, "source": "a report"}, "readings": {"held": "words"}})
    {'share': 0.9, 'readings': {'held': None}}
    """
    if not isinstance(held, dict):
        return None
    return held["value"] if "value" in held else {name: _values(row) for name, row in held.items()}


def accrual_of(question: Question) -> Accrual:
    """Return the accrual of some months, from the packed table where it is of this very question.

    Under another law, reading or set of elasticities all is worked out anew, which takes minutes;
    the reading of compliance takes its part afterwards and changes nothing here.

    Raises
    ------
    RatesError
        A month lies outside the receipts held or before the law that is coded, or a reading is
        none.
    """
    question.check()
    readings = replace(question.readings, compliance=FULL)
    asked = (question.importer, question.elasticities, readings)
    known = (packed()["importer"], packed()["elasticities"], Readings())
    if is_current(question.book) and asked == known:
        months = [tuple(month) for month in packed()["months"]]
        if question.first in months and question.last in months:
            start, end = months.index(question.first), months.index(question.last) + 1
            question.months()
            return _cut(start, end)
    return accrue(question)


def _cut(start: int, end: int) -> Accrual:
    held = packed()
    months = tuple((year, month) for year, month in held["months"][start:end])
    rates = {name: np.array(held[name][start:end]) for name in LEVELS}
    return Accrual(months, np.array(held["imports"][start:end]), held["held"], **rates)


def pack(book: Lawbook, importer: str, first: Month, last: Month) -> None:
    """Work out the table anew and write it."""
    made = accrue(Question(book, importer, first, last))
    rates = {name: getattr(made, name).tolist() for name in LEVELS}
    table = {
        "importer": importer,
        "law": book.version,
        "made_of": made_of(book, importer),
        "elasticities": DEFAULT,
        "months": [list(month) for month in made.months],
        "imports": made.imports.tolist(),
        "held": made.held,
        **rates,
    }
    PACKED.parent.mkdir(exist_ok=True)
    PACKED.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
