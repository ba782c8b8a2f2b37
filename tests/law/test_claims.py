"""Preferences of the Special column: every programme printed is a claim, with its days.

Referees: Customs and Border Protection on AGOA (CSMS 67647279), the Office of Textiles and Apparel
on Nepal, the Congressional Research Service on the Generalized System of Preferences (RL33663).
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import polars as pl
import pytest

from advalorem.duty.answer import rate
from advalorem.law.load import load_lawbook
from advalorem.law.timeline import timeline, value_on

BOOK = load_lawbook()
# Printed in the Special column and no programme of today.
NO_PROGRAMME = {
    "": "chapter 98 lines that print a rate without a programme",
    "CA": "NAFTA, replaced by USMCA on 2020-07-01; left on 1202.42.15",
}


def printed() -> set[str]:
    path = str(files("advalorem") / "data" / "special_rates.parquet")
    return set(pl.read_parquet(path)["programme"].to_list())


def in_force(claim: str, on: str, known: str | None = None) -> bool:
    known_on = date.fromisoformat(known) if known else BOOK.newest_act
    spans = timeline(BOOK.claims[claim].values, BOOK.instruments, known_on)
    span = value_on(spans, date.fromisoformat(on))
    return span is not None and span.value.ends is None


def test_every_printed_programme_is_a_claim_or_none() -> None:
    claimed = {code for claim in BOOK.claims.values() for code in claim.spi}
    assert printed() - claimed - set(NO_PROGRAMME) == set()
    assert set(NO_PROGRAMME) <= printed() - claimed


def test_every_code_of_a_claim_is_printed_and_belongs_to_one_claim() -> None:
    codes = [code for claim in BOOK.claims.values() for code in claim.spi]
    assert len(codes) == len(set(codes))
    assert set(codes) <= printed()


@pytest.mark.parametrize(
    ("claim", "on", "known", "expected"),
    [
        ("GSP", "2025-01-01", None, False),
        ("GSP", "2026-12-31", None, False),
        ("ATPA", "2025-01-01", None, False),
        ("AGOA", "2025-09-30", None, True),
        ("AGOA", "2025-10-01", "2026-02-02", False),
        ("AGOA", "2025-10-01", None, True),
        ("AGOA", "2026-12-31", None, True),
        ("AGOA", "2027-01-01", None, False),
        ("Nepal", "2025-12-31", None, True),
        ("Nepal", "2026-01-01", None, False),
        ("CBERA", "2026-06-01", None, True),
        ("CBTPA", "2026-06-01", None, True),
        ("KORUS", "2026-01-15", None, True),
        ("Civil-Aircraft", "2025-06-01", None, True),
    ],
)
def test_days_of_a_programme(claim: str, on: str, known: str | None, expected: bool) -> None:
    assert in_force(claim, on, known) is expected


def test_beneficiaries_of_the_african_act_are_the_thirty_two_of_2025() -> None:
    assert len(BOOK.groups["AGOA"]) == len(set(BOOK.groups["AGOA"])) == 32
    assert {"KE", "LS", "MG", "ZA"} <= set(BOOK.groups["AGOA"])
    assert not {"ET", "GA", "UG", "CM"} & set(BOOK.groups["AGOA"])


def test_product_agreements_are_open_to_all_but_column_2() -> None:
    column2 = set(BOOK.columns["US"].column2_origins)
    countries = {country.iso2 for country in BOOK.countries}
    assert set(BOOK.groups["COLUMN_1"]) == countries - column2 - {"US"}


def test_fee_exemptions_are_those_of_the_statute() -> None:
    """19 U.S.C. 58c(b)(10) to (21): not Jordan, Morocco, Japan or Nepal; nor AGOA as such."""
    for fee in BOOK.fees:
        if fee.authority == "fee_mpf":
            assert {"USMCA", "KORUS", "CAFTA-DR", "CBERA"} <= set(fee.exempt_claims)
            assert not {"US-Jordan", "US-Morocco", "US-Japan", "AGOA"} & set(fee.exempt_claims)


@pytest.mark.parametrize(
    ("hts", "origin", "on", "claim", "known", "duty"),
    [
        ("8703.23.01.90", "ZA", "2025-12-01", "D", None, "0.00"),
        ("8703.23.01.90", "ZA", "2025-12-01", "D", "2026-01-15", "250.00"),
        ("8703.23.01.90", "ZA", "2025-12-01", "AGOA", None, "0.00"),
        ("8703.23.01.90", "KE", "2027-01-04", "D", None, "250.00"),
        ("8703.23.01.90", "DE", "2025-12-01", "D", None, "250.00"),
        ("2841.90.40.00", "DE", "2025-06-01", "K", None, "0.00"),
        ("2841.90.40.00", "DE", "2025-06-01", "A", None, "310.00"),
    ],
)
def test_ordinary_duty_under_a_claim(
    hts: str, origin: str, on: str, claim: str, known: str | None, duty: str
) -> None:
    """Special column of the line: free under D, 2.5% without; free under K, 3.1% without."""
    known_on = date.fromisoformat(known) if known else None
    reply = rate(hts=hts, origin=origin, as_of=on, value=10000, claim=claim, known_on=known_on)
    assert reply.layers[0].amount == duty
    refused = [text for text in reply.warnings if "is claimed but" in text]
    assert bool(refused) is (duty != "0.00")


def test_a_lapsed_programme_is_refused_as_lapsed() -> None:
    reply = rate(hts="2841.90.40.00", origin="IN", as_of="2025-06-01", value=10000, claim="A")
    assert "GSP is claimed but it is not in force on that day" in reply.warnings
