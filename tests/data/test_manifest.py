"""The manifest describes exactly the packaged tables, with their bytes."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

DATA = Path(__file__).parents[2] / "src" / "advalorem" / "data"
MANIFEST = json.loads((DATA / "manifest.json").read_text("utf-8"))["tables"]


def test_every_table_is_in_the_manifest_and_back() -> None:
    assert {path.name for path in DATA.glob("*.parquet")} == {t["file"] for t in MANIFEST.values()}


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_file_is_as_the_manifest_says(name: str) -> None:
    entry = MANIFEST[name]
    content = (DATA / entry["file"]).read_bytes()
    frame = pl.read_parquet(DATA / entry["file"])
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]
    assert frame.height == entry["rows"]
    assert {column: str(kind) for column, kind in frame.schema.items()} == entry["columns"]
    assert not frame.select(entry["key"]).is_duplicated().any()
    assert frame.equals(frame.sort(entry["key"], nulls_last=True))


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_sources_are_named(name: str) -> None:
    entry = MANIFEST[name]
    assert entry["title"] and entry["ships"] is True and entry["builder_version"]
    for source in entry["sources"]:
        assert source["publisher"] and source["licence"] and source["date"] and source["files"]
        assert all(len(digest) == 64 for digest in source["files"].values())


def test_every_table_is_described_in_the_documentation() -> None:
    words = (Path(__file__).parents[2] / "docs" / "data.md").read_text("utf-8")
    assert [name for name in MANIFEST if name not in words] == []


def test_tables_are_small() -> None:
    sizes = [path.stat().st_size for path in DATA.glob("*.parquet")]
    assert max(sizes) < 10_000_000
    assert sum(sizes) < 20_000_000
