"""`advalorem data`: what is packaged, from which source, under which licence, and whether whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from advalorem.cli.errors import BAD_INPUT
from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, sheet, write

app = typer.Typer()

DATA = Path(__file__).parent.parent / "data"
MANIFEST = DATA / "manifest.json"
Verify = Annotated[
    bool, typer.Option("--verify", help="Compare every table with its recorded sha256.")
]
COLUMNS = ("table", "rows", "source", "date", "licence", "sha256")


@app.command()
def data(verify: Verify = False, format_: FormatOption = Format.table) -> None:
    """List the packaged tables: source, licence, date and sha256.

    With `--verify` each file is compared with its sha256; exit code 2 when one differs.
    """
    tables = json.loads(MANIFEST.read_text(encoding="utf-8"))["tables"]
    states = {name: _state(entry) for name, entry in tables.items()} if verify else {}
    write(paper(tables, states), format_)
    broken = [name for name, state in states.items() if state != "whole"]
    if broken:
        typer.echo(
            f"error: {', '.join(broken)}: differs from the manifest; install again", err=True
        )
        raise typer.Exit(BAD_INPUT)


def _state(entry: dict[str, Any]) -> str:
    """Return whether a table's file is the one that the manifest records."""
    path = DATA / entry["file"]
    if not path.exists():
        return "missing"
    same = hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    return "whole" if same else "differs"


def paper(tables: dict[str, dict[str, Any]], states: dict[str, str]) -> Paper:
    """Return the manifest as a table; the terminal shows the first digits of each sha256."""
    shown = [_row(name, entry, states, 12) for name, entry in tables.items()]
    full = [_row(name, entry, states, None) for name, entry in tables.items()]
    columns = (*COLUMNS, "state") if states else COLUMNS
    total = sum(entry["bytes"] for entry in tables.values()) / 1e6
    notes = Notes("", (f"{len(tables)} tables, {total:.1f} MB; built by tools/build_data.py",))
    data = {
        name: {**entry, "state": states[name]} if states else entry
        for name, entry in tables.items()
    }
    table = sheet("", columns, shown, right=("rows",))
    return Paper("Packaged data", (table, notes), sheet("", columns, full), data)


def _row(
    name: str, entry: dict[str, Any], states: dict[str, str], digits: int | None
) -> tuple[object, ...]:
    sources = entry["sources"]
    publishers = "; ".join(dict.fromkeys(source["publisher"] for source in sources))
    dates = "; ".join(dict.fromkeys(str(source.get("date") or "") for source in sources))
    licences = "; ".join(dict.fromkeys(source["licence"] for source in sources))
    state = (states[name],) if states else ()
    return (name, entry["rows"], publishers, dates, licences, entry["sha256"][:digits], *state)
