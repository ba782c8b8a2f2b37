"""Write the law as the Trade War tracker states it, from its README and its product lists.

    python tools/build_preset_tracker.py

`tools/sources/tradewartracker_actions.csv` holds the actions of the tables of its README of
2026-07-23, a row for each rate and span, with the lists that bound them. Lists are those of its
folder tariff-lists at commit 726c595 (MIT), some written out here, two of the lawbook. Nothing of
its daily output is read.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SOURCES = Path(os.environ.get("ADVALOREM_SOURCES", ROOT / "../shared/data"))
LISTS = SOURCES / "us" / "measures" / "raw_tradewartracker"
LAW = ROOT / "src" / "advalorem" / "lawbook"
ACTIONS = ROOT / "tools" / "sources" / "tradewartracker_actions.csv"
OUT = LAW / "scenarios" / "presets" / "tradewartracker.yaml"
START, IMPORTER, EIGHT, OF_LAW = "2025-01-01", "US", "/8", "law:"
KNOWN = {
    "steel": "7206 7207 7208 7209 7210 7211 7212 7213 7214 7215 7216 7217 7218 7219 7220 7221 7222"
    " 7223 7224 7225 7226 7227 7228 7229 730110 730210 730240 730290 7304 7305 7306",
    "aluminum": "7601 7604 7605 7606 7607 7608 7609 7616995160 7616995170",
    "softwood": "44031100 44032101 44032201 44032301 44032401 44032501 44032601 44039901 44061100"
    " 44069100 44071100 44071200 44071300 44071400 44071900",
    "wood": "9401614011 9401614031 9401616011 9401616031 9403409060 9403608093 9403910080",
}
"""Lists that the README takes as known: Proclamations 9705, 9704 and 10976 (note 37)."""


def codes(names: str) -> list[str]:
    """Return the codes of lists joined by `+`; `/8` cuts to eight digits, `law:` names our own."""
    found: set[str] = set()
    for name in filter(None, names.split("+")):
        found.update(_one(name))
    return sorted(found)


def _one(name: str) -> list[str]:
    if name in KNOWN:
        return KNOWN[name].split()
    if name.startswith(OF_LAW):
        path, column = LAW / "usa" / "lists" / f"{name.removeprefix(OF_LAW)}.csv", "code"
        with path.open(encoding="utf-8") as file:
            return [row[column] for row in csv.DictReader(file)]
    stem = name.removesuffix(EIGHT)
    with (LISTS / f"{stem}.csv").open(encoding="utf-8-sig") as file:
        rows = [row[0].strip() for row in csv.reader(file) if row and row[0].strip()][1:]
    return [row[:8] for row in rows] if name.endswith(EIGHT) else rows


def change_of(row: dict[str, str]) -> dict[str, object]:
    """Return one change of the scenario; what a row leaves blank is left out."""
    enacted = row["change"] == "enact"
    change: dict[str, object] = {"change": row["change"], "from": row["from"], "note": row["cite"]}
    if enacted:
        change |= {"importer": IMPORTER, "measure": row["measure"], "rate": row["rate"]}
    else:
        change["measures"] = [row["measure"]]
    for name in ("origins", "except_origins", "yields_to"):
        if row[name]:
            change[name] = row[name].split()
    listed = codes(row["codes"])
    return change | ({"codes": listed} if listed else {}) | _until(row)


def _until(row: dict[str, str]) -> dict[str, object]:
    return {"until": row["until"]} if row["until"] else {}


def main() -> None:
    """Write the scenario file."""
    with ACTIONS.open(encoding="utf-8") as file:
        changes = [change_of(row) for row in csv.DictReader(file)]
    nothing = {"change": "repeal", "measures": ["usa.*"], "from": START}
    body = {
        "scenario": "tradewartracker",
        "title": "The duties as the Trade War tracker states them",
        "sources": ["tradewartracker/trade-war-redux-2025, README and tariff-lists (MIT)"],
        "changes": [nothing, *changes],
    }
    text = yaml.safe_dump(body, sort_keys=False, width=100, allow_unicode=True)
    head = "# Written by tools/build_preset_tracker.py from the tracker's own lists; no law.\n"
    OUT.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
