"""Chunks of counterfactuals on a dask.distributed cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from advalorem.world.errors import InputError

__all__ = ["on_cluster"]

AHEAD = 4


def on_cluster(cluster: Any, job: Any, chunks: Iterator[list[Any]]) -> Iterator[tuple[int, Any]]:
    """Yield records as the cluster finishes them; the job is sent to each worker once.

    Parameters
    ----------
    cluster
        Scheduler address such as ``tcp://host:8786``, or a `distributed.Client`.
    job
        See `many.Job`.
    chunks
        Lists of (index, key, shock).

    Raises
    ------
    InputError
        When dask.distributed is not installed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise InputError(
            "cluster",
            str(cluster),
            "dask.distributed is not installed",
            "install the extra: pip install 'advalorem[cluster]'",
        ) from error
    from advalorem.world.many import solve_chunk

    own = isinstance(cluster, str)
    with Client(cluster) if own else nullcontext(cluster) as client:
        held = client.scatter(job, broadcast=True, hash=False)
        ahead = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        first = [
            client.submit(solve_chunk, held, chunk, pure=False) for chunk in _take(chunks, ahead)
        ]
        running = as_completed(first)
        for future in running:
            yield from future.result()
            for chunk in _take(chunks, 1):
                running.add(client.submit(solve_chunk, held, chunk, pure=False))


def _take(chunks: Iterator[list[Any]], count: int) -> list[list[Any]]:
    return [chunk for _, chunk in zip(range(count), chunks, strict=False)]
