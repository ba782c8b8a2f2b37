"""From duty owed to duty received, month by month: parts that sum exactly to the gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.accrual import Accrual, Question
from advalorem.rates.packed import accrual_of
from advalorem.rates.readings import COMPLIANCE, Readings, paid_part, said
from advalorem.rates.receipts import NOTES, Month, month_end, note, receipts
from advalorem.rates.tables import notes

Float = NDArray[np.float64]
OBSERVED, MODELLED = "observed", "modelled"
STEPS = {
    "not_held": ("Origins whose flows are not held", MODELLED),
    "claims": ("Preferences claimed", OBSERVED),
    "exemptions": ("Exemptions that statistics do not show", MODELLED),
    "substitution": ("Trade that moves away from the duty", MODELLED),
    "compliance": ("Duty owed that is not declared or paid", MODELLED),
    "lags": ("Paid in a later month", MODELLED),
    "refunds": ("Refunds and drawback", MODELLED),
    "unexplained": ("Not explained", MODELLED),
}
"""Parts between duty owed and receipts, in order: words, and whether seen or modelled."""


@dataclass(frozen=True, slots=True)
class Collected:
    """Duty owed, receipts and the parts of the gap, in dollars by month.

    `owed` is the law without any claim on the trade whose flows are held; `parts` has shape
    (months, steps), in the order of `STEPS`; owed plus all parts is what was received.
    """

    accrual: Accrual
    owed: Float
    received: Float
    parts: Float

    @property
    def months(self) -> tuple[Month, ...]:
        """The months, in order."""
        return self.accrual.months

    def by_month(self) -> pl.DataFrame:
        """Return one row a month: owed, each part, received, all in dollars."""
        frame: dict[str, object] = {
            "month_end": [month_end(month) for month in self.months],
            "imports_usd": self.accrual.imports,
            "owed_usd": self.owed,
        }
        for number, step in enumerate(STEPS):
            frame[f"{step}_usd"] = self.parts[:, number]
        return pl.DataFrame({**frame, "received_usd": self.received})

    def steps(self) -> pl.DataFrame:
        """Return the sums over all months, from duty owed to receipts, with each part's kind."""
        rows = [("owed", "Owed by law, nothing claimed, trade held", MODELLED, self.owed.sum())]
        for number, (step, (label, kind)) in enumerate(STEPS.items()):
            rows.append((step, label, kind, self.parts[:, number].sum()))
        rows.append(("received", "Received, net of refunds", OBSERVED, self.received.sum()))
        total = [(*row, float(row[3]) / float(self.received.sum())) for row in rows]
        columns = ["step", "label", "kind", "amount_usd", "of_received"]
        return pl.DataFrame(total, schema=columns, orient="row")


def collected(question: Question) -> Collected:
    """Return duty owed and received by month, and the gap between them in parts.

    Duty on entries of a month is paid partly in the next (19 U.S.C. 1505(a)); before the first
    month the same rate is taken. The part that is never paid is that of the reading of compliance;
    refunds are held flat.

    Raises
    ------
    RatesError
        A month lies outside the receipts held or before the law that is coded, or a reading is
        none.
    """
    return reconcile(accrual_of(question), paid_part(question.readings))


def reconcile(accrual: Accrual, part: float = 1.0) -> Collected:
    """Return the parts between what an accrual owes and what was received; no law is read.

    `part` of the duty owed is paid.

    >>> from advalorem.rates.accrual import Accrual
    >>> one = np.array([0.1])
    >>> got = reconcile(Accrual(((2025, 1),), np.array([1e11]), 0.9, one, one, one, one), 0.97)
    >>> round(float(got.owed[0] + got.parts.sum() - got.received[0]), 6)
    0.0
    """
    trade = accrual.imports
    held = accrual.without_claims * trade * accrual.held
    levels = [accrual.without_claims, accrual.with_claims, accrual.relieved, accrual.substituted]
    entered = [rate * trade for rate in levels]
    due = part * entered[-1]
    paid = _paid(due, part * _before(accrual))
    received = np.array([receipts()[month][0] for month in accrual.months])
    refunds = np.full(len(trade), -note("refunds_usd_per_month"))
    walk = [held, *entered, due, paid, paid + refunds, received]
    parts = np.diff(np.stack(walk), axis=0).T
    return Collected(accrual, held, received, parts)


def _before(accrual: Accrual) -> float:
    """Return what the month before the first entered owes, at the rate of the first month."""
    year, month = accrual.months[0]
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    goods = receipts().get(before, (0.0, float(accrual.imports[0])))[1]
    return float(accrual.substituted[0]) * goods


def _paid(entered: Float, before: float) -> Float:
    """Return what is paid in each month of what was entered in it and in the month before.

    >>> _paid(np.array([100.0]), 100.0)
    array([100.])
    """
    monthly = note("monthly_statement_share")
    now = (1.0 - monthly) * note("daily_paid_same_month_share")
    earlier = np.concatenate([[before], entered[:-1]])
    return np.asarray(now * entered + (1.0 - now) * earlier)


def statements(book: Lawbook, readings: Readings | None = None) -> list[str]:
    """Return the assumptions behind the parts in words.

    >>> from advalorem.law.load import load_lawbook
    >>> any("seasons" in line for line in statements(load_lawbook()))
    True
    """
    told = [f"{name}: {text}" for name, text in notes(NOTES)["readings"].items()]
    names = ("monthly_statement_share", "daily_paid_same_month_share", "refunds_usd_per_month")
    for name in names:
        held = notes(NOTES)[name]
        told.append(
            f"{name} = {held['value']} ({held['kind']}): {held['meaning']}; {held['source']}"
        )
    return [*told, said(book, COMPLIANCE, (readings or Readings()).compliance)]
