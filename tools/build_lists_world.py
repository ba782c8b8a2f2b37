"""Build the product lists of the IEEPA, Section 122 and Section 301 measures, and their sources.

Writes `lawbook/usa/lists/{reciprocal,ieepa,s122,s301}_*.csv` and `SOURCES_world.yaml` from the U.S.
notes in the text of chapter 99 (2026 Revision 6), the trackers' lists for what that text no longer
prints, and `tools/note52j.txt`. Run `python tools/build_lists_world.py`; the same sources give the
same bytes.
"""

import polars as pl

from build_lists_301 import section_301
from data_common import sources
from world_lists import USITC, List, Row, dated, eight, note, tracker, write

EU, KOREA, SWISS = "fr-2025-18660", "fr-2025-21940", "fr-2025-23316"
# Phrases of chapter 99 with which a list begins, and with which the next one begins.
PHRASES = {
    "reciprocal_particular": ("(b) As provided in heading 9903.02.78", "(iv) As provided in 9903"),
    "reciprocal_eu_natural": ("(xx) As provided in heading 9903.02.74", "(xxi) As provided"),
    "reciprocal_eu_pharma": ("(xxiii) As provided in heading 9903.02.77", "(xxiv)"),
    "reciprocal_swiss_natural": ("(b) As provided in headings 9903.02.84", "(c) As provided in h"),
    "reciprocal_swiss_pharma": ("(d) As provided in headings 9903.02.86", "\n(x)"),
    "reciprocal_aircraft_gb": ("35. [Compiler", "(b) As provided in heading 9903.96.02"),
    "reciprocal_aircraft_jp": ("(b) As provided in heading 9903.96.02", "36. [Note deleted.]"),
    "reciprocal_aircraft_eu": ("(xxii)  As provided in heading 9903.02.76", "(xxiii) As provided"),
    "reciprocal_aircraft_kr": ("(b) As provided in heading 9903.02.81", "(xxv)"),
    "reciprocal_aircraft_swiss": ("(c) As provided in headings 9903.02.85", "(d) As provided in h"),
    "ieepa_brazil_particular": ("(b) As provided in heading 9903.01.90", "(iv) As provided in hea"),
    "ieepa_brazil_aircraft": (
        "(iv) As provided in heading 9903.01.82",
        "The additional duties imposed by heading 9903.01.77 shall not apply to products of iron",
    ),
    "russia_35": ("(b) Heading 9903.90.08 applies", "(c) For the purposes of heading 9903.90.09"),
    "russia_70": ("(d) Heading 9903.90.09 applies", "31. (a)"),
    "s122_exempt": ("(ii) As provided in heading 9903.03.03", "(iii) As provided in heading 9903"),
    "s122_particular": ("(iii) As provided in heading 9903.03.04", "(iv) As provided in heading"),
    "s122_aircraft": ("(iv) As provided in heading 9903.03.05", "(v) As provided in heading 9903"),
}
# Title, subdivision of the note, act and first day of each list that the text prints whole.
PRINTED = {
    "reciprocal_particular": (
        "Eleven particular farm articles of any country (9903.02.78)",
        "2(v)(iii)(b)", "eo-14360", "2025-11-13",
    ),
    "reciprocal_eu_natural": (
        "Unavailable natural resources and like goods of the EU (9903.02.74)",
        "2(v)(xx)", EU, "2025-09-01",
    ),
    "reciprocal_eu_pharma": (
        "Non-patented articles of the EU for pharmaceutical use (9903.02.77)",
        "2(v)(xxiii)", EU, "2025-09-01",
    ),
    "reciprocal_swiss_natural": (
        "Unavailable natural resources of Switzerland and Liechtenstein (9903.02.84, .89)",
        "2(v)(xxv)(b)", SWISS, "2025-11-14",
    ),
    "reciprocal_swiss_pharma": (
        "Non-patented articles of Switzerland and Liechtenstein for pharmaceutical use",
        "2(v)(xxv)(d)", SWISS, "2025-11-14",
    ),
    "reciprocal_aircraft_gb": (
        "Civil aircraft and parts of the United Kingdom (9903.96.01)",
        "35(a)", "fr-2025-12060", "2025-06-30",
    ),
    "reciprocal_aircraft_jp": (
        "Civil aircraft and parts of Japan (9903.96.02)",
        "35(b)", "fr-2025-17908", "2025-09-16",
    ),
    "reciprocal_aircraft_eu": (
        "Civil aircraft and parts of the EU (9903.02.76)", "2(v)(xxii)", EU, "2025-09-01",
    ),
    "reciprocal_aircraft_kr": (
        "Civil aircraft and parts of South Korea (9903.02.81)",
        "2(v)(xxiv)(b)", KOREA, "2025-11-14",
    ),
    "reciprocal_aircraft_swiss": (
        "Civil aircraft and parts of Switzerland and Liechtenstein (9903.02.85, .90)",
        "2(v)(xxv)(c)", SWISS, "2025-11-14",
    ),
    "ieepa_brazil_particular": (
        "Eleven particular farm articles of Brazil (9903.01.90)",
        "2(x)(iii)(b)", "eo-14361", "2025-11-13",
    ),
    "ieepa_brazil_aircraft": (
        "Civil aircraft and parts of Brazil (9903.01.82)", "2(x)(iv)", "eo-14323", "2025-08-06",
    ),
    "russia_35": (
        "Goods of Russia at 35% in place of column 2 (9903.90.08)",
        "30(b)", "pp-10420", "2022-07-27",
    ),
    "russia_70": (
        "Goods of Russia at 70% in place of column 2 (9903.90.09)",
        "30(d)", "pp-10523", "2023-04-01",
    ),
    "s122_exempt": (
        "Goods outside the Section 122 surcharge (9903.03.03)",
        "2(aa)(ii)", "pp-11012", "2026-02-24",
    ),
    "s122_particular": (
        "Eleven particular farm articles (9903.03.04)", "2(aa)(iii)", "pp-11012", "2026-02-24",
    ),
    "s122_aircraft": (
        "Civil aircraft and parts (9903.03.05)", "2(aa)(iv)", "pp-11012", "2026-02-24",
    ),
}  # fmt: skip
HEADINGS = {"8471", "847330", "8486", "8524", "8542"}
TEXTILES = [f"{chapter}" for chapter in range(50, 64)] + [
    "42021240", "42021260", "42021281", "42021289", "42022240", "42022245", "42022260", "42022270",
    "42022281", "42022289", "42023240", "42023280", "42023291", "42023293", "42023299", "42029208",
    "42029215", "42029220", "42029231", "42029233", "42029239", "42029260", "42029291", "42029293",
    "64061077", "65010030", "65020090", "65050015", "65050020", "65050030", "65050040", "65050050",
    "65050060", "65050080", "65050090", "701961", "701962", "701963", "701964", "701965", "701966",
    "701969", "940490",
]  # fmt: skip
# Goods that Customs says may be informational materials, and mostly are.
INFORMATIONAL = ["49", "9701", "9702", "9703", "9704", "9705"]


