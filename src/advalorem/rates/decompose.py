"""From the headline rate to the average: steps that sum exactly.

The trade of a year is rated with more and more of the law switched on: first the headline rate on
everything, then column 1, the lists that the headline measure exempts or charges less, the other
measures, what yields to them, and the claims. The parts of each cell come from one ledger, so the
last step ends at the average itself. `shapley` averages each step's effect over all orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.ledger import APPLIED
from advalorem.rates.cells import Cells
from advalorem.rates.flows import Flows, total_by
from advalorem.rates.situations import NOMINAL
from advalorem.rates.weights import average_shares, row_weights
from advalorem.schedule.model import Int, Mask, Rule, Schedule

Float = NDArray[np.float64]

HEADLINE, NOT_RATED, COLUMN_1, EXEMPTIONS, OTHERS, STACKING, CLAIMS, COMPOSITION, COMPLIANCE = (
    "headline", "not_rated", "column_1", "exemptions", "other_measures", "stacking", "claims",
    "claims_composition", "compliance",
)  # fmt: skip
LABELS = {
    HEADLINE: "Headline rate on all imports",
    NOT_RATED: "Trade under codes that no line holds, counted at no duty",
    COLUMN_1: "Column 1 duty where no preference is claimed",
    EXEMPTIONS: "Goods that the headline measure exempts or charges less",
    OTHERS: "Other measures",
    STACKING: "The headline measure yields to other measures",
    CLAIMS: "Claims of preference, at the same share in every line",
    COMPOSITION: "Claims fall on lines with other rates than the average",
    COMPLIANCE: "Duty owed that is not paid (modelled)",
}
CLAIMS_ALONE = "Claims of preference"
PLAYERS = (COLUMN_1, EXEMPTIONS, OTHERS, STACKING, CLAIMS)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an origin's decomposition: its effect, and the rate after it."""

    origin: int
    step: str
    effect: float
    rate_after: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The parts of each cell's rate; shape (cells,) or, by headline measure, (cells, measures).

    `printed`: the rate announced for the cell's origin. `listed`: the rate of the provision that
    decides, before it yields. `kept`: the part of it left after yielding. `claimed`: whether that
    provision is open to a claim only. `ordinary`, `others`: duty of column 1 and other measures.
    """

    printed: Float
    listed: Float
    kept: Float
    claimed: Mask
    ordinary: Float
    others: Float


def headline_rules(schedule: Schedule, country: int) -> list[Rule]:
    """Return the provisions that announce a rate for all goods of a country.

    It is a headline measure's first provision without list or condition that names the country,
    where it bears duty.

    Examples
    --------
    >>> from datetime import date
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.schedule.build import build_schedule
    >>> schedule = build_schedule(load_lawbook(), "US", date(2025, 9, 18))
    >>> [rule.rate / 10**6 for rule in headline_rules(schedule, schedule.country("MX"))]
    [0.25]
    """
    found: dict[str, Rule] = {}
    for rule in schedule.rules:
        general = rule.provision.products is None and not rule.tests
        if rule.measure.headline and general and rule.origins[country]:
            found.setdefault(rule.measure.measure, rule)
    return [rule for rule in found.values() if rule.bears]


def pieces(cells: Cells) -> Pieces:
    """Return the parts of every cell's rate."""
    schedule, ledger, size = cells.schedule, cells.ledger, len(cells.total)
    rules = {n: headline_rules(schedule, int(n)) for n in np.unique(cells.shipments.origin)}
    measures = sorted({rule.measure.measure for group in rules.values() for rule in group})
    shape = (size, len(measures))
    printed, listed, kept = np.zeros(shape), np.zeros(shape), np.ones(shape)
    claimed = np.zeros(shape, dtype=bool)
    for country, group in rules.items():
        for rule in group:
            here = cells.shipments.origin == country
            printed[here, measures.index(rule.measure.measure)] = rule.rate / 10**6
    ordinary, others = np.zeros(size), np.zeros(size)
    for number, layer in enumerate(ledger.layers):
        lines = np.flatnonzero(ledger.layer == number)
        row, amount = ledger.row[lines], ledger.amount[lines] / NOMINAL
        if layer.rule is None:
            np.add.at(ordinary, row, amount)
        elif layer.rule.measure.measure not in measures:
            np.add.at(others, row, amount)
        else:
            column = measures.index(layer.rule.measure.measure)
            listed[row, column], kept[row, column] = _own(cells, lines, layer.rule)
            tests = [schedule.conditions[test] for test in layer.rule.tests]
            claimed[row, column] = any(test.claim and not test.negate for test in tests)
    return Pieces(printed, listed, kept, claimed, ordinary, others)


def _own(cells: Cells, lines: Int, rule: Rule) -> tuple[Float, Float]:
    """Return the rate before yielding, and the part kept, of ledger lines of one rule."""
    ledger = cells.ledger
    applied = ledger.reason[lines] == APPLIED
    amount, base = ledger.amount[lines] / NOMINAL, ledger.base[lines] / NOMINAL
    yields = ledger.by[lines] >= 0
    whole = np.full(len(lines), rule.rate / 10**6)
    if rule.form == "up_to_total":
        column = cells.authorities.index(_ordinary_slug(cells))
        whole = np.maximum(whole - cells.rate[ledger.row[lines], column], 0.0)
    charged = np.where(base > 0, amount / np.where(base > 0, base, 1.0), 0.0)
    listed = np.where(yields, np.where(applied, charged, whole), np.where(applied, amount, 0.0))
    kept = np.where(yields, np.where(applied, base, 0.0), 1.0)
    return listed, kept


