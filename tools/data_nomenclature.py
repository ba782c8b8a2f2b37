"""Build the nomenclature: every tariff line with its rates, over time.

The sources list editions of the schedule. An edition's date is not a legal date, so each change is
dated by the rule that applies to it:

* staged rates move on 1 January, with the year's basic edition (change records leave them out);
* other changes move on the day a change record gives for the line;
* a difference that neither explains is a correction of the print and reaches back.
"""

from datetime import date
from typing import NamedTuple

import polars as pl

from data_common import Source, Table, sources
from data_rates import rate_columns, special_ids, special_rates, usmca_columns
from data_text import build_text, build_units
from data_text import read_editions as read_texts

FIRST_DAY = date(2025, 1, 1)
NEAR_DAYS = 45  # an edition prints acts at most so far from the day they take effect
HTS = Source(
    publisher="US International Trade Commission, Harmonized Tariff Schedule of the United States",
    by_way_of="arifshehab/tariff-rate-tracker @9919812 (MIT)",
    licence="US Government work (public domain); compilation MIT",
    date="2025 Basic (2025-01-01) to 2026 Revision 10 (2026-06-08)",
    files=(
        "us/hts/hts_ch01_98_intervals_2025basic_2026rev10.parquet",
        "us/hts/hts_2025_basic.parquet",
        "us/hts/hts_2026_basic.parquet",
        "us/hts/hts_2026_rev10.parquet",
        "us/hts/revision_order.csv",
        "us/hts/hts_change_record_items.csv",
    ),
)
_BORN = ("Established", "Added", "Annotated", "Restored")
_ENDED = ("Discontinued", "Deleted", "Annotated", "Restored")
_RATES = ("general", "special", "other")
LINE_SCHEMA = {
    "hts": pl.Int64,
    "digits": pl.Int8,
    "valid_from": pl.Date,
    "valid_until": pl.Date,
    **dict.fromkeys(_RATES, pl.String),
}


class Segment(NamedTuple):
    """A run of editions over which a line prints the same rates."""

    code: str
    first: int
    last: int
    texts: tuple[str, str, str]


class Span(NamedTuple):
    """A line's rates over legal days, half-open."""

    code: str
    start: date
    until: date | None
    texts: tuple[str, str, str]


class Editions(NamedTuple):
    """The order of editions and the dated change records."""

    number: dict[str, int]
    effective: list[date]
    names: list[str]
    records: dict[tuple[str, str], list[date]]

    @property
    def newest(self) -> int:
        """Return the number of the newest edition held."""
        return len(self.names) - 1

    def dated(self, code: str, natures: tuple[str, ...], edition: int) -> date | None:
        """Return the day a change record gives for the line (or its rate line) at an edition."""
        days = [
            day
            for nature in natures
            for item in (code, code[:8])
            for day in self.records.get((item, nature), [])
        ]
        near = [d for d in days if abs((d - self.effective[edition]).days) <= NEAR_DAYS]
        return min(near, default=None)


def read_editions() -> Editions:
    """Read the edition order and the change records."""
    folder = sources() / "us" / "hts"
    order = pl.read_csv(folder / "revision_order.csv", infer_schema=False)
    names = order["revision"].to_list()
    days = order.select(
        pl.coalesce("policy_effective_date", "effective_date")
        .str.to_date(strict=False)
        .forward_fill()
    )
    items = pl.read_csv(folder / "hts_change_record_items.csv", infer_schema=False)
    items = items.with_columns(pl.col("effective").str.to_date(strict=False)).drop_nulls(
        "effective"
    )
    records: dict[tuple[str, str], list[date]] = {}
    for item, nature, day in items.select("item", "nature", "effective").iter_rows():
        records.setdefault((item.replace(".", ""), nature), []).append(day)
    return Editions(
        {name: number for number, name in enumerate(names)},
        days.to_series().to_list(),
        names,
        records,
    )


def read_segments(editions: Editions) -> list[Segment]:
    """Return the segments of every ten-digit line and every rate line without one."""
    path = sources() / "us/hts/hts_ch01_98_intervals_2025basic_2026rev10.parquet"
    lines = pl.read_parquet(path).filter(pl.col("hts").str.len_chars().is_in([8, 10]))
    inherited = [_clean(f"{name}_inherited").alias(name) for name in _RATES]
    lines = lines.select(
        "hts",
        pl.col("first_revision").replace_strict(editions.number).alias("first"),
        pl.col("last_revision").replace_strict(editions.number).alias("last"),
        *inherited,
    )
    lines = _fill_from_rate_line(lines)
    parents = lines.filter(pl.col("hts").str.len_chars() == 10)["hts"].str.head(8).unique()
    lines = lines.filter(
        (pl.col("hts").str.len_chars() == 10) | ~pl.col("hts").is_in(parents.implode())
    )
    rows = lines.sort("hts", "first").iter_rows()
    return [Segment(code, first, last, (g, s, o)) for code, first, last, g, s, o in rows]


