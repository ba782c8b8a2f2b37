"""From raw tables to shares: every repair is named, located and measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.economy import (
    Adjustment,
    Economy,
    check_economy,
    check_tariffs,
    sector_major,
)
from advalorem.world.errors import InputError
from advalorem.world.tables import Tables, check_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["build_economy", "report", "revalue"]

ROUNDING = 1e-6
MISMATCH = 0.05


def build_economy(tables: Tables) -> Economy:
    """Return the economy whose shares come from `tables`, with a report of all repairs.

    Removed here: exports above output, sales that no technology backs, output that nobody
    bought, inputs of a sector that nobody supplies, negative final demand. Imbalances that only
    a solution can remove (trade deficits under a closure) are left to `calibrate`.

    Parameters
    ----------
    tables
        Checked values; see `Tables`.

    Returns
    -------
    Economy
        With ``closure`` None: not yet an equilibrium.

    Raises
    ------
    InputError
        When the tables contradict each other or hold what no economy has.

    Examples
    --------
    >>> from advalorem.world.example import two_country_tables
    >>> economy = build_economy(two_country_tables())
    >>> economy.pi.sum(axis=1).ravel()
    array([1., 1.])
    """
    check_tables(tables)
    moved = list(tables.adjustments)
    trade, sold = _sales(tables, moved)
    gamma, value_added_share = _technology(tables, sold, moved)
    gross = trade * (1 + tables.tariffs)
    spending = gross.sum(axis=1)
    gamma, value_added_share = _drop_unsupplied(
        tables, gamma, value_added_share, spending, sold, moved
    )
    alpha = _final_shares(tables, gamma, spending, sold, moved)
    economy = Economy(
        name=tables.name,
        countries=tables.countries,
        sectors=tables.sectors,
        pi=_expenditure_shares(gross, spending),
        tau=sector_major(tables.tariffs),
        gamma=np.ascontiguousarray(gamma),
        value_added_share=value_added_share,
        alpha=alpha,
        theta=np.asarray(tables.theta, dtype=float),
        factor_income=(value_added_share * sold).sum(axis=1),
        spending=spending,
        deficit=trade.sum(axis=(1, 2)) - sold.sum(axis=1),
        unit=tables.unit,
        goods=_goods(tables, trade),
        adjustments=tuple(moved),
        readings=tables.readings,
        sources=tables.sources,
        iso2=tables.iso2,
        groups=tables.groups,
        scenarios=tables.scenarios,
        theta_set=tables.theta_set,
    )
    check_economy(economy)
    return economy


def revalue(economy: Economy, tau: Floats) -> Economy:
    """Return the economy with other base tariffs; see `Economy.with_tariffs`.

    Raises
    ------
    InputError
        When a tariff is not finite, negative or charged on domestic sales.
    """
    check_tariffs("tariffs", tau, economy.countries, economy.sectors)
    if not np.isfinite(tau).all():
        raise InputError("tariffs", "base", "a base tariff is not finite", "give a finite rate")
    moved = list(economy.adjustments)
    gross = economy.flows * (1 + tau)
    spending = gross.sum(axis=1)
    final = spending - np.einsum("nkj,nj->nk", economy.gamma, economy.output)
    return replace(
        economy,
        tau=sector_major(tau),
        pi=_expenditure_shares(gross, spending),
        spending=spending,
        alpha=_positive_shares(economy, final, spending, moved),
        closure=None,
        adjustments=tuple(moved),
    )


def _sales(tables: Tables, moved: list[Adjustment]) -> tuple[Floats, Floats]:
    """Return trade with domestic sales, (n, i, j), and total sales of each exporter, (i, j)."""
    trade = np.array(tables.trade, dtype=float)
    if tables.domestic == "given":
        sold = trade.sum(axis=0)
        _compare_output(tables, sold, moved)
        return trade, sold
    own = np.arange(len(tables.countries))
    if (trade[own, own] > 0).any():
        raise InputError(
            "trade",
            "diagonal",
            "domestic sales are given although they are to be derived",
            'set them to zero or use domestic="given"',
        )
    exports = trade.sum(axis=0)
    report(
        moved,
        "exports.above_output",
        "output raised to reported exports",
        np.maximum(exports - tables.output, 0.0),
        (tables.countries, tables.sectors),
    )
    sold = np.maximum(tables.output, exports)
    _check_backed(tables, tables.output, sold)
    trade[own, own] = sold - exports
    return trade, sold


def _compare_output(tables: Tables, sold: Floats, moved: list[Adjustment]) -> None:
    """Report output that trade does not account for; technology is scaled to what is sold."""
    output = tables.output
    _check_backed(tables, output, sold)
    gap = np.abs(output - sold).sum() / sold.sum()
    if gap > MISMATCH:
        raise InputError(
            "trade",
            "all rows",
            f"sales differ from inputs plus value added by {100 * gap:.1f} % of world sales",
            "use tables of the same year, unit and price concept",
        )
    labels = (tables.countries, tables.sectors)
    unsold = np.where(sold > 0, 0.0, output)
    report(moved, "output.without_use", "output that nobody bought is dropped", unsold, labels)
    scaled = np.where(sold > 0, sold - output, 0.0)
    scaled = np.where(np.abs(scaled) > ROUNDING * np.maximum(sold, 1.0), scaled, 0.0)
    report(
        moved, "output.scaled_to_sales", "inputs and value added scaled to sales", scaled, labels
    )


def _technology(tables: Tables, sold: Floats, moved: list[Adjustment]) -> tuple[Floats, Floats]:
    """Return input shares (n, k, j) and value-added shares (n, j) of output."""
    output = tables.output
    if (output < 0).any():
        raise InputError("input_use", "column", "output is negative", "correct the table")
    report(
        moved,
        "inputs.negative",
        "negative input cells kept as published",
        np.minimum(tables.input_use, 0.0),
        (tables.countries, tables.sectors, tables.sectors),
    )
    safe = np.where(output > 0, output, 1.0)
    gamma = np.where(output[:, None, :] > 0, tables.input_use / safe[:, None, :], 0.0)
    return gamma, 1.0 - gamma.sum(axis=1)


def _check_backed(tables: Tables, output: Floats, sold: Floats) -> None:
    bad = (sold > 0) & (output <= 0)
    if bad.any():
        n, j = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise InputError(
            "input_use",
            f"{tables.countries[n]} / {tables.sectors[j]}",
            "the sector sells but has neither inputs nor value added",
            "add its input use or value added",
        )


def _drop_unsupplied(
    tables: Tables,
    gamma: Floats,
    value_added_share: Floats,
    spending: Floats,
    sold: Floats,
    moved: list[Adjustment],
) -> tuple[Floats, Floats]:
    """Remove inputs of sectors on which nothing is spent; the other inputs take their share."""
    lost = np.where(spending[:, :, None] > 0, 0.0, gamma)
    if not lost.any():
        return gamma, value_added_share
    report(
        moved,
        "inputs.without_supply",
        "inputs that nobody supplies shared out over the others",
        lost * sold[:, None, :],
        (tables.countries, tables.sectors, tables.sectors),
    )
    kept = gamma - lost
    total = kept.sum(axis=1)
    factor = np.divide(gamma.sum(axis=1), total, out=np.ones_like(total), where=total > 0)
    kept = kept * factor[:, None, :]
    return kept, 1.0 - kept.sum(axis=1)


def _final_shares(
    tables: Tables, gamma: Floats, spending: Floats, sold: Floats, moved: list[Adjustment]
) -> Floats:
    """Return final spending shares, (n, j), from expenditure less inputs."""
    labels = (tables.countries, tables.sectors)
    final = spending - np.einsum("nkj,nj->nk", gamma, sold)
    if tables.final_demand is not None:
        gap = np.where(
            np.abs(final - tables.final_demand) > ROUNDING * np.maximum(spending, 1.0),
            final - tables.final_demand,
            0.0,
        )
        report(
            moved,
            "final_demand.residual",
            "final demand set to expenditure less inputs",
            gap,
            labels,
        )
    return _positive_shares(tables, final, spending, moved)


def _positive_shares(
    labelled: Tables | Economy, final: Floats, spending: Floats, moved: list[Adjustment]
) -> Floats:
    """Return shares of final spending, (n, j), negative cells set to zero and reported."""
    labels = (labelled.countries, labelled.sectors)
    noise = ROUNDING * np.maximum(spending, 1e-300)
    negative = np.where(final < -noise, final, 0.0)
    report(moved, "final_demand.negative", "negative final demand set to zero", negative, labels)
    final = np.maximum(final, 0.0)
    total = final.sum(axis=1, keepdims=True)
    if (total <= 0).any():
        n = int(np.argmin(total))
        raise InputError(
            "final_demand", labelled.countries[n], "no final spending at all", "check its input use"
        )
    return np.asarray(final / total)


def _expenditure_shares(gross: Floats, spending: Floats) -> Floats:
    """Return pi; where nothing is bought the price follows own cost, so pi is one at home."""
    safe = np.where(spending > 0, spending, 1.0)
    pi = gross / safe[:, None, :]
    n, j = np.nonzero(spending <= 0)
    pi[n, n, j] = 1.0
    return sector_major(pi)


def _goods(tables: Tables, trade: Floats) -> NDArray[np.bool_]:
    """Sectors that tariffs can meet: those said to be goods, or else those that are traded."""
    if tables.goods:
        return np.array(tables.goods, dtype=bool)
    own = np.arange(len(tables.countries))
    domestic = trade[own, own].sum(axis=0)
    return np.asarray(trade.sum(axis=(0, 1)) > domestic)


def report(
    moved: list[Adjustment],
    step: str,
    text: str,
    amounts: Floats,
    labels: Sequence[tuple[str, ...]],
) -> None:
    """Append an adjustment when any amount is not zero, largest cells first."""
    cells = np.argwhere(amounts != 0)
    if not len(cells):
        return
    named = [
        (
            "/".join(names[at] for names, at in zip(labels, cell, strict=True)),
            float(amounts[tuple(cell)]),
        )
        for cell in cells
    ]
    named.sort(key=lambda item: (-abs(item[1]), item[0]))
    moved.append(Adjustment(step, text, float(np.abs(amounts).sum()), tuple(named)))
