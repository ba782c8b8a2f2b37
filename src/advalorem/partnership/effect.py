"""What a package does: income, trade, sectors, and whose exports it displaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.world.solver import solve

if TYPE_CHECKING:
    from advalorem.scenario import Scenario
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """The world under the later law without and with a package, both against the earlier law."""

    law: Outcome
    package: Scenario
    both: Outcome

    @property
    def gain(self) -> Float:
        """What the package adds to the change of real income, (n), in points."""
        return self.both.real_income_pct - self.law.real_income_pct

    def income_rows(self, countries: Sequence[str]) -> list[dict[str, Any]]:
        """Return the change of real income by country: law, package, both; per cent and points."""
        rows = []
        for name in countries:
            at = self.law.economy.country_index(name)
            rows.append(
                {
                    "country": self.law.economy.countries[at],
                    "law_pct": float(self.law.real_income_pct[at]),
                    "package_points": float(self.gain[at]),
                    "both_pct": float(self.both.real_income_pct[at]),
                }
            )
        return rows

    def trade_rows(self, countries: Sequence[str]) -> list[dict[str, Any]]:
        """Return trade in goods between countries without and with the package."""
        at = [self.law.economy.country_index(name) for name in countries]
        old, new = (self._goods(outcome) for outcome in (self.law, self.both))
        names = self.law.economy.countries
        return [
            {
                "exporter": names[i],
                "importer": names[n],
                "without": float(old[n, i]),
                "with": float(new[n, i]),
                "change": float(new[n, i] - old[n, i]),
                "change_pct": float(100 * (new[n, i] / old[n, i] - 1)) if old[n, i] else None,
            }
            for i in at
            for n in at
            if i != n
        ]

    def sector_rows(self, countries: Sequence[str], most: int = 5) -> list[dict[str, Any]]:
        """Return the sectors whose real output the package moves most, by country."""
        rows = []
        economy = self.law.economy
        for name in countries:
            n = economy.country_index(name)
            old = self.law.after.output[n] / self.law.after.cost_hat[n]
            new = self.both.after.output[n] / self.both.after.cost_hat[n]
            moved = 100 * (new / np.where(old > 0, old, 1.0) - 1) * (old > 0)
            for j in np.argsort(-np.abs(moved), kind="stable")[:most]:
                rows.append({"country": economy.countries[n], "sector": economy.sectors[int(j)],
                             "real_output_pct": float(moved[j])})  # fmt: skip
        return rows

    def diversion(self, members: Sequence[str], rival: str) -> list[dict[str, Any]]:
        """Return what each member buys more from the others, and less from the rival and the rest.

        Changes of purchases of goods in the economy's unit; `own` are its own producers.
        """
        economy = self.law.economy
        old, new = (self._goods(outcome, own=True) for outcome in (self.law, self.both))
        change, inside = new - old, [economy.country_index(name) for name in members]
        third = economy.country_index(rival)
        rows = []
        for n in inside:
            partners = sum(float(change[n, i]) for i in inside if i != n)
            rest = float(change[n].sum() - partners - change[n, n] - change[n, third])
            rows.append({"country": economy.countries[n], "from_members": partners,
                         "from_rival": float(change[n, third]), "from_others": rest,
                         "own": float(change[n, n])})  # fmt: skip
        return rows

    def _goods(self, outcome: Outcome, own: bool = False) -> Float:
        goods = outcome.economy.goods
        flows = outcome.after.flows if goods is None else outcome.after.flows[:, :, goods]
        total = np.array(flows.sum(axis=2))
        if not own:
            np.fill_diagonal(total, 0.0)
        return total


def effect(law: Outcome, package: Scenario, on: date) -> Effect:
    """Return what a package of trade costs does on top of a change of law.

    Raises
    ------
    ScenarioError
        The package names what the economy does not have.
    UnsolvedError
        No equilibrium was found.

    Examples
    --------
    >>> from advalorem.scenario import Scenario
    >>> from advalorem.world import build_economy, example
    >>> law = solve(build_economy(example.two_country_tables()))
    >>> bool(abs(effect(law, Scenario(), date(2025, 9, 18)).gain).max() < 1e-9)
    True
    """
    if package.is_empty:
        return Effect(law, package, law)
    d_hat = package.d_hat(law.economy, on)
    held = law.shock.d_hat
    shock = replace(
        law.shock,
        name=f"{law.shock.name}, {package.title or package.name}",
        d_hat=d_hat if held is None else held * d_hat,
    )
    return Effect(law, package, solve(law.economy, shock, law.closure))
