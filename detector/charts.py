"""Learning curves of a training, as a Vega-Lite specification."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from detector.models import DetectorRun
from detector.selectors.unfinished import LiveCurves
from studyapp.reports.specification import specification

MEASURES = {"train_accuracy": "training (with dropout)", "validation_accuracy": "validation"}
COLOURS = ["#8a8f98", "#2b8a8a"]
Curves = Mapping[str, Sequence[float]]


def run_curves(runs: Sequence[DetectorRun]) -> list[tuple[int, Curves]]:
    """Return the curves of stored runs by number."""
    return [(run.number, run.curves) for run in runs]


def unfinished_curves(live: LiveCurves | None) -> list[tuple[int, Curves]]:
    """Return the curves of a running training by number of the run."""
    if live is None:
        return []
    n_runs = live.curves["validation_accuracy"].shape[1]
    return [(n + 1, {name: values[:, n].tolist() for name, values in live.curves.items()}) for n in range(n_runs)]


def draw_learning_curves(curves: Iterable[tuple[int, Curves]], *, n_epochs: int) -> dict[str, Any]:
    """Return accuracy by epoch: a thin line for each run, a thick one for their mean; a click on the legend picks."""
    rows = [
        {"epoch": epoch, "run": run, "clips": title, "accuracy": value}
        for run, values in curves
        for measure, title in MEASURES.items()
        for epoch, value in enumerate(values[measure], start=1)
    ]
    colour = alt.Color(
        "clips:N",
        scale=alt.Scale(domain=list(MEASURES.values()), range=COLOURS),
        # Without these the legend takes the thin lines' width and opacity, and is hardly seen.
        legend=alt.Legend(orient="top", title=None, symbolOpacity=1, symbolStrokeWidth=3),
    )
    picked = alt.selection_point(name="picked", fields=["clips"], bind="legend")
    x = alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, n_epochs]))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, color=colour)
    scale = alt.Scale(domain=[0, 1])
    thin = (
        base.mark_line(strokeWidth=0.6)
        .encode(
            y=alt.Y("accuracy:Q", title="accuracy", scale=scale),
            detail="run:N",
            opacity=alt.condition(picked, alt.value(0.45), alt.value(0.05)),
        )
        .add_params(picked)
    )
    mean = alt.Y("mean(accuracy):Q", title="accuracy", scale=scale)
    faded = alt.condition(picked, alt.value(1), alt.value(0.1))
    thick = base.mark_line(strokeWidth=2.5).encode(y=mean, opacity=faded)
    # Dots that are not seen, wide enough to be hit: they carry what is said of an epoch.
    spots = base.mark_point(size=120, opacity=0, filled=True).encode(
        y=mean,
        tooltip=[
            alt.Tooltip("clips:N"),
            alt.Tooltip("epoch:Q"),
            alt.Tooltip("mean(accuracy):Q", title="mean over runs", format=".3f"),
            alt.Tooltip("min(accuracy):Q", title="lowest", format=".3f"),
            alt.Tooltip("max(accuracy):Q", title="highest", format=".3f"),
        ],
    )
    return specification(alt.layer(thin, thick, spots), width="container", height=240)


def curve_rows(curves: Sequence[tuple[int, Curves]], *, every: int) -> list[dict[str, Any]]:
    """Return the numbers behind the chart at every `every`-th epoch: mean, lowest and highest over runs."""
    n_epochs = min((len(values["validation_accuracy"]) for _, values in curves), default=0)
    return [
        {
            "epoch": epoch,
            **{measure: _spread([values[measure][epoch - 1] for _, values in curves]) for measure in MEASURES},
        }
        for epoch in range(every, n_epochs + 1, every)
    ]


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": sum(values) / len(values), "low": min(values), "high": max(values)}
