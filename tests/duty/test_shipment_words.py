"""What a shipment may say, and how: names of facts, shares, preferences, claimed headings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from advalorem.duty.answer import rate
from advalorem.duty.problems import InputError

CAR = {"hts": "8703.23.01.90", "origin": "MX", "as_of": "2025-07-18", "value": 10_000}


def total(**stated: object) -> str | None:
    return rate(**stated).total_duty


@pytest.mark.parametrize("claim", ["USMCA", "usmca", "CUSMA", "T-MEC", "TMEC", "ACEUM", "S", "S+"])
def test_the_agreement_of_2020_goes_by_its_names(claim: str) -> None:
    """The same treaty: USMCA, CUSMA and ACEUM in Canada, T-MEC in Mexico; S and S+ in the tariff.

    Proclamation 10908: 25 % of the content that is not of the United States.
    """
    assert total(**CAR, claim=claim, facts={"us_content_share": "0.4"}) == "1500.00"


@pytest.mark.parametrize("share", ["0.4", ".4", "0.40", "40%", "40 %"])
def test_a_share_may_be_a_percentage(share: str) -> None:
    assert total(**CAR, claim="USMCA", facts={"us_content_share": share}) == "1500.00"


@pytest.mark.parametrize("share", ["140%", "-1%", "40 percent", "%"])
def test_what_is_no_share_is_refused(share: str) -> None:
    with pytest.raises(InputError, match="us_content_share"):
        rate(**CAR, claim="USMCA", facts={"us_content_share": share})


@pytest.mark.parametrize("word", ["yes", "Yes", "true", "y", "1"])
def test_yes_may_be_said_in_other_words(word: str) -> None:
    """Heading 9903.94.04: vehicles of 25 years pay no duty under Section 232."""
    car = {**CAR, "origin": "JP"}
    assert total(**car, facts={"vehicle_25_years_old": word}) == "1250.00"


def test_choices_disregard_case_blanks_and_hyphens() -> None:
    part = {**CAR, "hts": "8511.40.00.00", "origin": "JP", "as_of": "2025-07-18"}
    answers = {
        total(**part, facts={"end_use": word})
        for word in ("automobile_part", "Automobile part", "AUTOMOBILE-PART")
    }
    assert answers == {"2750.00"}


def test_an_unknown_fact_is_told_its_nearest() -> None:
    with pytest.raises(InputError, match="'aluminium_value'; nearest: aluminum_value"):
        rate(**CAR, facts={"aluminium_value": "5"})


# The importer who claims a heading affirms its conditions; code, origin and day are checked still.
@pytest.mark.parametrize(
    ("shipment", "heading", "duty"),
    [
        # 9903.01.30: donations are outside the reciprocal tariff; ordinary duty stays.
        ({"hts": "6109.10.00.12", "origin": "VN", "as_of": "2025-09-18"}, "9903.01.30", "1650.00"),
        # 9903.94.04: a vehicle of 25 years; 2.5 % and the reciprocal 10 % stay.
        ({"hts": "8703.23.01.90", "origin": "JP", "as_of": "2025-07-18"}, "9903.94.04", "1250.00"),
        # 9903.94.05: a computer that is a part of a car, China: fentanyl 10 %, List 3 25 %, 25 %.
        ({"hts": "8471.50.01.50", "origin": "CN", "as_of": "2025-12-01"}, "9903.94.05", "6000.00"),
        # 9903.01.28: loaded before 2025-04-05 by vessel, entered before 2025-05-28.
        ({"hts": "6109.10.00.12", "origin": "VN", "as_of": "2025-05-01"}, "9903.01.28", "1650.00"),
    ],
)
def test_a_claimed_heading_affirms_its_conditions(
    shipment: dict[str, str], heading: str, duty: str
) -> None:
    reply = rate(**shipment, value=10_000, facts={"provision": heading})
    assert (reply.outcome, reply.total_duty) == ("assessed", duty)
    assert heading in {line.heading for line in reply.layers}
    assert not [text for text in reply.warnings if "changes nothing" in text]


def test_what_is_stated_otherwise_goes_before_a_claim() -> None:
    car = {**CAR, "origin": "JP"}
    facts = {"provision": "9903.94.04", "vehicle_25_years_old": "no"}
    assert total(**car, facts=facts) == "2750.00"


@pytest.mark.parametrize("heading", ["9903.88.69", "9903.99.99", "9903.01.31"])
def test_a_claim_that_decides_nothing_is_said_so(heading: str) -> None:
    """Steel of Japan: no exclusion from Section 301, and Section 232 knows no such exemption."""
    steel = {"hts": "7208.51.00.30", "origin": "JP", "as_of": "2025-07-18", "value": 10_000}
    reply = rate(**steel, facts={"provision": heading})
    assert reply.total_duty == "5000.00"
    if heading != "9903.01.31":
        assert any(f"provision {heading} is claimed" in text for text in reply.warnings)


def test_a_void_duty_says_so_when_the_judgment_is_known() -> None:
    """Learning Resources v. Trump, 2026-02-20: void; assessed to 2026-02-23, and refundable."""
    box = {"hts": "9403.20.00.86", "origin": "CA", "as_of": "2025-05-18", "value": 10_000}
    facts = {"steel_value": 0, "aluminum_value": 0, "end_use": "other"}
    later = rate(**box, facts=facts)
    known = rate(**box, facts=facts, known_on=later_day("2026-02-19"))
    border = {line.heading: line for line in later.layers}["9903.01.10"]
    assert (border.amount, border.status, border.void_from) == ("2500.00", "void", "2026-02-20")
    assert any("held void" in text for text in later.warnings)
    assert later.total_duty == known.total_duty
    assert {line.status for line in known.layers} == {"in force"}
    assert {line.void_from for line in known.layers} == {None}
    assert not any("held void" in text for text in known.warnings)


def later_day(text: str):
    from datetime import date

    return date.fromisoformat(text)


def test_a_duty_an_item_counts_items() -> None:
    """Executive Order 14324: 80 dollars an item of a country below 16 %."""
    parcel = {"hts": "6109.10.00.12", "origin": "GB", "as_of": "2025-09-10", "value": 100}
    reply = rate(**parcel, mode="post", facts={"postal_duty_method": "specific"})
    (line,) = [line for line in reply.layers if line.basis == "quantity"]
    assert (line.basis_amount, line.rate, line.amount) == ("1", "80", "80.00")


def test_a_base_below_the_value_is_a_part_of_it() -> None:
    """9903.01.34: a fifth or more of US content is outside the reciprocal tariff."""
    reply = rate(hts="8412.21.00.75", origin="KR", as_of="2025-07-18", value=10_000,
                 facts={"us_content_share": "0.3"})  # fmt: skip
    line = next(line for line in reply.layers if line.heading == "9903.01.25")
    assert (line.basis, line.basis_amount) == ("part_of_value", "7000.00")


def test_low_value_shipments_pay_no_processing_fee() -> None:
    """Section 321 shipments are released without entry (19 U.S.C. 1321; 58c(a)(9) on entries)."""
    reply = rate(hts="6109.10.00.12", origin="CN", as_of="2025-04-01", value=500, mode="express")
    assert (reply.total_duty, reply.total_fees) == ("0.00", "0.00")


def test_importers_go_by_two_letters_or_three() -> None:
    wine = {"hts": "2203.00.00", "origin": "US", "as_of": "2025-03-10", "value": 10_000}
    assert {total(**wine, importer=name) for name in ("CA", "CAN", "can")} == {"2500.00"}


def test_the_reproduce_line_quotes_what_a_shell_would_split() -> None:
    reply = rate(**{**CAR, "origin": "JP"}, facts={"end_use": "passenger vehicle"})
    assert "--fact 'end_use=passenger vehicle'" in reply.reproduce
    assert Decimal(reply.total_duty or "0") == 2750


# A petroleum barrel is 42 US gallons, 158.987 litres; the US liquid barrel of 31.5 is not meant.
@pytest.mark.parametrize(
    ("hts", "quantity", "unit", "duty"),
    [
        ("2709.00.20.10", "1000", "bbl", "105.00"),
        ("2709.00.20.10", "1000", "BBL", "105.00"),
        ("2709.00.20.10", "1000", "barrels", "105.00"),
        ("2709.00.20.10", "158.987295", "m3", "105.00"),
        ("0406.10.88.00", "100", "KG", "150.90"),
        ("0406.10.88.00", "0.1", "tonnes", "150.90"),
        ("0406.10.88.00", "220.4623", "lbs", "150.90"),
        ("2204.10.00.75", "1000", "Liters", "198.00"),
        ("2204.10.00.75", "10", "HL", "198.00"),
    ],
)
def test_a_quantity_goes_by_the_words_of_trade(
    hts: str, quantity: str, unit: str, duty: str
) -> None:
    reply = rate(hts=hts, origin="AU", as_of="2025-01-15", value=10_000, quantity=quantity,
                 unit=unit)  # fmt: skip
    assert reply.total_duty == duty


@pytest.mark.parametrize("unit", ["ton", "TONS", "furlong", "no"])
def test_a_doubtful_unit_is_not_converted(unit: str) -> None:
    with pytest.raises(InputError, match="does not convert to kg; state it in kg"):
        rate(hts="0406.10.88.00", origin="AU", as_of="2025-01-15", value=10_000, quantity=1,
             unit=unit)  # fmt: skip
