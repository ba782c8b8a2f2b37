"""Shipments over every programme, worked out by hand from the acts and headings that each names.

Each total is the ordinary rate of the tariff line and the rates that the act or heading in `text`
prints, on the value or the part of it that the facts give, and no other duty.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from advalorem.duty.answer import rate
from advalorem.duty.problems import InputError
from advalorem.duty.reply import Reply


def cases() -> list[dict[str, str]]:
    with (
        Path(__file__)
        .with_suffix(".csv")
        .with_stem("worked_by_hand")
        .open(encoding="utf-8", newline="") as file
    ):
        return list(csv.DictReader(file))


def answer(case: dict[str, str]) -> Reply:
    facts = dict(part.split("=") for part in case["facts"].split(";") if part)
    try:
        return rate(
            hts=case["hts"], origin=case["origin"], as_of=case["as_of"], value=case["value"],
            importer=case["importer"], claim=case["claim"] or None, facts=facts,
            known_on=date.fromisoformat(case["known_on"]) if case["known_on"] else None,
        )  # fmt: skip
    except InputError as error:
        if error.reply is None:
            raise
        return error.reply


@pytest.mark.parametrize(
    "case", cases(), ids=[f"{c['origin']}-{c['hts']}-{c['as_of']}" for c in cases()]
)
def test_as_worked_by_hand(case: dict[str, str]) -> None:
    reply = answer(case)
    assert (reply.outcome, reply.total_duty or "") == (case["outcome"], case["total"]), case["text"]


def test_every_case_says_what_it_rests_on() -> None:
    assert all(case["text"].strip() for case in cases())
    assert {case["outcome"] for case in cases()} >= {"assessed", "undetermined", "prohibited"}
    assert {case["importer"] for case in cases()} == {"US", "CA", "MX"}
