"""The panel on disk: Parquet by origin class and reading of the claims, with a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from advalorem.law.model import Lawbook
from advalorem.rates.claims import partners
from advalorem.rates.errors import RatesError
from advalorem.rates.panel import OF_AVERAGES, Panel, changes
from advalorem.rates.panel_frames import Rated, class_table, intervals, mixed, rated
from advalorem.rates.panel_span import MANY, done_by
from advalorem.rates.readings import SHELF
from advalorem.rates.tables import data_version

NONE, ALL, USMCA = "none", "all", "usmca_share"
MANIFEST, CLASSES = "manifest.json", "origin_classes.parquet"
Job = tuple[str, int, str]
Entries = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, its files and the rows in them."""

    folder: Path
    files: int
    rows: int
    bytes: int


def check_folder(folder: Path) -> None:
    """Check that a folder may be written to.

    Raises
    ------
    RatesError
        It exists and is not empty, or is no folder.
    """
    if folder.is_file():
        raise RatesError(f"out: {folder} is a file; name a new folder")
    if folder.exists() and any(folder.iterdir()):
        raise RatesError(f"out: {folder} is not empty; name a new folder")


def usmca_readings(book: Lawbook, chosen: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the readings of the USMCA share that are written, in the lawbook's order.

    Raises
    ------
    RatesError
        One of those chosen is no option of the reading.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> usmca_readings(load_lawbook(), ["all", "2024"])
    ('2024', 'all')
    """
    options = tuple(book.readings[SHELF + USMCA].options)
    for option in chosen or ():
        if option not in options:
            known = ", ".join(options)
            raise RatesError(f"{USMCA}: {option!r} is no option; choose one of {known}")
    return tuple(option for option in options if not chosen or option in chosen)


def write_panel(
    book: Lawbook,
    panel: Panel,
    folder: Path,
    expand: bool = False,
    readings: Sequence[str] | None = None,
    helper: Executor | None = None,
) -> Written:
    """Write the panel as Parquet with a manifest, and return what was written.

    Folder `usmca=none` holds every class without a claim, `usmca=all` the lines on which a
    preference is open, at the preference; a folder for each other reading of the USMCA share holds
    its partners at that share. A file holds one class, or with `expand` one country. The bytes
    depend on law, data, days and readings alone.

    Parameters
    ----------
    book : the law
    panel : what `build_panel` returned
    folder : a new folder
    expand : whether to write by country
    readings : readings of the USMCA share to write; all if None
    helper : writes half of the files meanwhile, such as a pool of one process; the bytes are the
        same

    Raises
    ------
    RatesError
        The folder exists and is not empty, or there is no such reading.
    """
    check_folder(folder)
    options = usmca_readings(book, readings)
    jobs = list(_jobs(panel, options))
    entries = [entry for done in _shared(panel, folder, jobs, expand, helper) for entry in done]
    folder.mkdir(parents=True, exist_ok=True)
    entries.append(_write(folder, CLASSES, class_table(panel)))
    manifest = _manifest(book, rated(panel), options, entries, expand)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    rows = sum(int(entry["rows"]) for entry in entries)
    return Written(folder, len(entries) + 1, rows, sum(int(entry["bytes"]) for entry in entries))


def _shared(
    panel: Panel, folder: Path, jobs: list[Job], expand: bool, helper: Executor | None
) -> list[Entries]:
    """Return the files of every table, every second one of them written by the helper."""
    if helper is None or len(jobs) < MANY:
        return write_some(panel, folder, jobs, expand)
    mine, theirs = jobs[0::2], jobs[1::2]
    later = helper.submit(write_some, panel, folder, theirs, expand)
    done: list[Entries] = [[] for _ in jobs]
    done[0::2] = write_some(panel, folder, mine, expand)
    rest = done_by(later, lambda: write_some(panel, folder, theirs, expand))
    done[1::2] = rest
    return done


def write_some(panel: Panel, folder: Path, jobs: list[Job], expand: bool) -> list[Entries]:
    """Write the files of some tables and return what the manifest says of them, by table."""
    rates = rated(panel)
    return [_write_one(rates, folder, job, expand) for job in jobs]


def _jobs(panel: Panel, options: Sequence[str]) -> Iterator[Job]:
    """Yield reading, class and country (for the mixed readings) of every table, heaviest first."""
    between = [option for option in options if option not in (NONE, ALL)]
    classes = range(len(panel.origins.standing))
    for number in classes:
        for country in panel.origins.members(number):
            if country in partners():
                yield from ((option, number, country) for option in between)
    for option in (NONE, ALL):
        if option in options:
            yield from ((option, number, "") for number in classes)


def _write_one(rates: Rated, folder: Path, job: Job, expand: bool) -> Entries:
    """Write the files of one table."""
    reading, number, country = job
    if country:
        frame = mixed(rates, number, country, reading)
    else:
        found = changes(rates.panel, number, reading == ALL)
        if found is None:
            return []
        frame = intervals(rates, number, found)
    return [
        _write(folder, f"usmca={reading}/{name}.parquet", table)
        for name, table in _named(rates.panel, number, frame, expand)
    ]


def _named(
    panel: Panel, number: int, frame: pl.DataFrame, expand: bool
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the file name and table of a class, or of each of its countries."""
    if not expand:
        yield f"origin_class={number:03d}", frame
        return
    rest = [name for name in frame.columns if name != "origin_class"]
    for country in panel.origins.members(number):
        named = frame.with_columns(pl.lit(country).alias("country"))
        yield f"country={country}", named.select(rest[0], "country", *rest[1:])


def _write(folder: Path, name: str, table: pl.DataFrame) -> dict[str, Any]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path, compression="zstd", compression_level=1, statistics=False)
    raw = path.read_bytes()
    return {
        "file": name,
        "rows": table.height,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }


def _manifest(
    book: Lawbook,
    rates: Rated,
    options: Sequence[str],
    entries: Entries,
    expand: bool,
) -> dict[str, Any]:
    """Return what the panel is, for whoever reads it without this package."""
    panel, names = rates.panel, list(rates.names)
    if expand:
        names[names.index("origin_class")] = "country"
    chosen = {name: option for name, option in panel.readings.names().items()
              if name not in (USMCA, *OF_AVERAGES)}  # fmt: skip
    words = book.readings[SHELF + USMCA].options
    return {
        "importer": panel.importer,
        "ruleset_version": book.version,
        "data_version": data_version(),
        "known_on": panel.known_on.isoformat(),
        "from": panel.days[0].isoformat(),
        "until": (panel.until - timedelta(days=1)).isoformat() if panel.until else None,
        "epochs": [day.isoformat() for day in panel.days],
        "origin_classes": len(panel.origins.standing),
        "lines": len(panel.lines),
        "unit": "fraction of the customs value of one standard shipment",
        "days": "valid_from is the first day, valid_until the first day after; null: to the end",
        "readings": chosen,
        "usmca": {option: words[option] for option in options},
        "usmca_note": "a folder holds what its reading changes; elsewhere usmca=none stands",
        "columns": names,
        "files": entries,
    }


def verify(folder: Path) -> list[str]:
    """Return the files of a written panel that are missing or whose bytes are not the manifest's.

    Raises
    ------
    RatesError
        The folder holds no manifest.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise RatesError(f"panel: {folder} holds no {MANIFEST}; write the panel there first")
    wrong = []
    for entry in json.loads(path.read_text())["files"]:
        file = folder / entry["file"]
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            wrong.append(entry["file"])
    return wrong
