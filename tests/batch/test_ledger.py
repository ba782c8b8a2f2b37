"""The ledger of a file is that of the kernel, row by row, and adds up to the duty of each row."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import polars as pl
import pytest
from batch_cases import table

from advalorem.batch.cache import open_rater, save
from advalorem.batch.ledger import COLUMNS, Lines, ledger_lines
from advalorem.batch.rater import Rater
from advalorem.batch.run import Job, rate_file, rate_folder
from advalorem.batch.sources import open_source
from advalorem.batch.words import provision_codes, relation_numbers
from advalorem.duty.answer import rate
from advalorem.duty.assess import assess
from advalorem.duty.ledger import ASSESSED, PROHIBITED
from advalorem.duty.shipments import Shipments

IMPORTER = "US"
STEEL = "7208510030"


def quiet(rows: int) -> None:
    return None


@pytest.fixture(scope="module")
def frame(law):
    odd = pl.DataFrame({
        "hts": [STEEL, STEEL, "8703230190", "2402201000"], "origin": ["CA", "RU", "JP", "DE"],
        "as_of": ["2025-08-20"] * 4, "value": ["1000000000.01"] * 4, "claim": ["USMCA", "", "", ""],
        "quantity": ["", "5", "2", "10"], "mode": [""] * 4,
    })  # fmt: skip
    return pl.concat([table(law, 2500, seed=31), odd])


@pytest.fixture(scope="module")
def keeper(law):
    return Rater(law, IMPORTER, law.newest_act, detail=True)


@pytest.fixture(scope="module")
def made(law, options, frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    frame.write_csv(folder / "in.csv")
    kept = dataclasses.replace(options, ledger=True, rows=700)
    rate_file(law, open_source(folder / "in.csv"), str(folder / "out.parquet"), kept, quiet)
    return folder


def rows_of(frame: pl.DataFrame, law) -> Shipments:
    from advalorem.duty.intake import read_shipments

    columns = {name: [cell or None for cell in frame[name].to_list()] for name in frame.columns}
    return read_shipments(law, columns).shipments


def as_kernel(law, rows: Shipments, settled: np.ndarray) -> set[tuple[int, ...]]:
    """Lines of the kernel's ledger for the settled rows, numbered by the law."""
    ledger = assess(law, IMPORTER, rows, law.newest_act)
    codes, relations = provision_codes(law, IMPORTER), relation_numbers(law)
    found = set()
    for at, row in enumerate(ledger.row.tolist()):
        if not settled[row]:
            continue
        layer, by = ledger.layers[ledger.layer[at]], int(ledger.by[at])
        rule = layer.rule
        name = f"{rule.measure.measure}/{rule.provision.id}" if rule else layer.kind
        relation = relations[layer.schedule.yields[by].relation.id] if by >= 0 else -1
        numbers = (ledger.reason, ledger.base, ledger.rate, ledger.specific, ledger.amount)
        told = [int(column[at]) for column in numbers]
        found.add((row, codes.index(name), told[0], relation, *told[1:]))
    return found


def as_rows(lines: Lines) -> list[tuple[int, ...]]:
    return list(zip(*(getattr(lines, name).tolist() for name in COLUMNS), strict=True))


def test_lines_are_those_of_the_kernel(law, keeper, frame):
    rows = rows_of(frame, law)
    rated = keeper.rate(rows)
    kernel = assess(law, IMPORTER, rows, law.newest_act)
    settled = np.isin(kernel.outcome, (ASSESSED, PROHIBITED))
    mine = as_rows(ledger_lines(keeper, rows, keeper.place(rows), rated))
    assert len(set(mine)) == len(mine)
    assert {line for line in mine if settled[line[0]]} == as_kernel(law, rows, settled)
    assert settled.sum() > 1500


