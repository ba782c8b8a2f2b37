"""Tariffs of the model from the law: importer × exporter × sector × measure, and nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import digits
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.duty.words import after_newest_act
from advalorem.law.history import in_force
from advalorem.law.load import LAWBOOK
from advalorem.law.model import Lawbook
from advalorem.linkage.errors import LinkageError
from advalorem.linkage.flows import ListFlows, SectorDuty, held_duty, listed_duty
from advalorem.rates.flows import held_importers
from advalorem.rates.readings import Readings
from advalorem.rates.tables import table

if TYPE_CHECKING:
    from advalorem.world.economy import Economy

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
MILLION = 1_000_000
CUSTOMS, LISTED = "customs value over basic prices", "scale of sector trade"
"""Items of the coverage that relate customs values to the flows of the economy."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What share of an importer's trade an item of the aggregation concerns."""

    importer: str
    item: str
    share: float
    note: str


@dataclass(frozen=True, slots=True)
class LawTariffs:
    """Tariffs of a law on a day on the axes of an economy.

    Attributes
    ----------
    on
        The day.
    measures
        Measures that charge something, the importers' ordinary duties among them.
    rates
        Fractions by measure and cell, (m, n, i, j); zero outside `decided`.
    decided
        Cells whose tariff the law decides, (n, i, j); the economy's own tariffs hold elsewhere.
    banned
        Share of trade that may not enter, (n, i, j).
    coverage, readings
        What the aggregation rests on; both belong to every presentation of it.
    """

    on: date
    measures: tuple[str, ...]
    rates: Float
    decided: Mask
    banned: Float
    coverage: tuple[Coverage, ...]
    readings: tuple[str, ...]

    @property
    def total(self) -> Float:
        """Tariffs of all measures together, (n, i, j)."""
        return np.asarray(self.rates.sum(axis=0))

    @property
    def scales(self) -> dict[str, float]:
        """Customs value over flows at basic prices, by importer."""
        return {row.importer: row.share for row in self.coverage if row.item in (CUSTOMS, LISTED)}

    def over(self, base: Float) -> Float:
        """Return the tariffs where the law decides them and `base` elsewhere, (n, i, j)."""
        return np.where(self.decided, self.total, base)


@lru_cache(maxsize=1)
def link_parameters() -> dict[str, Any]:
    """Return the readings of the linkage and the flows known by lists."""
    path = LAWBOOK / "parameters" / "linkage.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def law_tariffs(
    book: Lawbook,
    economy: Economy,
    on: date,
    readings: Readings | None = None,
    known_on: date | None = None,
) -> LawTariffs:
    """Return the tariffs that a law gives an economy on a day.

    Parameters
    ----------
    book : the law, a scenario's or the packaged one
    economy : one with the sectors of the concordance and ISO codes
    on : the day
    readings : readings of the effective rates; the defaults if None
    known_on : day up to which acts are known; the newest act coded if None

    Raises
    ------
    LinkageError
        The economy has other sectors, or no ISO codes.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> from advalorem.world import load_economy
    >>> economy = load_economy("icio2022")
    >>> tariffs = law_tariffs(load_lawbook(), economy, date(2025, 9, 18))
    >>> us, cn = economy.country_index("USA"), economy.country_index("CHN")
    >>> bool(tariffs.total[us, cn].max() > tariffs.total[cn, us].max())
    True
    """
    if not any(economy.iso2):
        raise LinkageError(f"economy: {economy.name} has no ISO codes; use icio2022")
    chosen, known = readings or Readings(), known_on or book.newest_act
    parts = [
        held_duty(book, importer, on, economy.sectors, chosen, known)
        for importer in held_importers()
        if importer in economy.iso2
    ]
    lists = [ListFlows(**row) for row in link_parameters()["list_flows"]]
    lists = [row for row in lists if {row.importer, row.exporter} <= set(economy.iso2)]
    listed = [listed_duty(book, row, on, economy.sectors, known) for row in lists]
    return _placed(book, economy, on, known, parts, list(zip(lists, listed, strict=True)))


def _placed(
    book: Lawbook,
    economy: Economy,
    on: date,
    known: date,
    parts: list[SectorDuty],
    listed: list[tuple[ListFlows, SectorDuty]],
) -> LawTariffs:
    """Return the duties of all importers on the axes of the economy."""
    everything = [*parts, *(duty for _, duty in listed)]
    measures = tuple(sorted({name for part in everything for name in part.measures}))
    shape = economy.tau.shape
    rates = np.zeros((len(measures), *shape))
    decided, banned = np.zeros(shape, dtype=bool), np.zeros(shape)
    coverage: list[Coverage] = []
    words = [f"linkage.{name}: {text}" for name, text in link_parameters()["readings"].items()]
    for part in parts:
        _place(book, economy, part, part.value, measures, rates, decided, banned)
        coverage += _covered(book, economy, part)
    for held, part in listed:
        scaled, scale = _sector_trade(economy, held, part)
        _place(book, economy, part, scaled, measures, rates, decided, banned)
        rows = _list_coverage(held, part, scaled, scale)
        words.append(
            f"linkage.list_flows: {held.importer} <- {held.exporter}: {held.text}; these lists are "
            f"{rows[0].share:.1%} of the trade, duties on the rest are not in the model"
        )
        coverage += rows
    coverage += _left_out(book, economy, on, known, [*parts, *(duty for _, duty in listed)])
    words += [f"rates.{line}" for part in parts for line in part.statements]
    words += [f"law of {on}: {line}" for line in after_newest_act(book, on, known)]
    return LawTariffs(on, measures, rates, decided, banned, tuple(coverage), tuple(words))


