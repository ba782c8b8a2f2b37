"""What happens to trade deficits, and what prices are measured in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advalorem.world.economy import Economy
from advalorem.world.errors import InputError

__all__ = ["CLOSURES", "Closure", "as_closure"]

CLOSURES = {
    "zero_deficits": "aggregate trade deficits are zero, before and after",
    "world_share": "each deficit is a fixed share of world income",
    "nominal": "each deficit is constant in units of the numeraire",
}
WORLD = "world_factor_income"


@dataclass(frozen=True, slots=True)
class Closure:
    """A rule for deficits and the numeraire in which levels are stated.

    Attributes
    ----------
    kind
        ``zero_deficits``, ``world_share`` or ``nominal``.
    numeraire
        ``world_factor_income`` (the sum of all factor incomes keeps its base value) or a
        country's code (its wage keeps its base value). Real results do not depend on it, except
        under ``nominal``, where it says in what the constant deficits are constant.

    Examples
    --------
    >>> Closure("nominal").text
    'each deficit is constant in units of the numeraire, world factor income'
    """

    kind: str = "zero_deficits"
    numeraire: str = WORLD

    def __post_init__(self) -> None:
        if self.kind not in CLOSURES:
            raise InputError(
                "closure", repr(self.kind), "unknown", f"use one of {', '.join(CLOSURES)}"
            )

    @property
    def key(self) -> str:
        """Name under which a calibrated base is remembered."""
        return self.kind if self.numeraire == WORLD else f"{self.kind}/{self.numeraire}"

    @property
    def text(self) -> str:
        """One line for people."""
        if self.kind != "nominal":
            return CLOSURES[self.kind]
        unit = "world factor income" if self.numeraire == WORLD else f"the wage of {self.numeraire}"
        return f"{CLOSURES[self.kind]}, {unit}"


def as_closure(closure: str | Closure) -> Closure:
    """Return a `Closure` for its name, or the closure itself.

    Examples
    --------
    >>> as_closure("world_share").kind
    'world_share'
    """
    return closure if isinstance(closure, Closure) else Closure(closure)


def deficit_terms(economy: Economy, closure: Closure) -> tuple[np.ndarray, np.ndarray]:
    """Return the fixed deficits and the shares of world income, (n) each; one of them is zero.

    >>> from advalorem.world import build_economy, example
    >>> deficit_terms(build_economy(example.two_country_tables()), Closure())
    (array([0., 0.]), array([0., 0.]))
    """
    zero = np.zeros(len(economy.countries))
    if closure.kind == "zero_deficits":
        return zero, zero
    if closure.kind == "nominal":
        return economy.deficit, zero
    return zero, economy.deficit / economy.income.sum()


def numeraire_weights(economy: Economy, closure: Closure) -> np.ndarray:
    """Return weights v, (n), such that sum_n v_n w_hat_n = 1.

    >>> from advalorem.world import build_economy, example
    >>> numeraire_weights(build_economy(example.two_country_tables()), Closure(numeraire="F"))
    array([0., 1.])
    """
    if closure.numeraire == WORLD:
        return np.asarray(economy.factor_income / economy.factor_income.sum())
    weights = np.zeros(len(economy.countries))
    weights[economy.country_index(closure.numeraire)] = 1.0
    return weights
