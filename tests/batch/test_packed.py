"""The law decided beforehand is the present law, and gives what the kernel gives row by row."""

from __future__ import annotations

import json

import numpy as np
import pytest
from batch_cases import table

from advalorem.batch.cache import code_digest, open_packed, open_rater, packed_path, stamp_of
from advalorem.batch.cells import Reading
from advalorem.batch.charges import FIELDS
from advalorem.batch.intake import Intake
from advalorem.batch.ledger import ledger_lines
from advalorem.batch.lookup import blocks_of, cells
from advalorem.batch.plans import HARD, UNDECIDED
from advalorem.batch.rater import Rater
from advalorem.batch.slow import rate_slowly
from advalorem.batch.stored import read_rater, write_rater
from advalorem.batch.whole import share
from advalorem.duty.ledger import INVALID, UNDETERMINED
from advalorem.duty.shipments import MODES, NOT_STATED, Shipments

IMPORTER = "US"
REMEDY = "the law or the kernel changed: run tools/build_decided.py and commit its file"


@pytest.fixture(scope="module")
def packed(law):
    rater = open_packed(law, IMPORTER, law.newest_act, detail=True)
    assert rater is not None, REMEDY
    return rater


def anything(law, rater, size, seed, modes=False):
    """Random shipments over all codes, countries, days and claims, with a mode if asked for."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(rater.codes, size)
    none = np.full(size, -1)
    mode = rng.integers(-1, len(MODES), size) if modes else none
    claim = np.where(rng.random(size) < 0.5, -1, rng.integers(0, len(law.claims), size))
    usmca = rng.random(size) < 0.2
    partners = [n for n, c in enumerate(law.countries) if c.iso2 in ("CA", "MX")]
    origin = rng.integers(0, len(law.countries), size)
    return Shipments(
        code=codes // 2,
        eight=codes % 2 == 1,
        origin=np.where(usmca, rng.choice(partners, size), origin),
        day=rng.integers(int(rater.days[0]), int(rater.days[-1]) + 200, size),
        value=np.floor(np.exp(rng.normal(9, 3, size)) * 100).astype(np.int64) + 1,
        claim=np.where(usmca, list(law.claims).index("USMCA"), claim),
        mode=mode,
        quantity=np.where(rng.random(size) < 0.3, NOT_STATED, rng.integers(1, 10**9, size)),
        unit=np.zeros(size, dtype=np.int64),
    )


def pages_of(rater):
    size = int(rater.product.max()) + 1
    starts = range(0, len(rater.flat.block), blocks_of(size))
    return np.stack([rater.flat.plan[cells(rater.flat, start, size)] for start in starts])


def equal(one, other, names=FIELDS):
    np.testing.assert_array_equal(one.outcome, other.outcome)
    sound = one.outcome != INVALID
    for name in names:
        mine, theirs = getattr(one, name)[sound], getattr(other, name)[sound]
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


def test_is_of_the_present_law(law, packed):
    assert packed.codes.size and packed.known_on == law.newest_act


@pytest.mark.parametrize("detail", [True, False])
def test_is_of_the_present_program(detail):
    """A kernel that was mended after packing must not leave old answers behind."""
    with np.load(packed_path(IMPORTER, detail)) as file:
        notes = json.loads(file["notes"].tobytes())
    assert notes["code"] == code_digest(), REMEDY


def test_equals_the_kernel_row_by_row_and_decides_nothing_anew(law, packed):
    rows = anything(law, packed, 4000, seed=81)
    ship = np.arange(len(rows)) % 2 == 0
    rows.mode[ship] = MODES.index("vessel")
    before = packed.grown
    rated = packed.rate(rows)
    slow = rate_slowly(law, IMPORTER, rows, packed.known_on)
    names = ("low", "high", "open_", "asked", "split", "claimed", "freed")
    np.testing.assert_array_equal(rated.outcome, slow.outcome)
    sound = rated.outcome != INVALID
    for name in names:
        np.testing.assert_array_equal(getattr(rated, name)[sound], getattr(slow, name)[sound])
    assert packed.grown == before
    assert (rated.outcome == UNDETERMINED).sum() > 100


@pytest.mark.parametrize("detail", [True, False])
def test_every_page_is_decided_and_none_stands_twice(law, detail):
    packed = open_packed(law, IMPORTER, law.newest_act, detail)
    pages = pages_of(packed)
    assert not (pages[0] != UNDECIDED).any()
    assert not (pages[1:] == UNDECIDED).any()
    assert len(np.unique(pages, axis=0)) == len(pages)
    assert (pages == HARD).mean() < 0.01


def test_other_law_does_not_use_it(law, tmp_path):
    stamp = stamp_of(law, IMPORTER, law.newest_act)
    path = packed_path(IMPORTER)
    assert read_rater(path, law, IMPORTER, law.newest_act, False, stamp) is not None
    assert read_rater(path, law, IMPORTER, law.newest_act, False, stamp.replace("US", "CA")) is None
    day = law.newest_act.replace(year=law.newest_act.year - 1)
    assert open_packed(law, IMPORTER, day, detail=False) is None
    assert not open_rater(law, IMPORTER, day, tmp_path).flat.priced.size


def test_undecided_pages_are_not_shared(law, tmp_path):
    rater = Rater(law, IMPORTER, law.newest_act)
    rater.rate(anything(law, rater, 5, seed=2))
    with pytest.raises(ValueError, match="decided"):
        share(rater)


def test_with_lines_and_without_say_the_same(law, packed):
    plain = open_packed(law, IMPORTER, law.newest_act, detail=False)
    rows = anything(law, packed, 50_000, seed=3)
    names = [name for name in FIELDS if name != "reason"]
    equal(plain.rate(rows), packed.rate(rows), names)
    assert len(plain.plans.plans) * 4 < len(packed.plans.plans)
    assert plain.plans.forms.sheets is None


def test_grows_where_the_mode_is_stated(law, tmp_path):
    fresh, packed = (
        Rater(law, IMPORTER, law.newest_act),
        open_packed(law, IMPORTER, law.newest_act, detail=False),
    )
    frame = table(law, 1500, seed=9)
    chapters = tuple(law.columns[IMPORTER].claimed_chapters)
    fields = {name: name for name in frame.columns}
    read = Intake(law, fields, Reading(), fresh.codes, chapters).read(frame)
    assert (read.shipments.mode >= 0).any()
    equal(packed.rate(read.shipments), fresh.rate(read.shipments))
    write_rater(packed, tmp_path / "kept.npz")
    again = read_rater(tmp_path / "kept.npz", law, IMPORTER, law.newest_act, False)
    equal(again.rate(read.shipments), fresh.rate(read.shipments))


@pytest.mark.slow
def test_equals_what_is_decided_afresh(law, packed):
    fresh = Rater(law, IMPORTER, law.newest_act, detail=True)
    rows = anything(law, packed, 60_000, seed=12)
    place = packed.place(rows)
    mine, theirs = (each.rate(rows, place) for each in (packed, fresh))
    equal(mine, theirs)
    lines = [ledger_lines(each, rows, place, rated)
             for each, rated in ((packed, mine), (fresh, theirs))]  # fmt: skip
    for name in ("row", "provision", "reason", "by", "basis", "rate", "specific", "amount"):
        np.testing.assert_array_equal(getattr(lines[0], name), getattr(lines[1], name))
