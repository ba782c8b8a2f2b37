"""The panel on disk: Parquet by origin class and reading of the claims, with a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.law.model import Lawbook
from advalorem.rates.claims import claim_shares_of, held_months, partners
from advalorem.rates.errors import RatesError
from advalorem.rates.panel import FLAGS, GONE, LACKING, Changes, Panel, Small
from advalorem.schedule.model import Int, Mask

NONE, CLAIMED = "none", "claimed"
MIXED = ("2024", "h2_2025", "month")
"""Readings of the USMCA share that lie between no claim and every claim."""
MANIFEST, CLASSES = "manifest.json", "origin_classes.parquet"
THREADS = 2


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, its files and the rows in them."""

    folder: Path
    files: int
    rows: int
    bytes: int


def intervals(panel: Panel, number: int, changes: Changes) -> pl.DataFrame:
    """Return one variant as intervals: a row for each line and span of days at the same rates.

    Columns: `hts10, origin_class, valid_from, valid_until, rate`, `rate_<authority>`, and a flag
    each of `FLAGS`; rates as fractions of the customs value, `valid_until` the first day no longer
    covered, null while open; the last column marks a rate for which a quantity is not held. Sorted
    by line and day.
    """
    start = np.array([day.toordinal() for day in panel.days])[changes.epoch]
    until, last = _ends(changes.line, start)
    kept = changes.cell != GONE
    frame = _rated(panel, changes.line[kept], changes.cell[kept], changes.ordinary[kept])
    frame = frame.with_columns(pl.Series(LACKING, changes.lacking[kept]))
    return _dated(panel, frame, number, start[kept], until[kept], last[kept])


def _ends(line: Small, start: Int) -> tuple[Int, Mask]:
    """Return the day on which each row's line next changes, and which rows are a line's last."""
    last = np.ones(len(line), dtype=bool)
    last[:-1] = line[1:] != line[:-1]
    until = np.zeros(len(line), dtype=np.int64)
    until[:-1] = start[1:]
    return until, last


def _dated(
    panel: Panel, frame: pl.DataFrame, number: int, start: Int, until: Int, last: Mask
) -> pl.DataFrame:
    """Return rated lines with their class and days."""
    epoch = date(1970, 1, 1).toordinal()
    ends = pl.Series("valid_until", until - epoch, dtype=pl.Int32)
    return frame.with_columns(
        pl.lit(number, dtype=pl.Int16).alias("origin_class"),
        pl.Series("valid_from", start - epoch, dtype=pl.Int32).cast(pl.Date),
        pl.when(pl.Series("open", last)).then(None).otherwise(ends).cast(pl.Date)
        .alias("valid_until"),
    ).select(column_names(panel))  # fmt: skip


def _rated(panel: Panel, line: Small, cell: Small, ordinary: np.ndarray) -> pl.DataFrame:
    """Return lines with the rates of their cells."""
    width = len(panel.authorities)
    kept = [panel.authorities.index(name) for name in charged(panel)]
    columns, total = {}, np.zeros(len(line))
    for number in kept:
        rate = panel.rate[cell, number]
        if panel.rate[:, width + number].any():
            rate = rate + np.maximum(panel.rate[cell, width + number] - ordinary, 0.0)
        if panel.authorities[number] == panel.ordinary:
            rate = rate + ordinary
        columns[f"rate_{panel.authorities[number]}"] = rate
        total += rate
    flags = {name: panel.flags[cell, number] for number, name in enumerate(FLAGS)}
    return pl.DataFrame({"hts10": panel.lines[line], "rate": total, **columns, **flags})


def charged(panel: Panel) -> list[str]:
    """Return the authorities that charge anything in the panel, the ordinary duty among them."""
    width = len(panel.authorities)
    some = np.any(panel.rate != 0, axis=0)
    return [
        name
        for number, name in enumerate(panel.authorities)
        if some[number] or some[width + number] or name == panel.ordinary
    ]


def column_names(panel: Panel) -> list[str]:
    """Return the columns of the panel's tables, in order."""
    rates = [f"rate_{name}" for name in charged(panel)]
    return ["hts10", "origin_class", "valid_from", "valid_until", "rate", *rates, *FLAGS, LACKING]


def mixed(panel: Panel, number: int, country: str, option: str) -> pl.DataFrame:
    """Return one origin's lines open to a claim, mixed at the shares of a USMCA reading.

    Raises
    ------
    RatesError
        No claims by line of the country are held, or no preference is open to it.
    """
    plain, claimed = panel.changes[number]
    if claimed is None or country not in partners():
        raise RatesError(f"origin: no claims of {country!r} by line are held")
    months = _month_starts(panel) if option == "month" else [panel.days[0]]
    days = sorted({*panel.days, *months})
    sides = [_grid(panel, changes, days) for changes in (plain, claimed)]
    shares = np.stack([claim_shares_of(panel.lines, country, option, (day.year, day.month))
                       for day in days], axis=1)  # fmt: skip
    said = [sides[0][0], sides[1][0], sides[0][1], sides[1][1], shares]
    held = (said[0] != GONE) & (said[1] != GONE)
    new = np.ones_like(held)
    new[:, 1:] = held[:, 1:] != held[:, :-1]
    for values in said:
        new[:, 1:] |= values[:, 1:] != values[:, :-1]
    line, column = np.nonzero(new)
    starts = np.array([day.toordinal() for day in days])[column]
    until, last = _ends(line, starts)
    kept = held[line, column]
    line, column = line[kept], column[kept]
    cells, duties, lacks = ([side[n][line, column] for side in sides] for n in range(3))
    frame = _mixture(panel, line, cells, duties, shares[line, column])
    frame = frame.with_columns(pl.Series(LACKING, lacks[0] | lacks[1]))
    return _dated(panel, frame, number, starts[kept], until[kept], last[kept])


