"""Build the search tables: words of every rate line, vocabulary, everyday names."""

import polars as pl

from data_common import DATA, ROOT, Source, Table
from data_flows import CENSUS
from data_nomenclature import HTS

ALIASES = "tools/sources/aliases.csv"
NAMES = Source(
    publisher="this project, after the texts of the headings",
    licence="Apache-2.0",
    date="2026",
    files=(ALIASES,),
)
_EXCLUSIONS = r"\b(other than|except|excluding|not including|not containing)\b[^,;:>()]*"
_WORD = r"[a-z][a-z0-9-]{2,}"


def search_tables() -> list[Table]:
    """Return the tables of this group, from the packaged nomenclature and flows."""
    lines = rate_lines()
    return [
        Table(
            "search_us",
            "Words of every rate line of the US schedule, for search",
            lines,
            ("hts8",),
            (HTS, CENSUS),
            {"imports_2024_usd": "USD, to rank equal hits"},
            ("lower case; exclusions ('other than ...') are left out so that they do not match",),
        ),
        Table(
            "search_words_us",
            "Words that occur in the schedule, for misspelt queries",
            vocabulary(lines),
            ("word",),
            (HTS,),
            {"lines": "rate lines with the word"},
        ),
        Table(
            "search_aliases",
            "Everyday words for goods: the codes that hold them or the schedule's own word",
            pl.read_csv(ROOT / ALIASES, infer_schema=False),
            ("phrase", "kind", "target"),
            (NAMES,),
            {"target": "leading digits where kind is code, a word where kind is word"},
        ),
    ]


def rate_lines() -> pl.DataFrame:
    """Return one row per rate line: path, words below it, imports."""
    texts = (
        pl.read_parquet(DATA / "nomenclature_us_text.parquet")
        .filter(pl.col("digits") >= 8)
        .sort("code", "valid_from", "digits")
        .with_columns((pl.col("code") // 100).cast(pl.Int32).alias("hts8"))
    )
    heads = texts.sort(
        "hts8", "digits", "code", "valid_from", descending=[False, False, False, True]
    )
    heads = heads.unique("hts8", keep="first", maintain_order=True).select(
        "hts8", "digits", pl.col("path")
    )
    below = (
        texts.filter(pl.col("digits") == 10)
        .group_by("hts8", maintain_order=True)
        .agg(pl.col("description").unique(maintain_order=True).str.join("; ").alias("below"))
    )
    frame = heads.join(below, on="hts8", how="left").join(_imports(), on="hts8", how="left")
    return frame.select(
        "hts8",
        _indexed("path"),
        _indexed("below"),
        pl.col("imports_2024_usd").fill_null(0),
    )


def _indexed(column: str) -> pl.Expr:
    """Return lower-case text without exclusions."""
    plain = pl.col(column).fill_null("").str.to_lowercase().str.replace_all(_EXCLUSIONS, "")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def _imports() -> pl.DataFrame:
    """Return 2024 imports by rate line."""
    frame = pl.read_parquet(DATA / "imports_2024.parquet")
    return frame.group_by((pl.col("hts") // 100).cast(pl.Int32).alias("hts8")).agg(
        pl.col("customs_value_usd").sum().alias("imports_2024_usd")
    )


def vocabulary(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the words of the schedule with the number of rate lines that hold them."""
    both = (pl.col("path") + " " + pl.col("below")).str.extract_all(_WORD).list.unique()
    words = lines.select(both.alias("word")).explode("word").drop_nulls()
    return words.group_by("word").agg(pl.len().cast(pl.Int32).alias("lines"))
