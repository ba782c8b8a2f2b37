"""Receipts by month, the gap from duty owed to them, and the chart of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from advalorem.brief.collected_chart import save
from advalorem.law.model import Lawbook
from advalorem.rates import RatesError, Readings, effective_rates
from advalorem.rates.accrual import LEVELS, Accrual, Question, accrue, response
from advalorem.rates.collected import STEPS, Collected, collected, reconcile, statements
from advalorem.rates.flows import held_origins
from advalorem.rates.packed import is_current, packed
from advalorem.rates.receipts import bracket, published, receipts, totals

YEAR = 2025


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['from']} to {row['to']}")
def test_series_is_net_of_refunds(row: dict[str, object]) -> None:
    """Monthly Treasury Statements as reported by Reuters, Business Standard and Postmedia."""
    assert row["series_busd"] == pytest.approx(row["net_busd"], abs=0.06)
    if "gross_busd" in row:
        assert row["series_busd"] < float(str(row["gross_busd"])) - 0.5


def test_a_figure_is_placed_between_month_ends_of_both_kinds_of_year() -> None:
    """171.7 billion of 2025 lies between the ends of August and September in either year."""
    found = {(b.kind, b.basis): b for b in bracket(171.7e9, YEAR)}
    for kind, low, high in (("calendar", 144.368e9, 174.043e9), ("fiscal", 165.191e9, 194.866e9)):
        placed = found[kind, "net"]
        assert (placed.after, placed.by) == (date(2025, 8, 31), date(2025, 9, 30))
        assert (placed.low_usd, placed.high_usd) == pytest.approx((low, high))
        assert placed.low_usd < 171.7e9 <= placed.high_usd
    assert found["fiscal", "gross"].near == date(2025, 8, 31)
    assert found["fiscal", "net"].near is None


def test_a_figure_that_fits_no_month_is_unplaceable() -> None:
    for found in bracket(900e9, YEAR):
        assert not found.placed
        assert "more than the whole year holds" in found.why
    partial = {b.kind: b for b in bracket(200e9, 2026) if b.basis == "net"}
    assert "more than the series holds" in partial["calendar"].why
    early = next(b for b in bracket(1e9, YEAR) if b.kind == "calendar")
    assert (early.after, early.by) == (date(2024, 12, 31), date(2025, 1, 31))


@pytest.mark.parametrize(
    ("amount", "year"), [(0.0, YEAR), (-1.0, YEAR), (1e9, 1900), (float("inf"), YEAR)]
)
def test_what_cannot_be_asked_is_refused(amount: float, year: int) -> None:
    with pytest.raises(RatesError):
        bracket(amount, year)


def test_totals_are_running_sums() -> None:
    frame = totals(YEAR)
    for kind in ("calendar", "fiscal"):
        rows = frame.filter(frame["kind"] == kind)
        assert rows.height == 12
        np.testing.assert_allclose(rows["receipts_usd"].cum_sum(), rows["to_date_usd"])


def accrual_of(*rates: float) -> Accrual:
    months = ((2025, 4), (2025, 5), (2025, 6))
    imports = np.array([receipts()[month][1] for month in months])
    levels = {name: np.full(3, rate) for name, rate in zip(LEVELS, rates, strict=True)}
    return Accrual(months, imports, 0.98, **levels)


def check_sums(found: Collected) -> None:
    total = found.owed + found.parts.sum(axis=1)
    np.testing.assert_allclose(total, found.received, rtol=1e-12)
    steps = found.steps()
    amounts = steps["amount_usd"].to_list()
    assert abs(sum(amounts[:-1]) - amounts[-1]) < 1e-9 * amounts[-1]
    assert steps["step"].to_list() == ["owed", *STEPS, "received"]


def test_parts_sum_to_the_gap() -> None:
    check_sums(reconcile(accrual_of(0.2, 0.15, 0.14, 0.1)))


def test_parts_are_what_they_say() -> None:
    found = reconcile(accrual_of(0.2, 0.15, 0.14, 0.1))
    parts = dict(zip(STEPS, found.parts.T, strict=True))
    np.testing.assert_allclose(parts["claims"], -0.05 * found.accrual.imports)
    np.testing.assert_allclose(parts["substitution"], -0.04 * found.accrual.imports)
    np.testing.assert_allclose(parts["not_held"], 0.2 * 0.02 * found.accrual.imports)
    assert {kind for _, kind in STEPS.values()} == {"observed", "modelled"}
    assert STEPS["claims"][1] == "observed"
    assert STEPS["refunds"][1] == STEPS["substitution"][1] == "modelled"


@pytest.mark.parametrize("share", [0.9944, 0.9, 0.5])
def test_what_is_not_paid_is_a_part_of_its_own(share: float) -> None:
    """Duty that is not paid moves from the unexplained part into one of its own, to the cent."""
    rates = accrual_of(0.2, 0.15, 0.14, 0.1)
    full, less = reconcile(rates), reconcile(rates, share)
    check_sums(less)
    parts = {name: dict(zip(STEPS, found.parts.T, strict=True))
             for name, found in (("full", full), ("less", less))}  # fmt: skip
    assert not parts["full"]["compliance"].any()
    np.testing.assert_allclose(parts["less"]["compliance"], (share - 1) * 0.1 * rates.imports)
    np.testing.assert_allclose(parts["less"]["lags"], share * parts["full"]["lags"])
    for step in ("not_held", "claims", "exemptions", "substitution", "refunds"):
        np.testing.assert_array_equal(parts["less"][step], parts["full"][step])
    assert STEPS["compliance"][1] == "modelled"


def test_compliance_needs_no_new_accrual(book: Lawbook) -> None:
    if not is_current(book):
        pytest.skip("the packed table was made of another law and is not used")
    months = ((2025, 2), (2025, 12))
    plain = collected(Question(book, "US", *months))
    own = collected(Question(book, "US", *months, Readings(compliance="0.97")))
    due = own.parts[:, : list(STEPS).index("compliance")].sum() + own.owed.sum()
    assert own.parts[:, list(STEPS).index("compliance")].sum() == pytest.approx(-0.03 * due)
    assert own.accrual.months == plain.accrual.months
    np.testing.assert_array_equal(own.accrual.substituted, plain.accrual.substituted)


@pytest.mark.parametrize("reading", [{"lags": "statement"}, {"weights": "substituted"}])
def test_readings_that_the_gap_has_parts_for_are_refused(
    book: Lawbook, reading: dict[str, str]
) -> None:
    with pytest.raises(RatesError, match="a part of its own"):
        collected(Question(book, "US", (2025, 1), (2025, 2), Readings(**reading)))


def test_a_lag_only_moves_duty() -> None:
    """Equal imports and rates: what is paid later one month is paid later the month before."""
    one = accrual_of(0.1, 0.1, 0.1, 0.1)
    level = np.full(3, receipts()[2025, 3][1])
    same = Accrual(one.months, level, 1.0, **{name: getattr(one, name) for name in LEVELS})
    found = reconcile(same)
    np.testing.assert_allclose(found.parts[:, list(STEPS).index("lags")], 0.0, atol=1e-3)


def test_answer_of_trade_grows_to_the_long_run() -> None:
    """Tamberi (2025): 1.4 of 3.7 at once, the rest within 15 months."""
    assert response(0) == pytest.approx(1.4 / 3.7, abs=1e-3)
    assert response(40) == 1.0
    assert response(3) < response(9) < 1.0


def test_what_is_wrong_is_said_before_the_months_are_worked_out(book: Lawbook) -> None:
    wrong = (
        (Question(book, "US", (2025, 6), (2025, 3)), "lies before the first month"),
        (Question(book, "US", (2025, 1), (2025, 2), elasticities="none_such"), "choose one of"),
    )
    for question, words in wrong:
        with pytest.raises(RatesError, match=words):
            collected(question)


def test_months_outside_the_receipts_are_refused(book: Lawbook) -> None:
    with pytest.raises(RatesError, match="not all held"):
        accrue(Question(book, "US", (2026, 1), (2026, 12)))


@pytest.fixture(scope="module")
def january(book: Lawbook) -> Accrual:
    return accrue(Question(book, "US", (2025, 1), (2025, 1)))


def test_accrual_is_the_effective_rate(book: Lawbook, january: Accrual) -> None:
    day = date(2025, 1, 15)
    origins = held_origins("US", "2024")
    rate = effective_rates(book, "US", origins, day).by_origin(day)["rate"][-1]
    assert january.with_claims[0] == pytest.approx(rate, abs=1e-12)
    assert january.without_claims[0] > january.with_claims[0] >= january.relieved[0]


def test_packed_table_is_what_would_be_worked_out(book: Lawbook, january: Accrual) -> None:
    if not is_current(book):
        pytest.skip("the packed table was made of another law and is not used")
    for name in LEVELS:
        assert packed()[name][0] == pytest.approx(getattr(january, name)[0], abs=1e-12)


@pytest.mark.slow
def test_gap_of_a_spring(book: Lawbook) -> None:
    check_sums(collected(Question(book, "US", (2025, 3), (2025, 5))))


def test_assumptions_are_said(book: Lawbook) -> None:
    words = " ".join(statements(book))
    assert "year 2024" in words
    assert "net of refunds" in words
    assert "modelled" in words


@pytest.mark.parametrize("suffix", [".svg", ".html", ".json"])
def test_chart_is_written(tmp_path: Path, suffix: str) -> None:
    path = save(reconcile(accrual_of(0.2, 0.15, 0.14, 0.1)), tmp_path / f"gap{suffix}")
    words = path.read_text("utf-8")
    assert "Preferences claimed (observed)" in words
    assert 'src="http' not in words


def test_chart_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match=r"\.svg"):
        save(reconcile(accrual_of(0.2, 0.15, 0.14, 0.1)), tmp_path / "gap.gif")


def test_chart_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match="there is no folder"):
        save(reconcile(accrual_of(0.2, 0.15, 0.14, 0.1)), tmp_path / "none" / "gap.svg")
