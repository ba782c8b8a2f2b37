"""Instruments of a partnership, with the evidence for each, and packages made of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.law.load import LAWBOOK
from advalorem.scenario import Scenario, ScenarioError
from advalorem.scenario.changes import AnyChange, BorderDays, TradeCost
from advalorem.scenario.costs import sectors_of
from advalorem.scenario.places import percent

if TYPE_CHECKING:
    from advalorem.world.economy import Economy

Float = NDArray[np.float64]
DAYS, COST, SHARE, TARIFFS = "days", "cost", "share_of_trade_costs", "tariffs"
DIGITS = 10
MOST, CLOSE = 0.5, 1e-9
"""Share of the members' trade that a package may carry past the limit, and rounding."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One way to lower the cost of trade: kind, sectors, size where a source gives one, facts.

    `size` is a number of days (negative where saved), or None; `most` the largest share of trade
    costs that a source gives.
    """

    name: str
    title: str
    kind: str
    sectors: tuple[str, ...]
    facts: tuple[str, ...]
    size: float | None = None
    most: float | None = None


@lru_cache(maxsize=1)
def partnership_data() -> dict[str, Any]:
    """Return members, instruments, facts and readings of the partnership."""
    path = LAWBOOK / "parameters" / "partnership.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def instruments() -> dict[str, Instrument]:
    """Return the instruments by name.

    >>> instruments()["border_time"].kind
    'days'
    """
    rows = partnership_data()["instruments"]
    return {
        row["name"]: Instrument(
            **{**row, "sectors": tuple(row["sectors"]), "facts": tuple(row["facts"])}
        )
        for row in rows
    }


def default_sizes() -> dict[str, str]:
    """Return the sizes that graded sources give, by instrument.

    >>> default_sizes()
    {'border_time': '-1d'}
    """
    return {row.name: f"{row.size:g}d" for row in instruments().values() if row.size is not None}


def package(
    economy: Economy,
    sizes: Mapping[str, str],
    members: tuple[str, ...],
    from_: date,
    per_day: str = "middle",
) -> Scenario:
    """Return a package of instruments among members as a scenario.

    Parameters
    ----------
    economy : gives sectors, and the gap between foreign and domestic sales
    sizes : instrument to its size: days as `-1d`, a cost as `-2%`, a share of what facilitation can
        give as `50%`
    members : ISO codes of the members; every pair of them lowers its costs both ways
    from_ : first day
    per_day : value of a day, a percentage or `low`, `middle`, `high` of the cited range

    Raises
    ------
    ScenarioError
        An instrument is unknown or its size is not understood.

    Examples
    --------
    >>> from advalorem.world import load_economy
    >>> made = package(load_economy("icio2022"), {"border_time": "-2d"}, ("CAN", "MEX"),
    ...                date(2025, 9, 18))
    >>> made.changes[0].days
    Decimal('-2')
    """
    known = instruments()
    changes: list[AnyChange] = []
    for name, text in sizes.items():
        if name not in known:
            raise ScenarioError(f"instrument: {name!r} is none; there are {', '.join(known)}")
        for at, one in enumerate(members):
            for other in members[at + 1 :]:
                changes += _changes(economy, known[name], text, (one, other), from_, per_day)
    words = ", ".join(f"{name} {text}" for name, text in sizes.items()) or "nothing"
    return Scenario("package", tuple(changes), title=f"{' and '.join(members)}: {words}")


def _changes(
    economy: Economy,
    instrument: Instrument,
    text: str,
    pair: tuple[str, str],
    from_: date,
    per_day: str,
) -> list[AnyChange]:
    common: dict[str, Any] = {
        "importers": [pair[0]], "exporters": [pair[1]], "both_ways": True,
        "instrument": instrument.name, "from_": from_,
    }  # fmt: skip
    if instrument.kind == TARIFFS:
        raise ScenarioError(
            f"{instrument.name}: this economy holds no tariffs between the members to lower"
        )
    if instrument.kind == SHARE:
        return _procedures(economy, instrument, text, pair, common)
    sectors = list(instrument.sectors)
    if text.endswith("d"):
        return [BorderDays(**common, sectors=sectors, days=_days(text), per_day=per_day)]
    _percent(instrument, text, "days such as -1d, or a percentage such as -2%")
    return [TradeCost(**common, sectors=sectors, by=text)]


def _days(text: str) -> Decimal:
    try:
        return Decimal(text.removesuffix("d"))
    except InvalidOperation:
        raise ScenarioError(
            f"size: {text!r} is no number of days; write days such as -1d"
        ) from None


def _percent(instrument: Instrument, text: str, remedy: str) -> float:
    try:
        return percent(text)
    except ScenarioError:
        raise ScenarioError(
            f"{instrument.name}: {text!r} is no size of it; write {remedy}"
        ) from None


def _procedures(
    economy: Economy,
    instrument: Instrument,
    text: str,
    pair: tuple[str, str],
    common: dict[str, Any],
) -> list[AnyChange]:
    """Return the cut of each sector's cost where trade costs fall by a share of their potential."""
    part = _percent(instrument, text, "a share of the potential such as 50%")
    if not 0 <= part <= 1:
        raise ScenarioError(f"{instrument.name}: {text!r} is no share of the potential; 0 to 100%")
    gap = border_gap(economy, pair)
    changes: list[AnyChange] = []
    for j in sectors_of(instrument.sectors, economy):
        if np.isfinite(gap[j]) and gap[j] > 1:
            new = 1 - part * float(instrument.most or 0.0) * (1 - 1 / gap[j])
            by = f"{100 * (new - 1):.{DIGITS}f}%"
            changes.append(TradeCost(**common, sectors=[economy.sectors[j]], by=by))
    return changes


