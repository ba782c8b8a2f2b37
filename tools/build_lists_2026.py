"""Build the product lists of the newer US measures from the collected source data.

Writes `src/advalorem/lawbook/usa/lists/{s232a,s201,s338,pharma,drones,semis,poly}_*.csv` and
`SOURCES_2026.yaml`. Sources: the text of chapter 99 (2026 Revision 6), the tidy lists of
measures, and the transcriptions of notes 40, 43 and 51, all under `../shared/data` (or the
folder named by ADVALOREM_SOURCES). The changes which Proclamation 11032 made to U.S. note 16(c)
on 2026-06-08 are written out here, as read in the schedule's 2026 Revision 10, and compared
with the tidy lists.

Run: `python tools/build_lists_2026.py`
"""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import yaml

ROOT = Path(__file__).parent.parent
SOURCES = Path(os.environ.get("ADVALOREM_SOURCES", ROOT.parent / "shared" / "data"))
MEASURES = SOURCES / "us" / "measures"
OUT = ROOT / "src" / "advalorem" / "lawbook" / "usa" / "lists"
PREFIXES = ("s232a_", "s201_", "s338_", "pharma_", "drones_", "semis_", "poly_")
CODE = re.compile(r"\b\d{4}(?:\.\d{2}(?:\.\d{2}(?:\.?\d{2})?)?)?\b")
CHAPTER99 = "U.S. notes to subchapter III, chapter 99, HTSUS 2026 Revision 6 (USITC)"
PUBLIC = "US Government work, public domain"

Lists = dict[str, tuple[list[str], tuple[str, str], str]]  # codes, first day and act, title
APRIL = ("2026-04-06", "pp-11021")
JUNE = ("2026-06-08", "pp-11032")

# U.S. note 16(c) of 2026 Revision 10 against Revision 9: what Proclamation 11032 moved.
TO_X = """8407.90.10 8415.10.60 8415.10.90 8415.81.01 8415.82.01 8415.90.80 8419.81.50 8432.10.00
8432.90.00 8433.20.00 8433.51.00 8433.59.00 8433.90.50 8479.89.55 8479.89.65 8516.29.00 8701.30.10
8701.91.10 8701.92.10 8701.93.10 8701.94.10 8701.95.10 8703.21.01 8706.00.30 8708.40.30 8708.40.60
8708.92.10 8708.92.60 8708.93.15 8708.93.30 8708.99.23 8716.80.10 8716.90.10"""
TO_XI = """8427.10.40 8427.10.80 8427.20.40 8427.20.80 8427.90.00 8429.11.00 8429.19.00 8429.20.00
8429.30.00 8429.40.00 8429.51.10 8429.51.50 8429.52.10 8429.52.50 8429.59.10 8429.59.50 8431.20.00
8431.42.00 8431.49.90 8701.10.01 8701.30.50 8701.91.50 8701.92.50 8701.93.50 8701.94.50 8701.95.50
8705.10.00 8705.20.00"""
TO_IX = "8415.90.8010 8415.90.8020 8415.90.8045 8415.90.8085"
NEW_VI = "3701.30.00"
NEW_VII = "9403.20.0075 9403.20.0082 9403.99.9040"
BODY_STAMPINGS = "8708.29.21"  # (vi) and (vii) until 2026-06-07; then by statistical number
NEW_IX = "8708.29.2130"
NEW_X = "8708.29.2120"


def digits(text: str) -> list[str]:
    """Return the codes in a text, digits only, in order."""
    return [code.replace(".", "") for code in CODE.findall(text)]


def chapter99() -> str:
    """Return the text of chapter 99 (2026 Revision 6)."""
    raw = gzip.decompress((MEASURES / "texts" / "chapter99_2026_rev_6.txt.gz").read_bytes())
    return raw.decode("latin-1")


def between(text: str, start: str, end: str) -> str:
    """Return the part of a text between two markers, both found exactly."""
    first = text.index(start)
    return text[first + len(start) : text.index(end, first + len(start))]