def _ordinary_slug(cells: Cells) -> str:
    return cells.schedule.book.columns[cells.schedule.importer].authority


def rate_with(parts: Pieces, switched: frozenset[str]) -> Float:
    """Return each cell's rate with the named parts of the law switched on; shape (cells,)."""
    listed = parts.claimed | (EXEMPTIONS in switched)
    headline = np.where(listed, parts.listed, parts.printed)
    if {STACKING, OTHERS} <= switched:
        headline = headline * parts.kept
    total = headline.sum(axis=1)
    if OTHERS in switched:
        total = total + parts.others
    return np.asarray(total + parts.ordinary if COLUMN_1 in switched else total)


@dataclass(frozen=True, slots=True)
class Trade:
    """What averages need: rows' cells and origins, imports by origin, weights by claim state."""

    cell: Int
    origin: Int
    imports: Float
    unclaimed: Float
    uniform: Float
    actual: Float

    def average(self, by_cell: Float, weights: Float) -> Float:
        """Return the average of a cell value by origin; shape (origins,)."""
        return total_by(self.origin, weights * by_cell[self.cell], len(self.imports)) / self.imports


def trade_of(cells: Cells, flows: Flows, shares: Float) -> Trade:
    """Return the weights of a decomposition: nobody claims, all alike, as the shares say."""
    situations = cells.situations
    alike = average_shares(flows, situations, shares)
    return Trade(
        cell=situations.cell,
        origin=flows.origin[situations.flow],
        imports=flows.totals(),
        unclaimed=row_weights(flows, situations, np.zeros(len(flows))),
        uniform=row_weights(flows, situations, alike),
        actual=row_weights(flows, situations, shares),
    )


def decompose(cells: Cells, trade: Trade, shapley: bool = False, paid: float = 1.0) -> list[Step]:
    """Return the steps from the headline to the average of each origin.

    The effects of an origin's steps sum to its average rate. Where only a part of the duty owed is
    `paid`, that is a step of its own.
    """
    parts = pieces(cells)
    start = _headline_on_everything(parts, trade)
    rated = trade.average(rate_with(parts, frozenset()), trade.unclaimed)
    end = paid * trade.average(cells.total, trade.actual)
    effects = (_shapley if shapley else _ordered)(parts, trade, paid)
    names = [NOT_RATED, *effects]
    values = [rated - start, *effects.values()]
    values[-1] = values[-1] + (end - start - np.sum(values, axis=0))
    return [
        step
        for origin in range(len(trade.imports))
        for step in _steps(origin, float(start[origin]), names, [float(v[origin]) for v in values])
    ]


def _headline_on_everything(parts: Pieces, trade: Trade) -> Float:
    """Return the announced rate of each origin; shape (origins,)."""
    rate = np.zeros(len(trade.imports))
    np.maximum.at(rate, trade.origin, parts.printed.sum(axis=1)[trade.cell])
    return rate


def _steps(origin: int, start: float, names: Sequence[str], values: Sequence[float]) -> list[Step]:
    steps, after = [Step(origin, HEADLINE, start, start)], start
    for name, value in zip(names, values, strict=True):
        after += value
        steps.append(Step(origin, name, value, after))
    return steps


def _ordered(parts: Pieces, trade: Trade, paid: float) -> dict[str, Float]:
    """Return the effect of each step by origin, in the fixed order."""
    switched: frozenset[str] = frozenset()
    before = trade.average(rate_with(parts, switched), trade.unclaimed)
    effects = {}
    for name in (COLUMN_1, EXEMPTIONS, OTHERS, STACKING):
        switched |= {name}
        after = trade.average(rate_with(parts, switched), trade.unclaimed)
        effects[name], before = after - before, after
    for name, weights in ((CLAIMS, trade.uniform), (COMPOSITION, trade.actual)):
        after = trade.average(rate_with(parts, switched), weights)
        effects[name], before = after - before, after
    return effects if paid == 1.0 else {**effects, COMPLIANCE: (paid - 1.0) * before}


def _shapley(parts: Pieces, trade: Trade, paid: float) -> dict[str, Float]:
    """Return the effect of each step by origin, averaged over all orders of the steps."""
    worth = {
        chosen: trade.average(
            rate_with(parts, chosen), trade.actual if CLAIMS in chosen else trade.unclaimed
        )
        for size in range(len(PLAYERS) + 1)
        for chosen in map(frozenset, combinations(PLAYERS, size))
    }
    if paid == 1.0:
        return {player: _shapley_value(worth, player, len(PLAYERS)) for player in PLAYERS}
    worth |= {chosen | {COMPLIANCE}: paid * rate for chosen, rate in worth.items()}
    players = (*PLAYERS, COMPLIANCE)
    return {player: _shapley_value(worth, player, len(players)) for player in players}


def _shapley_value(worth: dict[frozenset[str], Float], player: str, count: int) -> Float:
    """Return the average marginal effect of one player of `count`."""
    total = np.zeros_like(worth[frozenset()])
    for before, value in worth.items():
        if player not in before:
            size = len(before)
            chance = factorial(size) * factorial(count - size - 1) / factorial(count)
            total = total + chance * (worth[before | {player}] - value)
    return total
