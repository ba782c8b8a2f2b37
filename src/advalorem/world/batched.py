"""Many counterfactuals at once in JAX: the same equations and acceleration, mapped over shocks.

Runs on whatever device JAX finds, a GPU or the CPU. Slower members of a batch keep the others
waiting, so on a CPU the NumPy path of `many` is the better choice.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from advalorem.world.adjoint import double_precision
from advalorem.world.closure import Closure
from advalorem.world.economy import Economy
from advalorem.world.equations import all_sectors
from advalorem.world.levels import levels_of, summary
from advalorem.world.shock import Shock, shock_arrays
from advalorem.world.system import Guess, System, evaluate, make_system, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advalorem.world.solver import SolverOptions

__all__ = ["solve_batch"]

Array = Any

PER_SHOCK = ("weight", "net_weight", "labour_income", "log_productivity")
REGULARISATION = 1e-14
GROWTH = 100.0
CAUTION = 0.3


class State(NamedTuple):
    """Where one member of the batch stands; see `anderson` for the method."""

    point: Array
    residual: Array
    best: Array
    best_residual: Array
    lowest: Array
    moves: Array
    changes: Array
    count: Array
    caution: Array
    iterations: Array


def solve_batch(
    base: Economy, shocks: Sequence[Shock], closure: Closure, options: SolverOptions
) -> list[tuple[str, int, float, dict[str, np.ndarray]]]:
    """Return (result, iterations, residual, summary) of each shock to a calibrated base.

    Parameters
    ----------
    base
        Calibrated under `closure`; the shocks keep its elasticities.
    shocks
        Solved together; memory grows with their number times N x N x J.

    Examples
    --------
    >>> from advalorem.world import SolverOptions, build_economy, calibrate, example
    >>> base = calibrate(build_economy(example.two_country_tables()))
    >>> solve_batch(base, [Shock()], Closure(), SolverOptions())[0][0]
    'converged'
    """
    with double_precision():
        systems = [_whole(make_system(base, shock, closure)) for shock in shocks]
        stacked = _stack(systems)
        start = pack(
            Guess(np.zeros(base.shape[0]), np.zeros(base.shape), base.spending), systems[0].scale
        )
        final = _compiled(options.memory)(stacked, start, options.tolerance, options.max_iterations)
        kept = _summaries()(stacked, final, _border(base, shocks), base.income)
        lowest, iterations = np.asarray(final.lowest), np.asarray(final.iterations)
        arrays = {name: np.asarray(values) for name, values in kept.items()}
    return [
        (
            _verdict(float(lowest[at]), options.tolerance),
            int(iterations[at]),
            float(lowest[at]),
            {name: values[at] for name, values in arrays.items()},
        )
        for at in range(len(shocks))
    ]


def _whole(system: System) -> System:
    """Return the system with weights for all sectors, so that shocks can be stacked."""
    sectors = len(system.theta)
    return system._replace(
        weight=all_sectors(system.weight, sectors),
        net_weight=all_sectors(system.net_weight, sectors),
    )


def _verdict(size: float, tolerance: float) -> str:
    if size <= tolerance:
        return "converged"
    return "max_iterations" if np.isfinite(size) else "non_finite"


def _axes() -> System:
    return System(*(0 if name in PER_SHOCK else None for name in System._fields))


def _stack(systems: Sequence[System]) -> System:
    import jax.numpy as jnp

    held = {
        name: jnp.asarray(np.stack([getattr(system, name) for system in systems]))
        if name in PER_SHOCK
        else jnp.asarray(getattr(systems[0], name))
        for name in System._fields
    }
    return System(**held)


def _border(base: Economy, shocks: Sequence[Shock]) -> tuple[Array, Array, Array]:
    new = [shock_arrays(base, shock) for shock in shocks]
    return tuple(  # type: ignore[return-value]
        np.stack([item[name] for item in new]) for name in ("tau_new", "d_hat", "labour_hat")
    )


def _map(system: System, vector: Array) -> Array:
    return pack(evaluate(system, unpack(vector, system.scale)), system.scale) - vector


@lru_cache(maxsize=4)
def _compiled(memory: int) -> Any:
    import jax
    import jax.numpy as jnp

    def first(system: System, start: Array) -> State:
        residual = _map(system, start)
        empty = jnp.zeros((memory, start.size))
        return State(
            start,
            residual,
            start,
            residual,
            _size(residual),
            empty,
            empty,
            jnp.zeros((), int),
            jnp.ones(()),
            jnp.ones((), int),
        )

    def run(system: System, start: Array, tolerance: float, most: int) -> State:
        states = jax.vmap(first, (_axes(), None))(system, start)

        def going(states: State) -> Array:
            return ((states.lowest > tolerance) & (states.iterations < most)).any()

        def once(states: State) -> State:
            moved = jax.vmap(_advance, (_axes(), 0))(system, states)
            active = (states.lowest > tolerance) & (states.iterations < most)
            return State(
                *(
                    jnp.where(active.reshape((-1,) + (1,) * (new.ndim - 1)), new, old)
                    for new, old in zip(moved, states, strict=True)
                )
            )

        last: State = jax.lax.while_loop(going, once, states)
        return last

    return jax.jit(run)


def _advance(system: System, state: State) -> State:
    """Return the state after one accelerated step, or after a restart from the best point."""
    import jax.numpy as jnp

    memory = state.moves.shape[0]
    trial = state.point + state.caution * state.residual - _correction(state)
    residual = _map(system, trial)
    size = _size(residual)
    failed = ~(size < GROWTH * state.lowest)
    better = size < state.lowest
    slot = jnp.where(failed, 0, state.count % memory)
    change = residual - state.residual
    moves = state.moves.at[slot].set(trial - state.point + change)
    changes = state.changes.at[slot].set(change)
    eased = jnp.where(better, jnp.minimum(1.0, 2 * state.caution), state.caution)
    return State(
        point=jnp.where(failed, state.best, trial),
        residual=jnp.where(failed, state.best_residual, residual),
        best=jnp.where(better, trial, state.best),
        best_residual=jnp.where(better, residual, state.best_residual),
        lowest=jnp.where(better, size, state.lowest),
        moves=jnp.where(failed, jnp.zeros_like(moves), moves),
        changes=jnp.where(failed, jnp.zeros_like(changes), changes),
        count=jnp.where(failed, 0, state.count + 1),
        caution=jnp.where(failed, CAUTION * state.caution, eased),
        iterations=state.iterations + 1,
    )


def _correction(state: State) -> Array:
    """Return what the remembered changes take off a plain step; empty slots add nothing."""
    import jax.numpy as jnp

    gram = state.changes @ state.changes.T
    norms = jnp.sqrt(jnp.diag(gram))
    used = norms > 0
    safe = jnp.where(used, norms, 1.0)
    scaled = gram / safe[:, None] / safe[None, :]
    scaled = scaled + jnp.diag(jnp.where(used, REGULARISATION, 1.0))
    right = (state.changes @ state.residual) / safe
    return (jnp.linalg.solve(scaled, right) / safe) @ state.moves


def _size(residual: Array) -> Array:
    import jax.numpy as jnp

    size = jnp.abs(residual).max()
    return jnp.where(jnp.isfinite(size), size, jnp.inf)


@lru_cache(maxsize=1)
def _summaries() -> Any:
    import jax

    def one(
        system: System, vector: Array, tau: Array, d: Array, labour: Array, income: Array
    ) -> Any:
        levels = levels_of(system, unpack(vector, system.scale), tau, d, labour)
        return summary(levels, income)

    def run(system: System, final: State, border: tuple[Array, Array, Array], income: Array) -> Any:
        mapped = jax.vmap(one, (_axes(), 0, 0, 0, 0, None))
        return mapped(system, final.best, *border, income)

    return jax.jit(run)
