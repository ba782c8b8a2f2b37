"""Retaliation: none, mirror, targeted within a budget, and what is in the retaliator's interest.

An attack is a change of tariffs by one country. Every retaliator has the same list of answers, each
a row of tariffs on the attacker's goods: what it does, `subgame` works out from the end. Among the
answers is the sub-game perfect one when any rates may be set: the best response to the attack and,
with several retaliators, to one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.equilibrium import nash
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.game import Part, WorldGame
from advalorem.bargaining.instruments import instruments_of
from advalorem.bargaining.targets import Product, Targets, targeted
from advalorem.world.shock import Shock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.payoffs import Payoffs

    Floats = NDArray[np.float64]
    Rows = dict[str, Floats]

__all__ = ["Answer", "Menu", "answers", "chosen_share", "menu_of"]

TIE = 1e-9
NONE = "none"


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows when all retaliators answer in one way.

    Attributes
    ----------
    name
        ``none``, ``mirror``, ``targeted`` or ``credible``.
    payoffs
        Per cent, by country (attacker first).
    tariffs
        All tariffs after it, (n, i, j).
    own_gain
        What answering adds for each retaliator over doing nothing while the others answer, per
        cent.
    attacker_loss
        What it costs the attacker, per cent.
    credible
        Whether no retaliator loses by carrying it out.
    """

    name: str
    payoffs: dict[str, float]
    tariffs: Floats
    own_gain: dict[str, float]
    attacker_loss: float
    credible: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The answers that every retaliator has to an attack.

    Attributes
    ----------
    payoffs
        With one objective per country: attacker first, then the retaliators.
    codes
        Attacker, then retaliators.
    attack
        All tariffs after the attack, (n, i, j).
    rows
        By answer and retaliator: its tariffs on the attacker, (j).
    targets
        What each retaliator targets, where that is an answer.
    """

    payoffs: Payoffs
    codes: tuple[str, ...]
    attack: Floats
    rows: dict[str, Rows]
    targets: dict[str, Targets] = field(default_factory=dict)

    def tariffs(self, profile: Sequence[str]) -> Floats:
        """Return all tariffs when each retaliator gives its answer in `profile`."""
        new = np.array(self.attack)
        at = [self.payoffs.economy.country_index(code) for code in self.codes]
        for code, n, name in zip(self.codes[1:], at[1:], profile, strict=True):
            new[n, at[0]] = self.rows[name][code]
        return new

    def values(self, profile: Sequence[str]) -> Floats:
        """Return payoffs of attacker and retaliators, per cent."""
        name = f"answers {', '.join(profile)}"
        return self.payoffs.values(Shock(name, tariffs=self.tariffs(profile), allow_above_100=True))

    def answer(self, name: str) -> Answer:
        """Return what follows when all give one answer."""
        profile = (name,) * (len(self.codes) - 1)
        made, idle = self.values(profile), self.values((NONE,) * len(profile))
        gain = {}
        for p, code in enumerate(self.codes[1:]):
            without = (*profile[:p], NONE, *profile[p + 1 :])
            gain[code] = float(made[p + 1] - self.values(without)[p + 1])
        return Answer(
            name,
            dict(zip(self.codes, made.tolist(), strict=True)),
            self.tariffs(profile),
            gain,
            float(idle[0] - made[0]),
            all(value >= -TIE for value in gain.values()),
        )


def menu_of(
    payoffs: Payoffs,
    attacker: str,
    attack: Floats,
    retaliators: Sequence[str],
    *,
    budget: float | None = None,
    rate: float = 0.25,
    products: Mapping[str, Product] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    incomes: Payoffs | None = None,
) -> Menu:
    """Return the answers to an attack.

    Parameters
    ----------
    payoffs
        With one objective per country: attacker first, then the retaliators.
    attack
        All tariffs after the attack, (n, i, j).
    budget
        Base imports that each retaliator may hit when it targets products, in the unit of the
        economy; None leaves ``targeted`` out.
    rate, products
        Rate on targeted products, and those that may be targeted.
    bounds
        Of the credible answer.
    incomes
        Real incomes in the same order, in which targets count losses; None takes `payoffs`.

    Raises
    ------
    InputError
        For unknown countries, a budget that is not positive, or a country on both sides.
    NotConvergedError
        When the credible answer is not found.
    """
    economy = payoffs.economy
    codes = tuple(
        economy.countries[economy.country_index(code)] for code in (attacker, *retaliators)
    )
    if len(set(codes)) < len(codes) or len(codes) < 2 or len(codes) != len(payoffs.objectives):
        raise InputError(
            "retaliation", ", ".join(codes), "repeated, or without an objective", "name each once"
        )
    i = economy.country_index(codes[0])
    at = {code: economy.country_index(code) for code in codes[1:]}
    rows = {NONE: {code: np.array(attack[n, i]) for code, n in at.items()}}
    rows["mirror"] = _mirror(payoffs, i, at, attack)
    found: dict[str, Targets] = {}
    if budget is not None:
        held = incomes or payoffs
        found = {
            code: targeted(held, codes[0], code, attack, budget, rate, products) for code in at
        }
        rows["targeted"] = {
            code: rows[NONE][code] + _by_sector(payoffs, found[code]) for code in at
        }
    new = _credible(payoffs, codes, attack, bounds)
    rows["credible"] = {code: new[n, i] for code, n in at.items()}
    return Menu(payoffs, codes, attack, rows, found)


def answers(
    payoffs: Payoffs,
    attacker: str,
    attack: Floats,
    retaliators: Sequence[str],
    *,
    budget: float | None = None,
    rate: float = 0.25,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> dict[str, Answer]:
    """Return what follows when all answer in the same way, by its name; see `menu_of`.

    Examples
    --------
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example, raise_tariffs
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> found = answers(payoffs, "H", raise_tariffs(payoffs.economy, "H <- F: +25"), ["F"])
    >>> found["none"].credible, found["mirror"].credible, list(found)
    (True, True, ['none', 'mirror', 'credible'])
    """
    menu = menu_of(payoffs, attacker, attack, retaliators, budget=budget, rate=rate, bounds=bounds)
    return {name: menu.answer(name) for name in menu.rows}


def chosen_share(
    payoffs: Payoffs,
    attacker: str,
    attack: Floats,
    retaliators: Sequence[str],
    bounds: tuple[float, float] = (0.0, 1.0),
) -> tuple[float, dict[str, float]]:
    """Return the share of the attack that is best for the attacker when it moves first.

    It foresees the credible answer to every share from nothing to the whole (von Stackelberg).

    Returns
    -------
    tuple
        The share, and the payoffs after the answer to it, per cent by country.

    Raises
    ------
    NotConvergedError
        When an answer is not found.

    Examples
    --------
    >>> from advalorem.bargaining.payoffs import Payoffs
    >>> from advalorem.world import build_economy, example, raise_tariffs
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> share, _ = chosen_share(
    ...     payoffs, "H", raise_tariffs(payoffs.economy, "H <- F: +60"), ["F"])
    >>> 0 < share < 1
    True
    """
    from scipy.optimize import minimize_scalar

    codes = (attacker, *retaliators)
    base = payoffs.economy.tau

    def made(share: float) -> Floats:
        part = base + share * (np.asarray(attack) - base)
        new = _credible(payoffs, codes, part, bounds)
        return payoffs.values(Shock("answered", tariffs=new, allow_above_100=True))

    def cost(share: float) -> float:
        return -float(made(share)[0])

    run = minimize_scalar(cost, bounds=(0.0, 1.0), method="bounded", options={"xatol": SHARE})
    share = min((0.0, float(run.x), 1.0), key=cost)
    return share, dict(zip(codes, made(share).tolist(), strict=True))


SHARE = 0.01


def _mirror(payoffs: Payoffs, i: int, at: Mapping[str, int], attack: Floats) -> Rows:
    """Return tariffs in which every retaliator raises what the attacker raised, by as much."""
    base = payoffs.economy.tau
    raised = np.maximum(attack - base, 0.0)
    return {code: base[n, i] + raised[i, n] for code, n in at.items()}


def _by_sector(payoffs: Payoffs, found: Targets) -> Floats:
    return np.array([found.rates.get(sector, 0.0) for sector in payoffs.economy.sectors])


def _credible(
    payoffs: Payoffs, codes: Sequence[str], attack: Floats, bounds: tuple[float, float]
) -> Floats:
    """Return the attack with the best answers of the retaliators to it and to one another."""
    partners = {code: [codes[0]] for code in codes}
    partners[codes[0]] = list(codes[1:])
    own = instruments_of(payoffs.economy, codes, "partner_sector", partners, bounds)
    game = WorldGame(payoffs, own, attack)
    free = np.flatnonzero(own.owner > 0)
    held = own.mean(attack, payoffs.economy.flows)
    part = Part(game, tuple(range(1, len(codes))), free, held)
    found = nash(part, [("as they are", game.start[free])])
    return own.put(attack, part.whole(found.x))
