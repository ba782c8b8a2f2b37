"""A file of entries screened for refunds: claims out, rejects, and the authority's claim file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from advalorem.batch.cells import Reading, read_amount
from advalorem.batch.charges import Rated
from advalorem.batch.columns import NEEDED, recognise
from advalorem.batch.entries import EntryError, claim_files, plain_entry, read_entry
from advalorem.batch.intake import Intake, Table, as_text
from advalorem.batch.notices import check_covered, refused_origins, units_named
from advalorem.batch.output import Rejects, opened_output
from advalorem.batch.part import REJECTS, reasons_of, rejects_of, with_misfits
from advalorem.batch.rater import Rater
from advalorem.batch.refund import OPEN, Claim, Entry, Screen, screen, survey, void_headings
from advalorem.batch.refund_claims import SCHEMA, Kept, claimable
from advalorem.batch.refund_fees import EntryFees
from advalorem.batch.refund_sums import Tally, find, first_of
from advalorem.batch.run import Options, keep, rater_of
from advalorem.batch.sources import Chunk, Source
from advalorem.duty.encode import FactError
from advalorem.duty.ledger import INVALID
from advalorem.law.model import Lawbook

ENTRY_FIELDS = (
    "entry", "line", "duty", "importation", "liquidation", "liquidation_status",
    "entry_type_code", "reconciliation", "drawback", "protest", "antidumping", "filer",
    "corrected",
)  # fmt: skip
ROWS = 50_000
"""Most rows that are screened at a time."""
HEADING_DIGITS = 8
ROW = "\0row"


@dataclass(slots=True)
class Found:
    """The claims of a file and their sums in cents by route and status; entry numbers refused.

    `sums` and `most` are the least and the most duty of the claims without open facts.
    `several` counts rows with claims under more than one route, `left_out` the entries of each
    route that its claim file leaves out; `wrong` names the first rows of numbers that are none,
    and `wrong_rows` counts all.
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
    wrong_rows: int = 0


@dataclass(frozen=True, slots=True)
class Goods:
    """The rows of articles that could be read: their entries, row numbers in the file and codes."""

    read: Table
    entries: list[Entry]
    numbers: list[int]
    codes: list[str]


@dataclass(slots=True)
class Asked:
    """A file to be screened: the law, how it is read, the day of filing, and its columns.

    What stands in one row and is needed for others is added up over the whole file first: `paid`
    duty stated on headings of void measures by entry and line, if the file has `headings`, and
    `fees` by entry.
    """

    book: Lawbook
    rater: Rater
    options: Options
    on: date
    fields: dict[str, str]
    intake: Intake
    void: Collection[str]
    headings: bool = False
    paid: Tally = field(default_factory=lambda: Tally({"cents": "sum"}))
    owed: pl.DataFrame | None = None
    fees: dict[tuple[str, str], EntryFees] = field(default_factory=dict)
    past: dict[date, Rater] = field(default_factory=dict)

    def screen(self, goods: Goods, paid: Mapping[int, int]) -> Screen:
        """Return what the screening of a part needs."""
        return Screen(self.rater, goods.read.shipments, goods.entries, self.on, paid,
                      self.options.reading.dates, self.fees, self.past)  # fmt: skip


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
    stated on those of void measures goes to the line of the same entry. The file is read twice,
    part by part: memory grows with its entries and not with its rows.
    """
    check_covered(book, options.importer, options.known_on)
    asked = _asked(book, source, options, on)
    rows = min(options.rows, ROWS)
    for chunk in source.chunks(rows):
        _survey(asked, chunk)
    found = Found()
    routes = [route.route for route in book.routes]
    with (
        TemporaryDirectory(prefix="advalorem-") as folder,
        opened_output(source, out, SCHEMA, rejects) as output,
    ):
        kept = Kept(Path(folder))
        for chunk in source.chunks(rows):
            output.refuse(_screened(asked, chunk, kept, found))
        for lines in kept.lines(routes):
            output.write(lines)
        found.refused = output.refused
        if claim_to is not None:
            _claim(book, kept, claim_to, found)
    keep(asked.rater, options)
    found.missing = {route: found.missing[route] for route in routes if route in found.missing}
    return found


def _asked(book: Lawbook, source: Source, options: Options, on: date) -> Asked:
    """Return how a file is screened."""
    fields = recognise(source.columns, options.mapping, book.facts, NEEDED)
    rated = {name: column for name, column in fields.items() if name not in ENTRY_FIELDS}
    rater, refused = rater_of(book, options), refused_origins(book, options.importer)
    intake = Intake(book, rated, options.reading, rater.codes, refused=refused,
                    named=partial(units_named, rater))  # fmt: skip
    void = frozenset(void_headings(book, options.importer, on))
    return Asked(book, rater, options, on, fields, intake, void)


def _survey(asked: Asked, chunk: Chunk) -> None:
    """Add a part to what is added up over the whole file."""
    articles, headings = _parted(asked, chunk)
    if headings.height and {"duty", "entry"} <= set(asked.fields):
        asked.headings = True
        _add_paid(asked, headings)
    goods = _goods(asked, articles)
    survey(asked.screen(goods, {}), asked.fees)


def _screened(asked: Asked, chunk: Chunk, kept: Kept, found: Found) -> pl.DataFrame:
    """Keep the claims of a part, count them, and return its rejects."""
    articles, _ = _parted(asked, chunk)
    goods = _goods(asked, articles)
    rated = asked.rater.rate(goods.read.shipments, goods.read.place)
    screened = screen(asked.screen(goods, _paid(asked, goods.entries)))
    claims = [claim for claim in screened if rated.outcome[claim.row] != INVALID]
    lines = pl.DataFrame(list(_lines(asked.book, claims, goods)), schema=SCHEMA, orient="row")
    kept.add(lines, OPEN)
    _count(found, asked.book, claims)
    found.rows += chunk.rows
    return _rejects(chunk, articles, goods.read, rated)


def _parted(asked: Asked, chunk: Chunk) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of articles and those of headings, with the number of each in the file."""
    table = chunk.table
    known = chunk.numbers or range(chunk.first_row, chunk.first_row + table.height)
    table = table.with_columns(pl.Series(ROW, known, dtype=pl.Int64))
    beside = _beside(asked.book, asked.options.importer, table, asked.fields)
    return table.filter(~beside), table.filter(beside)


