"""What a user is told when a shipment cannot be rated: field, value, reason, remedy."""

from __future__ import annotations

from datetime import date

import numpy as np

from advalorem.duty.ledger import Ledger
from advalorem.duty.reply import Reply
from advalorem.duty.shipments import NOT_STATED, Problem, Shipments
from advalorem.duty.units import WORDS, is_unit
from advalorem.law.model import Lawbook
from advalorem.schedule.codes import dotted
from advalorem.schedule.model import Schedule
from advalorem.schedule.nomenclature import CodeProblem, load_nomenclature


class InputError(ValueError):
    """The input is wrong; the message names field, value and remedy.

    `reply` is the answer as far as it goes, where only one layer could not be rated.
    """

    def __init__(self, message: str, reply: Reply | None = None) -> None:
        super().__init__(message)
        self.reply = reply


def refuse_claimed_chapter(book: Lawbook, importer: str, rows: Shipments) -> None:
    """Raise if the code of the first row is a provision claimed beside the article's own code.

    Raises
    ------
    InputError
        The code lies in a chapter of such provisions.
    """
    code = f"{int(rows.code[0]):010d}"
    column = book.columns.get(importer)
    for chapter in column.claimed_chapters if column else ():
        if code.startswith(chapter):
            heading = dotted(int(code), 8)
            raise InputError(
                f"hts: {heading!r} is a provision of chapter {chapter}, claimed beside the "
                f"article's own code; give that code and --fact provision={heading}"
            )


def refuse_unknown_unit(schedule: Schedule, rows: Shipments) -> None:
    """Raise if the unit of the first row is none in use, whether it is needed or not.

    Raises
    ------
    InputError
        The unit is no word of a form, an invoice or the importer's schedule.
    """
    unit = rows.units[int(rows.unit[0])]
    named = {*schedule.general.units, *(rule.unit for rule in schedule.rules)}
    if unit and not is_unit(unit, named):
        some = ", ".join(sorted(WORDS))
        raise InputError(f"unit: {unit!r} is no known unit; write one of {some}")


def code_problem(importer: str, text: str, on: date) -> CodeProblem | None:
    """Return what is wrong with a code on a day, with the nearest codes; None if it stands."""
    found = load_nomenclature(importer).resolve(text, on)
    return found if isinstance(found, CodeProblem) else None


def quantity_problem(schedule: Schedule, rows: Shipments, ledger: Ledger, row: int) -> Problem:
    """Return what is wrong with the quantity of a row whose ordinary duty is by unit."""
    line = ledger.line[row]
    unit = schedule.general.units[schedule.general.unit[line]]
    text = schedule.general.text[schedule.general.text_id[line]]
    given = rows.units[rows.unit[row]]
    if rows.quantity[row] == NOT_STATED:
        return Problem(
            row, "quantity", "", f"is missing and the rate is {text}", f"state it in {unit}"
        )
    stated = f"{np.format_float_positional(rows.quantity[row] / 10_000, trim='-')} {given}"
    return Problem(row, "unit", stated, f"does not convert to {unit}", f"state it in {unit}")
