"""What one shipment is told or refused, the rows of a file are too."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from typer.testing import CliRunner

from advalorem.batch.compare import Side, compare_file
from advalorem.batch.run import rate_file
from advalorem.batch.sources import open_source
from advalorem.cli.main import app
from advalorem.duty.answer import rate
from advalorem.duty.background import notice_words, order_words
from advalorem.duty.problems import InputError
from advalorem.law.errors import CoverageError
from advalorem.schedule.ordinary import lines_on

CODES = ("7208510030", "2709001000", "0302110010", "7108110000", "7601203000", "2844200010",
         "4202923131", "9701210000", "2204215005")  # fmt: skip
HEAD = "hts,origin,as_of,value,quantity,unit,mode\n"


@pytest.fixture(scope="module")
def rows(law):
    """Goods of every origin with a notice, on days before, on and after its first and last."""
    rng, lines = random.Random(2), []
    for notice in law.notices:
        origins = [name for name in notice.origins if name != "all"] or ["VN", "CN"]
        days = [notice.from_, notice.until or date(2026, 5, 1)]
        for origin in origins:
            for _ in range(20):
                day = rng.choice(days) + timedelta(days=rng.randrange(-2, 3))
                day = max(day, date(2025, 1, 1))
                lines.append((rng.choice(CODES), origin, day.isoformat(), rng.choice((500, 5000)),
                              rng.choice(("", "post", "post", "air"))))  # fmt: skip
    codes = [f"{code:010d}" for code in lines_on("US", date(2025, 8, 20)).codes.tolist()]
    for order in law.orders:
        under = [code for code in codes if code.startswith(tuple(order.codes))]
        for origin in (order.origin, "DE"):
            lines.append((rng.choice(under or codes), origin, "2025-08-20", 500, ""))
    return [dict(zip(("hts", "origin", "as_of", "value", "mode"), line, strict=True))
            | {"quantity": "10", "unit": ""} for line in dict.fromkeys(lines)]  # fmt: skip


def written(path, rows):
    names = HEAD.strip().split(",")
    path.write_text(HEAD + "".join(",".join(str(r[n]) for n in names) + "\n" for r in rows))
    return path


def titles(law) -> dict[str, str]:
    """Titles of notices and orders by their words."""
    words = {notice_words(notice): notice.title for notice in law.notices}
    return words | {order_words(each): f"{each.kind} order {each.case_no}" for each in law.orders}


def alone(law, row):
    """What the answer to one shipment says: its outcome and the notices among its warnings."""
    given = {name: value or None for name, value in row.items()}
    reply = rate(importer="US", law=law, **given)
    words = titles(law)
    return [words[text] for text in reply.warnings if text in words], reply.outcome


def test_notices_and_refusals_are_those_of_one_shipment(law, options, rows, tmp_path):
    out = tmp_path / "o.csv"
    path = written(tmp_path / "a.csv", rows)
    sums = rate_file(law, open_source(path), str(out), replace(options, notices=True),
                     lambda _: None)  # fmt: skip
    told = iter(pl.read_csv(out, infer_schema=False).rows(named=True))
    refused = {r["row"]: r for r in pl.read_csv(f"{out}.rejects").rows(named=True)}
    counts: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        try:
            told_alone, outcome = alone(law, row)
        except CoverageError as error:
            why = refused[number]
            words = f"{why['field']}: {row['origin']!r}: {why['reason']}; {why['remedy']}"
            assert words == str(error), row
            continue
        except InputError as error:
            assert str(error).startswith(refused[number]["field"]), row
            continue
        mine = next(told)
        assert mine["outcome"] == outcome, row
        if outcome == "assessed":
            assert mine["notices"] == ("; ".join(told_alone) or None), row
        counts.update((mine["notices"] or "").split("; "))
    del counts[""]
    assert {titles(law)[words]: count for words, count in sums.notices.items()} == counts
    assert {n.title for n in law.notices if n.kind != "inside"} <= set(counts)
    assert sum(name.split()[1] == "order" for name in counts) > len(law.orders) // 2
    assert any("customs territory" in r["reason"] for r in refused.values())


def test_a_file_without_notices_has_its_six_columns(law, options, rows, tmp_path):
    path, out = written(tmp_path / "a.csv", rows[:20]), tmp_path / "o.csv"
    rate_file(law, open_source(path), str(out), options, lambda _: None)
    assert out.read_text().splitlines()[0].endswith(",questions")


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    "words", [["--importer", "GB"], ["--known-on", "2020-01-01"]], ids=["importer", "known_on"]
)
def test_what_is_not_coded_is_refused_as_for_one_shipment(tmp_path, rows, words):
    path = written(tmp_path / "a.csv", rows[:3])
    one = run("duty", "--hts", CODES[0], "--origin", "CA", "--as-of", "2025-08-20",
              "--value", "100", *words)  # fmt: skip
    for verb in ("batch", "refund"):
        many = run(verb, path, "--out", tmp_path / "o.csv", *words)
        assert (many.exit_code, many.output) == (one.exit_code, one.output)
        assert many.exit_code == 2 and not (tmp_path / "o.csv").exists()


def test_origins_exchanged_for_one_that_is_refused(law, options, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("hts,origin,as_of,value\n7208510030,MX,2025-08-20,100\n")
    result = run("compare", path, "--origin", "MX=PR")
    assert result.exit_code == 2 and "customs territory" in result.output
    names = [country.iso2 for country in law.countries]
    sides = (Side(), Side(origins={names.index("MX"): names.index("CA")}))
    totals = compare_file(law, open_source(path), str(tmp_path / "o.csv"), options, sides)
    assert totals.both == 1


def test_what_a_total_leaves_out_is_said(tmp_path, rows):
    path = written(tmp_path / "a.csv", rows[:3])
    result = run("batch", path, "--out", "-", "--importer", "CA")
    assert "note: Canada's ordinary customs duty" in result.stderr
