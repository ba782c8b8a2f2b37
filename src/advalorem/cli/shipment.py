"""The options that state one shipment, shared by `duty` and `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from advalorem.cli.errors import (
    ANSWERED,
    PROHIBITED,
    UNDETERMINED,
    UsageError,
    read_day_or_none,
    read_facts,
    refuse,
)
from advalorem.cli.what_if import law_under, said_under

if TYPE_CHECKING:
    from advalorem.duty.reply import Reply

Hts = Annotated[str | None, typer.Option("--hts", help="Tariff code, 8 or 10 digits; required.")]
Origin = Annotated[
    str | None, typer.Option("--origin", help="Country of origin, ISO 2 or 3 letters; required.")
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of entry, YYYY-MM-DD; required.")]
Value = Annotated[
    str | None,
    typer.Option("--value", help="Customs value in the importer's currency; required."),
]
Claim = Annotated[
    str | None, typer.Option("--claim", help="Preference claimed: USMCA or an SPI code.")
]
Quantity = Annotated[
    str | None, typer.Option("--quantity", help="Quantity, where a rate is by unit.")
]
Unit = Annotated[str | None, typer.Option("--unit", help="Unit of the quantity, such as kg or t.")]
Mode = Annotated[
    str | None, typer.Option("--mode", help="Transport: vessel, air, truck, rail, post, express.")
]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Importing country; the United States if left out.")
]
KnownOn = Annotated[
    str | None,
    typer.Option("--known-on", help="Day up to which acts are known; the newest act if left out."),
]
Facts = Annotated[
    list[str] | None,
    typer.Option("--fact", help="A fact as name=value; may be given several times."),
]


def ask(
    hts: str | None,
    origin: str | None,
    as_of: str | None,
    value: str | None,
    claim: str | None,
    quantity: str | None,
    unit: str | None,
    mode: str | None,
    importer: str | None,
    known_on: str | None,
    fact: list[str] | None,
    scenario: str | None = None,
) -> tuple[Reply, str | None]:
    """Return the reply to the shipment that the options state, and what is wrong with it.

    Where only one layer cannot be rated, the reply goes as far as it can and the problem stands
    beside it; else the problem is None.

    Raises
    ------
    UsageError, InputError, CoverageError
        An option is missing or wrong, or lies outside what is coded.
    """
    from advalorem.duty.answer import rate
    from advalorem.duty.problems import InputError

    facts = read_facts(fact)
    known = read_day_or_none("known_on", known_on)
    place: dict[str, Any] = {} if importer is None else {"importer": iso2(importer, "importer")}
    try:
        reply = rate(
            hts=hts or "", origin=origin or "", as_of=as_of or "", value=value, claim=claim,
            quantity=quantity, unit=unit, mode=mode, known_on=known, facts=facts,
            law=law_under(scenario, known), **place,
        )  # fmt: skip
    except InputError as error:
        if error.reply is None:
            raise
        return said_under(error.reply, scenario), str(error)
    return said_under(reply, scenario), None


def leave(reply: Reply, problem: str | None) -> None:
    """Leave with the exit code of an answer; where there is a problem, say it on stderr first."""
    if problem is not None:
        refuse(problem)
    raise typer.Exit(exit_code(reply.outcome))


def iso2(text: str, field: str) -> str:
    """Return a country's ISO 2 code from the ISO 2 or 3 letters given for a field.

    Raises
    ------
    UsageError
        No such country is known.
    """
    from advalorem.law.load import load_lawbook

    word = text.strip().upper()
    for country in load_lawbook().countries:
        if word in (country.iso2, country.iso3):
            return country.iso2
    remedy = "write an ISO code of two or three letters"
    raise UsageError(f"{field}: {text!r} is no known country; {remedy}")


def importer_or_default(text: str | None) -> str:
    """Return the importer given, or the default of the law where none is stated."""
    from advalorem.law.load import load_lawbook

    return load_lawbook().default_importer if text is None else iso2(text, "importer")


def exit_code(outcome: str) -> int:
    """Return the exit code of an outcome.

    >>> exit_code("assessed"), exit_code("undetermined"), exit_code("prohibited")
    (0, 3, 4)
    """
    return {"undetermined": UNDETERMINED, "prohibited": PROHIBITED}.get(outcome, ANSWERED)
