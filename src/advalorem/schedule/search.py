"""Search the schedule in plain words.

Every word of the query must occur as a whole word in a rate line's description, in those of the
lines above it or of the statistical lines below it; where a phrase is an everyday name (table
``search_aliases``), the codes it stands for count as matching. Misspelt words are replaced by the
nearest word of the schedule. Hits are ordered by where the words stand, then by 2024 imports.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from advalorem.schedule.nomenclature import dotted, load_nomenclature

__all__ = ["Hit", "SearchResult", "search"]

DATA = Path(__file__).parent.parent / "data"
_STOPWORDS = frozenset(
    ("a", "an", "and", "the", "of", "for", "with", "in", "or", "to", "from", "on")
)
_NAMED, _LEADING, _WITHIN, _BELOW = 4.0, 3.0, 2.0, 1.0
_LIKE = 80.0

Scores = NDArray[np.float64]


class Hit(msgspec.Struct, frozen=True):
    """A rate line found.

    Attributes
    ----------
    code : str
        Eight digits, dotted.
    hts8 : int
        The same as an integer.
    description : str
        Its words after those of the lines above it.
    general : str
        Column 1 general rate as printed.
    lines : int
        Ten-digit lines below it on the day.
    score : float
        How well the words stand: 4 an everyday name, 3 first word of a description, 2 within one,
        1 in a statistical line below; mean over the query's words.
    """

    code: str
    hts8: int
    description: str
    general: str
    lines: int
    score: float


class SearchResult(msgspec.Struct, frozen=True):
    """The hits, best first; `read_as` maps each word that was replaced to the word used."""

    query: str
    on: date
    hits: tuple[Hit, ...]
    read_as: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Rate lines (n,) with their lower-case words."""

    hts8: NDArray[np.int32]
    path: pl.Series
    below: pl.Series
    imports: NDArray[np.int64]


