"""Weights after substitution: each flow answers to the rise of its rate, at constant elasticity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from advalorem.rates.cells import Cells
from advalorem.rates.elasticities import INDEPENDENT, Elasticities, load_elasticities, shrink
from advalorem.rates.flows import Flows, total_by
from advalorem.rates.tables import notes
from advalorem.rates.weights import row_weights

Float = NDArray[np.float64]
SETS = {"substituted": "fgo_icio28", "substituted_cp2015": "cp2015_icio28"}
"""The set of elasticities of each option of the weights that answer."""


def flow_rates(cells: Cells, flows: Flows, shares: Float) -> Float:
    """Return the rate of each flow where `shares` of it claim; shape (flows,)."""
    rows = cells.situations
    weights = row_weights(flows, rows, shares)
    duty = total_by(rows.flow, weights * cells.total[rows.cell], len(flows))
    return np.divide(duty, flows.value, out=np.zeros(len(flows)), where=flows.value > 0)


@dataclass(frozen=True, slots=True)
class Substitution:
    """What trade answers by: the elasticities, and the rate of each flow before; shape (flows,)."""

    elasticities: Elasticities
    before: Float

    @property
    def has_errors(self) -> bool:
        """Whether some elasticity has a cited standard error."""
        return self.elasticities.has_errors

    def answered(self, flows: Flows, cells: Cells, shares: Float) -> Flows:
        """Return the flows after they answered to what their rates rose by."""
        theta = self.elasticities.of_flows(flows.hts)
        kept = shrink(self.before, flow_rates(cells, flows, shares), theta)
        return replace(flows, value=flows.value * kept)

    def interval(
        self, flows: Flows, cells: Cells, counted: Cells, shares: Float
    ) -> tuple[Float, Float]:
        """Return the 95 per cent interval of the average rate by origin, and of all where several.

        Flows, before they answer, answer to the rates of `cells`; the average is of `counted`.
        """
        after, rate = (flow_rates(side, flows, shares) for side in (cells, counted))
        size = len(flows.origins)

        def average(theta: Float) -> Float:
            value = flows.value * shrink(self.before, after, theta)
            duty, trade = (total_by(flows.origin, v, size) for v in (value * rate, value))
            if size > 1:
                duty, trade = (np.append(sums, sums.sum()) for sums in (duty, trade))
            return np.asarray(duty / trade)

        return self.elasticities.interval(flows.hts, average)

    def words(self) -> Iterator[str]:
        """Yield which elasticities answer, and whether an interval can be given."""
        yield f"elasticities {self.elasticities.name}: {self.elasticities.source}"
        if not self.has_errors:
            yield "their source gives no standard errors, so no interval is given"
            return
        held = notes("elasticities")
        cited = held["sets"][self.elasticities.name]
        table = held["tables"][cited["table"]]
        yield f"standard errors: {table['source']}; {table['note']}; {cited['not_drawn']}"
        yield INDEPENDENT


def substitution(flows: Flows, cells: Cells, shares: Float, option: str) -> Substitution:
    """Return how flows answer to rates other than those of some cells and claims."""
    return Substitution(load_elasticities(SETS[option]), flow_rates(cells, flows, shares))
