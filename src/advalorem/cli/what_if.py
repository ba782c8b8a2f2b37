"""The option `--scenario` of the verbs that answer from the law."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from advalorem.duty.reply import Reply
    from advalorem.law.model import Lawbook

ScenarioOption = Annotated[
    str | None,
    typer.Option("--scenario", help="What if: a file, or the name of a shipped scenario."),
]


def law_under(scenario: str | None, known_on: date | None = None) -> Lawbook | None:
    """Return the law under a scenario, None where none is asked for.

    Raises
    ------
    ScenarioError
        There is no such scenario, or it does not fit the law.

    Examples
    --------
    >>> law_under(None) is None, "+" in law_under("usmca-lapses").version
    (True, True)
    """
    if scenario is None:
        return None
    from advalorem.law.load import load_lawbook
    from advalorem.scenario import load_scenario

    return load_scenario(scenario).apply(load_lawbook(), known_on)


def said_under(reply: Reply, scenario: str | None) -> Reply:
    """Return a reply that says under which scenario it holds, and how to ask it again."""
    if scenario is None:
        return reply
    from shlex import quote

    from msgspec.structs import replace

    return replace(
        reply,
        assumptions=[f"what if: scenario {scenario}, which is no law", *reply.assumptions],
        reproduce=f"{reply.reproduce} --scenario {quote(scenario)}",
    )
