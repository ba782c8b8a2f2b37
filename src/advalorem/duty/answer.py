"""Rate one shipment and say everything the answer rests on.

`rate` is what the command line, the pages and the web service call; `assess` beneath it is the
same function that rates a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain, compress
from shlex import quote
from typing import Any

import numpy as np

from advalorem.duty.background import open_ban, with_status
from advalorem.duty.completions import Bounds, complete
from advalorem.duty.conditions import HEADING_FACT, YES, evaluate
from advalorem.duty.encode import allowed_words
from advalorem.duty.fees import FeeCase, FeeLine, fees_of
from advalorem.duty.intake import read_shipments
from advalorem.duty.ledger import APPLIED, INVALID, OUTCOMES, UNDETERMINED, Ledger
from advalorem.duty.ordinary import quantity_in_line_unit
from advalorem.duty.problems import (
    InputError,
    code_problem,
    quantity_problem,
    refuse_claimed_chapter,
    refuse_unknown_unit,
)
from advalorem.duty.recall import assess_one, beside, covered
from advalorem.duty.reply import FeeReply, Line, Question, Reply
from advalorem.duty.shipments import MODES, NOT_STATED, Problem, Shipments
from advalorem.duty.words import cite, fraction, ledger_line, money, rest_line
from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.schedule.build import build_schedule
from advalorem.schedule.key import BookKey
from advalorem.schedule.model import Mask, Schedule


def rate(
    *,
    hts: str,
    origin: str,
    as_of: date | str,
    value: Any,
    importer: str | None = None,
    claim: str | None = None,
    mode: str | None = None,
    quantity: Any = None,
    unit: str | None = None,
    facts: Mapping[str, Any] | None = None,
    known_on: date | None = None,
    law: Lawbook | None = None,
) -> Reply:
    """Return the duty on one shipment with its ledger, questions, fees and citations.

    Parameters
    ----------
    hts, origin, as_of, value : code (8 or 10 digits), ISO country, day of entry, customs value
    importer : ISO 2 code of the importing country; the default of the law if None
    claim : preference claimed, such as USMCA
    mode, quantity, unit : transport mode; quantity for specific duties and its unit
    facts : facts by name, from the closed list in `facts.yaml`
    known_on : day up to which acts are known; the newest act coded if None
    law : the law to use; the packaged law if None

    Raises
    ------
    InputError
        A field is missing or wrong; the message names field, value and remedy.

    Examples
    --------
    >>> rate(hts="7208.51.00.30", origin="CA", as_of="2025-09-18", value=10000,
    ...      claim="USMCA").total_duty
    '5000.00'
    """
    book = law or load_lawbook()
    known, importer = known_on or _newest(BookKey(book)), _importer(BookKey(book), importer)
    request = {
        "hts": hts, "origin": origin, "as_of": as_of, "value": value, "claim": claim,
        "mode": mode, "quantity": quantity, "unit": unit, **(facts or {}),
    }  # fmt: skip
    rows = _read(book, importer, request)
    refuse_claimed_chapter(book, importer, rows)
    coded = covered(book, importer, rows, known)
    ledger = assess_one(book, importer, rows, known)
    if ledger.outcome[0] == INVALID:
        message = _invalid(book, importer, rows, ledger, known)
        if ledger.unknown_code[0]:
            raise InputError(message)
        partial = _reply(book, importer, rows, ledger, None, coded, known, request)
        raise InputError(message, partial)
    refuse_unknown_unit(_schedule(book, importer, rows, known), rows)
    bounds = _bounds(book, importer, rows, ledger, known)
    if bounds is not None and bounds.settled[0]:
        settled = assess_one(book, importer, bounds.example, known)
        return _reply(book, importer, bounds.example, settled, bounds, coded, known, request)
    return _reply(book, importer, rows, ledger, bounds, coded, known, request)


@lru_cache(maxsize=8)
def _newest(key: BookKey) -> date:
    """Return the day on which the newest act coded was announced."""
    return key.book.newest_act


@lru_cache(maxsize=256)
def _importer(key: BookKey, given: str | None) -> str:
    """Return the ISO 2 code of the importer given; what no country has is left as it is."""
    book = key.book
    if given is None:
        return book.default_importer
    word = given.strip().upper()
    return next((c.iso2 for c in book.countries if word in (c.iso2, c.iso3)), given)


def _read(book: Lawbook, importer: str, request: Mapping[str, Any]) -> Shipments:
    try:
        intake = read_shipments(book, {name: [value] for name, value in request.items()})
    except ValueError as error:
        raise InputError(str(error)) from None
    if intake.problems:
        raise InputError("\n".join(_worded(importer, request, p) for p in intake.problems))
    return intake.shipments


def _worded(importer: str, request: Mapping[str, Any], problem: Problem) -> str:
    """Return a problem in words, with the nearest codes where it is the code's."""
    if problem.field == "hts" and problem.value:
        try:
            day = date.fromisoformat(str(request["as_of"]))
            return str(code_problem(importer, problem.value, day) or problem)
        except (ValueError, FileNotFoundError):
            return str(problem)
    return str(problem)


