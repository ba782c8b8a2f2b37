"""US law read again against printed texts and messages of Customs, each figure with its text."""

from __future__ import annotations

from datetime import date

import pytest

from advalorem.duty.answer import rate
from advalorem.duty.reply import Reply
from advalorem.law.load import load_lawbook

LABOUR = "usa.s301.forced_labour"


def shipment(hts: str, origin: str, day: str, claim: str | None = None, **facts: str) -> Reply:
    return rate(hts=hts, origin=origin, as_of=day, value=10000, claim=claim, facts=facts)


def headings(reply: Reply) -> dict[str, str | None]:
    """Return heading and amount of every layer of chapter 99, at no duty too."""
    return {line.heading: line.amount for line in reply.layers if line.heading}


@pytest.mark.parametrize(("ident", "codes"), [("gt_iii", 1737), ("sv_iii", 1707), ("jo_i", 1887)])
def test_articles_of_note_52j(ident: str, codes: int) -> None:
    """Referee: number of codes in U.S. note 52(j)(6)(iii), (7)(iii), (13)(i), 2026 Revision 13."""
    book = load_lawbook()
    (found,) = (p for p in book.measures[LABOUR].provisions if p.id == ident)
    assert found.products is not None
    assert sum(len(book.lists[name].code) for name in found.products.lists) == codes


def test_apparel_of_jordan_is_outside_the_forced_labour_duty() -> None:
    """Referee: note 52(j)(13)(i) names 6110.20.20 and not 6115.10.40 (2026 Revision 13)."""
    assert headings(shipment("6110.20.20", "JO", "2026-08-03"))["9903.06.20"] == "0.00"
    owed = headings(shipment("6115.10.40", "JO", "2026-08-03"))
    assert owed["9903.05.50"] == "1000.00" and "9903.06.20" not in owed


def test_leather_bags_of_guatemala_need_the_claim() -> None:
    """Referee: note 52(j)(6)(iii) names 4202.11.00 for entries under CAFTA-DR."""
    claimed = headings(shipment("4202.11.00", "GT", "2026-08-03", claim="CAFTA-DR"))
    assert claimed["9903.06.06"] == "0.00"
    assert headings(shipment("4202.11.00", "GT", "2026-08-03"))["9903.05.40"] == "1000.00"


def test_glass_yarn_of_el_salvador_pays() -> None:
    """Referee: note 52(j)(7)(iii) lacks 7019.19.30, which (6)(iii) names for Guatemala."""
    paid = headings(shipment("7019.19.30", "SV", "2026-08-03", claim="CAFTA-DR"))
    free = headings(shipment("7019.19.30", "GT", "2026-08-03", claim="CAFTA-DR"))
    assert paid["9903.05.37"] == "1000.00" and free["9903.06.06"] == "0.00"


def test_statistical_numbers_of_note_52b() -> None:
    """Referee: note 52(b) prints 8505.11.0070 and 1206.00.0031, not their subheadings."""
    assert headings(shipment("8505.11.0070", "CN", "2026-08-03"))["9903.05.86"] == "0.00"
    assert headings(shipment("8505.11.0090", "CN", "2026-08-03"))["9903.05.31"] == "1250.00"


def test_works_of_art_and_books_are_informational_unless_stated() -> None:
    """Referee: Customs' answers of April 2025 name chapter 49 and headings 9701 to 9705."""
    assert headings(shipment("9701.21.00", "GB", "2025-09-10"))["9903.01.31"] == "0.00"
    assert headings(shipment("4901.99.00", "CN", "2025-09-10"))["9903.01.22"] == "0.00"
    denied = shipment("9701.21.00", "GB", "2025-09-10", informational_materials="no")
    assert headings(denied)["9903.02.66"] == "1000.00"
    assert headings(shipment("9706.10.00", "GB", "2025-09-10"))["9903.02.66"] == "1000.00"


def test_magnets_join_annex_ii_in_september_2025() -> None:
    """Referee: Executive Order 14346 adds 39 codes from 2025-09-08, 8505.11.0070 among them."""
    listed = load_lawbook().lists["usa/reciprocal_annex_ii"]
    assert [listed.acts[act] for act in listed.act].count("eo-14346") == 39
    before = headings(shipment("8505.11.0070", "TH", "2025-09-07"))
    assert before["9903.02.61"] == "1900.00"
    assert headings(shipment("8505.11.0070", "TH", "2025-09-08"))["9903.01.32"] == "0.00"


@pytest.mark.parametrize(
    ("day", "free"),
    [
        ("2025-02-03", True),
        ("2025-02-04", False),
        ("2025-02-06", False),
        ("2025-02-07", True),
        ("2025-05-01", True),
        ("2025-05-02", False),
    ],
)
def test_low_value_goods_of_china(day: str, free: bool) -> None:
    """Referee: CSMS 63988468 and 64082249: refused from 2025-02-04, taken again from 02-07."""
    sent = rate(hts="6110.20.20", origin="CN", as_of=day, value=500, mode="express")
    assert (sent.total_duty == "0.00") is free


def test_pump_parts_renumbered_in_july_2026_keep_their_exclusion() -> None:
    """Referee: 2026 Revision 18 puts the footnote of 9903.88.69 on 8413.91.9039 from July 1."""
    claimed = {"provision": "9903.88.69"}
    before = headings(shipment("8413.91.9039", "CN", "2026-06-30", **claimed))
    after = headings(shipment("8413.91.9039", "CN", "2026-07-15", **claimed))
    assert before["9903.88.01"] == "2500.00"
    assert after["9903.88.69"] == "0.00" and "9903.88.01" not in after


@pytest.mark.parametrize(("name", "codes"), [("steel_n", 12), ("aluminum_k", 104)])
def test_metal_derivatives_of_march_2025_outside_their_chapters(name: str, codes: int) -> None:
    """Referee: a law firm's count of Annex I, Proclamations 10895 and 10896 (Mondaq 1594842)."""
    listed = load_lawbook().lists[f"usa/{name}"]
    march = date(2025, 3, 12).toordinal()
    assert len([day for day in listed.from_ if day == march]) == codes
