"""Products chosen for retaliation: most harm per own loss, within a budget of trade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.bargaining.game import WorldGame
from advalorem.bargaining.instruments import instruments_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.payoffs import Payoffs

    Floats = NDArray[np.float64]

__all__ = ["Product", "Targets", "targeted"]

TIE = 1e-9
MOST = 200


@dataclass(frozen=True, slots=True)
class Product:
    """A product that may be hit: its sector, and imports of it from the attacker."""

    sector: str
    trade: float


@dataclass(frozen=True, slots=True)
class Targets:
    """Products chosen for retaliation.

    Attributes
    ----------
    rates
        Rate by sector, zero where it is not used, as fractions.
    covered
        Base imports from the attacker hit, by sector, in the unit of the economy.
    attacker_loss, own_loss
        Money, in the unit of the economy; a negative own loss is a gain.
    ratio
        Loss of the attacker per own loss; infinite where retaliation costs nothing.
    products
        Imports hit by named product, where products were named.
    """

    rates: dict[str, float]
    covered: dict[str, float]
    attacker_loss: float
    own_loss: float
    ratio: float
    products: dict[str, float] = field(default_factory=dict)


def targeted(
    payoffs: Payoffs,
    attacker: str,
    retaliator: str,
    attack: Floats,
    budget: float,
    rate: float,
    products: Mapping[str, Product] | None = None,
) -> Targets:
    """Return the products that cost the attacker most per own loss within a budget of trade.

    `products` names what may be hit; without it every goods sector may. The model knows products
    by their sector alone, so those of one sector are hit alike. A sector may be hit in part: half
    of its imports at `rate` counts as the whole at half the rate. The ratio is maximised by
    Dinkelbach's method (1967, Management Science 13(7)): other's loss less q times own loss, with q
    raised to the ratio found until it stays. Where the most harmful list costs its user nothing,
    that list is the answer and the ratio is infinite.

    Raises
    ------
    InputError
        For a budget or rate that is not positive, or a product that does not fit its sector.
    NotConvergedError
        When the search ended without an answer.

    Examples
    --------
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example, raise_tariffs
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> attack = raise_tariffs(payoffs.economy, "H <- F: +25")
    >>> found = targeted(payoffs, "H", "F", attack, budget=10.0, rate=0.25)
    >>> found.covered, found.ratio
    ({'good': 10.0}, inf)
    """
    if not (np.isfinite([budget, rate]).all() and budget > 0 and rate > 0):
        raise InputError(
            "retaliation",
            f"budget {budget:g}, rate {rate:g}",
            "not positive",
            "give positive numbers",
        )
    hunt = _Hunt.of(payoffs, attacker, retaliator, attack, budget, rate, products or {})
    share, q = hunt.best(0.0), 0.0
    for _ in range(20):
        harm, cost = hunt.losses(share)
        if cost <= TIE * hunt.money[1] or harm <= 0:
            break
        if harm / cost <= q * (1 + 1e-6):
            break
        q = harm / cost
        share = hunt.best(q)
    return hunt.targets(share)


@dataclass(frozen=True, slots=True)
class _Hunt:
    """The search for targets: which part of each sector is hit."""

    game: WorldGame
    who: tuple[int, int]
    base: Floats
    flows: Floats
    budget: float
    rate: float
    products: Mapping[str, Product]

    @classmethod
    def of(
        cls,
        payoffs: Payoffs,
        attacker: str,
        retaliator: str,
        attack: Floats,
        budget: float,
        rate: float,
        products: Mapping[str, Product],
    ) -> _Hunt:
        economy = payoffs.economy
        pair = [economy.countries[economy.country_index(code)] for code in (retaliator, attacker)]
        own = instruments_of(economy, pair[:1], "partner_sector", {pair[0]: pair[1:]})
        countries = [objective.terms[0].country for objective in payoffs.objectives]
        who = (countries.index(pair[1]), countries.index(pair[0]))
        flows = economy.flows[own.importer, own.exporter, own.sector]
        base = attack[own.importer, own.exporter, own.sector]
        game = WorldGame(payoffs, own, attack)
        return cls(game, who, base, flows, budget, rate, products)

    @property
    def high(self) -> Floats:
        """Largest share of each sector's imports that may be hit.

        Raises
        ------
        InputError
            For a product of another sector, or with more trade than its sector has.
        """
        if not self.products:
            return np.where(self.flows > 0, 1.0, 0.0)
        sectors = [label[2] for label in self.game.instruments.labels]
        named = np.zeros_like(self.flows)
        for name, product in self.products.items():
            if product.sector not in sectors or not product.trade > 0:
                raise InputError(
                    "retaliation", f"product {name}", f"{product.sector!r}, {product.trade:g}",
                    f"give trade above zero and a sector of {', '.join(sectors)}",
                )  # fmt: skip
            named[sectors.index(product.sector)] += product.trade
        over = np.flatnonzero(named > self.flows * (1 + 1e-9))
        if over.size:
            j = int(over[0])
            raise InputError(
                "retaliation", f"products of {sectors[j]}",
                f"{named[j]:g} is more than the imports of {self.flows[j]:g}", "name less trade",
            )  # fmt: skip
        return np.asarray(np.minimum(named / np.maximum(self.flows, 1e-300), 1.0))

    @property
    def money(self) -> tuple[float, float]:
        """Money per per cent of payoff of attacker and retaliator."""
        payoffs = self.game.payoffs
        codes = [payoffs.objectives[k].terms[0].country for k in self.who]
        at = [payoffs.economy.country_index(code) for code in codes]
        return tuple(float(value) for value in payoffs.before.income[at] / 100)  # type: ignore[return-value]

    def losses(self, share: Floats) -> tuple[float, float]:
        """Return the losses of attacker and retaliator against the attack alone, money."""
        made = self.game.values(self.base + self.rate * share)
        idle = self.game.values(self.base)
        lost = [(idle - made)[k] * money for k, money in zip(self.who, self.money, strict=True)]
        return float(lost[0]), float(lost[1])

    def best(self, q: float) -> Floats:
        """Return the shares that maximise the attacker's loss less q times the own loss."""
        from scipy.optimize import minimize

        unit, size = self.money[1], len(self.game.payoffs.objectives)
        weights = np.zeros(size)
        weights[self.who[0]] = self.money[0] / unit
        weights[self.who[1]] -= q

        def cost(share: Floats) -> tuple[float, Floats]:
            x = self.base + self.rate * share
            slope = self.rate * self.game.gradient(x, weights)
            return float(weights @ self.game.values(x)), slope

        high = self.high
        start = high * min(1.0, self.budget / max(float(self.flows @ high), 1e-300))
        room = {
            "type": "ineq",
            "fun": lambda s: 1 - self.flows @ s / self.budget,
            "jac": lambda s: -self.flows / self.budget,
        }
        run = minimize(
            cost, start, jac=True, method="SLSQP", bounds=np.column_stack([0 * high, high]),
            constraints=[room], options={"maxiter": MOST, "ftol": 1e-10},
        )  # fmt: skip
        if run.status not in (0, 8):
            raise NotConvergedError(f"targets of retaliation: {run.message}")
        return np.asarray(np.clip(run.x, 0.0, high))

    def targets(self, share: Floats) -> Targets:
        """Return the answer in words and money."""
        harm, cost = self.losses(share)
        sectors = [label[2] for label in self.game.instruments.labels]
        used = share * (share > 1e-6)
        part = dict(zip(sectors, used / np.maximum(self.high, 1e-300), strict=True))
        return Targets(
            {s: float(self.rate * v) for s, v in zip(sectors, used, strict=True)},
            {s: float(v) for s, v in zip(sectors, used * self.flows, strict=True)},
            harm,
            cost,
            float("inf") if cost <= TIE * self.money[1] else harm / cost,
            {
                name: float(product.trade * part[product.sector])
                for name, product in self.products.items()
            },
        )
