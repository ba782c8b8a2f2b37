"""The verb: reply, defaults, files, exit codes; and the published study's cases."""

import json

import pytest
from typer.testing import CliRunner

from advalorem import world
from advalorem.bargaining.agreement import load_agreement
from advalorem.bargaining.checks import PARTS
from advalorem.bargaining.draws import drawn, statements_of
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.question import Question, question_of
from advalorem.bargaining.study import CASES
from advalorem.cli.negotiate import app
from advalorem.linkage.draws import draw
from advalorem.linkage.elasticities import spread_of

RUNNER = CliRunner()
THREE = ("USA", "CAN", "MEX")


def run(*words):
    return RUNNER.invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def mapping(tmp_path_factory):
    """A file that merges the default economy to four economies and three sectors."""
    tables = world.load_tables("icio2022")
    lines = ["kind,code,into"]
    lines += [f"country,{c},{c if c in THREE else 'ROW'}" for c in tables.countries]
    kinds = {"SERV": "SERV", "C29": "auto"}
    lines += [f"sector,{s},{kinds.get(s, 'other')}" for s in tables.sectors]
    path = tmp_path_factory.mktemp("mapping") / "map.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def reply(mapping, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    words = ["--players", "usa,CA,MEX", "--nash", "--coalition", "CAN+MEX", "--aggregate", mapping]
    found = run(*words, "--draws", 2, "--spread", 0.2, "--out", out, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout), out


def test_reply_of_the_verb(reply):
    data, _ = reply
    nash = data["nash"]
    assert set(nash["tariffs"]) == set(nash["payoffs"]) == set(THREE)
    assert set(nash["tariffs"]["USA"]) == {"CAN", "MEX"}
    assert set(nash["tariffs"]["USA"]["CAN"]) == {"auto", "other"}
    assert max(nash["deviation_gain_pct"].values()) <= 1e-6
    (coalition,) = data["coalitions"]
    assert coalition["members"] == ["CAN", "MEX"]
    assert coalition["payoffs_apart"] == nash["payoffs"]
    assert set(coalition["payoffs_together"]) == set(THREE)
    assert set(coalition["gain_from_joining"]) == {"CAN", "MEX"}


def test_one_rate_stands_under_every_partner_and_sector(mapping):
    words = ["--players", "USA,CAN,MEX", "--instruments", "one", "--aggregate", mapping, "--nash"]
    nash = json.loads(run(*words, "--format", "json").stdout)["nash"]
    for player, partners in nash["tariffs"].items():
        assert set(partners) == set(THREE) - {player}
        rates = [rate for held in partners.values() for rate in held.values()]
        assert len(rates) == 4 and len(set(rates)) == 1
        assert nash["mean_tariffs"][f"{player} <- {min(partners)}"] == pytest.approx(rates[0])


def test_defaults_are_printed(reply):
    data, _ = reply
    assert data["closure"] == "zero_deficits" and data["theta"] == "fgo_icio28"
    assert data["payoff"] == [f"real_income:{code}" for code in THREE]
    assert "one rate per partner and goods sector, from 0 to 1" in data["instruments"]
    assert Question().economy == "icio2022"
    assert Question().who == load_agreement("usmca").parties


def test_intervals_hold_the_medians(reply):
    found = reply[0]["intervals"]
    assert found["draws"] == 2 and found["spread"] == 0.2
    assert "stated by the user" in found["rests_on"][0]
    joined = found["CAN+MEX gain from joining"]
    for held in (*found["payoffs"].values(), *found["mean_tariffs"].values(), *joined.values()):
        assert held["low"] <= held["median"] <= held["high"]
    assert found["payoffs"]["CAN"]["low"] < found["payoffs"]["CAN"]["high"]


def test_draws_are_those_of_cited_errors():
    """Without a spread the draws of the packaged sets are the ones that a simulation takes."""
    economy = world.load_economy("icio2022", theta="cp2015_icio28")
    known = spread_of(economy.theta_set, economy.sectors, economy.theta)
    first, second = drawn(economy, 2, seed=7)
    assert (first.theta == draw(known, 7, 0).theta).all()
    assert (first.theta != second.theta).any()
    fixed = economy.sector_index("C29")
    assert first.theta[fixed] == economy.theta[fixed]
    words = statements_of(economy, None)
    assert any("Caliendo" in line for line in words) and any("not drawn" in line for line in words)


