"""Write a scenario's changes into the law: the one place where a scenario meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Any

from msgspec.structs import replace

from advalorem.law.check import check
from advalorem.law.errors import LawError
from advalorem.law.history import bears
from advalorem.law.model import (
    Authority,
    Claim,
    CodeList,
    Condition,
    Instrument,
    Lawbook,
    ListSource,
    Measure,
    Products,
    Provision,
    Relation,
    Value,
)
from advalorem.law.timeline import timeline, value_on
from advalorem.scenario.changes import (
    Change,
    Enact,
    Exempt,
    LawChange,
    LawOf,
    PreferenceEnds,
    Prohibit,
    Repeal,
    SetRate,
    Suspend,
)
from advalorem.scenario.errors import ScenarioError

EVERYTHING = "*"
NOTHING = f"{0}%"
"""A rate that charges nothing."""


def apply_changes(book: Lawbook, changes: Sequence[LawChange], act: Instrument) -> Lawbook:
    """Return the law with the changes written in, in their order, by an act of their own.

    Raises
    ------
    ScenarioError
        A change names what the law does not hold, or leaves the law inconsistent.
    """
    book = replace(book, instruments={**book.instruments, act.id: act})
    for number, change in enumerate(changes, start=1):
        try:
            book = _WRITERS[type(change)](book, change, act.id, number)
        except ScenarioError as error:
            raise ScenarioError(f"change {number} ({_tag(change)}): {error}") from None
    try:
        check(book)
    except LawError as error:
        raise ScenarioError(f"the scenario leaves the law inconsistent: {error}") from None
    return book


def _tag(change: LawChange) -> str:
    return str(type(change).__struct_config__.tag)


def _value(change: Change, act: str, **words: Any) -> Value:
    return Value(from_=change.from_, until=change.until, act=act, note=change.note, **words)


def named(book: Lawbook, patterns: Sequence[str]) -> list[Measure]:
    """Return the measures that names or prefixes with a star stand for.

    Raises
    ------
    ScenarioError
        A name stands for none.
    """
    found: dict[str, Measure] = {}
    for pattern in patterns:
        hits = [m for m in book.measures.values() if _fits(m.measure, pattern)]
        if not hits:
            near = ", ".join(get_close_matches(pattern, list(book.measures), n=3, cutoff=0))
            raise ScenarioError(f"measures: {pattern!r} names no measure; near are {near}")
        found |= {measure.measure: measure for measure in hits}
    return list(found.values())


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(EVERYTHING) else name == pattern


def _with_measures(book: Lawbook, changed: Iterator[Measure] | Sequence[Measure]) -> Lawbook:
    return replace(book, measures={**book.measures, **{m.measure: m for m in changed}})


def _chosen(measure: Measure, provisions: Sequence[str]) -> list[str]:
    """Return the ids of the provisions meant, all where none is named."""
    held = [provision.id for provision in measure.provisions]
    unknown = [name for name in provisions if name not in held]
    if unknown:
        raise ScenarioError(
            f"provisions: {measure.measure} has no {', '.join(unknown)}; it has {', '.join(held)}"
        )
    return list(provisions) or held


def _dated(measure: Measure, ids: Sequence[str], value: Value) -> Measure:
    """Return the measure with a value added to the provisions named."""
    rows = [
        replace(row, values=[*row.values, value]) if row.id in ids else row
        for row in measure.provisions
    ]
    return replace(measure, provisions=rows)


def _end(ends: str, book: Lawbook, change: Repeal | Suspend, act: str, number: int) -> Lawbook:
    value = _value(change, act, ends=ends)
    measures = named(book, change.measures)
    return _with_measures(book, [_dated(m, _chosen(m, change.provisions), value) for m in measures])


def _set_rate(book: Lawbook, change: SetRate, act: str, number: int) -> Lawbook:
    value = _value(change, act, rate=change.rate)
    changed = []
    for measure in named(book, change.measures):
        ids = change.provisions or list(_bearing(book, measure, change.from_, act))
        if not ids:
            raise ScenarioError(
                f"provisions: nothing of {measure.measure} bears an ad valorem duty on "
                f"{change.from_}; name provisions among {', '.join(_chosen(measure, []))}"
            )
        changed.append(_dated(measure, _chosen(measure, ids), value))
    return _with_measures(book, changed)


def _bearing(book: Lawbook, measure: Measure, on: date, act: str) -> Iterator[str]:
    known = book.instruments[act].announced
    for provision in measure.provisions:
        span = value_on(timeline(provision.values, book.instruments, known), on)
        if span and bears(provision, span.value) and span.value.rate:
            yield provision.id


def _enact(book: Lawbook, change: Enact, act: str, number: int) -> Lawbook:
    free = [
        Provision(
            id=f"claim_{claim.lower()}",
            title=f"Goods that claim {claim}",
            when=[Condition(claim=claim)],
            values=[_value(change, act, rate=NOTHING)],
        )
        for claim in change.exempt_claims
    ]
    main = Provision(
        id=ALL_GOODS, title=_title(change), values=[_value(change, act, rate=change.rate)]
    )
    book = _new_measure(book, change, act, number, free, main)
    if not change.yields_to:
        return book
    relation = Relation(
        id=f"{change.measure}.yields",
        relation="displaces",
        by=change.yields_to,
        target=[change.measure],
        title=f"{_title(change)}: not charged where another measure is",
        values=[_value(change, act)],
    )
    return replace(book, relations=[*book.relations, relation])


def _prohibit(book: Lawbook, change: Prohibit, act: str, number: int) -> Lawbook:
    main = Provision(
        id=ALL_GOODS, title=_title(change), prohibits=True, values=[_value(change, act)]
    )
    return _new_measure(book, change, act, number, [], main)


ALL_GOODS = "goods"


def _title(change: Enact | Prohibit) -> str:
    return change.title or change.measure


def _new_measure(
    book: Lawbook,
    change: Enact | Prohibit,
    act: str,
    number: int,
    before: Sequence[Provision],
    main: Provision,
) -> Lawbook:
    """Return the law with a new measure of an importer whose law is coded."""
    if change.measure in book.measures:
        raise ScenarioError(f"measure: {change.measure!r} exists; choose another name, or set_rate")
    if change.importer not in book.columns:
        coded = ", ".join(book.columns)
        raise ScenarioError(f"importer: no law of {change.importer!r} is coded; coded are {coded}")
    book, products = _listed(book, change, change.codes, act, number)
    slug = f"scenario_{change.importer.lower()}"
    words = Authority(authority=slug, title="Scenario", importer=change.importer)
    kind = "chapter99" if book.columns[change.importer].held else "surtax"
    measure = Measure(
        measure=change.measure,
        importer=change.importer,
        authority=slug,
        title=_title(change),
        covers=f"{len(change.codes)} codes" if change.codes else "All goods",
        origins=change.origins,
        except_origins=change.except_origins,
        kind=kind,  # type: ignore[arg-type]
        provisions=[replace(row, products=products) for row in (*before, main)],
    )
    book = replace(book, authorities={**book.authorities, slug: words})
    return _with_measures(book, [measure])


def _exempt(book: Lawbook, change: Exempt, act: str, number: int) -> Lawbook:
    book, products = _listed(book, change, change.codes, act, number)
    if change.claim is not None and change.claim not in book.claims:
        raise ScenarioError(f"claim: {change.claim!r} is none; known are {', '.join(book.claims)}")
    free = Provision(
        id=f"{act}_{number}",
        title="Goods that a scenario exempts",
        products=products,
        origins=change.origins or None,
        when=[Condition(claim=change.claim)] if change.claim else [],
        values=[_value(change, act, rate=NOTHING)],
    )
    measures = named(book, change.measures)
    return _with_measures(book, [replace(m, provisions=[free, *m.provisions]) for m in measures])


def _listed(
    book: Lawbook, change: Change, codes: Sequence[str], act: str, number: int
) -> tuple[Lawbook, Products | None]:
    """Return the law with a product list of the codes, and the products; None for all goods."""
    if not codes:
        return book, None
    plain = [code.replace(".", "") for code in codes]
    for code in plain:
        if not code.isdigit() or not 2 <= len(code) <= 10:
            raise ScenarioError(f"codes: {code!r} is no code; write two to ten digits")
    rows = len(plain)
    fresh = CodeList(
        name=f"{act}/{number}",
        code=plain,
        from_=[change.from_.toordinal()] * rows,
        until=[change.end.toordinal()] * rows,
        act=[0] * rows,
        acts=[act],
    )
    return _with_list(book, fresh), Products(lists=[fresh.name])


def _with_list(book: Lawbook, fresh: CodeList) -> Lawbook:
    source = ListSource(name=fresh.name, title="List of a scenario", source="scenario", licence="")
    return replace(
        book,
        lists={**book.lists, fresh.name: fresh},
        list_sources={**book.list_sources, fresh.name: source},
    )


def _preference_ends(book: Lawbook, change: PreferenceEnds, act: str, number: int) -> Lawbook:
    if change.claim not in book.claims:
        raise ScenarioError(f"claim: {change.claim!r} is none; known are {', '.join(book.claims)}")
    claim = book.claims[change.claim]
    ended = replace(claim, values=[*claim.values, _value(change, act, ends="revoked")])
    return replace(book, claims={**book.claims, change.claim: ended})


def _law_of(book: Lawbook, change: LawOf, act: str, number: int) -> Lawbook:
    chosen = named(book, change.measures)
    _require_coded(book, chosen, change.day)
    for measure in chosen:
        rows = []
        for row in measure.provisions:
            book, products = _as_of(book, row.products, change, act)
            values = _held(book, row.values, change, act)
            rows.append(replace(row, values=values, products=products))
        book = _with_measures(book, [replace(measure, provisions=rows)])
    if EVERYTHING not in change.measures:
        return book
    claims: dict[str, Claim] = {
        name: replace(claim, values=_held(book, claim.values, change, act))
        for name, claim in book.claims.items()
    }
    relations = [
        replace(row, values=_held(book, row.values, change, act)) for row in book.relations
    ]
    columns = {
        name: replace(column, column2=_held(book, column.column2, change, act))
        for name, column in book.columns.items()
    }
    return replace(book, claims=claims, relations=relations, columns=columns)


def _require_coded(book: Lawbook, measures: Sequence[Measure], day: date) -> None:
    """Refuse a day on which the law of these measures' importers is not coded."""
    importers = {measure.importer for measure in measures}
    first = min(row.from_ for row in book.coverage if row.importer in importers)
    if day < first:
        raise ScenarioError(
            f"day: {day} lies before {first}, the first day coded; take one from then"
        )


