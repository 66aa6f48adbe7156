"""Charts of listeners beside a machine. Truth is told by colour and by shape, listeners and machine by the line."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from studyapp.reports.specification import specification
from studyapp.reports.stimulus_charts import LABEL_COLOURS
from studyapp.vocab import category_words

SHAPES = {"real": "circle", "fake": "triangle-up"}
MEASURES = {"balanced_accuracy": "right decisions, mean of both classes", "auc": "AUC of the share of “fake”"}
MEASURE_COLOURS = ["#2b8a8a", "#d1762a"]
LISTENERS, MACHINE = "listeners", "machine"
LINE = "#8a8f98"
MOST_DOTS = 5000
UNIT = alt.Scale(domain=[0, 1])


def draw_shares(
    clips: Sequence[dict[str, Any]], *, sounds: Mapping[int, str], threshold: float
) -> dict[str, Any] | None:
    """Return each clip as a dot, its score by its share of “fake”; None where the machine gave no scores.

    clips: rows of `machines[].clips`. sounds: addresses by clip; a click on a dot that has one plays it (see
    charts.js). Of more than 5,000 clips every second, third and so on is drawn.
    """
    scored = [clip for clip in clips if clip["fake_score"] is not None]
    if not scored:
        return None
    rows = [_dot(clip, sounds.get(clip["clip"])) for clip in scored[:: -(-len(scored) // MOST_DOTS)]]
    base = alt.Chart(alt.InlineData(values=rows))
    legend = alt.Legend(orient="top", title="truth", symbolOpacity=1, symbolSize=90)
    kinds = list(LABEL_COLOURS)
    hovered = alt.selection_point(name="hovered", on="pointerover", clear="pointerout", empty=False)
    dots = (
        base.mark_point(filled=True, opacity=0.85, cursor="pointer")
        .encode(
            x=alt.X(
                "fake_score:Q",
                title="score of the machine (higher is more fake)",
                scale=UNIT,
                axis=alt.Axis(tickCount=10, format=".1f"),
            ),
            y=alt.Y("share_fake:Q", title="listeners who said “fake”", scale=UNIT, axis=alt.Axis(format="%")),
            color=alt.Color(
                "truth:N", scale=alt.Scale(domain=kinds, range=list(LABEL_COLOURS.values())), legend=legend
            ),
            shape=alt.Shape("truth:N", scale=alt.Scale(domain=kinds, range=[SHAPES[kind] for kind in kinds])),
            size=alt.condition(hovered, alt.value(200), alt.value(70)),
            description="said:N",
            tooltip=[
                alt.Tooltip("clip:N"),
                alt.Tooltip("truth:N"),
                alt.Tooltip("category:N"),
                alt.Tooltip("generator:N"),
                alt.Tooltip("share_fake:Q", title="said “fake”", format=".1%"),
                alt.Tooltip("n_judgements:Q", title="judgements"),
                alt.Tooltip("fake_score:Q", title="score", format=".3f"),
            ],
        )
        .add_params(hovered)
    )
    rule: dict[str, Any] = {"strokeDash": [4, 3], "color": LINE, "aria": False}
    # Of one row of the same data, so that the downloaded table holds no rows of the lines' own.
    lines = base.transform_aggregate(n="count()")
    by_score = lines.mark_rule(**rule).encode(x=alt.datum(threshold))
    by_half = lines.mark_rule(**rule).encode(y=alt.datum(0.5))
    return _specification(alt.layer(by_score, by_half, dots), height=380)


def draw_crowds(crowd: dict[str, Any]) -> dict[str, Any] | None:
    """Return what crowds reach by their size, with the machine as dashed lines; None without crowds."""
    rows = [
        {"observer": LISTENERS, "measure": words, "n_listeners": point["n_listeners"], "value": point[measure]}
        for measure, words in MEASURES.items()
        for point in crowd["points"]
        if point[measure] is not None
    ]
    if not rows:
        return None
    n_of_crowds = len(rows)
    rows += [
        {"observer": MACHINE, "measure": words, "n_listeners": None, "value": crowd[f"machine_{measure}"]}
        for measure, words in MEASURES.items()
        if crowd[f"machine_{measure}"] is not None
    ]
    names = list(MEASURES.values())
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("value:Q", title="share", scale=alt.Scale(zero=False, padding=12)),
        color=alt.Color(
            "measure:N",
            scale=alt.Scale(domain=names, range=MEASURE_COLOURS),
            legend=alt.Legend(orient="top", direction="vertical", title=None, symbolOpacity=1, labelLimit=300),
        ),
        tooltip=[
            alt.Tooltip("observer:N"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("n_listeners:Q", title="listeners"),
            alt.Tooltip("value:Q", format=".3f"),
        ],
    )
    sizes = sorted({row["n_listeners"] for row in rows if row["n_listeners"]})
    crowds = base.transform_filter(alt.datum.observer == LISTENERS).encode(
        x=alt.X(
            "n_listeners:Q",
            title="listeners in the crowd",
            scale=alt.Scale(type="log", domain=[1, max(sizes[-1], 2)]),
            axis=alt.Axis(values=sizes, format="d", labelOverlap="greedy", labelSeparation=6, grid=False),
        )
    )
    dots = crowds.mark_point(filled=True, opacity=1, size=60).encode(
        shape=alt.Shape("measure:N", scale=alt.Scale(domain=names, range=["circle", "square"]))
    )
    lines = crowds.mark_line(strokeWidth=2)
    if len(rows) == n_of_crowds:  # a layer without rows has no extent, and an empty container in the drawing
        return _specification(alt.layer(lines, dots), height=260)
    dash = alt.StrokeDash(
        "observer:N",
        scale=alt.Scale(domain=[LISTENERS, MACHINE], range=[[1, 0], [6, 4]]),
        legend=alt.Legend(orient="top", direction="vertical", title=None, symbolStrokeColor=LINE, symbolSize=400),
    )
    machines = base.transform_filter(alt.datum.observer == MACHINE).mark_rule(strokeWidth=2)
    layers = [lines.encode(strokeDash=dash), dots, machines.encode(strokeDash=dash)]
    return _specification(alt.layer(*layers), height=260)


def _dot(clip: dict[str, Any], sound: str | None) -> dict[str, Any]:
    said = f"{clip['name']}, {clip['truth']}: {clip['share_fake']:.0%} said fake, score {clip['fake_score']:.2f}"
    return {
        "clip": clip["name"],
        "truth": clip["truth"],
        "category": category_words(clip["category"]),
        "generator": clip["generator"],
        "n_judgements": clip["n_judgements"],
        "share_fake": clip["share_fake"],
        "fake_score": clip["fake_score"],
        "said": said,
        **({"sound": sound} if sound else {}),
    }


def _specification(chart: alt.LayerChart | alt.FacetChart, *, height: int) -> dict[str, Any]:
    return specification(chart, width="container", height=height)
