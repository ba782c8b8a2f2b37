"""Write the law where the Budget Lab's tracker states that it counts otherwise.

    python tools/build_preset_yale.py

Source: Budget-Lab-Yale/tariff-rate-tracker, docs/statutory_deviations.md (S8, T1, T2, T4, B4, U4),
docs/assumptions.md (7) and config/policy_params.yaml at 04bd7d6. Lists are those of the lawbook.
"""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LAW = ROOT / "src" / "advalorem" / "lawbook"
OUT = LAW / "scenarios" / "presets" / "yale.yaml"
REBATED = "23.7625%"
"""25% less 3.75% times 0.33 (auto_rebate)."""
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


def main() -> None:
    """Write the scenario file."""
    body = {
        "scenario": "yale",
        "title": "The law as the Budget Lab's tracker counts it",
        "sources": ["Budget-Lab-Yale/tariff-rate-tracker, docs and config at 04bd7d6"],
        "changes": [*rebates(), *days_of_its_own(), *aircraft()],
    }
    head = "# Written by tools/build_preset_yale.py from the tracker's stated method; no law.\n"
    OUT.write_text(head + yaml.safe_dump(body, sort_keys=False, width=100), encoding="utf-8")


if __name__ == "__main__":
    main()
