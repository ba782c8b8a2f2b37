"""Write the law where the Budget Lab's tracker states that it counts otherwise.

    python tools/build_preset_yale.py

Source: Budget-Lab-Yale/tariff-rate-tracker at 04bd7d6: docs/statutory_deviations.md (S8, T1, T2,
T4, B4, U4), docs/assumptions.md (2, 4, 7), config/policy_params.yaml and
resources/s232_annex_products.csv. Lists are those of the lawbook; what the tracker lists beyond the
notes of the schedule is marked so in the source folder.
"""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from advalorem.law.load import read_lawbook
from advalorem.schedule.build import build_schedule
from advalorem.schedule.model import Mask, Schedule

Rows = list[dict[str, object]]

ROOT = Path(__file__).parents[1]
LAW = ROOT / "src" / "advalorem" / "lawbook"
OUT = LAW / "scenarios" / "presets" / "yale.yaml"
SOURCES = Path(os.environ.get("ADVALOREM_SOURCES", ROOT.parent / "shared" / "data"))
LISTS = SOURCES / "us" / "measures" / "measure_lists.parquet"
BESIDE = ("usa.s122", "usa.s301.forced_labour", "usa.s301.brazil")
"""Measures that goods under Section 232 do not pay."""
ANNEX = "2026-04-06"
REBATED = "23.7625%"
"""25% less 3.75% times 0.33 (auto_rebate)."""
TRACKER = SOURCES / "us" / "measures" / "raw_yale"
DATA = ROOT / "src" / "advalorem" / "data"
METAL_DAYS = ("2026-07-01", "2026-02-01")
"""A day of the metals annex, and one before it."""
REMOVED = "2"
"""The annex of the tracker's list that takes codes off."""
HEADINGS = tuple(
    f"usa.s232.{name}" for name in ("autos", "auto_parts", "trucks", "timber", "semiconductors")
)
CONTENT = ("usa.s232.steel", "usa.s232.aluminum", "usa.s232.copper")
COMPUTERS, MEDICINES = 8471, 30
AIRCRAFT = (
    ("usa.ieepa.reciprocal", ["EU27"], "reciprocal_aircraft_eu", "2025-09-25"),
    ("usa.ieepa.reciprocal", ["KR"], "reciprocal_aircraft_kr", "2025-12-05"),
    ("usa.ieepa.reciprocal", ["CH", "LI"], "reciprocal_aircraft_swiss", "2026-01-01"),
    ("usa.ieepa.brazil", ["BR"], "ieepa_brazil_aircraft", "2025-08-06"),
)


def codes(name: str) -> list[str]:
    """Return the codes of a list of the lawbook."""
    with (LAW / "usa" / "lists" / f"{name}.csv").open(encoding="utf-8") as file:
        return sorted({row["code"] for row in csv.DictReader(file)})


def rebates() -> list[dict[str, object]]:
    """Return the lower duty on cars and parts."""
    days = {"usa.s232.autos": "2025-04-03", "usa.s232.auto_parts": "2025-05-03"}
    note = "25% less 3.75% times 0.33"
    return [
        {"change": "set_rate", "measures": [name], "rate": REBATED, "from": day, "note": note}
        for name, day in days.items()
    ]


def days_of_its_own() -> list[dict[str, object]]:
    """Return what begins on another day than in law."""
    medicines = {
        "change": "suspend",
        "measures": ["usa.s232.pharmaceuticals"],
        "from": "2026-07-31",
        "until": "2026-09-29",
        "note": "T4: named companies are not told apart",
    }
    canada = {
        "change": "set_rate",
        "provisions": ["august"],
        "rate": "50%",
        "from": "2026-08-19",
        "until": "2026-08-22",
        "note": "section_338: effective 2026-08-19",
    }
    goods = ("alcohol", "dairy", "motor_vehicles")
    return [medicines, *({**canada, "measures": [f"usa.s338.canada.{name}"]} for name in goods)]


def aircraft() -> list[dict[str, object]]:
    """Return the lists of civil aircraft that count in full."""
    return [
        {
            "change": "exempt",
            "measures": [measure],
            "origins": origins,
            "codes": codes(name),
            "from": day,
            "note": "list of civil aircraft, in full",
        }
        for measure, origins, name, day in AIRCRAFT
    ]


