"""From one law to another in general equilibrium, with no rate typed by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.linkage.attribution import Attribution, Measured, attribute
from advalorem.linkage.tangent import Direction
from advalorem.linkage.tariffs import LawTariffs, law_tariffs, link_parameters
from advalorem.rates.readings import Readings
from advalorem.scenario import Scenario
from advalorem.world.shock import Shock
from advalorem.world.solver import calibrate, solve

if TYPE_CHECKING:
    from advalorem.world.closure import Closure
    from advalorem.world.economy import Economy
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
COSTS, PRODUCTIVITY, BANS = "trade_costs", "productivity", "prohibitions"


@dataclass(frozen=True, slots=True)
class LawOutcome:
    """The world under a later law, relative to the world under an earlier one.

    Attributes
    ----------
    outcome
        Base and counterfactual equilibrium; the base is revalued at the earlier law.
    before, after
        Tariffs of the two laws.
    scenario
        The scenario that holds under the later law.
    moves
        Label of each measure, and of changes in trade costs, to its part of the shock.
    version
        Versions of the two laws.
    """

    outcome: Outcome
    before: LawTariffs
    after: LawTariffs
    scenario: Scenario
    moves: dict[str, Direction]
    version: tuple[str, str]

    def attribution(self, *, of: Measured | None = None, alone: bool = True) -> Attribution:
        """Return the change of real income, or of another outcome, by measure; see `attribute`."""
        return attribute(self.outcome, self.moves, of=of, alone=alone)

    def costs(self, day: float) -> Float:
        """Return new over old costs of the shock, (n, i, j), where a day is worth a fraction."""
        base = self.outcome.economy
        changed = self.scenario.d_hat(base, self.after.on, day)
        bans = _bans(base, self.before, self.after)
        return changed * np.where(np.isinf(bans), 1.0, bans)

    def revenue(self) -> list[dict[str, Any]]:
        """Return tariff revenue of importers whose law is coded, before and after.

        In the economy's unit at basic prices, and the same at customs values: times the importer's
        ratio of customs values to the economy's flows.
        """
        economy = self.outcome.economy
        rows = []
        for importer, scale in self.after.scales.items():
            n = economy.country_index(importer)
            old, new = (float(at.revenue[n]) for at in (self.outcome.before, self.outcome.after))
            rows.append({
                "importer": economy.countries[n], "basic_prices": old, "basic_prices_new": new,
                "scale": scale, "customs_values": old * scale, "customs_values_new": new * scale,
            })  # fmt: skip
        return rows

    def statements(self) -> list[str]:
        """Return the readings behind the tariffs, once each, the later law's claims as well."""
        return list(dict.fromkeys((*self.before.readings, *self.after.readings)))


def simulate_law(
    economy: Economy,
    law_from: date,
    law_to: date,
    scenario: Scenario | None = None,
    *,
    closure: str | Closure = "zero_deficits",
    readings: Readings | None = None,
    known_on: date | None = None,
    book: Lawbook | None = None,
    throw: bool = True,
) -> LawOutcome:
    """Return the world under the law of a day and a scenario, relative to the law of another day.

    Parameters
    ----------
    economy : a base year with the sectors of the concordance
    law_from, law_to : the day of the base law, as it stands, under which the flows of the economy
        are taken to be; and of the other law, with the scenario. Answers do not reverse
    scenario : what if; the empty scenario if None
    closure, throw : as in `advalorem.world.solve`
    readings : readings of the effective rates; the defaults if None
    known_on : day up to which acts are known; the newest act coded if None
    book : the law; the packaged law if None

    Raises
    ------
    LinkageError
        The economy has other sectors or no ISO codes.
    UnsolvedError
        No equilibrium was found.

    Examples
    --------
    >>> from advalorem.world import load_economy
    >>> day = date(2025, 9, 18)
    >>> found = simulate_law(load_economy("icio2022"), day, day)
    >>> bool(abs(found.outcome.real_income_pct).max() < 1e-8)
    True
    """
    held, what_if = book or load_lawbook(), scenario or Scenario()
    changed = what_if.apply(held, known_on)
    before = law_tariffs(held, economy, law_from, readings, known_on)
    same = changed is held and law_from == law_to
    after = before if same else law_tariffs(changed, economy, law_to, readings, known_on)
    base = calibrate(_revalued(economy, before), closure)
    name = f"law of {law_from} to law of {law_to}"
    name += "" if what_if.is_empty else f" with {what_if.name}"
    shock, moves = _shock(base, name, before, after, what_if, law_to)
    outcome = solve(base, shock, closure, throw=throw)
    version = (held.version, changed.version)
    return LawOutcome(outcome, before, after, what_if, moves, version)


