"""Effective rates: import flows as weighted shipments through the kernel of `advalorem.duty`."""

from advalorem.rates.effective import EffectiveRates, effective_rates
from advalorem.rates.errors import RatesError
from advalorem.rates.readings import Readings

__all__ = ["EffectiveRates", "RatesError", "Readings", "effective_rates"]
