"""The paired comparison of trainings as their page shows it: texts and a chart. Rounding happens here."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from detector.measure_words import (
    FEW_CLUSTERS_WORDS,
    difference,
    has_few_clusters,
    interval,
    level_words,
    share,
    words_of,
)
from studyapp.reports.numbers import p_value
from studyapp.reports.specification import specification

Row = dict[str, Any]
MEASURE_HEIGHT = 16  # pixels
ZERO = "#8a8f98"
COLOURS = ["#2b8a8a", "#d1762a", "#7b5ea7", "#56b4e9"]


def comparison_parts(comparison: Row) -> Row:
    """Return the table, the chart and the pairs left out of a stored comparison (docs/report_json.md)."""
    paired = comparison["paired"]
    return {
        "rows": [_row(row) for row in paired],
        "left_out": [row for row in comparison["left_out"] if row["kind"] == "paired"],
        "level": level_words(comparison["options"]["level"]),
        "n_resamples": comparison["options"]["n_resamples"],
        "few_clusters": FEW_CLUSTERS_WORDS if any(has_few_clusters(row) for row in paired) else "",
        "chart": draw_differences(paired) if paired else None,
    }


def draw_differences(paired: Sequence[Row]) -> Row:
    """Return each difference as a dot with its interval, a row for each pair and in it a line for each measure.

    A click on the legend picks a measure. Where there is no interval, the dot stands alone.
    """
    names = ("a", "b", "n_clips", "n_clusters_fake", "n_clusters_real", "difference", "low", "high", "p", "p_holm")
    rows = [
        {
            "pair": f"{row['a']} less {row['b']}",
            "measure": words_of(row["measure"]),
            **{name: row[name] for name in names},
        }
        for row in paired
    ]
    pairs, measures = (list(dict.fromkeys(row[name] for row in rows)) for name in ("pair", "measure"))
    picked = alt.selection_point(name="picked", fields=["measure"], bind="legend")
    chart = alt.Chart(alt.InlineData(values=rows))
    base = chart.encode(
        y=alt.Y("pair:N", title=None, sort=pairs, axis=alt.Axis(labelLimit=200)),
        yOffset=alt.YOffset("measure:N", sort=measures),
        color=alt.Color(
            "measure:N",
            scale=alt.Scale(domain=measures, range=COLOURS[: len(measures)]),
            legend=alt.Legend(orient="top", title=None, columns=2, labelLimit=260, symbolOpacity=1),
        ),
        opacity=alt.condition(picked, alt.value(1), alt.value(0.12)),
        tooltip=[
            alt.Tooltip("pair:N"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("difference:Q", format="+.3f"),
            alt.Tooltip("low:Q", title="from", format="+.3f"),
            alt.Tooltip("high:Q", title="to", format="+.3f"),
            alt.Tooltip("p_holm:Q", title="p, Holm", format=".3f"),
            alt.Tooltip("n_clips:Q", title="clips"),
        ],
    )
    title = "difference on the same clips"
    zero = chart.mark_rule(color=ZERO, strokeDash=[4, 3], aria=False).encode(x=alt.datum(0))
    intervals = (
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", title=title), x2="high:Q")
    )
    dots = base.mark_circle(size=70).encode(x=alt.X("difference:Q", title=title)).add_params(picked)
    # A layer without a single interval would have no scale of its own, of which Vega warns.
    layers = [zero, *([intervals] if any(row["low"] is not None for row in rows) else []), dots]
    height = MEASURE_HEIGHT * len(measures) * len(pairs)
    return specification(alt.layer(*layers), width="container", height=height)


def _row(row: Row) -> Row:
    return {
        "a": row["a"],
        "b": row["b"],
        "measure": words_of(row["measure"]),
        "mean_a": share(row["mean_a"]),
        "mean_b": share(row["mean_b"]),
        "difference": difference(row["difference"]),
        "interval": interval(row["low"], row["high"], is_difference=True),
        "p": p_value(row["p"]),
        "p_holm": p_value(row["p_holm"]),
        "n_clips": row["n_clips"],
        "clips": f"{row['n_fake']} fake, {row['n_real']} real",
        "clusters": f"{row['n_clusters_fake']} of fakes, {row['n_clusters_real']} of real clips",
    }
