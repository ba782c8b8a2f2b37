"""Plans: what is owed in each situation, decided once by the kernel and kept.

A plan lists the forms among which the least and the most duty of a situation lie: one form where
it is settled, those of all completions, less the ones that others outbid, where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from advalorem.batch.completions import Asked, levels
from advalorem.batch.content import ContentBook, signatures
from advalorem.batch.fees import freed_by
from advalorem.batch.forms import Form, FormArrays, FormBook, FormRows, at_most, forms_of
from advalorem.batch.lines import SheetArrays, SheetBook
from advalorem.batch.tables import EpochTable
from advalorem.duty.assess import assess_rows, resolve_lines
from advalorem.duty.ledger import PROHIBITED, UNDETERMINED, Ledger
from advalorem.duty.shipments import Int, Mask, Shipments

UNDECIDED, HARD, LOST = range(3)
"""Plan numbers: not yet met; rows that go one by one; codes that the epoch does not know."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Form numbers for the least and the most duty, the claim accepted, fees exempt, what is asked.

    `asked` has bit i for fact i; `open_` says that there is no upper bound, `split` that the
    lines under the code differ in law, `banned` that some answers prohibit and others do not.
    """

    low: tuple[int, ...]
    high: tuple[int, ...]
    claimed: int = -1
    freed: int = 0
    asked: int = 0
    open_: bool = False
    split: bool = False
    banned: bool = False


@dataclass(frozen=True, slots=True)
class PlanArrays:
    """Plans as arrays: `low` and `high` (levels, plans) with -1 for none, the others (plans,)."""

    low: Int
    high: Int
    claimed: NDArray[np.int16]
    freed: Int
    asked: Int
    open_: Mask
    split: Mask
    banned: Mask
    unsettled: Mask
    forms: FormArrays
    sheets: SheetArrays


@dataclass(slots=True)
class PlanBook:
    """All plans met so far, numbered; grows only."""

    forms: FormBook = field(default_factory=FormBook)
    plans: list[Plan] = field(default_factory=lambda: [Plan((), ())] * 3)
    number: dict[Plan, int] = field(default_factory=dict)
    decided: dict[tuple[bytes, ...], int] = field(default_factory=dict)
    content: ContentBook = field(default_factory=ContentBook)
    below: dict[tuple[int, int], bool] = field(default_factory=dict)

    def add(self, plan: Plan) -> int:
        """Return the number of a plan, giving it one if it is new."""
        if not self.number:
            self.number = {each: at for at, each in enumerate(self.plans) if each.low}
        found = self.number.get(plan)
        if found is None:
            found = self.number[plan] = len(self.plans)
            self.plans.append(plan)
        return found

    def arrays(self) -> PlanArrays:
        """Return the plans as arrays."""
        return PlanArrays(
            low=_ragged([plan.low for plan in self.plans]),
            high=_ragged([plan.high for plan in self.plans]),
            claimed=np.array([plan.claimed for plan in self.plans], dtype=np.int16),
            freed=np.array([plan.freed for plan in self.plans], dtype=np.int64),
            asked=np.array([plan.asked for plan in self.plans], dtype=np.int64),
            open_=np.array([plan.open_ for plan in self.plans], dtype=bool),
            split=np.array([plan.split for plan in self.plans], dtype=bool),
            banned=np.array([plan.banned for plan in self.plans], dtype=bool),
            unsettled=np.array([plan.asked or plan.split for plan in self.plans], dtype=bool),
            forms=self.forms.arrays(),
            sheets=(self.forms.sheets or SheetBook()).arrays(),
        )

    def at_most(self, one: int, other: int) -> bool:
        """Return whether form `one` never charges more than form `other`, remembering it."""
        pair = (one, other)
        if pair not in self.below:
            self.below[pair] = at_most(self.forms.forms[one], self.forms.forms[other])
        return self.below[pair]


def _ragged(lists: Sequence[Sequence[int]]) -> Int:
    """Return lists side by side, filled with -1; shape (longest, lists)."""
    depth = max((len(numbers) for numbers in lists), default=0)
    table = np.full((max(depth, 1), len(lists)), -1, dtype=np.int64)
    for column, numbers in enumerate(lists):
        table[: len(numbers), column] = numbers
    return table


def decide(book: PlanBook, table: EpochTable, rows: Shipments, at: Int) -> NDArray[np.int32]:
    """Return the plan numbers of rows of one epoch, deciding each new situation once.

    `at` is where each row stands in the tables by mode and cell.
    """
    line, _, split = resolve_lines(table.schedule, rows)
    flag = table.flag.ravel()[at].astype(np.int64)
    rate, specific, *_ = table.prices[table.price.ravel()[at]].T
    due = (rate > 0) | (specific > 0)
    names, first, inverse = signatures(book.content, table, rows, line, split, flag)
    fresh = np.array([name not in book.decided for name in names], dtype=bool)
    if fresh.any():
        plans = _decided(book, table, rows.take(first[fresh]), due[first[fresh]])
        new = [name for name, is_fresh in zip(names, fresh.tolist(), strict=True) if is_fresh]
        book.decided.update(zip(new, plans, strict=True))
    return np.array([book.decided[name] for name in names], dtype=np.int32)[inverse]


def _decided(book: PlanBook, table: EpochTable, rows: Shipments, due: Mask) -> list[int]:
    """Return the plan number of each representative row; `due` has an ordinary rate above zero."""
    ledger = assess_rows(table.schedule, rows)
    freed = freed_by(table.schedule.book, table.schedule.importer, ledger)
    settled = _forms(book, table, ledger, rows.value, due)
    plans = [HARD if hard else form for form, hard in _pairs(settled)]
    open_rows = np.flatnonzero(ledger.outcome == UNDETERMINED)
    heads = [
        Plan((), (), int(ledger.claimed[row]), int(freed[row]), split=bool(ledger.split[row]))
        for row in open_rows.tolist()
    ]
    found = _completed(book, table, rows.take(open_rows), due[open_rows], heads)
    for row, plan in zip(open_rows.tolist(), found, strict=True):
        plans[row] = HARD if plan is None else book.add(plan)
    for row in np.flatnonzero((ledger.outcome != UNDETERMINED) & ~settled.hard).tolist():
        claimed = int(ledger.claimed[row])
        plans[row] = book.add(Plan((plans[row],), (plans[row],), claimed, int(freed[row])))
    return plans


def _pairs(rows: FormRows) -> Iterable[tuple[int, bool]]:
    return zip(rows.form.tolist(), rows.hard.tolist(), strict=True)


def _ordinary(ledger: Ledger) -> Int:
    """Return the ordinary duty in a ledger, by row."""
    own = np.array([layer.rule is None for layer in ledger.layers], dtype=bool)[ledger.layer]
    duty = np.zeros(len(ledger), dtype=np.int64)
    np.add.at(duty, ledger.row[own], ledger.amount[own])
    return duty


def _forms(book: PlanBook, table: EpochTable, ledger: Ledger, value: Int, due: Mask) -> FormRows:
    lifted = due & (_ordinary(ledger) == 0)
    freed = freed_by(table.schedule.book, table.schedule.importer, ledger)
    return forms_of(ledger, value, lifted, freed, book.forms)


def _completed(
    book: PlanBook, table: EpochTable, rows: Shipments, due: Mask, heads: list[Plan]
) -> list[Plan | None]:
    """Return the plan of each undetermined row, None where a completion has no form."""
    size = len(rows)
    asked = Asked(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool))
    forms: list[dict[int, None]] = [{} for _ in range(size)]
    hard = np.zeros(size, dtype=bool)
    for level in levels(table.schedule, rows, asked):
        found = _forms(book, table, level.ledger, level.rows.value, due[level.parent])
        done = np.flatnonzero(level.settled)
        parent, form = level.parent[done], found.form[done]
        hard[parent[found.hard[done]]] = True
        pairs, first = np.unique(parent * len(book.forms.forms) + form, return_index=True)
        for pair in pairs[np.argsort(first, kind="stable")].tolist():
            row, number = divmod(pair, len(book.forms.forms))
            forms[row].setdefault(number)
    plans: list[Plan | None] = []
    for row, head in enumerate(heads):
        low, high = _pruned(book, list(forms[row]))
        facts, unbounded = int(asked.facts[row]), bool(asked.open_[row])
        bans = {_outcome(book, form)[0] == PROHIBITED for form in forms[row]}
        plan = replace(head, low=low, high=high, asked=facts, open_=unbounded, banned=len(bans) > 1)
        plans.append(None if hard[row] else plan)
    return plans


def _pruned(book: PlanBook, forms: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return forms in order of search, less those that can never be the least or the most."""
    low = [form for form in forms if not _outbid(book, form, forms, least=True)]
    high = [form for form in forms if not _outbid(book, form, forms, least=False)]
    return tuple(low), tuple(high)


def _outbid(book: PlanBook, form: int, forms: list[int], *, least: bool) -> bool:
    """Return whether another form always gives as good a bound, and the same outcome in a tie."""
    place = forms.index(form)
    for rank, other in enumerate(forms):
        if other == form:
            continue
        beaten = book.at_most(other, form) if least else book.at_most(form, other)
        tied = book.at_most(form, other) if least else book.at_most(other, form)
        if not beaten or (tied and rank > place):
            continue
        if rank < place or not least or _outcome(book, other) == _outcome(book, form):
            return True
    return False


def _outcome(book: PlanBook, number: int) -> tuple[int, int, int, int]:
    form: Form = book.forms.forms[number]
    return form.outcome, form.claimed, form.freed, form.sheet
