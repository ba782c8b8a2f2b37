"""Cross-checks of the law files: what a schema cannot see.

Every value cites a known act; every name (list, fact, claim, authority, measure) is defined;
every condition asks exactly one thing; no relation runs in a circle on any day.
Run `python -m advalorem.law.check` to check the packaged law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from advalorem.law.errors import LawError
from advalorem.law.model import Condition, Lawbook, Measure, Provision, Value
from advalorem.law.rates import parse_rate

_TESTS = ("claim", "fact", "mode", "heading_claimed", "value_at_most", "column1_at_least")
FACTS_AT_MOST = 62
_COMPARISONS = ("is_", "in_", "at_least", "below", "before", "since", "given")


def check(book: Lawbook, where: Mapping[str, tuple[Path, str]] | None = None) -> None:
    """Raise unless the law is consistent.

    Raises
    ------
    LawError
        One line a finding, each with file and line where these are known.
    """
    findings = [*_measures(book), *_relations(book), *_lists(book), *_others(book)]
    if findings:
        raise LawError("\n".join(_located(name, text, where or {}) for name, text in findings))


def _located(name: str, text: str, where: Mapping[str, tuple[Path, str]]) -> str:
    from advalorem.law.load import line_of

    key, _, inner = name.partition("$")
    if key not in where:
        return f"{name}: {text}"
    path, at = where[key]
    return f"{path}:{line_of(path, at + inner)}: {text}"


def _measures(book: Lawbook) -> Iterator[tuple[str, str]]:
    for measure in book.measures.values():
        name = measure.measure
        if measure.authority not in book.authorities:
            yield f"{name}$.authority", f"unknown authority {measure.authority!r}"
        yield from _origins(book, name, "origins", measure.origins)
        yield from _origins(book, name, "except_origins", measure.except_origins)
        yield from _unique(measure)
        for number, provision in enumerate(measure.provisions):
            yield from _provision(book, f"{name}$.provisions[{number}]", provision)
        for number, change in enumerate(measure.bases):
            for inner, condition in enumerate(change.when):
                yield from _condition(book, f"{name}$.bases[{number}].when[{inner}]", condition)
        yield from _values(book, f"{name}$.void", measure.void)
        for number, threat in enumerate(measure.threats):
            for name in threat.products.lists if threat.products else []:
                if name not in book.lists:
                    yield f"{name}$.threats[{number}]", f"unknown product list {name!r}"
            yield from _origins(book, name, f"threats[{number}]", threat.origins or [])
            for act in filter(None, (threat.act, threat.withdrawn_act)):
                if act not in book.instruments:
                    yield f"{name}$.threats[{number}]", f"unknown act {act!r}"


def _unique(measure: Measure) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, provision in enumerate(measure.provisions):
        if provision.id in seen:
            yield (
                f"{measure.measure}$.provisions[{number}]",
                f"provision {provision.id!r} is defined twice",
            )
        seen.add(provision.id)


def _provision(book: Lawbook, at: str, provision: Provision) -> Iterator[tuple[str, str]]:
    yield from _values(book, f"{at}.values", provision.values)
    yield from _origins(book, at.partition("$")[0], "origins", provision.origins or [])
    if provision.products:
        for name in [*provision.products.lists, *provision.products.except_lists]:
            if name not in book.lists:
                yield f"{at}.products", f"unknown product list {name!r}"
    for number, condition in enumerate(provision.when):
        yield from _condition(book, f"{at}.when[{number}]", condition)
    for fact in (provision.base.content, provision.base.less_share, provision.base.fact_value):
        if fact and fact not in book.facts:
            yield f"{at}.base", f"unknown fact {fact!r}"
    for value in provision.values:
        empty = value.rate is None and value.specific is None and value.ends is None
        if empty and not provision.prohibits:
            yield f"{at}.values", "a value has a rate, a specific duty or says how it ends"


def _condition(book: Lawbook, at: str, condition: Condition) -> Iterator[tuple[str, str]]:
    if sum(getattr(condition, name) is not None for name in _TESTS) != 1:
        yield at, f"a condition has exactly one of {', '.join(_TESTS)}"
    compared = sum(getattr(condition, name) is not None for name in _COMPARISONS)
    if compared != (condition.fact is not None):
        yield at, "a fact is compared in exactly one way (is, in, at_least, below, ...)"
    if condition.claim and condition.claim not in book.claims:
        yield at, f"unknown claim {condition.claim!r}"
    if condition.fact and condition.fact not in book.facts:
        yield at, f"unknown fact {condition.fact!r}"
    elif condition.fact and book.facts[condition.fact].type == "choice":
        allowed = book.facts[condition.fact].allowed
        for word in [*(condition.in_ or []), *([condition.is_] if condition.is_ else [])]:
            if word not in allowed:
                yield at, f"{word!r} is no value of {condition.fact!r}; known: {', '.join(allowed)}"


def _values(book: Lawbook, at: str, values: Sequence[Value]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(values):
        here = f"{at}[{number}]"
        if value.act not in book.instruments:
            yield f"{here}.act", f"uncited value: unknown act {value.act!r}"
        if value.until is not None and value.until <= value.from_:
            yield f"{here}.until", f"until {value.until} does not come after from {value.from_}"
        if value.rate is not None:
            try:
                parse_rate(value.rate)
            except LawError as error:
                yield f"{here}.rate", str(error)


def _origins(
    book: Lawbook, name: str, field: str, origins: Sequence[str]
) -> Iterator[tuple[str, str]]:
    known = {country.iso2 for country in book.countries} | set(book.groups) | {"all"}
    for origin in origins:
        if origin not in known:
            yield f"{name}$.{field}", f"unknown country or group {origin!r}"


def _relations(book: Lawbook) -> Iterator[tuple[str, str]]:
    for relation in book.relations:
        name = f"relations:{relation.id}"
        yield from _values(book, f"{name}$.values", relation.values)
        for field in ("by", "target"):
            for pattern in getattr(relation, field):
                if not resolve(book, pattern):
                    yield f"{name}$.{field}", f"{pattern!r} names no measure or provision"


def resolve(book: Lawbook, pattern: str) -> list[tuple[str, str]]:
    """Return the (measure, provision) pairs that a relation's name stands for."""
    name, _, provision = pattern.partition("/")
    if any(column.measure == name for column in book.columns.values()):
        return [(name, "")]
    if name.endswith(".*"):
        found = [m for key, m in book.measures.items() if key.startswith(name[:-1])]
    else:
        found = [book.measures[name]] if name in book.measures else []
    return [
        (measure.measure, p.id)
        for measure in found
        for p in measure.provisions
        if not provision or p.id == provision
    ]


