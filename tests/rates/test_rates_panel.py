"""The statutory panel against the calculator, cell by cell, and as files."""

from __future__ import annotations

import json
from concurrent.futures import BrokenExecutor, Executor, Future
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from advalorem.duty import answer
from advalorem.duty.problems import InputError
from advalorem.law.model import Lawbook
from advalorem.rates import RatesError, Readings, panel_span, panel_write
from advalorem.rates.claims import claim_shares_of
from advalorem.rates.panel import Panel, build_panel, variants
from advalorem.rates.panel_ask import owed_rate, question, sample
from advalorem.rates.panel_frames import intervals, rated
from advalorem.rates.panel_span import helping_process
from advalorem.rates.panel_write import verify, write_panel
from advalorem.scenario import Scenario, load_scenario

FROM, UNTIL = date(2025, 7, 15), date(2025, 9, 30)
SOME = ["CA", "MX", "CN", "DE", "FR", "RU", "JP"]


@pytest.fixture(scope="module")
def panel(book: Lawbook) -> Panel:
    return build_panel(book, "US", from_=FROM, until=UNTIL, countries=SOME)


@pytest.fixture(scope="module")
def folder(book: Lawbook, panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("panel") / "out"
    write_panel(book, panel, out)
    return out


def lacks_an_answer(ask: dict[str, object], least: float) -> bool:
    """Return whether `duty` asks, refuses or bans, or owes no less than the marked cell."""
    try:
        reply = answer.rate(**ask)  # type: ignore[arg-type]
    except InputError as error:
        return "quantity" in str(error)
    return reply.outcome != "assessed" or owed_rate(reply.total_duty or "0") >= least


def check_cells(book: Lawbook, panel: Panel, count: int, seed: int) -> int:
    """Compare sampled cells with `duty`; return how many are flagged as not wholly known."""
    flagged = 0
    for cell in sample(panel, count, seed):
        ask = question(book, panel.importer, cell, panel.readings, panel.known_on)
        if cell.flagged:
            flagged += 1
            assert lacks_an_answer(ask, cell.rate), (cell, ask)
            continue
        reply = answer.rate(**ask)  # type: ignore[arg-type]
        assert reply.total_duty is not None, (cell, reply.outcome)
        assert owed_rate(reply.total_duty) == pytest.approx(cell.rate, abs=1e-9), (cell, ask)
    return flagged


def test_cells_owe_what_the_calculator_says(book: Lawbook, panel: Panel) -> None:
    assert check_cells(book, panel, 25, seed=20250918) < 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2026])
def test_500_cells_of_the_whole_panel(book: Lawbook, seed: int) -> None:
    assert check_cells(book, build_panel(book, "US"), 250, seed) < 25


def test_intervals_are_sorted_and_meet(panel: Panel) -> None:
    rates = rated(panel)
    for number, _, found in variants(panel):
        frame = intervals(rates, number, found)
        assert frame.equals(frame.sort("hts10", "valid_from"))
        after = frame.with_columns(pl.col("valid_from").shift(-1).over("hts10").alias("next"))
        ends = after.filter(pl.col("valid_until").is_not_null() & pl.col("next").is_not_null())
        assert (ends["next"] >= ends["valid_until"]).all()
        assert frame["valid_from"].min() == FROM


def test_authorities_sum_to_the_rate(panel: Panel) -> None:
    duties = rated(panel).duties
    parts = duties.select(pl.sum_horizontal("^rate_.*$")).to_series()
    assert float((duties["rate"] - parts).abs().max() or 0) < 1e-12  # type: ignore[arg-type]


def test_classes_hold_each_country_once(panel: Panel, folder: Path) -> None:
    table = pl.read_parquet(folder / "origin_classes.parquet")
    assert sorted(table["country"]) == sorted(SOME)
    alone = table.filter(pl.col("country") == "CA")["origin_class"][0]
    assert table.filter(pl.col("origin_class") == alone).height == 1


def test_a_reading_lies_between_none_and_all(book: Lawbook, folder: Path) -> None:
    number = pl.read_parquet(folder / "origin_classes.parquet").filter(pl.col("country") == "CA")
    name = f"origin_class={number['origin_class'][0]:03d}.parquet"
    day = date(2025, 9, 18)

    def on(reading: str) -> pl.DataFrame:
        frame = pl.read_parquet(folder / f"usmca={reading}" / name, hive_partitioning=False)
        ends = pl.col("valid_until").is_null() | (pl.col("valid_until") > day)
        return frame.filter((pl.col("valid_from") <= day) & ends).select("hts10", "rate")

    wide = (
        on("none")
        .join(on("all"), on="hts10", suffix="_all")
        .join(on("2024"), on="hts10", suffix="_2024", maintain_order="left")
    )
    assert wide.height > 15_000
    share = claim_shares_of(wide["hts10"].to_numpy(), "CA", "2024", (2025, 9))
    mixed = wide["rate"].to_numpy() * (1 - share) + wide["rate_all"].to_numpy() * share
    assert np.abs(mixed - wide["rate_2024"].to_numpy()).max() < 1e-12


