"""Charts of a stimulus set."""

from typing import Any

import altair as alt

from studyapp.reports.specification import specification
from studyapp.selectors.stimulus_distributions import Distribution
from studyapp.vocab import category_words

LABEL_COLOURS = {"real": "#2b8a8a", "fake": "#d1762a"}
ROW_HEIGHT = 34  # pixels of a category
GRID_OPACITY = 0.3  # the dark theme's lines are bright


def draw_distribution(found: Distribution) -> dict[str, Any]:
    """Return the Vega-Lite specification of a histogram: real clips upwards, fake clips downwards from one line.

    Bars are shares of the label's clips, so that the two shapes compare whatever the numbers of clips.
    """
    rows = [
        {"label": label, "from": each.low, "to": each.high, "n": n, "share": share}
        for each in found.bins
        for label, n, share in (("real", each.n_real, each.share_real), ("fake", each.n_fake, each.share_fake))
        if n
    ]
    edge = f".{found.edge_digits}f"
    value = _values("from:Q", found)
    # Fakes are drawn below the line; their axis counts upwards all the same.
    axis = alt.Axis(labelExpr="format(abs(datum.value), '.0%')", tickCount=5, gridOpacity=GRID_OPACITY)
    base = alt.Chart(alt.InlineData(values=rows)).transform_calculate(
        drawn="datum.label === 'fake' ? -datum.share : datum.share"
    )
    bars = base.mark_rect(opacity=0.9).encode(
        y=alt.Y("drawn:Q", title="share of the label", axis=axis),
        x=value,
        x2="to:Q",
        y2=alt.Y2Datum(0),
        color=_colour("square"),
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("from:Q", title=f"from, {found.unit}", format=edge),
            alt.Tooltip("to:Q", title=f"to, {found.unit}", format=edge),
            alt.Tooltip("n:Q", title="clips"),
            alt.Tooltip("share:Q", title="share of the label", format=".1%"),
        ],
    )
    # Of the same data, so that the downloaded table holds no row of the line's own.
    line = base.transform_aggregate(n="count()").mark_rule(color="#8a8f98", aria=False).encode(y=alt.YDatum(0))
    return _finished(alt.layer(bars, line), height=220)


def draw_categories(found: Distribution) -> dict[str, Any]:
    """Return the Vega-Lite specification of a fact by category and label: medians, and lines between quartiles."""
    rows = [
        {
            "category": category_words(row.category),
            "label": label,
            "n": each.n,
            "median": each.median,
            "q1": each.q1,
            "q3": each.q3,
        }
        for row in found.categories
        for label, each in (("real", row.real), ("fake", row.fake))
        if each.n
    ]
    decimals = f".{found.digits}f"
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("category:N", title=None, axis=alt.Axis(labelLimit=150)),
        yOffset=alt.YOffset("label:N", sort=list(LABEL_COLOURS)),
        color=_colour("circle"),
        tooltip=[
            alt.Tooltip("category:N"),
            alt.Tooltip("label:N"),
            alt.Tooltip("n:Q", title="clips"),
            alt.Tooltip("median:Q", title=f"median, {found.unit}", format=decimals),
            alt.Tooltip("q1:Q", title=f"lower quartile, {found.unit}", format=decimals),
            alt.Tooltip("q3:Q", title=f"upper quartile, {found.unit}", format=decimals),
        ],
    )
    bars = base.mark_rule(strokeWidth=3, opacity=0.55, aria=False).encode(x=_values("q1:Q", found), x2="q3:Q")
    dots = base.mark_circle(size=70, opacity=1).encode(x=alt.X("median:Q"))
    return _finished(alt.layer(bars, dots), height=ROW_HEIGHT * len(found.categories))


def _values(field: str, found: Distribution) -> alt.X:
    axis = alt.Axis(tickCount=6, gridOpacity=GRID_OPACITY)
    return alt.X(field, title=f"{found.name}, {found.unit}", scale=alt.Scale(zero=False), axis=axis)


def _colour(symbol: str) -> alt.Color:
    return alt.Color(
        "label:N",
        scale=alt.Scale(domain=list(LABEL_COLOURS), range=list(LABEL_COLOURS.values())),
        legend=alt.Legend(orient="top", title=None, symbolType=symbol, symbolOpacity=1, symbolSize=90),
    )


def _finished(chart: alt.LayerChart | alt.FacetChart, *, height: int) -> dict[str, Any]:
    return specification(chart, width="container", height=height)
