"""Sheets of workbooks as rows of text: values only, and what stands in place of one.

The reader of workbooks gives an error, and a formula that was never computed, as an empty cell,
and an empty cell counts as not stated. So these are looked up in the file itself (ECMA-376, part 1,
section 18.3.1.4: a cell, its type `t`, its formula `f` and its value `v`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, fromstring, iterparse
from zipfile import BadZipFile, ZipFile, is_zipfile

from advalorem.batch.cells import iso_text
from advalorem.batch.text import SourceError

LIST = "xl/workbook.xml"
SUSPECT = re.compile(
    rb"""\st=["']e["']|(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)(?!\s*<(?:\w+:)?v(?:\s[^>]*)?>[^<])"""
)
"""A cell of type error, or a formula that no value follows."""
BLOCK, OVERLAP = 1 << 20, 256
LARGEST = 4 << 30
"""Bytes that a workbook may take when it is unpacked."""


def sheet_rows(path: str, sheet: str | None) -> Iterator[list[str]]:
    """Yield the rows of a sheet, the first unless told, that are not empty.

    Raises
    ------
    SourceError
        There is no such sheet.
    """
    changed = Path(path).stat().st_mtime_ns
    held = _sheet(path, sheet, changed)
    if held is None:
        return
    without = dict(_without_value(path, held.name, changed))
    for number, row in enumerate(held.iter_rows()):
        cells = _filled([iso_text(cell) for cell in row], held, without.pop(number, {}))
        if any(cells):
            yield cells
    for number in sorted(without):
        yield _filled([""] * held.width, held, without[number])


def sheet_height(path: str, sheet: str | None) -> int | None:
    """Return how many rows a sheet has, None in a workbook without sheets."""
    held = _sheet(path, sheet, Path(path).stat().st_mtime_ns)
    return None if held is None else int(held.total_height)


def other_sheets(path: str) -> tuple[str, ...]:
    """Return the names of the sheets beside the first."""
    return tuple(_workbook(path).sheet_names[1:])


def _workbook(path: str) -> Any:
    """Return a workbook, its kind told by its content."""
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(BytesIO(Path(path).read_bytes()))


@lru_cache(maxsize=1)
def _sheet(path: str, sheet: str | None, changed: int) -> Any:
    """Return the sheet asked for, else the first; None in a workbook without sheets."""
    names = (book := _workbook(path)).sheet_names
    if sheet is not None and sheet not in names:
        raise SourceError(f"{path}: no sheet {sheet!r}; there are {', '.join(map(repr, names))}")
    return book.get_sheet_by_name(sheet or names[0]) if names else None


@lru_cache(maxsize=1)
def _without_value(path: str, sheet: str, changed: int) -> dict[int, dict[int, str]]:
    """Return the errors, and the formulas never computed, of a sheet."""
    return valueless(Path(path), sheet)


def _filled(cells: list[str], sheet: Any, texts: Mapping[int, str]) -> list[str]:
    """Return the cells of a row with texts put in, by their columns in the sheet."""
    first = sheet.start[1] if sheet.start else 0
    for column, text in texts.items():
        if 0 <= column - first < len(cells):
            cells[column - first] = text
    return cells


def unpacked(path: Path) -> int:
    """Return the bytes that a packed workbook takes unpacked, 0 where it does not say.

    Damage is told by the one who reads it.
    """
    try:
        with ZipFile(path) as book:
            return sum(part.file_size for part in book.infolist())
    except (BadZipFile, RuntimeError, ValueError, OSError):
        return 0


def valueless(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Return, by row and column from 0, the error or the formula of cells without a value.

    Only workbooks in XML are looked into.
    """
    found: dict[int, dict[int, str]] = {}
    if not is_zipfile(path):
        return found
    with ZipFile(path) as book:
        if LIST not in book.namelist():
            return found
        name = _part(book, sheet)
        with book.open(name) as file:
            if not _is_suspect(file):
                return found
        with book.open(name) as file:
            for row, column, text in _cells(file):
                found.setdefault(row, {})[column] = text
    return found


def _part(book: ZipFile, sheet: str) -> str:
    """Return the name of the part that holds a sheet."""
    sheets = [each for each in fromstring(book.read(LIST)).iter() if _is(each, "sheet")]
    found = next(each for each in sheets if each.get("name") == sheet)
    number = next(value for key, value in found.items() if key.endswith("}id"))
    relations = fromstring(book.read("xl/_rels/workbook.xml.rels"))
    target = next(each.get("Target") or "" for each in relations if each.get("Id") == number)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _is(element: Element, name: str) -> bool:
    return element.tag.rsplit("}", 1)[-1] == name


def _is_suspect(file: IO[bytes]) -> bool:
    """Return whether a sheet may hold errors or formulas without a value; mostly it does not."""
    held, block = b"", file.read(BLOCK)
    while block:
        held, block = held + block, file.read(BLOCK)
        most = len(held) - OVERLAP if block else len(held)
        if any(found.end() <= most for found in SUSPECT.finditer(held)):
            return True
        held = held[-2 * OVERLAP :]
    return False


def _cells(file: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of the cells that hold an error, or a formula and no value."""
    row, column = -1, -1
    for event, element in iterparse(file, ("start", "end")):
        if event == "start":
            if _is(element, "row"):
                row, column = int(element.get("r") or row + 2) - 1, -1
            elif _is(element, "c"):
                column = _column(element.get("r")) if element.get("r") else column + 1
        elif _is(element, "c"):
            text = _text(element)
            if text is not None:
                yield row, column, text
        elif _is(element, "row"):
            element.clear()


def _text(cell: Element) -> str | None:
    """Return the error or the formula of a cell, None where it has a value or is empty."""
    inner = {each.tag.rsplit("}", 1)[-1]: each.text or "" for each in cell}
    if cell.get("t") == "e":
        return inner.get("v") or "#ERROR!"
    if "f" in inner and not inner.get("v") and cell.get("t") != "str":
        return f"={inner['f']}"
    return None


def _column(reference: str | None) -> int:
    """Return the number of the column of a reference, from 0.

    >>> _column("A1"), _column("AB12")
    (0, 27)
    """
    number = 0
    for letter in filter(str.isalpha, reference or ""):
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1