def note16() -> dict[str, list[str]]:
    """Return the lists (i) to (x) of U.S. note 16(c) as of 2026-04-06.

    Two columns of the print run into each other in (iv) and (v); there the chapter decides
    (74 is copper), with 7614.10.10 (steel-cored wire), which stands in (ii) and in (iv).
    """
    text = between(chapter99(), "(i) Articles of aluminum:", "(d) Headings 9903.82.04")
    text = re.sub(r"99 - III - \d+|\(2026\)|Revision 6", " ", text)
    lists = {
        "i": digits(text[: text.index("(ii) Derivative aluminum")]),
        "ii": digits(
            between(text, "(ii) Derivative aluminum articles:", "(iii) Articles of steel")
        ),
        "vi": digits(between(text, "(vi) Derivative aluminum articles:", "(vii) Derivative steel")),
        "vii": digits(
            between(text, "(vii) Derivative steel articles:", "(viii) Articles of copper")
        ),
        "viii": digits(between(text, "(viii) Articles of copper:", "(ix) Derivative aluminum")),
        "ix": digits(between(text, "(ix) Derivative aluminum articles:", "(x) Derivative steel")),
        "x": digits(text[text.index("(x) Derivative steel articles:") :]),
    }
    middle = between(text, "(iii) Articles of steel:", "(vi) Derivative aluminum articles:")
    steel, rest = middle[: middle.index("7301.20.10")], middle[middle.index("7301.20.10") :]
    lists["iii"] = digits(steel)
    lists["iv"] = [code for code in digits(rest) if code[:2] != "74"]
    lists["v"] = [code for code in digits(rest) if code[:2] == "74"]
    return {name: sorted(set(codes)) for name, codes in lists.items()}