def _revalued(economy: Economy, before: LawTariffs) -> Economy:
    """Return the economy at the tariffs of the earlier law."""
    base = economy.with_tariffs(before.over(economy.tau))
    words = tuple(f"law of {before.on}: {line}" for line in before.readings[:1])
    return replace(base, readings=(*base.readings, base_reading(before.on), *words))


def base_reading(on: date) -> str:
    """Return what is said of the law under which the flows of the economy are taken to be.

    >>> "under the law of 2025-01-01" in base_reading(date(2025, 1, 1))
    True
    """
    return "linkage.base: " + str(link_parameters()["base"]["reading"]).format(day=on)


def _shock(
    base: Economy,
    name: str,
    before: LawTariffs,
    after: LawTariffs,
    scenario: Scenario,
    on: date,
) -> tuple[Shock, dict[str, Direction]]:
    """Return the shock from one law to the other and its parts by measure."""
    moves = _by_measure(before, after)
    tariffs = after.over(base.tau)
    d_hat, productivity = scenario.d_hat(base, on), scenario.productivity_hat(base, on)
    bans = _bans(base, before, after)
    whole = np.isinf(bans)
    tariffs, bans = np.where(whole, np.inf, tariffs), np.where(whole, 1.0, bans)
    for label, cost in ((COSTS, d_hat), (BANS, bans)):
        if (cost != 1).any():
            moves[label] = Direction(log_d=np.log(cost))
    if (productivity != 1).any():
        moves[PRODUCTIVITY] = Direction(log_productivity=np.log(productivity))
    shock = Shock(
        name,
        tariffs=tariffs,
        d_hat=_unless_one(d_hat * bans),
        productivity_hat=_unless_one(productivity),
        allow_above_100=True,
    )
    return shock, moves


def _unless_one(values: Float) -> Float | None:
    return values if (values != 1).any() else None


def _by_measure(before: LawTariffs, after: LawTariffs) -> dict[str, Direction]:
    """Return new less old tariffs of every measure that moves; they sum to the change."""
    moves: dict[str, Direction] = {}
    for name in sorted({*before.measures, *after.measures}):
        move = _rates(after, name) - _rates(before, name)
        if np.any(move):
            moves[name] = Direction(tariffs=np.asarray(move))
    return moves


def _rates(tariffs: LawTariffs, name: str) -> Any:
    if name not in tariffs.measures:
        return np.zeros(tariffs.decided.shape)
    return tariffs.rates[tariffs.measures.index(name)]


def _bans(base: Economy, before: LawTariffs, after: LawTariffs) -> Float:
    """Return new over old iceberg costs that stand for bans, (n, i, j); infinite for whole ones."""
    old, new = 1 - before.banned, 1 - after.banned
    ratio = np.where(old > 0, new / np.where(old > 0, old, 1), 1)
    return np.asarray(_power(ratio, -1 / base.theta))


def _power(base: Float, exponent: Float) -> Float:
    """Return a power in which zero to a negative exponent is infinite."""
    with np.errstate(divide="ignore"):
        return np.asarray(base**exponent)
