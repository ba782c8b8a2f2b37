"""Effective rates: the average duty that a year's trade owes, by day, with every step shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from advalorem.duty.words import after_newest_act, cite
from advalorem.law.model import Lawbook
from advalorem.rates import frames
from advalorem.rates.cells import without
from advalorem.rates.claims import claim_shares, month_used
from advalorem.rates.decompose import (
    CLAIMS,
    CLAIMS_ALONE,
    COMPOSITION,
    LABELS,
    decompose,
    headline_rules,
    trade_of,
)
from advalorem.rates.detail import Cause, causes
from advalorem.rates.elasticities import INDEPENDENT
from advalorem.rates.errors import RatesError
from advalorem.rates.flows import BEFORE, Flows, held_words, load_flows
from advalorem.rates.readings import (
    COMPLIANCE,
    Readings,
    check_readings,
    paid_for,
    paid_part,
    said,
    statements,
)
from advalorem.rates.segments import Segment, build_segments
from advalorem.rates.substitution import SETS, Substitution, substitution
from advalorem.schedule.build import epochs_of

ONE_DAY = timedelta(days=1)
ORDERED, SHAPLEY = "ordered", "shapley"
NAMED = 5
"""Provisions named in a step's short text; `causes` holds all of them."""


@dataclass(frozen=True, slots=True)
class EffectiveRates:
    """Effective rates of an importer for some origins on the days `[from_, until)`.

    The law of each segment is rated once; weights follow the claims of the month. All methods
    return polars frames as `docs/rates.md` lists them; `on` must be one of the days. `answers` says
    how the weights answer to the duties, None where they are fixed. Without `ordinary` the duties
    of column 1 are left out. `notes` stand before the readings in `statements`.
    """

    book: Lawbook
    importer: str
    flows: Flows
    readings: Readings
    known_on: date
    from_: date
    until: date
    segments: tuple[Segment, ...]
    answers: Substitution | None = None
    ordinary: bool = True
    notes: tuple[str, ...] = ()

    def without_column_1(self) -> EffectiveRates:
        """Return the same rates with the duties of column 1 left out."""
        return replace(self, ordinary=False)

    def by_day(self) -> pl.DataFrame:
        """Return the rate of each origin on each day, and its parts by authority."""
        parts = [self._span(*span) for span in self._spans()]
        frame = pl.concat(parts, how="diagonal").with_columns(pl.col("^rate_.*$").fill_null(0.0))
        charged = [
            name
            for name in sorted(column for column in frame.columns if column.startswith("rate_"))
            if name == f"rate_{self._column_1()}" or frame[name].max() != 0
        ]
        return frame.select("day", "origin", "rate", *charged)

    def by_origin(self, on: date, law_of: date | None = None) -> pl.DataFrame:
        """Return rate, additional duty, column 1, free share and claimed share by origin.

        With `law_of`, the claims of the day's month meet the law of that other day: what is left
        of a step between two days is then the law's alone.
        """
        return frames.by_origin(self._day(on, law_of))

    def interval(self, on: date) -> pl.DataFrame:
        """Return the 95 per cent interval of each origin's rate for errors of the elasticities.

        The estimates are independent, as in the interval of revenue; `interval_method` says how.
        Columns: `origin, low, high`. Empty where the weights are fixed or no standard error of
        their elasticities is cited.
        """
        if self.answers is None or not self.answers.has_errors:
            return pl.DataFrame(schema={"origin": pl.String, "low": pl.Float64, "high": pl.Float64})
        day, cells = self._day(on), self._segment(on).cells
        low, high = self.answers.interval(self.flows, cells, day.cells, day.shares)
        return pl.DataFrame({"origin": day.names, "low": day.paid * low, "high": day.paid * high})

    def interval_method(self) -> str | None:
        """Return how `interval` is made, None where it is empty."""
        return INDEPENDENT if self.answers and self.answers.has_errors else None

    def by_authority(self, on: date) -> pl.DataFrame:
        """Return the rate and the duty by origin and authority."""
        return frames.by_authority(self._day(on))

    def by_chapter(self, on: date) -> pl.DataFrame:
        """Return imports and rates by origin and chapter."""
        return frames.by_chapter(self._day(on))

    def by_sector(self, on: date) -> pl.DataFrame:
        """Return imports and rates by origin and sector of the input-output tables."""
        return frames.by_sector(self._day(on))

    def bands(self, on: date, edges: Sequence[int] = frames.EDGES) -> pl.DataFrame:
        """Return the share of imports by band of the total rate; `edges` in per cent."""
        return frames.bands(self._day(on), edges)

    def coverage(self, on: date) -> pl.DataFrame:
        """Return what of the trade is not, or not wholly, rated."""
        return frames.coverage(self._day(on))

    def headline(self, on: date) -> pl.DataFrame:
        """Return the announced rate of each origin with the provision that announces it."""
        schedule = self._segment(on).cells.schedule
        rows = [
            (name, rule.rate / 10**6, rule.measure.measure, rule.provision.id,
             rule.provision.heading, rule.measure.title,
             cite(self.book.instruments[rule.span.value.act]))
            for name, country in zip(self.flows.origins, self.flows.country, strict=True)
            for rule in headline_rules(schedule, schedule.country(country))
        ]  # fmt: skip
        columns = ("origin", "rate", "measure", "provision", "heading", "title", "citation")
        kinds = {name: pl.Float64 if name == "rate" else pl.String for name in columns}
        return pl.DataFrame(rows, schema=kinds, orient="row")

    def decomposition(self, on: date, method: str = ORDERED) -> pl.DataFrame:
        """Return the steps from the headline to the average; effects of an origin sum to it.

        Parameters
        ----------
        on : one of the days
        method : `ordered` takes the steps in the fixed order; `shapley` averages each step over all
            orders, and takes the claims as one step; it has no column `provisions`, for the
            points of provisions are those of the fixed order

        Raises
        ------
        RatesError
            The method is none of the two, or the day is not among those rated.
        """
        if method not in (ORDERED, SHAPLEY):
            raise RatesError(f"method: {method!r} is none; choose {ORDERED} or {SHAPLEY}")
        self._check_whole("decomposition")
        day = self._day(on)
        trade = trade_of(day.cells, day.flows, day.shares)
        named = _named(causes(day.cells, trade))
        rows = []
        for step in decompose(day.cells, trade, method == SHAPLEY, day.paid):
            alone = step.step == CLAIMS and method == SHAPLEY
            label = CLAIMS_ALONE if alone else LABELS[step.step]
            cause = CLAIMS if step.step == COMPOSITION else step.step
            provisions = named.get((step.origin, cause), "")
            if step.step == COMPLIANCE:
                provisions = self._compliance()
            origin = self.flows.origins[step.origin]
            rows.append((origin, step.step, label, step.effect, step.rate_after, provisions))
        columns = ["origin", "step", "label", "effect", "rate_after", "provisions"]
        frame = pl.DataFrame(rows, schema=columns, orient="row")
        return frame.drop("provisions") if method == SHAPLEY else frame

    def causes(self, on: date) -> pl.DataFrame:
        """Return every provision and relation behind the steps, with its part of the effect.

        What is not paid has a row of its own, with the reading as its measure.
        """
        self._check_whole("causes")
        day = self._day(on)
        trade = trade_of(day.cells, day.flows, day.shares)
        columns = ["origin", "step", "heading", "measure", "title", "citation", "effect"]
        origins = self.flows.origins
        rows = [
            (origins[c.origin], c.step, c.heading, c.measure, c.title, c.citation, c.effect)
            for c in causes(day.cells, trade)
        ]
        if day.paid < 1.0:
            lost = (day.paid - 1.0) * trade.average(day.cells.total, trade.actual)
            name, label = f"rates.{COMPLIANCE}", LABELS[COMPLIANCE]
            rows += [
                (origin, COMPLIANCE, "", name, label, self._compliance(), float(effect))
                for origin, effect in zip(origins, lost, strict=True)
            ]
        return pl.DataFrame(rows, schema=columns, orient="row")

    def statements(self) -> list[str]:
        """Return the readings in words, the months of claims used, and what was known when."""
        option = self.readings.usmca_share
        first, last = (self._entered(day) for day in (self.from_, self.until - ONE_DAY))
        used = sorted({month_used(option, (day.year, day.month)) for day in (first, last)})
        left_out = [] if self.ordinary else ["the duties of column 1 are left out"]
        return [
            *left_out,
            *self.notes,
            *statements(self.book, self.readings),
            f"claims read from {' to '.join(used)}; law known on {self.known_on}",
            *self._trade_words(self.until - ONE_DAY),
        ]

    def warnings(self) -> list[str]:
        """Return what a careful reader must know beside the figures."""
        return after_newest_act(self.book, self.until - ONE_DAY, self.known_on)

    def _trade_words(self, on: date) -> Iterator[str]:
        """Yield what part of a year's trade the flows hold, and how it answers to the duties."""
        yield held_words(self.importer, self.readings.weights)
        if self.answers is not None:
            kept = self._day(on).flows.value.sum() / self.flows.value.sum()
            yield f"on the law of the last day imports are {kept:.1%} of those of the year"
            yield from self.answers.words()

    def _compliance(self) -> str:
        return said(self.book, COMPLIANCE, self.readings.compliance)

    def _check_whole(self, what: str) -> None:
        if not self.ordinary:
            raise RatesError(f"{what}: column 1 is one of the steps; ask with column 1 included")

    def _column_1(self) -> str:
        return self.book.columns[self.importer].authority

    def _entered(self, on: date) -> date:
        return paid_for(on, self.readings, _first_day(self.book, self.importer, self.known_on))

    def _segment(self, on: date) -> Segment:
        day = self._entered(on)
        for segment in self.segments:
            if segment.from_ <= day < segment.until and self.from_ <= on < self.until:
                return segment
        raise RatesError(f"on: {on} is not among the days rated, {self.from_} to {self.until}")

    def _day(self, on: date, law_of: date | None = None) -> frames.Day:
        entered = self._entered(on)
        month = (entered.year, entered.month)
        shares = claim_shares(self.flows, self.readings.usmca_share, month)
        cells = self._segment(law_of or on).cells
        flows = self.flows
        if self.answers is not None:
            flows = self.answers.answered(flows, cells, shares)
        counted = cells if self.ordinary else without(cells, (self._column_1(),))
        return frames.day_of(flows, counted, shares, paid_part(self.readings))

    def _spans(self) -> Iterator[tuple[date, date]]:
        """Yield the spans of days with the same law and the same month of entry."""
        day, law = self.from_, None
        for number in range((self.until - self.from_).days):
            on = self.from_ + timedelta(days=number)
            entered = self._entered(on)
            here = (id(self._segment(on)), entered.year, entered.month)
            if law is not None and here != law:
                yield day, on
                day = on
            law = here
        yield day, self.until

    def _span(self, from_: date, until: date) -> pl.DataFrame:
        """Return the frame of `by_day` for days on which nothing changes."""
        day = self._day(from_)
        rates = frames.duty_by_origin(day) / frames.imports_by_origin(day)[:, None]
        columns = {f"rate_{slug}": rates[:, n] for n, slug in enumerate(day.cells.authorities)}
        one = pl.DataFrame({"origin": day.names, "rate": rates.sum(axis=1), **columns})
        days = pl.date_range(from_, until, closed="left", eager=True).alias("day")
        return days.to_frame().join(one, how="cross")


