"""What the brief says: each number has a source, and agrees with the functions behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from advalorem.brief.averages import WORTH
from advalorem.brief.model import Brief, Cell, Chart, Fold, Mark, Table, Text
from advalorem.law.load import load_lawbook
from advalorem.rates import effective_rates

DAY = date(2025, 9, 18)


def inside(item: object) -> Iterator[object]:
    """Yield a struct and every struct inside it."""
    yield item
    parts = []
    if isinstance(item, msgspec.Struct):
        parts = [getattr(item, name) for name in item.__struct_fields__]
    elif isinstance(item, tuple | list):
        parts = list(item)
    for part in parts:
        yield from inside(part)


def table(brief: Brief, name: str) -> Table:
    return next(item for item in inside(brief) if isinstance(item, Table) and item.id == name)


def rows(brief: Brief, name: str) -> list[dict[str, Cell]]:
    found = table(brief, name)
    keys = [column.key for column in found.columns]
    return [dict(zip(keys, row, strict=True)) for row in found.rows]


def cards(brief: Brief, country: str) -> dict[str, tuple[Cell, Cell]]:
    head = next(head for head in brief.heads if head.country == country)
    return {card.id: (card.now, card.then) for card in head.cards}


def test_every_number_has_a_source(brief: Brief) -> None:
    numbers = [item for item in inside(brief) if isinstance(item, Cell) and item.value is not None]
    assert len(numbers) > 500
    assert not [cell for cell in numbers if not cell.refs or not cell.unit]
    for cell in numbers:
        Decimal(cell.value)
    pointing = [i for i in inside(brief) if isinstance(i, Chart | Mark)]
    assert pointing
    assert all(item.refs for item in pointing)


def test_every_prose_with_a_figure_in_the_law_tables_has_a_source(brief: Brief) -> None:
    law = next(section for section in brief.sections if section.id == "law")
    cells = [item for item in inside(law) if isinstance(item, Cell)]
    assert not [cell for cell in cells if "%" in cell.text and not cell.refs]


def test_references_lead_to_sources(brief: Brief) -> None:
    assert [source.number for source in brief.sources] == list(range(1, len(brief.sources) + 1))
    known = {source.number for source in brief.sources}
    used = {n for item in inside(brief) if isinstance(item, Cell | Chart | Mark) for n in item.refs}
    used |= {number for source in brief.sources for number in source.rests_on}
    assert used == known
    for source in brief.sources:
        assert source.citation
        if source.kind == "computation":
            assert source.rests_on
        if source.kind == "data" and source.title.endswith(")"):
            assert source.licence
            assert len(source.sha256) == 64


def test_rows_fit_their_columns(brief: Brief) -> None:
    tables = [item for item in inside(brief) if isinstance(item, Table)]
    assert len({item.id for item in tables}) == len(tables)
    for item in tables:
        assert all(len(row) == len(item.columns) for row in item.rows)


def test_headlines_equal_the_rates(brief: Brief) -> None:
    rates = effective_rates(load_lawbook(), "US", ["CA", "MX"], DAY)
    for row in rates.by_origin(DAY).to_dicts():
        if row["origin"] in brief.countries:
            found = cards(brief, row["origin"])
            assert float(found["rate"][0].value) == pytest.approx(row["rate"], abs=1e-8)
            assert float(found["free_share"][0].value) == pytest.approx(row["free_share"], abs=1e-8)
    for row in rates.headline(DAY).to_dicts():
        found = cards(brief, row["origin"])["headline"][0]
        assert float(found.value) == row["rate"]
        assert row["citation"] in {brief.sources[n - 1].citation for n in found.refs}


# Executive Order 14325 (Canada, 35%), Executive Order 14194 (Mexico, 25%).
def test_headline_rates(brief: Brief) -> None:
    assert cards(brief, "CA")["headline"][0].text == "35%"
    assert cards(brief, "MX")["headline"][0].text == "25%"
    assert cards(brief, "CA")["headline"][1].text == "none"


def test_average_is_far_below_the_headline(brief: Brief) -> None:
    for country in brief.countries:
        found = cards(brief, country)
        assert 0.02 < float(found["rate"][0].value) < 0.12
        assert float(found["rate"][1].value) < 0.01
        assert float(found["free_share"][0].value) > 0.5


def test_steps_lead_from_the_headline_to_the_average(brief: Brief) -> None:
    chart = next(i for i in inside(brief) if isinstance(i, Chart) and i.id == "steps")
    for head in brief.heads:
        effects = [float(p.value) for p in chart.points if p.series == head.name]
        found = cards(brief, head.country)
        assert effects[0] == float(found["headline"][0].value)
        assert sum(effects) == pytest.approx(float(found["rate"][0].value), abs=1e-6)
        last = rows(brief, f"steps-{head.country.lower()}")[-1]["after"]
        assert last.value == found["rate"][0].value


def test_measures_sum_to_the_average(brief: Brief) -> None:
    for head in brief.heads:
        mine = [row for row in rows(brief, "authorities") if row["country"].text == head.name]
        total = sum(float(row["rate"].value) for row in mine)
        owed = cards(brief, head.country)["rate"][0]
        assert total == pytest.approx(float(owed.value), abs=WORTH)
        assert sum(float(row["share"].value) for row in mine) == pytest.approx(1.0, abs=1e-3)


def test_bands_sum_to_all_imports(brief: Brief) -> None:
    found = table(brief, "bands")
    for number in range(1, len(found.columns)):
        assert sum(float(row[number].value) for row in found.rows) == pytest.approx(1, abs=1e-6)


# Letter of 12 July 2025; put off on 31 July.
def test_the_threat_on_mexico_is_shown_and_not_in_force(brief: Brief) -> None:
    said = [row for row in rows(brief, "threats") if row["country"].text == "Mexico"]
    assert [row["rate"].text for row in said] == ["30%"]
    assert "never ordered" in said[0]["outcome"].text
    assert not [r for r in rows(brief, "in-force-mx") if "30%" in r["rates"].text]


def test_what_other_countries_were_told_is_left_out(brief: Brief) -> None:
    assert not [row for row in rows(brief, "threats") if "European" in row["threat"].text]
    for country in ("ca", "mx"):
        assert not [
            r for r in rows(brief, f"in-force-{country}") if "reciprocal" in r["measure"].text
        ]


# Executive Orders 14197 and 14198 put the duties of 4 February off to 4 March.
def test_what_was_suspended(brief: Brief) -> None:
    found = {(r["country"].text, r["day"].text) for r in rows(brief, "put-off")}
    assert found >= {("Canada", "2025-02-03"), ("Mexico", "2025-02-03")}


# Potash 10% (EO 14231), steel 50% (Proclamation 10947), cars 25% on the part that is not of the
# United States where USMCA is claimed (Proclamation 10908): 25% of 60%.
def test_the_ten_goods(brief: Brief) -> None:
    found = {row["good"].text: row for row in rows(brief, "goods-2025-09-18")}
    assert len(found) == 10
    potash, steel = found["Potash"], found["Hot-rolled steel coil"]
    car = found["Passenger car with 40 % US content"]
    assert potash["ca-plain"].value == "1000.00"
    assert {steel[key].value for key in ("ca-plain", "ca-claimed", "mx-claimed")} == {"5000.00"}
    assert (car["ca-plain"].value, car["mx-claimed"].value) == ("2750.00", "1500.00")
    assert all(row[key].value is not None for row in found.values() for key in row
               if key.endswith(("plain", "claimed")))  # fmt: skip


def test_ledgers_sum_to_the_duty_shown(brief: Brief) -> None:
    ledgers = [i for item in inside(brief) if isinstance(item, Fold) for i in item.tables]
    assert len(ledgers) == 40
    for ledger in ledgers:
        amounts = [Decimal(row[4].value) for row in ledger.rows if row[4].value is not None]
        assert sum(amounts[:-1]) == amounts[-1], ledger.title


def test_goods_under_an_order_say_so(brief: Brief) -> None:
    found = {row["good"].text: row["orders"] for row in rows(brief, "goods-2025-09-18")}
    assert "A-122-857" in found["Softwood lumber (spruce, pine, fir)"].text
    assert "Mexico: AD" in found["Tomatoes, Roma"].text
    assert found["Potash"].text == "none"
    assert found["Tomatoes, Roma"].refs


# SOR/2025-181: the list of 1,256 items and the 245 other items went on 1 September 2025; 265 steel
# and 29 aluminium items (SOR/2025-95) and cars (SOR/2025-118) stayed.
def test_own_measures_of_canada(brief: Brief) -> None:
    ended = {row["items"].value: row for row in rows(brief, "ended-ca")}
    assert set(ended) == {"1256", "245"}
    assert {row["day"].text for row in ended.values()} == {"2025-09-01"}
    assert {row["act"].text for row in ended.values()} == {"SOR/2025-181"}
    assert {row["items"].value for row in rows(brief, "own-ca")} == {"294", "19"}


def test_mexico_has_no_measure_of_its_own(brief: Brief) -> None:
    names = {item.id for item in inside(brief) if isinstance(item, Table)}
    assert "own-mx" not in names
    assert "Plan B" in rows(brief, "own-threats-mx")[0]["threat"].text


def test_trade_in_three_currencies(brief: Brief) -> None:
    averages = {(r["currency"].text, r["year"].text): r["rate"] for r in rows(brief, "fx")}
    told = [row for row in rows(brief, "trade") if row["usd"].value is not None]
    assert len(told) >= 10
    for row in told:
        for currency in ("CAD", "GBP"):
            rate = Decimal(averages[currency, row["year"].text].value)
            value = Decimal(row["usd"].value) * rate
            assert float(row[currency.lower()].value) == pytest.approx(float(value), rel=1e-5)


def test_what_is_not_held_is_said(brief: Brief) -> None:
    trade = rows(brief, "trade")
    assert all(row["usd"].value is not None for row in trade)
    told = Counter((row["from"].text, row["to"].text, row["year"].text) for row in trade)
    both = {key for key, number in told.items() if number == 2}
    gaps = {(row["pair"].text, row["year"].text) for row in rows(brief, "gaps-trade")}
    assert gaps == {(f"{a} to {b}", year) for a, b, year in both}
    section = next(section for section in brief.sections if section.id == "trade")
    texts = [c.text for b in section.blocks if isinstance(b, Text) for c in b.cells]
    missing = next(text for text in texts if text.startswith("Not held are the figures"))
    assert "of Canada: Canada to Mexico 2025, Canada to United States 2024 and 2025" in missing
    assert [text for text in texts if f"{len(both)} of 12 pairs and years" in text]


# OECD Inter-Country Input-Output Tables, goods of 2022: Mexico to the United States 334.3 billion.
def test_reconciled_figures_are_no_second_reporter(brief: Brief) -> None:
    found = {row["pair"].text: row["usd"].text for row in rows(brief, "trade-balanced")}
    assert len(found) == 6
    assert found["Mexico to United States"] == "334.3"
    assert "no second reporter" in table(brief, "trade-balanced").note


def test_timeline_has_every_day_and_marks_in_order(brief: Brief) -> None:
    chart = next(i for i in inside(brief) if isinstance(i, Chart) and i.id == "timeline")
    days = [point.x for point in chart.points if point.series == "Canada"]
    assert (days[0], days[-1]) == ("2025-01-01", "2025-09-18")
    assert len(days) == (DAY - date(2025, 1, 1)).days + 1
    marked = [mark.day for mark in chart.marks]
    assert marked == sorted(marked)
    assert [mark.number for mark in chart.marks] == list(range(1, len(marked) + 1))
    # EO 14193, EO 14231, Proclamation 10908, Proclamation 10947, EO 14325
    assert {"2025-03-04", "2025-03-07", "2025-04-03", "2025-06-04", "2025-08-01"} <= set(marked)


def test_claims_alone_are_not_marked_as_law(brief: Brief) -> None:
    chart = next(i for i in inside(brief) if isinstance(i, Chart) and i.id == "timeline")
    assert "2025-07-01" not in {mark.day for mark in chart.marks}


def test_same_input_same_content(brief: Brief) -> None:
    from advalorem.brief.build import build_brief

    one = build_brief(["MX"], DAY, date(2025, 9, 1))
    two = build_brief(["MX"], DAY, date(2025, 9, 1))
    assert one.to_json() == two.to_json()
    assert one.heads[0].cards[1].now.value == cards(brief, "MX")["rate"][0].value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("countries", "as_of", "against"),
    [
        (["CN"], date(2025, 9, 18), date(2025, 9, 1)),
        (["CA", "MX"], date(2025, 10, 2), date(2025, 9, 18)),
        (["CA"], date(2025, 2, 10), date(2025, 3, 5)),
        (["CA"], date(2026, 9, 15), date(2026, 9, 1)),
    ],
)
def test_other_countries_and_days(countries: list[str], as_of: date, against: date) -> None:
    from advalorem.brief.build import build_brief
    from advalorem.brief.html import to_html

    made = build_brief(countries, as_of, against)
    assert [head.country for head in made.heads] == countries
    test_every_prose_with_a_figure_in_the_law_tables_has_a_source(made)
    test_references_lead_to_sources(made)
    test_rows_fit_their_columns(made)
    assert made.title in to_html(made)
