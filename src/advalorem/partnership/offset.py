"""How deep a partnership must be to offset a loss: the inverse, run forward to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.partnership.instruments import border_gap
from advalorem.scenario.places import per_day
from advalorem.world.errors import InputError
from advalorem.world.solver import solve

if TYPE_CHECKING:
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
NO_LOSS, REACHED, OUT_OF_REACH = "no loss", "reached", "cannot be reached"
NO_PARTNER = "no partner"
TOLERANCE = 1e-9
STEPS = 80


@dataclass(frozen=True, slots=True)
class Offset:
    """The cut of trade costs with partners that brings a country back to its base real income.

    Attributes
    ----------
    country, partners
        Who is to be made whole, and with whom.
    result
        `no loss`, `reached`, `cannot be reached`, or `no partner` where none is named.
    loss
        Change of real income without the cut, per cent.
    cut
        Uniform cut of the cost of trade in goods, both ways, as a fraction; None if out of reach.
    days
        The same in days, at the high and the low end of the range of a day's value.
    forward
        Change of real income with the cut, solved again, per cent: zero but for rounding.
    at_limit
        Change of real income where sales to partners are as cheap as at home, per cent; None
        without a partner.
    others
        Change of real income of every economy with the cut, (n), per cent.
    """

    country: str
    partners: tuple[str, ...]
    result: str
    loss: float
    cut: float | None
    days: tuple[float, float] | None
    forward: float | None
    at_limit: float | None
    others: Float


def offset(outcome: Outcome, country: str, partners: Sequence[str]) -> Offset:
    """Return how deep a partnership must be to offset what a country loses.

    Parameters
    ----------
    outcome : the loss, such as the world from one law to another
    country : ISO code of the country to be made whole
    partners : ISO codes of its partners, not itself; costs fall between it and each of them,
        both ways

    Raises
    ------
    InputError
        A country is not in the economy, or is its own partner.
    UnsolvedError
        No equilibrium was found.

    Examples
    --------
    >>> from advalorem.world import Shock, build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> tariffs = economy.tau.copy()
    >>> tariffs[0, 1] = 0.1
    >>> found = offset(solve(economy, Shock("H taxes F", tariffs=tariffs)), "F", ["H"])
    >>> found.result, abs(found.forward) < 1e-6
    ('reached', True)
    """
    economy = outcome.economy
    at = economy.country_index(country)
    names = tuple(economy.countries[economy.country_index(code)] for code in partners)
    if economy.countries[at] in names:
        raise InputError("partners", country, "is its own partner", "name other countries")
    loss = float(outcome.real_income_pct[at])
    if not names:
        return Offset(country, (), NO_PARTNER, loss, None, None, None, None,
                      outcome.real_income_pct)  # fmt: skip
    floor = _floor(outcome, country, names)
    limit = _with(outcome, floor, 1.0)
    best = float(limit.real_income_pct[at])
    if loss >= -TOLERANCE:
        return Offset(country, names, NO_LOSS, loss, 0.0, (0.0, 0.0), loss, best,
                      outcome.real_income_pct)  # fmt: skip
    if best < 0:
        return Offset(country, names, OUT_OF_REACH, loss, None, None, None, best,
                      limit.real_income_pct)  # fmt: skip
    cut = _root(outcome, floor, at, loss, best)
    again = _with(outcome, floor, cut)
    days = tuple(-np.log1p(-cut) / np.log1p(per_day(end)) for end in ("high", "low"))
    return Offset(
        country=country,
        partners=names,
        result=REACHED,
        loss=loss,
        cut=cut,
        days=(float(days[0]), float(days[1])),
        forward=float(again.real_income_pct[at]),
        at_limit=best,
        others=again.real_income_pct,
    )


def _floor(outcome: Outcome, country: str, partners: Sequence[str]) -> Float:
    """Return the least cost over today's, (n, i, j): one where no partner is concerned."""
    economy = outcome.economy
    floor = np.ones(economy.tau.shape)
    n = economy.country_index(country)
    goods = np.ones(len(economy.sectors), dtype=bool) if economy.goods is None else economy.goods
    for name in partners:
        i = economy.country_index(name)
        gap = border_gap(economy, (country, name))
        least = np.where(goods & np.isfinite(gap), 1 / np.maximum(gap, 1.0), 1.0)
        floor[n, i] = floor[i, n] = least
    return floor


def cut_costs(floor: Float, cut: float) -> Float:
    """Return new over old costs after a uniform cut that stops at the floor, (n, i, j).

    >>> cut_costs(np.array([1.0, 0.9, 0.5]), 0.2)
    array([1. , 0.9, 0.8])
    """
    return np.where(floor < 1, np.maximum(1.0 - cut, floor), 1.0)


def _with(outcome: Outcome, floor: Float, cut: float) -> Outcome:
    """Return the outcome with the cut on top of its shock."""
    shock = outcome.shock
    held = np.ones_like(floor) if shock.d_hat is None else shock.d_hat
    deeper = replace(
        shock, name=f"{shock.name}, cut of {cut:.6f}", d_hat=held * cut_costs(floor, cut)
    )
    return solve(outcome.economy, deeper, outcome.closure)


def _root(outcome: Outcome, floor: Float, at: int, loss: float, best: float) -> float:
    """Return the cut at which real income is back, by false position with halved weights."""
    low, high = 0.0, float(1 - floor.min())
    f_low, f_high, side = loss, best, 0
    middle = high
    for _ in range(STEPS):
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        value = float(_with(outcome, floor, middle).real_income_pct[at])
        if abs(value) < TOLERANCE or high - low < np.finfo(float).eps:
            break
        if value < 0:
            low, f_low = middle, value
            f_high, side = (f_high / 2 if side < 0 else f_high), -1
        else:
            high, f_high = middle, value
            f_low, side = (f_low / 2 if side > 0 else f_low), 1
    return middle
