"""What a rater decided, kept on disk for the next run, and what the package brings along.

A kept file's name holds a digest of law, data and program: anything else makes another file. The
packed files hold all of an importer's law as known on the day of its newest act, with ledger lines
and without; they name the law and the tariff that they were made of, and are used for no other.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from advalorem.batch.rater import Rater
from advalorem.batch.stored import read_rater, write_rater
from advalorem.law.model import Lawbook

PACKAGE = Path(__file__).parent.parent
PROGRAM = ("batch", "duty", "law", "schedule")
DECIDING = ("completions", "content", "distinct", "forms", "lines", "looks", "lookup", "pages",
            "plans", "tables", "whole")  # fmt: skip
LAW = ("measures", "relations", "instruments", "lists", "facts", "claims", "columns", "fees",
       "countries", "groups")  # fmt: skip
"""Parts of the lawbook that decide what is owed."""
NEWEST = 8
"""How many files are kept, the newest."""


@lru_cache(maxsize=1)
def program() -> str:
    """Return a digest of the program and of the packaged data.

    >>> len(program())
    16
    """
    total = hashlib.sha256((PACKAGE / "data" / "manifest.json").read_bytes())
    for folder in PROGRAM:
        for path in sorted((PACKAGE / folder).glob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def path_of(folder: Path, rater_key: tuple[str, ...]) -> Path:
    """Return the file of a law version, importer and day of knowledge."""
    return folder / ("-".join([*rater_key, program()]) + ".npz")


def save(rater: Rater, folder: Path) -> Path:
    """Write what a rater decided; return the file."""
    path = path_of(folder, _named(rater.book, rater.importer, rater.known_on, rater.detail))
    write_rater(rater, path)
    rater.grown = 0
    _prune(folder)
    return path


def _prune(folder: Path) -> None:
    """Remove all but the newest kept files: those of older laws and programs are not read again."""
    kept = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-NEWEST]:
        path.unlink(missing_ok=True)


def _named(book: Lawbook, importer: str, known_on: date, detail: bool) -> tuple[str, ...]:
    return book.version, importer, known_on.isoformat(), *(("ledger",) if detail else ())


def open_rater(
    book: Lawbook, importer: str, known_on: date, folder: Path | None, detail: bool = False
) -> Rater:
    """Return a rater with what an equal one decided: in an earlier run, or for the package.

    A damaged file counts as none.
    """
    if folder is not None:
        path = path_of(folder, _named(book, importer, known_on, detail))
        kept = read_rater(path, book, importer, known_on, detail)
        if kept is not None:
            return kept
    return open_packed(book, importer, known_on, detail) or Rater(
        book, importer, known_on, detail=detail
    )


def packed_path(importer: str, detail: bool = False) -> Path:
    """Return the packaged file of an importer's law, with ledger lines or without.

    >>> packed_path("US").name, packed_path("US", detail=True).name
    ('decided_us.npz', 'decided_us_lines.npz')
    """
    lines = "_lines" if detail else ""
    return PACKAGE / "data" / "derived" / f"decided_{importer.lower()}{lines}.npz"


def stamp_of(book: Lawbook, importer: str, known_on: date) -> str:
    """Return what a packed file must be made of: the law of duty, the tariff, day of knowledge."""
    law = {name: getattr(book, name) for name in LAW}
    total = hashlib.sha256(msgspec.msgpack.encode(law))
    tariff = PACKAGE / "data" / f"tariff_{importer.lower()}.msgpack"
    if tariff.is_file():
        total.update(tariff.read_bytes())
    return " ".join([importer, known_on.isoformat(), total.hexdigest()])


def code_digest() -> str:
    """Return a digest of the code that decides, without comments and docstrings.

    A packed file names it, so that a test can tell when the kernel changed after packing.
    """
    import ast

    total = hashlib.sha256()
    for folder in PROGRAM:
        names = DECIDING if folder == "batch" else ("*",)
        for path in sorted(
            each for name in names for each in (PACKAGE / folder).glob(f"{name}.py")
        ):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                body = getattr(node, "body", None)
                if isinstance(body, list):
                    node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
            total.update(ast.dump(tree).encode())
    return total.hexdigest()[:16]


def _is_text(node: object) -> bool:
    value = getattr(getattr(node, "value", None), "value", None)
    return type(node).__name__ == "Expr" and isinstance(value, str)


def open_packed(book: Lawbook, importer: str, known_on: date, detail: bool) -> Rater | None:
    """Return a rater with all of the law decided, None where none is packed for this law."""
    path = packed_path(importer, detail)
    if known_on != book.newest_act or not path.is_file():
        return None
    stamp = stamp_of(book, importer, known_on)
    return read_rater(path, book, importer, known_on, detail, stamp)


def pack(rater: Rater) -> Path:
    """Write a rater that decided all of the law for the package; return the file."""
    path = packed_path(rater.importer, rater.detail)
    stamp = stamp_of(rater.book, rater.importer, rater.known_on)
    write_rater(rater, path, stamp, code_digest())
    return path
