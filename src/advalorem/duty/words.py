"""Ledger lines and provisions in words: amounts, rates, bases and citations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from advalorem.duty.charge import rule_quantity
from advalorem.duty.ledger import DISPLACED, NO_BASE, Layer, Ledger
from advalorem.duty.numbers import QUANTITY_UNITS, ad_valorem
from advalorem.duty.reply import Line
from advalorem.duty.shipments import NOT_STATED, Shipments
from advalorem.law.model import Base, Instrument, Lawbook
from advalorem.schedule.model import Ordinary, Rule, Schedule

COLUMN_TITLES = {
    "column1": "Column 1 general",
    "special": "Column 1 special",
    "column2": "Column 2",
}
CUSTOMS_VALUE, PART_OF_VALUE, QUANTITY = "customs_value", "part_of_value", "quantity"


def money(cents: int) -> str:
    """Return cents as a decimal string.

    >>> money(123456)
    '1234.56'
    """
    return f"{Decimal(int(cents)) / 100:.2f}"


def fraction(millionths: int) -> str:
    """Return millionths as the shortest decimal string.

    >>> fraction(350000), fraction(0)
    ('0.35', '0')
    """
    number = (Decimal(int(millionths)) / 1_000_000).normalize()
    return format(number, "f")


def cite(act: Instrument) -> str:
    """Return where an act is printed, or its title where no journal is named.

    >>> cite(Instrument(id="x", title="Northern border", kind="order",
    ...                 announced=date(2025, 2, 1), cite="EO 14193, 90 FR 9113"))
    'EO 14193, 90 FR 9113'
    """
    return act.cite or act.title


def day(value: date) -> str | None:
    """Return a day in ISO form, None for the open end.

    >>> day(date(2025, 9, 18))
    '2025-09-18'
    """
    return None if value == date.max else value.isoformat()


def ledger_line(
    ledger: Ledger, number: int, rows: Shipments, line: int, scale: tuple[int, int]
) -> list[Line]:
    """Return a ledger line in words: one line, or two for a compound ordinary rate.

    `line` is the row's tariff line number, `scale` its quantity in ten-thousandths of the unit
    of the rate and its value in cents.
    """
    layer = ledger.layers[ledger.layer[number]]
    if layer.rule is None:
        told = _ordinary_line(ledger, number, layer, line, scale)
        compound = ledger.rate[number] > 0 and ledger.specific[number] > 0 and told.amount
        return _by_parts(told, ledger, number, layer, scale[0]) if compound else [told]
    return [_rule_line(ledger, number, rows, layer.schedule, layer.rule)]


def _ordinary_line(
    ledger: Ledger, number: int, layer: Layer, line: int, scale: tuple[int, int]
) -> Line:
    (quantity, value), book, kind = scale, layer.schedule.book, layer.kind
    column, rates = book.columns[layer.schedule.importer], _rates(ledger, number, layer)
    unit_amount, rate = int(ledger.specific[number]), int(ledger.rate[number])
    by_unit = unit_amount > 0 and rate == 0
    printed = (int(rates.rate[line]), int(rates.specific[line])) == (rate, unit_amount)
    text = rates.text[rates.text_id[line]] if printed else ""
    printed_unit = rates.units[rates.unit[line]] or "unit"
    unit = f"{column.currency}/{printed_unit}" if by_unit else "1"
    missing = by_unit and quantity == NOT_STATED
    return Line(
        heading=None,
        kind=kind,
        measure=column.measure,
        authority=column.authority,
        title=f"{COLUMN_TITLES[kind]}: {text}" if text else COLUMN_TITLES[kind],
        basis=QUANTITY if by_unit else _whole_or_part(ledger.base[number] == value),
        basis_amount=_quantity(quantity) if by_unit else money(ledger.base[number]),
        rate=fraction(unit_amount if by_unit else rate),
        rate_unit=unit,
        amount=None if missing else money(ledger.amount[number]),
        citation=cite(book.instruments[column.act]),
        in_force_from=None,
        in_force_until=None,
        reason=text or "rate as stated",
    )


def _by_parts(line: Line, ledger: Ledger, number: int, layer: Layer, quantity: int) -> list[Line]:
    """Return a compound ordinary duty as two lines: the part by value, then the part by unit."""
    rates, column = _rates(ledger, number, layer), layer.schedule.general
    by_value = ad_valorem(ledger.base[number : number + 1], ledger.rate[number : number + 1])[0]
    unit = column.units[column.unit[ledger.line[ledger.row[number]]]]
    currency = layer.schedule.book.columns[layer.schedule.importer].currency
    second = msgspec.structs.replace(
        line,
        basis=QUANTITY,
        basis_amount=_quantity(quantity),
        rate=fraction(ledger.specific[number]),
        rate_unit=f"{currency}/{unit}" if rates.units else "1",
        amount=money(ledger.amount[number] - by_value),
    )
    return [msgspec.structs.replace(line, amount=money(by_value)), second]


def _whole_or_part(whole: bool) -> str:
    return CUSTOMS_VALUE if whole else PART_OF_VALUE


def _quantity(ten_thousandths: int) -> str | None:
    """Return a quantity as a decimal string, None where it is not stated."""
    if ten_thousandths == NOT_STATED:
        return None
    return f"{(Decimal(ten_thousandths) / QUANTITY_UNITS).normalize():f}"


def _rates(ledger: Ledger, number: int, layer: Layer) -> Ordinary:
    """Return the rate column that an ordinary layer was read from."""
    schedule = layer.schedule
    if layer.kind == "special":
        return schedule.claims[int(ledger.claimed[ledger.row[number]])].rates
    return schedule.column2 if layer.kind == "column2" else schedule.general


def _rule_line(
    ledger: Ledger,
    number: int,
    rows: Shipments,
    schedule: Schedule,
    rule: Rule,
) -> Line:
    reason, base, row = int(ledger.reason[number]), ledger.base[number], ledger.row[number]
    applied = reason not in (DISPLACED, NO_BASE)
    line = rule_line(
        schedule.book,
        rule,
        basis=_basis(rule, whole=base == rows.value[row]),
        amounts=(base, ledger.rate[number], ledger.amount[number]) if applied else None,
        reason=_reason(ledger, number, schedule, rule),
    )
    if applied and line.basis == QUANTITY:
        quantity = int(rule_quantity(rule, rows)[row])
        line = msgspec.structs.replace(line, basis_amount=_quantity(quantity))
    return line


def rule_line(
    book: Lawbook, rule: Rule, basis: str, amounts: tuple[int, int, int] | None, reason: str
) -> Line:
    """Return a rule in words; `amounts` are base, rate and duty, None where it does not apply."""
    currency = book.columns[rule.measure.importer].currency
    per_unit = rule.specific > 0 and rule.rate == 0
    return Line(
        heading=rule.provision.heading,
        kind=rule.kind,
        measure=rule.measure.measure,
        authority=rule.measure.authority,
        title=rule.provision.title,
        basis=basis if amounts else None,
        basis_amount=money(amounts[0]) if amounts else None,
        rate=fraction(rule.specific if per_unit else (amounts[1] if amounts else rule.rate)),
        rate_unit=f"{currency}/{rule.unit}" if per_unit else "1",
        amount=money(amounts[2]) if amounts else None,
        citation=cite(book.instruments[rule.span.value.act]),
        in_force_from=day(rule.span.from_),
        in_force_until=day(rule.span.until),
        reason=reason,
    )


def rest_line(book: Lawbook, rule: Rule, heading: str, rest: int) -> Line:
    """Return the line of a heading reported at no duty on the rest of the value, in cents."""
    why = "no additional duty on this part of the value"
    line = rule_line(book, rule, PART_OF_VALUE, (rest, 0, 0), why)
    return msgspec.structs.replace(line, heading=heading)


def _basis(rule: Rule, *, whole: bool) -> str:
    if rule.specific > 0 and rule.rate == 0:
        return QUANTITY
    part = rule.bears and (rule.provision.base != Base() or not whole)
    return PART_OF_VALUE if part else CUSTOMS_VALUE


def _reason(ledger: Ledger, number: int, schedule: Schedule, rule: Rule) -> str:
    reason, by = int(ledger.reason[number]), int(ledger.by[number])
    if reason == DISPLACED:
        relation = schedule.yields[by]
        act = schedule.book.instruments[relation.span.value.act]
        return f"{relation.relation.title} ({cite(act)})"
    if reason == NO_BASE and _is_open(ledger, number, schedule, rule):
        return f"open: depends on {_content_fact(rule)}"
    if reason == NO_BASE:
        return f"nothing to charge: {base_words(rule.provision.base)} is 0"
    if not rule.bears:
        return f"no additional duty: {rule.provision.title}"
    if by >= 0:
        return f"on the remainder: {schedule.yields[by].relation.title}"
    return f"on {base_words(rule.provision.base)}"


def _content_fact(rule: Rule) -> str | None:
    """Return the fact that holds a rule's base, None for the customs value."""
    return rule.provision.base.content or rule.provision.base.fact_value


