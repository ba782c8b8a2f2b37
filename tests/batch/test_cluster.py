"""A cluster's parts are those of a local run, byte by byte, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from batch_cases import table

from advalorem.batch.cluster import rate_on_cluster
from advalorem.batch.run import Job, rate_folder, sources_of
from advalorem.batch.sources import open_source
from advalorem.batch.store import Store
from advalorem.batch.text import SourceError

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")


def quiet(rows: int) -> None:
    return None


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def local(law, options, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    table(law, 3000, seed=17).write_parquet(folder / "a.parquet")
    job = Job((open_source(folder / "a.parquet"),), str(folder / "local"), "parquet",
              replace(options, rows=150), law.version)  # fmt: skip
    return job, rate_folder(law, job, quiet), contents(folder / "local")


def test_only_parquet_is_cut(law, local, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("hts,origin,as_of,value\n")
    job = replace(local[0], sources=(open_source(path),), out=str(tmp_path / "out"))
    with pytest.raises(SourceError, match="Parquet"):
        rate_on_cluster(law, job, "local:1", quiet)


def test_store_behind_a_url(law, local, tmp_path):
    job, sums, wanted = local
    remote = replace(job, out=f"file://{tmp_path}/out")
    assert Store(remote.out).remote
    assert rate_folder(law, remote, quiet) == sums
    assert contents(tmp_path / "out") == wanted


def test_folder_behind_a_url_goes_in_and_out(law, local, tmp_path):
    """Objects in memory stand for those of S3: listed, read and put whole through fsspec."""
    fsspec = pytest.importorskip("fsspec")
    job, _, wanted = local
    files = fsspec.filesystem("memory")
    whole = Path(job.sources[0].path).read_bytes()
    files.pipe_file("/bucket/in/a.parquet", whole)
    files.pipe_file("/bucket/in/readme.txt", b"no table")
    (source,) = sources_of("memory://bucket/in", None)
    remote = replace(job, sources=(source,), out="memory://bucket/out",
                     options=replace(job.options, ledger=True))  # fmt: skip
    rate_folder(law, remote, quiet)
    parts = {name: content for name, content in wanted.items() if name.endswith(".parquet")}
    assert parts
    for name, content in parts.items():
        assert files.cat_file(f"/bucket/out/{name}") == content
        assert files.exists(f"/bucket/out.ledger/{name}")


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(law, local, tmp_path):
    job, sums, wanted = local
    kept = replace(job, out=str(tmp_path / "out"), options=replace(job.options, ledger=True))
    given = rate_on_cluster(law, kept, "local:2", quiet)
    assert given == sums
    mine, wanted = contents(tmp_path / "out"), dict(wanted)
    del mine["job.json"], wanted["job.json"]
    assert mine == wanted
    rate_folder(law, replace(kept, out=str(tmp_path / "here")), quiet)
    assert contents(tmp_path / "out.ledger") == contents(tmp_path / "here.ledger")


@pytest.mark.slow
def test_killed_worker_costs_no_row(law, local, tmp_path):
    from distributed import Client, LocalCluster

    job, sums, wanted = local
    job = replace(job, out=str(tmp_path / "out"))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        workers = list(client.run(os.getpid).values())

        def kill() -> None:
            deadline = time.monotonic() + 120
            while len(list((tmp_path / "out").glob("*.parquet"))) < 3:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.005)
            os.kill(workers[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        given = rate_on_cluster(law, job, cluster.scheduler_address, quiet)
        killer.join()
        alive = set(client.run(os.getpid).values())
    assert workers[0] not in alive
    assert given == sums
    assert contents(tmp_path / "out") == wanted