def _named(found: Sequence[Cause]) -> dict[tuple[int, str], str]:
    """Return the largest causes of each step in words."""
    named: dict[tuple[int, str], list[str]] = {}
    for cause in found:
        texts = named.setdefault((cause.origin, cause.step), [])
        if len(texts) < NAMED:
            title = f"{cause.heading} {cause.title}".strip()
            texts.append(f"{title} ({cause.effect * 100:+.2f} points; {cause.citation})")
    return {key: "; ".join(texts) for key, texts in named.items()}


def effective_rates(
    book: Lawbook,
    importer: str,
    origins: Sequence[str],
    from_: date,
    until: date | None = None,
    readings: Readings | None = None,
    known_on: date | None = None,
) -> EffectiveRates:
    """Return the effective rates of an importer's trade with some origins.

    Parameters
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    origins : origins as the flow data name them: ISO 2 codes, and the code of a union
    from_, until : days `[from_, until)`; the one day `from_` where `until` is left out
    readings : one option of each reading; the defaults if None
    known_on : day up to which acts are known; the newest act coded if None

    Raises
    ------
    RatesError
        No flows are held, a reading has no such option, or the span is wrong.
    CoverageError
        No law of the importer is coded.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> rates = effective_rates(load_lawbook(), "US", ["MX"], date(2025, 9, 18))
    >>> rates.headline(date(2025, 9, 18))["rate"].to_list()
    [0.25]
    """
    chosen = readings or Readings()
    check_readings(book, chosen)
    known = known_on or book.newest_act
    end = until or from_ + timedelta(days=1)
    flows = load_flows(book, importer, origins, chosen.weights)
    first = _first_day(book, importer, known)
    entered = paid_for(from_, chosen, first)
    segments = build_segments(book, importer, flows.origins, entered, end, chosen, known)
    answers = None
    if chosen.weights in SETS:
        start = build_segments(
            book, importer, flows.origins, first, first + ONE_DAY, chosen, known
        )  # fmt: skip
        claims = claim_shares(flows, BEFORE, (first.year, first.month))
        answers = substitution(flows, start[0].cells, claims, chosen.weights)
    return EffectiveRates(book, importer, flows, chosen, known, from_, end, segments, answers)


def _first_day(book: Lawbook, importer: str, known_on: date) -> date:
    """Return the first day whose law is coded."""
    return date.fromordinal(int(epochs_of(book, importer, known_on).days[0]))
