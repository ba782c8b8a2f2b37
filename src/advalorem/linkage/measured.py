"""Outcomes that can be split over measures beside real income, each a function of the levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.linkage.errors import LinkageError

if TYPE_CHECKING:
    from advalorem.linkage.attribution import Measured
    from advalorem.world.economy import Economy
    from advalorem.world.levels import Levels

KINDS = ("real_wage", "exports", "imports", "output:SECTOR", "sales:IMPORTER", "prices")


def measured(economy: Economy, text: str) -> Measured:
    """Return an outcome by its name: one value for each country, as a function of the levels.

    Parameters
    ----------
    economy : gives countries and sectors
    text : `real_wage`; `exports` and `imports`, net of tariffs in units of the numeraire; `prices`
        of final spending; `output:C29`, of a sector at constant prices; `sales:US`, what each
        country sells to one importer

    Raises
    ------
    LinkageError
        There is no such outcome.
    InputError
        The economy has no such country or sector.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> economy = build_economy(example.two_country_tables())
    >>> measured(economy, "exports")(solve(economy).before).round(9)
    array([25., 25.])
    """
    kind, _, part = text.partition(":")
    if kind in _PLAIN and not part:
        return _PLAIN[kind]
    if kind == "output" and part:
        j = economy.sector_index(part)
        return lambda levels: levels.output[:, j] / levels.cost_hat[:, j]
    if kind == "sales" and part:
        n = economy.country_index(part)
        return lambda levels: levels.flows[n].sum(axis=1)
    raise LinkageError(f"outcome: {text!r} is none; there are {', '.join(KINDS)}")


def _exports(levels: Levels) -> Any:
    own = np.arange(levels.flows.shape[0])
    return levels.flows.sum(axis=(0, 2)) - levels.flows[own, own].sum(axis=1)


def _imports(levels: Levels) -> Any:
    own = np.arange(levels.flows.shape[0])
    return levels.flows.sum(axis=(1, 2)) - levels.flows[own, own].sum(axis=1)


_PLAIN: dict[str, Measured] = {
    "real_wage": lambda levels: levels.w_hat / levels.price_index_hat,
    "prices": lambda levels: levels.price_index_hat,
    "exports": _exports,
    "imports": _imports,
}
