"""The example goods: duty with and without a claim, and the ledger behind each figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from advalorem.brief.goods import Plan, Rated, rate_good
from advalorem.brief.limits import names_code, order_ref, status_on
from advalorem.brief.measures import Dates, country_name
from advalorem.brief.model import Cell, Column, Fold, Section, Table, Text, column, words
from advalorem.brief.numbers import money
from advalorem.brief.register import Register
from advalorem.duty.explain import rate_words
from advalorem.duty.reply import Line, Reply
from advalorem.law.model import Lawbook

CLAIM = "USMCA"
LATER = "in force only from"
"""How the reply speaks of a provision of a later day; the ledgers here leave these out."""
STATES = ((None, "no claim"), (CLAIM, f"{CLAIM} claimed"))


def goods_section(
    book: Lawbook, register: Register, plan: Plan, countries: Sequence[str], dates: Dates
) -> Section:
    """Return the example goods on the day and on the day compared with, and their ledgers."""
    now = _rated(book, plan, countries, dates.as_of, dates.known_on)
    then = _rated(book, plan, countries, dates.against, dates.known_on)
    intro = (
        f"Duty on a customs value of {plan.value:,} {plan.currencies[0]}, fees not counted. "
        "Quantities behind rates by unit come from unit values of 2024."
    )
    blocks: list[Text | Table | Fold] = [
        Text(cells=(words(intro, register.law(), register.table("implied_2024")),)),
        _totals(book, register, plan, countries, now, dates.as_of),
        msgspec.structs.replace(
            _totals(book, register, plan, countries, then, dates.against), note=""
        ),
    ]
    for good in plan.goods:
        mine = [rated for rated in now if rated.good is good]
        tables = tuple(_ledger(book, register, rated, dates.as_of) for rated in mine)
        blocks.append(Fold(summary=f"{good.title}: the ledger", tables=tables))
    return Section(id="goods", title="Ten goods at the border", blocks=tuple(blocks))


def _rated(
    book: Lawbook, plan: Plan, countries: Sequence[str], on: date, known_on: date
) -> list[Rated]:
    return [
        rate_good(book, plan, good, country, claim, on, known_on)
        for good in plan.goods
        for country in countries
        for claim, _ in STATES
    ]


def _totals(
    book: Lawbook,
    register: Register,
    plan: Plan,
    countries: Sequence[str],
    rated: Sequence[Rated],
    on: date,
) -> Table:
    """Return the duty on each good, by country and claim."""
    keys = [(country, claim, said) for country in countries for claim, said in STATES]
    columns: list[Column] = [column("good", "Good"), column("code", "Code")]
    for country, claim, said in keys:
        key = f"{country.lower()}-{'claimed' if claim else 'plain'}"
        columns.append(column(key, f"{country_name(book, country)}, {said}", number=True))
    columns.append(column("orders", "Orders not counted"))
    rows = []
    for good in plan.goods:
        mine = {(item.origin, item.claim): item for item in rated if item.good is good}
        cells = [_total(register, mine[country, claim]) for country, claim, _ in keys]
        orders = _orders(book, register, plan, good.code(on), countries, on)
        rows.append((words(good.title), words(good.code(on)), *cells, orders))
    notes = [f"{good.title}: {good.note}" for good in plan.goods if good.note]
    return Table(
        id=f"goods-{on}",
        title=f"Duty on {plan.value:,} {plan.currencies[0]} of each good, {on}",
        columns=tuple(columns),
        rows=tuple(rows),
        note=" ".join(notes),
    )


def _orders(
    book: Lawbook, register: Register, plan: Plan, code: str, countries: Sequence[str], on: date
) -> Cell:
    """Return the anti-dumping and countervailing orders that name a code, by country."""
    full = int(code.replace(".", ""))
    found = [
        order
        for order in book.orders
        if order.origin in countries
        and status_on(plan, order, on) is not None
        and names_code(order, full)
    ]
    refs = [order_ref(register, order) for order in found]
    text = ", ".join(f"{country_name(book, o.origin)}: {o.kind} {o.case_no}" for o in found)
    return words(text or "none", *refs)


def _total(register: Register, rated: Rated) -> Cell:
    """Return the duty; the range where facts are open; the problem where it cannot be rated."""
    reply = rated.reply
    if reply is None:
        return words("not rated", register.law())
    refs = _refs(register, rated, reply)
    if reply.total_duty is not None:
        return money(reply.total_duty, reply.currency, refs)
    low, high = reply.duty_range or (None, None)
    return words(f"{low} to {high or 'no bound'}", *refs)


def _refs(register: Register, rated: Rated, reply: Reply) -> tuple[int, ...]:
    """Return the sources of a duty: the acts of the layers that charge, and the tables used."""
    charging = [line for line in reply.layers if _charges(line)]
    found = [register.citation(line.citation) for line in charging or reply.layers]
    if rated.quantity is not None:
        found.append(register.table("implied_2024"))
    return tuple(dict.fromkeys(found or [register.law()]))


def _charges(line: Line) -> bool:
    return line.amount not in (None, "0.00")


def _ledger(book: Lawbook, register: Register, rated: Rated, on: date) -> Table:
    """Return the ledger of one rated good."""
    said = dict(STATES)[rated.claim]
    title = f"{rated.good.title} of {country_name(book, rated.origin)}, {said}"
    columns = (
        column("heading", "Heading"),
        column("what", "What"),
        column("basis", "Basis", number=True),
        column("rate", "Rate", number=True),
        column("amount", "Amount", number=True),
        column("why", "Why"),
    )
    rows = tuple(_ledger_rows(register, rated.reply)) if rated.reply else ()
    note = _note(rated)
    name = f"ledger-{rated.good.id}-{rated.origin.lower()}-{'claimed' if rated.claim else 'plain'}"
    return Table(id=name, title=title, columns=columns, rows=rows, note=note)


def _note(rated: Rated) -> str:
    """Return what a reader must know beside the ledger: questions, warnings, the command."""
    if rated.reply is None:
        return rated.problem
    asked = [f"Open: {question.question}" for question in rated.reply.questions]
    warned = [f"{text}." for text in rated.reply.warnings]
    return " ".join([*asked, *warned, rated.reply.reproduce])


def _basis(line: Line, currency: str, refs: tuple[int, ...]) -> Cell:
    """Return what a rate falls on: an amount of money, or a quantity in the unit of the rate."""
    if line.basis_amount is None:
        return words((line.basis or "").replace("_", " "), *refs)
    if line.basis != "quantity":
        return money(line.basis_amount, currency, refs)
    unit = (line.rate_unit or "").partition("/")[2]
    return Cell(text=f"{line.basis_amount} {unit}", value=line.basis_amount, unit=unit, refs=refs)


def _ledger_rows(register: Register, reply: Reply) -> Iterator[tuple[Cell, ...]]:
    refs: tuple[int, ...]
    for line in reply.layers:
        refs = (register.citation(line.citation),)
        yield (
            words(line.heading or "", *refs),
            words(line.title, *refs),
            _basis(line, reply.currency, refs),
            Cell(
                text=rate_words(line.rate, line.rate_unit),
                value=line.rate,
                unit="fraction" if line.rate_unit == "1" else line.rate_unit,
                refs=refs,
            ),
            money(line.amount or "0", reply.currency, refs),
            words(line.reason, *refs),
        )
    for line in reply.not_applied:
        if not line.reason.startswith(LATER):
            refs = (register.citation(line.citation),)
            yield (
                words(line.heading or "", *refs),
                words(line.title, *refs),
                words(""),
                words(rate_words(line.rate, line.rate_unit), *refs),
                words("not charged"),
                words(line.reason, *refs),
            )
    total = reply.total_duty
    if total is not None:
        refs = tuple(dict.fromkeys(register.citation(line.citation) for line in reply.layers))
        yield (
            words(""), words("Total duty"), words(""), words(""),
            money(total, reply.currency, refs), words(""),
        )  # fmt: skip
