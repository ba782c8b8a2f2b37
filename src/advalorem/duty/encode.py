"""Facts as integers: shares in millionths, money in cents, days as ordinals, words as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import numpy as np

from advalorem.duty.shipments import NOT_STATED, SOME_OTHER, Shipments
from advalorem.law.model import FactWord, Lawbook
from advalorem.law.terms import FactType

DIGITS = 10
YES_NO = ("no", "yes")
_SAID = {"true": "yes", "y": "yes", "1": "yes", "false": "no", "n": "no", "0": "no"}
_EXAMPLES = {"share": "a share such as 0.4 or 40%", "money": "an amount such as 99.50"}


class FactError(ValueError):
    """A fact's value does not fit its type; `remedy` says what to write."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


def encode_number(kind: FactType, number: Decimal) -> int:
    """Return a share in millionths or money in cents.

    Raises
    ------
    FactError
        A share outside 0 to 1, negative money, or more decimals than the unit holds.

    Examples
    --------
    >>> encode_number("share", Decimal("0.4")), encode_number("money", Decimal("2500"))
    (400000, 250000)
    """
    if number < 0 or not number.is_finite():
        raise FactError("is negative or no number", "state zero or more")
    if kind == "share" and number > 1:
        raise FactError("is more than the whole", "state a share from 0 to 1, such as 0.4")
    scaled = number * (1_000_000 if kind == "share" else 100)
    whole = scaled.to_integral_value()
    if scaled != whole:
        raise FactError("has too many decimals", "shares take six decimals, money two")
    return int(whole)


def encode_word(
    fact: FactWord, word: str, countries: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> list[int]:
    """Return the number of a word, or of each country of a group.

    Examples
    --------
    >>> fact = FactWord(fact="x", type="yes_no", meaning="", question="")
    >>> encode_word(fact, "yes", [], {})
    [1]
    """
    if fact.type == "country":
        members = groups.get(word, [word])
        return [countries.index(member) for member in members if member in countries]
    if fact.type == "code":
        return [_encode_choice(fact, word)]
    words = YES_NO if fact.type == "yes_no" else tuple(fact.allowed)
    return [words.index(word)] if word in words else []


def encode_fact(fact: FactWord, text: str, countries: Mapping[str, int]) -> int:
    """Return the integer of a stated fact; `countries` maps ISO 2 and ISO 3 codes to numbers.

    Raises
    ------
    FactError
        The text does not fit the fact's type.

    Examples
    --------
    >>> fact = FactWord(fact="steel_value", type="money", meaning="", question="")
    >>> encode_fact(fact, "2500.00", {})
    250000
    >>> share = FactWord(fact="us_content_share", type="share", meaning="", question="")
    >>> encode_fact(share, "40%", {}) == encode_fact(share, "0.4", {})
    True
    """
    word = text.strip()
    if fact.type in ("share", "money"):
        return encode_number(fact.type, _number(fact.type, word))
    if fact.type == "date":
        try:
            if len(word) != len("YYYY-MM-DD"):
                raise ValueError
            return date.fromisoformat(word).toordinal()
        except ValueError:
            raise FactError("is no date", "write it as YYYY-MM-DD") from None
    if fact.type == "country":
        if word.upper() not in countries:
            raise FactError("is no country", "write an ISO code such as CA or CAN")
        return countries[word.upper()]
    return _encode_choice(fact, word)


def _number(kind: FactType, word: str) -> Decimal:
    """Return the number of a share or an amount; a share may be a percentage."""
    percent = kind == "share" and word.endswith("%")
    try:
        number = Decimal(word.removesuffix("%").strip() if percent else word)
    except InvalidOperation:
        raise FactError("is no number", f"state {_EXAMPLES[kind]}") from None
    return number / 100 if percent else number


def _folded(word: str) -> str:
    """Return a word of a choice without case, blanks and hyphens."""
    return word.casefold().replace(" ", "_").replace("-", "_")


def _encode_choice(fact: FactWord, word: str) -> int:
    if fact.type == "code":
        digits = word.replace(".", "")
        if not digits.isdigit() or len(digits) > DIGITS:
            raise FactError("is no heading", "write it in digits, with or without dots")
        return int(digits.ljust(DIGITS, "0"))
    words = YES_NO if fact.type == "yes_no" else tuple(fact.allowed)
    folded = [_folded(allowed) for allowed in words]
    said = _folded(word)
    said = _SAID.get(said, said) if fact.type == "yes_no" else said
    if said not in folded:
        raise FactError("is not an allowed value", f"choose one of {', '.join(words)}")
    return folded.index(said)


def claim_words(book: Lawbook) -> dict[str, int]:
    """Return the number of each preference by its name, other names and SPI codes, in capitals.

    >>> from advalorem.law.load import load_lawbook
    >>> words = claim_words(load_lawbook())
    >>> words["CUSMA"] == words["USMCA"] == words["S+"]
    True
    """
    words = {name.upper(): number for number, name in enumerate(book.claims)}
    for number, claim in enumerate(book.claims.values()):
        words |= {word.upper(): number for word in (*claim.also, *claim.spi)}
    return words


def with_affirmed(book: Lawbook, rows: Shipments) -> Shipments:
    """Return shipments with the facts that their claims affirm, where they state nothing else."""
    for number, claim in enumerate(book.claims.values()):
        claimed = rows.claim == number if claim.affirms else None
        if claimed is None or not claimed.any():
            continue
        for name, word in claim.affirms.items():
            silent = rows.fact(name) == NOT_STATED
            value = encode_fact(book.facts[name], word, {})
            rows = rows.with_fact(name, np.where(claimed & silent, value, rows.fact(name)))
    return rows


def allowed_words(fact: FactWord) -> list[str]:
    """Return the words a fact may take; empty for numbers, days, countries and headings.

    >>> allowed_words(FactWord(fact="x", type="yes_no", meaning="", question=""))
    ['no', 'yes']
    """
    return list(YES_NO) if fact.type == "yes_no" else list(fact.allowed)


def decode_fact(fact: FactWord, number: int, countries: Sequence[str]) -> str:
    """Return the words of an encoded fact, for questions and completions.

    Examples
    --------
    >>> decode_fact(FactWord(fact="x", type="yes_no", meaning="", question=""), 1, [])
    'yes'
    """
    if number == SOME_OTHER:
        return "any other"
    if fact.type == "share":
        return str(Decimal(number) / 1_000_000)
    if fact.type == "money":
        return f"{Decimal(number) / 100:.2f}"
    if fact.type == "date":
        return date.fromordinal(number).isoformat()
    if fact.type == "country":
        return countries[number]
    words = YES_NO if fact.type == "yes_no" else tuple(fact.allowed)
    return words[number] if number < len(words) else str(number)
