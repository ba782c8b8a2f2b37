"""Calibration and repairs: what is moved is named, located and measured."""

import dataclasses

import numpy as np
import pytest

from advalorem import world
from advalorem.world.sources.wiod import read_wiod2011


def step(economy, name):
    found = [item for item in economy.adjustments if item.step == name]
    assert found, [item.step for item in economy.adjustments]
    return found[0]


def test_consistent_tables_need_no_repair(small):
    assert small.adjustments == ()
    base = world.calibrate(small, "nominal")
    assert base.adjustments == ()
    np.testing.assert_allclose(base.flows, small.flows, rtol=1e-9)


def test_deficits_are_removed_and_reported(small):
    base = world.calibrate(small)
    moved = dict(step(base, "calibrate.deficits").where)
    for n, country in enumerate(small.countries):
        assert moved[country] == pytest.approx(-small.deficit[n])
    assert step(base, "calibrate.expenditure").amount > 0


def test_negative_final_demand_is_set_to_zero_and_reported(tables):
    use, added = tables.input_use.copy(), tables.value_added.copy()
    spent = (tables.trade[1] * (1 + tables.tariffs[1])).sum(axis=0)[1]
    extra = (spent - use[1, 1].sum() + 1.0) * added[1] / added[1].sum()
    use[1, 1] += extra
    added[1] -= extra
    economy = world.build_economy(dataclasses.replace(tables, input_use=use, value_added=added))
    item = step(economy, "final_demand.negative")
    assert item.where == (("B/s1", pytest.approx(-1.0)),)
    assert economy.alpha[1, 1] == 0.0
    assert world.solve(economy).result == "converged"


def test_exports_above_output_raise_output(tables):
    own = np.arange(4)
    trade = tables.trade.copy()
    output = tables.output
    trade[own, own] = 0.0
    use, added = tables.input_use.copy(), tables.value_added.copy()
    exports = trade.sum(axis=0)[2, 1]
    shrink = 0.5 * exports / output[2, 1]
    use[2, :, 1] *= shrink
    added[2, 1] *= shrink
    economy = world.build_economy(
        dataclasses.replace(
            tables, trade=trade, input_use=use, value_added=added, domestic="residual"
        )
    )
    assert step(economy, "exports.above_output").where == (("C/s1", pytest.approx(exports / 2)),)
    assert economy.pi[2, 2, 1] == 0.0


def test_output_that_nobody_buys_is_dropped(tables):
    use, added = tables.input_use.copy(), tables.value_added.copy()
    added[0, 0] = 12.0
    economy = world.build_economy(dataclasses.replace(tables, input_use=use, value_added=added))
    assert step(economy, "output.without_use").where == (("A/s0", 12.0),)
    assert economy.output[0, 0] == 0.0


def test_inputs_that_nobody_supplies_are_shared_out(tables):
    use, added = tables.input_use.copy(), tables.value_added.copy()
    use[0, 0, 1] = 7.0
    added[0, 1] -= 7.0
    economy = world.build_economy(dataclasses.replace(tables, input_use=use, value_added=added))
    assert step(economy, "inputs.without_supply").where == (("A/s0/s1", pytest.approx(7.0)),)
    assert economy.gamma[0, 0, 1] == 0.0
    assert economy.value_added_share[0, 1] == pytest.approx(
        added[0, 1] / (use[0, :, 1].sum() + added[0, 1])
    )


def test_final_demand_that_differs_is_reported(tables, small):
    final = small.alpha * small.income[:, None]
    same = world.build_economy(dataclasses.replace(tables, final_demand=final))
    assert same.adjustments == ()
    final[2, 1] += 5.0
    moved = world.build_economy(dataclasses.replace(tables, final_demand=final))
    assert step(moved, "final_demand.residual").where == (("C/s1", pytest.approx(-5.0)),)


def test_base_tariffs_can_be_replaced(small):
    changed = small.with_tariffs(0 * small.tau)
    np.testing.assert_allclose(changed.flows, small.flows)
    assert changed.tau.max() == 0 and changed.closure is None
    assert world.solve(changed).result == "converged"


