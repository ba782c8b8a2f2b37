"""Tariff codes at the border: text in, ten-digit integers within, problems with their remedy.

A code is text, since a number loses its leading zero. A bad code is answered by a `CodeProblem`
that names the value and the remedy; nothing here raises for bad input.
"""

import re
from collections.abc import Iterable

import msgspec

__all__ = ["Code", "CodeProblem", "dotted", "normalise_code", "offering"]

_OFFERED = 8


class Code(msgspec.Struct, frozen=True):
    """A well-formed code: `hts` filled with zeros to ten digits, and the digits given (8 or 10)."""

    hts: int
    digits: int

    @property
    def hts8(self) -> int:
        """The rate line."""
        return self.hts // 100

    def __str__(self) -> str:
        return dotted(self.hts, self.digits)


class CodeProblem(msgspec.Struct, frozen=True):
    """Why a code cannot be used, and what to give instead.

    Attributes
    ----------
    value : str
        What was given.
    kind : str
        ``not_text``, ``malformed``, ``lost_zero``, ``too_short``, ``too_long``, ``retired``,
        ``not_yet`` or ``unknown``.
    message, remedy : str
        What is wrong; what to do.
    candidates : tuple of str
        Codes to consider, nearest first, in dotted form.
    """

    value: str
    kind: str
    message: str
    remedy: str
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        offered = f" Nearest: {', '.join(self.candidates)}." if self.candidates else ""
        return f"hts {self.value!r}: {self.message}. {self.remedy}.{offered}"


def dotted(hts: int, digits: int = 10) -> str:
    """Return a ten-digit code in printed form.

    >>> dotted(7208510030), dotted(7208510000, 8)
    ('7208.51.00.30', '7208.51.00')
    """
    text = f"{hts:010d}"[:digits]
    return ".".join(part for part in (text[:4], text[4:6], text[6:8], text[8:]) if part)


def normalise_code(text: object) -> Code | CodeProblem:
    """Read a tariff code as given by a user.

    Parameters
    ----------
    text : str
        Eight or ten digits, with or without dots, blanks or hyphens between them.

    Returns
    -------
    Code or CodeProblem
        The code; or what is wrong with it and the remedy.

    Examples
    --------
    >>> normalise_code("0702.00.2002")
    Code(hts=702002002, digits=10)
    >>> print(normalise_code("702002002"))
    hts '702002002': has 9 digits; a leading zero seems lost. Give the code as text with its zero:
    0702.00.20.02.
    >>> normalise_code("7208.51").kind, normalise_code("72o8.51.00").kind, normalise_code(7).kind
    ('too_short', 'malformed', 'not_text')
    """
    if not isinstance(text, str):
        message = f"is a number of type {type(text).__name__}, which cannot hold a leading zero"
        return CodeProblem(str(text), "not_text", message, "Give the code as text")
    value = text.strip()
    figures = re.sub(r"[.\s-]", "", value)
    if not (figures.isascii() and figures.isdigit()):
        return CodeProblem(value, "malformed", "is not made of digits", "Give 8 or 10 digits")
    if len(figures) in (8, 10):
        return Code(int(figures.ljust(10, "0")), len(figures))
    return _wrong_length(value, figures)


def _wrong_length(value: str, figures: str) -> CodeProblem:
    """Say what is wrong with a code of neither eight nor ten digits."""
    length = f"has {len(figures)} digits"
    if len(figures) in (7, 9):
        restored = dotted(int(figures.ljust(9, "0")), len(figures) + 1)
        remedy = f"Give the code as text with its zero: {restored}"
        return CodeProblem(value, "lost_zero", f"{length}; a leading zero seems lost", remedy)
    if len(figures) < 8:
        remedy = "Give a line of 8 or 10 digits below it"
        return CodeProblem(value, "too_short", f"{length}, a heading and not a line", remedy)
    return CodeProblem(value, "too_long", length, "Give 8 or 10 digits")


def offering(problem: CodeProblem, candidates: Iterable[str]) -> CodeProblem:
    """Return the problem with its first few candidates."""
    return msgspec.structs.replace(problem, candidates=tuple(candidates)[:_OFFERED])
