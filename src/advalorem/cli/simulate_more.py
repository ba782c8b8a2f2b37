"""What `advalorem simulate` says beyond countries: draws, dependence, products, regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advalorem.cli.dependence import exposure_rows, gainer_rows, input_rows
from advalorem.cli.draws import add_intervals, drawn
from advalorem.cli.errors import UsageError
from advalorem.cli.sheets import Notes, Paper, Sheet, sheet
from advalorem.cli.simulate_law import SHOWN, attribution_sheet

if TYPE_CHECKING:
    from advalorem.linkage.simulate import LawOutcome
    from advalorem.world import Outcome


def details(
    outcome: Outcome, found: LawOutcome | None, asked: dict[str, Any], data: dict[str, Any]
) -> list[Sheet | Notes]:
    """Return what further options ask for as tables, and add it to the plain values.

    Raises
    ------
    UsageError
        There are no data for what is asked.
    """
    from advalorem.linkage.errors import LinkageError

    tables: list[Sheet | Notes] = []
    try:
        if asked["attribute_of"]:
            tables.append(_split(found, asked, data))
        if asked["draws"]:
            costs = None if found is None else found.costs
            tables += add_intervals(outcome, drawn(outcome, costs, asked), data)
        if asked["exposure"]:
            tables += _dependence(outcome, asked, data)
        if asked["zoom"]:
            tables.append(_products(found, asked, data))
        if asked["regions"] is not None:
            tables.append(_regions(outcome, asked, data))
    except LinkageError as error:
        raise UsageError(str(error)) from None
    return tables


def _split(found: LawOutcome | None, asked: dict[str, Any], data: dict[str, Any]) -> Sheet:
    """Return an outcome other than real income by measure and country, in points."""
    from advalorem.linkage.errors import LinkageError
    from advalorem.linkage.measured import measured

    if found is None:
        raise LinkageError("attribute-of: measures need the law of two days, or a scenario of it")
    text = asked["attribute_of"]
    split = found.attribution(of=measured(found.outcome.economy, text))
    shown = [row["country"] for row in data["countries"]]
    at = {name: found.outcome.economy.country_index(name) for name in shown}
    data["attribution_of"] = {
        "outcome": text, "unit": "points of change, per cent; the parts add up to change_pct",
        "gap": split.gap, "nodes": split.nodes,
        "countries": [
            {
                "country": name, "change_pct": float(split.exact[n]),
                "attribution": {label: float(part[n]) for label, part in split.parts.items()},
                "without": {label: float(part[n]) for label, part in split.alone.items()},
            }
            for name, n in at.items()
        ],
    }  # fmt: skip
    return attribution_sheet(found, split, set(shown), f"{text} by measure, points")


HEADS = {
    "export_share": "of exports",
    "export_concentration": "concentration",
    "value_added_in_market": "of value added",
    "largest_buyers": "largest buyers",
    "from_abroad": "abroad",
    "from_abroad_new": "abroad, new",
    "of_which_market": "market",
    "of_which_market_new": "market, new",
}


def _dependence(outcome: Outcome, asked: dict[str, Any], data: dict[str, Any]) -> list[Sheet]:
    """Return tables of dependence on a market, before and after."""
    from advalorem.partnership.instruments import partnership_data

    names = outcome.economy.countries
    market = names[outcome.economy.country_index(asked["exposure"])]
    named = [row["country"] for row in data["countries"]] if asked["countries"] else None
    countries = [name for name in named or partnership_data()["members"] if name != market]
    stages = (("before", outcome.before), ("after", outcome.after))
    found = {
        "dependence": exposure_rows(outcome, countries, market, stages),
        "gainers": gainer_rows(outcome, countries, market),
        "inputs": input_rows(outcome, countries, market),
    }
    data["exposure"] = {"market": market, "unit": outcome.economy.unit, **found}
    largest = sorted(found["inputs"], key=lambda r: -r["from_abroad"] * r["of_which_market"])
    return [
        _rows(f"Dependence on {market}, shares", found["dependence"]),
        _rows(f"Who takes sales that {', '.join(countries)} lose in {market}", found["gainers"]),
        _rows(f"Inputs from abroad, and of these from {market}, shares", largest[:SHOWN]),
    ]


def _rows(title: str, rows: list[dict[str, Any]]) -> Sheet:
    names = list(rows[0]) if rows else []
    right = [HEADS.get(name, name) for name in names if isinstance(rows[0][name], float)]
    heads = [HEADS.get(name, name) for name in names]
    return sheet(title, heads, [[_word(row[name]) for name in names] for row in rows], right)


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.0f}"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _products(found: LawOutcome | None, asked: dict[str, Any], data: dict[str, Any]) -> Sheet:
    from advalorem.law.load import load_lawbook
    from advalorem.linkage.errors import LinkageError
    from advalorem.linkage.zoom import zoom

    exporter, sign, sector = asked["zoom"].partition(":")
    if found is None or not sign:
        raise LinkageError("zoom: products need the law of two days; give --law-from, --law-to "
                           "and --zoom EXPORTER:SECTOR")  # fmt: skip
    book = load_lawbook()
    digits = asked["digits"]
    made = zoom(found, (book, found.scenario.apply(book)), exporter, sector, digits)
    rows = [
        {"code": f"{code:0{digits}d}", "value_usd": value, "value_new_usd": new, "rate": old_rate,
         "rate_new": rate}
        for code, value, new, old_rate, rate in zip(
            made.code.tolist(), made.value.tolist(), made.value_new.tolist(),
            made.rate.tolist(), made.rate_new.tolist(), strict=True)
    ]  # fmt: skip
    data["zoom"] = {"exporter": made.exporter, "sector": made.sector, "ratio": made.ratio,
                    "reading": "elasticity between products is the sector's trade elasticity",
                    "products": rows}  # fmt: skip
    top = sorted(rows, key=lambda row: -abs(row["value_new_usd"] - row["value_usd"]))[:SHOWN]
    cells = [_product(row) for row in top]
    columns = ("code", "musd", "new musd", "change", "rate", "new rate")
    whole = f"{100 * (made.ratio - 1):+.2f}% in all"
    return sheet(f"Products of {made.exporter}, {made.sector}, moved most; {whole}", columns,
                 cells, columns[1:])  # fmt: skip


def _product(row: dict[str, Any]) -> tuple[str, ...]:
    money = (f"{row[name] / 1e6:,.1f}" for name in ("value_usd", "value_new_usd"))
    old, new = row["value_usd"], row["value_new_usd"]
    change = f"{100 * (new / old - 1):+.2f}%" if old > 0 else ""
    return (
        row["code"],
        *money,
        change,
        *(f"{100 * row[name]:.2f}%" for name in ("rate", "rate_new")),
    )


def _regions(outcome: Outcome, asked: dict[str, Any], data: dict[str, Any]) -> Sheet:
    from advalorem.linkage.subnational import outlook

    made = outlook(outcome, asked["regions"])
    rows = list(zip(made.country, made.region, made.value_added_pct, strict=True))
    data["regions"] = [
        dict(zip(("country", "region", "value_added_pct"), row, strict=True)) for row in rows
    ]
    cells = [(country, region, f"{value:+.4f}") for country, region, value in rows]
    return sheet("Value added by region, per cent", ("country", "region", "change"), cells,
                 ("change",))  # fmt: skip


def with_parts(made: Paper, more: list[Sheet | Notes]) -> Paper:
    """Return a paper with tables put before its notes."""
    first = next((n for n, part in enumerate(made.parts) if isinstance(part, Notes)), 0)
    held = (*made.parts[:first], *more, *made.parts[first:])
    return Paper(made.title, held, made.records, made.data)
