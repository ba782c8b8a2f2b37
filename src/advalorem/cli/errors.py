"""Bad input at the command line: the message on stderr, exit code 2, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import typer

ANSWERED, BAD_INPUT, UNDETERMINED, PROHIBITED = 0, 2, 3, 4


class UsageError(ValueError):
    """An option is wrong; the message names it, its value and the remedy."""


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the errors that a user can mend into one message and exit code 2."""
    from advalorem.duty.problems import InputError
    from advalorem.law.errors import CoverageError, LawError

    try:
        yield
    except (UsageError, InputError, CoverageError, LawError) as error:
        refuse(str(error))


def refuse(message: str) -> None:
    """Print a message on stderr and leave with exit code 2."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(BAD_INPUT)


def read_day(field: str, text: str | None) -> date:
    """Return a day.

    Raises
    ------
    UsageError
        The text is missing or no day.

    Examples
    --------
    >>> read_day("as_of", "2025-09-18")
    datetime.date(2025, 9, 18)
    """
    if not text:
        raise UsageError(f"{field}: is missing; state it as YYYY-MM-DD")
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise UsageError(f"{field}: {text!r} is no date; write it as YYYY-MM-DD") from None


def read_day_or_none(field: str, text: str | None) -> date | None:
    """Return a day, or None where nothing is stated.

    >>> read_day_or_none("known_on", None) is None
    True
    """
    return None if text is None else read_day(field, text)


def read_facts(words: list[str] | None) -> dict[str, str]:
    """Return facts by name from texts such as `us_content_share=0.4`.

    Names are taken without regard to case; blanks and hyphens in them stand for underscores.

    Raises
    ------
    UsageError
        A text has no equals sign, or a fact is stated twice.

    Examples
    --------
    >>> read_facts(["steel_value=2500", "Melt-Pour-Country=US"])
    {'steel_value': '2500', 'melt_pour_country': 'US'}
    """
    facts: dict[str, str] = {}
    for word in words or []:
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise UsageError(f"fact: {word!r} is no fact; write it as name=value")
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain in facts:
            raise UsageError(f"fact: {plain!r} is stated twice; state it once")
        facts[plain] = value.strip()
    return facts
