"""Rates as public trackers state that they count them: readings, law and what the figure holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advalorem.law.load import LAWBOOK
from advalorem.law.model import Lawbook
from advalorem.rates.cells import Cells, with_rate, without
from advalorem.rates.effective import EffectiveRates, effective_rates
from advalorem.rates.errors import RatesError
from advalorem.rates.readings import Readings
from advalorem.rates.segments import Segment
from advalorem.rates.tables import notes
from advalorem.scenario.files import read_scenario

Float = NDArray[np.float64]
FOLDER = LAWBOOK / "scenarios" / "presets"
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Preset:
    """How one tracker counts, with where it states each step.

    `scenario` changes the law, `without` names authorities that the figure leaves out, `scales`
    parts of a duty that are counted on some lists, `steps` pairs of words and citation, `open`
    what is stated but not followed.
    """

    name: str
    title: str
    source: str
    readings: Readings
    scenario: str
    published: bool
    without: tuple[str, ...]
    scales: tuple[dict[str, Any], ...]
    steps: tuple[tuple[str, str], ...]
    open: tuple[str, ...]

    def statements(self) -> list[str]:
        """Return the steps in words, each with its citation, and what is open.

        >>> load_preset("yale").statements()[0][:6]
        'preset'
        """
        return [
            f"preset {self.name}: {self.title}; {self.source}",
            *(f"{text} [{cite}]" for text, cite in self.steps),
            *(f"open: {text}" for text in self.open),
        ]


def preset_names() -> list[str]:
    """Return the names of the presets.

    >>> preset_names()
    ['yale', 'tradewartracker']
    """
    return list(notes("presets"))


def load_preset(name: str) -> Preset:
    """Return a preset by name.

    Raises
    ------
    RatesError
        There is no such preset.

    Examples
    --------
    >>> load_preset("tradewartracker").without
    ('column_1',)
    """
    if name not in preset_names():
        raise RatesError(f"preset: {name!r} is none; choose one of {', '.join(preset_names())}")
    held = notes("presets")[name]
    return Preset(
        name=name,
        title=held["title"],
        source=f"{held['source']}, {held['date']}",
        readings=Readings(**held["readings"]),
        scenario=held["scenario"],
        published=held["known"] == PUBLISHED,
        without=tuple(held["without"]),
        scales=tuple(held["scales"]),
        steps=tuple((step["text"], step["cite"]) for step in held["steps"]),
        open=tuple(held["open"].values()),
    )


def preset_law(book: Lawbook, preset: Preset, known_on: date | None = None) -> Lawbook:
    """Return the law as a preset counts it, for questions of one day of knowledge.

    Changes that begin after the day are left out: what they change need not be known yet.
    """
    path = FOLDER / f"{preset.scenario}.yaml"
    scenario = read_scenario(path.read_text(encoding="utf-8"), path)
    known = known_on or date.max
    changes = tuple(change for change in scenario.changes if change.from_ <= known)
    return replace(scenario, changes=changes).apply(book, known_on)


def preset_rates(
    book: Lawbook,
    name: str,
    importer: str,
    origins: Sequence[str],
    from_: date,
    until: date | None = None,
) -> EffectiveRates:
    """Return the effective rates of some origins as a tracker states that it counts them.

    Steps and causes of the result are those of the law before scales and omissions.

    Raises
    ------
    RatesError
        There is no such preset, no flows are held, or the span is wrong.
    """
    preset = load_preset(name)
    end = until or date.fromordinal(from_.toordinal() + 1)
    spans = _spans(book, from_, end) if preset.published else [(from_, end, None)]
    parts = [
        effective_rates(
            preset_law(book, preset, known), importer, origins, start, stop, preset.readings, known
        )
        for start, stop, known in spans
    ]
    made: dict[int, Cells] = {}
    segments = []
    for part in parts:
        for segment in part.segments:
            key = id(segment.cells)
            if key not in made:
                made[key] = counted(segment.cells, preset)
            segments.append(Segment(segment.from_, segment.until, made[key]))
    said = tuple(preset.statements())
    return replace(parts[0], segments=tuple(segments), from_=from_, until=end, notes=said)


def _spans(book: Lawbook, from_: date, until: date) -> list[tuple[date, date, date]]:
    """Return spans of days in which no act that reaches back is published, each with its last day.

    The law known on that day is, for every day of the span, the law as published by then.
    """
    cuts = [from_, *(day for day in reaching_back(book) if from_ < day < until), until]
    return [(start, end, end - timedelta(days=1)) for start, end in pairwise(cuts)]


def reaching_back(book: Lawbook) -> list[date]:
    """Return the days on which an act was published whose values bind from an earlier day."""
    dated = [relation.values for relation in book.relations]
    dated += [
        provision.values for measure in book.measures.values() for provision in measure.provisions
    ]
    acts = book.instruments
    return sorted(
        {
            acts[value.act].announced
            for values in dated
            for value in values
            if value.act in acts and acts[value.act].announced > value.from_
        }
    )


def counted(cells: Cells, preset: Preset) -> Cells:
    """Return rated cells with parts of duties scaled and authorities left out."""
    rate = cells.rate.copy()
    names = list(cells.authorities)
    for scale in preset.scales:
        if scale["authority"] in names:
            here = _listed(cells, scale["lists"])
            rate[here, names.index(scale["authority"])] *= scale["factor"]
    return without(with_rate(cells, rate), preset.without)


def _listed(cells: Cells, lists: Sequence[str]) -> NDArray[np.bool_]:
    """Return which cells have a code on one of the lists of the law."""
    book = cells.schedule.book
    codes = [code for name in lists for code in book.lists[name].code]
    mask = np.zeros(len(cells.shipments.code), dtype=bool)
    for code in codes:
        width = 10 ** (10 - len(code))
        mask |= cells.shipments.code // width == int(code)
    return mask
