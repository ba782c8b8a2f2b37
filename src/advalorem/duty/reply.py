"""The reply to one shipment: plain values, ready for JSON, tables and pages.

Amounts are decimal strings in the importer's currency, rates fractions as strings.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Line(msgspec.Struct, frozen=True, omit_defaults=False):
    """A layer that applies, or one that does not and why.

    `status` is `void` where the measure was held void, as known: the duty was assessed all the
    same, and `void_from` is the day from which it is void and refundable.
    """

    heading: str | None
    kind: str
    measure: str
    authority: str
    title: str
    basis: str | None
    basis_amount: str | None
    rate: str | None
    rate_unit: str | None
    amount: str | None
    citation: str
    in_force_from: str | None
    in_force_until: str | None
    reason: str
    status: str | None = None
    void_from: str | None = None


class FeeReply(msgspec.Struct, frozen=True):
    """A charge beside duty."""

    fee: str
    authority: str
    title: str
    amount: str
    citation: str
    reason: str


class Question(msgspec.Struct, frozen=True):
    """A fact that the law needs and nobody stated, and the question that asks for it."""

    fact: str
    question: str
    allowed: list[str]


class Reply(msgspec.Struct, frozen=True):
    """The whole answer for one shipment; see `docs/duty.md` for every field."""

    outcome: str
    currency: str
    importer: str
    origin: str
    hts: str
    description: str
    as_of: str
    value: str
    layers: list[Line]
    not_applied: list[Line]
    threats: list[Line]
    fees: list[FeeReply]
    prohibitions: list[Line]
    total_duty: str | None
    duty_range: list[str | None] | None
    total_fees: str
    effective_rate: str | None
    questions: list[Question]
    assumptions: list[str]
    warnings: list[str]
    coverage: dict[str, Any]
    known_on: str
    ruleset_version: str
    data_as_of: str
    reproduce: str

    def to_json(self) -> str:
        """Return the reply as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()
