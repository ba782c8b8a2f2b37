"""The command line: parse, call, render; every verb lives in a module of its own.

A verb's module is imported when the verb is used, so one duty does not pay for the page.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import MutableMapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import advalorem

VERBS = (
    "duty", "explain", "search", "changes", "batch", "refund", "compare", "law", "data", "rates",
    "brief", "simulate", "negotiate", "scenario", "partnership",
)  # fmt: skip


def _present() -> tuple[str, ...]:
    """Return the verbs whose module is installed, in order of `VERBS`."""
    package = importlib.import_module("advalorem.cli")
    names = {module.name for module in pkgutil.iter_modules(package.__path__)}
    return tuple(verb for verb in VERBS if verb in names)


class LazyGroup(TyperGroup):
    """A group that imports a verb's module, and makes its command, when the verb is asked for.

    The module offers `app`, a typer application with one command, or with several for a verb
    that has its own (`law list`, `law show`).
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs in the order of the help page."""
        return list(_present())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a verb, or None where there is no such verb."""
        return load_verb(cmd_name) if cmd_name in _present() else None

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """All verbs with their commands; this imports every module."""
        return {verb: load_verb(verb) for verb in _present()}

    @commands.setter
    def commands(self, value: MutableMapping[str, Any]) -> None:
        """Ignore what the base class sets: the modules say which verbs there are."""


def load_verb(verb: str) -> Any:
    """Return the command of a verb.

    >>> load_verb("duty").name
    'duty'
    """
    module = importlib.import_module(f"advalorem.cli.{verb}")
    command = typer.main.get_command(module.app)
    command.name = verb
    return command


app = typer.Typer(
    name="advalorem",
    cls=LazyGroup,
    help="North American trade policy, computed from the legal text.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"advalorem {advalorem.__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """North American trade policy, computed from the legal text.

    Exit codes: 0 answered, 2 bad input, 3 undetermined, 4 prohibited.
    """


def run() -> None:
    """Run the command line and leave with its exit code."""
    app()