def _is_open(ledger: Ledger, number: int, schedule: Schedule, rule: Rule) -> bool:
    """Return whether a rule's base waits for a fact that nobody stated."""
    fact = _content_fact(rule)
    if fact is None:
        return False
    bit = 1 << list(schedule.book.facts).index(fact)
    return bool(ledger.asked[ledger.row[number]] & bit)


def base_words(base: Base) -> str:
    """Return a base in words.

    >>> base_words(Base(content="steel_value"))
    'the steel content'
    """
    if base.content:
        return f"the {base.content.removesuffix('_value')} content"
    if base.fact_value:
        return f"the {base.fact_value.replace('_', ' ')}"
    if base.less_share:
        return f"the value less the {base.less_share.replace('_', ' ').replace('us ', 'US ')}"
    return "the customs value"


def after_newest_act(book: Lawbook, on: date, known_on: date) -> list[str]:
    """Return the warnings of an answer that looks past the newest act coded, in either clock.

    >>> from advalorem.law.load import load_lawbook
    >>> book = load_lawbook()
    >>> after_newest_act(book, book.newest_act, book.newest_act)
    []
    >>> after_newest_act(book, date(2099, 1, 1), book.newest_act)[0][-25:]
    'the law as scheduled then'
    """
    newest = book.newest_act
    found = [f"known on {known_on}: no act after {newest} is coded"] if known_on > newest else []
    if on > newest:
        found.append(f"after {newest}, the newest act coded: the law as scheduled then")
    return found
