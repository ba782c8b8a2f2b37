"""Who is hurt by which act: the exact change split over measures along the path of the law.

Tariffs go in a straight line from the earlier to the later law, costs in logs. What a measure
contributes is its own move times the gradient, integrated along the path. The contributions add up
to the change, and no order of the measures is privileged (Aumann and Shapley, 1974, Values of
Non-Atomic Games). Beside it stands what the change would be without each measure alone, which does
not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from advalorem.linkage.tangent import Direction, derivative, log_real_income, move, point_of
from advalorem.world.errors import InputError, UnsolvedError
from advalorem.world.shock import Shock, shock_arrays
from advalorem.world.solver import SolverOptions, solve
from advalorem.world.system import Guess

if TYPE_CHECKING:
    from advalorem.world.levels import Levels
    from advalorem.world.outcome import Outcome

Float = NDArray[np.float64]
Measured = Callable[["Levels"], Any]
TOLERANCE = 8e-9
FIRST, MOST = 6, 96
PRECISE = SolverOptions(tolerance=1e-13)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Contributions of measures to a change, in points, by country.

    Attributes
    ----------
    parts
        Label of a measure to its contribution, (n), summing to `exact`.
    exact
        Exact change of real income, or of what is split, per cent, (n).
    gap
        Largest difference between the sum of the parts and the exact change, in points.
    alone
        Label to what the change would lose without the measure, (n); does not add up.
    nodes
        Equilibria solved along the path.
    """

    parts: dict[str, Float]
    exact: Float
    gap: float
    alone: dict[str, Float]
    nodes: int


def attribute(
    outcome: Outcome,
    moves: Mapping[str, Direction],
    *,
    of: Measured | None = None,
    tolerance: float = TOLERANCE,
    alone: bool = True,
) -> Attribution:
    """Return the change of real income, or of any outcome, split over the moves of a shock.

    Parameters
    ----------
    outcome : a solved outcome
    moves : label to its part of the shock: new less old tariffs, and logs of new over old costs and
        productivity; the parts must add up to the shock
    of : what is split, a function of the levels with one positive value for each country, as those
        of `advalorem.linkage.measured`; real income if None
    tolerance : largest gap between the sum of the contributions and the exact change, in points
    alone : whether also to solve without each move

    Raises
    ------
    InputError
        The parts do not add up to the shock, or it is prohibitive.
    UnsolvedError
        A point on the path has no solution, or the gap stays above the tolerance.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> tax = np.zeros((2, 2, 1))
    >>> tax[0, 1, 0] = 0.25
    >>> outcome = solve(economy, Shock("H taxes F", tariffs=tax))
    >>> found = attribute(outcome, {"most": Direction(0.8 * tax), "rest": Direction(0.2 * tax)})
    >>> bool(found.gap < 1e-9), round(float(found.parts["most"][0]), 3)
    (True, 0.876)
    """
    outcome.require_solved()
    _check(outcome, moves)
    live = {name: part for name, part in moves.items() if _moves(part)}
    nodes = FIRST
    while True:
        slopes = integrate(outcome, live, of or log_real_income, nodes)
        parts, exact, gap = _scaled(outcome, slopes, of)
        if gap <= tolerance:
            break
        nodes *= 2
        if nodes > MOST:
            raise UnsolvedError(
                f"attribution of {outcome.shock.name}: parts miss the exact change by {gap:.2g} "
                f"points with {nodes // 2} points; raise the tolerance",
                outcome,
            )
    without = _without(outcome, live, of) if alone else {}
    return Attribution(parts, exact, gap, without, nodes)


def integrate(
    outcome: Outcome,
    moves: Mapping[str, Direction],
    measured: Measured,
    nodes: int = FIRST,
) -> dict[str, Float]:
    """Return the contribution of each move to any analytic function of the levels.

    Gauss-Legendre quadrature of the derivative along each move on the path of the shock.
    """
    at, weights = np.polynomial.legendre.leggauss(nodes)
    total: dict[str, Float] = {}
    moved: dict[str, Float] = {}
    start: Guess | None = None
    for s, weight in zip((at + 1) / 2, weights / 2, strict=True):
        here = solve(
            outcome.economy, _on_path(outcome, float(s)), outcome.closure, options=PRECISE,
            start=start,
        )  # fmt: skip
        after = here.after
        start = Guess(np.log(after.w_hat), np.log(after.price_hat), np.asarray(after.spending))
        point = point_of(here)
        for name, part in moves.items():
            moved[name] = move(point, part, moved.get(name))
            slope = derivative(point, part, moved[name], measured)
            total[name] = total.get(name, np.zeros_like(slope)) + weight * slope
    return total


