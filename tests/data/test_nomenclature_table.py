"""The nomenclature against the editions of the schedule and other outside readings of it."""

import csv
import gzip
import html
import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
TABLE = pl.read_parquet(ROOT / "src/advalorem/data/nomenclature_us.parquet")
COLUMN_2 = {"BY", "CU", "KP", "RU"}  # general note 3(b)
DOCS = (ROOT / "docs" / "data.md").read_text("utf-8")


def on(day: date) -> pl.DataFrame:
    until = pl.col("valid_until").fill_null(date.max)
    return TABLE.filter((pl.col("valid_from") <= day) & (until > day))


def test_lines_do_not_overlap_and_leave_no_gap() -> None:
    pairs = TABLE.with_columns(pl.col("valid_until").shift().over("hts").alias("before"))
    pairs = pairs.filter(pl.col("before").is_not_null())
    assert pairs.height > 150
    assert (pairs["before"] == pairs["valid_from"]).all()
    assert (TABLE["valid_until"].fill_null(date.max) > TABLE["valid_from"]).all()


@pytest.mark.parametrize(
    ("day", "lines"),
    [
        (date(2025, 1, 1), 19_731 + 2),  # 2025 Basic lacks 4420.19.0000 and 9401.69.6031
        (date(2026, 6, 8), 19_856),  # 2026 Revision 10
    ],
)
def test_ten_digit_lines_are_those_of_the_edition(day: date, lines: int) -> None:
    assert on(day).filter(pl.col("digits") == 10).height == lines


@pytest.mark.parametrize(
    ("hts", "general", "kind", "ad_valorem", "specific", "unit"),
    [
        # Column 1 general as printed in the 2025 Basic edition.
        (8703_23_01_90, "2.5%", "ad_valorem", 0.025, None, None),
        (2709_00_20_90, "10.5¢/bbl", "specific", None, 0.105, "bbl"),
        (7208_51_00_30, "Free", "free", 0.0, None, None),
        (8528_72_64_20, "3.9%", "ad_valorem", 0.039, None, None),
        (702_00_20_02, "3.9¢/kg", "specific", None, 0.039, "kg"),
        (6101_30_10_00, "5.6%", "ad_valorem", 0.056, None, None),
    ],
)
def test_known_rates(
    hts: int,
    general: str,
    kind: str,
    ad_valorem: float | None,
    specific: float | None,
    unit: str | None,
) -> None:
    row = on(date(2025, 1, 1)).filter(pl.col("hts") == hts).row(0, named=True)
    assert (row["general"], row["g_kind"]) == (general, kind)
    assert (row["g_ad_valorem"], row["g_specific"], row["g_specific_unit"]) == (
        ad_valorem,
        specific,
        unit,
    )


@pytest.mark.parametrize("prefix", ["g", "o"])
def test_texts_without_arithmetic_are_few_and_listed(prefix: str) -> None:
    column = {"g": "general", "o": "other"}[prefix]
    other = TABLE.filter(pl.col(f"{prefix}_kind") == "other")
    assert 0 < other.height / TABLE.height < 0.02
    assert set(other[f"{prefix}_reason"]) <= {"reference", "value_part", "formula"}
    assert [text for text in other[column].unique() if f"| {text} |" not in DOCS] == []


def test_exact_amounts_equal_the_floats() -> None:
    specific = TABLE.filter(pl.col("g_specific").is_not_null())
    assert specific.height > 1_500
    assert (specific["g_specific_exact"].cast(pl.Float64) == specific["g_specific"]).all()
    assert specific["g_specific_unit"].null_count() == 0


def test_usmca_is_free_where_the_code_stands_alone() -> None:
    """General note 11: S is free of duty; S+ leads to the subchapter with its own rates."""
    listed = on(date(2025, 9, 18)).filter(pl.col("usmca") == "S")
    assert listed.height > 12_000
    assert set(listed["usmca_kind"]) == {"free"}


def test_lines_that_moved_carry_legal_days() -> None:
    """Change records: 2025 Revision 16 of 1 July 2025, 2026 Revision 2 of 1 February 2026."""
    days = TABLE.filter(pl.col("valid_from") > date(2025, 1, 1))["valid_from"].unique().sort()
    assert days.to_list() == [date(2025, 7, 1), date(2026, 1, 1), date(2026, 2, 1)]


def strip(text: str | None) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", text or ""))).strip()


def test_rates_equal_those_of_the_original_edition(sources: Path) -> None:
    """The unmodified USITC file of 2026 Revision 10, inherited by indentation here."""
    with gzip.open(sources / "us/hts/hts_2026_rev_10.json.gz", "rt", encoding="utf-8") as file:
        rows = json.load(file)
    above: dict[int, tuple[str, str]] = {}
    expected: dict[int, tuple[str, str]] = {}
    for row in rows:
        indent = int(row["indent"])
        above = {level: rates for level, rates in above.items() if level < indent}
        own = (strip(row["general"]), strip(row["other"]))
        rates = own if own[0] else next((above[i] for i in sorted(above, reverse=True)), own)
        if rates[0]:
            above[indent] = rates
        code = row["htsno"].replace(".", "")
        if len(code) == 10 and code < "9800000000":
            expected[int(code)] = rates
    lines = on(date(2026, 6, 8)).filter((pl.col("digits") == 10) & (pl.col("hts") < 98 * 10**8))
    ours = {hts: (g, o) for hts, g, o in lines.select("hts", "general", "other").iter_rows()}
    assert ours.keys() == expected.keys()
    differing = {hts for hts, rates in ours.items() if rates != expected[hts]}
    assert differing <= {9006591520}  # prints its own column 2 rate and no general rate


def test_column_1_rates_of_published_cases(sources: Path) -> None:
    """Rates that authorities and practitioners used in worked cases."""
    with (sources / "golden" / "cases.csv").open(encoding="utf-8", newline="") as file:
        cases = [c for c in csv.DictReader(file) if c["importer"] == "US" and c["col1_hts_text"]]
    checked = 0
    for case in cases:
        code, day = case["hts"].replace(".", "")[:8], date.fromisoformat(case["entry_date"])
        low, width = int(code.ljust(8, "0")), 10 ** (8 - len(code))
        lines = on(day).filter(pl.col("hts8").is_between(low, low + width - 1))
        assert lines.height, case["case_id"]
        texts = set(lines["general"])
        if case["origin"] in COLUMN_2:  # some cases give the column 2 text, some both
            texts |= set(lines["other"])
        assert strip(case["col1_hts_text"]) in texts, case["case_id"]
        checked += 1
    assert checked > 100
