"""Build the product lists of the US measures on all origins, and their sources.

Writes `lawbook/usa/lists/{reciprocal,ieepa,s122,s301}_*.csv` and `SOURCES_world.yaml` from the U.S. notes in
the text of chapter 99 (2026 Revision 6), the trackers' lists for what that text no longer prints, and
`tools/note52j.txt`. Run `python tools/build_lists_world.py`; the same sources give the same bytes.
"""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from data_common import ROOT, sources

LISTS = ROOT / "src" / "advalorem" / "lawbook" / "usa" / "lists"
NOTE_52J = Path(__file__).parent / "note52j.txt"
TEXT = "us/measures/texts/chapter99_2026_rev_6.txt.gz"
CODE = re.compile(r"\b(\d{4})\.(\d{2})\.(\d{2})(?:\.?(\d{2}))?\b")
GOVERNMENT = "US Government work (public domain)"
USITC = "USITC, Harmonized Tariff Schedule, chapter 99 subchapter III, 2026 Revision 6, "


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a product list: digits, first day, first day after, act and note."""

    code: str
    start: str
    until: str
    act: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A product list with what `SOURCES_world.yaml` says of it."""

    name: str
    title: str
    source: str
    rows: list[Row]
    licence: str = GOVERNMENT
    doubts: list[str] = field(default_factory=list)


@cache
def chapter99() -> str:
    """Return the text of chapter 99."""
    return gzip.decompress((sources() / TEXT).read_bytes()).decode("latin-1")


def note(start: str, end: str) -> list[str]:
    """Return the codes printed between two phrases of chapter 99, in order, chapter 99's own left out."""
    text = chapter99()
    begin = text.index(start)
    found = CODE.finditer(text[begin : text.index(end, begin + len(start))])
    return ["".join(filter(None, m.groups())) for m in found if not m.group(1).startswith("99")]


@cache
def measures() -> pl.DataFrame:
    """Return the union of the trackers' lists."""
    return pl.read_parquet(sources() / "us/measures/measure_lists.parquet")


def tracker(programme: str, name: str | None = None, **equal: str) -> set[str]:
    """Return the codes of one tracker list, optionally of one category, role, start or end."""
    rows = measures().filter(pl.col("programme") == programme)
    if name:
        rows = rows.filter(pl.col("list") == name)
    for column, value in equal.items():
        rows = rows.filter(pl.col(column).cast(str) == value)
    return set(rows["hts"])


def eight(codes: Iterable[str]) -> set[str]:
    """Return codes cut to eight digits."""
    return {code[:8] for code in codes}


def dated(codes: Iterable[str], act: str, start: str, until: str = "", note: str = "") -> list[Row]:
    """Return one row a code, all with the same dates and act."""
    return [Row(code, start, until, act, note) for code in codes]


def annex_ii() -> List:
    """Return the exemptions of the reciprocal tariff (note 2(v)(iii)(a)) with their dated changes."""
    printed = set(
        note("(a) As provided for in heading 9903.01.32", "(b) As provided in heading 9903.02.78")
    )
    data = "IEEPA reciprocal"
    electronics = eight(tracker(data, "electronics memo"))
    headings = {"8471", "847330", "8486", "8524", "8542"}
    september = eight(tracker(data, start="2025-09-08")) & printed
    november = eight(tracker(data, start="2025-11-13")) & printed
    memo = {
        code for code in electronics & printed if not code.startswith(tuple(headings))
    } | headings
    first = {c for c in printed - september - november - memo if not c.startswith(tuple(headings))}
    rows = dated(first, "eo-14257", "2025-04-05")
    rows += dated(memo, "memo-2025-04-11", "2025-04-05", note="electronics")
    rows += dated(september, "eo-14346", "2025-09-08")
    rows += dated(november, "eo-14360", "2025-11-13")
    for end, until, note_text in (
        ("2025-07-31", "2025-08-01", "taken out by Proclamation 10962 (copper)"),
        ("2025-09-07", "2025-09-08", "taken out by Executive Order 14346"),
        ("2025-10-13", "2025-10-14", "taken out by Proclamation 10976 (wood)"),
    ):
        rows += dated(eight(tracker(data, end=end)), "eo-14257", "2025-04-05", until, note_text)
    return List(
        "reciprocal_annex_ii",
        "Goods that the reciprocal tariff leaves out: Annex II of Executive Order 14257 as amended",
        USITC
        + "U.S. note 2(v)(iii)(a); first and last days from the change records and Budget Lab "
        "tariff-rate-tracker (MIT)",
        rows,
        doubts=[
            "Codes that left the list on 2025-08-01, 2025-09-08 and 2025-10-14 rest on the tracker",
            "Which semiconductor codes stood in the first Annex II and which came with the memorandum "
            "of 2025-04-11 is not settled; both bind from 2025-04-05",
        ],
    )


