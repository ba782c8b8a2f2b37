"""Entry numbers of the United States: their form, their check digit, and claim files of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from advalorem.batch.sinks import replacing

FORM = re.compile(r"([0-9A-Z]{3})(\d{7})(\d)")
CHARACTERS = 11
_LETTERS = {letter: 1 + at % 9 for at, letter in enumerate("ABCDEFGHIJKLMNOPQR")}
_LETTERS |= {letter: 2 + at for at, letter in enumerate("STUVWXYZ")}


class EntryError(ValueError):
    """A text is no entry number; the message says why."""


def check_digit(number: str) -> int:
    """Return the check digit of filer code and transaction number, ten characters.

    Letters count A to I as 1 to 9, J to R as 1 to 9, S to Z as 2 to 9. From the right every other
    figure is doubled and the figures of the products are added; the digit fills the sum up to a
    multiple of ten (ACE CATAIR, Appendix E, Valid Entry Numbers).

    Examples
    --------
    >>> check_digit("ABC1234567"), check_digit("9999999999")
    (6, 0)
    """
    figures = [_LETTERS.get(sign) or int(sign) for sign in number]
    doubled = [2 * figure for figure in figures[::-2]]
    total = sum(figures[-2::-2]) + sum(figure // 10 + figure % 10 for figure in doubled)
    return -total % 10


def plain_entry(text: str) -> str:
    """Return an entry number without hyphens and spaces, in capitals.

    >>> plain_entry("abc-1234567-6 ")
    'ABC12345676'
    """
    return re.sub(r"[\s-]", "", text).upper()


def read_entry(text: str) -> str:
    """Return an entry number as eleven characters.

    Raises
    ------
    EntryError
        It has another form, or its check digit is wrong.

    Examples
    --------
    >>> read_entry("abc-1234567-6")
    'ABC12345676'
    >>> read_entry("ABC12345670")
    Traceback (most recent call last):
    advalorem.batch.entries.EntryError: check digit is 0 and should be 6
    """
    word = plain_entry(text)
    if not word:
        raise EntryError("is missing")
    found = FORM.fullmatch(word)
    if found is None:
        raise EntryError("is no filer code of 3, number of 7 and check digit")
    wanted = check_digit(word[:-1])
    if int(found[3]) != wanted:
        raise EntryError(f"check digit is {found[3]} and should be {wanted}")
    return word


def claim_files(
    path: Path, header: str, numbers: Sequence[str] | pl.Series, most: int
) -> Iterator[tuple[Path, int]]:
    """Write entry numbers in files of one column and at most so many rows; yield each and its rows.

    Several files are numbered before their ending.
    """
    parts = [numbers[start : start + most] for start in range(0, len(numbers), most)]
    for place, part in enumerate(parts, 1):
        name = f"{path.stem}-{place:03d}{path.suffix}" if len(parts) > 1 else path.name
        with (
            replacing(path.with_name(name)) as temporary,
            temporary.open("w", encoding="ascii", newline="") as file,
        ):
            rows = csv.writer(file, lineterminator="\r\n")
            rows.writerow([header])
            rows.writerows([number] for number in part)
        yield path.with_name(name), len(part)
