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

import numpy as np

from advalorem.batch.forms import Form, FormBook, UnitLine
from advalorem.batch.plans import Plan, PlanBook
from advalorem.batch.rater import Rater
from advalorem.batch.sinks import replacing
from advalorem.batch.tables import Epoch, EpochTable
from advalorem.law.model import Lawbook

PACKAGE = Path(__file__).parent.parent
PROGRAM = ("batch", "duty", "law", "schedule")
ARRAYS = ("cell", "code", "group", "state", "mode", "rate", "specific", "by_unit", "column",
          "flag", "flags", "key")  # fmt: skip
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


def path_of(folder: Path, rater_key: tuple[str, str, str]) -> Path:
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
    return path


def _key(rater: Rater) -> tuple[str, str, str]:
    return rater.book.version, rater.importer, rater.known_on.isoformat()


def _notes(rater: Rater) -> dict[str, object]:
    forms = rater.plans.forms
    return {
        "epochs": {number: [int(getattr(table, name)) for name in NUMBERS]
                   for number, table in rater.tables.items()},
        "plans": [list(asdict(plan).values()) for plan in rater.plans.plans],
        "forms": [list(asdict(form).values()) for form in forms.forms],
        "measures": forms.measures,
        "unit_lines": [list(asdict(line).values()) for line in forms.unit_lines],
    }  # fmt: skip


def open_rater(book: Lawbook, importer: str, known_on: date, folder: Path | None) -> Rater:
    """Return a rater with what an equal one decided in an earlier run, if that was kept.

    A damaged file counts as none.
    """
    path = None if folder is None else path_of(folder, (book.version, importer, str(known_on)))
    if path is None or not path.exists():
        return Rater(book, importer, known_on)
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            rater = Rater(book, importer, known_on, file["codes"])
            notes = json.loads(file["notes"].tobytes())
            tables = {int(number): _table(rater, int(number), numbers, file)
                      for number, numbers in notes["epochs"].items()}  # fmt: skip
            rater.restore(tables, _plans(notes), file["page"], file["plan"])
            return rater
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return Rater(book, importer, known_on)


def _table(rater: Rater, number: int, numbers: list[int], file: np.lib.npyio.NpzFile) -> EpochTable:
    epoch = Epoch(rater.book, rater.importer, number, rater.known_on)
    keys, by_mode, by_quantity = numbers
    arrays = {name: file[f"{number}.{name}"] for name in ARRAYS}
    return EpochTable(
        epoch=epoch, keys=keys, by_mode=bool(by_mode), by_quantity=bool(by_quantity), **arrays
    )


def _plans(notes: dict[str, list[list[object]]]) -> PlanBook:
    forms = FormBook()
    forms.measures = list(notes["measures"])  # type: ignore[arg-type]
    forms.unit_lines = [UnitLine(*line) for line in notes["unit_lines"]]  # type: ignore[arg-type]
    for values in notes["forms"]:
        form = dict(zip((each.name for each in fields(Form)), values, strict=True))
        form["lines"] = tuple(tuple(line) for line in form["lines"])  # type: ignore[attr-defined]
        form["by_unit"] = tuple(UnitLine(**line) for line in form["by_unit"])  # type: ignore[attr-defined]
        forms.add(Form(**form))  # type: ignore[arg-type]
    book = PlanBook(forms)
    book.plans = []
    for low, high, *rest in notes["plans"]:
        book.plans.append(Plan(tuple(low), tuple(high), *rest))  # type: ignore[arg-type]
    book.number = {plan: at for at, plan in enumerate(book.plans) if plan.low}
    return book
