"""The law as data: measures, their provisions, and the acts that dated them.

A `Measure` is one legal action on one importer's border. Its `Provision` list holds the
reporting headings among which exactly one decides for a shipment: the first that reaches it.
Each dated `Value` names the `Instrument` that made it. Relations between measures (who yields
to whom) are dated and cited in the same way. The structs are both the model and the validator
of the YAML files under `lawbook/`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from advalorem.law.base import OPEN as OPEN
from advalorem.law.base import Struct as Struct
from advalorem.law.shelves import Authority as Authority
from advalorem.law.shelves import Country as Country
from advalorem.law.shelves import Coverage as Coverage
from advalorem.law.shelves import HeadingsOut as HeadingsOut
from advalorem.law.shelves import Notice as Notice
from advalorem.law.shelves import Order as Order
from advalorem.law.shelves import Reading as Reading
from advalorem.law.terms import (
    Confidence,
    ContentFact,
    DutyForm,
    Ending,
    FactType,
    InstrumentKind,
    LayerKind,
    Mode,
    RelationKind,
    Unstated,
)


class Instrument(Struct, frozen=True, kw_only=True):
    """An act: an order, proclamation, notice, regulation, ruling or statement.

    `announced` is the day from which the act is known (signature or first publication);
    `published` the day of the official journal, where it differs.
    """

    id: str
    title: str
    kind: InstrumentKind
    announced: date
    cite: str
    published: date | None = None
    url: str | None = None
    source: str | None = None
    confidence: Confidence = "high"
    note: str | None = None


class Value(Struct, frozen=True, kw_only=True):
    """What one act says for `[from, until)`: a rate, or the way the duty ends.

    Acts are applied in the order of their announcement; a later act overwrites the days it
    covers. `until` left out means open ended.
    """

    from_: date = msgspec.field(name="from")
    act: str
    until: date | None = None
    rate: str | None = None
    specific: str | None = None
    unit: str | None = None
    ends: Ending | None = None
    note: str | None = None


class Condition(Struct, frozen=True, kw_only=True):
    """One test on a shipment; a provision reaches it only if all its conditions hold.

    Exactly one of `claim`, `fact`, `mode`, `heading_claimed`, `value_at_most` and
    `column1_at_least` is given. A fact is compared by exactly one of `is_`, `in_`, `at_least`,
    `below`, `before`, `since` or `given`. `unstated` says whether the condition
    holds while the fact is not stated: `no`, `yes`, or `ask`; `not` turns stated facts only.
    """

    claim: str | None = None
    fact: str | None = None
    mode: list[Mode] | None = None
    heading_claimed: str | None = None
    value_at_most: Decimal | None = None
    column1_at_least: str | None = None
    is_: str | None = msgspec.field(name="is", default=None)
    in_: list[str] | None = msgspec.field(name="in", default=None)
    at_least: Decimal | None = None
    below: Decimal | None = None
    before: date | None = None
    since: date | None = None
    given: bool | None = None
    negate: bool = msgspec.field(name="not", default=False)
    unstated: Unstated = "no"


class Base(Struct, frozen=True, kw_only=True):
    """What a rate is applied to.

    All left out: the customs value. `content` names the fact that holds the value of a content
    (steel, aluminium, copper). `less_share` names the fact that holds the share to take off the
    customs value, at most `less_share_at_most`; `unstated_share` is that share where the fact is
    not stated. `nothing` leaves no base at all. `rest_heading` is reported at no duty on the part
    taken off.
    """

    content: ContentFact | None = None
    less_share: str | None = None
    unstated_share: Decimal | None = None
    fact_value: str | None = None
    less_share_at_most: Decimal | None = None
    nothing: bool = False
    rest_heading: str | None = None


class BaseChange(Struct, frozen=True, kw_only=True):
    """Another base for whichever bearing provision of a measure decides, where `when` holds.

    `heading` is reported at no duty on the part that the change takes off.
    """

    when: list[Condition]
    base: Base
    heading: str | None = None


class Products(Struct, frozen=True, kw_only=True):
    """Which codes a provision covers: named lists, less the codes of other lists."""

    lists: list[str]
    except_lists: list[str] = msgspec.field(name="except", default_factory=list)


class Provision(Struct, frozen=True, kw_only=True):
    """One reporting heading of a measure: scope, conditions, duty and dated values.

    `rate_fact` names a fact that holds the rate where it is not law but a deposit set by company.
    """

    id: str
    title: str
    values: list[Value]
    heading: str | None = None
    products: Products | None = None
    origins: list[str] | None = None
    when: list[Condition] = msgspec.field(default_factory=list)
    form: DutyForm = "ad_valorem"
    base: Base = Base()
    rate_fact: str | None = None
    prohibits: bool = False
    note: str | None = None
    reading: str | None = None


class Threat(Struct, frozen=True, kw_only=True):
    """A duty announced and never bound: what was said, by whom, for when, and what came of it.

    `origins` names the countries it was said to; left out, those of the measure.
    """

    act: str
    title: str
    origins: list[str] | None = None
    announced_for: date | None = None
    rate: str | None = None
    withdrawn: date | None = None
    withdrawn_act: str | None = None
    outcome: str | None = None
    products: Products | None = None


class Measure(Struct, frozen=True, kw_only=True):
    """One legal action on one importer's border; see the module's docstring.

    The first entry of `bases` whose conditions all hold replaces the deciding provision's base.
    """

    measure: str
    importer: str
    authority: str
    title: str
    covers: str
    provisions: list[Provision]
    origins: list[str]
    except_origins: list[str] = msgspec.field(default_factory=list)
    kind: LayerKind = "chapter99"
    usmca: str | None = None
    headline: bool = False
    bases: list[BaseChange] = msgspec.field(default_factory=list)
    void: list[Value] = msgspec.field(default_factory=list)
    threats: list[Threat] = msgspec.field(default_factory=list)
    checked: date | None = None
    note: str | None = None


class Relation(Struct, frozen=True, kw_only=True):
    """Stacking: where a measure `by` bears duty, each `target` yields.

    `displaces`: the target is not charged. `applies_to_remainder_of`: the target is charged on
    the customs value less the bases of the `by` measures. A name is a measure, a measure and a
    provision (`measure/provision`), or a prefix ending in `.*`. A `by` name with a provision
    counts wherever that provision decides, also at no duty; a bare measure only where it bears
    duty. A target may be the importer's column measure. `heading` is the heading reported at no
    duty on what yields. A measure never yields to itself.
    """

    id: str
    relation: RelationKind
    by: list[str]
    target: list[str]
    title: str
    values: list[Value]
    heading: str | None = None
    reading: str | None = None


class FactWord(Struct, frozen=True, kw_only=True):
    """One fact a shipment may state: its type, allowed values and the question that asks it."""

    fact: str
    type: FactType
    meaning: str
    question: str
    allowed: list[str] = msgspec.field(default_factory=list)
    unit: str | None = None


class CodeList(Struct, frozen=True, kw_only=True):
    """A product list in columns: each code stands for everything under it, on `[from, until)`.

    Days are proleptic ordinals (`OPEN`: no end). `act` indexes `acts`, `notes` a row number.
    """

    name: str
    code: list[str]
    from_: list[int]
    until: list[int]
    act: list[int]
    acts: list[str]
    notes: dict[int, str] = msgspec.field(default_factory=dict)


class ListSource(Struct, frozen=True, kw_only=True):
    """Where a product list comes from."""

    name: str
    title: str
    source: str
    licence: str
    date: str | None = None
    doubts: list[str] = msgspec.field(default_factory=list)
    note: str | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """A preference that can be claimed: its SPI codes, origins, text, and other names (`also`).

    Who claims it says what `affirms` holds, facts and their words, where nothing else is stated.
    """

    claim: str
    spi: list[str]
    also: list[str] = msgspec.field(default_factory=list)
    origins: list[str]
    title: str
    values: list[Value]
    affirms: dict[str, str] = msgspec.field(default_factory=dict)


class Column(Struct, frozen=True, kw_only=True):
    """How an importer's ordinary rates are read: layer names, column 2 origins, coverage.

    After `newest_edition`, the newest edition held, statistical numbers may be newer than the
    lines known: they are rated by their eight-digit line. `default` marks the importer that is
    meant where none is named. `bases` change the base of the ordinary duty, as those of a measure
    do. Codes of `claimed_chapters` are provisions claimed beside the article's own code.
    """

    measure: str
    importer: str
    authority: str
    title: str
    act: str
    held: bool
    note: str
    currency: str
    newest_edition: date | None = None
    default: bool = False
    bases: list[BaseChange] = msgspec.field(default_factory=list)
    claimed_chapters: list[str] = msgspec.field(default_factory=list)
    column2: list[Value] = msgspec.field(default_factory=list)
    column2_origins: list[str] = msgspec.field(default_factory=list)


class Fee(Struct, frozen=True, kw_only=True):
    """A charge beside duty, with its minimum and maximum by fiscal year."""

    id: str
    importer: str
    authority: str
    title: str
    rate: str
    values: list[FeeValue]
    modes: list[Mode] | None = None
    exempt_claims: list[str] = msgspec.field(default_factory=list)
    entry_type: str | None = None
    value_above: Decimal | None = None
    exempt_provisions: list[str] = msgspec.field(default_factory=list)
    except_provisions: list[str] = msgspec.field(default_factory=list)
    exempt_measures: list[str] = msgspec.field(default_factory=list)
    note: str | None = None


class FeeValue(Struct, frozen=True, kw_only=True):
    """Bounds of a fee for `[from, until)`."""

    from_: date = msgspec.field(name="from")
    act: str
    until: date | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    flat: Decimal | None = None


class Deadline(Struct, frozen=True, kw_only=True):
    """A last day: so many days or months after an event of the entry.

    With `ends_at` it comes `days_before` that event at the latest, and once the event has happened
    it counts no more: the deadlines after it do.
    """

    after: Literal["liquidation", "importation", "entry"]
    act: str
    title: str
    days: int | None = None
    months: int | None = None
    ends_at: Literal["liquidation"] | None = None
    days_before: int = 0


class RefundQuestion(Struct, frozen=True, kw_only=True):
    """What must be known of an entry before a refund can be asked for, and which answers bar it.

    `column` names the field of a file of entries that answers it; an entry with one of `bars`
    there (folded text) is out, until the day `bars_until` where there is one; from then on, and
    with one of `asks`, `then` says what to look at. `settled` gives answers in other fields that
    leave nothing to ask.
    """

    id: str
    question: str
    act: str
    column: str | None = None
    bars: list[str] = msgspec.field(default_factory=list)
    bars_until: date | None = None
    asks: list[str] = msgspec.field(default_factory=list)
    then: str | None = None
    settled: dict[str, list[str]] = msgspec.field(default_factory=dict)


class Route(Struct, frozen=True, kw_only=True):
    """A way to a refund: what makes duty refundable, from when, until when, and what bars it.

    `basis`: `void`, duty under a measure whose act is void; `retroactive`, duty above what a later
    act made of that day's law; `preference`, duty that a claim of one of `claims` lifts.
    `claim_header` and `claim_rows` describe the file of entry numbers that the authority takes.
    `fees` names fees that come back with the duty by `fees_act`; `late` says what is left after
    the deadlines.
    """

    route: str
    importer: str
    basis: Literal["void", "retroactive", "preference"]
    title: str
    how: str
    act: str
    opens: date
    deadlines: list[Deadline]
    questions: list[RefundQuestion] = msgspec.field(default_factory=list)
    claims: list[str] = msgspec.field(default_factory=list)
    claim_header: str | None = None
    claim_rows: int | None = None
    fees: list[str] = msgspec.field(default_factory=list)
    fees_act: str | None = None
    late: str | None = None
    note: str | None = None


class Lawbook(Struct, frozen=True, kw_only=True):
    """Everything under `lawbook/`, loaded and cross-checked."""

    measures: dict[str, Measure]
    relations: list[Relation]
    instruments: dict[str, Instrument]
    lists: dict[str, CodeList]
    list_sources: dict[str, ListSource]
    facts: dict[str, FactWord]
    claims: dict[str, Claim]
    columns: dict[str, Column]
    fees: list[Fee]
    coverage: list[Coverage]
    readings: dict[str, Reading]
    authorities: dict[str, Authority]
    countries: list[Country]
    groups: dict[str, list[str]]
    orders: list[Order]
    version: str
    headings_out: list[HeadingsOut] = msgspec.field(default_factory=list)
    routes: list[Route] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)

    @property
    def default_importer(self) -> str:
        """ISO 2 code of the importer that is meant where none is named."""
        return next(column.importer for column in self.columns.values() if column.default)

    @property
    def newest_act(self) -> date:
        """Day on which the newest act coded was announced."""
        return max(act.announced for act in self.instruments.values())
