import os
from pathlib import Path

import pytest

from advalorem.law.load import load_lawbook

collect_ignore_glob = ["*conftest.py"]  # loaded for their fixtures; they hold no examples


@pytest.fixture(scope="session")
def law():
    """The packaged law; `ADVALOREM_LAWBOOK` names another folder of law files."""
    folder = os.environ.get("ADVALOREM_LAWBOOK")
    return load_lawbook(Path(folder) if folder else None)


@pytest.fixture(scope="session")
def sources():
    """The folder of source data; tests that need it skip where it is missing."""
    default = Path(__file__).parent.parent.parent / "shared" / "data"
    folder = Path(os.environ.get("ADVALOREM_SOURCES", default))
    if not folder.exists():
        pytest.skip("source data are not here")
    return folder
