"""The border of the kernel: tables of text and numbers in, checked `Shipments` out.

A bad row gets a `Problem` that names field, value, reason and remedy; the other rows go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from advalorem.duty.encode import FactError, claim_words, encode_fact, with_affirmed
from advalorem.duty.numbers import QUANTITY_UNITS
from advalorem.duty.shipments import MODES, NOT_STATED, Int, Problem, Shipments
from advalorem.law.model import Lawbook
from advalorem.law.terms import ContentFact
from advalorem.schedule.codes import CodeProblem, normalise_code
from advalorem.schedule.key import BookKey

FIELDS = ("hts", "origin", "as_of", "value", "claim", "mode", "quantity", "unit")
CONTENTS = get_args(ContentFact)
LIMIT_CENTS = 10**14
"""Largest customs value in cents: one trillion units of currency, well inside the arithmetic."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Checked shipments, the numbers of their rows in the input, and the rows refused."""

    shipments: Shipments
    rows: Int
    problems: tuple[Problem, ...]


def read_shipments(book: Lawbook, columns: Mapping[str, Sequence[Any]]) -> Intake:
    """Return checked shipments from columns of equal length.

    Columns are `hts`, `origin`, `as_of`, `value` and, if wanted, `claim`, `mode`, `quantity`,
    `unit` and any fact by its name. None or an empty text means not stated.

    Raises
    ------
    ValueError
        A column is missing, unknown, or of another length.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> intake = read_shipments(load_lawbook(), {"hts": ["7208.51.00.30"], "origin": ["CA"],
    ...     "as_of": ["2025-09-18"], "value": ["10000"]})
    >>> intake.shipments.code, intake.shipments.value
    (array([7208510030]), array([1000000]))
    """
    size = _check_columns(book, columns)
    readers = _readers(BookKey(book))
    problems: list[Problem] = []
    read: dict[str, Int] = {}
    for name, reader in readers.items():
        if name in columns or name in FIELDS:
            values = columns.get(name) or [None] * size
            read[name] = _read(name, values, reader, problems)
    _check_contents(book, columns, read, problems)
    unit_words = _unit_words(columns.get("unit") or [None] * size)
    bad = {problem.row for problem in problems}
    good = np.array([row for row in range(size) if row not in bad], dtype=np.int64)
    shipments = Shipments(
        code=read["hts"] // 2,
        eight=(read["hts"] % 2).astype(bool),
        origin=read["origin"],
        day=read["as_of"],
        value=read["value"],
        claim=read["claim"],
        mode=read["mode"],
        quantity=read["quantity"],
        unit=np.array([unit_words.index(_text(u)) for u in columns.get("unit") or [None] * size]),
        units=tuple(unit_words),
        facts={name: read[name] for name in read if name not in FIELDS},
    )
    return Intake(with_affirmed(book, shipments.take(good)), good, tuple(problems))


def _check_contents(
    book: Lawbook, columns: Mapping[str, Sequence[Any]], read: Mapping[str, Int],
    problems: list[Problem],
) -> None:  # fmt: skip
    """Note the rows whose metal contents together exceed the customs value."""
    names = [name for name in CONTENTS if name in read]
    stated = [np.where(read[name] == NOT_STATED, 0, read[name]) for name in names]
    if not stated:
        return
    for row in np.flatnonzero(np.sum(stated, axis=0) > read["value"]).tolist():
        given = " + ".join(_text(columns[name][row]) for name in names)
        reason = f"together exceed the customs value {_text(columns['value'][row])}"
        problem = Problem(
            row, ", ".join(names), given, reason, "state each content's part of the value"
        )
        problems.append(problem)


def _check_columns(book: Lawbook, columns: Mapping[str, Sequence[Any]]) -> int:
    for name in columns:
        if name not in FIELDS and name not in book.facts:
            raise ValueError(f"unknown column or fact {name!r}; {_nearest(name, book)}")
    for name in FIELDS[:4]:
        if name not in columns:
            raise ValueError(f"{name}: the column is missing; state it for every row")
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1:
        raise ValueError(f"columns have different lengths: {sorted(sizes)}")
    return sizes.pop()