def _lists(book: Lawbook) -> Iterator[tuple[str, str]]:
    for name, code_list in book.lists.items():
        for act in code_list.acts:
            if act not in book.instruments:
                yield name, f"list {name}: unknown act {act!r}"
        if name not in book.list_sources:
            yield name, f"list {name}: no source in SOURCES.yaml"


def _others(book: Lawbook) -> Iterator[tuple[str, str]]:
    for column in book.columns.values():
        if column.act not in book.instruments:
            yield f"columns:{column.importer}", f"unknown act {column.act!r}"
    if len(book.facts) > FACTS_AT_MOST:
        yield "facts", f"more than {FACTS_AT_MOST} facts do not fit the kernel's bits"
    if sum(column.default for column in book.columns.values()) != 1:
        yield "columns", "exactly one importer is the default"
    for notice in book.notices:
        yield from _origins(book, f"notice {notice.title}", "origins", notice.origins)
        if notice.measure is not None and notice.measure not in book.measures:
            yield f"notice {notice.title}", f"unknown measure {notice.measure!r}"
    for claim in book.claims.values():
        yield from _values(book, f"claims:{claim.claim}$.values", claim.values)
        for fact, word in claim.affirms.items():
            if fact not in book.facts or word not in book.facts[fact].allowed:
                yield f"claims:{claim.claim}", f"affirms unknown {fact} {word!r}"
    for fee in book.fees:
        if fee.authority not in book.authorities:
            yield f"fees:{fee.id}", f"unknown authority {fee.authority!r}"
        for value in fee.values:
            if value.act not in book.instruments:
                yield f"fees:{fee.id}", f"uncited value: unknown act {value.act!r}"


def main() -> int:
    """Check the law files beside this package; exit code 1 and the findings if they fail."""
    import sys

    from advalorem.law.load import LAWBOOK, read_lawbook

    try:
        book = read_lawbook(LAWBOOK)
    except LawError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"{len(book.measures)} measures, {len(book.relations)} relations, "
        f"{len(book.instruments)} acts, {len(book.lists)} lists: no finding\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
