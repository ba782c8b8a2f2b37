"""Build the product lists of Section 301 on China, on Brazil and on forced labour.

Called by `build_lists_world.py`.
"""

from dataclasses import dataclass

import polars as pl

from data_common import sources
from world_lists import NOTE_52J, USITC, List, Row, dated, eight, note, tracker

CHINA = "Section 301 China"
REVIEW, LATER = "ustr-2024-09-18", "ustr-2024-12-11"
LABOUR = ("fr-2026-07-23", "2026-07-24")
PARTICULAR = "the heading names one article of the subheading only"
MASKS = ["6307909842", "6307909844", "6307909850", "6307909875"]
FIRST_LISTS = (
    (
        "s301_list_1", "Section 301 China, List 1 (9903.88.01)", "20(b)",
        "(b) Heading 9903.88.01 applies", "(c) For the purposes of heading 9903.88.02",
        "ustr-301-list-1", "2018-07-06",
    ),
    (
        "s301_list_2", "Section 301 China, List 2 (9903.88.02)", "20(d)",
        "(d) Heading 9903.88.02 applies", "(e) For the purposes of heading 9903.88.03",
        "ustr-301-list-2", "2018-08-23",
    ),
    (
        "s301_list_3", "Section 301 China, List 3 (9903.88.03)", "20(f)",
        "(f) Heading 9903.88.03 applies", "(g) For the purposes of heading 9903.88.04",
        "ustr-301-list-3", "2018-09-24",
    ),
)  # fmt: skip
OUT_OF_LIST_3 = [
    "2931909051", "8517620090", "9401614001", "9401696001", "9401802001", "9401804001",
    "9401806021", "9401806023", "9403704003", "9403708003", "9401710001", "9401710005",
    "9401710006", "9401710007", "9401790001", "9401790002", "9401790003", "9401790004",
]  # fmt: skip
OUT_OF_LIST_4A = [
    "4901990040", "8517620010", "8517620020", "9401696011", "9401696031", "9401710001",
    "9401710005", "9401710006", "9401710008", "9401710011", "9401710031",
]  # fmt: skip
STEPS = (
    ("02", "solar cells", REVIEW, "2024-09-27", ""),
    ("03", "electric vehicles, syringes and needles", REVIEW, "2024-09-27", ""),
    ("04", "disposable masks in 2025", REVIEW, "2025-01-01", "2026-01-01"),
    ("06", "graphite, magnets, lithium batteries from 2026", REVIEW, "2026-01-01", ""),
    ("07", "respirators and masks from 2026", REVIEW, "2026-01-01", ""),
    ("08", "medical gloves from 2026", REVIEW, "2026-01-01", ""),
    ("11", "tungsten", LATER, "2025-01-01", ""),
)
# Codes of U.S. note 50(a)(iv) and (v) that note 52(d) and (e) leave out.
NOT_52D = {"90309084", "90318040", "90319045", "90319054", "90319070"}
NOT_52E = {"28043000", "28070000", "28141000", "28142000", "29182975"}
# Codes of note 52(b) that the transcription cuts to eight digits and the text prints with ten.
TEN_52B = {
    "0712908550", "1204000010", "1205100010", "1205900010", "1206000031", "4407990295",
    "8505110070",
}  # fmt: skip
# New numbers of goods excluded under 9903.88.69: pump parts, plastic articles (2026 Rev. 18).
RENUMBERED = [
    "8413919039", "8413919046", "8413919059", "8413919099", "3926909915", "3926909920",
]  # fmt: skip


def section_301() -> list[List]:
    """Return all lists of Section 301."""
    return [*china(), *review(), *exclusions(), *brazil(), *labour()]


def china() -> list[List]:
    """Return Lists 1 to 4B, with the parts that notes 20(g) and 20(s)(ii) carve."""
    lists = [
        List(name, title, USITC + where, dated(note(start, end), act, day))
        for name, title, where, start, end, act, day in FIRST_LISTS
    ]
    third, fourth = ("ustr-301-list-3", "2018-09-24"), ("ustr-301-list-4a", "2019-09-01")
    part = tracker(CHINA, "heading 9903.88.04")
    suspended = tracker(CHINA, "heading 9903.88.16")
    return [
        *lists,
        List(
            "s301_list_3_part",
            "Section 301 China, List 3, eleven subheadings in part (9903.88.04)",
            USITC + "20(g)",
            dated(part, *third),
        ),
        List(
            "s301_list_3_part_out",
            "Statistical numbers that note 20(g) leaves out of 9903.88.04",
            USITC + "20(g)",
            dated(OUT_OF_LIST_3, *third),
            doubts=["2931.90.9051 is a number of 2018; .9052 since, unsettled whether it stands"],
        ),
        list_4a(*fourth),
        List(
            "s301_list_4a_out",
            "Statistical numbers that note 20(s)(ii) leaves out of 9903.88.15",
            USITC + "20(s)(ii)",
            dated(OUT_OF_LIST_4A, *fourth)
            + dated([*MASKS, "8507600010"], REVIEW, "2024-09-27")
            + dated(["6307909870"], REVIEW, "2025-01-01"),
        ),
        List(
            "s301_list_4b",
            "Section 301 China, List 4B (9903.88.16), suspended",
            "U.S. note 20(u), by way of Budget Lab tariff-rate-tracker",
            dated(suspended, fourth[0], "2019-12-15"),
            licence="MIT",
            doubts=[
                "81 codes of 2019 have been renumbered since; "
                "the list was suspended before it began"
            ],
        ),
    ]


