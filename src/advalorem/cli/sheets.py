"""Answers on paper: lines of text and tables, written for a terminal, as Markdown, CSV or JSON.

A verb makes one `Paper`; the four formats are four ways to write the same content.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

PIPED = 120
"""Columns of a table where no terminal says how wide it is."""


class Format(StrEnum):
    """How an answer is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How the answer is written.")]


class Sheet(msgspec.Struct, frozen=True):
    """A table of texts; columns named in `right` are numbers and stand to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()


class Notes(msgspec.Struct, frozen=True):
    """Lines under a title."""

    title: str
    lines: tuple[str, ...]


class Paper(msgspec.Struct, frozen=True):
    """One answer: a title, its parts in order, the rows of its CSV and its JSON value."""

    title: str
    parts: tuple[Sheet | Notes, ...]
    records: Sheet
    data: Any


def write(paper: Paper, format_: Format) -> None:
    """Write an answer to stdout."""
    if format_ is Format.table:
        _to_terminal(paper)
    else:
        typer.echo(text_of(paper, format_), nl=False)


def text_of(paper: Paper, format_: Format) -> str:
    r"""Return an answer as JSON, CSV or Markdown.

    >>> sheet = Sheet("", ("code", "rate"), (("a", "1"),))
    >>> text_of(Paper("t", (sheet,), sheet, {"code": "a"}), Format.csv)
    'code,rate\na,1\n'
    """
    if format_ is Format.json:
        return msgspec.json.format(msgspec.json.encode(paper.data), indent=2).decode() + "\n"
    return to_csv(paper.records) if format_ is Format.csv else to_markdown(paper)


def to_csv(sheet: Sheet) -> str:
    r"""Return a table as CSV with a line of names.

    >>> to_csv(Sheet("", ("a", "b"), (("1", "x, y"),)))
    'a,b\n1,"x, y"\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([sheet.columns, *sheet.rows])
    return buffer.getvalue()


def to_markdown(paper: Paper) -> str:
    """Return an answer as Markdown.

    >>> print(to_markdown(Paper("T", (Notes("N", ("x",)),), Sheet("", (), ()), None)))
    # T
    <BLANKLINE>
    ## N
    <BLANKLINE>
    - x
    <BLANKLINE>
    """
    blocks = [f"# {paper.title}"]
    for part in paper.parts:
        if part.title:
            blocks.append(f"## {part.title}")
        blocks.append(_sheet_markdown(part) if isinstance(part, Sheet) else _notes_markdown(part))
    return "\n\n".join(blocks) + "\n"


def _notes_markdown(notes: Notes) -> str:
    return "\n".join(f"- {line}" for line in notes.lines)


def _sheet_markdown(sheet: Sheet) -> str:
    rule = ["---:" if name in sheet.right else "---" for name in sheet.columns]
    rows = [sheet.columns, rule, *sheet.rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in row) + " |" for row in rows)


def _cell(text: str) -> str:
    return "; ".join(" ".join(line.split()) for line in text.splitlines()).replace("|", "\\|")


def _to_terminal(paper: Paper) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, soft_wrap=False, width=PIPED)
    console.print(Text(paper.title, style="bold"))
    for part in paper.parts:
        if isinstance(part, Notes):
            if part.title:
                console.print(Text(part.title, style="bold"))
            for line in part.lines:
                console.print(Text(f"  {line}"))
            continue
        table = Table(
            title=part.title or None, title_justify="left", title_style="bold", box=_box()
        )
        for name in part.columns:
            table.add_column(
                name, justify="right" if name in part.right else "left", overflow="fold"
            )
        for row in part.rows:
            table.add_row(*(Text(text) for text in row))
        console.print(table)


def _box() -> Any:
    from rich.box import SIMPLE_HEAD

    return SIMPLE_HEAD


def sheet(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()
) -> Sheet:
    """Return a table of texts from rows of any values; None becomes an empty cell.

    >>> sheet("t", ["a"], [[None], [1]]).rows
    (('',), ('1',))
    """
    texts = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
    return Sheet(title, tuple(columns), texts, tuple(right))
