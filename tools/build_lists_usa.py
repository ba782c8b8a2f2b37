"""Build the product lists of the US measures that reach goods of Canada and Mexico.

Reads the tidy list of measures and the text of chapter 99 among the source files, and writes
`lawbook/usa/lists/*.csv` and their `SOURCES.yaml`. The same sources give the same bytes.
Run: python tools/build_lists_usa.py
"""

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


METALS = "Section 232 metals (content regime)"
NOTES = "Chapter 99, U.S. notes 16, 19, 33, 36, 37 and 38, 2026 Revision 6 (USITC)"
END = "2026-04-06"
CODE = re.compile(r"\b\d{4}(?:\.\d\d)?(?:\.\d\d)?(?:\d\d)?\b")
BUILT_IN_CABINETS = "9403409060"
NAILS = ("7317005503", "7317005505", "7317005507", "7317005560", "7317005580", "7317006560")
STEEL_STAMPINGS = ("8708103020", "8708292120")
ALUMINUM_STAMPINGS = ("8708103030", "8708292130")
ALUMINUM_J_LATER = {
    "76129010": ("2025-04-04", "bis-2025-04-02"),
    "7612100000": ("2025-08-18", "bis-2025-08-15"),
    "7612905000": ("2025-08-18", "bis-2025-08-15"),
    "7613000000": ("2025-08-18", "bis-2025-08-15"),
    "76141010": ("2025-08-18", "bis-2025-08-15"),
}
SEAT_PARTS = ("9401999030", "9401999070")
SEAT_PARTS_BEFORE = "9401999081"
ALUMINUM_K_LATER = ("8503009546", "8503009570")
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
STAMPED = (
    "The notes name stampings of steel in 16(l) and of aluminum in 19(i), under the same two "
    "subheadings; the statistical lines tell the metals apart."
)
PARTS_DOUBT = (
    "Codes of four and six digits (8471, 8501.32 ...) stand as the note prints them; the duty "
    "reaches only the parts of the vehicles among them."
)


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


def steel(frame: pl.DataFrame) -> list[Listing]:
    """Return the steel articles and derivatives of note 16 as it stood to 2026-04-05."""
    articles = codes_of(frame, METALS, "articles steel mill")
    derivatives = codes_of(frame, METALS, "articles steel derivative")
    later = {"7216910010", "73071930", "73071990"}
    original = [c for c in derivatives if c not in later and c not in {"73170030", *NAILS}]
    added = dated(["73071930", "73071990", "7302909000"], "2025-08-18", "bis-2025-08-15")
    old = dated(["73170030", *NAILS], "2020-02-08", "pp-9980")
    return [
        *_steel_articles(articles),
        _metal("steel_l_73", "Steel derivatives of chapter 73, note 16(l): nails and tacks", old),
        _metal(
            "steel_l_87",
            "Steel derivatives of chapter 87, note 16(l): bumper and body stampings",
            dated(STEEL_STAMPINGS, "2020-02-08", "pp-9980"),
            doubts=(STAMPED,),
        ),
        _metal(
            "steel_m_72",
            "Steel derivatives of chapter 72, note 16(m)",
            dated(["7216910010"], "2025-08-18", "bis-2025-08-15"),
        ),
        _metal(
            "steel_m_73",
            "Steel derivatives of chapter 73, note 16(m)",
            [*dated(original, "2025-03-12", "pp-10896"), *added],
            doubts=("7317.00.55 and 7317.00.65 only for numbers that note 16(l) does not name.",),
        ),
        _steel_n(),
    ]


def _steel_articles(codes: list[str]) -> list[Listing]:
    """Return the articles of note 16(j) by chapter; the duty on chapter 73 falls on content."""
    by_chapter = {"72": "steel mill products", "73": "rails, tubes and pipes"}
    return [
        _metal(
            f"steel_articles_{chapter}",
            f"Steel articles of chapter {chapter}: {what} (notes 16(j) and 16(b))",
            dated([c for c in codes if c.startswith(chapter)], "2018-03-23", "pp-9705"),
        )
        for chapter, what in by_chapter.items()
    ]


