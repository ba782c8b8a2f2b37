"""Compile law × day into a `Schedule`: immutable arrays for one legal epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

import numpy as np

from advalorem.law.check import resolve
from advalorem.law.errors import CoverageError, LawError
from advalorem.law.model import Claim, Condition, Lawbook, Measure, Provision
from advalorem.law.rates import millionths, parse_rate
from advalorem.law.timeline import Span, timeline, value_on
from advalorem.schedule.arrays import RuleArrays
from advalorem.schedule.classes import LineClasses
from advalorem.schedule.epochs import Epochs, epochs
from advalorem.schedule.key import BookKey
from advalorem.schedule.masks import origins_of, product_mask
from advalorem.schedule.model import ClaimColumn, Mask, Rule, Schedule, Yield
from advalorem.schedule.scope import origin_mask
from advalorem.schedule.tariff import Tariff, tariff_on


def build_schedule(
    book: Lawbook, importer: str, on: date, known_on: date | None = None
) -> Schedule:
    """Return the law of an importer in force on a day, as known on a day, as arrays.

    Schedules are cached by law version, importer, epoch and day of knowledge.

    Raises
    ------
    CoverageError
        The importer or the day lies outside what is coded.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> schedule.from_ <= date(2025, 9, 18) < schedule.until
    True
    """
    known = min(known_on or book.newest_act, date.max)
    spans = epochs_of(book, importer, known)
    number = int(spans.number(np.array([on.toordinal()]))[0])
    if number < 0:
        first, _ = spans.span(0)
        raise CoverageError(
            f"as_of: {on} lies before {first}, the first day coded; ask for a later day"
        )
    return epoch_schedule(book, importer, number, known)


def epochs_of(book: Lawbook, importer: str, known_on: date) -> Epochs:
    """Return the epochs of an importer's law as known on a day.

    Raises
    ------
    CoverageError
        No law of this importer is coded.
    """
    if not any(row.importer == importer for row in book.coverage):
        known = ", ".join(sorted({row.importer for row in book.coverage}))
        raise CoverageError(f"importer: no law of {importer!r} is coded; coded are {known}")
    return epochs(BookKey(book), importer, known_on)


def epoch_schedule(book: Lawbook, importer: str, number: int, known_on: date) -> Schedule:
    """Return the schedule of an epoch by its number in `epochs_of`."""
    return _build(BookKey(book), importer, number, known_on)


@lru_cache(maxsize=128)
def _build(key: BookKey, importer: str, number: int, known_on: date) -> Schedule:
    book = key.book
    from_, until = epochs_of(book, importer, known_on).span(number)
    tariff = tariff_on(key, importer, from_)
    conditions: list[Condition] = []
    rules = tuple(_rules(key, importer, from_, known_on, tariff, conditions))
    yields = tuple(_yields(key, from_, known_on, rules))
    column_bases = tuple(
        (tuple(_numbered(c, conditions) for c in change.when), change.base)
        for change in book.columns[importer].bases
    )
    claims = tuple(_claims(book, tariff, from_, known_on))
    countries = tuple(country.iso2 for country in book.countries)
    return Schedule(
        importer=importer,
        on=from_,
        from_=from_,
        until=until,
        known_on=known_on,
        book=book,
        lines=tariff.codes,
        countries=countries,
        held=book.columns[importer].held,
        late=tariff.late,
        rest=tariff.rest,
        general=tariff.general,
        column2=tariff.column2,
        column2_origins=_column2_origins(book, importer, countries),
        column_bases=column_bases,
        claims=claims,
        rules=rules,
        conditions=tuple(conditions),
        measures=_decision_order(rules, yields),
        yields=yields,
        classes=LineClasses(
            rules, claims, tariff.general, tariff.column2, tariff.codes, tariff.rest
        ),
        arrays=RuleArrays(rules, yields),
    )


def _rules(
    key: BookKey,
    importer: str,
    on: date,
    known_on: date,
    tariff: Tariff,
    conditions: list[Condition],
) -> Iterator[Rule]:
    """Yield the rules in force, measure by measure, in order of precedence."""
    for measure in key.book.measures.values():
        for provision in measure.provisions if measure.importer == importer else ():
            span = _live(key.book, provision, on, known_on)
            if span is not None:
                products = product_mask(key, provision.products, on, known_on, tariff)
                origins = origins_of(key, measure, provision)
                yield _rule(measure, provision, span, products, origins, conditions)


def _live(book: Lawbook, provision: Provision, on: date, known_on: date) -> Span | None:
    span = value_on(timeline(provision.values, book.instruments, known_on), on)
    return span if span and span.value.ends is None else None


def _rule(
    measure: Measure,
    provision: Provision,
    span: Span,
    products: Mask,
    origins: Mask,
    conditions: list[Condition],
) -> Rule:
    value = span.value
    return Rule(
        measure=measure,
        provision=provision,
        span=span,
        kind=measure.kind,
        form=provision.form,
        rate=millionths(parse_rate(value.rate)) if value.rate else 0,
        specific=_specific(value.specific),
        unit=value.unit or "",
        products=products,
        origins=origins,
        tests=tuple(_numbered(condition, conditions) for condition in provision.when),
        bases=tuple(
            (tuple(_numbered(c, conditions) for c in change.when), change.base, change.heading)
            for change in measure.bases
        ),
    )


def _specific(text: str | None) -> int:
    from decimal import Decimal

    return millionths(Decimal(text)) if text else 0


def _numbered(condition: Condition, conditions: list[Condition]) -> int:
    """Return the number of a condition in the schedule's list, adding it if new."""
    if condition not in conditions:
        conditions.append(condition)
    return conditions.index(condition)


