"""The rates come from the kernel: cells equal answers, open questions are bounded."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np
import polars as pl
import pytest
from rates_cases import BOTH, PARTNERSHIP

from advalorem.duty.answer import rate
from advalorem.duty.encode import decode_fact
from advalorem.duty.shipments import NOT_STATED, SOME_OTHER
from advalorem.law.model import Condition, Lawbook, Value
from advalorem.rates import EffectiveRates, Readings, effective_rates
from advalorem.rates.cells import Cells
from advalorem.rates.situations import NOMINAL


def asked_of(cells: Cells, cell: int) -> dict[str, object]:
    """Return the request for one shipment that a cell stands for."""
    rows, schedule = cells.shipments, cells.schedule
    book = schedule.book
    facts = {
        name: decode_fact(book.facts[name], int(column[cell]), schedule.countries)
        for name, column in rows.facts.items()
        if column[cell] not in (NOT_STATED, SOME_OTHER)
    }
    quantity = rows.quantity[cell]
    claim = rows.claim[cell]
    return {
        "hts": f"{rows.code[cell]:010d}",
        "origin": schedule.countries[rows.origin[cell]],
        "as_of": PARTNERSHIP,
        "value": NOMINAL // 100,
        "claim": schedule.claims[claim].claim if claim >= 0 else None,
        "quantity": None if quantity == NOT_STATED else Decimal(int(quantity)) / 10_000,
        "facts": facts,
        "law": book,
    }


def test_cells_equal_answers(september: EffectiveRates) -> None:
    cells = september.segments[0].cells
    sample = np.random.default_rng(20250918).choice(len(cells.total), 150, replace=False)
    sample = sample[~cells.partial[sample]]
    chapters = cells.schedule.book.columns[cells.schedule.importer].claimed_chapters
    claimed = [int(chapter) for chapter in chapters]  # alone such a code is refused as a question
    sample = sample[~np.isin(cells.shipments.code[sample] // 10**8, claimed)]
    assert len(sample) > 130
    for cell in sample:
        request = asked_of(cells, int(cell))
        reply = rate(**request)  # type: ignore[arg-type]
        assert reply.total_duty is not None, request
        duty = round(Decimal(reply.total_duty) * 100)
        assert duty == cells.ledger.total[cell], request


def test_weights_of_a_flow_sum_to_its_value(september: EffectiveRates) -> None:
    from advalorem.rates.claims import claim_shares
    from advalorem.rates.weights import row_weights

    flows, situations = september.flows, september.segments[0].cells.situations
    weights = row_weights(flows, situations, claim_shares(flows, "month", (2025, 9)))
    sums = np.bincount(situations.flow, weights, len(flows))
    placed = situations.placed.line >= 0
    np.testing.assert_allclose(sums[placed], flows.value[placed], rtol=1e-12)
    assert not sums[~placed].any()


def with_open_question(book: Lawbook) -> Lawbook:
    """Return the law with a duty on all goods of Canada that asks for a quota."""
    name = "usa.ieepa.fentanyl.canada"
    measure = book.measures[name]
    added = msgspec.structs.replace(
        measure.provisions[-1],
        id="asked",
        title="Goods over a quota",
        products=None,
        origins=["CA"],
        when=[Condition(fact="quota", is_="out", unstated="ask")],
        values=[Value(from_=PARTNERSHIP, rate="80%", act=measure.provisions[-1].values[0].act)],
    )
    changed = msgspec.structs.replace(measure, provisions=[added, *measure.provisions])
    return msgspec.structs.replace(
        book, measures={**book.measures, name: changed}, version=f"{book.version}+quota"
    )


def test_an_open_question_is_bounded_and_told(book: Lawbook, september: EffectiveRates) -> None:
    rates = effective_rates(with_open_question(book), "US", ["CA"], PARTNERSHIP)
    told = rates.coverage(PARTNERSHIP).filter(pl.col("item") == "question open")
    assert told["share"][0] > 0.9
    assert told["high"][0] > told["low"][0] + 0.4
    assert "quota" in told["note"][0]
    closed = september.by_origin(PARTNERSHIP).filter(pl.col("origin") == "CA")["rate"][0]
    assert told["low"][0] == pytest.approx(closed, abs=1e-9)


def test_nothing_of_these_origins_stays_open(september: EffectiveRates) -> None:
    told = september.coverage(PARTNERSHIP).filter(pl.col("item") == "question open")
    assert told["share"].to_list() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "slugs"),
    [
        ({"metal_content": "flat50"}, {"s232_steel", "s232_aluminum", "s232_copper"}),
        ({"vehicle_content": "none"}, {"s232_autos"}),
        ({"end_use": "none"}, {"s232_auto_parts"}),
        ({"unit_values": "none"}, {"column_1"}),
    ],
)
def test_a_reading_moves_its_own_authorities(
    book: Lawbook, september: EffectiveRates, change: dict[str, str], slugs: set[str]
) -> None:
    other = effective_rates(book, "US", BOTH, PARTNERSHIP, readings=Readings(**change))
    before, after = (
        dict(r.by_authority(PARTNERSHIP).filter(pl.col("origin") == "all")
             .select("authority", "rate").iter_rows())
        for r in (september, other)
    )  # fmt: skip
    moved = {slug for slug in before if abs(before[slug] - after.get(slug, 0.0)) > 1e-6}
    assert slugs <= moved
