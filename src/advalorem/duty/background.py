"""What stands behind an answer: coverage, assumptions, warnings, and what was not applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from advalorem.duty.completions import Bounds
from advalorem.duty.conditions import NO, evaluate
from advalorem.duty.encode import decode_fact
from advalorem.duty.ledger import Ledger
from advalorem.duty.reply import Line
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.duty.words import base_words, cite, day
from advalorem.law.errors import CoverageError
from advalorem.law.model import CodeList, Lawbook, Measure, Provision, Threat
from advalorem.law.rates import parse_rate
from advalorem.law.timeline import Span, timeline, value_on
from advalorem.schedule.model import Rule, Schedule
from advalorem.schedule.nomenclature import load_nomenclature
from advalorem.schedule.scope import code_range


def coverage(book: Lawbook, importer: str, rows: Shipments, known_on: date) -> dict[str, Any]:
    """Return what is coded for a shipment's importer, origin and day.

    Raises
    ------
    CoverageError
        The importer, the origin or the day lies outside what is coded.
    """
    origin = book.countries[int(rows.origin[0])].iso2
    on = date.fromordinal(int(rows.day[0]))
    mine = [row for row in book.coverage if row.importer == importer]
    if not mine:
        raise CoverageError(f"importer: no law of {importer!r} is coded")
    fitting = [row for row in mine if _names(book, row.origins, origin)]
    if not fitting:
        coded = ", ".join(sorted({name for row in mine for name in row.origins}))
        raise CoverageError(f"origin: {origin!r} is not coded for {importer}; coded are {coded}")
    row = max(fitting, key=lambda row: origin in row.origins)
    if on < row.from_:
        raise CoverageError(f"as_of: {on} lies before {row.from_}, the first day coded")
    return {
        "importer": importer,
        "origin": origin,
        "scope": row.scope,
        "from": row.from_.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        "gaps": list(row.gaps),
    }


def _names(book: Lawbook, origins: Sequence[str], origin: str) -> bool:
    return any(name in ("all", origin) or origin in book.groups.get(name, []) for name in origins)


def description(importer: str, code: int, on: date) -> str:
    """Return the words of a tariff line, empty where no nomenclature text is held."""
    try:
        return load_nomenclature(importer).description(code, on)
    except FileNotFoundError:
        return ""


def assumptions(
    schedule: Schedule, rows: Shipments, ledger: Ledger, bounds: Bounds | None
) -> list[str]:
    """Return what was taken as so because nobody stated it."""
    return [
        *_unstated(schedule, rows, ledger),
        *_settled(schedule, rows, bounds),
        *_unit(schedule, rows, ledger),
        *_mode(schedule, rows),
    ]


def _unstated(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    """Yield the facts whose silence decided a condition, up to the rule that decided."""
    seen: set[str] = set()
    for rule in _looked_at(schedule, rows, ledger):
        for fact, taken in _silences(schedule, rule, rows):
            if fact not in seen:
                seen.add(fact)
                yield f"{fact} is not stated: taken as {taken} ({rule.provision.title})"


def _looked_at(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[Rule]:
    """Yield the rules that name the article and origin, up to the deciding one of each measure."""
    line, origin = int(ledger.line[0]), int(rows.origin[0])
    chosen = {id(ledger.layers[number].rule) for number in ledger.layer}
    for members in schedule.measures:
        for number in members:
            rule = schedule.rules[number]
            if rule.products[line] and rule.origins[origin]:
                yield rule
                if id(rule) in chosen:
                    break


def _silences(schedule: Schedule, rule: Rule, rows: Shipments) -> Iterator[tuple[str, str]]:
    """Yield the facts a rule reads that are not stated, and what they are taken as."""
    for test in rule.tests:
        condition = schedule.conditions[test]
        read = condition.fact is not None and condition.given is None
        if read and condition.unstated != "ask" and not _states(rows, condition.fact):
            yield condition.fact or "", condition.unstated
    share = rule.provision.base.less_share
    if share and not _states(rows, share):
        yield share, str(rule.provision.base.unstated_share or 0)


def _states(rows: Shipments, fact: str | None) -> bool:
    return bool(rows.fact(fact or "")[0] != NOT_STATED)


def _settled(schedule: Schedule, rows: Shipments, bounds: Bounds | None) -> Iterator[str]:
    if bounds is None or bounds.low[0] != bounds.high[0] or bounds.open_[0]:
        return
    for fact in sorted(bounds.facts[0]):
        word = schedule.book.facts[fact]
        value = decode_fact(word, int(rows.fact(fact)[0]), schedule.countries)
        yield f"{fact} is not stated: every answer gives this duty; layers are shown for {value}"


def _unit(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    if rows.quantity[0] != NOT_STATED and rows.unit[0] == 0:
        unit = schedule.general.units[schedule.general.unit[ledger.line[0]]]
        if unit:
            yield f"the quantity has no unit: taken in {unit}, the unit of the rate"


def _mode(schedule: Schedule, rows: Shipments) -> Iterator[str]:
    bound = [fee for fee in schedule.book.fees if fee.importer == schedule.importer and fee.modes]
    if rows.mode[0] < 0:
        for fee in bound:
            yield f"mode is not stated: {fee.title} (only by {', '.join(fee.modes or [])}) left out"


def warnings(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> list[str]:
    """Return what a careful reader must know beside the figure."""
    found = [*_orders(book, schedule, rows, ledger), *_void(book, schedule, ledger, known_on)]
    if rows.claim[0] >= 0 and ledger.claimed[0] < 0:
        claim = schedule.claims[rows.claim[0]].claim
        found.append(f"{claim} is claimed but the line lists no such preference for this origin")
    if date.fromordinal(int(rows.day[0])) > book.newest_act:
        found.append(f"after {book.newest_act}, the newest act coded: the law as scheduled then")
    if not schedule.held:
        found.append(book.columns[schedule.importer].note)
    found_line = schedule.lines[ledger.line[0]]
    if schedule.late and not rows.eight[0] and found_line != rows.code[0]:
        found.append(
            "the ten-digit number is newer than the edition of the schedule held, or unknown: "
            "rated by its eight-digit line"
        )
    if not schedule.held and ledger.line[0] == len(schedule.lines) - 1:
        found.append("the tariff item is on no list held; that it exists was not checked")
    return found


def _orders(book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    code, origin = int(schedule.lines[ledger.line[0]]), schedule.countries[rows.origin[0]]
    on = date.fromordinal(int(rows.day[0]))
    for order in book.orders:
        if (order.importer, order.origin) != (schedule.importer, origin):
            continue
        begun = order.from_ is None or order.from_ <= on
        if begun and (order.until is None or on < order.until) and _under(order.codes, code):
            yield (
                f"{order.kind} order {order.case_no} on {order.product} ({order.cite}) may cover "
                "this article: its duty is not computed; the written scope decides"
            )


def _under(codes: Sequence[str], full: int) -> bool:
    return any(low <= full < high for low, high in map(code_range, codes))


def _void(book: Lawbook, schedule: Schedule, ledger: Ledger, known_on: date) -> Iterator[str]:
    """Yield a warning for each charged measure that was later held void, as known."""
    seen = {
        rule.measure.measure: rule.measure
        for number in range(len(ledger.row))
        if (rule := ledger.layers[ledger.layer[number]].rule) and ledger.amount[number] > 0
    }
    for measure in seen.values():
        for value in measure.void:
            act = book.instruments[value.act]
            if act.announced <= known_on:
                yield f"{measure.title}: held void ({cite(act)}); {value.note or 'refundable'}"


def not_applied(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> list[Line]:
    """Return the measures that name the article and origin but charge nothing, and why."""
    decided = {
        rule.measure.measure
        for number in range(len(ledger.row))
        if (rule := ledger.layers[ledger.layer[number]].rule)
    }
    found: list[Line] = []
    for measure in book.measures.values():
        if measure.importer != schedule.importer:
            continue
        if not _names_origin(book, schedule, measure, None, rows):
            continue
        if measure.measure in decided:
            found += _exempted(book, schedule, measure, rows, ledger, known_on)
        else:
            found += _dormant(book, schedule, measure, rows, ledger, known_on)
        code, origin = int(schedule.lines[ledger.line[0]]), schedule.countries[rows.origin[0]]
        said_by = min(known_on, date.fromordinal(int(rows.day[0])))
        found += [
            _threat(book, measure, threat)
            for threat in measure.threats
            if _said(book, threat, said_by) and _threatens(book, threat, code, origin)
        ]
    return found


def _names_origin(
    book: Lawbook,
    schedule: Schedule,
    measure: Measure,
    provision: Provision | None,
    rows: Shipments,
) -> bool:
    origin = schedule.countries[rows.origin[0]]
    origins = (provision.origins if provision else None) or measure.origins
    return _names(book, origins, origin) and not _names(book, measure.except_origins, origin)


def _exempted(
    book: Lawbook,
    schedule: Schedule,
    measure: Measure,
    rows: Shipments,
    ledger: Ledger,
    known_on: date,
) -> Iterator[Line]:
    """Yield the bearing provision that an exempting one of the same measure stands before."""
    chosen = next(
        rule
        for number in range(len(ledger.row))
        if (rule := ledger.layers[ledger.layer[number]].rule)
        and rule.measure.measure == measure.measure
    )
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


def _dormant(
    book: Lawbook,
    schedule: Schedule,
    measure: Measure,
    rows: Shipments,
    ledger: Ledger,
    known_on: date,
) -> Iterator[Line]:
    """Yield, once a measure, the provision that names the article but does not reach it."""
    on, code = date.fromordinal(int(rows.day[0])), int(schedule.lines[ledger.line[0]])
    for provision in measure.provisions:
        bears = any(v.specific or (v.rate and parse_rate(v.rate) > 0) for v in provision.values)
        if not (bears and _names_origin(book, schedule, measure, provision, rows)):
            continue
        if not _lists_code(book, provision, code):
            continue
        spans = timeline(provision.values, book.instruments, known_on)
        span = value_on(spans, on)
        yield _line(
            book, measure, provision, span, _why_not(book, provision, spans, span, on, code)
        )
        return


def _lists_code(book: Lawbook, provision: Provision, code: int) -> bool:
    """Return whether a provision's lists ever named the code or anything above it."""
    if provision.products is None:
        return True
    return any(_under(book.lists[name].code, code) for name in provision.products.lists)


