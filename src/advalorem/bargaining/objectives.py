"""What a player wants: real income, or a weighted sum that the user composes.

Every term is a change in per cent, so weights have a plain meaning: real income, nominal income
(in units of the numeraire), real output or value added of named sectors at base prices, and
tariff revenue in per cent of base income.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from advalorem.world import Economy
    from advalorem.world.levels import Levels

__all__ = ["KINDS", "Objective", "Term", "objective_of", "real_income", "term_function"]

KINDS = {
    "real_income": "exact change of real income, per cent",
    "income": "change of income in units of the numeraire, per cent",
    "output": "change of real output of the sectors named, per cent",
    "value_added": "change of real value added of the sectors named, per cent",
    "tariff_revenue": "change of tariff revenue, per cent of base income",
}
TERM = re.compile(
    r"^(?:(?P<weight>-?\d+(?:\.\d+)?)\s*\*\s*)?(?P<kind>[a-z_]+):(?P<country>[^/]+)"
    r"(?:/(?P<sectors>.+))?$"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One summand: `weight` times a change in per cent of `country`, in `sectors` if it has any."""

    kind: str
    country: str
    weight: float = 1.0
    sectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """A sum of terms.

    Attributes
    ----------
    name
        As the user wrote it.
    terms
        At least one.
    """

    name: str
    terms: tuple[Term, ...]


def real_income(country: str) -> Objective:
    """Return the default objective of a country.

    >>> real_income("H").name
    'real_income:H'
    """
    return Objective(f"real_income:{country}", (Term("real_income", country),))


def objective_of(economy: Economy, text: str) -> Objective:
    """Return an objective from a text such as ``0.8*real_income:H + 0.2*output:H/good``.

    Raises
    ------
    InputError
        When a term is not understood, or names what the economy does not have.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> objective_of(economy, "real_income:H + 0.5*output:H/good").terms[1].weight
    0.5
    """
    return Objective(text, tuple(_term(economy, part) for part in re.split(r"\s\+\s", text)))


def _term(economy: Economy, text: str) -> Term:
    found = TERM.match(text.strip())
    if not found or found["kind"] not in KINDS:
        raise InputError(
            "objective",
            repr(text.strip()),
            "not understood",
            f"write WEIGHT*KIND:COUNTRY/SECTORS with KIND one of {', '.join(KINDS)}",
        )
    sectors = tuple(part.strip() for part in (found["sectors"] or "").split(",") if part.strip())
    if sectors and found["kind"] not in ("output", "value_added"):
        raise InputError(
            "objective", repr(text.strip()), "has no sectors", "leave out what follows the slash"
        )
    return Term(
        found["kind"],
        economy.countries[economy.country_index(found["country"])],
        float(found["weight"] or 1.0),
        tuple(economy.sectors[economy.sector_index(code)] for code in sectors),
    )


def term_function(economy: Economy, before: Levels, term: Term) -> Callable[[Levels], Any]:
    """Return the term, without its weight, as a function of new levels; NumPy or JAX arrays.

    Examples
    --------
    >>> from advalorem.world import build_economy, calibrate, example
    >>> from advalorem.world.levels import base_levels
    >>> economy = calibrate(build_economy(example.two_country_tables()))
    >>> before = base_levels(economy)
    >>> float(term_function(economy, before, Term("output", "H"))(before))
    0.0
    """
    n = economy.country_index(term.country)
    income = float(before.income[n])
    if term.kind == "real_income":
        return lambda new: 100 * (new.income[n] / income / new.price_index_hat[n] - 1)
    if term.kind == "income":
        return lambda new: 100 * (new.income[n] / income - 1)
    if term.kind == "tariff_revenue":
        revenue = float(before.revenue[n])
        return lambda new: 100 * (new.revenue[n] - revenue) / income
    return _volume(economy, before, term, n)


def _volume(economy: Economy, before: Levels, term: Term, n: int) -> Callable[[Levels], Any]:
    names = term.sectors or economy.sectors
    chosen = np.array([float(sector in names) for sector in economy.sectors])
    share = economy.value_added_share[n] if term.kind == "value_added" else 1.0
    weights = chosen * share
    base = float((weights * before.output[n]).sum())
    if base <= 0:
        raise InputError(
            "objective", f"{term.kind}:{term.country}", "is zero in the base", "name other sectors"
        )
    return lambda new: 100 * ((weights * new.output[n] / new.cost_hat[n]).sum() / base - 1)
