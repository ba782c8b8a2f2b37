"""Every difference with the trackers has its disposition, and our side of it is recomputed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from standing import book, ordinary, rates, standing

from advalorem.duty.answer import rate
from advalorem.law.history import status_of

PAGE = Path(__file__).parents[2] / "docs" / "disagreements.md"
SIDES = {"trackers", "Yale", "fork", "TW", "text", "convention", "open"}

FENTANYL, RECIPROCAL = "ieepa_fentanyl", "ieepa_reciprocal"
METALS, AUTOS, CHINA = "s232_metals", "s232_autos", "s301_china"

# row, authority, origin, heading, day, rate ("" where nothing stands)[, day known]
RATES = [
    (1, FENTANYL, "CA", "9903.01.10", "2025-03-03", ""),
    (1, FENTANYL, "CA", "9903.01.10", "2025-03-04", "25%"),
    (1, FENTANYL, "MX", "9903.01.01", "2025-03-03", ""),
    (1, FENTANYL, "MX", "9903.01.01", "2025-03-04", "25%"),
    (2, FENTANYL, "CA", "9903.01.14", "2025-03-06", ""),
    (2, FENTANYL, "CA", "9903.01.14", "2025-03-07", "0%"),
    (3, FENTANYL, "CN", "9903.01.20", "2025-02-03", ""),
    (3, FENTANYL, "CN", "9903.01.20", "2025-03-03", "10%"),
    (3, FENTANYL, "CN", "9903.01.24", "2025-03-04", "20%"),
    (4, FENTANYL, "CA", "9903.01.10", "2025-07-31", "25%"),
    (4, FENTANYL, "CA", "9903.01.10", "2025-08-01", "35%"),
    (5, "s232_steel", "CA", "9903.81.87", "2025-03-11", ""),
    (5, "s232_steel", "CA", "9903.81.87", "2025-03-12", "25%"),
    (5, "s232_aluminum", "CA", "9903.85.02", "2025-03-12", "25%"),
    (6, AUTOS, "MX", "9903.94.01", "2025-04-02", ""),
    (6, AUTOS, "MX", "9903.94.01", "2025-04-03", "25%"),
    (6, "s232_auto_parts", "CN", "9903.94.05", "2025-05-02", ""),
    (6, "s232_auto_parts", "CN", "9903.94.05", "2025-05-03", "25%"),
    (7, RECIPROCAL, "VN", "9903.01.25", "2025-04-04", ""),
    (7, RECIPROCAL, "VN", "9903.01.25", "2025-04-05", "10%"),
    (7, RECIPROCAL, "VN", "9903.01.72", "2025-04-09", "46%"),
    (7, RECIPROCAL, "VN", "9903.01.72", "2025-04-10", ""),
    (8, RECIPROCAL, "CN", "9903.01.63", "2025-04-08", ""),
    (8, RECIPROCAL, "CN", "9903.01.63", "2025-04-09", "84%"),
    (8, RECIPROCAL, "CN", "9903.01.63", "2025-04-10", "125%"),
    (9, RECIPROCAL, "CN", "9903.01.63", "2025-05-13", "125%"),
    (9, RECIPROCAL, "CN", "9903.01.63", "2025-05-14", ""),
    (10, "s232_steel", "MX", "9903.81.87", "2025-06-03", "25%"),
    (10, "s232_steel", "MX", "9903.81.87", "2025-06-04", "50%"),
    (10, "s232_steel", "GB", "9903.81.94", "2025-06-04", "25%"),
    (11, "s232_copper", "CL", "9903.78.01", "2025-07-31", ""),
    (11, "s232_copper", "CL", "9903.78.01", "2025-08-01", "50%"),
    (12, RECIPROCAL, "VN", "9903.02.69", "2025-08-06", ""),
    (12, RECIPROCAL, "VN", "9903.02.69", "2025-08-07", "20%"),
    (12, "ieepa_brazil", "BR", "9903.01.77", "2025-08-05", ""),
    (12, "ieepa_brazil", "BR", "9903.01.77", "2025-08-06", "40%"),
    (13, "ieepa_india", "IN", "9903.01.84", "2025-08-26", ""),
    (13, "ieepa_india", "IN", "9903.01.84", "2025-08-27", "25%"),
    (13, "ieepa_india", "IN", "9903.01.84", "2026-02-07", ""),
    (15, RECIPROCAL, "JP", "9903.02.73", "2025-08-07", "15%"),
    (15, RECIPROCAL, "JP", "9903.02.73", "2025-08-07", "", "2025-09-03"),
    (15, AUTOS, "JP", "9903.94.41", "2025-09-15", ""),
    (15, AUTOS, "JP", "9903.94.41", "2025-09-16", "15%"),
    (16, AUTOS, "DE", "9903.94.51", "2025-07-31", ""),
    (16, AUTOS, "DE", "9903.94.51", "2025-08-01", "15%"),
    (16, AUTOS, "DE", "9903.94.51", "2025-08-01", "", "2025-08-31"),
    (17, "s232_timber", "CA", "9903.76.01", "2025-10-13", ""),
    (17, "s232_timber", "CA", "9903.76.01", "2025-10-14", "10%"),
    (18, "s232_trucks", "MX", "9903.74.01", "2025-10-31", ""),
    (18, "s232_trucks", "MX", "9903.74.01", "2025-11-01", "25%"),
    (19, FENTANYL, "CN", "9903.01.24", "2025-11-09", "20%"),
    (19, FENTANYL, "CN", "9903.01.24", "2025-11-10", "10%"),
    (21, RECIPROCAL, "KR", "9903.02.80", "2025-11-13", ""),
    (21, RECIPROCAL, "KR", "9903.02.80", "2025-11-14", "15%"),
    (21, RECIPROCAL, "KR", "9903.02.80", "2025-11-14", "", "2025-12-03"),
    (21, AUTOS, "KR", "9903.94.61", "2025-11-01", "15%"),
    (22, RECIPROCAL, "CH", "9903.02.58", "2025-11-13", "39%"),
    (22, RECIPROCAL, "CH", "9903.02.83", "2025-11-14", "15%"),
    (22, RECIPROCAL, "CH", "9903.02.83", "2025-11-14", "", "2025-12-17"),
    (23, "s232_semiconductors", "TW", "9903.79.01", "2026-01-14", ""),
    (23, "s232_semiconductors", "TW", "9903.79.01", "2026-01-15", "25%"),
    (24, FENTANYL, "CA", "9903.01.10", "2026-02-23", "35%"),
    (24, FENTANYL, "CA", "9903.01.10", "2026-02-24", ""),
    (26, "s122", "DE", "9903.03.01", "2026-07-23", "10%"),
    (26, "s122", "DE", "9903.03.01", "2026-07-24", ""),
    (27, "s338", "CA", "9903.03.12", "2026-08-21", ""),
    (27, "s338", "CA", "9903.03.12", "2026-08-22", "50%"),
    (27, "s338", "CA", "9903.03.12", "2026-08-19", "50%", "2026-08-17"),
    (29, METALS, "CN", "9903.82.02", "2026-04-05", ""),
    (29, METALS, "CN", "9903.82.02", "2026-04-06", "50%"),
    (29, METALS, "JP", "9903.82.22", "2026-06-07", ""),
    (29, METALS, "JP", "9903.82.22", "2026-06-08", "15%"),
    (38, "s201", "VN", "9903.45.25", "2025-02-06", "14.25%"),
    (38, "s201", "VN", "9903.45.25", "2025-02-07", "14%"),
    (38, "s201", "VN", "9903.45.25", "2026-02-07", ""),
    (41, CHINA, "CN", "9903.88.16", "2025-06-01", ""),
    (43, METALS, "CN", "9903.82.10", "2027-12-31", "15%"),
    (43, METALS, "CN", "9903.82.10", "2028-01-01", ""),
    (46, AUTOS, "TW", "9903.94.01", "2026-06-01", "25%"),
    (46, "s232_auto_parts", "TW", "9903.94.67", "2026-05-01", "15%"),
    (46, "s232_timber", "TW", "9903.76.24", "2026-05-01", "15%"),
    (47, "s232_timber", "JP", "9903.76.01", "2026-01-01", "10%"),
    (47, "s232_timber", "JP", "9903.76.21", "2026-01-01", "15%"),
    (48, CHINA, "CN", "9903.91.04", "2025-12-31", "25%"),
    (48, CHINA, "CN", "9903.91.04", "2026-01-01", ""),
    (48, CHINA, "CN", "9903.91.05", "2025-01-01", "50%"),
    (51, AUTOS, "GB", "9903.94.31", "2025-06-29", ""),
    (51, AUTOS, "GB", "9903.94.31", "2025-06-30", "7.5%"),
    (52, CHINA, "CN", "9903.91.14", "2025-11-09", "100%"),
    (52, CHINA, "CN", "9903.91.14", "2025-11-10", ""),
    (52, CHINA, "CN", "9903.91.14", "2026-11-10", "100%"),
    (52, "s301_nicaragua", "NI", "9903.89.01", "2026-06-01", "0%"),
    (52, "s301_nicaragua", "NI", "9903.89.01", "2027-01-01", "10%"),
    (53, RECIPROCAL, "BA", "9903.01.64", "2025-04-09", "35%"),
    (53, RECIPROCAL, "IN", "9903.01.55", "2025-04-09", "26%"),
    (53, RECIPROCAL, "TH", "9903.01.65", "2025-04-09", "36%"),
    (54, "s232_pharma", "IN", "9903.04.60", "2026-07-30", ""),
    (54, "s232_pharma", "IN", "9903.04.60", "2026-07-31", "100%"),
    (55, RECIPROCAL, "CH", "9903.02.83", "2026-02-23", "15%"),
    (55, RECIPROCAL, "CH", "9903.02.83", "2026-02-24", ""),
    (56, "ieepa_brazil", "BR", "9903.01.90", "2025-11-12", ""),
    (56, "ieepa_brazil", "BR", "9903.01.90", "2025-11-13", "0%"),
    (58, METALS, "RU", "9903.85.67", "2026-05-01", "200%"),
]


def rows() -> dict[int, list[str]]:
    """Return the cells of the page's table by row number."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d+ \|", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[int(cells[0])] = cells[1:]
    return found


