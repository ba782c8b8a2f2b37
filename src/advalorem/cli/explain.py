"""`advalorem explain`: the same shipment as `duty`, in sentences with their citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advalorem.duty.explain import Statement

app = typer.Typer()


@app.command()
def explain(
    hts: shipment.Hts = None,
    origin: shipment.Origin = None,
    as_of: shipment.AsOf = None,
    value: shipment.Value = None,
    claim: shipment.Claim = None,
    quantity: shipment.Quantity = None,
    unit: shipment.Unit = None,
    mode: shipment.Mode = None,
    importer: shipment.Importer = None,
    known_on: shipment.KnownOn = None,
    fact: shipment.Facts = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say in words why a shipment owes what it owes: each provision with its act and its days.

    Takes the options of `duty` and leaves with the same exit codes.
    """
    from advalorem.duty.explain import explain as tell

    with refusing():
        reply, problem = shipment.ask(
            hts, origin, as_of, value, claim, quantity, unit, mode, importer, known_on, fact
        )
    write(paper(f"{reply.hts} of {reply.origin} on {reply.as_of}", tell(reply)), format_)
    shipment.leave(reply, problem)


def paper(title: str, statements: Sequence[Statement]) -> Paper:
    """Return statements as lines under their topics."""
    topics = dict.fromkeys(item.topic for item in statements)
    parts = tuple(
        Notes(topic.capitalize(), tuple(_line(item) for item in statements if item.topic == topic))
        for topic in topics
    )
    rows = [(item.topic, item.text, item.citation) for item in statements]
    records = sheet("", ("topic", "text", "citation"), rows)
    return Paper(title, parts, records, list(statements))


def _line(item: Statement) -> str:
    return f"{item.text} [{item.citation}]" if item.citation else item.text
