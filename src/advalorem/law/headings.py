"""Which chapter 99 headings are coded, and which are out of scope and why."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advalorem.law.model import HeadingsOut, Lawbook, Measure


class HeadingStatus(msgspec.Struct, frozen=True):
    """A heading, or a range of headings, and where it stands: coded in `measures`, or left out.

    `reason` and `text` are given for what is left out.
    """

    first: str
    last: str
    coded: bool
    measures: tuple[str, ...] = ()
    reason: str | None = None
    text: str | None = None


def coded_headings(book: Lawbook) -> dict[str, tuple[str, ...]]:
    """Return every heading that an answer can report, with the measures or relations that do.

    Headings of provisions, of the part of a value that a base leaves out, of changed bases and of
    what yields to another measure are all counted.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> coded_headings(load_lawbook())["9903.01.10"]
    ('usa.ieepa.fentanyl.canada',)
    """
    found: dict[str, dict[str, None]] = {}
    for name, heading in _named(book):
        if heading is not None:
            found.setdefault(heading, {})[name] = None
    return {heading: tuple(found[heading]) for heading in sorted(found)}


def _named(book: Lawbook) -> Iterator[tuple[str, str | None]]:
    for measure in book.measures.values():
        yield from ((measure.measure, heading) for heading in _headings(measure))
    yield from ((relation.id, relation.heading) for relation in book.relations)


def _headings(measure: Measure) -> Iterator[str | None]:
    for provision in measure.provisions:
        yield provision.heading
        yield provision.base.rest_heading
    for change in measure.bases:
        yield change.heading
        yield change.base.rest_heading


def left_out(book: Lawbook, heading: str) -> HeadingsOut | None:
    """Return the entry that says why a heading is not coded, or None.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> book = load_lawbook()
    >>> left_out(book, "9902.01.05").reason.partition(":")[0]
    'Subchapter II'
    >>> left_out(book, "9903.01.10") is None
    True
    """
    return next((out for out in book.headings_out if out.first <= heading <= out.last), None)


def heading_coverage(book: Lawbook) -> tuple[HeadingStatus, ...]:
    """Return all headings coded and all ranges left out, in the order of the schedule.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> rows = heading_coverage(load_lawbook())
    >>> rows[0].first, rows[0].coded
    ('9901.00.50', False)
    """
    coded = [
        HeadingStatus(heading, heading, coded=True, measures=measures)
        for heading, measures in coded_headings(book).items()
    ]
    out = [
        HeadingStatus(row.first, row.last, coded=False, reason=row.reason, text=row.text)
        for row in book.headings_out
    ]
    return tuple(sorted([*coded, *out], key=lambda row: row.first))
