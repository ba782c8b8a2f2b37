"""The original text files of Caliendo and Parro (2015), base year 1993.

The authors' conventions are kept, because their published numbers rest on them: trade is in
thousand dollars net of tariffs; tariffs are per cent; services are not traded and have the
aggregate elasticity; domestic sales are output less exports, with output raised to exports where
exports are larger; negative final demand is set to zero; the one negative input cell stays.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from advalorem.world.errors import InputError
from advalorem.world.sources.paths import DATA, readings, sources
from advalorem.world.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["read_cp2015"]

FILES = {
    "xbilat1993.txt": "trade",
    "tariffs1993.txt": "tariffs",
    "tariffs2005.txt": "tariffs",
    "B.txt": "value-added shares",
    "GO.txt": "output",
    "IO.txt": "input shares",
    "T.txt": "theta",
}
SERVICES_THETA = "services"


def read_cp2015(folder: Path) -> Tables:
    """Return the tables of the authors' base year, with the 2005 tariffs as scenario ``2005``.

    Parameters
    ----------
    folder
        Where the seven text files lie.

    Returns
    -------
    Tables
        31 economies, 40 sectors, United States dollars of 1993.

    Raises
    ------
    InputError
        When a file is missing or has another shape.
    """
    countries, sectors, iso2, goods = _labels()
    n, j, traded = len(countries), len(sectors), sum(goods)
    raw = {name: _load(folder, name) for name in FILES}
    output = _shaped(raw, "GO.txt", (j, n)).T
    share = _shaped(raw, "B.txt", (j, n)).T
    mix = _shaped(raw, "IO.txt", (n * j, j)).reshape(n, j, j)
    bilateral = _shaped(raw, "xbilat1993.txt", (traded * n, n))
    theta = np.full(j, float(_constants()[SERVICES_THETA]))
    theta[:traded] = raw["T.txt"].reshape(-1)[:traded]
    return Tables(
        name="cp2015",
        countries=countries,
        sectors=sectors,
        trade=_axes(1000.0 * bilateral, n, j),
        tariffs=_axes(_shaped(raw, "tariffs1993.txt", (traded * n, n)) / 100, n, j),
        input_use=_inputs(mix, share, output),
        value_added=share * output,
        theta=theta,
        domestic="residual",
        unit="US dollars of 1993",
        theta_set="cp2015_model",
        goods=tuple(goods),
        readings=readings("cp2015"),
        sources=sources("cp2015"),
        iso2=iso2,
        scenarios={"2005": _axes(_shaped(raw, "tariffs2005.txt", (traded * n, n)) / 100, n, j)},
        negative_inputs=True,
        allow_above_100=True,
    )


def _inputs(mix: Floats, share: Floats, output: Floats) -> Floats:
    """Return input purchases; shares printed to seven digits are rescaled to sum to one."""
    total = mix.sum(axis=1, keepdims=True)
    exact = np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)
    return np.asarray(exact * ((1 - share) * output)[:, None, :])


def _axes(rows: Floats, n: int, j: int) -> Floats:
    """Return (n, i, j) from rows ordered by sector and importer, zero in services."""
    full = np.zeros((j, n, n))
    full[: len(rows) // n] = rows.reshape(-1, n, n)
    return np.transpose(full, (1, 2, 0))


def _load(folder: Path, name: str) -> Floats:
    path = folder / name
    if not path.is_file():
        raise InputError(
            FILES[name], str(path), "file not found", "give the folder of the text files"
        )
    return np.loadtxt(path, ndmin=2)


def _shaped(raw: dict[str, Floats], name: str, shape: tuple[int, int]) -> Floats:
    if raw[name].shape != shape:
        raise InputError(
            FILES[name], name, f"has shape {raw[name].shape}, not {shape}", "use the original file"
        )
    return raw[name]


def _labels() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[bool]]:
    with (DATA / "labels" / "cp2015.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = [row for row in rows if row["kind"] == "country"]
    fields = [row for row in rows if row["kind"] != "country"]
    return (
        tuple(row["code"] for row in places),
        tuple(row["code"] for row in fields),
        tuple(row["iso2"] for row in places),
        [row["kind"] == "goods" for row in fields],
    )


def _constants() -> dict[str, str]:
    with (DATA / "labels" / "cp2015_constants.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["value"] for row in csv.DictReader(file)}
