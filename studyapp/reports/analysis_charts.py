"""Charts of the analysis. Colours are of the Okabe-Ito palette, which colour-blind readers tell apart."""

import textwrap
from typing import Any

import altair as alt

BAR, INTERVAL = "#56b4e9", "#d55e00"
ROW_HEIGHT = 38  # pixels
LABEL_WIDTH = 38  # characters of a line of a reason's words


def draw_reasons(reasons: dict[str, Any]) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of the shares of reasons with Wilson intervals; None when none was given."""
    if not reasons["n_judgements"]:
        return None
    rows = [
        {
            "reason": "\n".join(textwrap.wrap(share["label"], LABEL_WIDTH)),
            "n": share["n_chosen"],
            "share": share["proportion"],
            "low": share["wilson"]["low"],
            "high": share["wilson"]["high"],
        }
        for share in reasons["shares"]
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y(
            "reason:N",
            sort=[row["reason"] for row in rows],
            title=None,
            axis=alt.Axis(labelExpr="split(datum.value, '\\n')", labelLimit=240, labelLineHeight=12),
        ),
        tooltip=[
            alt.Tooltip("n:Q", title="judgements"),
            alt.Tooltip("share:Q", title="share", format=".1%"),
            alt.Tooltip("low:Q", title="interval from", format=".1%"),
            alt.Tooltip("high:Q", title="to", format=".1%"),
        ],
    )
    axis = alt.Axis(format="%", tickCount=5)
    bars = base.mark_bar(color=BAR, height={"band": 0.6}).encode(
        x=alt.X("share:Q", title="share of judgements with a reason", axis=axis)
    )
    intervals = base.mark_rule(color=INTERVAL, strokeWidth=2.5).encode(x="low:Q", x2="high:Q")
    chart = alt.layer(bars, intervals).properties(width="container", height=ROW_HEIGHT * len(rows))
    specification: dict[str, Any] = chart.to_dict()
    return specification
