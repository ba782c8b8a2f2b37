"""Results as polars frames: by origin, authority, group, band, and what is not rated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.rates.cells import Cells
from advalorem.rates.flows import Flows, total_by
from advalorem.rates.placing import NOWHERE, PLACINGS
from advalorem.rates.tables import table
from advalorem.rates.weights import open_shares, row_weights, sum_cells, sum_rates
from advalorem.schedule.model import Int, Mask

Float = NDArray[np.float64]

ALL = "all"
EDGES = (0, 10, 25, 35, 50)
"""Upper ends of the bands, in per cent; what lies above the last has a band of its own."""
SMALL = 1e-9
"""Rates closer than this are one rate: rounding to the cent at the nominal value."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a segment: its flows, cells, claim shares and the weights they give the rows.

    `paid` is the part of the duty owed that counts; which goods owe it, and at what rate, stays.
    """

    flows: Flows
    cells: Cells
    shares: Float
    weights: Float
    paid: float = 1.0

    @property
    def origin(self) -> Int:
        """The origin of each row."""
        return self.flows.origin[self.cells.situations.flow]

    @property
    def names(self) -> list[str]:
        """Origins as asked, and `all` where there are several."""
        return [*self.flows.origins, *([ALL] if len(self.flows.origins) > 1 else [])]

    def with_all(self, sums: Float) -> Float:
        """Return sums by origin with the sum over origins below where there are several."""
        several = len(self.flows.origins) > 1
        return np.concatenate([sums, sums.sum(axis=0, keepdims=True)]) if several else sums

    def duty(self, group: Int, size: int) -> Float:
        """Return duty paid in dollars by group of rows and authority; (size, authorities)."""
        return self.paid * sum_rates(self.cells, self.weights, group, size)


def day_of(flows: Flows, cells: Cells, shares: Float, paid: float = 1.0) -> Day:
    """Return a day's rows with their weights."""
    return Day(flows, cells, shares, row_weights(flows, cells.situations, shares), paid)


def duty_by_origin(day: Day) -> Float:
    """Return duty in dollars by origin (and all) and authority."""
    return day.with_all(day.duty(day.origin, len(day.flows.origins)))


def imports_by_origin(day: Day) -> Float:
    """Return imports in dollars by origin (and all)."""
    return day.with_all(day.flows.totals())


def column_1(day: Day) -> str:
    """Return the authority of the importer's ordinary duty."""
    schedule = day.cells.schedule
    return schedule.book.columns[schedule.importer].authority


def by_origin(day: Day) -> pl.DataFrame:
    """Return rate, its two parts, the free shares and the claimed share by origin.

    `free_share` is the trade in goods that pay nothing, `untaxed_share` the value that no duty
    falls on: it counts also the part of a good's value outside the base of its duty.
    """
    duty, imports = duty_by_origin(day), imports_by_origin(day)
    rate = duty.sum(axis=1) / imports
    ordinary = duty[:, day.cells.authorities.index(column_1(day))] / imports
    free = _cell_share(day, (day.cells.total < SMALL) & ~day.cells.partial)
    unknown = day.cells.partial & (day.cells.total < SMALL)
    charged = np.where(unknown, 1.0, day.cells.charged)
    untaxed = _weighted(day, 1.0 - charged) / imports
    shares = open_shares(day.flows, day.cells.situations, day.shares)
    claimed = total_by(day.flows.origin, day.flows.value * shares, len(day.flows.origins))
    return pl.DataFrame(
        {
            "origin": day.names,
            "imports_usd": imports,
            "rate": rate,
            "additional": rate - ordinary,
            "column_1": ordinary,
            "free_share": free,
            "untaxed_share": untaxed,
            "claimed_share": day.with_all(claimed) / imports,
        }
    )


def _cell_share(day: Day, which: Mask) -> Float:
    """Return the share of imports in marked cells by origin (and all)."""
    sums = sum_cells(
        day.cells, which.astype(np.float64), day.weights, day.origin, len(day.flows.origins)
    )
    return np.asarray(day.with_all(sums) / imports_by_origin(day))


