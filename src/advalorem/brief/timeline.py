"""The effective rate by day, with the acts that moved it marked and listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
import polars as pl

from advalorem.brief.averages import Averages
from advalorem.brief.measures import Dates, country_name, live
from advalorem.brief.model import Cell, Chart, Mark, Point, Section, Table, Text, column, words
from advalorem.brief.numbers import plain, points, signed
from advalorem.brief.reach import DAY, Reach, reach_of
from advalorem.brief.register import Register
from advalorem.law.changes import Change, Detail, changes
from advalorem.law.history import measure_on
from advalorem.law.model import Lawbook, Measure

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
    all_moves = {day: steps for day in acts if (steps := _by_law(averages, countries, day))}
    moves = {day: steps for day, steps in all_moves.items() if _weighs(steps)}
    days = list(moves)
    marks = tuple(
        Mark(
            number=number,
            day=str(day),
            text=_told(book, acts[day]),
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
    blocks: list[Chart | Text | Table] = [
        chart,
        note,
        _table(book, averages, countries, marks, moves),
    ]
    blocks += _small(register, {day: acts[day] for day in all_moves if day not in moves})
    blocks += _reaching_back(book, register, importer, countries, dates)
    return Section(id="timeline", title="Day by day", blocks=tuple(blocks))


def _small(register: Register, acts: Mapping[date, Sequence[Change]]) -> Iterator[Text]:
    """Yield a sentence on the days that moved little; who yields to whom is left out."""
    told = {
        day: [change for change in mine if change.kind != "stacking"] for day, mine in acts.items()
    }
    texts = [f"{day} ({_names(mine)})" for day, mine in told.items() if mine]
    if texts:
        refs = register.acts(change.act for mine in told.values() for change in mine)
        text = "Not marked, for they moved each average by less than a tenth of a point: "
        yield Text(cells=(words(f"{text}{'; '.join(texts)}.", *refs),))


def _reaching_back(
    book: Lawbook, register: Register, importer: str, countries: Sequence[str], dates: Dates
) -> Iterator[Text]:
    """Yield a sentence on the acts that bind from a day before they were known."""
    first, last = sorted((dates.against, dates.as_of))
    found = {
        change.act: change
        for country in countries
        for change in changes(book, first, last, dates.known_on, importer, country)
        if change.retroactive and change.kind in EFFECTS and _felt(book, change, country, dates)
    }
    if found:
        told = [f"{c.citation}, of {c.announced}, from {c.effective}" for c in found.values()]
        text = "Acts that reach back, counted from the day they bind: "
        yield Text(cells=(words(f"{text}{'; '.join(told)}.", *register.acts(found)),))


def _names(found: Sequence[Change]) -> str:
    """Return the measures of some changes."""
    return ", ".join(dict.fromkeys(change.title for change in found))


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

    Where nothing that charges is left without them, what the law asks for stays, then all.
    """
    ways = {p.id: reach_of(p) for p in book.measures[change.measure].provisions}
    for left_out in ((Reach.SPECIAL, Reach.ASKED), (Reach.SPECIAL,)):
        rest = tuple(d for d in change.details if ways.get(d.name) not in left_out)
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


def _told(book: Lawbook, found: Sequence[Change]) -> str:
    """Return the changes of a day in words, the weightiest of each measure first."""
    by_measure: dict[str, list[Change]] = {}
    for change in found:
        by_measure.setdefault(change.measure, []).append(change)
    texts = [f"{m[0].title}: {_one(book, m)}" for m in list(by_measure.values())[:NAMED]]
    if len(by_measure) > NAMED:
        texts.append(f"and {len(by_measure) - NAMED} more")
    return "; ".join(texts)


def _one(book: Lawbook, mine: Sequence[Change]) -> str:
    """Return the first change of a measure in words, its provisions in the order of the law.

    The goods are told by what the measure covers where more than a few provisions come to the rate
    on the day.
    """
    change = mine[0]
    if change.kind in ("articles", "stacking"):
        largest = max(change.details, key=_codes)
        return " and ".join(filter(None, (largest.before, largest.after)))
    measure = book.measures[change.measure]
    order = {p.id: number for number, p in enumerate(measure.provisions)}
    shown = [d for d in change.details if _size(d) or _on_claim(measure, change, d)]
    groups: dict[str, list[Detail]] = {}
    for detail in sorted(shown, key=lambda d: order.get(d.name, 0)):
        groups.setdefault(_says(change, detail), []).append(detail)
    came = [detail for change in mine for detail in change.details]
    return ", ".join(
        f"{said} on {_what(group, came, measure.covers)}" for said, group in groups.items()
    )


def _on_claim(measure: Measure, change: Change, detail: Detail) -> bool:
    """Return whether a detail takes the duty off goods that claim a preference."""
    provision = next((p for p in measure.provisions if p.id == detail.name), None)
    claims = provision is not None and any(test.claim for test in provision.when)
    return claims and change.kind == "began"


def _says(change: Change, detail: Detail) -> str:
    """Return what a change makes of the rate of a provision."""
    if change.kind == "changed":
        return f"{detail.before} becomes {detail.after}"
    if change.kind == "ended":
        return f"an end to {detail.before}"
    return detail.after or "" if _size(detail) else "nothing"


def _what(details: Sequence[Detail], came: Sequence[Detail], covers: str) -> str:
    """Return the goods of some provisions: their own words, or of many what the measure covers."""
    titles = list(dict.fromkeys(detail.title for detail in details))
    alike = {detail.title for detail in came if detail.after == details[0].after}
    if len(alike) > FEW and _size(details[0]):
        return _lower(covers.split(";")[0])
    return " and ".join(map(_lower, titles))


def _lower(text: str) -> str:
    """Return a phrase as it stands inside a sentence.

    >>> _lower("Potash of Canada"), _lower("USMCA vehicles")
    ('potash of Canada', 'USMCA vehicles')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


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