def _nearest(name: str, book: Lawbook) -> str:
    """Return the facts whose names are most like a name, or all names that are known."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), list(book.facts), n=3)
    if near:
        return f"nearest: {', '.join(near)}"
    return f"known: {', '.join([*FIELDS, *book.facts])}"


@lru_cache(maxsize=8)
def _readers(key: BookKey) -> dict[str, Callable[[Any], int]]:
    """Return what reads a cell of each column."""
    book, countries = key.book, {}
    for number, country in enumerate(book.countries):
        countries[country.iso2] = countries[country.iso3] = number
    claims = claim_words(book)
    readers: dict[str, Callable[[Any], int]] = {
        "hts": read_code,
        "origin": lambda value: _read_origin(value, countries),
        "as_of": _read_day,
        "value": read_money,
        "claim": lambda value: _read_word(value, claims, "claim"),
        "mode": lambda value: _read_word(
            value, {m.upper(): i for i, m in enumerate(MODES)}, "mode"
        ),
        "quantity": read_quantity,
        "unit": lambda value: 0,
    }
    for name, fact in book.facts.items():
        readers[name] = lambda value, fact=fact: (  # type: ignore[misc]
            NOT_STATED if _text(value) == "" else encode_fact(fact, _text(value), countries)
        )
    return readers


def _read(
    name: str, values: Iterable[Any], reader: Callable[[Any], int], problems: list[Problem]
) -> Int:
    """Return a column of integers; rows that cannot be read get a problem and a zero."""
    column, seen = [], {}
    for row, value in enumerate(values):
        try:
            if value not in seen:
                seen[value] = reader(value)
            column.append(seen[value])
        except FactError as error:
            problems.append(Problem(row, name, _text(value), error.reason, error.remedy))
            column.append(0)
    return np.array(column, dtype=np.int64)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def read_code(value: Any) -> int:
    """Return twice the full ten-digit number of a code, plus one where it has eight digits.

    Raises
    ------
    FactError
        The code is missing, too short, not digits, or has lost its leading zero.

    Examples
    --------
    >>> read_code("7208.51.00.30"), read_code("7208.51.00")
    (14417020060, 14417020001)
    """
    if _text(value) == "":
        raise FactError("is missing", "state the tariff code with 8 or 10 digits")
    code = normalise_code(value)
    if isinstance(code, CodeProblem):
        raise FactError(code.message, code.remedy)
    return code.hts * 2 + (code.digits == 8)


def _read_origin(value: Any, countries: Mapping[str, int]) -> int:
    word = _text(value).upper()
    if word not in countries:
        raise FactError("is no country of origin", "write an ISO code such as CA or CAN")
    return countries[word]


def _read_day(value: Any) -> int:
    if isinstance(value, datetime):
        return value.date().toordinal()
    if isinstance(value, date):
        return value.toordinal()
    text = _text(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise FactError("is no date", "write the day of entry as YYYY-MM-DD")
    return day.toordinal()


def read_money(value: Any) -> int:
    """Return an amount in cents.

    Raises
    ------
    FactError
        The amount is missing, negative, not a number, or has more than two decimals.

    Examples
    --------
    >>> read_money("10000"), read_money(99.95)
    (1000000, 9995)
    """
    number = _decimal(value)
    if number is None:
        raise FactError("is missing", "state the customs value")
    if number < 0:
        raise FactError("is negative", "state a customs value of zero or more")
    cents = number * 100
    if cents != cents.to_integral_value():
        raise FactError("has more than two decimals", "round it to the cent")
    if cents > LIMIT_CENTS:
        raise FactError("is too large", "state less than a trillion")
    return int(cents)


def read_quantity(value: Any) -> int:
    """Return a quantity in ten-thousandths of its unit, `NOT_STATED` where it is empty.

    Raises
    ------
    FactError
        The quantity is negative, not a number, or too large.

    Examples
    --------
    >>> read_quantity("1.5"), read_quantity("") == NOT_STATED
    (15000, True)
    """
    number = _decimal(value)
    if number is None:
        return NOT_STATED
    if number < 0:
        raise FactError("is negative", "state a quantity of zero or more")
    if number > LIMIT_CENTS // QUANTITY_UNITS:
        raise FactError("is too large", "state it in a larger unit")
    return int((number * QUANTITY_UNITS).to_integral_value())


def _decimal(value: Any) -> Decimal | None:
    text = _text(value)
    if text == "":
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and text.isascii() and "_" not in text):
        raise FactError("is no number", "write it with a decimal point and no other sign")
    return number


def _read_word(value: Any, words: Mapping[str, int], field: str) -> int:
    word = _text(value).upper()
    if word == "":
        return -1
    if word not in words:
        raise FactError(f"is no known {field}", f"choose one of {', '.join(words)}")
    return words[word]


def _unit_words(values: Iterable[Any]) -> list[str]:
    return ["", *sorted({_text(value) for value in values} - {""})]
