"""Product lists against the footnotes that the schedule itself prints on its lines.

Referee: `footnotes_2026.csv`, the footnotes of 2026 Revision 10 that name a heading of chapter 99,
and those of 2026 Basic that name U.S. note 16 (steel) or 19 (aluminum); USITC.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from advalorem.law.load import load_lawbook

FOOTNOTES = Path(__file__).with_name("footnotes_2026.csv")
STEEL = ("articles_72", "articles_73", "l_73", "l_87", "m_72", "m_73", "n")
# footnote: day, lists, whether the lists hold nothing else
LISTS: dict[str, tuple[date, tuple[str, ...], bool]] = {
    "9903.88.69": (date(2026, 6, 10), ("s301_excluded_69",), True),
    "9903.90.08": (date(2026, 6, 10), ("russia_35",), True),
    "9903.90.09": (date(2026, 6, 10), ("russia_70",), True),
    "9903.91.01": (date(2026, 6, 10), ("s301_review_01",), True),
    "9903.91.02": (date(2026, 6, 10), ("s301_review_02",), True),
    "9903.91.03": (date(2026, 6, 10), ("s301_review_03",), True),
    "9903.91.05": (date(2026, 6, 10), ("s301_review_05",), True),
    "9903.91.06": (date(2026, 6, 10), ("s301_review_06",), True),
    "9903.91.07": (date(2026, 6, 10), ("s301_review_07",), True),
    "9903.91.08": (date(2026, 6, 10), ("s301_review_08",), True),
    "9903.91.09": (date(2026, 6, 10), ("s301_cranes",), False),
    "9903.91.11": (date(2026, 6, 10), ("s301_review_11",), True),
    "note 16": (date(2026, 1, 15), tuple(f"steel_{part}" for part in STEEL), False),
    "note 19": (
        date(2026, 1, 15),
        ("aluminum_articles", "aluminum_i_76", "aluminum_i_87", "aluminum_j", "aluminum_k"),
        False,
    ),
}
# Face masks went from 9903.91.01 to 9903.91.07 on 2026-01-01, and their footnote stayed.
STALE = {("9903.91.01", "63079098")}


def noted(footnote: str) -> set[str]:
    """Return the digits of the lines that print a footnote."""
    rows = csv.DictReader(FOOTNOTES.read_text(encoding="utf-8").splitlines())
    lines = {row["code"] for row in rows if row["footnote"] == footnote}
    return {line for line in lines if (footnote, line) not in STALE}


def listed(names: tuple[str, ...], day: date) -> set[str]:
    """Return the digits that stand in any of the lists on a day."""
    book = load_lawbook()
    found = set()
    for name in names:
        codes = book.lists[f"usa/{name}"]
        rows = zip(codes.code, codes.from_, codes.until, strict=True)
        found |= {code for code, begin, end in rows if begin <= day.toordinal() < end}
    return found


def apart(ones: set[str], others: set[str]) -> set[str]:
    """Return the codes of one set that stand neither under nor above a code of the other."""
    above = {code[:digits] for code in others for digits in (4, 6, 8, 10)}
    under = {code for code in ones if any(code[:digits] in others for digits in (4, 6, 8, 10))}
    return ones - under - above


@pytest.mark.parametrize("footnote", LISTS)
def test_lists_hold_every_line_with_their_footnote(footnote: str) -> None:
    day, names, whole = LISTS[footnote]
    lines, codes = noted(footnote), listed(names, day)
    assert lines and not apart(lines, codes)
    if whole:
        assert not apart(codes, lines)


@pytest.mark.parametrize(("footnote", "lines"), [("9903.90.08", 553), ("9903.90.09", 127)])
def test_goods_of_russia_are_as_many_as_the_footnotes(footnote: str, lines: int) -> None:
    """Note 30 prints 2803;00.00 and 7217,10.90, and both lines carry the footnote."""
    day, names, _ = LISTS[footnote]
    assert len(noted(footnote)) == len(listed(names, day)) == lines
