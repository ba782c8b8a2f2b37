"""A user's own economy: a folder of long tables, each CSV or Parquet.

=================  ======================================================================
file               columns
=================  ======================================================================
``trade``          ``exporter, importer, sector, value``: sales net of tariffs, domestic too
``input_use``      ``country, input_sector, using_sector, value``: purchases of all origins
``value_added``    ``country, sector, value``
``theta``          ``sector, theta``: trade elasticity, above zero
``tariffs``        ``importer, exporter, sector`` and ``tariff`` (fraction) or ``tariff_pct``;
                   pairs of a country with itself are left out; without the file every base
                   tariff is zero, which every result then says
``final_demand``   optional, ``country, sector, value``: compared with what the rest implies
``sectors``        optional, ``sector, kind``: ``goods`` or ``services``
=================  ======================================================================

Rows may stand in any order. Every combination of labels has to be there, zeros too, unless
``zeros_omitted`` says that the tables leave zero rows out. The labels of ``value_added`` are
those of the economy: a label that stands in one table and not in another is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.errors import InputError
from advalorem.world.sources.frames import labels_of, numbers, read_table
from advalorem.world.sources.paths import iso2_codes, meta
from advalorem.world.tables import Tables, place, rate_unit_check

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = tuple[str, ...]

__all__ = ["place_tariffs", "read_folder", "tables_from_frames"]

NAMES = ("trade", "input_use", "value_added", "theta", "tariffs", "final_demand", "sectors")
NEEDED = NAMES[:4]
PER_CENT = 100.0


def read_folder(
    folder: Path,
    *,
    zeros_omitted: bool = False,
    allow_above_100: bool = False,
    domestic: str = "given",
    unit: str = "unit of the data",
) -> Tables:
    """Return the tables of a folder, checked label by label.

    Parameters
    ----------
    folder
        Folder with the files above, each ``.parquet`` or ``.csv``.
    zeros_omitted
        The tables leave zero rows out.
    allow_above_100
        Tariffs above 100 % given as fractions are meant.
    domestic
        ``given`` or ``residual``; see `Tables`.
    unit
        Currency and scale, shown in results.

    Raises
    ------
    InputError
        Naming table, label and remedy.
    """
    frames = {name: _find(folder, name) for name in NAMES}
    for name in NEEDED:
        if frames[name] is None:
            raise InputError(
                name, str(folder), "no such table", f"add {name}.csv or {name}.parquet"
            )
    return tables_from_frames(
        {name: frame for name, frame in frames.items() if frame is not None},
        name=folder.resolve().name,
        zeros_omitted=zeros_omitted,
        allow_above_100=allow_above_100,
        domestic=domestic,
        unit=unit,
    )


def tables_from_frames(
    frames: dict[str, Any],
    *,
    name: str,
    zeros_omitted: bool = False,
    allow_above_100: bool = False,
    domestic: str = "given",
    unit: str = "unit of the data",
) -> Tables:
    """Return checked tables from `polars` frames keyed by table name; see the module.

    Raises
    ------
    InputError
        Naming table, label and remedy.

    Examples
    --------
    >>> import polars as pl
    >>> sold = {"importer": ["H"], "exporter": ["H"], "sector": ["good"], "value": [5.0]}
    >>> used = {"country": ["H"], "input_sector": ["good"], "using_sector": ["good"]}
    >>> frames = {
    ...     "trade": pl.DataFrame(sold),
    ...     "input_use": pl.DataFrame({**used, "value": [2.0]}),
    ...     "value_added": pl.DataFrame({"country": ["H"], "sector": ["good"], "value": [3.0]}),
    ...     "theta": pl.DataFrame({"sector": ["good"], "theta": [4.0]}),
    ... }
    >>> tables_from_frames(frames, name="one country").output
    array([[5.]])
    """
    countries, sectors = _labels(frames["value_added"])
    omit = {"zeros_omitted": zeros_omitted}
    tariffs, notes = _tariffs(frames, countries, sectors, zeros_omitted, allow_above_100)
    cell = [("country", countries), ("sector", sectors)]
    flow = [("importer", countries), ("exporter", countries), ("sector", sectors)]
    use = [("country", countries), ("input_sector", sectors), ("using_sector", sectors)]
    final = frames.get("final_demand")
    codes = iso2_codes()
    return Tables(
        name=name,
        countries=countries,
        sectors=sectors,
        trade=_placed(frames["trade"], "trade", flow, "value", **omit),
        tariffs=tariffs,
        input_use=_placed(frames["input_use"], "input_use", use, "value", **omit),
        value_added=_placed(frames["value_added"], "value_added", cell, "value", **omit),
        theta=_placed(frames["theta"], "theta", [("sector", sectors)], "theta"),
        final_demand=None
        if final is None
        else _placed(final, "final_demand", cell, "value", **omit),
        domestic=domestic,
        unit=unit,
        theta_set="theta table of the folder",
        goods=_goods(frames.get("sectors"), sectors),
        readings=notes,
        iso2=tuple(codes.get(country, "") for country in countries),
        allow_above_100=allow_above_100 or "tariff_pct" in _columns(frames.get("tariffs")),
    )


def place_tariffs(
    frame: Any,
    countries: Labels,
    sectors: Labels,
    *,
    allow_above_100: bool = False,
    table: str = "tariffs",
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return rates as fractions, (n, i, j), and True where the table has a row.

    Raises
    ------
    InputError
        For unknown labels, duplicates, NaN, negative rates, rates on domestic sales, or rates
        that look like per cent in a column of fractions.

    Examples
    --------
    >>> import polars as pl
    >>> row = {"importer": ["H"], "exporter": ["F"], "sector": ["good"], "tariff_pct": [25.0]}
    >>> rates, given = place_tariffs(pl.DataFrame(row), ("H", "F"), ("good",))
    >>> float(rates[0, 1, 0]), int(given.sum())
    (0.25, 1)
    """
    keys = [
        ("importer", labels_of(frame, table, "importer"), countries),
        ("exporter", labels_of(frame, table, "exporter"), countries),
        ("sector", labels_of(frame, table, "sector"), sectors),
    ]
    if "tariff_pct" in frame.columns:
        rates = numbers(frame, table, "tariff_pct") / PER_CENT
    else:
        rates = numbers(frame, table, "tariff")
        if not allow_above_100:
            rate_unit_check(np.nan_to_num(rates, posinf=0.0), table)
    placed = place(table, keys, rates, zeros_omitted=True, default=np.nan, allow_infinite=True)
    given = ~np.isnan(placed)
    return np.where(given, placed, 0.0), given


