"""Records of a delimited text: its encoding, its delimiter, and quotation marks gone astray.

A quotation mark that no other closes would swallow every line behind it. Such a line is set aside
alone and reading goes on with the next one, so that one bad line never takes good ones with it.
"""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAD = 4096
TWO_BYTE_ZEROS = 1 / 2
"""Share of zero bytes at even or odd places from which text is taken for two-byte text."""
MOST = 1 << 26
"""Characters that one record may span lines for."""
DELIMITERS = ",;\t|"
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
STRAY = "holds a quotation mark that no other closes"
INSIDE = "holds a quotation mark inside a quoted cell"
WINDOWS = [bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in range(256)]


class SourceError(ValueError):
    """A file cannot be read at all; the message names it and the remedy."""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Return what bytes that are no UTF-8 stand for in Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(WINDOWS[code] for code in bad), error.end


codecs.register_error("advalorem-windows", _as_windows)


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no record: why, and its text."""

    reason: str
    text: str


@dataclass(slots=True)
class Lines:
    """The lines of a file, with those taken for the present record, which can be put back."""

    file: Iterator[str]
    ahead: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)
    size: int = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self.size > MOST and len(self.taken) > 1:
            raise csv.Error(STRAY)
        line = self.ahead.popleft() if self.ahead else next(self.file)
        self.taken.append(line)
        self.size += len(line)
        return line

    def begin(self) -> None:
        """Begin a record."""
        self.taken.clear()
        self.size = 0

    def back(self) -> str:
        """Put all lines of the present record back but the first; return that one."""
        first, *rest = self.taken
        self.ahead.extendleft(reversed(rest))
        return first.rstrip("\r\n")


def open_text(path: Path) -> io.TextIOWrapper:
    """Return a text file open in its encoding; line ends are left as they are.

    Two-byte text is known by its mark or its zero bytes. All other text is UTF-8, and bytes that
    are no UTF-8 count as Windows-1252, so that one such byte changes no other line.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    name = next((name for mark, name in BOMS.items() if head.startswith(mark)), None)
    zeros = [head[at::2].count(0) / max(len(head) // 2, 1) for at in (0, 1)]
    if name is None and max(zeros) > TWO_BYTE_ZEROS:
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    name = name or "utf-8"
    errors = "advalorem-windows" if name.startswith("utf-8") else "replace"
    return path.open(encoding=name, errors=errors, newline="")


def delimiter_of(line: str) -> str:
    """Return the delimiter that a line holds most of outside quotation marks.

    >>> delimiter_of("a;b;c,d"), delimiter_of("hts"), delimiter_of('"a,b,c";d')
    (';', ',', ';')
    """
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))


def records(lines: Lines, delimiter: str, width: int = 0) -> Iterator[list[str] | Broken]:
    """Yield the records of a text, and the lines that are none.

    A record that spans lines must have `width` cells where that is not 0: else its first line is
    taken for broken, and the others are read anew.
    """
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            several = len(lines.taken) > 1 or "end of data" in str(error)
            yield Broken(STRAY if several else INSIDE, lines.back())
            continue
        if width and len(lines.taken) > 1 and not fits(row, width):
            yield Broken(STRAY, lines.back())
        else:
            yield row


def fits(row: list[str], width: int) -> bool:
    """Return whether a row has so many cells, empty ones at its end not counted.

    >>> fits(["a", "b", ""], 2), fits(["a"], 2)
    (True, False)
    """
    return len(row) == width or (len(row) > width and not any(row[width:]))
