from __future__ import annotations

import pytest

from advalorem.batch.cells import Reading
from advalorem.batch.run import Options, rater_of


@pytest.fixture(scope="session")
def options(law):
    return Options(importer="US", known_on=law.newest_act, reading=Reading(), rows=500)


@pytest.fixture(scope="session")
def rater(law, options):
    return rater_of(law, options)
