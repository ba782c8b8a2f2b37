"""Write the product lists of Canada's and Mexico's border measures.

Canada's items come from the dated consolidations of the orders (`canada/laws/*.xml`); the items
of September 2026 from their transcription. Three short lists stand in consolidations that are not
in the source folder; they are transcribed below, each with the consolidation it was read in.
Mexico's rates come from the partial tariff of 2026. The same sources give the same bytes.
"""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from data_common import ROOT, sources

LAWBOOK = ROOT / "src" / "advalorem" / "lawbook"
UNNUMBERED = (
    "item given without its number: whether its number is listed is left to the quota question"
)
CLAIMED = "item given without its number: the importer affirms that the number is listed"
CODE = re.compile(r"\b\d{4}\.\d\d\.\d\d(?:\.\d\d)?\b")

# SOR/2024-187, Schedule 1, consolidation of 2024-10-31: electric and hybrid vehicles of China.
CHINA_VEHICLES = """
8702.20.10 8702.20.20 8702.30.10 8702.30.20 8702.40.10 8702.40.20 8702.90.10 8702.90.20
8703.40.10 8703.40.90 8703.50.00 8703.60.10 8703.60.90 8703.70.00 8703.80.00 8703.90.00
8704.41.90 8704.42.00 8704.43.00 8704.51.00 8704.52.00 8704.60.00 8704.90.00
"""

# SOR/2025-148, Schedule 1, consolidation of 2025-07-18 (as made), by class of goods.
QUOTA_AS_MADE = {
    "Flat": """
7208.10.00 7208.25.00 7208.26.00 7208.27.00 7208.36.00 7208.37.00 7208.38.00 7208.39.00
7208.40.00 7208.51.00 7208.52.00 7208.53.00 7208.54.00 7208.90.00 7209.15.00 7209.16.00
7209.17.00 7209.18.00 7209.25.00 7209.26.00 7209.27.00 7209.28.00 7209.90.00 7210.11.00
7210.12.00 7210.49.00 7210.50.00 7210.61.00 7210.69.00 7210.70.00 7210.90.00 7211.14.00
7211.19.00 7211.23.00 7211.29.00 7211.90.00 7212.10.00 7212.30.00 7212.40.00 7212.50.00
7225.19.00 7225.30.00 7225.40.00 7225.50.00 7225.91.00 7225.92.00 7225.99.00 7226.91.00
7226.92.00 7226.99.00""",
    "Long": """
7213.10.00 7213.20.00 7213.91.00 7213.99.00 7214.10.00 7214.20.00 7214.91.00 7214.99.00
7216.10.00 7216.21.00 7216.22.00 7216.31.00 7216.32.00 7216.33.00 7216.40.00 7216.50.00
7216.99.00 7217.10.00 7217.20.00 7217.30.00 7217.90.00 7224.10.00 7227.10.00 7227.20.00
7227.90.00 7228.30.00 7228.40.00 7228.50.00 7228.60.00 7228.70.00 7228.80.00 7229.20.00
7229.90.00 7301.10.00 7301.20.00""",
    "Pipe and Tube": """
7304.19.00 7304.22.00 7304.23.00 7304.24.00 7304.29.00 7304.39.00 7304.59.00 7304.90.00
7305.11.00 7305.12.00 7305.19.00 7305.20.00 7305.31.00 7305.39.00 7305.90.00 7306.19.00
7306.29.00 7306.30.00 7306.50.00 7306.61.00 7306.69.00 7306.90.00""",
    "Semi-Finished": """
7206.10.00 7206.90.00 7207.11.00 7207.12.00 7207.19.00 7207.20.00 7224.90.00""",
    "Stainless": """
7218.10.00 7218.91.00 7218.99.00 7222.30.00 7222.40.00 7304.49.00""",
}

# SOR/2025-148, consolidation of 2025-08-12: its 577 numbers are the 576 of 2025-12-26 and this one.
QUOTA_DROPPED = "7216.91.00.10"

# SOR/2025-122, Schedule 5, consolidation of 2026-09-22.
REMISSION_VEHICLES = """
8703.23.00.10 8703.24.00.10 8703.24.00.21 8703.24.00.22 8703.33.00.10 8703.33.00.21 8703.33.00.22
"""

