"""Rows with facts, units, modes and any origin: rated or refused as one shipment is.

Of several faults in a row one is told, and not always the one that is told first of a shipment.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from advalorem.batch.run import rate_file
from advalorem.batch.sources import open_source
from advalorem.duty.answer import rate
from advalorem.duty.problems import InputError
from advalorem.law.errors import CoverageError
from advalorem.schedule.ordinary import lines_on

ROWS = 260
CHAPTERS = ("72", "73", "74", "76", "84", "85", "87", "44", "29", "64", "98")
ORIGINS = ("CA", "MX", "CN", "JP", "DE", "BR", "IN", "KR", "CH", "RU", "KP", "PR", "GU")
VALUES = (0, 5, 500, 800, 801, 2500, 12_345, 10**6)
FIELDS = ("hts", "origin", "as_of", "value", "claim", "mode", "quantity", "unit")
FACTS = {
    "us_content_share": ("0.3", "1", "1.5"), "steel_value": ("100", "-1"),
    "aluminum_value": ("50",), "end_use": ("other", "civil"), "melt_pour_country": ("US", "xx"),
    "loading_date": ("2025-03-30", "soon"), "entry_type": ("formal", "11"),
}  # fmt: skip


def some(rng: random.Random, words: tuple[str, ...], share: float) -> str:
    return rng.choice(words) if rng.random() < share else ""


@pytest.fixture(scope="module")
def rows(law):
    rng = random.Random(51)
    codes = [f"{code:010d}" for code in lines_on("US", date(2025, 8, 20)).codes.tolist()]
    usual = [code for code in codes if code.startswith(CHAPTERS)]
    everyone = [country.iso2 for country in law.countries]
    found = []
    for _ in range(ROWS):
        code = rng.choice(usual if rng.random() < 0.7 else codes)
        day = date(2025, 1, 1) + timedelta(days=rng.randrange(730))
        found.append({
            "hts": code if rng.random() < 0.8 else code[:8],
            "origin": rng.choice(ORIGINS if rng.random() < 0.7 else everyone),
            "as_of": day.isoformat(),
            "value": f"{rng.choice(VALUES)}.{rng.randrange(100):02d}",
            "claim": some(rng, ("USMCA", "KR", "JP", "AU", "A", "C"), 0.5),
            "mode": some(rng, ("vessel", "air", "post", "truck"), 0.7),
            "quantity": some(rng, ("10", "12.5", "1000"), 0.8),
            "unit": some(rng, ("kg", "NO", "X", "furlong", "kg of drained weight"), 0.4),
            **{name: some(rng, words, 0.15) for name, words in FACTS.items()},
        })  # fmt: skip
    return found


def alone(law, importer: str, row: dict[str, str]):
    """The answer to one shipment in the columns of a file, or the fields that it is refused for."""
    facts = {name: row[name] for name in FACTS if row[name]}
    try:
        reply = rate(importer=importer, law=law, facts=facts,
                     **{name: row[name] or None for name in FIELDS})  # fmt: skip
    except (InputError, CoverageError) as error:
        return str(error)
    low, high = (reply.total_duty,) * 2 if reply.total_duty is not None else reply.duty_range
    asked = ";".join(question.fact for question in reply.questions)
    return (reply.outcome, reply.total_duty, low, high, reply.total_fees, asked or None)


@pytest.mark.parametrize("importer", ["US", "CA", "MX"])
def test_rows_are_rated_or_refused_as_alone(law, options, rows, tmp_path: Path, importer):
    pl.DataFrame(rows).write_csv(tmp_path / "a.csv")
    out, names = tmp_path / "o.csv", pl.DataFrame(rows).columns
    rate_file(law, open_source(tmp_path / "a.csv"), str(out), replace(options, importer=importer),
              lambda _: None)  # fmt: skip
    rated = pl.read_csv(out, infer_schema=False).drop(names).rows()
    refused = {row["row"]: row for row in pl.read_csv(f"{out}.rejects").rows(named=True)}
    left, counts = iter(rated), Counter()
    for number, row in enumerate(rows, 1):
        wanted = alone(law, importer, row)
        counts[wanted[0] if isinstance(wanted, tuple) else "refused"] += 1
        if isinstance(wanted, tuple):
            assert number not in refused, (row, refused.get(number), wanted)
            assert next(left) == wanted, row
        else:
            bare = alone(law, importer, {**row, **dict.fromkeys(FACTS, ""), "unit": ""})
            fields = refused[number]["field"].split(", ")
            assert any(field in f"{wanted} {bare}" for field in fields), (row, refused[number])
    assert len(rated) + len(refused) == ROWS and counts["refused"] > 20
    assert counts["assessed"] > 100
