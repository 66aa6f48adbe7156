"""Trainings side by side as their page shows them: texts and a chart. Rounding happens here."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from detector.measure_words import interval, share, words_of
from detector.selectors.compared import Compared, SeedTest, seed_variability
from studyapp.reports.numbers import number, p_value

Row = dict[str, Any]
MEASURES = ("accuracy", "balanced_accuracy", "roc_auc", "eer")
ROW_HEIGHT = 40  # pixels
COLOURS = ["#2b8a8a", "#d1762a", "#7b5ea7", "#56b4e9", "#8a8f98", "#b2452f", "#5c8a2b", "#c2a12e"]


def compare_parts(found: Sequence[Compared]) -> Row:
    """Return the table, the chart and the tests of two trainings or more."""
    return {
        "chart": draw_runs(found),
        "rows": [_row(each) for each in found],
        "measures": [words_of(measure) for measure in MEASURES],
        "seeds": [_test(row) for row in seed_variability(found)],
        "same_clips": len({(each.training.stimulus_set_id, each.training.protocol) for each in found}) == 1,
        "keys": " ".join(str(each.training.pk) for each in found),
    }


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
    title = "accuracy on held-out clips"
    hovered = alt.selection_point(name="hovered", on="pointerover", clear="pointerout", empty=False)
    dots = (
        base.mark_circle(opacity=0.7)
        .encode(
            x=alt.X("accuracy:Q", title=title, scale=alt.Scale(zero=False, padding=20)),
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
    chart = alt.layer(dots, means).properties(width="container", height=ROW_HEIGHT * len(names))
    specification: Row = chart.to_dict()
    return specification


def _name(each: Compared) -> str:
    return f"{each.training.pk}: {each.training.encoder}, {each.training.protocol}"


def _row(each: Compared) -> Row:
    overall = (each.report or {}).get("overall")
    return {
        "training": each.training,
        "n_held_out": each.n_held_out,
        "mean": share(each.mean),
        "sd": share(each.sd),
        "values": overall and [_value(overall[measure]) for measure in MEASURES],
    }


def _value(values: Row) -> Row:
    return {"mean": share(values["mean"]), "interval": interval(values["low"], values["high"])}


def _test(test: SeedTest) -> Row:
    found = test.found
    return {
        "a": test.a.training.pk,
        "b": test.b.training.pk,
        "difference": number(test.a.mean - test.b.mean, 3),
        "u": number(found.u, 1),
        "effect": number(found.rank_biserial),
        "n": f"{found.n_a} and {found.n_b}",
        "p": p_value(found.p),
        "p_holm": p_value(test.p_holm),
    }
