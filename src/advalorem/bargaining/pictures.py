"""Pictures of answers: a heat map of tariffs and the tree, as SVG, drawn by altair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advalorem.bargaining.errors import InputError
from advalorem.bargaining.review import Review
from advalorem.bargaining.tree import Node

__all__ = ["heat_map", "tree_picture"]

STEP, CELL = 190, 22


def heat_map(tariffs: Mapping[str, Mapping[str, Mapping[str, float]]], title: str) -> str:
    """Return rates by importer and exporter (rows) and sector (columns), per cent, as SVG.

    Examples
    --------
    >>> heat_map({"A": {"B": {"good": 0.25}}}, "Rates")[:4]
    '<svg'
    """
    rows = [
        {"pair": f"{player} on {partner}", "sector": sector, "rate": 100 * rate}
        for player, partners in tariffs.items()
        for partner, sectors in partners.items()
        for sector, rate in sectors.items()
    ]
    alt = _altair()
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("sector:N", sort=None, title=None), y=alt.Y("pair:N", sort=None, title=None)
    )
    boxes = base.mark_rect().encode(
        color=alt.Color("rate:Q", title="per cent", scale=alt.Scale(scheme="blues"))
    )
    words = base.mark_text(fontSize=9).encode(text=alt.Text("rate:Q", format=".0f"))
    size = {"width": alt.Step(CELL), "height": alt.Step(CELL)}
    return _svg((boxes + words).properties(title=title, **size))


def tree_picture(review: Review) -> str:
    """Return the tree as SVG: choices, chances with beliefs, outcomes, and the strategy in bold."""
    points: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    _place(review.root, 0, [0], review.solved.strategy, points, lines)
    alt = _altair()
    down = alt.Scale(reverse=True, zero=False)
    x = alt.X("x:Q", title=None, axis=alt.Axis(labels=False, ticks=False, grid=False))
    y = alt.Y("y:Q", title=None, scale=down, axis=alt.Axis(labels=False, ticks=False, grid=False))
    ways = alt.Chart(alt.Data(values=lines))
    drawn = ways.mark_rule(color="#4c6a92").encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=alt.StrokeWidth("width:Q", scale=None)
    )
    named = ways.mark_text(fontSize=10, dy=-6).encode(
        x=alt.X("mx:Q", title=None), y=alt.Y("my:Q", title=None, scale=down), text="name:N"
    )
    marks = alt.Chart(alt.Data(values=points))
    dots = marks.mark_point(filled=True, size=90, opacity=1).encode(
        x=x, y=y, shape=alt.Shape("kind:N", title=None), color=alt.Color("kind:N", title=None)
    )
    words = marks.mark_text(align="left", dx=8, fontSize=10).encode(x=x, y=y, text="text:N")
    depth = max(point["x"] for point in points) + 1
    rows = max(point["y"] for point in points) + 1
    title = f"Seen from {review.rules.on}; thick: what is chosen"
    size = {"width": STEP * depth, "height": 46 * rows}
    return _svg((drawn + named + dots + words).properties(title=title, **size))


def _place(
    node: Node,
    depth: int,
    row: list[int],
    strategy: Mapping[str, str],
    points: list[dict[str, Any]],
    lines: list[dict[str, Any]],
) -> float:
    """Place a node left of what it leads to, in the middle; return its height."""
    heights: list[float] = []
    for branch in node.branches:
        heights.append(_place(branch.to, depth + 1, row, strategy, points, lines))
    if heights:
        height = sum(heights) / len(heights)
    else:
        height = float(row[0])
        row[0] += 1
    for branch, end in zip(node.branches, heights, strict=True):
        belief = "" if branch.p is None else f" {branch.p:.0%}"
        chosen = strategy.get(node.path) == branch.name
        lines.append(
            {
                "x": depth,
                "y": height,
                "x2": depth + 1,
                "y2": end,
                "mx": depth + 0.55,
                "my": height + 0.55 * (end - height),
                "name": f"{branch.name}{belief}",
                "width": 3 if chosen else 1,
            }
        )
    text = {"choice": node.player, "chance": "", "outcome": node.outcome}[node.kind]
    points.append({"x": depth, "y": height, "kind": node.kind, "text": text})
    return height


def _altair() -> Any:
    try:
        import altair
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise InputError(
            "pictures",
            "altair",
            "not installed",
            "install the extra: pip install 'advalorem[brief]'",
        ) from error
    return altair


def _svg(chart: Any) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(chart.to_dict(), show_warnings=False))
