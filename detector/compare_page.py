"""Trainings side by side as their page shows them: texts and a chart. Rounding happens here."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import altair as alt
from django.urls import reverse

from detector.measure_words import difference, interval, share, words_of
from detector.models import Training
from detector.selectors.compared import Compared, seed_variability
from detector.selectors.runs import control_kind, dealt_by
from studyapp.reports.numbers import number, p_value
from studyapp.reports.specification import specification

Row = dict[str, Any]
MEASURES = ("accuracy", "balanced_accuracy", "roc_auc", "eer")
ROW_HEIGHT = 40  # pixels
CONTROLS = {"permuted_labels": "permuted labels", "random_weights": "random weights"}
COLOURS = ["#2b8a8a", "#d1762a", "#7b5ea7", "#56b4e9", "#8a8f98", "#b2452f", "#5c8a2b", "#c2a12e"]


def compare_address(keys: Iterable[int]) -> str:
    """Return the address of the page that compares these trainings, in the order given."""
    return f"{reverse('detector:compare')}?{urlencode([('training', key) for key in keys])}"


def compare_parts(found: Sequence[Compared]) -> Row:
    """Return the table, the chart and the tests of two trainings or more."""
    tests, left_out = seed_variability(found)
    return {
        "chart": draw_runs(found),
        "rows": [_row(each) for each in found],
        "measures": [words_of(measure) for measure in MEASURES],
        "seeds": [_test(row) for row in tests],
        "seeds_left_out": left_out,
        "same_clips": len({each.division for each in found}) == 1,
        "same_labels": len({dealt_by(each.training) for each in found}) == 1,
        "dealt": [each.training.pk for each in found if dealt_by(each.training) is not None],
        "keys": " ".join(str(each.training.pk) for each in found),
    }


def control_words(training: Training) -> str:
    """Return what makes a training a negative control, in few words; empty for one that is none."""
    return CONTROLS.get(control_kind(training), "")


def draw_runs(found: Sequence[Compared]) -> Row:
    """Return the accuracy of each run as a dot, and their mean as a bar, one row for each training."""
    names = [_name(each) for each in found]
    rows = [
        {
            "training": name,
            "encoder": each.training.encoder,
            "protocol": each.training.protocol,
            "run": run,
            "accuracy": value,
        }
        for name, each in zip(names, found, strict=True)
        for run, value in enumerate(each.accuracies, start=1)
    ]
    y = alt.Y("training:N", title=None, sort=names, axis=alt.Axis(labelLimit=260))
    colour = alt.Color("training:N", legend=None, scale=alt.Scale(domain=names, range=COLOURS[: len(names)]))
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y, color=colour)
    title = "held-out accuracy"
    hovered = alt.selection_point(name="hovered", on="pointerover", clear="pointerout", empty=False)
    dots = (
        base.mark_circle(opacity=0.7)
        .encode(
            x=alt.X(
                "accuracy:Q",
                title=title,
                scale=alt.Scale(zero=False, padding=20),
                axis=alt.Axis(labelOverlap="greedy", labelSeparation=8),
            ),
            size=alt.condition(hovered, alt.value(220), alt.value(80)),
            tooltip=[
                alt.Tooltip("training:N"),
                alt.Tooltip("protocol:N"),
                alt.Tooltip("run:Q"),
                alt.Tooltip("accuracy:Q", format=".3f"),
            ],
        )
        .add_params(hovered)
    )
    means = base.mark_tick(thickness=2.5, size=26).encode(x=alt.X("mean(accuracy):Q", title=title))
    return specification(alt.layer(dots, means), width="container", height=ROW_HEIGHT * len(names))


def _name(each: Compared) -> str:
    training = each.training
    control = f", {words}" if (words := control_words(training)) else ""
    return f"{training.pk}: {training.encoder}, {training.protocol}{control}"


def _row(each: Compared) -> Row:
    overall = (each.report or {}).get("overall")
    return {
        "training": each.training,
        "control": control_words(each.training),
        "n_held_out": each.n_held_out,
        "mean": share(each.mean),
        "sd": share(each.sd),
        "values": overall and [_value(overall[measure]) for measure in MEASURES],
    }


def _value(values: Row) -> Row:
    return {"mean": share(values["mean"]), "interval": interval(values["low"], values["high"])}


def _test(row: Row) -> Row:
    return {
        "a": row["a"],
        "b": row["b"],
        "difference": difference(row["mean_a"] - row["mean_b"]),
        "u": number(row["u"], 1),
        "effect": number(row["effect"]),
        "n": f"{row['n_a']} and {row['n_b']}",
        "p": p_value(row["p"]),
        "p_least": p_value(row["p_least"]),
        "p_holm": p_value(row["p_holm"]),
    }
