"""Write the law where the Budget Lab's tracker states that it counts otherwise.

    python tools/build_preset_yale.py

Source: Budget-Lab-Yale/tariff-rate-tracker, docs/statutory_deviations.md (S8, T1, T2, T4, B4, U4),
docs/assumptions.md (7), config/policy_params.yaml and resources/s232_annex_products.csv at 04bd7d6.
Lists are those of the lawbook; the short prefixes of the metals annex are those that the source
folder marks as in no note.
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
COMPUTERS = 8471
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


def annex_lines() -> list[str]:
    """Return the lines under the short prefixes of the metals annex that no other duty names.

    Lines that the law lists for metals, vehicles, parts, wood or chips keep what they have there;
    of heading 8471, on the list of parts, the tracker counts none as a part.
    """
    held = pl.read_parquet(LISTS).filter(
        (pl.col("role") == "not in note") & (pl.col("list") == "annex 1b")
    )
    schedule = build_schedule(read_lawbook(LAW), "US", date(2026, 7, 1))
    under = np.zeros(len(schedule.lines), dtype=bool)
    for prefix in held["hts"].to_list():
        under |= schedule.lines // 10 ** (10 - len(prefix)) == int(prefix)
    named = np.zeros_like(under)
    for rule in schedule.rules:
        if rule.measure.measure.startswith("usa.s232.") and not rule.products.all():
            parts = rule.measure.measure == "usa.s232.auto_parts"
            named |= rule.products & ~(parts & (schedule.lines // 10**6 == COMPUTERS))
    return [f"{line:010d}" for line in schedule.lines[under & ~named].tolist()]


def annex() -> list[dict[str, object]]:
    """Return the duty on lines under the prefixes, and what they do not pay beside it."""
    lines = annex_lines()
    note = "short prefixes of resources/s232_annex_products.csv, in no note of the schedule"
    duty = {
        "change": "enact",
        "measure": "usa.s232.metals_prefixes",
        "importer": "US",
        "origins": ["all"],
        "rate": "25%",
        "title": "Lines under the tracker's prefixes of the metals annex",
        "codes": lines,
        "from": ANNEX,
        "note": note,
    }
    free = {"change": "exempt", "measures": list(BESIDE), "codes": lines, "from": ANNEX}
    return [duty, {**free, "note": "under Section 232 there"}]


def main() -> None:
    """Write the scenario file."""
    body = {
        "scenario": "yale",
        "title": "The law as the Budget Lab's tracker counts it",
        "sources": ["Budget-Lab-Yale/tariff-rate-tracker, docs and config at 04bd7d6"],
        "changes": [*rebates(), *days_of_its_own(), *aircraft(), *annex()],
    }
    head = "# Written by tools/build_preset_yale.py from the tracker's stated method; no law.\n"
    OUT.write_text(head + yaml.safe_dump(body, sort_keys=False, width=100), encoding="utf-8")


if __name__ == "__main__":
    main()
