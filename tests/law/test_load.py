"""A law file that does not fit stops the build with file, line and reason."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from advalorem.law.errors import LawError
from advalorem.law.load import COMPILED, LAWBOOK, Compiled, digest, read_lawbook
from advalorem.law.model import Instrument, Value
from advalorem.law.timeline import timeline, value_on

FILE = "usa/ieepa/fentanyl_mexico.yaml"


@pytest.fixture
def folder(tmp_path):
    target = tmp_path / "lawbook"
    shutil.copytree(LAWBOOK, target)
    return target


def broken(folder, old, new, name=FILE):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(LawError) as error:
        read_lawbook(folder)
    return str(error.value), f"{path}:{line}:"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("authority: ieepa_fentanyl", "authority: nobody", "unknown authority 'nobody'"),
        ("rate: 25%", "rate: a quarter", "is not a rate"),
        ("origins: [MX]", "origins: [XX]", "unknown country or group 'XX'"),
        ("importer: US", "importers: US", "unknown field"),
    ],
)
def test_error_names_file_line_and_reason(folder, old, new, reason):
    message, where = broken(folder, old, new)
    assert where in message
    assert reason in message


def test_uncited_value_does_not_load(folder):
    message, where = broken(folder, "act: eo-14232", "act: eo-99999")
    assert where in message
    assert "uncited value: unknown act 'eo-99999'" in message


def test_not_yaml(folder):
    (folder / FILE).write_text("measure: [", encoding="utf-8")
    with pytest.raises(LawError, match=r"fentanyl_mexico\.yaml:\d+: not YAML"):
        read_lawbook(folder)


def test_bad_list_row(folder):
    path = folder / "usa/lists/fentanyl_potash.csv"
    path.write_text(path.read_text() + "310x,2025-03-07,,eo-14231,\n")
    with pytest.raises(LawError, match=r"fentanyl_potash\.csv:\d+: bad code"):
        read_lawbook(folder)


def test_every_value_is_cited(law):
    for measure in law.measures.values():
        for provision in measure.provisions:
            assert provision.values, (measure.measure, provision.id)
            assert all(value.act in law.instruments for value in provision.values)


def test_acts_have_a_place_in_print(law):
    assert [act.id for act in law.instruments.values() if not act.cite.strip()] == []


def test_compiled_law_is_current(law):
    import msgspec

    compiled = msgspec.msgpack.decode(COMPILED.read_bytes(), type=Compiled)
    assert compiled.digest == digest(LAWBOOK), "run `make law`"
    assert compiled.book == read_lawbook(LAWBOOK)


def act(name, announced):
    return Instrument(id=name, title=name, kind="order", announced=announced, cite=name)


ACTS = {
    "order": act("order", date(2025, 2, 1)),
    "pause": act("pause", date(2025, 2, 3)),
    "rise": act("rise", date(2025, 7, 31)),
    "back": act("back", date(2025, 9, 16)),
}


def test_retroactive_act_changes_the_first_clock_only():
    values = [
        Value(from_=date(2025, 3, 4), rate="25%", act="order"),
        Value(from_=date(2025, 8, 7), rate="15%", act="back"),
    ]
    on = date(2025, 8, 20)
    before = value_on(timeline(values, ACTS, date(2025, 9, 15)), on)
    after = value_on(timeline(values, ACTS, date(2025, 9, 16)), on)
    assert (before.value.rate, after.value.rate) == ("25%", "15%")


def test_pause_covers_its_days_only():
    values = [
        Value(from_=date(2025, 2, 4), rate="25%", act="order"),
        Value(from_=date(2025, 2, 4), until=date(2025, 3, 4), ends="suspended", act="pause"),
        Value(from_=date(2025, 8, 1), rate="35%", act="rise"),
    ]
    spans = timeline(values, ACTS, date(2026, 1, 1))
    found = [(s.from_, s.until, s.value.rate or s.value.ends) for s in spans]
    assert found == [
        (date(2025, 2, 4), date(2025, 3, 4), "suspended"),
        (date(2025, 3, 4), date(2025, 8, 1), "25%"),
        (date(2025, 8, 1), date.max, "35%"),
    ]
    assert value_on(spans, date(2025, 2, 3)) is None