def search(query: str, on: date, importer: str, limit: int = 10) -> SearchResult:
    """Return the rate lines that plain words describe.

    Parameters
    ----------
    query : str
        Words, e.g. ``"softwood lumber"``.
    on : date
        Only lines that stand on this day are returned.
    importer : str
        ISO 3166 two-letter code of the importer whose schedule is searched.
    limit : int
        Most hits returned.

    Returns
    -------
    SearchResult
        The hits; none where no line holds all words.

    Raises
    ------
    ValueError
        When the query holds no word to search for.
    FileNotFoundError
        When no search table of the importer is packaged.

    Examples
    --------
    >>> from datetime import date
    >>> found = search("crude oil", date(2025, 9, 18), "US")
    >>> found.hits[0].code, found.hits[0].general
    ('2709.00.10', '5.25¢/bbl')
    >>> search("medicamants", date(2025, 9, 18), "US").read_as
    {'medicamants': 'medicaments'}
    """
    corpus = _corpus(importer)
    words, read_as = _words(query, importer)
    if not words:
        raise ValueError(f"query {query!r}: no word to search for; give the name of a good")
    scores = _scores(words, corpus)
    lines = load_nomenclature(importer).lines_on(on)
    stems, first, counts = np.unique(lines.hts // 100, return_index=True, return_counts=True)
    stands = np.isin(corpus.hts8, stems)
    best = _best(np.where(stands, scores, 0.0), corpus.imports, limit)
    at = np.searchsorted(stems, corpus.hts8[best])
    rows = lines.rows[first[at]]
    hits = _hits(importer, on, corpus.hts8[best], rows, counts[at], scores[best])
    return SearchResult(query, on, hits, read_as)


def _words(query: str, importer: str) -> tuple[list[str], dict[str, str]]:
    """Return the query's words, each in the schedule's spelling, and what was replaced."""
    given = [w for w in re.findall(r"[\w-]+", query.lower()) if w not in _STOPWORDS]
    replaced = {w: _known(w, importer) for w in given}
    changed = {old: new for old, new in replaced.items() if old != new}
    return [replaced[w] for w in given], changed


def _known(word: str, importer: str) -> str:
    """Return the word, its counterpart in the schedule, or the nearest word that occurs there."""
    aliases = _aliases()
    swaps: dict[str, str] = dict(
        aliases.filter(pl.col("kind") == "word").select("phrase", "target").iter_rows()
    )
    if found := next((swaps[form] for form in _forms(word) if form in swaps), None):
        return found
    named = {part for phrase in aliases["phrase"] for part in phrase.split()}
    known = set(_vocabulary(importer)["word"])
    if any(form in named or form in known for form in _forms(word)) or len(word) < 4:
        return word
    from rapidfuzz import fuzz, process

    near = process.extractOne(word, sorted(known | named), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return near[0] if near else word


def _forms(word: str) -> tuple[str, ...]:
    """Return the word with its plural and singular forms.

    >>> _forms("tomatoes"), _forms("battery")
    (('tomatoes', 'tomato', 'tomatoe'), ('battery', 'batterys', 'batteryes', 'batteries'))
    """
    if word.endswith("ies"):
        return (word, word[:-3] + "y", word[:-1])
    if word.endswith("es"):
        return (word, word[:-2], word[:-1])
    if word.endswith("s"):
        return (word, word[:-1])
    plurals = (word + "s", word + "es")
    return (word, *plurals, word[:-1] + "ies") if word.endswith("y") else (word, *plurals)


def _scores(words: Sequence[str], corpus: _Corpus) -> Scores:
    """Return the mean score over words (n,); zero where a word is nowhere."""
    by_word = np.stack([_word_scores(word, corpus) for word in words])
    for start, stop, prefixes in _named_spans(words):
        named = _under(corpus.hts8, prefixes)
        by_word[start:stop, named] = _NAMED
    complete = (by_word > 0).all(axis=0)
    return np.where(complete, by_word.mean(axis=0), 0.0)


def _word_scores(word: str, corpus: _Corpus) -> Scores:
    """Score one word by where it stands (n,)."""
    forms = "|".join(re.escape(form) for form in _forms(word))
    whole = rf"\b(?:{forms})\b"
    within = corpus.path.str.contains(whole).to_numpy()
    leading = corpus.path.str.contains(rf"(?:^|> ){whole}").to_numpy()
    below = corpus.below.str.contains(whole).to_numpy()
    return np.select([leading, within, below], [_LEADING, _WITHIN, _BELOW], 0.0)


def _named_spans(words: Sequence[str]) -> list[tuple[int, int, list[str]]]:
    """Return the everyday names in the query, longest first: first word, end, code prefixes."""
    rows = _aliases().filter(pl.col("kind") == "code").select("phrase", "target").iter_rows()
    codes: dict[tuple[str, ...], list[str]] = {}
    for phrase, target in rows:
        codes.setdefault(tuple(phrase.split()), []).append(target)
    spans: list[tuple[int, int, list[str]]] = []
    taken: set[int] = set()
    for phrase_words in sorted(codes, key=len, reverse=True):
        for start in range(len(words) - len(phrase_words) + 1):
            span = range(start, start + len(phrase_words))
            pairs = zip(phrase_words, (words[i] for i in span), strict=True)
            if taken.isdisjoint(span) and all(a in _forms(b) or b in _forms(a) for a, b in pairs):
                spans.append((span.start, span.stop, codes[phrase_words]))
                taken.update(span)
    return spans


def _under(hts8: NDArray[np.int32], prefixes: Sequence[str]) -> NDArray[np.bool_]:
    """Return which rate lines begin with one of the digits."""
    masks = [hts8 // 10 ** (8 - len(prefix)) == int(prefix) for prefix in prefixes]
    found: NDArray[np.bool_] = np.any(np.stack(masks), axis=0)
    return found


def _best(scores: Scores, imports: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return the rows of the best scores, larger imports first among equals."""
    order = np.lexsort((-imports, -scores))[:limit]
    return order[scores[order] > 0]


def _hits(
    importer: str,
    on: date,
    hts8: NDArray[np.int32],
    rows: NDArray[np.int64],
    counts: NDArray[np.int64],
    scores: Scores,
) -> tuple[Hit, ...]:
    """Join rate lines to their words and column 1 rate."""
    book = load_nomenclature(importer)
    general = _general(importer)
    return tuple(
        Hit(
            code=dotted(int(code) * 100, 8),
            hts8=int(code),
            description=_description(int(code), on, importer, int(book.hts[row])),
            general=str(general[int(row)]),
            lines=int(count),
            score=round(float(score), 2),
        )
        for code, row, count, score in zip(hts8, rows, counts, scores, strict=True)
    )


def _description(hts8: int, on: date, importer: str, first_line: int) -> str:
    """Return the rate line's words; those of its only line where it is printed with ten digits."""
    book = load_nomenclature(importer)
    return book.description(hts8 * 100, on, 8) or book.description(first_line, on)


@lru_cache(maxsize=2)
def _corpus(importer: str) -> _Corpus:
    """Read the words of an importer's schedule, or say which importers have them."""
    path = DATA / f"search_{importer.lower()}.parquet"
    if not path.exists():
        held = ", ".join(
            sorted(found.stem[-2:].upper() for found in DATA.glob("search_??.parquet"))
        )
        raise FileNotFoundError(
            f"importer: no words to search are held for {importer!r}; held are {held}; "
            "search one of those, or give duty the tariff code itself"
        )
    table = pl.read_parquet(path)
    hts8, imports = table["hts8"].to_numpy(), table["imports_2024_usd"].to_numpy()
    return _Corpus(hts8, table["path"], table["below"], imports)


@lru_cache(maxsize=2)
def _general(importer: str) -> pl.Series:
    """Read the column 1 general texts, one per row of the nomenclature."""
    path = DATA / f"nomenclature_{importer.lower()}.parquet"
    return pl.read_parquet(path, columns=["general"])["general"]


@lru_cache(maxsize=1)
def _aliases() -> pl.DataFrame:
    """Read the everyday names."""
    return pl.read_parquet(DATA / "search_aliases.parquet")


@lru_cache(maxsize=1)
def _vocabulary(importer: str) -> pl.DataFrame:
    """Read the words that occur in the schedule."""
    return pl.read_parquet(DATA / f"search_words_{importer.lower()}.parquet")
