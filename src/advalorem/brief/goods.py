"""What a brief shows, as data: the importer, the currencies, the example goods.

The file `lawbook/brief/goods.toml` says which; this reads it and rates the goods.
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec

from advalorem.duty.answer import rate
from advalorem.duty.problems import InputError
from advalorem.duty.reply import Reply
from advalorem.law.model import Lawbook
from advalorem.schedule.codes import Code, normalise_code

FILE = Path(__file__).parent.parent / "lawbook" / "brief" / "goods.toml"
IMPLIED = Path(__file__).parent.parent / "data" / "implied_2024.parquet"


class Season(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of the year `[from, until)`, as month and day, on which a good has this code."""

    from_: str = msgspec.field(name="from")
    until: str
    hts: str

    def holds(self, on: date) -> bool:
        """Return whether a day falls into the season, which may run over the new year.

        >>> Season("11-15", "03-01", "").holds(date(2025, 1, 1))
        True
        """
        day = f"{on:%m-%d}"
        if self.from_ <= self.until:
            return self.from_ <= day < self.until
        return day >= self.from_ or day < self.until


class UnitValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the quantity behind a value comes from: the code of `implied_2024` and its unit."""

    code: str
    unit: str


class Good(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An example good: its code, by season where it has several, and what is known of it.

    `origin_facts` are facts whose value is the country of origin, such as where steel was melted.
    """

    id: str
    title: str
    hts: str
    facts: dict[str, str] = {}
    origin_facts: tuple[str, ...] = ()
    unit_value: UnitValue | None = None
    seasons: tuple[Season, ...] = ()
    note: str = ""

    def code(self, on: date) -> str:
        """Return the good's tariff code on a day."""
        return next((season.hts for season in self.seasons if season.holds(on)), self.hts)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a case is from a day on, in a word or two."""

    from_: date = msgspec.field(name="from")
    status: str


class Stages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stages of an anti-dumping or countervailing case that is, or was, no plain order."""

    case: str
    steps: tuple[Step, ...]

    def on(self, day: date) -> str | None:
        """Return what the case is on a day, None before its first.

        >>> Stages("C-1", (Step(date(2025, 2, 10), "pending"),)).on(date(2025, 3, 1))
        'pending'
        """
        return next((step.status for step in reversed(self.steps) if step.from_ <= day), None)


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a brief shows: whose border, in which currencies, which years, which goods."""

    importer: str
    value: int
    currencies: tuple[str, ...]
    rivals: tuple[str, ...]
    trade_years: tuple[int, ...]
    stages: tuple[Stages, ...]
    goods: tuple[Good, ...]


class Rated(msgspec.Struct, frozen=True):
    """A good rated for one origin, with or without a claim; `problem` where it cannot be."""

    good: Good
    origin: str
    claim: str | None
    quantity: str | None
    reply: Reply | None
    problem: str = ""


@lru_cache(maxsize=1)
def load_plan() -> Plan:
    """Return what a brief shows.

    >>> len(load_plan().goods)
    10
    """
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Plan, strict=False)


def rate_good(
    book: Lawbook, plan: Plan, good: Good, origin: str, claim: str | None, on: date, known_on: date
) -> Rated:
    """Return a good rated; a code that does not stand on the day gives the problem in words.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> book, plan = load_lawbook(), load_plan()
    >>> potash = next(good for good in plan.goods if good.id == "potash")
    >>> day = date(2025, 9, 18)
    >>> rate_good(book, plan, potash, "CA", None, day, book.newest_act).reply.total_duty
    '1000.00'
    """
    quantity = quantity_behind(good, origin, plan.value)
    facts = {**good.facts, **dict.fromkeys(good.origin_facts, origin)}
    try:
        reply = rate(
            hts=good.code(on), origin=origin, as_of=on, value=str(plan.value),
            importer=plan.importer, claim=claim, quantity=quantity,
            unit=good.unit_value.unit if quantity and good.unit_value else None,
            facts=facts, known_on=known_on, law=book,
        )  # fmt: skip
    except InputError as error:
        return Rated(good, origin, claim, quantity, None, str(error))
    return Rated(good, origin, claim, quantity, reply)


def quantity_behind(good: Good, origin: str, value: int) -> str | None:
    """Return the quantity that a value buys at the unit value of 2024; None where none is needed.

    The origin's own unit value is taken where the table holds it, else that of all origins.

    Raises
    ------
    LookupError
        The table holds no unit value for the code that the good names.
    """
    if good.unit_value is None:
        return None
    code = normalise_code(good.unit_value.code)
    if not isinstance(code, Code):
        raise LookupError(f"{FILE.name}: {good.id}: {code}")
    amount = _implied().get((code.hts, origin)) or _implied().get((code.hts, ""))
    if amount is None:
        raise LookupError(f"{IMPLIED.name} holds no unit value for {code}, the code of {good.id}")
    return str((Decimal(value) / Decimal(str(amount))).quantize(Decimal("0.01")))


@lru_cache(maxsize=1)
def _implied() -> dict[tuple[int, str], float]:
    """Return unit values by eight-digit code (filled with zeros) and origin."""
    import polars as pl

    table = pl.read_parquet(IMPLIED).filter((pl.col("digits") == 8) & (pl.col("unit") != "1"))
    rows = table.select("code", "origin", "amount").iter_rows()
    return {(code, origin): amount for code, origin, amount in rows}
