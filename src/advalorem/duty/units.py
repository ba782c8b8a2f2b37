"""Units of quantity: the words and abbreviations in use, and how one converts into another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

WORDS = {
    "kg": "kg kgs kgm kilo kilos kilogram kilograms kilogramme kilogrammes",
    "g": "g gm gms grm gram grams gramme grammes",
    "t": "t mt tne tonne tonnes metric_ton metric_tons metric_tonne metric_tonnes",
    "lb": "lb lbs lbr pound pounds",
    "L": "l lt ltr ltrs liter liters litre litres",
    "hL": "hl hlt hectoliter hectoliters hectolitre hectolitres",
    "mL": "ml mlt milliliter milliliters millilitre millilitres",
    "bbl": "bbl bbls bll barrel barrels",
    "no": "no nos nr num number ea each pc pcs pce piece pieces unit units item items count u x",
    "doz": "doz dz dzn dozen dozens doz_pcs dz_pcs",
    "pair": "pair pairs pr prs npr",
    "thousand": "thousand thousands k mil",
    "gross": "gross gr gro",
    "m": "m mtr meter meters metre metres",
    "m2": "m2 m^2 m² mtk sqm square_meter square_meters square_metre square_metres",
    "m3": "m3 m^3 m³ mtq cbm cubic_meter cubic_meters cubic_metre cubic_metres",
    "pf.L": "pf.l pfl pf.liter pf.liters proof_liter proof_liters proof_litre proof_litres",
    "carat": "carat carats car ct ctm",
    "W": "w watt watts wtt",
    "item": "item",
}
"""Words for each unit of the schedules, in lower case: full names, abbreviations of customs forms
and of UN/ECE Recommendation 20."""
_OTHERS = (
    "mg cg dag cwt oz ounce ounces troy_oz troy_ounce troy_ounces ozt grain grains "
    "gal gallon gallons qt quart quarts pt pint pints fl_oz cl cm3 ml3 dm3 ft3 cubic_foot "
    "cubic_feet yd3 cubic_yard cubic_yards in3 cubic_inch cubic_inches bf bdft mbf fbm "
    "mm cm dm km in inch inches ft foot feet yd yard yards lin lnm "
    "mm2 cm2 dm2 km2 in2 ft2 yd2 sq_in sq_ft sqft sq_yd square_inch square_inches square_foot "
    "square_feet square_yard square_yards sq sbe ha "
    "kw mw hp kwh mwh gwh j mj gj bq mbq gbq kva kvar v kv khz mhz hz rpm kn n kpa mpa "
    "c cu cy ckg cgm dpc dpr hun jwl pack packs pk pkg pkgs package packages ctn ctns carton "
    "cartons box boxes case cases bag bags set sets roll rolls sheet sheets rba lot lots "
    "hundred ths tnv wts dwt"
)
"""Further units of forms and invoices, in lower case: they are known, though few convert."""
_CANONICAL = {word: unit for unit, words in reversed(WORDS.items()) for word in words.split()}
AMBIGUOUS = frozenset({"ton", "tons", "tn"})
"""Words that stand for more than one unit: the short, the long and the metric ton."""
_PINT = {
    "bbl": "oil_barrel", "no": "count", "doz": "dozen", "L": "liter", "t": "metric_ton",
    "m2": "meter**2", "m3": "meter**3", "gross": "gross", "pair": "count",
    "thousand": "kilocount", "mL": "milliliter", "hL": "hectoliter", "W": "watt",
}  # fmt: skip


def canonical(word: str) -> str:
    """Return the unit that a word stands for; a word that is not known as it is.

    Examples
    --------
    >>> canonical("KGS"), canonical("Liters"), canonical("barrels"), canonical("kg of lead content")
    ('kg', 'L', 'bbl', 'kg of lead content')
    """
    folded = word.strip().lower()
    folded = folded.removesuffix(".").replace(" ", "_")
    return _CANONICAL.get(folded, word)


def is_unit(word: str, named: Iterable[str] = ()) -> bool:
    """Return whether a word is a unit in use: of forms and invoices, or one that is `named`.

    Examples
    --------
    >>> is_unit("KGS"), is_unit("tons"), is_unit("sq ft"), is_unit("furlong")
    (True, True, True, False)
    >>> is_unit("kg of clean yield", ["kg of clean yield"])
    True
    """
    folded = word.strip().lower().removesuffix(".").replace(" ", "_")
    return word in named or folded in _CANONICAL or folded in AMBIGUOUS or folded in _OTHERS.split()


@lru_cache(maxsize=4096)
def unit_factor(given: str, wanted: str) -> float | None:
    """Return how many of the wanted unit make one of the given, or None if they do not convert.

    Examples
    --------
    >>> unit_factor("t", "kg"), unit_factor("Dozen", "no"), unit_factor("KG", "kg")
    (1000.0, 12.0, 1.0)
    >>> unit_factor("kg", "no") is None, unit_factor("tons", "kg") is None
    (True, True)
    """
    if given == wanted or given == "":
        return 1.0
    if given.strip().lower() in AMBIGUOUS:
        return None
    given, wanted = canonical(given), canonical(wanted)
    if given == wanted:
        return 1.0
    import pint

    parse = _registry()
    try:
        return float(parse(_PINT.get(given, given)).to(_PINT.get(wanted, wanted)).magnitude)
    except (pint.UndefinedUnitError, pint.DimensionalityError, AttributeError):
        return None


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Return a registry of units that also counts in dozens and gross."""
    import pint

    registry = pint.UnitRegistry()
    registry.define("dozen = 12 * count")
    registry.define("gross = 12 * dozen")
    return registry