def test_strategies_over_draws(mapping, tmp_path):
    (tmp_path / "review.yaml").write_text(REVIEW, encoding="utf-8")
    words = ["--players", "USA,CAN,MEX", "--instruments", "one", "--aggregate", mapping]
    words += ["--tree", tmp_path / "review.yaml", "--draws", 2, "--spread", 0.3]
    found = run(*words, "--format", "json")
    assert found.exit_code == 0, found.output
    shares = json.loads(found.stdout)["intervals"]["strategy"][""]
    assert sum(shares.values()) == pytest.approx(1)
    assert "Strategy over draws" in run(*words).stdout


def test_files_and_pictures(reply):
    data, out = reply
    assert json.loads((out / "answer.json").read_text()) == data
    assert (out / "payoffs.csv").read_text().startswith("outcome,USA,CAN,MEX\n")
    assert (out / "tariffs.svg").read_text().startswith("<svg")


ASKED = """
players: [USA, CAN, MEX]
rule: partner
scenarios:
  raise: ["USA <- CAN,MEX: +25"]
frontier: 2
bargain: {{outside: base, transfers: true}}
retaliation: {{attacker: USA, attack: ["USA <- CAN: +25"], retaliators: [CAN], budget: 10000,
              products: {{cars: {{sector: auto, trade: 8000}},
                         grain: {{sector: other, trade: 5000}}}},
              choose_attack: true}}
aggregate: {mapping}
tree: review.yaml
"""
REVIEW = """
agreement: usmca
as_of: 2026-10-01
horizon: 2036-07-01
discount_pct: 4
outcomes:
  kept: {payoff: {USA: 0, CAN: 0, MEX: 0}}
  lost: {raise: ["USA <- CAN,MEX: +25"]}
tree:
  choice: USA
  meanwhile: kept
  options:
    stay: kept
    leave: {move: withdraw, to: lost}
"""


def test_a_file_asks_for_several_parts(mapping, tmp_path):
    (tmp_path / "ask.yaml").write_text(ASKED.format(mapping=mapping), encoding="utf-8")
    (tmp_path / "review.yaml").write_text(REVIEW, encoding="utf-8")
    found = run(tmp_path / "ask.yaml", "--format", "json", "--out", tmp_path / "out")
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)
    assert data["scenarios"]["raise"]["CAN"] < 0
    assert data["tree"]["outcomes"]["lost"] == data["scenarios"]["raise"]
    assert data["tree"]["strategy"] == {
        "": "leave" if data["scenarios"]["raise"]["USA"] > 0 else "stay"
    }
    assert any("did not" in line or "does not confirm" in line for line in data["tree"]["state"])
    assert data["bargain"]["outside"]["USA"] == pytest.approx(0, abs=1e-8)
    assert {"none", "mirror", "targeted", "credible"} == set(data["retaliation"])
    assert set(data["retaliation"]["targeted"]["products"]["CAN"]["products"]) == {"cars", "grain"}
    play = data["retaliation_play"]
    assert play["lasting"]["answers"] == {"CAN": "credible"}
    assert 0 <= play["chosen_attack"]["share"] <= 1
    assert (tmp_path / "out" / "tree.svg").read_text().startswith("<svg")
    table = run(tmp_path / "ask.yaml")
    assert (table.exit_code == 0 and "Thresholds" in table.stdout) or "Strategy" in table.stdout


def test_a_tree_alone_needs_no_economy(tmp_path):
    (tmp_path / "t.yaml").write_text(
        REVIEW.replace('{raise: ["USA <- CAN,MEX: +25"]}', "{payoff: {USA: -1, CAN: -2, MEX: -3}}"),
        encoding="utf-8",
    )
    found = run("--tree", tmp_path / "t.yaml", "--format", "json")
    assert json.loads(found.stdout)["tree"]["strategy"] == {"": "stay"}
    assert "economy" not in json.loads(found.stdout)