def list_4a(act: str, start: str) -> List:
    """Return List 4A."""
    whole = note("(s) Heading 9903.88.15 applies", "(ii) the following products of China")
    in_part = ["49019900", "63079098", "85176200", "94016960", "94017100"]
    rows = dated(whole, act, start)
    rows += dated(in_part, act, start, note="note 20(s)(ii): part")
    battery = "note 20(s)(ii): except 8507.60.0010"
    rows += dated(["85076000"], act, start, "2026-01-01", battery)
    return List(
        "s301_list_4a",
        "Section 301 China, List 4A (9903.88.15)",
        USITC + "20(s)(i), (ii); 8507.60.00 from the footnotes of the 2025 schedule",
        rows,
        doubts=[
            "8517.62.00, 9401.69.60 and 9401.71.00 are split between 9903.88.04 and 9903.88.15 by "
            "statistical number: with eight digits only, 9903.88.04 is taken"
        ],
    )


def review() -> list[List]:
    """Return the lists of the four-year review, and of cranes and chassis."""
    lists = [first_step(), chips()]
    for number, title, act, start, until in STEPS:
        codes = tracker(CHINA, f"heading 9903.91.{number}", role="covered")
        named = f"Four-year review: {title} (9903.91.{number})"
        rows = dated(codes, act, start, until)
        lists.append(List(f"s301_review_{number}", named, USITC + "31", rows))
    cranes = dated(["84261900"], REVIEW, "2024-09-27")
    chassis = dated(["8716390090", "87169030", "87169050"], "ustr-2025-10-10", "2025-11-09")
    syringes = dated(["9018310080"], REVIEW, "2024-09-27", "2026-01-01")
    return [
        *lists,
        List("s301_cranes", "Gantry cranes (9903.92.10, 9903.91.14)", USITC + "31(l)", cranes),
        List("s301_chassis", "Chassis and parts (9903.91.12)", USITC + "31(k)", chassis),
        List("s301_syringes", "Enteral syringes (9903.91.10)", "Heading 9903.91.10", syringes),
    ]


def first_step() -> List:
    """Return the list of heading 9903.91.01."""
    whole = note("(b) Heading 9903.91.01 applies", "(c) Heading 9903.91.02 applies")
    deleted = "numbers (1) to (4) of note 31(b), since deleted"
    rows = dated(whole, REVIEW, "2024-09-27")
    rows += dated([*MASKS, "8507600010"], REVIEW, "2024-09-27", "2026-01-01", deleted)
    return List(
        "s301_review_01",
        "Four-year review: metals, critical minerals, masks and EV batteries (9903.91.01)",
        USITC + "31(b); masks and EV batteries from the footnotes of the 2025 schedule",
        rows,
        doubts=["The four deleted numbers of note 31(b) are not printed in the text held"],
    )


def chips() -> List:
    """Return the list of heading 9903.91.05."""
    silicon = ["28046100", "38180000"]
    rest = tracker(CHINA, "heading 9903.91.05") - set(silicon)
    gloves = "medical gloves, footnote of the 2025 schedule"
    rows = dated(rest, REVIEW, "2025-01-01") + dated(silicon, LATER, "2025-01-01")
    rows += dated(["40151210"], REVIEW, "2025-01-01", "2026-01-01", gloves)
    return List(
        "s301_review_05",
        "Four-year review: semiconductors, polysilicon, wafers, gloves in 2025 (9903.91.05)",
        USITC + "31(f) and footnotes of the 2025 schedule",
        rows,
    )


