"""Attack, answer and, if it may, withdrawal, solved from the end.

The attacker attacks or not; the retaliators then choose their answers at the same time; the
attacker then keeps its tariffs, or withdraws them, which ends the answers too. A strategy is
sub-game perfect when it is best wherever the game has got to (Selten 1975, International Journal
of Game Theory 4(1), 25-55). Where tariffs last, an answer has to pay for itself; where the attacker
may withdraw, an answer that makes it do so is worth the harm that it then never does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from advalorem.bargaining.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Profile = tuple[str, ...]

__all__ = ["Play", "play"]

TIE = 1e-9
MOST = 256


@dataclass(frozen=True, slots=True)
class Play:
    """What happens, and what would happen after an attack.

    Attributes
    ----------
    attacks
        Whether the attacker attacks.
    answers
        What each retaliator does after an attack, by country; empty when no answers are best
        responses to one another without chance moves, and then nothing else is said.
    withdraws
        Whether the attacker withdraws after those answers.
    payoffs
        What happens, per cent by country.
    after_attack
        What would happen after an attack, per cent by country.
    equilibria
        How many sets of answers are best responses to one another; of several, the one with the
        largest joint income of the retaliators is taken.
    """

    attacks: bool
    answers: dict[str, str]
    withdraws: bool
    payoffs: dict[str, float]
    after_attack: dict[str, float]
    equilibria: int


def play(
    codes: Sequence[str],
    names: Sequence[str],
    values: Callable[[Profile], Floats],
    money: Floats,
    *,
    withdrawal: bool,
) -> Play:
    """Return the sub-game perfect play.

    Parameters
    ----------
    codes
        Attacker, then retaliators.
    names
        Answers that every retaliator has.
    values
        Payoffs of all in order of `codes`, by the retaliators' answers; not attacking is worth
        zero to everybody.
    money
        Base incomes of all.
    withdrawal
        Whether the attacker may withdraw.

    Raises
    ------
    InputError
        When there are too many combinations.

    Examples
    --------
    >>> table = {("none",): [1.0, -1.0], ("mirror",): [-0.5, -1.5]}
    >>> def values(profile): return np.array(table[profile])
    >>> lasting = play(["A", "B"], ["none", "mirror"], values, np.ones(2), withdrawal=False)
    >>> lasting.attacks, lasting.answers
    (True, {'B': 'none'})
    >>> found = play(["A", "B"], ["none", "mirror"], values, np.ones(2), withdrawal=True)
    >>> found.attacks, found.answers, found.withdraws
    (False, {'B': 'mirror'}, True)
    """
    count = len(codes) - 1
    if len(names) ** count > MOST:
        raise InputError(
            "retaliation", f"{count} retaliators", "too many combinations", "name fewer"
        )
    made = {profile: np.asarray(values(profile)) for profile in product(names, repeat=count)}
    gone = {profile: withdrawal and bool(held[0] < -TIE) for profile, held in made.items()}
    final = {
        profile: np.zeros_like(held) if gone[profile] else held for profile, held in made.items()
    }
    stable = [profile for profile in final if _stable(final, profile, names)]
    nothing = dict.fromkeys(codes, 0.0)
    if not stable:
        return Play(False, {}, False, nothing, nothing, 0)
    chosen = max(stable, key=lambda profile: float(money[1:] @ final[profile][1:]))
    after = dict(zip(codes, final[chosen].tolist(), strict=True))
    attacks = bool(final[chosen][0] > TIE)
    answers = dict(zip(codes[1:], chosen, strict=True))
    return Play(attacks, answers, gone[chosen], after if attacks else nothing, after, len(stable))


def _stable(final: dict[Profile, Floats], profile: Profile, names: Sequence[str]) -> bool:
    """Return whether no retaliator would rather give another answer."""
    return all(
        final[(*profile[:p], other, *profile[p + 1 :])][p + 1] <= final[profile][p + 1] + TIE
        for p in range(len(profile))
        for other in names
    )