def test_the_ledger_adds_up_to_the_duty_of_each_row(made, frame):
    rated = pl.read_parquet(made / "out.parquet")
    ledger = pl.read_parquet(made / "out.parquet.ledger")
    refused = pl.read_csv(made / "out.parquet.rejects")["row"]
    numbers = pl.Series("row", np.setdiff1d(np.arange(1, frame.height + 1), refused))
    owed = rated.with_columns(numbers.cast(pl.Int64)).select(
        "row", cents=(pl.col("total_duty") * 100).cast(pl.Int64)
    )
    sums = ledger.group_by("row").agg(pl.col("amount").sum())
    both = owed.join(sums, on="row", how="full", coalesce=True)
    settled = both.filter(pl.col("cents").is_not_null())
    assert settled["cents"].to_list() == settled["amount"].fill_null(0).to_list()
    assert both.filter(pl.col("cents").is_null())["amount"].null_count() == (
        both["cents"].null_count()
    )
    assert ledger["row"].is_sorted() and ledger.filter(pl.col("reason") == "displaced").height


def test_one_row_reads_as_duty_says(law, made):
    """Steel of Canada on 2025-08-20: 50 % under section 232, the fentanyl duty displaced."""
    line = pl.read_parquet(made / "out.parquet.ledger").filter(pl.col("row") == 2501)
    reply = rate(hts=STEEL, origin="CA", as_of=date(2025, 8, 20), value="1000000000.01",
                 claim="USMCA")  # fmt: skip
    paid = {name.split("/")[0]: cents for name, cents in line.filter(pl.col("amount") > 0)
            .select("provision", "amount").cast({"provision": pl.String}).iter_rows()}  # fmt: skip
    said = {each.measure: round(float(each.amount) * 100) for each in reply.layers
            if float(each.amount) > 0}  # fmt: skip
    assert paid == said and paid["usa.s232.steel"] == 50_000_000_001


def test_undetermined_rows_have_no_lines(made, frame):
    rated = pl.read_parquet(made / "out.parquet")
    assert rated.filter(pl.col("outcome") == "undetermined").height > 50


def test_parts_of_a_folder_give_the_same_lines(law, options, made, frame, tmp_path):
    frame.write_parquet(tmp_path / "in.parquet")
    kept = dataclasses.replace(options, ledger=True, rows=333)
    job = Job((open_source(tmp_path / "in.parquet"),), str(tmp_path / "out"), "csv", kept,
              law.version)  # fmt: skip
    rate_folder(law, job, quiet)
    parts = pl.read_parquet(tmp_path / "out.ledger")
    assert parts.equals(pl.read_parquet(made / "out.parquet.ledger"))


def test_what_was_kept_gives_the_same_lines(law, keeper, frame, tmp_path):
    rows = rows_of(frame, law)
    place = keeper.place(rows)
    mine = as_rows(ledger_lines(keeper, rows, place, keeper.rate(rows)))
    save(keeper, tmp_path)
    other = open_rater(law, IMPORTER, law.newest_act, tmp_path, detail=True)
    assert len(other.flat.priced)
    assert as_rows(ledger_lines(other, rows, place, other.rate(rows))) == mine


def test_facts_and_content_go_through_the_kernel(law, options, tmp_path):
    """Rows that state facts have lines too, and these add up."""
    rows = pl.DataFrame({
        "hts": ["9403200078", "8516604078", STEEL], "origin": ["CN", "CN", "JP"],
        "as_of": ["2025-08-20"] * 3, "value": ["1000.00", "2500.50", "99.99"],
        "steel_value": ["200.00", "100.01", ""], "melt_pour_country": ["", "", "US"],
    })  # fmt: skip
    rows.write_csv(tmp_path / "in.csv")
    kept = dataclasses.replace(options, ledger=True)
    rate_file(law, open_source(tmp_path / "in.csv"), str(tmp_path / "o.parquet"), kept, quiet)
    rated = pl.read_parquet(tmp_path / "o.parquet")
    sums = (
        pl.read_parquet(tmp_path / "o.parquet.ledger").group_by("row").agg(pl.col("amount").sum())
    )
    assert rated["outcome"].to_list().count("assessed") >= 2
    for row, owed in enumerate(rated["total_duty"].to_list(), start=1):
        if owed is not None:
            assert sums.filter(pl.col("row") == row)["amount"].to_list() == [int(owed * 100)]
