"""The numbered list of sources: acts, packaged tables, the law coded, computations.

A source gets its number when it is first used, so the list runs in the order of the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from advalorem.brief.model import Source, SourceKind
from advalorem.law.model import Lawbook

DATA = Path(__file__).parent.parent / "data"


class Register:
    """Gives each source its number and keeps the list of one brief.

    Parameters
    ----------
    book : Lawbook
        The law whose acts are cited.

    Examples
    --------
    >>> from advalorem.law.load import load_lawbook
    >>> register = Register(load_lawbook())
    >>> register.act("eo-14193"), register.table("fx"), register.act("eo-14193")
    (1, 2, 1)
    >>> register.sources()[0].citation
    'Executive Order 14193, 90 FR 9113'
    """

    def __init__(self, book: Lawbook) -> None:
        self._book = book
        self._found: dict[str, Source] = {}
        self._cited: dict[str, str] = {}
        for name, act in book.instruments.items():
            self._cited.setdefault(act.cite or act.title, name)

    def act(self, name: str) -> int:
        """Return the number of an act."""
        act = self._book.instruments[name]
        return self._number(
            f"act:{name}",
            "act",
            act.cite or act.title,
            title=act.title,
            date=act.announced.isoformat(),
            url=act.url or "",
            note="" if act.confidence == "high" else f"confidence: {act.confidence}",
        )

    def citation(self, citation: str) -> int:
        """Return the number of the act that a ledger line cites, the first of that citation.

        Raises
        ------
        KeyError
            No act of the law is cited so.
        """
        return self.act(self._cited[citation])

    def acts(self, names: Iterable[str]) -> tuple[int, ...]:
        """Return the numbers of acts, each once."""
        return tuple(dict.fromkeys(self.act(name) for name in names))

    def table(self, name: str) -> int:
        """Return the number of a packaged table."""
        entry = manifest()[name]
        sources = entry["sources"]
        return self._number(
            f"data:{name}",
            "data",
            "; ".join(dict.fromkeys(source["publisher"] for source in sources)),
            title=f"{entry['title']} (table {name})",
            date="; ".join(dict.fromkeys(str(s.get("date") or "") for s in sources)),
            licence="; ".join(dict.fromkeys(source["licence"] for source in sources)),
            sha256=entry["sha256"],
        )

    def law(self) -> int:
        """Return the number of the law as coded, in its version."""
        newest = self._book.newest_act.isoformat()
        return self._number(
            "law", "law", f"advalorem lawbook, version {self._book.version}",
            title="Tariff law as coded, every value with its act", date=f"acts to {newest}",
            licence="Apache-2.0", sha256=self._book.version,
        )  # fmt: skip

    def reported(self, citation: str, date: str, note: str = "") -> int:
        """Return the number of a figure's publication."""
        return self._number(f"figure:{citation}:{date}", "data", citation, date=date, note=note)

    def order(self, citation: str, title: str, date: str) -> int:
        """Return the number of an act that is cited but not coded."""
        return self._number(f"order:{citation}", "act", citation, title=title, date=date)

    def computation(self, name: str, title: str, rests_on: Sequence[int]) -> int:
        """Return the number of a computation and what it rests on."""
        return self._number(
            f"computation:{name}", "computation", name, title=title, rests_on=tuple(rests_on)
        )

    def sources(self) -> tuple[Source, ...]:
        """Return the list in the order of the numbers."""
        return tuple(self._found.values())

    def _number(self, key: str, kind: SourceKind, citation: str, **fields: Any) -> int:
        if key not in self._found:
            number = len(self._found) + 1
            self._found[key] = Source(number=number, kind=kind, citation=citation, **fields)
        return self._found[key].number


@lru_cache(maxsize=1)
def manifest() -> dict[str, dict[str, Any]]:
    """Return the entries of the packaged tables by name.

    >>> "imports_2024" in manifest()
    True
    """
    text = (DATA / "manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(text)["tables"])


def data_version() -> str:
    """Return one digest over the digests of all packaged tables, twelve digits.

    >>> len(data_version())
    12
    """
    import hashlib

    digests = {name: entry["sha256"] for name, entry in sorted(manifest().items())}
    return hashlib.sha256(msgspec.json.encode(digests)).hexdigest()[:12]
