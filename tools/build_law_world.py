"""Write the law files with one provision a country: reciprocal, forced labour, postal items.

The frame of each file (exemptions, conditions, acts) stands in `tools/frames/`; headings, rates and
origins come from the histories of chapter 99 and from the transcribed forced-labour headings. Run
`python tools/build_law_world.py`; the same sources give the same bytes.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from build_lists_301 import note_52j
from data_common import ROOT, sources

TOOLS = Path(__file__).parent
USA = ROOT / "src" / "advalorem" / "lawbook" / "usa"
HISTORY = "us/hts/chapter99_intervals_2025basic_2026rev10.parquet"
LABOUR = "us/measures/transcribed/s301_forced_labor_country_rates.csv"
MARK = "# Written by tools/build_law_world.py; do not edit by hand.\n"
ENDED = "{from: 2026-02-24, ends: revoked, act: eo-14389}"
LABOUR_ACT = "from: 2026-07-24, rate: {}, act: fr-2026-07-23"
# Names of origins that take an article.
ARTICLE = {"European Union", "Philippines", "United Kingdom", "Falkland Islands"}
ARTICLE |= {"Democratic Republic of the Congo", "Bahamas", "United Arab Emirates"}
# Country rates of August 2025 that a deal with a 15 % total replaced.
REPLACED = {
    "JP": "{from: 2025-08-07, ends: superseded, act: eo-14345}",
    "KR": "{from: 2025-11-14, ends: superseded, act: fr-2025-21940}",
    "CH": "{from: 2025-11-14, ends: superseded, act: fr-2025-23316}",
    "LI": "{from: 2025-11-14, ends: superseded, act: fr-2025-23316}",
}
APRIL_ENDS = (
    "{from: 2025-04-10, until: 2025-07-09, ends: suspended, act: eo-14266}",
    "{from: 2025-07-09, until: 2025-08-01, ends: suspended, act: eo-14316}",
    "{from: 2025-08-01, ends: superseded, act: eo-14326}",
)
POSTAL_END = "{from: 2026-02-24, ends: superseded, act: eo-14388}"
POSTAL_RATE = "{{from: 2025-08-29, rate: {}, act: eo-14324}}"
# IEEPA rates of a postal item other than the country rate of August 2025.
POSTAL_STEPS = {
    "CN": (POSTAL_RATE.format("30%"), "{from: 2025-11-10, rate: 20%, act: eo-14357}"),
    "HK": (POSTAL_RATE.format("30%"), "{from: 2025-11-10, rate: 20%, act: eo-14357}"),
    "CH": (POSTAL_RATE.format("39%"), "{from: 2025-11-14, rate: 15%, act: fr-2025-23316}"),
    "IN": (POSTAL_RATE.format("50%"), "{from: 2026-02-07, rate: 25%, act: eo-14384}"),
    "BR": (POSTAL_RATE.format("50%"),),
    "CA": (POSTAL_RATE.format("35%"),),
    "MX": (POSTAL_RATE.format("25%"),),
    "EU27": (POSTAL_RATE.format("15%"),),
    "JP": (POSTAL_RATE.format("15%"),),
    "KR": (POSTAL_RATE.format("15%"),),
}


def names() -> dict[str, str]:
    """Return the code of each origin by the name that chapter 99 prints."""
    with (TOOLS / "origin_names.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["origin"] for row in csv.DictReader(file)}


def history(prefix: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the chapter 99 history under a prefix, each heading's oldest first."""
    order = pl.read_csv(sources() / "us/hts/revision_order.csv")
    order = order.select("seq", first_revision="revision")
    rows = pl.read_parquet(sources() / HISTORY).filter(pl.col("htsno").str.starts_with(prefix))
    yield from rows.join(order, on="first_revision").sort("htsno", "seq").iter_rows(named=True)


def countries(description: str) -> list[str]:
    """Return the names of the countries in a heading's text."""
    text = re.sub(r"<[^>]*>", "", description).replace("`", "'").replace("’", "'")
    pattern = r"articles the product of (.*?)(?:,? as provided for|, with an ad valorem)"
    found = re.search(pattern, text.replace("D'I", "d'I"))
    if not found:
        raise SystemExit(f"no country in {description!r}")
    whole = found.group(1).removesuffix(",")
    if whole in names():
        return [whole]
    parts = re.split(r",\s*(?:or\s+)?|\s+or\s+", whole)
    return [re.sub(r"^the ", "", part.strip()) for part in parts if part.strip()]


