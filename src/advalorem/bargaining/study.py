"""A published one-sector study of 194 economies, run on the world model.

Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), "Making America Great Again? The Economic
Impacts of Liberation Day Tariffs", Journal of International Economics. Its data are read from a
folder with `country_labels.csv`, `gdp.csv`, `tariffs.csv` and `trade_cepii.csv`; they are not
packaged. What the study's model has and ours lacks is added around the world model as shocks:

- importers keep a share nu of what they pay (profits and distribution), which is what a base
  tariff of nu / (1 - nu) on imports does;
- prices rise by (1 + t)^phi instead of 1 + t, which is an iceberg cost of (1 + t)^(phi - 1);
- labour supply rises with the real wage after income tax, with elasticity kappa, and productivity
  with labour, with elasticity psi: both shocks are found together with the equilibrium;
- revenue cuts the income tax, or is paid out as a lump sum;
- deficits are shares of world income without tariff revenue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.errors import InputError, NotConvergedError
from advalorem.world import Shock, Tables, build_economy, calibrate, solve
from advalorem.world.anderson import anderson
from advalorem.world.levels import base_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["CASES", "DEFICITS", "Features", "Result", "Study", "load_study", "run_case"]

CASES = {
    "announced": "the tariffs announced, at least the floor",
    "optimal": "one optimal rate on everybody, nobody answers",
    "announced_optimal_retaliation": "the tariffs announced, everybody answers with one best rate",
    "announced_reciprocal_retaliation": "the tariffs announced, everybody answers in kind",
    "optimal_optimal_retaliation": "one optimal rate on everybody and the best answers",
    "announced_small_retaliation": "the tariffs announced, everybody answers as a small country",
}
DEFICITS = {
    "share": "deficits are shares of world income without tariff revenue",
    "balanced": "trade with the taxing country is balanced first; results are changes from there",
}
FILES = ("country_labels.csv", "gdp.csv", "tariffs.csv", "trade_cepii.csv")
THOUSAND = 1000.0
FLOOR = 0.1
TOLERANCE = 1e-9
CLOSURE = "nominal"


@dataclass(frozen=True, slots=True)
class Features:
    """Parameters of the study's model.

    Attributes
    ----------
    epsilon
        Trade elasticity.
    kappa, scale
        Elasticity of labour supply, and psi x epsilon.
    share_elsewhere, share_taxer
        Average nu of sales abroad and at home to which the two values of nu are fitted: what
        buyers keep outside the taxing country, and in it.
    variety
        Adds to phi: one is full pass-through before mark-ups, the study's other value is a quarter.
    lump_sum
        Whether revenue is paid out instead of cutting the income tax.
    mark_ups
        Whether importers keep anything; without it prices rise by the tariff.
    deficits
        One of `DEFICITS`.
    """

    epsilon: float = 4.0
    kappa: float = 0.5
    scale: float = 0.67
    share_elsewhere: float = 0.12
    share_taxer: float = 0.26
    variety: float = 1.0
    lump_sum: bool = False
    mark_ups: bool = True
    deficits: str = "share"


PLAIN = Features(kappa=0.0, scale=0.0, lump_sum=True, mark_ups=False)


@dataclass(frozen=True, slots=True)
class Study:
    """Data: countries, trade by importer and exporter (thousand USD), GDP, announced tariffs."""

    countries: tuple[str, ...]
    trade: Floats
    gdp: Floats
    announced: Floats
    taxer: int


@dataclass(frozen=True, slots=True)
class Result:
    """One case: the rates levied, and changes in per cent by country, in order of the data."""

    case: str
    tariffs: Floats
    welfare_pct: Floats
    employment_pct: Floats
    price_pct: Floats
    revenue_share: Floats

    def less(self, base: Result) -> Result:
        """Return the changes less those of another case, in points."""
        return Result(
            self.case,
            self.tariffs,
            self.welfare_pct - base.welfare_pct,
            self.employment_pct - base.employment_pct,
            self.price_pct - base.price_pct,
            self.revenue_share - base.revenue_share,
        )


def load_study(folder: Path, taxer: str) -> Study:
    """Return the study's data; `taxer` is the country whose tariffs were announced.

    Raises
    ------
    InputError
        When a file or the country is missing.
    """
    from advalorem.world.sources.frames import read_table

    for name in FILES:
        if not (folder / name).is_file():
            raise InputError("study", str(folder / name), "missing", "give the folder of the data")
    labels, gdp, rates, trade = (read_table(folder / name) for name in FILES)
    countries = tuple(labels["iso3"].to_list())
    if taxer not in countries:
        raise InputError("study", taxer, "is not in the data", "use an ISO 3166 code of theirs")
    flows = np.nan_to_num(trade.cast(float).to_numpy().astype(float)).T.copy()  # importer, exporter
    announced = np.maximum(rates.to_series(0).cast(float).to_numpy(), FLOOR)
    at = countries.index(taxer)
    announced = np.where(np.arange(len(countries)) == at, 0.0, announced)
    values = gdp.to_series(0).cast(float).to_numpy() / THOUSAND
    return Study(countries, flows, values, announced, at)


def kept_shares(study: Study, features: Features) -> Floats:
    """Return nu by importer, fitted so that the average share kept meets the study's targets."""
    from scipy.optimize import root

    if not features.mark_ups:
        return np.zeros(len(study.countries))
    own = np.arange(len(study.countries)) == study.taxer
    sides = np.array([~own, own], dtype=float)
    trade = sides @ study.trade @ sides.T  # importer, exporter
    gdp = sides @ study.gdp

    def gap(nu: Floats) -> Floats:
        sold = trade.sum(axis=0)
        spent = gdp + (1 - nu) * (sold - (1 - nu) * sold)
        home = spent - np.array([trade[0, 1], trade[1, 0]])
        share = home / (home + np.array([trade[1, 0], trade[0, 1]]))
        mean = (1 - share) * nu[::-1] + share * nu
        return np.asarray(mean - [features.share_elsewhere, features.share_taxer])

    found = root(gap, [features.share_elsewhere, features.share_taxer], tol=1e-12)
    if not found.success:
        raise NotConvergedError(f"shares kept by importers: {found.message}")
    return np.asarray(np.where(own, max(found.x[1], 0.0), max(found.x[0], 0.0)))


