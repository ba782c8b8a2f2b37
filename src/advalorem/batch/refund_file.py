"""A file of entries screened for refunds: claims out, rejects, and the authority's claim file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.batch.columns import NEEDED, recognise
from advalorem.batch.entries import claim_files
from advalorem.batch.intake import Intake, as_text
from advalorem.batch.part import REASONS, REJECTS, rejects_of
from advalorem.batch.refund import Claim, Entry, Screen, claimable, screen, void_headings
from advalorem.batch.run import Options, rater_of
from advalorem.batch.sinks import CsvSink, replacing
from advalorem.batch.sources import Source
from advalorem.duty.encode import FactError
from advalorem.duty.intake import read_money
from advalorem.duty.ledger import INVALID
from advalorem.law.model import Lawbook

COLUMNS = (
    "row", "entry", "line", "hts", "route", "refund_min", "refund_max", "status", "why",
    "deadlines", "missing",
)  # fmt: skip
ENTRY_FIELDS = ("entry", "line", "duty", "liquidation", "liquidation_status", "entry_type_code")
WHOLE = 1 << 40
HEADING_DIGITS = 8


@dataclass(slots=True)
class Found:
    """The claims of a file and their sums in cents by route and status; entry numbers refused."""

    claims: int = 0
    rows: int = 0
    refused: int = 0
    sums: Counter[tuple[str, str]] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    files: list[tuple[Path, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def refund_file(
    book: Lawbook, source: Source, out: Path, options: Options, on: date, claim_to: Path | None
) -> Found:
    """Screen a file on a day of filing and write its claims, rejects and claim file.

    Rows of headings of chapters that are claimed beside an article's code are not rated: the duty
    stated on those of void measures goes to the line of the same entry.
    """
    table = pl.concat([chunk.table for chunk in source.chunks(WHOLE)] or [_empty(source)])
    told = {column: name for column, name in options.mapping.items() if column in table.columns}
    fields = recognise(table.columns, told, book.facts, NEEDED)
    table = table.with_row_index("\0row", offset=1)
    rater = rater_of(book, options)
    beside = _beside(book, options.importer, table, fields)
    goods, headings = table.filter(~beside), table.filter(beside)
    rated = {name: column for name, column in fields.items() if name not in ENTRY_FIELDS}
    intake = Intake(book, rated, options.reading, rater.codes)
    read = intake.read(goods)
    invalid = rater.rate(read.shipments, read.place).outcome == INVALID
    entries = [_entry(row, fields) for row in goods[read.rows].iter_rows(named=True)]
    paid = _paid(book, options.importer, headings, fields, entries, on)
    numbers = goods["\0row"].to_list()
    claims = screen(Screen(rater, read.shipments, entries, on, paid))
    claims = [claim for claim in claims if not invalid[claim.row]]
    codes = as_text(goods[fields["hts"]])[read.rows].to_list()
    found = Found(claims=len(claims), rows=table.height)
    lines = _lines(claims, entries, [numbers[row] for row in read.rows.tolist()], codes)
    _write(out, pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String), orient="row"))
    found.refused = _write_rejects(out, goods, read, invalid, rater.rate(read.shipments).reason)
    for claim in claims:
        found.sums[claim.route, claim.status] += claim.low
        found.unsure[claim.route] += claim.high is None
    if claim_to is not None:
        _claim(book, claims, entries, claim_to, found)
    return found


def _empty(source: Source) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(source.columns, pl.String))


def _beside(book: Lawbook, importer: str, table: pl.DataFrame, fields: dict[str, str]) -> pl.Series:
    """Return which rows hold a heading that is claimed beside an article's code."""
    digits = as_text(table[fields["hts"]]).fill_null("").str.replace_all(r"[.\s]", "")
    chapters = book.columns[importer].claimed_chapters
    return digits.str.contains("^(" + "|".join(chapters) + ")") if chapters else digits == "\0"


def _entry(row: dict[str, object], fields: dict[str, str]) -> Entry:
    text = {name: str(row[fields[name]] or "").strip() if name in fields else ""
            for name in ENTRY_FIELDS}  # fmt: skip
    return Entry(text["entry"], text["line"], text["liquidation"], text["entry_type_code"])


def _paid(
    book: Lawbook,
    importer: str,
    headings: pl.DataFrame,
    fields: dict[str, str],
    entries: list[Entry],
    on: date,
) -> dict[int, int]:
    """Return the duty in cents that the file states on headings of void measures, by row.

    Empty where the file states no headings; 0 for lines without one where it states some.
    """
    if not headings.height or "duty" not in fields or "entry" not in fields:
        return {}
    void = void_headings(book, importer, on)
    paid: Counter[tuple[str, str]] = Counter()
    for row in headings.iter_rows(named=True):
        code = "".join(filter(str.isdigit, str(row[fields["hts"]])))[:HEADING_DIGITS]
        if code in void:
            entry = _entry(row, fields)
            paid[entry.number, entry.line] += _cents(row[fields["duty"]])
    rows = {}
    for row_number, entry in enumerate(entries):
        rows[row_number] = paid.pop((entry.number, entry.line), 0)
    return rows


def _cents(cell: object) -> int:
    try:
        return read_money(str(cell or "0").replace(",", "").removeprefix("$"))
    except FactError:
        return 0


def _lines(
    claims: list[Claim], entries: list[Entry], numbers: list[int], codes: list[str]
) -> Iterator[tuple[str, ...]]:
    for claim in claims:
        entry = entries[claim.row]
        days = [f"{title}: {day or 'not known'}" for title, day in claim.deadlines]
        most = "" if claim.high is None else _amount(claim.high)
        yield (
            str(numbers[claim.row]), entry.number, entry.line, codes[claim.row], claim.route,
            _amount(claim.low), most, claim.status, claim.why, "; ".join(days),
            ";".join(claim.missing),
        )  # fmt: skip


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _write(path: Path, table: pl.DataFrame) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        CsvSink(file, table.schema).write(table)


def _write_rejects(
    out: Path, goods: pl.DataFrame, read: object, invalid: np.ndarray, reason: np.ndarray
) -> int:
    """Write the rows that cannot be rated; return how many there are."""
    path = out.with_name(out.name + ".rejects")
    trouble, troubles, kept = read.trouble, read.troubles, read.rows  # type: ignore[attr-defined]
    whys = {int(row): troubles[trouble[row]] for row in np.flatnonzero(trouble >= 0)}
    told = {row: (each.field, each.reason, each.remedy) for row, each in whys.items()}
    told |= {int(kept[at]): REASONS[int(reason[at])] for at in np.flatnonzero(invalid)}
    rows = np.array(sorted(told), dtype=np.int64)
    if not len(rows):
        path.unlink(missing_ok=True)
        return 0
    cells = goods.drop("\0row")
    table = rejects_of(cells, rows, [told[row] for row in rows.tolist()], 1)
    table = table.with_columns(row=goods["\0row"][rows].cast(REJECTS["row"]))
    _write(path, table)
    return len(rows)


def _claim(
    book: Lawbook, claims: list[Claim], entries: list[Entry], claim_to: Path, found: Found
) -> None:
    """Write the claim files of the routes that take one."""
    for route in book.routes:
        if route.claim_header is None or not any(c.route == route.route for c in claims):
            continue
        numbers, wrong = claimable(claims, entries, route.route)
        most = route.claim_rows or len(numbers) or 1
        found.wrong.extend(wrong)
        found.files.extend(claim_files(claim_to, route.claim_header, numbers, most))
