"""Rate files: one file into one file, or anything into a folder of parts that can be resumed."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache, partial
from hashlib import file_digest
from pathlib import Path

import polars as pl

from advalorem.batch.cache import open_rater, save
from advalorem.batch.cells import Reading
from advalorem.batch.columns import ADDED, NEEDED, NOTICES, ColumnError, recognise
from advalorem.batch.intake import Intake
from advalorem.batch.memory import keep_freed
from advalorem.batch.notices import check_covered, refused_origins, units_named
from advalorem.batch.output import Rejects, ledger_folder, opened_output
from advalorem.batch.part import MONEY, Part, Sums, numbered, rate_part, renumbered
from advalorem.batch.rater import Rater
from advalorem.batch.sources import (
    KINDS,
    ROWS,
    STDIN,
    Chunk,
    Source,
    files_in,
    open_source,
    urls_in,
)
from advalorem.batch.store import ENDING_OF_REJECTS, ENDING_OF_SUMS, Store, encoded
from advalorem.law.model import Lawbook
from advalorem.schedule.key import BookKey

THREADS = 2
JOB = "job.json"
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are rated: importer, day of knowledge, columns told, doubtful cells, parts.

    `cache` is a folder in which what was decided is kept for the next run. `ledger` asks for
    the lines of every row, in a folder beside the output; `notices` for a column of them.
    """

    importer: str
    known_on: date
    mapping: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    rows: int = ROWS
    threads: int = THREADS
    sheet: str | None = None
    resume: bool = False
    cache: str | None = None
    ledger: bool = False
    notices: bool = False


@lru_cache(maxsize=4)
def _rater(key: BookKey, importer: str, known_on: date, cache: str | None, ledger: bool) -> Rater:
    keep_freed()
    return open_rater(key.book, importer, known_on, Path(cache) if cache else None, ledger)


def rater_of(book: Lawbook, options: Options) -> Rater:
    """Return the law made ready, once for each law, importer and day of knowledge."""
    return _rater(BookKey(book), options.importer, options.known_on, options.cache, options.ledger)


def keep(rater: Rater, options: Options) -> None:
    """Keep what was decided for the next run, where a folder for it is told and it is much."""
    if options.cache and rater.grown:
        with suppress(OSError):
            save(rater, Path(options.cache))


def intake_of(book: Lawbook, options: Options, source: Source) -> Intake:
    """Return the reader of a file's tables.

    Raises
    ------
    ColumnError
        A needed column is not found, or a column has the name of a result.
    CoverageError
        Nothing of the importer is coded.
    """
    fields = _fields(book, options, source)
    chapters = tuple(book.columns[options.importer].claimed_chapters)
    refused, rater = refused_origins(book, options.importer), rater_of(book, options)
    named = partial(units_named, rater)
    return Intake(book, fields, options.reading, rater.codes, chapters, refused, named)


def _fields(book: Lawbook, options: Options, source: Source) -> dict[str, str]:
    """Return the column of each field of a file."""
    check_covered(book, options.importer, options.known_on)
    taken = [name for name in added_names(options) if name in source.columns]
    if taken:
        raise ColumnError(f"columns {', '.join(taken)} have the names of results; rename them")
    return recognise(source.columns, options.mapping, book.facts, NEEDED)


def rate_chunk(rater: Rater, intake: Intake, chunk: Chunk, notices: bool = False) -> Part:
    """Return the rated part of a chunk, its rejects numbered as in the file."""
    part = rate_part(rater, intake, chunk.table, chunk.first_row, notices)
    if not chunk.misfits:
        return part
    part.sums.rows += len(chunk.misfits)
    part.sums.refused.update(f"row {each.reason}" for each in chunk.misfits)
    rejects, ledger = numbered(part.rejects, chunk), renumbered(part.ledger, chunk)
    return Part(part.table, rejects, part.sums, ledger)


def added_names(options: Options) -> tuple[str, ...]:
    """Return the names of the columns of results."""
    return (*ADDED, NOTICES) if options.notices else ADDED


