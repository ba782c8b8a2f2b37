"""The OECD baseline of 2022: observed trade, input shares of 2020 balanced to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from advalorem.world.sources.frames import labels_of, numbers, read_table
from advalorem.world.sources.paths import iso2_codes, readings, sources
from advalorem.world.tables import Tables, place

__all__ = ["read_icio2022"]


def read_icio2022(folder: Path, theta: np.ndarray, theta_set: str) -> Tables:
    """Return 81 economies and 28 sectors from the Parquet tables of the folder.

    Parameters
    ----------
    folder
        Holds ``trade_2022``, ``io_use_2022``, ``output_va_2022``, ``countries`` and ``sectors``.
    theta, theta_set
        Elasticities, (j), and the name of their set.

    Raises
    ------
    InputError
        When a file or column is missing, or labels differ between tables.
    """
    places = read_table(folder / "countries.csv")
    fields = read_table(folder / "sectors.csv")
    countries = tuple(labels_of(places, "countries", "code"))
    sectors = tuple(labels_of(fields, "sectors", "code"))
    kinds = labels_of(fields, "sectors", "kind")
    codes = iso2_codes()
    flow = [("importer", countries), ("exporter", countries), ("sector", sectors)]
    use = [("country", countries), ("input_sector", sectors), ("using_sector", sectors)]
    return Tables(
        name="icio2022",
        countries=countries,
        sectors=sectors,
        trade=_read(folder / "trade_2022.parquet", flow, "value"),
        tariffs=np.zeros((len(countries), len(countries), len(sectors))),
        input_use=_read(folder / "io_use_2022.parquet", use, "value"),
        value_added=_read(
            folder / "output_va_2022.parquet",
            [("country", countries), ("sector", sectors)],
            "value_added",
        ),
        theta=theta,
        unit="million US dollars of 2022, basic prices",
        theta_set=theta_set,
        goods=tuple(kind == "goods" for kind in kinds),
        readings=readings("icio2022"),
        sources=sources("icio2022"),
        iso2=tuple(codes.get(country, "") for country in countries),
        groups=_groups(places, countries),
    )


def _read(path: Path, keys: Any, value: str) -> np.ndarray:
    frame = read_table(path)
    full = [(column, labels_of(frame, path.stem, column), allowed) for column, allowed in keys]
    return place(path.stem, full, numbers(frame, path.stem, value), zeros_omitted=True)


def _groups(frame: Any, countries: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    named = frame["group"].fill_null("").to_list()
    names = sorted({name for name in named if name})
    return {
        name: tuple(c for c, group in zip(countries, named, strict=True) if group == name)
        for name in names
    }
