"""The tariffs that players set, as one vector with bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["RULES", "Instruments", "instruments_of"]

RULES = {
    "partner_sector": "one rate per partner and goods sector",
    "partner": "one rate per partner",
    "sector": "one rate per goods sector, the same for all partners",
    "one": "one rate for all partners and goods sectors",
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Instruments:
    """Variables of all players, in order of player, partner and sector.

    Attributes
    ----------
    players
        Codes of the countries that set tariffs.
    rule
        One of `RULES`.
    importer, exporter, sector
        Cell of the tariff array, one entry per cell that a variable moves.
    variable
        Which variable moves the cell.
    owner
        Which player sets the variable, one entry per variable.
    labels
        (player, partner, sector) of each variable; ``all`` where a rate holds for several.
    lower, upper
        Bounds as fractions.
    """

    players: tuple[str, ...]
    rule: str
    importer: Integers
    exporter: Integers
    sector: Integers
    variable: Integers
    owner: Integers
    labels: tuple[tuple[str, str, str], ...]
    lower: Floats
    upper: Floats

    @property
    def count(self) -> int:
        """Number of variables."""
        return len(self.labels)

    def put(self, tariffs: Floats, x: Floats) -> Floats:
        """Return a copy of `tariffs`, (n, i, j), with the variables set."""
        new = np.array(tariffs, dtype=float)
        new[self.importer, self.exporter, self.sector] = np.asarray(x)[self.variable]
        return new

    def collect(self, derivatives: Floats) -> Floats:
        """Return derivatives by tariff cell, (n, i, j), as derivatives by variable."""
        cells = derivatives[self.importer, self.exporter, self.sector]
        return np.asarray(np.bincount(self.variable, weights=cells, minlength=self.count), float)

    def mean(self, cells: Floats, weights: Floats) -> Floats:
        """Return the weighted average of each variable's cells, plain where weights vanish."""
        at = (self.importer, self.exporter, self.sector)
        held = np.maximum(weights[at], 1e-300)
        total = np.bincount(self.variable, weights=held, minlength=self.count)
        summed = np.bincount(self.variable, weights=held * cells[at], minlength=self.count)
        return np.asarray(summed / total)

    def pair(self, first: str, second: str) -> Integers:
        """Return the variables with which `first` taxes imports from `second` alone."""
        found = [
            k
            for k, (player, partner, _) in enumerate(self.labels)
            if (player, partner) == (first, second)
        ]
        return np.array(found, dtype=np.int64)

    def nested(self, x: Floats, economy: Economy) -> dict[str, dict[str, dict[str, float]]]:
        """Return the rates as {player: {partner: {sector: rate}}}, fractions.

        A rate that holds for several partners or sectors stands under each of them.
        """
        found: dict[str, dict[str, dict[str, float]]] = {player: {} for player in self.players}
        rates = np.asarray(x)[self.variable]
        for n, i, j, rate in zip(self.importer, self.exporter, self.sector, rates, strict=True):
            partners = found[economy.countries[n]]
            partners.setdefault(economy.countries[i], {})[economy.sectors[j]] = float(rate)
        return found


def instruments_of(
    economy: Economy,
    players: Sequence[str],
    rule: str = "partner_sector",
    partners: Mapping[str, Sequence[str]] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    sectors: Sequence[str] | None = None,
) -> Instruments:
    """Return what the players can set.

    Parameters
    ----------
    economy
        Gives labels and goods sectors.
    players
        Codes of countries.
    rule
        One of `RULES`.
    partners
        On whom each player levies; by default on all other players, and with one player alone on
        every other country.
    bounds
        Lowest and highest rate, as fractions.
    sectors
        Goods sectors with a rate of their own; None takes all.

    Raises
    ------
    InputError
        For unknown or repeated players, an unknown rule, or bounds that no rate can meet.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> instruments_of(economy, ["H", "F"]).labels
    (('H', 'F', 'good'), ('F', 'H', 'good'))
    """
    if rule not in RULES:
        raise InputError("instruments", repr(rule), "unknown", f"use one of {', '.join(RULES)}")
    _check_bounds(bounds)
    codes = _codes(economy, players)
    goods = _goods(economy, sectors)
    cells: list[tuple[int, int, int, int]] = []
    labels: dict[tuple[str, str, str], int] = {}
    for player in codes:
        named = None if partners is None else partners.get(player)
        for partner in _partners(economy, player, codes, named):
            for j in goods:
                label = _label(rule, player, partner, economy.sectors[j])
                k = labels.setdefault(label, len(labels))
                n, i = economy.country_index(player), economy.country_index(partner)
                cells.append((n, i, j, k))
    at = np.array(cells, dtype=np.int64).reshape(-1, 4)
    return Instruments(
        codes,
        rule,
        at[:, 0],
        at[:, 1],
        at[:, 2],
        at[:, 3],
        np.array([codes.index(player) for player, _, _ in labels], dtype=np.int64),
        tuple(labels),
        np.full(len(labels), float(bounds[0])),
        np.full(len(labels), float(bounds[1])),
    )


def _label(rule: str, player: str, partner: str, sector: str) -> tuple[str, str, str]:
    return (
        player,
        partner if rule in ("partner_sector", "partner") else ALL,
        sector if rule in ("partner_sector", "sector") else ALL,
    )


def _codes(economy: Economy, players: Sequence[str]) -> tuple[str, ...]:
    codes = tuple(economy.countries[economy.country_index(code)] for code in players)
    if not codes:
        raise InputError("players", "list", "empty", "name at least one country")
    for code in codes:
        if codes.count(code) > 1:
            raise InputError("players", code, "named twice", "name each player once")
    return codes


def _partners(
    economy: Economy, player: str, players: tuple[str, ...], named: Sequence[str] | None
) -> list[str]:
    if named is None:
        others = players if len(players) > 1 else economy.countries
        return [code for code in others if code != player]
    found = [economy.countries[economy.country_index(code)] for code in named]
    if player in found or len(set(found)) < len(found) or not found:
        raise InputError(
            "partners", player, "empty, repeated or the player itself", "name each partner once"
        )
    return found


def _goods(economy: Economy, sectors: Sequence[str] | None) -> list[int]:
    goods = economy.goods
    every = [j for j in range(len(economy.sectors)) if goods is None or goods[j]]
    if sectors is None:
        return every
    chosen = sorted({economy.sector_index(code) for code in sectors})
    for j in chosen:
        if j not in every:
            raise InputError(
                "instruments", economy.sectors[j], "no tariff on services", "name goods sectors"
            )
    return chosen


def _check_bounds(bounds: tuple[float, float]) -> None:
    low, high = (float(value) for value in bounds)
    if not (np.isfinite([low, high]).all() and 0 <= low <= high):
        raise InputError(
            "bounds",
            f"[{low:g}, {high:g}]",
            "no rate of zero or more lies in them",
            "give 0 <= lowest <= highest, as fractions",
        )
