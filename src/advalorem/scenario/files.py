"""Scenarios as YAML: read, write, and the ones that ship with the package.

A file holds `scenario` (name), `title`, `as_of`, `sources` and the list `changes`, each with its
kind under `change`. A shipped scenario whose name ends in `-<date>` takes that day where it writes
`$date`.
"""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import yaml

from advalorem.law.load import LAWBOOK, line_of
from advalorem.scenario.changes import AnyChange
from advalorem.scenario.errors import OverlapError, ScenarioError
from advalorem.scenario.model import Scenario

SHIPPED = LAWBOOK / "scenarios"
DATE = "$date"
_DATED = re.compile(r"^(?P<stem>.+)-(?P<day>\d{4}-\d{2}-\d{2})$")
_SUFFIX = "-DATE"
LIKENESS = 50
"""Least likeness, in per cent, of a mistyped name to one that is offered."""


class ScenarioFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scenario file holds."""

    scenario: str
    title: str = ""
    as_of: date | None = None
    sources: list[str] = msgspec.field(default_factory=list)
    changes: list[AnyChange] = msgspec.field(default_factory=list)


def shipped() -> dict[str, str]:
    """Return name and title of the scenarios that ship; `-DATE` stands for a day.

    >>> "usmca-lapses" in shipped()
    True
    """
    found = {}
    for path in sorted(SHIPPED.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[data["scenario"]] = data.get("title", "")
    return found


def load_scenario(name: str | Path) -> Scenario:
    """Return a scenario by the name of a shipped one, or from a file; several joined by `+`.

    Raises
    ------
    ScenarioError
        There is no such scenario or file, or it does not fit the schema.

    Examples
    --------
    >>> load_scenario("threat-mexico-30").changes[0].rate
    '30%'
    >>> load_scenario("law-of-2025-01-01").changes[0].day
    datetime.date(2025, 1, 1)
    """
    if isinstance(name, str) and "+" in name and not Path(name).is_file():
        joined = Scenario()
        for part in name.split("+"):
            joined = joined.then(load_scenario(part.strip()))
        return joined
    if Path(name).is_file():
        return read_scenario(Path(name).read_text(encoding="utf-8"), Path(name))
    return _shipped(str(name))


def _shipped(name: str) -> Scenario:
    if name == Scenario().name:
        return Scenario()
    path, day = SHIPPED / f"{name}.yaml", None
    dated = _DATED.match(name)
    if not path.exists() and dated is not None:
        path, day = SHIPPED / f"{dated['stem']}{_SUFFIX}.yaml", dated["day"]
    if not path.exists() or (day is None and name.endswith(_SUFFIX)):
        known = [*shipped(), Scenario().name]
        near = get_close_matches(name, known, n=1, cutoff=LIKENESS / 100)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ScenarioError(
            f"scenario: {name!r} is neither a file nor one of {', '.join(known)}{hint}"
        )
    text = path.read_text(encoding="utf-8")
    return read_scenario(text if day is None else _dated(text, name, day), path)


def _dated(text: str, name: str, day: str) -> str:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ScenarioError(f"scenario: {name!r}: {day!r} is no date") from None
    return text.replace(DATE, day).replace(_SUFFIX, f"-{day}")


def read_scenario(text: str, path: Path | None = None) -> Scenario:
    """Return the scenario that a YAML text holds.

    Raises
    ------
    ScenarioError
        The text does not fit the schema; the message names file, line and reason.

    Examples
    --------
    >>> read_scenario("scenario: nothing").is_empty
    True
    """
    where = str(path or "scenario")
    try:
        data = yaml.safe_load(text)
        held = msgspec.convert(data, ScenarioFile, strict=False)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{where}: not YAML: {error}") from None
    except msgspec.ValidationError as error:
        reason, _, inner = str(error).partition(" - at `")
        line = _line(path, inner.rstrip("`"))
        raise ScenarioError(f"{where}{line}: {reason} (at {inner.rstrip('`') or '$'})") from None
    try:
        return Scenario(
            name=held.scenario, changes=tuple(held.changes), title=held.title, as_of=held.as_of,
            sources=tuple(held.sources),
        )  # fmt: skip
    except OverlapError as error:
        raise OverlapError(f"{where}: {error}") from None


def _line(path: Path | None, at: str) -> str:
    return "" if path is None or not path.exists() else f":{line_of(path, at)}"


def write_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML that reads back to the same changes.

    Examples
    --------
    >>> scenario = load_scenario("threat-mexico-30")
    >>> read_scenario(write_scenario(scenario)) == scenario
    True
    """
    head: dict[str, Any] = {"scenario": scenario.name, "title": scenario.title}
    head |= {"as_of": scenario.as_of} if scenario.as_of else {}
    head |= {"sources": list(scenario.sources)} if scenario.sources else {}
    head["changes"] = [_plain(change) for change in scenario.changes]
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100)


def _plain(change: AnyChange) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(change, builtin_types=(date,))
    return body
