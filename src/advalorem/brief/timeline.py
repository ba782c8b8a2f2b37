"""The effective rate by day, with the acts that moved it marked and listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import polars as pl

from advalorem.brief.averages import Averages
from advalorem.brief.measures import DAY, Dates, country_name, live
from advalorem.brief.model import Cell, Chart, Mark, Point, Section, Table, Text, column, words
from advalorem.brief.numbers import plain, points, signed
from advalorem.brief.register import Register
from advalorem.law.changes import Change, Detail, changes
from advalorem.law.history import measure_on
from advalorem.law.model import Lawbook

LEAST = 1e-3
"""Least step of an average, as a fraction of value, that is marked."""
NAMED = 3
FEW = 2
EFFECTS = ("changed", "began", "ended", "articles", "stacking")


def timeline_section(
    book: Lawbook,
    register: Register,
    averages: Averages,
    importer: str,
    countries: Sequence[str],
    dates: Dates,
) -> Section:
    """Return the chart of the rate by day, and the acts behind its steps."""
    frame = averages.rates.by_day().filter(pl.col("origin").is_in(list(countries)))
    acts = _acts_by_day(book, importer, countries, dates)
    moves = {day: steps for day in acts if (steps := _by_law(averages, countries, day))}
    moves = {day: steps for day, steps in moves.items() if _weighs(steps)}
    days = list(moves)
    marks = tuple(
        Mark(
            number=number,
            day=str(day),
            text=_told(acts[day]),
            refs=register.acts(change.act for change in acts[day][:NAMED]),
        )
        for number, day in enumerate(days, start=1)
    )
    chart = Chart(
        id="timeline", title="Duty owed on average, by day", form="timeline",
        unit="share of customs value", points=_points(book, frame), marks=marks,
        refs=averages.refs,
        alt="Step lines of the average duty on goods of each country; numbers mark the acts listed "
        "in the table below.",
    )  # fmt: skip
    note = Text(cells=(words(_note(book, frame, moves), *averages.refs),))
    blocks = (chart, note, _table(book, averages, countries, marks, moves))
    return Section(id="timeline", title="Day by day", blocks=blocks)


def _note(book: Lawbook, frame: pl.DataFrame, moves: dict[date, dict[str, float]]) -> str:
    """Return how the chart is read, and the largest step that the claims made alone."""
    text = (
        "Numbers mark days on which the law moved an average by a tenth of a point or more. The "
        "line also steps on the first of a month, with the month's claims of USMCA"
    )
    claims = {
        day: {origin: step - moves.get(day, {}).get(origin, 0.0) for origin, step in steps.items()}
        for day, steps in _steps(frame).items()
        if day.day == 1
    }
    if not any(map(_weighs, claims.values())):
        return f"{text}."
    day = max(claims, key=lambda day: max(map(abs, claims[day].values())))
    told = " and ".join(
        f"{signed(value)} points for {country_name(book, origin)}"
        for origin, value in claims[day].items()
    )
    return f"{text}: the largest of these steps, on {day}, is {told}."


def _steps(frame: pl.DataFrame) -> dict[date, dict[str, float]]:
    """Return the step of each origin's rate from the day before, by day."""
    found: dict[date, dict[str, float]] = {}
    stepped = frame.sort("origin", "day").with_columns(step=pl.col("rate").diff().over("origin"))
    rows = stepped.drop_nulls("step").select("day", "origin", "step").iter_rows()
    for day, origin, step in rows:
        found.setdefault(day, {})[origin] = step
    return found


def _weighs(steps: dict[str, float]) -> bool:
    return max(map(abs, steps.values())) >= LEAST


def _by_law(averages: Averages, countries: Sequence[str], day: date) -> dict[str, float]:
    """Return how the law of a day moves each average, the claims being those of the day's month."""
    rates = averages.rates
    if not rates.from_ < day < rates.until:
        return {}
    before = rates.by_origin(day, law_of=day - DAY)
    now = rates.by_origin(day)
    found = dict(before.select("origin", "rate").iter_rows())
    return {
        origin: rate - found[origin]
        for origin, rate in now.select("origin", "rate").iter_rows()
        if origin in countries
    }


def _acts_by_day(
    book: Lawbook, importer: str, countries: Sequence[str], dates: Dates
) -> dict[date, list[Change]]:
    """Return the changes that took effect, by day; those of several countries once."""
    first, last = sorted((dates.against, dates.as_of))
    found: dict[date, list[Change]] = {}
    for country in countries:
        for change in changes(book, first, last, dates.known_on, importer, country):
            mine = found.setdefault(change.day, [])
            if change.kind in EFFECTS and _felt(book, change, country, dates):
                mine.append(_without_facts(book, change))
    ordered = {day: _weightiest(mine) for day, mine in found.items() if mine}
    return dict(sorted(ordered.items()))


