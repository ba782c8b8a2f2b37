"""General equilibrium of world trade: Caliendo and Parro (2015) in exact hat algebra.

Examples
--------
>>> from advalorem import world
>>> economy = world.load_economy("cp2015")
>>> outcome = world.solve(economy, world.named_shock(economy, "nafta"))
>>> mexico = economy.country_index("MEX")
>>> round(float(outcome.real_wage_pct[mexico]), 2)
1.72
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advalorem.world import example as example
    from advalorem.world.adjoint import gradient as gradient
    from advalorem.world.aggregation import aggregate as aggregate
    from advalorem.world.build import build_economy as build_economy
    from advalorem.world.closure import Closure as Closure
    from advalorem.world.economy import Adjustment as Adjustment
    from advalorem.world.economy import Economy as Economy
    from advalorem.world.errors import InputError as InputError
    from advalorem.world.errors import UnsolvedError as UnsolvedError
    from advalorem.world.errors import WorldError as WorldError
    from advalorem.world.many import SolveInterrupted as SolveInterrupted
    from advalorem.world.many import solve_many as solve_many
    from advalorem.world.outcome import Outcome as Outcome
    from advalorem.world.scenarios import named_shock as named_shock
    from advalorem.world.scenarios import raise_tariffs as raise_tariffs
    from advalorem.world.scenarios import tariffs_from_file as tariffs_from_file
    from advalorem.world.shock import Shock as Shock
    from advalorem.world.solver import SolverOptions as SolverOptions
    from advalorem.world.solver import calibrate as calibrate
    from advalorem.world.solver import solve as solve
    from advalorem.world.sources.packaged import load_economy as load_economy
    from advalorem.world.sources.packaged import load_tables as load_tables
    from advalorem.world.sources.packaged import theta_set as theta_set
    from advalorem.world.tables import Tables as Tables
    from advalorem.world.welfare import decompose as decompose

_HOME = {
    "Adjustment": "economy",
    "Closure": "closure",
    "Economy": "economy",
    "InputError": "errors",
    "Outcome": "outcome",
    "SolveInterrupted": "many",
    "Shock": "shock",
    "SolverOptions": "solver",
    "Tables": "tables",
    "UnsolvedError": "errors",
    "WorldError": "errors",
    "aggregate": "aggregation",
    "build_economy": "build",
    "calibrate": "solver",
    "decompose": "welfare",
    "example": "example",
    "gradient": "adjoint",
    "load_economy": "sources.packaged",
    "load_tables": "sources.packaged",
    "named_shock": "scenarios",
    "raise_tariffs": "scenarios",
    "solve": "solver",
    "solve_many": "many",
    "tariffs_from_file": "scenarios",
    "theta_set": "sources.packaged",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing stays cheap."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOME[name]}")
    return module if name == _HOME[name] else getattr(module, name)
