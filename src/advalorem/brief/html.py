"""A brief as one HTML page: charts and style inside, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from advalorem.brief.charts import to_svg
from advalorem.brief.model import Brief, Cell, Chart, Fold, Source, Table, Text

HERE = Path(__file__).parent
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
SHORT = re.compile(r"[\d.:-]{4,13}")
"""A day or a code: never broken into lines."""
LONG = 24
"""Length from which a text in a column of numbers may break into lines."""


def to_html(brief: Brief) -> str:
    """Return a brief as a page that opens without a network."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return env.get_template("page.html.jinja").render(
        brief=brief,
        style=Markup((HERE / "page.css").read_text(encoding="utf-8")),
        render=lambda block: Markup(_block(block)),
        refs=lambda cell: Markup(refs_html(cell)),
        details=_details,
        day=_day,
    )


def _day(text: str) -> str:
    """Return a day in words.

    >>> _day("2025-09-18")
    '18 September 2025'
    """
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _details(source: Source) -> Iterator[str]:
    """Yield what is known of a source beside its citation."""
    if source.title and source.title != source.citation:
        yield source.title
    if source.date:
        yield source.date
    if source.licence:
        yield source.licence
    if source.sha256:
        yield f"sha256 {source.sha256[:12]}"
    if source.note:
        yield source.note


def _block(block: Text | Table | Chart | Fold) -> str:
    if isinstance(block, Text):
        return f"<p>{''.join(cell_html(cell) for cell in block.cells)}</p>"
    if isinstance(block, Chart):
        return _figure(block)
    if isinstance(block, Fold):
        tables = "".join(table_html(table) for table in block.tables)
        return f"<details><summary>{escape(block.summary)}</summary><div>{tables}</div></details>"
    return table_html(block)


def _figure(chart: Chart) -> str:
    caption = f"{_whole_days(chart.title)}{_links(chart.refs)}"
    drawn = to_svg(chart) + to_svg(chart, narrow=True)
    return f'<figure id="chart-{chart.id}"><figcaption>{caption}</figcaption>{drawn}</figure>'


def cell_html(cell: Cell) -> str:
    """Return a cell with links to its sources.

    >>> cell_html(Cell(text="35%", refs=(2,)))
    '35%<span class="ref"><a href="#s2">2</a></span>'
    """
    return _whole_days(cell.text) + refs_html(cell)


def _whole_days(text: str) -> str:
    """Return text as HTML in which no day is broken into lines."""
    return DAY.sub(r'<span class="whole">\g<0></span>', escape(text))


def refs_html(cell: Cell) -> str:
    """Return the links to a cell's sources, nothing where it is empty."""
    return _links(cell.refs) if cell.text else ""


def _links(refs: tuple[int, ...]) -> str:
    links = ",".join(f'<a href="#s{number}">{number}</a>' for number in refs)
    return f'<span class="ref">{links}</span>' if links else ""


def table_html(table: Table) -> str:
    """Return a table under its title, laid out by great-tables and styled by the page."""
    if not table.rows:
        return f"<h3>{escape(table.title)}</h3><p>None.</p>"
    drawn = _great_table(table).as_raw_html()
    plain = re.sub(r"<style>.*?</style>", "", drawn, flags=re.DOTALL)
    inner = re.search(r"<table.*</table>", plain, flags=re.DOTALL)
    body = inner.group() if inner else plain
    return f'<h3>{escape(table.title)}</h3><div class="scroll">{body}</div>'


def _great_table(table: Table) -> Any:
    import polars as pl
    from great_tables import GT, html

    keys = [column.key for column in table.columns]
    cells = {
        key: [_table_cell(row[number], table.columns[number].number) for row in table.rows]
        for number, key in enumerate(keys)
    }
    labels = {column.key: html(escape(column.label)) for column in table.columns}
    right = [column.key for column in table.columns if column.number]
    left = [column.key for column in table.columns if not column.number]
    drawn = GT(pl.DataFrame(cells), id=table.id).fmt(fns=_as_it_is).cols_label(**labels)
    if left:
        drawn = drawn.cols_align("left", left)
    if right:
        drawn = drawn.cols_align("right", right)
    return drawn.tab_source_note(html(escape(table.note))) if table.note else drawn


def _as_it_is(text: str) -> str:
    return text


def _table_cell(cell: Cell, number: bool) -> str:
    inner = cell_html(cell)
    if number and len(cell.text) > LONG:
        return f'<span class="long">{inner}</span>'
    if SHORT.fullmatch(cell.text):
        return f'<span class="whole">{inner}</span>'
    return inner