def exclusions() -> list[List]:
    """Return the statistical numbers that hold excluded articles of China."""
    path = sources() / "us/measures/raw_yale/s301_exclusion_lines.csv"
    lines = pl.read_csv(path, infer_schema_length=0)
    later = {"69": dated(RENUMBERED, "hts-2026-rev-18", "2026-07-01")}
    made = []
    for number, act, start in (
        ("69", "ustr-2024-05-30", "2024-06-15"),
        ("70", REVIEW, "2024-01-01"),
    ):
        codes = lines.filter(pl.col("ch99_code") == f"9903.88.{number}")["hts10"]
        made.append(
            List(
                f"s301_excluded_{number}",
                f"Statistical numbers with goods excluded under 9903.88.{number}",
                f"Footnotes to 9903.88.{number}, by way of Budget Lab tariff-rate-tracker",
                dated(sorted(set(codes)), act, start) + later.get(number, []),
                licence="MIT",
                doubts=["An exclusion covers a described article, not the whole number"],
            )
        )
    return made


def brazil() -> list[List]:
    """Return the exemptions of Section 301 on Brazil."""
    source = "U.S. note 50(a), 2026 Revision 12, by way of tradewartracker/trade-war-redux-2025"
    spec = (
        ("exempt", "flat", "Goods of Brazil outside the Section 301 duty (9903.05.03)"),
        ("particular", "named", "Eleven particular articles of Brazil (9903.05.04)"),
        ("aircraft", "aircraft", "Civil aircraft and parts of Brazil (9903.05.05)"),
        ("pharma", "pharma", "Articles of Brazil for pharmaceutical use (9903.05.06)"),
    )
    return [
        List(f"s301_brazil_{name}", title, source, _brazil_rows(category), licence="MIT")
        for name, category, title in spec
    ]


def _brazil_rows(category: str) -> list[Row]:
    codes = tracker("Section 301 Brazil", category=category)
    return dated(codes, "fr-2026-07-15", "2026-07-22")


def labour() -> list[List]:
    """Return the exemptions of Section 301 on forced labour."""
    programme, text = "Section 301 forced labour", "U.S. note 52({}), 2026 Revision 13; {}"
    held = "a transcription checked against the schedule's text"
    as_brazil = "note 50(a) less five codes, as the schedule's text prints it"
    aircraft = tracker("Section 301 Brazil", category="aircraft") - NOT_52D
    pharma = tracker("Section 301 Brazil", category="pharma") - NOT_52E
    spec = [
        ("exempt", "Goods outside the duties (9903.05.86)", "b", held, ""),
        ("particular", "Sixteen particular articles (9903.05.87)", "c", held, PARTICULAR),
        ("aircraft", "Civil aircraft and parts (9903.05.88)", "d", as_brazil, ""),
        ("pharma", "Articles for pharmaceutical use (9903.05.89)", "e", as_brazil, ""),
    ]
    codes = {
        "exempt": tracker(programme, category="52(b)") - eight(TEN_52B) | TEN_52B,
        "particular": tracker(programme, category="52(c)"),
        "aircraft": aircraft,
        "pharma": pharma,
    }
    lists = [
        List(
            f"s301_labour_{name}",
            f"Forced labour: {title}",
            text.format(where, source),
            dated(codes[name], *LABOUR, note=remark),
        )
        for name, title, where, source, remark in spec
    ]
    return lists + [
        List(
            f"s301_labour_{line.name}",
            f"Forced labour: {line.title}",
            text.format("j", "see tools/note52j.txt"),
            dated(line.codes, *LABOUR, note=PARTICULAR if line.part == "ii" else ""),
        )
        for line in note_52j()
        if line.codes
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of note 52(j): origin, subdivision, heading, own codes and lists it shares."""

    origin: str
    part: str
    heading: str
    codes: list[str]
    shared: list[str]

    @property
    def name(self) -> str:
        """The end of the name of its product list."""
        return f"{self.origin}_{self.part}".lower() if self.part else self.origin.lower()

    @property
    def title(self) -> str:
        """What its product list holds."""
        where = f"of {self.origin} outside the duty ({self.heading})"
        return f"articles {where}" if self.part else f"{self.name} that several origins share"


def note_52j() -> list[Line]:
    """Return each line of note 52(j); a list that several origins share is a line without part."""
    blocks: dict[str, list[str]] = {}
    shared: set[str] = set()
    made = []
    for line in NOTE_52J.read_text(encoding="utf-8").splitlines():
        kind, name, *words = line.split() or ["#", ""]
        if kind == "block":
            blocks[name] = words
        elif kind == "list":
            shared.add(name)
            made.append(Line(name, "", "", words, []))
        elif kind != "#":
            heading, *rest = words
            own = [code for word in rest if word not in shared for code in blocks.get(word, [word])]
            lists = [word.lower() for word in rest if word in shared]
            made.append(Line(kind, name, heading, own, lists))
    return made
