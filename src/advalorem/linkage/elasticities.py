"""How uncertain trade elasticities are: cited standard errors or ranges by sector, and draws."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advalorem.law.load import LAWBOOK
from advalorem.linkage.errors import LinkageError

Float = NDArray[np.float64]
ESTIMATES = ("total", "final", "intermediate")
ERRORS = "standard_error"
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of the uncertainty of elasticities, by sector of an economy.

    Attributes
    ----------
    sectors, theta
        Labels and central values, (j).
    error
        Standard errors, (j); zero where none is cited.
    low, high
        Ranges, (j); both the central value where none is cited.
    estimate
        Which sectors share an estimate, and so a draw: equal numbers, (j).
    statements
        Sources, readings, and which sectors stay fixed.
    """

    sectors: tuple[str, ...]
    theta: Float
    error: Float
    low: Float
    high: Float
    estimate: NDArray[np.int64]
    statements: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no elasticity can be drawn."""
        return not self.drawn.any()

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which elasticities are drawn, (j)."""
        return np.asarray((self.error > 0) | (self.high > self.low))


@lru_cache(maxsize=1)
def elasticity_data() -> dict[str, Any]:
    """Return the cited errors and ranges, and to which sectors they belong.

    >>> sorted(elasticity_data()["sets"])
    ['cp2015_icio28', 'cp2015_model', 'fgo_icio28']
    """
    path = LAWBOOK / "parameters" / "elasticities.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def spread_of(theta_set: str, sectors: Sequence[str], theta: Float) -> Spread:
    """Return the cited uncertainty of a set of elasticities; empty where none is cited.

    A sector that stands for several rows of the source is their average, and so is its error: the
    root of the sum of squares over their number, as the estimates are independent.

    Examples
    --------
    >>> found = spread_of("cp2015_icio28", ["A01", "C29"], np.array([9.11, 8.22]))
    >>> found.error.tolist(), found.drawn.tolist()
    ([2.01, 0.0], [True, False])
    >>> spread_of("of my own", ["A01"], np.array([4.0])).is_empty
    True
    """
    central = np.asarray(theta, dtype=np.float64)
    data = elasticity_data()
    held = data["sets"].get(theta_set)
    if held is None:
        words = (
            f"elasticities fixed: neither standard errors nor ranges are held for {theta_set}",
        )
        return _empty(sectors, central, words)
    table = data["tables"][held["table"]]
    rows = {row["name"]: row for row in table["rows"]}
    found = _empty(sectors, central, _statements(held, table, data["readings"]))
    for j, sector in enumerate(sectors):
        parts = [rows[name] for name in held["sectors"].get(sector, [])]
        if not parts or not _central(parts, float(central[j])):
            continue
        found.estimate[j] = sectors.index(_first(sectors, held["sectors"], sector))
        if table["kind"] == ERRORS:
            found.error[j] = sum(row[ERRORS] ** 2 for row in parts) ** 0.5 / len(parts)
        else:
            values = [row[key] for row in parts for key in ESTIMATES if key in row]
            found.low[j], found.high[j] = min(values), max(values)
    if found.is_empty:
        words = (f"elasticities fixed: what is cited for {theta_set} fits none of these sectors",)
        return _empty(sectors, central, words)
    return found


def _first(sectors: Sequence[str], rows: Mapping[str, list[str]], sector: str) -> str:
    """Return the first sector that stands for the same rows of the source."""
    return next(name for name in sectors if rows.get(name) == rows[sector])


def _central(rows: Sequence[Mapping[str, Any]], theta: float) -> bool:
    """Return whether an elasticity is the mean of the source's own; merged sectors have others."""
    values = [row.get("theta", row.get(ESTIMATES[0])) for row in rows]
    return bool(abs(sum(values) / len(values) - theta) < CLOSE * theta)


def given_errors(errors: Mapping[str, float], sectors: Sequence[str], theta: Float) -> Spread:
    """Return the uncertainty that standard errors by sector state; the others stay fixed.

    Raises
    ------
    LinkageError
        A sector is unknown, or an error is negative or no number.

    Examples
    --------
    >>> given_errors({"A01": 0.5}, ["A01", "B05"], np.array([4.0, 5.0])).error.tolist()
    [0.5, 0.0]
    """
    for sector, error in errors.items():
        if sector not in sectors or not 0 <= error < np.inf:
            known = ", ".join(sectors)
            raise LinkageError(
                f"theta errors: {sector!r} {error}: sectors are {known}, errors are numbers >= 0"
            )
    words = (f"elasticities drawn from the standard errors given for {len(errors)} sectors",)
    found = _empty(sectors, np.asarray(theta, dtype=np.float64), words)
    for sector, error in errors.items():
        found.error[list(sectors).index(sector)] = error
    return found


def _empty(sectors: Sequence[str], theta: Float, words: tuple[str, ...]) -> Spread:
    own = np.arange(len(theta))
    return Spread(
        tuple(sectors), theta, np.zeros_like(theta), theta.copy(), theta.copy(), own, words
    )


def _statements(
    held: dict[str, Any], table: dict[str, Any], readings: dict[str, str]
) -> tuple[str, ...]:
    what = "standard errors" if table["kind"] == ERRORS else "ranges"
    return (
        f"elasticities drawn from {what}: {table['source']}; {table['note']}",
        f"elasticities not drawn: {held['not_drawn']}",
        readings["errors" if table["kind"] == ERRORS else "ranges"],
        readings["base"],
    )


def draw_theta(spread: Spread, stream: np.random.Generator) -> Float:
    """Return one draw of the elasticities, (j).

    Sectors that share an estimate share its draw. Ranges are drawn evenly, errors from a normal
    distribution above the floor of the parameters.

    Examples
    --------
    >>> spread = given_errors({"A01": 0.5}, ["A01", "B05"], np.array([4.0, 5.0]))
    >>> found = draw_theta(spread, np.random.default_rng(1))
    >>> bool(found[0] != 4.0), float(found[1])
    (True, 5.0)
    """
    chance = stream.uniform(size=len(spread.theta))[spread.estimate]
    theta = spread.low + chance * (spread.high - spread.low)
    floor = float(elasticity_data()["floor"]["value"])
    for j in np.flatnonzero(spread.error > 0):
        theta[j] = _above(floor, float(spread.theta[j]), float(spread.error[j]), float(chance[j]))
    return theta


def _above(floor: float, mean: float, error: float, chance: float) -> float:
    """Return the quantile of a normal distribution cut off below a floor.

    >>> round(_above(0.5, 4.0, 0.5, 0.5), 6)
    4.0
    """
    normal = NormalDist(mean, error)
    below = normal.cdf(floor)
    tiny = np.finfo(float).eps
    return normal.inv_cdf(min(max(below + chance * (1 - below), tiny), 1 - tiny))
