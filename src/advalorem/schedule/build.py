"""Compile law × day into a `Schedule`: immutable arrays for one legal epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

import numpy as np

from advalorem.law.check import resolve
from advalorem.law.errors import CoverageError, LawError
from advalorem.law.model import Claim, Condition, Lawbook, Measure, Provision
from advalorem.law.rates import millionths, parse_rate
from advalorem.law.timeline import Span, timeline, value_on
from advalorem.schedule.epochs import BookKey, Epochs, epochs, lists_of
from advalorem.schedule.model import ClaimColumn, Int, Mask, Rule, Schedule, Yield
from advalorem.schedule.ordinary import (
    Lines,
    column,
    lines_of_lists,
    lines_on,
    listed,
    with_numbers,
)
from advalorem.schedule.scope import list_mask, origin_mask, product_mask


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
    return epochs(book.version, importer, known_on, BookKey(book))


def epoch_schedule(book: Lawbook, importer: str, number: int, known_on: date) -> Schedule:
    """Return the schedule of an epoch by its number in `epochs_of`."""
    return _build(BookKey(book), importer, number, known_on)


@lru_cache(maxsize=128)
def _build(key: BookKey, importer: str, number: int, known_on: date) -> Schedule:
    book = key.book
    from_, until = epochs_of(book, importer, known_on).span(number)
    lines, late = _lines(book, importer, from_)
    countries = tuple(country.iso2 for country in book.countries)
    conditions: list[Condition] = []
    rules = tuple(_rules(book, importer, from_, known_on, lines.codes, countries, conditions))
    yields = tuple(_yields(book, from_, known_on, rules))
    general, column2 = column(lines.rows, "general"), column(lines.rows, "column2")
    claims = tuple(_claims(book, importer, from_, known_on, lines, countries))
    classes = _line_classes(rules, claims, general.text_id, column2.text_id)
    return Schedule(
        importer=importer,
        on=from_,
        from_=from_,
        until=until,
        known_on=known_on,
        book=book,
        lines=lines.codes,
        countries=countries,
        held=book.columns[importer].held,
        late=late,
        general=general,
        column2=column2,
        column2_origins=_column2_origins(book, importer, from_, known_on, countries),
        claims=claims,
        rules=rules,
        conditions=tuple(conditions),
        measures=_decision_order(rules, yields),
        yields=yields,
        line_class=classes,
        uniform=_uniform(lines.codes, classes),
    )


def _lines(book: Lawbook, importer: str, on: date) -> tuple[Lines, bool]:
    """Return the lines of a day, and whether it lies after the newest edition held."""
    column = book.columns[importer]
    codes = _listed_codes(book, importer)
    if not column.held:
        return lines_of_lists(codes), False
    late = column.newest_edition is not None and on >= column.newest_edition
    lines = lines_on(importer, on)
    return (with_numbers(lines, codes) if late else lines), late


def _listed_codes(book: Lawbook, importer: str) -> Iterator[str]:
    """Yield every code that a product list of the importer's measures names."""
    measures = [m for m in book.measures.values() if m.importer == importer]
    for name in {name for m in measures for p in m.provisions for name in lists_of(p)}:
        yield from book.lists[name].code


def _rules(
    book: Lawbook,
    importer: str,
    on: date,
    known_on: date,
    lines: Int,
    countries: Sequence[str],
    conditions: list[Condition],
) -> Iterator[Rule]:
    """Yield the rules in force, measure by measure, in order of precedence."""
    measures = [m for m in book.measures.values() if m.importer == importer]
    live = [
        (measure, provision, span)
        for measure in measures
        for provision in measure.provisions
        if (span := _live(book, provision, on, known_on))
    ]
    names = {name for _, provision, _ in live for name in lists_of(provision)}
    masks = {
        name: list_mask(book.lists[name], lines, on, book.instruments, known_on) for name in names
    }
    for measure, provision, span in live:
        yield _rule(book, measure, provision, span, masks, len(lines), countries, conditions)


def _live(book: Lawbook, provision: Provision, on: date, known_on: date) -> Span | None:
    span = value_on(timeline(provision.values, book.instruments, known_on), on)
    return span if span and span.value.ends is None else None


