"""Named scenarios, tariff files, raises, aggregation and the labelled border."""

import numpy as np
import pytest

from advalorem import world
from advalorem.world import InputError
from advalorem.world.aggregation import aggregate, read_mapping
from advalorem.world.labels import tables_dataset, tables_from_dataset
from advalorem.world.scenarios import costs_from_file, scenario_names, with_base_tariffs


def at(economy, importer, exporter, sector):
    return (
        economy.country_index(importer),
        economy.country_index(exporter),
        economy.sector_index(sector),
    )


def test_nafta_changes_tariffs_among_three_and_nothing_else(cp2015):
    tau = world.named_shock(cp2015, "nafta").tariffs
    three = [cp2015.country_index(code) for code in ("CA", "MX", "US")]
    inside = np.zeros(tau.shape, dtype=bool)
    inside[np.ix_(three, three)] = True
    np.testing.assert_array_equal(tau[~inside], cp2015.tau[~inside])
    np.testing.assert_array_equal(tau[inside], cp2015.scenarios["2005"][inside])


def test_world_without_nafta_is_the_complement(cp2015):
    both = world.named_shock(cp2015, "world2005").tariffs
    without = world.named_shock(cp2015, "world2005_without_nafta").tariffs
    nafta = world.named_shock(cp2015, "nafta").tariffs
    np.testing.assert_array_equal(both, cp2015.scenarios["2005"])
    np.testing.assert_allclose(without + nafta, both + cp2015.tau)


@pytest.mark.parametrize(
    "name", ["none", "nafta", "world2005", "world2005_without_nafta", "free_trade"]
)
def test_every_scenario_has_an_equilibrium(cp2015, name):
    assert name in scenario_names(cp2015)
    outcome = world.solve(cp2015, world.named_shock(cp2015, name))
    assert max(outcome.residuals.values()) < 1e-9


def test_a_raise(icio):
    tau = world.raise_tariffs(icio, "USA <- CAN,MEX: +25")
    usa, can, _ = at(icio, "USA", "CAN", "A01")
    assert (tau[usa, can][icio.goods] == 0.25).all()
    assert (tau[usa, can][~icio.goods] == 0.0).all()
    assert tau.sum() == pytest.approx(0.25 * 2 * icio.goods.sum())


def test_raises_add_up_and_equals_sets(icio):
    first = world.raise_tariffs(icio, "US <- all / C29: +10")
    second = world.raise_tariffs(icio, "US <- CA / C29: =2.5", start=first)
    assert second[at(icio, "US", "JP", "C29")] == pytest.approx(0.10)
    assert second[at(icio, "US", "CA", "C29")] == pytest.approx(0.025)
    assert second[at(icio, "US", "US", "C29")] == 0.0
    third = world.raise_tariffs(icio, "US <- JP / C29: -4", start=second)
    assert third[at(icio, "US", "JP", "C29")] == pytest.approx(0.06)


def test_groups(icio):
    tau = world.raise_tariffs(icio, "CA <- EU27: +3")
    assert tau[at(icio, "CAN", "DEU", "C20")] == pytest.approx(0.03)
    assert tau[at(icio, "CAN", "GBR", "C20")] == 0.0


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("USA CAN +25", "IMPORTERS <- EXPORTERS"),
        ("USA <- Narnia: +25", "Narnia"),
        ("USA <- CAN / C99: +5", "C99"),
        ("USA <- USA: +5", "two countries"),
        ("USA <- CAN: -5", "below zero"),
    ],
)
def test_raises_that_say_nothing(icio, text, match):
    with pytest.raises(InputError, match=match):
        world.raise_tariffs(icio, text)


