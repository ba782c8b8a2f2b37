"""The readings of the rates: one option of each, checked against the lawbook, stated in words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

from advalorem.law.model import Lawbook
from advalorem.rates.errors import RatesError

SHELF = "rates."


@dataclass(frozen=True, slots=True)
class Readings:
    """One option of each reading of `readings_rates.yaml`; the defaults are those of the file.

    Attributes
    ----------
    usmca_share : which part of trade claims USMCA: month, h2_2025, since_h2_2025, 2024,
        none, all, flat
    metal_content : value of steel, aluminum and copper in derivatives: bea, flat50
    vehicle_content : US content of vehicles entered under USMCA: tracker, none
    unit_values : quantities for specific rates: implied_2024, none
    end_use : share of goods with the use that brings them under a duty: tracker, none
    metal_origin : where metal was melted, smelted or cast: origin, elsewhere
    weights : trade that weighs the rates: 2024, substituted, substituted_cp2015
    relief : reliefs by use counted in full: none, civil_aircraft
    in_transit : goods loaded before a duty began: none, all
    lags : day on which a duty counts: none, statement
    compliance : part of the duty owed that counts: full
    """

    usmca_share: str = "month"
    metal_content: str = "bea"
    vehicle_content: str = "tracker"
    unit_values: str = "implied_2024"
    end_use: str = "tracker"
    metal_origin: str = "origin"
    weights: str = "2024"
    relief: str = "none"
    in_transit: str = "none"
    lags: str = "none"
    compliance: str = "full"

    def names(self) -> dict[str, str]:
        """Return the option chosen by reading.

        >>> Readings(usmca_share="none").names()["usmca_share"]
        'none'
        """
        return {field.name: getattr(self, field.name) for field in fields(self)}


def check_readings(book: Lawbook, readings: Readings) -> None:
    """Check that every option is one that the lawbook lists.

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
        if option not in known.options:
            options = ", ".join(known.options)
            raise RatesError(f"{name}: {option!r} is no option; choose one of {options}")


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
    return [
        f"{name} = {option}: {book.readings[SHELF + name].options[option]}"
        for name, option in readings.names().items()
    ]
