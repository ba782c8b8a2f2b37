"""What changes: tariffs, iceberg costs, productivity, labour, elasticities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.economy import Economy, check_tariffs, sector_major
from advalorem.world.errors import InputError
from advalorem.world.tables import rate_unit_check

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Shock", "part_of", "shock_arrays"]


@dataclass(frozen=True, slots=True)
class Shock:
    """A counterfactual; what is None stays as in the base.

    Attributes
    ----------
    name
        Label in results.
    tariffs
        New tariffs tau' as fractions, (n, i, j), all of them; infinity prohibits.
    d_hat
        New over old iceberg cost, (n, i, j).
    productivity_hat
        New over old productivity, (n, j).
    labour_hat
        New over old labour force, (n).
    theta
        Trade elasticities, (j), to be used instead of the economy's; the base is calibrated
        again with them.
    allow_above_100
        Say that new tariffs that look like per cent are meant as fractions; otherwise raised
        rates of which one is above 3, or most are above 1, are refused.

    Examples
    --------
    >>> Shock("nothing").tariffs is None
    True
    """

    name: str = "none"
    tariffs: Floats | None = None
    d_hat: Floats | None = None
    productivity_hat: Floats | None = None
    labour_hat: Floats | None = None
    theta: Floats | None = None
    allow_above_100: bool = False


def shock_arrays(economy: Economy, shock: Shock) -> dict[str, Any]:
    """Return tau_new, d_hat, productivity_hat and labour_hat in full, checked.

    Raises
    ------
    InputError
        When a shape does not fit the economy or a value is not positive.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> sorted(shock_arrays(economy, Shock()))
    ['d_hat', 'labour_hat', 'productivity_hat', 'tau_new']
    """
    n, j = economy.shape
    tau = economy.tau if shock.tariffs is None else _fit("tariffs", shock.tariffs, (n, n, j))
    if shock.tariffs is not None:
        check_tariffs("tariffs", tau, economy.countries, economy.sectors)
        _check_unit(economy, shock, tau)
    return {
        "tau_new": tau if shock.tariffs is None else sector_major(tau),
        "d_hat": _positive("d_hat", shock.d_hat, (n, n, j)),
        "productivity_hat": _positive("productivity_hat", shock.productivity_hat, (n, j)),
        "labour_hat": _positive("labour_hat", shock.labour_hat, (n,)),
    }


def part_of(economy: Economy, shock: Shock, s: float) -> Shock:
    """Return the shock a share `s` of the way from the base, straight in logs of every factor.

    Raises
    ------
    InputError
        For a prohibitive tariff or cost, to which no finite path leads.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> half = part_of(economy, Shock(labour_hat=np.array([4.0, 1.0])), 0.5)
    >>> half.labour_hat
    array([2., 1.])
    """
    new = shock_arrays(economy, shock)
    for name in ("tau_new", "d_hat"):
        if not np.isfinite(new[name]).all():
            raise InputError(
                name,
                shock.name,
                "a prohibitive cost has no finite path from the base",
                "use a large finite value",
            )
    factor = (1 + economy.tau) ** (1 - s) * (1 + new["tau_new"]) ** s
    return Shock(
        name=f"{shock.name} at {s:.3f}",
        tariffs=np.where(new["tau_new"] == economy.tau, economy.tau, np.maximum(factor - 1, 0.0)),
        d_hat=new["d_hat"] ** s,
        productivity_hat=new["productivity_hat"] ** s,
        labour_hat=new["labour_hat"] ** s,
        allow_above_100=True,
    )


def _check_unit(economy: Economy, shock: Shock, tau: Floats) -> None:
    """Refuse raised rates that look like per cent."""
    if shock.allow_above_100:
        return
    if tau.max() <= 1:
        return
    raised = tau > economy.tau
    if raised.any():
        n, i, j = (int(at) for at in np.argwhere(tau == tau[raised].max())[0])
        where = f"{economy.countries[n]} <- {economy.countries[i]} / {economy.sectors[j]}"
        rate_unit_check(tau[raised], f"tariffs of {shock.name}", where)


def _fit(name: str, values: Any, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.shape != shape:
        raise InputError(
            name,
            f"shape {array.shape}",
            f"the economy needs {shape}",
            "order the axes importer, exporter, sector",
        )
    return array


def _positive(name: str, values: Any, shape: tuple[int, ...]) -> Floats:
    if values is None:
        return np.broadcast_to(1.0, shape)
    array = _fit(name, values, shape)
    if not (array > 0).all():
        where = str(tuple(int(i) for i in np.argwhere(~(array > 0))[0]))
        raise InputError(name, f"cell {where}", "a change factor must be above zero", "correct it")
    return sector_major(array) if array.ndim == 3 else array
