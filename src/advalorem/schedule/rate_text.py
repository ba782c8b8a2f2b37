"""Read the rate texts that the Harmonized Tariff Schedule prints.

The schedule prints duties as short English: ``Free``, ``2.5%``, ``30.5¢/kg + 8.5%``, ``51¢ each
+ 6.25% on the case + 5.3% on the battery``. `parse_rate` turns one text into exact components,
`parse_special` splits the special column into its programmes. Amounts are ``Decimal``: fractions
of the value where the unit is ``"1"``, US dollars per unit elsewhere.

Nothing here knows a heading or a rate; texts that give no arithmetic of their own ("The rate
applicable to ...", "See 9823.01.01") are returned as kind ``other`` with the reason.
"""

import html
import re
from decimal import Decimal
from typing import Final, Literal

import msgspec

__all__ = [
    "AD_VALOREM_UNIT",
    "Component",
    "RateText",
    "SpecialRate",
    "clean_text",
    "parse_rate",
    "parse_special",
]

Kind = Literal["free", "ad_valorem", "specific", "compound", "parts", "none", "other"]
Role = Literal["add", "less", "at_least"]

AD_VALOREM_UNIT: Final = "1"

# Printed unit (lower case, no full stops, no blanks round a slash) -> canonical unit.
_UNITS: Final = {
    "kg": "kg",
    "clean kg": "kg",
    "g": "g",
    "t": "t",
    "liter": "L",
    "pf liter": "pf.L",
    "pfliter": "pf.L",
    "bbl": "bbl",
    "m": "m",
    "lin m": "m",
    "m2": "m2",
    "m²": "m2",
    "m3": "m3",
    "m³": "m3",
    "each": "no",
    "article": "no",
    "head": "no",
    "pr": "pair",
    "doz": "doz",
    "gross": "gross",
    "1000": "thousand",
    "1,000": "thousand",
    "1,000 pins": "thousand",
    "thousand": "thousand",
    "thou-sand": "thousand",
    "jewel": "jewel",
    "pack": "pack",
    "line/gross": "line.gross",
}
# Units that say of what they count without "on" or "of".
_IMPLIED_OBJECT: Final = {"clean kg": "clean yield", "1,000 pins": "pins"}
# Objects whose value or number is the good itself.
_WHOLE_GOOD: Final = frozenset({"entire set"})
_MISPRINTS: Final = {"drained weght": "drained weight", "thebattery": "battery"}

_AMOUNT: Final = re.compile(
    r"(?P<usd>\$)?\s*(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s(?P<num>\d)/(?P<den>\d))?"
    r"\s*(?P<sign>¢|%|percent)?\s*(?P<rest>.*)"
)
_FORMULA: Final = re.compile(
    r"(?P<base>\S+) less (?P<step>\S+) for each degree under (?P<top>\d+) degrees .*"
    r"but not less (?:than )?(?P<floor>\S+)"
)
_CODES: Final = re.compile(r"\(([A-Z][A-Z*+]{0,2}(?:[\s,.]+[A-Z][A-Z*+]{0,2})*[\s,.]*)\)")


class Component(msgspec.Struct, frozen=True):
    """One term of a duty.

    Attributes
    ----------
    amount : Decimal
        Fraction of the value where `unit` is ``"1"``, else US dollars per unit.
    unit : str
        ``"1"`` or a canonical unit (``kg``, ``t``, ``L``, ``pf.L``, ``bbl``, ``no``, ...).
    of : str or None
        What is weighed, counted or valued, where that is not the good itself
        (``"lead content"``, ``"case"``, ``"drained weight"``).
    role : {"add", "less", "at_least"}
        ``add`` sums; ``less`` is taken off per degree of `of`; ``at_least`` is a floor.
    """

    amount: Decimal
    unit: str
    of: str | None = None
    role: Role = "add"


