"""Charts of listeners, of sources and of times. Colours are of the Okabe-Ito palette; shapes tell the same apart."""

from typing import Any

import altair as alt

from studyapp.reports.specification import specification

# The blue is lighter than the palette's, which is lost on a dark page.
INSIDE, ABOVE, BELOW = "#3a96d6", "#009e73", "#d55e00"
BAND = "#999999"
RIGHT, WRONG = "#3a96d6", "#e69f00"
BELOW_CHART = alt.Legend(orient="bottom", title=None)
SHOWN_DOTS = 300  # of more listeners, evenly spaced ones in the order of their shares are drawn
SHOWN_CURVES = 40  # of more listeners, evenly spaced ones are drawn
HEIGHT, ROW_HEIGHT = 260, 26  # pixels
PLACES = {"above": "above", "inside": "within the limits", "below": "below"}


def draw_listeners(listeners: dict[str, Any], truth: str) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of each listener's share with the limits of guessing; None without any."""
    limits = {limit["n_trials"]: limit for limit in listeners["limits"]}
    rows = [
        {"listener": each["listener"], **_dot(each[truth], limits[each[truth]["n_judgements"]])}
        for each in listeners["each"]
        if each[truth]["n_judgements"]
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: row["share"])
    rows = [{"place_in_order": at + 1, **row} for at, row in enumerate(rows)]
    if len(rows) > SHOWN_DOTS:
        rows = [rows[round(at * (len(rows) - 1) / (SHOWN_DOTS - 1))] for at in range(SHOWN_DOTS)]
    base = alt.Chart().encode(
        x=alt.X(
            "place_in_order:Q",
            title="listeners, from the lowest share to the highest",
            axis=alt.Axis(tickMinStep=1, format="d", grid=False),
            scale=alt.Scale(domain=[0.5, rows[-1]["place_in_order"] + 0.5], nice=False),
        )
    )
    band = base.mark_rule(color=BAND, opacity=0.3, strokeWidth=max(2, min(10, 400 // len(rows)))).encode(
        y=alt.Y("guess_from:Q", title="share correct", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        y2="guess_to:Q",
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        y="share:Q",
        color=alt.Color("place:N", legend=BELOW_CHART, scale=_scale([ABOVE, INSIDE, BELOW])),
        shape=alt.Shape("place:N", legend=BELOW_CHART, scale=_scale(["triangle-up", "circle", "triangle-down"])),
        tooltip=[
            alt.Tooltip("listener:N"),
            alt.Tooltip("n_correct:Q", title="correct"),
            alt.Tooltip("n_judgements:Q", title="of"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    return _specification(alt.layer(band, dots), rows)


def draw_generators(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of the shares of each source with their intervals over clips.

    rows: of the analysis, with `name`. None with fewer than two, which need no chart.
    """
    if len(rows) < 2:
        return None
    values = [
        {
            "source": row["name"],
            "clips": row["truth"],
            "share": row["by_clip"]["mean"],
            "low": max(interval["low"], 0.0) if (interval := row["by_clip"]["interval"]) else None,
            "high": min(interval["high"], 1.0) if interval else None,
        }
        for row in rows
    ]
    scale = alt.Scale(domain=["fake", "real"], range=[BELOW, INSIDE])
    base = alt.Chart().encode(
        y=alt.Y("source:N", sort=[row["source"] for row in values], title=None, axis=alt.Axis(labelLimit=200)),
        color=alt.Color("clips:N", legend=BELOW_CHART, scale=scale),
    )
    axis = alt.Axis(format="%", tickCount=5)
    lines = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", title="share correct, mean over clips", axis=axis, scale=alt.Scale(domain=[0, 1])), x2="high:Q"
    )
    shapes = alt.Scale(domain=["fake", "real"], range=["triangle-up", "circle"])
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="share:Q",
        shape=alt.Shape("clips:N", legend=BELOW_CHART, scale=shapes),
        tooltip=[alt.Tooltip(name, format=".1%") for name in ("share:Q", "low:Q", "high:Q")],
    )
    # A layer without a mark would be an image without a name to those who hear the page.
    layers = [lines, dots] if any(row["low"] is not None for row in values) else [dots]
    return _specification(alt.layer(*layers), values, height=ROW_HEIGHT * len(values))


def draw_times(distribution: list[dict[str, Any]], *, counted_from: str) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of the answers' times, right and wrong ones; None without times.

    distribution: bins with `words`, and the share of right and wrong answers in each. counted_from: what the time
    counts from, in words.
    """
    if not any(row["n_right"] or row["n_wrong"] for row in distribution):
        return None
    rows = [
        {"seconds": row["words"], "answers": name, "share": row[f"share_{name}"], "n": row[f"n_{name}"]}
        for row in distribution
        for name in ("right", "wrong")
    ]
    chart = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X(
                "seconds:N",
                sort=[row["words"] for row in distribution],
                title=f"seconds from {counted_from}",
                axis=alt.Axis(labelAngle=-45, labelOverlap=False),
            ),
            xOffset=alt.XOffset("answers:N", sort=["right", "wrong"]),
            y=alt.Y("share:Q", title="share of answers", axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color(
                "answers:N", legend=BELOW_CHART, scale=alt.Scale(domain=["right", "wrong"], range=[RIGHT, WRONG])
            ),
            tooltip=[
                alt.Tooltip("seconds:N"),
                alt.Tooltip("answers:N"),
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("n:Q"),
            ],
        )
    )
    return _specification(chart, rows)


def draw_roc(ratings: dict[str, Any]) -> dict[str, Any] | None:
    """Return the Vega-Lite specification of the ROC of all ratings and of each listener; None where there is none."""
    if ratings["pooled"] is None:
        return None
    each = ratings["each"]
    if len(each) > SHOWN_CURVES:
        each = [each[round(at * (len(each) - 1) / (SHOWN_CURVES - 1))] for at in range(SHOWN_CURVES)]
    curves = [("all together", ratings["pooled"]), *((row["listener"], row) for row in each)]
    rows: list[dict[str, Any]] = [
        {"ratings": name, "order": order, **point}
        for name, curve in curves
        for order, point in enumerate([{"rating": None, "false_alarm_rate": 0.0, "hit_rate": 0.0}, *curve["points"]])
    ]
    axis = alt.Axis(format="%", tickCount=5)
    base = alt.Chart().encode(
        x=alt.X("false_alarm_rate:Q", title="false alarms: real sounds called fake", axis=axis),
        y=alt.Y("hit_rate:Q", title="hits: fakes called fake", axis=axis),
        order="order:Q",
    )
    is_pooled = alt.datum.ratings == "all together"
    listeners = base.mark_line(color=BAND, opacity=0.5, strokeWidth=1).encode(detail="ratings:N")
    pooled = base.mark_line(color=INSIDE, strokeWidth=3, point={"size": 60, "filled": True, "color": INSIDE}).encode(
        tooltip=[
            "ratings:N",
            "rating:Q",
            *(alt.Tooltip(f"{name}_rate:Q", format=".1%") for name in ("hit", "false_alarm")),
        ]
    )
    layers = [listeners.transform_filter(~is_pooled)] if each else []
    return _specification(alt.layer(*layers, pooled.transform_filter(is_pooled)), rows)


def _dot(found: dict[str, Any], limit: dict[str, Any]) -> dict[str, Any]:
    """Return a listener's numbers; the band ends between the last number of right answers in it and the next."""
    n = found["n_judgements"]
    below, above = limit["most_below"], limit["least_above"]
    return {
        "n_correct": found["n_correct"],
        "n_judgements": n,
        "share": found["n_correct"] / n,
        "guess_from": 0.0 if below is None else (below + 0.5) / n,
        "guess_to": 1.0 if above is None else (above - 0.5) / n,
        "place": PLACES[found["place"]],
    }


def _scale(values: list[str]) -> alt.Scale:
    return alt.Scale(domain=list(PLACES.values()), range=values)


def _specification(chart: Any, rows: list[dict[str, Any]], *, height: int = HEIGHT) -> dict[str, Any]:
    """Return the chart of these rows. They are put in last: Altair copies what it holds many times."""
    found = specification(chart, width="container", height=height)
    for layer in found.get("layer", []):
        layer.pop("data", None)  # else it has empty data of its own, and not the chart's
    return {**found, "data": {"values": rows}}