@pytest.mark.parametrize(
    "words, message",
    [
        (["--players", "USA,XYZ"], "not in economy"),
        (["--players", "USA,CAN,CAN"], "named twice"),
        (["--players", "USA,CAN", "--bounds", "0.5,0.2"], "no rate of zero or more"),
        (["--players", "USA,CAN", "--bounds", "a,b"], "not two numbers"),
        (["--players", "USA,CAN", "--instruments", "many"], "unknown"),
        (["--coalition", "CAN+MEX", "--coalition", "MEX+USA"], "two coalitions"),
        (["--coalition", "CAN+ROW"], "is no player"),
        (["--transfers", "--nash"], "nothing to bargain"),
        (["missing.yaml"], "cannot be read"),
        (["--draws", "1"], "two or more"),
        (["--draws", "5", "--spread", "-1"], "above zero"),
        (["--study", "nowhere"], "missing"),
    ],
)
def test_bad_input_ends_with_2(words, message, mapping):
    extra = ["--aggregate", mapping] if "XYZ" not in str(words) else []
    found = run(*words, *extra)
    assert found.exit_code == 2, found.output
    assert message in found.output.replace("\n", " ")


WRONG = [5, "x", [1], ["a", "b"], {"a": 1}, float("nan")]
KEYS = ["economy", "closure", "players", "payoff", "rule", "bounds", "sectors", "partners"]
KEYS += ["coalitions", "scenarios", "tree", "store", "seed", "draws", "frontier", "theta"]


@pytest.mark.parametrize("key", [*KEYS, *(f"{part}/{k}" for part in PARTS for k in PARTS[part])])
def test_values_of_the_wrong_kind_are_refused_in_words(key, mapping):
    """Either a plain question comes of it, or a message; never another exception."""
    for value in WRONG:
        part, _, own = key.partition("/")
        data = {part: {own: value}} if own else {key: value}
        try:
            asked = question_of({"aggregate": str(mapping), **data})
        except InputError as error:
            assert ";" in str(error)  # what is wrong; what to write
            continue
        assert isinstance(asked, Question)


def test_elasticities_without_cited_errors_are_not_drawn():
    economy = world.build_economy(world.example.two_country_tables())
    with pytest.raises(InputError, match="state a --spread"):
        drawn(economy, 5)


@pytest.mark.parametrize(
    "data, message",
    [
        ({"colour": 1}, "unknown"),
        ({"bargain": {"out": 1}}, "not understood"),
        ({"players": [1]}, "no list of codes"),
        ({"frontier": -1}, "no count"),
        ({"tree": 3}, "no tree"),
        ({"folder": "x"}, "unknown"),
        ({"study": {"colour": 1}}, "not understood"),
    ],
)
def test_bad_questions(data, message):
    with pytest.raises(InputError, match=message):
        question_of(data)


def test_cases_of_the_study_by_the_verb(sources):
    folder = sources / "liberation_day"
    if not folder.exists():
        pytest.skip("the study's data are not here")
    found = run("--study", folder, "--format", "json")
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)["study"]
    assert set(data["cases"]) == set(CASES)
    assert data["cases"]["announced"]["rate_of_taxer"]["MEX"] == 0.17
    assert set(data["cases"]["optimal"]["welfare_pct"]) >= set(THREE)


@pytest.mark.parametrize(
    "words",
    ["law_from: 2026-09-18, scenario: nothing-like-it", "law_from: soon", "law_to: 2026-01-01"],
)
def test_bad_scenarios_of_the_law(words, tmp_path):
    (tmp_path / "q.yaml").write_text(f"scenarios: {{a: {{{words}}}}}\n", encoding="utf-8")
    found = run(tmp_path / "q.yaml")
    assert found.exit_code == 2, found.output


@pytest.mark.slow
def test_a_scenario_of_the_law_is_valued(tmp_path):
    from datetime import date

    from advalorem.bargaining.ask import answer
    from advalorem.linkage.simulate import simulate_law
    from advalorem.scenario.files import load_scenario

    day = date(2026, 9, 18)
    item = {"law_from": day, "scenario": "usmca-lapses"}
    asked = {"scenarios": {"lapse": item, "again": item}, "store": str(tmp_path / "kept.jsonl")}
    reply = answer(question_of(asked))[0]
    made = reply["scenarios"]["lapse"]
    assert sum("under the law of 2026-09-18" in line for line in reply["readings"]) == 1
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 2  # heading, one payoff
    assert answer(question_of(asked))[0]["scenarios"]["again"] == made
    economy = world.load_economy("icio2022")
    outcome = simulate_law(economy, day, day, load_scenario("usmca-lapses")).outcome
    for code in THREE:
        expected = outcome.real_income_pct[outcome.economy.country_index(code)]
        assert made[code] == pytest.approx(expected, abs=1e-8)
