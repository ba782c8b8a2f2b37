"""Errors of the linkage."""

from __future__ import annotations


class LinkageError(ValueError):
    """The law and the model's economy do not fit together; the message gives the remedy."""