# SOR/2025-122, Schedule 6 (items 1 to 179), consolidation of 2026-09-22.
REMISSION_STEEL = """
7210.20.00.00 7212.50.00.30 7212.50.00.40 7212.50.00.50 7212.50.00.60 7212.60.00.00
7214.30.00.10 7214.30.00.26 7214.30.00.50 7215.90.00.10 7215.90.00.20 7215.90.00.30
7215.90.00.90 7216.10.00.30 7216.32.00.10 7216.32.00.20 7216.33.00.11 7216.33.00.12
7216.33.00.13 7216.33.00.14 7216.33.00.20 7216.33.00.91 7216.33.00.92 7216.99.00.91
7219.11.00.00 7219.12.00.00 7219.13.00.00 7219.14.00.00 7219.21.00.10 7219.21.00.20
7219.22.00.10 7219.22.00.20 7219.23.00.00 7219.24.00.00 7219.31.00.00 7219.32.00.10
7219.32.00.90 7219.33.00.10 7219.33.00.90 7219.34.00.10 7219.34.00.90 7219.35.00.10
7219.35.00.90 7219.90.00.00 7220.11.00.00 7220.12.00.00 7220.20.00.10 7220.20.00.90
7220.90.00.00 7222.11.00.31 7222.11.00.91 7222.19.00.11 7222.19.00.19 7222.19.00.21
7222.19.00.29 7222.20.00.31 7222.20.00.39 7222.20.00.91 7222.20.00.93 7222.20.00.99
7222.40.00.10 7222.40.00.20 7222.40.00.90 7223.00.00.30 7223.00.00.52 7223.00.00.53
7223.00.00.54 7225.11.00.00 7225.19.00.00 7226.11.00.00 7226.19.00.00 7226.20.00.00
7228.10.00.10 7228.10.00.20 7228.20.00.40 7228.30.00.41 7228.30.00.42 7228.30.00.60
7228.30.00.74 7228.30.00.82 7228.70.00.21 7228.70.00.22 7228.70.00.30 7228.70.00.41
7228.70.00.42 7228.70.00.49 7228.70.00.60 7228.70.00.70 7228.70.00.81 7228.70.00.92
7228.80.00.11 7228.80.00.12 7228.80.00.18 7228.80.00.91 7228.80.00.98 7228.80.00.99
7301.10.00.00 7301.20.00.20 7302.10.00.11 7302.10.00.12 7302.10.00.13 7302.10.00.22
7302.30.10.00 7302.30.90.00 7302.40.00.00 7304.11.00.00 7304.19.00.13 7304.19.00.14
7304.19.00.15 7304.19.00.16 7304.19.00.19 7304.22.00.00 7304.23.00.10 7304.23.00.20
7304.24.00.00 7304.29.00.39 7304.29.00.42 7304.29.00.43 7304.29.00.44 7304.29.00.45
7304.29.00.46 7304.29.00.47 7304.29.00.49 7304.29.00.52 7304.29.00.53 7304.29.00.54
7304.29.00.55 7304.29.00.56 7304.29.00.57 7304.29.00.59 7304.29.00.62 7304.29.00.63
7304.29.00.64 7304.29.00.65 7304.29.00.66 7304.29.00.67 7304.29.00.69 7304.29.00.72
7304.29.00.73 7304.29.00.74 7304.29.00.75 7304.29.00.76 7304.29.00.77 7304.29.00.79
7304.39.00.39 7304.39.00.41 7304.39.00.42 7304.39.00.49 7304.39.00.51 7304.39.00.52
7304.39.00.59 7304.41.00.10 7304.41.00.90 7304.49.00.40 7304.49.00.90 7304.59.00.26
7304.59.00.29 7304.59.00.31 7304.59.00.32 7304.59.00.33 7304.59.00.34 7304.59.00.35
7304.59.00.36 7304.59.00.39 7304.59.00.41 7304.59.00.42 7304.59.00.43 7304.59.00.44
7304.59.00.45 7304.59.00.46 7304.59.00.49 7304.59.00.51 7304.59.00.52 7304.59.00.53
7304.59.00.54 7304.59.00.55 7304.59.00.56 7304.59.00.59 7307.29.99.00
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a product list; `code` in digits, days as ISO dates, `until` blank if open."""

    code: str
    from_: str
    until: str
    act: str
    note: str = ""


