"""What stands behind an answer: coverage, assumptions, warnings, and what was not applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from advalorem.duty.charge import ORDINARY
from advalorem.duty.completions import Bounds
from advalorem.duty.conditions import HEADING_FACT, NO, evaluate
from advalorem.duty.encode import decode_fact
from advalorem.duty.ledger import UNDETERMINED, Ledger
from advalorem.duty.reply import Line
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.duty.words import after_newest_act, cite
from advalorem.law.errors import CoverageError
from advalorem.law.history import held_void
from advalorem.law.model import Lawbook, Measure
from advalorem.law.shelves import Notice, Order
from advalorem.schedule.codes import dotted
from advalorem.schedule.model import Rule, Schedule
from advalorem.schedule.nomenclature import load_nomenclature
from advalorem.schedule.scope import code_range

_TAKEN = {"no": "not taken to be so", "yes": "taken to be so"}


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
        coded = ", ".join(sorted({row.importer for row in book.coverage}))
        raise CoverageError(f"importer: no law of {importer!r} is coded; coded are {coded}")
    for notice in book.notices:
        if notice.kind == "inside" and notice.importer == importer and origin in notice.origins:
            raise CoverageError(
                f"origin: {origin!r}: {notice.title} ({notice.cite}); {notice.note}"
            )
    fitting = [row for row in mine if names(book, row.origins, origin)]
    if not fitting:
        coded = ", ".join(sorted({name for row in mine for name in row.origins}))
        raise CoverageError(f"origin: {origin!r} is not coded for {importer}; coded are {coded}")
    row = max(fitting, key=lambda row: origin in row.origins)
    if known_on < row.from_:
        raise CoverageError(f"known_on: {known_on} lies before {row.from_}, the first day coded")
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


def names(book: Lawbook, origins: Sequence[str], origin: str) -> bool:
    """Return whether a list of countries and groups names an origin."""
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
        *_readings(schedule, rows, ledger),
        *_settled(schedule, rows, bounds),
        *_unit(schedule, rows, ledger),
        *_mode(schedule, rows),
        *_left_out_by_mode(schedule, rows, ledger),
        *_affirmed(schedule, rows),
    ]


def _unstated(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    """Yield the facts whose silence decided a condition, up to the rule that decided."""
    seen: set[str] = set()
    for rule in _looked_at(schedule, rows, ledger):
        for fact, taken in _silences(schedule, rule, rows):
            if fact not in seen:
                seen.add(fact)
                yield f"{fact} is not stated: {taken}: {rule.provision.title}"


def _looked_at(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[Rule]:
    """Yield the rules that name the article and origin, up to the deciding one of each measure."""
    line, origin = int(ledger.line[0]), int(rows.origin[0])
    chosen = {id(ledger.layers[number].rule) for number in ledger.layer}
    for members in schedule.measures:
        for number in members:
            rule = schedule.rules[number]
            if not (rule.products[line] and rule.origins[origin]):
                continue
            if not _fails_otherwise(schedule, rule, rows, ledger):
                yield rule
            if id(rule) in chosen:
                break


def _fails_otherwise(schedule: Schedule, rule: Rule, rows: Shipments, ledger: Ledger) -> bool:
    """Return whether a rule fails by a test that no unstated fact decides."""
    rate = schedule.general.rate[ledger.line]
    for test in rule.tests:
        condition = schedule.conditions[test]
        silent = condition.fact is not None and not _states(rows, condition.fact)
        if not silent and evaluate(condition, schedule, rows, ledger.claimed, rate)[0] == NO:
            return True
    return False


def _silences(schedule: Schedule, rule: Rule, rows: Shipments) -> Iterator[tuple[str, str]]:
    """Yield the facts a rule reads that are not stated, and what they are taken as.

    A heading that is claimed affirms its own conditions.
    """
    if rule.code is not None and rows.fact(HEADING_FACT)[0] == rule.code:
        return
    for test in rule.tests:
        condition = schedule.conditions[test]
        read = condition.fact is not None and condition.given is None
        if read and condition.unstated != "ask" and not _states(rows, condition.fact):
            yield condition.fact or "", _TAKEN[condition.unstated]
    share = rule.provision.base.less_share
    if share and not _states(rows, share):
        yield share, f"taken as {rule.provision.base.unstated_share or 0}"


def _states(rows: Shipments, fact: str | None) -> bool:
    return bool(rows.fact(fact or "")[0] != NOT_STATED)


def _readings(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    """Yield the readings of unclear law that the rules looked at, and who yields, rest on."""
    looked_at = _looked_at(schedule, rows, ledger)
    found = {rule.provision.reading for rule in looked_at if rule.provision.reading}
    found |= {
        schedule.yields[number].relation.reading for number in ledger.by.tolist() if number >= 0
    }
    for name in sorted(found & set(schedule.book.readings)):
        reading = schedule.book.readings[name]
        yield f"reading {name} ({reading.default}): {reading.options[reading.default]}"


def _settled(schedule: Schedule, rows: Shipments, bounds: Bounds | None) -> Iterator[str]:
    if bounds is None or not bounds.settled[0]:
        return
    for fact in sorted(bounds.facts[0]):
        word = schedule.book.facts[fact]
        number, shown = int(rows.fact(fact)[0]), ""
        if number != NOT_STATED:
            shown = f"; layers are shown for {decode_fact(word, number, schedule.countries)}"
        yield f"{fact} is not stated: every answer gives this duty{shown}"


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


def _left_out_by_mode(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    """Yield the provisions that would reach the article if their mode were stated."""
    rate = schedule.general.rate[ledger.line]
    for rule in _named_by_mode(schedule, rows, ledger) if rows.mode[0] < 0 else ():
        tests = [schedule.conditions[test] for test in rule.tests]
        modes = ", ".join(mode for test in tests for mode in test.mode or [])
        others = [test for test in tests if not test.mode]
        if all(evaluate(c, schedule, rows, ledger.claimed, rate)[0] != NO for c in others):
            yield f"mode is not stated: {rule.provision.title} (only by {modes}) left out"


def _named_by_mode(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[Rule]:
    """Yield the rules that ask for a mode and stand before the deciding one of their measure."""
    line, origin = int(ledger.line[0]), int(rows.origin[0])
    chosen = {id(ledger.layers[number].rule) for number in ledger.layer.tolist()}
    for members in schedule.measures:
        for rule in (schedule.rules[number] for number in members):
            if id(rule) in chosen:
                break
            by_mode = any(schedule.conditions[test].mode for test in rule.tests)
            if by_mode and rule.products[line] and rule.origins[origin]:
                yield rule


def _affirmed(schedule: Schedule, rows: Shipments) -> Iterator[str]:
    """Yield the facts that the claim affirms, as they stand."""
    name = schedule.claims[rows.claim[0]].claim if rows.claim[0] >= 0 else None
    for fact, word in schedule.book.claims[name].affirms.items() if name else ():
        if decode_fact(schedule.book.facts[fact], int(rows.fact(fact)[0]), []) == word:
            yield f"{fact} is {word}: affirmed by the claim {name} where nothing else is stated"


def warnings(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> list[str]:
    """Return what a careful reader must know beside the figure."""
    found = [*_left_out(schedule, ledger), *_notices(book, schedule, rows, ledger, known_on)]
    found += [*_orders(book, schedule, rows, ledger), *_void(book, schedule, ledger, known_on)]
    found += _unread_heading(schedule, rows, ledger)
    if rows.claim[0] >= 0 and ledger.claimed[0] < 0:
        claim = schedule.claims[rows.claim[0]]
        lists = "the line lists no such preference for this origin"
        reason = lists if claim.in_force else "it is not in force on that day"
        found.append(f"{claim.claim} is claimed but {reason}")
    found += after_newest_act(book, date.fromordinal(int(rows.day[0])), known_on)
    if not schedule.held and not ordinary_left_out(schedule, ledger):
        found.append(book.columns[schedule.importer].note)
    if ledger.outcome[0] == UNDETERMINED:
        found.append("layers are shown as far as stated facts decide them; the rest is open")
    found_line = schedule.lines[ledger.line[0]]
    if schedule.late and not rows.eight[0] and found_line != rows.code[0]:
        found.append(
            "the ten-digit number is newer than the edition of the schedule held, or unknown: "
            "rated by its eight-digit line"
        )
    if not schedule.held and ledger.line[0] == len(schedule.lines) - 1:
        found.append("the tariff item is on no list held; that it exists was not checked")
    elif (
        not schedule.held
        and not rows.eight[0]
        and (found_line != rows.code[0] or found_line in schedule.rest)
    ):
        found.append("no list names the ten-digit number: rated by its eight-digit item")
    return found


def open_ban(bounds: Bounds | None) -> Iterator[str]:
    """Yield a warning where the answers to the questions decide whether entry is allowed."""
    if bounds is not None and bounds.banned[0]:
        yield "some answers to the questions prohibit the import: settle them before the duty"


def _unread_heading(schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    """Yield a warning where a claimed heading decides nothing."""
    stated = int(rows.fact(HEADING_FACT)[0])
    if stated == NOT_STATED or not schedule.held:
        return
    rules = [ledger.layers[number].rule for number in ledger.layer.tolist()]
    read = {number for bases in schedule.column_bases for number in bases[0]}
    headings = {rule.provision.heading for rule in rules if rule}
    for rule in filter(None, rules):
        read |= {*rule.tests, *(test for bases in rule.bases for test in bases[0])}
    headings |= {schedule.conditions[number].heading_claimed for number in read}
    if not under([name.replace(".", "") for name in headings if name], stated):
        yield (
            f"provision {dotted(stated, 8)} is claimed, but nothing in force reads it for this "
            "article, origin and day: it changes nothing"
        )


def ordinary_left_out(schedule: Schedule, ledger: Ledger) -> bool:
    """Return whether the importer's schedule is not held and no layer tells the ordinary duty."""
    told = {ledger.layers[number].kind for number in ledger.layer.tolist()}
    return not schedule.held and not told & {*ORDINARY}


