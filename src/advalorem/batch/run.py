"""Rate files: one file into one file, or anything into a folder of parts that can be resumed."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from advalorem.batch.cells import Reading
from advalorem.batch.columns import ADDED, NEEDED, ColumnError, recognise
from advalorem.batch.intake import Intake
from advalorem.batch.part import MONEY, REJECTS, Part, Sums, rate_part
from advalorem.batch.rater import Rater
from advalorem.batch.sinks import CsvSink, Sink, open_sink, replacing, standard_output
from advalorem.batch.sources import KINDS, ROWS, Chunk, Source, files_in, open_source
from advalorem.law.model import Lawbook
from advalorem.schedule.epochs import BookKey

THREADS = 2
JOB = "job.json"
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are rated: importer, day of knowledge, columns told, doubtful cells, parts."""

    importer: str
    known_on: date
    mapping: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    rows: int = ROWS
    threads: int = THREADS
    sheet: str | None = None
    resume: bool = False


@lru_cache(maxsize=4)
def _rater(key: BookKey, importer: str, known_on: date) -> Rater:
    return Rater(key.book, importer, known_on)


def rater_of(book: Lawbook, options: Options) -> Rater:
    """Return the law made ready, once for each law, importer and day of knowledge."""
    return _rater(BookKey(book), options.importer, options.known_on)


def intake_of(book: Lawbook, options: Options, source: Source) -> Intake:
    """Return the reader of a file's tables.

    Raises
    ------
    ColumnError
        A needed column is not found, or a column has the name of a result.
    """
    taken = [name for name in ADDED if name in source.columns]
    if taken:
        raise ColumnError(f"columns {', '.join(taken)} have the names of results; rename them")
    fields = recognise(source.columns, options.mapping, book.facts, NEEDED)
    chapters = tuple(book.columns[options.importer].claimed_chapters)
    return Intake(book, fields, options.reading, rater_of(book, options).codes, chapters)


def rate_chunk(rater: Rater, intake: Intake, chunk: Chunk) -> Part:
    """Return the rated part of a chunk, its rejects numbered as in the file."""
    part = rate_part(rater, intake, chunk.table, chunk.first_row)
    if not chunk.misfits:
        return part
    numbers = pl.Series(chunk.numbers, dtype=pl.Int64)
    at = part.rejects["row"] - chunk.first_row
    known = part.rejects.with_columns(row=numbers.gather(at))
    rows = [(each.row, "row", each.reason, "mend the row", each.content) for each in chunk.misfits]
    misfits = pl.DataFrame(rows, schema=REJECTS, orient="row")
    part.sums.rows += len(rows)
    part.sums.refused.update(f"row {each.reason}" for each in chunk.misfits)
    return Part(part.table, pl.concat([known, misfits]).sort("row"), part.sums)


def rated_schema(source: Source) -> pl.Schema:
    """Return the columns of the output: those of the input and the results."""
    text = ("outcome", "questions")
    return pl.Schema(
        {**source.schema, **{name: pl.String() if name in text else MONEY for name in ADDED}}
    )


def rate_file(
    book: Lawbook, source: Source, out: str, options: Options, progress: Progress
) -> Sums:
    """Rate one file into one file, written under a temporary name and renamed at the end.

    Rejects go to `OUT.rejects`, which is removed where there are none; `-` writes CSV to
    standard output.
    """
    intake = intake_of(book, options, source)
    rater = rater_of(book, options)
    if out == "-":
        sink = standard_output(rated_schema(source))
        return _stream(rater, intake, source, options, sink, io.BytesIO(), progress)
    path = Path(out)
    refused = path.with_name(path.name + ".rejects")
    with replacing(path) as temporary, replacing(refused) as bad:
        sink, close = open_sink(temporary, kind_of(path), rated_schema(source))
        with bad.open("wb") as file:
            sums = _stream(rater, intake, source, options, sink, file, progress)
        close()
    if not sums.refused:
        refused.unlink(missing_ok=True)
    return sums


def kind_of(path: Path) -> str:
    """Return the kind of a file to write: by its ending, CSV where it says nothing.

    >>> kind_of(Path("a.parquet")), kind_of(Path("a"))
    ('parquet', 'csv')
    """
    return KINDS.get(path.suffix.lower(), "csv")


def _stream(
    rater: Rater,
    intake: Intake,
    source: Source,
    options: Options,
    sink: Sink,
    refused: io.BufferedIOBase | io.BytesIO,
    progress: Progress,
) -> Sums:
    """Rate the chunks of a source in threads, and write them in order."""
    sums = Sums()
    bad = CsvSink(refused, pl.Schema(REJECTS))  # type: ignore[arg-type]
    try:
        for part in _parts(rater, intake, source.chunks(options.rows), options.threads):
            sink.write(part.table)
            if part.rejects.height:
                bad.write(part.rejects)
            sums.add(part.sums)
            progress(part.sums.rows)
    finally:
        sink.close()
    bad.close()
    return sums


