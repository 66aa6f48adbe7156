"""Charts of a stimulus set."""

from typing import Any

import altair as alt

from studyapp.selectors.stimulus_audit import CategoryRow
from studyapp.vocab import DCASE_2023_CATEGORIES

LABEL_COLOURS = {"real": "#2b8a8a", "fake": "#d1762a"}


def draw_levels(categories: list[CategoryRow]) -> dict[str, Any]:
    """Return the Vega-Lite specification of level by category and label: dots are medians, bars reach the quartiles."""
    rows = [
        {
            "category": DCASE_2023_CATEGORIES.get(row.category, row.category),
            "label": label,
            "n": each.n,
            "median": each.median,
            "q1": each.q1,
            "q3": each.q3,
        }
        for row in categories
        for label, each in (("real", row.real), ("fake", row.fake))
        if each.n
    ]
    colour = alt.Color(
        "label:N",
        scale=alt.Scale(domain=list(LABEL_COLOURS), range=list(LABEL_COLOURS.values())),
        legend=alt.Legend(orient="top", title=None, symbolType="circle", symbolOpacity=1, symbolSize=90),
    )
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("category:N", title=None, axis=alt.Axis(labelLimit=160)),
        yOffset=alt.YOffset("label:N", sort=list(LABEL_COLOURS)),
        color=colour,
        tooltip=[
            alt.Tooltip("category:N"),
            alt.Tooltip("label:N"),
            alt.Tooltip("n:Q", title="clips"),
            alt.Tooltip("median:Q", title="median, dBFS", format=".1f"),
            alt.Tooltip("q1:Q", title="lower quartile, dBFS", format=".1f"),
            alt.Tooltip("q3:Q", title="upper quartile, dBFS", format=".1f"),
        ],
    )
    level = alt.X("q1:Q", title="level, dBFS", scale=alt.Scale(zero=False))
    bars = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=level, x2="q3:Q")
    dots = base.mark_circle(size=70, opacity=1).encode(x=alt.X("median:Q", title="level, dBFS"))
    chart = alt.layer(bars, dots).properties(width=300, height={"step": 16})
    specification: dict[str, Any] = chart.to_dict()
    return specification
