"""Read the law files into a `Lawbook`; every error names file, line and reason.

Examples
--------
>>> law = load_lawbook()
>>> law.measures["usa.ieepa.fentanyl.canada"].authority
'ieepa_fentanyl'
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from advalorem.law.errors import LawError
from advalorem.law.model import (
    OPEN,
    Authority,
    Claim,
    CodeList,
    Column,
    Country,
    Coverage,
    FactWord,
    Fee,
    HeadingsOut,
    Instrument,
    Lawbook,
    ListSource,
    Measure,
    Notice,
    Order,
    Reading,
    Relation,
    Route,
    Struct,
)

LAWBOOK = Path(__file__).parent.parent / "lawbook"
COMPILED = Path(__file__).parent.parent / "data" / "lawbook.msgpack"
SCENARIOS = "scenarios"
"""Folder of what-if files beside the law, which are no law."""
T = TypeVar("T", bound=Struct)

_TABLES: dict[str, tuple[str, type[Struct], str]] = {
    "instruments": ("instruments", Instrument, "id"),
    "relations": ("relations", Relation, "id"),
    "facts": ("facts", FactWord, "fact"),
    "claims": ("claims", Claim, "claim"),
    "columns": ("columns", Column, "importer"),
    "fees": ("fees", Fee, "id"),
    "coverage": ("coverage", Coverage, ""),
    "readings": ("readings", Reading, "reading"),
    "authorities": ("authorities", Authority, "authority"),
    "lists": ("list_sources", ListSource, "name"),
    "routes": ("routes", Route, "route"),
}


class Compiled(Struct, frozen=True, kw_only=True):
    """The packaged form of the law files and the digest of what it was made from."""

    digest: str
    book: Lawbook


def load_lawbook(folder: Path | None = None) -> Lawbook:
    """Return the packaged law, or the law under `folder`.

    The compiled form is used when it was made from exactly these files; otherwise the files
    themselves are read.

    Raises
    ------
    LawError
        A file does not fit the schema; the message names file, line and reason.
    """
    return _packaged() if folder is None else read_lawbook(folder)


@lru_cache(maxsize=1)
def _packaged() -> Lawbook:
    if COMPILED.exists():
        compiled = msgspec.msgpack.decode(COMPILED.read_bytes(), type=Compiled)
        if compiled.digest == digest(LAWBOOK):
            return compiled.book
    return read_lawbook(LAWBOOK)


def digest(folder: Path) -> str:
    """Return the sha256 over names and contents of all law files, independent of their order.

    >>> len(digest(LAWBOOK))
    64
    """
    total = hashlib.sha256()
    for path in _files(folder, "*.yaml", "*.csv"):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def read_lawbook(folder: Path) -> Lawbook:
    """Return the law read from the YAML and CSV files under `folder`.

    Raises
    ------
    LawError
        A file does not fit the schema, an id is defined twice, or a cross-check fails.
    """
    from advalorem.law.check import check

    tables: dict[str, list[Any]] = {key: [] for key, _, _ in _TABLES.values()}
    measures: dict[str, Measure] = {}
    groups: dict[str, list[str]] = {}
    where: dict[str, tuple[Path, str]] = {}
    for path in _files(folder, "*.yaml"):
        data = _yaml(path)
        if "measure" in data:
            measure = _convert(data, Measure, path)
            _once(measures, measure.measure, path)
            measures[measure.measure] = measure
            where[measure.measure] = (path, "$")
            continue
        for key, rows in data.items():
            if key == "groups":
                groups.update(rows)
                continue
            _collect(key, rows, path, tables, where)
    countries = _countries(folder / "countries.csv")
    book = Lawbook(
        measures=measures,
        relations=tables["relations"],
        instruments=_index(tables["instruments"], "id"),
        lists={code_list.name: code_list for code_list in _lists(folder)},
        list_sources=_index(tables["list_sources"], "name"),
        facts=_index(tables["facts"], "fact"),
        claims=_index(tables["claims"], "claim"),
        columns=_index(tables["columns"], "importer"),
        fees=tables["fees"],
        coverage=tables["coverage"],
        readings=_index(tables["readings"], "reading"),
        authorities=_index(tables["authorities"], "authority"),
        countries=countries,
        groups=groups,
        orders=_all_orders(folder, countries),
        version=digest(folder)[:12],
        routes=tables["routes"],
        notices=_all_notices(folder, countries),
        headings_out=_headings_out(folder / "headings_out_of_scope.csv"),
    )
    check(book, where)
    return book


def _collect(
    key: str,
    rows: Any,
    path: Path,
    tables: dict[str, list[Any]],
    where: dict[str, tuple[Path, str]],
) -> None:
    """Convert one top-level list of a law file into its table."""
    if key not in _TABLES:
        known = ", ".join(sorted([*_TABLES, "measure", "groups"]))
        raise LawError(f"{path}:{line_of(path, f'$.{key}')}: unknown key {key!r}; known: {known}")
    table, kind, ident = _TABLES[key]
    for number, row in enumerate(rows or []):
        at = f"$.{key}[{number}]"
        item = _convert(row, kind, path, at)
        name = f"{table}:{getattr(item, ident)}" if ident else f"{table}:{len(tables[table])}"
        if name in where:
            raise LawError(f"{path}:{line_of(path, at)}: {name} is defined twice")
        where[name] = (path, at)
        tables[table].append(item)


def _convert(data: Any, kind: type[T], path: Path, at: str = "$") -> T:
    try:
        return msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        reason, _, inner = str(error).partition(" - at `")
        where = at + inner.rstrip("`").removeprefix("$")
        if named := re.match(r"Object contains unknown field `(.+)`", reason):
            where += f".{named[1]}"
        _, unknown, field = reason.partition("unknown field `")
        line = line_of(path, f"{where}.{field.rstrip('`')}" if unknown else where)
        raise LawError(f"{path}:{line}: {reason} (at {where})") from None


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LawError(f"{path}:{line}: not YAML: {error.problem}") from None
    if not isinstance(data, dict):
        raise LawError(f"{path}:1: a law file is a mapping")
    return data


def line_of(path: Path, where: str) -> int:
    """Return the line (from 1) of the element that a path such as `$.values[1].rate` names.

    The nearest enclosing element is taken where the path leads to nothing.
    """
    import yaml

    node: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    line = 1
    for part in where.replace("[", ".[").split(".")[1:]:
        child = _child(node, part)
        if child is None:
            break
        node, line = child
    return line


def _child(node: Any, part: str) -> tuple[Any, int] | None:
    import yaml

    if part.startswith("[") and isinstance(node, yaml.SequenceNode):
        index = part.strip("[]")
        if index.isdigit() and int(index) < len(node.value):
            child = node.value[int(index)]
            return child, child.start_mark.line + 1
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    return None


def _lists(folder: Path) -> Iterator[CodeList]:
    for path in _files(folder, "lists/*.csv"):
        yield read_list(path, f"{path.parent.parent.name}/{path.stem}")


def read_list(path: Path, name: str) -> CodeList:
    """Return the product list in a CSV of `code,from,until,act,note`."""
    codes: list[str] = []
    spans: list[tuple[int, int, int]] = []
    acts: dict[str, int] = {}
    notes: dict[int, str] = {}
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    for number, row in enumerate(reader):
        try:
            start, end = _day(row["from"]), _day(row["until"]) if row["until"] else OPEN
        except (KeyError, ValueError) as error:
            raise LawError(f"{path}:{number + 2}: bad row: {error}") from None
        if not row["code"].isdigit() or not 2 <= len(row["code"]) <= 10 or end <= start:
            raise LawError(f"{path}:{number + 2}: bad code or empty span: {row}")
        act = acts.setdefault(row["act"], len(acts))
        codes.append(row["code"])
        spans.append((start, end, act))
        if row.get("note"):
            notes[number] = row["note"]
    return CodeList(
        name=name,
        code=codes,
        from_=[span[0] for span in spans],
        until=[span[1] for span in spans],
        act=[span[2] for span in spans],
        acts=list(acts),
        notes=notes,
    )


def _countries(path: Path) -> list[Country]:
    if not path.exists():
        raise LawError(f"{path}: the list of countries is missing")
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return [_convert(dict(row), Country, path) for row in rows]


def _headings_out(path: Path) -> list[HeadingsOut]:
    if not path.exists():
        return []
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return [_convert(dict(row), HeadingsOut, path) for row in rows]


def _all_notices(folder: Path, countries: list[Country]) -> list[Notice]:
    """Return the notices of all importers; the folder's name is the importer's ISO 3 code."""
    iso2 = {country.iso3.lower(): country.iso2 for country in countries}
    found = []
    for path in _files(folder, "*_notices.csv"):
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
            data: dict[str, Any] = {name: text for name, text in row.items() if text}
            data["importer"] = iso2[path.parent.name]
            data["origins"] = row["origins"].split(";")
            data["codes"] = [code for code in row["hts"].split(";") if code]
            data.pop("hts", None)
            found.append(_convert(data, Notice, path))
    return found


def _all_orders(folder: Path, countries: list[Country]) -> list[Order]:
    """Return the orders of all importers; the folder's name is the importer's ISO 3 code."""
    iso2 = {country.iso3.lower(): country.iso2 for country in countries}
    paths = _files(folder, "*_orders.csv")
    return [order for path in paths for order in _orders(path, iso2[path.parent.name])]


def _orders(path: Path, importer: str) -> Iterator[Order]:
    for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
        yield Order(
            importer=importer,
            origin=row["origin"],
            product=row["product"],
            kind=row["kind"],
            case_no=row["case_no"],
            codes=[code for code in row["hts"].split(";") if code],
            cite=row["order_cite"],
            from_=date.fromisoformat(row["from"]) if row["from"] else None,
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            note=row["status_note"],
            confidence=row["confidence"],
        )


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _once(seen: dict[str, Any], name: str, path: Path) -> None:
    if name in seen:
        raise LawError(f"{path}:1: {name} is defined twice")


def _index(rows: list[Any], ident: str) -> dict[str, Any]:
    return {getattr(row, ident): row for row in rows}


def _files(folder: Path, *patterns: str) -> list[Path]:
    found = (path for pattern in patterns for path in folder.rglob(pattern))
    return sorted(path for path in found if SCENARIOS not in path.relative_to(folder).parts)
