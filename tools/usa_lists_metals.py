"""Product lists of Section 232 metals as they stood to 2026-04-05: notes 16, 19 and 36."""

import csv
from pathlib import Path

import polars as pl

from usa_lists_frame import (
    END,
    METALS,
    MIT,
    NOTES,
    USITC,
    Listing,
    Row,
    codes_of,
    dated,
    note_codes,
    note_list,
    tidy,
)

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
# Numbers of note 19(k) that were split on 2026-02-01 (USITC change record 2026 Revision 2).
SPLIT_DAY = "2026-02-01"
SPLIT = {
    "8415908025": ("8415908010", "8415908020"),
    "8541900000": ("8541900010", "8541900080"),
    "9401999070": ("9401999040", "9401999085"),
}
ALUMINUM_K_LATER = ("8503009546", "8503009570")
STAMPED = (
    "The notes name stampings of steel in 16(l) and of aluminum in 19(i), under the same two "
    "subheadings; the statistical lines tell the metals apart."
)


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
            doubts=(
                "7317.00.55 and 7317.00.65 only for numbers that note 16(l) does not name.",
                "Cookware of cast iron (7323.91.50, 7323.92.00): Annex II of April 2026 takes four "
                "numbers out, yet no list and no footnote of 2025 names them; left out.",
            ),
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
        note_list(
            "aluminum_articles",
            "Aluminum articles, note 19(g), before 2025-03-12 note 19(b)",
            dated(articles, "2018-03-23", "pp-9704"),
            doubts=(
                "Note 19(g)(vii) names castings and forgings of 7616.99.51; the statistical "
                "numbers 7616.99.5160 and .5170 hold them, and note 16(c) of 2026 lists the same.",
            ),
        ),
        note_list(
            "aluminum_i_76",
            "Aluminum derivatives of chapter 76, note 19(i): stranded wire and cables",
            dated(wire, "2020-02-08", "pp-9980"),
        ),
        note_list(
            "aluminum_i_87",
            "Aluminum derivatives of chapter 87, note 19(i): bumper and body stampings",
            dated(ALUMINUM_STAMPINGS, "2020-02-08", "pp-9980"),
            doubts=(STAMPED,),
        ),
        note_list("aluminum_j", "Aluminum derivatives of chapter 76, note 19(j)", _aluminum_j(j)),
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
        if code in SPLIT:
            rows.append(Row(code, start[0], SPLIT_DAY, start[1]))
            note = f"number since {SPLIT_DAY} of part of {code}"
            rows += [Row(new, SPLIT_DAY, END, start[1], note) for new in SPLIT[code]]
        elif not code.startswith("9903"):
            rows.append(Row(code, *_from(start)))
    before = "predecessor of 9401.99.9030 and .9070 (USITC change record 2025 Rev 16)"
    rows.append(Row(SEAT_PARTS_BEFORE, "2025-03-12", "2025-07-01", "pp-10895", before))
    return note_list(
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