@pytest.mark.parametrize("check", RATES, ids=lambda c: f"{c[0]}-{c[2]}-{c[3]}-{c[4]}-{c[6:]}")
def test_our_side_of_a_difference(check: tuple) -> None:
    _, authority, origin, heading, on, rate, *known = check
    day = date.fromisoformat(known[0]) if known else None
    found = rates(authority, origin, heading, date.fromisoformat(on), day)
    assert found == ({rate} if rate else set())


def codes(name: str, since: str | None = None) -> set[str]:
    code_list = book().lists[name]
    day = date.fromisoformat(since).toordinal() if since else None
    pairs = zip(code_list.code, code_list.from_, strict=True)
    return {code for code, start in pairs if day is None or start == day}


def holds(name: str, prefix: str) -> bool:
    """Return whether a list covers everything under a prefix: by it, or by a shorter code."""
    return any(prefix.startswith(code) for code in codes(name))


def check_14() -> None:
    assert len(codes("usa/steel_n", "2025-08-18")) > 300
    assert len(codes("usa/aluminum_k", "2025-08-18")) > 100


def check_20() -> None:
    assert len(codes("usa/reciprocal_annex_ii", "2025-11-13")) > 200


def check_24() -> None:
    law, measure = book(), book().measures["usa.ieepa.reciprocal"]
    days = [date(2026, 2, 19), date(2026, 2, 20), date(2026, 2, 23), date(2026, 2, 24)]
    words = [status_of(law, measure, day, law.newest_act)[0] for day in days]
    assert words == ["in force", "void", "void", "revoked"]


