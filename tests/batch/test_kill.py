"""Runs killed at random moments: nothing or whole files, and the same bytes in the end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_cases import table

MOMENTS = 20
SCRIPT = "from advalorem.cli.main import app; app()"


def start(folder: Path, out: str) -> subprocess.Popen[bytes]:
    words = ["batch", "a.parquet", "--out", out, "--rows", "200", "--resume", "--no-cache"]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *words], cwd=folder, stderr=subprocess.DEVNULL,
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
    )  # fmt: skip


def held(folder: Path, out: str) -> dict[str, bytes]:
    """What stands under an output's name: a folder's files, or a file and its rejects."""
    path = folder / out
    files = path.iterdir() if path.is_dir() else [path, path.with_name(path.name + ".rejects")]
    whole = [each for each in files if each.exists() and "unfinished" not in each.name]
    return {each.name.removeprefix("whole-"): each.read_bytes() for each in sorted(whole)}


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("out", ["out", "out.csv", "out.parquet", "out.xlsx"])
def test_killed_at_any_moment(law, tmp_path, out):
    table(law, 4000, seed=12).write_parquet(tmp_path / "a.parquet")
    begun = time.monotonic()
    assert start(tmp_path, f"whole-{out}").wait() == 0
    took, rng = time.monotonic() - begun, random.Random(out)
    wanted = held(tmp_path, f"whole-{out}")
    stopped = 0
    for _ in range(MOMENTS):
        process = start(tmp_path, out)
        time.sleep(took * rng.random())
        process.send_signal(signal.SIGKILL)
        ended = process.wait() == 0
        stopped += not ended
        found = held(tmp_path, out)
        parts = [name for name in found if name.endswith((".parquet", ".csv", ".xlsx"))]
        assert all(found[name] == wanted[name] for name in parts)
        beside = [name + end for name in parts for end in (".rejects", ".sums.json")]
        assert all(found.get(name) == wanted.get(name) for name in beside)
        if ended:
            assert found == wanted
            remove(tmp_path / out)
    assert stopped > MOMENTS // 4
    assert start(tmp_path, out).wait() == 0
    assert held(tmp_path, out) == wanted
    left = list(tmp_path.rglob(".*unfinished"))
    assert left == []
