"""Charts of the analysis. Colours are of the Okabe-Ito palette, which colour-blind readers tell apart."""

import textwrap
from typing import Any

import altair as alt

from studyapp.reports.specification import specification
from studyapp.vocab import category_words

BAR, INTERVAL, MEAN, EDGE = "#56b4e9", "#d55e00", "#f0e442", "#333333"
ROW_HEIGHT = 38  # pixels
LABEL_WIDTH = 38  # characters of a line of a reason's words
MOST_WRITTEN = 12  # groups whose squares have room for a number


def draw_reasons(reasons: dict[str, Any]) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of the shares of reasons; None when none was given.

    Bars are the pooled shares, lines their intervals (all at once, or alone where several reasons could be chosen),
    diamonds the means over listeners.
    """
    if not reasons["n_judgements"]:
        return None
    rows = [
        {
            "reason": "\n".join(textwrap.wrap(share["label"], LABEL_WIDTH)),
            "n": share["n_chosen"],
            "share": share["proportion"],
            "low": (share["goodman"] or share["wilson"])["low"],
            "high": (share["goodman"] or share["wilson"])["high"],
            "listener_mean": share["listener_mean"],
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
            alt.Tooltip("listener_mean:Q", title="mean over listeners", format=".1%"),
        ],
    )
    axis = alt.Axis(format="%", tickCount=5)
    bars = base.mark_bar(color=BAR, height={"band": 0.6}).encode(
        x=alt.X("share:Q", title="share of judgements", axis=axis)
    )
    intervals = base.mark_rule(color=INTERVAL, strokeWidth=2.5).encode(x="low:Q", x2="high:Q")
    means = base.mark_point(shape="diamond", size=70, filled=True, fill=MEAN, stroke=EDGE, opacity=1).encode(
        x="listener_mean:Q"
    )
    return specification(alt.layer(bars, intervals, means), width="container", height=ROW_HEIGHT * len(rows))


def draw_reason_table(labels: list[str], table: dict[str, Any]) -> dict[str, Any] | None:
    """Return the specification of the share of each reason in each group as squares; None without two groups.

    The darker the square, the larger the share, which stands in it as a whole percentage where there is room.
    """
    groups = [group for group in table["groups"] if group["n_judgements"]]
    if len(groups) < 2:
        return None
    rows = [
        {
            "reason": "\n".join(textwrap.wrap(label, LABEL_WIDTH)),
            "group": category_words(group["name"]),
            "n": group["counts"][place],
            "n_judgements": group["n_judgements"],
            "share": group["counts"][place] / group["n_judgements"],
        }
        for group in groups
        for place, label in enumerate(labels)
    ]
    largest = max(row["share"] for row in rows)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "group:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=-40 if len(groups) <= MOST_WRITTEN else -90, labelLimit=110, labelOverlap=False),
        ),
        y=alt.Y(
            "reason:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelExpr="split(datum.value, '\\n')", labelLimit=240, labelLineHeight=12),
        ),
        tooltip=[
            alt.Tooltip("group:N", title=table["by"]),
            alt.Tooltip("n:Q", title="times given"),
            alt.Tooltip("n_judgements:Q", title="judgements with a reason"),
            alt.Tooltip("share:Q", title="share", format=".1%"),
        ],
    )
    # One hue from light to dark: told apart by everybody, and in print.
    scale = alt.Scale(scheme="blues", domain=[0, largest])
    squares = base.mark_rect(stroke="#adb5bd", strokeWidth=0.5).encode(
        color=alt.Color("share:Q", scale=scale, legend=alt.Legend(title=None, format="%", tickCount=3, orient="bottom"))
    )
    layers = [squares]
    if len(groups) <= MOST_WRITTEN:
        written = base.transform_calculate(whole="round(100 * datum.share)").mark_text(fontSize=11)
        dark = alt.condition(alt.datum.share > 0.7 * largest, alt.value("#ffffff"), alt.value("#111111"))
        layers.append(written.encode(text="whole:Q", color=dark))
    return specification(alt.layer(*layers), width="container", height=ROW_HEIGHT * len(labels))
