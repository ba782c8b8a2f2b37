"""The lines of a tariff: which codes stand on a day, what they are called, what became of them.

A code that does not stand on the day is answered by a `CodeProblem` that offers the nearest codes:
heirs of a retired line, lines below a heading, like spellings.

Data: ``nomenclature_<importer>.parquet`` and its ``_text`` and ``successors_`` companions, see
``docs/data.md``. Loading reads four columns; words and successors are read when asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from advalorem.schedule.codes import Code, CodeProblem, dotted, normalise_code, offering
from advalorem.schedule.store import load_tariff, load_words, unpack

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Code",
    "CodeProblem",
    "Lines",
    "Nomenclature",
    "Resolution",
    "dotted",
    "load_nomenclature",
    "normalise_code",
]

DATA = Path(__file__).parent.parent / "data"
_SLIPS = 2
"""Most slips of the pen, a swap counting one, between a code and one offered for it."""

Codes = NDArray[np.int64]
Days = NDArray[np.int64]


class Resolution(msgspec.Struct, frozen=True):
    """The lines that a code names on a day: several where eight digits divide into ten.

    `rows` are row numbers of the nomenclature table, beside `hts`.
    """

    given: Code
    on: date
    hts: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a day: ascending ten-digit codes `hts` (n,) and their table `rows` (n,)."""

    hts: Codes
    rows: Codes


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """The lines of one importer over time, as arrays in table order (ascending code, then day).

    `hts` and `digits` (n,); `valid_from` and `valid_until` (n,) proleptic ordinals, half-open, the
    largest day while in force.
    """

    importer: str
    hts: Codes
    digits: Codes
    valid_from: Days
    valid_until: Days

    def lines_on(self, on: date) -> Lines:
        """Return the lines that stand on a day.

        >>> lines = load_nomenclature("US").lines_on(date(2025, 1, 1))
        >>> bool((np.diff(lines.hts) > 0).all()), len(lines.hts) > 20_000
        (True, True)
        """
        rows = np.flatnonzero(_live(self.valid_from, self.valid_until, on))
        return Lines(self.hts[rows], rows)

    def children(self, hts8: int, on: date) -> Lines:
        """Return the ten-digit lines of an eight-digit code on a day.

        >>> load_nomenclature("US").children(72085100, date(2025, 1, 1)).hts.tolist()
        [7208510030, 7208510045, 7208510060]
        """
        return self._between(hts8 * 100, hts8 * 100 + 99, on)

    def _between(self, low: int, high: int, on: date) -> Lines:
        """Return the lines from code `low` to `high`, both included, on a day."""
        span = slice(*np.searchsorted(self.hts, [low, high + 1]))
        live = _live(self.valid_from[span], self.valid_until[span], on)
        rows = np.flatnonzero(live) + span.start
        return Lines(self.hts[rows], rows)

    def resolve(self, text: object, on: date) -> Resolution | CodeProblem:
        """Return the lines that a code names on a day, or why it names none.

        Parameters
        ----------
        text : str
            Eight or ten digits, dotted or not.
        on : date
            The day of entry.

        Returns
        -------
        Resolution or CodeProblem
            Lines and rows; or the problem, with successors of a retired code, predecessors of one
            not yet created, and nearest spellings of an unknown one.

        Examples
        --------
        >>> book = load_nomenclature("US")
        >>> book.resolve("7208.51.00", date(2025, 9, 18)).hts
        (7208510030, 7208510045, 7208510060)
        >>> print(book.resolve("0804.30.6000", date(2026, 3, 1)))
        hts '0804.30.6000': retired on 2026-02-01. Give a code that stands on 2026-03-01.
        Nearest: 0804.30.60.10, 0804.30.60.90.
        """
        code = normalise_code(text)
        if isinstance(code, CodeProblem):
            return self._with_lines_below(code, on)
        found = self._between(code.hts, code.hts + (99 if code.digits == 8 else 0), on)
        if found.hts.size:
            return Resolution(code, on, tuple(found.hts.tolist()), tuple(found.rows.tolist()))
        return self._absent(str(text).strip(), code, on)

    def description(self, hts: int, on: date, digits: int = 10) -> str:
        """Return the full description of a line, heading or subheading on a day.

        Parameters
        ----------
        hts : int
            The code, filled with zeros to ten digits.
        on : date
            The day; before a line's first day its first description is given.
        digits : int
            How many digits are meant: 4, 6, 8 or 10.

        Returns
        -------
        str
            Its own words after those of the lines above it, joined by `` > ``; empty if unknown.

        Examples
        --------
        >>> load_nomenclature("US").description(4407_11_00_01, date(2025, 1, 1))[:45]
        'Wood sawn or chipped lengthwise, sliced or pe'
        """
        words = load_words(self.importer)
        if words is None:
            return ""
        code, printed = unpack(words.code), unpack(words.digits)
        rows = np.flatnonzero((code == hts) & (printed <= digits))
        if not rows.size:
            return ""
        rows = rows[printed[rows] == printed[rows].max()]
        past = rows[unpack(words.valid_from)[rows] <= on.toordinal()]
        return words.path[int(past[-1] if past.size else rows[0])]

    def _with_lines_below(self, problem: CodeProblem, on: date) -> CodeProblem:
        """Add candidates to a problem of form: lines below a heading, the code with its zero."""
        figures = re.sub(r"\D", "", problem.value)
        if problem.kind == "too_short":
            low = int(figures.ljust(10, "0"))
            lines = self._between(low, low + 10 ** (10 - len(figures)) - 1, on).hts
            return offering(problem, (dotted(h) for h in lines.tolist()))
        if problem.kind == "lost_zero":
            code = Code(int(figures.ljust(9, "0")), len(figures) + 1)
            stands = self._between(code.hts, code.hts + (99 if code.digits == 8 else 0), on)
            return offering(problem, [str(code)] if stands.hts.size else [])
        return problem

    def _absent(self, value: str, code: Code, on: date) -> CodeProblem:
        """Say why a well-formed code names no line on the day."""
        span = slice(*np.searchsorted(self.hts, [code.hts, code.hts + _width(code)]))
        start, until = self.valid_from[span], self.valid_until[span]
        stands = f"Give a code that stands on {on.isoformat()}"
        if start.size and start.min() > _day(on):
            message = f"does not stand before {_date(start.min()).isoformat()}"
            return self._moved(CodeProblem(value, "not_yet", message, stands), code, on, "new")
        if start.size:
            message = f"retired on {_date(until.max()).isoformat()}"
            return self._moved(CodeProblem(value, "retired", message, stands), code, on, "old")
        import polars as pl

        gone = _successors(self.importer).filter(pl.col("old") == code.hts)
        if gone.height:
            message = f"retired on {gone['day'][0].isoformat()}"
            return self._moved(CodeProblem(value, "retired", message, stands), code, on, "old")
        problem = CodeProblem(value, "unknown", "is in no edition held", "Correct the code")
        return offering(problem, self._alike(code, on))

    def _moved(self, problem: CodeProblem, code: Code, on: date, side: str) -> CodeProblem:
        """Offer the lines that took the code's goods (side ``old``) or had them (``new``)."""
        import polars as pl

        other = "new" if side == "old" else "old"
        table = _successors(self.importer).filter(
            pl.col(side).is_between(code.hts, code.hts + _width(code) - 1)
        )
        related = self._standing(table[other].drop_nulls().to_list(), on)
        siblings = self.children(code.hts8, on).hts.tolist()
        return offering(problem, (dotted(h) for h in related or siblings))

    def _standing(self, codes: list[int], on: date) -> list[int]:
        """Keep the codes that stand on the day, ascending and once each."""
        live = self.lines_on(on).hts
        return sorted(set(codes) & set(live[np.isin(live, codes)].tolist()))

    def _alike(self, code: Code, on: date) -> list[str]:
        """Return the codes nearest in spelling, lines of the same rate line first."""
        same = [dotted(h) for h in self.children(code.hts8, on).hts.tolist()]
        if same and code.digits == 10:
            return [dotted(code.hts, 8), *same]
        return _nearest(code, self.lines_on(on).hts)


