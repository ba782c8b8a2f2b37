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
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advalorem.duty.conditions import fact_of
from advalorem.duty.encode import encode_number, encode_word
from advalorem.duty.shipments import NOT_STATED
from advalorem.law.model import Base
from advalorem.law.rates import millionths, parse_rate
from advalorem.rates.standard import Standard
from advalorem.schedule.model import Int, Mask, Rule, Schedule

if TYPE_CHECKING:
    from advalorem.rates.panel_inputs import Inputs, Told

Key = NDArray[np.uint64]
Float = NDArray[np.float64]
Said = tuple[int, str, int, int, str]
"""What a rule says: its provision, form, rates and unit."""

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


def mixed(values: Int | Key, name: str) -> Key:
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
class Reach:
    """Which groups of lines each rule reaches, as pairs (group, rule) in order of the groups.

    `place` and `share` expand each pair by the sides of relations on which the rule stands: a place
    in an array (groups, columns) and the rule's number there; `of` is the rule of each of them.
    """

    group: Int
    rule: Int
    place: Int
    share: Float
    of: Int
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """What the keys of one epoch are made of.

    `group` is the group of each line, no list telling the lines of one apart; `origins` says which
    countries each rule reaches, (rules, countries). `weight` holds two random numbers by rule,
    `reads` what it looks at as bits, `names` a number of all that it says, lists and relations
    included. `relation` holds the numbers of the relations. `country` is a number by country of
    how the tests of metals see it; `limits` are the ordinary rates that some test asks for.
    `kind` numbers lines of the same group, facts and quantity; `apart` stands for it, and `stands`
    for facts, quantities and limits.
    """

    group: Int
    reach: Reach
    origins: Mask
    weight: Float
    reads: Int
    names: Key
    relation: Key
    country: Key
    limits: Int
    facts: tuple[Key, ...]
    claimed: int
    quantity: Key
    kind: Int
    apart: int
    stands: int


def epoch_keys(schedule: Schedule, goods: Standard, lists: Lists) -> EpochKeys:
    """Return what the keys of a schedule are made of."""
    said = np.array(rule_numbers(schedule, lists), dtype=np.uint64)
    weight = np.stack([said >> np.uint64(64 - _BITS), said & np.uint64((1 << _BITS) - 1)], axis=1)
    weight = weight.astype(np.float64)
    relation = np.array(
        [digest(f"{y.relation.id}{y.remainder}{y.ordinary}") for y in schedule.yields], np.uint64
    )
    sides = _sides(schedule, weight[:, 0])
    listed = lists.numbers(schedule)
    group, reaches = _groups(schedule, listed)
    facts = _facts(schedule, goods)
    quantity, limits = mixed(goods.quantity, "quantity"), _limits(schedule)
    whole = sum(facts, quantity)
    kind = np.unique(whole + mixed(group, "group"), return_inverse=True)[1]
    names = (*goods.facts, *goods.claimed)
    return EpochKeys(
        group=group,
        reach=_reach(reaches, sides),
        origins=_origins(schedule),
        weight=weight,
        reads=lists.reads(schedule, names),
        names=_scrambled(said + mixed(listed, "list")) + _stood(sides, relation),
        relation=relation,
        country=country_keys(schedule),
        limits=limits,
        facts=facts,
        claimed=len(goods.facts),
        quantity=quantity,
        kind=kind,
        apart=digest(kind.tobytes() + limits.tobytes()),
        stands=digest(b"".join([str(names).encode(), limits.tobytes(), whole.tobytes()])),
    )