def _steel_n() -> Listing:
    with (Path(__file__).parent / "usa_note_16n.csv").open(encoding="utf-8") as file:
        rows = [Row(r["code"], r["from"], END, r["act"]) for r in csv.DictReader(file)]
    return Listing(
        "steel_n",
        "Steel derivatives outside chapters 72 and 73, note 16(n), duty on the steel content",
        "U.S. note 16(n), 2026 Revision 4 (USITC), by way of the transcription in hts-hero; "
        "starting days from the order of the note, 90 FR 40326 and 90 FR 25208",
        USITC,
        "2026-02-24",
        rows,
        doubts=(
            "The text of note 16(n) itself was not read. Its codes agree at eight digits with the "
            "tracker's list of heading 9903.81.91, all 369 of them; the eleven codes of 2025-06-23 "
            "are the appliances that 90 FR 25208 names in words.",
            "The twelve codes of 2025-03-12 may have begun as statistical numbers within these "
            "eight digits.",
        ),
    )


def codes_of(frame: pl.DataFrame, programme: str, name: str) -> list[str]:
    """Return the codes of one list of the tidy table, in order, without repeats."""
    chosen = frame.filter((pl.col("programme") == programme) & (pl.col("list") == name))
    if chosen.is_empty():
        raise SystemExit(f"no rows for {programme}: {name}")
    return sorted(set(chosen["hts"].to_list()))


def _metal(name: str, title: str, rows: list[Row], doubts: tuple[str, ...] = ()) -> Listing:
    source = "Budget Lab tariff-rate-tracker, lists of notes 16 and 19; " + NOTES
    return Listing(name, title, source, MIT, "2026-06", rows, doubts)


def aluminum() -> list[Listing]:
    """Return the aluminum articles and derivatives of note 19 (2026 Revision 6)."""
    j = note_codes("(j) The rates of duty set forth in heading 9903.85.07", "U.S. Notes (con.)")
    k = note_codes(
        "(k) The rates of duty in heading 9903.85.08", "For any derivative aluminum product that"
    )
    wire = ("76141050", "76149020", "76149040", "76149050")
    articles = ("7601", "7604", "7605", "7606", "7607", "7608", "7609", "7616995160", "7616995170")
    return [
        _note(
            "aluminum_articles",
            "Aluminum articles, note 19(g), before 2025-03-12 note 19(b)",
            dated(articles, "2018-03-23", "pp-9704"),
            doubts=(
                "Note 19(g)(vii) names castings and forgings of 7616.99.51; the statistical "
                "numbers 7616.99.5160 and .5170 hold them, and note 16(c) of 2026 lists the same.",
            ),
        ),
        _note(
            "aluminum_i_76",
            "Aluminum derivatives of chapter 76, note 19(i): stranded wire and cables",
            dated(wire, "2020-02-08", "pp-9980"),
        ),
        _note(
            "aluminum_i_87",
            "Aluminum derivatives of chapter 87, note 19(i): bumper and body stampings",
            dated(ALUMINUM_STAMPINGS, "2020-02-08", "pp-9980"),
            doubts=(STAMPED,),
        ),
        _note("aluminum_j", "Aluminum derivatives of chapter 76, note 19(j)", _aluminum_j(j)),
        _aluminum_k(k),
    ]


def _aluminum_j(codes: list[str]) -> list[Row]:
    start = dict.fromkeys(codes, ("2025-03-12", "pp-10895")) | ALUMINUM_J_LATER
    return [Row(code, *_from(start[code])) for code in codes if not code.startswith("9903")]


def _aluminum_k(codes: list[str]) -> Listing:
    august = codes_of(
        tidy().filter(pl.col("start") == "2025-08-18"), METALS, "derivatives 9903.85.08"
    )
    rows = []
    for code in codes:
        start = ("2025-03-12", "pp-10895")
        if code == "22030000":
            start = ("2025-04-04", "bis-2025-04-02")
        elif code in SEAT_PARTS:
            start = ("2025-07-01", "pp-10895")
        elif code in ALUMINUM_K_LATER or any(code.startswith(old) for old in august):
            start = ("2025-08-18", "bis-2025-08-15")
        if not code.startswith("9903"):
            rows.append(Row(code, *_from(start)))
    before = "predecessor of 9401.99.9030 and .9070 (USITC change record 2025 Rev 16)"
    rows.append(Row(SEAT_PARTS_BEFORE, "2025-03-12", "2025-07-01", "pp-10895", before))
    return _note(
        "aluminum_k",
        "Aluminum derivatives outside chapter 76, note 19(k), duty on the aluminum content",
        rows,
        doubts=(
            "Statistical numbers are those of 2026 Revision 6; 9401.99.9081 stands for its two "
            "successors to 2025-06-30. Other numbers made on 2025-07-01 entered the list later.",
        ),
    )


def _from(start: tuple[str, str]) -> tuple[str, str, str]:
    return start[0], END, start[1]


def _note(name: str, title: str, rows: list[Row], doubts: tuple[str, ...] = ()) -> Listing:
    return Listing(name, title, NOTES, USITC, "2026-04-23", rows, doubts)


