"""The option `--scenario` of the verbs that answer from the law."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from advalorem.brief.model import Brief
    from advalorem.cli.sheets import Paper
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


def paper_under(made: Paper, scenario: str | None) -> Paper:
    """Return an answer whose title and plain values say under which scenario it holds."""
    if scenario is None:
        return made
    from msgspec.structs import replace

    return replace(
        made,
        title=f"{made.title}; what if: {scenario}",
        data={**made.data, "scenario": scenario},
    )


def brief_under(made: Brief, scenario: str | None) -> Brief:
    """Return a brief whose title and command say under which scenario it holds."""
    if scenario is None:
        return made
    from shlex import quote

    from msgspec.structs import replace

    return replace(
        made,
        title=f"{made.title}: what if {scenario}",
        command=f"{made.command} --scenario {quote(scenario)}",
    )
