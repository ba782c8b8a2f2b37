"""What stands beside the measures: coverage, readings, authorities, countries, orders, notices."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from advalorem.law.base import Struct


class Coverage(Struct, frozen=True, kw_only=True):
    """What is coded: an importer's measures for named origins between two days."""

    importer: str
    origins: list[str]
    from_: date = msgspec.field(name="from")
    until: date | None = None
    scope: str
    gaps: list[str] = msgspec.field(default_factory=list)


class Reading(Struct, frozen=True, kw_only=True):
    """Our interpretation where acts are unclear or data are silent: options, default, evidence.

    `own_share` says in words what a fraction stands for that may be stated in place of an option;
    none may be where it is empty.
    """

    reading: str
    question: str
    default: str
    options: dict[str, str]
    evidence: str
    source: str
    own_share: str = ""


class Authority(Struct, frozen=True, kw_only=True):
    """A slug of the closed list that names layers and panel columns, with its plain words."""

    authority: str
    title: str
    importer: str


class Order(Struct, frozen=True, kw_only=True):
    """An anti-dumping or countervailing order: not computed, but warned of by code and origin."""

    importer: str
    origin: str
    product: str
    kind: str
    case_no: str
    codes: list[str]
    cite: str
    from_: date | None
    until: date | None
    note: str
    confidence: str


class Notice(Struct, frozen=True, kw_only=True):
    """Law that is not computed but said: a prohibition of sanctions, a territory, an open question.

    `kind`: `sanction`, import prohibited or licensed; `inside`, origins inside the importer's own
    customs territory, which are refused; `advice`, anything else. It concerns goods of `origins`
    under `codes` (all if empty) entered on `[from, until)`, from the day it was `said` on, and only
    where `measure` charges if one is named.
    """

    importer: str
    kind: Literal["sanction", "inside", "advice"]
    origins: list[str]
    codes: list[str]
    title: str
    cite: str
    note: str
    said: date
    from_: date = msgspec.field(name="from")
    until: date | None = None
    measure: str | None = None
    source: str
    confidence: str


class Country(Struct, frozen=True, kw_only=True):
    """A country of origin: ISO codes, English name and Census Schedule C code."""

    iso2: str
    iso3: str
    name: str
    census: str = ""


class HeadingsOut(Struct, frozen=True, kw_only=True):
    """Chapter 99 headings `first` to `last` that are not coded, the reason and its text."""

    first: str
    last: str
    reason: str
    text: str