def schedules(name: str) -> dict[str, list[str]]:
    """Return the dotted codes of each schedule (or part of one) of a consolidated order, in order.

    A schedule divided by headings gives one entry a part, such as `SCHEDULE/PART 1`.
    """
    text = (sources() / "canada" / "laws" / f"{name}.xml").read_text("utf-8-sig")
    found: dict[str, list[str]] = {}
    for schedule in ET.fromstring(text).iter("Schedule"):
        if schedule.get("id") == "NifProvs":
            continue
        label = part = "".join(schedule.find("ScheduleFormHeading/Label").itertext())
        for child in schedule:
            if child.tag == "Heading":
                part = f"{label}/{''.join(child.find('Label').itertext())}"
            elif child.tag in ("List", "TableGroup"):
                found.setdefault(part, []).extend(CODE.findall(" ".join(child.itertext())))
    return found


def quota_classes(name: str, label: str) -> dict[str, str]:
    """Return the class of goods of each number in a quota schedule of SOR/2025-148."""
    text = (sources() / "canada" / "laws" / f"{name}.xml").read_text("utf-8-sig")
    classes: dict[str, str] = {}
    for schedule in ET.fromstring(text).iter("Schedule"):
        heading = schedule.find("ScheduleFormHeading/Label")
        if heading is None or "".join(heading.itertext()) != label:
            continue
        for row in schedule.iterfind(".//tbody/row"):
            cells = [" ".join(cell.itertext()) for cell in row.iterfind("entry")]
            classes |= dict.fromkeys(CODE.findall(cells[-1]), cells[1].strip())
    return classes


def rows(codes: Iterable[str], from_: str, act: str, note: str = "", until: str = "") -> list[Row]:
    """Return the rows of one span for dotted codes."""
    return [Row(code.replace(".", ""), from_, until, act, note) for code in codes]


def with_items(numbers: list[Row], act_note: str) -> list[Row]:
    """Return rows of ten-digit numbers and, for each item, the item given without its number.

    Such an item is written with 00; Canada gives no number 00 to an item that it divides.
    """
    known = {row.code for row in numbers}
    items = {row.code[:8] + "00": row for row in reversed(numbers)}
    added = [replace(row, code=code, note=act_note) for code, row in items.items()]
    return numbers + [row for row in added if row.code not in known]


