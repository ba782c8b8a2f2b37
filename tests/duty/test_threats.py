"""Which goods a threat is shown for; the outside referee is the text of each letter."""

from __future__ import annotations

import pytest

from advalorem.duty.answer import rate

SHIRT, MEDICINE = "6109.10.00", "3004.90.92"


def said(hts: str, origin: str, as_of: str) -> set[str | None]:
    reply = rate(hts=hts, origin=origin, as_of=as_of, value=1000)
    return {threat.rate for threat in reply.threats}


@pytest.mark.parametrize(
    ("origin", "as_of", "rate_said"),
    [
        ("FR", "2025-07-20", "0.3"),  # letter to the European Union, 2025-07-12: all goods
        ("CN", "2025-10-20", "1"),  # statement of 2025-10-10: 100 points over all other duty
        ("MX", "2025-07-20", "0.3"),  # letter to Mexico, 2025-07-12
        ("CA", "2025-07-20", "0.35"),  # letter to Canada, 2025-07-10
        ("BR", "2025-07-20", "0.5"),  # letter to Brazil, 2025-07-09
        ("JP", "2026-03-01", "0.15"),  # statement of 2026-02-21 on the surcharge
    ],
)
def test_a_threat_to_a_country_is_shown_for_its_ordinary_goods(
    origin: str, as_of: str, rate_said: str
) -> None:
    assert rate_said in said(SHIRT, origin, as_of)


def test_a_threat_is_not_shown_before_it_was_said() -> None:
    assert said(SHIRT, "CA", "2025-07-09") == set()


def test_a_threat_is_not_shown_to_others() -> None:
    assert said(SHIRT, "JP", "2025-07-20") == set()


def test_goods_on_a_list_of_exemptions_are_not_threatened() -> None:
    assert said(MEDICINE, "FR", "2025-07-20") == set()


def test_a_threat_to_metal_is_not_shown_for_shirts() -> None:
    assert "0.5" in said("7208.51.00.30", "CA", "2025-09-18")
    assert "0.5" not in said(SHIRT, "CA", "2025-09-18")
