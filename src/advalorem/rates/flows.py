"""Import flows: value by line and origin, the weights of every average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import digits

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.tables import table

Int = NDArray[np.int64]
Float = NDArray[np.float64]
CHAPTER_WIDTH = 10**8
MILLION = 1_000_000
SUBSTITUTED, BEFORE = "substituted", "2024"
"""Weights after substitution start from the trade of this year."""


def total_by(group: Int, value: Float, size: int) -> Float:
    """Return sums of values by group number; shape (size,).

    >>> total_by(np.array([1, 1]), np.array([0.5, 1.0]), 2)
    array([0. , 1.5])
    """
    return np.bincount(group, value, size).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Flows:
    """Trade of one importer: full code, origin and value in dollars by flow.

    `origin` indexes `origins`, the origins asked for as the data name them; `country` holds the
    ISO code that stands for each of them in the law (a member for a union of countries).
    """

    importer: str
    year: str
    hts: Int
    origin: Int
    value: Float
    origins: tuple[str, ...]
    country: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.hts)

    @property
    def chapter(self) -> Int:
        """The chapter of each flow."""
        return self.hts // CHAPTER_WIDTH

    def totals(self) -> Float:
        """Return imports in dollars by origin; shape (origins,)."""
        return total_by(self.origin, self.value, len(self.origins))


def load_flows(book: Lawbook, importer: str, origins: Sequence[str], weights: str) -> Flows:
    """Return the packaged flows of an importer from the origins asked for.

    Raises
    ------
    RatesError
        No flows of the importer or of an origin are held; the message lists what is.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> flows = load_flows(load_lawbook(), "US", ["CA", "MX"], "2024")
    >>> len(flows) == len(flows.value), flows.origins
    (True, ('CA', 'MX'))
    """
    frame = _imports(importer, weights)
    held = frame["country"].unique().sort().to_list()
    for origin in origins:
        if origin not in held:
            raise RatesError(_not_held(book, origin, held))
    order = pl.Enum(list(dict.fromkeys(origins)))
    picked = frame.filter(pl.col("country").is_in(list(origins))).sort(
        pl.col("country").cast(order), "hts"
    )
    return Flows(
        importer=importer,
        year=year_of(weights),
        hts=picked["hts"].to_numpy(),
        origin=picked["country"].cast(order).to_physical().cast(pl.Int64).to_numpy(),
        value=picked["customs_value_usd"].cast(pl.Float64).to_numpy(),
        origins=tuple(order.categories),
        country=tuple(representative(book, name) for name in order.categories),
    )


def _not_held(book: Lawbook, origin: str, held: Sequence[str]) -> str:
    """Return what to say of an origin without flows: that a union holds it, or which are held."""
    for name in held:
        if origin in union_of(book, name):
            return (
                f"origin: {origin!r} is part of {name}, one origin in the flow data; ask for {name}"
            )
    return f"origin: no flows from {origin!r} are held; held: {', '.join(held)}"


def _imports(importer: str, weights: str) -> pl.DataFrame:
    """Return the flow table of an importer and year."""
    register, weights = table("flow_tables"), year_of(weights)
    row = register.filter((pl.col("importer") == importer) & (pl.col("weights") == weights))
    if row.is_empty():
        held = ", ".join(" ".join(pair) for pair in register.select("importer", "weights").rows())
        raise RatesError(
            f"importer: no import flows by line of {importer!r} in {weights} are held; held: {held}"
        )
    return table(row["table"][0])


def year_of(weights: str) -> str:
    """Return the year whose trade an option of the weights starts from.

    >>> year_of("substituted"), year_of("2024")
    ('2024', '2024')
    """
    return BEFORE if weights.startswith(SUBSTITUTED) else weights


def held_words(importer: str, weights: str) -> str:
    """Return in words what part of a year's goods imports the flows hold.

    >>> held_words("US", "2024")
    'flows hold 98.2% of the goods imports of 2024; the rest, of small origins, is not counted'
    """
    year = int(year_of(weights))
    months = table("treasury_receipts").filter(pl.col("year") == year)
    goods = float(months["imports_musd"].sum()) * MILLION
    held = float(_imports(importer, weights)["customs_value_usd"].sum())
    return (
        f"flows hold {held / goods:.1%} of the goods imports of {year}; the rest, "
        "of small origins, is not counted"
    )


def held_importers() -> list[str]:
    """Return the importers whose flows are held.

    >>> held_importers()
    ['US']
    """
    return table("flow_tables")["importer"].unique().sort().to_list()


def held_origins(importer: str, weights: str) -> list[str]:
    """Return the origins with flows, largest first.

    >>> held_origins("US", "2024")[1]
    'MX'
    """
    sums = _imports(importer, weights).group_by("country").agg(pl.col("customs_value_usd").sum())
    return sums.sort("customs_value_usd", descending=True)["country"].to_list()


def representative(book: Lawbook, name: str) -> str:
    """Return the country that stands in the law for an origin as the flow data name it.

    A union of countries is a group of the lawbook whose name begins with the union's code; its
    first member stands for it.

    Raises
    ------
    RatesError
        The lawbook knows neither such a country nor such a group.
    """
    if any(country.iso2 == name for country in book.countries):
        return name
    members = union_of(book, name)
    if members:
        return members[0]
    raise RatesError(f"origin: the lawbook holds no country or group {name!r}; add it")


def union_of(book: Lawbook, name: str) -> list[str]:
    """Return the members of a union of countries by its code; none where it is no union.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> len(union_of(load_lawbook(), "EU")), union_of(load_lawbook(), "CA")
    (27, [])
    """
    for group, members in book.groups.items():
        if group.rstrip(digits) == name:
            return list(members)
    return []
