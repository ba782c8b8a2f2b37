"""`advalorem negotiate`: who gains from which outcome, alone or together."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from advalorem.cli.sheets import Format, FormatOption, Notes, Paper, Sheet, sheet, write
from advalorem.cli.simulate import refusing, write_csv

app = typer.Typer()

File = Annotated[Path | None, typer.Argument(help="YAML file of the question.")]
Players = Annotated[
    str | None, typer.Option("--players", "-p", help="Countries, such as USA,CAN,MEX.")
]
NashOption = Annotated[bool, typer.Option("--nash", help="Nash tariffs and payoffs.")]
Coalition = Annotated[
    list[str] | None,
    typer.Option("--coalition", "-c", help="Members that act as one, such as CAN+MEX; repeatable."),
]
Frontier = Annotated[
    int, typer.Option("--frontier", help="Points along each edge of the Pareto frontier.")
]
BargainOption = Annotated[bool, typer.Option("--bargain", help="Nash bargain of all players.")]
Transfers = Annotated[bool, typer.Option("--transfers", help="Parties can pay one another.")]
Hub = Annotated[
    str | None, typer.Option("--hub", help="Compare talks of this country with the other two.")
]
Tree = Annotated[Path | None, typer.Option("--tree", help="YAML file of a decision tree.")]
StudyOption = Annotated[
    Path | None,
    typer.Option("--study", help="Folder of a published study's data: run its cases."),
]
Economy = Annotated[
    str | None, typer.Option("--economy", "-e", help="Packaged economy or folder; icio2022.")
]
Closure = Annotated[
    str | None, typer.Option("--closure", help="zero_deficits (default), world_share or nominal.")
]
Theta = Annotated[
    str | None, typer.Option("--theta", help="Set of trade elasticities, or a CSV of them.")
]
Aggregate = Annotated[
    Path | None, typer.Option("--aggregate", help="CSV of kind, code, into: labels to merge.")
]
Rule = Annotated[
    str | None,
    typer.Option("--instruments", help="partner_sector (default), partner, sector or one."),
]
Bounds = Annotated[
    str | None, typer.Option("--bounds", help="Lowest and highest rate as fractions; 0,1.")
]
Draws = Annotated[
    int | None, typer.Option("--draws", help="Draws of the elasticities, for intervals.")
]
Spread = Annotated[
    float | None,
    typer.Option("--spread", help="Your own standard deviation of their logarithms, not cited."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of random starts and draws; 0.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder for JSON, tables and pictures.")
]


@app.command()
def negotiate(
    file: File = None,
    players: Players = None,
    nash: NashOption = False,
    coalition: Coalition = None,
    frontier: Frontier = 0,
    bargain: BargainOption = False,
    transfers: Transfers = False,
    hub: Hub = None,
    tree: Tree = None,
    study: StudyOption = None,
    economy: Economy = None,
    closure: Closure = None,
    theta: Theta = None,
    aggregate: Aggregate = None,
    instruments: Rule = None,
    bounds: Bounds = None,
    draws: Draws = None,
    spread: Spread = None,
    seed: Seed = None,
    out: Out = None,
    format_: FormatOption = Format.table,
) -> None:
    """Solve a tariff game and say what each outcome is worth to each player.

    Without other words: economy icio2022, zero deficits, exact real income, and one rate per
    partner and goods sector from 0 to 1. Options overrule the file.

    Exit codes: 0 answered, 2 bad input, 3 a search did not converge.
    """
    options = dict(locals())
    with refusing():
        from advalorem.bargaining.ask import answer
        from advalorem.bargaining.question import question_of

        data, folder = _asked(options)
        reply, review = answer(question_of(data, folder))
        if out is not None:
            _save(reply, review, out)
        write(paper(reply), format_)


def _asked(options: dict[str, Any]) -> tuple[dict[str, Any], Path | None]:
    """Return the file's question with what the options say; paths in options are as typed."""
    from advalorem.bargaining.question import read_yaml
    from advalorem.world.errors import InputError

    data = {} if options["file"] is None else read_yaml(options["file"])
    folder = None if options["file"] is None else options["file"].parent
    for name in ("economy", "closure", "theta", "draws", "spread", "seed"):
        if options[name] is not None:
            data[name] = options[name]
    plain = {
        "players": options["players"],
        "rule": options["instruments"],
        "coalitions": options["coalition"] or None,
        "frontier": options["frontier"] or None,
        "nash": options["nash"] or None,
        "bounds": None if options["bounds"] is None else options["bounds"].split(","),
        "aggregate": None if options["aggregate"] is None else options["aggregate"].resolve(),
        "tree": None if options["tree"] is None else read_yaml(options["tree"]),
        "study": None if options["study"] is None else {"folder": options["study"].resolve()},
        "bargain": {"transfers": options["transfers"]} if options["bargain"] else None,
        "together": {"hub": options["hub"], "transfers": options["transfers"]}
        if options["hub"]
        else None,
    }
    data |= {name: value for name, value in plain.items() if value is not None}
    if data.get("draws") or not _parts(data):
        data["nash"] = True
    if options["transfers"] and not (data.get("bargain") or data.get("together")):
        raise InputError("transfers", "--transfers", "nothing to bargain", "add --bargain or --hub")
    return data, folder