def _yields(key: BookKey, on: date, known_on: date, rules: Sequence[Rule]) -> Iterator[Yield]:
    book = key.book
    for relation in book.relations:
        span = value_on(timeline(relation.values, book.instruments, known_on), on)
        if span is None or span.value.ends is not None:
            continue
        deciding = [name for name in relation.by if "/" in name]
        bearing = [name for name in relation.by if "/" not in name]
        by_bearing, by_deciding = (_named(key, names, rules) for names in (bearing, deciding))
        own = {rules[n].measure.measure for n in np.flatnonzero(by_bearing | by_deciding).tolist()}
        target = _named(key, relation.target, rules)
        target &= np.array([rule.measure.measure not in own for rule in rules], dtype=bool)
        ordinary = any(_is_column(book, name) for name in relation.target)
        if (by_bearing | by_deciding).any() and (target.any() or ordinary):
            remainder = relation.relation == "applies_to_remainder_of"
            yield Yield(relation, span, remainder, by_bearing, by_deciding, target, ordinary)


@lru_cache(maxsize=1024)
def _pairs(key: BookKey, name: str) -> frozenset[tuple[str, str]]:
    return frozenset(resolve(key.book, name))


def _named(key: BookKey, names: Sequence[str], rules: Sequence[Rule]) -> Mask:
    """Return which rules a relation's names stand for."""
    pairs = {pair for name in names for pair in _pairs(key, name)}
    hits = [(rule.measure.measure, rule.provision.id) in pairs for rule in rules]
    return np.array(hits, dtype=bool)


def _is_column(book: Lawbook, name: str) -> bool:
    """Return whether a relation's name stands for an importer's ordinary rates."""
    columns = [column.measure for column in book.columns.values()]
    if name.endswith(".*"):
        return any(column.startswith(name[:-1]) for column in columns)
    return name in columns


def _decision_order(rules: Sequence[Rule], yields: Sequence[Yield]) -> tuple[tuple[int, ...], ...]:
    """Return the measures' rule numbers so that who yields is decided after whom it yields to.

    Raises
    ------
    LawError
        Measures yield to each other in a circle.
    """
    from graphlib import CycleError, TopologicalSorter

    members: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        members.setdefault(rule.measure.measure, []).append(number)
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for name in members})
    for relation in yields:
        by = np.flatnonzero(relation.by_bearing | relation.by_deciding).tolist()
        before = {rules[number].measure.measure for number in by}
        for number in np.flatnonzero(relation.target).tolist():
            order.add(rules[number].measure.measure, *before - {rules[number].measure.measure})
    try:
        return tuple(tuple(members[name]) for name in order.static_order())
    except CycleError as error:
        raise LawError(f"measures yield to each other in a circle: {error.args[1]}") from None


def _claims(book: Lawbook, tariff: Tariff, on: date, known_on: date) -> Iterator[ClaimColumn]:
    countries = [country.iso2 for country in book.countries]
    for name, eligible, rates in tariff.claims:
        claim = book.claims[name]
        yield ClaimColumn(
            claim=name,
            origins=origin_mask(claim.origins, [], countries, book.groups),
            eligible=eligible,
            rates=rates,
            in_force=_claim_in_force(book, claim, on, known_on),
        )


def _claim_in_force(book: Lawbook, claim: Claim, on: date, known_on: date) -> bool:
    span = value_on(timeline(claim.values, book.instruments, known_on), on)
    return span is not None and span.value.ends is None


def _column2_origins(book: Lawbook, importer: str, countries: Sequence[str]) -> Mask:
    return origin_mask(book.columns[importer].column2_origins, [], countries, book.groups)
