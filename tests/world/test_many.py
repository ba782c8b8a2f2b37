"""Many scenarios: the same numbers as one by one, whatever happens on the way."""

import json

import numpy as np
import pytest

from advalorem import world
from advalorem.world import Shock
from advalorem.world.many import SolveInterrupted, solve_many


def shocks(economy, count=6):
    rng = np.random.default_rng(11)
    foreign = ~np.eye(len(economy.countries), dtype=bool)[:, :, None] & economy.goods
    for at in range(count):
        rates = rng.uniform(0, 0.4, (1, len(economy.countries), 1)) * foreign
        yield Shock(f"s{at}", tariffs=economy.tau + rates)


@pytest.fixture(scope="module")
def one_by_one(small):
    outcomes = [world.solve(small, shock) for shock in shocks(small)]
    return np.array([outcome.real_income_pct for outcome in outcomes])


def test_same_numbers_as_one_by_one(small, one_by_one):
    told = []
    found = solve_many(small, shocks(small), workers=1, progress=told.append)
    assert found.names == tuple(f"s{at}" for at in range(6))
    assert set(found.results) == {"converged"}
    np.testing.assert_allclose(found.columns["real_income_pct"], one_by_one, atol=1e-9)
    assert told == [1, 2, 3, 4, 5, 6]
    assert found.to_xarray()["real_income_pct"].shape == (6, 4)


def test_processes(small, one_by_one):
    found = solve_many(small, shocks(small), workers=2)
    np.testing.assert_allclose(found.columns["real_income_pct"], one_by_one, atol=1e-9)


def test_batches_in_jax(small, one_by_one):
    pytest.importorskip("jax")
    found = solve_many(small, shocks(small), backend="jax")
    np.testing.assert_allclose(found.columns["real_income_pct"], one_by_one, atol=1e-8)
    assert set(found.results) == {"converged"}


def test_batches_in_jax_keep_failures_apart(small):
    pytest.importorskip("jax")
    tau = np.where(np.eye(4, dtype=bool)[:, :, None], 0.0, np.full(small.tau.shape, np.inf))
    mixed = [Shock("closed", tariffs=tau), *shocks(small, 2)]
    found = solve_many(small, mixed, backend="jax")
    plain = solve_many(small, mixed, workers=1)
    assert found.results == plain.results
    np.testing.assert_allclose(
        found.columns["real_income_pct"], plain.columns["real_income_pct"], atol=1e-8
    )


def test_a_cluster(small, one_by_one):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = solve_many(small, shocks(small, 20), cluster=client)
    assert len(found) == 20
    np.testing.assert_allclose(found.columns["real_income_pct"][:6], one_by_one, atol=1e-9)


def test_draws_of_elasticities(small, tax):
    theta = [np.array([2.0, 3.0, 4.0]) + at for at in range(3)]
    draws = [Shock(f"draw {at}", tariffs=tax.tariffs, theta=t) for at, t in enumerate(theta)]
    found = solve_many(small, draws, workers=1)
    for at, values in enumerate(theta):
        single = world.solve(small.with_theta(values), tax)
        np.testing.assert_allclose(
            found.columns["real_income_pct"][at], single.real_income_pct, atol=1e-9
        )


def test_an_interrupted_run_resumes(small, one_by_one, tmp_path):
    path = tmp_path / "results.jsonl"

    def stopped(economy):
        for at, shock in enumerate(shocks(economy)):
            if at == 4:
                raise KeyboardInterrupt
            yield shock

    with pytest.raises(SolveInterrupted) as caught:
        solve_many(small, stopped(small), workers=1, checkpoint=path)
    np.testing.assert_allclose(
        caught.value.partial.columns["real_income_pct"], one_by_one[:4], atol=1e-9
    )
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": "cut off by the interr')
    solved = []
    found = solve_many(small, shocks(small), workers=1, checkpoint=path, progress=solved.append)
    np.testing.assert_array_equal(found.columns["real_income_pct"].shape, (6, 4))
    np.testing.assert_allclose(found.columns["real_income_pct"], one_by_one, atol=1e-9)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["name"] for line in lines[1:]] == [f"s{at}" for at in range(6)]


def test_what_is_in_the_checkpoint_is_not_solved_again(small, tmp_path, monkeypatch):
    path = tmp_path / "results.jsonl"
    solve_many(small, shocks(small), workers=1, checkpoint=path)
    from advalorem.world import many

    def never(*_, **__):
        raise AssertionError("solved again")

    monkeypatch.setattr(many, "solve", never)
    assert len(solve_many(small, shocks(small), workers=1, checkpoint=path)) == 6


def test_a_checkpoint_of_other_data_is_refused(small, tmp_path):
    path = tmp_path / "results.jsonl"
    solve_many(small, shocks(small, 1), workers=1, checkpoint=path)
    with pytest.raises(world.InputError, match="another economy, closure"):
        solve_many(small, shocks(small, 1), "nominal", workers=1, checkpoint=path)


def test_one_failure_does_not_stop_the_others(small):
    bad = Shock(
        "bad", tariffs=np.where(np.eye(4, dtype=bool)[:, :, None], 0, np.inf) + 0 * small.tau
    )
    import dataclasses

    pi = small.pi.copy()
    pi[1, 1, 1] = 0.0
    pi[1, :, 1] /= pi[1, :, 1].sum()
    economy = dataclasses.replace(small, pi=pi)
    found = solve_many(economy, [*shocks(small, 1), bad, *shocks(small, 1)], workers=1)
    assert found.results == ("converged", "non_finite", "converged")
    assert np.isnan(found.columns["real_income_pct"][1]).all()
    np.testing.assert_array_equal(*found.columns["real_income_pct"][[0, 2]])


def test_unknown_backend(small):
    with pytest.raises(world.InputError, match="use numpy or jax"):
        solve_many(small, [], backend="abacus")


@pytest.mark.slow
def test_ctrl_c_in_a_run_with_processes_keeps_what_was_solved(tmp_path):
    import signal
    import subprocess
    import sys
    import time

    script, kept = tmp_path / "run.py", tmp_path / "kept.jsonl"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(kept)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (kept.exists() and len(kept.read_text().splitlines()) > 5):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert out.startswith("interrupted after") and "Traceback" not in err
    before = len(kept.read_text().splitlines()) - 1
    assert 5 <= before < 200
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["200", "converged"]


SCRIPT = """
import sys
import numpy as np
from advalorem import world
from advalorem.world.many import SolveInterrupted, solve_many

def shocks(economy):
    for at in range(200):
        yield world.Shock(str(at), labour_hat=np.full(len(economy.countries), 1 + at / 1000) ** 0.5)

if __name__ == "__main__":
    economy = world.load_economy("icio2022")
    try:
        found = solve_many(economy, shocks(economy), workers=2, checkpoint=sys.argv[1])
        print(len(found), *set(found.results))
    except SolveInterrupted as stop:
        print(stop)
"""
