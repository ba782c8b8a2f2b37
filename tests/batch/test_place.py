"""Output, rejects and ledger are put in place together, at whatever step a run is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from batch_cases import table
from typer.testing import CliRunner

from advalorem.batch.run import Job, ResumeError, rate_file, rate_folder
from advalorem.batch.sources import open_source
from advalorem.batch.store import Store
from advalorem.cli.main import app

SCRIPT = """
import json, os, sys
from pathlib import Path
from advalorem.batch import sinks

STOPPED, ENDINGS = 77, ("", ".rejects", ".ledger/part-00000.parquet")

def held(out):
    files = {name: Path(f"{out}{name}") for name in ENDINGS}
    return {name: path.read_text() for name, path in files.items() if path.exists()}

def stopping(step, left):
    def stepped(*words, **more):
        if left[0] == 0:
            os._exit(STOPPED)
        left[0] -= 1
        return step(*words, **more)
    return stepped

def put(out, left):
    for holder, name in ((Path, "replace"), (Path, "unlink"), (sinks, "rmtree"),
                         (sinks, "to_disk")):
        setattr(holder, name, stopping(getattr(holder, name), left))
    rejects, ledger = (out.with_name(out.name + end) for end in (".rejects", ".ledger"))
    with sinks.placing(out, rejects, ledger) as temporary:
        temporary.write_text("new")
        sinks.unfinished(rejects).write_text("new")
        sinks.unfinished(ledger).mkdir()
        (sinks.unfinished(ledger) / "part-00000.parquet").write_text("new")

def child(out, left):
    if (process := os.fork()) == 0:
        put(out, [left])
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

folder, before = Path(sys.argv[1]), sys.argv[2] == "older"
for step in range(40):
    out = folder / str(step) / "o.csv"
    out.parent.mkdir()
    if before:
        out.with_name("o.csv.ledger").mkdir()
        for name in ENDINGS:
            Path(f"{out}{name}").write_text("old")
    told = {"ended": child(out, step), "held": held(out)}
    told |= {"again": child(out, -1), "then": held(out)}
    print(json.dumps(told | {"left": len(list(out.parent.glob(".*")))}))
    if told["ended"] == 0:
        break
"""
"""Every step of putting files in place is the last of some process, which another one follows."""


def quiet(rows: int) -> None:
    return None


@pytest.mark.parametrize("before", ["nothing", "older"])
def test_what_stands_is_whole_at_every_step(tmp_path, before):
    """Where an output stands, rejects and ledger of the same run stand beside it."""
    told = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path), before], check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    steps = [json.loads(line) for line in told.splitlines()]
    for step in steps:
        if "" in step["held"]:
            assert len(step["held"]) == 3 and len(set(step["held"].values())) == 1, step
        assert step["again"] == 0 and step["left"] == 0
        assert len(step["then"]) == 3 and set(step["then"].values()) == {"new"}
    assert 8 < len(steps) < 40 and {step["ended"] for step in steps[:-1]} == {77}
    kept = [step["held"].get("") for step in steps]
    assert kept[0] == ("old" if before == "older" else None) and kept[-1] == "new"


def test_a_ledger_of_an_earlier_output_goes_with_it(law, options, tmp_path):
    table(law, 60, seed=5).write_parquet(tmp_path / "a.parquet")
    source, out = open_source(tmp_path / "a.parquet"), tmp_path / "o.parquet"
    rate_file(law, source, str(out), replace(options, ledger=True), quiet)
    assert list((tmp_path / "o.parquet.ledger").iterdir())
    rate_file(law, source, str(out), options, quiet)
    assert not (tmp_path / "o.parquet.ledger").exists()
    (tmp_path / "o.parquet.ledger").mkdir()
    (tmp_path / "o.parquet.ledger" / "mine.txt").write_text("kept")
    rate_file(law, source, str(out), options, quiet)
    assert (tmp_path / "o.parquet.ledger" / "mine.txt").exists()


def test_lines_of_another_job_are_refused(law, options, tmp_path):
    table(law, 60, seed=5).write_parquet(tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet")
    (tmp_path / "out.ledger").mkdir()
    (tmp_path / "out.ledger" / "a-00000.parquet").write_bytes(b"of another job")
    job = Job(
        (source,), str(tmp_path / "out"), "parquet", replace(options, ledger=True), law.version
    )
    with pytest.raises(ResumeError, match="ledger is not empty"):
        rate_folder(law, job, quiet)
    assert not (tmp_path / "out").exists()


def test_a_folder_is_not_listed_for_every_part(law, options, tmp_path, monkeypatch):
    table(law, 60, seed=5).write_parquet(tmp_path / "a.parquet")
    source, listed, names = open_source(tmp_path / "a.parquet"), [], Store.names
    monkeypatch.setattr(Store, "names", lambda self: listed.append(self.place) or names(self))
    job = Job((source,), str(tmp_path / "out"), "csv", replace(options, rows=3), law.version)
    rate_folder(law, job, quiet)
    assert len(list((tmp_path / "out").glob("*.csv"))) == 20 and len(listed) == 1


@pytest.mark.parametrize("name", ["a.csv", "o.csv"], ids=["input", "output"])
def test_rejects_over_another_file_are_refused(tmp_path, name):
    path = tmp_path / "a.csv"
    path.write_text("hts,origin,as_of,value\nbad,CA,2025-08-20,1\n")
    words = ["batch", path, "--out", tmp_path / "o.csv", "--rejects", tmp_path / name]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 2 and name in result.output
    assert path.read_text().startswith("hts") and not (tmp_path / "o.csv").exists()


def test_rejects_of_parts_have_no_name_of_their_own(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("hts,origin,as_of,value\n")
    words = ["batch", path, "--out", tmp_path / "out", "--rejects", tmp_path / "r.csv"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 2 and "beside each part" in result.output
