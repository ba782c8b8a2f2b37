"""What is not computed: orders on dumping and subsidies by code, and the gaps of the coverage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from advalorem.brief.measures import Dates, country_name
from advalorem.brief.model import Cell, Section, Table, Text, column, words
from advalorem.brief.register import Register
from advalorem.law.history import names_origin
from advalorem.law.model import Lawbook, Order
from advalorem.schedule.scope import code_range


def limits_section(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Section:
    """Return the orders that no duty here counts, and the named gaps."""
    intro = (
        "Anti-dumping and countervailing duties depend on the exporter. They come on top and no "
        "figure of this page counts them. A good under one of these codes carries a warning; the "
        "written scope of each order decides."
    )
    blocks: list[Text | Table] = [Text(cells=(words(intro, register.law()),))]
    blocks += [_orders(book, register, importer, country, dates.as_of) for country in countries]
    blocks.append(_gaps(book, register, importer, countries))
    return Section(id="limits", title="What is not computed", blocks=tuple(blocks))


def standing(order: Order, on: date) -> bool:
    """Return whether an order stands on a day."""
    return (order.from_ is None or order.from_ <= on) and (order.until is None or on < order.until)


def _orders(book: Lawbook, register: Register, importer: str, country: str, on: date) -> Table:
    columns = (
        column("product", "Product"),
        column("kind", "Duty"),
        column("case", "Case"),
        column("since", "Since"),
        column("codes", "Codes named"),
        column("status", "Status"),
    )
    found = [
        order
        for order in book.orders
        if (order.importer, order.origin) == (importer, country) and standing(order, on)
    ]
    rows = tuple(_order(register, order) for order in found)
    title = f"Orders on goods of {country_name(book, country)} in effect on {on}"
    return Table(id=f"orders-{country.lower()}", title=title, columns=columns, rows=rows)


def names_code(order: Order, full: int) -> bool:
    """Return whether an order names a ten-digit code or anything above it."""
    return any(low <= full < high for low, high in map(code_range, order.codes))


def order_ref(register: Register, order: Order) -> int:
    """Return the number of an order in the list of sources."""
    name = f"{order.kind} order {order.case_no}"
    citation = order.cite or f"{name} (its notice is not recorded)"
    return register.order(citation, f"{name}, {order.product}", str(order.from_ or ""))


def _order(register: Register, order: Order) -> tuple[Cell, ...]:
    ref = order_ref(register, order)
    codes = ", ".join(_dotted(code) for code in order.codes) or "none named"
    return tuple(
        words(text, ref)
        for text in (order.product, order.kind, order.case_no, str(order.from_ or "not recorded"),
                     codes, order.note)
    )  # fmt: skip


def _dotted(code: str) -> str:
    """Return digits as a printed code.

    >>> _dotted("44071100")
    '4407.11.00'
    """
    parts = (code[:4], code[4:6], code[6:8], code[8:])
    return ".".join(part for part in parts if part)


def _gaps(book: Lawbook, register: Register, importer: str, countries: Sequence[str]) -> Table:
    columns = (column("border", "Border"), column("gap", "What is not covered"))
    ref = register.law()
    rows = [
        (words(country_name(book, row.importer), ref), words(gap, ref))
        for row in book.coverage
        for gap in row.gaps
        if _concerns(book, row.importer, row.origins, importer, countries)
    ]
    rows = list(dict.fromkeys(rows))
    return Table(id="gaps", title="Gaps of the coverage", columns=columns, rows=tuple(rows))


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