def check_25() -> None:
    assert any("Learning Resources v. Trump" in act.title for act in book().instruments.values())


def s338(month: str) -> list[set[str]]:
    names = (f"s338_alcohol_{month}", "s338_dairy_august", f"s338_motor_vehicles_{month}")
    return [codes(f"usa/{name}") for name in names]


def check_28() -> None:
    assert [len(found) for found in s338("august")] == [63, 52, 439]
    assert [len(found) for found in s338("september")] == [101, 52, 513]


def check_31() -> None:
    exempt = codes("usa/s301_labour_exempt")
    assert (len(exempt), sum(len(code) == 8 for code in exempt)) == (863, 856)


def check_32() -> None:
    provisions = book().measures["usa.s301.forced_labour"].provisions
    forms = {p.heading: p.form for p in provisions}
    assert forms["9903.05.49"] == forms["9903.05.39"] == "up_to_total"
    assert forms["9903.05.31"] == "ad_valorem"


def check_33() -> None:
    quartz = {p.heading for p in book().measures["usa.s201.quartz"].provisions}
    assert {"9903.45.30", "9903.45.31"} <= quartz
    assert not any(p.heading for p in book().measures["usa.s232.polysilicon"].provisions)


def check_34() -> None:
    """Note 38(b): road tractors and goods vehicles over 5 tonnes; lines that mix are apart."""
    assert {code[:6] for code in codes("usa/trucks")} >= {"870121", "870422", "870423", "870432"}
    assert not codes("usa/trucks") & codes("usa/trucks_mixed")
    assert codes("usa/trucks_mixed")


def check_35() -> None:
    (alcohol, _, vehicles), (more, _, others) = s338("august"), s338("september")
    assert (len(more - alcohol), len(others - vehicles)) == (40, 82)


def check_36() -> None:
    assert sum(map(len, s338("august"))) == 554
    assert sum(map(len, s338("september"))) == 666


