"""A reply in sentences: what is charged and why, what is not and why, what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from advalorem.duty.reply import FeeReply, Line, Reply


class Statement(msgspec.Struct, frozen=True):
    """One sentence of an explanation, under a topic, with the provision it rests on."""

    topic: str
    text: str
    citation: str | None = None


def explain(reply: Reply) -> tuple[Statement, ...]:
    """Return a reply as statements in reading order.

    Examples
    --------
    >>> from advalorem.duty.answer import rate
    >>> said = explain(rate(hts="7208.51.00.30", origin="CA", as_of="2025-09-18", value=10000))
    >>> said[0].text
    '7208.51.00.30 of CA, entered into US on 2025-09-18, customs value USD 10000.00.'
    >>> said[-1].topic
    'reproduce'
    """
    return tuple(_statements(reply))


def _statements(reply: Reply) -> Iterator[Statement]:
    yield Statement(
        "article",
        f"{reply.hts} of {reply.origin}, entered into {reply.importer} on {reply.as_of}, "
        f"customs value {reply.currency} {reply.value}.",
    )
    if reply.description:
        yield Statement("article", reply.description)
    yield from (Statement("charged", _layer(reply, line), line.citation) for line in reply.layers)
    for line in reply.prohibitions:
        yield Statement("prohibited", f"{_name(line)}: entry is prohibited.{_days(line)}",
                        line.citation)  # fmt: skip
    yield from (Statement("fee", _fee(reply, fee), fee.citation) for fee in reply.fees)
    yield from _result(reply)
    for line in reply.not_applied:
        yield Statement("not applied", _idle(line), line.citation)
    for line in reply.threats:
        yield Statement("threatened", _threat(line), line.citation)
    for question in reply.questions:
        choice = f" Answers: {', '.join(question.allowed)}." if question.allowed else ""
        yield Statement("question", f"{question.question}{choice} State it as {question.fact}.")
    yield from (Statement("assumption", f"{text}.") for text in reply.assumptions)
    yield from (Statement("warning", f"{text}.") for text in reply.warnings)
    yield from (Statement("not covered", f"{gap}.") for gap in reply.coverage["gaps"])
    yield Statement(
        "versions",
        f"Law {reply.ruleset_version}, acts known on {reply.known_on}, newest act coded "
        f"{reply.data_as_of}.",
    )
    yield Statement("reproduce", reply.reproduce)


def _layer(reply: Reply, line: Line) -> str:
    """Return what one layer charges, on what, since when and why."""
    rate = rate_words(line.rate, line.rate_unit)
    basis = f" of {reply.currency} {line.basis_amount}" if line.basis_amount else ""
    amount = f"{rate} {_on(line)}{basis} = {reply.currency} {line.amount}"
    return f"{_name(line)}: {amount}.{_days(line)}"


def _on(line: Line) -> str:
    if line.reason.startswith("on "):
        return line.reason
    basis = (line.basis or "customs_value").replace("_", " ")
    return f"on the {basis} ({line.reason})"


def _name(line: Line) -> str:
    return f"Heading {line.heading}, {line.title}" if line.heading else line.title


def _days(line: Line) -> str:
    """Return since when a provision is in force, and the first day on which it no longer is."""
    if line.in_force_from is None:
        return ""
    end = f" until {line.in_force_until}" if line.in_force_until else ", no end fixed"
    return f" In force from {line.in_force_from}{end}."


def _fee(reply: Reply, fee: FeeReply) -> str:
    return f"{fee.title}: {reply.currency} {fee.amount} ({fee.reason})."


def _idle(line: Line) -> str:
    rate = f" ({rate_words(line.rate, line.rate_unit)})" if line.rate else ""
    return f"{_name(line)}{rate}: {line.reason}.{_days(line)}"


def _threat(line: Line) -> str:
    rate = f" ({rate_words(line.rate, line.rate_unit)})" if line.rate else ""
    due = f" Announced for {line.in_force_from}." if line.in_force_from else ""
    return f"{_name(line)}{rate}: {line.reason}.{due}"


def _result(reply: Reply) -> Iterator[Statement]:
    """Yield the outcome: the duty, or the range and that facts are needed; then the fees."""
    if reply.total_duty is not None:
        share = f", {rate_words(reply.effective_rate, '1')} of the value"
        rest = share if reply.effective_rate is not None else ""
        text = f"The duty is {reply.currency} {reply.total_duty}{rest}."
    elif reply.duty_range is not None:
        low, high = reply.duty_range
        top = high if high is not None else "an amount that has no bound"
        text = f"The duty lies between {reply.currency} {low} and {top}: facts are needed."
    else:
        text = "The duty is not determined."
    yield Statement("result", f"Outcome: {reply.outcome}. {text}")
    yield Statement("result", f"Fees come to {reply.currency} {reply.total_fees}.")


def rate_words(rate: str | None, unit: str | None) -> str:
    """Return a rate in words.

    >>> rate_words("0.35", "1"), rate_words("0.105", "USD/bbl"), rate_words("40%", None)
    ('35%', '0.105 USD/bbl', '40%')
    """
    if rate is None:
        return "no rate"
    if unit not in (None, "1"):
        return f"{rate} {unit}"
    return rate if rate.endswith("%") else f"{(Decimal(rate) * 100).normalize():f}%"
