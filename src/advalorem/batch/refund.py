"""Which rows paid duty that can be had back, how much, how, until when, and what is missing.

Amounts are computed from the law: what the measures of a route charge the row, or the difference
between two readings of the law. Where the file states the duty paid on a heading of a void
measure, that amount is taken instead.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from advalorem.batch.cells import fold, read_day
from advalorem.batch.entries import EntryError, read_entry
from advalorem.batch.rater import Rater
from advalorem.duty.encode import FactError
from advalorem.duty.ledger import ASSESSED, INVALID, UNDETERMINED
from advalorem.duty.shipments import Int, Shipments
from advalorem.law.model import Deadline, Lawbook, Route, Value

OPEN, CLOSED, BARRED, ASK, EARLY = "open", "closed", "barred", "ask", "not_yet_open"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one row's entry, as text; empty where it says nothing."""

    number: str = ""
    line: str = ""
    liquidation: str = ""
    entry_type_code: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One row's refund under one route; `low` and `high` in cents are equal where it is settled.

    `deadlines` are (title, last day or None where the event is not known). `missing` names the
    questions to answer.
    """

    row: int
    route: str
    low: int
    high: int | None
    status: str
    why: str
    deadlines: tuple[tuple[str, date | None], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a screening needs: the law, the rows and their entries, and the day of filing."""

    rater: Rater
    rows: Shipments
    entries: list[Entry]
    on: date
    paid: Mapping[int, int] = field(default_factory=dict)


def screen(asked: Screen) -> list[Claim]:
    """Return the claims of all routes of the importer, row by row within each route."""
    book, importer = asked.rater.book, asked.rater.importer
    claims: list[Claim] = []
    for route in book.routes:
        if route.importer == importer and book.instruments[route.act].announced <= asked.on:
            claims.extend(_claims(asked, route))
    return claims


def _claims(asked: Screen, route: Route) -> Iterator[Claim]:
    """Yield the claims of one route."""
    low, high, unsure = AMOUNTS[route.basis](asked, route)
    for row in np.flatnonzero((high > 0) | unsure).tolist():
        yield _claim(asked, route, row, int(low[row]), None if unsure[row] else int(high[row]))


def void_measures(book: Lawbook, importer: str, on: date) -> set[str]:
    """Return the importer's measures that are void, as known on a day."""
    return {
        name
        for name, measure in book.measures.items()
        if measure.importer == importer and any(_known(book, value, on) for value in measure.void)
    }


def _known(book: Lawbook, value: Value, on: date) -> bool:
    return book.instruments[value.act].announced <= on


def void_headings(book: Lawbook, importer: str, on: date) -> dict[str, str]:
    """Return the measure of each heading of the importer's void measures, without dots."""
    return {
        provision.heading.replace(".", ""): name
        for name in sorted(void_measures(book, importer, on))
        for provision in book.measures[name].provisions
        if provision.heading
    }


def _void(asked: Screen, route: Route) -> tuple[Int, Int, Int]:
    """Return what void measures charged: as the file states it, else as the law has it."""
    book, importer = asked.rater.book, asked.rater.importer
    names = void_measures(book, importer, asked.on)
    due = asked.rater.due_under(asked.rows, names)
    for row, paid in asked.paid.items():
        due[row] = paid
    stated = np.array(sorted(asked.paid), dtype=np.int64)
    unsure = (asked.rater.rate(asked.rows).outcome == UNDETERMINED) & _ever(asked, names)
    unsure[stated] = False
    return due, due, unsure


def _ever(asked: Screen, names: set[str]) -> Int:
    """Return which rows some rule of the measures reaches on their day, whatever its conditions."""
    from advalorem.schedule.build import epoch_schedule

    rater, rows = asked.rater, asked.rows
    reached = np.zeros(len(rows), dtype=bool)
    numbers = np.searchsorted(rater.days, rows.day, side="right") - 1
    for number in np.unique(numbers[numbers >= 0]).tolist():
        schedule = epoch_schedule(rater.book, rater.importer, number, rater.known_on)
        here = np.flatnonzero(numbers == number)
        line = np.minimum(np.searchsorted(schedule.lines, rows.code[here]), len(schedule.lines) - 1)
        for rule in schedule.rules:
            if rule.measure.measure in names and rule.bears:
                reached[here] |= rule.products[line] & rule.origins[rows.origin[here]]
    return reached


def _preference(asked: Screen, route: Route) -> tuple[Int, Int, Int]:
    """Return what a claim not made would have saved."""
    names = list(asked.rater.book.claims)
    best = np.zeros(len(asked.rows), dtype=np.int64)
    unsure = np.zeros(len(asked.rows), dtype=bool)
    without = asked.rater.rate(asked.rows)
    for claim in route.claims:
        claimed = replace(asked.rows, claim=np.full(len(asked.rows), names.index(claim)))
        given = asked.rater.rate(claimed)
        possible = (asked.rows.claim < 0) & (given.claimed == names.index(claim))
        settled = possible & (without.outcome == ASSESSED) & (given.outcome == ASSESSED)
        best = np.maximum(best, np.where(settled, without.low - given.low, 0))
        open_ = possible & ~settled & (without.outcome != INVALID) & (without.high > given.low)
        unsure |= open_
    return best, best, unsure


