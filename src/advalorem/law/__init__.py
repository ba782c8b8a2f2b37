"""Package `advalorem.law`: the law as data, read on two clocks.

`in_force` answers for any day, as known on any day; the modules beneath hold the schema, the
loader, the history and the changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from advalorem.law.history import MeasureOn
    from advalorem.law.model import Lawbook

__all__ = ["in_force"]


def in_force(
    on: date | str,
    known_on: date | str | None = None,
    *,
    importer: str | None = None,
    origin: str | None = None,
    law: Lawbook | None = None,
) -> tuple[MeasureOn, ...]:
    """Return every measure with its state on a day, as known on a day.

    Parameters
    ----------
    on, known_on : date or str
        The day asked for; the day up to which acts are known, the newest act coded if None. Texts
        are ISO days.
    importer, origin : str
        ISO 2 codes that narrow the measures; None takes all.
    law : Lawbook
        The law to use; the packaged law if None.

    Returns
    -------
    tuple of MeasureOn
        Measures of any status; those in force hold their provisions with rate, days and act. A
        measure of which nothing was known is left out.

    Raises
    ------
    ValueError
        A text is no ISO day.

    Examples
    --------
    Korea's total of 15 percent on cars reaches back to 2025-11-01; it was published on 2025-12-04.

    >>> def cars(known_on=None):
    ...     found = in_force("2025-11-15", known_on, importer="US", origin="KR")
    ...     return {m.measure: m for m in found}["usa.s232.autos"]
    >>> "15%" in {standing.rate for standing in cars().provisions}
    True
    >>> "15%" in {standing.rate for standing in cars("2025-11-15").provisions}
    False
    """
    from advalorem.law.history import in_force as measures_on
    from advalorem.law.load import load_lawbook

    book = law or load_lawbook()
    known = book.newest_act if known_on is None else _day(known_on)
    return measures_on(book, _day(on), known, importer, origin)


def _day(value: date | str) -> date:
    from datetime import date

    return date.fromisoformat(value) if isinstance(value, str) else value
