"""A plain interpreter of the law: one shipment at a time, Decimal money, no arrays.

The slow reference that the kernel is held equal to. It reads the law structs and the packaged
nomenclature directly and shares with the kernel only the timeline of dated values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

import polars as pl

from advalorem.law.check import resolve
from advalorem.law.model import Base, Condition, Lawbook, Measure, Provision
from advalorem.law.rates import parse_rate
from advalorem.law.timeline import timeline, value_on
from advalorem.schedule.store import DATA

CENT = Decimal("0.01")


class Undetermined(Exception):
    """A fact is needed that the shipment does not state."""


class Invalid(Exception):
    """The shipment cannot be rated."""


@dataclass
class Shipment:
    hts: str
    origin: str
    day: date
    value: Decimal
    claim: str | None = None
    mode: str | None = None
    quantity: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Picked:
    measure: Measure
    provision: Provision
    rate: Decimal
    specific: Decimal
    unit: str
    base: Decimal
    displaced: bool = False

    @property
    def bears(self) -> bool:
        p = self.provision
        return self.rate > 0 or self.specific > 0 or p.prohibits or p.rate_fact is not None


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@lru_cache(maxsize=4)
def _lines(importer: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in pl.read_parquet(DATA / f"nomenclature_{importer.lower()}.parquet").iter_rows(
        named=True
    ):
        found.setdefault(row["hts"], []).append(row)
    return found


@lru_cache(maxsize=1)
def _special() -> dict[tuple[int, str], dict[str, Any]]:
    rows = pl.read_parquet(DATA / "special_rates.parquet").iter_rows(named=True)
    return {(row["special_id"], row["programme"]): row for row in rows}


def interpret(law: Lawbook, importer: str, s: Shipment, known_on: date) -> dict[str, Any]:
    """Return {total, lines} where lines maps (measure, heading) to (base, amount)."""
    if (next(iter(law.lists)), law.version) not in _INDEX:
        index_lists(law)
    s = replace(s, facts={**_affirmed(law, s), **s.facts})
    row = _line(importer, s)
    ordinary, claimed, column1 = _ordinary(law, importer, s, row)
    picked: list[Picked] = []
    for measure in _ordered(law, importer, s.day, known_on):
        try:
            one = _pick(law, measure, s, claimed, column1, known_on)
        except Undetermined:
            if not _displaced_whole(law, measure, picked, s, known_on):
                raise
            one = None
        if one is not None:
            _yield(law, one, picked, s, known_on)
            if not one.displaced:
                one.base = _base(law, one, s, claimed, column1)
            picked.append(one)
    if _ordinary_lifted(law, importer, picked, s, known_on):
        ordinary = Decimal(0)
    lines = {}
    for one in picked:
        amount = Decimal(0) if one.displaced else _amount(one, s, ordinary)
        lines[one.measure.measure, one.provision.heading] = (one.base, amount)
    total = ordinary + sum((amount for _, amount in lines.values()), Decimal(0))
    return {"total": total, "ordinary": ordinary, "lines": lines}


def _affirmed(law: Lawbook, s: Shipment) -> dict[str, str]:
    """What a claim says of the goods, unless the shipment says otherwise."""
    return dict(law.claims[s.claim].affirms) if s.claim in law.claims else {}


def _line(importer: str, s: Shipment) -> dict[str, Any]:
    for row in _lines(importer).get(int(s.hts), []):
        if row["valid_from"] <= s.day and (
            row["valid_until"] is None or s.day < row["valid_until"]
        ):
            return row
    raise Invalid("code")


def _ordinary(law: Lawbook, importer: str, s: Shipment, row: dict[str, Any]) -> Any:
    kind, rate, unit = row["g_kind"], row["g_ad_valorem"], row["g_specific"]
    if "column1_rate" in s.facts or "column1_specific_rate" in s.facts:
        rate = s.facts.get("column1_rate", 0)
        unit = s.facts.get("column1_specific_rate", 0)
        kind = "compound" if unit else ("ad_valorem" if rate else "free")
    if s.origin in law.columns[importer].column2_origins:
        kind, rate, unit = row["o_kind"], row["o_ad_valorem"], row["o_specific"]
    column1 = rate
    claimed = None
    claim = law.claims.get(s.claim or "")
    if claim and any(s.origin in law.groups.get(name, [name]) for name in claim.origins):
        listed = [
            _special()[row["special_id"], spi]
            for spi in claim.spi
            if (row["special_id"], spi) in _special()
        ]
        if listed or kind == "free":
            claimed = claim.claim
        if listed:
            best = listed[0]
            kind, rate, unit = best["rate_kind"], best["rate_ad_valorem"], best["rate_specific"]
            column1 = rate
    simple = ("free", "ad_valorem", "specific", "compound")
    if kind not in simple and {"column1_rate", "column1_specific_rate"} & set(s.facts):
        rate = s.facts.get("column1_rate", 0)
        unit = s.facts.get("column1_specific_rate", 0)
        kind = "compound" if unit else ("ad_valorem" if rate else "free")
        column1 = rate
    if kind not in simple:
        raise Undetermined("column1_rate")
    amount = cents(s.value * Decimal(str(rate or 0)))
    if kind in ("specific", "compound"):
        if s.quantity is None:
            raise Invalid("quantity")
        amount += cents(s.quantity * Decimal(str(unit)))
    return amount, claimed, Decimal(str(column1 or 0))


def _ordered(law: Lawbook, importer: str, on: date, known: date) -> list[Measure]:
    key = (law.version, importer, on, known)
    if key not in _ORDERS:
        _ORDERS[key] = _order(law, importer, on, known)
    return [law.measures[name] for name in _ORDERS[key]]


_ORDERS: dict[tuple[str, str, date, date], list[str]] = {}
_LIVE: dict[tuple[str, date, date], list[Any]] = {}


def _order(law: Lawbook, importer: str, on: date, known: date) -> list[str]:
    mine = {name: m for name, m in law.measures.items() if m.importer == importer}
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for name in mine})
    for relation in _relations(law, on, known):
        by = {name for p in relation.by for name, _ in resolve(law, p)} & set(mine)
        for name in {name for p in relation.target for name, _ in resolve(law, p)} & set(mine):
            order.add(name, *(by - {name}))
    return list(order.static_order())


def _relations(law: Lawbook, on: date, known: date) -> list[Any]:
    key = (law.version, on, known)
    if key not in _LIVE:
        _LIVE[key] = _live_relations(law, on, known)
    return _LIVE[key]


def _live_relations(law: Lawbook, on: date, known: date) -> list[Any]:
    return [
        relation
        for relation in law.relations
        if (span := value_on(timeline(relation.values, law.instruments, known), on))
        and span.value.ends is None
    ]


def _pick(
    law: Lawbook, measure: Measure, s: Shipment, claimed: str | None, column1: Decimal, known: date
) -> Picked | None:
    for provision in measure.provisions:
        span = value_on(timeline(provision.values, law.instruments, known), s.day)
        if span is None or span.value.ends is not None:
            continue
        origins = provision.origins or measure.origins
        if not _is_in(law, s.origin, origins) or _is_in(law, s.origin, measure.except_origins):
            continue
        if provision.products and not _covers(law, provision, s, known):
            continue
        affirms = _digits(str(s.facts.get("provision", "0"))) == _digits(provision.heading or "-")
        if _all_hold(law, provision.when, s, claimed, column1, affirms=affirms):
            value = span.value
            rate = parse_rate(value.rate) if value.rate else Decimal(0)
            unit = Decimal(value.specific) if value.specific else Decimal(0)
            return Picked(measure, provision, rate, unit, value.unit or "", s.value)
    return None


def _is_in(law: Lawbook, origin: str, names: list[str]) -> bool:
    return any(name == "all" or origin in law.groups.get(name, [name]) for name in names)


def _covers(law: Lawbook, provision: Provision, s: Shipment, known: date) -> bool:
    assert provision.products is not None
    if any(_listed(law, name, s, known) for name in provision.products.except_lists):
        return False
    return any(_listed(law, name, s, known) for name in provision.products.lists)


def _listed(law: Lawbook, name: str, s: Shipment, known: date) -> bool:
    code_list, day = law.lists[name], s.day.toordinal()
    rows = [i for end in range(2, 11) for i in _rows_of(name, law.version).get(s.hts[:end], [])]
    return any(
        code_list.from_[i] <= day < code_list.until[i]
        and law.instruments[code_list.acts[code_list.act[i]]].announced <= known
        for i in rows
    )


_INDEX: dict[tuple[str, str], dict[str, list[int]]] = {}


def _rows_of(name: str, version: str) -> dict[str, list[int]]:
    return _INDEX[name, version]


def index_lists(law: Lawbook) -> None:
    """Index the rows of each list by code."""
    for name, code_list in law.lists.items():
        index: dict[str, list[int]] = {}
        for i, code in enumerate(code_list.code):
            index.setdefault(code, []).append(i)
        _INDEX[name, law.version] = index


def _all_hold(
    law: Lawbook,
    tests: list[Condition],
    s: Shipment,
    claimed: str | None,
    column1: Decimal,
    *,
    affirms: bool = False,
) -> bool:
    """Who claims a heading (`affirms`) takes its silent conditions as met."""
    answers = [
        True if affirms and _silent(test, s) else _holds(law, test, s, claimed, column1)
        for test in tests
    ]
    if False in answers:
        return False
    if None in answers:
        raise Undetermined
    return True


def _silent(c: Condition, s: Shipment) -> bool:
    """A fact or mode that a condition reads and nobody stated."""
    if c.mode is not None:
        return s.mode is None
    return c.fact is not None and c.given is None and c.fact not in s.facts


def _holds(
    law: Lawbook, c: Condition, s: Shipment, claimed: str | None, column1: Decimal
) -> bool | None:
    if c.heading_claimed is not None and c.unstated != "no" and "provision" not in s.facts:
        return True if c.unstated == "yes" else None
    if c.fact is None:
        answer = _plain(c, s, claimed, column1)
    elif c.given is not None:
        answer = (c.fact in s.facts) == c.given
    elif c.fact not in s.facts:
        unknown: dict[str, bool | None] = {"no": False, "yes": True, "ask": None}
        return unknown[c.unstated]
    else:
        answer = _compare(law, c, s.facts[c.fact])
    return answer != c.negate


def _plain(c: Condition, s: Shipment, claimed: str | None, column1: Decimal) -> bool:
    if c.claim is not None:
        return claimed == c.claim
    if c.mode is not None:
        return s.mode in c.mode
    if c.heading_claimed is not None:
        stated = _digits(str(s.facts.get("provision", "")))
        return "provision" in s.facts and stated.startswith(c.heading_claimed.replace(".", ""))
    if c.value_at_most is not None:
        return s.value <= c.value_at_most
    return column1 >= parse_rate(c.column1_at_least or "")


def _digits(heading: str) -> str:
    return heading.replace(".", "").ljust(10, "0")


def _compare(law: Lawbook, c: Condition, stated: Any) -> bool:
    if c.is_ is not None or c.in_ is not None:
        words = c.in_ if c.in_ is not None else [c.is_ or ""]
        if law.facts[c.fact or ""].type == "code":
            return any(_digits(str(stated)) == _digits(word) for word in words)
        return any(str(stated) in law.groups.get(word, [word]) for word in words)
    if c.at_least is not None:
        return Decimal(str(stated)) >= c.at_least
    if c.below is not None:
        return Decimal(str(stated)) < c.below
    if c.before is not None:
        return date.fromisoformat(str(stated)) < c.before
    assert c.since is not None
    return date.fromisoformat(str(stated)) >= c.since


def _yield(law: Lawbook, one: Picked, picked: list[Picked], s: Shipment, known: date) -> None:
    cut = False
    for relation in _relations(law, s.day, known):
        if not _named(law, one, relation.target) or _is_own(law, relation, one):
            continue
        taken = sum((p.base for p in picked if _counts(law, p, relation)), Decimal(0))
        if taken > 0:
            cut = True
            if relation.relation == "applies_to_remainder_of":
                one.base -= min(taken, one.base)
            else:
                one.displaced = True
    one.displaced |= cut and one.base == 0


def _displaced_whole(
    law: Lawbook, measure: Measure, picked: list[Picked], s: Shipment, known: date
) -> bool:
    live = [
        (measure.measure, p.id)
        for p in measure.provisions
        if (span := value_on(timeline(p.values, law.instruments, known), s.day))
        and span.value.ends is None
    ]
    for relation in _relations(law, s.day, known):
        if relation.relation != "displaces":
            continue
        if measure.measure in {name for p in relation.by for name, _ in resolve(law, p)}:
            continue
        target = {pair for name in relation.target for pair in resolve(law, name)}
        hit = any(_counts(law, p, relation) and p.base > 0 for p in picked)
        if hit and all(pair in target for pair in live):
            return True
    return False


def _named(law: Lawbook, p: Picked, names: list[str]) -> bool:
    pair = (p.measure.measure, p.provision.id)
    return any(pair in resolve(law, name) for name in names)


def _is_own(law: Lawbook, relation: Any, one: Picked) -> bool:
    own = {name for p in relation.by for name, _ in resolve(law, p)}
    return one.measure.measure in own


def _counts(law: Lawbook, p: Picked, relation: Any) -> bool:
    if p.displaced:
        return False
    if _named(law, p, [name for name in relation.by if "/" in name]):
        return True
    return p.bears and _named(law, p, [name for name in relation.by if "/" not in name])


def _base(law: Lawbook, one: Picked, s: Shipment, claimed: str | None, column1: Decimal) -> Decimal:
    base = one.provision.base
    for change in one.measure.bases if one.bears else []:
        if _all_hold(law, change.when, s, claimed, column1):
            base = change.base
            break
    return _of(base, s, one.base)


def _of(base: Base, s: Shipment, available: Decimal) -> Decimal:
    name = base.content or base.fact_value
    if name is not None:
        if name not in s.facts:
            raise Undetermined(name)
        return min(Decimal(str(s.facts[name])), available)
    if base.less_share is not None:
        share = Decimal(str(s.facts.get(base.less_share, base.unstated_share or 0)))
        if base.less_share_at_most is not None:
            share = min(share, base.less_share_at_most)
        return cents(available * (1 - share))
    return available


def _amount(one: Picked, s: Shipment, ordinary: Decimal) -> Decimal:
    rate = one.rate
    if one.provision.rate_fact is not None:
        rate = Decimal(str(s.facts.get(one.provision.rate_fact, 0)))
    charged = cents(one.base * rate)
    if one.bears and one.base == 0:
        return Decimal(0)
    if one.provision.form == "up_to_total":
        return max(charged - ordinary, Decimal(0))
    if one.specific > 0:
        quantity = s.quantity if s.quantity is not None else Decimal(1 if one.unit == "item" else 0)
        unit = cents(quantity * one.specific)
        if one.provision.form == "up_to_price":
            return max(unit - one.base, Decimal(0))
        if one.provision.form == "at_least":
            return max(charged, unit)
        return min(charged, unit) if one.provision.form == "at_most" else charged + unit
    return charged


def _ordinary_lifted(
    law: Lawbook, importer: str, picked: list[Picked], s: Shipment, known: date
) -> bool:
    column = law.columns[importer].measure
    for relation in _relations(law, s.day, known):
        named = any(
            name == column or (name.endswith(".*") and column.startswith(name[:-1]))
            for name in relation.target
        )
        if named and any(_counts(law, p, relation) and p.base > 0 for p in picked):
            return True
    return False