PARTICULAR = "the heading names one article of the subheading only"


def reciprocal() -> list[List]:
    """Return the lists of the reciprocal tariff and of the trade deals under it."""
    eu, korea, swiss = "fr-2025-18660", "fr-2025-21940", "fr-2025-23316"
    articles = note("(b) As provided in heading 9903.02.78", "(iv) As provided in 9903.01.26")
    natural = "Unavailable natural resources and like goods of "
    pharma = "Non-patented articles for use in pharmaceutical applications of "
    s17, s24 = "(c) As provided in headings 9903.02.85", "(d) As provided in headings 9903.02.86"
    spec = [
        (
            "particular",
            "Eleven particular farm articles of any country (9903.02.78)",
            articles,
            "eo-14360",
            "2025-11-13",
            "2(v)(iii)(b)",
        ),
        (
            "eu_natural",
            natural + "the EU (9903.02.74)",
            note("(xx) As provided in heading 9903.02.74", "(xxi) As provided"),
            eu,
            "2025-09-01",
            "2(v)(xx)",
        ),
        (
            "eu_particular",
            "Particular articles of the EU (9903.02.75)",
            ["33012951"],
            eu,
            "2025-09-01",
            "2(v)(xxi)",
        ),
        (
            "eu_pharma",
            pharma + "the EU (9903.02.77)",
            note("(xxiii) As provided in heading 9903.02.77", "(xxiv)"),
            eu,
            "2025-09-01",
            "2(v)(xxiii)",
        ),
        (
            "swiss_natural",
            natural + "Switzerland and Liechtenstein (9903.02.84, .89)",
            note("(b) As provided in headings 9903.02.84", s17),
            swiss,
            "2025-11-14",
            "2(v)(xxv)(b)",
        ),
        (
            "swiss_pharma",
            pharma + "Switzerland and Liechtenstein (9903.02.86, .91)",
            note(s24, "\n(x)"),
            swiss,
            "2025-11-14",
            "2(v)(xxv)(d)",
        ),
        (
            "aircraft_gb",
            "Civil aircraft and parts of the United Kingdom (9903.96.01)",
            note("35. [Compiler", "(b) As provided in heading 9903.96.02"),
            "fr-2025-12060",
            "2025-06-30",
            "35(a)",
        ),
        (
            "aircraft_jp",
            "Civil aircraft and parts of Japan (9903.96.02)",
            note("(b) As provided in heading 9903.96.02", "36. [Note deleted.]"),
            "fr-2025-17908",
            "2025-09-16",
            "35(b)",
        ),
        (
            "aircraft_eu",
            "Civil aircraft and parts of the EU (9903.02.76)",
            note("(xxii)  As provided in heading 9903.02.76", "(xxiii) As provided"),
            eu,
            "2025-09-01",
            "2(v)(xxii)",
        ),
        (
            "aircraft_kr",
            "Civil aircraft and parts of South Korea (9903.02.81)",
            note("(b) As provided in heading 9903.02.81", "(xxv)"),
            korea,
            "2025-11-14",
            "2(v)(xxiv)(b)",
        ),
        (
            "aircraft_swiss",
            "Civil aircraft and parts of Switzerland and Liechtenstein (9903.02.85, .90)",
            note(s17, s24),
            swiss,
            "2025-11-14",
            "2(v)(xxv)(c)",
        ),
    ]
    made = [
        List(f"reciprocal_{name}", title, USITC + f"U.S. note {where}", dated(codes, act, start))
        for name, title, codes, act, start, where in spec
    ]
    taiwan = pl.read_csv(
        sources() / "us/measures/raw_yale/s232_aircraft_exempt_taiwan.csv", infer_schema_length=0
    )
    made.append(
        List(
            "reciprocal_aircraft_tw",
            "Civil aircraft components of Taiwan (9903.96.03)",
            "U.S. note 35(c), 2026 Revision 9, by way of Budget Lab tariff-rate-tracker",
            dated(taiwan["hts8"], "fr-2026-10571", "2026-05-01"),
            licence="MIT",
        )
    )
    return made


