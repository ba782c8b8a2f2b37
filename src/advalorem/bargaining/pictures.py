"""Pictures of answers: a heat map of tariffs and the tree, as SVG, drawn by altair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advalorem.bargaining.errors import InputError
from advalorem.bargaining.review import Review
from advalorem.bargaining.tree import Node

__all__ = ["heat_map", "tree_picture"]

STEP, ROW, CELL, DARK = 220, 62, 22, 0.7


def heat_map(tariffs: Mapping[str, Mapping[str, Mapping[str, float]]], title: str) -> str:
    """Return rates by importer and exporter (rows) and sector (columns), per cent, as SVG.

    Examples
    --------
    >>> heat_map({"A": {"B": {"good": 0.25}}}, "Rates")[:4]
    '<svg'
    """
    rows: list[dict[str, Any]] = [
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
    dark = max(row["rate"] for row in rows) * DARK if rows else 0.0
    words = base.mark_text(fontSize=9).encode(
        text=alt.Text("rate:Q", format=".0f"),
        color=alt.condition(alt.datum.rate > dark, alt.value("white"), alt.value("black")),
    )
    size = {"width": alt.Step(CELL), "height": alt.Step(CELL)}
    return _svg((boxes + words).properties(title=title, **size))


def tree_picture(review: Review) -> str:
    """Return the tree as SVG: choices, chances with beliefs, outcomes, and the strategy in bold.

    Beside every node stand its day and what it is worth to each country, per cent of income a year.
    """
    points: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    _place(review.root, 0, [0], review, points, lines)
    alt = _altair()
    depth, rows = (max(point[name] for point in points) for name in ("x", "y"))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.25, depth + 0.9], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[rows + 0.6, -0.6], nice=False))
    ways = alt.Chart(alt.Data(values=lines))
    drawn = ways.mark_rule(color="#4c6a92").encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=alt.StrokeWidth("width:Q", scale=None)
    )
    at = {"x": alt.X("mx:Q", axis=None), "y": alt.Y("my:Q", axis=None), "text": "name:N"}
    behind = ways.mark_text(fontSize=11, stroke="white", strokeWidth=5).encode(**at)
    named = ways.mark_text(fontSize=11).encode(**at)
    marks = alt.Chart(alt.Data(values=points))
    kind = alt.Color("kind:N", title=None, legend=alt.Legend(orient="bottom"))
    dots = marks.mark_point(filled=True, size=110, opacity=1).encode(
        x=x, y=y, shape=alt.Shape("kind:N", title=None), color=kind
    )
    inner, leaves = (
        alt.Chart(alt.Data(values=[p for p in points if (p["kind"] == "outcome") is leaf]))
        for leaf in (False, True)
    )
    words = [
        part.mark_text(align=align, dx=dx, dy=dy, fontSize=size).encode(x=x, y=y, text=f"{name}:N")
        for part, align, dx, offsets in (
            (inner, "center", 0, (-27, -14)),
            (leaves, "left", 9, (-6, 7)),
        )
        for name, dy, size in zip(("text", "worth"), offsets, (11, 9), strict=True)
    ]
    codes = ", ".join(review.rules.players)
    title = f"Seen from {review.rules.on}; thick: what is chosen; worth a year to {codes}, per cent"
    size = {"width": STEP * (depth + 1), "height": ROW * (rows + 1)}
    whole = alt.layer(drawn, behind, named, dots, *words).properties(title=title, **size)
    return _svg(whole.configure_view(strokeWidth=0))


def _place(
    node: Node,
    depth: int,
    row: list[int],
    review: Review,
    points: list[dict[str, Any]],
    lines: list[dict[str, Any]],
) -> float:
    """Place a node left of what it leads to, in the middle; return its height."""
    heights = [_place(branch.to, depth + 1, row, review, points, lines) for branch in node.branches]
    if heights:
        height = sum(heights) / len(heights)
    else:
        height = float(row[0])
        row[0] += 1
    for branch, end in zip(node.branches, heights, strict=True):
        belief = "" if branch.p is None else f" {branch.p:.0%}"
        chosen = review.solved.strategy.get(node.path) == branch.name
        lines.append({
            "x": depth, "y": height, "x2": depth + 1, "y2": end,
            "mx": depth + 0.6, "my": height + 0.6 * (end - height),
            "name": f"{branch.name}{belief}", "width": 3 if chosen else 1,
        })  # fmt: skip
    text = {"choice": node.player, "chance": "", "outcome": node.outcome}[node.kind]
    worth = review.solved.per_year[node.path].values()
    numbers = ", ".join("-" if value is None else f"{value:.3f}" for value in worth)
    points.append({
        "x": depth, "y": height, "kind": node.kind, "text": f"{text} {node.on}".strip(),
        "worth": numbers,
    })  # fmt: skip
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
