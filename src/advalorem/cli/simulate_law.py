"""`advalorem simulate` from one law to another, or under a scenario: rates come from the law."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from advalorem.cli.errors import UsageError, read_day_or_none
from advalorem.cli.sheets import Notes, Sheet, sheet

if TYPE_CHECKING:
    from advalorem.linkage.attribution import Attribution
    from advalorem.linkage.simulate import LawOutcome
    from advalorem.scenario import Scenario
    from advalorem.world import Economy

OTHER_SHOCKS = ("tariffs", "raises", "costs", "many", "base_tariffs", "aggregate")
SHOWN = 12
REVENUE = ("basic_prices", "basic_prices_new", "customs_values", "customs_values_new")


def asks_for_law(economy: Economy, asked: dict[str, Any]) -> bool:
    """Return whether the options ask for the law: its days, or a scenario that is no economy's."""
    from advalorem.world.scenarios import scenario_names

    named = asked["scenario"]
    other = named is not None and named not in scenario_names(economy)
    return other or any(asked[name] for name in ("law_from", "law_to", "attribute", "attribute_of"))


def law_outcome(economy: Economy, rule: Any, asked: dict[str, Any]) -> LawOutcome:
    """Return the world from the earlier law to the later law and scenario.

    Where one day only is known, both laws are of that day and the scenario makes the difference.
    """
    from advalorem.linkage.errors import LinkageError
    from advalorem.linkage.simulate import simulate_law
    from advalorem.scenario import Scenario, ScenarioError, load_scenario
    from advalorem.world.errors import InputError

    mixed = [f"--{name.replace('_', '-')}" for name in OTHER_SHOCKS if asked[name]]
    if mixed:
        raise InputError("options", ", ".join(mixed), "cannot be mixed with the law of a day",
                         "write the change as a scenario")  # fmt: skip
    try:
        what_if = Scenario() if asked["scenario"] is None else load_scenario(asked["scenario"])
        first, last = days_of(asked, what_if)
        known = read_day_or_none("known_on", asked["known_on"])
        return simulate_law(
            economy, first, last, what_if, closure=rule, known_on=known, throw=False
        )
    except (ScenarioError, LinkageError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise UsageError(_with_option(str(error))) from None


def _with_option(message: str) -> str:
    """Return a message on the days of the law with the name of the option.

    >>> _with_option("from: 2024-01-01 lies before the first day coded; ask from there")
    'law_from, law_to: 2024-01-01 lies before the first day coded; ask from there'
    """
    field = "from: "
    return f"law_from, law_to: {message[len(field) :]}" if message.startswith(field) else message


def days_of(asked: dict[str, Any], scenario: Scenario) -> tuple[date, date]:
    """Return the days of the two laws.

    Raises
    ------
    InputError
        No day is stated and the scenario has none of its own.
    """
    first = read_day_or_none("law_from", asked["law_from"])
    last = read_day_or_none("law_to", asked["law_to"])
    fallback = last or first or scenario.as_of
    if fallback is None or (scenario.is_empty and not (first and last)):
        raise UsageError(
            "law_from, law_to: are missing; state --law-from and --law-to, or a scenario with as_of"
        )
    return first or fallback, last or fallback


def body(found: LawOutcome, split: Attribution | None, data: dict[str, Any]) -> dict[str, Any]:
    """Return the reply of `simulate` with what the law adds to it."""
    if split is not None:
        names = list(found.outcome.economy.countries)
        for row in data["countries"]:
            at = names.index(row["country"])
            row["attribution"] = {name: float(part[at]) for name, part in split.parts.items()}
            row["without"] = {name: float(part[at]) for name, part in split.alone.items()}
        data["attribution"] = {
            "unit": "points of real income; the parts add up to real_income_pct",
            "gap": split.gap,
            "nodes": split.nodes,
            "without": "points that the change loses without the measure alone; do not add up",
        }
    data["law_from"] = found.before.on.isoformat()
    data["law_to"] = found.after.on.isoformat()
    data["ruleset_version"] = list(found.version)
    data["scenario_hash"] = found.scenario.hash
    data["readings"] = [*data["readings"], *found.statements()]
    data["revenue"] = found.revenue()
    data["coverage"] = [
        {"importer": row.importer, "item": row.item, "share": row.share, "note": row.note}
        for row in found.after.coverage
    ]
    return data


def parts(found: LawOutcome, split: Attribution | None, keep: set[str]) -> list[Sheet | Notes]:
    """Return the tables that the law adds to those of `simulate`."""
    tables: list[Sheet | Notes] = []
    if split is not None:
        tables.append(attribution_sheet(found, split, keep))
    money = [
        (row["importer"], *(f"{row[name]:,.0f}" for name in REVENUE), f"{row['scale']:.3f}")
        for row in found.revenue()
    ]
    heads = ("importer", "basic", "basic, new", "customs", "customs, new", "scale")
    unit = found.outcome.economy.unit
    tables.append(sheet(f"Tariff revenue at basic prices and at customs values, {unit}", heads,
                        money, heads[1:]))  # fmt: skip
    rows = [(row.importer, row.item, f"{row.share:.4f}", row.note) for row in found.after.coverage]
    tables.append(sheet("From law to sectors; shares of imports", ("importer", "item", "share",
                        "note"), rows, ("share",)))  # fmt: skip
    return tables


BY_ACT = "Who is hurt by which act, points of real income"


def attribution_sheet(
    found: LawOutcome, split: Attribution, keep: set[str], title: str = BY_ACT
) -> Sheet:
    """Return measures by country, in points."""
    names = [name for name in found.outcome.economy.countries if name in keep][:SHOWN]
    at = [found.outcome.economy.country_index(name) for name in names]
    rows = [
        (label, *(f"{part[n]:+.4f}" for n in at))
        for label, part in sorted(split.parts.items(), key=lambda item: -abs(item[1][at]).max())
    ]
    rows.append(("all together", *(f"{split.exact[n]:+.4f}" for n in at)))
    return sheet(title, ("measure", *names), rows, names)