def _clean(column: str) -> pl.Expr:
    """Strip markup and doubled blanks."""
    plain = pl.col(column).fill_null("").str.replace_all(r"<[^>]*>", "")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def _fill_from_rate_line(lines: pl.DataFrame) -> pl.DataFrame:
    """Give a ten-digit line without a general rate that of its eight-digit line."""
    rate_lines = (
        lines.filter(pl.col("hts").str.len_chars() == 8)
        .group_by("hts")
        .agg(pl.col(_RATES).last())
        .rename({"hts": "parent"})
    )
    joined = lines.with_columns(pl.col("hts").str.head(8).alias("parent")).join(
        rate_lines, on="parent", how="left", suffix="_parent"
    )
    blank = (pl.col("general") == "") & (pl.col("hts").str.len_chars() == 10)
    filled = [
        pl.when(blank & (pl.col(name) == ""))
        .then(pl.col(f"{name}_parent").fill_null(""))
        .otherwise(pl.col(name))
        .alias(name)
        for name in _RATES
    ]
    return joined.with_columns(filled).select(lines.columns)


def merge_segments(segments: list[Segment]) -> list[Segment]:
    """Join neighbouring segments of a line that print the same, and bridge missing editions."""
    merged: list[Segment] = []
    for segment in segments:
        last = merged[-1] if merged else None
        same = last and last.code == segment.code and _key(last.texts) == _key(segment.texts)
        if last and same:
            merged[-1] = segment._replace(first=last.first)
        else:
            merged.append(segment)
    return merged


def _key(texts: tuple[str, str, str]) -> tuple[str, ...]:
    """Return the texts without blanks and stray points, which differ between prints."""
    return tuple(text.replace(" ", "").replace(",.", ",") for text in texts)


def date_segments(segments: list[Segment], editions: Editions) -> tuple[list[Span], list[str]]:
    """Turn editions into legal days; also return what was corrected, one line each."""
    spans: list[Span] = []
    notes: list[str] = []
    by_code: dict[str, list[Segment]] = {}
    for segment in segments:
        by_code.setdefault(segment.code, []).append(segment)
    for code, parts in by_code.items():
        start, end = _born(code, parts[0].first, editions), _ended(code, parts[-1].last, editions)
        first, gone = editions.names[parts[0].first], parts[-1].last < editions.newest
        if gone and start is None and end is None:
            notes.append(f"{code}: left out, a misprint of {first}")
            continue
        if gone and end is None:
            raise SystemExit(f"{code} ends after {editions.names[parts[-1].last]} without an act")
        if start is None:
            notes.append(f"{code}: missing before {first}, carried back")
        spans += _spans(code, parts, start or FIRST_DAY, end, editions, notes)
    return spans, notes


def _spans(
    code: str,
    parts: list[Segment],
    start: date,
    end: date | None,
    editions: Editions,
    notes: list[str],
) -> list[Span]:
    """Return the spans of one line between its first and last day."""
    spans = [Span(code, start, end, parts[0].texts)]
    for part in parts[1:]:
        day = _changed(code, part.first, editions)
        if day is None:
            notes.append(f"{code}: print corrected in {editions.names[part.first]}, carried back")
            spans[-1] = spans[-1]._replace(texts=part.texts)
        else:
            spans[-1] = spans[-1]._replace(until=day)
            spans.append(Span(code, day, end, part.texts))
    return spans


def _born(code: str, edition: int, editions: Editions) -> date | None:
    """Return the first day of a line; None when no act explains its late appearance."""
    if edition == 0:
        return FIRST_DAY
    return editions.dated(code, _BORN, edition) or _with_siblings(code, edition, editions)


def _ended(code: str, edition: int, editions: Editions) -> date | None:
    """Return the day from which a line is gone; None while it stands."""
    if edition == editions.newest:
        return None
    day = editions.dated(code, _ENDED, edition + 1)
    return day or _with_siblings(code, edition + 1, editions)


def _with_siblings(code: str, edition: int, editions: Editions) -> date | None:
    """Return the day on which records divide the line's rate line anew at an edition."""
    days = [
        day
        for (item, nature), found in editions.records.items()
        if nature in _BORN + _ENDED and item.startswith(code[:8]) and item != code
        for day in found
        if abs((day - editions.effective[edition]).days) <= NEAR_DAYS
    ]
    return min(days, default=None)


