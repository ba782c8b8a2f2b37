"""Revenue of a law: identities, closed forms, and intervals only where there are errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from advalorem.law.model import Lawbook
from advalorem.rates import RatesError, Readings, effective_rates
from advalorem.rates.elasticities import (
    DEFAULT,
    held_sets,
    load_elasticities,
    sectors_of,
    shrink,
)
from advalorem.rates.flows import held_origins
from advalorem.rates.revenue import Revenue, revenue
from advalorem.rates.tables import table
from advalorem.scenario import load_scenario

DAY, FIRST = date(2025, 9, 18), date(2025, 1, 1)


@pytest.fixture(scope="module")
def found(book: Lawbook) -> Revenue:
    return revenue(book, "US", DAY, FIRST)


def test_static_revenue_is_the_duty_owed(book: Lawbook, found: Revenue) -> None:
    origins = held_origins("US", "2024")
    frame = effective_rates(book, "US", origins, DAY).by_authority(DAY)
    owed = frame.filter(frame["origin"] == "all")["duty_usd"].sum()
    static = found.summary().row(0, named=True)
    assert static["case"] == "static"
    assert static["revenue_usd"] == pytest.approx(owed, rel=1e-12)


def test_parts_sum_to_the_whole(found: Revenue) -> None:
    rows = {row["case"]: row for row in found.summary().to_dicts()}
    for frame in (found.by_authority(), found.by_origin()):
        assert frame["static_usd"].sum() == pytest.approx(rows["static"]["revenue_usd"], rel=1e-9)
        assert frame["substituted_usd"].sum() == pytest.approx(
            rows["substituted"]["revenue_usd"], rel=1e-9
        )
        assert frame["against_usd"].sum() == pytest.approx(rows["static"]["against_usd"], rel=1e-9)
    assert rows["substituted"]["revenue_usd"] < rows["static"]["revenue_usd"]


def test_no_standard_error_no_interval(found: Revenue) -> None:
    assert found.summary()["case"].to_list() == ["static", "substituted"]
    assert any("no interval" in line for line in found.statements)


def test_the_same_law_brings_the_same(book: Lawbook) -> None:
    same = revenue(book, "US", FIRST, FIRST)
    assert same.summary()["change_usd"].to_list() == pytest.approx([0.0, 0.0], abs=1.0)


def test_a_scenario_is_set_against_the_law_of_the_same_day(book: Lawbook) -> None:
    """Without claims only the partners of the agreement pay more."""
    law = load_scenario("usmca-lapses").apply(book)
    frame = revenue(book, "US", DAY, DAY, under=law).by_origin()
    more = frame.filter(frame["static_usd"] > frame["against_usd"] + 1.0)
    assert sorted(more["origin"]) == ["CA", "MX"]


def own_set(folder: Path, theta: float, error: float | None) -> str:
    sectors = sorted(set(table("hts10_icio28")["sector"].unique()) - {""})
    head = "sector,theta" + (",se" if error is not None else "")
    rows = [f"{name},{theta}" + (f",{error}" if error is not None else "") for name in sectors]
    path = folder / "own.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return str(path)


def test_interval_where_errors_are_given(book: Lawbook, tmp_path: Path) -> None:
    own = revenue(book, "US", DAY, FIRST, elasticities=own_set(tmp_path, 2.0, 0.5))
    rows = {row["case"]: row["revenue_usd"] for row in own.summary().to_dicts()}
    assert rows["low"] < rows["substituted"] < rows["high"] < rows["static"]


def test_duty_that_is_not_paid(book: Lawbook) -> None:
    """Budget Lab, Tariff-Model: one tenth of gross revenue is not paid, under either law."""
    full = revenue(book, "US", DAY, FIRST)
    less = revenue(book, "US", DAY, FIRST, readings=Readings(compliance="budget_lab"))
    both = full.summary().join(less.summary(), on="case", suffix="_less")
    for name in ("revenue_usd", "against_usd", "change_usd", "rate"):
        assert np.allclose(both[f"{name}_less"], 0.9 * both[name])
    assert np.allclose(both["not_paid_usd_less"], 0.1 * both["revenue_usd"])
    assert (both["not_paid_usd"] == 0).all()
    assert both["imports_usd_less"].equals(both["imports_usd"])
    parts = less.by_authority()["static_usd"].sum(), less.by_origin()["static_usd"].sum()
    assert parts == pytest.approx([less.summary()["revenue_usd"][0]] * 2)
    assert any("which is a model" in line for line in less.statements)


@pytest.mark.parametrize("reading", [{"lags": "statement"}, {"weights": "substituted"}])
def test_readings_that_revenue_does_not_use(book: Lawbook, reading: dict[str, str]) -> None:
    with pytest.raises(RatesError, match="leave"):
        revenue(book, "US", DAY, FIRST, readings=Readings(**reading))


def test_interval_of_the_cited_errors(book: Lawbook) -> None:
    """Caliendo and Parro (2015), Table 1: errors for all sectors but vehicles and services."""
    own = revenue(book, "US", DAY, FIRST, elasticities="cp2015_icio28")
    rows = {row["case"]: row["revenue_usd"] for row in own.summary().to_dicts()}
    assert rows["low"] < rows["substituted"] < rows["high"]
    known = own.elasticities
    fixed = [s for s, e in zip(known.sectors, known.error, strict=True) if not np.isfinite(e)]
    assert set(fixed) == {"C29", "C301", "C302T309", "SERV"}
    moved = known.of_flows(np.array([8703230190]), 1.96, known.uncertain[0])
    assert moved[0] == known.of_flows(np.array([8703230190]))[0]


def test_uniform_elasticity_in_closed_form(book: Lawbook, tmp_path: Path) -> None:
    """One elasticity for all: each flow shrinks by the ratio of one plus the rates to its power."""
    own = revenue(book, "US", DAY, FIRST, elasticities=own_set(tmp_path, 4.0, None))
    known = np.array([sector != "" for sector in sectors_of(own.flows.hts)])
    ratio = (1 + own.against.total[known]) / (1 + own.law.total[known])
    np.testing.assert_allclose(own.kept()[known], own.flows.value[known] * ratio**4)
    np.testing.assert_allclose(own.kept()[~known], own.flows.value[~known])


def test_sets_of_elasticities() -> None:
    assert DEFAULT in held_sets()
    for name in held_sets():
        held = load_elasticities(name)
        assert (held.value > 0).all()
        assert held.has_errors == name.startswith("cp2015")
        assert held.source
    assert shrink(np.array([0.1]), np.array([0.1]), np.array([7.0]))[0] == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sector,value\nC29,1\n", "no column 'theta'"),
        ("sector,theta\nC29,1\n", "lacks sector"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(RatesError, match=words):
        load_elasticities(str(path))
    with pytest.raises(RatesError, match="choose one of"):
        load_elasticities("no_such_set")
