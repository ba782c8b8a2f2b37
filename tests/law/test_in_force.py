"""What stands on each day, against a table written from the schedule's own texts.

`expected_in_force.csv` states for an authority and some origins, from a day to the day before
another, whether a heading of chapter 99 stands and at which rate. It was written from the change
records and heading texts of the schedule, the orders and the law texts named in each row, not from
the law files. `transcription` marks rows whose text is known from a transcription alone. A row
without heading states all rates that are borne under the authority; `*` is any rate. With scope
`ordinary` the row speaks of goods of which nothing is claimed or stated: the first heading without
conditions decides for the goods of its lists. `known_on` asks for the law as known on that day.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from standing import book, candidates, ordinary, spans, standing

from advalorem.law.history import bears, says, status_of
from advalorem.law.model import Measure, Provision, Value

HERE = Path(__file__).parent
FIRST = date(2025, 1, 1)


def rows() -> list[dict[str, str]]:
    with (HERE / "expected_in_force.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = rows()


def known_on(row: dict[str, str]) -> date:
    return date.fromisoformat(row["known_on"]) if row["known_on"] else book().newest_act


def days(row: dict[str, str], origin: str) -> list[date]:
    """Every day of the row on which anything could change, and its last day."""
    first, until = date.fromisoformat(row["from"]), date.fromisoformat(row["until"])
    found = {first, until - timedelta(days=1)}
    for measure, number in candidates(row["authority"], origin):
        for span in spans(measure.measure, number, known_on(row)):
            found |= {day for day in (span.from_, span.until) if first <= day < until}
        found |= {void.from_ for void in measure.void if first <= void.from_ < until}
    return sorted(found)


def found_on(row: dict[str, str], origin: str, on: date) -> tuple[str, set[str]]:
    law = book()
    found = standing(row["authority"], origin, on, known_on(row))
    if row["scope"] == "ordinary":
        found = ordinary(found)
    here = [item for item in found if meant(row, *item)]
    if not here:
        return "none", set()
    status = {status_of(law, measure, on, known_on(row))[0] for measure, _, _ in here}
    word = "void" if "void" in status else "in force"
    return word, {says(provision, value) or "" for _, provision, value in here}


def meant(row: dict[str, str], measure: Measure, provision: Provision, value: Value) -> bool:
    """Return whether a row speaks of what stands: its heading, or anything that bears."""
    if row["heading"]:
        return provision.heading == row["heading"]
    return bears(provision, value)


def differences(row: dict[str, str]) -> list[str]:
    wanted = (row["status"], set(row["rate"].split()))
    found = []
    for origin in row["origins"].split():
        for on in days(row, origin):
            status, rates = found_on(row, origin, on)
            same = status == wanted[0] and (row["rate"] == "*" or rates == wanted[1])
            if not same:
                found.append(f"{origin} {on}: {status} {' '.join(sorted(rates))}")
    return found


@pytest.mark.parametrize(
    "row",
    ROWS,
    ids=[f"{r['authority']}-{r['heading']}-{r['from']}-{n}" for n, r in enumerate(ROWS)],
)
def test_law_is_as_the_texts_say(row: dict[str, str]) -> None:
    found = differences(row)
    assert found == [], f"{row['status']} {row['rate']} expected by {row['text']}"


def test_every_row_names_its_text_and_lies_in_the_period() -> None:
    for row in ROWS:
        assert row["text"].strip()
        assert FIRST <= date.fromisoformat(row["from"]) < date.fromisoformat(row["until"])
        assert row["status"] in ("in force", "void", "none")
        assert (row["rate"] == "") == (row["status"] == "none")
        assert row["transcription"] in ("", "yes")
        assert row["scope"] in ("", "ordinary")


def test_every_authority_with_dated_duties_has_rows() -> None:
    named = {row["authority"] for row in ROWS}
    coded = {measure.authority for measure in book().measures.values()}
    unlisted = coded - named
    assert unlisted <= NOT_DATED, unlisted - NOT_DATED


# Deposits set by company, quotas and ordinary rates have no heading that switches on a day.
NOT_DATED = {"adcvd", "mx_igi", "ca_steel_quota", "ca_surtax_china"}


def test_table_is_large_enough_and_marks_transcriptions() -> None:
    assert len(ROWS) >= 120
    assert {row["transcription"] for row in ROWS} == {"", "yes"}


def test_ruling_of_february_2026_is_void_and_not_yet_ended() -> None:
    """IEEPA duties: void from the judgment, collected until the order that ended them."""
    void = [row for row in ROWS if row["status"] == "void"]
    assert void
    assert {(row["from"], row["until"]) for row in void} == {("2026-02-20", "2026-02-24")}
