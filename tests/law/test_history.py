"""The law of a day as known on a day, and what changed between two days."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.law.changes import Change, changes
from advalorem.law.history import MeasureOn, in_force
from advalorem.law.load import load_lawbook
from advalorem.law.model import (
    CodeList,
    Instrument,
    Lawbook,
    Measure,
    Products,
    Provision,
    Threat,
    Value,
)

CANADA = "usa.ieepa.fentanyl.canada"
MEXICO = "usa.ieepa.fentanyl.mexico"


def act(name: str, announced: str) -> Instrument:
    day = date.fromisoformat(announced)
    return Instrument(id=name, title=name.upper(), kind="order", cite=f"cite {name}", announced=day)


def small_book() -> Lawbook:
    """A duty put off, begun, raised by an act that reaches back, its list widened, then revoked."""
    acts = [
        act("first", "2025-02-01"),
        act("pause", "2025-02-03"),
        act("back", "2025-06-10"),
        act("wider", "2025-07-01"),
        act("end", "2025-08-20"),
        act("said", "2025-05-01"),
        act("unsaid", "2025-05-20"),
    ]
    duty = Provision(
        id="all",
        heading="1",
        title="All goods",
        products=Products(lists=["x/goods"]),
        values=[
            Value(from_=date(2025, 2, 4), rate="25%", act="first"),
            Value(from_=date(2025, 2, 4), until=date(2025, 3, 4), ends="suspended", act="pause"),
            Value(from_=date(2025, 6, 1), rate="30%", act="back"),
            Value(from_=date(2025, 9, 1), ends="revoked", act="end"),
        ],
    )
    threat = Threat(
        act="said",
        title="50% on all goods",
        rate="50%",
        announced_for=date(2025, 6, 1),
        withdrawn=date(2025, 5, 20),
        withdrawn_act="unsaid",
        outcome="never ordered",
    )
    measure = Measure(
        measure="x.duty",
        importer="XX",
        authority="x",
        title="Duty",
        covers="all",
        provisions=[duty],
        origins=["YY"],
        threats=[threat],
    )
    goods = CodeList(
        name="x/goods",
        code=["01", "02"],
        from_=[date(2025, 2, 4).toordinal(), date(2025, 7, 5).toordinal()],
        until=[date(2025, 8, 1).toordinal(), date.max.toordinal()],
        act=[0, 1],
        acts=["first", "wider"],
    )
    return Lawbook(
        measures={"x.duty": measure},
        relations=[],
        instruments={item.id: item for item in acts},
        lists={"x/goods": goods},
        list_sources={},
        facts={},
        claims={},
        columns={},
        fees=[],
        coverage=[],
        readings={},
        authorities={},
        countries=[],
        groups={},
        orders=[],
        version="small",
    )


def told(found: tuple[Change, ...]) -> list[tuple[str, str, str | None, str | None]]:
    return [(c.day.isoformat(), c.kind, c.details[0].before, c.details[0].after) for c in found]


def of(found: tuple[MeasureOn, ...], name: str) -> MeasureOn:
    return {item.measure: item for item in found}[name]


def test_every_kind_of_change_in_order() -> None:
    found = changes(small_book(), date(2025, 1, 1), date(2025, 12, 31))
    assert told(found) == [
        ("2025-02-01", "announced", None, "25%"),
        ("2025-02-03", "withdrawn", "25%", "suspended"),
        ("2025-03-04", "began", None, "25%"),
        ("2025-05-01", "announced", None, "50%"),
        ("2025-05-20", "withdrawn", "50%", "never ordered"),
        ("2025-06-01", "changed", "25%", "30%"),
        ("2025-06-10", "announced", "25%", "30%"),
        ("2025-07-05", "articles", None, "1 code on"),
        ("2025-08-01", "articles", "1 code off", None),
        ("2025-08-20", "announced", "30%", "revoked"),
        ("2025-09-01", "ended", "30%", "revoked"),
    ]


def test_a_retroactive_act_shows_under_both_days() -> None:
    found = changes(small_book(), date(2025, 6, 1), date(2025, 6, 30))
    assert [(c.day.day, c.kind, c.retroactive, c.act) for c in found] == [
        (1, "changed", True, "back"),
        (10, "announced", True, "back"),
    ]


def test_acts_not_yet_known_are_left_out() -> None:
    book = small_book()
    assert told(changes(book, date(2025, 1, 1), date(2025, 12, 31), date(2025, 2, 2))) == [
        ("2025-02-01", "announced", None, "25%"),
        ("2025-02-04", "began", None, "25%"),
        ("2025-08-01", "articles", "1 code off", None),
    ]
    before = changes(book, date(2025, 6, 1), date(2025, 6, 9), date(2025, 6, 9))
    assert before == ()


def test_both_days_are_included_and_their_order_is_checked() -> None:
    book = small_book()
    assert len(changes(book, date(2025, 3, 4), date(2025, 3, 4))) == 1
    with pytest.raises(ValueError, match="2025-03-03 lies before 2025-03-04"):
        changes(book, date(2025, 3, 4), date(2025, 3, 3))


def test_importer_and_origin_narrow_the_changes() -> None:
    book = small_book()
    days = (date(2025, 1, 1), date(2025, 12, 31), None)
    assert changes(book, *days, importer="XX", origin="YY")
    assert changes(book, *days, importer="YY") == ()
    assert changes(book, *days, origin="XX") == ()


@pytest.mark.parametrize(
    ("on", "known", "status"),
    [
        (date(2025, 2, 1), date(2025, 2, 1), "scheduled"),
        (date(2025, 2, 10), date(2025, 2, 2), "in force"),
        (date(2025, 2, 10), date(2025, 2, 10), "suspended"),
        (date(2025, 3, 4), None, "in force"),
        (date(2025, 8, 31), None, "in force"),
        (date(2025, 9, 1), None, "revoked"),
    ],
)
def test_status_is_computed_on_two_clocks(on: date, known: date | None, status: str) -> None:
    assert in_force(small_book(), on, known)[0].status == status


def test_a_measure_of_which_nothing_is_known_is_left_out() -> None:
    assert in_force(small_book(), date(2025, 1, 20), date(2025, 1, 20)) == ()


def test_rate_in_force_depends_on_what_was_known() -> None:
    book = small_book()
    now = in_force(book, date(2025, 6, 5))[0].provisions[0]
    then = in_force(book, date(2025, 6, 5), date(2025, 6, 5))[0].provisions[0]
    assert (now.rate, now.act, then.rate, then.act) == ("30%", "back", "25%", "first")
    assert then.until is None
    assert now.until == date(2025, 9, 1)


# Executive Orders 14193 and 14325 (Canada), 14194 (Mexico), and the letter of 12 July 2025.
def test_headline_duties_of_september_2025() -> None:
    book = load_lawbook()
    canada = of(in_force(book, date(2025, 9, 18), importer="US", origin="CA"), CANADA)
    mexico = of(in_force(book, date(2025, 9, 18), importer="US", origin="MX"), MEXICO)
    assert {p.provision: p.rate for p in canada.provisions}["all"] == "35%"
    assert {p.provision: p.rate for p in mexico.provisions}["all"] == "25%"
    threat = next(item for item in mexico.threats if item.rate == "30%")
    assert threat.withdrawn == date(2025, 7, 31)
    assert threat.citation


def test_a_threat_is_not_known_before_it_was_made() -> None:
    early = in_force(load_lawbook(), date(2025, 6, 1), date(2025, 6, 1), "US", "MX")
    assert not [t for t in of(early, MEXICO).threats if t.rate == "30%"]


# EO 14231: announced 6 March 2025, in force 7 March 2025.
def test_usmca_relief_of_march_2025() -> None:
    found = changes(load_lawbook(), date(2025, 3, 4), date(2025, 3, 7), importer="US", origin="CA")
    mine = [
        (c.day.isoformat(), c.kind) for c in found if c.measure == CANADA and c.kind != "stacking"
    ]
    assert mine == [
        ("2025-03-04", "began"),
        ("2025-03-06", "announced"),
        ("2025-03-07", "began"),
    ]


def test_what_came_of_a_threat_is_told_only_once_known() -> None:
    """35 % on Canada: said on 2025-07-10 for 2025-08-01, ordered on 2025-07-31 (EO 14325)."""
    book = load_lawbook()

    def said(known: date) -> str | None:
        found = in_force(book, date(2025, 7, 20), known, importer="US", origin="CA")
        canada = next(m for m in found if m.measure == CANADA)
        return next(t.outcome for t in canada.threats if t.rate == "35%")

    assert said(date(2025, 7, 15)) is None
    assert said(date(2025, 8, 1)) is not None


def test_a_withdrawn_threat_is_open_until_the_withdrawal_is_known() -> None:
    """30 % on Mexico: said on 2025-07-12, put off on 2025-07-31."""
    book = load_lawbook()

    def withdrawn(known: date) -> date | None:
        found = in_force(book, date(2025, 7, 20), known, importer="US", origin="MX")
        mexico = next(m for m in found if m.measure == MEXICO)
        return next(t.withdrawn for t in mexico.threats if t.rate == "30%")

    assert withdrawn(date(2025, 7, 30)) is None
    assert withdrawn(date(2025, 7, 31)) == date(2025, 7, 31)