def by_authority(day: Day) -> pl.DataFrame:
    """Return rate and duty by origin and authority; authorities that charge nothing left out."""
    duty, imports = duty_by_origin(day), imports_by_origin(day)
    titles = day.cells.schedule.book.authorities
    rows = []
    for number, name in enumerate(day.names):
        total = duty[number].sum()
        for column in np.argsort(-duty[number], kind="stable").tolist():
            amount, slug = duty[number, column], day.cells.authorities[column]
            if amount > 0 or slug == column_1(day):
                share = amount / total if total > 0 else 0.0
                rate = amount / imports[number]
                rows.append((name, slug, titles[slug].title, rate, amount, share))
    columns = ["origin", "authority", "title", "rate", "duty_usd", "share_of_duty"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def by_group(day: Day, name: str, labels: Sequence[object], group: Int) -> pl.DataFrame:
    """Return imports, rate and rate by authority by origin and group of flows.

    `group` numbers the group of each flow in `labels`.
    """
    size, rows = len(labels), group[day.cells.situations.flow]
    count = len(day.flows.origins)
    keys = day.origin * size + rows
    duty = day.duty(keys, count * size)
    sums = total_by(day.flows.origin * size + group, day.flows.value, count * size)
    duty = day.with_all(duty.reshape(count, size, -1))
    imports = day.with_all(sums.reshape(count, size))
    frame = {
        "origin": np.repeat(day.names, size),
        name: list(labels) * len(day.names),
        "imports_usd": imports.ravel(),
    }
    flat, value = duty.reshape(imports.size, -1), imports.ravel()
    held = value > 0
    rates = np.divide(flat, value[:, None], out=np.zeros_like(flat), where=held[:, None])
    parts = {
        f"rate_{slug}": rates[:, number]
        for number, slug in enumerate(day.cells.authorities)
        if (flat[:, number] > 0).any() or slug == column_1(day)
    }
    return pl.DataFrame({**frame, "rate": rates.sum(axis=1), **parts}).filter(pl.lit(held))


def by_chapter(day: Day) -> pl.DataFrame:
    """Return imports and rates by origin and chapter."""
    labels, group = np.unique(day.flows.chapter, return_inverse=True)
    return by_group(day, "chapter", labels.tolist(), group)


def by_sector(day: Day) -> pl.DataFrame:
    """Return imports and rates by origin and sector; codes without a sector under `none`."""
    held = dict(table("hts10_icio28").select("hts", "sector").iter_rows())
    heirs = {code // 100: sector for code, sector in held.items() if sector}
    names = [held.get(code) or heirs.get(code // 100) or "none" for code in day.flows.hts.tolist()]
    labels, group = np.unique(np.array(names), return_inverse=True)
    return by_group(day, "sector", labels.tolist(), group)


def bands(day: Day, edges: Sequence[int] = EDGES) -> pl.DataFrame:
    """Return the share of imports by band of the total rate; the shares of an origin sum to 1.

    `above` and `up_to` are per cent, each band holding its upper end. Trade without a line, and
    trade whose only duty could not be computed, stand in a band of their own.
    """
    unknown = day.cells.partial & (day.cells.total < SMALL)
    percent = day.cells.total * 100
    low: list[float | None] = [None, *edges]
    high: list[float | None] = [*edges, None]
    shares = [
        _cell_share(day, ~unknown & _between(percent, above, up_to))
        for above, up_to in zip(low, high, strict=True)
    ]
    words = [_band(above, up_to) for above, up_to in zip(low, high, strict=True)]
    rest = 1.0 - np.sum(shares, axis=0)
    low, high = [*low, None], [*high, None]
    imports = imports_by_origin(day)
    return pl.DataFrame(
        [
            (name, word, above, up_to, float(share[number]), float(share[number] * imports[number]))
            for number, name in enumerate(day.names)
            for word, above, up_to, share in zip(
                [*words, "not rated"], low, high, [*shares, rest], strict=True
            )
        ],
        schema={
            "origin": pl.String, "band": pl.String, "above": pl.Float64, "up_to": pl.Float64,
            "share": pl.Float64, "imports_usd": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def _between(percent: Float, above: float | None, up_to: float | None) -> Mask:
    low = -1.0 if above is None else above + SMALL * 100
    high = np.inf if up_to is None else up_to + SMALL * 100
    return np.asarray((percent > low) & (percent <= high))


def _band(above: float | None, up_to: float | None) -> str:
    if above is None:
        return "free" if up_to == 0 else f"up to {up_to}%"
    return f"over {above}%" if up_to is None else f"over {above}% to {up_to}%"


def coverage(day: Day) -> pl.DataFrame:
    """Return what of the trade is not, or not wholly, rated, by origin.

    `share` is of imports; `low` and `high` bound the average rate where a question is open.
    """
    rows: list[tuple[object, ...]] = []
    imports = imports_by_origin(day)
    rate = duty_by_origin(day).sum(axis=1) / imports
    high = rate + day.paid * _weighted(day, day.cells.high - day.cells.total) / imports
    for item, note, share in _gaps(day):
        for number, name in enumerate(day.names):
            bound = high[number] if item == "question open" else rate[number]
            value = float(share[number])
            rows.append((name, item, value, value * imports[number], rate[number], bound, note))
    columns = ["origin", "item", "share", "imports_usd", "low", "high", "note"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort(
        pl.col("origin").cast(pl.Enum(day.names)), maintain_order=True
    )


def _weighted(day: Day, value: Float) -> Float:
    sums = sum_cells(day.cells, value, day.weights, day.origin, len(day.flows.origins))
    return day.with_all(sums)


def _gaps(day: Day) -> list[tuple[str, str, Float]]:
    """Return each kind of gap with its note and share of imports by origin."""
    how = day.cells.situations.placed.how
    value = {number: _flow_share(day, how == number) for number in range(1, len(PLACINGS))}
    found = [
        (
            f"code placed by {PLACINGS[number]}" if number != NOWHERE else "code on no line",
            "counted at no duty" if number == NOWHERE else "the line found stands for it",
            share,
        )
        for number, share in value.items()
    ]
    asked = ", ".join(day.cells.facts_open)
    return [
        *found,
        ("rate without quantity", "only the part that needs no quantity is counted",
         _cell_share(day, day.cells.partial)),
        ("question open", f"counted at the least: {asked}" if asked else "none",
         _cell_share(day, day.cells.open_)),
        ("import banned", "counted at the duty owed beside the ban",
         _cell_share(day, day.cells.banned)),
    ]  # fmt: skip


def _flow_share(day: Day, which: Mask) -> Float:
    sums = total_by(day.flows.origin, day.flows.value * which, len(day.flows.origins))
    return np.asarray(day.with_all(sums) / imports_by_origin(day))


Frame = Callable[[Day], pl.DataFrame]
