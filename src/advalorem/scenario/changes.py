"""The closed list of changes of which a scenario is made; each is typed and dated.

Days are half-open, `[from, until)`; `until` left out means open ended. Rates and changes are
percentages as law prints them (`25%`, `-3%`), read exactly.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

ALL = "all"
GOODS = "goods"


class Change(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="change",
):
    """Base of all changes: the days on which it holds, and why."""

    from_: date = msgspec.field(name="from")
    until: date | None = None
    note: str | None = None

    @property
    def end(self) -> date:
        """First day on which the change no longer holds."""
        return self.until or date.max


class Enact(Change, frozen=True, kw_only=True, tag="enact"):
    """A new ad valorem duty on all goods of some origins, or on the codes named.

    `exempt_claims` names preferences whose goods pay nothing. The duty comes on top of all others
    but where it yields to one of `yields_to` (measures, or prefixes ending in `.*`).
    """

    measure: str
    importer: str
    origins: list[str]
    rate: str
    title: str = ""
    codes: list[str] = msgspec.field(default_factory=list)
    except_origins: list[str] = msgspec.field(default_factory=list)
    exempt_claims: list[str] = msgspec.field(default_factory=list)
    yields_to: list[str] = msgspec.field(default_factory=list)


class Prohibit(Change, frozen=True, kw_only=True, tag="prohibit"):
    """A ban on imports of some origins: all goods, or the codes named."""

    measure: str
    importer: str
    origins: list[str]
    title: str = ""
    codes: list[str] = msgspec.field(default_factory=list)
    except_origins: list[str] = msgspec.field(default_factory=list)


class Repeal(Change, frozen=True, kw_only=True, tag="repeal"):
    """Measures, or some of their provisions, are revoked.

    A name is a measure or a prefix ending in `.*`. A provision that is repealed lets the next one
    of its measure decide.
    """

    measures: list[str]
    provisions: list[str] = msgspec.field(default_factory=list)


class Suspend(Change, frozen=True, kw_only=True, tag="suspend"):
    """Measures, or some of their provisions, are suspended."""

    measures: list[str]
    provisions: list[str] = msgspec.field(default_factory=list)


class SetRate(Change, frozen=True, kw_only=True, tag="set_rate"):
    """Another rate for provisions of measures, whether or not they are in force then.

    Without `provisions`, those that bear an ad valorem duty on the first day.
    """

    measures: list[str]
    rate: str
    provisions: list[str] = msgspec.field(default_factory=list)


class Exempt(Change, frozen=True, kw_only=True, tag="exempt"):
    """Goods that measures no longer charge: by origin, by code, or by preference claimed."""

    measures: list[str]
    origins: list[str] = msgspec.field(default_factory=list)
    codes: list[str] = msgspec.field(default_factory=list)
    claim: str | None = None


class PreferenceEnds(Change, frozen=True, kw_only=True, tag="preference_ends"):
    """A preference can no longer be claimed."""

    claim: str


class LawOf(Change, frozen=True, kw_only=True, tag="law_of"):
    """Measures stand as they stood on another day; with `*` also stacking and preferences."""

    day: date
    measures: list[str] = msgspec.field(default_factory=lambda: ["*"])


class Trade(Change, frozen=True, kw_only=True):
    """Base of changes in the cost of trade between importers and exporters in some sectors.

    Countries are ISO codes, groups or `all`; sectors those of the economy, `goods` or `all`.
    `both_ways` also changes the cost in the other direction. Changes of different `instrument`
    multiply.
    """

    importers: list[str]
    exporters: list[str]
    sectors: list[str] = msgspec.field(default_factory=lambda: [GOODS])
    both_ways: bool = False
    instrument: str = ""


class TradeCost(Trade, frozen=True, kw_only=True, tag="trade_cost"):
    """The cost of trade changes by a share of the value delivered."""

    by: str


class BorderDays(Trade, frozen=True, kw_only=True, tag="border_days"):
    """Goods take more or fewer days; a day is worth `per_day` of their value.

    `per_day` is a percentage, or `low`, `middle` or `high` of the cited range.
    """

    days: Decimal
    per_day: str = "middle"


class Productivity(Change, frozen=True, kw_only=True, tag="productivity"):
    """Productivity of countries changes in some sectors."""

    countries: list[str]
    by: str
    sectors: list[str] = msgspec.field(default_factory=lambda: [ALL])


LawChange = Enact | Prohibit | Repeal | Suspend | SetRate | Exempt | PreferenceEnds | LawOf
TradeChange = TradeCost | BorderDays | Productivity
AnyChange = (
    Enact
    | Prohibit
    | Repeal
    | Suspend
    | SetRate
    | Exempt
    | PreferenceEnds
    | LawOf
    | TradeCost
    | BorderDays
    | Productivity
)
COST_KINDS = (TradeCost, BorderDays, Productivity)
RATE_KINDS = (Repeal, Suspend, SetRate, LawOf)
