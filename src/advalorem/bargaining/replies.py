"""Parts of an answer that take a mapping of their own: bargains, talks, retaliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advalorem.bargaining.agreed import bargain
from advalorem.bargaining.deeper import deeper_game
from advalorem.bargaining.errors import InputError
from advalorem.bargaining.objectives import real_income
from advalorem.bargaining.outcomes import shock_of
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.plain import bargain_dict, comparison_dict, finite
from advalorem.bargaining.retaliation import Menu, chosen_share, menu_of
from advalorem.bargaining.study import CASES, PLAIN, Features, load_study, run_case
from advalorem.bargaining.subgame import play
from advalorem.bargaining.targets import Product
from advalorem.bargaining.together import compare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from advalorem.bargaining.game import WorldGame

    Floats = NDArray[np.float64]

__all__ = ["bargain_reply", "retaliation_reply", "study_reply", "together_reply"]

RATE = 0.25


def bargain_reply(game: WorldGame, asked: Mapping[str, Any], outside: Floats) -> dict[str, Any]:
    """Return the Nash bargain of all players as plain values."""
    found = bargain(
        game,
        outside,
        asked.get("weights"),
        transfers=bool(asked.get("transfers", False)),
        starts=[game.start],
    )
    return bargain_dict(game, found)


def together_reply(game: WorldGame, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what comes of talking together and apart as plain values."""
    economy = game.payoffs.economy
    hub = economy.countries[economy.country_index(str(asked.get("hub", "")))]
    named = asked.get("spokes") or [code for code in game.players if code != hub]
    spokes = [economy.countries[economy.country_index(code)] for code in named]
    deeper, transfers = asked.get("deeper_trade"), bool(asked.get("transfers", False))
    weights = asked.get("weights")
    apart = None if deeper is None else deeper_game(game, spokes, deeper)
    plain = compare(game, hub, spokes, weights, transfers=transfers)
    if apart is None:
        return comparison_dict(game, plain)
    found = compare(game, hub, spokes, weights, transfers=transfers, outside_game=apart)
    return {
        **comparison_dict(game, found),
        "deeper_trade": deeper,
        "deeper_trade_adds": {
            name: {
                code: value - plain.arrangements[name].payoffs[code]
                for code, value in item.payoffs.items()
            }
            for name, item in found.arrangements.items()
        },
    }


def retaliation_reply(
    game: WorldGame, asked: Mapping[str, Any], bounds: tuple[float, float]
) -> dict[str, Any]:
    """Return what follows from every answer to an attack, and what then happens."""
    economy = game.payoffs.economy
    attacker = economy.countries[economy.country_index(str(asked.get("attacker", "")))]
    named = asked.get("retaliators") or [c for c in game.players if c != attacker]
    codes = [economy.countries[economy.country_index(code)] for code in named]
    attack = shock_of(game, "attack", asked.get("attack")).tariffs
    assert attack is not None
    payoffs, incomes = _payoffs(game, [attacker, *codes])
    menu = menu_of(
        payoffs, attacker, attack, codes, budget=_number(asked, "budget", None),
        rate=_number(asked, "rate", RATE) or 0.0, products=_products(asked.get("products")),
        bounds=bounds, incomes=incomes,
    )  # fmt: skip
    reply = {"retaliation": _answers(menu), "retaliation_play": _plays(menu)}
    if asked.get("choose_attack"):
        share, made = chosen_share(payoffs, attacker, attack, codes, bounds)
        reply["retaliation_play"]["chosen_attack"] = {"share": share, "payoffs": made}
    return reply


def _payoffs(game: WorldGame, codes: list[str]) -> tuple[Payoffs, Payoffs]:
    """Return what attacker and retaliators want, and their real incomes."""
    held = dict(zip(game.players, game.payoffs.objectives, strict=True))
    objectives = [held.get(code, real_income(code)) for code in codes]
    economy, closure, store = game.payoffs.economy, game.payoffs.closure, game.payoffs.store
    own = Payoffs(economy, objectives, closure, store)
    plain = [real_income(code) for code in codes]
    return own, own if objectives == plain else Payoffs(economy, plain, closure, store)


