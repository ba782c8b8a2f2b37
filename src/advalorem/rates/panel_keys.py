"""What a cell of the panel depends on, as a number: cells with the same key are rated once.

A key adds up random numbers of the provisions that reach a line and an origin, of the relations
between them, and of whatever of the shipment those provisions read: facts, quantity, country of
the metal, ordinary duty, claim. Nothing else enters the additional duties, so equal keys mean
equal rates. A variant is an origin class with or without its claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.conditions import fact_of
from advalorem.duty.encode import encode_number, encode_word
from advalorem.duty.shipments import NOT_STATED
from advalorem.law.model import Base
from advalorem.law.rates import millionths, parse_rate
from advalorem.rates.standard import Standard
from advalorem.schedule.model import Int, Mask, Rule, Schedule

Key = NDArray[np.uint64]
Float = NDArray[np.float64]
Reach = NDArray[np.float32]

_BITS = 44
"""Sums of fewer than 512 numbers of so many bits are exact in double precision."""
_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def digest(text: str | bytes) -> int:
    """Return a number of 64 bits that stands for a text.

    >>> digest("steel") == digest("steel"), digest("steel") == digest("copper")
    (True, False)
    """
    raw = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def mixed(values: Int, name: str) -> Key:
    """Return random numbers of 64 bits for values of something named; equal for equal values.

    >>> found = mixed(np.array([1, 1, 2]), "quantity")
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """
    return _scrambled(values.astype(np.uint64) * _GOLDEN + np.uint64(digest(name)))


def _scrambled(key: Key) -> Key:
    for shift, factor in zip((30, 27), _MIX, strict=True):
        key = (key ^ (key >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(key ^ (key >> np.uint64(31)))


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """What the keys of one epoch are made of.

    `group` is the group of each line, no list telling the lines of one apart; `reach` says which
    groups each rule reaches, (groups, rules), `origins` which countries, (rules, countries).
    `weight` holds two random numbers by rule, `reads` what it looks at, (rules, 4 + facts); `sides`
    holds the numbers of the rules on the sides of each relation, (rules, 3 * relations), and
    `relation` those of the relations; `lists` numbers the lists of products. `country` is a number
    by country of how the tests of metals see it;
    `limits` are the ordinary rates that some test asks for.
    """

    group: Int
    reach: Reach
    origins: Mask
    weight: Float
    reads: Mask
    sides: Float
    lists: Int
    relation: Key
    country: Key
    limits: Int
    names: tuple[str, ...]
    facts: tuple[Key, ...]
    claimed: int
    quantity: Key


def epoch_keys(schedule: Schedule, goods: Standard) -> EpochKeys:
    """Return what the keys of a schedule are made of."""
    group, reach = _groups(schedule)
    names = rule_numbers(schedule)
    weight = np.array(
        [[name >> (64 - _BITS), name & ((1 << _BITS) - 1)] for name in names], dtype=np.float64
    )
    names_of_facts = [*goods.facts, *goods.claimed]
    return EpochKeys(
        group=group,
        reach=reach,
        origins=np.array([rule.origins for rule in schedule.rules], dtype=bool),
        weight=weight,
        reads=np.array([reads_of(schedule, r, names_of_facts) for r in schedule.rules], bool),
        sides=_sides(schedule, weight[:, 0]),
        lists=_lists(schedule),
        relation=np.array(
            [digest(f"{y.relation.id}{y.remainder}{y.ordinary}") for y in schedule.yields],
            np.uint64,
        ),
        country=country_keys(schedule),
        limits=_limits(schedule),
        facts=tuple(
            fact_key(schedule, name, column)
            for name, column in (*goods.facts.items(), *goods.claimed.items())
        ),
        names=tuple(names_of_facts),
        claimed=len(goods.facts),
        quantity=mixed(goods.quantity, "quantity"),
    )


def rule_numbers(schedule: Schedule) -> list[int]:
    """Return a number of 64 bits for each rule: equal for rules of a measure that say the same.

    What a rule says is its rate, form, base and tests. The order in which rules are tried matters
    too: where two sayings stand in both orders for some origin, the names of their provisions
    enter as well.
    """
    said = [
        digest(f"{provision_text(r)}/{r.form}/{r.rate}/{r.specific}/{r.unit}")
        for r in schedule.rules
    ]
    swapped = _swapped(schedule, said)
    return [
        number if number not in swapped else digest(f"{number}/{rule.provision.id}")
        for number, rule in zip(said, schedule.rules, strict=True)
    ]


def provision_text(rule: Rule) -> str:
    """Return what a provision says beside its rate: measure, base, tests, changed bases."""
    provision = rule.provision
    parts = (provision.base, provision.when, provision.prohibits, provision.rate_fact)
    return f"{rule.measure.measure}/{parts}/{rule.measure.bases}"


def _swapped(schedule: Schedule, said: list[int]) -> set[int]:
    """Return the sayings of a measure that stand before and after another for common origins."""
    numbers, place = np.unique(np.array(said, dtype=np.uint64), return_inverse=True)
    origins = np.array([rule.origins for rule in schedule.rules], dtype=np.float32)
    meet = np.triu(origins @ origins.T > 0, 1)
    measure = np.unique([rule.measure.measure for rule in schedule.rules], return_inverse=True)[1]
    first, second = np.nonzero(meet & (measure[:, None] == measure[None, :]))
    order = np.unique(place[first] * len(numbers) + place[second])
    before, after = order // len(numbers), order % len(numbers)
    both = np.isin(after * len(numbers) + before, order) & (before != after)
    return {int(number) for number in numbers[before[both]]}


def reads_of(schedule: Schedule, rule: Rule, facts: Sequence[str]) -> list[bool]:
    """Return whether a rule looks at quantity, country, ordinary rate, claim, and each fact.

    A rule that tops the ordinary duty up to a total is no reader of it: its cell holds the total.
    """
    tests = [schedule.conditions[number] for number in rule.tests]
    tests += [schedule.conditions[number] for found, _, _ in rule.bases for number in found]
    bases = _bases(rule)
    read = {fact_of(test) for test in tests if test.fact or test.heading_claimed}
    read |= {name for b in bases for name in (b.content, b.fact_value, b.less_share) if name}
    read |= {rule.provision.rate_fact} if rule.provision.rate_fact else set()
    country = any(schedule.book.facts[name].type == "country" for name in read if name)
    return [
        rule.specific > 0,
        country,
        any(test.column1_at_least is not None for test in tests),
        any(test.claim is not None for test in tests),
        *(name in read for name in facts),
    ]


def _lists(schedule: Schedule) -> Int:
    """Return the number of each rule's list of products; equal lists may have two numbers."""
    numbers: dict[int, int] = {}
    found = [numbers.setdefault(id(rule.products), len(numbers)) for rule in schedule.rules]
    return np.array(found, dtype=np.int64)


