"""Random shipments over every code, coded origin, day and claim, with facts stated or not."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from advalorem.law.model import Lawbook
from advalorem.schedule.ordinary import lines_on

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


def draws(law: Lawbook, importer: str, number: int, seed: int, last: date = LAST) -> list[dict]:
    rng = random.Random(seed)
    origins = sorted(
        {
            country.iso2
            for row in law.coverage
            if row.importer == importer
            for name in row.origins
            for country in law.countries
            if name in ("all", country.iso2) or country.iso2 in law.groups.get(name, [])
        }
    )
    listed = sorted({code for name, x in law.lists.items() for code in x.code if "usa" in name})
    return [_draw(law, importer, origins, listed, rng, last) for _ in range(number)]


def _draw(
    law: Lawbook, importer: str, origins: list[str], listed: list[str], rng: random.Random,
    last: date,
) -> dict[str, Any]:  # fmt: skip
    day = FIRST + timedelta(days=rng.randrange((last - FIRST).days + 1))
    codes = lines_on(importer, day).codes
    code = f"{rng.choice(codes):010d}"
    if listed and rng.random() < 0.6:
        under = rng.choice(listed)
        start = int(under.ljust(10, "0"))
        place = int(codes.searchsorted(start))
        code = f"{codes[min(place, len(codes) - 1)]:010d}"
    value = Decimal(rng.randrange(0, 10_000_000)) / 100
    draw: dict[str, Any] = {
        "hts": code,
        "origin": rng.choice(origins),
        "as_of": day,
        "value": value,
        "claim": rng.choice([None, "USMCA"]),
        "quantity": rng.choice([None, Decimal(rng.randrange(1, 100_000)) / 100]),
        "mode": rng.choice([None, "vessel", "air", "truck"]),
    }
    if draw["claim"] and draw["origin"] not in law.claims["USMCA"].origins:
        draw["claim"] = None
    left = value
    for name in ("steel_value", "aluminum_value", "copper_value"):
        if rng.random() < 0.8:
            part = (left * rng.randrange(0, 101) / 100).quantize(Decimal("0.01"))
            part = min(part, left)
            draw[name], left = part, left - part
    if rng.random() < 0.8:
        draw["end_use"] = rng.choice(law.facts["end_use"].allowed)
    if rng.random() < 0.3:
        draw["us_content_share"] = rng.choice(["0", "0.1", "0.25", "0.4", "0.123456", "1"])
    for name in ("transshipped", "donation", "cabinet_or_vanity", "informational_materials"):
        if rng.random() < 0.2:
            draw[name] = rng.choice(["yes", "no"])
    if rng.random() < 0.2:
        draw["melt_pour_country"] = rng.choice(["US", "CA", "RU"])
    if rng.random() < 0.1:
        draw["provision"] = rng.choice(_headings(law.version, law))
    return draw


_HEADINGS: dict[str, list[str]] = {}


def _headings(version: str, law: Lawbook) -> list[str]:
    """The headings that an importer might claim."""
    if version not in _HEADINGS:
        provisions = (p for m in law.measures.values() for p in m.provisions)
        _HEADINGS[version] = sorted({p.heading for p in provisions if p.heading})
    return _HEADINGS[version]