def _retroactive(asked: Screen, route: Route) -> tuple[Int, Int, Int]:
    """Return the duty as known on the day of entry less the duty as known now."""
    now = asked.rater.rate(asked.rows)
    saved = np.zeros(len(asked.rows), dtype=np.int64)
    unsure = np.zeros(len(asked.rows), dtype=bool)
    for known, here in _as_known(asked):
        then = _as_of(asked.rater, known).rate(asked.rows.take(here))
        both = (then.outcome == ASSESSED) & (now.outcome[here] == ASSESSED)
        saved[here] = np.where(both, np.maximum(then.low - now.low[here], 0), 0)
        doubt = (then.outcome == UNDETERMINED) & (now.outcome[here] == UNDETERMINED)
        unsure[here] = doubt & (then.high > now.high[here])
    return saved, saved, unsure


def _as_of(rater: Rater, known: date) -> Rater:
    return Rater(rater.book, rater.importer, known, rater.codes)


def _as_known(asked: Screen) -> Iterator[tuple[date, Int]]:
    """Yield days of knowledge and the rows whose entry knew the same acts that reach back.

    Between two announcements of such acts nothing that is announced later binds an earlier day.
    """
    acts = np.array(sorted(_reaching_back(asked.rater)), dtype=np.int64)
    number = np.searchsorted(acts, asked.rows.day, side="right")
    for part in np.unique(number).tolist():
        if part < len(acts):
            known = date.fromordinal(int(acts[part])) - timedelta(days=1)
            yield known, np.flatnonzero(number == part)


def _reaching_back(rater: Rater) -> set[int]:
    """Return the days on which acts were announced that bind from an earlier day."""
    book, found = rater.book, set()
    mine = [m for m in book.measures.values() if m.importer == rater.importer]
    values = [v for m in mine for p in m.provisions for v in p.values]
    values += [v for relation in book.relations for v in relation.values]
    for value in values:
        announced = book.instruments[value.act].announced
        if value.from_ < announced <= rater.known_on:
            found.add(announced.toordinal())
    return found


AMOUNTS = {"void": _void, "retroactive": _retroactive, "preference": _preference}


def _claim(asked: Screen, route: Route, row: int, low: int, high: int | None) -> Claim:
    entry = asked.entries[row]
    events = {"importation": date.fromordinal(int(asked.rows.day[row]))}
    liquidated = _day(entry.liquidation)
    if liquidated is not None:
        events["liquidation"] = liquidated
    deadlines = tuple((each.title, _last_day(each, events)) for each in route.deadlines)
    status, why = _status(asked, route, entry, [day for _, day in deadlines])
    missing = [q.id for q in route.questions if not (q.column and getattr(entry, q.column, ""))]
    if high is None:
        missing.append("facts of the duty")
    return Claim(row, route.route, low, high, status, why, deadlines, tuple(missing))


def _day(text: str) -> date | None:
    try:
        return date.fromordinal(read_day(text.strip()))
    except FactError:
        return None


def _last_day(deadline: Deadline, events: Mapping[str, date]) -> date | None:
    """Return the last day, None where the event it counts from is not known.

    >>> one = Deadline(after="importation", months=12, act="a", title="t")
    >>> _last_day(one, {"importation": date(2024, 2, 29)})
    datetime.date(2025, 2, 28)
    """
    start = events.get(deadline.after)
    if start is None:
        return None
    if deadline.months is not None:
        months = start.month - 1 + deadline.months
        year, month = start.year + months // 12, months % 12 + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    return start + timedelta(days=deadline.days or 0)


def _status(asked: Screen, route: Route, entry: Entry, days: list[date | None]) -> tuple[str, str]:
    """Return whether a claim can be made on the day of filing, and what decides that."""
    for question in route.questions:
        answer = getattr(entry, question.column or "", "")
        if question.bars and fold(answer) in question.bars:
            return BARRED, f"{question.id} {answer}"
    if asked.on < route.opens:
        return EARLY, f"opens {route.opens}"
    first = days[0] if days else None
    if first is not None and asked.on > first:
        later = [day for day in days[1:] if day is not None and asked.on <= day]
        if not later:
            return CLOSED, f"{route.deadlines[0].title}: {first}"
        return (
            ASK,
            f"{route.deadlines[0].title} was {first}; {route.deadlines[1].title} is not over",
        )
    return OPEN, ""


def claimable(claims: list[Claim], entries: list[Entry], route: str) -> tuple[list[str], list[str]]:
    """Return the entry numbers to claim under a route, each once, and why others cannot be.

    Entries that are barred or closed are left out; a number with a wrong check digit is told.
    """
    numbers: dict[str, None] = {}
    wrong: dict[str, None] = {}
    out = {entries[c.row].number for c in claims if c.route == route and c.status in _OUT}
    for claim in claims:
        text = entries[claim.row].number
        if claim.route != route or text in out:
            continue
        try:
            numbers.setdefault(read_entry(text))
        except EntryError as error:
            wrong.setdefault(f"row {claim.row + 1}: entry {text!r} {error}")
    return list(numbers), list(wrong)


_OUT = (BARRED, CLOSED, EARLY, ASK)
