"""Product lists against the schedules of their days: retired, unknown and too-short codes.

Referee: the lines of the editions from 2025 Basic to 2026 Revision 10 (USITC), and the items of
the Customs Tariff of Canada, as packaged. Every code must stand on every day on which its row is in
force, from 2025-01-01 to the newest edition held; `KNOWN` names the exceptions and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

import polars as pl
import pytest

from advalorem.law.load import load_lawbook
from advalorem.law.model import OPEN, CodeList

BOOK = load_lawbook()
FIRST = date(2025, 1, 1).toordinal()
NEWEST = date(2026, 6, 8).toordinal()  # 2026 Revision 10

# list: (number of codes, reason)
UNKNOWN = {
    "usa/s301_list_4b": (81, "list of 2019, suspended before it began; codes since renumbered"),
    "usa/s301_excluded_69": (6, "numbers made on 2026-07-01, newer than the editions held"),
    "usa/pharma_september": (24, "numbers made after 2026-07-01, newer than the editions held"),
    "usa/poly_wafers": (4, "numbers made after 2026-07-01, newer than the editions held"),
    "usa/s301_list_3_part_out": (
        1,
        "2931.90.9051 of note 20(g): a number of 2018; .9052 since, unsettled whether it stands",
    ),
}
# Headings and subheadings that the notes themselves name; other lists hold 8 or 10 digits.
SHORT = {
    "usa/all_chapters": "all goods",
    "usa/aluminum_articles": "note 19(g) names headings",
    "usa/auto_parts": "note 33(g) names headings",
    "usa/chapters_72_73_76": "chapters, for the rest of a value",
    "usa/informational_lines": "Customs names chapters and headings",
    "usa/reciprocal_annex_ii": "note 2(v)(iii) names 8471, 8473.30, 8486, 8524 and 8542",
    "usa/s122_textiles": "our approximation by chapters",
    "usa/s232a_i": "note 16(c)(i) names headings",
    "usa/s232a_iii": "note 16(c)(iii) names headings",
    "usa/s232a_metal_chapters": "note 16(c) names chapters",
    "usa/s232a_russia_articles": "note 19(g) names headings",
    "usa/semis_articles": "note 39(b) names subheadings",
    "usa/steel_articles_72": "note 16(j) names headings",
    "usa/steel_articles_73": "note 16(j) names headings",
    "can/us_2025_1_tyres": "heading 4011, named whole",
}


@cache
def lines(importer: str) -> dict[str, list[tuple[int, int]]]:
    """Return by prefix of 2 to 10 digits the days on which lines under it stand."""
    table = pl.read_parquet(str(files("advalorem") / "data" / f"nomenclature_{importer}.parquet"))
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for code, digits, start, until in table.select(
        "hts", "digits", "valid_from", "valid_until"
    ).iter_rows():
        text = f"{code:010d}"[:digits]
        days = (start.toordinal(), until.toordinal() if until else OPEN)
        for width in range(2, digits + 1, 2):
            found[text[:width]].append(days)
    return found


def codes(code_list: CodeList, importer: str) -> Iterator[tuple[str, int, int]]:
    """Yield code and days; Canada's statistical suffixes are not held, so eight digits there."""
    width = 8 if importer == "ca" else 10
    for code, start, until in zip(code_list.code, code_list.from_, code_list.until, strict=True):
        yield code[:width], start, until


def first_day_without(spans: list[tuple[int, int]], start: int, until: int) -> int | None:
    """Return the first day in `[start, until)` on which no span stands."""
    day = start
    while day < until:
        ends = [end for begin, end in spans if begin <= day < end]
        if not ends:
            return day
        day = max(ends)
    return None


def unknown(code_list: CodeList, importer: str) -> list[str]:
    known = lines(importer)
    return [code for code, _, _ in codes(code_list, importer) if code not in known]


def retired(code_list: CodeList, importer: str) -> list[str]:
    known, found = lines(importer), []
    for code, start, until in codes(code_list, importer):
        begin, end = min(max(start, FIRST), NEWEST), min(until, NEWEST + 1)
        day = first_day_without(known.get(code, [(0, OPEN)]), begin, end)
        if day is not None:
            found.append(f"{code} on {date.fromordinal(day)}")
    return found


US_LISTS = sorted(name for name in BOOK.lists if name.startswith("usa/"))
CA_LISTS = sorted(name for name in BOOK.lists if name.startswith("can/"))


@pytest.mark.parametrize("name", US_LISTS + CA_LISTS)
def test_codes_stand_in_the_schedule_of_their_days(name: str) -> None:
    importer = {"usa": "us", "can": "ca"}[name.partition("/")[0]]
    allowed, _ = UNKNOWN.get(name, (0, ""))
    assert len(unknown(BOOK.lists[name], importer)) == allowed
    assert retired(BOOK.lists[name], importer) == []


@pytest.mark.parametrize("name", US_LISTS + CA_LISTS)
def test_codes_are_whole_and_short_ones_are_meant(name: str) -> None:
    found = BOOK.lists[name].code
    assert [code for code in found if len(code) % 2] == []
    short = [code for code in found if len(code) < 8]
    assert bool(short) == (name in SHORT), short[:5]


@pytest.mark.parametrize("name", sorted(BOOK.lists))
def test_a_code_stands_once_on_each_day(name: str) -> None:
    code_list, rows = BOOK.lists[name], defaultdict(list)
    for code, start, until in zip(code_list.code, code_list.from_, code_list.until, strict=True):
        rows[code].append((start, until))
    double = [
        code
        for code, spans in rows.items()
        for left, right in zip(sorted(spans), sorted(spans)[1:], strict=False)
        if left[1] > right[0]
    ]
    assert double == []


def test_exceptions_name_lists_and_have_reasons() -> None:
    assert set(UNKNOWN) | set(SHORT) <= set(BOOK.lists)
    assert all(reason for _, reason in UNKNOWN.values())


def test_every_list_is_used_and_none_is_empty() -> None:
    used = {
        name
        for measure in BOOK.measures.values()
        for item in [*measure.provisions, *measure.threats]
        if item.products
        for name in [*item.products.lists, *item.products.except_lists]
    }
    assert set(BOOK.lists) - used == set()
    assert [name for name, code_list in BOOK.lists.items() if not code_list.code] == []
