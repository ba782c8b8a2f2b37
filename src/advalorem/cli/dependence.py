"""Dependence on a market in plain rows: exports, value added, inputs, and who gains lost sales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advalorem.linkage.exposure import Exposure
    from advalorem.world.levels import Levels
    from advalorem.world.outcome import Outcome

GAINERS, LARGEST = 8, 3


def exposure_rows(
    outcome: Outcome,
    countries: Sequence[str],
    market: str,
    stages: Sequence[tuple[str, Levels]],
    of_market: str = "value_added_in_market",
) -> list[dict[str, Any]]:
    """Return how countries depend on a market in each of several equilibria."""
    from advalorem.linkage.exposure import exposure

    economy = outcome.economy
    n = economy.country_index(market)
    found = [(stage, exposure(levels)) for stage, levels in stages]
    return [
        {
            "country": economy.countries[i], "stage": stage,
            "export_share": float(item.export_share[n, i]),
            "export_concentration": float(item.concentration[i]),
            of_market: float(item.value_added_in[n, i]),
            "largest_buyers": largest(economy.countries, item, i),
        }
        for i in map(economy.country_index, countries)
        for stage, item in found
    ]  # fmt: skip


def largest(names: Sequence[str], found: Exposure, exporter: int) -> list[str]:
    """Return the largest buyers of a country's exports with their shares, as words."""
    share = found.export_share[:, exporter]
    order = sorted(range(len(names)), key=lambda n: -share[n])[:LARGEST]
    return [f"{names[n]} {100 * share[n]:.1f}%" for n in order]


def input_rows(outcome: Outcome, countries: Sequence[str], market: str) -> list[dict[str, Any]]:
    """Return by country and using sector what share of inputs is foreign, and from the market."""
    from advalorem.linkage.exposure import exposure

    economy = outcome.economy
    i = economy.country_index(market)
    old, new = exposure(outcome.before), exposure(outcome.after)
    return [
        {
            "country": economy.countries[n], "sector": economy.sectors[j],
            "from_abroad": float(old.input_abroad[n, j]),
            "from_abroad_new": float(new.input_abroad[n, j]),
            "of_which_market": float(old.input_share[n, i, j]),
            "of_which_market_new": float(new.input_share[n, i, j]),
        }
        for n in map(economy.country_index, countries)
        for j in range(len(economy.sectors))
        if outcome.before.output[n, j] > 0
    ]  # fmt: skip


def gainer_rows(outcome: Outcome, losers: Sequence[str], market: str) -> list[dict[str, Any]]:
    """Return who takes the sales that losers lose in a market, its own producers too."""
    from advalorem.linkage.exposure import gainers

    parts, lost = gainers(outcome, market, losers)
    order = sorted(range(len(parts)), key=lambda i: -parts[i])[:GAINERS]
    rows: list[dict[str, Any]] = [
        {"origin": outcome.economy.countries[i], "sales": float(parts[i]),
         "share": float(parts[i] / lost) if lost else 0.0}
        for i in order
    ]  # fmt: skip
    rest = lost - sum(row["sales"] for row in rows)
    return [*rows, {"origin": "all others", "sales": rest, "share": rest / lost if lost else 0.0}]
