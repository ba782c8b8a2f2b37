"""Counterfactual tariffs by name, from a table, or as a raise written in one line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.scenario.places import group_named
from advalorem.world.errors import InputError
from advalorem.world.shock import Shock
from advalorem.world.sources.paths import meta

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world.economy import Economy

    Floats = NDArray[np.float64]

__all__ = [
    "costs_from_file",
    "named_shock",
    "raise_tariffs",
    "scenario_names",
    "tariffs_from_file",
    "tariffs_from_frame",
    "with_base_tariffs",
]

RAISE = re.compile(
    r"^(?P<importers>[^<]+)<-(?P<exporters>[^/:]+)(?:/(?P<sectors>[^:]+))?"
    r":\s*(?P<sign>[+\-=])\s*(?P<points>\d+(?:\.\d+)?)\s*%?$"
)
EVERYBODY = ("all", "*")
PER_CENT = 100.0


def scenario_names(economy: Economy) -> dict[str, str]:
    """Return the packaged scenarios of an economy and what each does.

    Examples
    --------
    >>> from advalorem import world
    >>> "nafta" in scenario_names(world.load_economy("cp2015"))
    True
    """
    held = meta()["scenarios"].get(economy.name, {"none": {"text": "nothing changes"}})
    return {name: item["text"] for name, item in held.items()}


def named_shock(economy: Economy, name: str) -> Shock:
    """Return a packaged scenario as a shock.

    Raises
    ------
    InputError
        When the economy has no scenario of that name.

    Examples
    --------
    >>> from advalorem import world
    >>> economy = world.load_economy("cp2015")
    >>> named_shock(economy, "nafta").name
    'nafta'
    """
    names = scenario_names(economy)
    if name not in names:
        raise InputError(
            "scenario", repr(name), f"unknown for {economy.name}", f"use {', '.join(names)}"
        )
    item = meta()["scenarios"].get(economy.name, {}).get(name, {})
    if "level" in item:
        return Shock(name, tariffs=np.full(economy.tau.shape, item["level"]))
    if "table" not in item:
        return Shock(name)
    changed = _pairs(economy, item)
    new = np.where(changed[:, :, None], economy.scenarios[item["table"]], economy.tau)
    return Shock(name, tariffs=new, allow_above_100=True)


def tariffs_from_file(
    economy: Economy, path: Path, *, allow_above_100: bool = False, start: Floats | None = None
) -> Floats:
    """Return new tariffs tau', (n, i, j): those of the file, and `start` where it has no row.

    The file is CSV or Parquet with columns ``importer, exporter, sector`` and ``tariff``
    (fraction) or ``tariff_pct``. Countries may be given as ISO 3166 two- or three-letter codes;
    ``all`` in a label column stands for all countries, or for all goods sectors. Later rows do
    not overrule earlier ones: the same cell twice is an error.

    Raises
    ------
    InputError
        Naming row, label and remedy.
    """
    from advalorem.world.sources.frames import read_table

    frame = read_table(Path(path))
    return tariffs_from_frame(
        economy, frame, Path(path).name, allow_above_100=allow_above_100, start=start
    )


def tariffs_from_frame(
    economy: Economy,
    frame: Any,
    table: str,
    *,
    allow_above_100: bool = False,
    start: Floats | None = None,
) -> Floats:
    """Return new tariffs from a `polars.DataFrame`; see `tariffs_from_file`.

    Raises
    ------
    InputError
        Naming row, label and remedy.

    Examples
    --------
    >>> import polars as pl
    >>> from advalorem.world import build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> row = {"importer": ["H"], "exporter": ["F"], "sector": ["good"], "tariff": [0.1]}
    >>> tariffs_from_frame(economy, pl.DataFrame(row), "new").max()
    np.float64(0.1)
    """
    rates, given = _given_rates(economy, frame, table, allow_above_100)
    return np.where(given, rates, economy.tau if start is None else start)


def with_base_tariffs(economy: Economy, path: Path, *, allow_above_100: bool = False) -> Economy:
    """Return the economy with base tariffs from a file, which the readings then say.

    Raises
    ------
    InputError
        Naming row, label and remedy.
    """
    from advalorem.world.sources.frames import read_table

    frame = read_table(Path(path))
    rates, given = _given_rates(economy, frame, Path(path).name, allow_above_100)
    coded = [c for c, row in zip(economy.countries, given, strict=True) if row.any()]
    text = f"base tariffs of {', '.join(coded)} from {Path(path).name}, others as in the economy"
    changed = economy.with_tariffs(np.where(given, rates, economy.tau))
    return replace(changed, readings=(*economy.readings, f"world.base_tariffs.file: {text}"))


def costs_from_file(economy: Economy, path: Path) -> Floats:
    """Return iceberg changes d_hat, (n, i, j), one where the file has no row.

    Columns are ``importer, exporter, sector, d_hat``; labels as in `tariffs_from_file`.

    Raises
    ------
    InputError
        Naming row, label and remedy.
    """
    from advalorem.world.sources.frames import labels_of, numbers, read_table
    from advalorem.world.tables import place

    table = Path(path).name
    frame = _spelled_out(economy, read_table(Path(path)), table)
    allowed = {
        "importer": economy.countries,
        "exporter": economy.countries,
        "sector": economy.sectors,
    }
    keys = [(name, labels_of(frame, table, name), known) for name, known in allowed.items()]
    values = numbers(frame, table, "d_hat")
    return place(table, keys, values, zeros_omitted=True, default=1.0)


def _given_rates(
    economy: Economy, frame: Any, table: str, above: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    from advalorem.world.sources.folder import place_tariffs

    spelled = _spelled_out(economy, frame, table)
    return place_tariffs(
        spelled, economy.countries, economy.sectors, allow_above_100=above, table=table
    )


def raise_tariffs(economy: Economy, text: str, start: Floats | None = None) -> Floats:
    """Return new tariffs after a raise such as ``USA <- CAN,MEX: +25``, (n, i, j).

    The grammar is ``IMPORTERS <- EXPORTERS [/ SECTORS]: +POINTS``; ``-`` lowers, ``=`` sets.
    Countries are ISO 3166 two- or three-letter codes, groups of the economy, or ``all``; without
    sectors all goods sectors are meant. Domestic sales are left alone.

    Parameters
    ----------
    economy
        Gives labels and base tariffs.
    text
        The raise, in percentage points.
    start
        Tariffs to change, (n, i, j); None starts at the base.

    Raises
    ------
    InputError
        When the text does not follow the grammar, names nothing, or lowers below zero.

    Examples
    --------
    >>> from advalorem import world
    >>> economy = world.load_economy("icio2022")
    >>> tau = raise_tariffs(economy, "US <- CA,MX / C29: +25")
    >>> us, ca, autos = (economy.country_index("USA"), economy.country_index("CAN"),
    ...                  economy.sector_index("C29"))
    >>> float(tau[us, ca, autos])
    0.25
    """
    found = RAISE.match(text.strip())
    if not found:
        raise InputError(
            "raise",
            repr(text),
            "not understood",
            "write IMPORTERS <- EXPORTERS [/ SECTORS]: +POINTS, as in 'USA <- CAN,MEX: +25'",
        )
    new = np.array(economy.tau if start is None else start, dtype=float)
    mask = np.zeros(new.shape, dtype=bool)
    importers = _countries(economy, found["importers"])
    exporters = _countries(economy, found["exporters"])
    mask[np.ix_(importers, exporters, _sectors(economy, found["sectors"]))] = True
    mask[np.eye(len(economy.countries), dtype=bool)] = False
    if not mask.any():
        raise InputError("raise", repr(text), "names no pair of two countries", "name two")
    new[mask] = _moved(new[mask], found["sign"], float(found["points"]) / PER_CENT, text)
    return new


def _moved(rates: Floats, sign: str, points: float, text: str) -> Floats:
    if sign == "=":
        return np.full_like(rates, points)
    moved = rates + points if sign == "+" else rates - points
    if (moved < -1e-12).any():
        raise InputError(
            "raise",
            repr(text),
            f"lowers a tariff of {100 * rates.min():g} % below zero",
            "use = to set a rate",
        )
    return np.maximum(moved, 0.0)


def _pairs(economy: Economy, item: dict[str, list[str]]) -> NDArray[np.bool_]:
    """Return True for importer and exporter between which a scenario changes tariffs, (n, i)."""
    size = len(economy.countries)
    if "among" in item:
        inside = np.isin(economy.countries, item["among"])
        return np.asarray(inside[:, None] & inside[None, :])
    outside = ~np.isin(economy.countries, item.get("not_among", []))
    return np.asarray(outside[:, None] | outside[None, :]) & np.ones((size, size), dtype=bool)


def _countries(economy: Economy, text: str) -> list[int]:
    if text.strip() in economy.countries:
        return [economy.country_index(text)]
    positions: list[int] = []
    for code in (part.strip() for part in text.split(",")):
        if code.lower() in EVERYBODY:
            positions += range(len(economy.countries))
        elif group := group_named(economy.groups, code):
            positions += [economy.country_index(member) for member in group]
        else:
            positions.append(economy.country_index(code))
    return sorted(set(positions))


def _sectors(economy: Economy, text: str | None) -> list[int]:
    if text is None or text.strip().lower() in EVERYBODY:
        goods = economy.goods
        return [j for j in range(len(economy.sectors)) if goods is None or goods[j]]
    if text.strip() in economy.sectors:
        return [economy.sector_index(text)]
    return sorted({economy.sector_index(part) for part in text.split(",")})


def _spelled_out(economy: Economy, frame: Any, table: str) -> Any:
    """Return the frame with ISO codes, groups and ``all`` replaced by the economy's labels.

    A row that names several countries leaves out pairs of a country with itself.
    """
    import polars as pl

    from advalorem.world.sources.frames import labels_of

    several = pl.Series("several", [False] * frame.height, dtype=pl.Boolean)
    kept = frame
    for name in ("importer", "exporter", "sector"):
        labels = labels_of(frame, table, name)
        choose = _sectors if name == "sector" else _countries
        known = economy.sectors if name == "sector" else economy.countries
        meant = {label: [known[at] for at in choose(economy, label)] for label in set(labels)}
        lists = [meant[label] for label in labels]
        kept = kept.with_columns(pl.Series(name, lists, dtype=pl.List(pl.String)))
        if name != "sector":
            several = several | pl.Series([len(found) > 1 for found in lists], dtype=pl.Boolean)
    kept = kept.with_columns(several.alias("several"))
    for name in ("importer", "exporter", "sector"):
        kept = kept.explode(name)
    own = pl.col("importer") == pl.col("exporter")
    return kept.filter(~(pl.col("several") & own)).drop("several")