class RateText(msgspec.Struct, frozen=True):
    """A rate text, read.

    Attributes
    ----------
    kind : str
        ``free``; ``ad_valorem`` (one fraction of the customs value); ``specific`` (one amount per
        unit); ``compound`` (one of each); ``parts`` (several terms with their own objects);
        ``none`` (nothing printed: the column does not apply); ``other`` (no arithmetic here).
    components : tuple of Component
        The terms, in printed order; empty for ``free``, ``none`` and ``other``.
    text : str
        The cleaned text.
    reason : str or None
        For ``other``: ``reference`` (another provision gives the rate), ``value_part`` (a duty
        upon a value that the text defines) or ``formula``. For ``free``: its condition, if any.
    """

    kind: Kind
    components: tuple[Component, ...]
    text: str
    reason: str | None = None

    @property
    def ad_valorem(self) -> Decimal | None:
        """Fraction of the customs value; zero when free, None unless it is the whole good's."""
        if self.kind == "free":
            return Decimal(0)
        if self.kind in ("ad_valorem", "compound"):
            return next(c.amount for c in self.components if c.unit == AD_VALOREM_UNIT)
        return None

    @property
    def specific(self) -> Component | None:
        """The term per unit of a ``specific`` or ``compound`` rate."""
        if self.kind in ("specific", "compound"):
            return next(c for c in self.components if c.unit != AD_VALOREM_UNIT)
        return None


class SpecialRate(msgspec.Struct, frozen=True):
    """One entry of the special column: a rate and the programmes (SPI codes) it is open to."""

    rate: RateText
    programmes: tuple[str, ...]


def clean_text(text: str | None) -> str:
    r"""Return the text without markup, line breaks and doubled blanks.

    >>> clean_text("2.5% <u></u>"), clean_text("$1.13/m<sup>3</sup>"), clean_text(None)
    ('2.5%', '$1.13/m3', '')
    """
    plain = html.unescape(re.sub(r"<[^>]*>", "", text or ""))
    return re.sub(r"\s+", " ", plain).strip()


def parse_rate(text: str | None) -> RateText:
    """Read one rate text of the general or the column 2 rate of duty.

    Parameters
    ----------
    text : str or None
        The text as printed; markup is removed first.

    Returns
    -------
    RateText
        The kind and its exact components.

    Raises
    ------
    ValueError
        When a text looks like arithmetic but has an unknown unit.

    Examples
    --------
    >>> parse_rate("2.5%").ad_valorem
    Decimal('0.025')
    >>> parse_rate("10.5¢/bbl").specific
    Component(amount=Decimal('0.105'), unit='bbl', of=None, role='add')
    >>> rate = parse_rate("30.5¢/kg + 8.5%")
    >>> rate.kind, str(rate.ad_valorem), str(rate.specific.amount), rate.specific.unit
    ('compound', '0.085', '0.305', 'kg')
    >>> parse_rate("$4.50/t").specific.unit, parse_rate("68¢/head").specific.unit
    ('t', 'no')
    >>> parse_rate("4.4¢/kg on drained weight").specific.of
    'drained weight'
    >>> parse_rate("$1.34/1000").specific.unit
    'thousand'
    >>> watch = parse_rate("51¢ each + 6.25% on the case + 5.3% on the battery")
    >>> watch.kind, [(str(c.amount), c.unit, c.of) for c in watch.components]
    ('parts', [('0.51', 'no', None), ('0.0625', '1', 'case'), ('0.053', '1', 'battery')])
    >>> parse_rate("The rate applicable to the natural juice in heading 2009").reason
    'reference'
    >>> parse_rate("").kind
    'none'
    """
    plain = clean_text(text).replace("- ", "-")
    if not plain:
        return RateText("none", (), "")
    if plain.startswith("Free"):
        return RateText("free", (), plain, plain[4:].strip(" ,") or None)
    if reason := _reason_without_arithmetic(plain):
        return RateText("other", (), plain, reason)
    if formula := _FORMULA.fullmatch(plain.replace(" /kg", "/kg")):
        return RateText("parts", _graduated(formula), plain)
    terms = tuple(_component(part) for part in re.split(r"\s*\+\s*", plain.rstrip(" /")))
    return RateText(_kind(terms), terms, plain)


