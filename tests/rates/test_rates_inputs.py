"""Flows, claims, lines and unit values: what goes in, against the tables they come from."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from rates_cases import BOTH, PARTNERSHIP

from advalorem.law.model import Lawbook
from advalorem.rates import EffectiveRates, RatesError, Readings, effective_rates
from advalorem.rates.claims import claim_shares, held_months, month_used
from advalorem.rates.flows import Flows, load_flows, representative
from advalorem.rates.placing import EIGHT_DIGITS, EXACT, NOWHERE, SUCCESSOR, place
from advalorem.rates.stated import implied
from advalorem.rates.tables import table
from advalorem.schedule.build import build_schedule


@pytest.fixture(scope="module")
def flows(book: Lawbook) -> Flows:
    return load_flows(book, "US", BOTH, "2024")


def test_flows_are_the_packaged_trade(flows: Flows) -> None:
    trade = table("imports_2024")
    held = [trade.filter(pl.col("country") == c)["customs_value_usd"].sum() for c in BOTH]
    assert flows.totals().tolist() == [float(value) for value in held]


def test_a_month_reads_its_own_claims(flows: Flows) -> None:
    shares = claim_shares(flows, "month", (2025, 7))
    rows = table("usmca_shares").filter(
        (pl.col("country") == "MX") & (pl.col("year") == 2025) & (pl.col("month") == 7)
    )
    held = dict(rows.select("hts", "share").iter_rows())
    mine = [(s, held[h]) for h, o, s in zip(flows.hts, flows.origin, shares, strict=True)
            if o == 1 and h in held]  # fmt: skip
    assert len(mine) > 5000
    np.testing.assert_allclose(*zip(*mine, strict=True), atol=2e-6)


def test_a_line_without_trade_takes_the_share_around_it(flows: Flows) -> None:
    rows = table("usmca_shares").filter((pl.col("year") == 2025) & (pl.col("month") == 7))
    shares = claim_shares(flows, "month", (2025, 7))
    traded = set(rows.filter(pl.col("country") == "CA")["hts"])
    absent = np.array(
        [o == 0 and h not in traded for h, o in zip(flows.hts, flows.origin, strict=True)]
    )
    assert absent.sum() > 1000
    assert 0.2 < np.average(shares[absent], weights=flows.value[absent]) < 1.0


def test_months_outside_the_series_read_the_nearest(flows: Flows) -> None:
    assert held_months()[0] == (2025, 1)
    assert held_months()[-1] == (2026, 2)
    assert month_used("month", (2024, 5)) == "2025-01"
    assert month_used("month", (2026, 11)) == "2026-02"
    later, last = (claim_shares(flows, "month", month) for month in ((2026, 11), (2026, 2)))
    assert (later == last).all()


def test_half_year_weighs_its_months_by_trade(flows: Flows) -> None:
    code, origin = 8544300000, 1
    rows = table("usmca_shares").filter(
        (pl.col("country") == "MX") & (pl.col("hts") == code) & (pl.col("year") == 2025)
        & (pl.col("month") > 6)
    )  # fmt: skip
    share = rows["usmca_value_usd"].sum() / rows["total_value_usd"].sum()
    here = (flows.hts == code) & (flows.origin == origin)
    assert claim_shares(flows, "h2_2025", (2025, 1))[here][0] == pytest.approx(share, abs=1e-12)


def test_retired_codes_are_placed_on_their_heirs(book: Lawbook) -> None:
    schedule = build_schedule(book, "US", PARTNERSHIP)
    heirs = table("successors_us").filter(
        (pl.col("day") <= PARTNERSHIP) & pl.col("new").is_not_null()
    )
    gone = heirs.filter(~pl.col("old").is_in(schedule.lines.tolist()))["old"].unique().to_numpy()
    placed = place(schedule, gone)
    assert (placed.how == SUCCESSOR).mean() > 0.9
    stands = place(schedule, schedule.lines)
    assert (stands.how == EXACT).all()
    assert (stands.line == np.arange(len(schedule.lines))).all()
    assert place(schedule, schedule.lines[:1] // 100 * 100 + 99).how[0] in (EXACT, EIGHT_DIGITS)
    assert place(schedule, np.array([9999950000])).how[0] == NOWHERE


def test_implied_unit_values_of_crude_oil_are_those_of_the_market() -> None:
    """Landed cost of imported crude in 2024 by origin lies between 55 and 90 dollars a barrel.

    US Energy Information Administration, Petroleum Marketing Monthly, table 22 (landed costs by
    area): heavy Canadian crude is the cheapest; Mexico stands some dollars above it.
    """
    heavy = {origin: implied(2709001000, origin, "bbl") or 0.0 for origin in BOTH}
    assert 55 < heavy["CA"] < heavy["MX"] < 80
    assert heavy["CA"] < (implied(2709002090, "CA", "bbl") or 0.0) < 90


def test_a_union_is_rated_as_one_of_its_members(book: Lawbook) -> None:
    assert representative(book, "EU") in book.groups["EU27"]
    assert representative(book, "CA") == "CA"
    with pytest.raises(RatesError, match="no country or group"):
        representative(book, "ZZ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("MX", ["US"], PARTNERSHIP), "no import flows"),
        (("US", ["FR"], PARTNERSHIP), "'FR' is part of EU"),
        (("US", ["CA"], date(2024, 12, 31)), "before 2025-01-01"),
        (("US", ["CA"], PARTNERSHIP, PARTNERSHIP), "does not lie after"),
        (("US", ["CA"], PARTNERSHIP, None, Readings(weights="2023")), "weights: '2023'"),
    ],
)
def test_wrong_requests_name_value_and_remedy(
    book: Lawbook, arguments: tuple[object, ...], words: str
) -> None:
    with pytest.raises(RatesError, match=words):
        effective_rates(book, *arguments)  # type: ignore[arg-type]


def test_days_and_methods_outside_are_refused(september: EffectiveRates) -> None:
    with pytest.raises(RatesError, match="not among the days"):
        september.by_origin(date(2025, 9, 19))
    with pytest.raises(RatesError, match="choose ordered or shapley"):
        september.decomposition(PARTNERSHIP, "average")


def test_a_member_of_a_union_is_told_its_union(book: Lawbook) -> None:
    with pytest.raises(RatesError, match="'FR' is part of EU"):
        effective_rates(book, "US", ["FR"], PARTNERSHIP)