def copper(frame: pl.DataFrame) -> Listing:
    """Return the copper articles and derivatives of note 36(b)."""
    codes = codes_of(frame, "Section 232 copper", "note 36(b)")
    return Listing(
        "copper",
        "Semi-finished copper and copper-intensive derivatives, note 36(b)",
        "Budget Lab tariff-rate-tracker; the same 80 codes in hts-hero (2026 Revision 4)",
        MIT,
        "2026-06",
        dated(codes, "2025-08-01", "pp-10962"),
        doubts=("The note was deleted on 2026-04-06; its own text was not read.",),
    )


def vehicles(frame: pl.DataFrame) -> list[Listing]:
    """Return the lists of notes 33 and 38: cars, trucks, buses and their parts."""
    cars = codes_of(frame, "Section 232 autos", "note 33(b) vehicles (legal list)")
    trucks = codes_of(frame, "Section 232 MHDV", "note 38(b) vehicles")
    sure = [c for c in trucks if c.startswith((*SURE_TRUCKS, *SURE_TRUCKS_TOO))]
    mixed = [c for c in trucks if c not in sure]
    auto, mhdv = ("2025-04-03", "pp-10908", ""), ("2025-11-01", "pp-10984", "")
    return [
        _note("autos", "Passenger vehicles and light trucks, note 33(b)", dated(cars, *auto)),
        _note(
            "autos_not_cars",
            "Statistical lines of note 33(b) that are no passenger vehicles: ambulances, hearses, "
            "prison vans, motor homes",
            dated(NOT_CARS, *auto),
            doubts=("Chosen by the words of the statistical lines, 2025 Basic edition.",),
        ),
        _note(
            "autos_or_trucks",
            "Electric goods vehicles of any weight, in notes 33(b) and 38(b)",
            dated(["87046000"], *auto),
        ),
        _note(
            "auto_parts",
            "Automobile parts, note 33(g)",
            dated(codes_of(frame, "Section 232 auto parts", "parts"), "2025-05-03", "pp-10908", ""),
            doubts=(PARTS_DOUBT,),
        ),
        *_parts_by_line(codes_of(frame, "Section 232 auto parts", "parts")),
        _note(
            "trucks",
            "Medium- and heavy-duty vehicles by the words of the line, note 38(b)",
            dated(sure, *mhdv),
        ),
        _note(
            "trucks_mixed",
            "Lines of note 38(b) that hold medium- and heavy-duty vehicles among others",
            dated(mixed, *mhdv),
            doubts=(
                "Which lines are mixed is read from their words: dumpers, chassis, works trucks.",
            ),
        ),
        _note(
            "buses",
            "Buses and other vehicles of heading 8702, note 38(c)",
            dated(codes_of(frame, "Section 232 MHDV", "note 38(c) buses"), *mhdv),
        ),
        _note(
            "truck_parts",
            "Parts of medium- and heavy-duty vehicles, note 38(i)",
            dated(codes_of(frame, "Section 232 MHDV parts", "parts"), *mhdv),
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
        _note(
            "auto_parts_of_cars",
            "Lines of note 33(g) that by their words are parts of cars",
            dated(of_cars, *start),
            doubts=doubts,
        ),
        _note(
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
        _note(name, title, dated(codes_of(frame, programme, which), *start))
        for name, (which, title) in lists.items()
    ]
    cabinets = codes_of(frame, programme, "note 37(f) kitchen cabinets and vanities")
    sure = [code for code in cabinets if code == BUILT_IN_CABINETS]
    return [
        *listings,
        _note(
            "timber_cabinets",
            "Wooden kitchen cabinets for permanent installation, note 37(f)",
            dated(sure, *start),
        ),
        _note(
            "timber_cabinets_mixed",
            "Lines of note 37(f) that hold vanities, cabinets and parts among others",
            dated([code for code in cabinets if code not in sure], *start),
        ),
    ]


def chapters() -> list[Listing]:
    """Return lists that stand for whole chapters."""
    everything = [f"{number:02d}" for number in range(1, 98) if number != 77]
    return [
        _note(
            "all_chapters",
            "Chapters 1 to 97 of the tariff schedule",
            dated(everything, "2025-01-01", "hts", ""),
        ),
        _note(
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
        *timber(frame),
        *chapters(),
    ]
    LISTS.mkdir(parents=True, exist_ok=True)
    for listing in listings:
        write(listing)
    (LISTS / "SOURCES.yaml").write_text(describe(listings), encoding="utf-8")


if __name__ == "__main__":
    main()