def _month_starts(panel: Panel) -> list[date]:
    """Return the first days of the months whose claims are held, within the panel."""
    return [date(y, m, 1) for y, m in held_months() if date(y, m, 1) >= panel.days[0]]


def _grid(panel: Panel, changes: Changes, days: list[date]) -> tuple[Int, np.ndarray, Mask]:
    """Return cell, ordinary duty and what it lacks of every line on some days; (lines, days)."""
    shape = (len(panel.lines), len(panel.days))
    number = np.full(shape, -1)
    number[changes.line, changes.epoch] = np.arange(len(changes.line))
    epochs = np.searchsorted([day.toordinal() for day in panel.days],
                             [day.toordinal() for day in days], side="right") - 1  # fmt: skip
    number = np.maximum.accumulate(number, axis=1)[:, epochs]
    held = number >= 0
    cell = np.where(held, changes.cell[number], GONE)
    ordinary = np.where(held, changes.ordinary[number], 0.0)
    return cell, ordinary, np.asarray(held & changes.lacking[number])


def _mixture(
    panel: Panel, line: Int, cells: list[Int], duties: list[np.ndarray], share: np.ndarray
) -> pl.DataFrame:
    """Return lines with the rates of two cells mixed at a share of the second."""
    parts = [_rated(panel, line, cell, duty) for cell, duty in zip(cells, duties, strict=True)]
    rates = [name for name in parts[0].columns if name.startswith("rate")]
    weight = pl.Series("share", share)
    return parts[0].with_columns(
        *[(parts[0][name] * (1 - weight) + parts[1][name] * weight).alias(name) for name in rates],
        *[(parts[0][name] | parts[1][name]).alias(name) for name in FLAGS],
    )


def class_table(panel: Panel) -> pl.DataFrame:
    """Return the countries of each origin class."""
    rows = [
        (number, country)
        for number in range(len(panel.origins.standing))
        for country in panel.origins.members(number)
    ]
    schema = {"origin_class": pl.Int16, "country": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


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


def write_panel(book: Lawbook, panel: Panel, folder: Path, expand: bool = False) -> Written:
    """Write the panel as Parquet with a manifest, and return what was written.

    Folders: `usmca=none` holds every class without a claim, `usmca=claimed` the lines on which a
    preference is open, at the preference; a folder for each reading of the USMCA share holds the
    lines of its partners at that share. A file holds one class, or with `expand` one country.

    Raises
    ------
    RatesError
        The folder exists and is not empty.
    """
    check_folder(folder)
    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(_write_one, panel, folder, job, expand) for job in _jobs(panel)]
        entries = [entry for done in work for entry in done.result()]
    entries.append(_write(folder, CLASSES, class_table(panel)))
    (folder / MANIFEST).write_text(json.dumps(_manifest(book, panel, entries), indent=1) + "\n")
    rows = sum(int(str(entry["rows"])) for entry in entries)
    return Written(folder, len(entries) + 1, rows, sum(int(str(e["bytes"])) for e in entries))


Job = tuple[str, int, str]


def _jobs(panel: Panel) -> Iterator[Job]:
    """Yield reading, class and country (for the mixed readings) of every table, heaviest first."""
    for number in range(len(panel.changes)):
        for country in panel.origins.members(number):
            if country in partners():
                yield from ((option, number, country) for option in MIXED)
    for number, (_, claimed) in enumerate(panel.changes):
        yield NONE, number, ""
        if claimed is not None:
            yield CLAIMED, number, ""


def _write_one(panel: Panel, folder: Path, job: Job, expand: bool) -> list[dict[str, object]]:
    """Write the files of one table."""
    reading, number, country = job
    plain, claimed = panel.changes[number]
    if country:
        frame = mixed(panel, number, country, reading)
    else:
        frame = intervals(panel, number, claimed if reading == CLAIMED and claimed else plain)
    return [
        _write(folder, f"usmca={reading}/{name}.parquet", table)
        for name, table in _named(panel, number, frame, expand)
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


def _write(folder: Path, name: str, table: pl.DataFrame) -> dict[str, object]:
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


def _manifest(book: Lawbook, panel: Panel, entries: list[dict[str, object]]) -> dict[str, object]:
    """Return what the panel is, for whoever reads it without this package."""
    return {
        "importer": panel.importer,
        "ruleset_version": book.version,
        "known_on": panel.known_on.isoformat(),
        "from": panel.days[0].isoformat(),
        "epochs": [day.isoformat() for day in panel.days],
        "origin_classes": len(panel.origins.standing),
        "lines": len(panel.lines),
        "unit": "fraction of the customs value of one standard shipment",
        "columns": column_names(panel),
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
