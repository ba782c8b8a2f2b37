"""Economies and trade elasticities that ship with the package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.build import build_economy
from advalorem.world.errors import InputError
from advalorem.world.sources.paths import DATA, meta
from advalorem.world.tables import Tables

if TYPE_CHECKING:
    from advalorem.world.economy import Economy

__all__ = ["load_economy", "load_tables", "packaged_names", "save_tables", "theta_set"]

ARRAYS = ("trade", "tariffs", "input_use", "value_added", "theta", "final_demand")


def packaged_names() -> tuple[str, ...]:
    """Return the names of the packaged economies.

    Examples
    --------
    >>> packaged_names()
    ('cp2015', 'icio2022')
    """
    return tuple(sorted(path.stem for path in (DATA / "economies").glob("*.npz")))


def load_economy(name: str | Path, theta: str | Path | None = None, **options: Any) -> Economy:
    """Return an economy by packaged name, or from a folder of tables.

    Parameters
    ----------
    name
        ``cp2015``, ``icio2022``, a folder in the layout of `sources.folder`, or the folder of the
        world input-output table of 2011.
    theta
        Name of a set of trade elasticities, or a CSV file with columns ``sector, theta``; None
        takes the economy's own.
    options
        Passed on to `sources.folder.read_folder`.

    Raises
    ------
    InputError
        When the name is neither packaged nor a folder, or the tables are not usable.

    Examples
    --------
    >>> load_economy("cp2015").shape
    (31, 40)
    """
    return build_economy(load_tables(name, theta, **options))


def load_tables(name: str | Path, theta: str | Path | None = None, **options: Any) -> Tables:
    """Return the raw tables of a packaged economy or a folder; see `load_economy`.

    Raises
    ------
    InputError
        When the name is neither packaged nor a folder.

    Examples
    --------
    >>> load_tables("icio2022").trade.shape
    (81, 81, 28)
    """
    if str(name) in packaged_names():
        tables = _unpack(DATA / "economies" / f"{name}.npz")
    elif Path(name).is_dir():
        tables = _read(Path(name), theta, options)
    else:
        raise InputError(
            "economy",
            repr(str(name)),
            "neither a packaged economy nor a folder",
            f"use one of {', '.join(packaged_names())} or the path of a folder of tables",
        )
    if theta is None:
        return tables
    found = theta_set(theta, tables.sectors)
    return replace(tables, theta=found, theta_set=str(theta))


def _read(folder: Path, theta: str | Path | None, options: dict[str, Any]) -> Tables:
    """Return a user's tables, or those of 2011, which hold no elasticities of their own."""
    if not (folder / "trade_2011.parquet").is_file():
        from advalorem.world.sources.folder import read_folder

        return read_folder(folder, **options)
    from advalorem.world.sources.wiod import read_wiod2011, sectors_of

    if theta is None:
        raise InputError(
            "theta",
            str(folder),
            "these tables hold no elasticities",
            "give a set or a file of them",
        )
    return read_wiod2011(folder, theta_set(theta, sectors_of(folder)), str(theta))


def theta_set(name: str | Path, sectors: tuple[str, ...]) -> np.ndarray:
    """Return the elasticities of a packaged set or of a file, one per sector, (j).

    A file is CSV or Parquet with columns ``sector, theta``.

    Raises
    ------
    InputError
        When there is no such set, or it lacks a sector.

    Examples
    --------
    >>> float(theta_set("fgo_icio28", ("C29",))[0])
    8.664698
    """
    if Path(name).is_file():
        return _theta_file(Path(name), sectors)
    sets = json.loads((DATA / "theta.json").read_text(encoding="utf-8"))["sets"]
    if name not in sets:
        raise InputError(
            "theta",
            repr(str(name)),
            "unknown set and no file",
            f"use one of {', '.join(sorted(sets))}",
        )
    values = sets[name]["values"]
    for sector in sectors:
        if sector not in values:
            raise InputError(
                "theta", f"set {name}, sector {sector}", "missing", "choose a set for these sectors"
            )
    return np.array([values[sector] for sector in sectors], dtype=float)


def _theta_file(path: Path, sectors: tuple[str, ...]) -> np.ndarray:
    from advalorem.world.sources.frames import labels_of, numbers, read_table
    from advalorem.world.tables import place

    frame = read_table(path)
    keys = [("sector", labels_of(frame, path.name, "sector"), sectors)]
    return place(path.name, keys, numbers(frame, path.name, "theta"))


def save_tables(tables: Tables, path: Path) -> None:
    """Write tables in the packaged layout: one compressed NumPy archive."""
    arrays: dict[str, Any] = {
        name: getattr(tables, name) for name in ARRAYS if getattr(tables, name) is not None
    }
    arrays |= {f"scenario_{name}": values for name, values in tables.scenarios.items()}
    labels = {
        name: getattr(tables, name)
        for name in (
            "name",
            "countries",
            "sectors",
            "domestic",
            "unit",
            "theta_set",
            "goods",
            "iso2",
            "groups",
            "negative_inputs",
            "allow_above_100",
        )
    }
    arrays["labels"] = np.frombuffer(json.dumps(labels, sort_keys=True).encode(), dtype=np.uint8)
    np.savez_compressed(path, **arrays)


def _unpack(path: Path) -> Tables:
    with np.load(path, allow_pickle=False) as archive:
        held = {name: archive[name] for name in archive.files}
    labels = json.loads(held.pop("labels").tobytes())
    arrays: dict[str, Any] = {name: held[name].astype(float) for name in ARRAYS if name in held}
    named = [name for name in held if name.startswith("scenario_")]
    groups = {name: tuple(members) for name, members in labels.pop("groups").items()}
    lists: dict[str, Any] = {
        name: tuple(values) if isinstance(values, list) else values
        for name, values in labels.items()
    }
    texts = meta()["economies"][labels["name"]]
    return Tables(
        **lists,
        **arrays,
        groups=groups,
        scenarios={name.removeprefix("scenario_"): held[name].astype(float) for name in named},
        readings=tuple(f"{item['name']}: {item['text']}" for item in texts["readings"]),
        sources=tuple(texts["sources"]),
    )