def june(april: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the lists (vi), (vii), (ix), (x) and (xi) of note 16(c) as of 2026-06-08."""
    gone = {*digits(TO_X), *digits(TO_XI), *digits(BODY_STAMPINGS)}
    return {
        "vi": sorted({*april["vi"], *digits(NEW_VI)} - {*digits(TO_IX), *digits(BODY_STAMPINGS)}),
        "vii": sorted({*april["vii"], *digits(NEW_VII)} - gone),
        "ix": sorted({*april["ix"], *digits(TO_IX), *digits(NEW_IX)}),
        "x": sorted({*april["x"], *digits(TO_X), *digits(NEW_X)}),
        "xi": sorted(digits(TO_XI)),
    }


def tidy(programme: str, **equal: str) -> list[str]:
    """Return the sorted codes of the tidy lists for a programme and given columns."""
    rows = pl.read_parquet(MEASURES / "measure_lists.parquet").filter(
        pl.col("programme") == programme
    )
    for column, value in equal.items():
        rows = rows.filter(pl.col(column) == value)
    return sorted(set(rows["hts"].to_list()))


def compare_june(lists: dict[str, list[str]]) -> None:
    """Raise if the tidy lists of 2026-06-08 say otherwise than note 16(c) of Revision 10."""
    programme = "Section 232 metals (annex regime)"
    held = {
        "xi": tidy(programme, list="annex 1c", start="2026-06-08"),
        "ix and x": tidy(programme, list="annex 3", start="2026-06-08"),
    }
    ours = {
        "xi": lists["xi"],
        "ix and x": sorted({*digits(TO_X), *digits(TO_IX), *digits(NEW_IX), *digits(NEW_X)}),
    }
    for name, codes in ours.items():
        if held[name] != codes:
            raise SystemExit(f"note 16(c)({name}): {set(held[name]) ^ set(codes)} differ")


# Numbers that a note still prints after they were split (change record 2026 Revision 2).
RENUMBERED = {"8507600020": ("2026-02-01", ("8507600030", "8507600090"))}


def transcribed(name: str, column: str, **equal: str) -> list[str]:
    """Return the codes of a transcription, filtered by column values."""
    with (MEASURES / "transcribed" / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if all(row[key] == value for key, value in equal.items())]
    return sorted({row[column] for row in kept})


def write(name: str, codes: Iterable[str], since: tuple[str, str]) -> None:
    """Write one list; `since` is its first day and its act."""
    with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "from", "until", "act", "note"])
        for code in sorted(set(codes)):
            day, successors = RENUMBERED.get(code, ("", ()))
            writer.writerow([code, since[0], day, since[1], ""])
            for new in successors:
                writer.writerow([new, day, "", since[1], f"number since {day} of part of {code}"])


def machine_chapters(codes: Iterable[str]) -> list[str]:
    """Return the codes of chapters 84, 85 and 87."""
    return [code for code in codes if code[:2] in ("84", "85", "87")]


TITLES_16C = {
    "i": "Articles of aluminum",
    "ii": "Derivative aluminum articles at 50%",
    "iii": "Articles of steel",
    "iv": "Derivative steel articles at 50%",
    "v": "Articles of copper at 50%",
    "vi": "Derivative aluminum articles at 25%",
    "vii": "Derivative steel articles at 25%",
    "viii": "Articles of copper at 25%",
    "ix": "Derivative aluminum articles at 15% in all",
    "x": "Derivative steel articles at 15% in all",
    "xi": "Mobile industrial machines and their parts (derivative steel)",
}


def metals() -> Lists:
    """Return the lists of the metals annexes: codes, first day and act, title."""
    april = note16()
    june_lists = june(april)
    compare_june(june_lists)
    lists = {}
    for number, title in TITLES_16C.items():
        for suffix, found, since in (("april", april, APRIL), ("june", june_lists, JUNE)):
            if number in found:
                both = number in april and number in june_lists
                name = f"s232a_{number}_{suffix}" if both else f"s232a_{number}"
                lists[name] = (found[number], since, f"{title}: U.S. note 16(c)({number})")
    three = [*april["vi"], *april["vii"], *april["viii"]]
    lists["s232a_motorcycle_april"] = (
        machine_chapters(three),
        APRIL,
        "Note 16(c)(vi)-(viii) in chapters 84, 85 and 87: parts for making motorcycles",
    )
    three = [*june_lists["vi"], *june_lists["vii"], *april["viii"]]
    lists["s232a_motorcycle_june"] = (
        machine_chapters([*three, *june_lists["xi"]]),
        JUNE,
        "Note 16(c)(vi)-(viii) and (xi) in chapters 84, 85 and 87: parts for making motorcycles",
    )
    lists["s232a_machine_parts"] = (
        machine_chapters(three),
        JUNE,
        "Note 16(k): (vi)-(viii) in chapters 84, 85 and 87, parts for making listed machines",
    )
    lists["s232a_metal_chapters"] = (
        ["72", "73", "74", "76"],
        APRIL,
        "Chapters in which the 15% weight test of note 16(c) does not apply",
    )
    lists["s232a_russia_articles"] = (
        ["7601", "7604", "7605", "7606", "7607", "7608", "7609", "76169951"],
        APRIL,
        "Aluminum articles of note 19(g), for the duty on Russian aluminum",
    )
    return lists


def section_338() -> Lists:
    """Return the Section 338 lists; the first versions were to start on 2026-08-19."""
    file = "s338_canada_lists.csv"
    first, start = "2026-08-22", "2026-08-19"
    versions = [
        ("alcohol", "august", first, start, "pp-11046"),
        ("dairy", "august", first, start, "pp-11047"),
        ("motor_vehicles", "august", first, start, "pp-11048"),
        ("alcohol", "september", "2026-09-15", "2026-09-15", "pp-11064"),
        ("motor_vehicles", "september", "2026-09-15", "2026-09-15", "pp-11065"),
    ]
    lists = {}
    for basket, edition, listed, since, act in versions:
        codes = transcribed(file, "hts", basket=basket, start=listed)
        title = f"Section 338 on Canada, {basket.replace('_', ' ')}: U.S. note 51(b) of {edition}"
        lists[f"s338_{basket}_{edition}"] = (codes, (since, act), f"{title} 2026")
    lists["s338_aircraft"] = (
        tidy("Section 338 Canada", list="civil aircraft 9903.03.16"),
        ("2026-08-19", "pp-11046"),
        "Civil aircraft and parts outside Section 338: U.S. note 51(d)",
    )
    packaged = "packaged only (bottles, cans, boxes, kegs or similar)"
    bans = {
        "alcohol_any": ("alcohol", "any container", "pp-11061"),
        "alcohol_packaged": ("alcohol", packaged, "pp-11061"),
        "dairy": ("dairy", "", "pp-11062"),
        "motorcycles": ("motor_vehicles", "motorcycles > 800 cc", "pp-11063"),
    }
    for name, (basket, limit, act) in bans.items():
        codes = transcribed("s338_canada_import_bans.csv", "hts", basket=basket, scope_limit=limit)
        title = f"Goods of Canada excluded from importation: {name.replace('_', ' ')}"
        lists[f"s338_ban_{name}"] = (codes, ("2026-09-29", act), title)
    return lists


def drones_and_polysilicon() -> Lists:
    """Return the lists of unmanned aircraft (note 43(c)) and of polysilicon (annexes)."""
    uas, later = ("2026-09-03", "pp-11055"), ("2026-12-04", "pp-11052")
    drones = {
        "docking": ("uas43c1_docking", "Docking stations for unmanned aircraft: note 43(c)(1)"),
        "large": ("uas43c1_aircraft", "Unmanned aircraft over 25 kg and others: note 43(c)(1)"),
        "parts": ("uas43c2_parts", "Parts for unmanned aircraft over 25 kg: note 43(c)(2)"),
        "small": ("uas43c34_small", "Unmanned aircraft up to 25 kg: note 43(c)(3) and (4)"),
    }
    silicon = {
        "raw": ("raw_polysilicon", "Polysilicon: Proclamation 11052, annex I"),
        "wafers": ("wafer", "Polysilicon ingots and wafers: Proclamation 11052"),
        "cells": ("cell", "Solar cells: Proclamation 11052"),
        "modules": ("module", "Solar modules: Proclamation 11052"),
    }
    lists = {}
    for name, (key, title) in drones.items():
        codes = transcribed("s232_uas_note43c.csv", "hts", list=key)
        lists[f"drones_{name}"] = (codes, uas, title)
    for name, (key, title) in silicon.items():
        codes = transcribed("s232_polysilicon.csv", "hts10", component=key, kind="mip")
        lists[f"poly_{name}"] = (codes, later, title)
    return lists


def others() -> Lists:
    """Return the lists of pharmaceuticals, semiconductors and Section 201."""
    pharma = "s232_pharma_note40c.csv"
    first = "enumerated in this subdivision:\n\n                   8471.50"
    semis = between(chapter99(), first, "To be included within the definition of semiconductor")
    solar = ("2022-02-07", "pp-10339")
    return {
        "pharma_july": (
            transcribed(pharma, "hts10", start="2026-07-31"),
            ("2026-07-31", "pp-11020"),
            "Pharmaceuticals and ingredients: U.S. note 40(c), first version",
        ),
        "pharma_september": (
            transcribed(pharma, "hts10", start="2026-09-29"),
            ("2026-09-29", "fr-2026-60360"),
            "Pharmaceuticals and ingredients: U.S. note 40(c) from 2026-09-29",
        ),
        "semis_articles": (
            ["847150", *digits(semis)],
            ("2026-01-15", "pp-11002"),
            "Semiconductor articles, if they meet the performance test: U.S. note 39(b)",
        ),
        "s201_solar_cells": (["8541420010"], solar, "Photovoltaic cells: U.S. note 18(c)"),
        "s201_solar_modules": (["8541430010"], solar, "Photovoltaic modules: U.S. note 18(g)"),
        "s201_quartz": (
            ["6810990020", "6810990040", "7020006000"],
            ("2026-08-15", "pp-11051"),
            "Numbers under which quartz surface products enter: U.S. note 41(a)",
        ),
    }


def uk_vehicles() -> Lists:
    """Return the lists of the United Kingdom's cars and parts: U.S. note 33(i) and (j)."""
    text = chapter99()
    cars = between(
        text, "classified under the following subheadings of 8703:", "The aggregate annual"
    )
    parts = between(
        text,
        "classifiable in the following statistical reporting numbers of the HTSUS Annotated:",
        "Any automotive part, except",
    )
    parts = re.sub(r"99 - III - \d+|\(2026\)|Revision 6", " ", parts)
    since = ("2025-06-30", "fr-2025-12060")
    return {
        "s232a_uk_cars": (digits(cars), since, "Cars of the United Kingdom: U.S. note 33(i)"),
        "s232a_uk_parts": (
            digits(parts),
            since,
            "Car parts of the United Kingdom: U.S. note 33(j)",
        ),
    }


DOUBTS: dict[str, list[str]] = {
    "s232a_vi_april": ["8708.29.21 stands in (vi) and in (vii)"],
    "s232a_ix_june": ["8708.29.21 left (vi) and (vii); only .2120 (x) and .2130 (ix) returned"],
    "s232a_russia_articles": [
        "note 19(g)(vii) names castings and forgings of 7616.99.51; the whole subheading stands "
        "here, the rate is the same under 9903.85.67 and 9903.85.68",
    ],
    "pharma_september": [
        "24 numbers are in no edition held (to 2026 Revision 10); created after 2026-07-01",
    ],
    "s338_alcohol_september": ["holds cheese (0406), hides, furs and yachts, as transcribed"],
    "s338_motor_vehicles_september": ["holds one cheese line, 0406.90.99"],
    "poly_wafers": ["3818.00.0040 to .0091 are in no edition held; created after 2026-07-01"],
    "s201_solar_modules": [
        "note 18(g) also takes in cells on inverters and batteries (8501.71.00, 8501.72.10, "
        "8501.80.10, 8507.20.80), which the code does not show",
    ],
}


def source_of(name: str) -> tuple[str, str]:
    """Return where a list comes from and under which licence."""
    if name.startswith("s338_"):
        return (
            "Notes 51(b) to (d) and the annexes of Proclamations 11061 to 11063, as transcribed",
            PUBLIC,
        )
    if name.startswith("pharma_"):
        return "Note 40(c), 2026 Revisions 14 and 20, as transcribed", PUBLIC
    if name.startswith("drones_"):
        return "Note 43(c), 2026 Revision 18, as transcribed", PUBLIC
    if name.startswith("poly_"):
        return "Annexes of Proclamation 11052, as read by the Budget Lab (MIT)", PUBLIC
    if name.endswith("_june") or name in ("s232a_xi", "s232a_machine_parts"):
        return f"{CHAPTER99}; U.S. note 16(c) of 2026 Revision 10", PUBLIC
    return CHAPTER99, PUBLIC


def main() -> None:
    """Write all lists and the table of their sources."""
    OUT.mkdir(parents=True, exist_ok=True)
    lists = {
        **metals(),
        **uk_vehicles(),
        **section_338(),
        **drones_and_polysilicon(),
        **others(),
    }
    for path in OUT.glob("*.csv"):
        if path.stem.startswith(PREFIXES) and path.stem not in lists:
            path.unlink()
    table = []
    for name, (codes, since, title) in sorted(lists.items()):
        write(name, codes, since)
        source, licence = source_of(name)
        row = {"name": f"usa/{name}", "title": title, "source": source, "licence": licence}
        row["date"] = since[0]
        if name in DOUBTS:
            row["doubts"] = DOUBTS[name]  # type: ignore[assignment]
        table.append(row)
    text = yaml.safe_dump({"lists": table}, sort_keys=False, allow_unicode=True, width=100)
    (OUT / "SOURCES_2026.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