def _groups(schedule: Schedule) -> tuple[Int, Reach]:
    """Return the group of each line, and which groups each rule reaches; (groups, rules)."""
    _, first = np.unique(schedule.line_class, return_index=True)
    reach = np.array([rule.products[first] for rule in schedule.rules], dtype=bool)
    packed = np.ascontiguousarray(np.packbits(reach, axis=0).T)
    rows = packed.view([("row", np.void, packed.shape[1])]).ravel()
    _, kept, number = np.unique(rows, return_index=True, return_inverse=True)
    return number[schedule.line_class], reach[:, kept].T.astype(np.float32)


def _sides(schedule: Schedule, weight: Float) -> Float:
    """Return the numbers of the rules on each side of each relation; (rules, 3 * relations).

    The sides are those that take by bearing duty, those that take by deciding, and those that
    yield; 0 for a rule that is not on a side.
    """
    sides = np.zeros((len(schedule.rules), 3 * len(schedule.yields)))
    for number, relation in enumerate(schedule.yields):
        yielding = np.ones_like(relation.target) if relation.ordinary else relation.target
        for place, mask in enumerate((relation.by_bearing, relation.by_deciding, yielding)):
            sides[mask, 3 * number + place] = weight[mask]
    return sides


def country_keys(schedule: Schedule) -> Key:
    """Return a number by country of the tests of a metal's country that it meets."""
    total = np.zeros(len(schedule.countries), dtype=np.uint64)
    for number, test in enumerate(schedule.conditions):
        fact = None if test.fact is None else schedule.book.facts[test.fact]
        if fact is None or fact.type != "country":
            continue
        words = test.in_ if test.in_ is not None else [test.is_ or ""]
        named = [
            code
            for word in words
            for code in encode_word(fact, word, schedule.countries, schedule.book.groups)
        ]
        total[[code for code in named if 0 <= code < len(total)]] += np.uint64(
            digest(f"{number}/{test}")
        )
    return total


def _limits(schedule: Schedule) -> Int:
    """Return the ordinary rates, in millionths, that provisions ask whether a good reaches."""
    asked = {test.column1_at_least for test in schedule.conditions} - {None}
    return np.array(sorted(millionths(parse_rate(text or "")) for text in asked), dtype=np.int64)