def brazil_ieepa() -> list[List]:
    """Return the exemptions from the IEEPA duty on Brazil."""
    printed = note("(a) As provided in heading 9903.01.81", "(b) As provided in heading 9903.01.90")
    path = sources() / "us/measures/raw_yale/country_eo_exempt_products.csv"
    late = {
        line.split(",")[1].replace(".", "")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("9903.01.77") and line.split(",")[2] == "2025-11-13"
    }
    first = [code for code in printed if code not in late]
    rows = dated(first, "eo-14323", "2025-08-06")
    rows += dated([code for code in printed if code in late], "eo-14361", "2025-11-13")
    aircraft = note(
        "(iv) As provided in heading 9903.01.82",
        "The additional duties imposed by heading 9903.01.77 shall not apply to products of iron",
    )
    articles = note(
        "(b) As provided in heading 9903.01.90", "(iv) As provided in heading 9903.01.82"
    )
    return [
        List(
            "ieepa_brazil_exempt",
            "Goods of Brazil outside the IEEPA duty (9903.01.81)",
            USITC
            + "U.S. note 2(x)(iii)(a); the codes of 2025-11-13 from Budget Lab tariff-rate-tracker (MIT)",
            rows,
        ),
        List(
            "ieepa_brazil_particular",
            "Eleven particular farm articles of Brazil (9903.01.90)",
            USITC + "U.S. note 2(x)(iii)(b)",
            dated(articles, "eo-14361", "2025-11-13"),
        ),
        List(
            "ieepa_brazil_aircraft",
            "Civil aircraft and parts of Brazil (9903.01.82)",
            USITC + "U.S. note 2(x)(iv)",
            dated(aircraft, "eo-14323", "2025-08-06"),
        ),
    ]


TEXTILES = [f"{chapter}" for chapter in range(50, 64)] + [
    "42021240", "42021260", "42021280", "42022240", "42022245", "42022260", "42022270", "42022280",
    "42023240", "42023280", "42023291", "42023293", "42023299", "42029208", "42029215", "42029220",
    "42029231", "42029233", "42029239", "42029260", "42029290", "64061077", "65010030", "65020090",
    "65050015", "65050020", "65050030", "65050040", "65050050", "65050060", "65050080", "65050090",
    "70196", "940490",
]  # fmt: skip


def section_122() -> list[List]:
    """Return the lists of the Section 122 surcharge."""
    exempt = note(
        "(ii) As provided in heading 9903.03.03", "(iii) As provided in heading 9903.03.04"
    )
    articles = note(
        "(iii) As provided in heading 9903.03.04", "(iv) As provided in heading 9903.03.05"
    )
    aircraft = note(
        "(iv) As provided in heading 9903.03.05", "(v) As provided in heading 9903.03.06"
    )
    dates = ("pp-11012", "2026-02-24")
    return [
        List(
            "s122_exempt",
            "Goods outside the Section 122 surcharge (9903.03.03)",
            USITC + "U.S. note 2(aa)(ii)",
            dated(exempt, *dates),
        ),
        List(
            "s122_particular",
            "Eleven particular farm articles (9903.03.04)",
            USITC + "U.S. note 2(aa)(iii)",
            dated(articles, *dates),
        ),
        List(
            "s122_aircraft",
            "Civil aircraft and parts (9903.03.05)",
            USITC + "U.S. note 2(aa)(iv)",
            dated(aircraft, *dates),
        ),
        List(
            "s122_textiles",
            "Textile and apparel goods of CAFTA-DR (9903.03.09, 9903.05.95): chapters 50 to 63 and like goods",
            "Our approximation of general note 29(d)(v), which names the goods of the WTO textile agreement",
            dated(TEXTILES, *dates),
            doubts=["General note 29(d)(v) lists goods by annex; the chapters stand for it"],
        ),
    ]


