"""Plans gathered give what each row gives by itself, whatever the order and the cut."""

from __future__ import annotations

import os
from datetime import date

import numpy as np
import pytest
from batch_cases import table

from advalorem.batch.cache import NEWEST, open_packed, open_rater, save
from advalorem.batch.cells import Reading
from advalorem.batch.charges import FIELDS
from advalorem.batch.completions import bounds
from advalorem.batch.fees import total_fees
from advalorem.batch.intake import Intake
from advalorem.batch.part import rate_part
from advalorem.batch.rater import Rater
from advalorem.batch.slow import rate_slowly
from advalorem.batch.tables import shipments
from advalorem.duty.answer import rate
from advalorem.duty.completions import complete
from advalorem.duty.fees import FeeCase, fees_of
from advalorem.duty.ledger import INVALID, OUTCOMES, UNDETERMINED
from advalorem.duty.problems import InputError
from advalorem.duty.shipments import MODES
from advalorem.schedule.build import build_schedule

IMPORTER = "US"


@pytest.fixture(scope="module")
def frame(law):
    return table(law, 3000, seed=4)


@pytest.fixture(scope="module")
def fields(frame):
    return {name: name for name in frame.columns}


@pytest.fixture(scope="module")
def read(law, rater, frame, fields):
    return reader(law, rater, fields).read(frame)


@pytest.fixture(scope="module")
def rated(rater, read):
    return rater.rate(read.shipments, read.place)


def reader(law, rater, fields):
    chapters = tuple(law.columns[IMPORTER].claimed_chapters)
    return Intake(law, fields, Reading(), rater.codes, chapters)


def valid(rated):
    return rated.outcome != INVALID


def test_gathered_equals_row_by_row(law, rater, read, rated):
    slow = rate_slowly(law, IMPORTER, read.shipments, rater.known_on)
    np.testing.assert_array_equal(rated.outcome, slow.outcome)
    sound = valid(rated)
    for name in ("low", "high", "open_", "asked", "split", "claimed", "freed"):
        mine, plain = getattr(rated, name)[sound], getattr(slow, name)[sound]
        np.testing.assert_array_equal(mine, plain, err_msg=name)


def test_reaches_every_outcome(rated):
    counts = dict(zip(OUTCOMES, np.bincount(rated.outcome, minlength=5), strict=True))
    assert counts["assessed"] > 500 and counts["undetermined"] > 100 and counts["invalid"] > 20


def test_order_and_cut_change_nothing(law, rater, read, rated):
    other = Rater(law, IMPORTER, rater.known_on)
    for part in np.array_split(np.random.default_rng(5).permutation(len(rated.outcome)), 4):
        again = other.rate(read.shipments.take(part))
        sound = valid(again)
        for name in FIELDS:
            mine, theirs = getattr(again, name)[sound], getattr(rated, name)[part][sound]
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
        np.testing.assert_array_equal(again.outcome, rated.outcome[part])


def test_bounds_equal_the_search_row_by_row(law, rater, read, rated):
    day = date(2025, 8, 20)
    schedule = build_schedule(law, IMPORTER, day, rater.known_on)
    in_epoch = (read.shipments.day >= schedule.from_.toordinal()) & (
        read.shipments.day < schedule.until.toordinal()
    )
    here = np.flatnonzero((rated.outcome == UNDETERMINED) & in_epoch)[:60]
    assert len(here) > 20
    rows = read.shipments.take(here)
    fast, slow = bounds(schedule, rows), complete(law, IMPORTER, rows, rater.known_on)
    np.testing.assert_array_equal(fast.low, slow.low)
    np.testing.assert_array_equal(fast.high, slow.high)
    np.testing.assert_array_equal(fast.asked.open_, slow.open_)
    names = list(law.facts)
    for bits, facts in zip(fast.asked.facts.tolist(), slow.facts, strict=True):
        assert {name for at, name in enumerate(names) if bits >> at & 1} == facts


def test_same_answer_as_one_shipment(law, rater, frame, fields):
    part = rate_part(rater, reader(law, rater, fields), frame)
    refused = set(part.rejects["row"].to_list())
    rows = iter(part.table.iter_rows(named=True))
    asked = 0
    for number, given in enumerate(frame.iter_rows(named=True), 1):
        row = None if number in refused else next(rows)
        if number % 37:
            continue
        request = {name: value or None for name, value in given.items()}
        try:
            reply = rate(importer=IMPORTER, law=law, **request)
        except InputError:
            assert row is None, given
            continue
        assert row is not None, given
        assert row["outcome"] == reply.outcome, given
        assert str(row["total_fees"]) == reply.total_fees, given
        if reply.total_duty is None:
            low, high = reply.duty_range
            assert (str(row["duty_min"]), row["total_duty"]) == (low, None), given
            assert (None if row["duty_max"] is None else str(row["duty_max"])) == high, given
            asked += 1
        else:
            assert str(row["total_duty"]) == reply.total_duty, given
        assert row["questions"] == ";".join(question.fact for question in reply.questions)
    assert asked >= 3