def printed() -> list[List]:
    """Return the lists that a U.S. note prints whole, each with one first day."""
    return [
        List(name, title, USITC + where, dated(note(*PHRASES[name]), act, start))
        for name, (title, where, act, start) in PRINTED.items()
    ]


def annex_ii() -> List:
    """Return the exemptions of the reciprocal tariff with their dated changes."""
    phrases = ("(a) As provided for in heading 9903.01.32", "(b) As provided in heading 9903.02.78")
    whole, data = set(note(*phrases)), "IEEPA reciprocal"
    september = under_any(whole, tracker(data, start="2025-09-08"))
    november = under_any(whole, tracker(data, start="2025-11-13"))
    under = tuple(HEADINGS)
    electronics = eight(tracker(data, "electronics memo")) & whole
    memo = {code for code in electronics if not code.startswith(under)} | HEADINGS
    first = {c for c in whole - september - november - memo if not c.startswith(under)}
    rows = dated(first, "eo-14257", "2025-04-05")
    rows += dated(memo, "memo-2025-04-11", "2025-04-05", note="electronics")
    rows += dated(september, "eo-14346", "2025-09-08")
    rows += dated(november, "eo-14360", "2025-11-13")
    return List(
        "reciprocal_annex_ii",
        "Goods that the reciprocal tariff leaves out: Annex II of Executive Order 14257 as amended",
        USITC + "2(v)(iii)(a); days from the change records and Budget Lab's tracker (MIT)",
        rows + _taken_out(data),
        doubts=[
            "Codes that left on 2025-08-01, 2025-09-08 and 2025-10-14 rest on the tracker",
            "Which chip codes stood in the first Annex II and which came with the memorandum of "
            "2025-04-11 is not settled; both bind from 2025-04-05",
        ],
    )


