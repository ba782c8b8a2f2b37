"""The base of all law structs."""

from __future__ import annotations

from datetime import date

import msgspec

OPEN = date.max.toordinal()
"""Ordinal of the day that stands for an open end."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all law structs: frozen, keyword only, unknown fields refused."""