def additive(general: str) -> str | None:
    """Return the percentage that a heading adds to the ordinary duty, or None."""
    pattern = r"The duty provided in the applicable subheading\s*\+\s*([\d.]+%)"
    found = re.fullmatch(pattern, general.strip())
    return found.group(1) if found else None


def headings(first: str, last: str) -> list[tuple[str, str, list[str]]]:
    """Return heading, percentage and country names of the additive headings in a range."""
    made: dict[str, tuple[str, str, list[str]]] = {}
    for row in history(first[:8]):
        rate, heading = additive(row["general"]), row["htsno"]
        china = "product of China" in row["description_path"]
        if first <= heading <= last and rate and heading not in made and not china:
            made[heading] = (heading, rate, countries(row["description_path"]))
    return list(made.values())


def goods_of(listed: Sequence[str]) -> str:
    """Return "Goods of ..." for names of origins."""
    return "Goods of " + ", ".join(f"the {n}" if n in ARTICLE else n for n in listed)


def provision(ident: str, heading: str | None, title: str, *lines: str) -> str:
    """Return a provision as YAML from its id, heading, title and further lines."""
    text = f"  - id: {ident}\n"
    text += f'    heading: "{heading}"\n' if heading else ""
    return text + f"    title: {title}\n" + "".join(f"    {line}\n" for line in lines)


def origins(codes: Sequence[str]) -> str:
    """Return the line of a provision that names its origins; NO is quoted."""
    quoted = ['"NO"' if code == "NO" else code for code in codes]
    return f"origins: [{', '.join(quoted)}]"


def values(steps: Sequence[str]) -> list[str]:
    """Return the lines of a provision that hold its dated values."""
    return ["values:", *(f"  - {step}" for step in steps)]


def august() -> str:
    """Return the provisions of the country headings of Executive Order 14326."""
    text = ""
    for heading, rate, listed in headings("9903.02.02", "9903.02.71"):
        codes = [names()[name] for name in listed]
        steps = [f"{{from: 2025-08-07, rate: {rate}, act: eo-14326}}"]
        steps += [REPLACED[codes[0]]] if codes[0] in REPLACED else []
        ident = f"{'_'.join(codes).lower()}_{heading[-2:]}"
        title = goods_of(listed)
        text += provision(ident, heading, title, origins(codes), *values([*steps, ENDED]))
    return text


def april() -> str:
    """Return the provisions of the country headings of Annex I of Executive Order 14257."""
    text = ""
    for heading, rate, listed in headings("9903.01.43", "9903.01.76"):
        codes = [names()[name] for name in listed]
        steps = [f"{{from: 2025-04-09, rate: {rate}, act: eo-14257}}", *APRIL_ENDS]
        title = f"{goods_of(listed)}, rate of April 2025"
        text += provision(f"april_{heading[-2:]}", heading, title, origins(codes), *values(steps))
    return text


def reciprocal() -> str:
    """Return the law file of the reciprocal tariff."""
    return frame("reciprocal").replace("#COUNTRIES\n", august() + april())


def frame(name: str) -> str:
    """Return the fixed part of a law file."""
    return (TOOLS / "frames" / f"{name}.yaml").read_text(encoding="utf-8")


def labour_articles() -> str:
    """Return the provisions of note 52(j): articles of one origin that are left out."""
    text = ""
    for line in note_52j():
        if not line.part:
            continue
        kind = "Particular" if line.part == "ii" else "Listed"
        names = [line.name] if line.codes else []
        lists = ", ".join(f"usa/s301_labour_{name}" for name in [*names, *line.shared])
        lines = [origins([line.origin]), f"products: {{lists: [{lists}]}}"]
        title = f"{kind} articles of {line.origin}, note 52(j)"
        if line.part == "ii":
            lines.append(f'when: [{{heading_claimed: "{line.heading}", unstated: "yes"}}]')
            lines.append("reading: labour_particular_articles")
        if line.part == "iii":
            lines.append("when: [{claim: CAFTA-DR}]")
            title = (
                f"Textiles and like articles of {line.origin} entered under CAFTA-DR, note 52(j)"
            )
        lines.append(f"values: [{{{LABOUR_ACT.format('0%')}}}]")
        text += provision(line.name, line.heading, title, *lines)
    return text