def _invalid(book: Lawbook, importer: str, rows: Shipments, ledger: Ledger, known: date) -> str:
    schedule = _schedule(book, importer, rows, known)
    if ledger.unknown_code[0]:
        code = code_text(int(rows.code[0]), bool(rows.eight[0]))
        on = date.fromordinal(int(rows.day[0]))
        return str(code_problem(importer, code, on) or f"hts: {code!r} is not in the schedule")
    return str(quantity_problem(schedule, rows, ledger, 0))


def _schedule(book: Lawbook, importer: str, rows: Shipments, known: date) -> Schedule:
    return build_schedule(book, importer, date.fromordinal(int(rows.day[0])), known)


def _bounds(
    book: Lawbook, importer: str, rows: Shipments, ledger: Ledger, known: date
) -> Bounds | None:
    if ledger.outcome[0] != UNDETERMINED:
        return None
    return complete(book, importer, rows, known)


def _reply(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    ledger: Ledger,
    bounds: Bounds | None,
    coded: dict[str, Any],
    known: date,
    request: Mapping[str, Any],
) -> Reply:
    schedule = _schedule(book, importer, rows, known)
    line = int(ledger.line[0])
    measured = int(quantity_in_line_unit(schedule, rows, ledger.line, np.ones(1, dtype=bool))[0])
    scale = (measured, int(rows.value[0]))
    lines = [ledger_line(ledger, n, rows, line, scale) for n in range(len(ledger.row))]
    charged, banned = ledger.reason == APPLIED, _prohibiting(ledger)
    applied = list(chain.from_iterable(compress(lines, charged & ~banned)))
    applied += yielded_headings(ledger, schedule) + rest_headings(ledger, schedule, rows)
    displaced = list(chain.from_iterable(compress(lines, ~charged)))
    open_ = ledger.outcome[0] in (UNDETERMINED, INVALID)
    fees = _fees(book, importer, rows, ledger, schedule, known)
    said = beside(schedule, rows, ledger, bounds, known)
    total = None if open_ else int(ledger.total[0])
    return Reply(
        outcome=OUTCOMES[ledger.outcome[0]],
        currency=book.columns[importer].currency,
        importer=importer,
        origin=schedule.countries[rows.origin[0]],
        hts=code_text(int(rows.code[0]), bool(rows.eight[0])),
        description=said.description,
        as_of=date.fromordinal(int(rows.day[0])).isoformat(),
        value=money(rows.value[0]),
        layers=with_status(book, applied, known),
        not_applied=[*displaced, *said.not_applied],
        threats=list(said.threats),
        fees=[_fee_reply(book, fee) for fee in fees],
        prohibitions=list(chain.from_iterable(compress(lines, charged & banned))),
        total_duty=None if total is None else money(total),
        duty_range=_range(bounds) if open_ else None,
        total_fees=money(sum(fee.amount for fee in fees)),
        effective_rate=_effective(total, int(rows.value[0])),
        questions=_questions(book, bounds, ledger),
        assumptions=list(said.assumptions),
        warnings=[*said.warnings, *open_ban(bounds)],
        coverage=coded,
        known_on=known.isoformat(),
        ruleset_version=book.version,
        data_as_of=_newest(BookKey(book)).isoformat(),
        reproduce=command(importer, request, known),
    )


def _prohibiting(ledger: Ledger) -> Mask:
    """Return which ledger lines are import prohibitions."""
    rules = [ledger.layers[number].rule for number in ledger.layer]
    return np.array([bool(rule and rule.provision.prohibits) for rule in rules], dtype=bool)


def yielded_headings(ledger: Ledger, schedule: Schedule) -> list[Line]:
    """Return the headings reported at no duty where a measure yields to another."""
    found: dict[str, Line] = {}
    for number in np.flatnonzero(ledger.by >= 0):
        relation = schedule.yields[ledger.by[number]]
        heading, rule = relation.relation.heading, ledger.layers[ledger.layer[number]].rule
        if heading is None or rule is None:
            continue
        act = schedule.book.instruments[relation.span.value.act]
        found[heading] = Line(
            heading=heading, kind=rule.kind, measure=rule.measure.measure,
            authority=rule.measure.authority, title=relation.relation.title,
            basis=None, basis_amount=None, rate=fraction(0), rate_unit="1", amount=money(0),
            citation=cite(act), in_force_from=relation.span.from_.isoformat(),
            in_force_until=None, reason=f"no additional duty: {relation.relation.title}",
        )  # fmt: skip
    return list(found.values())


