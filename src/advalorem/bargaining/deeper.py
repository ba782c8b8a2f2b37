"""Deeper trade between the spokes, as what they turn to without a deal with the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame
    from advalorem.world import Economy

    Floats = NDArray[np.float64]

__all__ = ["deeper_game"]

PER_DAY = "per_day"


def deeper_game(game: WorldGame, spokes: Sequence[str], asked: Any) -> WorldGame:
    """Return the game with cheaper trade between the spokes.

    Parameters
    ----------
    asked
        A factor on the iceberg costs of all goods between them, both ways, such as 0.95; or the
        instruments of a partnership with their sizes, such as ``{border_time: -1d}``, with
        ``per_day`` for the value of a day; or ``true`` for the sizes that sources give.

    Raises
    ------
    InputError
        For a factor that is not positive, or instruments that cannot be used.
    """
    economy = game.payoffs.economy
    if isinstance(asked, Mapping) or asked is True:
        return replace(game, d_hat=_package(economy, spokes, {} if asked is True else asked))
    number = isinstance(asked, int | float) and not isinstance(asked, bool)
    if not (number and np.isfinite(asked) and asked > 0):
        raise InputError(
            "deeper_trade", repr(asked), "no factor and no package",
            "give 0.95 for -5 %, or instruments such as {border_time: -1d}",
        )  # fmt: skip
    d_hat = np.ones(economy.tau.shape)
    a, b = (economy.country_index(code) for code in spokes)
    goods = slice(None) if economy.goods is None else np.asarray(economy.goods)
    d_hat[a, b, goods] = d_hat[b, a, goods] = float(asked)
    return replace(game, d_hat=d_hat)


def _package(economy: Economy, spokes: Sequence[str], asked: Mapping[str, Any]) -> Floats:
    """Return new over old iceberg costs under a package of a partnership of the spokes."""
    from advalorem.partnership.instruments import default_sizes, package, partnership_data

    sizes = {str(name): str(size) for name, size in asked.items() if name != PER_DAY}
    day: date = partnership_data()["as_of"]
    try:
        made = package(
            economy, sizes or default_sizes(), tuple(spokes), day,
            str(asked.get(PER_DAY, "middle")),
        )  # fmt: skip
        return made.d_hat(economy, day)
    except ValueError as error:
        raise InputError("deeper_trade", str(dict(asked)), str(error), "correct it") from error
