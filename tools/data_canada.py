"""Build Canada's surtax items and the tariff items known from them."""

from datetime import timedelta

import polars as pl

from data_common import ROOT, Source, Table, sources
from data_nomenclature import FIRST_DAY, HTS
from data_text import build_text, padded
from data_text import read_editions as read_texts

FOLDER = "canada/"
FIRST_NATIONAL = 98_00_00_00_00  # chapters 98 and 99 are each country's own
ORDERS = "tools/sources/canada_orders.csv"
JUSTICE = Source(
    publisher="Department of Justice Canada, consolidated regulations",
    by_way_of="justicecanada/laws-lois-xml @d6853c4 and its history",
    licence="Open Government Licence - Canada",
    date="2025-03-04 to 2026-07",
    files=(FOLDER + "canada_surtax_items.csv", ORDERS),
)
PRIVY_COUNCIL = Source(
    publisher="Privy Council Office, orders P.C. 2026-0785 and P.C. 2026-0786 of 2026-09-04",
    by_way_of="TheAxiomFoundation/axiom-corpus @a1deadc, @87928f0",
    licence="Open Government Licence - Canada",
    date="2026-09-08",
    files=(FOLDER + "canada_surtax_items_2026.csv",),
)
STEEL_LIST = FOLDER + "canada-steel-list.csv"
WORDS = Source(
    publisher="Department of Finance Canada, list of steel and aluminum goods of 13 March 2025",
    by_way_of="tradewartracker/trade-war-redux-2025 @726c595 (MIT)",
    licence="Open Government Licence - Canada; compilation MIT",
    date="2025-03-13",
    files=(STEEL_LIST,),
)
CONSULTATION = Source(
    publisher="Department of Finance Canada, notice of intent of March 2025 (second list)",
    by_way_of="tradewartracker/trade-war-redux-2025 @726c595 (MIT)",
    licence="Open Government Licence - Canada; compilation MIT",
    date="2025-03",
    files=(FOLDER + "canada-125b-list.csv",),
)
EXPORTS = Source(
    publisher="US Census Bureau, exports to Canada by HS6, 2024",
    by_way_of="tradewartracker/trade-war-redux-2025 @726c595 (MIT)",
    licence="US Government work (public domain); compilation MIT",
    date="calendar year 2024",
    files=tuple(
        FOLDER + f"us_exports_hs6_to_canada_{n}_list_2024.parquet" for n in ("march", "steel")
    ),
)


def canada_tables() -> list[Table]:
    """Return the tables of this group."""
    surtax, planned = surtax_items(), planned_items()
    items = pl.concat([surtax.frame["tariff_item"], planned.frame["tariff_item"]])
    lines, words = nomenclature(items.unique().sort())
    return [surtax, planned, lines, words, exports()]


def surtax_items() -> Table:
    """Return every tariff item of the surtax orders with its rate and days."""
    orders = pl.read_csv(ROOT / ORDERS, infer_schema=False)
    parts = [
        pl.read_csv(sources() / FOLDER / name, infer_schema=False).select(
            "order", "schedule", "tariff_item", "rate", "start", "end", origin
        )
        for name, origin in (
            ("canada_surtax_items.csv", pl.col("origin")),
            ("canada_surtax_items_2026.csv", pl.lit("US").alias("origin")),
        )
    ]
    frame = pl.concat(parts).join(orders, on=["order", "schedule"], how="left")
    if frame["instrument"].null_count():
        missing = frame.filter(pl.col("instrument").is_null())["order"].unique().to_list()
        raise SystemExit(f"{ORDERS} lacks {missing}: add a row per order and schedule")
    return Table(
        "canada_surtax_items",
        "Canada's surtaxes on goods of the United States: tariff items, rates and days",
        frame.select(
            pl.col("short").alias("order"),
            "instrument",
            "schedule",
            "goods",
            "tariff_item",
            padded(pl.col("tariff_item")).alias("hts"),
            pl.col("rate").cast(pl.Float64),
            pl.col("start").str.to_date().alias("valid_from"),
            (pl.col("end").str.to_date() + timedelta(days=1)).alias("valid_until"),
            "origin",
            pl.col("tariff_item").str.head(2).is_in(["98", "99"]).alias("chapter_98_99"),
            pl.col("note").fill_null(""),
        ),
        ("order", "instrument", "schedule", "tariff_item", "valid_from"),
        (JUSTICE, PRIVY_COUNCIL),
        {"rate": "fraction of the value for duty; null: the rate of the good's own schedule"},
        ("items of chapters 98 and 99 bear the surtax only where the good would else be listed",),
    )


def planned_items() -> Table:
    """Return the list announced in March 2025 that never entered into force."""
    path = sources() / FOLDER / "canada-125b-list.csv"
    items = pl.read_csv(path, has_header=False, new_columns=["item"], infer_schema=False)
    return Table(
        "canada_planned_items_2025",
        "Canada's second list of March 2025 (125 billion Canadian dollars), never in force",
        items.select(pl.col("item").str.replace_all(".", "", literal=True).alias("tariff_item"))
        .unique()
        .with_columns(padded(pl.col("tariff_item")).alias("hts")),
        ("tariff_item",),
        (CONSULTATION,),
        {},
        ("announced at 25 % on 2025-03-04, paused on 2025-03-06, never in force",),
    )


