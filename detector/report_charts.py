"""Charts of a report, as Vega-Lite specifications made of its JSON (docs/report_json.md)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt

from studyapp.reports.specification import specification
from studyapp.vocab import DCASE_2023_CATEGORIES

Row = dict[str, Any]
Points = Sequence[Sequence[float]]
DETECTOR, CHANCE, MARK = "#2b8a8a", "#8a8f98", "#d55e00"
TRACK_COLOURS = ["#2b8a8a", "#d1762a", "#7b5ea7", "#56b4e9", "#8a8f98"]
UNIT = alt.Scale(domain=[0, 1])


def equal_error_point(points: Points) -> tuple[float, float]:
    """Return where the ROC meets the line of equal errors (false alarms = misses), between its two nearest points.

    >>> equal_error_point([[0, 0], [0.2, 0.6], [0.4, 1], [1, 1]])
    (0.26666666666666666, 0.7333333333333333)
    """
    for (x0, y0), (x1, y1) in pairwise(points):
        before, after = x0 + y0 - 1, x1 + y1 - 1
        if before <= 0 <= after and after > before:
            share = -before / (after - before)
            return x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    return 0.0, 1.0  # a ROC that goes straight up the axis


def draw_roc(points: Points) -> Row:
    """Return hit rate by false-alarm rate, with the line of chance and the point of equal errors."""
    series = {"detector": points, "chance": [[0, 0], [1, 1]], "equal error rate": [equal_error_point(points)]}
    rows = [
        {"series": name, "false_alarm_rate": x, "hit_rate": y}
        for name, pairs in series.items()
        for x, y in pairs
    ]  # fmt: skip
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("false_alarm_rate:Q", title="false-alarm rate (real called fake)", scale=UNIT),
        y=alt.Y("hit_rate:Q", title="hit rate (fake called fake)", scale=UNIT),
        tooltip=[
            alt.Tooltip("series:N", title="of"),
            alt.Tooltip("false_alarm_rate:Q", title="false-alarm rate", format=".3f"),
            alt.Tooltip("hit_rate:Q", title="hit rate", format=".3f"),
        ],
    )
    chance = base.transform_filter(alt.datum.series == "chance").mark_line(color=CHANCE, strokeDash=[4, 3])
    curve = base.transform_filter(alt.datum.series == "detector").mark_line(
        color=DETECTOR, strokeWidth=2.5, interpolate="linear", point=alt.OverlayMarkDef(opacity=0, size=80)
    )
    equal = base.transform_filter(alt.datum.series == "equal error rate").mark_point(
        color=MARK, size=110, filled=True, shape="diamond"
    )
    return _specification(alt.layer(chance, curve, equal), width=300, height=300)


def draw_calibration(bins: Sequence[Row]) -> Row:
    """Return the share of fakes by score, one dot for each bin that has clips; its area says how many."""
    rows = [{**each, "series": "detector"} for each in bins if each["n"]]
    most = max((row["n"] for row in rows), default=1)
    # Whole numbers: by itself the legend of a few clips would count halves of them.
    legend = alt.Legend(orient="bottom", format="d", values=sorted({1, -(-most // 4), -(-most // 2), most}))
    rows += [{"series": "perfect", "mean_score": end, "share_fake": end} for end in (0, 1)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("mean_score:Q", title="mean fake score of the bin", scale=UNIT),
        y=alt.Y("share_fake:Q", title="share of fakes in the bin", scale=UNIT),
    )
    perfect = base.transform_filter(alt.datum.series == "perfect").mark_line(color=CHANCE, strokeDash=[4, 3])
    of_bins = base.transform_filter(alt.datum.series == "detector")
    line = of_bins.mark_line(color=DETECTOR)
    dots = of_bins.mark_circle(color=DETECTOR, opacity=1).encode(
        size=alt.Size("n:Q", title="clips", scale=alt.Scale(range=[30, 500]), legend=legend),
        tooltip=[
            alt.Tooltip("low:Q", title="scores from", format=".1f"),
            alt.Tooltip("high:Q", title="to", format=".1f"),
            alt.Tooltip("n:Q", title="clips"),
            alt.Tooltip("mean_score:Q", title="mean score", format=".3f"),
            alt.Tooltip("share_fake:Q", title="share of fakes", format=".3f"),
        ],
    )
    return _specification(alt.layer(perfect, line, dots), width=300, height=300)


def draw_heat_map(cells: Sequence[Row]) -> Row:
    """Return hit rate by system and category, worst systems first; a click on a cell opens its clips.

    cells: rows of `by_system_category`, with `clips`, the address of the cell's clips.
    """
    rows = [{**cell, "category": DCASE_2023_CATEGORIES.get(cell["category"], cell["category"])} for cell in cells]
    totals: dict[str, list[float]] = {}
    for row in rows:
        total = totals.setdefault(row["system"], [0.0, 0.0])
        total[0] += row["hit_rate"] * row["n"]
        total[1] += row["n"]
    order = sorted(totals, key=lambda system: (totals[system][0] / totals[system][1], system))
    hovered = alt.selection_point(name="hovered", on="pointerover", clear="pointerout", empty=False)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(cursor="pointer", strokeWidth=2)
        .encode(
            x=alt.X("category:N", title=None, axis=alt.Axis(orient="top", labelAngle=-40, labelLimit=140)),
            y=alt.Y("system:N", title=None, sort=order, axis=alt.Axis(labelLimit=160)),
            color=alt.Color(
                "hit_rate:Q",
                title="hit rate",
                scale=alt.Scale(domain=[0, 0.5, 1], range=["#b2452f", "#f1e3c6", "#1f6f78"]),
                legend=alt.Legend(orient="right", format=".0%"),
            ),
            stroke=alt.condition(hovered, alt.value("#8a8f98"), alt.value(None)),
            href="clips:N",
            tooltip=[
                alt.Tooltip("system:N"),
                alt.Tooltip("category:N"),
                alt.Tooltip("n:Q", title="clips"),
                alt.Tooltip("hit_rate:Q", title="called fake", format=".1%"),
            ],
        )
        .add_params(hovered)
    )
    return _specification(chart, width={"step": 52}, height={"step": 22})


def draw_quality(points: Sequence[Row], *, axis: Sequence[str]) -> Row:
    """Return cross-entropy against a distance or a score, one dot for each system; the legend picks a track.

    axis: the lines of the axis's title, what it is in the first.
    """
    rows = [{**point, "track": point["track"] or "not known"} for point in points]
    tracks = sorted({row["track"] for row in rows})
    picked = alt.selection_point(name="picked", fields=["track"], bind="legend")
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_circle(size=90)
        .encode(
            x=alt.X("value:Q", title=list(axis), scale=alt.Scale(zero=False)),
            y=alt.Y("bce:Q", title="cross-entropy of its fakes (higher is harder)", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "track:N",
                title="track",
                scale=alt.Scale(domain=tracks, range=TRACK_COLOURS[: len(tracks)]),
                legend=alt.Legend(orient="top") if len(tracks) > 1 else None,
            ),
            opacity=alt.condition(picked, alt.value(0.9), alt.value(0.12)),
            tooltip=[
                alt.Tooltip("system:N"),
                alt.Tooltip("track:N"),
                alt.Tooltip("value:Q", title=axis[0], format=".3f"),
                alt.Tooltip("bce:Q", title="cross-entropy", format=".3f"),
            ],
        )
        .add_params(picked)
    )
    return _specification(chart, width="container", height=260)


def _specification(chart: Any, *, width: Any, height: Any) -> Row:
    return specification(chart, width=width, height=height)
