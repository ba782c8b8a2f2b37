"""What answers keep never shows: kept or worked out anew, in any order, they are the same.

Referee: the answer worked out with nothing kept, by the kernel alone, field by field.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from draws import draws

from advalorem.duty import recall
from advalorem.duty.answer import rate
from advalorem.duty.intake import FIELDS
from advalorem.duty.problems import InputError
from advalorem.law.errors import CoverageError
from advalorem.law.load import load_lawbook

KEEPING = (recall._decision, recall._beside, recall._covered)
VALUES = (0, 1, 800, 800.01, 2500, 2500.01, 9590, 9700, 185_000, 188_000, 123_456_789.01)
"""Around nothing, small parcels, formal entry, and the bounds of the processing fee."""
STEEL = {"hts": "7208.51.00.30", "origin": "CA", "as_of": "2025-09-18"}


def forget() -> None:
    """Drop what is kept."""
    for function in KEEPING:
        function.cache_clear()


def told(importer: str, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as plain values, or what refused it and the answer as far as it went."""
    fields = {name: ask[name] for name in ask if name in FIELDS}
    facts = {name: ask[name] for name in ask if name not in FIELDS}
    try:
        return msgspec.to_builtins(rate(importer=importer, facts=facts, **fields))
    except InputError as error:
        return {"refused": str(error), "reply": msgspec.to_builtins(error.reply)}
    except CoverageError as error:
        return {"refused": str(error)}


def asked(importer: str, number: int, seed: int) -> list[dict[str, Any]]:
    """Return random shipments, with facts and without, each at five values.

    Where an importer's schedule is not held, codes are those of the United States.
    """
    rng, found = random.Random(seed), []
    listed = importer if importer in ("US", "CA") else "US"
    for draw in draws(load_lawbook(), listed, number, seed):
        draw["origin"] = draw["origin"] if listed == importer else rng.choice(["US", "CN"])
        plain = {name: draw[name] for name in draw if name in FIELDS}
        for form in (draw, plain):
            values = [draw["value"], draw["value"] * 2, *rng.sample(VALUES, 3)]
            found += [{**form, "value": Decimal(str(value))} for value in values]
    return found


@pytest.mark.parametrize(("importer", "number"), [("US", 60), ("CA", 12), ("MX", 12)])
def test_kept_answers_are_those_worked_out_anew(importer: str, number: int) -> None:
    asks = asked(importer, number, seed=20250918)
    fresh = []
    for ask in asks:
        forget()
        fresh.append(told(importer, ask))
    forget()
    for seed in (1, 2):
        order = random.Random(seed).sample(range(len(asks)), len(asks))
        for place in order:
            assert told(importer, asks[place]) == fresh[place], asks[place]
    assert recall._decision.cache_info().hits > len(asks)


def test_units_and_quantities_of_one_situation() -> None:
    """A duty by unit follows the quantity, whatever unit it was first stated in."""
    oil = {"hts": "2709.00.20.10", "origin": "NG", "as_of": "2025-09-18"}
    asks = [
        {**oil, "value": value, "quantity": quantity, "unit": unit}
        for value in (9000, 70_000)
        for quantity, unit in ((100, "bbl"), (1000, None), (15_899, "L"), (3, "kg"), (None, None))
    ]
    forget()
    warm = [told("US", ask) for ask in (*asks, *asks)]
    for place, ask in enumerate((*asks, *asks)):
        forget()
        assert warm[place] == told("US", ask), ask
    assert warm[0]["layers"][0]["rate_unit"] == "USD/bbl"


def test_another_value_is_multiplied_from_what_is_kept() -> None:
    forget()
    first, second = (rate(**STEEL, value=value) for value in (10_000, 30_000))
    assert recall._decision.cache_info().hits == 1
    assert Decimal(second.total_duty or 0) == 3 * Decimal(first.total_duty or 1) > 0


def test_what_a_caller_changes_is_not_kept() -> None:
    forget()
    before = told("US", {**STEEL, "value": 10_000})
    reply = rate(importer="US", **STEEL, value=10_000)
    for name in ("layers", "not_applied", "threats", "fees", "assumptions", "warnings"):
        getattr(reply, name).clear()
    reply.coverage["gaps"].append("changed")
    reply.coverage.clear()
    assert told("US", {**STEEL, "value": 10_000}) == before


def test_thresholds_of_value_part_situations() -> None:
    """A condition on the value is part of the situation, the value itself is not."""
    law = load_lawbook()
    limits = recall._limits(recall.BookKey(law), "US")
    assert limits == tuple(sorted(set(limits)))
    for limit in limits:
        keys = [
            recall.situation(law, "US", _rows(Decimal(cents) / 100), law.newest_act)
            for cents in (limit - 1, limit, limit + 1)
        ]
        assert keys[0] == keys[1] != keys[2]


def _rows(value: Decimal) -> Any:
    from advalorem.duty.intake import read_shipments

    columns = {name: [word] for name, word in {**STEEL, "value": value}.items()}
    return read_shipments(load_lawbook(), columns).shipments