def items_of_2026(order: str) -> dict[str, list[str]]:
    """Return the items of an order of September 2026 by its schedule, from the transcription."""
    found: dict[str, list[str]] = {}
    with (sources() / "canada" / "canada_surtax_items_2026.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if order in row["order"]:
                found.setdefault(row["schedule"], []).append(row["tariff_item_dotted"])
    return found


def canada() -> Iterator[tuple[str, list[Row]]]:
    """Yield each of Canada's lists by name."""
    yield from _united_states_2025()
    yield from _metals()
    yield from _united_states_2026()
    yield from _steel_of_other_origins()


def _united_states_2025() -> Iterator[tuple[str, list[Row]]]:
    items = schedules("SOR-2025-66_pit-2025-04-09")["SCHEDULE"]
    goods = [code for code in items if code[:2] not in ("98", "99")]
    yield "us_2025_1", rows(goods, "2025-03-04", "sor-2025-66")
    tyres = rows(["4011"], "2025-03-04", "sor-2025-66", "the whole heading, section 3(2)(a)")
    yield "us_2025_1_tyres", tyres
    vehicles = schedules("SOR-2025-118_pit-2025-08-29")["SCHEDULE 1"]
    yield "us_vehicles", rows(vehicles, "2025-04-09", "sor-2025-118")
    yield "us_vehicles_electric_trucks", rows(["8704.60.00"], "2025-08-29", "sor-2025-181")
    remission = rows(CODE.findall(REMISSION_VEHICLES), "2025-04-09", "sor-2025-147")
    yield "us_vehicles_remission", with_items(remission, CLAIMED)


def _metals() -> Iterator[tuple[str, list[Row]]]:
    made = schedules("SOR-2025-95_pit-2025-03-13")
    kept = schedules("SOR-2025-95_pit-2025-09-01")
    raised = items_of_2026("SOR/2026-187")
    from_, act = "2025-03-13", "sor-2025-95"
    aluminum = [code for code in made["SCHEDULE 1"] if code in kept["SCHEDULE 1"]]
    other = [code for code in made["SCHEDULE 1"] if code not in kept["SCHEDULE 1"]]
    yield "us_metals_aluminum", rows(aluminum, from_, act)
    yield "us_metals_other_goods", rows(other, from_, act)
    yield "us_metals_steel", rows(made["SCHEDULE 2"], from_, act)
    yield "us_metals_aluminum_50", rows(raised["1.1"], "2026-09-08", "sor-2026-187")
    yield "us_metals_steel_50", rows(raised["2.1"], "2026-09-08", "sor-2026-187")
    remission = rows(CODE.findall(REMISSION_STEEL), from_, "sor-2026-154")
    yield "us_metals_steel_remission", with_items(remission, CLAIMED)


def _united_states_2026() -> Iterator[tuple[str, list[Row]]]:
    items = items_of_2026("SOR/2026-186")
    for schedule, rate in (("1", "15"), ("2", "25"), ("3", "50")):
        yield f"us_2026_{rate}", rows(items[schedule], "2026-09-08", "sor-2026-186")


def _steel_of_other_origins() -> Iterator[tuple[str, list[Row]]]:
    derivative = schedules("SOR-2025-267_pit-2025-12-26")["SCHEDULE"]
    yield "steel_derivative", rows(derivative, "2025-12-26", "sor-2025-267")
    yield "steel_derivative_towers", rows(["7308.20.00"], "2025-12-26", "sor-2025-267")
    made = [
        row
        for name, text in QUOTA_AS_MADE.items()
        for row in rows(CODE.findall(text), "2025-06-27", "sor-2025-148", name)
    ]
    yield "steel_quota_as_made", made
    classes = quota_classes("SOR-2025-148_current-2026-07", "SCHEDULE 1")
    quota = [
        row
        for code, name in classes.items()
        for row in rows([code], "2025-08-01", "sor-2025-155", name)
    ]
    dropped = rows([QUOTA_DROPPED], "2025-08-01", "sor-2025-155", "Structural Steel", "2025-12-26")
    yield "steel_quota", with_items(quota, UNNUMBERED) + with_items(dropped, UNNUMBERED)
    parts = schedules("SOR-2025-154_current-2026-07")
    china = {"steel": parts["SCHEDULE/PART 1"], "aluminum": parts["SCHEDULE/PART 2"]}
    for metal, codes in china.items():
        yield f"china_content_{metal}", rows(codes, "2025-07-31", "sor-2025-154")
    both = china["steel"] + china["aluminum"]
    yield "china_steel_aluminum", rows(both, "2024-10-22", "sor-2024-202")
    yield "china_vehicles", rows(CODE.findall(CHINA_VEHICLES), "2024-10-01", "sor-2024-187")


def mexico() -> Iterator[tuple[str, list[Row]]]:
    """Yield Mexico's lists: one a rate, and the prohibited lines."""
    by_rate: dict[str, list[str]] = {}
    with (sources() / "mexico" / "ligie_partial_2026.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_rate.setdefault(_rate_name(row), []).append(row["fraccion"])
    for name, codes in sorted(by_rate.items()):
        if name:
            yield f"igi_{name}", rows(codes, "2026-01-01", "dof-2025-12-29")


def _rate_name(row: dict[str, str]) -> str:
    """Return the list a line belongs to: its rate in per cent, `prohibited`, or none."""
    if row["igi_kind"] == "prohibited":
        return "prohibited"
    if row["igi_kind"] not in ("ad_valorem", "exempt"):
        return ""
    return f"{round(float(row['igi_advalorem']) * 100):02d}"


def write(folder: Path, name: str, listed: Iterable[Row]) -> int:
    """Write one list, sorted by code and first day; return its number of rows."""
    ordered = sorted(listed, key=lambda row: (row.code, row.from_))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(("code", "from", "until", "act", "note"))
    for row in ordered:
        out.writerow((row.code, row.from_, row.until, row.act, row.note))
    (folder / f"{name}.csv").write_text(text.getvalue(), "utf-8")
    return len(ordered)


def main() -> None:
    """Write every list and print its length."""
    for folder, lists in (("can", canada()), ("mex", mexico())):
        for name, listed in lists:
            print(f"{folder}/{name}: {write(LAWBOOK / folder / 'lists', name, listed)}")


if __name__ == "__main__":
    main()
