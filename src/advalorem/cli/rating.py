"""What the verbs of the rates share: options read into readings and origins, frames as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli import errors
from advalorem.cli.errors import UsageError
from advalorem.cli.sheets import Sheet, sheet

if TYPE_CHECKING:
    import polars as pl

    from advalorem.law.model import Lawbook

UsmcaShare = Annotated[
    str | None,
    typer.Option(
        "--usmca-share", help="Claims: month, h2_2025, since_h2_2025, 2024, none, all, flat."
    ),
]
MetalContent = Annotated[
    str | None, typer.Option("--metal-content", help="Metal in derivatives: bea, flat50.")
]
Weights = Annotated[
    str | None,
    typer.Option("--weights", help="Trade that weighs: 2024, substituted, substituted_cp2015."),
]
Reading = Annotated[
    list[str] | None,
    typer.Option("--reading", help="Any reading as name=option; may be given several times."),
]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Importing country; the first held if left out.")
]
KnownOn = Annotated[
    str | None,
    typer.Option("--known-on", help="Day up to which acts are known; the newest act if left out."),
]


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the errors that a user can mend into one message and exit code 2."""
    from advalorem.rates import RatesError

    with errors.refusing():
        try:
            yield
        except RatesError as error:
            raise UsageError(str(error)) from None


def read_options(named: dict[str, str | None], words: list[str] | None) -> dict[str, str]:
    """Return options of readings by name.

    Raises
    ------
    UsageError
        A text is no `name=option`, or names no reading.

    Examples
    --------
    >>> read_options({"weights": None}, ["unit_values=none"])
    {'unit_values': 'none'}
    """
    from advalorem.rates import Readings

    chosen = {name: option for name, option in named.items() if option is not None}
    for word in words or []:
        name, sign, option = word.partition("=")
        if not sign or name not in Readings().names():
            known = ", ".join(Readings().names())
            raise UsageError(f"reading: {word!r} is no name=option; readings are {known}")
        chosen[name] = option
    return chosen


def read_origins(book: Lawbook, text: str | None, importer: str, weights: str) -> list[str]:
    """Return origins as the flow data name them.

    Raises
    ------
    UsageError
        No origin is stated, or a word is no country.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> read_origins(load_lawbook(), "CAN,MX", "US", "2024")
    ['CA', 'MX']
    """
    from advalorem.rates.flows import held_origins

    if not text:
        raise UsageError("origin: is missing; state ISO codes such as CA,MX")
    held = held_origins(importer, weights)
    if text == "all":
        return held
    words = [word.strip().upper() for word in text.split(",")]
    return [word if word in held else read_iso2(book, word, "origin") for word in words]


def read_iso2(book: Lawbook, text: str, field: str) -> str:
    """Return the ISO 2 code of a country.

    Raises
    ------
    UsageError
        The word is no country of the lawbook.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> read_iso2(load_lawbook(), "mex", "origin")
    'MX'
    """
    for country in book.countries:
        if text.upper() in (country.iso2, country.iso3):
            return country.iso2
    raise UsageError(f"{field}: {text!r} is no country; write an ISO code such as CA or CAN")


def records(frame: pl.DataFrame) -> Sheet:
    """Return a frame as the rows of a CSV, numbers in full."""
    return sheet("", frame.columns, frame.rows())


def read_countries(book: Lawbook, text: str) -> list[str]:
    """Return the ISO 2 codes of countries, a union replaced by its members.

    Raises
    ------
    UsageError
        A word is neither a country nor a union of the lawbook.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> found = read_countries(load_lawbook(), "CAN,EU")
    >>> found[0], len(found)
    ('CA', 28)
    """
    from advalorem.rates.flows import union_of

    found: list[str] = []
    for word in (word.strip().upper() for word in text.split(",")):
        found.extend(union_of(book, word) or [read_iso2(book, word, "origins")])
    return list(dict.fromkeys(found))


def sheet_of(frame: pl.DataFrame, title: str) -> Sheet:
    """Return a frame as a table for readers: rates in per cent, money in millions of dollars."""
    import polars as pl

    shown: list[list[str]] = []
    names, right = [], []
    for name in frame.columns:
        column = frame[name]
        words = [_shown(name, value) for value in column.to_list()]
        shown.append(words)
        names.append(name.replace("_usd", "_musd"))
        if column.dtype.is_numeric() and column.dtype != pl.Boolean:
            right.append(names[-1])
    rows: Sequence[Sequence[str]] = list(zip(*shown, strict=True))
    return sheet(title, names, rows, right)


def _shown(name: str, value: object) -> str:
    """Return a value for readers.

    >>> _shown("rate", 0.05651), _shown("duty_usd", 2500000.0), _shown("above", 10.0)
    ('5.65%', '2.5', '10')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if name.endswith("_usd"):
        return f"{value / 1_000_000:,.1f}"
    if name in ("above", "up_to"):
        return f"{value:g}"
    return f"{value * 100:.2f}%"
