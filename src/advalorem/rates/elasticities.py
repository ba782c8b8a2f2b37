"""Trade elasticities by sector, and how a flow shrinks when its rate rises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.rates.errors import RatesError
from advalorem.rates.tables import DATA, notes, table

Float = NDArray[np.float64]
Int = NDArray[np.int64]
DEFAULT = "fgo_icio28"
NO_SECTOR = ""
NINETY_FIVE = 1.96
"""Standard errors on each side of a 95 per cent interval."""
INDEPENDENT = (
    f"95 per cent interval: each estimate moved by {NINETY_FIVE} of its cited standard errors, up "
    "and down, and the differences added up as squares, for estimates are independent; "
    "elasticities without a cited error stay fixed"
)
_WIDTHS = (1, 100, 10_000)


@dataclass(frozen=True, slots=True)
class Elasticities:
    """Elasticity of trade with respect to one plus the rate, by sector, all above zero.

    `error` holds standard errors where the source gives them, else NaN. Sectors with equal numbers
    in `estimate` share an estimate, and its error.
    """

    name: str
    sectors: tuple[str, ...]
    value: Float
    error: Float
    estimate: Int
    source: str

    @property
    def has_errors(self) -> bool:
        """Whether a sector has a standard error."""
        return bool(np.isfinite(self.error).any())

    @property
    def uncertain(self) -> list[int]:
        """The numbers of the estimates that have a standard error."""
        return [int(number) for number in np.unique(self.estimate[np.isfinite(self.error)])]

    def of_flows(self, hts: Int, errors: float = 0.0, estimate: int | None = None) -> Float:
        """Return the elasticity of each code; shape (codes,).

        One estimate may be moved by a number of its standard errors, down to the floor of
        `parameters/elasticities.toml`. A code without a sector takes 0: nothing is known of it.

        >>> load_elasticities().of_flows(np.array([8703230190])).round(2)
        array([8.66])
        """
        return self.at(self.places(hts), errors, estimate)

    def places(self, hts: Int) -> Int:
        """Return the number of each code's sector in `sectors`, one past the last for none."""
        known = {sector: number for number, sector in enumerate(self.sectors)}
        none = len(self.sectors)
        return np.array([known.get(sector, none) for sector in sectors_of(hts)], dtype=np.int64)

    def at(self, places: Int, errors: float = 0.0, estimate: int | None = None) -> Float:
        """Return the elasticities at some places, one estimate perhaps moved, as `of_flows`."""
        here = self.estimate == estimate
        least = np.minimum(self.value, float(notes("elasticities")["floor"]["value"]))
        moved = self.value + np.where(here, errors * np.nan_to_num(self.error), 0.0)
        return np.append(np.maximum(moved, least), 0.0)[places]

    def interval(self, hts: Int, work_out: Callable[[Float], Float]) -> tuple[Float, Float]:
        """Return the 95 per cent interval of what follows from the elasticities of some codes.

        Each estimate is moved by 1.96 of its errors, up and down; the estimates of a source are
        those of separate regressions and taken as independent, so the differences add up as
        squares. `work_out` gives the result, of any shape, from the elasticity of each code.

        >>> low, high = load_elasticities().interval(np.array([8703230190]), lambda theta: theta)
        >>> bool(low[0] == high[0])
        True
        """
        places = self.places(hts)
        middle = np.asarray(work_out(self.at(places)))
        down, up = np.zeros_like(middle), np.zeros_like(middle)
        for number in self.uncertain:
            moves = [work_out(self.at(places, sign * NINETY_FIVE, number)) for sign in (-1, 1)]
            down += np.minimum(np.minimum(*moves) - middle, 0.0) ** 2
            up += np.maximum(np.maximum(*moves) - middle, 0.0) ** 2
        return middle - np.sqrt(down), middle + np.sqrt(up)


@lru_cache(maxsize=1)
def _sets() -> dict[str, dict[str, dict[str, object]]]:
    path = DATA / "world" / "theta.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["sets"])


def held_sets() -> list[str]:
    """Return the names of the packaged sets that have the sectors of the concordance.

    >>> DEFAULT in held_sets()
    True
    """
    wanted = set(table("hts10_icio28")["sector"].unique()) - {NO_SECTOR}
    return [name for name, held in _sets().items() if wanted <= set(held["values"])]


