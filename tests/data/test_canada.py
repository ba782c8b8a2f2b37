"""Canada's items against the counts that the orders themselves give."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

DATA = Path(__file__).parents[2] / "src" / "advalorem" / "data"
ITEMS = pl.read_parquet(DATA / "canada_surtax_items.parquet")


def bearing(day: date, order: str) -> pl.DataFrame:
    """Return the ordinary items of an order on a day."""
    until = pl.col("valid_until").fill_null(date.max)
    live = (pl.col("valid_from") <= day) & (until > day) & (pl.col("order") == order)
    return ITEMS.filter(live & ~pl.col("chapter_98_99"))


@pytest.mark.parametrize(
    ("day", "order", "count"),
    [
        (date(2025, 3, 3), "us_2025_1", 0),
        (date(2025, 3, 4), "us_2025_1", 1_256),  # SOR/2025-66
        (date(2025, 8, 31), "us_2025_1", 1_256),
        (date(2025, 9, 1), "us_2025_1", 0),  # repealed by SOR/2025-181
        (date(2025, 3, 13), "steel_aluminum_2025", 539),  # SOR/2025-95
        (date(2025, 9, 1), "steel_aluminum_2025", 294),  # 29 aluminum, 265 steel
        (date(2026, 9, 8), "steel_aluminum_2025", 294),  # SOR/2026-187
        (date(2026, 9, 8), "us_2026", 335),  # SOR/2026-186
        (date(2025, 9, 18), "motor_vehicles_2025", 19),  # SOR/2025-118
    ],
)
def test_items_in_force(day: date, order: str, count: int) -> None:
    assert bearing(day, order)["tariff_item"].n_unique() == count


def test_rates_of_september_2026() -> None:
    """The orders' own totals: 21, 172 and 142 items; 23 at 25 and 271 at 50 per cent."""
    day = date(2026, 9, 8)
    new = dict(bearing(day, "us_2026")["rate"].value_counts().iter_rows())
    metals = dict(bearing(day, "steel_aluminum_2025")["rate"].value_counts().iter_rows())
    assert new == {0.15: 21, 0.25: 172, 0.5: 142}
    assert metals == {0.25: 23, 0.5: 271}


def test_lists_equal_an_independent_copy(sources: Path) -> None:
    """The lists as a public tracker keeps them."""
    for name, order in (("march", "us_2025_1"), ("steel", "steel_aluminum_2025")):
        text = (sources / "canada" / f"canada-{name}-list.csv").read_text("utf-8")
        theirs = {row[0].replace(".", "") for row in csv.reader(text.splitlines()) if row}
        day = date(2025, 3, 13)
        ours = set(bearing(day, order)["tariff_item"])
        assert ours <= theirs
        assert all(item >= "98" for item in theirs - ours)


def test_every_item_has_a_line() -> None:
    lines = pl.read_parquet(DATA / "nomenclature_ca.parquet")
    assert set(ITEMS["hts"]) <= set(lines["hts"])