def _parts(rater: Rater, intake: Intake, chunks: Iterator[Chunk], threads: int) -> Iterator[Part]:
    """Yield rated chunks in order, a few at a time in threads."""
    waiting: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for chunk in chunks:
            waiting.append(pool.submit(rate_chunk, rater, intake, chunk))
            if len(waiting) > threads:
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
        for name in ("resume", "threads"):
            del how[name]
        sizes = [_size(source) for source in self.sources]
        names = [source.path for source in self.sources]
        known = how.pop("known_on")
        return {"files": names, "sizes": sizes, "kind": self.kind, "law": self.law,
                "known_on": str(known), **how}  # fmt: skip


class ResumeError(ValueError):
    """A folder of parts cannot be used; the message says why and what to do."""


def _size(source: Source) -> int | None:
    path = Path(source.path.partition("\n")[0])
    return path.stat().st_size if path.exists() else None


def rate_folder(book: Lawbook, job: Job, progress: Progress) -> Sums:
    """Rate files into a folder of parts; parts that stand there complete are left alone.

    Raises
    ------
    ResumeError
        The folder holds something else, or parts of another job.
    """
    prepare(job)
    sums = Sums()
    for number, source in enumerate(job.sources):
        intake = intake_of(book, job.options, source)
        rater = rater_of(book, job.options)
        with ThreadPoolExecutor(job.options.threads) as pool:
            waiting: deque[Future[Sums]] = deque()
            for at, chunk in enumerate(source.chunks(job.options.rows)):
                waiting.append(pool.submit(write_chunk, job, rater, intake, number, at, chunk))
                while len(waiting) > job.options.threads or (waiting and waiting[0].done()):
                    _take(sums, waiting.popleft().result(), progress)
            while waiting:
                _take(sums, waiting.popleft().result(), progress)
    finish(job, sums)
    return sums


def _take(sums: Sums, part: Sums, progress: Progress) -> None:
    sums.add(part)
    progress(part.rows)


def prepare(job: Job) -> None:
    """Make the folder of a job, or check that it holds parts of the same job."""
    folder = Path(job.out)
    note, wanted = folder / JOB, json.dumps(job.identity(), indent=1, sort_keys=True) + "\n"
    if folder.exists() and any(folder.iterdir()):
        if not job.options.resume:
            raise ResumeError(f"{folder} is not empty; go on with --resume, or name another folder")
        if not note.exists() or note.read_text(encoding="utf-8") != wanted:
            raise ResumeError(
                f"{folder} holds parts of other files, another law or other options; "
                "name another folder"
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(note) as temporary:
        temporary.write_text(wanted, encoding="utf-8")


def finish(job: Job, sums: Sums) -> None:
    """Remove what unfinished runs left behind."""
    for path in Path(job.out).glob(".*.unfinished"):
        path.unlink(missing_ok=True)


def part_path(job: Job, source: int, number: int) -> Path:
    """Return the file of a part: the name of its source and the number of the part."""
    stem = Path(job.sources[source].path.partition("\n")[0]).stem
    prefix = f"{source:04d}-{stem}" if len(job.sources) > 1 else stem
    return Path(job.out) / f"{prefix}-{number:05d}.{job.kind}"


def write_chunk(
    job: Job, rater: Rater, intake: Intake, source: int, number: int, chunk: Chunk
) -> Sums:
    """Rate one chunk into its part, unless the part stands already; return its sums."""
    path = part_path(job, source, number)
    note = path.with_name(path.name + ".sums.json")
    if path.exists() and note.exists():
        return sums_from(note.read_text(encoding="utf-8"))
    part = rate_chunk(rater, intake, chunk)
    schema = rated_schema(job.sources[source])
    if part.rejects.height:
        with replacing(path.with_name(path.name + ".rejects")) as bad, bad.open("wb") as file:
            CsvSink(file, pl.Schema(REJECTS)).write(part.rejects)
    with replacing(note) as temporary:
        temporary.write_text(sums_text(part.sums), encoding="utf-8")
    with replacing(path) as temporary:
        sink, close = open_sink(temporary, job.kind, schema)
        sink.write(part.table)
        sink.close()
        close()
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
COUNTS = ("outcomes", "refused", "authorities")


def sums_from(text: str) -> Sums:
    """Return sums from JSON."""
    data = json.loads(text)
    sums = Sums(**{name: data[name] for name in AMOUNTS})
    for name in COUNTS:
        getattr(sums, name).update(data[name])
    return sums


def sources_of(given: str, sheet: str | None) -> tuple[Source, ...]:
    """Return the files that a path stands for: itself, or those in a folder."""
    path = Path(given)
    if given != "-" and path.is_dir():
        return tuple(open_source(each, sheet) for each in files_in(path))
    return (open_source(given, sheet),)
