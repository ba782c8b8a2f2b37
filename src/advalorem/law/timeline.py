"""Dated values read on two clocks: in force on a day, as known on a day.

Acts are applied in the order in which they were announced; each overwrites the days it covers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from advalorem.law.model import Instrument, Value


class Span(msgspec.Struct, frozen=True):
    """One stretch `[from_, until)` of a timeline and the value that rules it."""

    from_: date
    until: date
    value: Value


def timeline(
    values: Sequence[Value], acts: Mapping[str, Instrument], known_on: date
) -> tuple[Span, ...]:
    """Return the spans of a provision as known on a day, in order, without overlap.

    Days that no act covers have no span. Spans whose value ends the duty are kept, so that
    "suspended" can be told from "not yet".

    Examples
    --------
    >>> act = lambda i, d: Instrument(id=i, title="", kind="order", cite="", announced=d)
    >>> acts = {"a": act("a", date(2025, 2, 1)), "b": act("b", date(2025, 2, 3))}
    >>> values = [Value(from_=date(2025, 2, 4), rate="25%", act="a"),
    ...           Value(from_=date(2025, 2, 4), until=date(2025, 3, 4), ends="suspended", act="b")]
    >>> [(s.from_.isoformat(), s.value.rate) for s in timeline(values, acts, date(2025, 3, 1))]
    [('2025-02-04', None), ('2025-03-04', '25%')]
    >>> [(s.from_.isoformat(), s.value.rate) for s in timeline(values, acts, date(2025, 2, 2))]
    [('2025-02-04', '25%')]
    """
    known = [value for value in values if acts[value.act].announced <= known_on]
    spans: list[Span] = []
    for value in sorted(known, key=lambda value: acts[value.act].announced):
        fresh = Span(value.from_, value.until or date.max, value)
        spans = [part for span in spans for part in _outside(span, fresh)] + [fresh]
    return tuple(sorted(spans, key=lambda span: span.from_))


def _outside(span: Span, fresh: Span) -> list[Span]:
    """Return the parts of `span` that `fresh` leaves standing."""
    left = Span(span.from_, min(span.until, fresh.from_), span.value)
    right = Span(max(span.from_, fresh.until), span.until, span.value)
    return [part for part in (left, right) if part.from_ < part.until]


def value_on(spans: Sequence[Span], on: date) -> Span | None:
    """Return the span that holds a day, or None where no act covers it."""
    for span in spans:
        if span.from_ <= on < span.until:
            return span
    return None
