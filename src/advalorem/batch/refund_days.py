"""Deadlines of refunds: days and months counted from entry, importation or liquidation."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from advalorem.law.model import Deadline


def is_over(deadline: Deadline, events: Mapping[str, date], on: date) -> bool:
    """Return whether the event at which a deadline ends has happened: it counts no more."""
    end = events.get(deadline.ends_at or "")
    return end is not None and end <= on


def last_day(deadline: Deadline, events: Mapping[str, date]) -> date | None:
    """Return the last day to act, None where the event it counts from is not known.

    >>> two = Deadline(after="entry", days=300, ends_at="liquidation", days_before=15, act="a",
    ...                title="t")
    >>> last_day(two, {"entry": date(2025, 1, 1), "liquidation": date(2025, 6, 30)})
    datetime.date(2025, 6, 15)

    >>> one = Deadline(after="importation", months=12, act="a", title="t")
    >>> last_day(one, {"importation": date(2024, 2, 29)})
    datetime.date(2025, 2, 28)
    """
    start, end = events.get(deadline.after), events.get(deadline.ends_at or "")
    if start is None:
        return None
    latest = end - timedelta(days=deadline.days_before) if end else date.max
    if deadline.months is not None:
        months = start.month - 1 + deadline.months
        year, month = start.year + months // 12, months % 12 + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    return min(start + timedelta(days=deadline.days or 0), latest)
