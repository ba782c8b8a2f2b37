"""`advalorem duty`: what one shipment owes, and the ledger that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from advalorem.cli import shipment
from advalorem.cli.errors import refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write
from advalorem.cli.what_if import ScenarioOption

if TYPE_CHECKING:
    from advalorem.duty.reply import Line, Reply

app = typer.Typer()

RECORD = (
    "part", "heading", "kind", "measure", "authority", "title", "basis", "basis_amount", "rate",
    "rate_unit", "amount", "citation", "in_force_from", "in_force_until", "reason", "status",
    "void_from",
)  # fmt: skip


@app.command()
def duty(
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
    scenario: ScenarioOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """Say what one shipment owes: every layer of duty, fees, and what was not applied and why.

    Exit codes: 0 assessed, 2 bad input, 3 undetermined (a fact is needed), 4 prohibited.
    """
    with refusing():
        reply, problem = shipment.ask(
            hts, origin, as_of, value, claim, quantity, unit, mode, importer, known_on, fact,
            scenario,
        )  # fmt: skip
    if problem is None or format_ is Format.json:
        write(paper(reply), format_)
    shipment.leave(reply, problem)


def paper(reply: Reply) -> Paper:
    """Return the reply as tables and lines."""
    title = f"{reply.hts} of {reply.origin} into {reply.importer}, entered {reply.as_of}"
    parts: list[Sheet | Notes] = [Notes("", tuple(filter(None, (reply.description,))))]
    parts.append(layers_sheet(reply))
    if reply.prohibitions:
        parts.append(lines_sheet("Prohibited", reply.prohibitions))
    parts.append(Notes("Result", tuple(result_lines(reply))))
    if reply.not_applied:
        parts.append(lines_sheet("Looked at and not applied", reply.not_applied))
    if reply.threats:
        parts.append(lines_sheet("Threatened and not in force", reply.threats))
    questions = [f"{item.fact}: {item.question}{_choice(item.allowed)}" for item in reply.questions]
    for name, lines in (
        ("Questions", questions),
        ("Assumptions", reply.assumptions),
        ("Warnings", reply.warnings),
        ("Behind the answer", provenance_lines(reply)),
    ):
        if lines:
            parts.append(Notes(name, tuple(lines)))
    return Paper(title, tuple(parts), records(reply), reply)


def _choice(allowed: list[str]) -> str:
    return f" ({', '.join(allowed)})" if allowed else ""


def layers_sheet(reply: Reply) -> Sheet:
    """Return the layers and fees as a table, each with its act and its days below its title."""
    rows: list[tuple[str | None, ...]] = [
        (line.heading, _told(line), line.basis_amount or _words(line.basis), _rate(line),
         line.amount)
        for line in reply.layers
    ]  # fmt: skip
    rows += [(None, f"{fee.title}\n{fee.citation}", None, None, fee.amount) for fee in reply.fees]
    columns = ("heading", "what", "basis", "rate", "amount")
    return sheet(f"Layers, in {reply.currency}", columns, rows, right=("basis", "rate", "amount"))


def lines_sheet(title: str, lines: list[Line]) -> Sheet:
    """Return lines that charge nothing: heading, what, rate and why."""
    rows = [(line.heading, _told(line), _rate(line), line.reason) for line in lines]
    return sheet(title, ("heading", "what", "rate", "why"), rows, ("rate",))


def _told(line: Line) -> str:
    """Return a line's title, and below it the act that gives its rate and the days of that rate."""
    return f"{line.title}\n{'; '.join(filter(None, (line.citation, _days(line))))}"


def result_lines(reply: Reply) -> list[str]:
    """Return the outcome and the totals in words.

    The range stands in place of the total where the answer is undetermined.
    """
    lines = [f"outcome: {reply.outcome}"]
    if reply.total_duty is not None:
        lines.append(f"total duty: {reply.currency} {reply.total_duty} of {reply.value}")
    if reply.duty_range is not None:
        low, high = reply.duty_range
        top = "no upper bound" if high is None else high
        lines.append(f"duty range: {reply.currency} {low} to {top}")
    if reply.effective_rate is not None:
        lines.append(f"effective rate: {percent(reply.effective_rate)}")
    lines.append(f"total fees: {reply.currency} {reply.total_fees}")
    return lines


def provenance_lines(reply: Reply) -> list[str]:
    """Return coverage, versions and the command that gives the answer again."""
    covered = reply.coverage
    until = covered["until"] or "open"
    return [
        f"coverage: {covered['scope']} ({covered['from']} to {until})",
        *(f"not covered: {gap}" for gap in covered["gaps"]),
        f"known on {reply.known_on}; law {reply.ruleset_version}, data as of {reply.data_as_of}",
        reply.reproduce,
    ]


def percent(fraction: str | None) -> str:
    """Return a fraction in percent, without trailing zeros.

    >>> percent("0.35"), percent("0.0025"), percent("35%"), percent(None)
    ('35%', '0.25%', '35%', '')
    """
    from decimal import Decimal

    if fraction is None or fraction.endswith("%"):
        return fraction or ""
    return f"{(Decimal(fraction) * 100).normalize():f}%"


def _rate(line: Line) -> str:
    if line.rate is None or line.rate_unit in (None, "1"):
        return percent(line.rate)
    return f"{line.rate} {line.rate_unit}"


def _words(basis: str | None) -> str:
    return (basis or "").replace("_", " ")


def _days(line: Line) -> str:
    if line.in_force_from is None and line.in_force_until is None:
        return ""
    return f"{line.in_force_from or ''} to {line.in_force_until or 'open'}"


def records(reply: Reply) -> Sheet:
    """Return every line of the reply, and the totals, as rows of one table."""
    rows: list[list[str | None]] = []
    groups = (
        ("layer", reply.layers),
        ("prohibition", reply.prohibitions),
        ("not_applied", reply.not_applied),
        ("threat", reply.threats),
    )
    for part, lines in groups:
        rows += [[part, *(getattr(line, name) for name in RECORD[1:])] for line in lines]
    for fee in reply.fees:
        known = {"measure": fee.fee, "authority": fee.authority, "title": fee.title,
                 "amount": fee.amount, "citation": fee.citation, "reason": fee.reason}  # fmt: skip
        rows.append(["fee", *(known.get(name) for name in RECORD[1:])])
    totals = [("total_duty", reply.total_duty), ("total_fees", reply.total_fees)]
    if reply.duty_range is not None:
        totals += [("duty_min", reply.duty_range[0]), ("duty_max", reply.duty_range[1])]
    for part, amount in totals:
        rows.append([part, *(amount if name == "amount" else None for name in RECORD[1:])])
    return sheet("", RECORD, rows)
