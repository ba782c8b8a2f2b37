"""What an outcome is worth to each player, solved once and remembered by content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.objectives import Objective, Term, real_income, term_function
from advalorem.world import calibrate, gradient, solve
from advalorem.world.closure import Closure, as_closure
from advalorem.world.levels import base_levels
from advalorem.world.shock import Shock
from advalorem.world.store import Record, Store, fingerprint
from advalorem.world.system import Guess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy, Outcome
    from advalorem.world.levels import Levels

    Floats = NDArray[np.float64]

__all__ = ["Payoffs"]

REMEMBERED = 12
KIND, COLUMN = "payoffs of bargaining", "payoff_pct"


class Payoffs:
    """Payoffs of players in an economy; every equilibrium is solved once.

    The cache is keyed by a hash of the calibrated economy, the closure, the objectives and the
    arrays of the shock, not by its name. With `store` it is kept in a file and used again.

    Parameters
    ----------
    economy
        Base year, calibrated here.
    objectives
        One per player; a country's code stands for its real income.
    closure
        Rule for deficits.
    store
        File that keeps payoffs between runs, or an open one; None keeps them in memory only.

    Raises
    ------
    InputError
        When a country is not in the economy.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> payoffs = Payoffs(build_economy(example.two_country_tables()), ["H", "F"])
    >>> tariffs = payoffs.economy.tau.copy()
    >>> tariffs[0, 1] = 0.25
    >>> payoffs.values(Shock(tariffs=tariffs)).round(3)
    array([ 1.095, -1.199])
    >>> payoffs.values(Shock("same", tariffs=tariffs)).round(3), payoffs.solved
    (array([ 1.095, -1.199]), 1)
    """

    def __init__(
        self,
        economy: Economy,
        objectives: Sequence[str | Objective],
        closure: str | Closure = "zero_deficits",
        store: Path | Store | None = None,
    ) -> None:
        self.closure = as_closure(closure)
        calibrated = economy.closure == self.closure.key
        self.economy = economy if calibrated else calibrate(economy, self.closure)
        self.objectives = tuple(self._objective(item) for item in objectives)
        self.before = base_levels(self.economy)
        self.solved = 0
        self.print = self._fingerprint()
        self._functions: dict[Any, Callable[[Levels], Any]] = {}
        self._known: dict[str, Floats] = {}
        self._slopes: dict[Any, Floats] = {}
        self._last: tuple[str, Outcome] | None = None
        self.store = store if isinstance(store, Store) else Store.open(store, KIND)
        for key, record in self.store.known.items():
            self._known[key] = np.array(record.columns[COLUMN])

    @property
    def names(self) -> tuple[str, ...]:
        """The objectives as written."""
        return tuple(objective.name for objective in self.objectives)

    def values(self, shock: Shock) -> Floats:
        """Return the payoffs after `shock`, per cent, one per objective.

        Raises
        ------
        UnsolvedError
            When there is no equilibrium.
        """
        key = self.key(shock)

        def made() -> Floats:
            new = self.outcome(shock, key).after
            return np.array([self._value(item, new) for item in self.objectives])

        return self.remembered(key, shock.name, made)

    def remembered(self, key: str, name: str, made: Callable[[], Floats]) -> Floats:
        """Return the payoffs kept under a key; those that `made` returns when there are none.

        For outcomes that are solved elsewhere, such as a scenario of the law.
        """
        if key not in self._known:
            found = np.asarray(made(), dtype=float)
            self._known[key] = found
            self.store.add(Record(key, name, "converged", 0, {COLUMN: found.tolist()}))
        return self._known[key].copy()

    def gradient(self, shock: Shock, weights: Any) -> Floats:
        """Return the derivatives of the weighted sum of payoffs with respect to tariffs, (n, i, j).

        Per unit of the fraction: a rate that rises by 0.01 moves the sum by 0.01 times this.
        """
        key = self.key(shock)
        total = np.zeros(self.economy.tau.shape)
        for weight, objective in zip(np.asarray(weights), self.objectives, strict=True):
            for term in objective.terms:
                if weight * term.weight != 0:
                    total += weight * term.weight * self._slope(shock, key, term)
        return total

    def outcome(self, shock: Shock, key: str | None = None) -> Outcome:
        """Return the solved equilibrium, starting from the last one found.

        Raises
        ------
        UnsolvedError
            When there is no equilibrium.
        """
        key = self.key(shock) if key is None else key
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        start = None if shock.theta is not None else self._start()
        found = solve(self.economy, shock, self.closure, start=start, throw=False)
        if found.result != "converged":
            found = solve(self.economy, shock, self.closure)
        self.solved += 1
        if shock.theta is None:
            self._last = (key, found)
        return found

    def key(self, shock: Shock) -> str:
        """Return the hash under which the payoffs of `shock` are remembered."""
        names = ("tariffs", "d_hat", "productivity_hat", "labour_hat", "theta")
        given = [(name, getattr(shock, name)) for name in names]
        held = [(name, value) for name, value in given if value is not None]
        arrays = [np.asarray(value, dtype=float) for _, value in held]
        return fingerprint(arrays, [self.print, *(name for name, _ in held)])

    def close(self) -> None:
        """Close the file of payoffs."""
        self.store.close()

    def _objective(self, item: str | Objective) -> Objective:
        if isinstance(item, Objective):
            return item
        return real_income(self.economy.countries[self.economy.country_index(item)])

    def _fingerprint(self) -> str:
        e = self.economy
        arrays = (e.pi, e.tau, e.gamma, e.value_added_share, e.alpha, e.theta, e.factor_income)
        extra = (e.spending, e.deficit)
        words = [self.closure.key, *e.countries, *e.sectors]
        return fingerprint((*arrays, *extra), [*words, *(repr(o.terms) for o in self.objectives)])

    def _value(self, objective: Objective, new: Levels) -> float:
        return float(sum(term.weight * self._function(term)(new) for term in objective.terms))

    def _function(self, term: Any) -> Callable[[Levels], Any]:
        key = (term.kind, term.country, term.sectors)
        if key not in self._functions:
            self._functions[key] = term_function(self.economy, self.before, term)
        return self._functions[key]

    def _slope(self, shock: Shock, key: str, term: Term) -> Floats:
        """Return the derivatives of one term; those at the last few points are remembered."""
        place = (key, term.kind, term.country, term.sectors)
        if place not in self._slopes:
            while len(self._slopes) >= REMEMBERED:
                del self._slopes[next(iter(self._slopes))]
            outcome = self.outcome(shock, key)
            self._slopes[place] = np.asarray(gradient(outcome, self._differentiable(term)).tariffs)
        return self._slopes[place]

    def _differentiable(self, term: Any) -> str | Callable[[Levels], Any]:
        """Return what `gradient` takes; real income by name, so that it is compiled only once."""
        if term.kind == "real_income":
            return f"real_income:{term.country}"
        return self._function(term)

    def _start(self) -> Guess | None:
        if self._last is None:
            return None
        new = self._last[1].after
        return Guess(np.log(new.w_hat), np.log(new.price_hat), np.asarray(new.spending))
