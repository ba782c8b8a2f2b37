"""One cell of a file read with care: its meaning, or why it has none.

Each reader takes text and gives an integer as `advalorem.duty.shipments` wants it, or raises a
`FactError` with reason and remedy. The fast ways of `advalorem.batch.intake` give the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from advalorem.duty.encode import FactError, claim_words, encode_fact
from advalorem.duty.intake import read_code, read_money, read_quantity
from advalorem.duty.shipments import MODES, NOT_STATED
from advalorem.law.model import FactWord, Lawbook
from advalorem.schedule.codes import normalise_code

DateOrder = Literal["iso", "mdy", "dmy"]
Reader = Callable[[str], int]
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
)}  # fmt: skip
_TIME = re.compile(r"[T ]+([01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp][Mm])?")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})")
_FLOAT = re.compile(r"\d{7,10}\.0")
_LITERAL = re.compile(r'="([\d.]*)"')
"""How exports keep a spreadsheet from taking a code for a number."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """How doubtful cells are read: the order of day and month, and lost leading zeros."""

    dates: DateOrder | None = None
    decimal: Literal[".", ","] = "."
    restore_zeros: bool = False


def read_day(text: str, order: DateOrder | None = None) -> int:
    """Return a day as an ordinal; a time of day may follow it, without a zone.

    Raises
    ------
    FactError
        It is no day, or day and month can be told apart only by being told.

    Examples
    --------
    >>> read_day("2025-09-18") == read_day("9/18/2025") == read_day("18 Sep 2025")
    True
    >>> read_day("03/04/2025", "dmy") - read_day("03/04/2025", "mdy")
    30
    >>> read_day("03/04/2025")
    Traceback (most recent call last):
    advalorem.duty.encode.FactError: may be March 4 or April 3; say the order of day and month
    """
    if text == "":
        raise FactError("is missing", "state the day of entry")
    text = _without_time(text)
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups())
        return _ordinal(year, month, day)
    found = _NUMBERS.fullmatch(text)
    if found:
        first, second, year = (int(part) for part in found.groups())
        month, day = _month_first(first, second, order)
        return _ordinal(year, month, day)
    found = _NAMED.fullmatch(text)
    if found and found[2].lower() in _MONTHS:
        return _ordinal(int(found[3]), _MONTHS[found[2].lower()], int(found[1]))
    raise FactError("is no date", "write the day of entry as YYYY-MM-DD")


def _without_time(text: str) -> str:
    """Return a day without the time behind it; with a zone only midnight is taken off."""
    day = re.match(r"[^T :]+(?:[- ][A-Za-z]{3,9}[- ,]+\d{4})?", text)
    if day is None or day.end() == len(text):
        return text
    rest = text[day.end() :]
    return day[0] if _TIME.fullmatch(rest) or _MIDNIGHT.fullmatch(rest) else text


def _month_first(first: int, second: int, order: DateOrder | None) -> tuple[int, int]:
    """Return month and day of two numbers in the order told, or the only one possible."""
    if order == "dmy" or (order is None and first > 12):
        return second, first
    if order == "mdy" or (order is None and (second > 12 or first == second)):
        return first, second
    if order == "iso":
        raise FactError("is no ISO date", "write the day of entry as YYYY-MM-DD")
    if not (first and second):
        raise FactError("is no date", "write the day of entry as YYYY-MM-DD")
    names = [name.capitalize() for name in _FULL]
    reason = f"may be {names[first - 1]} {second} or {names[second - 1]} {first}"
    raise FactError(reason, "say the order of day and month")


_FULL = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def _ordinal(year: int, month: int, day: int) -> int:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        raise FactError("is no date", "write the day of entry as YYYY-MM-DD") from None


def read_amount(text: str, decimal: str = ".") -> int:
    """Return money in cents; thousands may be set off by commas, a dollar sign may lead.

    With `decimal=","` points and commas change places.

    Examples
    --------
    >>> read_amount("$1,234.5"), read_amount("1.234,56", ",")
    (123450, 123456)
    >>> read_amount("1,50")
    Traceback (most recent call last):
    advalorem.duty.encode.FactError: has a comma that sets off no thousands; write it with a
    decimal point
    """
    return read_money(_number(text, decimal))


def _number(text: str, decimal: str) -> str:
    word = text.removeprefix("$").strip().replace("\u00a0", "").replace("\u202f", "")
    if decimal == ",":
        word = word.translate(str.maketrans(",.", ".,"))
    if "," in word:
        if not _THOUSANDS.fullmatch(word):
            raise FactError("has a comma that sets off no thousands",
                            "write it with a decimal point")  # fmt: skip
        word = word.replace(",", "")
    if word and not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", word):
        raise FactError("is no number", "write it with a decimal point and no other sign")
    return word


def read_hts(text: str, *, restore_zeros: bool = False) -> int:
    """Return twice a full code, plus one for eight digits; see `advalorem.duty.intake`.

    Examples
    --------
    >>> read_hts("0702.00.20.02"), read_hts("702002002", restore_zeros=True)
    (1404004004, 1404004004)
    >>> read_hts("7208510030.0") == read_hts('="7208510030"') == read_hts("7208510030")
    True
    """
    literal = _LITERAL.fullmatch(text)
    word = literal[1] if literal else text.removeprefix("'").strip()
    word = word.removesuffix(".0") if _FLOAT.fullmatch(word) else word
    problem = normalise_code(word)
    if restore_zeros and getattr(problem, "kind", "") == "lost_zero":
        word = "0" + word
    return read_code(word)


def fold(text: str) -> str:
    """Return a name without case, accents and signs, to compare with others.

    >>> fold("Côte d'Ivoire"), fold(" Entry  Number*")
    ('cote d ivoire', 'entry number')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def country_words(book: Lawbook) -> dict[str, int]:
    """Return the number of each country by its ISO codes, Census code and name, folded."""
    words: dict[str, int] = {}
    for number, country in enumerate(book.countries):
        for word in (country.name, country.census, country.iso3, country.iso2):
            if word:
                words[fold(word)] = number
    return words