def labour_countries() -> str:
    """Return the provisions of the 60 economies."""
    rows = pl.read_csv(sources() / LABOUR, infer_schema_length=0).to_dicts()
    if len(rows) != 60:
        raise SystemExit(f"{LABOUR}: 60 economies expected, {len(rows)} found")
    text = ""
    for row in rows:
        name = row["economy"].replace("Turkiye", "Türkiye")
        ident = row["economy"].lower().replace(" ", "_")
        rate, where = f"{float(row['rate']) * 100:g}%", origins([row["iso2"]])
        dated = f"values: [{{{LABOUR_ACT.format(rate)}}}]"
        if row["kind"] != "total_incl_mfn":
            text += provision(ident, row["heading"], goods_of([name]), where, dated)
            continue
        title = f"{goods_of([name])} with an ordinary duty of {rate} or more"
        test, free = f"when: [{{column1_at_least: {rate}}}]", LABOUR_ACT.format("0%")
        paired = row["paired_heading_no_additional"]
        text += provision(f"{ident}_at_least", paired, title, where, test, f"values: [{{{free}}}]")
        title = f"{goods_of([name])}, topped up to {rate} in all"
        text += provision(ident, row["heading"], title, where, "form: up_to_total", dated)
    return text


def labour() -> str:
    """Return the law file of Section 301 on forced labour."""
    text = frame("forced_labour").replace("#ARTICLES\n", labour_articles())
    return text.replace("#COUNTRIES\n", labour_countries())


def postal_groups() -> dict[tuple[str, ...], list[str]]:
    """Return origins by the dated IEEPA rates of a postal item; all others owe 10 %."""
    known = names()
    rates = {known[c[0]]: rate for _, rate, c in headings("9903.02.02", "9903.02.71")}
    steps = {code: (POSTAL_RATE.format(rate),) for code, rate in rates.items()} | POSTAL_STEPS
    groups: dict[tuple[str, ...], list[str]] = {}
    for code, dated in steps.items():
        groups.setdefault(dated, []).append(code)
    ten = (POSTAL_RATE.format("10%"),)
    groups.pop(ten, None)
    return groups | {ten: []}


def amount(step: str) -> str:
    """Return a dated rate as the dollars an item that stand for it: 80, 160 or 200."""
    found = re.search(r"rate: ([\d.]+)%", step)
    rate = float(found.group(1)) if found else 0.0
    dollars = 80 if rate < 16 else 160 if rate <= 25 else 200
    return re.sub(r"rate: [\d.]+%", f'specific: "{dollars}", unit: item', step)


def postal() -> str:
    """Return the law file of the duty on low-value postal items."""
    item = "{mode: [post]}, {value_at_most: 800}"
    chosen = f"when: [{item}, {{fact: postal_duty_method, is: specific}}]"
    by_item, by_value = "", ""
    for number, (steps, codes) in enumerate(postal_groups().items(), start=1):
        where = [origins(codes)] if codes else []
        dated = values([*map(amount, steps), POSTAL_END])
        lines = [*where, "form: specific", chosen, *dated]
        by_item += provision(f"specific_{number:02}", None, "Postal items, amount an item", *lines)
        lines = [*where, f"when: [{item}]", *values([*steps, POSTAL_END])]
        title = "Postal items, share of value"
        by_value += provision(f"ad_valorem_{number:02}", None, title, *lines)
    return frame("postal").replace("#ORIGINS\n", by_item + by_value)


def main() -> None:
    """Write the generated law files."""
    (USA / "section_301").mkdir(exist_ok=True)
    for path, text in (
        ("ieepa/reciprocal.yaml", reciprocal()),
        ("section_301/forced_labour.yaml", labour()),
        ("de_minimis_postal.yaml", postal()),
    ):
        (USA / path).write_text(MARK + text, encoding="utf-8")


if __name__ == "__main__":
    main()
