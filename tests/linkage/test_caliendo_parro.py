"""The errors of Caliendo and Parro's estimates, estimated again from the authors' own sample.

Referee: Caliendo and Parro (2015), Table 1, 99% sample: 20 estimates and 5,102 observations. The
authors' file `DATA_OUT_99.csv` was read as stored in github SandersBas/NBBQTSM, commit d7d5a678,
`Vignette/Data_in/CP/data99.csv`; the regression is that of their `Estimation.do` (github
yangyuzhou001/RCEPupdate, commit f443d582, `cp/`): no constant, errors robust to heteroskedasticity.

An observation is a triad of countries i < j < n of a sector: logs of trade there and back around
it, and of tariffs. Both are sums over its pairs, r(i, j) + r(j, n) - r(i, n), so that a few triads
give all others. `data/caliendo_parro_99.csv` holds them, to the five digits of the file, and some
more, which must agree.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from advalorem.linkage.elasticities import elasticity_data

HELD = Path(__file__).parent / "data" / "caliendo_parro_99.csv"
TABLE = elasticity_data()["tables"]["caliendo_parro"]
COMMUNICATION = 16
NUMBERS = range(1, 21)


def ratios(sector):
    """Return the pairs of a sector and their log ratios, (pairs, 2), and how ill the triads fit."""
    held = pl.read_csv(HELD).filter(pl.col("sector") == sector)
    triads = list(held.select("i", "j", "n").iter_rows())
    pairs = sorted({pair for triad in triads for pair in combinations(triad, 2)})
    around = np.array([design(triad, pairs) for triad in triads])
    given = held.select("trade", "tariff").to_numpy()
    found = np.linalg.lstsq(around, given)[0]
    return pairs, found, around @ found - given


def design(triad, pairs):
    """Return the sign of each pair in the sum around a triad."""
    i, j, n = triad
    signs = {(i, j): 1.0, (j, n): 1.0, (i, n): -1.0}
    return [signs.get(pair, 0.0) for pair in pairs]


def all_triads(sector):
    """Return every triad of a sector and its log trade and log tariffs, (triads, 2)."""
    pairs, found, _ = ratios(sector)
    known = set(pairs)
    countries = sorted({country for pair in pairs for country in pair})
    triads = [t for t in combinations(countries, 3) if known.issuperset(combinations(t, 2))]
    return triads, np.array([design(triad, pairs) for triad in triads]) @ found


def sample(sector):
    """Return the triads that the authors use: in one sector they leave out an outlier."""
    triads, values = all_triads(sector)
    if sector == COMMUNICATION:
        lowest = int(values[:, 1].argmin())
        triads, values = triads[:lowest] + triads[lowest + 1 :], np.delete(values, lowest, axis=0)
    return triads, values


def shared_error(sector):
    """Return the error of the elasticity where triads with two countries in common may covary."""
    triads, values = sample(sector)
    trade, tariff = values.T
    left = (trade - (trade @ tariff) / (tariff @ tariff) * tariff) * tariff
    sets = [set(triad) for triad in triads]
    shared = np.array([[len(a & b) >= 2 for b in sets] for a in sets])
    return (left @ shared @ left) ** 0.5 / (tariff @ tariff)


def estimate(sector):
    """Return the elasticity, its robust error (HC1) and the number of observations."""
    trade, tariff = sample(sector)[1].T
    slope = (trade @ tariff) / (tariff @ tariff)
    left = (trade - slope * tariff) * tariff
    count = len(trade)
    return -slope, (left @ left * count / (count - 1)) ** 0.5 / (tariff @ tariff), count


@pytest.mark.parametrize("sector", NUMBERS)
def test_estimate_and_error_come_out_again(sector):
    row = TABLE["rows"][sector - 1]
    theta, error, count = estimate(sector)
    assert count == row["observations"]
    assert theta == pytest.approx(row["theta"], abs=0.0051)
    assert error == pytest.approx(row["standard_error"], abs=0.0051)


@pytest.mark.parametrize("sector", NUMBERS)
def test_triads_that_others_give_agree(sector):
    _, _, wrong = ratios(sector)
    assert np.abs(wrong).max(axis=0) == pytest.approx([0.0, 0.0], abs=2e-4)


def test_all_observations_are_there():
    assert sum(len(sample(sector)[0]) for sector in NUMBERS) == TABLE["observations"] == 5102


def test_the_outlier_was_in_the_sample():
    """With it Communication has 144 observations and an elasticity of 4.19, which is not theirs."""
    triads, values = all_triads(COMMUNICATION)
    assert len(triads) == 144 and triads[values[:, 1].argmin()] == (5, 6, 7)


def test_errors_that_allow_for_shared_pairs_are_larger():
    """The note says by how much, where observations with two countries in common may covary."""
    ratio = [shared_error(sector) / estimate(sector)[1] for sector in NUMBERS]
    assert np.median(ratio) == pytest.approx(1.9, abs=0.05)
    assert min(ratio) > 1.2 and max(ratio) < 2.9
    assert "about 1.9 times" in TABLE["note"]
