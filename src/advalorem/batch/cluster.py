"""The same parts on several machines: dask.distributed carries the law once and each part's number.

A worker rates a part and writes it, as a thread of a local run does; a worker that dies costs
the time of the parts it held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from advalorem.batch.part import Sums
from advalorem.batch.run import Job, Progress, check_columns, finish, prepare, write_part
from advalorem.batch.text import SourceError
from advalorem.law.model import Lawbook

LOCAL = "local:"
AHEAD = 4
"""Parts handed out for each worker at a time."""


def rate_on_cluster(book: Lawbook, job: Job, address: str, progress: Progress) -> Sums:
    """Rate Parquet files into a folder of parts on the workers of a scheduler.

    `address` is that of a scheduler, such as `tcp://host:8786`, or `local:N` for N processes here.

    Raises
    ------
    SourceError
        A file is not Parquet: only Parquet can be cut without being read.
    """
    for source in job.sources:
        if source.kind != "parquet":
            raise SourceError(f"{source.name}: a cluster reads Parquet; rate it into Parquet first")
        check_columns(book, job.options, source)
    prepare(job)
    with _client(address) as client:
        sums = _gather(client, book, job, progress)
    finish(job)
    return sums


def _gather(client: Any, book: Lawbook, job: Job, progress: Progress) -> Sums:
    """Hand out the parts, a few for each worker at a time, and add up their sums."""
    from distributed import as_completed

    law = client.scatter(book, broadcast=True, hash=False)
    numbers = iter(_numbers(job))
    sums = Sums()
    ahead = AHEAD * max(1, len(client.scheduler_info()["workers"]))
    first = [_submit(client, law, job, *pair) for pair in islice(numbers, ahead)]
    running = as_completed(first)
    for done in running:
        part = done.result()
        sums.add(part)
        progress(part.rows)
        for pair in islice(numbers, 1):
            running.add(_submit(client, law, job, *pair))
    return sums


def _submit(client: Any, law: Any, job: Job, source: int, number: int) -> Any:
    return client.submit(write_part, law, job, source, number, pure=False, retries=2)


def _numbers(job: Job) -> Iterator[tuple[int, int]]:
    """Yield the source and the number of every part."""
    for at, source in enumerate(job.sources):
        for number in range(max(1, -(-(source.rows or 0) // job.options.rows))):
            yield at, number


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Yield a client of a scheduler, or of workers started here for the while."""
    from distributed import Client, LocalCluster

    if not address.startswith(LOCAL):
        with Client(address) as client:
            yield client
        return
    count = int(address.removeprefix(LOCAL))
    with (
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client
