"""Write the law files with one provision a country: reciprocal, forced labour, postal items.

The frame of each file (exemptions, conditions, acts) stands here as text; headings, rates and origins
come from the histories of chapter 99, and from the transcription of the forced-labour headings. Run
`python tools/build_law_world.py`; the same sources give the same bytes.
"""

import re
from collections.abc import Iterator

import polars as pl

from build_lists_world import note_52j
from data_common import ROOT, sources

USA = ROOT / "src" / "advalorem" / "lawbook" / "usa"
HISTORY = "us/hts/chapter99_intervals_2025basic_2026rev10.parquet"
LABOUR = "us/measures/transcribed/s301_forced_labor_country_rates.csv"

ISO = {
    "Afghanistan": "AF", "Algeria": "DZ", "Angola": "AO", "Bangladesh": "BD", "Bolivia": "BO",
    "Bosnia and Herzegovina": "BA", "Botswana": "BW", "Brazil": "BR", "Brunei": "BN", "Cambodia": "KH",
    "Cameroon": "CM", "Chad": "TD", "China": "CN", "Costa Rica": "CR", "Côte d'Ivoire": "CI",
    "Democratic Republic of the Congo": "CD", "Ecuador": "EC", "Equatorial Guinea": "GQ",
    "European Union": "EU27", "Falkland Islands": "FK", "Fiji": "FJ", "Ghana": "GH", "Guyana": "GY",
    "Iceland": "IS", "India": "IN", "Indonesia": "ID", "Iraq": "IQ", "Israel": "IL", "Japan": "JP",
    "Jordan": "JO", "Kazakhstan": "KZ", "Laos": "LA", "Lesotho": "LS", "Libya": "LY",
    "Liechtenstein": "LI", "Madagascar": "MG", "Malawi": "MW", "Malaysia": "MY", "Mauritius": "MU",
    "Moldova": "MD", "Mozambique": "MZ", "Myanmar (Burma)": "MM", "Namibia": "NA", "Nauru": "NR",
    "New Zealand": "NZ", "Nicaragua": "NI", "Nigeria": "NG", "North Macedonia": "MK", "Norway": "NO",
    "Pakistan": "PK", "Papua New Guinea": "PG", "Philippines": "PH", "Serbia": "RS",
    "South Africa": "ZA", "South Korea": "KR", "Sri Lanka": "LK", "Switzerland": "CH", "Syria": "SY",
    "Taiwan": "TW", "Thailand": "TH", "Trinidad and Tobago": "TT", "Tunisia": "TN", "Turkey": "TR",
    "Uganda": "UG", "United Kingdom": "GB", "Vanuatu": "VU", "Venezuela": "VE", "Vietnam": "VN",
    "Zambia": "ZM", "Zimbabwe": "ZW",
}  # fmt: skip

BASES = """bases:
  - {when: [{heading_claimed: "9802.00.40"}], base: {fact_value: repair_value}}
  - {when: [{heading_claimed: "9802.00.50"}], base: {fact_value: repair_value}}
  - {when: [{heading_claimed: "9802.00.60"}], base: {fact_value: repair_value}}
  - {when: [{heading_claimed: "9802.00.80"}], base: {less_share: us_content_share, unstated_share: 0}}
"""
CHAPTER_98 = """  - id: chapter_98
    title: Goods entered under chapter 98, except repair, processing and assembly abroad
    when:
      - {heading_claimed: "98"}
      - {heading_claimed: "9802.00.40", not: true}
      - {heading_claimed: "9802.00.50", not: true}
      - {heading_claimed: "9802.00.60", not: true}
      - {heading_claimed: "9802.00.80", not: true}
"""
END = "      - {from: 2026-02-24, ends: revoked, act: eo-14389}\n"


