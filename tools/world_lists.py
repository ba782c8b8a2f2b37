"""Shared by the builders of the product lists of US measures on all origins."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from data_common import ROOT, sources

LISTS = ROOT / "src" / "advalorem" / "lawbook" / "usa" / "lists"
NOTE_52J = Path(__file__).parent / "note52j.txt"
TEXT = "us/measures/texts/chapter99_2026_rev_6.txt.gz"
CODE = re.compile(r"\b(\d{4})[.,;](\d{2})\.(\d{2})(?:\.?(\d{2}))?\b")
GOVERNMENT = "US Government work (public domain)"
USITC = "USITC, Harmonized Tariff Schedule, chapter 99 subchapter III, 2026 Revision 6, U.S. note "


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a product list: digits, first day, first day after, act and note."""

    code: str
    start: str
    until: str
    act: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A product list with what `SOURCES_world.yaml` says of it."""

    name: str
    title: str
    source: str
    rows: list[Row]
    licence: str = GOVERNMENT
    doubts: list[str] = field(default_factory=list)


@cache
def chapter99() -> str:
    """Return the text of chapter 99."""
    return gzip.decompress((sources() / TEXT).read_bytes()).decode("latin-1")


def note(start: str, end: str) -> list[str]:
    """Return the codes printed between two phrases of chapter 99, its own headings left out."""
    text = chapter99()
    begin = text.index(start)
    found = CODE.finditer(text[begin : text.index(end, begin + len(start))])
    return ["".join(filter(None, m.groups())) for m in found if not m.group(1).startswith("99")]


@cache
def measures() -> pl.DataFrame:
    """Return the union of the trackers' lists."""
    return pl.read_parquet(sources() / "us/measures/measure_lists.parquet")


def tracker(programme: str, name: str | None = None, **equal: str) -> set[str]:
    """Return the codes of one tracker list, optionally of one category, role, start or end."""
    rows = measures().filter(pl.col("programme") == programme)
    if name:
        rows = rows.filter(pl.col("list") == name)
    for column, value in equal.items():
        rows = rows.filter(pl.col(column).cast(str) == value)
    return set(rows["hts"])


def eight(codes: Iterable[str]) -> set[str]:
    """Return codes cut to eight digits."""
    return {code[:8] for code in codes}


def dated(codes: Iterable[str], act: str, start: str, until: str = "", note: str = "") -> list[Row]:
    """Return one row a code, all with the same dates and act."""
    return [Row(code, start, until, act, note) for code in codes]


def write(lists: list[List], sources_file: str) -> None:
    """Write each list as CSV, and what is said of all of them as a YAML file."""
    LISTS.mkdir(parents=True, exist_ok=True)
    out = ["# Sources of product lists; written by the builders in tools/.", "lists:"]
    for item in sorted(lists, key=lambda item: item.name):
        rows = sorted(set(item.rows), key=lambda row: (row.code, row.start, row.until, row.act))
        body = [f"{r.code},{r.start},{r.until},{r.act},{_quoted(r.note)}" for r in rows]
        text = "\n".join(["code,from,until,act,note", *body]) + "\n"
        (LISTS / f"{item.name}.csv").write_text(text, encoding="utf-8")
        out += [f"  - name: usa/{item.name}", f'    title: "{item.title}"']
        out += [f'    source: "{item.source}"', f"    licence: {item.licence}"]
        out += ['    date: "2026-11-22"']
        if item.doubts:
            out += ["    doubts:", *(f'      - "{doubt}"' for doubt in item.doubts)]
    (LISTS / sources_file).write_text("\n".join(out) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text