def readers(
    book: Lawbook, reading: Reading, modes: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Reader]:
    """Return the reader of every field and fact; an empty cell is not stated.

    `modes` and `names` are further words for modes of transport and for countries.
    """
    countries = country_words(book)
    countries |= {fold(word): countries[fold(iso)] for word, iso in names.items()
                  if fold(iso) in countries}  # fmt: skip
    claims = claim_words(book)
    ways = {mode: number for number, mode in enumerate(MODES)}
    ways |= {word: MODES.index(mode) for word, mode in modes.items()}
    found: dict[str, Reader] = {
        "hts": lambda text: read_hts(text, restore_zeros=reading.restore_zeros),
        "origin": lambda text: _word(fold(text), countries, "country of origin",
                                     "write an ISO code such as CA or CAN"),
        "as_of": lambda text: read_day(text, reading.dates),
        "value": lambda text: read_amount(text, reading.decimal),
        "claim": lambda text: _choice(text.upper(), claims, "claim"),
        "mode": lambda text: _choice(text.lower(), ways, "mode"),
        "quantity": lambda text: read_quantity(_number(text, reading.decimal)),
    }  # fmt: skip
    iso = {c.iso2: n for n, c in enumerate(book.countries)}
    iso |= {c.iso3: n for n, c in enumerate(book.countries)}
    for name, fact in book.facts.items():
        found[name] = _fact_reader(fact, reading, iso)
    return found


def _fact_reader(fact: FactWord, reading: Reading, iso: Mapping[str, int]) -> Reader:
    """Return the reader of a fact: an empty cell is not stated."""

    def read(text: str) -> int:
        if text == "":
            return NOT_STATED
        if fact.type == "date":
            return read_day(text, reading.dates)
        if fact.type in ("money", "share"):
            sign = "%" if fact.type == "share" and text.endswith("%") else ""
            number = _number(text.removesuffix(sign).strip(), reading.decimal)
            return encode_fact(fact, number + sign, iso)
        return encode_fact(fact, text, iso)

    return read


def _word(word: str, words: Mapping[str, int], what: str, remedy: str) -> int:
    if word not in words:
        raise FactError("is missing" if word == "" else f"is no {what}", remedy)
    return words[word]


def _choice(word: str, words: Mapping[str, int], what: str) -> int:
    if word == "":
        return -1
    return _word(word, words, f"known {what}", f"choose one of {_some(words)}")


def _some(words: Iterable[str]) -> str:
    return ", ".join(list(words)[:12])


def iso_text(value: object) -> str:
    """Return a cell of a workbook as text: days as ISO days, whole numbers without a point.

    >>> iso_text(7208510030.0), iso_text(date(2025, 9, 18)), iso_text(None), iso_text(True)
    ('7208510030', '2025-09-18', '', 'TRUE')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return str(value)