def _moves(part: Direction) -> bool:
    rows = (part.tariffs, part.log_d, part.log_productivity)
    return any(row is not None and bool(np.any(row)) for row in rows)


def _check(outcome: Outcome, moves: Mapping[str, Direction]) -> None:
    """Raise unless the moves add up to the shock and the path is finite."""
    new = shock_arrays(outcome.economy, outcome.shock)
    finite = all(np.isfinite(new[name]).all() for name in ("tau_new", "d_hat"))
    if not finite:
        raise InputError("attribution", outcome.shock.name, "prohibitive",
                         "no finite path leads to a whole ban; leave out --attribute")  # fmt: skip
    wholes = {
        "tariffs": new["tau_new"] - outcome.economy.tau,
        "log_d": np.log(new["d_hat"]),
        "log_productivity": np.log(new["productivity_hat"]),
    }
    for name, whole in wholes.items():
        rows = [getattr(part, name) for part in moves.values()]
        total = np.sum([row for row in rows if row is not None] or [0.0], axis=0)
        if np.abs(total - whole).max() > 1e-12:
            raise InputError("attribution", name, "the parts do not add up to the shock",
                             "give every part of it")  # fmt: skip


def _on_path(outcome: Outcome, s: float) -> Shock:
    new = shock_arrays(outcome.economy, outcome.shock)
    old = outcome.economy.tau
    return Shock(
        name=f"{outcome.shock.name} at {s:.3f}",
        tariffs=old + s * (new["tau_new"] - old),
        d_hat=new["d_hat"] ** s,
        productivity_hat=new["productivity_hat"] ** s,
        allow_above_100=True,
    )


def _scaled(
    outcome: Outcome, slopes: dict[str, Float], of: Measured | None
) -> tuple[dict[str, Float], Float, float]:
    """Return contributions as per cent points that add up to the exact change, and the gap.

    Log points of real income are scaled by a country's own ratio of per cent to log points; levels
    of another outcome by its level before.
    """
    exact = _change(outcome, of)
    if of is None:
        whole = np.log1p(exact / 100)
        small = np.abs(whole) < 1e-12
        factor = np.where(small, 100.0, exact / np.where(small, 1.0, whole))
    else:
        old = np.asarray(of(outcome.before))
        factor = np.where(old > 0, 100.0 / np.where(old > 0, old, 1.0), 0.0)
    parts = {name: values * factor for name, values in slopes.items()}
    summed = sum(parts.values(), np.zeros_like(exact))
    return parts, exact, float(np.abs(summed - exact).max())


def _change(outcome: Outcome, of: Measured | None) -> Float:
    """Return the change of what is split, per cent of the level before; zero where it was zero."""
    if of is None:
        return outcome.real_income_pct
    old, new = np.asarray(of(outcome.before)), np.asarray(of(outcome.after))
    return np.where(old > 0, 100 * (new / np.where(old > 0, old, 1.0) - 1), 0.0)


def _without(
    outcome: Outcome, moves: Mapping[str, Direction], of: Measured | None
) -> dict[str, Float]:
    """Return the change with all moves less the change without each of them."""
    new = shock_arrays(outcome.economy, outcome.shock)
    found = {}
    for name, part in moves.items():
        shock = replace(
            outcome.shock,
            name=f"{outcome.shock.name} without {name}",
            tariffs=np.maximum(new["tau_new"] - _array(part.tariffs), 0.0),
            d_hat=new["d_hat"] * np.exp(-_array(part.log_d)),
            productivity_hat=new["productivity_hat"] * np.exp(-_array(part.log_productivity)),
            allow_above_100=True,
        )
        rest = solve(outcome.economy, shock, outcome.closure)
        found[name] = _change(outcome, of) - _change(rest, of)
    return found


def _array(values: Float | None) -> Any:
    return np.zeros(()) if values is None else values