class Lists:
    """What the rules of one epoch share with those of another, worked out once for all epochs."""

    def __init__(self) -> None:
        self._listed: dict[int, tuple[Mask, int]] = {}
        self._said: dict[Said, int] = {}
        self._looks: dict[tuple[Said, tuple[str, ...]], int] = {}
        self._swaps: dict[tuple[tuple[int, int], ...], set[int]] = {}

    def numbers(self, schedule: Schedule) -> Key:
        """Return the number of each rule's list of products; equal lists have equal numbers."""
        return np.array([self._number(rule.products) for rule in schedule.rules], dtype=np.uint64)

    def _number(self, products: Mask) -> int:
        if id(products) not in self._listed:
            self._listed[id(products)] = products, digest(np.packbits(products).tobytes())
        return self._listed[id(products)][1]

    def said(self, rule: Rule) -> int:
        """Return the number of what a rule says."""
        name = name_of(rule)
        if name not in self._said:
            rate = f"{rule.form}/{rule.rate}/{rule.specific}/{rule.unit}"
            self._said[name] = digest(f"{provision_text(rule)}/{rate}")
        return self._said[name]

    def swapped(self, rules: Sequence[Rule], said: Sequence[int]) -> set[int]:
        """Return the sayings of a measure that stand before and after another, as `swapped`."""
        name = tuple((number, id(rule.origins)) for number, rule in zip(said, rules, strict=True))
        if name not in self._swaps:
            self._swaps[name] = swapped(rules, said)
        return self._swaps[name]

    def reads(self, schedule: Schedule, facts: tuple[str, ...]) -> Int:
        """Return what each rule looks at, as bits in the order of `reads_of`; shape (rules,)."""
        found = []
        for rule in schedule.rules:
            name = (name_of(rule), facts)
            if name not in self._looks:
                flags = reads_of(schedule, rule, facts)
                self._looks[name] = sum(1 << bit for bit, flag in enumerate(flags) if flag)
            found.append(self._looks[name])
        return np.array(found, dtype=np.int64)


def name_of(rule: Rule) -> Said:
    """Return a name of what a rule says, for as long as the lawbook is held."""
    return id(rule.provision), rule.form, rule.rate, rule.specific, rule.unit


def rule_numbers(schedule: Schedule, lists: Lists) -> list[int]:
    """Return a number of 64 bits for each rule: equal for rules of a measure that say the same.

    What a rule says is its rate, form, base and tests. The order in which rules are tried matters
    too: where two sayings stand in both orders for some origin, the names of their provisions
    enter as well.
    """
    said = [lists.said(rule) for rule in schedule.rules]
    both: set[int] = set()
    for members in schedule.measures:
        own = [said[number] for number in members]
        if len(set(own)) < len(own):
            both |= lists.swapped([schedule.rules[number] for number in members], own)
    return [
        number if number not in both else digest(f"{number}/{rule.provision.id}")
        for number, rule in zip(said, schedule.rules, strict=True)
    ]


def provision_text(rule: Rule) -> str:
    """Return what a provision says beside its rate: measure, base, tests, changed bases."""
    provision = rule.provision
    parts = (provision.base, provision.when, provision.prohibits, provision.rate_fact)
    return f"{rule.measure.measure}/{parts}/{rule.measure.bases}"


def swapped(rules: Sequence[Rule], said: Sequence[int]) -> set[int]:
    """Return the sayings of rules that stand before and after another for common origins."""
    order = {
        (said[first], said[second])
        for first, one in enumerate(rules)
        for second, other in enumerate(rules)
        if first < second and said[first] != said[second] and (one.origins & other.origins).any()
    }
    return {number for pair in order if pair[::-1] in order for number in pair}


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


def _groups(schedule: Schedule, listed: Key) -> tuple[Int, Mask]:
    """Return the group of each line, and which groups each rule reaches; (groups, rules)."""
    whole = np.zeros(len(schedule.lines), dtype=np.uint64)
    masks = {
        int(number): rule.products for number, rule in zip(listed, schedule.rules, strict=True)
    }
    for number, products in masks.items():
        whole[products] += np.uint64(number)
    _, first, group = np.unique(whole, return_index=True, return_inverse=True)
    reached = np.array([rule.products[first] for rule in schedule.rules], dtype=bool)
    return group, reached.reshape(len(schedule.rules), len(first)).T


def _origins(schedule: Schedule) -> Mask:
    """Return which countries each rule reaches; (rules, countries)."""
    found = np.array([rule.origins for rule in schedule.rules], dtype=bool)
    return found.reshape(len(schedule.rules), len(schedule.countries))


def _reach(reaches: Mask, sides: Float) -> Reach:
    """Return the pairs of groups and rules, and their places on the sides of relations."""
    group, rule = np.nonzero(reaches)
    owner, column = np.nonzero(sides)
    start = np.searchsorted(owner, np.arange(len(sides) + 1))
    count = np.diff(start)[rule]
    pair = np.repeat(np.arange(len(rule)), count)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    at = start[rule][pair] + within
    shape = (len(reaches), sides.shape[1])
    place = group[pair] * shape[1] + column[at]
    return Reach(group, rule, place, sides[owner[at], column[at]], rule[pair], shape)


def _stood(sides: Float, relation: Key) -> Key:
    """Return a number by rule of the sides on which it stands."""
    place = np.repeat(relation, 3) * _GOLDEN + np.tile(np.arange(3, dtype=np.uint64), len(relation))
    return np.asarray((sides.astype(np.uint64) * _scrambled(place)).sum(axis=1, dtype=np.uint64))