def parse_special(text: str | None) -> tuple[SpecialRate, ...]:
    """Split the special column into its rates, each with its programmes.

    Parameters
    ----------
    text : str or None
        The text as printed, e.g. ``"Free (A,AU,S) 3.2% (JP)"``.

    Returns
    -------
    tuple of SpecialRate
        In printed order. A rate without codes has an empty `programmes`: the provision itself
        names who may claim it.

    Examples
    --------
    >>> [(s.rate.text, s.programmes) for s in parse_special("Free (A,AU,S) 3.2% (JP)")]
    [('Free', ('A', 'AU', 'S')), ('3.2%', ('JP',))]
    >>> parse_special("$1.646/kg (S+)")[0].rate.specific.amount
    Decimal('1.646')
    >>> parse_special("See 9823.01.01-9823.01.07 (S+)")[0].rate.reason
    'reference'
    """
    plain = clean_text(text)
    pieces = _CODES.split(plain)
    rates = [
        SpecialRate(parse_rate(rate), tuple(re.findall(r"[A-Z][A-Z]?[*+]?", codes)))
        for rate, codes in zip(pieces[0:-1:2], pieces[1::2], strict=True)
    ]
    rest = pieces[-1].strip()
    return (*rates, SpecialRate(parse_rate(rest), ())) if rest else tuple(rates)


def _reason_without_arithmetic(plain: str) -> str | None:
    """Say why a text holds no rate of its own; None when it does."""
    if plain.startswith("A duty"):
        return "value_part"
    if "shall not exceed" in plain:
        return "formula"
    return None if plain[0] in "$0123456789" else "reference"


def _component(part: str) -> Component:
    """Read one term, e.g. ``5.3% on the battery``."""
    match = _AMOUNT.fullmatch(part.strip())
    if match is None:
        raise ValueError(f"rate text: no amount in {part!r}; add its form to rate_text.py")
    if match["sign"] in ("%", "percent"):
        return Component(_amount(match) / 100, AD_VALOREM_UNIT, _object(match["rest"]))
    if not match["usd"] and match["sign"] != "¢":
        raise ValueError(f"rate text: {part!r} has neither $, ¢ nor %; correct the source text")
    dollars = _amount(match) if match["usd"] else _amount(match) / 100
    unit, of = _unit(match["rest"])
    return Component(dollars, unit, of)


def _amount(match: re.Match[str]) -> Decimal:
    """Return the printed number, with its vulgar fraction if it has one."""
    whole = Decimal(match["number"].replace(",", ""))
    return whole + Decimal(match["num"]) / Decimal(match["den"]) if match["num"] else whole


def _unit(rest: str) -> tuple[str, str | None]:
    """Split ``/kg on drained weight`` into its canonical unit and its object."""
    plain = re.sub(r"\s*/\s*", "/", rest.strip().lower()).lstrip("/").replace(".", "")
    head, _, tail = re.sub(r"(?<=\w)(, | on | of | over )", "\n\\1", plain, count=1).partition("\n")
    if plain in _UNITS:
        head, tail = plain, ""
    head = re.sub(r"(?<=m2)of.*", "", head)
    if head not in _UNITS:
        raise ValueError(f"rate text: unknown unit {rest!r}; add it to rate_text.py")
    return _UNITS[head], _object(tail) or _IMPLIED_OBJECT.get(head)


def _object(tail: str) -> str | None:
    """Return what a term is charged on, None when on the good itself."""
    over = tail.strip().startswith("over ")
    words = tail if over else re.sub(r"^\s*(, |on |of )?(the )?(value of the )?", "", tail)
    words = words.strip(" ,")
    words = _MISPRINTS.get(words, words)
    return None if not words or words in _WHOLE_GOOD else words


def _graduated(match: re.Match[str]) -> tuple[Component, ...]:
    """Read ``X/kg less Y/kg for each degree under 100 degrees ... but not less than Z/kg``."""
    base, step, floor = (_component(match[name]) for name in ("base", "step", "floor"))
    degrees = f"degrees under {match['top']}"
    return (
        base,
        Component(step.amount, step.unit, degrees, "less"),
        Component(floor.amount, floor.unit, None, "at_least"),
    )


def _kind(terms: tuple[Component, ...]) -> Kind:
    """Classify terms: one fraction, one amount per unit, one of each, or several parts."""
    fractions = [c for c in terms if c.unit == AD_VALOREM_UNIT]
    amounts = [c for c in terms if c.unit != AD_VALOREM_UNIT]
    if len(fractions) > 1 or len(amounts) > 1 or any(c.of for c in fractions):
        return "parts"
    if fractions and amounts:
        return "compound"
    return "ad_valorem" if fractions else "specific"
