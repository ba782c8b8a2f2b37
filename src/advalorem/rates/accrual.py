"""Duty that each month's imports owe, under growing sets of what lowers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.cells import Cells
from advalorem.rates.claims import ALL as ALL_CLAIM
from advalorem.rates.claims import NONE as NO_CLAIM
from advalorem.rates.claims import claim_shares
from advalorem.rates.effective import EffectiveRates, effective_rates
from advalorem.rates.elasticities import DEFAULT, load_elasticities, shrink
from advalorem.rates.errors import RatesError
from advalorem.rates.flows import BEFORE, Flows, held_origins
from advalorem.rates.readings import LAGS, WEIGHTS, Readings, check_readings, refuse_set
from advalorem.rates.receipts import Month, note, receipts, span_words
from advalorem.rates.substitution import flow_rates
from advalorem.schedule.build import epochs_of

Float = NDArray[np.float64]
RELIEVED = {"relief": "civil_aircraft", "in_transit": ALL_CLAIM}
"""Options under which reliefs that no statistics show count in full."""
LEVELS = ("without_claims", "with_claims", "relieved", "substituted")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a border's duty by month: the same for what is owed and what is collected.

    Attributes
    ----------
    book : the law
    importer : ISO 2 code of the importing country
    first, last : first and last month, as year and month
    readings : one option of each reading
    elasticities : a packaged set, or a CSV file with columns `sector` and `theta`
    """

    book: Lawbook
    importer: str
    first: Month
    last: Month
    readings: Readings = field(default_factory=Readings)
    elasticities: str = DEFAULT

    def months(self) -> list[Month]:
        """Return the months asked, in order.

        Raises
        ------
        RatesError
            One of them lies outside the receipts held, or the last before the first.
        """
        if self.last < self.first:
            raise RatesError(f"to: {self.last[0]}-{self.last[1]:02d} lies before the first month")
        found = [month for month in receipts() if self.first <= month <= self.last]
        if not found or found[0] != self.first or found[-1] != self.last:
            asked = span_words(self.first, self.last)
            raise RatesError(f"months: {asked} are not all held; receipts are of {span_words()}")
        return found

    def check(self) -> None:
        """Check the readings: those known, and none that the parts of the gap stand for.

        Raises
        ------
        RatesError
            A reading has no such option or is a part of the gap by itself, or there is no such set
            of elasticities.
        """
        load_elasticities(self.elasticities)
        check_readings(self.book, self.readings)
        refuse_set(self.readings, (LAGS, WEIGHTS), "the gap has a part of its own for it")


@dataclass(frozen=True, slots=True)
class Accrual:
    """Average rates by month, fractions of the value of imports; each has shape (months,).

    `without_claims`: the law with no preference claimed; `with_claims`: with the claims recorded;
    `relieved`: with reliefs by use and for goods on their way counted in full; `substituted`: with
    flows that answer to their duty. `imports` holds the dollars of goods of all origins of the
    month as observed, `held` the part of a year's imports whose flows are held.
    """

    months: tuple[Month, ...]
    imports: Float
    held: float
    without_claims: Float
    with_claims: Float
    relieved: Float
    substituted: Float


def accrue(question: Question) -> Accrual:
    """Return the average rates of the months asked; the reading of compliance is no part of them.

    Raises
    ------
    RatesError
        A month lies outside the receipts held or before the law that is coded, or a reading is
        none.
    """
    question.check()
    months, chosen = question.months(), question.readings
    book, importer = question.book, question.importer
    origins = held_origins(importer, chosen.weights)
    span = (date(*question.first, 1), _after(date(*question.last, 1)))
    day = epochs_of(book, importer, book.newest_act).span(0)[0]
    start = effective_rates(book, importer, origins, day, readings=chosen)
    plain = effective_rates(book, importer, origins, *span, readings=chosen)
    eased = effective_rates(book, importer, origins, *span, readings=replace(chosen, **RELIEVED))
    theta = load_elasticities(question.elasticities).of_flows(plain.flows.hts)
    claims = claim_shares(plain.flows, BEFORE, (day.year, day.month))
    base = flow_rates(start.segments[0].cells, plain.flows, claims)
    rates = np.zeros((len(months), len(LEVELS)))
    for number, month in enumerate(months):
        for cells, lighter, days in _spans(plain, eased, month):
            felt = theta * response(_months_between(day, month))
            rates[number] += days * _levels(plain.flows, cells, lighter, chosen, month, felt, base)
        rates[number] /= (_after(date(*month, 1)) - date(*month, 1)).days
    return Accrual(
        months=tuple(months),
        imports=np.array([receipts()[month][1] for month in months]),
        held=held_share(plain.flows),
        **{name: rates[:, column] for column, name in enumerate(LEVELS)},
    )


def _months_between(day: date, month: Month) -> int:
    """Return the months from the one after a day's to a month.

    >>> _months_between(date(2025, 1, 1), (2025, 2))
    0
    """
    return (month[0] - day.year) * 12 + month[1] - day.month - 1


def response(months: int) -> float:
    """Return the part of the long-run answer of trade that has come some months after a change.

    >>> response(0), response(15)
    (0.378, 1.0)
    """
    at_once = note("response_at_once")
    return at_once + (1.0 - at_once) * min(max(months, 0) / note("response_months"), 1.0)


def _after(day: date) -> date:
    """Return the first day of the next month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def held_share(flows: Flows) -> float:
    """Return the part of the goods imports of the flows' year that the flows hold."""
    year = sum(goods for month, (_, goods) in receipts().items() if str(month[0]) == flows.year)
    return float(min(flows.value.sum() / year, 1.0)) if year else 1.0


def _spans(
    plain: EffectiveRates, eased: EffectiveRates, month: Month
) -> Iterator[tuple[Cells, Cells, int]]:
    """Yield the two laws' cells and the days of each part of a month in which both stand still."""
    first = date(*month, 1)
    after = _after(first)
    starts = {segment.from_ for rates in (plain, eased) for segment in rates.segments}
    cuts = [first, *sorted(day for day in starts if first < day < after), after]
    for day, end in pairwise(cuts):
        yield _on(plain, day), _on(eased, day), (end - day).days


def _on(rates: EffectiveRates, day: date) -> Cells:
    return next(s.cells for s in rates.segments if s.from_ <= day < s.until)


def _levels(
    flows: Flows, cells: Cells, lighter: Cells, readings: Readings, month: Month,
    theta: Float, base: Float,
) -> Float:  # fmt: skip
    """Return the average rate of a day at each level; shape (levels,)."""
    none = claim_shares(flows, NO_CLAIM, month)
    claims = claim_shares(flows, readings.usmca_share, month)
    owed = flow_rates(lighter, flows, claims)
    kept = flows.value * shrink(base, owed, theta)
    return np.array(
        [
            np.average(flow_rates(cells, flows, none), weights=flows.value),
            np.average(flow_rates(cells, flows, claims), weights=flows.value),
            np.average(owed, weights=flows.value),
            np.average(owed, weights=kept),
        ]
    )
