"""A chart of duty owed, paid as modelled and received by month, with the parts of the gap below."""

from __future__ import annotations

from calendar import month_abbr
from pathlib import Path
from typing import Any

from advalorem.rates.collected import MODELLED, STEPS, Collected
from advalorem.rates.errors import RatesError
from advalorem.rates.receipts import Month

FORMATS = (".svg", ".png", ".html", ".json")
BILLION = 1e9
OWED, RECEIVED = "Owed by law, nothing claimed", "Received"
LINES = {OWED: "#8a8f98", RECEIVED: "#0b5fa5"}
SHADES = ("#b9bec6", "#0b5fa5", "#5a9bd4", "#d98c3f", "#e3c36b", "#a3574f", "#7a9e7e", "#3c4048")
WIDTH = 760


def draw(found: Collected) -> Any:
    """Return the chart as an altair object, in billions of dollars."""
    import altair as alt

    order = [_word(month) for month in found.months]
    x = alt.X("month:O", title=None, sort=order, axis=alt.Axis(labelAngle=0))
    lines = (
        alt.Chart(alt.Data(values=_levels(found)))
        .mark_line(point=True, strokeWidth=2.2)
        .encode(
            x=x,
            y=alt.Y("busd:Q", title="USD billion"),
            color=alt.Color(
                "series:N", title=None, scale=alt.Scale(domain=[*LINES], range=[*LINES.values()])
            ),
        )
        .properties(width=WIDTH, height=230, title="Customs duty owed and received, by month")
    )
    labels = [_label(step) for step in STEPS]
    bars = (
        alt.Chart(alt.Data(values=_parts(found)))
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("busd:Q", title="USD billion", stack="zero"),
            color=alt.Color(
                "part:N", title=None, sort=labels,
                scale=alt.Scale(domain=labels, range=list(SHADES)),
            ),
        )
        .properties(width=WIDTH, height=260, title="What lies between; the parts sum to the gap")
    )  # fmt: skip
    drawn = alt.vconcat(lines, bars).resolve_scale(color="independent")
    return drawn.configure_legend(labelLimit=320).configure_view(stroke=None)


def _word(month: Month) -> str:
    """Return a month as `Jan 25`."""
    return f"{month_abbr[month[1]]} {month[0] % 100:02d}"


def _label(step: str) -> str:
    label, kind = STEPS[step]
    return f"{label} ({kind})" if kind == MODELLED else f"{label} (observed)"


def _levels(found: Collected) -> list[dict[str, object]]:
    series = {OWED: found.owed, RECEIVED: found.received}
    return [
        {"month": _word(month), "series": name, "busd": float(value) / BILLION}
        for name, values in series.items()
        for month, value in zip(found.months, values, strict=True)
    ]


def _parts(found: Collected) -> list[dict[str, object]]:
    return [
        {
            "month": _word(month),
            "part": _label(step),
            "busd": float(found.parts[row, column]) / BILLION,
        }
        for row, month in enumerate(found.months)
        for column, step in enumerate(STEPS)
    ]


def save(found: Collected, path: Path) -> Path:
    """Write the chart; the suffix says as what: SVG, PNG, HTML that loads nothing, or JSON.

    Raises
    ------
    RatesError
        The suffix is none of these, or there is no such folder.
    """
    import json

    import vl_convert

    if not path.absolute().parent.is_dir():
        raise RatesError(f"chart: there is no folder {path.absolute().parent}; make it first")
    spec = draw(found).to_dict()
    if path.suffix == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(spec, show_warnings=False), encoding="utf-8")
    elif path.suffix == ".png":
        path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2, show_warnings=False))
    elif path.suffix == ".html":
        path.write_text(vl_convert.vegalite_to_html(spec, bundle=True), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    else:
        known = ", ".join(FORMATS)
        raise RatesError(f"chart: {path.name} has no known suffix; end the name with {known}")
    return path
