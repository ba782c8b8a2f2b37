"""Thousands of counterfactuals: one shared base, several processes, results kept as they come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advalorem.world.closure import Closure, as_closure
from advalorem.world.economy import Economy
from advalorem.world.errors import InputError
from advalorem.world.levels import summary
from advalorem.world.solver import DEFAULTS, SolverOptions, calibrate, solve
from advalorem.world.store import Record, Store, shock_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advalorem.world.shock import Shock

    Floats = NDArray[np.float64]

__all__ = ["ManyOutcomes", "SolveInterrupted", "solve_many"]

CHUNK = 8
BATCH = 32
THREAD_LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class ManyOutcomes:
    """Results of many scenarios, in the order in which they were given.

    Attributes
    ----------
    names
        Names of the scenarios solved.
    countries
        Labels of the second axis.
    results, iterations
        Solver code and iterations of each.
    columns
        One array (scenario, n) per quantity of `levels.summary`; NaN where unsolved.
    notes
        Named choices that hold for all of them.
    """

    names: tuple[str, ...]
    countries: tuple[str, ...]
    results: tuple[str, ...]
    iterations: tuple[int, ...]
    columns: dict[str, Floats]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def to_xarray(self) -> Any:
        """Return the columns as an `xarray.Dataset` by scenario and country."""
        import xarray as xr

        axes = ("scenario", "country")
        data = {name: (axes, values) for name, values in self.columns.items()}
        data |= {"result": ("scenario", list(self.results))}  # type: ignore[dict-item]
        coords = {"scenario": list(self.names), "country": list(self.countries)}
        return xr.Dataset(data, coords=coords, attrs={"readings": "; ".join(self.notes)})


class SolveInterrupted(KeyboardInterrupt):
    """The run was stopped by hand; `partial` holds what was solved until then."""

    def __init__(self, partial: ManyOutcomes) -> None:
        self.partial = partial
        super().__init__(f"interrupted after {len(partial)} scenarios")


def solve_many(
    economy: Economy,
    shocks: Iterable[Shock],
    closure: str | Closure = "zero_deficits",
    *,
    options: SolverOptions = DEFAULTS,
    workers: int | None = None,
    checkpoint: Path | str | None = None,
    cluster: Any = None,
    backend: str = "numpy",
    progress: Callable[[int], None] | None = None,
) -> ManyOutcomes:
    """Return the outcomes of many shocks to one base.

    A scenario without solution is kept with its result code and NaN, and does not stop others.

    Parameters
    ----------
    economy
        Calibrated once for all shocks that keep its elasticities.
    shocks
        May be a generator; only a few are held at a time.
    closure, options
        As in `solve`.
    workers
        Processes; None takes one per core, 1 stays in this process. More than one needs the
        caller's script to have the usual ``if __name__ == "__main__"`` guard.
    checkpoint
        File to which each result is added at once; a later call with the same file, economy and
        options solves only what is missing.
    cluster
        Address of a `dask.distributed` scheduler, or a client, instead of local processes.
    backend
        ``numpy``, or ``jax`` to solve batches on JAX's device, a GPU when there is one.
    progress
        Called with the number of scenarios finished so far.

    Raises
    ------
    InputError
        When the checkpoint belongs to other data or the backend is unknown.
    SolveInterrupted
        On Ctrl-C, with the partial results.

    Examples
    --------
    >>> from advalorem.world import Shock, build_economy, example
    >>> economy = build_economy(example.two_country_tables())
    >>> mobile = [Shock(f"{x}", labour_hat=np.array([x, 1.0])) for x in (1.1, 1.2)]
    >>> solve_many(economy, mobile, workers=1).results
    ('converged', 'converged')
    """
    if backend not in ("numpy", "jax"):
        raise InputError("backend", repr(backend), "unknown", "use numpy or jax")
    rule = as_closure(closure)
    base = calibrate(economy, rule, options=options) if economy.closure != rule.key else economy
    job = Job(base, economy, rule, options)
    store = Store.open(checkpoint, job.fingerprint())
    done: dict[int, Record] = {}
    try:
        todo = _missing(shocks, store, done, progress)
        for at, record in _run(job, todo, workers, cluster, backend):
            done[at] = record
            store.add(record)
            if progress:
                progress(len(done))
    except KeyboardInterrupt as stop:
        raise SolveInterrupted(_collect(job, done)) from stop
    finally:
        store.close()
    return _collect(job, done)


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker needs once: the calibrated base, the raw economy, closure, options."""

    base: Economy
    raw: Economy
    closure: Closure
    options: SolverOptions

    def fingerprint(self) -> str:
        """Return a hash of everything but the shocks."""
        from advalorem.world.store import fingerprint

        base = self.base
        arrays = (base.pi, base.tau, base.gamma, base.alpha, base.theta, base.factor_income)
        return fingerprint(arrays, (self.closure.key, repr(self.options), *base.countries))


