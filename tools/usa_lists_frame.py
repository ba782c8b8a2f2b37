"""What the builders of the US product lists share: rows, lists, sources, and writing them."""

import csv
import gzip
import itertools
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))

from data_common import ROOT, sources

LISTS = ROOT / "src" / "advalorem" / "lawbook" / "usa" / "lists"
NO_DUTY = ("not in note", "suspended", "tracker approximation")
USITC = "US Government work (public domain)"
MIT = "MIT; the codes are facts of law"
METALS = "Section 232 metals (content regime)"
NOTES = "Chapter 99, U.S. notes 16, 19, 33, 36, 37 and 38, 2026 Revision 6 (USITC)"
END = "2026-04-06"
CODE = re.compile(r"\b\d{4}(?:\.\d\d)?(?:\.\d\d)?(?:\d\d)?\b")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a product list; `until` blank means open ended."""

    code: str
    start: str
    until: str
    act: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A product list and what is known of its source."""

    name: str
    title: str
    source: str
    licence: str
    date: str
    rows: list[Row]
    doubts: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows to take out of the tidy list: programme and list, and the act of each starting day."""

    programme: str
    lists: tuple[str, ...]
    acts: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)


def tidy() -> pl.DataFrame:
    """Return the tidy list of measures less the rows that carry no duty."""
    frame = pl.read_parquet(sources() / "us" / "measures" / "measure_lists.parquet")
    return frame.filter(~pl.col("role").is_in(NO_DUTY))


def take(frame: pl.DataFrame, what: Taken) -> list[Row]:
    """Return the rows of the named lists, dated half-open and cited by starting day."""
    chosen = frame.filter(
        (pl.col("programme") == what.programme) & pl.col("list").is_in(what.lists)
    )
    if chosen.is_empty():
        raise SystemExit(f"no rows for {what.programme}: {', '.join(what.lists)}")
    return [
        Row(
            row["hts"],
            row["start"],
            after(row["end"]),
            what.acts[row["start"]],
            what.notes.get(row["hts"], ""),
        )
        for row in chosen.iter_rows(named=True)
    ]


def after(last_day: str | None) -> str:
    """Return the day after the last day in force, or blank where it is open.

    >>> after("2026-04-05"), after(None)
    ('2026-04-06', '')
    """
    if not last_day:
        return ""
    return (date.fromisoformat(last_day) + timedelta(days=1)).isoformat()


def write(listing: Listing) -> None:
    """Write one list, sorted by code and day, without repeated rows."""
    rows = sorted(set(listing.rows), key=lambda row: (row.code, row.start))
    repeated = {row.code for a, row in itertools.pairwise(rows) if a.code == row.code}
    if repeated:
        raise SystemExit(f"{listing.name}: codes with two rows: {', '.join(sorted(repeated))}")
    path = LISTS / f"{listing.name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("code", "from", "until", "act", "note"))
        out.writerows((r.code, r.start, r.until, r.act, r.note) for r in rows)


def describe(listings: Iterable[Listing]) -> str:
    """Return SOURCES.yaml: one entry a list, in the order of names."""
    entries = []
    for listing in sorted(listings, key=lambda item: item.name):
        entry: dict[str, object] = {
            "name": f"usa/{listing.name}",
            "title": listing.title,
            "source": listing.source,
            "licence": listing.licence,
            "date": listing.date,
        }
        if listing.doubts:
            entry["doubts"] = list(listing.doubts)
        if listing.note:
            entry["note"] = listing.note
        entries.append(entry)
    head = "# Written by tools/build_lists_usa.py.\n"
    body = yaml.safe_dump({"lists": entries}, sort_keys=False, allow_unicode=True, width=96)
    return head + body


def note_codes(start: str, end: str) -> list[str]:
    """Return the codes printed in chapter 99 between two phrases, in order, without repeats."""
    path = sources() / "us" / "measures" / "texts" / "chapter99_2026_rev_6.txt.gz"
    text = gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
    begin = text.index(start)
    found = CODE.findall(text[begin : text.index(end, begin)])
    return list(dict.fromkeys(code.replace(".", "") for code in found if "." in code))


def dated(codes: Iterable[str], start: str, act: str, until: str = END) -> list[Row]:
    """Return one row a code, all from the same day and act."""
    return [Row(code, start, until, act) for code in codes]


def codes_of(frame: pl.DataFrame, programme: str, name: str) -> list[str]:
    """Return the codes of one list of the tidy table, in order, without repeats."""
    chosen = frame.filter((pl.col("programme") == programme) & (pl.col("list") == name))
    if chosen.is_empty():
        raise SystemExit(f"no rows for {programme}: {name}")
    return sorted(set(chosen["hts"].to_list()))


def note_list(name: str, title: str, rows: list[Row], doubts: tuple[str, ...] = ()) -> Listing:
    """Return a list read out of the U.S. notes of chapter 99."""
    return Listing(name, title, NOTES, USITC, "2026-04-23", rows, doubts)
