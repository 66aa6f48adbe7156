"""Forms that start work on a set."""

from collections.abc import Sequence
from typing import Any

from django import forms

from detector.ml.config import Protocol
from detector.ml.selection import CHOICES, ERRORS, MEANINGS
from detector.selectors.runs import BEST
from detector.selectors.weights import encoder_choices
from detector.services.training import MAX_RUNS

PLAIN = {
    Protocol.PAPER: "random 70/10/20 split",
    Protocol.GROUPED: "no recording on both sides",
    Protocol.LEAVE_ONE_TEAM_OUT: "each team's fakes in turn",
    Protocol.LEAVE_ONE_CLASS_OUT: "each category in turn",
    Protocol.CROSS_TRACK: "from one challenge track to the other",
}
NO_SET = ("", "Choose a set")


class SetField(forms.ChoiceField):
    """The name of a set. None is chosen beforehand: the newest is often not the one that is meant."""

    def __init__(self, *, help_text: str) -> None:
        errors = {"required": "Choose a set.", "invalid_choice": "There is no such set with clips. Choose another."}
        super().__init__(label="Stimulus set", help_text=help_text, error_messages=errors)

    def offer(self, sets: Sequence[tuple[str, str]]) -> None:
        self.choices = [NO_SET, *sets]


class EmbedForm(forms.Form):
    """Which set, by which encoder."""

    stimulus_set = SetField(help_text="Every clip gets its vectors, once.")
    encoder = forms.ChoiceField(label="Encoder")

    def __init__(self, *args: Any, sets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stimulus_set"]
        if isinstance(field, SetField):
            field.offer(sets)
        encoder = self.fields["encoder"]
        if isinstance(encoder, forms.ChoiceField):
            encoder.choices = encoder_choices()
        for each in self.fields.values():
            if isinstance(each, forms.BooleanField):
                each.widget.attrs["class"] = "form-check-input d-block"
            else:
                kind = "select" if isinstance(each, forms.ChoiceField) else "control"
                each.widget.attrs["class"] = f"form-{kind} form-{kind}-sm"


class TrainForm(EmbedForm):
    """What to train on, and how often."""

    stimulus_set = SetField(help_text="Its clips must have vectors.")
    protocol = forms.ChoiceField(
        label="Protocol", choices=[(word.value, f"{word.value}: {PLAIN[word]}") for word in Protocol]
    )
    n_runs = forms.IntegerField(label="Runs", min_value=1, max_value=MAX_RUNS, initial=10)
    seed = forms.IntegerField(label="Seed", min_value=0, max_value=2**63 - 1, initial=42)
    n_epochs = forms.IntegerField(
        label="Epochs",
        required=False,
        min_value=10,
        max_value=10_000,
        step_size=10,
        initial=100,
        help_text="100 in the paper, of 169 steps each. Few clips make few steps: give more.",
    )
    warm_up_epochs = forms.IntegerField(
        label="Warm-up epochs",
        required=False,
        min_value=0,
        max_value=10,
        initial=0,
        help_text="The released code has 3.",
    )
    permute_labels = forms.BooleanField(
        label="Permute the labels", required=False, help_text="Negative control: nothing is left to learn."
    )


class RunField(forms.RegexField):
    """best, or the number of a run."""

    def __init__(self) -> None:
        words = "A number, or best: by validation accuracy."
        wrong = "Run: type best, or the number of a run."
        errors = {"required": wrong, "invalid": wrong}
        super().__init__(
            label="Run", regex=r"^(best|[0-9]{1,3})$", initial="best", help_text=words, error_messages=errors
        )


class RunForm(forms.Form):
    """Which run of a training of `n_runs` runs."""

    run_choice = RunField()

    def __init__(self, *args: Any, n_runs: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.n_runs = n_runs

    def clean_run_choice(self) -> str:
        """Refuse a number that is no run's here, so that it is said beside all else that is wrong."""
        choice: str = self.cleaned_data["run_choice"]
        if choice != BEST and not 1 <= int(choice) <= self.n_runs:
            raise forms.ValidationError(f"There is no run {choice}: type best, or a number from 1 to {self.n_runs}.")
        return choice


class ScoreForm(RunForm):
    """Which run scores which set."""

    stimulus_set = SetField(help_text="Its clips must have vectors.")

    def __init__(self, *args: Any, sets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stimulus_set"]
        if isinstance(field, SetField):
            field.offer(sets)
            field.widget.attrs["class"] = "form-select form-select-sm"
        self.fields["run_choice"].widget.attrs["class"] = "form-control form-control-sm"


class NumberField(forms.IntegerField):
    """A whole number from `least` to `most`; every mistake is answered with what to type."""

    def __init__(self, *, label: str, least: int, most: int, **kwargs: Any) -> None:
        empty = "" if kwargs.get("required", True) else ", or leave it empty"
        words = f"{label}: type a whole number from {least} to {most}{empty}."
        errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
        super().__init__(label=label, min_value=least, max_value=most, error_messages=errors, **kwargs)


class SelectForm(RunForm):
    """How to choose clips by a detector's scores, and the name of the set that they go to."""

    buckets = forms.MultipleChoiceField(
        label="Kinds of clips",
        choices=[(bucket.value, f"{bucket.value.replace('_', ' ')}: {MEANINGS[bucket]}") for bucket in CHOICES],
        initial=[bucket.value for bucket in ERRORS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Kinds of clips: tick at least one."},
    )
    per_class = NumberField(
        label="Per category", least=1, most=1000, initial=7, help_text="At most, of each kind of clip."
    )
    per_source = NumberField(
        label="Per source",
        least=1,
        most=1000,
        required=False,
        help_text="At most, in a category, of one recording or one generator. Empty: no cap.",
    )
    n_controls = NumberField(
        label="Controls",
        least=0,
        most=10,
        required=False,
        initial=0,
        help_text="For each error: clips of its label and category that were called right, nearest in level.",
    )
    into = forms.SlugField(
        label="Name of the new set",
        max_length=80,
        help_text="Letters, digits, - and _.",
        error_messages={
            "required": "Give the new set a name.",
            "invalid": "Name of the new set: use only letters from a to z, digits, - and _, without spaces or dots.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, each in self.fields.items():
            each.widget.attrs["class"] = "form-check-input" if name == "buckets" else "form-control form-control-sm"
        self.order_fields(["buckets", "run_choice", "per_class", "per_source", "n_controls", "into"])

    def in_row(self) -> list[forms.BoundField]:
        """Return the fields that stand in a row: all but the ticks."""
        return [field for field in self if field.name != "buckets"]