def solve_chunk(job: Job, chunk: list[tuple[int, str, Shock]]) -> list[tuple[int, Record]]:
    """Return the records of a few shocks, solved one after the other."""
    return [(at, _one(job, key, shock)) for at, key, shock in chunk]


def _one(job: Job, key: str, shock: Shock) -> Record:
    economy = job.base if shock.theta is None else job.raw
    outcome = solve(economy, shock, job.closure, options=job.options, throw=False)
    columns: dict[str, list[float]] = {}
    if outcome.result == "converged":
        kept = summary(outcome.after, outcome.before.income)
        columns = {name: values.tolist() for name, values in kept.items()}
    return Record(key, shock.name, outcome.result, outcome.iterations, columns)


def _missing(
    shocks: Iterable[Shock], store: Store, done: dict[int, Record], progress: Any
) -> Iterator[tuple[int, str, Shock]]:
    """Yield shocks that are not in the store; take the others from it."""
    for at, shock in enumerate(shocks):
        key = shock_key(shock) if store.path else str(at)
        if key in store.known:
            done[at] = store.known[key]
            if progress:
                progress(len(done))
        else:
            yield at, key, shock


def _run(
    job: Job, todo: Iterator[Any], workers: int | None, cluster: Any, backend: str
) -> Iterator[tuple[int, Record]]:
    count = workers or _cores()
    if backend == "jax":
        yield from _on_jax(job, todo)
    elif cluster is not None:
        from advalorem.world.remote import on_cluster

        yield from on_cluster(cluster, job, _chunks(todo, CHUNK))
    elif count == 1:
        for item in todo:
            yield from solve_chunk(job, [item])
    else:
        yield from _on_processes(job, todo, count)


def _on_processes(job: Job, todo: Iterator[Any], workers: int) -> Iterator[tuple[int, Record]]:
    """Solve chunks in `workers` processes with one linear-algebra thread each."""
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from multiprocessing import get_context

    chunks = _chunks(todo, CHUNK)
    with (
        _one_thread_each(),
        ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_receive, initargs=(job,)
        ) as pool,
    ):
        waiting: set[Future[list[tuple[int, Record]]]] = set()
        try:
            while True:
                for chunk in islice(chunks, 2 * workers - len(waiting)):
                    waiting.add(pool.submit(_work, chunk))
                if not waiting:
                    return
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield from future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _receive(job: Job) -> None:
    """Keep the job for the life of a worker process, and leave Ctrl-C to the parent."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.job = job


class _Worker:
    """The job of this worker process; set once when the process starts."""

    job: Job


def _work(chunk: list[tuple[int, str, Shock]]) -> list[tuple[int, Record]]:
    return solve_chunk(_Worker.job, chunk)


def _on_jax(job: Job, todo: Iterator[Any]) -> Iterator[tuple[int, Record]]:
    """Solve batches on JAX's device; what fails there is tried again by the NumPy solver."""
    from advalorem.world.batched import solve_batch

    for batch in _chunks(todo, BATCH):
        plain = [item for item in batch if item[2].theta is None]
        solved = (
            solve_batch(job.base, [s for _, _, s in plain], job.closure, job.options)
            if plain
            else []
        )
        retry = [item for item in batch if item[2].theta is not None]
        for (at, key, shock), (result, iterations, _, kept) in zip(plain, solved, strict=True):
            if result == "converged":
                columns = {name: values.tolist() for name, values in kept.items()}
                yield at, Record(key, shock.name, result, iterations, columns)
            else:
                retry.append((at, key, shock))
        yield from solve_chunk(job, retry)


def _chunks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(items, size)):
        yield chunk


def _collect(job: Job, done: dict[int, Record]) -> ManyOutcomes:
    records = [done[at] for at in sorted(done)]
    size = len(job.base.countries)
    names = list(dict.fromkeys(name for record in records for name in record.columns))
    empty = [float("nan")] * size
    columns = {
        name: np.array([record.columns.get(name, empty) for record in records]).reshape(-1, size)
        for name in names
    }
    return ManyOutcomes(
        names=tuple(record.name for record in records),
        countries=job.base.countries,
        results=tuple(record.result for record in records),
        iterations=tuple(record.iterations for record in records),
        columns=columns,
        notes=(f"closure: {job.closure.text}", *job.base.readings),
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let child processes start with one linear-algebra thread, so that they do not fight."""
    held = {name: os.environ.get(name) for name in THREAD_LIMITS}
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in held.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
