"""Weights after substitution: each flow answers to the rise of its rate, at constant elasticity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from advalorem.rates.cells import Cells
from advalorem.rates.elasticities import Elasticities, load_elasticities, shrink
from advalorem.rates.flows import Flows, total_by
from advalorem.rates.tables import notes
from advalorem.rates.weights import row_weights

Float = NDArray[np.float64]
SETS = {"substituted": "fgo_icio28", "substituted_cp2015": "cp2015_icio28"}
"""The set of elasticities of each option of the weights that answer."""
NINETY_FIVE = 1.96
"""Standard errors on each side of a 95 per cent interval."""
MOVED_TOGETHER = f"every elasticity moved together by {NINETY_FIVE} standard errors"
ERRORS = "standard_error"


def flow_rates(cells: Cells, flows: Flows, shares: Float) -> Float:
    """Return the rate of each flow where `shares` of it claim; shape (flows,)."""
    rows = cells.situations
    weights = row_weights(flows, rows, shares)
    duty = total_by(rows.flow, weights * cells.total[rows.cell], len(flows))
    return np.divide(duty, flows.value, out=np.zeros(len(flows)), where=flows.value > 0)


@dataclass(frozen=True, slots=True)
class Substitution:
    """What trade answers by: rate of each flow before, elasticity and its error; shape (flows,).

    An elasticity without a cited standard error has an error of zero.
    """

    elasticities: Elasticities
    before: Float
    theta: Float
    error: Float

    @property
    def has_errors(self) -> bool:
        """Whether some elasticity has a cited standard error."""
        return bool((self.error > 0).any())

    def answered(self, flows: Flows, cells: Cells, shares: Float, errors: float = 0.0) -> Flows:
        """Return the flows after they answered to what their rates rose by.

        The elasticities are moved by a number of their standard errors, never below zero.
        """
        theta = np.maximum(self.theta + errors * self.error, 0.0)
        kept = shrink(self.before, flow_rates(cells, flows, shares), theta)
        return replace(flows, value=flows.value * kept)

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
        yield f"range of the rate: {MOVED_TOGETHER}, which is no 95 per cent interval of the rate"


def substitution(flows: Flows, cells: Cells, shares: Float, option: str) -> Substitution:
    """Return how flows answer to rates other than those of some cells and claims."""
    held = load_elasticities(SETS[option])
    errors = replace(held, value=np.array([cited_errors(held.name).get(s, 0.0)
                                           for s in held.sectors]))  # fmt: skip
    before = flow_rates(cells, flows, shares)
    return Substitution(held, before, held.of_flows(flows.hts), errors.of_flows(flows.hts))


@lru_cache(maxsize=8)
def cited_errors(name: str) -> dict[str, float]:
    """Return the cited standard error of each sector of a set; sectors without one are left out.

    Where a sector's elasticity is the mean of several estimates, so is its error, taken as of
    independent ones.

    >>> round(cited_errors("cp2015_icio28")["C10T12"], 2), cited_errors("fgo_icio28")
    (0.61, {})
    """
    held = notes("elasticities")
    cited = held["sets"].get(name)
    if cited is None or held["tables"][cited["table"]]["kind"] != ERRORS:
        return {}
    of = {row["name"]: float(row[ERRORS]) for row in held["tables"][cited["table"]]["rows"]}
    return {
        sector: float(np.sqrt(sum(of[row] ** 2 for row in rows))) / len(rows)
        for sector, rows in cited["sectors"].items()
    }