def economy_of(study: Study, features: Features) -> tuple[Economy, Floats]:
    """Return the calibrated economy, deficits shares of world income, and nu by importer."""
    fitted, nu = kept_shares(study, Features()), kept_shares(study, features)
    imports = study.trade.sum(axis=1)
    received = ((1 - fitted)[:, None] * study.trade).sum(axis=0)
    home = np.maximum(study.gdp + (1 - fitted) * (imports - received) - imports, 0.0)
    net = (1 - nu)[:, None] * study.trade + np.diag(home)
    foreign = ~np.eye(len(home), dtype=bool)
    rates = np.where(foreign, (nu / (1 - nu))[:, None], 0.0)
    tables = Tables(
        name="one-sector study",
        countries=study.countries,
        sectors=("goods",),
        trade=net[:, :, None],
        tariffs=rates[:, :, None],
        input_use=np.zeros((len(home), 1, 1)),
        value_added=net.sum(axis=0)[:, None],
        theta=np.array([features.epsilon]),
        unit="thousand US dollars of 2023",
        goods=(True,),
    )
    return calibrate(build_economy(tables), CLOSURE), nu


def run_case(study: Study, case: str, features: Features = PLAIN) -> Result:
    """Return what a case does to every country.

    Parameters
    ----------
    case
        One of `CASES`.
    features
        `PLAIN` is our model with one sector; ``Features()`` adds what the study's model has.

    Raises
    ------
    InputError
        For an unknown case.
    NotConvergedError
        When labour and productivity do not settle.
    """
    if case not in CASES:
        raise InputError("case", repr(case), "unknown", f"use one of {', '.join(CASES)}")
    if features.deficits not in DEFICITS:
        raise InputError(
            "deficits", repr(features.deficits), "unknown", f"use one of {', '.join(DEFICITS)}"
        )
    economy, nu = economy_of(study, features)
    model = _Model(economy, nu, features)
    rates = model.rates(study, case)
    if features.deficits == "share":
        return model.solved(case, rates, economy.deficit)
    balanced = model.balanced(study.taxer)
    after = model.solved(case, rates, balanced)
    return after.less(model.solved(case, 0 * rates, balanced))


