"""The fee table and the list of orders: complete, cited, and equal to published amounts."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import msgspec
import polars as pl
import pytest
import yaml

from advalorem.law.model import Fee, FeeValue, Instrument

PACKAGE = Path(__file__).parents[2] / "src" / "advalorem"
USA = PACKAGE / "lawbook" / "usa"
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def law() -> tuple[dict[str, Instrument], dict[str, Fee]]:
    data = yaml.safe_load((USA / "fees.yaml").read_text(encoding="utf-8"))
    acts = [msgspec.convert(row, Instrument, strict=False) for row in data["instruments"]]
    fees = [msgspec.convert(row, Fee, strict=False) for row in data["fees"]]
    return {act.id: act for act in acts}, {fee.id: fee for fee in fees}


@pytest.fixture(scope="module")
def orders() -> list[dict[str, str]]:
    with (USA / "adcvd_orders.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def on(fee: Fee, day: date) -> FeeValue:
    (value,) = [v for v in fee.values if v.from_ <= day and (v.until is None or day < v.until)]
    return value


def owed(fee: Fee, value: str, day: date) -> Decimal:
    terms = on(fee, day)
    if terms.flat is not None:
        return terms.flat
    amount = Decimal(value) * Decimal(fee.rate.rstrip("%")) / 100
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    return max(terms.min or Decimal(0), min(amount, terms.max or amount))


# Sources: worked examples of practitioners (34.64, 12.50, 47.03: golden cases fees-001 and
# fees-009); limits and the informal fee of 90 FR 34665 (fiscal 2026), 89 FR 59126 (fiscal 2025)
# and 88 FR 48900 (fiscal 2024); for fiscal 2027 the amounts that two calculators print.
@pytest.mark.parametrize(
    ("fee", "value", "day", "amount"),
    [
        ("usa.fee.mpf", "10000", "2025-11-05", "34.64"),
        ("usa.fee.mpf", "2500.01", "2025-01-02", "32.71"),
        ("usa.fee.mpf", "9000", "2025-09-30", "32.71"),
        ("usa.fee.mpf", "9000", "2025-10-01", "33.58"),
        ("usa.fee.mpf", "1000000", "2025-09-18", "634.62"),
        ("usa.fee.mpf", "1000000", "2025-10-01", "651.50"),
        ("usa.fee.mpf", "1000000", "2024-09-30", "614.35"),
        ("usa.fee.mpf", "193700", "2026-10-09", "670.86"),
        ("usa.fee.mpf", "9981", "2026-10-09", "34.58"),
        ("usa.fee.mpf.informal", "1000", "2025-11-05", "2.69"),
        ("usa.fee.mpf.informal", "1000", "2025-09-18", "2.62"),
        ("usa.fee.mpf.informal", "2500", "2026-10-09", "2.77"),
        ("usa.fee.hmf", "10000", "2025-11-05", "12.50"),
        ("usa.fee.hmf", "37626.88", "2026-08-07", "47.03"),
    ],
)
def test_published_fees(
    law: tuple[dict[str, Instrument], dict[str, Fee]], fee: str, value: str, day: str, amount: str
) -> None:
    assert owed(law[1][fee], value, date.fromisoformat(day)) == Decimal(amount)


def test_fees_have_no_gap_and_cite_their_act(
    law: tuple[dict[str, Instrument], dict[str, Fee]],
) -> None:
    acts, fees = law
    for fee in fees.values():
        assert all(before.until == after.from_ for before, after in pairwise(fee.values))
        assert {value.act for value in fee.values} <= set(acts)
        assert on(fee, date(2025, 1, 1)) and fee.values[-1].until is None


def test_limits_follow_one_factor_a_year(
    law: tuple[dict[str, Instrument], dict[str, Fee]],
) -> None:
    """19 CFR 24.22(k): 25, 485, 2 and 6 dollars grow by the same factor, rounded to the cent."""
    _, fees = law
    for number, formal in enumerate(fees["usa.fee.mpf"].values):
        assert formal.min is not None and formal.max is not None
        factor = formal.max / 485
        small = [fees[f"usa.fee.mpf.informal{x}"].values[number].flat for x in ("", "_manual")]
        for base, amount in zip((25, 2, 6), (formal.min, *small), strict=True):
            assert amount is not None and abs(base * factor - amount) < CENT


def test_agreements_exempt_from_mpf_only(law: tuple[dict[str, Instrument], dict[str, Fee]]) -> None:
    """19 U.S.C. 58c(b)(10)(B); golden case fees-009; the other agreements in test_claims.py."""
    for fee in law[1].values():
        exempt = fee.exempt_claims[:1]
        assert exempt == ([] if fee.id == "usa.fee.hmf" else ["USMCA"])


def test_orders_fit_their_columns(orders: list[dict[str, str]]) -> None:
    for row in orders:
        prefix = {"CA": "122", "MX": "201"}[row["origin"]]
        letter = {"AD": "A", "CVD": "C"}[row["kind"]]
        assert re.fullmatch(rf"{letter}-{prefix}-\d{{3}}", row["case_no"]), row
        assert row["confidence"] in ("high", "medium", "low"), row
        assert row["product"] and row["source"] and row["hts"], row
        for field in ("order_date", "from", "until"):
            assert not row[field] or date.fromisoformat(row[field]), row
        assert row["order_cite"] or row["confidence"] != "high", row
    assert len({row["case_no"] for row in orders}) == len(orders)


def test_order_codes_stand_in_the_tariff(orders: list[dict[str, str]]) -> None:
    lines = pl.read_parquet(PACKAGE / "data" / "nomenclature_us.parquet")["hts"].unique().to_list()
    known = {f"{line:010d}" for line in lines}
    for row in orders:
        for code in row["hts"].split(";"):
            assert any(line.startswith(code) for line in known), (row["case_no"], code)


def test_orders_of_the_example_goods(orders: list[dict[str, str]]) -> None:
    """Lumber: FR Doc. 2024-00330. Tomatoes: 90 FR 33363, applicable 14 July 2025."""
    cases = {row["case_no"]: row for row in orders}
    assert "44071100" in cases["A-122-857"]["hts"] and "44071100" in cases["C-122-858"]["hts"]
    assert cases["A-201-820"]["from"] == "2025-07-14"
    # Revoked before 2025: 85 FR 37626 (citric acid), 89 FR 92095 (kegs).
    assert not {"A-122-853", "A-201-849"} & set(cases)
