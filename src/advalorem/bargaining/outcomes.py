"""Payoffs of outcomes that a user names: tariffs in lines, or a scenario of the law."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.errors import InputError
from advalorem.bargaining.payoffs import Payoffs
from advalorem.world.scenarios import raise_tariffs
from advalorem.world.shock import Shock
from advalorem.world.store import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame
    from advalorem.scenario import Scenario
    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["base_readings", "law_payoffs", "scenario_payoffs", "shock_of"]

LAW_KEYS = {"scenario", "law_from", "law_to"}


def shock_of(game: WorldGame, name: str, lines: Any) -> Shock:
    """Return a change of tariffs written in lines such as ``A <- B: +25``.

    Raises
    ------
    InputError
        When the lines are no list of texts, or one is not understood.
    """
    texts = [lines] if isinstance(lines, str) else lines
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise InputError("scenario", name, f"{lines!r}", "write lines such as 'A <- B: +25'")
    rates = game.tariffs
    for text in texts:
        rates = raise_tariffs(game.payoffs.economy, text, start=rates)
    return Shock(name, tariffs=rates, allow_above_100=True)


def scenario_payoffs(
    game: WorldGame, item: Any, raw: Callable[[], Economy], folder: Path | None = None
) -> dict[str, float]:
    """Return payoffs of lines of tariffs, or of a mapping that names a scenario of the law.

    Parameters
    ----------
    item
        Lines, or a mapping with ``law_from`` and, if wanted, ``law_to`` and ``scenario``.
    raw
        Gives the economy before it is calibrated.
    folder
        Folder to which the path of a scenario file is relative.
    """
    if isinstance(item, Mapping):
        return law_payoffs(game, item, raw, folder)
    made = game.payoffs.values(shock_of(game, "scenario", item))
    return dict(zip(game.players, made.tolist(), strict=True))


def law_payoffs(
    game: WorldGame,
    asked: Mapping[str, Any],
    raw: Callable[[], Economy],
    folder: Path | None = None,
) -> dict[str, float]:
    """Return payoffs under a later law or a scenario, relative to the law of a day.

    They are remembered by a hash of the economy, the closure, the objectives, the law, the days
    and the changes of the scenario, so that the same question is solved once whatever its name.

    Raises
    ------
    InputError
        For keys, days or a scenario that cannot be used.
    """
    from advalorem.law.load import load_lawbook
    from advalorem.scenario import Scenario

    if not set(asked) <= LAW_KEYS or "law_from" not in asked:
        raise InputError(
            "scenario", str(dict(asked)), "not understood", "give law_from, law_to, scenario"
        )
    days = [asked["law_from"], asked.get("law_to", asked["law_from"])]
    if not all(type(day) is date for day in days):
        raise InputError("scenario", f"days {days}", "no days", "write them as YYYY-MM-DD")
    payoffs = game.payoffs
    changes = _scenario(asked, folder) if "scenario" in asked else Scenario()
    words = [payoffs.print, load_lawbook().version, changes.hash, *(str(day) for day in days)]

    def made() -> Floats:
        return _solved(payoffs, raw(), days, changes, dict(asked))

    found = payoffs.remembered(fingerprint([], words), changes.name, made)
    return dict(zip(game.players, found.tolist(), strict=True))


def base_readings(items: Iterable[Any]) -> list[str]:
    """Return what it means that payoffs are relative to the law of a day, once for each such day.

    Examples
    --------
    >>> found = base_readings([{"law_from": date(2025, 1, 1)}, "A <- B: +25"])
    >>> len(found), "under the law of 2025-01-01" in found[0]
    (1, True)
    """
    from advalorem.linkage.simulate import base_reading

    days = [item.get("law_from") for item in items if isinstance(item, Mapping)]
    return [base_reading(day) for day in sorted({day for day in days if type(day) is date})]


def _scenario(asked: Mapping[str, Any], folder: Path | None) -> Scenario:
    """Return a scenario by its name, or from a file beside the question."""
    from advalorem.scenario.files import load_scenario

    name = str(asked["scenario"])
    beside = None if folder is None else folder / name
    try:
        return load_scenario(beside if beside is not None and beside.is_file() else name)
    except ValueError as error:
        raise InputError("scenario", name, str(error), "correct it") from error


def _solved(
    payoffs: Payoffs, economy: Economy, days: list[date], changes: Scenario, asked: dict[str, Any]
) -> Floats:
    from advalorem.linkage.simulate import simulate_law

    try:
        found = simulate_law(economy, days[0], days[1], changes, closure=payoffs.closure)
    except ValueError as error:
        raise InputError("scenario", str(asked), str(error), "correct it") from error
    own = Payoffs(found.outcome.economy, payoffs.objectives, payoffs.closure)
    return own.values(found.outcome.shock)
