"""What rows owe by their plans: totals, bounds, and sums by authority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.forms import FormArrays, Note, charge_thirds
from advalorem.batch.lookup import Flat, Found
from advalorem.batch.plans import LOST, PlanArrays
from advalorem.duty.charge import ORDINARY
from advalorem.duty.ledger import ASSESSED, INVALID, UNDETERMINED
from advalorem.duty.numbers import specific
from advalorem.duty.shipments import NOT_STATED, Int, Mask, Shipments

if TYPE_CHECKING:
    from advalorem.batch.rater import Rater

NO_REASON, NO_LAW, NO_CODE, NO_QUANTITY = range(4)
"""Why a row is invalid: its day lies before the law coded, its code is unknown, no quantity."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Results by row, money in cents; `asked` has bit i for fact i, `split` asks for the line.

    `open_` marks rows without an upper bound, `freed` the fees a row is exempt from (see
    `advalorem.batch.fees`), `reason` says why a row is invalid, `form` is the number of the form
    that charges it, -1 for none.
    """

    outcome: NDArray[np.int8]
    low: Int
    high: Int
    open_: Mask
    asked: Int
    split: Mask
    claimed: NDArray[np.int16]
    freed: Int
    reason: NDArray[np.int8]
    form: Int

    def put(self, rows: Int | slice, part: Rated) -> None:
        """Write another result over the rows of these numbers."""
        for name in (*FIELDS, "form"):
            getattr(self, name)[rows] = getattr(part, name)


FIELDS = ("outcome", "low", "high", "open_", "asked", "split", "claimed", "freed", "reason")


def cleared(rated: Rated) -> Rated:
    """Return results in which invalid rows have no amounts and no questions."""
    invalid = np.flatnonzero(rated.outcome == INVALID)
    for name in ("low", "high", "open_", "asked", "split", "freed"):
        getattr(rated, name)[invalid] = 0
    rated.claimed[invalid] = -1
    return rated


def blank(size: int) -> Rated:
    """Return results of so many rows, all undetermined and zero."""
    zero = np.zeros(size, dtype=np.int64)
    no = np.zeros(size, dtype=bool)
    outcome = np.full(size, UNDETERMINED, dtype=np.int8)
    claimed, reason = np.full(size, -1, dtype=np.int16), np.zeros(size, dtype=np.int8)
    return Rated(
        outcome, zero, zero.copy(), no, zero.copy(), no.copy(), claimed, zero.copy(), reason,
        np.full(size, -1),
    )  # fmt: skip


def gathered(flat: Flat, found: Found, rows: Shipments, tally: Tally | None = None) -> Rated:
    """Return the results of rows from their plans; hard rows get nothing of use.

    The duty of assessed rows whose plan is settled is added to `tally`.
    """
    plans, forms = flat.plans, flat.plans.forms
    price, plan = found.price, found.plan
    ordinary = charge_thirds(rows.value, flat.rate.take(price))
    missing = _by_unit(flat, price, rows.quantity, ordinary)
    form = np.maximum(plans.low[0].take(plan), 0)
    outcome, claimed = forms.outcome.take(form), plans.claimed.take(plan)
    note = None
    if tally is not None:
        settled = (outcome == ASSESSED) & ~missing & ~plans.unsettled.take(plan) & (plan > LOST)
        note = tally.noting(forms, form, settled)
        tally.ordinary(forms, form, settled, ordinary, flat.column.take(price))
    low = forms.totals(form, rows.value, rows.quantity, ordinary, note)
    high, open_ = low.copy(), np.zeros(len(rows), dtype=bool)
    asked, freed = plans.asked.take(plan), plans.freed.take(plan)
    here = np.flatnonzero(plans.unsettled.take(plan))
    if len(here):
        cheapest = _bounded(plans, plan, rows, ordinary, here, low, high)
        open_[here] = plans.open_.take(plan[here])
        same = (low[here] == high[here]) & ~open_[here] & ~plans.banned.take(plan[here])
        form[here] = np.where(same & ~forms.in_part.take(cheapest), cheapest, -1)
        outcome[here] = np.where(same, forms.outcome.take(cheapest), UNDETERMINED)
        claimed[here] = np.where(same, forms.claimed.take(cheapest), claimed[here])
        freed[here] = np.where(same, forms.freed.take(cheapest), freed[here])
    outcome[missing] = INVALID
    reason = np.where(outcome == INVALID, NO_QUANTITY, NO_REASON).astype(np.int8)
    lost = np.flatnonzero(plan == LOST)
    outcome[lost], reason[lost] = INVALID, NO_CODE
    split = plans.split.take(plan)
    return Rated(outcome, low, high, open_, asked, split, claimed, freed, reason, form)


@dataclass(slots=True)
class Tally:
    """Sums of duty in cents by measure number and by ordinary column; grows."""

    measures: Counter[int] = field(default_factory=Counter)
    columns: Counter[int] = field(default_factory=Counter)

    def noting(self, forms: FormArrays, form: Int, counted: Mask) -> Note:
        """Return what adds amounts of rows of these forms, of those that count."""
        size = len(forms.outcome)
        key = np.where(counted, form, size)

        def note(measure: Int, here: Int | None, amount: Int) -> None:
            by_form = _sums(key if here is None else key[here], amount, size + 1)[:size]
            for at in np.flatnonzero(by_form).tolist():
                self.measures[int(measure[at])] += int(by_form[at])

        return note

    def ordinary(
        self, forms: FormArrays, form: Int, counted: Mask, ordinary: Int, column: NDArray[np.int8]
    ) -> None:
        """Add the ordinary duty of the rows that count and owe it."""
        owed = np.where(counted & forms.ordinary.take(form), ordinary, 0)
        for at, total in enumerate(_sums(column.astype(np.int64), owed, len(ORDINARY)).tolist()):
            self.columns[at] += total

    def into(self, names: Sequence[str], totals: dict[str, int]) -> None:
        """Add the sums to totals by authority; `names` holds the authority of each measure."""
        for number, total in self.measures.items():
            totals[names[number]] = totals.get(names[number], 0) + total
        for number, total in self.columns.items():
            if total:
                totals[ORDINARY[number]] = totals.get(ORDINARY[number], 0) + total


def add_up(flat: Flat, found: Found, rows: Shipments, here: Int, tally: Tally) -> None:
    """Add the duty of the assessed rows `here`, whatever their plan, to a tally."""
    forms, plan, price = flat.plans.forms, found.plan[here], found.price[here]
    form = np.maximum(flat.plans.low[0].take(plan), 0)
    value, quantity = rows.value[here], rows.quantity[here]
    ordinary = charge_thirds(value, flat.rate.take(price))
    _by_unit(flat, price, quantity, ordinary)
    counted = np.ones(len(here), dtype=bool)
    tally.ordinary(forms, form, counted, ordinary, flat.column.take(price))
    forms.totals(form, value, quantity, ordinary, tally.noting(forms, form, counted))


HALF = 1 << 26
EXACT = 1 << 53


def _sums(which: Int, amount: Int, size: int) -> Int:
    """Return sums of amounts by number, exactly: large ones are taken in two halves."""
    if int(amount.max(initial=0)) * len(amount) < EXACT:
        return np.bincount(which, amount.astype(np.float64), size).astype(np.int64)
    high, low = np.divmod(amount, HALF)
    above, below = (np.bincount(which, part.astype(np.float64), size) for part in (high, low))
    return above.astype(np.int64) * HALF + below.astype(np.int64)


def _by_unit(flat: Flat, price: Int, quantity: Int, ordinary: Int) -> Mask:
    """Add the specific part of ordinary duty; return the rows whose quantity is missing."""
    by_unit = flat.by_unit.take(price)
    here = np.flatnonzero(by_unit)
    stated = here[quantity[here] != NOT_STATED]
    ordinary[stated] += specific(quantity[stated], flat.specific.take(price[stated]))
    by_unit[stated] = False
    return by_unit


def _bounded(
    plans: PlanArrays,
    plan: Int,
    rows: Shipments,
    ordinary: Int,
    here: Int,
    low: Int,
    high: Int,
) -> Int:
    """Fill in the bounds of undetermined rows; return the form of the cheapest answer of each."""
    cheapest = np.zeros(len(low), dtype=np.int64)
    cheapest[here] = plans.low[0].take(plan[here])
    for level in range(1, len(plans.low)):
        at, form, total = _tried(plans, plans.low[level], plan, rows, ordinary, here)
        better = total < low[at]
        low[at[better]] = total[better]
        cheapest[at[better]] = form[better]
    high[here] = 0
    for level in range(len(plans.high)):
        at, _, total = _tried(plans, plans.high[level], plan, rows, ordinary, here)
        high[at] = np.maximum(high[at], total)
    return cheapest[here]


def _tried(
    plans: PlanArrays,
    level: Int,
    plan: Int,
    rows: Shipments,
    ordinary: Int,
    here: Int,
) -> tuple[Int, Int, Int]:
    """Return which rows have a form at a level, the forms, and what they charge."""
    form = level.take(plan[here])
    at, form = here[form >= 0], form[form >= 0]
    return at, form, plans.forms.totals(form, rows.value[at], rows.quantity[at], ordinary[at])


def due_under(
    rater: Rater, flat: Flat, found: Found, rows: Shipments, here: Int, measures: Collection[str]
) -> Int:
    """Return what some measures charge the rows `here`, which are assessed and have plans."""
    forms, names = flat.plans.forms, rater.plans.forms.measures
    wanted = np.array([name in measures for name in names], dtype=bool)
    value, quantity = rows.value[here], rows.quantity[here]
    form = np.maximum(flat.plans.low[0].take(found.plan[here]), 0)
    ordinary = charge_thirds(value, flat.rate.take(found.price[here]))
    _by_unit(flat, found.price[here], quantity, ordinary)
    owed = np.where(forms.ordinary.take(form), ordinary, 0)
    due = np.zeros(len(here), dtype=np.int64)
    for measure, at, amount in forms.charged(form, value, quantity, owed):
        at = np.arange(len(form)) if at is None else at
        due[at] += np.where(wanted.take(measure.take(form[at])), amount, 0)
    return due
