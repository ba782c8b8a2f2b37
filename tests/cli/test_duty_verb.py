"""`advalorem duty` and `explain`: formats that agree, exit codes, errors that name the remedy."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from advalorem.cli.main import app
from advalorem.duty.reply import FeeReply, Line, Question, Reply

STEEL = {
    "--hts": "7208.51.00", "--origin": "CA", "--as-of": "2025-09-18", "--value": "10000",
}  # fmt: skip
AUTHORITY_KINDS = {"column1", "special", "column2", "chapter99", "surtax", "adcvd"}


def run(*words: str, **changed: str | None) -> tuple[int, str, str]:
    """Run a verb on the sample shipment with some options changed; None takes one away."""
    options = STEEL | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    line = [*words]
    for name, value in options.items():
        line += [name, value] if value is not None else []
    result = CliRunner().invoke(app, line)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def answer(**changed: str | None) -> dict:
    code, out, _ = run("duty", "--format", "json", **changed)
    return json.loads(out) | {"exit": code}


# Proclamation 10947: steel 50% from 4 June 2025, in place of the duty on goods of Canada.
def test_the_sample_call() -> None:
    told = answer()
    assert told["exit"] == 0
    assert told["outcome"] == "assessed"
    assert told["total_duty"] == "5000.00"
    assert told["currency"] == "USD"
    charged = [line for line in told["layers"] if line["amount"] != "0.00"]
    assert [(line["rate"], line["basis_amount"]) for line in charged] == [("0.5", "10000.00")]


def test_the_reply_has_the_documented_fields() -> None:
    told = answer()
    told.pop("exit")
    assert list(told) == list(Reply.__struct_fields__)
    for part, kind in (("layers", Line), ("not_applied", Line), ("fees", FeeReply)):
        assert told[part]
        assert all(list(line) == list(kind.__struct_fields__) for line in told[part])
    assert {line["kind"] for line in told["layers"]} <= AUTHORITY_KINDS
    assert list(Question.__struct_fields__) == ["fact", "question", "allowed"]


def test_amounts_and_rates_are_decimal_strings() -> None:
    told = answer()
    for line in told["layers"]:
        assert Decimal(line["amount"]).as_tuple().exponent == -2
        Decimal(line["rate"])
    rates = [line["rate"] for line in told["not_applied"] if line["rate"] is not None]
    assert rates
    assert all(0 <= Decimal(rate) <= 10 for rate in rates)


def test_layers_sum_to_the_total_in_every_format() -> None:
    told = answer()
    total = sum(Decimal(line["amount"]) for line in told["layers"])
    assert total == Decimal(told["total_duty"])
    _, table, _ = run("duty", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    layers = [row for row in rows if row["part"] == "layer"]
    assert sum(Decimal(row["amount"]) for row in layers) == total
    found = {row["part"]: row["amount"] for row in rows if row["part"].startswith("total")}
    assert found == {"total_duty": told["total_duty"], "total_fees": told["total_fees"]}
    for format_ in ("md", "table"):
        _, text, _ = run("duty", "--format", format_)
        assert f"total duty: USD {told['total_duty']} of 10000.00" in text
        assert f"total fees: USD {told['total_fees']}" in text
        assert all(line["heading"] in text for line in told["layers"] if line["heading"])


def test_csv_says_the_same_as_json() -> None:
    told = answer()
    _, table, _ = run("duty", "--format", "csv")
    for part, name in (("layer", "layers"), ("not_applied", "not_applied")):
        rows = [row for row in csv.DictReader(io.StringIO(table)) if row["part"] == part]
        lines = [{key: value or "" for key, value in line.items()} for line in told[name]]
        assert [{key: row[key] for key in lines[0]} for row in rows] == lines


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hts": None}, "hts.*missing; state the tariff code"),
        ({"hts": "702002099"}, "hts '702002099'.*leading zero.*0702.00.20.99"),
        ({"hts": "7208.51"}, "hts '7208.51'.*Give a line of 8 or 10 digits.*7208.51.00.30"),
        ({"hts": "7208.51.99"}, "hts '7208.51.99'.*no edition held.*7208.51.00"),
        ({"hts": "0804.30.6000", "as_of": "2026-03-01"},
         r"hts '0804.30.60.00': retired on 2026-02-01.*0804.30.60.10"),
        ({"origin": None}, "origin.*no country.*ISO code"),
        ({"origin": "ZZ"}, "origin: 'ZZ' is no country.*ISO code"),
        ({"as_of": None}, "as_of.*no date.*YYYY-MM-DD"),
        ({"as_of": "18/09/2025"}, "as_of: '18/09/2025'.*YYYY-MM-DD"),
        ({"as_of": "2024-12-31"}, "as_of: 2024-12-31 lies before 2025-01-01"),
        ({"value": None}, "value.*missing; state the customs value"),
        ({"value": "-5"}, "value: '-5' is negative; state"),
        ({"value": "ten"}, "value: 'ten' is no number; write"),
        ({"claim": "NAFTA"}, "claim: 'NAFTA'.*choose one of USMCA"),
        ({"mode": "canoe"}, "mode: 'canoe'.*choose one of"),
        ({"importer": "XX"}, "importer: 'XX'.*ISO code"),
        ({"importer": "FR"}, "importer: no law of 'FR' is coded"),
        ({"known_on": "now"}, "known_on: 'now'.*YYYY-MM-DD"),
        ({"fact": "steel_value"}, "fact: 'steel_value'.*name=value"),
        ({"fact": "us_content_share=1.4"}, "us_content_share: '1.4'.*0 to 1"),
        ({"fact": "colour=red"}, "'colour'.*known: "),
        ({"hts": "0702.00.20.66", "origin": "MX", "quantity": "-1"}, "quantity: '-1' is negative"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_remedy(changed: dict[str, str], message: str) -> None:
    code, out, error = run("duty", **changed)
    assert code == 2
    assert out == ""
    assert error.startswith("error: ")
    assert "Traceback" not in error
    match = re.search(message, error.replace("\n", " "))
    assert match, error


# 3.9 cents a kilogram from September to mid-November: the weight decides what is owed.
def test_a_missing_quantity_is_asked_for() -> None:
    code, out, error = run("duty", "--format", "json", hts="0702.00.20.66", origin="MX")
    assert code == 2
    assert error == "error: quantity: '' is missing and the rate is 3.9¢/kg; state it in kg\n"
    told = json.loads(out)
    assert (told["outcome"], told["total_duty"]) == ("invalid", None)
    assert (told["layers"][0]["basis_amount"], told["layers"][0]["amount"]) == (None, None)
    assert answer(hts="0702.00.20.66", origin="MX", quantity="3", unit="t")["exit"] == 0


def test_a_fact_that_the_law_needs_gives_a_question_and_a_range() -> None:
    told = answer(hts="8708.29.51.60")
    assert told["exit"] == 3
    assert told["outcome"] == "undetermined"
    assert told["total_duty"] is None
    low, high = map(Decimal, told["duty_range"])
    assert low < high
    assert {item["fact"] for item in told["questions"]} >= {"aluminum_value"}
    code, text, _ = run("duty", "--format", "md", hts="8708.29.51.60")
    assert code == 3
    assert f"duty range: USD {told['duty_range'][0]} to {told['duty_range'][1]}" in text


def test_the_reproduce_line_gives_the_same_answer() -> None:
    told = answer(claim="USMCA", mode="truck")
    words = told["reproduce"].split()
    assert words[:2] == ["advalorem", "duty"]
    again = CliRunner().invoke(app, [*words[1:], "--format", "json"])
    told.pop("exit")
    assert json.loads(again.stdout) == told


def test_explain_says_the_ledger_in_words() -> None:
    told = answer()
    code, out, _ = run("explain", "--format", "json")
    assert code == 0
    said = json.loads(out)
    charged = [item for item in said if item["topic"] == "charged"]
    assert len(charged) == len(told["layers"])
    for item, line in zip(charged, told["layers"], strict=True):
        assert item["citation"] == line["citation"]
        assert f"USD {line['amount']}" in item["text"]
        assert line["in_force_from"] is None or line["in_force_from"] in item["text"]
    assert len([i for i in said if i["topic"] == "not applied"]) == len(told["not_applied"])
    assert said[-1]["text"] == told["reproduce"]


def test_explain_leaves_with_the_exit_code_of_duty() -> None:
    assert run("explain", hts="8708.29.51.60")[0] == 3
    assert run("explain", value="-1")[0] == 2


def test_prohibited_goods_leave_with_exit_code_4() -> None:
    from advalorem.cli.shipment import exit_code

    assert [exit_code(word) for word in ("assessed", "undetermined", "prohibited")] == [0, 3, 4]


def test_one_duty_loads_no_charts_and_no_solver() -> None:
    words = [word for pair in STEEL.items() for word in pair]
    script = (
        "import sys\nfrom advalorem.cli.main import app\n"
        f"try:\n    app(['duty', '--format', 'json', *{words!r}])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'altair', 'pandas', 'jax', 'scipy', 'great_tables', 'rich.table'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("[]")