def history(prefix: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the chapter 99 history under a prefix, oldest edition of a heading first."""
    order = pl.read_csv(sources() / "us/hts/revision_order.csv").select(
        "seq", first_revision="revision"
    )
    rows = pl.read_parquet(sources() / HISTORY).filter(pl.col("htsno").str.starts_with(prefix))
    yield from rows.join(order, on="first_revision").sort("htsno", "seq").iter_rows(named=True)


def origins(description: str) -> list[str]:
    """Return the ISO codes of the countries that a heading names."""
    text = (
        re.sub(r"<[^>]*>", "", description)
        .replace("`", "'")
        .replace("’", "'")
        .replace("D'I", "d'I")
    )
    found = re.search(
        r"articles the product of (.*?)(?:,? as provided for|, with an ad valorem)", text
    )
    if not found:
        raise SystemExit(f"no country in {description!r}")
    names = found.group(1).removesuffix(",")
    if names.startswith("China"):
        return ["CN", "HK", "MO"]
    if names == "Bosnia and Herzegovina" or names == "Trinidad and Tobago":
        return [ISO[names]]
    parts = [part.strip() for part in re.split(r",\s*(?:or\s+)?|\s+or\s+", names) if part.strip()]
    return [ISO[re.sub(r"^the ", "", part)] for part in parts]


def additive(general: str) -> str | None:
    """Return the percentage that a heading adds to the ordinary duty, or None."""
    found = re.fullmatch(
        r"The duty provided in the applicable subheading\s*\+\s*([\d.]+%)", general.strip()
    )
    return found.group(1) if found else None


def headings(first: str, last: str) -> list[tuple[str, str, list[str]]]:
    """Return heading, percentage and origins, in order, of the additive headings in a range."""
    made: dict[str, tuple[str, str, list[str]]] = {}
    for row in history(first[:8]):
        rate = additive(row["general"])
        if first <= row["htsno"] <= last and rate and row["htsno"] not in made:
            made[row["htsno"]] = (row["htsno"], rate, origins(row["description_path"]))
    return list(made.values())


def title_of(codes: list[str]) -> str:
    """Return the plain names of origins."""
    names = {code: name for name, code in ISO.items()} | {"HK": "Hong Kong", "MO": "Macau"}
    names |= {"EU27": "the European Union", "PH": "the Philippines", "GB": "the United Kingdom"}
    return ", ".join(names[code] for code in codes)


def list_of(codes: list[str]) -> str:
    """Return origins as a YAML flow list; NO and similar words are quoted."""
    return "[" + ", ".join(f'"{code}"' if code in ("NO", "ON") else code for code in codes) + "]"


def august(heading: str, rate: str, codes: list[str]) -> str:
    """Return the provision of one country heading of Executive Order 14326."""
    replaced = {
        "JP": ("2025-08-07", "eo-14345"),
        "KR": ("2025-11-14", "fr-2025-21940"),
        "CH": ("2025-11-14", "fr-2025-23316"),
        "LI": ("2025-11-14", "fr-2025-23316"),
    }
    text = f'  - id: {"_".join(codes).lower()}_{heading[-2:]}\n    heading: "{heading}"\n'
    text += f"    title: Goods of {title_of(codes)}\n    origins: {list_of(codes)}\n    values:\n"
    text += f"      - {{from: 2025-08-07, rate: {rate}, act: eo-14326}}\n"
    if codes[0] in replaced:
        start, act = replaced[codes[0]]
        text += f"      - {{from: {start}, ends: superseded, act: {act}}}\n"
    return text + END


def april(heading: str, rate: str, codes: list[str]) -> str:
    """Return the provision of one country heading of Annex I of Executive Order 14257."""
    text = f'  - id: april_{heading[-2:]}\n    heading: "{heading}"\n'
    text += f"    title: Goods of {title_of(codes)}, rates of April 2025\n"
    text += f"    origins: {list_of(codes)}\n    values:\n"
    text += f"      - {{from: 2025-04-09, rate: {rate}, act: eo-14257}}\n"
    if "CN" in codes:
        return text + CHINA_STEPS + END
    return (
        text
        + "      - {from: 2025-04-10, until: 2025-07-09, ends: suspended, act: eo-14266}\n"
        + "      - {from: 2025-07-09, until: 2025-08-01, ends: suspended, act: eo-14316}\n"
        + "      - {from: 2025-08-01, ends: superseded, act: eo-14326}\n"
    )


CHINA_STEPS = """      - {from: 2025-04-09, rate: 84%, act: eo-14259}
      - {from: 2025-04-10, rate: 125%, act: eo-14266}
      - {from: 2025-05-14, rate: 34%, act: eo-14298}
      - {from: 2025-05-14, until: 2025-08-12, ends: suspended, act: eo-14298, note: "24 of the 34 points suspended; 10% under 9903.01.25"}
      - {from: 2025-08-12, until: 2025-11-10, ends: suspended, act: eo-14334}
      - {from: 2025-11-10, until: 2026-11-10, ends: suspended, act: eo-14358}
"""


def floor(name: str, codes: str, high: str, low: str, start: str, act: str, text: str) -> str:
    """Return the two provisions of a deal with a total of 15 % that includes column 1."""
    return f"""  - id: {name}_at_least_15
    heading: "{high}"
    title: Goods of {text} with an ordinary duty of 15% or more
    origins: [{codes}]
    when: [{{column1_at_least: 15%}}]
    values:
      - {{from: {start}, rate: 0%, act: {act}}}
{END}  - id: {name}_total_15
    heading: "{low}"
    title: Goods of {text} with an ordinary duty below 15%, topped up to 15% in all
    origins: [{codes}]
    form: up_to_total
    values:
      - {{from: {start}, rate: 15%, act: {act}}}
{END}"""


FLOORS = (
    ("jp", "JP", "9903.02.72", "9903.02.73", "2025-08-07", "eo-14345", "Japan"),
    ("eu", "EU27", "9903.02.19", "9903.02.20", "2025-08-07", "eo-14326", "the European Union"),
    ("kr", "KR", "9903.02.79", "9903.02.80", "2025-11-14", "fr-2025-21940", "South Korea"),
    ("ch", "CH", "9903.02.82", "9903.02.83", "2025-11-14", "fr-2025-23316", "Switzerland"),
    ("li", "LI", "9903.02.87", "9903.02.88", "2025-11-14", "fr-2025-23316", "Liechtenstein"),
)


def reciprocal() -> str:
    """Return the law file of the reciprocal tariff."""
    frame = (ROOT / "tools" / "reciprocal_frame.yaml").read_text(encoding="utf-8")
    frame = frame.replace("#BASES\n", BASES).replace("#CHAPTER_98\n", CHAPTER_98)
    country = [floor(*row) for row in FLOORS]
    country += [august(*row) for row in headings("9903.02.02", "9903.02.71")]
    country += [april(*row) for row in headings("9903.01.43", "9903.01.76")]
    return frame.replace("#COUNTRIES\n", "".join(country))


def labour_rates() -> list[dict[str, str]]:
    """Return the transcribed headings of the forced-labour action."""
    rows = pl.read_csv(sources() / LABOUR, infer_schema_length=0).to_dicts()
    if len(rows) != 60:
        raise SystemExit(f"{LABOUR}: 60 economies expected, {len(rows)} found")
    return rows


def percent(share: str) -> str:
    """Return a share as a printed percentage."""
    return f"{float(share) * 100:g}%"


def labour() -> str:
    """Return the law file of Section 301 on forced labour."""
    frame = (ROOT / "tools" / "forced_labour_frame.yaml").read_text(encoding="utf-8")
    frame = frame.replace("#BASES\n", BASES).replace("#CHAPTER_98\n", CHAPTER_98)
    articles, country = "", ""
    for origin, part, heading, _ in note_52j():
        articles += f'  - id: {origin.lower()}_{part}\n    heading: "{heading}"\n'
        articles += f"    title: {'Particular' if part == 'ii' else 'Listed'} articles of {origin}, U.S. note 52(j)\n"
        articles += f"    origins: {list_of([origin])}\n"
        articles += f"    products: {{lists: [usa/s301_labour_{origin.lower()}_{part}]}}\n"
        if part == "ii":
            articles += f'    when: [{{heading_claimed: "{heading}", unstated: "yes"}}]\n'
            articles += "    reading: labour_particular_articles\n"
        articles += "    values: [{from: 2026-07-24, rate: 0%, act: fr-2026-07-23}]\n"
    for row in labour_rates():
        code, name = row["iso2"], row["economy"].replace("Turkiye", "Türkiye")
        ident = row["economy"].lower().replace(" ", "_")
        act = f"{{from: 2026-07-24, rate: {percent(row['rate'])}, act: fr-2026-07-23}}"
        if row["kind"] == "total_incl_mfn":
            at_least = percent(row["rate"])
            country += (
                f'  - id: {ident}_at_least\n    heading: "{row["paired_heading_no_additional"]}"\n'
            )
            country += f"    title: Goods of {name} with an ordinary duty of {at_least} or more\n"
            country += (
                f"    origins: {list_of([code])}\n    when: [{{column1_at_least: {at_least}}}]\n"
            )
            country += "    values: [{from: 2026-07-24, rate: 0%, act: fr-2026-07-23}]\n"
        country += f'  - id: {ident}\n    heading: "{row["heading"]}"\n'
        total = row["kind"] == "total_incl_mfn"
        country += f"    title: Goods of {name}{', topped up to a total' if total else ''}\n"
        country += f"    origins: {list_of([code])}\n" + (
            "    form: up_to_total\n" if total else ""
        )
        country += f"    values: [{act}]\n"
    return frame.replace("#ARTICLES\n", articles).replace("#COUNTRIES\n", country)


DEALS = {"EU27": "15%", "JP": "15%", "KR": "15%"}
STEPS = {
    "CN": [
        "{from: 2025-08-29, rate: 30%, act: eo-14324}",
        "{from: 2025-11-10, rate: 20%, act: eo-14357}",
    ],
    "CH": [
        "{from: 2025-08-29, rate: 39%, act: eo-14324}",
        "{from: 2025-11-14, rate: 15%, act: fr-2025-23316}",
    ],
    "IN": [
        "{from: 2025-08-29, rate: 50%, act: eo-14324}",
        "{from: 2026-02-07, rate: 25%, act: eo-14384}",
    ],
    "BR": ["{from: 2025-08-29, rate: 50%, act: eo-14324}"],
    "CA": ["{from: 2025-08-29, rate: 35%, act: eo-14324}"],
    "MX": ["{from: 2025-08-29, rate: 25%, act: eo-14324}"],
}
SUPERSEDED = "{from: 2026-02-24, ends: superseded, act: eo-14388}"


def postal_groups() -> dict[tuple[str, ...], list[str]]:
    """Return origins by the dated IEEPA rates that a postal item owes, the 10 % of all others left out."""
    rates = {codes[0]: rate for _, rate, codes in headings("9903.02.02", "9903.02.71")} | DEALS
    groups: dict[tuple[str, ...], list[str]] = {}
    for code, rate in rates.items():
        steps = STEPS.get(code, [f"{{from: 2025-08-29, rate: {rate}, act: eo-14324}}"])
        groups.setdefault(tuple(steps), []).append(code)
    for code in ("CN", "CA", "MX"):
        groups.setdefault(tuple(STEPS[code]), []).extend(["CN", "HK"] if code == "CN" else [code])
    ten = ("{from: 2025-08-29, rate: 10%, act: eo-14324}",)
    groups.pop(ten, None)
    return groups | {ten: []}


def specific_value(step: str) -> str:
    """Return a dated rate as the dollars an item that stand for it: 80, 160 or 200."""
    rate = float(re.search(r"rate: ([\d.]+)%", step).group(1))  # type: ignore[union-attr]
    dollars = 80 if rate < 16 else 160 if rate <= 25 else 200
    return re.sub(r"rate: [\d.]+%", f'specific: "{dollars}", unit: item', step)


def postal() -> str:
    """Return the law file of the duty on low-value postal items."""
    frame = (ROOT / "tools" / "postal_frame.yaml").read_text(encoding="utf-8")
    made = ""
    for method in ("specific", "ad_valorem"):
        for number, (steps, codes) in enumerate(postal_groups().items(), start=1):
            made += f"  - id: {method}_{number:02}\n"
            made += f"    title: Postal items, {'amount an item' if method == 'specific' else 'share of value'}\n"
            if codes:
                made += f"    origins: {list_of(codes)}\n"
            tests = "{mode: [post]}, {value_at_most: 800}"
            if method == "specific":
                made += f"    form: specific\n    when: [{tests}, {{fact: postal_duty_method, is: specific}}]\n"
                values = [specific_value(step) for step in steps]
            else:
                made += f"    when: [{tests}]\n"
                values = list(steps)
            made += "    values:\n" + "".join(
                f"      - {value}\n" for value in [*values, SUPERSEDED]
            )
    return frame.replace("#ORIGINS\n", made)


def main() -> None:
    """Write the generated law files."""
    mark = "# Written by tools/build_law_world.py; do not edit by hand.\n"
    (USA / "ieepa" / "reciprocal.yaml").write_text(mark + reciprocal(), encoding="utf-8")
    folder = USA / "section_301"
    folder.mkdir(exist_ok=True)
    (folder / "forced_labour.yaml").write_text(mark + labour(), encoding="utf-8")
    (USA / "de_minimis_postal.yaml").write_text(mark + postal(), encoding="utf-8")


if __name__ == "__main__":
    main()