def border_gap(economy: Economy, pair: tuple[str, str]) -> Float:
    """Return what selling to the other costs over selling at home, by sector, (j).

    Head and Ries (2001), American Economic Review 91(4), 858-876: the geometric mean of domestic
    over foreign sales of two countries, to the power 1 / theta. Infinite where nothing is traded.
    """
    n, i = (economy.country_index(code) for code in pair)
    flows = economy.flows
    home, away = flows[n, n] * flows[i, i], flows[n, i] * flows[i, n]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(away > 0, home / np.where(away > 0, away, 1.0), np.inf)
    return np.asarray(ratio ** (1 / (2 * economy.theta)))


def past_limit(economy: Economy, made: Scenario, members: tuple[str, ...], on: date) -> list[str]:
    """Return a line on trade whose cost a package cuts below that of sales at home; none if none.

    Raises
    ------
    ScenarioError
        That holds for most of the members' trade: no evidence reaches so far.

    Examples
    --------
    >>> from advalorem.world import load_economy
    >>> economy, day = load_economy("icio2022"), date(2025, 9, 18)
    >>> past_limit(economy, package(economy, {"border_time": "-1d"}, ("CAN", "MEX"), day),
    ...            ("CAN", "MEX"), day)
    []
    """
    costs, flows = made.d_hat(economy, on), economy.flows
    below = trade = 0.0
    for at, one in enumerate(members):
        for other in members[at + 1 :]:
            n, i = economy.country_index(one), economy.country_index(other)
            own = sectors_of(["goods"], economy)
            gap = np.maximum(border_gap(economy, (one, other))[own], 1.0)
            both = (flows[n, i] + flows[i, n])[own]
            trade += float(both.sum())
            below += float(both[costs[n, i, own] * gap < 1 - CLOSE].sum())
    share = below / trade if trade else 0.0
    words = f"sales to the partner cheaper than at home for {share:.0%} of the members' trade"
    if share > MOST:
        raise ScenarioError(f"{made.title}: makes {words}; take smaller sizes")
    return [f"package: {words}, which is further than the limit"] if share else []


def carried(economy: Economy, instrument: Instrument, pair: tuple[str, str]) -> dict[str, float]:
    """Return the share of goods that the instrument's sectors carry, by direction.

    Examples
    --------
    >>> from advalorem.world import load_economy
    >>> shares = carried(load_economy("icio2022"), instruments()["border_time"], ("CAN", "MEX"))
    >>> [round(share, 6) for share in shares.values()]
    [1.0, 1.0]
    """
    goods = sectors_of(["goods"], economy)
    own = sectors_of(instrument.sectors, economy)
    found = {}
    for seller, buyer in (pair, pair[::-1]):
        flow = economy.flows[economy.country_index(buyer), economy.country_index(seller)]
        found[f"{seller} to {buyer}"] = float(flow[own].sum() / flow[goods].sum())
    return found
