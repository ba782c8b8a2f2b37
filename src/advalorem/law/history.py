"""The law of a day as known on a day, and what stands there: rates, acts, status.

What changed between two days is told by `advalorem.law.changes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import cast

import msgspec

from advalorem.law.model import Instrument, Lawbook, Measure, Provision, Threat, Value
from advalorem.law.rates import parse_rate
from advalorem.law.terms import Status
from advalorem.law.timeline import Span, timeline, value_on


class Standing(msgspec.Struct, frozen=True):
    """A provision in force on a day.

    `rate` is what the duty says in words, `until` None where no end is fixed; `facts` are the facts
    on which alone it is reached.
    """

    provision: str
    heading: str | None
    title: str
    rate: str
    bears: bool
    facts: tuple[str, ...]
    from_: date = msgspec.field(name="from")
    until: date | None
    act: str
    citation: str


class ThreatOn(msgspec.Struct, frozen=True):
    """A threat that was known on a day: when it was said, for when, and what came of it."""

    title: str
    rate: str | None
    announced: date
    announced_for: date | None
    withdrawn: date | None
    outcome: str | None
    act: str
    citation: str
    outcome_citation: str | None


class MeasureOn(msgspec.Struct, frozen=True):
    """A measure on a day: its computed status, the provisions in force, the threats known.

    `void_from` is the day from which a judgment known by then holds the measure void: duty assessed
    on earlier days too is refundable, though the measure was in force on them.
    """

    measure: str
    importer: str
    authority: str
    title: str
    covers: str
    usmca: str | None
    headline: bool
    status: Status
    status_since: date | None
    status_citation: str | None
    void_from: date | None
    void_citation: str | None
    provisions: tuple[Standing, ...]
    threats: tuple[ThreatOn, ...]


def in_force(
    book: Lawbook,
    on: date,
    known_on: date | None = None,
    importer: str | None = None,
    origin: str | None = None,
) -> tuple[MeasureOn, ...]:
    """Return every measure with its state on a day, as known on a day.

    Measures of any status are returned; those in force hold provisions. A measure of which no act
    and no threat was known is left out.

    Parameters
    ----------
    book : Lawbook
        The law.
    on, known_on : date
        The day asked for; the day up to which acts are known, the newest act if None.
    importer, origin : str
        ISO 2 codes that narrow the measures; None takes all.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> found = in_force(load_lawbook(), date(2025, 9, 18), importer="US", origin="CA")
    >>> canada = {m.measure: m for m in found}["usa.ieepa.fentanyl.canada"]
    >>> canada.status, canada.provisions[-1].rate
    ('in force', '35%')
    """
    known = known_on or book.newest_act
    return tuple(
        measure_on(book, measure, on, known, origin)
        for measure in book.measures.values()
        if concerns(book, measure, importer, origin) and _known(book, measure, known)
    )


def _known(book: Lawbook, measure: Measure, known_on: date) -> bool:
    """Return whether any act or threat of a measure was known on a day."""
    acts = [value.act for provision in measure.provisions for value in provision.values]
    acts += [threat.act for threat in measure.threats]
    return any(book.instruments[act].announced <= known_on for act in acts)


def concerns(book: Lawbook, measure: Measure, importer: str | None, origin: str | None) -> bool:
    """Return whether a measure stands on an importer's border and names an origin."""
    if importer is not None and measure.importer != importer:
        return False
    if origin is None:
        return True
    if origin == measure.importer:
        return False
    named = names_origin(book, measure.origins, origin)
    return named and not names_origin(book, measure.except_origins, origin)


def names_origin(book: Lawbook, origins: Sequence[str], origin: str) -> bool:
    """Return whether a list of countries and groups names a country."""
    return any(name in ("all", origin) or origin in book.groups.get(name, []) for name in origins)


def measure_on(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str | None = None
) -> MeasureOn:
    """Return the state of one measure on a day, for goods of `origin` where it is given.

    Provisions of other origins are left out, and those that another of the measure leaves nothing.
    """
    status, since = status_of(book, measure, on, known_on, origin)
    act = book.instruments[since.value.act] if since else None
    void = held_void(book, measure, known_on)
    return MeasureOn(
        measure=measure.measure,
        importer=measure.importer,
        authority=measure.authority,
        title=measure.title,
        covers=measure.covers,
        usmca=measure.usmca,
        headline=measure.headline,
        status=status,
        status_since=since.from_ if since else None,
        status_citation=cite(act) if act else None,
        void_from=void.from_ if void else None,
        void_citation=cite(book.instruments[void.act]) if void else None,
        provisions=tuple(_standing(book, measure, on, known_on, origin)),
        threats=tuple(_threats(book, measure, known_on, origin)),
    )


def held_void(book: Lawbook, measure: Measure, known_on: date) -> Value | None:
    """Return what a judgment known on a day says of a measure: void from a day; None if nothing.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> book = load_lawbook()
    >>> held_void(book, book.measures["usa.ieepa.reciprocal"], date(2026, 2, 19)) is None
    True
    """
    told = [v for v in measure.void if book.instruments[v.act].announced <= known_on]
    return max(told, key=lambda value: book.instruments[value.act].announced, default=None)


def _standing(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str | None
) -> Iterator[Standing]:
    for provision, span in _reached(book, measure, on, known_on, origin):
        yield Standing(
            provision=provision.id,
            heading=provision.heading,
            title=provision.title,
            rate=says(provision, span.value) or "",
            bears=bears(provision, span.value),
            facts=tuple(test.fact for test in provision.when if test.fact and not test.negate),
            from_=span.from_,
            until=None if span.until == date.max else span.until,
            act=span.value.act,
            citation=cite(book.instruments[span.value.act]),
        )


