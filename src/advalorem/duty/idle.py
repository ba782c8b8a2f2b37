"""What names the article and origin but charges nothing, and why; and what was threatened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from advalorem.duty.background import names, ordinary_left_out, under
from advalorem.duty.charge import ORDINARY
from advalorem.duty.conditions import NO, UNKNOWN, evaluate, fact_of
from advalorem.duty.ledger import UNDETERMINED, Ledger
from advalorem.duty.reply import Line
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.duty.words import cite, day
from advalorem.law.history import outcome_known
from advalorem.law.model import CodeList, Lawbook, Measure, Provision, Threat
from advalorem.law.rates import parse_rate
from advalorem.law.timeline import Span, timeline, value_on
from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Rule, Schedule

Naming = tuple[tuple[Measure, tuple[tuple[int, Provision], ...]], ...]
"""Measures, each with numbered provisions of it."""


def not_applied(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> list[Line]:
    """Return the measures that name the article and origin but charge nothing, and why.

    Left out are measures of which nothing was announced by the day of entry, and provisions that
    only a fact nobody stated would bring in.
    """
    decided = {rule.measure.measure for rule in _rules(ledger)}
    found: list[Line] = []
    for measure, bearing in _naming_of(book, schedule, rows):
        if measure.measure in decided:
            found += _exempted(book, schedule, measure, rows, ledger)
        else:
            found += _dormant(schedule, measure, bearing, rows, ledger, known_on)
    return [*found, *_layer_not_held(schedule, ledger)]


def _layer_not_held(schedule: Schedule, ledger: Ledger) -> Iterator[Line]:
    """Yield the ordinary duty where the importer's schedule is not held and no layer tells it."""
    if not ordinary_left_out(schedule, ledger):
        return
    column = schedule.book.columns[schedule.importer]
    yield Line(
        heading=None, kind=ORDINARY[0], measure=column.measure, authority=column.authority,
        title=column.title, basis=None, basis_amount=None, rate=None, rate_unit=None, amount=None,
        citation=cite(schedule.book.instruments[column.act]), in_force_from=None,
        in_force_until=None, reason=f"not in the total: {column.note}",
    )  # fmt: skip


