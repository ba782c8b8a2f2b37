"""What is not computed: orders on dumping and subsidies by code, and the gaps of the coverage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from advalorem.brief.goods import Plan
from advalorem.brief.measures import Dates, country_name
from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.register import Register
from advalorem.law.history import names_origin
from advalorem.law.model import Lawbook, Order
from advalorem.schedule.scope import code_range

DAY_NAMED = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
PART = re.compile(r"(?<=;) |(?<=\.) (?=[A-Z])")
ORDER = "order"


def limits_section(
    book: Lawbook, register: Register, plan: Plan, countries: Sequence[str], dates: Dates
) -> Section:
    """Return the orders that no duty here counts, and the named gaps."""
    intro = (
        "Anti-dumping and countervailing duties depend on the exporter. They come on top and no "
        "figure of this page counts them. A good under one of these codes carries a warning; the "
        "written scope of each order decides."
    )
    blocks: list[Text | Table] = [Text(cells=(words(intro, register.law()),))]
    blocks += [_orders(book, register, plan, country, dates.as_of) for country in countries]
    blocks.append(_gaps(book, register, plan.importer, countries))
    return Section(id="limits", title="What is not computed", blocks=tuple(blocks))


def standing(order: Order, on: date) -> bool:
    """Return whether an order stands on a day."""
    return (order.from_ is None or order.from_ <= on) and (order.until is None or on < order.until)


def status_on(plan: Plan, order: Order, on: date) -> str | None:
    """Return what a case is on a day, None where it had not begun or was over."""
    stages = next((found for found in plan.stages if found.case == order.case_no), None)
    if stages is not None:
        return stages.on(on)
    return ORDER if order.from_ is not None and standing(order, on) else None


def _orders(book: Lawbook, register: Register, plan: Plan, country: str, on: date) -> Table:
    columns = (
        column("product", "Product"),
        column("kind", "Duty"),
        column("case", "Case"),
        column("status", f"Status on {on}"),
        column("since", "Deposits first due"),
        column("codes", "Codes named"),
        column("note", "On record by that day"),
    )
    found = [
        (order, status)
        for order in book.orders
        if (order.importer, order.origin) == (plan.importer, country)
        and (status := status_on(plan, order, on)) is not None
    ]
    rows = tuple(_order(register, order, status, on) for order, status in found)
    name = country_name(book, country)
    title = f"Orders, suspended and pending cases on goods of {name}, {on}"
    return Table(id=f"orders-{country.lower()}", title=title, columns=columns, rows=rows)


def names_code(order: Order, full: int) -> bool:
    """Return whether an order names a ten-digit code or anything above it."""
    return any(low <= full < high for low, high in map(code_range, order.codes))


def order_ref(register: Register, order: Order) -> int:
    """Return the number of an order in the list of sources."""
    name = f"{order.kind} order {order.case_no}"
    citation = order.cite or f"{name} (its notice is not recorded)"
    return register.order(citation, f"{name}, {order.product}", str(order.from_ or ""))


def _order(register: Register, order: Order, status: str, on: date) -> tuple[Cell, ...]:
    ref = order_ref(register, order)
    codes = ", ".join(_dotted(code) for code in order.codes) or "none named"
    due = str(order.from_) if order.from_ and order.from_ <= on else "not recorded"
    product = order.product.partition(" (")[0] if status != ORDER else order.product
    told = (order.kind, order.case_no, status, due, codes, by_day(order.note, on))
    return (words(product, ref), *map(words, told))


def by_day(note: str, on: date) -> str:
    """Return a note without the parts that name a later day.

    >>> by_day("Order of 2018-01-03; continued 2026-03-19. Page not read.", date(2025, 9, 18))
    'Order of 2018-01-03. Page not read.'
    """
    last = on.isoformat()
    parts = [
        part for part in PART.split(note) if all(day <= last for day in DAY_NAMED.findall(part))
    ]
    text = " ".join(parts)
    return re.sub(r";(?= [A-Z]|$)", ".", text)


def _dotted(code: str) -> str:
    """Return digits as a printed code.

    >>> _dotted("44071100")
    '4407.11.00'
    """
    parts = (code[:4], code[4:6], code[6:8], code[8:])
    return ".".join(part for part in parts if part)


def _gaps(book: Lawbook, register: Register, importer: str, countries: Sequence[str]) -> Table:
    """Return the gaps of the entries that speak of the countries most closely."""
    columns = (column("border", "Border"), column("gap", "What is not covered"))
    ref = register.law()
    concerned = [
        row
        for row in book.coverage
        if _concerns(book, row.importer, row.origins, importer, countries)
    ]
    named = {
        (row.importer, country)
        for row in concerned
        for country in countries
        if country in row.origins
    }
    rows = [
        (words(country_name(book, row.importer), ref), words(gap))
        for row in concerned
        if any(c in row.origins or (row.importer, c) not in named for c in countries)
        for gap in row.gaps
    ]
    title = "Gaps of the coverage"
    return Table(id="gaps", title=title, columns=columns, rows=tuple(dict.fromkeys(rows)))


def _concerns(
    book: Lawbook,
    border: str,
    origins: Sequence[str],
    importer: str,
    countries: Sequence[str],
) -> bool:
    """Return whether a coverage entry is about the importer and the countries, either way."""
    if border == importer:
        return any(names_origin(book, origins, country) for country in countries)
    return border in countries and names_origin(book, origins, importer)
