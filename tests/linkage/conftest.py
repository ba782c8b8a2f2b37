"""The law, the economy, and one simulation from the first law to that of September 2025."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook
from advalorem.linkage.simulate import LawOutcome, simulate_law
from advalorem.linkage.tariffs import LawTariffs, law_tariffs
from advalorem.world import Economy, load_economy

FROM, TO = date(2025, 1, 1), date(2025, 9, 18)


@pytest.fixture(scope="session")
def book() -> Lawbook:
    return load_lawbook()


@pytest.fixture(scope="session")
def economy() -> Economy:
    return load_economy("icio2022")


@pytest.fixture(scope="session")
def tariffs(book, economy) -> LawTariffs:
    return law_tariffs(book, economy, TO)


@pytest.fixture(scope="session")
def found(economy) -> LawOutcome:
    return simulate_law(economy, FROM, TO)
