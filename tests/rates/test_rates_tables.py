"""The tables of figures in the documentation of rates and revenue are what the program gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from rates_cases import BEFORE, PARTNERSHIP

from advalorem.law.model import Lawbook
from advalorem.linkage.border import border
from advalorem.rates import Readings, effective_rates
from advalorem.rates.accrual import Question
from advalorem.rates.collected import STEPS, collected
from advalorem.rates.flows import held_origins
from advalorem.rates.packed import is_current
from advalorem.rates.presets import preset_rates
from advalorem.rates.receipts import published, receipts
from advalorem.rates.revenue import revenue
from advalorem.scenario import load_scenario

DOCS = Path(__file__).parents[2] / "docs"
APART = ("CN", "CA", "MX")


def rows(page: str, head: str) -> list[list[str]]:
    """Return the cells of the rows of the table that begins with a line, without emphasis."""
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"\n{head}")[2].partition("\n\n")[0]
    lines = [line for line in text.split("\n")[2:] if line.startswith("|")]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]


def number(text: str) -> float:
    """Return a printed number."""
    return float(text.replace("−", "-").replace(",", "").replace("%", ""))


def near(printed: str, value: float) -> None:
    """Check a printed number to its last digit."""
    digits = len(printed.partition(".")[2].rstrip(" %"))
    assert number(printed) == pytest.approx(value, abs=0.52 * 10**-digits), printed


def average(book: Lawbook, origins: list[str], on: date, **readings: str) -> float:
    """Return the average of some origins in per cent."""
    found = effective_rates(book, "US", origins, on, readings=Readings(**readings))
    return float(found.by_origin(on)["rate"][-1]) * 100


def test_from_duty_owed_to_receipts(book: Lawbook) -> None:
    if not is_current(book):
        pytest.skip("the packed table was made of another law and is not used")
    found = collected(Question(book, "US", (2025, 1), (2026, 3))).steps()
    printed = rows("revenue.md", "| step | kind | amount |")
    assert len(printed) == len(STEPS) + 2
    for cells, kind, amount in zip(printed, found["kind"], found["amount_usd"], strict=True):
        assert cells[1] == kind
        near(cells[2], amount / 1e9)


def test_series_beside_what_was_published() -> None:
    printed = rows("revenue.md", "| months | here, bn |")
    assert len(printed) == len(published())
    ours = {f"{row['series_busd']:.4f}" for row in published()}
    for cells in printed:
        assert any(abs(number(cells[1]) - float(one)) < 0.06 for one in ours), cells


def test_surtax_of_canada(book: Lawbook) -> None:
    printed = rows("revenue.md", "| days | duty over listed goods |")
    spans = border(book, "CA", date(2025, 3, 4), date(2027, 1, 1), book.newest_act).spans
    assert len(printed) == spans.height
    for cells, row in zip(printed, spans.iter_rows(named=True), strict=True):
        assert str(row["from"]) in cells[0]
        near(cells[1].rstrip(" %"), row["rate"] * 100)
        year = "a year" in cells[2]
        near(
            cells[2].removesuffix(" a year"), row["duty_per_year_usd" if year else "duty_usd"] / 1e6
        )


@pytest.mark.slow
def test_revenue_of_a_law(book: Lawbook) -> None:
    printed = rows("revenue.md", "| law of | against |")
    lapsed = load_scenario("usmca-lapses").apply(book)
    asked = (
        revenue(book, "US", PARTNERSHIP, BEFORE),
        revenue(book, "US", PARTNERSHIP, BEFORE, elasticities="cp2015_icio28"),
        revenue(book, "US", PARTNERSHIP, PARTNERSHIP, under=lapsed),
    )
    for cells, found in zip(printed, asked, strict=True):
        cases = dict(found.summary().select("case", "revenue_usd").iter_rows())
        near(cells[2], cases["static"] / 1e9)
        for text, case in zip(
            re.findall(r"[\d.]+", cells[3]), ("substituted", "low", "high"), strict=False
        ):
            near(text, cases[case] / 1e9)


@pytest.mark.slow
def test_against_others(book: Lawbook) -> None:
    """Each row of ours, by the reading that the table or its note names."""

    def h2(on: date) -> float:
        return average(book, ["CA"], on, usmca_share="h2_2025")

    def untaxed(origin: str) -> float:
        on = date(2025, 7, 15)
        return float(effective_rates(book, "US", [origin], on).by_origin(on)["untaxed_share"][0])

    autumn = date(2025, 11, 4)
    ours = [
        average(book, ["CA"], BEFORE, usmca_share="2024"),
        average(book, ["MX"], BEFORE, usmca_share="2024"),
        average(book, ["CA"], BEFORE, usmca_share="2024"),
        h2(date(2025, 7, 27)), h2(date(2025, 10, 22)), h2(date(2026, 1, 23)), h2(date(2025, 8, 22)),
        average(book, ["CA"], autumn), average(book, ["MX"], autumn),
        average(book, ["CA"], date(2025, 8, 7), usmca_share="none"),
        untaxed("CA") * 100, untaxed("MX") * 100,
    ]  # fmt: skip
    for cells, value in zip(rows("rates.md", "| what | theirs | ours |"), ours, strict=True):
        near(cells[2], value)


@pytest.mark.slow
def test_printed_figures_of_the_trade_war_tracker(book: Lawbook) -> None:
    def under(origins: list[str], on: date) -> float:
        found = preset_rates(book, "tradewartracker", "US", origins, on)
        return float(found.by_origin(on)["rate"][-1]) * 100

    everyone, column_1 = held_origins("US", "2024"), 2.3
    ours = [
        under(["CA"], date(2026, 8, 18)),
        under(["CA"], date(2026, 8, 19)),
        under(["BR"], date(2026, 7, 22)),
        under(everyone, date(2026, 7, 20)) + column_1,
        under(everyone, date(2026, 7, 24)) + column_1,
    ]
    for cells, value in zip(rows("revenue.md", "| what | theirs | ours |"), ours, strict=True):
        near(cells[2], value)


def second_table(page: str, head: str) -> list[list[str]]:
    """Return the rows of the second table with the same head."""
    text = (DOCS / page).read_text(encoding="utf-8")
    text = text.partition(f"\n{head}")[2].partition(f"\n{head}")[2].partition("\n\n")[0]
    return [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in text.split("\n")[2:]
        if line.startswith("|")
    ]


@pytest.mark.slow
def test_figures_beside_those_of_the_budget_lab(book: Lawbook) -> None:
    everyone, may = held_origins("US", "2024"), date(2025, 5, 14)
    rest = [origin for origin in everyone if origin not in APART]

    def change(origins: list[str]) -> float:
        days = (average(book, origins, on, usmca_share="2024") for on in (BEFORE, may))
        return -float(np.subtract(*days))

    def tracker(first: date, until: date | None = None) -> float:
        found = preset_rates(book, "yale", "US", everyone, first, until).by_day()
        return float(found.filter(found["origin"] == "all")["rate"].mean()) * 100  # type: ignore[arg-type]

    ours: list[Callable[[], float]] = [
        lambda: average(book, everyone, date(2025, 4, 15), usmca_share="2024"),
        lambda: average(book, everyone, may, usmca_share="2024"),
        lambda: change(["MX"]), lambda: change(["CA"]), lambda: change(["CN"]),
        lambda: change(rest),
        lambda: average(book, everyone, date(2025, 9, 3)),
        lambda: average(book, everyone, date(2025, 11, 18)),
        lambda: tracker(date(2025, 12, 1), date(2026, 1, 1)),
        lambda: tracker(date(2026, 2, 1), date(2026, 3, 1)),
        lambda: tracker(date(2026, 4, 8)), lambda: tracker(date(2026, 11, 9)),
        lambda: tracker(date(2026, 12, 31)),
    ]  # fmt: skip
    for cells, value in zip(
        second_table("revenue.md", "| what | theirs | ours |"), ours, strict=True
    ):
        near(cells[2], value())


@pytest.mark.slow
def test_why_older_averages_are_higher(book: Lawbook) -> None:
    everyone, may = held_origins("US", "2024"), date(2025, 5, 14)
    table = {cells[0]: cells[1] for cells in rows("rates.md", "| step | points | where from |")}
    parts = list(table.values())
    default = average(book, everyone, may)
    claims = average(book, everyone, may, usmca_share="2024")
    near(parts[0], default)
    near(parts[1], claims - default)
    near(parts[2], 2.418 - average(book, everyone, BEFORE, usmca_share="2024"))
    assert number(parts[3]) == pytest.approx(16.59 - 15.90)
    assert number(parts[5]) == pytest.approx(sum(number(part) for part in parts[:5]), abs=0.011)
    assert number(parts[5]) + number(parts[6]) == pytest.approx(17.8, abs=0.011)
    text = (DOCS / "rates.md").read_text(encoding="utf-8")
    for option, words in (({"vehicle_content": "none"}, "vehicles, +"),
                          ({"metal_content": "flat50"}, "derivative metal, +")):  # fmt: skip
        more = average(book, everyone, may, usmca_share="2024", **option) - claims
        near(text.replace("\n", " ").partition(words)[2][:4], more)
    months = sum(goods for month, (_, goods) in receipts().items()
                 if (2025, 1) <= month <= (2026, 2))  # fmt: skip
    assert 161.32e9 / months == pytest.approx(0.041, abs=5e-4)
