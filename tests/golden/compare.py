"""Compare the engine's answer with a worked case: only what the case fills in.

A partial case names some lines and leaves facts out: an answer that asks for them is as good.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from advalorem.duty.answer import rate
from advalorem.duty.problems import InputError
from advalorem.duty.reply import Line, Reply
from advalorem.law.model import Lawbook
from advalorem.schedule.build import build_schedule
from advalorem.schedule.codes import dotted

HERE = Path(__file__).parent
CENT = Decimal("0.01")
OUTCOMES = {
    "duty": "assessed",
    "partial": "assessed",
    "prohibited": "prohibited",
    "undetermined": "undetermined",
}
CHARGED_KINDS = {"chapter99", "column1", "special", "column2", "surtax", "adcvd", "postal"}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def cases() -> list[dict[str, str]]:
    return rows("cases.csv")


@lru_cache(maxsize=1)
def by_case(name: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(name):
        found[row["case_id"]].append(row)
    return found


def answer(
    case: dict[str, str],
    law: Lawbook,
    hts: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> Reply:
    """Our answer to a case, with another code or further facts where they are given."""
    stated = {row["fact"]: row["value"] for row in by_case("facts.csv").get(case["case_id"], [])}
    facts = {**stated, **(facts or {})}
    case = {**case, "hts": hts or case["hts"]}
    claim = "USMCA" if case["usmca_claim"] == "yes" else case["other_preference"] or None
    try:
        return _rate(case, claim, facts, law)
    except InputError as error:
        if error.reply is None or case["outcome"] != "partial":
            raise
        return msgspec.structs.replace(error.reply, outcome="assessed")


def _rate(case: dict[str, str], claim: str | None, facts: Mapping[str, str], law: Lawbook) -> Reply:
    return rate(
        hts=case["hts"] or covered_code(case, law),
        origin=case["origin"] or "CA",
        as_of=case["entry_date"],
        value=Decimal(case["value"]),
        importer=case["importer"],
        claim=claim,
        mode=case["mode"] or None,
        quantity=case["quantity"] or None,
        unit=case["quantity_unit"] or None,
        facts=facts,
        known_on=date.fromisoformat(case["known_on"]) if case["known_on"] else None,
        law=law,
    )


def covered_code(case: dict[str, str], law: Lawbook) -> str:
    """A case that names no code is tried on the first line its first charged heading covers."""
    headings = [row["heading"] for row in by_case("lines.csv")[case["case_id"]] if row["heading"]]
    schedule = build_schedule(law, case["importer"], date.fromisoformat(case["entry_date"]))
    ordinary = [row for row in by_case("lines.csv")[case["case_id"]] if row["kind"] == "column1"]
    rates = {round(float(row["rate"]) * 1_000_000) for row in ordinary if row["rate"]}
    alike = np.isin(schedule.general.rate, list(rates)) & (schedule.general.specific == 0)
    for heading in headings:
        for rule in schedule.rules:
            named = rule.provision.heading == heading and rule.provision.products
            if named and (rule.products & alike).any():
                return dotted(int(schedule.lines[(rule.products & alike).argmax()]))
            if named and not rates:
                return dotted(int(schedule.lines[rule.products.argmax()]))
    return dotted(int(schedule.lines[alike.argmax() if alike.any() else len(alike) // 2]))


def mismatches(case: dict[str, str], reply: Reply) -> list[str]:
    lines = by_case("lines.csv").get(case["case_id"], [])
    expected = [row for row in lines if row["applies"] == "yes" and row["kind"] in CHARGED_KINDS]
    found = [*_totals(case, reply, lines), *_fees(case, reply)]
    matched: list[Line] = []
    for row in expected:
        found += _expected_line(row, reply, matched)
    found += _must_not(lines, reply)
    if case["lines_complete"] == "yes":
        extra = [
            x for x in reply.layers if _money(x.amount) > 0 and not any(x is m for m in matched)
        ]
        found += [f"unexpected {x.heading or x.kind} {x.measure} {x.amount}" for x in extra]
    return found


def _money(text: str | None) -> Decimal:
    return Decimal(text or "0")


def _totals(case: dict[str, str], reply: Reply, lines: list[dict[str, str]]) -> list[str]:
    found = []
    wanted = OUTCOMES.get(case["outcome"])
    partly = case["outcome"] == "partial" and reply.outcome == "undetermined"
    if wanted and reply.outcome != wanted and not partly:
        found.append(
            f"outcome {reply.outcome}, expected {wanted}: "
            f"{[q.fact for q in reply.questions]} {reply.duty_range}"
        )
    total = case["expected_total_duty"]
    whole = case["total_scope"] in ("", "all duties") and wanted != "prohibited"
    if total and whole and abs(_money(reply.total_duty) - Decimal(total)) > CENT:
        found.append(f"total {reply.total_duty}, expected {total}")
    return found


def _fees(case: dict[str, str], reply: Reply) -> list[str]:
    found = []
    for column, authority in (("expected_mpf", "fee_mpf"), ("expected_hmf", "fee_hmf")):
        if case[column]:
            amount = sum(_money(fee.amount) for fee in reply.fees if fee.authority == authority)
            if abs(amount - Decimal(case[column])) > CENT:
                found.append(f"{authority} {amount}, expected {case[column]}")
    return found


def _candidates(row: dict[str, str], reply: Reply) -> list[Line]:
    if row["heading"]:
        return [x for x in reply.layers if x.heading == row["heading"]]
    if row["kind"] == "postal":
        return [x for x in reply.layers if x.measure.endswith("postal")]
    return [x for x in reply.layers if x.kind == row["kind"]]


def _expected_line(row: dict[str, str], reply: Reply, matched: list[Line]) -> list[str]:
    name = row["heading"] or row["kind"]
    candidates = [x for x in _candidates(row, reply) if not any(x is m for m in matched)]
    wanted = Decimal(row["amount"] or "0")
    if not candidates:
        if row["kind"] in ("column1", "special", "column2") and wanted == 0:
            return []
        return [f"missing {name} {row['amount']}"]
    best = min(candidates, key=lambda x: abs(_money(x.amount) - wanted))
    matched.append(best)
    found = []
    if row["amount"] and abs(_money(best.amount) - wanted) > CENT:
        found.append(f"{name}: amount {best.amount}, expected {row['amount']}")
    simple = row["combined_with_column1"] != "yes"
    if row["rate"] and simple and best.rate and Decimal(best.rate) != Decimal(row["rate"]):
        found.append(f"{name}: rate {best.rate}, expected {row['rate']}")
    stated = row["basis_amount"] and best.basis_amount and wanted > 0
    if stated and abs(Decimal(best.basis_amount or 0) - Decimal(row["basis_amount"])) > CENT:
        found.append(f"{name}: basis {best.basis_amount}, expected {row['basis_amount']}")
    return found


def _must_not(lines: list[dict[str, str]], reply: Reply) -> list[str]:
    banned = {row["heading"] for row in lines if row["applies"] == "no" and row["heading"]}
    return [
        f"charged {x.heading} {x.amount} though it does not apply"
        for x in reply.layers
        if x.heading in banned and _money(x.amount) > 0
    ]