def _reached(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str | None
) -> Iterator[tuple[Provision, Span]]:
    """Yield the provisions in force that can decide for an origin, in their order.

    The first provision that reaches a shipment decides; one that stands behind another without
    conditions, on the same goods, never does.
    """
    before: list[Provision] = []
    for provision in measure.provisions:
        if origin is not None and not names_origin(book, provision.origins or ["all"], origin):
            continue
        span = value_on(timeline(provision.values, book.instruments, known_on), on)
        if span is None or span.value.ends is not None:
            continue
        if origin is not None and any(_covers(earlier, provision) for earlier in before):
            continue
        before.append(provision)
        yield provision, span


def _covers(earlier: Provision, later: Provision) -> bool:
    """Return whether a provision without conditions takes all goods of a later one."""
    if earlier.when:
        return False
    if earlier.products is None:
        return True
    if later.products is None or set(earlier.products.except_lists) - {
        *later.products.except_lists
    }:
        return False
    return set(later.products.lists) <= set(earlier.products.lists)


def _threats(
    book: Lawbook, measure: Measure, known_on: date, origin: str | None
) -> Iterator[ThreatOn]:
    for threat in measure.threats:
        act = book.instruments[threat.act]
        if act.announced <= known_on and threatens(book, threat, origin):
            yield threat_on(book, threat, known_on)


def threatens(book: Lawbook, threat: Threat, origin: str | None) -> bool:
    """Return whether a threat was said to a country; without one, always."""
    if origin is None or threat.origins is None:
        return True
    return names_origin(book, threat.origins, origin)


def outcome_known(book: Lawbook, threat: Threat, known_on: date) -> bool:
    """Return whether it was known on a day what came of a threat.

    It is known once the act that withdrew it is, or once the day has come for which it was said.
    """
    if threat.withdrawn_act is not None:
        return book.instruments[threat.withdrawn_act].announced <= known_on
    return known_on >= min(threat.announced_for or book.newest_act, book.newest_act)


def threat_on(book: Lawbook, threat: Threat, known_on: date) -> ThreatOn:
    """Return a threat with its citations, and what came of it as far as known on a day."""
    act = book.instruments[threat.act]
    if not outcome_known(book, threat, known_on):
        threat = msgspec.structs.replace(threat, withdrawn=None, withdrawn_act=None, outcome=None)
    ended = book.instruments[threat.withdrawn_act] if threat.withdrawn_act else None
    return ThreatOn(
        title=threat.title,
        rate=threat.rate,
        announced=act.announced,
        announced_for=threat.announced_for,
        withdrawn=threat.withdrawn,
        outcome=threat.outcome,
        act=threat.act,
        citation=cite(act),
        outcome_citation=cite(ended) if ended else None,
    )


def status_of(
    book: Lawbook, measure: Measure, on: date, known_on: date, origin: str | None = None
) -> tuple[Status, Span | None]:
    """Return the computed status of a measure on a day, and the span that gives it.

    A measure in force that charges no good of `origin` is `exempt`.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> book = load_lawbook()
    >>> canada = book.measures["usa.ieepa.fentanyl.canada"]
    >>> [status_of(book, canada, date(2025, month, 10), book.newest_act)[0] for month in (1, 2, 3)]
    ['scheduled', 'suspended', 'in force']
    """
    live = [
        span
        for provision, span in _reached(book, measure, on, known_on, origin)
        if bears(provision, span.value)
    ]
    if live:
        void = value_on(timeline(measure.void, book.instruments, known_on), on)
        newest = max(live, key=lambda span: span.from_)
        return ("void", void) if void else ("in force", newest)
    charged = [
        (provision, span)
        for provision in measure.provisions
        for span in timeline(provision.values, book.instruments, known_on)
    ]
    return _idle_status(measure, charged, on)


def _idle_status(
    measure: Measure, spans: Sequence[tuple[Provision, Span]], on: date
) -> tuple[Status, Span | None]:
    """Return the status of a measure that bears no duty on the day."""
    now = [pair for pair in spans if pair[1].from_ <= on < pair[1].until]
    if any(bears(provision, span.value) for provision, span in now):
        return "exempt", max((span for _, span in now), key=lambda s: s.from_)
    ended = [span for _, span in now if span.value.ends]
    if ended:
        span = max(ended, key=lambda s: s.from_)
        word = span.value.ends
        return cast(Status, "revoked" if word == "superseded" else word), span
    past = [span for provision, span in spans if span.until <= on]
    if past:
        return "expired", max(past, key=lambda s: s.until)
    if spans:
        return "scheduled", min((span for _, span in spans), key=lambda s: s.from_)
    return ("threatened" if measure.threats else "scheduled"), None


def bears(provision: Provision, value: Value) -> bool:
    """Return whether a value charges or forbids anything."""
    if value.ends is not None:
        return False
    rated = value.rate is not None and parse_rate(value.rate) > 0
    return (
        rated
        or value.specific is not None
        or provision.prohibits
        or provision.rate_fact is not None
    )


def says(provision: Provision, value: Value) -> str | None:
    """Return what a value orders in words; None where it ends the duty."""
    if value.ends is not None:
        return None
    if provision.prohibits:
        return "prohibited"
    if provision.rate_fact is not None:
        return "rate set by company"
    parts = [value.rate] if value.rate else []
    if value.specific:
        parts.append(f"{value.specific} per {value.unit}" if value.unit else value.specific)
    return " + ".join(parts) or "no rate"


def cite(act: Instrument) -> str:
    """Return where an act is printed, or its title where no journal is named."""
    return act.cite or act.title
