"""A scenario: named, ordered changes that meet the law in one place and trade costs in one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import msgspec
from msgspec.structs import replace

from advalorem.law.model import Instrument, Lawbook
from advalorem.scenario.apply import apply_changes
from advalorem.scenario.changes import COST_KINDS, AnyChange
from advalorem.scenario.costs import Coordinates, Float, d_hat_of, productivity_of
from advalorem.scenario.overlap import check_overlaps
from advalorem.scenario.places import three_letters, two_letters

BASELINE = "baseline"
_TWO = ("importer", "origins", "except_origins")
_THREE = ("importers", "exporters", "countries")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What if: ordered changes of law and of the cost of trade.

    Attributes
    ----------
    name, title
        Short name, and one line for people.
    changes
        In the order in which they are written into the law.
    as_of
        Day at which the scenario is looked at where none is asked for.
    sources
        What the scenario rests on.

    Raises
    ------
    OverlapError
        Two changes decide the same thing on the same days.

    Examples
    --------
    >>> Scenario().is_empty, Scenario().then(Scenario("x")).name
    (True, 'x')
    """

    name: str = BASELINE
    changes: tuple[AnyChange, ...] = ()
    title: str = ""
    as_of: date | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", tuple(_spelled(change) for change in self.changes))
        check_overlaps(self.changes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.changes

    @property
    def changes_law(self) -> bool:
        """Whether a change is one of law."""
        return any(not isinstance(change, COST_KINDS) for change in self.changes)

    @property
    def changes_costs(self) -> bool:
        """Whether a change is one of trade costs or productivity."""
        return any(isinstance(change, COST_KINDS) for change in self.changes)

    @property
    def hash(self) -> str:
        """Digest of the changes in their order; names and titles do not count.

        >>> Scenario("a").hash == Scenario("b").hash
        True
        """
        body = msgspec.json.encode(list(self.changes), order="deterministic")
        return hashlib.sha256(body).hexdigest()[:12]

    def then(self, after: Scenario) -> Scenario:
        """Return this scenario followed by another; the empty scenario leaves the other as it is.

        Raises
        ------
        OverlapError
            A change of one decides what a change of the other decides, on the same days.
        """
        if self.is_empty or after.is_empty:
            return after if self.is_empty else self
        return Scenario(
            name=f"{self.name} + {after.name}",
            changes=(*self.changes, *after.changes),
            title="; ".join(filter(None, (self.title, after.title))),
            as_of=after.as_of or self.as_of,
            sources=(*self.sources, *after.sources),
        )

    def apply(self, book: Lawbook, known_on: date | None = None) -> Lawbook:
        """Return the law under the scenario; the same law where no change is one of law.

        Parameters
        ----------
        book : the law
        known_on : day of knowledge of the questions that will be asked; the changes are known on it

        Raises
        ------
        ScenarioError
            A change names what the law does not hold.

        Examples
        --------
        >>> from advalorem.law.load import load_lawbook
        >>> book = load_lawbook()
        >>> Scenario().apply(book) is book
        True
        """
        changes = [change for change in self.changes if not isinstance(change, COST_KINDS)]
        if not changes:
            return book
        act = Instrument(
            id=f"scenario-{self.hash}",
            title=f"Scenario {self.name}",
            kind="statement",
            announced=known_on or book.newest_act,
            cite=f"scenario {self.name} (hypothetical)",
            note=self.title or None,
        )
        changed = apply_changes(book, changes, act)
        day = "" if known_on is None else f"@{known_on}"
        return replace(changed, version=f"{book.version}+{self.hash}{day}")

    def d_hat(self, coords: Coordinates, on: date, day: float | None = None) -> Float:
        """Return new over old iceberg costs on a day, (n, i, j), one where nothing changes.

        `day` is a value of a day, as a fraction, in place of the cited range's.
        """
        return d_hat_of(self.changes, coords, on, day)

    def productivity_hat(self, coords: Coordinates, on: date) -> Float:
        """Return new over old productivity on a day, (n, j), one where nothing changes."""
        return productivity_of(self.changes, coords, on)


def _spelled(change: AnyChange) -> AnyChange:
    """Return a change with the country codes of law in two letters and of trade in three."""
    words: dict[str, object] = {}
    for names, spell in ((_TWO, two_letters), (_THREE, three_letters)):
        for name in names:
            value = getattr(change, name, None)
            if isinstance(value, str):
                words[name] = spell(value)
            elif value:
                words[name] = [spell(code) for code in value]
    return replace(change, **words) if words else change
