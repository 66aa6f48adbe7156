"""What the power page says: the power of the design asked for, what others would need, and what no listener buys."""

from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from studyapp.reports.numbers import number, percent
from studyapp.reports.specification import specification
from studyapp.stats.crossed_components import ContrastComponents
from studyapp.stats.power import Design, class_power, contrast_power, listeners_needed, power_ceiling

SCALES = (0.5, 1, 2, 4)  # the clips asked for, times this
LISTENERS = (4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200)
COLOURS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7"]  # Okabe and Ito's, told apart by colour-blind readers


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be found, with which test, in which design; `kind` is difference, fake or real."""

    kind: str
    design: Design
    alpha: float
    wanted: float

    def effect(self, components: ContrastComponents) -> float:
        """Return how far the truth is from the null hypothesis, on the probability scale."""
        if self.kind == "difference":
            return components.mean
        return components.fake.mean - 0.5 if self.kind == "fake" else 0.5 - components.real.mean

    def power(self, components: ContrastComponents, n_listeners: int, scale: float = 1) -> float:
        """Return the power with that many listeners and the clips times `scale`."""
        design = scaled(self.design, scale)
        if self.kind == "difference":
            asked = replace(design, n_listeners=n_listeners)
            return contrast_power(components, asked, alpha=self.alpha).power
        is_fake = self.kind == "fake"
        return class_power(
            components.fake if is_fake else components.real,
            effect=self.effect(components),
            n_listeners=n_listeners,
            n_clips=design.n_fake if is_fake else design.n_real,
            heard=design.heard_fake if is_fake else design.heard_real,
            alpha=self.alpha,
        ).power


def power_words(power: float) -> str:
    """Return a power as whole percent; never 100, which no study reaches.

    >>> power_words(0.8), power_words(0.9999)
    ('80 %', 'over 99 %')
    """
    return "over 99 %" if power > 0.99 else percent(power, 0)


def scaled(design: Design, scale: float) -> Design:
    """Return the design with its clips times `scale`, at least two of each label; who hears a part hears as many."""
    return replace(design, n_fake=max(2, round(design.n_fake * scale)), n_real=max(2, round(design.n_real * scale)))


def read_question(given: dict[str, Any]) -> Question:
    """Return the question of a valid form. Who hears a part of the clips hears fakes and reals in the set's shares."""
    heard_fake = heard_real = None
    if given["n_heard"]:
        heard_fake = max(1, round(given["n_heard"] * given["n_fake"] / (given["n_fake"] + given["n_real"])))
        heard_real = max(1, given["n_heard"] - heard_fake)
    return Question(
        kind=given["question"],
        design=Design(
            n_listeners=given["n_listeners"],
            n_fake=given["n_fake"],
            n_real=given["n_real"],
            heard_fake=heard_fake,
            heard_real=heard_real,
        ),
        alpha=given["alpha"],
        wanted=given["wanted"],
    )


def power_context(question: Question, components: ContrastComponents) -> dict[str, Any]:
    """Return what the page shows: sentences, the table of needs, the chart and the table behind it."""
    rows: list[dict[str, Any]] = []
    for scale in SCALES:
        design = scaled(question.design, scale)
        if scale < 1 and _clips(question, design) == _clips(question, question.design):
            continue  # half of the fewest clips is the fewest clips again

        def of(n_listeners: int, scale: float = scale) -> float:
            return question.power(components, n_listeners, scale)

        rows.append(
            {
                "clips": _clips(question, design),
                "is_asked": scale == 1,
                "power": of(question.design.n_listeners),
                "needed": listeners_needed(of, wanted=question.wanted),
                "ceiling": power_ceiling(of),
                "curve": [(n, of(n)) for n in LISTENERS],
            }
        )
    asked = next(row for row in rows if row["is_asked"])
    return {
        "sentences": _sentences(question, components, asked),
        "rows": rows,
        "listeners": question.design.n_listeners,
        "wanted": percent(question.wanted, 0),
        "curves": [(n, [row["curve"][at][1] for row in rows]) for at, n in enumerate(LISTENERS)],
        "chart": _draw(rows, question.wanted),
        "components": _component_rows(components),
    }


