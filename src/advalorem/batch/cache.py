"""What a rater decided, kept on disk for the next run: a file per law, importer and day.

The file's name holds a digest of law, data and program: anything else makes another file.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from advalorem.batch.forms import Form, FormBook, UnitLine
from advalorem.batch.lines import LedgerLine, SheetBook
from advalorem.batch.plans import Plan, PlanBook
from advalorem.batch.rater import Rater
from advalorem.batch.sinks import replacing
from advalorem.batch.tables import Epoch, EpochTable
from advalorem.law.model import Lawbook

PACKAGE = Path(__file__).parent.parent
PROGRAM = ("batch", "duty", "law", "schedule")
ARRAYS = ("cell", "code", "group", "state", "mode", "rate", "specific", "by_unit", "column",
          "flag", "flags", "key")  # fmt: skip
NEWEST = 8
"""How many files are kept, the newest."""
NUMBERS = ("keys", "by_mode", "by_quantity")


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
    path = path_of(folder, _key(rater))
    arrays = {"codes": rater.codes, "page": rater.flat.page, "plan": rater.flat.plan}
    for number, table in rater.tables.items():
        for name in ARRAYS:
            arrays[f"{number}.{name}"] = getattr(table, name)
    text = json.dumps(_notes(rater)).encode()
    arrays["notes"] = np.frombuffer(text, dtype=np.uint8)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    rater.grown = 0
    _prune(folder)
    return path


def _prune(folder: Path) -> None:
    """Remove all but the newest kept files: those of older laws and programs are not read again."""
    kept = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-NEWEST]:
        path.unlink(missing_ok=True)


def _key(rater: Rater) -> tuple[str, ...]:
    return _named(rater.book, rater.importer, rater.known_on, rater.detail)


def _named(book: Lawbook, importer: str, known_on: date, detail: bool) -> tuple[str, ...]:
    return book.version, importer, known_on.isoformat(), *(("ledger",) if detail else ())


def _notes(rater: Rater) -> dict[str, object]:
    forms = rater.plans.forms
    sheets = forms.sheets or SheetBook()
    return {
        "lines": [list(asdict(line).values()) for line in sheets.lines],
        "sheets": sheets.sheets,
        "epochs": {number: [int(getattr(table, name)) for name in NUMBERS]
                   for number, table in rater.tables.items()},
        "plans": [list(asdict(plan).values()) for plan in rater.plans.plans],
        "forms": [list(asdict(form).values()) for form in forms.forms],
        "measures": forms.measures,
        "unit_lines": [list(asdict(line).values()) for line in forms.unit_lines],
    }  # fmt: skip


def open_rater(
    book: Lawbook, importer: str, known_on: date, folder: Path | None, detail: bool = False
) -> Rater:
    """Return a rater with what an equal one decided in an earlier run, if that was kept.

    A damaged file counts as none.
    """
    path = folder and path_of(folder, _named(book, importer, known_on, detail))
    if path is None or not path.exists():
        return Rater(book, importer, known_on, detail=detail)
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            rater = Rater(book, importer, known_on, file["codes"], detail)
            notes = json.loads(file["notes"].tobytes())
            tables = {int(number): _table(rater, int(number), numbers, file)
                      for number, numbers in notes["epochs"].items()}  # fmt: skip
            rater.restore(tables, _plans(notes, detail), file["page"], file["plan"])
            return rater
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return Rater(book, importer, known_on, detail=detail)


def _table(rater: Rater, number: int, numbers: list[int], file: np.lib.npyio.NpzFile) -> EpochTable:
    epoch = Epoch(rater.book, rater.importer, number, rater.known_on)
    keys, by_mode, by_quantity = numbers
    arrays = {name: file[f"{number}.{name}"] for name in ARRAYS}
    return EpochTable(
        epoch=epoch, keys=keys, by_mode=bool(by_mode), by_quantity=bool(by_quantity), **arrays
    )


def _plans(notes: dict[str, list[Any]], detail: bool) -> PlanBook:
    forms = FormBook(sheets=_sheets(notes) if detail else None)
    forms.measures = list(notes["measures"])
    forms.unit_lines = [UnitLine(*line) for line in notes["unit_lines"]]
    for values in notes["forms"]:
        form = dict(zip((each.name for each in fields(Form)), values, strict=True))
        form["lines"] = tuple(tuple(line) for line in form["lines"])
        form["by_unit"] = tuple(UnitLine(**line) for line in form["by_unit"])
        forms.add(Form(**form))
    book = PlanBook(forms)
    book.plans = []
    for low, high, *rest in notes["plans"]:
        book.plans.append(Plan(tuple(low), tuple(high), *rest))
    book.number = {plan: at for at, plan in enumerate(book.plans) if plan.low}
    return book


def _sheets(notes: dict[str, list[Any]]) -> SheetBook:
    book = SheetBook()
    for line in notes["lines"]:
        book.line(LedgerLine(*line))
    for sheet in notes["sheets"]:
        book.sheet(tuple(sheet))
    return book