def load_elasticities(name: str = DEFAULT) -> Elasticities:
    """Return a packaged set, or one of a CSV file with columns `sector, theta` and perhaps `se`.

    Raises
    ------
    RatesError
        There is no such set, or the file lacks a column or a sector.

    Examples
    --------
    >>> load_elasticities().has_errors
    False
    """
    if Path(name).is_file():
        return _of_file(Path(name))
    if name not in held_sets():
        known = ", ".join(held_sets())
        raise RatesError(f"elasticities: {name!r} is no set and no file; choose one of {known}")
    values, sources = _sets()[name]["values"], _sets()[name]["sources"]
    numbers = np.array([float(str(value)) for value in values.values()])
    if (numbers <= 0).any():
        raise RatesError(f"elasticities: set {name!r} has one that is not above zero")
    said = next(iter(sources.values())) if isinstance(sources, dict) else sources
    error, estimate = cited_errors(name, tuple(values))
    return Elasticities(name, tuple(values), numbers, error, estimate, str(said))


def cited_errors(name: str, sectors: tuple[str, ...]) -> tuple[Float, Int]:
    """Return the standard errors that the source of a packaged set gives, and shared estimates.

    A sector that averages several estimates has the error of their mean, and an estimate number of
    its own. Sectors without a cited error have NaN.

    >>> error, _ = cited_errors("cp2015_icio28", ("A01", "C29"))
    >>> error.tolist()
    [2.01, nan]
    """
    held = notes("elasticities")["sets"].get(name)
    error, estimate = np.full(len(sectors), np.nan), np.arange(len(sectors))
    if held is None:
        return error, estimate
    known = notes("elasticities")["tables"][held["table"]]
    if known["kind"] != "standard_error":
        return error, estimate
    rows = {row["name"]: float(row["standard_error"]) for row in known["rows"]}
    seen: dict[tuple[str, ...], int] = {}
    for number, sector in enumerate(sectors):
        named = tuple(held["sectors"].get(sector, ()))
        if named:
            error[number] = np.sqrt(sum(rows[name] ** 2 for name in named)) / len(named)
            estimate[number] = seen.setdefault(named, number)
    return error, estimate


def _of_file(path: Path) -> Elasticities:
    frame = pl.read_csv(path)
    for column in ("sector", "theta"):
        if column not in frame.columns:
            raise RatesError(f"elasticities: {path} has no column {column!r}; add it")
    missing = set(table("hts10_icio28")["sector"].unique()) - {NO_SECTOR, *frame["sector"]}
    if missing:
        raise RatesError(f"elasticities: {path} lacks sector {min(missing)}; add a row")
    value = frame["theta"].cast(pl.Float64).to_numpy()
    if not (value > 0).all():
        raise RatesError(f"elasticities: {path} has a theta that is not above zero; mend it")
    error = frame["se"].cast(pl.Float64).to_numpy() if "se" in frame.columns else value * np.nan
    alone = np.arange(len(value))
    return Elasticities(str(path), tuple(frame["sector"]), value, error, alone, str(path))


def sectors_of(hts: Int) -> list[str]:
    """Return the sector of each code: its own, else that of its first eight, then six digits.

    >>> sectors_of(np.array([8703230190, 1]))
    ['C29', '']
    """
    codes, where = np.unique(hts, return_inverse=True)
    found = [_sector(code) for code in codes.tolist()]
    return [found[number] for number in where.tolist()]


def _sector(code: int) -> str:
    pairs = zip(_WIDTHS, _by_width(), strict=True)
    return next((known[code // w] for w, known in pairs if code // w in known), NO_SECTOR)


@lru_cache(maxsize=1)
def _by_width() -> tuple[dict[int, str], ...]:
    held = table("hts10_icio28").filter(pl.col("sector") != NO_SECTOR).sort("hts", descending=True)
    rows = list(held.select("hts", "sector").iter_rows())
    return tuple({code // width: sector for code, sector in rows} for width in _WIDTHS)


def shrink(before: Float, after: Float, elasticity: Float) -> Float:
    """Return new over old value of flows whose rate changes, at constant elasticity.

    The price of a flow at the border is held fixed, so that the buyer pays the whole duty:
    ((1 + before) / (1 + after)) ** elasticity.

    >>> shrink(np.array([0.0]), np.array([0.25]), np.array([1.0]))
    array([0.8])
    """
    return np.asarray(((1.0 + before) / (1.0 + after)) ** elasticity)