def _facts(schedule: Schedule, goods: Standard) -> tuple[Key, ...]:
    """Return the random numbers of the facts by line, those that need a claim last."""
    charged = _charged_on(schedule)
    columns = (*goods.facts.items(), *goods.claimed.items())
    return tuple(fact_key(schedule, name, column, name in charged) for name, column in columns)


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


def fact_key(schedule: Schedule, name: str, column: Int, charged: bool) -> Key:
    """Return the random number of a fact by line; 0 where it is not stated.

    An amount that no duty falls on (not `charged`) and that is only compared enters by what it
    exceeds.
    """
    values = column
    fact = schedule.book.facts[name]
    if fact.type in ("share", "money") and not charged:
        bounds = [
            encode_number(fact.type, bound)
            for test in schedule.conditions
            if test.fact == name
            for bound in (test.at_least, test.below)
            if bound is not None
        ]
        values = np.searchsorted(np.array(sorted(bounds), dtype=np.int64), column, "right")
    return np.where(column != NOT_STATED, mixed(values, name), np.uint64(0))


def _charged_on(schedule: Schedule) -> set[str]:
    """Return the facts that state an amount, or a rate, on which some rule charges."""
    bases = {id(base): base for rule in schedule.rules for base in _bases(rule)}
    named = {n for b in bases.values() for n in (b.content, b.fact_value, b.less_share) if n}
    return named | {r.provision.rate_fact for r in schedule.rules if r.provision.rate_fact}


def _bases(rule: Rule) -> list[Base]:
    return [rule.provision.base, *(base for _, base, _ in rule.bases)]


@dataclass(frozen=True, slots=True)
class LawKeys:
    """The law for one origin by group of lines: key, and what the rules that reach it look at."""

    base: Key
    looks: Int


def law_keys(keys: EpochKeys, mine: Mask) -> LawKeys:
    """Return the keys of the groups of lines under some rules, before anything is read."""
    reach, (groups, columns) = keys.reach, keys.reach.shape
    here = mine[reach.rule]
    group, rule = reach.group[here], reach.rule[here]
    high, low = (np.bincount(group, keys.weight[rule, n], groups) for n in range(2))
    base = high.astype(np.uint64) * _GOLDEN + low.astype(np.uint64)
    looks = np.zeros(groups, dtype=np.int64)
    np.bitwise_or.at(looks, group, keys.reads[rule])
    here = mine[reach.of]
    flat = np.bincount(reach.place[here], reach.share[here], groups * columns)
    sides = flat.reshape(groups, columns).astype(np.uint64)
    bearing, deciding, yielding = sides[:, 0::3], sides[:, 1::3], sides[:, 2::3]
    meet = np.nonzero(((bearing > 0) | (deciding > 0)) & (yielding > 0))
    who = bearing[meet] * _GOLDEN
    who += deciding[meet] * np.uint64(_MIX[0]) + yielding[meet] * np.uint64(_MIX[1])
    np.add.at(base, meet[0], _scrambled(who + keys.relation[meet[1]]))
    return LawKeys(base, looks)


def variant_keys(keys: EpochKeys, law: LawKeys, origin: int, told: Told, inputs: Inputs) -> Key:
    """Return the keys of the kinds of goods that some inputs tell apart, for one origin."""
    rows, claim = told.row, told.claim
    group = keys.group[rows]
    found, claimed, looks = law.base[group], claim >= 0, law.looks[group]
    added: list[Callable[[Int], Key]] = [
        lambda at: keys.quantity[rows[at]],
        lambda at: np.full(len(at), keys.country[origin]),
        lambda at: mixed(np.searchsorted(keys.limits, inputs.rate[rows[at]], "right"), "ordinary"),
        lambda at: np.where(claimed[at], inputs.names[claim[at]], np.uint64(0)),
        *(partial(_stated, keys, number, rows, claimed) for number in range(len(keys.facts))),
    ]
    whole = int(np.bitwise_or.reduce(looks, initial=0))
    for flag, values in enumerate(added):
        if whole >> flag & 1:
            at = np.flatnonzero(looks >> flag & 1)
            found[at] += values(at)
    return found


def _stated(keys: EpochKeys, number: int, rows: Int, claimed: Mask, at: Int) -> Key:
    """Return the random numbers of one fact; those that need a claim only where there is one."""
    found = keys.facts[number][rows[at]]
    return found if number < keys.claimed else np.where(claimed[at], found, np.uint64(0))