def china() -> list[List]:
    """Return Lists 1 to 4A of Section 301 on China, with the parts that notes 20(g) and 20(s)(ii) carve."""
    one = note("(b) Heading 9903.88.01 applies", "(c) For the purposes of heading 9903.88.02")
    two = note("(d) Heading 9903.88.02 applies", "(e) For the purposes of heading 9903.88.03")
    three = note("(f) Heading 9903.88.03 applies", "(g) For the purposes of heading 9903.88.04")
    four = note("(s) Heading 9903.88.15 applies", "(ii) the following products of China")
    start = ("2018-07-06", "2018-08-23", "2018-09-24", "2019-09-01")
    part_g = sorted(tracker("Section 301 China", "heading 9903.88.04"))
    masks = ["6307909842", "6307909844", "6307909850", "6307909875"]
    rows4 = dated(four, "ustr-301-list-4a", start[3])
    rows4 += dated(
        ["49019900", "63079098", "85176200", "94016960", "94017100"],
        "ustr-301-list-4a",
        start[3],
        note="note 20(s)(ii): part",
    )
    rows4 += dated(
        ["85076000"],
        "ustr-301-list-4a",
        start[3],
        "2026-01-01",
        "note 20(s)(ii): except 8507.60.0010",
    )
    out4 = ["4901990040", "8517620010", "8517620020", "9401696011", "9401696031"]
    out4 += [f"94017100{last}" for last in ("01", "05", "06", "08", "11", "31")]
    rows_out = dated(out4, "ustr-301-list-4a", start[3])
    rows_out += dated([*masks, "8507600010"], "ustr-2024-09-18", "2024-09-27")
    rows_out += dated(["6307909870"], "ustr-2024-09-18", "2025-01-01")
    out_g = ["2931909051", "8517620090", "9401614001", "9401696001", "9401802001", "9401804001"]
    out_g += ["9401806021", "9401806023", "9403704003", "9403708003"]
    out_g += [f"94017100{last}" for last in ("01", "05", "06", "07")]
    out_g += [f"94017900{last}" for last in ("01", "02", "03", "04")]
    suspended = sorted(tracker("Section 301 China", "heading 9903.88.16"))
    return [
        List("s301_list_1", "Section 301 China, List 1 (9903.88.01)", USITC + "U.S. note 20(b)", dated(one, "ustr-301-list-1", start[0])),
        List("s301_list_2", "Section 301 China, List 2 (9903.88.02)", USITC + "U.S. note 20(d)", dated(two, "ustr-301-list-2", start[1])),
        List("s301_list_3", "Section 301 China, List 3 (9903.88.03)", USITC + "U.S. note 20(f)", dated(three, "ustr-301-list-3", start[2])),
        List("s301_list_3_part", "Section 301 China, List 3, eleven subheadings in part (9903.88.04)", USITC + "U.S. note 20(g)", dated(part_g, "ustr-301-list-3", start[2])),
        List("s301_list_3_part_out", "Statistical numbers that note 20(g) leaves out of 9903.88.04", USITC + "U.S. note 20(g)", dated(out_g, "ustr-301-list-3", start[2])),
        List("s301_list_4a", "Section 301 China, List 4A (9903.88.15)", USITC + "U.S. note 20(s)(i), (ii); 8507.60.00 from the footnotes of the 2025 schedule", rows4,
             doubts=["8517.62.00, 9401.69.60 and 9401.71.00 are split between 9903.88.04 and 9903.88.15 by statistical number: with eight digits only, 9903.88.04 is taken"]),
        List("s301_list_4a_out", "Statistical numbers that note 20(s)(ii) leaves out of 9903.88.15", USITC + "U.S. note 20(s)(ii)", rows_out),
        List("s301_list_4b", "Section 301 China, List 4B (9903.88.16), suspended", "U.S. note 20(u), by way of Budget Lab tariff-rate-tracker", dated(suspended, "ustr-301-list-4a", "2019-12-15"), licence="MIT"),
    ]  # fmt: skip