def _parts(data: dict[str, Any]) -> bool:
    """Return whether anything is asked for."""
    names = ("nash", "coalitions", "frontier", "bargain", "together", "retaliation", "scenarios")
    return any(data.get(name) for name in (*names, "tree", "study")) or "bargain" in data


def _save(reply: dict[str, Any], review: Any, folder: Path) -> None:
    """Write the answer, its tables and its pictures."""
    from advalorem.bargaining.pictures import heat_map, tree_picture

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answer.json").write_text(json.dumps(reply, indent=2) + "\n", encoding="utf-8")
    found = paper(reply)
    rows = list(zip(*found.records.rows, strict=True))
    columns = [list(column) for column in rows] or [[] for _ in found.records.columns]
    write_csv(folder / "payoffs.csv", dict(zip(found.records.columns, columns, strict=True)))
    with suppress(KeyError):
        drawn = heat_map(reply["nash"]["tariffs"], "Nash tariffs, per cent")
        (folder / "tariffs.svg").write_text(drawn, encoding="utf-8")
    if review is not None:
        (folder / "tree.svg").write_text(tree_picture(review), encoding="utf-8")


def paper(reply: dict[str, Any]) -> Paper:
    """Return an answer as tables and lines.

    >>> paper({"tree": {"values": {}}, "players": []}).title
    'Bargaining'
    """
    rows = list(payoff_rows(reply))
    names = list(dict.fromkeys(name for _, payoffs in rows for name in payoffs))
    cells = [[title, *(_per_cent(held.get(name)) for name in names)] for title, held in rows]
    table = sheet("Payoffs, per cent", ["outcome", *names], cells, names)
    records = sheet(
        "", ["outcome", *names], [[title, *(held.get(n) for n in names)] for title, held in rows]
    )
    parts: list[Sheet | Notes] = [*_defaults(reply), table]
    parts += [*_nash_parts(reply), *_other_parts(reply), *_study_parts(reply)]
    parts += _tree_parts(reply)
    parts.append(Notes("Readings", tuple(reply.get("readings", ()))))
    parts.append(Notes("Sources", tuple(reply.get("sources", ()))))
    kept = tuple(p for p in parts if (p.rows if isinstance(p, Sheet) else p.lines))
    return Paper("Bargaining", kept, records, reply)


