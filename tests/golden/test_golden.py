"""Worked cases published by authorities and practitioners, by grade.

A case that comes out otherwise stands in `dispositions.yaml` with the text that decides; a case
there that comes out as published fails too, so that the list stays true.
"""

from __future__ import annotations

import pytest
import yaml
from compare import HERE, answer, cases, mismatches

from advalorem.duty.problems import InputError

DISPOSITIONS = yaml.safe_load((HERE / "dispositions.yaml").read_text(encoding="utf-8"))
ERRORS = (ValueError, LookupError, FileNotFoundError)


def of(use: str) -> list:
    chosen = [case for case in cases() if case["use"] == use]
    return [pytest.param(case, id=f"{case['grade']}-{case['case_id']}") for case in chosen]


def compared(case, law) -> list[str]:
    try:
        return mismatches(case, answer(case, law))
    except ERRORS as error:
        return [f"{type(error).__name__}: {error}"]


@pytest.mark.parametrize("case", of("golden"))
def test_published_answer(case, law):
    found = compared(case, law)
    disposition = DISPOSITIONS["golden"].get(case["case_id"])
    if disposition is None:
        assert found == []
    else:
        assert disposition["text"].strip()
        assert found, "comes out as published: take it off dispositions.yaml"


@pytest.mark.parametrize("case", of("negative"))
def test_differs_from_wrong_answer(case, law):
    """The source's total is wrong; ours must differ from it."""
    wrong = case["expected_total_duty"]
    try:
        reply = answer(case, law)
    except ERRORS:
        return
    if case["case_id"] in DISPOSITIONS["negative"]:
        return
    assert wrong == "" or reply.total_duty is None or float(reply.total_duty) != float(wrong)


@pytest.mark.parametrize("case", of("disputed"))
def test_disputed_case_is_answered(case, law):
    """Competent sources differ: the answer is written up, whichever it is."""
    assert DISPOSITIONS["disputed"][case["case_id"]]["text"].strip()
    try:
        reply = answer(case, law)
    except InputError as error:
        assert "digits" in str(error)  # the source names a heading, not a line
        return
    assert reply.outcome in ("assessed", "undetermined", "prohibited")


def test_every_disposition_names_a_case():
    uses = {case["case_id"]: case["use"] for case in cases()}
    for use, entries in DISPOSITIONS.items():
        assert {name: uses.get(name) for name in entries} == dict.fromkeys(entries, use)