def china_four_year() -> list[List]:
    """Return the lists of the four-year review, the exclusions, and the cranes and chassis."""
    review, later = "ustr-2024-09-18", "ustr-2024-12-11"
    programme = "Section 301 China"
    steel = note("(b) Heading 9903.91.01 applies", "(c) Heading 9903.91.02 applies")
    early = ["6307909842", "6307909844", "6307909850", "6307909875", "8507600010"]
    rows1 = dated(steel, review, "2024-09-27")
    rows1 += dated(
        early, review, "2024-09-27", "2026-01-01", "numbers (1) to (4) of note 31(b), since deleted"
    )
    semis = [
        c for c in tracker(programme, "heading 9903.91.05") if c not in ("28046100", "38180000")
    ]
    rows5 = dated(semis, review, "2025-01-01") + dated(
        ["28046100", "38180000"], later, "2025-01-01"
    )
    rows5 += dated(
        ["40151210"],
        review,
        "2025-01-01",
        "2026-01-01",
        "medical gloves, footnote of the 2025 schedule",
    )
    lines = pl.read_csv(
        sources() / "us/measures/raw_yale/s301_exclusion_lines.csv", infer_schema_length=0
    )
    where = USITC + "U.S. note 31"
    made = [
        List("s301_review_01", "Four-year review: steel, aluminum, critical minerals, masks, EV batteries (9903.91.01)", where + "(b); masks and EV batteries to 2025-12-31 from the footnotes of the 2025 schedule", rows1,
             doubts=["The four deleted numbers of note 31(b) are not printed in the text held"]),
        List("s301_review_05", "Four-year review: semiconductors, polysilicon, wafers, gloves in 2025 (9903.91.05)", where + "(f) and footnotes of the 2025 schedule", rows5),
        List("s301_cranes", "Ship-to-shore gantry cranes (9903.92.10, 9903.91.14)", where + "(l)", dated(["84261900"], review, "2024-09-27")),
        List("s301_chassis", "Intermodal chassis and parts (9903.91.12)", where + "(k)", dated(["8716390090", "87169030", "87169050"], "ustr-2025-10-10", "2025-11-09")),
        List("s301_syringes", "Enteral syringes (9903.91.10)", "Heading 9903.91.10", dated(["9018310080"], review, "2024-09-27", "2026-01-01")),
    ]  # fmt: skip
    for number, title, act, start, until in (
        ("02", "solar cells", review, "2024-09-27", ""),
        ("03", "electric vehicles, syringes and needles", review, "2024-09-27", ""),
        ("04", "disposable masks in 2025", review, "2025-01-01", "2026-01-01"),
        ("06", "graphite, magnets, lithium batteries from 2026", review, "2026-01-01", ""),
        ("07", "respirators and masks from 2026", review, "2026-01-01", ""),
        ("08", "medical gloves from 2026", review, "2026-01-01", ""),
        ("11", "tungsten", later, "2025-01-01", ""),
    ):
        codes = tracker(programme, f"heading 9903.91.{number}", role="covered")
        made.append(
            List(
                f"s301_review_{number}",
                f"Four-year review: {title} (9903.91.{number})",
                where,
                dated(codes, act, start, until),
            )
        )
    for number, act, start in (
        ("69", "ustr-2024-05-30", "2024-06-15"),
        ("70", review, "2024-01-01"),
    ):
        codes = lines.filter(pl.col("ch99_code") == f"9903.88.{number}")["hts10"]
        made.append(
            List(
                f"s301_excluded_{number}",
                f"Statistical numbers with goods excluded under 9903.88.{number}",
                f"Footnotes of the schedule to 9903.88.{number}, by way of Budget Lab tariff-rate-tracker",
                dated(sorted(set(codes)), act, start),
                licence="MIT",
                doubts=[
                    "An exclusion covers the article described in note 20, not the whole number: it must be claimed"
                ],
            )
        )
    return made


