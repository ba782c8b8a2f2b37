"""`advalorem batch`: rate files of shipments."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from errno import EPIPE
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from advalorem.cli.errors import read_day_or_none, refuse, refusing
from advalorem.cli.shipment import Importer, KnownOn, iso2

if TYPE_CHECKING:
    from advalorem.batch.part import Sums
    from advalorem.batch.run import Options
    from advalorem.batch.sources import Source
    from advalorem.law.model import Lawbook

app = typer.Typer()
REASONS = 20
"""Most reasons that a summary names."""


class Order(StrEnum):
    """The order of the parts of a date."""

    iso = "iso"
    mdy = "mdy"
    dmy = "dmy"


class Mark(StrEnum):
    """What sets off cents."""

    point = "point"
    comma = "comma"


class Kind(StrEnum):
    """Kinds of files to write parts in."""

    parquet = "parquet"
    csv = "csv"


Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", help="Which column holds what, as field=COLUMN; may be repeated."),
]
Dates = Annotated[
    Order | None, typer.Option("--dates", help="Order of doubtful dates such as 03/04/2025.")
]
Decimals = Annotated[Mark, typer.Option("--decimal", help="What sets off cents.")]
Zeros = Annotated[
    bool, typer.Option("--restore-zeros", help="Give codes of 7 or 9 digits their leading zero.")
]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", help="File of refused rows; OUT.rejects if left out."),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Keep nothing that was decided for the next run.")
]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="Sheet of a workbook; the first if left out.")
]


def _lasting_law() -> Lawbook:
    """Return the law; it stays to the end, so collecting garbage need not walk it."""
    from advalorem.law.load import load_lawbook

    book = load_lawbook()
    gc.freeze()
    return book


@app.command()
def batch(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="CSV, XLSX or Parquet file, folder, or - (stdin).")
    ],
    out: Annotated[str, typer.Option("--out", help="File, folder of parts, or - (CSV).")],
    rejects: Rejects = None,
    mapping: Mapping = None,
    importer: Importer = None,
    known_on: KnownOn = None,
    dates: Dates = None,
    decimal: Decimals = Mark.point,
    restore_zeros: Zeros = False,
    sheet: SheetName = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a folder of parts that was cut short.")
    ] = False,
    kind: Annotated[Kind, typer.Option("--parts", help="What parts are written in.")] = (
        Kind.parquet
    ),
    rows: Annotated[
        int | None, typer.Option("--rows", min=1, help="Rows in a part; 250,000 if left out.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
    no_cache: NoCache = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Keep each row's lines in OUT.ledger, as Parquet.")
    ] = False,
    notices: Annotated[
        bool,
        typer.Option("--notices", help="Add a column of what the law says but is not computed."),
    ] = False,
    summary_to: Annotated[
        Path | None, typer.Option("--summary", help="Write the summary to this file, as JSON.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Address of a dask scheduler, or local:N for N workers."),
    ] = None,
) -> None:
    """Rate every row of files: outcome, duty with its bounds, fees, and the questions left.

    The output holds the input's columns and six more. Rows that cannot be read go to OUT.rejects
    with the reason, or to stderr where OUT is -. A file is complete or not there; a folder of
    parts can be resumed. Exit codes: 0 rated, refused rows included; 2 bad input.
    """
    with refusing(), refusing_files():
        book = _lasting_law()
        options = make_options(book, mapping, importer, known_on, dates, decimal, restore_zeros,
                               sheet, rows, threads, resume, no_cache, ledger,
                               notices)  # fmt: skip
        sums = _run(book, source, out, options, kind.value, cluster, rejects)
        if summary_to is not None:
            write_summary(summary_to, sums)
    typer.echo(summary(sums), err=True)


def write_summary(path: Path, sums: Sums) -> None:
    """Write the counts and sums of a run as JSON; money as text."""
    from advalorem.batch.sinks import replacing

    told = {
        "rows": sums.rows, "outcomes": sums.outcomes, "refused": sums.refused,
        "value": plain(sums.value), "duty": plain(sums.duty), "fees": plain(sums.fees),
        "duty_by_authority": {name: plain(cents) for name, cents in sums.authorities.items()},
        "notices": sums.notices,
    }  # fmt: skip
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def plain(cents: int) -> str:
    """Return cents as an amount without signs between thousands.

    >>> plain(123456)
    '1234.56'
    """
    return money(cents).replace(",", "")


def make_options(
    book: Lawbook,
    mapping: list[str] | None,
    importer: str | None,
    known_on: str | None,
    dates: Order | None,
    decimal: Mark,
    restore_zeros: bool,
    sheet: str | None,
    rows: int | None = None,
    threads: int = 2,
    resume: bool = False,
    no_cache: bool = False,
    ledger: bool = False,
    notices: bool = False,
) -> Options:
    """Return the options of a run from those of the command line."""
    from advalorem.batch.cells import Reading
    from advalorem.batch.columns import read_mapping
    from advalorem.batch.run import Options
    from advalorem.batch.sources import ROWS

    mark: Literal[".", ","] = "," if decimal is Mark.comma else "."
    return Options(
        importer=iso2(importer, "importer") if importer else book.default_importer,
        known_on=read_day_or_none("known_on", known_on) or book.newest_act,
        mapping=read_mapping(mapping or []),
        reading=Reading(dates.value if dates else None, mark, restore_zeros),
        rows=rows or ROWS, threads=threads, sheet=sheet, resume=resume,
        cache=None if no_cache else str(cache_folder()), ledger=ledger,
        notices=notices,
    )  # fmt: skip


def cache_folder() -> Path:
    """Return the user's folder for what programs keep between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "advalorem"