def nomenclature(items: pl.Series) -> tuple[Table, Table]:
    """Return the tariff items known from the lists, and the words of their headings."""
    lines = pl.DataFrame({"item": items}).select(
        padded(pl.col("item")).alias("hts"),
        pl.lit(8, pl.Int8).alias("digits"),
        pl.lit(FIRST_DAY).alias("valid_from"),
        pl.lit(None, pl.Date).alias("valid_until"),
        pl.col("item").cast(pl.Int32).alias("hts8"),
    )
    origin = (JUSTICE, PRIVY_COUNCIL, CONSULTATION)
    coverage = "only items on surtax lists: Canada's tariff and its MFN rates are not held"
    return (
        Table(
            "nomenclature_ca",
            "Canadian tariff items known from surtax lists",
            lines,
            ("hts", "valid_from"),
            origin,
            {},
            (coverage,),
        ),
        Table(
            "nomenclature_ca_text",
            "Words of the international subheading of each Canadian tariff item",
            _words(items),
            ("code", "digits", "valid_from"),
            (*origin, WORDS, HTS),
            {"code": "8 digits, filled with zeros to ten"},
            (
                "words of the six-digit subheading, shared by all Harmonized System tariffs, from "
                "the US schedule; Canada's own words for items of the list of 13 March 2025 only; "
                "none for chapters 98 and 99",
            ),
        ),
    )


def _words(items: pl.Series) -> pl.DataFrame:
    """Give each item the words of its subheading, else of its heading, in the US schedule."""
    texts = (
        build_text(read_texts())
        .sort("valid_from")
        .unique(["code", "digits"], keep="last", maintain_order=True)
    )
    stems = texts.with_columns((pl.col("code") // 10_000).alias("six"))
    alone = stems.filter(pl.col("digits") >= 8).filter(pl.len().over("six") == 1)
    six = pl.concat([stems.filter(pl.col("digits") == 6), alone]).unique(
        "six", keep="first", maintain_order=True
    )
    top = pl.col("path").str.split(" > ").list.first()
    four = (
        texts.sort("digits")
        .with_columns(
            (pl.col("code") // 10**6).alias("four"), top.alias("path"), top.alias("description")
        )
        .unique("four", keep="first", maintain_order=True)
    )
    frame = pl.DataFrame({"item": items}).with_columns(
        padded(pl.col("item")).alias("code"),
        (pl.col("item").cast(pl.Int64) // 100).alias("six"),
        (pl.col("item").cast(pl.Int64) // 10_000).alias("four"),
    )
    frame = frame.join(six.select("six", "description", "path"), on="six", how="left").join(
        four.select("four", "description", "path"), on="four", how="left", suffix="_four"
    )
    frame = frame.join(_canadian_words(), on="item", how="left")
    national = pl.col("code") >= FIRST_NATIONAL
    return frame.select(
        "code",
        pl.lit(8, pl.Int8).alias("digits"),
        pl.lit(FIRST_DAY).alias("valid_from"),
        *(
            pl.when(national)
            .then(pl.lit(""))
            .otherwise(pl.coalesce(f"{n}_own", n, f"{n}_four"))
            .alias(n)
            for n in ("description", "path")
        ),
    )


def _canadian_words() -> pl.DataFrame:
    """Return Canada's own words for the items of the list of 13 March 2025."""
    names = ["item", "heading", "own"]
    path = sources() / STEEL_LIST
    rows = pl.read_csv(path, has_header=False, new_columns=names, infer_schema=False)
    words = rows.select(
        pl.col("item").str.replace_all(".", "", literal=True),
        pl.col("own").str.strip_chars().alias("description_own"),
        (pl.col("heading").str.strip_chars(" .") + " > " + pl.col("own").str.strip_chars()).alias(
            "path_own"
        ),
    )
    return words.unique("item", keep="first", maintain_order=True)


def exports() -> Table:
    """Return US exports to Canada 2024 on the subheadings of two lists."""
    folder = sources() / FOLDER
    parts = [
        pl.read_parquet(folder / f"us_exports_hs6_to_canada_{name}_list_2024.parquet").select(
            pl.lit(order).alias("order"),
            pl.col("hs-code").cast(pl.Int32).alias("hs6"),
            pl.col("exports").round().cast(pl.Int64).alias("exports_usd"),
        )
        for name, order in (("march", "us_2025_1"), ("steel", "steel_aluminum_2025"))
    ]
    return Table(
        "us_exports_canada_lists",
        "US exports to Canada 2024 on the subheadings of Canada's surtax lists of March 2025",
        pl.concat(parts),
        ("order", "hs6"),
        (EXPORTS,),
        {"exports_usd": "USD, January to December 2024, whole subheading"},
        ("a subheading counts whole where one of its items is listed; not all US exports",),
    )