def under(schedule: Schedule, prefixes: list[str]) -> Mask:
    """Return which lines stand under some prefixes."""
    found = np.zeros(len(schedule.lines), dtype=bool)
    for prefix in prefixes:
        found |= schedule.lines // 10 ** (10 - len(prefix)) == int(prefix)
    return found


def named(schedule: Schedule, measures: tuple[str, ...]) -> Mask:
    """Return the lines that provisions of some measures list; computers are no parts there.

    Provisions for whatever is claimed as a part list most of the schedule and are passed over.
    """
    found = np.zeros(len(schedule.lines), dtype=bool)
    for rule in schedule.rules:
        if rule.measure.measure in measures and 2 * rule.products.sum() < len(schedule.lines):
            parts = rule.measure.measure == "usa.s232.auto_parts"
            found |= rule.products & ~(parts & (schedule.lines // 10**6 == COMPUTERS))
    return found


def not_in_note(name: str) -> list[str]:
    """Return the prefixes of the tracker's lists that no note of the schedule holds."""
    held = pl.read_parquet(LISTS).filter(
        (pl.col("role") == "not in note") & pl.col("list").str.starts_with(name)
    )
    return held["hts"].to_list()


def removed() -> list[str]:
    """Return the codes that the tracker's annex takes off, eight digits and more."""
    with (TRACKER / "s232_annex_products.csv").open(encoding="utf-8") as rows:
        found = [row["hts_prefix"] for row in csv.DictReader(rows) if row["annex"] == REMOVED]
    return [code for code in found if len(code) >= len("00000000")]


def duty(
    name: str, title: str, lines: list[str], days: tuple[str, str | None], note: str
) -> dict[str, object]:
    """Return a duty on lines that the law does not charge."""
    return {
        "change": "enact",
        "measure": f"usa.s232.{name}",
        "importer": "US",
        "origins": ["all"],
        "rate": "25%",
        "title": title,
        "codes": lines,
        "from": days[0],
        **({"until": days[1]} if days[1] else {}),
        "note": note,
    }


def metals() -> Rows:
    """Return the duty on lines that the tracker's lists of metals hold and the law's do not.

    Lines that the law lists for metals, vehicles, parts, wood or chips keep what they have there.
    """
    book = read_lawbook(LAW)
    annex, content = (build_schedule(book, "US", date.fromisoformat(day)) for day in METAL_DAYS)

    def codes(schedule: Schedule, which: Mask) -> list[str]:
        return [f"{line:010d}" for line in schedule.lines[which].tolist()]

    short = under(annex, not_in_note("annex 1b")) & ~named(annex, (*HEADINGS, "usa.s232.metals"))
    short &= ~under(annex, removed())
    wide = under(content, not_in_note("derivatives")) & ~named(content, (*HEADINGS, *CONTENT))
    shares = pl.read_parquet(DATA / "metal_content.parquet")["hts"].to_numpy()
    wide &= ~np.isin(content.lines, shares) & (content.lines // 10**8 == MEDICINES)
    beside = {
        "change": "exempt",
        "measures": list(BESIDE),
        "codes": codes(annex, short),
        "from": ANNEX,
        "note": "under Section 232 there",
    }
    return [
        beside,
        duty("metals_prefixes", "Lines under the tracker's prefixes of the metals annex",
             codes(annex, short), (ANNEX, None),
             "short prefixes of resources/s232_annex_products.csv, in no note of the schedule"),
        duty("metals_wide", "Medicines under the tracker's eight digits of aluminum derivatives",
             codes(content, wide), ("2025-08-18", ANNEX),
             "assumptions 2 and 4: 50% on half of the value where no share is held"),
    ]  # fmt: skip


def main() -> None:
    """Write the scenario file."""
    body = {
        "scenario": "yale",
        "title": "The law as the Budget Lab's tracker counts it",
        "sources": ["Budget-Lab-Yale/tariff-rate-tracker, docs and config at 04bd7d6"],
        "changes": [*rebates(), *days_of_its_own(), *aircraft(), *metals()],
    }
    head = "# Written by tools/build_preset_yale.py from the tracker's stated method; no law.\n"
    OUT.write_text(head + yaml.safe_dump(body, sort_keys=False, width=100), encoding="utf-8")


if __name__ == "__main__":
    main()
