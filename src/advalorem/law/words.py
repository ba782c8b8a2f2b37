"""Scope and conditions of provisions in words, for lists and tables."""

from __future__ import annotations

from collections.abc import Iterator

from advalorem.law.model import Base, Condition, Provision


def scope_words(provision: Provision) -> tuple[str, ...]:
    """Return goods, origins, conditions, form and base of a provision, one line each.

    What a provision leaves open has no line.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> duty = load_lawbook().measures["usa.s232.autos"]
    >>> usmca = next(p for p in duty.provisions if p.heading == "9903.94.03")
    >>> [line for line in scope_words(usmca) if line.startswith("when")]
    ['when: claims USMCA; us_content_share at least 0.000001']
    """
    return tuple(_lines(provision))


def _lines(provision: Provision) -> Iterator[str]:
    if provision.products is not None:
        names = ", ".join(provision.products.lists)
        less = ", ".join(provision.products.except_lists)
        yield f"goods: {names}{f', except {less}' if less else ''}"
    if provision.origins is not None:
        yield f"origins: {', '.join(provision.origins)}"
    if provision.when:
        yield f"when: {'; '.join(condition_words(c) for c in provision.when)}"
    if provision.form != "ad_valorem":
        yield f"form: {provision.form}"
    if provision.base != Base():
        yield f"base: {_base_words(provision.base)}"


def condition_words(condition: Condition) -> str:
    """Return one condition in words.

    >>> condition_words(Condition(fact="end_use", is_="automobile_part", unstated="ask"))
    'end_use is automobile_part (asked)'
    >>> condition_words(Condition(heading_claimed="98", negate=True))
    'not: claims heading 98'
    """
    silent = {"no": "", "yes": " (or not stated)", "ask": " (asked)"}[condition.unstated]
    return f"{'not: ' if condition.negate else ''}{_test(condition)}{silent}"


def _test(condition: Condition) -> str:
    if condition.claim is not None:
        return f"claims {condition.claim}"
    if condition.mode is not None:
        return f"by {' or '.join(condition.mode)}"
    if condition.heading_claimed is not None:
        return f"claims heading {condition.heading_claimed}"
    if condition.value_at_most is not None:
        return f"value at most {condition.value_at_most}"
    if condition.column1_at_least is not None:
        return f"ordinary rate at least {condition.column1_at_least}"
    return f"{condition.fact} {_comparison(condition)}"


def _comparison(condition: Condition) -> str:
    if condition.given is not None:
        return "is given" if condition.given else "is not given"
    if condition.in_ is not None:
        return f"in {', '.join(condition.in_)}"
    pairs = (
        ("is", condition.is_), ("at least", condition.at_least), ("below", condition.below),
        ("before", condition.before), ("since", condition.since),
    )  # fmt: skip
    return next(f"{word} {value}" for word, value in pairs if value is not None)


def _base_words(base: Base) -> str:
    if base.nothing:
        return "nothing"
    if base.less_share is not None:
        most = f", at most {base.less_share_at_most}" if base.less_share_at_most else ""
        return f"the value less {base.less_share}{most}"
    return base.content or base.fact_value or "the customs value"
