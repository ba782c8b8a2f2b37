"""Codes: what is accepted, what is refused and what is offered instead."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advalorem.schedule.codes import Code, CodeProblem, dotted, normalise_code
from advalorem.schedule.nomenclature import Resolution, load_nomenclature

NOW = date(2025, 9, 18)
BOOK = load_nomenclature("US")
LINES = BOOK.lines_on(NOW)


@pytest.mark.parametrize(
    "text", ["7208510030", "7208.51.0030", "7208.51.00.30", " 7208 51 00 30 ", "7208-51-00-30"]
)
def test_spellings_of_a_line(text: str) -> None:
    assert normalise_code(text) == Code(7208510030, 10)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "malformed"),
        ("7208.51.OO", "malformed"),
        ("٧٢٠٨٥١٠٠", "malformed"),
        ("7208", "too_short"),
        ("720851", "too_short"),
        ("7208.51.00.30.10", "too_long"),
        ("702002099", "lost_zero"),
        ("7020020", "lost_zero"),
        (7208510030, "not_text"),
        (7208.51, "not_text"),
        (None, "not_text"),
    ],
)
def test_malformed_codes_name_value_and_remedy(value: object, kind: str) -> None:
    problem = normalise_code(value)
    assert isinstance(problem, CodeProblem)
    assert problem.kind == kind
    assert problem.value == ("" if value == "" else str(value))
    assert problem.remedy
    assert isinstance(BOOK.resolve(value, NOW), CodeProblem)


def test_a_lost_zero_is_restored_in_the_offer() -> None:
    problem = BOOK.resolve("702002002", NOW)
    assert isinstance(problem, CodeProblem)
    assert problem.candidates == ("0702.00.20.02",)


def test_a_heading_offers_its_lines() -> None:
    problem = BOOK.resolve("7208.51", NOW)
    assert isinstance(problem, CodeProblem)
    assert problem.candidates == ("7208.51.00.30", "7208.51.00.45", "7208.51.00.60")


def test_eight_digits_give_their_lines() -> None:
    found = BOOK.resolve("8703.23.01", NOW)
    assert isinstance(found, Resolution)
    assert len(found.hts) == 7
    assert (BOOK.hts[list(found.rows)] == found.hts).all()


def test_a_rate_line_without_statistical_lines_stands_with_suffix_00() -> None:
    found = BOOK.resolve("9101.11.40", NOW)
    assert isinstance(found, Resolution)
    assert found.hts == (9101114000,)


@pytest.mark.parametrize(
    ("code", "day", "offered"),
    [
        # USITC change record 2026 Revision 2: transfers of 1 February 2026.
        ("8507.60.0020", date(2026, 2, 1), {"8507.60.00.30", "8507.60.00.90"}),
        ("7602.00.0095", date(2026, 2, 1), {"7602.00.00.55"}),
        ("0804.30.6000", date(2026, 2, 1), {"0804.30.60.10", "0804.30.60.90"}),
        # Discontinued in the 2025 Basic edition.
        ("0708.20.9010", date(2025, 1, 1), {"0708.20.90.20", "0708.20.90.40", "0708.20.90.60"}),
    ],
)
def test_retired_lines_offer_their_heirs(code: str, day: date, offered: set[str]) -> None:
    problem = BOOK.resolve(code, day)
    assert isinstance(problem, CodeProblem)
    assert problem.kind == "retired"
    assert day.isoformat() in problem.message
    assert set(problem.candidates) == offered


def test_the_day_before_retirement_the_line_stands() -> None:
    assert isinstance(BOOK.resolve("8507.60.0020", date(2026, 1, 31)), Resolution)


def test_a_line_not_yet_created_offers_what_held_its_goods() -> None:
    problem = BOOK.resolve("2404.19.1010", date(2025, 1, 1))
    assert isinstance(problem, CodeProblem)
    assert problem.kind == "not_yet"
    assert problem.candidates == ("2404.19.10.00",)


@pytest.mark.parametrize(
    ("code", "near"), [("7208.51.0000", "7208.51.00"), ("7028.51.00", "7208.51.00")]
)
def test_unknown_codes_offer_like_spellings(code: str, near: str) -> None:
    problem = BOOK.resolve(code, NOW)
    assert isinstance(problem, CodeProblem)
    assert problem.kind == "unknown"
    assert near in problem.candidates


def test_a_number_used_again_is_described_by_the_day() -> None:
    """3004.90.9204: fluconazole until 31 January 2026, oseltamivir from 1 February."""
    assert BOOK.description(3004909204, date(2026, 1, 31)).endswith("fluconazole or its salts")
    assert BOOK.description(3004909204, date(2026, 2, 1)).endswith("oseltamivir or its salts")


def test_descriptions_hold_the_lines_above() -> None:
    words = BOOK.description(7208510030, NOW)
    assert words.startswith("Flat-rolled products of iron or nonalloy steel")
    assert words.endswith("> Universal mill plate")
    assert BOOK.description(7208000000, NOW, 4).startswith("Flat-rolled products")
    assert BOOK.description(1234, NOW) == ""


def test_an_importer_without_a_tariff_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="'FR'"):
        load_nomenclature("FR")


@given(st.integers(0, len(LINES.hts) - 1))
def test_every_line_resolves_to_itself(index: int) -> None:
    hts = int(LINES.hts[index])
    found = BOOK.resolve(dotted(hts), NOW)
    assert isinstance(found, Resolution)
    assert found.hts == (hts,)
    assert found.rows == (int(LINES.rows[index]),)


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_lines_are_unique_on_every_day(day: date) -> None:
    lines = BOOK.lines_on(day)
    assert (np.diff(lines.hts) > 0).all()
    assert 20_200 < lines.hts.size < 20_500


@given(st.text(max_size=14))
def test_no_text_raises(text: str) -> None:
    assert isinstance(BOOK.resolve(text, NOW), Resolution | CodeProblem)