def test_facts_are_read_and_used(law, rater, frame, fields):
    some = frame.head(300).with_columns(steel_value=frame["value"].head(300))
    named = {**fields, "steel_value": "steel_value"}
    intake = reader(law, rater, named)
    read = intake.read(some)
    rated = rater.rate(read.shipments, read.place)
    slow = rate_slowly(law, IMPORTER, read.shipments, rater.known_on)
    np.testing.assert_array_equal(rated.outcome, slow.outcome)
    bit = 1 << list(law.facts).index("steel_value")
    assert not (rated.asked & bit).any()


def test_sums_add_up(law, rater, frame, fields):
    part = rate_part(rater, reader(law, rater, fields), frame)
    assessed = part.table.filter(part.table["outcome"] == "assessed")
    assert part.sums.duty == int(assessed["total_duty"].sum() * 100)
    assert sum(part.sums.authorities.values()) == part.sums.duty
    assert part.sums.rows == frame.height == part.table.height + part.rejects.height
    assert part.sums.fees == int(part.table["total_fees"].sum() * 100)


def test_fees_equal_one_by_one(law, rater, read, rated):
    none = np.zeros(len(rated.claimed), dtype=np.int64)
    together = total_fees(law, IMPORTER, read.shipments, rated.claimed, none, rater.known_on)
    claims = list(law.claims)
    for row in range(0, len(together), 11):
        mode, claim = int(read.shipments.mode[row]), int(rated.claimed[row])
        case = FeeCase(
            importer=IMPORTER,
            on=date.fromordinal(int(read.shipments.day[row])),
            value=int(read.shipments.value[row]),
            mode=MODES[mode] if mode >= 0 else None,
            claim=claims[claim] if claim >= 0 else None,
        )
        alone = sum(line.amount for line in fees_of(law, case, rater.known_on))
        assert together[row] == alone


def test_what_was_decided_is_kept(law, rater, read, rated, tmp_path):
    first = open_rater(law, IMPORTER, rater.known_on, tmp_path)
    half = read.shipments.take(np.arange(len(rated.outcome) // 2))
    first.rate(half)
    assert first.grown and save(first, tmp_path).exists()
    again = open_rater(law, IMPORTER, rater.known_on, tmp_path)
    found = again.rate(half)
    assert not again.grown
    whole = again.rate(read.shipments)
    for name in FIELDS:
        sound = valid(rated)
        np.testing.assert_array_equal(getattr(whole, name)[sound], getattr(rated, name)[sound])
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name)[: len(half)])
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(path.read_bytes()[:1000])
    damaged = open_rater(law, IMPORTER, rater.known_on, tmp_path).flat
    assert len(damaged.block) == len(open_packed(law, IMPORTER, rater.known_on, False).flat.block)
    assert len(damaged.block) < len(first.flat.block)


def test_only_the_newest_kept_files_stay(law, rater, read, tmp_path):
    for number in range(NEWEST + 3):
        old = tmp_path / f"law-{number}.npz"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    fresh = open_rater(law, IMPORTER, rater.known_on, tmp_path)
    fresh.rate(read.shipments.take(np.arange(50)))
    written = save(fresh, tmp_path)
    left = {path.name for path in tmp_path.glob("*.npz")}
    newest = {f"law-{number}.npz" for number in range(4, NEWEST + 3)}
    assert left == newest | {written.name}


def test_pages_asked_twice_are_decided_whole(law, rater, read, rated):
    other = Rater(law, IMPORTER, rater.known_on)
    for part in np.array_split(np.arange(len(rated.outcome)), 6):
        again = other.rate(read.shipments.take(part))
        np.testing.assert_array_equal(again.outcome, rated.outcome[part])
        sound = valid(again)
        np.testing.assert_array_equal(again.low[sound], rated.low[part][sound])
        np.testing.assert_array_equal(again.high[sound], rated.high[part][sound])


def test_rates_in_thirds_are_exact(law, rater):
    """33 1/3 % of 10,000,000.00 is 3,333,333.33, which no rate of six decimals gives."""
    day = date(2025, 8, 20)
    schedule = build_schedule(law, IMPORTER, day, rater.known_on)
    lines = np.flatnonzero(schedule.column2.thirds > 0)[:5]
    origin = int(np.flatnonzero(schedule.column2_origins)[0])
    rows = shipments(schedule.lines[lines], np.zeros(len(lines), dtype=bool), schedule)
    rows.value[:], rows.origin[:], rows.day[:] = 1_000_000_000, origin, day.toordinal()
    slow = rate_slowly(law, IMPORTER, rows, rater.known_on)
    assert len(lines) and (slow.low % 10 == 3).any()
    np.testing.assert_array_equal(rater.rate(rows).low, slow.low)
