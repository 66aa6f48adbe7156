"""Charts of held-out clips."""

from collections.abc import Sequence
from typing import Any

import altair as alt
from django.urls import reverse

from detector.selectors.gallery import HeldOutClip
from studyapp.models import Stimulus
from studyapp.reports.specification import specification
from studyapp.reports.stimulus_charts import LABEL_COLOURS
from studyapp.vocab import DCASE_2023_CATEGORIES

CATEGORY_HEIGHT = 36  # pixels, of which each truth has half


def draw_scores(clips: Sequence[tuple[HeldOutClip, Stimulus]], *, slug: str, threshold: float) -> dict[str, Any]:
    """Return each clip as a dot at its score; a click on it plays the clip (see charts.js)."""
    rows = [
        {
            "clip": stimulus.name,
            "category": DCASE_2023_CATEGORIES.get(clip.category, clip.category),
            "system": clip.system,
            "truth": clip.truth,
            "called": clip.called,
            "fake_score": clip.fake_score,
            "run": clip.run,
            "sound": reverse("stimulus_sound", args=[slug, stimulus.pk]),
        }
        for clip, stimulus in clips
    ]
    base = alt.Chart(alt.InlineData(values=rows))
    colour = alt.Color(
        "truth:N",
        scale=alt.Scale(domain=list(LABEL_COLOURS), range=list(LABEL_COLOURS.values())),
        legend=alt.Legend(orient="top", title="truth", symbolType="circle", symbolOpacity=1, symbolSize=90),
    )
    hovered = alt.selection_point(name="hovered", on="pointerover", clear="pointerout", empty=False)
    dots = (
        base.mark_circle(opacity=0.8, cursor="pointer")
        .encode(
            x=alt.X("fake_score:Q", title="fake score (higher is more fake)", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("category:N", title=None, axis=alt.Axis(labelLimit=130)),
            yOffset=alt.YOffset("truth:N", sort=list(LABEL_COLOURS)),
            color=colour,
            size=alt.condition(hovered, alt.value(180), alt.value(60)),
            tooltip=[
                alt.Tooltip("clip:N"),
                alt.Tooltip("truth:N"),
                alt.Tooltip("system:N"),
                alt.Tooltip("fake_score:Q", title="fake score", format=".3f"),
            ],
        )
        .add_params(hovered)
    )
    cut = base.mark_rule(strokeDash=[4, 3], color="#8a8f98", aria=False).encode(x=alt.datum(threshold))
    height = CATEGORY_HEIGHT * max(1, len({row["category"] for row in rows}))
    return specification(alt.layer(cut, dots), width="container", height=height)