def _changed(code: str, edition: int, editions: Editions) -> date | None:
    """Return the day of a change of rate; None for a correction of the print."""
    if editions.names[edition].endswith("_basic"):
        return editions.effective[edition]
    return editions.dated(code, ("Modified",), edition)


def build_nomenclature() -> tuple[pl.DataFrame, list[str]]:
    """Return the lines with their rates over time, and the notes on corrected prints."""
    editions = read_editions()
    spans, notes = date_segments(merge_segments(read_segments(editions)), editions)
    frame = pl.DataFrame(
        [(int(s.code.ljust(10, "0")), len(s.code), s.start, s.until, *s.texts) for s in spans],
        schema=LINE_SCHEMA,
        orient="row",
    ).with_columns((pl.col("hts") // 100).cast(pl.Int32).alias("hts8"))
    general, special, other = (frame[name].to_list() for name in _RATES)
    return frame.with_columns(
        *rate_columns("g", general),
        *rate_columns("o", other),
        *usmca_columns(special),
        special_ids(special),
    ), notes


def nomenclature_tables() -> list[Table]:
    """Return the tables of this group and print the report on rate texts and corrections."""
    frame, notes = build_nomenclature()
    texts = read_texts()
    lines = frame.join(build_units(texts), on="hts", how="left").with_columns(
        pl.col("units", "census_unit").fill_null("")
    )
    print("\n".join([*notes, *rate_report(lines), *source_disagreements(lines)]))
    return [
        Table(
            "nomenclature_us",
            "Tariff lines of the United States with their rates of duty over time",
            lines,
            ("hts", "valid_from"),
            (HTS,),
            {
                "*_ad_valorem": "fraction of the customs value",
                "*_specific": "USD per *_specific_unit",
                "valid_from": "first day",
                "valid_until": "first day no longer in force",
            },
            tuple(notes),
        ),
        Table(
            "special_rates",
            "Special column of the schedule: one row per text and programme (SPI)",
            special_rates(frame["special"].to_list()),
            ("special_id", "programme"),
            (HTS,),
            {"rate_ad_valorem": "fraction", "rate_specific": "USD per rate_specific_unit"},
        ),
        Table(
            "nomenclature_us_text",
            "Descriptions of headings, subheadings and lines",
            build_text(texts),
            ("code", "digits", "valid_from"),
            (HTS,),
            {"code": "4 to 10 digits, filled with zeros to ten"},
            ("Text of the newest edition held on the day: 2025 Basic, 2026 Basic, 2026 Rev 10.",),
        ),
    ]


def rate_report(lines: pl.DataFrame) -> list[str]:
    """Return the share of lines per kind of rate and the texts without arithmetic."""
    report = []
    for prefix, column in (("g", "general"), ("o", "other")):
        kinds = lines[f"{prefix}_kind"].value_counts(sort=True)
        shares = [f"{kind} {count / lines.height:.2%}" for kind, count in kinds.iter_rows()]
        report.append(f"{column}: {', '.join(shares)}")
        texts = (
            lines.filter(pl.col(f"{prefix}_kind") == "other")
            .group_by(column, f"{prefix}_reason")
            .len()
            .sort(column)
        )
        report += [
            f"  {count:>4} {reason}: {text[:90]}" for text, reason, count in texts.iter_rows()
        ]
    return report


def source_disagreements(lines: pl.DataFrame) -> list[str]:
    """Compare our reading with the source's own `mfn_kind` and `mfn_advalorem`."""
    path = sources() / "us/hts/hts_2026_rev10.parquet"
    source = (
        pl.read_parquet(path)
        .filter(pl.col("digits").is_in([8, 10]))
        .select(pl.col("hts").str.pad_end(10, "0").cast(pl.Int64), "mfn_kind", "mfn_advalorem")
        .unique("hts", keep="last", maintain_order=True)
    )
    both = lines.filter(pl.col("valid_until").is_null()).join(source, on="hts")
    ours = pl.col("g_ad_valorem").fill_null(-1) - pl.col("mfn_advalorem").fill_null(-1)
    rate = both.filter((ours.abs() > 1e-12) & pl.col("g_kind").is_in(["free", "ad_valorem"]))
    kind = both.filter(pl.col("g_kind") != pl.col("mfn_kind"))
    counts = kind.group_by("g_kind", "mfn_kind").len().sort("g_kind", "mfn_kind").iter_rows()
    return [
        f"against the source's own reading, {both.height} lines: {rate.height} rates differ",
        *(f"  {n} lines are {a} here, {b} there" for a, b, n in counts),
    ]