def test_final_demand_that_lower_tariffs_leave_negative_is_reported(small):
    """Inputs worth more than what is bought without tariffs cannot be: say so."""
    high = small.with_tariffs(3.0 * (small.tau > 0))
    tight = dataclasses.replace(high, gamma=high.gamma.copy())
    tight.gamma[1, 1] *= 12.0
    with pytest.raises(world.InputError, match="shares sum to"):
        world.calibrate(tight)
    lowered = tight.with_tariffs(0 * small.tau)
    assert step(lowered, "final_demand.negative").amount > 0
    with pytest.raises(world.InputError, match="not finite"):
        small.with_tariffs(np.where(small.tau > 0, np.inf, 0.0))


def test_the_oecd_baseline(icio):
    assert icio.shape == (81, 28)
    assert icio.theta_set == "fgo_icio28"
    assert icio.tau.max() == 0.0
    assert "world.base_tariffs.zero" in " ".join(icio.readings)
    assert not icio.goods[icio.sector_index("SERV")]
    usa = icio.country_index("US")
    assert icio.factor_income[usa] == pytest.approx(25.589e6, rel=0.03)  # README of the tables
    raw = world.load_economy("icio2022")
    for code, billions in (("USA", 962), ("CAN", -3), ("MEX", 51), ("CHN", -555)):
        assert raw.deficit[raw.country_index(code)] / 1e3 == pytest.approx(billions, abs=0.6)
    assert (raw.output == 0).sum() == 41  # README of the tables
    assert len(icio.groups["EU27"]) == 27


def test_packaged_oecd_baseline_equals_its_tables(source):
    from advalorem.world.sources.oecd import read_icio2022

    packaged = world.load_tables("icio2022")
    tables = read_icio2022(source("world"), packaged.theta, packaged.theta_set)
    for name in ("trade", "input_use", "value_added"):
        np.testing.assert_array_equal(getattr(packaged, name), getattr(tables, name))
    assert packaged.countries == tables.countries


def test_the_complete_table_of_2011(source):
    tables = read_wiod2011(source("world/wiod2011"), np.full(35, 5.0), "five everywhere")
    economy = world.build_economy(tables)
    assert economy.shape == (41, 35)
    assert step(economy, "trade.negative").cells == 25  # README of the tables
    tau = world.raise_tariffs(economy, "US <- CA,MX: +25")
    outcome = world.solve(economy, world.Shock("25", tariffs=tau))
    assert max(outcome.residuals.values()) < 1e-9
    assert outcome.real_income_pct[economy.country_index("MEX")] < -0.1
    assert {item.step for item in outcome.economy.adjustments} >= {
        "final_demand.negative",
        "calibrate.deficits",
        "output.scaled_to_sales",
    }


def test_the_table_of_2011_by_its_folder(tmp_path, source):
    folder = source("world/wiod2011")
    with pytest.raises(world.InputError, match="hold no elasticities"):
        world.load_economy(folder)
    path = tmp_path / "theta.csv"
    path.write_text("sector,theta\n" + "".join(f"c{k},{4 + k / 10}\n" for k in range(1, 36)))
    economy = world.load_economy(folder, theta=path)
    assert economy.theta[economy.sector_index("c10")] == 5.0
    assert economy.theta_set == str(path)


def test_elasticities_from_a_file(tmp_path, icio):
    path = tmp_path / "theta.csv"
    rows = [f"{sector},{5 + at}" for at, sector in enumerate(icio.sectors)]
    path.write_text("\n".join(["sector,theta", *rows[::-1]]))
    assert world.load_economy("icio2022", theta=path).theta[:3].tolist() == [5.0, 6.0, 7.0]
    path.write_text("\n".join(["sector,theta", *rows[1:]]))
    with pytest.raises(world.InputError, match=f"sector {icio.sectors[0]}: missing"):
        world.load_economy("icio2022", theta=path)


def test_every_packaged_file_is_in_the_manifest():
    import hashlib
    import json

    from advalorem.world.sources.paths import DATA

    manifest = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
    listed = {item["file"]: item for item in manifest["files"]}
    found = {p.relative_to(DATA).as_posix(): p for p in DATA.rglob("*") if p.is_file()}
    found.pop("manifest.json")
    assert set(listed) == set(found)
    for name, path in found.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]["sha256"], name
        assert all(listed[name][key] for key in ("source", "licence", "retrieved", "builder"))
    assert sum(path.stat().st_size for path in found.values()) < 12e6
