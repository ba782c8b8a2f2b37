"""Build the product lists of the US measures that reach goods of Canada and Mexico.

Reads the tidy list of measures and the text of chapter 99 among the source files, and writes
`lawbook/usa/lists/*.csv` and their `SOURCES.yaml`. The same sources give the same bytes.
Run: python tools/build_lists_usa.py
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import polars as pl

from data_common import sources
from usa_lists_frame import (
    LISTS,
    MIT,
    Listing,
    Taken,
    codes_of,
    dated,
    describe,
    note_list,
    take,
    tidy,
    write,
)
from usa_lists_metals import aluminum, copper, steel

BUILT_IN_CABINETS = "9403409060"
NOT_CARS = (
    *("8703230110", "8703240110", "8703240130", "8703330110", "8703330130"),
    *("8703400015", "8703400050", "8703400055", "8703500060", "8703500065"),
    *("8703600015", "8703600050", "8703600055", "8703700060", "8703700065"),
)
SURE_TRUCKS = ("870121", "870122", "870123", "870124", "870129", "870422", "870423", "870432")
SURE_TRUCKS_TOO = ("870442", "870443", "870452")
CARS = re.compile(
    r"vehicles of heading 8703(?! or|,)|used on motor cars \(including station wagons and racing "
    r"cars\)(?!, buses)|> Motor car$|of subheadings 8703\.40"
)
OTHERS = re.compile(r"For other vehicles")
TRACTORS = re.compile(
    r"(?:For|Of|of|for) (?:other )?tractors (?:\(except|suitable)|For other tractors"
)
PARTS_DOUBT = (
    "Codes of four and six digits (8471, 8501.32 ...) stand as the note prints them; the duty "
    "reaches only the parts of the vehicles among them."
)


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


def vehicles(frame: pl.DataFrame) -> list[Listing]:
    """Return the lists of note 33: cars, light trucks and their parts."""
    cars = codes_of(frame, "Section 232 autos", "note 33(b) vehicles (legal list)")
    auto = ("2025-04-03", "pp-10908", "")
    return [
        note_list("autos", "Passenger vehicles and light trucks, note 33(b)", dated(cars, *auto)),
        note_list(
            "autos_not_cars",
            "Statistical lines of note 33(b) that are no passenger vehicles: ambulances, hearses, "
            "prison vans, motor homes",
            dated(NOT_CARS, *auto),
            doubts=("Chosen by the words of the statistical lines, 2025 Basic edition.",),
        ),
        note_list(
            "autos_or_trucks",
            "Electric goods vehicles of any weight, in notes 33(b) and 38(b)",
            dated(["87046000"], *auto),
        ),
        note_list(
            "auto_parts",
            "Automobile parts, note 33(g)",
            dated(codes_of(frame, "Section 232 auto parts", "parts"), "2025-05-03", "pp-10908", ""),
            doubts=(PARTS_DOUBT,),
        ),
        *_parts_by_line(codes_of(frame, "Section 232 auto parts", "parts")),
    ]


def trucks(frame: pl.DataFrame) -> list[Listing]:
    """Return the lists of note 38: trucks, buses and their parts."""
    codes = codes_of(frame, "Section 232 MHDV", "note 38(b) vehicles")
    sure = [c for c in codes if c.startswith((*SURE_TRUCKS, *SURE_TRUCKS_TOO))]
    mixed = [c for c in codes if c not in sure]
    start = ("2025-11-01", "pp-10984", "")
    return [
        note_list(
            "trucks",
            "Medium- and heavy-duty vehicles by the words of the line, note 38(b)",
            dated(sure, *start),
        ),
        note_list(
            "trucks_mixed",
            "Lines of note 38(b) that hold medium- and heavy-duty vehicles among others",
            dated(mixed, *start),
            doubts=(
                "Which lines are mixed is read from their words: dumpers, chassis, works trucks.",
            ),
        ),
        note_list(
            "buses",
            "Buses and other vehicles of heading 8702, note 38(c)",
            dated(codes_of(frame, "Section 232 MHDV", "note 38(c) buses"), *start),
        ),
        note_list(
            "truck_parts",
            "Parts of medium- and heavy-duty vehicles, note 38(i)",
            dated(codes_of(frame, "Section 232 MHDV parts", "parts"), *start),
            doubts=(PARTS_DOUBT,),
        ),
    ]


def _parts_by_line(parts: list[str]) -> list[Listing]:
    """Return the lines of note 33(g) whose words settle whether they are parts of cars."""
    edition = pl.read_parquet(sources() / "us" / "hts" / "hts_2025_basic.parquet")
    lines = [
        (row["hts"], row["description_path"])
        for row in edition.filter(pl.col("digits") == 10).iter_rows(named=True)
        if row["hts"].startswith(tuple(parts))
    ]
    of_cars = [code for code, words in lines if CARS.search(words) and not OTHERS.search(words)]
    of_tractors = [code for code, words in lines if TRACTORS.search(words)]
    start = ("2025-05-03", "pp-10908", "")
    doubts = ("Chosen by the words of the statistical lines, 2025 Basic edition.",)
    return [
        note_list(
            "auto_parts_of_cars",
            "Lines of note 33(g) that by their words are parts of cars",
            dated(of_cars, *start),
            doubts=doubts,
        ),
        note_list(
            "auto_parts_of_tractors",
            "Lines of note 33(g) that by their words are parts of tractors",
            dated(of_tractors, *start),
            doubts=doubts,
        ),
    ]


def timber(frame: pl.DataFrame) -> list[Listing]:
    """Return the lists of note 37: softwood, upholstered furniture, cabinets and vanities."""
    programme = "Section 232 timber and wood products"
    lists = {
        "timber_softwood": ("note 37(b) softwood", "Softwood timber and lumber, note 37(b)"),
        "timber_furniture": (
            "note 37(d) upholstered furniture",
            "Upholstered wooden furniture, note 37(d)",
        ),
    }
    start = ("2025-10-14", "pp-10976", "")
    listings = [
        note_list(name, title, dated(codes_of(frame, programme, which), *start))
        for name, (which, title) in lists.items()
    ]
    cabinets = codes_of(frame, programme, "note 37(f) kitchen cabinets and vanities")
    sure = [code for code in cabinets if code == BUILT_IN_CABINETS]
    return [
        *listings,
        note_list(
            "timber_cabinets",
            "Wooden kitchen cabinets for permanent installation, note 37(f)",
            dated(sure, *start),
        ),
        note_list(
            "timber_cabinets_mixed",
            "Lines of note 37(f) that hold vanities, cabinets and parts among others",
            dated([code for code in cabinets if code not in sure], *start),
        ),
    ]


def chapters() -> list[Listing]:
    """Return lists that stand for whole chapters."""
    everything = [f"{number:02d}" for number in range(1, 98) if number != 77]
    return [
        note_list(
            "all_chapters",
            "Chapters 1 to 97 of the tariff schedule",
            dated(everything, "2025-01-01", "hts", ""),
        ),
        note_list(
            "chapters_72_73_76",
            "Chapters 72, 73 and 76, which no part claimed by use may come from",
            dated(["72", "73", "76"], "2025-11-01", "pp-10984", ""),
        ),
    ]


def main() -> None:
    """Write all lists and their sources."""
    frame = tidy()
    listings = [
        *fentanyl(frame),
        *steel(frame),
        *aluminum(),
        copper(frame),
        *vehicles(frame),
        *trucks(frame),
        *timber(frame),
        *chapters(),
    ]
    LISTS.mkdir(parents=True, exist_ok=True)
    for listing in listings:
        write(listing)
    (LISTS / "SOURCES.yaml").write_text(describe(listings), encoding="utf-8")


if __name__ == "__main__":
    main()
