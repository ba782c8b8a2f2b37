"""The compiled nomenclature is what the packaged tables say."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from advalorem.schedule.store import path_of

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tools"))


@pytest.mark.parametrize("importer", ["US", "CA"])
@pytest.mark.parametrize("what", ["tariff", "words"])
def test_compiled_equals_tables(importer, what):
    import compile_tariff

    packed = getattr(compile_tariff, what)(importer)
    assert path_of(importer, what).read_bytes() == msgspec.msgpack.encode(packed), "run `make data`"


def test_rates_are_held_exactly():
    """Millionths hold every amount a unit, thirds of a millionth every rate (33 1/3 %)."""
    import polars as pl

    from advalorem.schedule.store import DATA

    rows = pl.read_parquet(DATA / "nomenclature_us.parquet")
    for name in ("g_specific", "o_specific", "g_ad_valorem", "o_ad_valorem"):
        scaled = rows[name].drop_nulls() * (3_000_000 if "ad_valorem" in name else 1_000_000)
        assert ((scaled - scaled.round()).abs() < 1e-6).all(), name