def _left_out(schedule: Schedule, ledger: Ledger) -> Iterator[str]:
    """Yield, before all else, that the total lacks the ordinary duty."""
    if ordinary_left_out(schedule, ledger):
        column = schedule.book.columns[schedule.importer]
        yield f"the total leaves out {column.title}: {column.note}"


def _notices(
    book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger, known_on: date
) -> Iterator[str]:
    """Yield the law that is not computed but concerns the article, origin and day."""
    code, origin = int(schedule.lines[ledger.line[0]]), schedule.countries[rows.origin[0]]
    on, charged = date.fromordinal(int(rows.day[0])), {m.measure for m in _charged(ledger)}
    for notice in book.notices:
        stands = notice.from_ <= on and (notice.until is None or on < notice.until)
        named = notice.importer == schedule.importer and names(book, notice.origins, origin)
        if not (stands and named and notice.said <= known_on):
            continue
        reached = not notice.codes or under(notice.codes, code)
        if reached and (notice.measure is None or notice.measure in charged):
            yield notice_words(notice)


def notice_words(notice: Notice) -> str:
    """Return what a notice says."""
    return f"{notice.title} ({notice.cite}): {notice.note}"


def order_words(order: Order) -> str:
    """Return what is said of goods that an order on dumping or subsidies may cover."""
    place = f" ({order.cite})" if order.cite else ""
    return (
        f"{order.kind} order {order.case_no} on {order.product}{place} may cover "
        "this article: its duty is not computed; the written scope decides"
    )


