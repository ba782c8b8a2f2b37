"""Worked cases published by authorities and practitioners, by grade.

A case that comes out otherwise stands in `dispositions.yaml` with the text that decides; a case
there that comes out as published fails too, so that the list stays true.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from compare import HERE, answer, by_case, cases, mismatches

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
    if wrong:
        assert reply.total_duty is None or Decimal(reply.total_duty) != Decimal(wrong)
    assert differs(case["case_id"], reply)


def differs(name, reply):
    """What the source got wrong, written up line by line, is otherwise in our answer."""
    written = DISPOSITIONS["negative"][name]
    layers = {line.heading or line.measure: line for line in reply.layers}
    charged = {name for name, line in layers.items() if Decimal(line.amount or "0") > 0}
    asked = {question.fact for question in reply.questions}
    has = set(written.get("charged", ())) <= charged and not set(written.get("free", ())) & charged
    return bool(written["text"].strip()) and has and set(written.get("asked", ())) <= asked


@pytest.mark.parametrize("case", of("disputed"))
def test_disputed_case_follows_a_named_reading(case, law):
    """Competent sources differ: a reading of the law says which outcome is ours, and why."""
    written = DISPOSITIONS["disputed"][case["case_id"]]
    reading = law.readings[written["reading"]]
    assert written["other"]["option"] in reading.options
    assert written["other"]["option"] != reading.default
    assert reading.evidence.strip()
    assert written["text"].strip()
    reply = answer(case, law, hts=written.get("hts"), facts=written.get("facts", {}))
    assert reply.outcome == written["ours"]["outcome"]
    assert reply.total_duty == written["ours"].get("total")
    assert reply.duty_range == written["ours"].get("range")


@pytest.mark.parametrize("case", of("disputed"))
def test_the_other_outcome_of_a_disputed_case_is_the_sources(case, law):
    """The other amount is the source's own, and what we answer once the facts are stated."""
    written = DISPOSITIONS["disputed"][case["case_id"]]["other"]
    if "total" in written:
        assert Decimal(written["total"]) == Decimal(case["expected_total_duty"])
    if "lines" in written:
        rows = by_case("lines.csv")[case["case_id"]]
        printed = sum((Decimal(row["amount"] or "0") for row in rows), Decimal(0))
        assert printed <= Decimal(written["lines"])
    if "facts" in written:
        reply = answer(case, law, facts=written["facts"])
        assert reply.total_duty == written.get("total", written.get("lines"))
    assert written.keys() & {"total", "lines", "more"}


def test_every_disposition_names_a_case():
    uses = {case["case_id"]: case["use"] for case in cases()}
    for use, entries in DISPOSITIONS.items():
        assert {name: uses.get(name) for name in entries} == dict.fromkeys(entries, use)
