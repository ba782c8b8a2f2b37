"""Turn rate texts into the rate columns of the nomenclature."""

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import polars as pl

from advalorem.schedule.rate_text import RateText, SpecialRate, parse_rate, parse_special

USMCA_PROGRAMMES = ("S", "S+")
RATE_FIELDS = {
    "kind": pl.String,
    "ad_valorem": pl.Float64,
    "specific": pl.Float64,
    "specific_exact": pl.String,
    "specific_unit": pl.String,
    "specific_of": pl.String,
    "components": pl.String,
    "reason": pl.String,
}
read_rate = lru_cache(maxsize=None)(parse_rate)
read_special = lru_cache(maxsize=None)(parse_special)


def rate_columns(prefix: str, texts: Sequence[str]) -> list[pl.Series]:
    """Return the parsed columns of one rate column, one row per text."""
    return _series(prefix, [read_rate(text) for text in texts])


def usmca_columns(specials: Sequence[str]) -> list[pl.Series]:
    """Return which USMCA code a line carries and the rate it gives."""
    entries = [_usmca_entry(read_special(text)) for text in specials]
    nothing = RateText("none", (), "")
    rates = [entry.rate if entry else nothing for entry in entries]
    codes = [next(c for c in USMCA_PROGRAMMES if c in e.programmes) if e else "" for e in entries]
    texts = [rate.text for rate in rates]
    return [pl.Series("usmca", codes), pl.Series("usmca_text", texts), *_series("usmca", rates)]


def _usmca_entry(entries: tuple[SpecialRate, ...]) -> SpecialRate | None:
    """Return the entry open to USMCA goods; S before S+ where both stand."""
    for code in USMCA_PROGRAMMES:
        for entry in entries:
            if code in entry.programmes:
                return entry
    return None


def _series(prefix: str, rates: Sequence[RateText]) -> list[pl.Series]:
    """Return one series per rate field."""
    rows = [_row(rate) for rate in rates]
    return [
        pl.Series(f"{prefix}_{name}", [row[i] for row in rows], dtype=kind)
        for i, (name, kind) in enumerate(RATE_FIELDS.items())
    ]


def _row(rate: RateText) -> tuple[object, ...]:
    """Return the values of RATE_FIELDS for one rate."""
    term = rate.specific
    return (
        rate.kind,
        None if rate.ad_valorem is None else float(rate.ad_valorem),
        None if term is None else float(term.amount),
        None if term is None else format(term.amount, "f"),
        None if term is None else term.unit,
        None if term is None else term.of,
        _components(rate) if rate.kind == "parts" else None,
        rate.reason,
    )


def _components(rate: RateText) -> str:
    """Return the terms as JSON: [[amount, unit, of, role], ...]."""
    terms = [[_exact(c.amount), c.unit, c.of, c.role] for c in rate.components]
    return json.dumps(terms, ensure_ascii=False)


def _exact(amount: Decimal) -> str:
    """Return the amount as a plain decimal string."""
    return format(amount, "f")


def special_rates(specials: Sequence[str]) -> pl.DataFrame:
    """Return one row per special text and programme; `special_id` numbers the sorted texts."""
    texts = sorted({text for text in specials if text})
    rows = [
        (number, code, entry.rate)
        for number, text in enumerate(texts, start=1)
        for entry in read_special(text)
        for code in entry.programmes or ("",)
    ]
    frame = pl.DataFrame(
        {
            "special_id": pl.Series([r[0] for r in rows], dtype=pl.Int16),
            "programme": [r[1] for r in rows],
            "rate": [r[2].text for r in rows],
        }
    )
    return frame.with_columns(_series("rate", [r[2] for r in rows])).unique(
        ["special_id", "programme"], keep="first", maintain_order=True
    )


def special_ids(specials: Sequence[str]) -> pl.Series:
    """Return the number of each special text; null where the column is blank."""
    number = {text: i for i, text in enumerate(sorted({t for t in specials if t}), start=1)}
    return pl.Series("special_id", [number.get(text) for text in specials], dtype=pl.Int16)
