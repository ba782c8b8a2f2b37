"""The content of a brief: numbers with their references, tables, charts, sections, sources.

Everything a page says stands here; the renderers only render. A `Cell` with a number names the
sources it rests on, by their number in the list at the end.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SourceKind = Literal["act", "data", "law", "computation"]


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the content: frozen, keyword only."""


class Source(Struct, frozen=True, kw_only=True):
    """One entry of the numbered list: an act, a packaged table, the law coded, a computation."""

    number: int
    kind: SourceKind
    citation: str
    title: str = ""
    date: str = ""
    licence: str = ""
    sha256: str = ""
    url: str = ""
    note: str = ""
    rests_on: tuple[int, ...] = ()


class Cell(Struct, frozen=True, kw_only=True):
    """A piece of text; where it is a number, also its value as a decimal string and its unit."""

    text: str
    value: str | None = None
    unit: str | None = None
    refs: tuple[int, ...] = ()


class Column(Struct, frozen=True, kw_only=True):
    """A column of a table; `number` columns stand to the right with tabular figures."""

    key: str
    label: str
    number: bool = False


class Text(Struct, frozen=True, kw_only=True, tag="text"):
    """A paragraph of cells, one after the other."""

    cells: tuple[Cell, ...]


class Table(Struct, frozen=True, kw_only=True, tag="table"):
    """A table of cells, with a note below it."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


class Point(Struct, frozen=True, kw_only=True):
    """One point of a chart: series, place on the axis, value as a decimal string."""

    series: str
    x: str
    value: str


class Mark(Struct, frozen=True, kw_only=True):
    """A day marked in a timeline: its number in the chart, the day, what happened."""

    number: int
    day: str
    text: str
    refs: tuple[int, ...]


class Chart(Struct, frozen=True, kw_only=True, tag="chart"):
    """A chart as data: the renderers draw it; `alt` says in words what it shows."""

    id: str
    title: str
    form: Literal["timeline", "steps"]
    unit: str
    points: tuple[Point, ...]
    marks: tuple[Mark, ...] = ()
    alt: str = ""
    refs: tuple[int, ...] = ()


class Fold(Struct, frozen=True, kw_only=True, tag="fold"):
    """Tables that open on demand, under one line."""

    summary: str
    tables: tuple[Table, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A section of the page."""

    id: str
    title: str
    blocks: tuple[Text | Table | Chart | Fold, ...]


class Card(Struct, frozen=True, kw_only=True):
    """A headline number of one country, beside the same number on the day compared with."""

    id: str
    label: str
    now: Cell
    then: Cell


class CountryHead(Struct, frozen=True, kw_only=True):
    """The headline numbers of one country."""

    country: str
    name: str
    cards: tuple[Card, ...]


class Brief(Struct, frozen=True, kw_only=True):
    """A whole brief."""

    title: str
    lead: tuple[Cell, ...]
    importer: str
    countries: tuple[str, ...]
    as_of: str
    against: str
    known_on: str
    heads: tuple[CountryHead, ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    versions: dict[str, str]
    command: str

    def to_json(self) -> str:
        """Return the content as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"


def words(text: str, *refs: int) -> Cell:
    """Return a piece of text with the numbers of its sources.

    >>> words("in force", 2, 1, 2).refs
    (2, 1)
    """
    return Cell(text=text, refs=tuple(dict.fromkeys(refs)))


def column(key: str, label: str, number: bool = False) -> Column:
    """Return a column.

    >>> column("rate", "Rate", number=True).number
    True
    """
    return Column(key=key, label=label, number=number)