def _answers(menu: Menu) -> dict[str, Any]:
    """Return what each answer costs and whether it is credible."""
    reply: dict[str, Any] = {}
    for name in menu.rows:
        item = menu.answer(name)
        reply[name] = {
            "payoffs": item.payoffs,
            "own_gain": item.own_gain,
            "attacker_loss": item.attacker_loss,
            "credible": item.credible,
            "attack_pays": item.payoffs[menu.codes[0]] > 0,
            "tariffs": {
                code: dict(zip(menu.payoffs.economy.sectors, rates.tolist(), strict=True))
                for code, rates in menu.rows[name].items()
            },
        }
    if menu.targets:
        reply["targeted"]["products"] = {
            code: finite(asdict(found)) for code, found in menu.targets.items()
        }
    return reply


def _plays(menu: Menu) -> dict[str, Any]:
    """Return the sub-game perfect play where tariffs last, and where they may be withdrawn."""
    economy = menu.payoffs.economy
    money = menu.payoffs.before.income[[economy.country_index(code) for code in menu.codes]]
    names = list(menu.rows)
    return {
        word: asdict(play(menu.codes, names, menu.values, money, withdrawal=may))
        for word, may in (("lasting", False), ("with_withdrawal", True))
    }


def _number(asked: Mapping[str, Any], name: str, default: float | None) -> float | None:
    value = asked.get(name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError("retaliation", name, f"{value!r} is no number", "give a number")
    return float(value)


def _products(data: Any) -> dict[str, Product] | None:
    """Return named products."""
    if data is None:
        return None
    remedy = "give each a sector and its trade, such as {sector: C10T12, trade: 300}"
    if not isinstance(data, Mapping) or not data:
        raise InputError("retaliation", "products", f"{data!r}", remedy)
    found = {}
    for name, item in data.items():
        whole = isinstance(item, Mapping) and set(item) == {"sector", "trade"}
        if not whole or not isinstance(item["trade"], int | float):
            raise InputError("retaliation", f"product {name}", f"{item!r}", remedy)
        found[str(name)] = Product(str(item["sector"]), float(item["trade"]))
    return found


def study_reply(
    asked: Mapping[str, Any], players: Sequence[str], folder: Path | None
) -> dict[str, Any]:
    """Return the cases of the published study: rates, welfare, employment, prices, revenue.

    ``features`` is ``full`` (the study's model, by default), ``plain`` (ours), or a mapping of
    `Features`; ``taxer`` the country whose tariffs were announced, by default the first player.
    """
    if "folder" not in asked:
        raise InputError("study", "folder", "missing", "name the folder of the study's data")
    study = load_study(
        (folder or Path()) / str(asked["folder"]), str(asked.get("taxer", players[0]))
    )
    features = _features(asked.get("features", "full"))
    cases = asked.get("cases") or list(CASES)
    shown = [code for code in players if code in study.countries]
    reply: dict[str, Any] = {"features": asdict(features), "cases": {}}
    for case in [cases] if isinstance(cases, str) else cases:
        found = run_case(study, case, features)
        reply["cases"][case] = {
            "text": CASES[case],
            "rate_of_taxer": dict(
                zip(study.countries, found.tariffs[study.taxer].tolist(), strict=True)
            ),
            "rate_on_taxer": dict(
                zip(study.countries, found.tariffs[:, study.taxer].tolist(), strict=True)
            ),
            **{
                name: dict(zip(study.countries, getattr(found, name).tolist(), strict=True))
                for name in ("welfare_pct", "employment_pct", "price_pct", "revenue_share")
            },
        }
    return {**reply, "shown": shown}


def _features(data: Any) -> Features:
    """Return the parameters of the study's model that a user names."""
    if data in ("full", "plain"):
        return Features() if data == "full" else PLAIN
    known = asdict(Features())
    if not isinstance(data, Mapping) or not set(data) <= set(known):
        raise InputError(
            "study", "features", f"{data!r}", f"use full, plain, or some of {', '.join(known)}"
        )
    return replace(Features(), **data)
