"""Which two changes decide the same thing on the same days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from advalorem.scenario.changes import (
    ALL,
    GOODS,
    RATE_KINDS,
    AnyChange,
    BorderDays,
    Enact,
    Exempt,
    LawOf,
    PreferenceEnds,
    Productivity,
    Prohibit,
    TradeCost,
)
from advalorem.scenario.errors import OverlapError


def check_overlaps(changes: Sequence[AnyChange]) -> None:
    """Raise where two changes decide the same thing on the same days.

    Raises
    ------
    OverlapError
        Naming both changes and the remedy.
    """
    for (first, a), (second, b) in combinations(enumerate(changes, start=1), 2):
        if _same_days(a, b) and _same_thing(a, b):
            raise OverlapError(
                f"changes {first} and {second}: both decide {_named(a)} from "
                f"{max(a.from_, b.from_)} on; give them days that do not overlap, or one of them"
            )


def _same_days(a: AnyChange, b: AnyChange) -> bool:
    return a.from_ < b.end and b.from_ < a.end


def _named(change: AnyChange) -> str:
    for field in ("measures", "measure", "claim", "importers", "countries"):
        value = getattr(change, field, None)
        if value:
            return ", ".join(value) if isinstance(value, list) else str(value)
    return type(change).__name__


def _same_thing(a: AnyChange, b: AnyChange) -> bool:
    if isinstance(a, Enact | Prohibit) and isinstance(b, Enact | Prohibit):
        return a.measure == b.measure
    if isinstance(a, RATE_KINDS) and isinstance(b, RATE_KINDS):
        return _same_names(a.measures, b.measures) and _common(_parts(a), _parts(b))
    if isinstance(a, Exempt) and isinstance(b, Exempt):
        return _same_exemption(a, b)
    if isinstance(a, PreferenceEnds | LawOf) and isinstance(b, PreferenceEnds | LawOf):
        return _claim_of(a) is None or _claim_of(b) is None or _claim_of(a) == _claim_of(b)
    if isinstance(a, Productivity) and isinstance(b, Productivity):
        return _common(a.countries, b.countries) and _same_sectors(a.sectors, b.sectors)
    if isinstance(a, TradeCost | BorderDays) and isinstance(b, TradeCost | BorderDays):
        return _same_costs(a, b)
    return False


def _parts(change: AnyChange) -> list[str]:
    return list(getattr(change, "provisions", []))


def _claim_of(change: PreferenceEnds | LawOf) -> str | None:
    """Return the claim decided, None for all of them."""
    if isinstance(change, PreferenceEnds):
        return change.claim
    return None if "*" in change.measures else ""


def _same_exemption(a: Exempt, b: Exempt) -> bool:
    codes = not a.codes or not b.codes or any(_under(x, y) for x in a.codes for y in b.codes)
    return (
        _same_names(a.measures, b.measures)
        and a.claim == b.claim
        and _common(a.origins, b.origins)
        and codes
    )


def _under(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def _same_names(a: Sequence[str], b: Sequence[str]) -> bool:
    return any(_patterns_meet(x, y) for x in a for y in b)


def _patterns_meet(a: str, b: str) -> bool:
    """Return whether two names, each a measure or a prefix with a star, can mean one measure.

    >>> _patterns_meet("x.*", "x.y.z"), _patterns_meet("x.a", "x.b")
    (True, False)
    """
    stem_a, stem_b = a.rstrip("*"), b.rstrip("*")
    if stem_a == a and stem_b == b:
        return a == b
    if stem_a != a and stem_b != b:
        return _under(stem_a, stem_b)
    return a.startswith(stem_b) if stem_b != b else b.startswith(stem_a)


def _common(a: Sequence[str], b: Sequence[str]) -> bool:
    """Return whether two lists share a name; an empty one, and `all`, mean everything."""
    if not a or not b or ALL in a or ALL in b:
        return True
    return bool(set(a) & set(b))


def _same_sectors(a: Sequence[str], b: Sequence[str]) -> bool:
    return GOODS in a or GOODS in b or _common(a, b)


def _same_costs(a: TradeCost | BorderDays, b: TradeCost | BorderDays) -> bool:
    if a.instrument != b.instrument or (not a.instrument and type(a) is not type(b)):
        return False
    return _same_sectors(a.sectors, b.sectors) and any(
        _common(x, u) and _common(y, v) for x, y in _directions(a) for u, v in _directions(b)
    )


def _directions(change: TradeCost | BorderDays) -> list[tuple[list[str], list[str]]]:
    one = (change.importers, change.exporters)
    return [one, (one[1], one[0])] if change.both_ways else [one]
