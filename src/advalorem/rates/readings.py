"""The readings of the rates: one option of each, checked against the lawbook, stated in words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError
from advalorem.rates.tables import estimate

SHELF = "rates."
FULL = "full"
COMPLIANCE, LAGS, WEIGHTS = "compliance", "lags", "weights"


@dataclass(frozen=True, slots=True)
class Readings:
    """One option of each reading of `readings_rates.yaml`; the defaults are those of the file.

    Attributes
    ----------
    usmca_share : which part of trade claims USMCA: month, h2_2025, since_h2_2025, 2024,
        none, all, flat
    metal_content : value of steel, aluminum and copper in derivatives: bea, flat50
    metal_weight : articles that reach the weight of metal the law asks for: content, all
    vehicle_content : US content of vehicles entered under USMCA: tracker, none
    unit_values : quantities for specific rates: implied_2024, none
    end_use : share of goods with the use that brings them under a duty: tracker, none
    metal_origin : where metal was melted, smelted or cast: origin, elsewhere
    weights : trade that weighs the rates: 2024, substituted, substituted_cp2015
    relief : reliefs by use counted in full: none, civil_aircraft
    in_transit : goods loaded before a duty began: none, all
    lags : day on which a duty counts: none, statement
    compliance : part of the duty owed that is paid: full, cbp, budget_lab, or a fraction of one's
        own such as `0.97`
    """

    usmca_share: str = "month"
    metal_content: str = "bea"
    metal_weight: str = "content"
    vehicle_content: str = "tracker"
    unit_values: str = "implied_2024"
    end_use: str = "tracker"
    metal_origin: str = "origin"
    weights: str = "2024"
    relief: str = "none"
    in_transit: str = "none"
    lags: str = "none"
    compliance: str = FULL

    def names(self) -> dict[str, str]:
        """Return the option chosen by reading.

        >>> Readings(usmca_share="none").names()["usmca_share"]
        'none'
        """
        return {field.name: getattr(self, field.name) for field in fields(self)}


def check_readings(book: Lawbook, readings: Readings) -> None:
    """Check that every option is one that the lawbook lists, or a fraction where one may be stated.

    Raises
    ------
    RatesError
        The lawbook has no such reading or option; the message lists the options.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> check_readings(load_lawbook(), Readings(usmca_share="half"))
    Traceback (most recent call last):
    ...
    advalorem.rates.errors.RatesError: usmca_share: 'half' is no option; choose one of month, ...
    """
    for name, option in readings.names().items():
        known = book.readings.get(SHELF + name)
        if known is None:
            raise RatesError(f"{name}: the lawbook holds no reading {SHELF + name!r}; add it")
        if option in known.options or (known.own_share and own_share(option) is not None):
            continue
        options = ", ".join(known.options)
        own = f", or state {known.own_share}" if known.own_share else ""
        raise RatesError(f"{name}: {option!r} is no option; choose one of {options}{own}")


def own_share(text: str) -> float | None:
    """Return a fraction above 0 and up to 1 that a user states, None where the text is none.

    >>> own_share("0.97"), own_share("97%"), own_share("1.2"), own_share("cbp")
    (0.97, 0.97, None, None)
    """
    scale = 100 if text.endswith("%") else 1
    try:
        share = Decimal(text.removesuffix("%")) / scale
    except InvalidOperation:
        return None
    return float(share) if share.is_finite() and 0 < share <= 1 else None


def paid_part(readings: Readings) -> float:
    """Return the part of the duty owed that is paid under the reading of compliance.

    >>> paid_part(Readings()), paid_part(Readings(compliance="0.97"))
    (1.0, 0.97)
    """
    option = readings.compliance
    if option == FULL:
        return 1.0
    own = own_share(option)
    return estimate(COMPLIANCE, option) if own is None else own


def refuse_set(readings: Readings, names: tuple[str, ...], why: str) -> None:
    """Refuse readings that an answer does not use, so that none is stated without effect.

    Raises
    ------
    RatesError
        One of the readings named is not at its default.

    Examples
    --------
    >>> refuse_set(Readings(lags="statement"), ("lags",), "the panel holds the law alone")
    Traceback (most recent call last):
    ...
    advalorem.rates.errors.RatesError: lags: the panel holds the law alone; leave 'statement' out
    """
    chosen, default = readings.names(), Readings().names()
    for name in names:
        if chosen[name] != default[name]:
            raise RatesError(f"{name}: {why}; leave {chosen[name]!r} out")


def paid_for(day: date, readings: Readings, first: date) -> date:
    """Return the day of entry whose duty counts on a day: the day itself, or one month before.

    `first`, the first day coded, stands for the days before it.

    >>> paid_for(date(2025, 3, 31), Readings(lags="statement"), date(2025, 1, 1))
    datetime.date(2025, 2, 28)
    """
    if readings.lags == "none":
        return day
    last = day.replace(day=1) - timedelta(days=1)
    return max(last.replace(day=min(day.day, last.day)), first)


def statements(book: Lawbook, readings: Readings) -> list[str]:
    """Return the readings used in words, one sentence each, for printing below a result.

    >>> from advalorem.law.load import load_lawbook
    >>> statements(load_lawbook(), Readings())[0][:20]
    'usmca_share = month:'
    """
    return [said(book, name, option) for name, option in readings.names().items()]


def said(book: Lawbook, name: str, option: str) -> str:
    """Return one reading in words; a fraction of the user's own is marked as such.

    >>> from advalorem.law.load import load_lawbook
    >>> said(load_lawbook(), "compliance", "0.97")[:42]
    'compliance = 0.97: stated by the user, not'
    """
    known = book.readings[SHELF + name]
    own = f"stated by the user, not cited: {known.own_share}"
    return f"{name} = {option}: {known.options.get(option, own)}"
