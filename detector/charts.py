"""Charts of a training, as Vega-Lite specifications."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from detector.models import DetectorRun

MEASURES = {"train_accuracy": "training (with dropout)", "validation_accuracy": "validation"}
COLOURS = ["#8a8f98", "#2b8a8a"]


def draw_learning_curves(runs: Sequence[DetectorRun]) -> dict[str, Any]:
    """Return accuracy by epoch: a thin line for each run, a thick one for their mean."""
    rows = [
        {"epoch": epoch, "run": run.number, "clips": title, "accuracy": value}
        for run in runs
        for measure, title in MEASURES.items()
        for epoch, value in enumerate(run.curves[measure], start=1)
    ]
    colour = alt.Color(
        "clips:N",
        scale=alt.Scale(domain=list(MEASURES.values()), range=COLOURS),
        # Without these the legend takes the thin lines' width and opacity, and is hardly seen.
        legend=alt.Legend(orient="top", title=None, symbolOpacity=1, symbolStrokeWidth=3),
    )
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=alt.X("epoch:Q", title="epoch"), color=colour)
    scale = alt.Scale(domain=[0, 1])
    thin = base.mark_line(strokeWidth=0.6, opacity=0.45).encode(
        y=alt.Y("accuracy:Q", title="accuracy", scale=scale), detail="run:N"
    )
    thick = base.mark_line(strokeWidth=2.5).encode(y=alt.Y("mean(accuracy):Q", title="accuracy", scale=scale))
    specification: dict[str, Any] = alt.layer(thin, thick).properties(width=420, height=240).to_dict()
    return specification


def curve_rows(runs: Sequence[DetectorRun], *, every: int) -> list[dict[str, Any]]:
    """Return the numbers behind the chart at every `every`-th epoch: mean, lowest and highest over runs."""
    n_epochs = min(len(run.curves["validation_accuracy"]) for run in runs)
    return [
        {
            "epoch": epoch,
            **{measure: _spread([run.curves[measure][epoch - 1] for run in runs]) for measure in MEASURES},
        }
        for epoch in range(every, n_epochs + 1, every)
    ]


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": sum(values) / len(values), "low": min(values), "high": max(values)}
