"""Revenue of a law on a year's trade: static, and with trade that answers to the duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.accrual import held_share
from advalorem.rates.cells import Cells
from advalorem.rates.claims import claim_shares
from advalorem.rates.effective import EffectiveRates, effective_rates
from advalorem.rates.elasticities import (
    DEFAULT,
    INDEPENDENT,
    Elasticities,
    held_sets,
    load_elasticities,
    shrink,
)
from advalorem.rates.flows import Flows, held_origins, total_by
from advalorem.rates.readings import (
    LAGS,
    WEIGHTS,
    Readings,
    check_readings,
    paid_part,
    refuse_set,
)
from advalorem.rates.weights import row_weights

Float = NDArray[np.float64]
STATIC, SUBSTITUTED, LOW, HIGH = "static", "substituted", "low", "high"


@dataclass(frozen=True, slots=True)
class Side:
    """One law on a year's flows: its day, and rates by flow and authority, (flows, authorities)."""

    on: date
    authorities: tuple[str, ...]
    rate: Float

    @property
    def total(self) -> Float:
        """The whole rate of each flow; shape (flows,)."""
        return np.asarray(self.rate.sum(axis=1))


@dataclass(frozen=True, slots=True)
class Revenue:
    """Revenue of a law over that of another, on the trade of one year, in dollars a year.

    `held` is the part of the year's imports whose flows are held; the rest is not counted. `paid`
    is the part of the duty owed that is paid, under either law.
    """

    flows: Flows
    law: Side
    against: Side
    elasticities: Elasticities
    held: float
    statements: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    paid: float = 1.0

    def summary(self) -> pl.DataFrame:
        """Return the cases: static, with substitution, and where there are errors the interval.

        Columns: `case, revenue_usd, against_usd, change_usd, imports_usd, rate, not_paid_usd`; the
        last is what is owed beside the revenue and, as modelled, not paid.
        """
        static, kept = self.flows.value, self.kept()
        cases: list[tuple[str, float, Float | None]] = [
            (STATIC, self._of(static), static),
            (SUBSTITUTED, self._of(kept), kept),
        ]
        if self.elasticities.has_errors:
            down, up = self.interval()
            cases += [(LOW, down, None), (HIGH, up, None)]
        before = self.paid * float(self.flows.value @ self.against.total)
        rows = [
            (case, amount, before, amount - before, *_trade(amount, value),
             amount / self.paid - amount)
            for case, amount, value in cases
        ]  # fmt: skip
        columns = ["case", "revenue_usd", "against_usd", "change_usd", "imports_usd", "rate",
                   "not_paid_usd"]  # fmt: skip
        return pl.DataFrame(rows, schema=columns, orient="row")

    def kept(self) -> Float:
        """Return each flow after its answer to the change of its rate; shape (flows,)."""
        theta = self.elasticities.of_flows(self.flows.hts)
        return self.flows.value * shrink(self.against.total, self.law.total, theta)

    def interval(self) -> tuple[float, float]:
        """Return the 95 per cent interval of revenue with substitution, in dollars.

        The estimates of the elasticities are independent, as in the interval of the rates.
        """

        def amount(theta: Float) -> Float:
            kept = self.flows.value * shrink(self.against.total, self.law.total, theta)
            return np.array(self._of(kept))

        low, high = self.elasticities.interval(self.flows.hts, amount)
        return float(low), float(high)

    def _of(self, value: Float) -> float:
        return self.paid * float(value @ self.law.total)

    def by_authority(self) -> pl.DataFrame:
        """Return revenue by authority: static, with substitution, and of the law compared with."""
        names = sorted({*self.law.authorities, *self.against.authorities})
        rows = [
            (name, *(self._authority(side, name, value) for side, value in self._columns()))
            for name in names
        ]
        columns = ["authority", "static_usd", "substituted_usd", "against_usd"]
        frame = pl.DataFrame(rows, schema=columns, orient="row")
        return frame.filter(pl.sum_horizontal(pl.col(columns[1:]).abs()) > 0)

    def _columns(self) -> list[tuple[Side, Float]]:
        value, kept = self.paid * self.flows.value, self.paid * self.kept()
        return [(self.law, value), (self.law, kept), (self.against, value)]

    def _authority(self, side: Side, name: str, value: Float) -> float:
        if name not in side.authorities:
            return 0.0
        return float(value @ side.rate[:, side.authorities.index(name)])

    def by_origin(self) -> pl.DataFrame:
        """Return revenue by origin: static, with substitution, and of the law compared with."""
        size = len(self.flows.origins)
        sums = [total_by(self.flows.origin, v * side.total, size) for side, v in self._columns()]
        static, substituted, before = sums
        return pl.DataFrame(
            {
                "origin": self.flows.origins,
                "imports_usd": self.flows.totals(),
                "static_usd": static,
                "substituted_usd": substituted,
                "against_usd": before,
            }
        )

    def across_sets(self) -> pl.DataFrame:
        """Return revenue with substitution under each packaged set: no interval, a comparison.

        Columns: `elasticities, revenue_usd, source`.
        """
        rows = []
        for name in held_sets():
            held = load_elasticities(name)
            theta = held.of_flows(self.flows.hts)
            kept = self.flows.value * shrink(self.against.total, self.law.total, theta)
            rows.append((name, self._of(kept), held.source))
        return pl.DataFrame(rows, schema=["elasticities", "revenue_usd", "source"], orient="row")


