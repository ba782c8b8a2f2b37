"""A rater as a file: its tables as arrays, its plans, forms and sheets as JSON."""

from __future__ import annotations

import zipfile
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from advalorem.batch.forms import Form, FormBook, UnitLine
from advalorem.batch.lines import LedgerLine, SheetBook
from advalorem.batch.pages import restore
from advalorem.batch.plans import Plan, PlanBook
from advalorem.batch.rater import Rater
from advalorem.batch.sinks import replacing
from advalorem.law.model import Lawbook

ARRAYS = ("state", "priced", "page", "price", "rate", "specific", "by_unit", "column", "block",
          "plan", "by_mode", "by_quantity")  # fmt: skip


def write_rater(rater: Rater, path: Path, stamp: str = "", code: str = "") -> None:
    """Write what a rater decided; `stamp` says of what law, `code` by what program, if packed."""
    arrays = {"codes": rater.codes, "product": rater.product}
    arrays |= {name: getattr(rater.flat, name) for name in ARRAYS}
    text = msgspec.json.encode({**_notes(rater), "stamp": stamp, "code": code})
    arrays["notes"] = np.frombuffer(text, dtype=np.uint8)
    write = np.savez_compressed if code else np.savez
    with replacing(path) as temporary, temporary.open("wb") as file:
        write(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]


def read_rater(
    path: Path, book: Lawbook, importer: str, known_on: date, detail: bool, stamp: str = ""
) -> Rater | None:
    """Return a rater with what an equal one decided; None where the file is not of this stamp.

    A missing or damaged file counts as none.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            notes = msgspec.json.decode(file["notes"].tobytes())
            if notes["stamp"] != stamp:
                return None
            rater = Rater(book, importer, known_on, file["codes"], file["product"], detail)
            rater.plans = _plans(notes, detail)
            arrays = {name: file[name] for name in ARRAYS}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError):
        return None
    rater.flat = replace(rater.flat, plans=rater.plans.arrays(), **arrays)
    restore(rater)
    return rater


def _notes(rater: Rater) -> dict[str, object]:
    forms = rater.plans.forms
    sheets = forms.sheets or SheetBook()
    return {
        "lines": [list(asdict(line).values()) for line in sheets.lines],
        "sheets": sheets.sheets,
        "plans": [list(asdict(plan).values()) for plan in rater.plans.plans],
        "forms": [list(asdict(form).values()) for form in forms.forms],
        "measures": forms.measures,
        "unit_lines": [list(asdict(line).values()) for line in forms.unit_lines],
    }  # fmt: skip


def _plans(notes: dict[str, list[Any]], detail: bool) -> PlanBook:
    forms = FormBook(sheets=_sheets(notes) if detail or notes["sheets"] else None)
    forms.measures = list(notes["measures"])
    forms.unit_lines = [UnitLine(*line) for line in notes["unit_lines"]]
    names = [each.name for each in fields(Form)]
    for values in notes["forms"]:
        form = dict(zip(names, values, strict=True))
        form["lines"] = tuple(tuple(line) for line in form["lines"])
        form["by_unit"] = tuple(UnitLine(**line) for line in form["by_unit"])
        forms.add(Form(**form))
    book = PlanBook(forms)
    book.plans = []
    for low, high, *rest in notes["plans"]:
        book.plans.append(Plan(tuple(low), tuple(high), *rest))
    return book


def _sheets(notes: dict[str, list[Any]]) -> SheetBook:
    book = SheetBook()
    for line in notes["lines"]:
        book.line(LedgerLine(*line))
    for sheet in notes["sheets"]:
        book.sheet(tuple(sheet))
    return book