def _run(
    book: Lawbook,
    given: str,
    out: str,
    options: Options,
    kind: str,
    cluster: str | None,
    rejects: Path | None,
) -> Sums:
    """Rate into a file, or into a folder where the output has no ending of a kind of file."""
    from advalorem.batch.output import is_file
    from advalorem.batch.run import Job, rate_file, rate_folder, sources_of
    from advalorem.batch.text import SourceError

    single = is_file(out)
    sources = sources_of(given, options.sheet, options.mapping, out)
    if not sources:
        raise SourceError(f"{given}: the folder holds no CSV, XLSX or Parquet file")
    say_sheets(sources)
    say_law(book, options)
    with progress_bar([source.rows or source.about for source in sources]) as advance:
        if single and cluster is None:
            if len(sources) > 1:
                raise SourceError(f"{out}: several files go into a folder; name one")
            return rate_file(book, sources[0], out, options, advance, rejects_to(out, rejects))
        if rejects is not None:
            raise SourceError(f"{rejects}: a folder of parts keeps rejects beside each part")
        job = Job(sources, out, kind, options, book.version)
        if cluster is not None:
            from advalorem.batch.cluster import rate_on_cluster

            return rate_on_cluster(book, job, cluster, advance)
        return rate_folder(book, job, advance)


def say_sheets(sources: Sequence[Source]) -> None:
    """Say on stderr which sheets of workbooks are not read."""
    for source in sources:
        if source.other_sheets:
            names = ", ".join(map(repr, source.other_sheets))
            text = f"note: {source.name}: the first sheet is read; --sheet reads another: {names}"
            typer.echo(text, err=True)


def say_law(book: Lawbook, options: Options) -> None:
    """Say on stderr what the amounts leave out, and that nothing newer than an act is coded."""
    column = book.columns.get(options.importer)
    if column is not None and not column.held:
        typer.echo(f"note: {column.title}: {column.note}", err=True)
    if options.known_on > book.newest_act:
        text = f"note: known on {options.known_on}: no act after {book.newest_act} is coded"
        typer.echo(text, err=True)


def rejects_to(out: str, rejects: Path | None) -> Any:
    """Return where rejects go: as told, to stderr beside standard output, else to OUT.rejects."""
    return sys.stderr.buffer if out == "-" and rejects is None else rejects


def progress_bar(known: list[int | None]) -> Any:
    """Return a context whose value is called with the rows done: a bar on a terminal.

    `known` holds the rows of each file, as far as known or estimated.
    """
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:,.0f} rows/s")

    total = None if None in known else sum(filter(None, known))

    @contextmanager
    def bar() -> Any:
        console = Console(stderr=True)
        columns = (BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("rows", total=total)
            yield lambda rows: progress.advance(task, rows)
            progress.update(task, total=progress.tasks[task].completed)

    return bar()


def refusing_files() -> Any:
    """Return a context that turns the errors of files and columns into exit code 2."""
    from contextlib import contextmanager

    from advalorem.batch.columns import ColumnError
    from advalorem.batch.run import ResumeError
    from advalorem.batch.sinks import SinkError
    from advalorem.batch.text import SourceError

    @contextmanager
    def turning() -> Any:
        try:
            yield
        except (SourceError, SinkError, ColumnError, ResumeError) as error:
            refuse(str(error))
        except OSError as error:
            if error.errno == EPIPE or "Broken pipe" in str(error):
                raise BrokenPipeError(EPIPE, "Broken pipe") from None
            refuse(f"{error.filename or 'files'}: {error.strerror or error}")

    return turning()


def summary(sums: Sums) -> str:
    """Return the counts and sums of a run in words."""
    lines = [f"rows: {sums.rows:,}"]
    lines += [f"  {name}: {count:,}" for name, count in sums.outcomes.most_common()]
    refused = sum(sums.refused.values())
    lines.append(f"refused: {refused:,}")
    lines += [f"  {reason}: {count:,}" for reason, count in sums.refused.most_common(REASONS)]
    rest = sum(count for _, count in sums.refused.most_common()[REASONS:])
    lines += [f"  other reasons: {rest:,}"] if rest else []
    lines.append(f"customs value: {money(sums.value)}")
    lines.append(f"duty of assessed rows: {money(sums.duty)}")
    lines += [f"  {name}: {money(cents)}" for name, cents in sums.authorities.most_common()]
    lines.append(f"fees: {money(sums.fees)}")
    lines += [f"notice for {n:,} rows: {words}" for words, n in sums.notices.most_common()]
    return "\n".join(lines)


def money(cents: int) -> str:
    """Return cents as an amount.

    >>> money(123456), money(-5)
    ('1,234.56', '-0.05')
    """
    sign, cents = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"
