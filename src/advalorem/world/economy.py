"""A labelled base-year economy in the shares that the model needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Adjustment", "Economy", "check_economy", "sector_major"]

SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One repair of the data: what was moved, where, and how much.

    Attributes
    ----------
    step
        Short name, such as ``final_demand.negative``.
    text
        One sentence for people.
    amount
        Total moved, in the economy's currency unit, or in share points for share repairs.
    where
        (label, amount) of every cell touched, largest first.
    """

    step: str
    text: str
    amount: float
    where: tuple[tuple[str, float], ...] = ()

    @property
    def cells(self) -> int:
        """Number of cells touched."""
        return len(self.where)

    def as_dict(self, largest: int = 5) -> dict[str, Any]:
        """Return plain values for JSON, with the `largest` cells only."""
        top = [{"where": label, "amount": amount} for label, amount in self.where[:largest]]
        return {
            "step": self.step,
            "text": self.text,
            "amount": self.amount,
            "cells": self.cells,
            "largest": top,
        }


@dataclass(frozen=True, slots=True)
class Economy:
    """Base year of N countries and J sectors; axes n importer, i exporter, j sector, k input.

    Attributes
    ----------
    name
        Name of the data set.
    countries, sectors
        Labels, in the order of the axes.
    pi
        Expenditure shares at prices with tariffs, (n, i, j), summing to one over i.
    tau
        Base tariffs as fractions, (n, i, j).
    gamma
        Share of input k in the output of j, (n, k, j).
    value_added_share
        Share of value added in output, (n, j); with `gamma` sums to one.
    alpha
        Share of sector j in final spending, (n, j), summing to one over j.
    theta
        Trade elasticity, (j), positive.
    factor_income
        Value added of country n, (n), in `unit`.
    spending
        Expenditure X, tariffs included, (n, j), in `unit`.
    deficit
        Purchases less sales net of tariffs, (n), in `unit`, summing to zero.
    unit
        Currency and scale of all levels.
    goods
        True for sectors on which tariffs can be levied, (j).
    closure
        Closure under which the base is an equilibrium, or None for data not yet calibrated.
    adjustments
        What `build_economy` and `calibrate` moved.
    readings
        Named choices that every result has to show.
    sources
        Citations.
    iso2
        ISO 3166 two-letter codes beside `countries`, empty where there is none.
    groups
        Named groups of countries.
    scenarios
        Named tariff tables that came with the data, each (n, i, j).
    """

    name: str
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    pi: Floats
    tau: Floats
    gamma: Floats
    value_added_share: Floats
    alpha: Floats
    theta: Floats
    factor_income: Floats
    spending: Floats
    deficit: Floats
    unit: str = "unit of the data"
    goods: NDArray[np.bool_] | None = None
    closure: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    iso2: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scenarios: dict[str, Floats] = field(default_factory=dict)
    theta_set: str = "as given"

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of countries and sectors."""
        return len(self.countries), len(self.sectors)

    @property
    def output(self) -> Floats:
        """Gross output implied by shares and spending, (n, j), in `unit`."""
        net = self.pi / (1 + self.tau)
        return np.asarray(np.einsum("nij,nj->ij", net, self.spending))

    @property
    def flows(self) -> Floats:
        """Trade net of tariffs, domestic sales included, (n, i, j), in `unit`."""
        return np.asarray(self.pi * self.spending[:, None, :] / (1 + self.tau))

    @property
    def income(self) -> Floats:
        """Base income: factors, tariff revenue and deficit, (n), in `unit`."""
        revenue = np.einsum("nij,nij->n", self.tau, self.flows)
        return np.asarray(self.factor_income + revenue + self.deficit)

    def country_index(self, code: str) -> int:
        """Return the position of a country given as ISO 3166 two- or three-letter code.

        Raises
        ------
        InputError
            When the code is not in this economy.
        """
        wanted = code.strip().upper()
        upper = [c.upper() for c in self.countries]
        if wanted in upper:
            return upper.index(wanted)
        if wanted and wanted in self.iso2:
            return self.iso2.index(wanted)
        raise InputError(
            "countries",
            repr(code),
            f"not in economy {self.name}",
            f"use one of {_few(self.countries)}",
        )

    def sector_index(self, code: str) -> int:
        """Return the position of a sector.

        Raises
        ------
        InputError
            When the sector is not in this economy.
        """
        lower = [s.lower() for s in self.sectors]
        if code.strip().lower() in lower:
            return lower.index(code.strip().lower())
        raise InputError(
            "sectors", repr(code), f"not in economy {self.name}", f"use one of {_few(self.sectors)}"
        )

    def with_theta(self, theta: Any, name: str = "as given") -> Economy:
        """Return the economy with other trade elasticities, (j), to be calibrated again.

        Raises
        ------
        InputError
            When an elasticity is missing or not positive.
        """
        values = np.asarray(theta, dtype=float)
        changed = replace(self, theta=values, theta_set=name)
        _check_theta(changed)
        return changed

    def with_tariffs(self, tau: Any) -> Economy:
        """Return the economy with other base tariffs and the same trade net of tariffs.

        Expenditure and its shares are revalued at the new tariffs; final spending absorbs the
        difference, so calibrate again before solving. Final spending that would turn negative is
        set to zero and reported.

        Raises
        ------
        InputError
            When a tariff is not finite, negative or charged on domestic sales.
        """
        from advalorem.world.build import revalue

        return revalue(self, np.broadcast_to(np.asarray(tau, dtype=float), self.tau.shape))

    def to_xarray(self) -> Any:
        """Return the economy as a labelled `xarray.Dataset`."""
        from advalorem.world.labels import economy_dataset

        return economy_dataset(self)


def sector_major(values: Any) -> Floats:
    """Return (n, i, j) values stored with the sector axis outermost in memory.

    Each sector's matrix is then contiguous, which the batched products of `equations` need to be
    fast; the logical order of the axes stays n, i, j.

    >>> sector_major(np.zeros((2, 2, 3))).shape
    (2, 2, 3)
    """
    by_sector = np.ascontiguousarray(np.transpose(np.asarray(values, dtype=float), (2, 0, 1)))
    return np.transpose(by_sector, (1, 2, 0))


def check_economy(economy: Economy) -> None:
    """Raise when shares do not sum to one or a value is not usable.

    Raises
    ------
    InputError
        Naming the array, the first label at fault and the remedy.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> check_economy(replace(economy, alpha=2 * economy.alpha))
    Traceback (most recent call last):
    advalorem.world.errors.InputError: alpha, H: shares sum to 2, not 1; rescale them
    """
    arrays = {
        "pi": economy.pi,
        "tau": economy.tau,
        "gamma": economy.gamma,
        "value_added_share": economy.value_added_share,
        "alpha": economy.alpha,
        "spending": economy.spending,
        "factor_income": economy.factor_income,
        "deficit": economy.deficit,
    }
    for table, values in arrays.items():
        _check_finite(economy, table, values)
    _check_theta(economy)
    check_tariffs("tau", economy.tau, economy.countries, economy.sectors)
    _check_sums(economy)


def check_tariffs(
    table: str, tau: Floats, countries: tuple[str, ...], sectors: tuple[str, ...]
) -> None:
    """Raise when a tariff is NaN, negative or charged on domestic sales.

    Raises
    ------
    InputError
        Naming importer, exporter and sector.

    Examples
    --------
    >>> check_tariffs("tariffs", np.array([[[0.1]]]), ("H",), ("good",))
    Traceback (most recent call last):
    advalorem.world.errors.InputError: tariffs, H <- H / good: tariff on domestic sales; ...
    """
    n, i, j = _first(~(tau >= 0))
    if n >= 0:
        where = f"{countries[n]} <- {countries[i]} / {sectors[j]}"
        raise InputError(
            table, where, f"tariff {tau[n, i, j]} is not a rate of zero or more", "correct it"
        )
    own = np.arange(len(countries))
    c, j = _first(tau[own, own] > 0)
    if c >= 0:
        where = f"{countries[c]} <- {countries[c]} / {sectors[j]}"
        raise InputError(table, where, "tariff on domestic sales", "set it to zero")


def _check_finite(economy: Economy, table: str, values: Floats) -> None:
    place = _first(~np.isfinite(values))
    if place[0] >= 0:
        labels = "/".join(str(index) for index in place)
        country = economy.countries[place[0]]
        raise InputError(
            table,
            f"{country} (cell {labels})",
            "not a finite number",
            "correct the table it comes from",
        )


def _check_theta(economy: Economy) -> None:
    if economy.theta.shape != (len(economy.sectors),):
        raise InputError(
            "theta",
            f"shape {economy.theta.shape}",
            "one value per sector is needed",
            f"give {len(economy.sectors)} values",
        )
    bad = ~(np.isfinite(economy.theta) & (economy.theta > 0))
    if bad.any():
        j = int(np.argmax(bad))
        raise InputError(
            "theta",
            f"sector {economy.sectors[j]}",
            f"{economy.theta[j]} is missing or not positive",
            "give an elasticity above zero",
        )


def _check_sums(economy: Economy) -> None:
    technology = economy.value_added_share + economy.gamma.sum(axis=1)
    for table, sums in (
        ("pi", economy.pi.sum(axis=1)),
        ("gamma and value_added_share", technology),
    ):
        n, j = _first(np.abs(sums - 1) > SHARE_TOLERANCE)
        if n >= 0:
            where = f"{economy.countries[n]} / {economy.sectors[j]}"
            raise InputError(table, where, f"shares sum to {sums[n, j]:.9g}, not 1", "rescale them")
    final = economy.alpha.sum(axis=1)
    (n,) = _first(np.abs(final - 1) > SHARE_TOLERANCE)
    if n >= 0:
        where = economy.countries[n]
        raise InputError("alpha", where, f"shares sum to {final[n]:.9g}, not 1", "rescale them")


def _first(mask: Any) -> tuple[int, ...]:
    """Return the index of the first True cell, or minus ones."""
    if not mask.any():
        return (-1,) * int(mask.ndim)
    return tuple(int(index) for index in np.unravel_index(int(np.argmax(mask)), mask.shape))


def _few(labels: tuple[str, ...], most: int = 12) -> str:
    shown = ", ".join(labels[:most])
    return shown if len(labels) <= most else f"{shown}, ... ({len(labels)} in all)"