def _without_facts(book: Lawbook, change: Change) -> Change:
    """Return a change without what only a stated fact or a claimed heading reaches.

    Where nothing that charges is left without them, facts stay, then headings.
    """
    provisions = book.measures[change.measure].provisions
    on_facts = {p.id for p in provisions if any(t.fact and not t.negate for t in p.when)}
    on_headings = {p.id for p in provisions if any(t.heading_claimed for t in p.when)}
    for left_out in (on_facts | on_headings, on_headings):
        rest = tuple(detail for detail in change.details if detail.name not in left_out)
        if any(map(_size, rest)) or (rest and change.kind == "articles"):
            return msgspec.structs.replace(change, details=rest)
    return change


def _felt(book: Lawbook, change: Change, country: str, dates: Dates) -> bool:
    """Return whether the measure charges goods of the country on the day or the day before."""
    measure = book.measures.get(change.measure)
    if measure is None:
        return False
    days = (change.day - DAY, change.day)
    return any(live(measure_on(book, measure, day, dates.known_on, country)) for day in days)


def _weightiest(found: Sequence[Change]) -> list[Change]:
    """Return a day's changes, rates first; who yields to whom only where nothing else changed."""
    ordered = sorted(found, key=_order)
    once = list({msgspec.json.encode(change): change for change in ordered}.values())
    rates = [change for change in once if change.kind != "stacking"]
    return rates or once


def _order(change: Change) -> tuple[int, float]:
    weight = EFFECTS.index(change.kind)
    return (weight, -max(_size(detail) for detail in change.details))


def _size(detail: Detail) -> float:
    """Return the larger of the percentages of a change, zero where there is none."""
    found = [text.split("%")[0] for text in (detail.before, detail.after) if text and "%" in text]
    return max((float(text) for text in found if text.replace(".", "").isdigit()), default=0.0)


def _codes(detail: Detail) -> int:
    """Return how many codes a change puts on a list or takes off it."""
    words = f"{detail.before or ''} {detail.after or ''}".split()
    return sum(int(word) for word in words if word.isdigit())


def _told(found: Sequence[Change]) -> str:
    """Return the changes of a day in words, the weightiest of each measure first."""
    first: dict[str, Change] = {}
    for change in found:
        first.setdefault(change.measure, change)
    texts = [_one(change) for change in list(first.values())[:NAMED]]
    if len(first) > NAMED:
        texts.append(f"and {len(first) - NAMED} more")
    return "; ".join(texts)


def _one(change: Change) -> str:
    """Return one change in words: its largest rate, and what it exempts where that is new."""
    shown = max(change.details, key=_codes if change.kind == "articles" else _size)
    if change.kind in ("articles", "stacking"):
        what = " and ".join(filter(None, (shown.before, shown.after)))
    elif change.kind == "changed":
        what = f"{shown.before} becomes {shown.after}"
    elif change.kind == "ended":
        what = f"{shown.before} ends"
    else:
        what = f"{shown.after} on {shown.title}" if _size(shown) else f"free: {shown.title}"
        charged = {d.heading or d.title for d in change.details if _size(d)}
        if len(charged) > FEW:
            what = f"{shown.after} under {len(charged)} headings"
        free = [d.title for d in change.details if not _size(d) and d is not shown]
        what += f"; free: {free[0]}" if len(free) == 1 and len(change.details) == FEW else ""
    return f"{change.title}: {what}"


def _points(book: Lawbook, frame: pl.DataFrame) -> tuple[Point, ...]:
    return tuple(
        Point(series=country_name(book, origin), x=str(day), value=plain(rate))
        for day, origin, rate in frame.sort("origin", "day")
        .select("day", "origin", "rate")
        .iter_rows()
    )


def _table(
    book: Lawbook,
    averages: Averages,
    countries: Sequence[str],
    marks: Sequence[Mark],
    moves: dict[date, dict[str, float]],
) -> Table:
    columns = [
        column("number", "No.", number=True),
        column("day", "Day"),
        column("act", "What took effect"),
        *(
            column(country.lower(), f"{country_name(book, country)}, points", number=True)
            for country in countries
        ),
    ]
    rows = tuple(
        (
            words(str(mark.number)),
            words(mark.day),
            words(mark.text, *mark.refs),
            *(_move(averages, moves, mark.day, country) for country in countries),
        )
        for mark in marks
    )
    title = "The acts marked, and the step of the average on their day"
    return Table(id="acts", title=title, columns=tuple(columns), rows=rows)


def _move(averages: Averages, moves: dict[date, dict[str, float]], day: str, country: str) -> Cell:
    step = moves[date.fromisoformat(day)].get(country, 0.0)
    return points(step, averages.refs)