def _why_not(
    book: Lawbook,
    provision: Provision,
    spans: Sequence[Span],
    span: Span | None,
    on: date,
    code: int,
) -> str:
    if span is None:
        later = [s.from_ for s in spans if s.from_ > on]
        return f"in force only from {min(later)}" if later else "not in force on this day"
    if span.value.ends is not None:
        return f"{span.value.ends} by {cite(book.instruments[span.value.act])}"
    if provision.products is not None:
        lists = [book.lists[name] for name in provision.products.lists]
        if not any(_stands(code_list, code, on) for code_list in lists):
            return "the article is not on the list on this day"
    unmet = [c.fact or c.claim or "its conditions" for c in provision.when]
    if unmet:
        return f"condition not met: {', '.join(unmet)}"
    return "excluded by the provision's exceptions"


def _stands(code_list: CodeList, code: int, on: date) -> bool:
    number = on.toordinal()
    return any(
        code_list.from_[row] <= number < code_list.until[row] and _under([entry], code)
        for row, entry in enumerate(code_list.code)
    )


def _said(book: Lawbook, threat: Threat, known_on: date) -> bool:
    return book.instruments[threat.act].announced <= known_on


def _threatens(book: Lawbook, threat: Threat, code: int, origin: str) -> bool:
    """Return whether a threat names the origin and the code: its lists do, or it has none."""
    if threat.origins is not None and not _names(book, threat.origins, origin):
        return False
    names = threat.products.lists if threat.products else []
    return not names or any(_under(book.lists[name].code, code) for name in names)


def _threat(book: Lawbook, measure: Measure, threat: Threat) -> Line:
    act = book.instruments[threat.act]
    outcome = threat.outcome or "never in force"
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
        basis=base_words(provision.base), basis_amount=None,
        rate=_fraction(span.value.rate if span else None),
        rate_unit="1" if span and span.value.rate else None, amount=None, citation=cite(act),
        in_force_from=day(span.from_) if span else None,
        in_force_until=day(span.until) if span else None, reason=why,
    )  # fmt: skip


def _fraction(rate: str | None) -> str | None:
    """Return a printed percentage as a fraction, like the rates of the ledger."""
    return None if rate is None else format(parse_rate(rate), "f")