def test_a_tariff_file_in_either_unit(cp2015, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("importer,exporter,sector,tariff_pct\nUS,MX,Auto,12.5\nCAN,all,Textile,177\n")
    tau = world.tariffs_from_file(cp2015, path)
    assert tau[at(cp2015, "USA", "MEX", "Auto")] == pytest.approx(0.125)
    assert tau[at(cp2015, "CAN", "JPN", "Textile")] == pytest.approx(1.77)
    assert tau[at(cp2015, "CAN", "CAN", "Textile")] == 0.0
    assert (tau != cp2015.tau).sum() <= 31
    path.write_text("importer,exporter,sector,tariff\nUS,MX,Auto,0.125\n")
    assert world.tariffs_from_file(cp2015, path)[at(cp2015, "US", "MX", "Auto")] == 0.125
    path.write_text("importer,exporter,sector,tariff\nUS,MX,Auto,12.5\n")
    with pytest.raises(InputError, match="1250 %"):
        world.tariffs_from_file(cp2015, path)
    assert world.tariffs_from_file(cp2015, path, allow_above_100=True).max() == 12.5


def test_a_whole_tariff_table_through_a_file_is_the_named_scenario(cp2015, tmp_path):
    import polars as pl

    rates = cp2015.scenarios["2005"]
    cells = np.argwhere(np.ones(rates.shape, dtype=bool))
    frame = pl.DataFrame(
        {
            "importer": [cp2015.countries[n] for n in cells[:, 0]],
            "exporter": [cp2015.countries[i] for i in cells[:, 1]],
            "sector": [cp2015.sectors[j] for j in cells[:, 2]],
            "tariff_pct": 100 * rates.ravel(),
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    found = world.tariffs_from_file(cp2015, tmp_path / "t.parquet")
    np.testing.assert_allclose(found, world.named_shock(cp2015, "world2005").tariffs, atol=1e-15)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ("US,MX,Auto,1\nUSA,MEX,Auto,2", "more than once"),
        ("US,XX,Auto,1", "'XX'"),
        ("US,MX,Cars,1", "'Cars'"),
        ("US,MX,Auto,", "not a number"),
        ("US,MX,Auto,-1", "rate of zero or more"),
        ("US,US,Auto,1", "domestic sales"),
        (",MX,Auto,1", "empty label"),
    ],
)
def test_bad_tariff_files(cp2015, tmp_path, rows, match):
    path = tmp_path / "t.csv"
    path.write_text(f"importer,exporter,sector,tariff_pct\n{rows}\n")
    with pytest.raises(InputError, match=match):
        tau = world.tariffs_from_file(cp2015, path)
        world.solve(cp2015, world.Shock("t", tariffs=tau))


def test_costs_and_base_tariffs_from_files(icio, tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("importer,exporter,sector,d_hat\nMX,CA,all,0.95\n")
    cost = costs_from_file(icio, path)
    assert cost[at(icio, "MEX", "CAN", "C29")] == 0.95
    assert (cost != 1).sum() == icio.goods.sum()
    outcome = world.solve(icio, world.Shock("corridor", d_hat=cost))
    assert outcome.real_income_pct[icio.country_index("MX")] > 0
    path.write_text("importer,exporter,sector,tariff_pct\nCN,US,all,8\n")
    taxed = with_base_tariffs(icio, path)
    assert taxed.closure is None and taxed.tau[at(taxed, "CHN", "USA", "C29")] == 0.08
    assert "CHN from d.csv" in taxed.readings[-1]
    assert world.solve(taxed).before.revenue[taxed.country_index("CN")] > 0


def test_merging_nothing_changes_nothing(tables, tax):
    merged = world.build_economy(aggregate(tables))
    plain = world.solve(world.build_economy(tables), tax)
    np.testing.assert_allclose(
        world.solve(merged, tax).real_income_pct, plain.real_income_pct, atol=1e-10
    )


def test_merging_keeps_sums(tables, tmp_path):
    path = tmp_path / "map.csv"
    path.write_text(
        "kind,code,into\ncountry,A,AB\ncountry,B,AB\ncountry,C,C\ncountry,D,D\n"
        "sector,s0,goods\nsector,s1,goods\nsector,s2,s2\n"
    )
    merged = aggregate(tables, *read_mapping(path))
    assert merged.countries == ("AB", "C", "D") and merged.sectors == ("goods", "s2")
    for name in ("trade", "input_use", "value_added"):
        assert getattr(merged, name).sum() == pytest.approx(getattr(tables, name).sum())
    paid = (tables.trade * tables.tariffs)[2:, :].sum()
    assert (merged.trade * merged.tariffs)[1:].sum() == pytest.approx(paid)
    assert merged.tariffs[0, 0].max() == 0.0
    assert tables.theta[0] < merged.theta[0] < tables.theta[1]
    economy = world.build_economy(merged)
    assert "world.aggregation" in economy.readings[-1]
    assert world.solve(economy).result == "converged"


def test_bad_mappings(tables, tmp_path):
    with pytest.raises(InputError, match="countries D: not mapped"):
        aggregate(tables, countries={"A": "A", "B": "B", "C": "C"})
    with pytest.raises(InputError, match="not in the tables"):
        aggregate(tables, sectors={"s0": "a", "s1": "b", "s2": "c", "s3": "d"})
    path = tmp_path / "map.csv"
    path.write_text("kind,code,into\nsector,s0,x\nsector,s0,y\n")
    with pytest.raises(InputError, match="mapped twice"):
        read_mapping(path)


def test_three_regions_of_nafta(cp2015):
    """Merged data still solve, with exports above output no more."""
    tables = world.load_tables("cp2015")
    regions = {c: c if c in ("CAN", "MEX", "USA") else "REST" for c in tables.countries}
    economy = world.build_economy(aggregate(tables, countries=regions))
    assert economy.shape == (4, 40)
    outcome = world.solve(economy, world.Shock("free", tariffs=0 * economy.tau))
    assert max(outcome.residuals.values()) < 1e-9


def test_labelled_tables_in_and_out(tables, small, tax):
    data = tables_dataset(tables)
    shuffled = data.isel(importer=[2, 0, 3, 1], sector=[1, 0, 2])
    economy = world.build_economy(tables_from_dataset(shuffled))
    np.testing.assert_allclose(economy.pi, small.pi)
    for missing in ("trade", "theta"):
        with pytest.raises(InputError, match="variable missing"):
            tables_from_dataset(data.drop_vars(missing))
    with pytest.raises(InputError, match="on one axis and not on the other"):
        tables_from_dataset(data.isel(exporter=[0, 1, 2]))
    with pytest.raises(InputError, match="no labels"):
        tables_from_dataset(data.drop_vars("sector"))
    pi = small.to_xarray()["pi"]
    assert float(pi.sel(importer="B", exporter="C", sector="s1")) == small.pi[1, 2, 1]
    levels = world.solve(small, tax).to_xarray()
    assert levels["flows"].sel(state="new").dims == ("importer", "exporter", "sector")
    assert levels.attrs["result"] == "converged"


def test_columns_of_an_outcome(small, tax):
    outcome = world.solve(small, tax)
    trade, sectors = outcome.trade_columns(), outcome.sector_columns()
    assert sum(trade["trade_new"]) == pytest.approx(outcome.after.flows.sum())
    assert sum(sectors["output_new"]) == pytest.approx(outcome.after.output.sum())
    assert sum(sectors["value_added_new"]) == pytest.approx(outcome.after.factor_income.sum())
    reply = outcome.as_dict()
    assert reply["solver"]["result"] == "converged"
    assert [row["country"] for row in reply["countries"]] == list("ABCD")


def test_a_tariff_turns_the_terms_of_trade_against_its_target(small):
    tau = small.tau.copy()
    tau[0, 2, 1] += 0.2
    rows = world.solve(small, world.Shock("A taxes C", tariffs=tau)).as_dict()["countries"]
    gained = {row["country"]: row["export_import_price_pct"] for row in rows}
    assert gained["A"] > 0 > gained["C"]
