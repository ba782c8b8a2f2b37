"""The goods of the brief: data that fits the law's words and the tariff."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from advalorem.brief.goods import Good, Season, UnitValue, load_plan, quantity_behind
from advalorem.law.load import load_lawbook
from advalorem.schedule.nomenclature import Resolution, load_nomenclature

YEAR = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]


def test_ten_goods_with_facts_that_the_law_knows() -> None:
    plan, facts = load_plan(), load_lawbook().facts
    assert len({good.id for good in plan.goods}) == 10
    for good in plan.goods:
        assert set(good.facts) <= set(facts)
        assert all(facts[name].type == "country" for name in good.origin_facts)


def test_codes_stand_on_every_day_of_2025() -> None:
    lines = load_nomenclature(load_plan().importer)
    for good in load_plan().goods:
        for day in YEAR[::15]:
            assert isinstance(lines.resolve(good.code(day), day), Resolution), (good.id, day)


def test_seasons_cover_each_day_once() -> None:
    for good in load_plan().goods:
        if good.seasons:
            assert all(sum(season.holds(day) for season in good.seasons) == 1 for day in YEAR)


# HTS 0702.00: from 1 March to 14 July and from 1 September to 14 November; from 15 July to
# 31 August; from 15 November to the last day of February.
@pytest.mark.parametrize(
    ("day", "heading"),
    [("2025-02-28", "0702.00.60"), ("2025-03-01", "0702.00.20"), ("2025-07-15", "0702.00.40"),
     ("2025-09-01", "0702.00.20"), ("2025-11-14", "0702.00.20"), ("2025-11-15", "0702.00.60")],
)  # fmt: skip
def test_tomatoes_by_season(day: str, heading: str) -> None:
    tomatoes = next(good for good in load_plan().goods if good.id == "tomatoes")
    assert tomatoes.code(date.fromisoformat(day)).startswith(heading)


def test_a_season_within_the_year() -> None:
    season = Season("07-15", "09-01", "x")
    assert [season.holds(date(2025, 7, day)) for day in (14, 15)] == [False, True]


def test_quantity_follows_the_unit_value() -> None:
    oil = next(good for good in load_plan().goods if good.id == "crude_oil")
    barrels = quantity_behind(oil, "CA", 10_000)
    # Census 2024: about 62 dollars a barrel of heavy Canadian crude
    assert barrels is not None
    assert 10_000 / float(barrels) == pytest.approx(62.4, abs=0.5)
    assert quantity_behind(msgspec.structs.replace(oil, unit_value=None), "CA", 1) is None


def test_an_unknown_unit_value_is_an_error() -> None:
    good = Good("x", "X", "0101.21.00", unit_value=UnitValue("9999.99.99", "kg"))
    with pytest.raises(LookupError, match="no unit value"):
        quantity_behind(good, "CA", 1)
