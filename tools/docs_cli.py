"""Write docs/cli.md: what every command of the command line takes and says of itself.

`python tools/docs_cli.py` writes the page; with `--check` it only tells, by its exit code, whether
the page is current.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
APP = "advalorem.cli.main:app"
SHELL = ("--install-completion", "--show-completion")
HEAD = """# Command line

This page is made by `tools/docs_cli.py` from the program itself.
"""


def load_command(target: str = APP) -> Any:
    """Return the command behind a typer application named `module:attribute`."""
    module, _, attribute = target.partition(":")
    return typer.main.get_command(getattr(importlib.import_module(module), attribute))


def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command with its full name, a group before its members."""
    yield name, command
    for word, child in sorted(getattr(command, "commands", {}).items()):
        if not child.hidden:
            yield from walk(child, f"{name} {word}")


def page(command: Any, name: str = "advalorem") -> str:
    """Return the whole page as Markdown."""
    return "\n".join([HEAD, *(section(item, full) for full, item in walk(command, name))])


def section(command: Any, name: str) -> str:
    """Return one command: its synopsis, what it says of itself, its parameters."""
    context = command.context_class(command, info_name=name)
    synopsis = " ".join([name, *command.collect_usage_pieces(context)])
    rows = [row for param in command.params if (row := parameter(param, context))]
    table = ["| parameter | meaning |", "| --- | --- |", *rows, ""] if rows else []
    help_text = inspect.cleandoc((command.help or "").split("\f")[0])
    words = [help_text, ""] if help_text else []
    return "\n".join([f"## {name}", "", "```", synopsis, "```", "", *words, *table])


def parameter(param: Any, context: Any) -> str | None:
    """Return the table row of one argument or option as `--help` prints it; None if hidden."""
    record = None if getattr(param, "hidden", False) else param.get_help_record(context)
    if record is None:
        return None
    names, meaning = record
    if names in SHELL:
        return None
    return f"| `{cell(names)}` | {cell(meaning)} |"


def cell(text: str) -> str:
    """Return a text that fits one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` compare it."""
    text = page(load_command())
    if "--check" in arguments:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
