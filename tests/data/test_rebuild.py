"""A rebuild from the sources gives the same tables."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src" / "advalorem" / "data"
MANIFEST = json.loads((DATA / "manifest.json").read_text("utf-8"))["tables"]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rebuilt(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(ROOT / "tools" / "build_data.py"), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_rebuild_is_identical(rebuilt: Path) -> None:
    new = json.loads((rebuilt / "manifest.json").read_text("utf-8"))["tables"]
    assert new.keys() == MANIFEST.keys()
    for name, entry in MANIFEST.items():
        fresh = pl.read_parquet(rebuilt / entry["file"])
        assert fresh.equals(pl.read_parquet(DATA / entry["file"])), name
        if new[name]["written_with"] == entry["written_with"]:
            assert new[name] == entry, name
