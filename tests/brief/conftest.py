"""One brief for all tests: it takes seconds to compute."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.brief.build import build_brief
from advalorem.brief.model import Brief


@pytest.fixture(scope="session")
def brief() -> Brief:
    """Return the brief on Canada and Mexico on 18 September 2025."""
    return build_brief(["CA", "MX"], date(2025, 9, 18), date(2025, 1, 1))
