"""Build the product lists of the US measures that reach goods of Canada and Mexico.

Reads the tidy list of measures and the text of chapter 99 among the source files, and writes
`lawbook/usa/lists/*.csv` and their `SOURCES.yaml`. The same sources give the same bytes.
Run: python tools/build_lists_usa.py
"""

import csv
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
    repeated = {row.code for a, row in zip(rows, rows[1:], strict=False) if a.code == row.code}
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


def fentanyl(frame: pl.DataFrame) -> list[Listing]:
    """Return the energy and potash lists of the duties on Canada and Mexico."""
    programme = "IEEPA fentanyl"
    tracker = "Budget Lab tariff-rate-tracker, fentanyl carve-outs"
    return [
        Listing(
            "fentanyl_energy",
            "Energy, energy resources and critical minerals of Canada (heading 9903.01.13)",
            tracker,
            MIT,
            "2026-06",
            take(frame, Taken(programme, ("carve-out 9903.01.13",), {"2025-03-04": "eo-14193"})),
            doubts=(
                "The heading names goods and 'critical minerals, as defined by 30 U.S.C. "
                "1606(a)(3)'; the schedule prints no list of codes. Customs published a list with "
                "CSMS 64472173 that 'includes, but is not limited to' the codes it names; "
                "membership here is the tracker's reading of it.",
            ),
        ),
        Listing(
            "fentanyl_potash",
            "Potash of Canada and Mexico (headings 9903.01.15 and 9903.01.05)",
            tracker,
            MIT,
            "2026-06",
            take(frame, Taken(programme, ("carve-out 9903.01.15",), {"2025-03-07": "eo-14231"})),
            doubts=(
                "The headings say 'potash' and print no codes. The same seven codes stand for "
                "Mexico, where the act is Executive Order 14232.",
            ),
        ),
    ]


def main() -> None:
    """Write all lists and their sources."""
    frame = tidy()
    listings = [*fentanyl(frame)]
    LISTS.mkdir(parents=True, exist_ok=True)
    for listing in listings:
        write(listing)
    (LISTS / "SOURCES.yaml").write_text(describe(listings), encoding="utf-8")


if __name__ == "__main__":
    main()
