"""Term, review and withdrawal of an agreement as coded law, and its state on a day.

The articles, periods and events lie in the lawbook's folder `review`; nothing here knows a date.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from advalorem.bargaining.errors import InputError

__all__ = ["MOVES", "Agreement", "State", "load_agreement", "state_on"]

FOLDER = Path(__file__).resolve().parents[1] / "lawbook" / "review"
MOVES = {
    "confirm": "all parties confirm a new term",
    "wait": "nobody ends it and not all confirm: on to the next review",
    "withdraw": "a party gives notice and leaves when the notice has run",
    "expire": "nothing is done until the term ends",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One paragraph: its article, what it says, and the period it states."""

    id: str
    article: str
    text: str
    years: int = 0
    months: int = 0
    unanimous: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What a party did, when, and since when that was public."""

    id: str
    on: date
    known: date
    event: str
    by: tuple[str, ...]
    instrument: str
    text: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement with a term: parties, rules by name, events in order of time, source."""

    name: str
    title: str
    parties: tuple[str, ...]
    entry: date
    last_checked: date
    rules: dict[str, Rule]
    events: tuple[Event, ...]
    cite: str


@dataclass(frozen=True, slots=True)
class State:
    """Where an agreement stands on a day.

    Attributes
    ----------
    on, known_on
        The day asked, and the day up to which acts are known.
    ends
        Last day of the term, exclusive.
    next_review
        First day of the next review after `on`, or None when the term ends before.
    annual
        Whether reviews are held every year because a party did not confirm.
    not_confirmed
        The parties that did not.
    earliest_exit
        Day on which a party that gives notice on `on` is out.
    words
        One line per fact, with article or instrument.
    """

    on: date
    known_on: date
    ends: date
    next_review: date | None
    annual: bool
    not_confirmed: tuple[str, ...]
    earliest_exit: date
    words: tuple[str, ...]


@cache
def load_agreement(name: str) -> Agreement:
    """Return a coded agreement.

    Raises
    ------
    InputError
        When it is not coded.

    Examples
    --------
    >>> load_agreement("usmca").rules["withdraw"].months
    6
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.toml")))
        raise InputError("agreement", repr(name), "not coded", f"use one of {known}")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = {item["id"]: Rule(**item) for item in data["rules"]}
    events = [Event(**{**item, "by": tuple(item["by"])}) for item in data["events"]]
    return Agreement(
        data["agreement"],
        data["title"],
        tuple(data["parties"]),
        data["entry_into_force"],
        data["last_checked"],
        rules,
        tuple(sorted(events, key=lambda event: event.on)),
        data["source"]["cite"],
    )


def state_on(agreement: Agreement, on: date, known_on: date | None = None) -> State:
    """Return where the agreement stands on a day, by what was known on another.

    Parameters
    ----------
    on
        The day asked.
    known_on
        Acts that became public later are left out; None takes `on`.

    Raises
    ------
    InputError
        For a day before entry into force or after the end of the term.

    Examples
    --------
    >>> usmca = load_agreement("usmca")
    >>> before, after = (state_on(usmca, date(2026, m, 1)) for m in (6, 9))
    >>> before.next_review, before.annual
    (datetime.date(2026, 7, 1), False)
    >>> after.next_review, after.annual, after.ends
    (datetime.date(2027, 7, 1), True, datetime.date(2036, 7, 1))
    """
    known = on if known_on is None else known_on
    start, rules = agreement.entry, agreement.rules
    annual, words = False, list[str]()
    refused: tuple[str, ...] = ()
    for event in agreement.events:
        if event.on <= on and event.known <= known:
            words.append(f"{event.on}: {event.text} ({event.instrument})")
            if event.event == "not_confirmed":
                annual, refused = True, event.by
            elif event.event == "confirmed":
                start, annual, refused = event.on, False, ()
    ends = later(start, years=rules["term"].years)
    if not agreement.entry <= on < ends:
        raise InputError(
            "as_of", str(on), "outside the term", f"use {agreement.entry} to {ends}, exclusive"
        )
    out = later(on, months=rules["withdraw"].months)
    review = _next_review(agreement, start, on, ends, annual)
    paragraph = rules["annual_review" if annual else "joint_review"].article
    words += [
        f"term ends {ends} (Article {rules['term'].article})",
        f"next review {review} (Article {paragraph})"
        if review
        else f"no review before the term ends on {ends}",
        f"notice given on {on} ends membership on {out} (Article {rules['withdraw'].article})",
    ]
    if min(on, known) > agreement.last_checked:
        words.append(f"what happened after {agreement.last_checked} is not coded")
    return State(on, known, ends, review, annual, refused, out, tuple(words))


def _next_review(
    agreement: Agreement, start: date, on: date, ends: date, annual: bool
) -> date | None:
    """Return the first review after `on`, or None."""
    step = agreement.rules["annual_review" if annual else "joint_review"].years
    review = later(start, years=agreement.rules["joint_review"].years)
    while review <= on:
        review = later(review, years=step)
    return review if review < ends else None


def later(day: date, years: int = 0, months: int = 0) -> date:
    """Return the same day of a later month, or its last day.

    >>> later(date(2026, 8, 31), months=6)
    datetime.date(2027, 2, 28)
    """
    count = day.month - 1 + months
    year, month = day.year + years + count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def moved(agreement: Agreement, move: str, on: date, ends: date) -> tuple[date, date]:
    """Return when a move made on a day takes effect, and when the term then ends.

    Raises
    ------
    InputError
        For an unknown move, or one that the articles do not leave open on that day.

    Examples
    --------
    >>> usmca = load_agreement("usmca")
    >>> moved(usmca, "withdraw", date(2027, 7, 1), date(2036, 7, 1))[0]
    datetime.date(2028, 1, 1)
    """
    if move not in MOVES:
        raise InputError("move", repr(move), "unknown", f"use one of {', '.join(MOVES)}")
    if on >= ends:
        raise InputError("move", f"{move} on {on}", "the term is over", f"move before {ends}")
    rules: dict[str, Any] = agreement.rules
    if move == "confirm":
        return on, later(on, years=rules["confirm"].years)
    if move == "withdraw":
        return later(on, months=rules["withdraw"].months), ends
    if move == "expire":
        return ends, ends
    after = later(on, years=rules["annual_review"].years)
    if after >= ends:
        raise InputError("move", f"wait on {on}", f"the term ends on {ends}", "use expire")
    return after, ends
