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


def load_economy(name: str | Path, theta: str | None = None, **options: Any) -> Economy:
    """Return an economy by packaged name, or from a folder of tables.

    Parameters
    ----------
    name
        ``cp2015``, ``icio2022``, or a folder in the layout of `sources.folder`.
    theta
        Name of a set of trade elasticities; None takes the economy's own.
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
    tables = load_tables(name, **options)
    if theta is not None:
        tables = replace(tables, theta=theta_set(theta, tables.sectors), theta_set=theta)
    return build_economy(tables)


def load_tables(name: str | Path, **options: Any) -> Tables:
    """Return the raw tables of a packaged economy or a folder.

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
        return _unpack(DATA / "economies" / f"{name}.npz")
    folder = Path(name)
    if folder.is_dir():
        from advalorem.world.sources.folder import read_folder

        return read_folder(folder, **options)
    raise InputError(
        "economy",
        repr(str(name)),
        "neither a packaged economy nor a folder",
        f"use one of {', '.join(packaged_names())} or the path of a folder of tables",
    )


def theta_set(name: str, sectors: tuple[str, ...]) -> np.ndarray:
    """Return the elasticities of a packaged set, one per sector, (j).

    Raises
    ------
    InputError
        When there is no such set, or it lacks a sector.

    Examples
    --------
    >>> float(theta_set("fgo_icio28", ("C29",))[0])
    8.664698
    """
    sets = json.loads((DATA / "theta.json").read_text(encoding="utf-8"))["sets"]
    if name not in sets:
        raise InputError(
            "theta", repr(name), "unknown set", f"use one of {', '.join(sorted(sets))}"
        )
    values = sets[name]["values"]
    for sector in sectors:
        if sector not in values:
            raise InputError(
                "theta", f"set {name}, sector {sector}", "missing", "choose a set for these sectors"
            )
    return np.array([values[sector] for sector in sectors], dtype=float)


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