def _goods(asked: Asked, table: pl.DataFrame) -> Goods:
    """Return the rows of articles read, with what the file says of their entries."""
    read = asked.intake.read(table)
    kept = table[read.rows]
    return Goods(
        read=read, entries=_entries(kept, asked.fields), numbers=kept[ROW].to_list(),
        codes=as_text(kept[asked.fields["hts"]]).to_list(),
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


def _add_paid(asked: Asked, headings: pl.DataFrame) -> None:
    """Add the duty stated on headings of void measures to their entries' lines."""
    codes = as_text(headings[asked.fields["hts"]]).fill_null("").to_list()
    rows = [
        entry
        for code, entry in zip(codes, _entries(headings, asked.fields), strict=True)
        if "".join(filter(str.isdigit, code))[:HEADING_DIGITS] in asked.void
    ]
    cents = [_cents(entry.says("duty"), asked.options.reading) for entry in rows]
    asked.paid.add(_line_keys(rows), {"cents": np.array(cents, dtype=np.int64)})


def _line_keys(entries: list[Entry]) -> pl.Series:
    keys = [f"{plain_entry(entry.number)}\0{entry.line}" for entry in entries]
    return pl.Series(keys, dtype=pl.String)


def _paid(asked: Asked, entries: list[Entry]) -> dict[int, int]:
    """Return the duty in cents that the file states on headings of void measures, by row.

    Empty where the file states no headings; 0 for lines without one where it states some. Of rows
    of one line the first in the file takes it all.
    """
    if not asked.headings:
        return {}
    if asked.owed is None:
        asked.owed = asked.paid.whole()
    at = find(asked.owed, _line_keys(entries))
    first = first_of(at)
    cents = asked.owed["cents"].to_numpy().copy()
    found = dict.fromkeys(range(len(entries)), 0)
    found.update(zip(first.tolist(), cents[at[first]].tolist(), strict=True))
    cents[at[first]] = 0
    asked.owed = asked.owed.with_columns(cents=pl.Series(cents))
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


def _rejects(chunk: Chunk, articles: pl.DataFrame, read: Table, rated: Rated) -> pl.DataFrame:
    """Return the rows that cannot be rated, in the order of the file."""
    told = reasons_of(read, rated)
    rows = np.array(sorted(told), dtype=np.int64)
    table = rejects_of(articles.drop(ROW), rows, [told[row] for row in rows.tolist()], 1)
    return with_misfits(table.with_columns(row=articles[ROW][rows].cast(REJECTS["row"])), chunk)


def _count(found: Found, book: Lawbook, claims: list[Claim]) -> None:
    """Add claims to the counts and sums."""
    found.claims += len(claims)
    asked = {route.route: {q.id: q.question for q in route.questions} for route in book.routes}
    for claim in claims:
        found.sums[claim.route, claim.status] += claim.low
        found.most[claim.route, claim.status] += claim.low if claim.high is None else claim.high
        found.fees[claim.route, claim.status] += claim.fees
        found.unsure[claim.route] += claim.high is None
        texts = asked[claim.route]
        mine = found.missing.setdefault(claim.route, {})
        mine.update({name: texts[name] for name in claim.missing if name in texts})
    found.several += sum(len(routes) > 1 for routes in _routes_by_row(claims).values())


def _claim(book: Lawbook, kept: Kept, claim_to: Path, found: Found) -> None:
    """Write the claim files of the routes that take one."""
    for route in book.routes:
        if route.claim_header is None or route.route not in kept.entries:
            continue
        mine = claimable(kept, route.route)
        found.left_out[route.route] += mine.left_out
        found.wrong.extend(mine.wrong)
        found.wrong_rows += mine.wrong_rows
        most = route.claim_rows or len(mine.numbers) or 1
        found.files.extend(claim_files(claim_to, route.claim_header, mine.numbers, most))