def rest_headings(ledger: Ledger, schedule: Schedule, rows: Shipments) -> list[Line]:
    """Return the headings reported at no duty on the part that a base takes off the value."""
    claimed, column1 = ledger.claimed, np.zeros(1, dtype=np.int64)
    found = []
    for number in range(len(ledger.row)):
        rule = ledger.layers[ledger.layer[number]].rule
        if rule is None or ledger.reason[number] != APPLIED or not rule.bears:
            continue
        heading = rule.provision.base.rest_heading
        for tests, _, changed in rule.bases:
            conditions = [schedule.conditions[test] for test in tests]
            if all(evaluate(c, schedule, rows, claimed, column1)[0] == YES for c in conditions):
                heading = changed
                break
        rest = int(rows.value[0] - ledger.base[number])
        if heading is not None and rest > 0:
            found.append(rest_line(schedule.book, rule, heading, rest))
    return found


def _fees(
    book: Lawbook,
    importer: str,
    rows: Shipments,
    ledger: Ledger,
    schedule: Schedule,
    known: date,
) -> tuple[FeeLine, ...]:
    claimed, entry = int(ledger.claimed[0]), int(rows.fact("entry_type")[0])
    heading = int(rows.fact(HEADING_FACT)[0])
    case = FeeCase(
        importer=importer,
        on=date.fromordinal(int(rows.day[0])),
        value=int(rows.value[0]),
        mode=MODES[rows.mode[0]] if rows.mode[0] >= 0 else None,
        claim=schedule.claims[claimed].claim if claimed >= 0 else None,
        provision=None if heading == NOT_STATED else f"{heading:010d}",
        measures=frozenset(_deciding(ledger)),
        entry_type=None if entry == NOT_STATED else book.facts["entry_type"].allowed[entry],
    )
    return fees_of(book, case, known)


def _deciding(ledger: Ledger) -> Iterator[str]:
    """Yield the names of the measures of which some provision decided."""
    for number in ledger.layer:
        rule = ledger.layers[number].rule
        if rule is not None:
            yield rule.measure.measure


def _fee_reply(book: Lawbook, line: FeeLine) -> FeeReply:
    fee, act = line.fee, book.instruments[line.value.act]
    return FeeReply(fee.id, fee.authority, fee.title, money(line.amount), cite(act), line.note)


def _range(bounds: Bounds | None) -> list[str | None] | None:
    if bounds is None:
        return None
    return [money(bounds.low[0]), None if bounds.open_[0] else money(bounds.high[0])]


def _effective(total: int | None, value: int) -> str | None:
    if total is None or value == 0:
        return None
    return format((Decimal(total) / value).quantize(Decimal("0.000001")).normalize(), "f")


def _questions(book: Lawbook, bounds: Bounds | None, ledger: Ledger) -> list[Question]:
    names = bounds.facts[0] if bounds is not None else frozenset()
    found = [
        Question(fact, book.facts[fact].question, allowed_words(book.facts[fact]))
        for fact in book.facts
        if fact in names
    ]
    if ledger.split[0]:
        found.append(Question("hts", "Which ten-digit line does the article fall in?", []))
    return found


def code_text(code: int, eight: bool) -> str:
    """Return a full code as printed, to eight digits where only these were given.

    >>> code_text(7208510030, False), code_text(101210010, True)
    ('7208.51.00.30', '0101.21.00')
    """
    digits = f"{code:010d}"
    parts = [digits[:4], digits[4:6], digits[6:8], digits[8:]]
    return ".".join(parts[:3] if eight else parts)


def command(importer: str, request: Mapping[str, Any], known: date) -> str:
    """Return the command that gives this answer again.

    >>> command("US", {"hts": "7208.51.00", "value": 1}, date(2025, 9, 18))
    'advalorem duty --hts 7208.51.00 --value 1 --importer US --known-on 2025-09-18'
    """
    flags = {"hts", "origin", "as_of", "value", "claim", "mode", "quantity", "unit"}
    words = ["advalorem duty"]
    for name, value in request.items():
        if value is None:
            continue
        option = (
            f"--{name.replace('_', '-')} {quote(str(value))}"
            if name in flags
            else f"--fact {quote(f'{name}={value}')}"
        )
        words.append(option)
    return " ".join([*words, f"--importer {importer}", f"--known-on {known}"])
