"""Bad input: an error that names table, label and remedy, one test per case."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from advalorem import world
from advalorem.world import InputError
from advalorem.world.sources.folder import read_folder, tables_from_frames


def frames(tables):
    """The long tables of an economy, as a user would write them."""
    c, s = tables.countries, tables.sectors

    def long(values, *axes, value="value"):
        names, labels = [a for a, _ in axes], [b for _, b in axes]
        rows = [[labels[d][at] for d, at in enumerate(cell)] for cell in np.ndindex(values.shape)]
        columns = {name: [row[d] for row in rows] for d, name in enumerate(names)}
        return pl.DataFrame({**columns, value: values.ravel()})

    flow = (("importer", c), ("exporter", c), ("sector", s))
    tariffs = long(tables.tariffs, *flow, value="tariff")
    return {
        "trade": long(tables.trade, *flow),
        "input_use": long(
            tables.input_use, ("country", c), ("input_sector", s), ("using_sector", s)
        ),
        "value_added": long(tables.value_added, ("country", c), ("sector", s)),
        "theta": long(tables.theta, ("sector", s), value="theta"),
        "tariffs": tariffs.filter(pl.col("importer") != pl.col("exporter")),
    }


@pytest.fixture
def good(made_up):
    return frames(made_up())


def build(frames, **options):
    return world.build_economy(tables_from_frames(frames, name="user", **options))


def refused(frames, *words, **options):
    with pytest.raises(InputError) as caught:
        build(frames, **options)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert caught.value.remedy


def set_cell(frame, row, column, value):
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, strict=False))


def test_a_good_folder_gives_the_same_economy(good, small, tmp_path):
    for name, frame in good.items():
        frame.write_csv(tmp_path / f"{name}.csv")
    found = world.build_economy(read_folder(tmp_path))
    np.testing.assert_allclose(found.pi, small.pi)
    np.testing.assert_allclose(found.alpha, small.alpha, atol=1e-12)
    good["trade"].write_parquet(tmp_path / "trade.parquet")
    (tmp_path / "trade.csv").unlink()
    assert world.load_economy(tmp_path).shape == (4, 3)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_does_not_matter(good, seed):
    shuffled = {n: f.sample(fraction=1.0, shuffle=True, seed=seed) for n, f in good.items()}
    plain, other = build(good), build(shuffled)
    for name in ("pi", "gamma", "alpha", "tau", "theta"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(other, name))


@pytest.mark.parametrize("table", ["trade", "input_use", "value_added", "tariffs"])
def test_a_missing_row(good, table):
    row = good[table].row(5, named=True)
    good[table] = good[table].filter(pl.int_range(pl.len()) != 5)
    refused(good, table, "missing", "zeros_omitted", *[str(v) for v in list(row.values())[:-1]])


def test_a_missing_row_is_zero_when_the_tables_say_so(good):
    held = {**good, "trade": good["trade"].filter(pl.col("value") > 0)}
    refused(held, "trade", "missing")
    np.testing.assert_allclose(build(held, zeros_omitted=True).pi, build(good).pi)


def test_a_missing_pair(good):
    pair = (pl.col("importer") == "B") & (pl.col("exporter") == "D")
    good["trade"] = good["trade"].filter(~pair)
    refused(good, "trade", "importer B", "exporter D", "missing")


def test_a_sector_missing_from_one_table(good):
    good["theta"] = good["theta"].filter(pl.col("sector") != "s1")
    refused(good, "theta", "sector s1", "missing")


@pytest.mark.parametrize("table", ["trade", "input_use", "value_added", "theta", "tariffs"])
def test_a_duplicate(good, table):
    good[table] = pl.concat([good[table], good[table].slice(3 if table != "theta" else 1, 1)])
    refused(good, table, "more than once", "keep one row")


def test_a_label_in_one_table_and_not_in_another(good):
    extra = pl.DataFrame({"importer": ["Z"], "exporter": ["A"], "sector": ["s0"], "value": [1.0]})
    good["trade"] = pl.concat([good["trade"], extra])
    refused(good, "trade", "importer 'Z'", "not in the other tables")


@pytest.mark.parametrize("table", ["trade", "input_use", "value_added", "tariffs"])
@pytest.mark.parametrize("bad", [float("nan"), None, float("inf")])
def test_nan_and_empty_cells(good, table, bad):
    column = "tariff" if table == "tariffs" else "value"
    good[table] = set_cell(good[table], 4, column, bad)
    refused(good, table)


def test_a_cell_that_is_no_number(good):
    text = good["trade"].with_columns(pl.col("value").cast(pl.String))
    good["trade"] = set_cell(text, 2, "value", "n/a")
    refused(good, "trade", "row 3", "'n/a' is not a number")


def test_negative_flows(good):
    good["trade"] = set_cell(good["trade"], 7, "value", -2.5)
    refused(good, "trade", "negative value -2.5")


@pytest.mark.parametrize("bad", [0.0, -4.0, float("nan"), None])
def test_theta_missing_or_not_positive(good, bad):
    good["theta"] = set_cell(good["theta"], 1, "theta", bad)
    refused(good, "theta", "s1")


def test_tariffs_that_look_like_per_cent(good):
    good["tariffs"] = set_cell(good["tariffs"], 3, "tariff", 5.0)
    refused(good, "tariffs", "5 as a fraction is 500 %", "tariff_pct")
    above = build(good, allow_above_100=True)
    assert above.tau.max() == 5.0


def test_tariffs_in_per_cent_say_so(good):
    fractions = good["tariffs"]
    good["tariffs"] = fractions.select(
        "importer", "exporter", "sector", tariff_pct=100 * pl.col("tariff")
    )
    np.testing.assert_allclose(build(good).tau, build({**good, "tariffs": fractions}).tau)


def test_negative_tariffs(good):
    good["tariffs"] = set_cell(good["tariffs"], 3, "tariff", -0.1)
    refused(good, "tariffs", "not a rate of zero or more")


def test_a_tariff_on_domestic_sales(good):
    own = pl.DataFrame({"importer": ["A"], "exporter": ["A"], "sector": ["s0"], "tariff": [0.1]})
    good["tariffs"] = pl.concat([good["tariffs"], own])
    refused(good, "tariffs", "domestic sales")


def test_no_tariffs_are_zero_by_a_named_reading(good):
    del good["tariffs"]
    economy = build(good)
    assert economy.tau.max() == 0.0
    assert "world.base_tariffs.zero" in " ".join(world.solve(economy).notes())


def test_a_missing_table_and_a_missing_column(good, tmp_path):
    for name, frame in good.items():
        if name != "input_use":
            frame.write_csv(tmp_path / f"{name}.csv")
    with pytest.raises(InputError, match=r"input_use.*no such table; add input_use.csv"):
        read_folder(tmp_path)
    good["trade"] = good["trade"].rename({"value": "usd"})
    refused(good, "trade", "column value", "importer, exporter, sector, usd")


def test_tables_of_different_scale_do_not_belong_together(good):
    good["trade"] = good["trade"].with_columns(pl.col("value") * 1000)
    refused(good, "trade", "sales differ", "same year, unit")


def test_sales_without_any_technology(tables):
    use, added = tables.input_use.copy(), tables.value_added.copy()
    use[1, :, 1] = added[1, 1] = 0.0
    with pytest.raises(InputError, match=r"B / s1.*neither inputs nor value added"):
        world.build_economy(dataclasses.replace(tables, input_use=use, value_added=added))


@pytest.mark.parametrize(("name", "where"), [("pi", "A / s1"), ("gamma", "A / s1"), ("alpha", "A")])
def test_shares_that_do_not_sum_to_one(small, name, where):
    broken = dataclasses.replace(small, **{name: getattr(small, name) * 1.01})
    with pytest.raises(InputError, match="shares sum to") as caught:
        world.calibrate(broken)
    assert caught.value.table.startswith(name)
    assert caught.value.where.split(" /")[0] == where.split(" /")[0]


def test_labels_given_twice(tables):
    with pytest.raises(InputError, match=r"'A'.*more than once"):
        world.build_economy(dataclasses.replace(tables, countries=("A", "A", "C", "D")))


def test_shocks_of_the_wrong_shape_or_sign(small):
    for shock, match in (
        (world.Shock(tariffs=np.zeros((2, 2, 1))), r"the economy needs \(4, 4, 3\)"),
        (world.Shock(tariffs=small.tau - 1), "not a rate"),
        (world.Shock(tariffs=100 * small.tau), "as a fraction is"),
        (world.Shock(d_hat=np.zeros((4, 4, 3))), "above zero"),
        (world.Shock(labour_hat=np.ones(3)), r"the economy needs \(4,\)"),
        (world.Shock(theta=np.ones(2)), "one value per sector"),
    ):
        with pytest.raises(InputError, match=match):
            world.solve(small, shock)


def test_raised_rates_that_look_like_per_cent_have_to_be_meant(small, tables):
    tau = small.tau.copy()
    tau[0, 2, 1] = 5.0
    with pytest.raises(InputError, match=r"A <- C / s1: 5 as a fraction.*allow_above_100"):
        world.solve(small, world.Shock("5", tariffs=tau))
    meant = world.Shock("5", tariffs=tau, allow_above_100=True)
    assert world.solve(small, meant).result == "converged"
    with pytest.raises(InputError, match="as a fraction is"):
        world.build_economy(dataclasses.replace(tables, tariffs=10 * tables.tariffs))


def test_one_high_rate_among_ordinary_ones_is_believed(good):
    good["tariffs"] = set_cell(good["tariffs"], 3, "tariff", 1.8)
    assert build(good).tau.max() == 1.8


def test_unknown_names(small):
    with pytest.raises(InputError, match="neither a packaged economy nor a folder"):
        world.load_economy("atlantis")
    with pytest.raises(InputError, match="unknown set"):
        world.load_economy("icio2022", theta="none such")
    with pytest.raises(InputError, match="missing; choose a set"):
        world.load_economy("cp2015", theta="fgo_icio28")
    with pytest.raises(InputError, match="use one of zero_deficits"):
        world.solve(small, None, "whatever")
    with pytest.raises(InputError, match="not in economy"):
        small.country_index("XX")
