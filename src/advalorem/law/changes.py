"""What changed in the law between two days: began, ended, changed, announced, withdrawn.

An act that reaches back shows twice: on the day it was announced and on the day it took effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from advalorem.law.history import bears, cite, concerns, names_origin, says, threatens
from advalorem.law.model import CodeList, Instrument, Lawbook, Measure, Provision, Value
from advalorem.law.timeline import Span, timeline, value_on

Kind = Literal["announced", "withdrawn", "began", "changed", "ended", "articles", "stacking", "fee"]
DAY = timedelta(days=1)


class Detail(msgspec.Struct, frozen=True):
    """What a change does to one provision, relation, list or fee: before and after, in words."""

    name: str
    heading: str | None
    title: str
    before: str | None
    after: str | None


class Change(msgspec.Struct, frozen=True):
    """One change on one day by one act.

    `effective` is the day from which it binds, `announced` the day from which the act is known;
    `retroactive` says that it binds from a day before it was known.
    """

    day: date
    kind: Kind
    measure: str
    importer: str
    authority: str
    title: str
    details: tuple[Detail, ...]
    effective: date | None
    announced: date
    act: str
    act_title: str
    citation: str
    retroactive: bool


class _Found(msgspec.Struct, frozen=True):
    """A change before those of one day, kind and act are put together."""

    day: date
    kind: Kind
    act: str
    effective: date | None
    detail: Detail


def changes(
    book: Lawbook,
    first: date,
    last: date,
    known_on: date | None = None,
    importer: str | None = None,
    origin: str | None = None,
) -> tuple[Change, ...]:
    """Return what happened to the law from `first` to `last`, both days included.

    Parameters
    ----------
    book : Lawbook
        The law.
    first, last, known_on : date
        The days looked at; the day up to which acts are known, the newest act if None.
    importer, origin : str
        ISO 2 codes that narrow the measures; None takes all.

    Raises
    ------
    ValueError
        `last` lies before `first`.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> march = changes(load_lawbook(), date(2025, 3, 7), date(2025, 3, 7), importer="US",
    ...                 origin="MX")
    >>> [(c.kind, c.details[0].heading) for c in march if "fentanyl" in c.measure]
    [('began', '9903.01.04')]
    """
    if last < first:
        raise ValueError(f"changes: {last} lies before {first}; state the earlier day first")
    known = known_on or book.newest_act
    found = []
    for measure in book.measures.values():
        if concerns(book, measure, importer, origin):
            events = _measure(book, measure, known, origin)
            found += _gather(book, measure, _within(events, first, last))
    found += _relations(book, first, last, known, importer, origin)
    found += _fees(book, first, last, known, importer, origin)
    return tuple(sorted(found, key=lambda c: (c.day, c.importer, c.measure, c.kind, c.act)))


def _within(events: Iterable[_Found], first: date, last: date) -> Iterator[_Found]:
    return (event for event in events if first <= event.day <= last)


def _measure(
    book: Lawbook, measure: Measure, known_on: date, origin: str | None
) -> Iterator[_Found]:
    for provision in measure.provisions:
        if origin is not None and not names_origin(book, provision.origins or ["all"], origin):
            continue
        spans = timeline(provision.values, book.instruments, known_on)
        effects = list(_effects(provision, spans))
        yield from effects
        yield from _announcements(book, provision, known_on, effects)
        yield from _articles(book, provision, spans, known_on)
    yield from _threats(book, measure, known_on, origin)
    yield from _void(book, measure, known_on)


def _effects(provision: Provision, spans: Sequence[Span]) -> Iterator[_Found]:
    """Yield the days on which what a provision charges begins, changes or ends."""
    days = {span.from_ for span in spans} | {s.until for s in spans if s.until != date.max}
    for day in sorted(days):
        old, new = value_on(spans, day - DAY), value_on(spans, day)
        before, after = _state(provision, old), _state(provision, new)
        if before == after:
            continue
        act = (new or old).value.act  # type: ignore[union-attr]
        kind: Kind = "began" if before is None else "ended" if after is None else "changed"
        why = new.value.ends if new is not None and new.value.ends else None
        yield _Found(day, kind, act, day, _detail(provision, before, after or why))


def _state(provision: Provision, span: Span | None) -> str | None:
    return None if span is None else says(provision, span.value)


def _detail(provision: Provision, before: str | None, after: str | None) -> Detail:
    return Detail(provision.id, provision.heading, provision.title, before, after)


def _announcements(
    book: Lawbook, provision: Provision, known_on: date, effects: Sequence[_Found]
) -> Iterator[_Found]:
    """Yield the days on which an act for another day became known."""
    shown = {(event.day, event.act) for event in effects}
    for value in provision.values:
        act = book.instruments[value.act]
        if act.kind == "schedule" or act.announced > known_on:
            continue
        if (act.announced, act.id) in shown:
            continue
        before = value_on(
            timeline(provision.values, book.instruments, act.announced - DAY), value.from_
        )
        old, new = _state(provision, before), says(provision, value)
        if old == new:
            continue
        ahead = new is None and act.announced < value.from_ and old is not None
        detail = _detail(provision, old, new or value.ends)
        kind: Kind = "withdrawn" if ahead and _unborn(book, provision, value) else "announced"
        yield _Found(act.announced, kind, act.id, value.from_, detail)


def _unborn(book: Lawbook, provision: Provision, value: Value) -> bool:
    """Return whether the duty that a value ends had not begun when its act became known."""
    announced = book.instruments[value.act].announced
    spans = timeline(provision.values, book.instruments, announced - DAY)
    return not any(bears(provision, s.value) and s.from_ <= announced for s in spans)


def _articles(
    book: Lawbook, provision: Provision, spans: Sequence[Span], known_on: date
) -> Iterator[_Found]:
    """Yield the days on which a list gains or loses codes while its provision stands."""
    for name in provision.products.lists if provision.products else []:
        for day, act, added, gone in list_changes(book.lists[name]):
            if book.instruments[act].announced > known_on:
                continue
            if _state(provision, value_on(spans, day - DAY)) is None:
                continue
            if _state(provision, value_on(spans, day)) is None:
                continue
            before = f"{_number(gone)} off" if gone else None
            after = f"{_number(added)} on" if added else None
            yield _Found(day, "articles", act, day, _detail(provision, before, after))


def _number(codes: int) -> str:
    return "1 code" if codes == 1 else f"{codes} codes"


def list_changes(codes: CodeList) -> Iterator[tuple[date, str, int, int]]:
    """Yield day, act, codes that join and codes that leave a product list, by day and act.

    A row that ends because another of the same code begins that day is no change. The act is that
    of the row.

    Examples
    --------
    >>> rows = CodeList(name="x", code=["01", "02"], from_=[1, 5], until=[9, 12], act=[0, 1],
    ...                 acts=["a", "b"])
    >>> [(day.toordinal(), act, on, off) for day, act, on, off in list_changes(rows)]
    [(1, 'a', 1, 0), (5, 'b', 1, 0), (9, 'a', 0, 1), (12, 'b', 0, 1)]
    """
    joins = {(f, c) for c, f in zip(codes.code, codes.from_, strict=True)}
    leaves = {(u, c) for c, u in zip(codes.code, codes.until, strict=True)}
    total: dict[tuple[int, str], list[int]] = {}
    rows = zip(codes.code, codes.from_, codes.until, codes.act, strict=True)
    for code, start, end, number in rows:
        act = codes.acts[number]
        if (start, code) not in leaves:
            total.setdefault((start, act), [0, 0])[0] += 1
        if (end, code) not in joins and end < date.max.toordinal():
            total.setdefault((end, act), [0, 0])[1] += 1
    for (day, act), (on, off) in sorted(total.items()):
        yield date.fromordinal(day), act, on, off


def _threats(
    book: Lawbook, measure: Measure, known_on: date, origin: str | None
) -> Iterator[_Found]:
    for threat in measure.threats:
        if not threatens(book, threat, origin):
            continue
        said = book.instruments[threat.act]
        if said.announced <= known_on:
            detail = Detail("threat", None, threat.title, None, threat.rate)
            yield _Found(said.announced, "announced", said.id, threat.announced_for, detail)
        if threat.withdrawn and threat.withdrawn <= known_on:
            detail = Detail("threat", None, threat.title, threat.rate, threat.outcome)
            act = threat.withdrawn_act or threat.act
            yield _Found(threat.withdrawn, "withdrawn", act, threat.announced_for, detail)


def _void(book: Lawbook, measure: Measure, known_on: date) -> Iterator[_Found]:
    for value in measure.void:
        act = book.instruments[value.act]
        if act.announced <= known_on:
            detail = Detail("void", None, measure.title, None, f"held void: {value.note or ''}")
            yield _Found(act.announced, "announced", act.id, value.from_, detail)


def _gather(book: Lawbook, measure: Measure, events: Iterable[_Found]) -> list[Change]:
    """Put the details of one day, kind and act together."""
    groups: dict[tuple[date, Kind, str, date | None], list[Detail]] = {}
    for event in events:
        key = (event.day, event.kind, event.act, event.effective)
        groups.setdefault(key, []).append(event.detail)
    head = (measure.measure, measure.importer, measure.authority, measure.title)
    return [_change(book, head, key, details) for key, details in groups.items()]


def _change(
    book: Lawbook,
    head: tuple[str, str, str, str],
    key: tuple[date, Kind, str, date | None],
    details: Sequence[Detail],
) -> Change:
    day, kind, name, effective = key
    act = book.instruments[name]
    return Change(
        day=day,
        kind=kind,
        measure=head[0],
        importer=head[1],
        authority=head[2],
        title=head[3],
        details=tuple(details),
        effective=effective,
        announced=act.announced,
        act=act.id,
        act_title=act.title,
        citation=cite(act),
        retroactive=_reaches_back(act, effective, kind),
    )


def _reaches_back(act: Instrument, effective: date | None, kind: Kind) -> bool:
    if effective is None or kind == "withdrawn" or act.kind == "schedule":
        return False
    return effective < act.announced


def _relations(
    book: Lawbook,
    first: date,
    last: date,
    known_on: date,
    importer: str | None,
    origin: str | None,
) -> Iterator[Change]:
    """Yield the days on which who yields to whom begins or ends."""
    named = {m.measure: m for m in book.measures.values() if concerns(book, m, importer, origin)}
    for relation in book.relations:
        parties = [name.partition("/")[0] for name in relation.by]
        measure = next((m for p in parties for n, m in named.items() if _same(p, n)), None)
        if measure is None:
            continue
        spans = timeline(relation.values, book.instruments, known_on)
        for span in spans:
            old = value_on(spans, span.from_ - DAY)
            live, was = span.value.ends is None, old is not None and old.value.ends is None
            if live == was or not first <= span.from_ <= last:
                continue
            word = relation.relation.replace("_", " ")
            detail = Detail(relation.id, relation.heading, relation.title,
                            word if was else None, word if live else "ended")  # fmt: skip
            head = (measure.measure, measure.importer, measure.authority, measure.title)
            key: tuple[date, Kind, str, date | None]
            key = (span.from_, "stacking", span.value.act, span.from_)
            yield _change(book, head, key, [detail])


def _same(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern


def _fees(
    book: Lawbook,
    first: date,
    last: date,
    known_on: date,
    importer: str | None,
    origin: str | None,
) -> Iterator[Change]:
    for fee in book.fees:
        if (importer is not None and fee.importer != importer) or fee.importer == origin:
            continue
        for value in fee.values:
            if not first <= value.from_ <= last or value.act not in book.instruments:
                continue
            if book.instruments[value.act].announced > known_on:
                continue
            bounds = (("minimum", value.min), ("maximum", value.max), ("flat", value.flat))
            after = ", ".join(f"{name} {amount}" for name, amount in bounds if amount is not None)
            detail = Detail(fee.id, None, fee.title, None, after or fee.rate)
            head = (fee.id, fee.importer, fee.authority, fee.title)
            yield _change(book, head, (value.from_, "fee", value.act, value.from_), [detail])