def section_301() -> list[List]:
    """Return the exemptions of Section 301 on Brazil and on forced labour."""
    programme = "Section 301 Brazil"
    act, start = "fr-2026-07-15", "2026-07-22"
    fr = (
        "U.S. note 50(a), 2026 Revision 12, by way of tradewartracker/trade-war-redux-2025 @726c595"
    )
    aircraft, pharma = (tracker(programme, category=name) for name in ("aircraft", "pharma"))
    lists = [
        List(
            f"s301_brazil_{name}",
            title,
            fr,
            dated(tracker(programme, category=category), act, start),
            licence="MIT",
        )
        for name, category, title in (
            ("exempt", "flat", "Goods of Brazil outside the Section 301 duty (9903.05.03)"),
            ("particular", "named", "Eleven particular articles of Brazil (9903.05.04)"),
            ("aircraft", "aircraft", "Civil aircraft and parts of Brazil (9903.05.05)"),
            ("pharma", "pharma", "Articles of Brazil for pharmaceutical use (9903.05.06)"),
        )
    ]
    dates = ("fr-2026-07-23", "2026-07-24")
    labour = "U.S. note 52({}), 2026 Revision 13; "
    held = "transcription checked against the schedule's text"
    general = tracker("Section 301 forced labour", category="52(b)")
    named = tracker("Section 301 forced labour", category="52(c)")
    not_d = {"90309084", "90318040", "90319045", "90319054", "90319070"}
    not_e = {"28043000", "28070000", "28141000", "28142000", "29182975"}
    as_brazil = "note 50(a) less five codes, as the schedule's text prints it"
    lists += [
        List(
            "s301_labour_exempt",
            "Goods outside the forced-labour duties (9903.05.86)",
            labour.format("b") + held,
            dated(general, *dates),
        ),
        List(
            "s301_labour_particular",
            "Sixteen particular articles (9903.05.87)",
            labour.format("c") + held,
            dated(named, *dates, note=PARTICULAR),
        ),
        List(
            "s301_labour_aircraft",
            "Civil aircraft and parts (9903.05.88)",
            labour.format("d") + as_brazil,
            dated(aircraft - not_d, *dates),
        ),
        List(
            "s301_labour_pharma",
            "Articles for pharmaceutical use (9903.05.89)",
            labour.format("e") + as_brazil,
            dated(pharma - not_e, *dates),
        ),
    ]
    return lists + [
        List(
            f"s301_labour_{origin.lower()}_{part}",
            f"Articles of {origin} outside the forced-labour duty ({heading})",
            labour.format("j") + "see tools/note52j.txt",
            dated(codes, *dates, note=PARTICULAR if part == "ii" else ""),
        )
        for origin, part, heading, codes in note_52j()
    ]


def note_52j() -> list[tuple[str, str, str, list[str]]]:
    """Return origin, subdivision, heading and codes of each line of note 52(j)."""
    blocks: dict[str, list[str]] = {}
    made = []
    for line in NOTE_52J.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        codes = [code for word in words[2:] for code in blocks.get(word, [word])]
        if words[0] == "block":
            blocks[words[1]] = codes
        else:
            made.append((words[0], words[1], words[2], codes[1:]))
    return made


def write(lists: list[List], folder: Path) -> None:
    """Write each list as CSV and what is said of all of them as `SOURCES_world.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    out = ["# Sources of the lists written by tools/build_lists_world.py.", "lists:"]
    for item in sorted(lists, key=lambda item: item.name):
        rows = sorted(set(item.rows), key=lambda row: (row.code, row.start, row.until, row.act))
        body = [f"{r.code},{r.start},{r.until},{r.act},{r.note}" for r in rows]
        if any("," in r.note for r in rows):
            body = [f'{r.code},{r.start},{r.until},{r.act},"{r.note}"' for r in rows]
        text = "\n".join(["code,from,until,act,note", *body]) + "\n"
        (folder / f"{item.name}.csv").write_text(text, encoding="utf-8")
        out += [
            f"  - name: usa/{item.name}",
            f'    title: "{item.title}"',
            f'    source: "{item.source}"',
        ]
        out += [f"    licence: {item.licence}", '    date: "2026-11-22"']
        if item.doubts:
            out += ["    doubts:", *(f'      - "{doubt}"' for doubt in item.doubts)]
    (folder / "SOURCES_world.yaml").write_text("\n".join(out) + "\n", encoding="utf-8")


def main() -> None:
    """Build all lists of the US measures on all origins."""
    lists = [annex_ii(), *reciprocal(), *brazil_ieepa(), *section_122(), *china()]
    write([*lists, *china_four_year(), *section_301()], LISTS)


if __name__ == "__main__":
    main()