def _held(book: Lawbook, values: Sequence[Value], change: LawOf, act: str) -> list[Value]:
    """Return values that say on the days of a change what they said on its day."""
    if not values:
        return []
    known = book.instruments[act].announced
    span = value_on(timeline(values, book.instruments, known), change.day)
    if span is None:
        return [*values, _value(change, act, ends="expired")]
    old = span.value
    words = {"rate": old.rate, "specific": old.specific, "unit": old.unit, "ends": old.ends}
    return [*values, _value(change, act, **words)]


def _as_of(
    book: Lawbook, products: Products | None, change: LawOf, act: str
) -> tuple[Lawbook, Products | None]:
    """Return products whose lists hold on a change's days what they held on its day."""
    if products is None:
        return book, None
    copies = {name: f"{name}@{act}" for name in (*products.lists, *products.except_lists)}
    for name, copy in copies.items():
        if copy not in book.lists:
            book = _with_list(book, _frozen(book.lists[name], copy, change))
    return book, Products(
        lists=[copies[name] for name in products.lists],
        except_lists=[copies[name] for name in products.except_lists],
    )


def _frozen(rows: CodeList, name: str, change: LawOf) -> CodeList:
    """Return a list whose rows on `[from, until)` are those of the change's day."""
    first, last, day = change.from_.toordinal(), change.end.toordinal(), change.day.toordinal()
    kept: list[tuple[str, int, int, int]] = []
    for row in zip(rows.code, rows.from_, rows.until, rows.act, strict=True):
        code, start, end, number = row
        kept += [(code, a, b, number) for a, b in ((start, min(end, first)),) if a < b]
        kept += [(code, a, b, number) for a, b in ((max(start, last), end),) if a < b]
        if start <= day < end:
            kept.append((code, first, last, number))
    return CodeList(
        name=name,
        code=[row[0] for row in kept],
        from_=[row[1] for row in kept],
        until=[row[2] for row in kept],
        act=[row[3] for row in kept],
        acts=rows.acts,
    )


_WRITERS: dict[type, Callable[..., Lawbook]] = {
    Enact: _enact,
    Prohibit: _prohibit,
    Repeal: partial(_end, "revoked"),
    Suspend: partial(_end, "suspended"),
    SetRate: _set_rate,
    Exempt: _exempt,
    PreferenceEnds: _preference_ends,
    LawOf: _law_of,
}
