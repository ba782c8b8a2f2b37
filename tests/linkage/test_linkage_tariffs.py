"""Tariffs of the model against the effective rates they come from."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from advalorem.duty.answer import rate
from advalorem.linkage.concordance import BASES, link
from advalorem.linkage.errors import LinkageError
from advalorem.linkage.tariffs import law_tariffs
from advalorem.rates import Readings, effective_rates
from advalorem.rates.claims import claim_shares
from advalorem.rates.tables import table
from advalorem.scenario import Scenario, load_scenario
from advalorem.scenario.changes import Enact, Prohibit
from advalorem.world import load_economy

DAY = date(2025, 9, 18)


def test_weights_sum_to_one(economy):
    codes = table("imports_2024")["hts"].unique().sort().to_numpy()
    links = link(codes, economy.sectors)
    sums = np.bincount(links.code, links.weight, len(codes))
    held = links.basis < BASES.index("none")
    assert np.allclose(sums[held], 1.0, atol=1e-12) and not sums[~held].any()


def test_code_without_entry_falls_back_to_eight_digits(economy):
    held = table("hts10_icio28").filter(pl.col("sector") == "C29")["hts"].to_list()
    code = next(c for c in held if c + 1 not in set(held) and (c + 1) // 100 == c // 100)
    links = link(np.array([code + 1]), economy.sectors)
    assert BASES[links.basis[0]] == "eight digits"
    assert economy.sectors[links.sector[0]] == "C29"


def test_sector_rates_are_those_of_the_rates(book, economy, tariffs):
    """Rates by sector agree but for codes without an entry, shared out here and whole there."""
    rates = effective_rates(book, "US", ["CA", "MX", "CN", "JP"], DAY)
    rows = rates.by_sector(DAY).filter(pl.col("origin") != "all")
    us = economy.country_index("US")
    goods = dict(zip(economy.sectors, economy.goods, strict=True))
    gaps, weights = [], []
    for row in rows.iter_rows(named=True):
        if not goods.get(row["sector"], False) or row["imports_usd"] < 1e6:
            continue
        i, j = economy.country_index(row["origin"]), economy.sector_index(row["sector"])
        gaps.append(abs(tariffs.total[us, i, j] - row["rate"]))
        weights.append(row["imports_usd"])
    assert len(gaps) > 90 and np.mean(np.array(gaps) < 1e-9) > 0.3
    assert np.average(gaps, weights=weights) < 1e-3


def test_duty_adds_up_to_the_average(book, economy):
    """Duty by sector and what has no sector is the whole duty of `rates`."""
    from advalorem.linkage.flows import held_duty

    part = held_duty(book, "US", DAY, economy.sectors, Readings(), book.newest_act)
    rates = effective_rates(book, "US", list(part.origins), DAY).by_origin(DAY)
    whole = part.duty.sum(axis=(0, 2)) + part.dropped
    expected = (rates["rate"] * rates["imports_usd"]).to_numpy()[:-1]
    assert np.allclose(whole, expected, rtol=1e-9)
    assert np.allclose(part.value_all, rates["imports_usd"].to_numpy()[:-1])


def test_duty_rates_and_model_agree_on_a_scenario(book, economy, tariffs):
    """Ten points more on everything from Mexico are ten points in all three."""
    change = Enact(measure="new.x", importer="US", origins=["MX"], rate="10%", from_=DAY)
    law = Scenario("x", (change,)).apply(book)
    goods = {"hts": "0101.21.00.10", "origin": "MX", "as_of": DAY, "value": 10000}
    one = float(rate(**goods, law=law).total_duty) - float(rate(**goods, law=book).total_duty)
    assert one == 1000.0
    old, new = (effective_rates(b, "US", ["MX"], DAY).by_origin(DAY) for b in (book, law))
    lines = effective_rates(book, "US", ["MX"], DAY).coverage(DAY)
    lost = lines.filter(pl.col("item") == "code on no line")["share"][0]
    assert new["rate"][0] - old["rate"][0] == pytest.approx(0.10 * (1 - lost), abs=1e-4)
    after = law_tariffs(law, economy, DAY)
    us, mx = economy.country_index("US"), economy.country_index("MX")
    change_of = after.total[us, mx] - tariffs.total[us, mx]
    traded = economy.goods & (after.total[us, mx] > 0)
    assert np.allclose(change_of[traded], 0.10, atol=2e-3)
    rest = np.ones(len(economy.countries), dtype=bool)
    rest[mx] = False
    assert np.array_equal(after.total[:, rest], tariffs.total[:, rest])


def by_hand(law, flows, economy, sector):
    """A sector's average rate from one `duty` call for each line and claim, weighted with trade."""
    share = claim_shares(flows, Readings().usmca_share, (DAY.year, DAY.month))
    links = link(flows.hts, economy.sectors)
    inside = links.sector == economy.sector_index(sector)
    duty = value = 0.0
    for at, weight in zip(links.code[inside], links.weight[inside], strict=True):
        goods = {"hts": f"{flows.hts[at]:010d}", "origin": "MX", "as_of": DAY, "value": 10000}
        plain, claimed = (
            float(rate(**goods, claim=claim, law=law).total_duty) / 10000
            for claim in (None, "USMCA")
        )
        trade = flows.value[at] * weight
        duty += trade * ((1 - share[at]) * plain + share[at] * claimed)
        value += trade
    return duty / value


