"""What the kernel works on: the law of one importer compiled for one epoch.

A `Schedule` is immutable and holds arrays over tariff lines (ascending full codes) and countries.
Rates are whole millionths, specific duties whole millionths of the importer's currency a unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.law.model import Base, Condition, Lawbook, Measure, Provision, Relation
from advalorem.law.terms import DutyForm, LayerKind
from advalorem.law.timeline import Span

if TYPE_CHECKING:
    from advalorem.schedule.arrays import RuleArrays
    from advalorem.schedule.classes import LineClasses

Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

FREE, AD_VALOREM, SPECIFIC, COMPOUND, OTHER, NONE = range(6)
"""Kinds of an ordinary rate; `OTHER` is a text that names no simple duty, `NONE` no rate held."""


@dataclass(frozen=True, slots=True)
class Ordinary:
    """One rate column over lines: kind, ad valorem and specific parts, unit and printed text.

    `rate` in millionths and `thirds` of a millionth beside it (33 1/3 % is 333,333 and 1),
    `specific` in millionths of a currency unit; `unit` indexes `units`.
    """

    kind: Int
    rate: Int
    thirds: Int
    specific: Int
    unit: Int
    units: tuple[str, ...]
    text: tuple[str, ...]
    text_id: Int


@dataclass(frozen=True, slots=True)
class Rule:
    """A provision in force in the epoch: what the kernel needs of it, and where it comes from."""

    measure: Measure
    provision: Provision
    span: Span
    kind: LayerKind
    form: DutyForm
    rate: int
    specific: int
    unit: str
    products: Mask
    origins: Mask
    tests: tuple[int, ...]
    bases: tuple[tuple[tuple[int, ...], Base, str | None], ...] = ()

    @property
    def code(self) -> int | None:
        """The full code of the rule's heading, if it has one."""
        heading = self.provision.heading
        return int(heading.replace(".", "").ljust(10, "0")) if heading else None

    @property
    def bears(self) -> bool:
        """Whether the rule charges anything: a rate or a specific duty above zero."""
        charged = self.rate > 0 or self.specific > 0 or self.provision.rate_fact is not None
        return charged or self.provision.prohibits


@dataclass(frozen=True, slots=True)
class Yield:
    """A relation in force: which rules make which rules yield.

    A rule of `by_bearing` counts where it bears duty, one of `by_deciding` wherever it decides.
    `ordinary` says that the ordinary duty yields too.
    """

    relation: Relation
    span: Span
    remainder: bool
    by_bearing: Mask
    by_deciding: Mask
    target: Mask
    ordinary: bool


@dataclass(frozen=True, slots=True)
class ClaimColumn:
    """A preference over lines: eligible origins and, by line, its rate column."""

    claim: str
    origins: Mask
    eligible: Mask
    rates: Ordinary
    in_force: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """The law of one importer for one epoch `[from_, until)`, as known on a day.

    `measures` holds, in the order in which they are decided, the rule numbers of each measure.
    `line_class` numbers lines that no provision tells apart; `uniform` marks lines whose whole
    eight-digit code is of one class. `held` is false where the importer's ordinary schedule is not
    held: the last line then stands for any code that no list names. `late` marks an epoch after
    the newest edition held, in which unknown ten-digit numbers are rated by their eight digits.
    `rest` holds, where the schedule is not held, the codes of lines that stand for those numbers of
    an item that no list names.
    """

    importer: str
    on: date
    from_: date
    until: date
    known_on: date
    book: Lawbook
    lines: Int
    countries: tuple[str, ...]
    held: bool
    late: bool
    rest: Int
    general: Ordinary
    column2: Ordinary
    column2_origins: Mask
    column_bases: tuple[tuple[tuple[int, ...], Base], ...]
    claims: tuple[ClaimColumn, ...]
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...]
    measures: tuple[tuple[int, ...], ...]
    yields: tuple[Yield, ...]
    classes: LineClasses
    arrays: RuleArrays

    @property
    def line_class(self) -> Int:
        """Class number by line."""
        return self.classes.number

    @property
    def uniform(self) -> Mask:
        """Whether all lines of a line's eight-digit code are of one class, by line."""
        return self.classes.uniform

    def country(self, iso2: str) -> int:
        """Return the number of a country of origin."""
        return self.countries.index(iso2)
