"""Law that is said and not computed: sanctions, customs territory, open questions.

The outside referees are the acts cited: 31 CFR 560.201 and 515.204, Executive Orders 13570, 14066
and 14068, general note 2 of the tariff schedule.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from advalorem.duty.answer import rate
from advalorem.duty.reply import Reply
from advalorem.law.errors import CoverageError
from advalorem.law.load import load_lawbook

SHIRT, VODKA, OIL = "6109.10.00", "2208.60.20", "2711.12.00"


def ask(hts: str, origin: str, **more: Any) -> Reply:
    given: dict[str, Any] = {"as_of": "2025-09-18", "value": 500, **more}
    return rate(hts=hts, origin=origin, **given)


@pytest.mark.parametrize(
    ("hts", "origin", "cite"),
    [
        (SHIRT, "KP", "Executive Order 13570"),
        (SHIRT, "IR", "31 CFR 560.201"),
        (SHIRT, "CU", "31 CFR 515.204"),
        (OIL, "RU", "Executive Order 14066"),
    ],
)
def test_goods_under_sanctions_carry_a_warning(hts: str, origin: str, cite: str) -> None:
    first = ask(hts, origin).warnings[0]
    assert cite in first
    assert "prohibited" in first
    assert "licence" in first


def test_a_warning_of_sanctions_changes_no_duty() -> None:
    shirt = ask(SHIRT, "RU")  # column 2 of 6109.10.00: 90 %
    assert shirt.total_duty == "450.00"
    assert ask(SHIRT, "CU").total_duty == shirt.total_duty
    assert not [text for text in shirt.warnings if "prohibited" in text]


def test_goods_inside_the_customs_territory_are_refused_with_a_remedy() -> None:
    with pytest.raises(CoverageError, match=r"'PR': Puerto Rico .*General note 2.* give origin US"):
        ask(SHIRT, "PR")


def test_goods_of_insular_possessions_name_the_preference_not_held() -> None:
    assert any("3(a)(iv)" in text for text in ask(SHIRT, "GU").warnings)


def test_the_postal_duty_under_ieepa_is_an_open_question_since_the_judgment() -> None:
    def said(**more: Any) -> list[str]:
        reply = ask(SHIRT, "FR", mode="post", **more)
        return [text for text in reply.warnings if "usa.postal_duty_after_judgment" in text]

    assert said()
    assert "usa.postal_duty_after_judgment" in load_lawbook().readings
    assert not said(known_on=date(2026, 2, 19))
    assert not said(as_of="2026-03-01")
    assert not said(value=5000)


def test_the_total_without_the_ordinary_duty_says_so_first() -> None:
    reply = ask("2901.10.01", "US", importer="MX", as_of="2026-03-01")
    assert [line.measure for line in reply.not_applied] == ["mex.igi"]
    assert reply.warnings[0].startswith("the total leaves out Mexico's general import duty (IGI)")
    assert "is held in part only" in reply.warnings[0]


def test_every_notice_is_cited_and_lies_on_known_origins() -> None:
    for notice in load_lawbook().notices:
        assert notice.cite, notice.title
        assert notice.source, notice.title
        assert notice.said <= notice.from_ or notice.measure, notice.title
        assert all(code.isdigit() for code in notice.codes), notice.title
