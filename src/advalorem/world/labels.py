"""The xarray border: labelled data sets in and out, with strict labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.errors import InputError
from advalorem.world.tables import Tables

if TYPE_CHECKING:
    from advalorem.world.economy import Economy
    from advalorem.world.outcome import Outcome

__all__ = ["economy_dataset", "outcome_dataset", "tables_dataset", "tables_from_dataset"]

FLOW = ("importer", "exporter", "sector")
CELL = ("importer", "sector")
COUNTRY = ("importer",)
TABLE_AXES = {
    "trade": FLOW,
    "tariffs": FLOW,
    "input_use": ("importer", "input_sector", "sector"),
    "value_added": CELL,
    "theta": ("sector",),
    "final_demand": CELL,
}
ECONOMY_AXES = {
    "pi": FLOW,
    "tau": FLOW,
    "gamma": TABLE_AXES["input_use"],
    "value_added_share": CELL,
    "alpha": CELL,
    "theta": ("sector",),
    "factor_income": COUNTRY,
    "spending": CELL,
    "deficit": COUNTRY,
}
LEVEL_AXES = {
    "w_hat": COUNTRY,
    "price_index_hat": COUNTRY,
    "price_hat": CELL,
    "cost_hat": CELL,
    "tau": FLOW,
    "flows": FLOW,
    "spending": CELL,
    "output": CELL,
    "factor_income": COUNTRY,
    "revenue": COUNTRY,
    "deficit": COUNTRY,
    "income": COUNTRY,
}


def economy_dataset(economy: Economy) -> Any:
    """Return an economy as an `xarray.Dataset` with named axes.

    Examples
    --------
    >>> from advalorem.world import build_economy, example
    >>> data = economy_dataset(build_economy(example.two_country_tables()))
    >>> float(data["pi"].sel(importer="H", exporter="F", sector="good"))
    0.2
    """
    values = {name: (axes, getattr(economy, name)) for name, axes in ECONOMY_AXES.items()}
    return _dataset(values, economy, {"unit": economy.unit, "theta_set": economy.theta_set})


def tables_dataset(tables: Tables) -> Any:
    """Return raw tables as an `xarray.Dataset`; the inverse of `tables_from_dataset`.

    >>> from advalorem.world import example
    >>> tables_dataset(example.two_country_tables())["trade"].dims
    ('importer', 'exporter', 'sector')
    """
    values = {
        name: (axes, getattr(tables, name))
        for name, axes in TABLE_AXES.items()
        if getattr(tables, name) is not None
    }
    return _dataset(values, tables, {"unit": tables.unit, "domestic": tables.domestic})


def tables_from_dataset(data: Any, name: str = "data set") -> Tables:
    """Return tables from a labelled `xarray.Dataset`, whatever the order of its labels.

    Axes are ``importer``, ``exporter``, ``sector`` and ``input_sector``; the last two and the
    first two must hold the same labels.

    Raises
    ------
    InputError
        When a variable or label is missing, or two axes hold different labels.

    Examples
    --------
    >>> from advalorem.world import example
    >>> tables = example.two_country_tables()
    >>> tables_from_dataset(tables_dataset(tables)).countries
    ('F', 'H')
    """
    countries = tuple(sorted(str(label) for label in _axis(data, "importer")))
    sectors = tuple(sorted(str(label) for label in _axis(data, "sector")))
    for axis, labels in (("exporter", countries), ("input_sector", sectors)):
        _same_labels(data, axis, labels)
    wanted = {
        "importer": list(countries),
        "exporter": list(countries),
        "sector": list(sectors),
        "input_sector": list(sectors),
    }
    arrays: dict[str, Any] = {}
    for table, axes in TABLE_AXES.items():
        if table in data:
            held = data[table].transpose(*axes).sel({axis: wanted[axis] for axis in axes})
            arrays[table] = np.asarray(held.values, dtype=float)
        elif table != "final_demand":
            raise InputError(table, name, "variable missing", f"add it with axes {', '.join(axes)}")
    return Tables(
        name=name,
        countries=countries,
        sectors=sectors,
        domestic=str(data.attrs.get("domestic", "given")),
        unit=str(data.attrs.get("unit", "unit of the data")),
        **arrays,
    )


def outcome_dataset(outcome: Outcome) -> Any:
    """Return changes by country, and both equilibria on a ``state`` axis, base and new.

    Examples
    --------
    >>> from advalorem.world import build_economy, example, solve
    >>> data = outcome_dataset(solve(build_economy(example.two_country_tables())))
    >>> float(data["output"].sel(state="new", importer="H", sector="good").round(6))
    125.0
    """
    both = (outcome.before, outcome.after)
    values = {
        name: (("state", *axes), np.stack([getattr(levels, name) for levels in both]))
        for name, axes in LEVEL_AXES.items()
    }
    added = np.stack([levels.value_added_share * levels.output for levels in both])
    values["value_added"] = (("state", *CELL), added)
    for name, column in outcome.country_columns().items():
        if name.endswith("_pct"):
            values[name] = (COUNTRY, column)
    data = _dataset(values, outcome.economy, {"scenario": outcome.shock.name, **_words(outcome)})
    return data.assign_coords(state=["base", "new"])


def _words(outcome: Outcome) -> dict[str, str]:
    return {
        "unit": outcome.economy.unit,
        "closure": outcome.closure.text,
        "result": outcome.result,
        "readings": "; ".join(outcome.notes()),
    }


def _dataset(values: dict[str, Any], labelled: Economy | Tables, attrs: dict[str, str]) -> Any:
    import xarray as xr

    countries, sectors = list(labelled.countries), list(labelled.sectors)
    coords = {
        "importer": countries,
        "exporter": countries,
        "sector": sectors,
        "input_sector": sectors,
    }
    used = {axis for axes, _ in values.values() for axis in axes}
    held = {axis: labels for axis, labels in coords.items() if axis in used}
    return xr.Dataset(values, coords=held, attrs={"name": labelled.name, **attrs})


def _axis(data: Any, axis: str) -> list[Any]:
    if axis not in data.coords:
        raise InputError(axis, "coordinates", "axis has no labels", f"label the axis {axis}")
    return list(data.coords[axis].values)


def _same_labels(data: Any, axis: str, labels: tuple[str, ...]) -> None:
    found = {str(label) for label in _axis(data, axis)}
    if found != set(labels):
        odd = sorted(found ^ set(labels))[0]
        raise InputError(
            axis, repr(odd), "label is on one axis and not on the other", "use the same labels"
        )
