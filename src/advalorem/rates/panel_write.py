"""The panel on disk: Parquet by origin class and reading of the claims, with a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.law.model import Lawbook
from advalorem.rates.claims import claim_shares_of, held_months, partners
from advalorem.rates.errors import RatesError
from advalorem.rates.panel import FLAGS, GONE, Changes, Panel
from advalorem.schedule.model import Int

NONE, CLAIMED = "none", "claimed"
MIXED = ("2024", "h2_2025", "month")
"""Readings of the USMCA share that lie between no claim and every claim."""
MANIFEST, CLASSES = "manifest.json", "origin_classes.parquet"
COMPRESSION = "zstd"


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
    covered, null while open. Sorted by line and day.
    """
    start = np.array([day.toordinal() for day in panel.days])[changes.epoch]
    last = np.ones(len(start), dtype=bool)
    last[:-1] = changes.line[1:] != changes.line[:-1]
    until = np.zeros(len(start), dtype=np.int64)
    until[:-1] = start[1:]
    kept = changes.cell != GONE
    frame = _rated(panel, changes.line[kept], changes.cell[kept], changes.ordinary[kept])
    epoch = date(1970, 1, 1).toordinal()
    ends = pl.Series("valid_until", until[kept] - epoch, dtype=pl.Int32)
    return frame.with_columns(
        pl.lit(number, dtype=pl.Int16).alias("origin_class"),
        pl.Series("valid_from", start[kept] - epoch, dtype=pl.Int32).cast(pl.Date),
        pl.when(pl.Series("open", last[kept])).then(None).otherwise(ends).cast(pl.Date)
        .alias("valid_until"),
    ).select(column_names(panel))  # fmt: skip


def _rated(panel: Panel, line: Int, cell: Int, ordinary: np.ndarray) -> pl.DataFrame:
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
    some = panel.rate[:, :width].any(axis=0) | panel.rate[:, width:].any(axis=0)
    return [
        name
        for name, any_ in zip(panel.authorities, some, strict=True)
        if any_ or name == panel.ordinary
    ]


def column_names(panel: Panel) -> list[str]:
    """Return the columns of the panel's tables, in order."""
    rates = [f"rate_{name}" for name in charged(panel)]
    return ["hts10", "origin_class", "valid_from", "valid_until", "rate", *rates, *FLAGS]


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
    left, right = (_grid(panel, changes, days) for changes in (plain, claimed))
    both = (right[0] != GONE) & (left[0] != GONE)
    share = np.stack([claim_shares_of(panel.lines, country, option, (day.year, day.month))
                      for day in days], axis=1)  # fmt: skip
    line, column = np.nonzero(both)
    cells = [side[0][line, column] for side in (left, right)]
    duties = [side[1][line, column] for side in (left, right)]
    frame = _mixture(panel, line, cells, duties, share[line, column])
    starts = pl.Series("valid_from", np.array([d.toordinal() for d in days])[column])
    return _merged(panel, frame.with_columns(starts), number, days)


def _month_starts(panel: Panel) -> list[date]:
    """Return the first days of the months whose claims are held, within the panel."""
    return [date(y, m, 1) for y, m in held_months() if date(y, m, 1) >= panel.days[0]]


def _grid(panel: Panel, changes: Changes, days: list[date]) -> tuple[Int, np.ndarray]:
    """Return cell and ordinary duty of every line on every day of a list; (lines, days)."""
    shape = (len(panel.lines), len(panel.days))
    cell, ordinary = np.full(shape, GONE - 1), np.zeros(shape)
    cell[changes.line, changes.epoch] = changes.cell
    ordinary[changes.line, changes.epoch] = changes.ordinary
    known = cell != GONE - 1
    at = np.maximum.accumulate(np.where(known, np.arange(shape[1]), -1), axis=1)
    rows = np.arange(shape[0])[:, None]
    cell = np.where(at >= 0, cell[rows, at], GONE)
    ordinary = np.where(at >= 0, ordinary[rows, at], 0.0)
    epochs = np.searchsorted([day.toordinal() for day in panel.days],
                             [day.toordinal() for day in days], side="right") - 1  # fmt: skip
    return cell[:, epochs], ordinary[:, epochs]


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


def _merged(panel: Panel, frame: pl.DataFrame, number: int, days: list[date]) -> pl.DataFrame:
    """Return rows by line and day as intervals, equal neighbours merged."""
    said = [name for name in frame.columns if name not in ("hts10", "valid_from")]
    later = {days[n].toordinal(): days[n + 1].toordinal() for n in range(len(days) - 1)}
    until = pl.col("valid_from").replace_strict(later, default=None).alias("valid_until")
    same = pl.all_horizontal(
        *[pl.col(name) == pl.col(name).shift(1) for name in (*said, "hts10")],
        pl.col("valid_until").shift(1) == pl.col("valid_from"),
    ).fill_null(False)
    runs = frame.sort("hts10", "valid_from").with_columns(until)
    runs = runs.with_columns((~same).cum_sum().alias("run"))
    spans = runs.group_by("run", maintain_order=True).agg(
        pl.col("hts10", "valid_from", *said).first(), pl.col("valid_until").last()
    )
    shift = date(1970, 1, 1).toordinal()
    return spans.with_columns(
        (pl.col("valid_from", "valid_until") - shift).cast(pl.Int32).cast(pl.Date),
        pl.lit(number, dtype=pl.Int16).alias("origin_class"),
    ).select(column_names(panel))


def class_table(panel: Panel) -> pl.DataFrame:
    """Return the countries of each origin class."""
    rows = [
        (number, country)
        for number in range(len(panel.origins.standing))
        for country in panel.origins.members(number)
    ]
    schema = {"origin_class": pl.Int16, "country": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


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
    if folder.exists() and any(folder.iterdir()):
        raise RatesError(f"out: {folder} is not empty; name a new folder")
    entries: list[dict[str, object]] = []
    for reading, number, frame in _tables(panel):
        for name, table in _named(panel, number, frame, expand):
            entries.append(_write(folder, f"usmca={reading}/{name}.parquet", table))
    entries.append(_write(folder, CLASSES, class_table(panel)))
    (folder / MANIFEST).write_text(json.dumps(_manifest(book, panel, entries), indent=1) + "\n")
    rows = sum(int(str(entry["rows"])) for entry in entries)
    return Written(folder, len(entries) + 1, rows, sum(int(str(e["bytes"])) for e in entries))


def _tables(panel: Panel) -> Iterator[tuple[str, int, pl.DataFrame]]:
    """Yield reading, class and table of every file."""
    for number, (plain, claimed) in enumerate(panel.changes):
        yield NONE, number, intervals(panel, number, plain)
        if claimed is not None:
            yield CLAIMED, number, intervals(panel, number, claimed)
        for country in panel.origins.members(number):
            if country in partners():
                for option in MIXED:
                    yield option, number, mixed(panel, number, country, option)


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
    table.write_parquet(path, compression=COMPRESSION, compression_level=1, statistics=True)
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
