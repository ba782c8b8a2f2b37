"""Which column of a file holds what: by its name, or as told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from advalorem.batch.cells import fold

NAMES = Path(__file__).with_name("columns.yaml")
NEEDED = ("hts", "origin", "as_of", "value")
RATED = (*NEEDED, "claim", "mode", "quantity", "unit")
LONGEST, MOST = 60, 40
"""Characters of a name and names of columns that a message shows."""
ADDED = ("outcome", "total_duty", "duty_min", "duty_max", "total_fees", "questions")
NOTICES = "notices"
"""A column of results that is written on request."""


class ColumnError(ValueError):
    """A file's columns cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """The names of columns, modes of transport and countries that files use.

    `rank` orders names that stand side by side in one report: the lowest is taken.
    """

    columns: Mapping[str, str]
    rank: Mapping[str, int]
    modes: Mapping[str, str]
    countries: Mapping[str, str]


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the names known.

    >>> words().columns["entered value"], words().modes["40"]
    ('value', 'air')
    """
    import yaml

    data: dict[str, Any] = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    columns = {name: field for field, names in data["columns"].items() for name in names}
    rank = {name: at for names in data["first"] for at, name in enumerate(names)}
    modes = {str(word): mode for word, mode in data["modes"].items()}
    return Words(columns, rank, modes, {str(word): iso for word, iso in data["countries"].items()})


def read_mapping(told: Iterable[str]) -> dict[str, str]:
    """Return fields by column from texts such as `hts=Tariff`.

    >>> read_mapping(["hts=Tariff No."])
    {'Tariff No.': 'hts'}
    """
    found = {}
    for text in told:
        field, sign, column = text.partition("=")
        if not sign or not field.strip() or not column:
            raise ColumnError(f"map: {text!r} is no mapping; write it as field=column")
        found[column] = field.strip()
    return found


def recognise(
    names: Iterable[str],
    told: Mapping[str, str],
    facts: Iterable[str],
    needed: Iterable[str] = NEEDED,
) -> dict[str, str]:
    """Return the column of each field found among the names of a file's columns.

    `told` maps columns to fields and comes before the names known; `facts` may be columns too.

    Raises
    ------
    ColumnError
        A needed field has no column, or two columns claim one field.

    Examples
    --------
    >>> recognise(["HTS Number", "Country of Origin", "Entry Date", "Entered Value"], {}, [])
    {'hts': 'HTS Number', 'origin': 'Country of Origin', 'as_of': 'Entry Date',
     'value': 'Entered Value'}
    """
    known, columns = {**words().columns, **{fold(fact): fact for fact in facts}}, list(names)
    found = _told(columns, told, set(known.values()))
    for column in columns:
        field = known.get(fold(column))
        if field is None or field in told.values() or column in told:
            continue
        found[field] = _better(field, found.get(field), column)
    missing = [field for field in needed if field not in found]
    if missing:
        raise ColumnError(
            f"no column holds {', '.join(missing)}; columns are {_shown(columns)}; "
            f"say which with --map {missing[0]}=COLUMN"
        )
    return found


def _better(field: str, held: str | None, column: str) -> str:
    """Return which of two columns holds a field: the one that is listed to come first."""
    if held is None:
        return column
    rank = words().rank
    ranks = [rank.get(fold(held)), rank.get(fold(column))]
    if None in ranks or ranks[0] == ranks[1]:
        raise ColumnError(
            f"columns {held!r} and {column!r} may both hold {field}; "
            f"say which with --map {field}=COLUMN"
        )
    return min((held, column), key=lambda name: rank[fold(name)])


def is_header(cells: Iterable[str], told: Mapping[str, str]) -> bool:
    """Return whether cells name a column of every field that is needed.

    >>> is_header(["HTS", "Origin", "Entry Date", "Worth"], {"Worth": "value"})
    True
    """
    known = words().columns
    found = {told.get(cell.strip()) or known.get(fold(cell)) for cell in cells}
    return found.issuperset(NEEDED)


def _shown(columns: list[str]) -> str:
    """Return names of columns for a message, long ones and long lists cut."""
    names = [repr(name if len(name) <= LONGEST else name[:LONGEST] + "…") for name in columns]
    more = f" and {len(names) - MOST:,} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _like(field: str, known: set[str]) -> str:
    """Return which fields there are for a message: those like a word, else the usual ones."""
    like = get_close_matches(field, sorted(known), 3)
    if like:
        return f"did you mean {' or '.join(like)}?"
    return f"there are {', '.join(RATED)}, those of `refund`, and facts such as us_content_share"


def _told(columns: list[str], told: Mapping[str, str], known: set[str]) -> dict[str, str]:
    """Return the mapping told, after checking it."""
    for column, field in told.items():
        if field not in known:
            raise ColumnError(f"map: no field is named {field!r}; {_like(field, known)}")
        if column not in columns:
            raise ColumnError(f"map: no column {column!r}; columns are {_shown(columns)}")
        if list(told.values()).count(field) > 1:
            raise ColumnError(f"map: {field} is given twice; name one column for it")
    return {field: column for column, field in told.items()}
