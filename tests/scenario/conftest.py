"""The law, and the day of the scenarios."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.law.load import load_lawbook
from advalorem.law.model import Lawbook


@pytest.fixture(scope="session")
def book() -> Lawbook:
    return load_lawbook()


@pytest.fixture(scope="session")
def day() -> date:
    return date(2025, 9, 18)
