"""Sector results carried down to products, by a constant-elasticity step that adds up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Lawbook
from advalorem.linkage.concordance import link
from advalorem.linkage.errors import LinkageError
from advalorem.rates.claims import claim_shares
from advalorem.rates.effective import effective_rates
from advalorem.rates.flows import held_importers, held_origins, total_by
from advalorem.rates.readings import Readings
from advalorem.rates.weights import row_weights

if TYPE_CHECKING:
    from advalorem.linkage.simulate import LawOutcome

Float = NDArray[np.float64]
Int = NDArray[np.int64]
DIGITS = 10
LENGTHS = (6, 8, 10)
_LENGTHS = "6, 8 or 10"


@dataclass(frozen=True, slots=True)
class Zoom:
    """Imports of one sector from one origin by product, before and after, in customs dollars.

    `code` holds the first digits of the tariff code, `rate` and `rate_new` average tariffs of the
    product. `value_new` sums to `value.sum()` times `ratio`, new over old
    imports of the sector in the model.
    """

    exporter: str
    sector: str
    code: Int
    value: Float
    value_new: Float
    rate: Float
    rate_new: Float
    ratio: float


def split_sector(value: Float, rate: Float, rate_new: Float, theta: float, ratio: float) -> Float:
    """Return new imports by product net of tariffs, (p); they sum to `ratio` times the old.

    What is spent on a product moves with ((1 + t') / (1 + t))^-theta.

    Examples
    --------
    >>> old, none = np.array([50.0, 50.0]), np.zeros(2)
    >>> new = split_sector(old, none, np.array([0.25, 0.0]), 4.0, 0.9)
    >>> round(float(new.sum()), 9), bool(new[0] < new[1])
    (90.0, True)
    """
    spent = value * (1 + rate) * ((1 + rate_new) / (1 + rate)) ** -theta
    net = spent / (1 + rate_new)
    total = net.sum()
    if total <= 0:
        raise LinkageError(
            "zoom: nothing of this sector is imported from this origin; name another of either"
        )
    return np.asarray(net / total * value.sum() * ratio)


def zoom(
    found: LawOutcome,
    laws: tuple[Lawbook, Lawbook],
    exporter: str,
    sector: str,
    digits: int = 8,
    readings: Readings | None = None,
) -> Zoom:
    """Return a sector's imports from an origin by product, under the earlier and the later law.

    Parameters
    ----------
    found : the world from one law to another
    laws : the earlier and the later law
    exporter, sector : ISO code and sector of the economy
    digits : of the tariff code, 6, 8 or 10
    readings : those with which the simulation was made; the defaults if None

    Raises
    ------
    LinkageError
        No flows by line are held, nothing is imported, or codes have no such length.
    """
    if digits not in LENGTHS:
        raise LinkageError(f"digits: {digits} is no length of a code; use {_LENGTHS}")
    economy = found.outcome.economy
    importer = held_importers()[0]
    n, i = economy.country_index(importer), economy.country_index(exporter)
    j = economy.sector_index(sector)
    origin = economy.iso2[i]
    chosen = readings or Readings()
    if origin not in held_origins(importer, chosen.weights):
        raise LinkageError(
            f"zoom: no flows by line from {economy.countries[i]} alone are held; a union of "
            "countries is one origin; name another exporter"
        )
    days = (found.before.on, found.after.on)
    (codes, value, rate), (_, _, rate_new) = (
        _by_code(law, importer, origin, day, chosen) for law, day in zip(laws, days, strict=True)
    )
    links = link(codes, economy.sectors)
    here = links.sector == j
    at, worth = links.code[here], value[links.code[here]] * links.weight[here]
    old, new = found.outcome.before.flows[n, i, j], found.outcome.after.flows[n, i, j]
    ratio = float(new / old)
    split = split_sector(worth, rate[at], rate_new[at], float(economy.theta[j]), ratio)
    stems, group = np.unique(codes[at] // 10 ** (DIGITS - digits), return_inverse=True)
    size = len(stems)
    sums = [total_by(group, column, size) for column in
            (worth, split, worth * rate[at], worth * rate_new[at])]  # fmt: skip
    safe = np.where(sums[0] > 0, sums[0], 1.0)
    return Zoom(economy.countries[i], economy.sectors[j], stems, sums[0], sums[1],
                sums[2] / safe, sums[3] / safe, ratio)  # fmt: skip


def _by_code(
    law: Lawbook, importer: str, origin: str, on: date, readings: Readings
) -> tuple[Int, Float, Float]:
    """Return codes, value and average rate of an origin's flows."""
    rates = effective_rates(law, importer, [origin], on, readings=readings)
    shares = claim_shares(rates.flows, readings.usmca_share, (on.year, on.month))
    cells = rates.segments[0].cells
    weights = row_weights(rates.flows, cells.situations, shares)
    rows = cells.situations
    duty = np.bincount(rows.flow, weights * cells.total[rows.cell], len(rates.flows))
    value = rates.flows.value
    return rates.flows.hts, value, np.asarray(duty / np.where(value > 0, value, 1.0))