def test_manifest_names_law_data_readings_and_every_file(book: Lawbook, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["ruleset_version"] == book.version
    assert manifest["readings"]["metal_content"] == "bea"
    assert set(manifest["usmca"]) == set(book.readings["rates.usmca_share"].options)
    listed = {entry["file"] for entry in manifest["files"]}
    assert listed == {str(p.relative_to(folder)) for p in folder.rglob("*.parquet")}
    assert verify(folder) == []


def test_bytes_are_the_same_again_and_a_changed_file_is_found(
    book: Lawbook, tmp_path: Path
) -> None:
    for out in ("one", "two"):
        built = build_panel(book, "US", from_=FROM, until=FROM, countries=["CA"])
        write_panel(book, built, tmp_path / out, readings=["none", "month"])
    first, second = ((tmp_path / out / "manifest.json").read_text() for out in ("one", "two"))
    assert first == second
    broken = tmp_path / "one" / "origin_classes.parquet"
    broken.write_bytes(b"")
    assert verify(tmp_path / "one") == ["origin_classes.parquet"]


class AtOnce(Executor):
    """A helper that does its work when asked, in this process, or is lost; counts its tasks."""

    def __init__(self, lost: bool = False) -> None:
        self.done, self.lost = 0, lost

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        found: Future[object] = Future()
        if self.lost:
            found.set_exception(BrokenExecutor())
        else:
            found.set_result(fn(*args, **kwargs))
        self.done += 1
        return found


@pytest.mark.parametrize("lost", [False, True])
def test_a_helper_changes_no_byte(
    book: Lawbook, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """Epochs walked apart and joined, files written by turns: the panel of one walk."""
    for module in (panel_span, panel_write):
        monkeypatch.setattr(module, "MANY", 2)
    helper = AtOnce(lost)
    built = build_panel(book, "US", from_=FROM, until=UNTIL, countries=SOME, helper=helper)
    write_panel(book, built, tmp_path / "out", helper=helper)
    assert helper.done == 2
    assert (tmp_path / "out" / "manifest.json").read_text() == (
        folder / "manifest.json"
    ).read_text()
    assert verify(tmp_path / "out") == []


@pytest.mark.slow
def test_the_whole_panel_from_two_processes(book: Lawbook, tmp_path: Path) -> None:
    write_panel(book, build_panel(book, "US"), tmp_path / "one")
    with helping_process() as helper:
        built = build_panel(book, "US", helper=helper)
        write_panel(book, built, tmp_path / "two", helper=helper)
    one, two = ((tmp_path / name / "manifest.json").read_text() for name in ("one", "two"))
    assert one == two


def test_expanded_by_country(book: Lawbook, tmp_path: Path) -> None:
    built = build_panel(book, "US", from_=FROM, until=FROM, countries=["DE", "FR"])
    write_panel(book, built, tmp_path / "out", expand=True, readings=["none"])
    both = [pl.read_parquet(tmp_path / "out" / "usmca=none" / f"country={name}.parquet",
                            hive_partitioning=False) for name in ("DE", "FR")]  # fmt: skip
    assert both[0].drop("country").equals(both[1].drop("country"))
    assert both[0]["country"].unique().to_list() == ["DE"]


def test_an_importer_without_rules_on_an_origin(book: Lawbook, tmp_path: Path) -> None:
    """Mexico's books hold no provision on goods of the United States: all that is owed is open."""
    built = build_panel(book, "MX", from_=FROM, until=FROM, countries=["US"])
    write_panel(book, built, tmp_path / "out", readings=["none"])
    frame = pl.read_parquet(tmp_path / "out" / "usmca=none" / "*.parquet")
    assert frame.height == len(built.lines)
    assert frame["lacks_rate"].all()


def test_lines_without_a_quantity_are_marked(panel: Panel) -> None:
    rates = rated(panel)
    marked = [intervals(rates, n, found).filter("lacks_rate").height for n, _, found in
              variants(panel)]  # fmt: skip
    assert max(marked) > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"from_": date(2024, 12, 31)}, "the first day coded"),
        ({"from_": date(2025, 2, 1), "until": date(2025, 1, 1)}, "give a later day"),
        ({"countries": ["ZZ"]}, "is no country of the law"),
        ({"readings": Readings(metal_content="half")}, "choose one of"),
        ({"readings": Readings(compliance="cbp")}, "what the law charges"),
        ({"readings": Readings(lags="statement")}, "what the law charges"),
    ],
)  # fmt: skip
def test_wrong_wishes(book: Lawbook, words: dict[str, object], message: str) -> None:
    with pytest.raises(RatesError, match=message):
        build_panel(book, "US", **words)  # type: ignore[arg-type]


def test_a_scenario_is_the_law_of_the_panel(book: Lawbook) -> None:
    """Cells under a scenario owe what `duty` says under it; the empty one changes nothing."""
    asked = {"from_": UNTIL, "until": UNTIL, "countries": ["CA", "MX"]}
    lapsed = load_scenario("usmca-lapses").apply(book)
    panel = build_panel(lapsed, "US", **asked)  # type: ignore[arg-type]
    for cell in sample(panel, 12, seed=3):
        ask = {**question(lapsed, "US", cell, panel.readings, panel.known_on), "law": lapsed}
        if not cell.flagged:
            reply = answer.rate(**ask)  # type: ignore[arg-type]
            assert owed_rate(reply.total_duty or "0") == pytest.approx(cell.rate, abs=1e-9), ask
    same = build_panel(Scenario().apply(book), "US", **asked)  # type: ignore[arg-type]
    plain = build_panel(book, "US", **asked)  # type: ignore[arg-type]
    assert np.array_equal(same.place, plain.place)
    assert np.array_equal(same.duty.rate, plain.duty.rate)
    assert not np.array_equal(panel.duty.rate, plain.duty.rate)