def _tariffs(
    frames: dict[str, Any], countries: Labels, sectors: Labels, zeros_omitted: bool, above: bool
) -> tuple[Floats, tuple[str, ...]]:
    shape = (len(countries), len(countries), len(sectors))
    if "tariffs" not in frames:
        reading = meta()["readings"]["zero_base_tariffs"]
        return np.zeros(shape), (f"{reading['name']}: {reading['text']}",)
    rates, given = place_tariffs(frames["tariffs"], countries, sectors, allow_above_100=above)
    foreign = ~np.eye(len(countries), dtype=bool)[:, :, None] & np.ones(shape, dtype=bool)
    if not zeros_omitted and (foreign & ~given).any():
        n, i, j = np.argwhere(foreign & ~given)[0]
        raise InputError(
            "tariffs",
            f"importer {countries[n]}, exporter {countries[i]}, sector {sectors[j]}",
            "missing",
            "add the row, with 0 where entry is free, or say that zeros are left out "
            "(zeros_omitted)",
        )
    return rates, ()


def _placed(
    frame: Any, table: str, keys: list[tuple[str, Labels]], value: str, **how: Any
) -> Floats:
    full = [(column, labels_of(frame, table, column), allowed) for column, allowed in keys]
    return place(table, full, numbers(frame, table, value), **how)


def _columns(frame: Any) -> list[str]:
    return [] if frame is None else list(frame.columns)


def _labels(frame: Any) -> tuple[Labels, Labels]:
    """Return sorted labels, so that the order of rows cannot matter."""
    countries = sorted(set(labels_of(frame, "value_added", "country")))
    sectors = sorted(set(labels_of(frame, "value_added", "sector")))
    return tuple(countries), tuple(sectors)


def _goods(frame: Any, sectors: Labels) -> tuple[bool, ...]:
    if frame is None:
        return ()
    named = labels_of(frame, "sectors", "sector")
    kinds = dict(zip(named, labels_of(frame, "sectors", "kind"), strict=True))
    for sector in sectors:
        if kinds.get(sector) not in ("goods", "services"):
            raise InputError(
                "sectors",
                f"sector {sector}",
                "kind is missing or unknown",
                "give goods or services",
            )
    return tuple(kinds[sector] == "goods" for sector in sectors)


def _find(folder: Path, name: str) -> Any:
    for suffix in (".parquet", ".csv"):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return read_table(path)
    return None