def rated_schema(source: Source, options: Options) -> pl.Schema:
    """Return the columns of the output: those of the input and the results."""
    text = ("outcome", "questions", NOTICES)
    kinds = {name: pl.String() if name in text else MONEY for name in added_names(options)}
    return pl.Schema({**source.schema, **kinds})


def rate_file(
    book: Lawbook,
    source: Source,
    out: str,
    options: Options,
    progress: Progress,
    rejects: Rejects = None,
) -> Sums:
    """Rate one file into one file, or `-`; see `advalorem.batch.output.opened_output`."""
    intake = intake_of(book, options, source)
    rater = rater_of(book, options)
    sums = Sums()
    schema = rated_schema(source, options)
    with opened_output(source, out, schema, rejects, options.ledger) as output:
        for part in _parts(rater, intake, source.chunks(options.rows), options):
            output.write(part.table, part.rejects, part.ledger)
            sums.add(part.sums)
            progress(part.sums.rows)
    keep(rater, options)
    return sums


def _parts(
    rater: Rater, intake: Intake, chunks: Iterator[Chunk], options: Options
) -> Iterator[Part]:
    """Yield rated chunks in order, a few at a time in threads."""
    waiting: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(options.threads) as pool:
        for chunk in chunks:
            waiting.append(pool.submit(rate_chunk, rater, intake, chunk, options.notices))
            if len(waiting) > options.threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True, slots=True)
class Job:
    """A folder of parts to be made: what from, how, and by which law."""

    sources: tuple[Source, ...]
    out: str
    kind: str
    options: Options
    law: str

    def identity(self) -> dict[str, object]:
        """Return what must be the same when a job is resumed."""
        how = asdict(self.options)
        for name in ("resume", "threads", "cache"):
            del how[name]
        names = [Path(source.name or source.path).name for source in self.sources]
        contents = [_digest(source) for source in self.sources]
        known = how.pop("known_on")
        return {"files": names, "contents": contents, "kind": self.kind, "law": self.law,
                "known_on": str(known), **how}  # fmt: skip


class ResumeError(ValueError):
    """A folder of parts cannot be used; the message says why and what to do."""


def _digest(source: Source) -> str | None:
    """Return a digest of a file's content, None where it lies behind a URL."""
    path = Path(source.path)
    if not path.exists():
        return None
    with path.open("rb") as file:
        return file_digest(file, "blake2b").hexdigest()[:32]


def rate_folder(book: Lawbook, job: Job, progress: Progress) -> Sums:
    """Rate files into a folder of parts; parts that stand there complete are left alone.

    Raises
    ------
    ResumeError
        The folder holds something else, or parts of another job.
    """
    for source in job.sources:
        check_columns(book, job.options, source)
    prepare(job)
    sums = Sums()
    for number, source in enumerate(job.sources):
        for part in _written(book, job, number, source):
            sums.add(part)
            progress(part.rows)
    finish(job)
    keep(rater_of(book, job.options), job.options)
    return sums


def check_columns(book: Lawbook, options: Options, source: Source) -> None:
    """Raise where a file's columns cannot be used."""
    _fields(book, options, source)


def _written(book: Lawbook, job: Job, number: int, source: Source) -> Iterator[Sums]:
    """Yield the sums of the parts of one source, written in threads."""
    intake, rater = intake_of(book, job.options, source), rater_of(book, job.options)
    waiting: deque[Future[Sums]] = deque()
    with ThreadPoolExecutor(job.options.threads) as pool:
        for at, chunk in enumerate(source.chunks(job.options.rows)):
            waiting.append(pool.submit(write_chunk, job, rater, intake, number, at, chunk))
            if len(waiting) > job.options.threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def prepare(job: Job) -> None:
    """Note down a job in its folder, or check that the folder holds parts of the same job."""
    store = Store(job.out)
    wanted = (json.dumps(job.identity(), indent=1, sort_keys=True) + "\n").encode()
    if not store.names():
        _check_ledger(job)
        store.write(JOB, wanted)
        return
    if not job.options.resume:
        raise ResumeError(f"{job.out} is not empty; go on with --resume, or name another folder")
    if store.read(JOB) != wanted:
        raise ResumeError(
            f"{job.out} holds parts of other files, another law or other options; "
            "name another folder"
        )


