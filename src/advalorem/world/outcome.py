"""A solved counterfactual: result code, residuals, and labelled changes and levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.errors import UnsolvedError
from advalorem.world.welfare import Decomposition, one_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world.closure import Closure
    from advalorem.world.economy import Economy
    from advalorem.world.levels import Levels
    from advalorem.world.shock import Shock

    Floats = NDArray[np.float64]

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Base and counterfactual equilibrium, and how the second was found.

    Attributes
    ----------
    economy
        The calibrated base.
    shock, closure
        What was asked.
    result
        ``converged``, ``max_iterations``, ``non_finite`` or ``inconsistent_input``.
    iterations, restarts
        Evaluations of the model, and how often acceleration was restarted.
    residuals
        ``fixed_point`` of the solver and relative errors recomputed from levels; see `check`.
    base, new
        Levels before and after; None when the input could not be used.
    message
        What was wrong with the input, else empty.
    """

    economy: Economy
    shock: Shock
    closure: Closure
    result: str
    iterations: int
    restarts: int
    residuals: dict[str, float]
    base: Levels | None
    new: Levels | None
    message: str = ""

    def require_solved(self) -> None:
        """Raise unless the equilibrium was found.

        Raises
        ------
        UnsolvedError
            When `result` is not ``converged``.
        """
        if self.result != "converged":
            raise UnsolvedError(
                f"{self.shock.name}: no result, the solver ended with {self.result}. "
                f"{self.message}",
                self,
            )

    @property
    def before(self) -> Levels:
        """Levels of the base; raises `UnsolvedError` when there are none."""
        if self.base is None:
            self.require_solved()
        assert self.base is not None
        return self.base

    @property
    def after(self) -> Levels:
        """Levels of the counterfactual; raises `UnsolvedError` when unsolved."""
        self.require_solved()
        assert self.new is not None
        return self.new

    @property
    def real_income_pct(self) -> Floats:
        """Exact change of real income I / P, per cent, (n)."""
        nominal = self.after.income / self.before.income
        return 100 * np.asarray(nominal / self.after.price_index_hat - 1)

    @property
    def real_wage_pct(self) -> Floats:
        """Change of the real wage w / P, per cent, (n)."""
        return 100 * np.asarray(self.after.w_hat / self.after.price_index_hat - 1)

    @property
    def wage_pct(self) -> Floats:
        """Change of the wage in units of the numeraire, per cent, (n)."""
        return 100 * np.asarray(self.after.w_hat - 1)

    @property
    def price_pct(self) -> Floats:
        """Change of the price of final spending in units of the numeraire, per cent, (n)."""
        return 100 * np.asarray(self.after.price_index_hat - 1)

    @property
    def export_price_pct(self) -> Floats:
        """Change of export prices over import prices before tariffs, base weights, per cent, (n).

        Exporter prices move with c_hat; iceberg costs count as part of the import price.
        """
        own = np.arange(len(self.economy.countries))
        flows = np.array(self.before.flows)
        flows[own, own] = 0.0
        cost = self.after.cost_hat
        landed = np.where(flows > 0, cost[None] * self.after.d_hat, 1.0)
        sold, bought = flows.sum(axis=(0, 2)), flows.sum(axis=(1, 2))
        export = np.einsum("nij,ij->i", flows, cost) / np.where(sold > 0, sold, 1.0)
        imported = (flows * landed).sum(axis=(1, 2)) / np.where(bought > 0, bought, 1.0)
        traded = (sold > 0) & (bought > 0)
        return 100 * np.where(traded, export / np.where(traded, imported, 1.0) - 1, 0.0)

    def imports(self) -> tuple[Floats, Floats]:
        """Return imports by importer and exporter net of tariffs, before and after, (n, i)."""
        return _foreign(self.before.flows), _foreign(self.after.flows)

    def one_step(self) -> dict[str, Floats]:
        """Return the paper's one-step decomposition, per cent, (n) each; see `welfare`."""
        return one_step(self.before, self.after)

    def country_columns(self, split: Decomposition | None = None) -> dict[str, Any]:
        """Return one column per quantity, in the order of `economy.countries`.

        Per cent columns end in ``_pct``; levels are in ``economy.unit``. With `split`, the
        integrated decomposition is added in columns that start with ``path_``.
        """
        parts = self.one_step()
        bought, bought_new = self.imports()
        columns: dict[str, Any] = {
            "country": list(self.economy.countries),
            "real_income_pct": self.real_income_pct,
            "real_wage_pct": self.real_wage_pct,
            "welfare_one_step_pct": np.sum(list(parts.values()), axis=0),
            **{f"{name}_pct": values for name, values in parts.items()},
            "wage_pct": self.wage_pct,
            "price_pct": self.price_pct,
            "export_import_price_pct": self.export_price_pct,
            "imports_pct": _pct(bought.sum(axis=1), bought_new.sum(axis=1)),
            "exports_pct": _pct(bought.sum(axis=0), bought_new.sum(axis=0)),
            "tariff_revenue": _clean(self.before),
            "tariff_revenue_new": _clean(self.after),
            "income": self.before.income,
            "income_new": self.after.income,
            "deficit": self.before.deficit,
            "deficit_new": self.after.deficit,
        }
        if split is not None:
            columns |= {f"path_{name}_pct": values for name, values in split.components.items()}
            columns["path_total_pct"] = split.total
        return columns

    def sector_columns(self) -> dict[str, Any]:
        """Return output, value added and prices by country and sector, flat, country-major."""
        countries, sectors = self.economy.countries, self.economy.sectors
        share = self.before.value_added_share
        return {
            "country": [c for c in countries for _ in sectors],
            "sector": [s for _ in countries for s in sectors],
            "output": self.before.output.ravel(),
            "output_new": self.after.output.ravel(),
            "value_added": (share * self.before.output).ravel(),
            "value_added_new": (share * self.after.output).ravel(),
            "price_pct": 100 * (self.after.price_hat - 1).ravel(),
            "real_output_pct": _pct(
                self.before.output, self.after.output / self.after.cost_hat
            ).ravel(),
        }

    def trade_columns(self) -> dict[str, Any]:
        """Return positive trade flows net of tariffs by importer, exporter and sector."""
        economy = self.economy
        n, i, j = np.nonzero((self.before.flows > 0) | (self.after.flows > 0))
        return {
            "importer": [economy.countries[at] for at in n],
            "exporter": [economy.countries[at] for at in i],
            "sector": [economy.sectors[at] for at in j],
            "tariff": self.before.tau[n, i, j],
            "tariff_new": self.after.tau[n, i, j],
            "trade": self.before.flows[n, i, j],
            "trade_new": self.after.flows[n, i, j],
        }

    def tariff_columns(self) -> dict[str, dict[str, Any]]:
        """Return base tariffs, new tariffs and new costs, each in the form in which it is read.

        Base tariffs that are zero are left out; so are cells of which nothing changes.
        """
        old, new, cost = self.economy.tau, self.after.tau, np.asarray(self.after.d_hat)
        return {
            "tariffs_base": self._cells(old != 0, tariff=old),
            "tariffs_new": self._cells((old != 0) | (new != 0), tariff=new),
            "costs": self._cells(cost != 1, d_hat=cost),
        }

    def _cells(self, which: Any, **values: Any) -> dict[str, Any]:
        economy = self.economy
        n, i, j = np.nonzero(which)
        return {
            "importer": [economy.countries[at] for at in n],
            "exporter": [economy.countries[at] for at in i],
            "sector": [economy.sectors[at] for at in j],
            **{name: np.asarray(column)[n, i, j] for name, column in values.items()},
        }

    def notes(self) -> list[str]:
        """Return the named choices that every presentation of the result has to show."""
        return [
            f"closure: {self.closure.text}",
            f"trade elasticities: {self.economy.theta_set}",
            *self.economy.readings,
        ]

    def as_dict(self, split: Decomposition | None = None) -> dict[str, Any]:
        """Return plain values for JSON: countries, solver, notes, repairs and sources."""
        columns = self.country_columns(split)
        plain = {name: np.asarray(values).tolist() for name, values in columns.items()}
        names = list(plain)
        rows = zip(*plain.values(), strict=True)
        return {
            "economy": self.economy.name,
            "scenario": self.shock.name,
            "closure": self.closure.kind,
            "numeraire": self.closure.numeraire,
            "theta": self.economy.theta_set,
            "unit": self.economy.unit,
            "countries": [dict(zip(names, row, strict=True)) for row in rows],
            "solver": self.solver_dict(),
            "readings": self.notes(),
            "adjustments": [item.as_dict() for item in self.economy.adjustments],
            "sources": list(self.economy.sources),
        }

    def solver_dict(self) -> dict[str, Any]:
        """Return result code, iterations, restarts and residuals."""
        return {
            "result": self.result,
            "iterations": self.iterations,
            "restarts": self.restarts,
            "residuals": dict(self.residuals),
        }

    def to_xarray(self) -> Any:
        """Return changes and levels as a labelled `xarray.Dataset`."""
        from advalorem.world.labels import outcome_dataset

        return outcome_dataset(self)


def _foreign(flows: Floats) -> Floats:
    total = np.array(flows.sum(axis=2))
    np.fill_diagonal(total, 0.0)
    return total


def _clean(levels: Levels) -> Floats:
    """Return tariff revenue, with what is only rounding of income shown as zero."""
    return np.where(np.abs(levels.revenue) < 1e-11 * levels.income, 0.0, levels.revenue)


def _pct(old: Floats, new: Floats) -> Floats:
    """Return per cent changes, zero where nothing was there."""
    return np.asarray(100 * np.where(old > 0, new / np.where(old > 0, old, 1.0) - 1, 0.0))
