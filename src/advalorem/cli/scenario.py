"""`advalorem scenario`: the shipped scenarios, and what one of them changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from advalorem.cli.errors import refusing
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write

if TYPE_CHECKING:
    from advalorem.scenario import Scenario

app = typer.Typer()

NameArgument = Annotated[
    str | None,
    typer.Argument(help="A shipped scenario, a file, or several joined by `+`; all if left out."),
]


@app.command()
def scenario(name: NameArgument = None, format_: FormatOption = Format.table) -> None:
    """List the shipped scenarios, or show the changes of one and check it against the law.

    Exit codes: 0 answered, 2 the scenario does not fit.
    """
    with refusing():
        made = listing() if name is None else shown(name)
    write(made, format_)


def listing() -> Paper:
    """Return name and title of every shipped scenario."""
    from advalorem.scenario import shipped

    rows = list(shipped().items())
    table = sheet("Scenarios; DATE stands for a day, YYYY-MM-DD", ("scenario", "title"), rows)
    data = [{"scenario": name, "title": title} for name, title in rows]
    return Paper("Shipped scenarios", (table,), table, {"scenarios": data})


def shown(name: str) -> Paper:
    """Return the changes of a scenario, once they have been written into the law."""
    from advalorem.law.load import load_lawbook
    from advalorem.scenario import load_scenario, write_scenario

    found = load_scenario(name)
    law = found.apply(load_lawbook())
    rows = [(str(n), *row) for n, row in enumerate(_rows(found), start=1)]
    table = sheet("Changes, in order", ("", "change", "what", "from", "until"), rows)
    notes = Notes("Behind it", (f"hash {found.hash}; law {law.version}", *found.sources))
    text = Notes("As a file", tuple(write_scenario(found).splitlines()))
    data = {
        "scenario": found.name, "title": found.title, "hash": found.hash,
        "ruleset_version": law.version, "sources": list(found.sources),
        "changes": [dict(zip(("change", "what", "from", "until"), row, strict=True))
                    for row in _rows(found)],
        "yaml": write_scenario(found),
    }  # fmt: skip
    return Paper(found.title or found.name, (table, notes, text), table, data)


def _rows(found: Scenario) -> list[tuple[str, str, str, str]]:
    """Return kind, content and days of each change."""
    import msgspec

    rows = []
    for change in found.changes:
        body = msgspec.to_builtins(change)
        kind, first, last = body.pop("change"), body.pop("from"), body.pop("until", "")
        words = "; ".join(f"{key} {_words(value)}" for key, value in body.items())
        rows.append((kind, words, first, last))
    return rows


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