def check_37() -> None:
    assert {"month", "h2_2025", "2024"} <= set(book().readings["rates.usmca_share"].options)


def check_39() -> None:
    assert set(book().columns["US"].column2_origins) == {"BY", "CU", "KP", "RU"}


def check_40() -> None:
    sizes = [len(codes(f"can/us_2026_{rate}")) for rate in (15, 25, 50)]
    assert sizes == [21, 172, 142]


def check_41() -> None:
    one, two, three = (codes(f"usa/s301_list_{number}") for number in (1, 2, 3))
    assert not one & two
    assert not two & three
    assert not one & three


def check_42() -> None:
    lists = [n for n in book().lists if n.startswith("usa/s232a_") and "metal_chapters" not in n]
    short = ("8471", "8501", "8430", "8702", "732690")
    assert [(n, code) for n in lists for code in short if holds(n, code)] == []


def check_44() -> None:
    assert codes("usa/aluminum_k", "2025-04-04") == {"22030000"}
    assert not holds("usa/aluminum_k", "21069099")


def check_45() -> None:
    assert len(codes("usa/steel_n", "2025-03-12")) == 12
    assert len(codes("usa/steel_n", "2025-06-23")) == 11


def surtax(authority: str, on: date) -> bool:
    return any(True for _ in ordinary(standing(authority, "US", on, book().newest_act)))


def check_49() -> None:
    assert surtax("ca_surtax", date(2025, 8, 31))
    assert not surtax("ca_surtax", date(2025, 9, 1))


def check_50() -> None:
    assert not surtax("ca_steel_quota", date(2025, 9, 1))


def check_57() -> None:
    from test_claims import in_force

    assert in_force("AGOA", "2025-12-01")
    assert not in_force("AGOA", "2025-12-01", "2026-02-02")


def check_59() -> None:
    shared = [*codes("usa/s301_labour_textiles"), *codes("usa/s301_labour_glass")]
    assert len(codes("usa/s301_labour_textiles")) == 1707
    assert len(shared) == 1737
    assert len({*shared, *codes("usa/s301_labour_jo_i")}) == 1887


def check_60() -> None:
    def free(day: str) -> bool:
        sent = rate(hts="6110.20.20", origin="CN", as_of=day, value=500, mode="express")
        return sent.total_duty == "0.00"

    days = ("2025-02-03", "2025-02-06", "2025-02-07")
    assert [free(day) for day in days] == [True, False, True]


def check_61() -> None:
    listed = book().lists["usa/reciprocal_annex_ii"]
    assert [listed.acts[act] for act in listed.act].count("eo-14346") == 39


def check_62() -> None:
    listed = book().lists["usa/reciprocal_annex_ii"]
    day = date(2025, 11, 20).toordinal()
    rows = zip(listed.code, listed.from_, listed.until, strict=True)
    wood = {code for code, start, end in rows if code[:2] == "44" and start <= day < end}
    assert len(wood) == 12
    assert {"44034200", "44072100", "44083902"} <= wood and "44079300" not in wood


CHECKS = {
    int(name.removeprefix("check_")): run
    for name, run in sorted(globals().items())
    if name.startswith("check_")
}
# Row 30 is about statistics, not law: the reading it names is checked with row 37.
NO_LAW = {30}


@pytest.mark.parametrize("number", sorted(CHECKS))
def test_our_side_of_a_difference_in_scope(number: int) -> None:
    CHECKS[number]()


def test_every_difference_has_a_disposition() -> None:
    found = rows()
    assert sorted(found) == list(range(1, 63))
    for number, cells in found.items():
        assert len(cells) == 4, number
        assert all(cells), number
        assert cells[1] in SIDES, number


def test_every_row_is_recomputed() -> None:
    assert set(rows()) == {check[0] for check in RATES} | set(CHECKS) | NO_LAW


def numbered(text: str) -> set[int]:
    """The numbers of the rows of a table of differences."""
    return {int(number) for number in re.findall(r"^\| (\d+) \|", text, flags=re.M)}


def undisposed(text: str) -> set[int]:
    """The differences of a table that our page leaves without a disposition."""
    return numbered(text) - {number for number, cells in rows().items() if all(cells)}


def test_every_difference_that_the_sources_list_is_disposed_of(sources: Path) -> None:
    listed = (sources / "calendar_disagreements.md").read_text(encoding="utf-8")
    assert len(numbered(listed)) == 52
    assert undisposed(listed) == set()


def test_a_difference_without_a_disposition_is_found() -> None:
    assert undisposed("| 1 | known | | |\n| 999 | new | | |\n") == {999}
