"""Which rows paid duty that can be had back, how much, how, until when, and what is missing.

Amounts are computed from the law: what the measures of a route charge the row, or the difference
between two readings of the law. Where the file states the duty paid on a heading of a void
measure, that amount is taken instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from advalorem.batch.cells import DateOrder, fold, read_day
from advalorem.batch.charges import Rated
from advalorem.batch.entries import plain_entry
from advalorem.batch.fees import total_fees
from advalorem.batch.rater import Rater
from advalorem.batch.refund_days import is_over, last_day
from advalorem.batch.refund_fees import EntryFees, FeeRows
from advalorem.duty.encode import FactError
from advalorem.duty.ledger import ASSESSED, INVALID, UNDETERMINED
from advalorem.duty.shipments import Int, Mask, Shipments
from advalorem.law.model import Lawbook, RefundQuestion, Route, Value

OPEN, CLOSED, BARRED, ASK, EARLY = "open", "closed", "barred", "ask", "not_yet_open"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one row's entry: its number and line, and answers by field as text."""

    number: str = ""
    line: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    def says(self, name: str | None) -> str:
        """Return the answer in a field, empty where the file says nothing."""
        return self.answers.get(name or "", "").strip()


@dataclass(frozen=True, slots=True)
class Claim:
    """One row's refund under one route: `low` to `high` in cents, None where facts are open.

    `fees` in cents come on top. `deadlines` are (title, last day or None where the event is not
    known). `missing` names the questions to answer.
    """

    row: int
    route: str
    low: int
    high: int | None
    status: str
    why: str
    deadlines: tuple[tuple[str, date | None], ...]
    missing: tuple[str, ...]
    fees: int = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """What a screening needs: the law, the rows and their entries, and the day of filing.

    `paid` holds duty in cents that the file states on void headings, by row; `order` is how
    doubtful dates are read. Where the rows are a part of a file, `fees` holds what all its entries
    add up to, by route and claim (see `survey`). `past` keeps the law as known on earlier days.
    """

    rater: Rater
    rows: Shipments
    entries: list[Entry]
    on: date
    paid: Mapping[int, int] = field(default_factory=dict)
    order: DateOrder | None = None
    fees: Mapping[tuple[str, str], EntryFees] = field(default_factory=dict)
    past: dict[date, Rater] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a route gives back, by row: duty between two bounds and fees, in cents.

    `unsure` marks rows whose duty hangs on facts that are not stated.
    """

    low: Int
    high: Int
    unsure: Mask
    fees: Int


def screen(asked: Screen) -> list[Claim]:
    """Return the claims of all routes of the importer, row by row within each route."""
    return [claim for route in _routes(asked) for claim in _claims(asked, route)]


def survey(asked: Screen, fees: dict[tuple[str, str], EntryFees]) -> None:
    """Add the rows of a part to what the entries of the whole file add up to."""
    for route in _routes(asked):
        if route.basis == "preference" and route.fees:
            without = asked.rater.rate(asked.rows)
            for claim in route.claims:
                given, _, settled = _tried(asked, claim, without)
                rows = _fee_rows(asked, route, without, given, settled)
                fees.setdefault((route.route, claim), EntryFees()).add(rows)


def _routes(asked: Screen) -> list[Route]:
    """Return the routes of the importer that were announced by the day of filing."""
    book, importer = asked.rater.book, asked.rater.importer
    mine = [route for route in book.routes if route.importer == importer]
    return [route for route in mine if book.instruments[route.act].announced <= asked.on]


def _claims(asked: Screen, route: Route) -> Iterator[Claim]:
    """Yield the claims of one route."""
    found = AMOUNTS[route.basis](asked, route)
    for row in np.flatnonzero((found.high > 0) | found.unsure | (found.fees > 0)).tolist():
        high = None if found.unsure[row] else int(found.high[row])
        claim = _claim(asked, route, row, int(found.low[row]), high)
        yield replace(claim, fees=int(found.fees[row]))


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


def _void(asked: Screen, route: Route) -> Amounts:
    """Return what void measures charged: as the file states it, else as the law has it.

    Where a later act lowered the duty of that day, the least is what it left and the most what was
    charged before: the file does not say whether the entry was corrected.
    """
    book, importer = asked.rater.book, asked.rater.importer
    names = void_measures(book, importer, asked.on)
    low = asked.rater.due_under(asked.rows, names)
    high = low.copy()
    for known, here in _as_known(asked):
        then = _as_of(asked, known).due_under(asked.rows.take(here), names)
        high[here] = np.maximum(low[here], then)
    for row, paid in asked.paid.items():
        low[row] = high[row] = paid
    stated = np.array(sorted(asked.paid), dtype=np.int64)
    unsure = (asked.rater.rate(asked.rows).outcome == UNDETERMINED) & _ever(asked, names)
    unsure[stated] = False
    return Amounts(low, high, unsure, np.zeros_like(low))


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


def _preference(asked: Screen, route: Route) -> Amounts:
    """Return what a claim not made would have saved, fees of the route included."""
    best = np.zeros(len(asked.rows), dtype=np.int64)
    unsure = np.zeros(len(asked.rows), dtype=bool)
    fees = best.copy()
    without = asked.rater.rate(asked.rows)
    for claim in route.claims:
        given, possible, settled = _tried(asked, claim, without)
        best = np.maximum(best, np.where(settled, without.low - given.low, 0))
        open_ = possible & ~settled & (without.outcome != INVALID) & (without.high > given.low)
        unsure |= open_
        if route.fees:
            rows = _fee_rows(asked, route, without, given, settled)
            fees = np.maximum(fees, _fees(asked, route, claim, rows))
    return Amounts(best, best, unsure, fees)


def _tried(asked: Screen, claim: str, without: Rated) -> tuple[Rated, Mask, Mask]:
    """Return the rows with a claim, which of them can make it, and those settled both ways."""
    number = list(asked.rater.book.claims).index(claim)
    given = asked.rater.rate(replace(asked.rows, claim=np.full(len(asked.rows), number)))
    possible = (asked.rows.claim < 0) & (given.claimed == number)
    settled = possible & (without.outcome == ASSESSED) & (given.outcome == ASSESSED)
    return given, possible, settled


def _fee_rows(asked: Screen, route: Route, without: Rated, given: Rated, settled: Mask) -> FeeRows:
    """Return the rows with what a claim does to the fees of a route."""
    rater = asked.rater

    def bears(rated: Rated) -> Mask:
        claimed = rated.claimed.astype(np.int64)
        due = total_fees(rater.book, rater.importer, asked.rows, claimed, rated.freed,
                         rater.known_on, route.fees)  # fmt: skip
        return np.asarray((due > 0) & (rated.outcome != INVALID))

    charged = bears(without)
    numbers = [plain_entry(entry.number) for entry in asked.entries]
    return FeeRows(
        numbers=pl.Series(numbers, dtype=pl.String), day=asked.rows.day, value=asked.rows.value,
        charged=charged, left=charged & (bears(given) | ~settled),
    )  # fmt: skip


def _fees(asked: Screen, route: Route, claim: str, rows: FeeRows) -> Int:
    """Return the fees that come back with a claim, by row."""
    rater, entries = asked.rater, asked.fees.get((route.route, claim))
    if entries is None:
        entries = EntryFees()
        entries.add(rows)
    return entries.back(rater.book, rater.importer, rows, route.fees, rater.known_on)


def _retroactive(asked: Screen, route: Route) -> Amounts:
    """Return the duty as known on the day of entry less the duty as known now."""
    now = asked.rater.rate(asked.rows)
    saved = np.zeros(len(asked.rows), dtype=np.int64)
    unsure = np.zeros(len(asked.rows), dtype=bool)
    for known, here in _as_known(asked):
        then = _as_of(asked, known).rate(asked.rows.take(here))
        both = (then.outcome == ASSESSED) & (now.outcome[here] == ASSESSED)
        saved[here] = np.where(both, np.maximum(then.low - now.low[here], 0), 0)
        doubt = (then.outcome == UNDETERMINED) & (now.outcome[here] == UNDETERMINED)
        unsure[here] = doubt & (then.high > now.high[here])
    return Amounts(saved, saved, unsure, np.zeros_like(saved))


def _as_of(asked: Screen, known: date) -> Rater:
    """Return the law as known on a day, made ready once."""
    rater = asked.rater
    if known not in asked.past:
        asked.past[known] = Rater(rater.book, rater.importer, known, rater.codes)
    return asked.past[known]


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
    entered = date.fromordinal(int(asked.rows.day[row]))
    imported = _day(asked, entry.says("importation"))
    events = {"entry": entered, "importation": imported or entered}
    liquidated = _day(asked, entry.says("liquidation"))
    if liquidated is not None:
        events["liquidation"] = liquidated
    live = [each for each in route.deadlines if not is_over(each, events, asked.on)]
    deadlines = tuple((each.title, last_day(each, events)) for each in live)
    status, why = _status(asked, route, entry, deadlines)
    missing = [question.id for question in route.questions if not _answered(question, entry)]
    if high is None:
        missing.append("facts of the duty")
    return Claim(row, route.route, low, high, status, why, deadlines, tuple(missing))


def _day(asked: Screen, text: str) -> date | None:
    try:
        return date.fromordinal(read_day(text, asked.order))
    except FactError:
        return None


def _answered(question: RefundQuestion, entry: Entry) -> bool:
    """Return whether the file answers a question, in its own field or in one that settles it."""
    return bool(entry.says(question.column)) or any(
        fold(entry.says(name)) in words for name, words in question.settled.items()
    )


def _status(
    asked: Screen, route: Route, entry: Entry, days: Sequence[tuple[str, date | None]]
) -> tuple[str, str]:
    """Return whether a claim can be made on the day of filing, and what decides that."""
    for question in route.questions:
        answer = fold(entry.says(question.column))
        open_to = question.bars_until is not None and asked.on >= question.bars_until
        if answer in question.bars and not open_to:
            return BARRED, f"{question.id} {answer}"
    if asked.on < route.opens:
        return EARLY, f"opens {route.opens}"
    late = _late(asked, route, days)
    if late is not None:
        return late
    doubt = "; ".join(_doubts(asked, route, entry))
    return (ASK, doubt) if doubt else (OPEN, "")


def _late(
    asked: Screen, route: Route, days: Sequence[tuple[str, date | None]]
) -> tuple[str, str] | None:
    """Return what is left once the first deadline is over, None while it is not.

    A later deadline that counts from an event still to come is left too: it is told in days.
    """
    first = days[0][1] if days else None
    if first is None or asked.on <= first:
        return None
    why = f"{days[0][0]} was {first}"
    for title, day in days[1:]:
        if day is None:
            each = next(one for one in route.deadlines if one.title == title)
            return ASK, f"{why}; {title} is {each.days} days after {each.after}"
        if asked.on <= day:
            return ASK, f"{why}; {title} is {day}"
    return CLOSED, f"{why}; {route.late}" if route.late else why


def _doubts(asked: Screen, route: Route, entry: Entry) -> Iterator[str]:
    """Yield what the file says that needs a look before a claim is made."""
    for name in ("liquidation", "importation"):
        text = entry.says(name)
        if text and _day(asked, text) is None:
            yield f"{name} date {text!r} cannot be read"
    for question in route.questions:
        text = entry.says(question.column)
        if fold(text) in question.asks or fold(text) in question.bars:
            yield f"{question.id} {text}: {question.then}"
        for name, words in question.settled.items():
            told = entry.says(name)
            if told and not text and fold(told) not in words:
                yield f"{name.replace('_', ' ')} {told!r} without a date"
