"""Bargaining on the default economy: Nash tariffs of three countries, one best response."""

from __future__ import annotations

import time

import numpy as np

from advalorem import world
from advalorem.bargaining.agreement import load_agreement
from advalorem.bargaining.equilibrium import best_response, nash
from advalorem.bargaining.game import WorldGame, merge
from advalorem.bargaining.instruments import instruments_of
from advalorem.bargaining.payoffs import Payoffs
from advalorem.bargaining.together import compare
from benchmarks.rows import Row


def run() -> list[Row]:
    """Return all figures of this module."""
    players = load_agreement("usmca").parties
    start = time.perf_counter()
    payoffs = Payoffs(world.load_economy("icio2022"), players)
    game = WorldGame(payoffs, instruments_of(payoffs.economy, players), payoffs.economy.tau)
    found = nash(game)
    spent = time.perf_counter() - start
    gain = max(found.deviation_gain.values())
    solved = payoffs.solved
    start = time.perf_counter()
    best_response(game, np.full(game.lower.size, 0.5), 0)
    one = time.perf_counter() - start
    start = time.perf_counter()
    nash(merge(game, [players[1:]]), [("apart", found.x)])
    joined = time.perf_counter() - start
    start = time.process_time()
    compare(game, players[0], players[1:], transfers=True)
    talks = time.process_time() - start
    note = f"{game.instruments.count} rates, three starts, deviations searched, JAX compiled"
    return [
        Row("Nash tariffs of three countries", spent, "s", 120, note),
        Row("equilibria solved for it", float(solved), "solves"),
        Row("largest gain from a deviation", gain, "% of income", 1e-6),
        Row("best response from one half", one, "s", None, "54 rates, warm"),
        Row("Nash tariffs, two of them as one", joined, "s", None, "from the first equilibrium"),
        Row("talks together and apart", talks, "s", None, "processor time, with transfers"),
    ]
