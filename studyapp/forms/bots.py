"""The form that asks for simulated participants."""

from typing import Any

from django import forms

from studyapp.services.bot_runs import MAX_BOTS
from studyapp.services.simulation import PAPER_REASON_WEIGHTS

PROFILES = [
    ("paper", "as in the paper (section VI.C)"),
    ("even", "all equally often"),
    ("own", "by the weights below"),
]
WEIGHT = "reason_"


class BotForm(forms.Form):
    """How many, how they answer, and which reasons they give. `reasons` are the study's codes with their words."""

    n = forms.IntegerField(label="How many", min_value=1, max_value=MAX_BOTS, initial=20)
    d_prime = forms.FloatField(
        label="Sensitivity d′", min_value=-6, max_value=6, initial=0.5, help_text="0: they cannot tell at all."
    )
    criterion_c = forms.FloatField(
        label="Criterion c", min_value=-6, max_value=6, initial=0.3, help_text="Above 0 leans to “real”."
    )
    drop_out = forms.FloatField(
        label="Share that leaves early", min_value=0, max_value=1, initial=0.0, help_text="0 to 1, at a random trial."
    )
    listener_sd = forms.FloatField(
        label="Spread of listeners", min_value=0, max_value=6, initial=0.0, help_text="Standard deviation, in d′ units."
    )
    clip_sd = forms.FloatField(
        label="Spread of clips", min_value=0, max_value=6, initial=0.0, help_text="Standard deviation, in d′ units."
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=-(2**53),
        max_value=2**53,
        initial=1,
        help_text="The same seed and numbers give the same answers.",
    )
    profile = forms.ChoiceField(label="Reasons", choices=PROFILES, initial="paper")

    def __init__(self, *args: Any, reasons: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, words in reasons.items():
            self.fields[f"{WEIGHT}{code}"] = forms.FloatField(
                label=words, min_value=0, max_value=1e6, required=False, initial=PAPER_REASON_WEIGHTS.get(code, 1.0)
            )
        for name, field in self.fields.items():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
            if not is_choice:
                field.widget.attrs["step"] = "1" if isinstance(field, forms.IntegerField) else "any"
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_help"
            if self.is_bound and name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "class": f"{field.widget.attrs['class']} is-invalid"}

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith(WEIGHT)]

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(WEIGHT)]

    @property
    def weights_are_wrong(self) -> bool:
        return "profile" in self.errors or any(field.errors for field in self.weight_fields)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("profile") == "own" and not any(self._weights(given).values()):
            self.add_error("profile", "Give at least one reason a weight above 0.")
        return given

    def settings(self) -> dict[str, Any]:
        """Return the fields of a BotRun."""
        given = self.cleaned_data
        weights = {"paper": PAPER_REASON_WEIGHTS, "even": {}, "own": self._weights(given)}[given["profile"]]
        names = ("n", "seed", "d_prime", "criterion_c", "drop_out", "listener_sd", "clip_sd")
        return {name: given[name] for name in names} | {"reason_weights": weights}

    @staticmethod
    def _weights(given: dict[str, Any]) -> dict[str, float]:
        return {name.removeprefix(WEIGHT): value or 0.0 for name, value in given.items() if name.startswith(WEIGHT)}