def threats(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> list[Line]:
    """Return the duties threatened on the article and origin by the day of entry."""
    code, origin = int(schedule.lines[ledger.line[0]]), schedule.countries[rows.origin[0]]
    on = date.fromordinal(int(rows.day[0]))
    return [
        _threat(book, measure, threat, known_on)
        for measure in _measures(book, schedule, rows)
        for threat in measure.threats
        if _said(book, threat, min(known_on, on))
        and _threatens(book, measure, threat, code, origin, on)
    ]


def _measures(book: Lawbook, schedule: Schedule, rows: Shipments) -> Iterator[Measure]:
    """Yield the importer's measures that name the origin."""
    for measure, _ in _naming_of(book, schedule, rows):
        yield measure


def _naming_of(book: Lawbook, schedule: Schedule, rows: Shipments) -> Naming:
    return _naming(BookKey(book), schedule.importer, schedule.countries[rows.origin[0]])


@lru_cache(maxsize=1024)
def _naming(key: BookKey, importer: str, origin: str) -> Naming:
    """Return an importer's measures that name an origin, with the provisions that ever bore on it.

    Each provision stands beside its place in the measure.
    """
    book, found = key.book, []
    for measure in book.measures.values():
        if measure.importer == importer and _names_origin(book, measure, None, origin):
            bearing = (
                (place, provision)
                for place, provision in enumerate(measure.provisions)
                if _names_origin(book, measure, provision, origin) and _bears(provision)
            )
            found.append((measure, tuple(bearing)))
    return tuple(found)


def _rules(ledger: Ledger) -> Iterator[Rule]:
    for number in ledger.layer:
        rule = ledger.layers[number].rule
        if rule is not None:
            yield rule


def _exempted(
    book: Lawbook,
    schedule: Schedule,
    measure: Measure,
    rows: Shipments,
    ledger: Ledger,
) -> Iterator[Line]:
    """Yield the bearing provision that an exempting one of the same measure stands before."""
    chosen = next(rule for rule in _rules(ledger) if rule.measure.measure == measure.measure)
    if chosen.bears:
        return
    heading = f"{chosen.provision.heading}: " if chosen.provision.heading else ""
    members = next(m for m in schedule.measures if schedule.rules[m[0]].measure is chosen.measure)
    rules = [schedule.rules[number] for number in members]
    after = next(place for place, rule in enumerate(rules) if rule is chosen) + 1
    for rule in rules[after:]:
        if rule.bears and _would_reach(schedule, rule, rows, ledger):
            why = f"exempt: {heading}{chosen.provision.title}"
            yield _line(book, measure, rule.provision, rule.span, why)
            return


def _would_reach(schedule: Schedule, rule: Rule, rows: Shipments, ledger: Ledger) -> bool:
    """Return whether a rule would have decided, had none before it."""
    line, origin = int(ledger.line[0]), int(rows.origin[0])
    if not (rule.products[line] and rule.origins[origin]):
        return False
    rate = schedule.general.rate[ledger.line]
    tests = (schedule.conditions[test] for test in rule.tests)
    return all(evaluate(c, schedule, rows, ledger.claimed, rate)[0] != NO for c in tests)


def _names_origin(
    book: Lawbook, measure: Measure, provision: Provision | None, origin: str
) -> bool:  # fmt: skip
    origins = (provision.origins if provision else None) or measure.origins
    return names(book, origins, origin) and not names(book, measure.except_origins, origin)


def _dormant(
    schedule: Schedule,
    measure: Measure,
    bearing: Sequence[tuple[int, Provision]],
    rows: Shipments,
    ledger: Ledger,
    known_on: date,
) -> Iterator[Line]:
    """Yield, once a measure, the provision that names the article but does not reach it.

    `bearing` holds the provisions that name the origin, each beside its place in the measure.
    """
    book, code = schedule.book, int(schedule.lines[ledger.line[0]])
    on, key = date.fromordinal(int(rows.day[0])), BookKey(schedule.book)
    for place, provision in bearing:
        if not _lists_code(book, provision, code):
            continue
        spans = _spans(key, measure.measure, place, known_on)
        span = value_on(spans, on)
        told = spans if known_on <= on or span else _spans(key, measure.measure, place, on)
        why = _out_of_force(book, told, span, on)
        if why is None and span is not None:
            why = _unmet(schedule, provision, rows, ledger) or _off_list(book, provision, code, on)
        if why is not None:
            yield _line(book, measure, provision, span, why)
            return


@lru_cache(maxsize=4096)
def _spans(key: BookKey, measure: str, place: int, known_on: date) -> tuple[Span, ...]:
    """Return the spans of a measure's provision, as known on a day."""
    provision = key.book.measures[measure].provisions[place]
    return timeline(provision.values, key.book.instruments, known_on)


def _bears(provision: Provision) -> bool:
    """Return whether a provision ever charged anything."""
    return any(v.specific or (v.rate and parse_rate(v.rate) > 0) for v in provision.values)


def _out_of_force(book: Lawbook, told: Sequence[Span], span: Span | None, on: date) -> str | None:
    """Return why a provision is not in force, as announced by the day; None if it is."""
    if span is None:
        later = [s.from_ for s in told if s.from_ > on]
        return f"in force only from {min(later)}" if later else None
    if span.value.ends is not None:
        return f"{span.value.ends} by {cite(book.instruments[span.value.act])}"
    return None


def _unmet(schedule: Schedule, provision: Provision, rows: Shipments, ledger: Ledger) -> str | None:
    """Return which open question or stated fact keeps a provision in force from the article."""
    rate = schedule.general.rate[ledger.line]
    for condition in provision.when:
        answer = evaluate(condition, schedule, rows, ledger.claimed, rate)[0]
        fact = fact_of(condition)
        if answer == UNKNOWN and ledger.outcome[0] == UNDETERMINED:
            return f"open: depends on {fact}"
        if answer == NO and rows.fact(fact)[0] != NOT_STATED:
            return f"condition not met: {fact}"
    return None


def _off_list(book: Lawbook, provision: Provision, code: int, on: date) -> str | None:
    """Return that the article is on the list on other days only; None without lists."""
    if provision.products is None or provision.when:
        return None
    lists = [book.lists[name] for name in provision.products.lists]
    if any(_stands(code_list, code, on) for code_list in lists):
        return None
    before = any(_stood(code_list, code, on) for code_list in lists)
    return "the article is no longer on the list on this day" if before else None


def _lists_code(book: Lawbook, provision: Provision, code: int) -> bool:
    """Return whether a provision's lists ever named the code or anything above it."""
    if provision.products is None:
        return True
    return _on_lists(book, provision.products.lists, code)


def _on_lists(book: Lawbook, lists: Iterable[str], code: int) -> bool:
    """Return whether some list ever named the code or anything above it."""
    return not _naming_code(BookKey(book), code).isdisjoint(lists)


@lru_cache(maxsize=4096)
def _naming_code(key: BookKey, code: int) -> frozenset[str]:
    """Return the lists that ever named a code or anything above it, of two to ten digits."""
    text, entries = f"{code:010d}", _entries(key)
    above = [text[:length] for length in range(2, len(text) + 1)]
    return frozenset().union(*(entries[entry] for entry in above if entry in entries))


@lru_cache(maxsize=4)
def _entries(key: BookKey) -> dict[str, set[str]]:
    """Return the names of the lists by each code that they hold."""
    found: dict[str, set[str]] = {}
    for name, code_list in key.book.lists.items():
        for code in code_list.code:
            found.setdefault(code, set()).add(name)
    return found


def _stands(code_list: CodeList, code: int, on: date) -> bool:
    number = on.toordinal()
    return any(
        code_list.from_[row] <= number < code_list.until[row] and under([entry], code)
        for row, entry in enumerate(code_list.code)
    )


def _stood(code_list: CodeList, code: int, on: date) -> bool:
    """Return whether a list named the code before a day."""
    return any(
        code_list.until[row] <= on.toordinal() and under([entry], code)
        for row, entry in enumerate(code_list.code)
    )


def _said(book: Lawbook, threat: Threat, known_on: date) -> bool:
    return book.instruments[threat.act].announced <= known_on


def _threatens(
    book: Lawbook, measure: Measure, threat: Threat, code: int, origin: str, on: date
) -> bool:
    """Return whether a threat names the code and origin: by its own lists, or its measure's."""
    if threat.origins is not None and not names(book, threat.origins, origin):
        return False
    if threat.products:
        return _on_lists(book, threat.products.lists, code)
    if not any(_bears(provision) for provision in measure.provisions):
        return True
    return _charges(book, measure, code, origin, on)


def _charges(book: Lawbook, measure: Measure, code: int, origin: str, on: date) -> bool:
    """Return whether a provision that ever charged names the code, no exempting list before it."""
    for provision in measure.provisions:
        if _bears(provision):
            but = provision.products.except_lists if provision.products else []
            if _lists_code(book, provision, code) and not _on_lists(book, but, code):
                return True
        elif provision.products and not provision.when:
            mine = names(book, provision.origins or measure.origins, origin)
            lists = (book.lists[name] for name in provision.products.lists)
            if mine and any(_stands(code_list, code, on) for code_list in lists):
                return False
    return False


def _threat(book: Lawbook, measure: Measure, threat: Threat, known_on: date) -> Line:
    act = book.instruments[threat.act]
    known = outcome_known(book, threat, known_on)
    outcome = threat.outcome or "never in force" if known else "not yet decided"
    return Line(
        heading=None, kind="threat", measure=measure.measure, authority=measure.authority,
        title=threat.title, basis=None, basis_amount=None,
        rate=_fraction(threat.rate), rate_unit="1" if threat.rate else None,
        amount=None, citation=cite(act),
        in_force_from=threat.announced_for.isoformat() if threat.announced_for else None,
        in_force_until=None, reason=f"threatened on {act.announced}: {outcome}",
    )  # fmt: skip


def _line(
    book: Lawbook, measure: Measure, provision: Provision, span: Span | None, why: str
) -> Line:
    act = book.instruments[span.value.act if span else provision.values[0].act]
    return Line(
        heading=provision.heading, kind=measure.kind, measure=measure.measure,
        authority=measure.authority, title=provision.title,
        basis=None, basis_amount=None,
        rate=_fraction(span.value.rate if span else None),
        rate_unit="1" if span and span.value.rate else None, amount=None, citation=cite(act),
        in_force_from=day(span.from_) if span else None,
        in_force_until=day(span.until) if span else None, reason=why,
    )  # fmt: skip


def _fraction(rate: str | None) -> str | None:
    """Return a printed percentage as a fraction, like the rates of the ledger."""
    return None if rate is None else format(parse_rate(rate), "f")
