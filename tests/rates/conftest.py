from __future__ import annotations

import pytest
from rates_cases import BEFORE, BOTH, PARTNERSHIP

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, effective_rates


@pytest.fixture(scope="session")
def book() -> Lawbook:
    return load_lawbook()


@pytest.fixture(scope="session")
def september(book: Lawbook) -> EffectiveRates:
    return effective_rates(book, "US", BOTH, PARTNERSHIP)


@pytest.fixture(scope="session")
def january(book: Lawbook) -> EffectiveRates:
    return effective_rates(book, "US", BOTH, BEFORE)