@dataclass(frozen=True, slots=True)
class _Model:
    """The study's model around ours."""

    economy: Economy
    nu: Floats
    features: Features

    @property
    def phi(self) -> Floats:
        """Exponent of one plus the tariff in prices, by importer."""
        if not self.features.mark_ups:
            return np.ones(len(self.nu))
        theta = self.features.epsilon / self.features.scale
        added = (1 + theta) / ((1 - self.nu) * theta) - 1 / theta - 1
        return np.asarray(self.features.variety + added)

    def rates(self, study: Study, case: str) -> Floats:
        """Return the tariffs of a case, (n, i)."""
        found = np.zeros_like(study.trade)
        at = study.taxer
        others = np.arange(len(study.countries)) != at
        if case.startswith("optimal"):
            found[at, others] = self.best_rate(at, answered=case != "optimal")
        else:
            found[at, others] = study.announced[others]
        if case.endswith("reciprocal_retaliation"):
            found[others, at] = found[at, others]
        elif case.endswith("small_retaliation"):
            found[others, at] = 1 / ((1 + self.features.epsilon) * self.phi[at] - 1)
        elif case.endswith("optimal_retaliation"):
            found[others, at] = self.best_answer(at)[others]
        return found

    def best_rate(self, at: int, *, answered: bool) -> float:
        """Return 1 / ((1 + delta epsilon) phi - 1), delta from base trade, as the study does.

        Its package divides by what is bought abroad, and in the case in which the others answer by
        income less what is bought at home.
        """
        gross = self.gross
        share, away = self.economy.pi[:, at, 0], np.arange(len(self.nu)) != at
        received = ((1 - self.nu) * gross[:, at] * (1 - share))[away].sum()
        abroad = self.sales[at] - gross[at, at] if answered else gross[at, away].sum()
        delta = received / ((1 - self.nu[at]) * abroad)
        return float(1 / ((1 + delta * self.features.epsilon) * self.phi[at] - 1))

    @property
    def gross(self) -> Floats:
        """Spending by importer and exporter, (n, i)."""
        return np.asarray(self.economy.pi[:, :, 0] * self.economy.spending)

    @property
    def sales(self) -> Floats:
        """Income from sales and from what importers keep, (n)."""
        gross = self.gross
        sold = ((1 - self.nu)[:, None] * gross).sum(axis=0)
        return np.asarray(sold + self.nu * gross.sum(axis=1))

    def balanced(self, at: int) -> Floats:
        """Return deficits without those of trade with one country, net of what is kept."""
        net = (1 - self.nu)[:, None] * self.gross
        found = self.economy.deficit - (net[:, at] - net[at, :])
        found[at] = 0.0
        return np.asarray(found)

    def best_answer(self, at: int) -> Floats:
        """Return the same for all others taken together against the country taxed."""
        gross, away = self.gross, np.arange(len(self.nu)) != at
        bought = gross[away, at].sum()
        rest = self.sales[away].sum() - gross[np.ix_(away, away)].sum()
        delta = bought * (1 - bought / gross[away].sum()) / rest
        return np.asarray(1 / ((1 + delta * self.features.epsilon) * self.phi - 1))

    def solved(self, case: str, rates: Floats, deficit: Floats) -> Result:
        """Return the equilibrium in which labour and productivity agree with wages and prices.

        `deficit` is stated at base incomes and moves with world income.
        """
        count = len(self.nu)
        tau = (1 + rates) / (1 - self.nu)[:, None] - 1
        np.fill_diagonal(tau, 0.0)
        d_hat = (1 + rates) ** (self.phi - 1)[:, None]
        shock = Shock(case, tariffs=tau[:, :, None], d_hat=d_hat[:, :, None], allow_above_100=True)

        def once(vector: Floats) -> Floats:
            return self._after(shock, rates, deficit, vector)[0]

        start = np.zeros(2 * count + 1)
        found = anderson(once, start, tolerance=TOLERANCE, max_iterations=200, memory=8)
        if found.result != "converged":
            raise NotConvergedError(f"{case}: labour and productivity do not settle")
        made: Result = self._after(shock, rates, deficit, found.point)[1](case)
        return made

    def _after(
        self, shock: Shock, rates: Floats, deficit: Floats, vector: Floats
    ) -> tuple[Floats, Any]:
        """Return log labour, productivity and world income that follow from those in `vector`."""
        count, f = len(self.nu), self.features
        labour, productivity = np.exp(vector[:count]), np.exp(vector[count:-1])
        new = solve(
            replace(self.economy, deficit=deficit * np.exp(vector[-1])),
            replace(shock, labour_hat=labour, productivity_hat=productivity[:, None]),
            CLOSURE,
        ).after
        old = base_levels(self.economy)
        paid, made = self._kept(new.flows) + new.factor_income, self._kept(old.flows)
        made = made + old.factor_income
        wage = paid / labour / made
        revenue = (rates * new.flows[:, :, 0]).sum(axis=1) / (1 - self.nu)
        tax = np.zeros(count) if f.lump_sum else revenue / paid
        spent = new.income / old.income
        price = (spent / wage) ** (1 - self.phi) * new.price_index_hat
        supplied = f.kappa * np.log(wage / price / (1 - tax))
        cost = np.log(new.w_hat / wage) + f.scale / f.epsilon * supplied
        delta = old.income / (old.income - f.kappa * (1 - tax) * made / (1 + f.kappa))
        welfare = delta * spent / price + (1 - delta) * wage * labour / price

        def result(case: str) -> Result:
            return Result(
                case,
                rates,
                100 * (welfare - 1),
                100 * (labour - 1),
                100 * (price - 1),
                revenue / new.income,
            )

        world = np.log(paid.sum() / made.sum())
        return np.concatenate([supplied, cost, [world]]), result

    def _kept(self, flows: Floats) -> Floats:
        """Return what importers keep of what they buy abroad."""
        abroad = flows[:, :, 0].sum(axis=1) - np.diag(flows[:, :, 0])
        return np.asarray(self.nu / (1 - self.nu) * abroad)