def fact_key(schedule: Schedule, name: str, column: Int) -> Key:
    """Return the random number of a fact by line; 0 where it is not stated.

    An amount that no duty falls on and that is only compared enters by what it exceeds.
    """
    values = column
    fact = schedule.book.facts[name]
    if fact.type in ("share", "money") and not _charged_on(schedule, name):
        bounds = [
            encode_number(fact.type, bound)
            for test in schedule.conditions
            if test.fact == name
            for bound in (test.at_least, test.below)
            if bound is not None
        ]
        values = np.searchsorted(np.array(sorted(bounds), dtype=np.int64), column, "right")
    return np.where(column != NOT_STATED, mixed(values, name), np.uint64(0))


def _charged_on(schedule: Schedule, name: str) -> bool:
    """Return whether some rule charges on an amount, or at a rate, that a fact states."""
    bases = {id(base): base for r in schedule.rules for base in _bases(r)}
    based = any(name in (base.content, base.fact_value, base.less_share) for base in bases.values())
    return based or any(rule.provision.rate_fact == name for rule in schedule.rules)


def _bases(rule: Rule) -> list[Base]:
    return [rule.provision.base, *(base for _, base, _ in rule.bases)]


@dataclass(frozen=True, slots=True)
class OriginKeys:
    """The law for one origin by group of lines: key, and what the rules that reach it look at.

    `number` stands for both; origins of one number have the same law.
    """

    base: Key
    looks: Mask
    number: int


def origin_keys(keys: EpochKeys, origin: int) -> OriginKeys:
    """Return the keys of the groups of lines for one origin, before anything is read."""
    rules = np.flatnonzero(keys.origins[:, origin])
    reach = keys.reach[:, rules].astype(np.float64)
    high, low = (reach @ keys.weight[rules]).T
    base = high.astype(np.uint64) * _GOLDEN + low.astype(np.uint64)
    sides = (reach @ keys.sides[rules]).astype(np.uint64)
    bearing, deciding, yielding = sides[:, 0::3], sides[:, 1::3], sides[:, 2::3]
    meet = ((bearing > 0) | (deciding > 0)) & (yielding > 0)
    who = bearing * _GOLDEN + deciding * np.uint64(_MIX[0]) + yielding * np.uint64(_MIX[1])
    base += np.where(meet, _scrambled(who + keys.relation), np.uint64(0)).sum(
        axis=1, dtype=np.uint64
    )
    looks = reach @ keys.reads[rules] > 0
    return OriginKeys(base, looks, digest(base.tobytes() + looks.tobytes()))


def law_name(keys: EpochKeys, origin: int) -> bytes:
    """Return a name of the rules for an origin: origins of one name have the same keys."""
    rules = np.flatnonzero(keys.origins[:, origin])
    sides = keys.sides[rules].tobytes()
    return keys.weight[rules].tobytes() + keys.lists[rules].tobytes() + sides


def variant_keys(
    keys: EpochKeys, law: OriginKeys, country: np.uint64, rows: Int, claim: Int, names: Key,
    rate: Int,
) -> Key:  # fmt: skip
    """Return the keys of some lines for one origin; shape (rows,).

    Parameters
    ----------
    keys : what the keys of the epoch are made of
    law : the keys of the groups for the origin
    country : the origin's number in the tests of metals
    rows : numbers of the lines
    claim : number of the claim by row, -1 for none
    names : random numbers of the claims
    rate : ordinary ad valorem rate in millionths by row
    """
    group = keys.group[rows]
    found, claimed = law.base[group], claim >= 0
    added: list[Callable[[Int], Key]] = [
        lambda at: keys.quantity[rows[at]],
        lambda at: np.full(len(at), country),
        lambda at: mixed(np.searchsorted(keys.limits, rate[at], "right"), "ordinary"),
        lambda at: np.where(claimed[at], names[claim[at]], np.uint64(0)),
        *(partial(_stated, keys, number, rows, claimed) for number in range(len(keys.facts))),
    ]
    for flag, values in enumerate(added):
        if law.looks[:, flag].any():
            at = np.flatnonzero(law.looks[:, flag][group])
            found[at] += values(at)
    return found


def _stated(keys: EpochKeys, number: int, rows: Int, claimed: Mask, at: Int) -> Key:
    """Return the random numbers of one fact; those that need a claim only where there is one."""
    found = keys.facts[number][rows[at]]
    return found if number < keys.claimed else np.where(claimed[at], found, np.uint64(0))
