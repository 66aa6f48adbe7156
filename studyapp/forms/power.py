"""What the power page asks. Every field has a value to begin with, so that the page says something at once."""

from typing import Any

from django import forms

from studyapp.stats.crossed_components import LatentSpread

QUESTIONS = {
    "difference": "Do they tell fake from real at all (d' is not 0)?",
    "fake": "Is the share of fakes called fake not 50 %?",
    "real": "Is the share of reals called real not 50 %?",
}
_SPREAD = LatentSpread()


def _number(label: str, initial: float, low: float, high: float, step: float, help_text: str) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": step, "class": "form-control form-control-sm"})
    return forms.FloatField(
        label=label, initial=initial, min_value=low, max_value=high, help_text=help_text, widget=widget
    )


def _count(label: str, initial: int | None, low: int, help_text: str, *, required: bool = True) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "form-control form-control-sm"})
    return forms.IntegerField(
        label=label,
        initial=initial,
        min_value=low,
        max_value=100_000,
        required=required,
        help_text=help_text,
        widget=widget,
    )


class PowerForm(forms.Form):
    """The design, the effect to be found, and how much listeners and clips differ."""

    question = forms.ChoiceField(
        label="Question",
        choices=list(QUESTIONS.items()),
        initial="difference",
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )
    d_prime = _number("d' of the listeners", 0.5, -5, 5, 0.05, "How well they tell fake from real; 0 is not at all.")
    criterion_c = _number("Criterion c", 0.3, -5, 5, 0.05, "Above 0 they lean to “real”. The paper's figures give .29.")
    n_listeners = _count("Listeners", 20, 2, "Whose sessions count.")
    n_fake = _count("Fake clips", 43, 2, "In the whole study.")
    n_real = _count("Real clips", 38, 2, "In the whole study.")
    n_heard = _count("Clips that each hears", None, 2, "Empty: all of them.", required=False)
    alpha = _number("Level α", 0.05, 0.0001, 0.5, 0.005, "The risk of finding what is not there.")
    wanted = _number("Wanted power", 0.8, 0.05, 0.999, 0.05, "The chance of finding what is there.")
    spread_from = forms.ChoiceField(
        label="Spread of listeners and clips",
        initial="assumed",
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )
    listener_sd = _number(
        "Listeners' criterion, SD", _SPREAD.listener_sd, 0, 5, 0.05, "Between listeners, in units of d'."
    )
    sensitivity_sd = _number(
        "Listeners' d', SD", _SPREAD.sensitivity_sd, 0, 5, 0.05, "Between listeners; nobody has published it: a guess."
    )
    clip_sd = _number("Clips, SD", _SPREAD.clip_sd, 0, 5, 0.05, "Between clips of a label, in units of d'.")

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["spread_from"].choices = [  # type: ignore[attr-defined]
            ("assumed", "the numbers below"),
            *sources,
        ]
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"help-{name} error-{name}"

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        heard, n_fake, n_real = (given.get(name) for name in ("n_heard", "n_fake", "n_real"))
        if heard and n_fake and n_real and heard > n_fake + n_real:
            self.add_error("n_heard", f"The study has {n_fake + n_real} clips; nobody can hear {heard} of them.")
        return given
