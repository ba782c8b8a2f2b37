"""Charts as inline SVG: drawn by altair, coloured by the page's own style variables.

The colours in the specification are marks that stand for CSS variables, so one drawing serves
light and dark pages; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from advalorem.brief.model import Chart, Point
from advalorem.brief.numbers import signed

ACCENT, INK, MUTED, LINE, SOFT, PAPER = (
    "#c0ffe1", "#c0ffe2", "#c0ffe3", "#c0ffe4", "#c0ffe5", "#c0ffe6",
)  # fmt: skip
VARIABLES = {
    ACCENT: "--accent", INK: "--ink", MUTED: "--muted", LINE: "--line", SOFT: "--soft",
    PAPER: "--paper",
}  # fmt: skip
FONT = "system-ui, sans-serif"
WIDTH, NARROW = 880, 400
CLOSE, FAR = 7, 14
"""Days within which the numbers of two marks would touch, on a wide and on a narrow chart."""
APART = 0.055
"""Least distance of two names, as a part of the chart's height."""


def to_svg(chart: Chart, narrow: bool = False) -> str:
    """Return a chart as an SVG element that scales with the page; `narrow` draws it for a phone."""
    import vl_convert

    drawn = {"timeline": timeline, "steps": steps}[chart.form](chart, narrow)
    svg = vl_convert.vegalite_to_svg(drawn.to_dict(), show_warnings=False)
    return _styled(svg, chart, narrow)


def _styled(svg: str, chart: Chart, narrow: bool) -> str:
    """Return the SVG with style variables for colours, a size that scales, and its words."""
    for mark, variable in VARIABLES.items():
        svg = svg.replace(mark, f"var({variable})").replace(mark.upper(), f"var({variable})")
    head, _, rest = svg.partition(">")
    head = re.sub(r' (class|width|height)="[^"]*"', "", head)
    name = f"{chart.id}-narrow" if narrow else chart.id
    ids = re.sub(r'(id="|url\(#)(clip|gradient_)', rf"\1{name}-\2", rest)
    title = f"<title>{_escape(chart.title)}</title><desc>{_escape(chart.alt)}</desc>"
    return f'{head} class="{"narrow" if narrow else "wide"}" role="img">{title}{ids}'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _rows(points: Sequence[Point]) -> list[dict[str, Any]]:
    return [{"series": p.series, "x": p.x, "value": float(p.value)} for p in points]


def timeline(chart: Chart, narrow: bool = False) -> Any:
    """Return step lines by day, each named at its end, with numbered marks."""
    import altair as alt

    rows = _rows(chart.points)
    names = list(dict.fromkeys(row["series"] for row in rows))
    top = max(row["value"] for row in rows) * 1.05
    ticks = alt.Axis(format="%b" if narrow else "%b %Y", tickCount=4 if narrow else "month",
                     labelAngle=0)  # fmt: skip
    x = alt.X("x:T", title=None, axis=ticks)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False),
              axis=alt.Axis(format=".0%"))  # fmt: skip
    scale = alt.Scale(domain=names, range=_colours(names))
    colour = alt.Color("series:N", legend=None, scale=scale)
    lines = alt.Chart(alt.Data(values=rows)).mark_line(interpolate="step-after", strokeWidth=2.2)
    ends = alt.Chart(alt.Data(values=_ends(rows, names, top)))
    named = ends.mark_text(align="left", dx=6, fontSize=13, fontWeight=600)
    layers = [
        lines.encode(x=x, y=y, color=colour),
        named.encode(x=x, y=y, text="text:N", color=colour),
    ]
    if chart.marks:
        layers = [*_marked(chart, x, top, FAR if narrow else CLOSE), *layers]
    width, height = (NARROW - 130, 260) if narrow else (WIDTH, 320)
    drawn = alt.layer(*layers).properties(width=width, height=height)
    return _themed(drawn, right=50 if narrow else 110)


def _ends(rows: list[dict[str, Any]], names: Sequence[str], top: float) -> list[dict[str, Any]]:
    """Return the names at the lines' ends, moved apart where they would cover each other."""
    last = {name: max(row["x"] for row in rows if row["series"] == name) for name in names}
    ends = sorted(
        (row for row in rows if row["x"] == last[row["series"]]), key=lambda row: row["value"]
    )
    found: list[dict[str, Any]] = []
    for row in ends:
        least = found[-1]["value"] + top * APART if found else 0.0
        text = f"{row['series']} {row['value']:.1%}"
        found.append({**row, "value": max(row["value"], least), "text": text})
    return found


