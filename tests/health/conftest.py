"""Where the repository lies, and the files the health checks read."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    "__pycache__",
    "_build",
    "dist",
    "build",
}


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository root."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Return every file of the repository that is not made by a tool."""
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)
    ]
