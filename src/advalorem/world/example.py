"""A world small enough to check by hand, used in examples and tests."""

from __future__ import annotations

import numpy as np

from advalorem.world.tables import Tables

__all__ = ["two_country_tables"]


def two_country_tables(tariff: float = 0.0, theta: float = 4.0) -> Tables:
    """Return two made-up countries, H and F, with one sector, labour only and balanced trade.

    H spends 100 on itself and 25 on F; F spends 25 on H and 175 on itself, all net of tariffs.

    Parameters
    ----------
    tariff
        Base tariff of both on each other, as a fraction.
    theta
        Trade elasticity.

    Examples
    --------
    >>> two_country_tables().value_added.ravel()
    array([125., 200.])
    """
    trade = np.array([[[100.0], [25.0]], [[25.0], [175.0]]])
    tariffs = np.array([[[0.0], [tariff]], [[tariff], [0.0]]])
    return Tables(
        name="two made-up countries",
        countries=("H", "F"),
        sectors=("good",),
        trade=trade,
        tariffs=tariffs,
        input_use=np.zeros((2, 1, 1)),
        value_added=np.array([[125.0], [200.0]]),
        theta=np.array([theta]),
        unit="made-up currency",
        goods=(True,),
    )
