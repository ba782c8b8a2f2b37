"""A file of entries screened for refunds: claims out, rejects, and the authority's claim file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from advalorem.batch.cells import Reading, read_amount
from advalorem.batch.columns import NEEDED, recognise
from advalorem.batch.entries import EntryError, claim_files, plain_entry, read_entry
from advalorem.batch.intake import Intake, Table, as_text
from advalorem.batch.notices import check_covered, refused_origins
from advalorem.batch.output import Rejects, opened_output
from advalorem.batch.part import REASONS, REJECTS, rejects_of, with_misfits
from advalorem.batch.rater import Rater
from advalorem.batch.refund import Claim, Entry, Screen, claimable, screen, void_headings
from advalorem.batch.run import Options, rater_of
from advalorem.batch.sources import Chunk, Source
from advalorem.duty.encode import FactError
from advalorem.duty.ledger import INVALID
from advalorem.law.model import Lawbook

COLUMNS = (
    "row", "entry", "line", "hts", "route", "refund_min", "refund_max", "fee_refund", "status",
    "why", "deadlines", "missing", "also", "entry_problem", "act",
)  # fmt: skip
ENTRY_FIELDS = (
    "entry", "line", "duty", "importation", "liquidation", "liquidation_status",
    "entry_type_code", "reconciliation", "drawback", "protest", "antidumping", "filer",
    "corrected",
)  # fmt: skip
WHOLE = 1 << 40
HEADING_DIGITS = 8
ROW = "\0row"


@dataclass(slots=True)
class Found:
    """The claims of a file and their sums in cents by route and status; entry numbers refused.

    `sums` and `most` are the least and the most duty of the claims without open facts.
    `several` counts rows with claims under more than one route, `left_out` the entries of each
    route that its claim file leaves out.
    """

    claims: int = 0
    rows: int = 0
    refused: int = 0
    several: int = 0
    sums: Counter[tuple[str, str]] = field(default_factory=Counter)
    most: Counter[tuple[str, str]] = field(default_factory=Counter)
    fees: Counter[tuple[str, str]] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    files: list[tuple[Path, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Goods:
    """The rows of articles that could be read: their entries, row numbers in the file and codes."""

    read: Table
    entries: list[Entry]
    numbers: list[int]
    codes: list[str]


def refund_file(
    book: Lawbook,
    source: Source,
    out: str,
    options: Options,
    on: date,
    claim_to: Path | None,
    rejects: Rejects = None,
) -> Found:
    """Screen a file on a day of filing and write its claims, rejects and claim files.

    Rows of headings of chapters that are claimed beside an article's code are not rated: the duty
    stated on those of void measures goes to the line of the same entry.
    """
    check_covered(book, options.importer, options.known_on)
    chunk = next(source.chunks(WHOLE))
    table = chunk.table
    fields = recognise(table.columns, options.mapping, book.facts, NEEDED)
    known = chunk.numbers or range(chunk.first_row, chunk.first_row + table.height)
    table = table.with_columns(pl.Series(ROW, known, dtype=pl.Int64))
    rater = rater_of(book, options)
    beside = _beside(book, options.importer, table, fields)
    goods = _goods(book, rater, options, table.filter(~beside), fields)
    paid = _paid(book, options, table.filter(beside), fields, goods.entries, on)
    asked = Screen(
        rater, goods.read.shipments, goods.entries, on, paid, options.reading.dates
    )  # fmt: skip
    rated = rater.rate(goods.read.shipments, goods.read.place)
    claims = [claim for claim in screen(asked) if rated.outcome[claim.row] != INVALID]
    found = _found(book, claims, goods)
    found.rows = chunk.rows
    schema = pl.Schema(dict.fromkeys(COLUMNS, pl.String()))
    with opened_output(source, out, schema, rejects) as output:
        lines = list(_lines(book, claims, goods))
        told = _rejects(chunk, table.filter(~beside), goods.read, rated.outcome, rated.reason)
        output.write(pl.DataFrame(lines, schema=schema, orient="row"), told)
    found.refused = output.refused
    if claim_to is not None:
        _claim(book, claims, goods, claim_to, found)
    return found


def _goods(
    book: Lawbook, rater: Rater, options: Options, table: pl.DataFrame, fields: dict[str, str]
) -> Goods:
    """Return the rows of articles read, with what the file says of their entries."""
    rated = {name: column for name, column in fields.items() if name not in ENTRY_FIELDS}
    refused = refused_origins(book, options.importer)
    intake = Intake(book, rated, options.reading, rater.codes, refused=refused)
    read = intake.read(table)
    kept = table[read.rows]
    return Goods(
        read=read, entries=_entries(kept, fields), numbers=kept[ROW].to_list(),
        codes=as_text(kept[fields["hts"]]).to_list(),
    )  # fmt: skip


def _entries(table: pl.DataFrame, fields: Mapping[str, str]) -> list[Entry]:
    """Return what a table says of the entry of each row."""
    told = {name: as_text(table[fields[name]]).fill_null("").str.strip_chars().to_list()
            for name in ENTRY_FIELDS if name in fields}  # fmt: skip
    blank = [""] * table.height
    numbers, lines = told.pop("entry", blank), told.pop("line", blank)
    rows = zip(*told.values(), strict=True) if told else ((),) * table.height
    return [
        Entry(number, line, dict(zip(told, row, strict=True)))
        for number, line, row in zip(numbers, lines, rows, strict=True)
    ]


def _beside(book: Lawbook, importer: str, table: pl.DataFrame, fields: dict[str, str]) -> pl.Series:
    """Return which rows hold a heading that is claimed beside an article's code."""
    digits = as_text(table[fields["hts"]]).fill_null("").str.replace_all(r"[.\s']", "")
    chapters = book.columns[importer].claimed_chapters
    return digits.str.contains("^(" + "|".join(chapters) + ")") if chapters else digits == ROW