@lru_cache(maxsize=4)
def load_nomenclature(importer: str) -> Nomenclature:
    """Load the packaged lines of an importer.

    Parameters
    ----------
    importer : str
        ISO 3166 two-letter code.

    Raises
    ------
    FileNotFoundError
        No nomenclature of this importer is packaged.

    Examples
    --------
    >>> load_nomenclature("US").importer
    'US'
    """
    tariff = load_tariff(importer)
    return Nomenclature(
        importer=importer,
        hts=tariff.hts,
        digits=tariff.digits,
        valid_from=tariff.valid_from,
        valid_until=tariff.valid_until,
    )


@lru_cache(maxsize=4)
def _successors(importer: str) -> pl.DataFrame:
    """Read the retired lines and their heirs; empty where none are packaged."""
    import polars as pl

    path = DATA / f"successors_{importer.lower()}.parquet"
    if path.exists():
        return pl.read_parquet(path)
    return pl.DataFrame(schema={"old": pl.Int64, "new": pl.Int64, "day": pl.Date})


def _live(start: Days, until: Days, on: date) -> NDArray[np.bool_]:
    """Return which spans hold the day."""
    day = _day(on)
    return (start <= day) & (day < until)


def _day(on: date) -> int:
    """Return the ordinal of a day."""
    return on.toordinal()


def _date(day: int) -> date:
    """Return the date of an ordinal."""
    return date.fromordinal(int(day))


def _width(code: Code) -> int:
    """Return how many ten-digit codes a code stands for."""
    return 100 if code.digits == 8 else 1


def _nearest(code: Code, lines: Codes) -> list[str]:
    """Return the codes nearest in spelling."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    width = code.digits
    known = sorted({f"{hts:010d}"[:width] for hts in lines.tolist()})
    given = f"{code.hts:010d}"[:width]
    distance = DamerauLevenshtein.distance
    found = process.extract(given, known, scorer=distance, limit=4, score_cutoff=_SLIPS)
    return [dotted(int(text.ljust(10, "0")), width) for text, _, _ in found]
