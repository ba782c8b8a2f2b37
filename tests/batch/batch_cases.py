from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from advalorem.schedule.ordinary import lines_on

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
ORIGINS = ("CA", "MX", "CN", "DE", "JP", "BR", "RU", "VN", "GB", "CH")
VALUES = (0, 3, 799, 800, 801, 2500, 10_000, 10**7)
# Days of a few epochs, so that a test compiles a few and not all.
DAYS = (
    date(2025, 3, 20),
    date(2025, 8, 20),
    date(2025, 12, 1),
    date(2026, 3, 5),
    date(2026, 12, 20),
)


def table(law: Any, size: int, seed: int, days: tuple[date, ...] = DAYS) -> pl.DataFrame:
    """Random rows over all codes: eight digits or ten, known or retired, dear or cheap."""
    rng = random.Random(seed)
    codes = {day: lines_on("US", day).codes.tolist() for day in days}
    rows = []
    for _ in range(size):
        day = rng.choice(days)
        code = f"{rng.choice(codes[rng.choice(days)]):010d}"
        origin = rng.choice(ORIGINS)
        rows.append({
            "hts": code[:8] if rng.random() < 0.2 else code,
            "origin": origin,
            "as_of": (day + timedelta(days=rng.randrange(3))).isoformat(),
            "value": f"{rng.choice(VALUES)}.{rng.randrange(100):02d}",
            "claim": rng.choice(["", "USMCA"]) if origin in ("CA", "MX") else "",
            "quantity": rng.choice(["", "12.5", "1000"]),
            "mode": rng.choice(["", "", "vessel", "air", "post"]),
        })  # fmt: skip
    return pl.DataFrame(rows)


def write_csv(path: Path, frame: pl.DataFrame) -> Path:
    frame.write_csv(path)
    return path


def equal(one: Any, other: Any, names: tuple[str, ...]) -> None:
    for name in names:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