def _clips(question: Question, design: Design) -> str:
    if question.kind == "difference":
        return f"{design.n_fake} fake, {design.n_real} real"
    return f"{design.n_fake} fake" if question.kind == "fake" else f"{design.n_real} real"


def _sentences(question: Question, components: ContrastComponents, asked: dict[str, Any]) -> list[str]:
    what = {
        "difference": f"“fake” said to {percent(components.fake.mean)} of fakes and {percent(components.real.mean)} "
        "of reals",
        "fake": f"{percent(components.fake.mean)} of fakes called fake, against 50 %",
        "real": f"{percent(1 - components.real.mean)} of reals called real, against 50 %",
    }[question.kind]
    found = f"With {question.design.n_listeners} listeners and {asked['clips']} clips, a study finds it with a "
    sentences = [
        f"The effect to be found: {what}.",
        found + f"probability of {power_words(asked['power'])}, for other listeners and other clips of these kinds.",
    ]
    wanted = percent(question.wanted, 0)
    if asked["needed"] is None:
        sentences.append(
            f"No number of listeners reaches {wanted} with these clips: with ever more of them the power ends at "
            f"{power_words(asked['ceiling'])}, since how these few clips differ stays. Add clips."
        )
    else:
        sentences.append(
            f"{asked['needed']} listeners reach {wanted} with these clips. With ever more listeners the power ends at "
            f"{power_words(asked['ceiling'])}."
        )
    return sentences


def _component_rows(components: ContrastComponents) -> list[dict[str, str]]:
    """Return the standard deviations in points; a variance below 0, which estimates can be, counts as 0."""
    named = [
        ("Listeners, fake clips", components.fake.listener),
        ("Listeners, real clips", components.real.listener),
        ("Listeners, their own difference", components.difference),
        ("Fake clips", components.fake.clip),
        ("Real clips", components.real.clip),
        ("Single answer, fake clips", components.fake.residual),
        ("Single answer, real clips", components.real.residual),
    ]
    return [
        {
            "name": name,
            "sd": number(100 * max(variance, 0.0) ** 0.5, 1),
            "note": "estimated below 0: taken as 0" if variance < 0 else "",
        }
        for name, variance in named
    ]


def _draw(rows: list[dict[str, Any]], wanted: float) -> dict[str, Any]:
    names = [row["clips"] for row in rows]
    points = [{"clips": row["clips"], "listeners": n, "power": power} for row in rows for n, power in row["curve"]]
    ends = [{"clips": row["clips"], "ceiling": row["ceiling"]} for row in rows]
    legend = alt.Legend(orient="bottom", columns=2)
    legend = alt.Legend(orient="bottom", columns=2)
    colour = alt.Color(
        "clips:N", title="clips", sort=names, legend=legend, scale=alt.Scale(domain=names, range=COLOURS)
    )
    power = alt.Y("power:Q", title="power", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    lines = (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(strokeWidth=2.5, point={"size": 30})
        .encode(
            x=alt.X("listeners:Q", title="listeners", scale=alt.Scale(domain=[0, max(LISTENERS)])),
            y=power,
            color=colour,
            tooltip=["clips:N", "listeners:Q", alt.Tooltip("power:Q", format=".0%")],
        )
    )
    ceilings = (
        alt.Chart(alt.InlineData(values=ends))
        .mark_rule(strokeDash=[3, 4], strokeWidth=1.5)
        .encode(y="ceiling:Q", color=colour, tooltip=["clips:N", alt.Tooltip("ceiling:Q", format=".0%")])
    )
    target = alt.Chart(alt.InlineData(values=[{"wanted": wanted}])).mark_rule(opacity=0.6).encode(y="wanted:Q")
    return specification(alt.layer(ceilings, target, lines), width="container", height=280)