def under_any(codes: set[str], others: set[str]) -> set[str]:
    """Return the codes whose first eight digits are those of one of the others."""
    lines = eight(others)
    return {code for code in codes if code[:8] in lines}


def _taken_out(data: str) -> list[Row]:
    """Return the rows of Annex II that a later act took out."""
    rows = []
    for end, until, text in (
        ("2025-07-31", "2025-08-01", "taken out by Proclamation 10962 (copper)"),
        ("2025-09-07", "2025-09-08", "taken out by Executive Order 14346"),
        ("2025-10-13", "2025-10-14", "taken out by Proclamation 10976 (wood)"),
    ):
        rows += dated(eight(tracker(data, end=end)), "eo-14257", "2025-04-05", until, text)
    return rows


def others() -> list[List]:
    """Return the lists that need more than the text of chapter 99."""
    path = sources() / "us/measures/raw_yale/s232_aircraft_exempt_taiwan.csv"
    taiwan = pl.read_csv(path, infer_schema_length=0)["hts8"]
    return [
        List(
            "reciprocal_eu_particular",
            "Essential oils of the EU for religious purposes (9903.02.75)",
            USITC + "2(v)(xxi)",
            dated(["33012951"], EU, "2025-09-01"),
        ),
        List(
            "reciprocal_aircraft_tw",
            "Civil aircraft components of Taiwan (9903.96.03)",
            "U.S. note 35(c), 2026 Revision 9, by way of Budget Lab tariff-rate-tracker",
            dated(taiwan, "fr-2026-10571", "2026-05-01"),
            licence="MIT",
        ),
        List(
            "s122_textiles",
            "Textile and apparel goods of CAFTA-DR (9903.03.09, 9903.05.95)",
            "Our approximation of general note 29(d)(v) by chapters 50 to 63 and like goods",
            dated(TEXTILES, "pp-11012", "2026-02-24"),
            doubts=["General note 29(d)(v) names the goods by annex; the chapters stand for it"],
        ),
        List(
            "informational_lines",
            "Goods taken as informational materials (9903.01.03, .12, .22, .31 and like headings)",
            "Customs, questions and answers on IEEPA duties, April 2025, reprinted by a law firm",
            dated(INFORMATIONAL, "usc-50-1702", "1988-08-23"),
            doubts=["Customs says that goods of these lines may qualify, not that all do"],
        ),
    ]


def brazil_exempt() -> List:
    """Return the goods of Brazil outside the IEEPA duty, with the farm goods of November 2025."""
    phrases = ("(a) As provided in heading 9903.01.81", "(b) As provided in heading 9903.01.90")
    path = sources() / "us/measures/raw_yale/country_eo_exempt_products.csv"
    cells = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    late = {c[1].replace(".", "") for c in cells if c[0] == "9903.01.77" and c[2] == "2025-11-13"}
    whole = note(*phrases)
    rows = dated([code for code in whole if code not in late], "eo-14323", "2025-08-06")
    rows += dated([code for code in whole if code in late], "eo-14361", "2025-11-13")
    return List(
        "ieepa_brazil_exempt",
        "Goods of Brazil outside the IEEPA duty (9903.01.81)",
        USITC + "2(x)(iii)(a); the codes of 2025-11-13 from Budget Lab's tracker (MIT)",
        rows,
    )


def main() -> None:
    """Build all lists of the US measures on all origins."""
    lists = [annex_ii(), brazil_exempt(), *printed(), *others(), *section_301()]
    write(lists, "SOURCES_world.yaml")


if __name__ == "__main__":
    main()