def members(book: Lawbook, economy: Economy, origin: str) -> list[int]:
    """Return the economies that an origin of the flow data stands for, none if outside them."""
    if origin in economy.iso2:
        return [economy.iso2.index(origin)]
    for group, codes in book.groups.items():
        if group.rstrip(digits) == origin:
            return [economy.iso2.index(code) for code in codes if code in economy.iso2]
    return []


def _place(
    book: Lawbook,
    economy: Economy,
    part: SectorDuty,
    value: Float,
    measures: tuple[str, ...],
    rates: Float,
    decided: Mask,
    banned: Float,
) -> None:
    """Write one importer's rates into the arrays."""
    n = economy.iso2.index(part.importer)
    goods = np.ones(len(economy.sectors), dtype=bool) if economy.goods is None else economy.goods
    rows = [measures.index(name) for name in part.measures]
    safe = np.where(value > 0, value, 1.0)
    for number, origin in enumerate(part.origins):
        has = goods & (value[number] > 0)
        for i in members(book, economy, origin):
            if i == n:
                continue
            decided[n, i, goods] = True
            for row, duty in zip(rows, part.duty[:, number], strict=True):
                rates[row, n, i] = np.where(has, duty / safe[number], 0.0)
            share = np.where(has, part.banned[number] / safe[number], 0.0)
            banned[n, i] = np.minimum(share, 1.0)


def _sector_trade(economy: Economy, held: ListFlows, part: SectorDuty) -> tuple[Float, float]:
    """Return a list importer's trade by sector in dollars, (1, j), and the scale."""
    n, i = economy.iso2.index(held.importer), economy.iso2.index(held.exporter)
    goods = np.ones(len(economy.sectors), dtype=bool) if economy.goods is None else economy.goods
    model = np.where(goods, economy.flows[n, i], 0.0) * MILLION
    scale = float(_customs_total(held) / model.sum())
    return np.maximum(model * scale, part.value[0])[None], scale


def _customs_total(held: ListFlows) -> float:
    rows = table("trade_pairs").filter(
        (pl.col("exporter") == held.exporter)
        & (pl.col("importer") == held.importer)
        & (pl.col("year") == held.year)
        & pl.col("value_usd").is_not_null()
    )
    if rows.is_empty():
        raise LinkageError(
            f"trade_pairs: no total of {held.year} from {held.exporter} to {held.importer} is held"
        )
    return float(rows["value_usd"][0])


def _covered(book: Lawbook, economy: Economy, part: SectorDuty) -> list[Coverage]:
    """Return how an importer's trade was placed on lines, sectors and economies."""
    n, total = economy.iso2.index(part.importer), part.value_all.sum()
    inside = np.array([bool(members(book, economy, name)) for name in part.origins])
    goods = np.ones(len(economy.sectors), dtype=bool) if economy.goods is None else economy.goods
    rows = [Coverage(part.importer, item, share, note) for item, note, share in part.coverage]
    outside = ", ".join(np.array(part.origins)[~inside].tolist())
    rows.append(Coverage(part.importer, "origin outside the economy",
                         float(part.value_all[~inside].sum() / total), outside))  # fmt: skip
    rows.append(Coverage(part.importer, "goods of a services sector",
                         float(part.value[:, ~goods].sum() / total), "left out"))  # fmt: skip
    rows.append(Coverage(part.importer, "duty on goods without a sector",
                         float(part.dropped.sum() / part.duty.sum()), "share of duty"))  # fmt: skip
    found = {i for name in part.origins for i in members(book, economy, name)} | {n}
    rest = [i for i in range(len(economy.countries)) if i not in found]
    flows = economy.flows[n][:, goods].sum(axis=1)
    foreign = flows.sum() - flows[n]
    names = "base tariffs unchanged: " + ", ".join(economy.countries[i] for i in rest)
    share = float(flows[rest].sum() / foreign)
    rows.append(Coverage(part.importer, "economy without flows", share, names))
    customs = part.value[inside][:, goods].sum() / MILLION
    matched = flows[sorted(found - {n})].sum()
    rows.append(Coverage(part.importer, CUSTOMS, float(customs / matched),
                         "ratio of totals, not a share"))  # fmt: skip
    return rows


def _list_coverage(
    held: ListFlows, part: SectorDuty, scaled: Float, scale: float
) -> list[Coverage]:
    share = float(part.value.sum() / scaled.sum())
    note = f"listed trade of {held.year} over all trade from {held.exporter}; the rest pays nothing"
    words = f"customs total of {held.year} over the model's flows from {held.exporter}; a ratio"
    return [
        Coverage(held.importer, "on lists whose flows are held", share, note),
        Coverage(held.importer, LISTED, scale, words),
    ]


def _left_out(
    book: Lawbook, economy: Economy, on: date, known: date, parts: list[SectorDuty]
) -> list[Coverage]:
    """Return the measures in force of coded importers that no flow carries into the model."""
    rows = []
    carried = {part.importer: set(part.measures) for part in parts}
    for importer in dict.fromkeys(row.importer for row in book.coverage):
        if importer in held_importers():
            continue
        standing = in_force(book, on, known, importer)
        lost = [
            m.measure
            for m in standing
            if m.status == "in force" and m.measure not in carried.get(importer, set())
        ]
        if lost:
            note = f"no flows by line: {', '.join(lost)}"
            rows.append(Coverage(importer, "measures not in the model", float(len(lost)), note))
    return rows