def _rule(
    book: Lawbook,
    measure: Measure,
    provision: Provision,
    span: Span,
    masks: Mapping[str, Mask],
    size: int,
    countries: Sequence[str],
    conditions: list[Condition],
) -> Rule:
    value = span.value
    origins = origin_mask(
        provision.origins or measure.origins, measure.except_origins, countries, book.groups
    )
    return Rule(
        measure=measure,
        provision=provision,
        span=span,
        kind=measure.kind,
        form=provision.form,
        rate=millionths(parse_rate(value.rate)) if value.rate else 0,
        specific=_specific(value.specific),
        unit=value.unit or "",
        products=product_mask(provision.products, masks, size),
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


def _yields(book: Lawbook, on: date, known_on: date, rules: Sequence[Rule]) -> Iterator[Yield]:
    for relation in book.relations:
        span = value_on(timeline(relation.values, book.instruments, known_on), on)
        if span is None or span.value.ends is not None:
            continue
        deciding = [name for name in relation.by if "/" in name]
        bearing = [name for name in relation.by if "/" not in name]
        by_bearing, by_deciding = (_named(book, names, rules) for names in (bearing, deciding))
        own = {rules[n].measure.measure for n in np.flatnonzero(by_bearing | by_deciding).tolist()}
        target = _named(book, relation.target, rules)
        target &= np.array([rule.measure.measure not in own for rule in rules], dtype=bool)
        ordinary = any(_is_column(book, name) for name in relation.target)
        if (by_bearing | by_deciding).any() and (target.any() or ordinary):
            remainder = relation.relation == "applies_to_remainder_of"
            yield Yield(relation, span, remainder, by_bearing, by_deciding, target, ordinary)


def _named(book: Lawbook, names: Sequence[str], rules: Sequence[Rule]) -> Mask:
    """Return which rules a relation's names stand for."""
    pairs = {pair for name in names for pair in resolve(book, name)}
    return np.array(
        [(rule.measure.measure, rule.provision.id) in pairs for rule in rules], dtype=bool
    )


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


def _claims(
    book: Lawbook,
    importer: str,
    on: date,
    known_on: date,
    lines: Lines,
    countries: Sequence[str],
) -> Iterator[ClaimColumn]:
    for claim in book.claims.values():
        eligible, rates = listed(lines.rows, claim.spi)
        yield ClaimColumn(
            claim=claim.claim,
            origins=origin_mask(claim.origins, [], countries, book.groups),
            eligible=eligible,
            rates=rates,
            in_force=_claim_in_force(book, claim, on, known_on),
        )


def _claim_in_force(book: Lawbook, claim: Claim, on: date, known_on: date) -> bool:
    span = value_on(timeline(claim.values, book.instruments, known_on), on)
    return span is not None and span.value.ends is None


def _column2_origins(
    book: Lawbook, importer: str, on: date, known_on: date, countries: Sequence[str]
) -> Mask:
    column = book.columns[importer]
    return origin_mask(column.column2_origins, [], countries, book.groups)


def _line_classes(rules: Sequence[Rule], claims: Sequence[ClaimColumn], *texts: Int) -> Int:
    """Return a class number by line: lines of one class are told apart by no provision."""
    scopes = [rule.products for rule in rules] + [claim.eligible for claim in claims]
    packed = np.packbits(np.array(scopes, dtype=bool), axis=0).T
    ids = np.array([*texts, *(claim.rates.text_id for claim in claims)], dtype=np.int32).T
    keys = np.hstack([np.ascontiguousarray(ids).view(np.uint8), packed])
    keys = np.ascontiguousarray(keys)
    rows = keys.view(np.dtype((np.void, keys.shape[1]))).ravel()
    _, classes = np.unique(rows, return_inverse=True)
    return classes.astype(np.int64)


def _uniform(codes: Int, classes: Int) -> Mask:
    """Return by line whether all lines of its eight-digit code are of one class."""
    starts = np.flatnonzero(np.diff(codes // 100, prepend=-1))
    low, high = np.minimum.reduceat(classes, starts), np.maximum.reduceat(classes, starts)
    return np.repeat(low == high, np.diff(np.append(starts, len(codes))))