def payoff_rows(reply: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Return every outcome of an answer with its payoffs."""
    rows = [(name, held) for name, held in reply.get("scenarios", {}).items()]
    if "nash" in reply:
        rows.append(("Nash tariffs", reply["nash"]["payoffs"]))
        others = reply["nash"]["other_equilibria"]
        rows += [(f"another equilibrium {k}", o["payoffs"]) for k, o in enumerate(others, 1)]
    for item in reply.get("coalitions", ()):
        rows.append((f"Nash, {'+'.join(item['members'])} as one", item["payoffs_together"]))
    for point in reply.get("frontier", ()):
        weights = ", ".join(f"{value:.2f}" for value in point["weights"].values())
        rows.append((f"frontier, weights {weights}", point["payoffs"]))
    if "bargain" in reply:
        rows.append(("outside options", reply["bargain"]["outside"]))
        rows.append((_deal_title(reply["bargain"]), reply["bargain"]["payoffs"]))
    if "together" in reply:
        rows += [(n, held["payoffs"]) for n, held in reply["together"]["arrangements"].items()]
    rows += [(f"retaliation: {n}", x["payoffs"]) for n, x in reply.get("retaliation", {}).items()]
    tree = reply.get("tree", {})
    rows += [(f"tree: {n}, a year", held) for n, held in tree.get("outcomes", {}).items()]
    if tree.get("per_year"):
        rows.append(("tree: value a year", tree["per_year"][""]))
    return rows


def _study_parts(reply: dict[str, Any]) -> list[Sheet]:
    """Return welfare by case of a study: players, and the plain average of all but the first."""
    found = reply.get("study")
    if not found:
        return []
    shown, rows = found["shown"], []
    for name, case in found["cases"].items():
        held = case["welfare_pct"]
        rest = [value for code, value in held.items() if code != shown[0]]
        cells = [_per_cent(held[code]) for code in shown]
        rows.append([name, *cells, _per_cent(sum(rest) / len(rest))])
    names = [*shown, f"average without {shown[0]}"]
    return [sheet("Welfare by case of the study, per cent", ["case", *names], rows, names)]


def _deal_title(found: dict[str, Any]) -> str:
    return "bargain" if found["deal"] else f"no deal: {found['reason']}"


def _per_cent(value: float | None) -> str | None:
    return None if value is None else f"{value + 0.0:.4f}"


def _defaults(reply: dict[str, Any]) -> list[Notes]:
    """Return the settings that every answer rests on."""
    names = ("economy", "closure", "theta", "payoff", "instruments")
    lines = [
        f"{name}: {', '.join(held) if isinstance(held, list) else held}"
        for name, held in ((name, reply.get(name)) for name in names)
        if held
    ]
    return [Notes("Solved with", tuple(lines))]


def _nash_parts(reply: dict[str, Any]) -> list[Sheet | Notes]:
    if "nash" not in reply:
        return []
    found = reply["nash"]
    cells = [[pair, _per_cent(100 * rate)] for pair, rate in found["mean_tariffs"].items()]
    gains = ", ".join(f"{name} {gain:.1e}" for name, gain in found["deviation_gain_pct"].items())
    starts = ", ".join(f"{name}: {word}" for name, word in found["starts"].items())
    lines = [f"best deviation adds, per cent: {gains}", f"starts: {starts}"]
    title = "Nash tariffs, averages with base imports as weights, per cent"
    parts = [sheet(title, ["importer <- exporter", "rate"], cells, ["rate"]), *_by_sector(found)]
    return [*parts, Notes("Checked", tuple(lines)), *_interval_parts(reply)]


def _by_sector(found: dict[str, Any]) -> list[Sheet]:
    """Return the rates by sector, one column per pair."""
    pairs = [
        (f"{player} on {partner}", rates)
        for player, partners in found["tariffs"].items()
        for partner, rates in partners.items()
    ]
    sectors = list(dict.fromkeys(sector for _, rates in pairs for sector in rates))
    names = [name for name, _ in pairs]
    cells = [
        [s, *(f"{100 * rates[s]:.2f}" if s in rates else None for _, rates in pairs)]
        for s in sectors
    ]
    return [sheet("Nash tariffs by sector, per cent", ["sector", *names], cells, names)]


def _interval_parts(reply: dict[str, Any]) -> list[Sheet | Notes]:
    found = reply.get("intervals")
    if not found:
        return []
    other = ("draws", "spread", "seed", "rests_on", "strategy")
    words = {"payoffs": ("payoff of", 1), "mean_tariffs": ("tariff", 100)}
    rows = []
    for part, named in found.items():
        if part not in other:
            title, unit = words.get(part, (f"{part}:", 1))
            rows += [[f"{title} {name}", *_three(held, unit)] for name, held in named.items()]
    lines = [
        f"{path or 'at the root'}: "
        + ", ".join(f"{name} in {share:.0%} of draws" for name, share in shares.items())
        for path, shares in found.get("strategy", {}).items()
    ]
    title = f"Nine tenths of {found['draws']} draws, seed {found['seed']}, per cent"
    return [
        sheet(title, ["", "low", "median", "high"], rows, ["low", "median", "high"]),
        Notes("Strategy over draws", tuple(lines)),
        Notes("Intervals rest on", tuple(found["rests_on"])),
    ]


def _three(held: dict[str, float], unit: float) -> list[str | None]:
    return [_per_cent(unit * held[name]) for name in ("low", "median", "high")]


def _other_parts(reply: dict[str, Any]) -> list[Notes]:
    parts = []
    if reply.get("bargain", {}).get("transfers"):
        held = reply["bargain"]["transfers"]
        lines = [f"{name} receives {value:,.0f} {reply['unit']}" for name, value in held.items()]
        parts.append(Notes("Transfers", tuple(lines)))
    if "together" in reply:
        parts.append(Notes("Together or apart", tuple(_together_lines(reply["together"]))))
    for name, held in reply.get("retaliation", {}).items():
        words = "credible" if held["credible"] else "not credible: it costs who carries it out"
        lines = [f"costs the attacker {held['attacker_loss']:.4f} points; {words}"]
        parts.append(Notes(f"Retaliation: {name}", tuple(lines)))
    if "retaliation_play" in reply:
        lines = _play_lines(reply["retaliation_play"])
        parts.append(Notes("Solved from the end", tuple(lines)))
    return parts


def _together_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{name}: {form} rather than simultaneous {value:+.4f} points"
        for form, apart in found["leverage"].items()
        for name, value in apart["simultaneous"].items()
    ]
    lines += [_defection_line(item) for item in found["defections"]]
    for name, item in found["arrangements"].items():
        for parties, deal in item["deals"].items():
            outside = ", ".join(f"{c} {value:.4f}" for c, value in deal["outside"].items())
            word = "without it" if deal["deal"] else f"no deal, {deal['reason']};"
            lines.append(f"{name}, {parties}: {word} {outside}")
    for name, added in found.get("deeper_trade_adds", {}).items():
        words = ", ".join(f"{code} {value:+.4f}" for code, value in added.items())
        lines.append(f"{name}: deeper trade between the spokes adds {words}")
    return lines


def _defection_line(item: dict[str, Any]) -> str:
    """Return what one spoke gets by leaving, and what keeps it."""
    if item["gain"] <= 0:
        return f"{item['spoke']} loses {-item['gain']:.4f} points by leaving {item['form']}"
    paid = "would" if item["can_be_kept"] else "would not"
    patience = item["patience"]
    years = (
        "separate deals ever after do not deter it"
        if patience is None
        else f"it stays by itself when next year counts {patience:.2f} of this"
    )
    return (
        f"{item['spoke']} gains {item['gain']:.4f} points by leaving {item['form']}; "
        f"{item['keeps']:,.0f} or a bond of that size would keep it, which the other {paid} pay; "
        f"{years}"
    )


def _play_lines(found: dict[str, Any]) -> list[str]:
    """Return what happens when everybody foresees the answers."""
    lines = []
    for word, text in (("lasting", "tariffs last"), ("with_withdrawal", "it may withdraw")):
        held = found[word]
        if not held["answers"]:
            lines.append(f"{text}: no answers are best responses to one another")
            continue
        does = "attacks" if held["attacks"] else "does not attack"
        answers = ", ".join(f"{code} {name}" for code, name in held["answers"].items())
        gone = ", after which it withdraws" if held["withdraws"] else ""
        lines.append(f"{text}: the attacker {does}; to an attack {answers}{gone}")
    if "chosen_attack" in found:
        share = found["chosen_attack"]["share"]
        lines.append(f"before credible answers the attacker chooses {share:.0%} of the attack")
    return lines


def _tree_parts(reply: dict[str, Any]) -> list[Sheet | Notes]:
    found = reply.get("tree", {})
    if "strategy" not in found:
        return []
    taken = [f"{path or 'at the root'}: {name}" for path, name in found["strategy"].items()]
    taken += [f"{path or 'at the root'}: a tie" for path in found["ties"]]
    beliefs = [
        f"{t['player']} at {t['choice'] or 'the root'} takes {t['below']} below and {t['above']} "
        f"above {t['at']:.4f} for {t['branch']} ({t['chance'] or 'root'}; stated {t['stated']:g})"
        for t in found["thresholds"]
    ]
    names = list(found["discount_pct"])
    rows = [
        [path or "root", *(_per_cent(held[name]) for name in names)]
        for path, held in found["per_year"].items()
    ]
    title = f"Value from each node to {found['horizon']}, per cent of income a year"
    return [
        Notes(f"State on {found['as_of']}", tuple(found["state"])),
        sheet(title, ["node", *names], rows, names),
        Notes("Strategy", tuple(taken)),
        Notes("Thresholds of belief", tuple(beliefs)),
    ]
