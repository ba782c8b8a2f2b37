"""Errors of the scenarios."""

from __future__ import annotations

from advalorem.law.errors import LawError


class ScenarioError(LawError):
    """A scenario is not usable; the message names the change, the field and the remedy."""


class OverlapError(ScenarioError):
    """Two changes of one scenario decide the same thing on the same days."""