def _check_ledger(job: Job) -> None:
    """Raise where lines of something else stand where those of a new job go."""
    place = ledger_folder(job.out)
    if job.options.ledger and Store(place).names():
        raise ResumeError(f"{place} is not empty; remove it, or name another folder for the output")


def finish(job: Job) -> None:
    """Remove what runs that were cut short left behind."""
    Store(job.out).tidy()
    if job.options.ledger:
        Store(ledger_folder(job.out)).tidy()


def part_name(job: Job, source: int, number: int) -> str:
    """Return the name of a part: that of its source, and its number."""
    stem = Path(job.sources[source].name or job.sources[source].path).stem
    prefix = f"{source:04d}-{stem}" if len(job.sources) > 1 else stem
    return f"{prefix}-{number:05d}.{job.kind}"


def write_part(book: Lawbook, job: Job, source: int, number: int) -> Sums:
    """Rate one part of a Parquet file and write it; return its sums.

    This is what a worker does; the law is made ready once in each process.
    """
    file = job.sources[source]
    chunk = next(file.chunks(job.options.rows, skip=number))
    rater, intake = rater_of(book, job.options), intake_of(book, job.options, file)
    return write_chunk(job, rater, intake, source, number, chunk)


def write_chunk(
    job: Job, rater: Rater, intake: Intake, source: int, number: int, chunk: Chunk
) -> Sums:
    """Rate one chunk into its part, unless the part stands already; return its sums.

    The part itself is written last: where it stands, its rejects and sums stand too.
    """
    store, name = Store(job.out), part_name(job, source, number)
    known = store.read(name + ENDING_OF_SUMS)
    if known is not None and store.has(name):
        return sums_from(known.decode())
    part = rate_chunk(rater, intake, chunk, job.options.notices)
    if part.rejects.height:
        store.write(name + ENDING_OF_REJECTS, encoded(part.rejects, "csv"))
    if part.ledger is not None:
        beside = Store(ledger_folder(job.out))
        beside.write(f"{Path(name).stem}.parquet", encoded(part.ledger, "parquet"))
    store.write(name + ENDING_OF_SUMS, sums_text(part.sums).encode())
    store.write(name, encoded(part.table, job.kind))
    return part.sums


def sums_text(sums: Sums) -> str:
    """Return sums as JSON.

    >>> sums_from(sums_text(Sums(rows=3))).rows
    3
    """
    data: dict[str, object] = {name: getattr(sums, name) for name in AMOUNTS}
    data |= {name: dict(getattr(sums, name)) for name in COUNTS}
    return json.dumps(data, indent=1, sort_keys=True) + "\n"


AMOUNTS = ("rows", "duty", "fees", "value")
COUNTS = ("outcomes", "refused", "authorities", "notices")


def sums_from(text: str) -> Sums:
    """Return sums from JSON."""
    data = json.loads(text)
    sums = Sums(**{name: data[name] for name in AMOUNTS})
    for name in COUNTS:
        getattr(sums, name).update(data[name])
    return sums


def sources_of(
    given: str, sheet: str | None, told: Mapping[str, str] | None = None, out: str | None = None
) -> tuple[Source, ...]:
    """Return the files that a path stands for: itself, or those in a folder but not under `out`.

    A URL without an ending stands for the Parquet files of a folder.
    """
    path = Path(given)
    if "://" in given and not path.suffix:
        return tuple(open_source(url, sheet, told) for url in urls_in(given))
    if given != STDIN and path.is_dir():
        files = files_in(path, Path(out) if out else None)
        sheets = [sheet if KINDS[each.suffix.lower()] == "xlsx" else None for each in files]
        return tuple(open_source(each, one, told) for each, one in zip(files, sheets, strict=True))
    return (open_source(given, sheet, told),)