def _paid(
    book: Lawbook,
    options: Options,
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
    void = void_headings(book, options.importer, on)
    paid: Counter[tuple[str, str]] = Counter()
    codes = as_text(headings[fields["hts"]]).fill_null("").to_list()
    for code, entry in zip(codes, _entries(headings, fields), strict=True):
        if "".join(filter(str.isdigit, code))[:HEADING_DIGITS] in void:
            cents = _cents(entry.says("duty"), options.reading)
            paid[plain_entry(entry.number), entry.line] += cents
    found = {}
    for row, entry in enumerate(entries):
        found[row] = paid.pop((plain_entry(entry.number), entry.line), 0)
    return found


def _cents(text: str, reading: Reading) -> int:
    try:
        return read_amount(text or "0", reading.decimal)
    except FactError:
        return 0


def _lines(book: Lawbook, claims: list[Claim], goods: Goods) -> Iterator[tuple[str, ...]]:
    """Yield the claims as texts, in the order of `COLUMNS`."""
    routes = _routes_by_row(claims)
    acts = {route.route: book.instruments[route.act].cite for route in book.routes}
    for claim in claims:
        entry = goods.entries[claim.row]
        days = [f"{title}: {day or 'not known'}" for title, day in claim.deadlines]
        also = [route for route in routes[claim.row] if route != claim.route]
        yield (
            str(goods.numbers[claim.row]), entry.number, entry.line, goods.codes[claim.row],
            claim.route, _amount(claim.low), "" if claim.high is None else _amount(claim.high),
            _amount(claim.fees), claim.status, claim.why, "; ".join(days),
            ";".join(claim.missing), ";".join(also), _problem(entry.number),
            acts[claim.route] or "",
        )  # fmt: skip


def _routes_by_row(claims: list[Claim]) -> dict[int, list[str]]:
    routes: dict[int, list[str]] = defaultdict(list)
    for claim in claims:
        routes[claim.row].append(claim.route)
    return routes


def _problem(number: str) -> str:
    """Return what is wrong with an entry number, empty where nothing is."""
    try:
        read_entry(number)
    except EntryError as error:
        return str(error)
    return ""


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _rejects(
    chunk: Chunk, goods: pl.DataFrame, read: Table, outcome: np.ndarray, reason: np.ndarray
) -> pl.DataFrame:
    """Return the rows that cannot be rated, in the order of the file."""
    whys = {int(row): read.troubles[read.trouble[row]] for row in np.flatnonzero(read.trouble >= 0)}
    told = {row: (each.field, each.reason, each.remedy) for row, each in whys.items()}
    for at in np.flatnonzero(outcome == INVALID).tolist():
        told[int(read.rows[at])] = REASONS[int(reason[at])]
    rows = np.array(sorted(told), dtype=np.int64)
    table = rejects_of(goods.drop(ROW), rows, [told[row] for row in rows.tolist()], 1)
    return with_misfits(table.with_columns(row=goods[ROW][rows].cast(REJECTS["row"])), chunk)


def _found(book: Lawbook, claims: list[Claim], goods: Goods) -> Found:
    """Return the counts and sums of claims."""
    found = Found(claims=len(claims))
    asked = {route.route: {q.id: q.question for q in route.questions} for route in book.routes}
    for claim in claims:
        found.sums[claim.route, claim.status] += claim.low
        found.most[claim.route, claim.status] += claim.low if claim.high is None else claim.high
        found.fees[claim.route, claim.status] += claim.fees
        found.unsure[claim.route] += claim.high is None
        texts = asked[claim.route]
        mine = found.missing.setdefault(claim.route, {})
        mine.update({name: texts[name] for name in claim.missing if name in texts})
    found.several = sum(len(routes) > 1 for routes in _routes_by_row(claims).values())
    return found


def _claim(book: Lawbook, claims: list[Claim], goods: Goods, claim_to: Path, found: Found) -> None:
    """Write the claim files of the routes that take one."""
    for route in book.routes:
        mine = [claim for claim in claims if claim.route == route.route]
        if route.claim_header is None or not mine:
            continue
        numbers, wrong = claimable(claims, goods.entries, route.route, goods.numbers)
        most = route.claim_rows or len(numbers) or 1
        entries = {plain_entry(goods.entries[claim.row].number) for claim in mine}
        found.left_out[route.route] += len(entries) - len(numbers)
        found.wrong.extend(wrong)
        found.files.extend(claim_files(claim_to, route.claim_header, numbers, most))
