"""A brief as Markdown: the same content, charts as tables of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advalorem.brief.model import Brief, Cell, Chart, Fold, Source, Table, Text


def to_markdown(brief: Brief) -> str:
    """Return a brief as Markdown."""
    return "\n\n".join(_parts(brief)) + "\n"


def _parts(brief: Brief) -> Iterator[str]:
    yield f"# {brief.title}"
    days = f"Goods entered on {brief.as_of}, next to {brief.against}."
    yield f"{days} Acts known on {brief.known_on}."
    yield "\n".join(f"- {cell_text(cell)}" for cell in brief.lead)
    for section in brief.sections:
        yield f"## {section.title}"
        for block in section.blocks:
            yield from _block(block)
    yield "## Sources"
    yield "\n".join(_source(source) for source in brief.sources)
    versions = ", ".join(f"{name} {version}" for name, version in brief.versions.items())
    yield f"{versions}. This page again:\n\n    {brief.command}"


def _block(block: Text | Table | Chart | Fold) -> Iterator[str]:
    if isinstance(block, Text):
        yield "".join(cell_text(cell) for cell in block.cells)
    elif isinstance(block, Chart):
        yield from _chart(block)
    elif isinstance(block, Fold):
        for table in block.tables:
            yield from _table(table)
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.title}"
    if not table.rows:
        yield "None."
        return
    head = [column.label for column in table.columns]
    rule = ["---:" if column.number else "---" for column in table.columns]
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    yield _grid([head, rule, *rows])
    if table.note:
        yield table.note


def _chart(chart: Chart) -> Iterator[str]:
    """Yield a chart as a table of the points at which a series changes."""
    yield f"### {chart.title}{_refs(chart.refs)}"
    if chart.alt:
        yield chart.alt
    rows, last = [["series", "at", chart.unit], ["---", "---", "---:"]], dict[str, str]()
    for point in chart.points:
        if last.get(point.series) != point.value or chart.form != "timeline":
            rows.append([point.series, point.x, point.value])
        last[point.series] = point.value
    yield _grid(rows)


def _grid(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(_escaped(text) for text in row) + " |" for row in rows)


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def cell_text(cell: Cell) -> str:
    """Return a cell with the numbers of its sources in brackets.

    >>> cell_text(Cell(text="35%", refs=(2, 3)))
    '35% [2, 3]'
    """
    return cell.text + _refs(cell.refs) if cell.text else ""


def _refs(refs: Sequence[int]) -> str:
    return f" [{', '.join(map(str, refs))}]" if refs else ""


def _source(source: Source) -> str:
    told = [source.citation]
    if source.title and source.title != source.citation:
        told.append(source.title)
    told += filter(None, (source.date, source.licence, source.note, source.url))
    if source.sha256:
        told.append(f"sha256 {source.sha256[:12]}")
    if source.rests_on:
        told.append(f"rests on {', '.join(map(str, source.rests_on))}")
    return f"{source.number}. {' · '.join(told)}"
