"""The closed vocabulary of the law files; `docs/lawbook.md` says what each word means."""

from __future__ import annotations

from typing import Literal

Confidence = Literal["high", "medium", "low"]
InstrumentKind = Literal[
    "order", "proclamation", "notice", "regulation", "statute", "ruling", "statement", "schedule"
]
LayerKind = Literal["column1", "special", "column2", "chapter99", "surtax", "adcvd"]
DutyForm = Literal[
    "ad_valorem", "specific", "compound", "up_to_total", "up_to_price", "at_least", "at_most"
]
Ending = Literal["suspended", "expired", "revoked", "superseded"]
RelationKind = Literal["displaces", "applies_to_remainder_of"]
FactType = Literal["share", "money", "country", "yes_no", "date", "choice", "code"]
ContentFact = Literal["steel_value", "aluminum_value", "copper_value"]
Mode = Literal["vessel", "air", "truck", "rail", "post", "express"]
Unstated = Literal["no", "yes", "ask"]
Status = Literal[
    "threatened", "scheduled", "in force", "exempt", "suspended", "expired", "revoked", "void"
]
Outcome = Literal["assessed", "undetermined", "prohibited", "quota_full", "invalid"]
