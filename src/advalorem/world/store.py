"""Results of many scenarios on disk, one line each, so that an interruption loses nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from advalorem.world.errors import InputError

if TYPE_CHECKING:
    from advalorem.world.shock import Shock

__all__ = ["Record", "Store", "fingerprint", "shock_key"]


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one scenario; `columns` is empty when it has no solution."""

    key: str
    name: str
    result: str
    iterations: int
    columns: dict[str, list[float]]


@dataclass(slots=True)
class Store:
    """An append-only file of records; with no path it keeps nothing.

    Attributes
    ----------
    path
        File, or None.
    known
        Records found in the file when it was opened, by key.
    """

    path: Path | None = None
    known: dict[str, Record] = field(default_factory=dict)
    file: TextIO | None = None

    @classmethod
    def open(cls, path: Path | str | None, print_of_job: str) -> Store:
        """Return the store of a file, which is made when it is not there.

        A last line cut off by an interruption is dropped.

        Raises
        ------
        InputError
            When the file holds results of another economy, closure or tolerance.
        """
        if path is None:
            return cls()
        target = Path(path)
        text = target.read_bytes() if target.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        known = _read(target, whole.decode().splitlines(), print_of_job)
        file = target.open("r+" if target.exists() else "w", encoding="utf-8")
        file.truncate(len(whole))
        file.seek(len(whole))
        store = cls(target, known, file)
        if not whole:
            store._write({"fingerprint": print_of_job})
        return store

    def add(self, record: Record) -> None:
        """Write one record at once."""
        if self.file is not None:
            self._write(asdict(record))

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()

    def _write(self, value: dict[str, Any]) -> None:
        assert self.file is not None
        self.file.write(json.dumps(value) + "\n")
        self.file.flush()


def fingerprint(arrays: Iterable[np.ndarray], words: Iterable[str]) -> str:
    """Return a hash of arrays and words.

    Examples
    --------
    >>> fingerprint([np.zeros(2)], ["a"]) == fingerprint([np.zeros(2)], ["b"])
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    for word in words:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()


def shock_key(shock: Shock) -> str:
    """Return a hash of a shock's name and arrays.

    Examples
    --------
    >>> from advalorem.world.shock import Shock
    >>> shock_key(Shock("a")) == shock_key(Shock("b"))
    False
    """
    arrays, words = [], [shock.name]
    for item in fields(shock):
        value = getattr(shock, item.name)
        if item.name != "name" and value is not None:
            arrays.append(np.asarray(value, dtype=float))
            words.append(item.name)
    return fingerprint(arrays, words)


def _read(path: Path, lines: list[str], print_of_job: str) -> dict[str, Record]:
    """Return the records of complete lines, by key."""
    known: dict[str, Record] = {}
    for at, line in enumerate(lines):
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(
                "checkpoint", f"{path}, line {at + 1}", "not readable", "remove the line"
            ) from error
        if at == 0 and value.get("fingerprint") != print_of_job:
            raise InputError(
                "checkpoint",
                str(path),
                "belongs to another economy, closure or solver setting",
                "choose another file",
            )
        if at > 0:
            known[value["key"]] = Record(**value)
    return known