def _marked(chart: Chart, x: Any, top: float, close: int) -> list[Any]:
    """Return a thin rule for each mark and a number above it, higher where marks are close."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    for mark in chart.marks:
        day = date.fromisoformat(mark.day).toordinal()
        near = {row["tier"] for row in rows if day - row["day"] < close}
        rows.append({"x": mark.day, "day": day, "label": str(mark.number), "value": top,
                     "tier": min(set(range(len(near) + 1)) - near)})  # fmt: skip
    rules = alt.Chart(alt.Data(values=rows)).mark_rule(color=LINE, strokeWidth=1).encode(x=x)
    tiers = sorted({row["tier"] for row in rows})
    labels = [
        alt.Chart(alt.Data(values=[row for row in rows if row["tier"] == tier]))
        .mark_text(color=MUTED, fontSize=12, dy=-8 - 14 * tier, fontWeight=600)
        .encode(x=x, y="value:Q", text="label:N")
        for tier in tiers
    ]
    return [rules, *labels]


def _colours(names: Sequence[str]) -> list[str]:
    """Return one colour a series: the accent first, then greys."""
    return [ACCENT, INK, MUTED, SOFT][: len(names)] + [MUTED] * max(0, len(names) - 4)


def steps(chart: Chart, narrow: bool = False) -> Any:
    """Return for each series, side by side or below each other, bars from level to level."""
    import altair as alt

    names = list(dict.fromkeys(point.series for point in chart.points))
    panels = [_panel(name, _levels(chart.points, name), not narrow and number == 0, narrow)
              for number, name in enumerate(names)]  # fmt: skip
    if narrow:
        return _themed(alt.vconcat(*panels, spacing=24))
    return _themed(alt.hconcat(*panels, spacing=18), left=42)


def _levels(points: Sequence[Point], name: str) -> list[dict[str, Any]]:
    """Return each step of a series with the levels it runs between, and the last level."""
    rows: list[dict[str, Any]] = []
    level = 0.0
    mine = [point for point in points if point.series == name]
    for number, point in enumerate(mine):
        value = float(point.value)
        kind = "level" if number == 0 else "more" if value >= 0 else "less"
        text = f"{value:.0%}" if number == 0 else signed(value)
        rows.append({"step": point.x, "from": level, "to": level + value, "kind": kind,
                     "text": text})  # fmt: skip
        level += value
    rows.append({"step": "Owed on average", "from": 0.0, "to": level, "kind": "level",
                 "text": f"{level:.1%}"})  # fmt: skip
    return [{**row, "end": max(row["from"], row["to"])} for row in rows]


def _panel(name: str, rows: list[dict[str, Any]], labelled: bool, narrow: bool) -> Any:
    import altair as alt

    order = [row["step"] for row in rows]
    axis = alt.Axis(labelLimit=400, labelPadding=8, domain=False, ticks=False) if labelled else None
    bands = (
        alt.Scale(paddingInner=0.65, paddingOuter=0.5) if narrow else alt.Scale(paddingInner=0.35)
    )
    y = alt.Y("step:N", sort=order, title=None, axis=axis, scale=bands)
    highest = max(row["end"] for row in rows)
    scale = alt.Scale(domain=[0, highest * 1.18], nice=False)
    x = alt.X("from:Q", title=None, scale=scale, axis=alt.Axis(format=".0%", tickCount=4))
    shades = alt.Scale(domain=["level", "more", "less"], range=[ACCENT, INK, SOFT])
    data = alt.Chart(alt.Data(values=rows))
    bars = data.mark_bar(cornerRadius=1).encode(
        y=y, x=x, x2="to:Q", color=alt.Color("kind:N", legend=None, scale=shades)
    )
    texts = data.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
        y=y, x=alt.X("end:Q", scale=scale), text="text:N"
    )
    title = alt.TitleParams(name, anchor="start", fontSize=13, color=INK, offset=8)
    layers, width, step = [bars, texts], 310, 27
    if narrow:
        names = data.mark_text(align="left", dy=-17, color=MUTED, fontSize=12)
        layers.append(names.encode(y=y, x=alt.value(0), text="step:N"))
        width, step = 350, 42
    return alt.layer(*layers).properties(width=width, height=step * len(rows), title=title)


def _themed(chart: Any, left: int = 12, right: int = 10) -> Any:
    """Return a chart in the page's type and colours, without frame or background."""
    padding = {"left": left, "right": right, "top": 6, "bottom": 4}
    return (
        chart.configure(background="transparent", font=FONT, padding=padding)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED, labelFontSize=12, gridColor=LINE, gridOpacity=0.6,
            domainColor=LINE, tickColor=LINE,
        )
        .configure_axisX(grid=False)
    )  # fmt: skip
