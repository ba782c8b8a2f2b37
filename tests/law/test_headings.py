"""Every chapter 99 heading of the 2025 and 2026 schedules is coded or left out with a reason.

`chapter99_headings.csv` holds the eight-digit headings printed in the editions from 2025 Basic to
2026 Revision 10 of the Harmonized Tariff Schedule (USITC), with first and last edition.
"""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from advalorem.law.headings import coded_headings, heading_coverage, left_out
from advalorem.law.load import load_lawbook
from advalorem.law.timeline import timeline

BOOK = load_lawbook()
NEWEST_EDITION_HELD = date(2026, 6, 8)  # 2026 Revision 10


def printed() -> dict[str, tuple[str, str]]:
    path = Path(__file__).with_name("chapter99_headings.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["heading"]: (row["first_edition"], row["last_edition"]) for row in rows}


PRINTED = printed()
CODED = coded_headings(BOOK)


def test_every_printed_heading_is_coded_or_left_out() -> None:
    assert [h for h in PRINTED if h not in CODED and left_out(BOOK, h) is None] == []


def test_no_heading_is_both_coded_and_left_out() -> None:
    assert [heading for heading in CODED if left_out(BOOK, heading)] == []


def test_what_is_left_out_is_printed_and_has_a_reason() -> None:
    for out in BOOK.headings_out:
        assert any(out.first <= heading <= out.last for heading in PRINTED), out.first
        assert out.reason.strip()
        assert out.text.strip()


def test_ranges_left_out_do_not_overlap() -> None:
    ranges = sorted((out.first, out.last) for out in BOOK.headings_out)
    assert all(first <= last for first, last in ranges)
    assert all(left[1] < right[0] for left, right in pairwise(ranges))


def test_a_coded_heading_that_no_edition_prints_is_newer_than_the_editions() -> None:
    """A slip of the pen in a heading would show here."""
    first: dict[str, date] = {}
    for measure in BOOK.measures.values():
        for provision in measure.provisions:
            for heading in filter(None, (provision.heading, provision.base.rest_heading)):
                start = min(value.from_ for value in provision.values)
                first[heading] = min(start, first.get(heading, start))
    unprinted = [heading for heading in CODED if heading not in PRINTED]
    assert unprinted
    assert [h for h in unprinted if first.get(h, date.max) <= NEWEST_EDITION_HELD] == []


@pytest.mark.parametrize(
    ("heading", "coded"),
    [("9903.01.10", True), ("9903.80.01", True), ("9903.80.05", False), ("9902.01.01", False)],
)
def test_coverage_tells_coded_from_left_out(heading: str, coded: bool) -> None:
    rows = [row for row in heading_coverage(BOOK) if row.first <= heading <= row.last]
    assert [row.coded for row in rows] == [coded]
    assert bool(rows[0].measures) is coded
    assert bool(rows[0].reason) is not coded


def changes() -> list[tuple[str, str, str]]:
    path = Path(__file__).with_name("chapter99_changes.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["heading"], row["added"], row["deleted"]) for row in csv.DictReader(file)]


def stands() -> dict[str, tuple[date, date]]:
    """Return the first day of each coded heading, and the day from which it is gone."""
    dated = []
    for measure in BOOK.measures.values():
        for provision in measure.provisions:
            names = {provision.heading, provision.base.rest_heading}
            for change in measure.bases:
                names |= {change.heading, change.base.rest_heading}
            dated += [(name, provision.values) for name in names if name]
    dated += [
        (relation.heading, relation.values) for relation in BOOK.relations if relation.heading
    ]
    found: dict[str, tuple[date, date]] = {}
    for name, values in dated:
        for span in timeline(values, BOOK.instruments, BOOK.newest_act):
            if span.value.ends is None:
                first, last = found.get(name, (date.max, date.min))
                found[name] = (min(first, span.from_), max(last, span.until))
    return found


# The order reaches back to 2025-08-07; the change record prints the day of publication.
BEFORE_THE_RECORD = {"9903.02.72", "9903.02.73"}


def test_headings_begin_and_end_on_the_days_of_the_change_records() -> None:
    """Referee: USITC change records, 2025 Basic to 2026 Revision 9: headings added and deleted."""
    ours, early, late, checked = stands(), [], [], 0
    for heading, added, deleted in changes():
        if heading not in ours:
            continue
        first, last = ours[heading]
        checked += 1
        if added and first != date.fromisoformat(added) and heading not in BEFORE_THE_RECORD:
            early.append((heading, added, str(first)))
        if deleted and last > date.fromisoformat(deleted):
            late.append((heading, deleted, str(last)))
    assert (early, late) == ([], [])
    assert checked > 250