@pytest.mark.parametrize("name", ["baseline", "threat-mexico-30", "usmca-lapses"])
def test_a_sector_rate_from_duty_rates_and_model(book, economy, name):
    """Forestry of Mexico: line by line, by the effective rates, and in the model."""
    law = load_scenario(name).apply(book)
    rates = effective_rates(law, "US", ["MX"], DAY)
    rows = rates.by_sector(DAY).filter(pl.col("sector") == "A02", pl.col("origin") == "MX")
    hand = by_hand(law, rates.flows, economy, "A02")
    us, mx = economy.country_index("USA"), economy.country_index("MEX")
    model = law_tariffs(law, economy, DAY).total[us, mx, economy.sector_index("A02")]
    assert model == pytest.approx(hand, rel=1e-12)
    assert rows["rate"][0] == pytest.approx(hand, rel=1e-9)
    assert (hand > 0.2) == (name == "usmca-lapses")


def test_bans_are_shares_of_trade(book, economy):
    change = Prohibit(measure="new.ban", importer="US", origins=["MX"], codes=["8703"], from_=DAY)
    banned = law_tariffs(Scenario("x", (change,)).apply(book), economy, DAY).banned
    us, mx = economy.country_index("US"), economy.country_index("MX")
    cars = banned[us, mx, economy.sector_index("C29")]
    assert 0.1 < cars < 0.9 and banned.sum() == pytest.approx(cars, rel=0.05)


def test_other_importers_keep_their_tariffs(economy, tariffs):
    decided = tariffs.decided.any(axis=(1, 2))
    assert {economy.countries[n] for n in np.flatnonzero(decided)} == {"USA", "CAN"}
    assert not tariffs.total[~tariffs.decided].any()
    assert not tariffs.total[:, :, ~economy.goods].any()


def test_a_day_past_the_newest_act_is_said(book, economy, tariffs):
    later = law_tariffs(book, economy, date(2030, 1, 1)).readings
    assert any("the law as scheduled then" in line for line in later)
    assert not any("the law as scheduled then" in line for line in tariffs.readings)


def test_gaps_are_named(tariffs):
    items = {(row.importer, row.item): row for row in tariffs.coverage}
    lost = items["US", "economy without flows"]
    assert lost.share == pytest.approx(0.039, abs=0.002) and lost.note.count(",") == 15
    assert "can.surtax.vehicles_2025" in items["CA", "measures not in the model"].note
    assert items["US", "confidence high"].share > 0.85
    assert any(line.startswith("linkage.valuation") for line in tariffs.readings)


def test_canada_follows_its_lists(book, economy, tariffs):
    """The surtax on 30 billion of goods held in May and was gone on 1 September."""
    ca, us = economy.country_index("CA"), economy.country_index("US")
    may = law_tariffs(book, economy, date(2025, 5, 1)).total[ca, us]
    food, steel = economy.sector_index("C10T12"), economy.sector_index("C24A")
    assert may[food] > 0.05 and tariffs.total[ca, us, food] == 0.0
    assert tariffs.total[ca, us, steel] > 0.1 and may.max() <= 0.25 + 1e-9


def test_other_economies_are_refused(book):
    with pytest.raises(LinkageError, match="icio2022"):
        law_tariffs(book, load_economy("cp2015"), DAY)


def test_empty_scenario_gives_the_same_tariffs(book, economy, tariffs):
    again = law_tariffs(load_scenario("baseline").apply(book), economy, DAY)
    assert np.array_equal(again.rates, tariffs.rates)