def revenue(
    book: Lawbook,
    importer: str,
    on: date,
    against: date,
    under: Lawbook | None = None,
    readings: Readings | None = None,
    elasticities: str = DEFAULT,
    known_on: date | None = None,
) -> Revenue:
    """Return the revenue in a year of the law on one day over that on another.

    Parameters
    ----------
    book : the law; on the day `against` it is this one
    importer : ISO 2 code of the importing country
    on, against : days whose law is taken as if it stood for a year
    under : the law on the day `on` where it is another, such as that of a scenario
    readings : one option of each reading; claims are those of the month of each day
    elasticities : a packaged set, or a CSV file with columns `sector, theta` and perhaps `se`

    Raises
    ------
    RatesError
        No flows are held, a reading or set is unknown, or a day lies before the law coded.
    """
    chosen = readings or Readings()
    check_readings(book, chosen)
    refuse_set(chosen, (WEIGHTS,), "substitution is a case of its own here")
    refuse_set(chosen, (LAGS,), "a year's revenue of a law has no month of payment")
    origins = held_origins(importer, chosen.weights)
    theta = load_elasticities(elasticities)
    new = effective_rates(under or book, importer, origins, on, None, chosen, known_on)
    old = effective_rates(book, importer, origins, against, None, chosen, known_on)
    law, before = _side(new, on, chosen), _side(old, against, chosen)
    held = held_share(new.flows)
    warned = tuple(dict.fromkeys([*new.warnings(), *old.warnings()]))
    said = _said(new, theta, held)
    return Revenue(new.flows, law, before, theta, held, said, warned, paid_part(chosen))


def _trade(amount: float, value: Float | None) -> tuple[float | None, float | None]:
    """Return imports and the average rate, none where the trade behind an amount is not one."""
    if value is None:
        return None, None
    return float(value.sum()), amount / float(value.sum())


def _side(rates: EffectiveRates, on: date, readings: Readings) -> Side:
    cells = rates.segments[0].cells
    shares = claim_shares(rates.flows, readings.usmca_share, (on.year, on.month))
    return Side(on, cells.authorities, _flow_rates(cells, rates.flows, shares))


def _flow_rates(cells: Cells, flows: Flows, shares: Float) -> Float:
    """Return rates by flow and authority; shape (flows, authorities)."""
    rows = cells.situations
    weights = row_weights(flows, rows, shares)
    duty = [
        total_by(rows.flow, weights * cells.rate[rows.cell, column], len(flows))
        for column in range(len(cells.authorities))
    ]
    value = np.where(flows.value > 0, flows.value, 1.0)
    return np.stack(duty, axis=1) / value[:, None]


def _said(rates: EffectiveRates, theta: Elasticities, held: float) -> tuple[str, ...]:
    none = "its source gives no standard errors, so no interval is given"
    error = INDEPENDENT if theta.has_errors else none
    return (
        f"trade of {rates.flows.year}: {held:.1%} of all goods imports; the rest is not counted",
        f"elasticities {theta.name}: {theta.source}; {error}",
        "with substitution each flow answers alone, at constant elasticity and fixed border prices,"
        " in full; what buyers turn to instead is not added back",
        "duty owed, not received: nothing is taken off for refunds or lags, and for what is not"
        " declared or paid only what the reading of compliance says, which is a model",
        *rates.statements(),
    )