def _orders(book: Lawbook, schedule: Schedule, rows: Shipments, ledger: Ledger) -> Iterator[str]:
    code, origin = int(schedule.lines[ledger.line[0]]), schedule.countries[rows.origin[0]]
    on = date.fromordinal(int(rows.day[0]))
    for order in book.orders:
        if (order.importer, order.origin) != (schedule.importer, origin):
            continue
        begun = order.from_ is None or order.from_ <= on
        if begun and (order.until is None or on < order.until) and under(order.codes, code):
            yield order_words(order)


def under(codes: Sequence[str], full: int) -> bool:
    """Return whether a full code lies under any of the codes."""
    return any(low <= full < high for low, high in map(code_range, codes))


def _void(book: Lawbook, schedule: Schedule, ledger: Ledger, known_on: date) -> Iterator[str]:
    """Yield a warning for each charged measure that was later held void, as known."""
    for measure in _charged(ledger):
        value = held_void(book, measure, known_on)
        if value is not None:
            act = book.instruments[value.act]
            yield f"{measure.title}: held void ({cite(act)}); {value.note or 'refundable'}"


def _charged(ledger: Ledger) -> list[Measure]:
    """Return the measures that charge an amount, each once."""
    seen = {
        rule.measure.measure: rule.measure
        for number in range(len(ledger.row))
        if (rule := ledger.layers[ledger.layer[number]].rule) and ledger.amount[number] > 0
    }
    return list(seen.values())


def with_status(book: Lawbook, lines: Sequence[Line], known_on: date) -> list[Line]:
    """Return layers with their status: in force, or void from a day, as known."""
    found = []
    for line in lines:
        measure = book.measures.get(line.measure)
        value = held_void(book, measure, known_on) if measure else None
        void: dict[str, str | None] = {"status": "in force"}
        if value is not None:
            void = {"status": "void", "void_from": value.from_.isoformat()}
        found.append(msgspec.structs.replace(line, **void))
    return found
