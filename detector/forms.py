"""Forms that start work on a set."""

from collections.abc import Sequence
from typing import Any

from django import forms

from detector.ml.config import Protocol
from detector.ml.embeddings.registry import SPECS
from detector.services.training import MAX_RUNS


class EmbedForm(forms.Form):
    """Which set, by which encoder."""

    stimulus_set = forms.ChoiceField(label="Stimulus set", help_text="Every clip gets its vectors, once.")
    encoder = forms.ChoiceField(label="Encoder", choices=[(spec.name, spec.title) for spec in SPECS.values()])

    def __init__(self, *args: Any, sets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stimulus_set"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(sets)
        for each in self.fields.values():
            is_choice = isinstance(each, forms.ChoiceField)
            each.widget.attrs["class"] = "form-select form-select-sm" if is_choice else "form-control form-control-sm"


class TrainForm(EmbedForm):
    """What to train on, and how often."""

    stimulus_set = forms.ChoiceField(label="Stimulus set", help_text="Its clips must have vectors.")
    protocol = forms.ChoiceField(
        label="Protocol", choices=[(Protocol.PAPER.value, "paper: random 70/10/20 split")], initial=Protocol.PAPER.value
    )
    n_runs = forms.IntegerField(label="Runs", min_value=1, max_value=MAX_RUNS, initial=10)
    seed = forms.IntegerField(label="Seed", min_value=0, max_value=2**63 - 1, initial=42)


class RunField(forms.RegexField):
    """best, or the number of a run."""

    def __init__(self) -> None:
        words = "A number, or best: by validation accuracy."
        super().__init__(label="Run", regex=r"^(best|[0-9]{1,3})$", initial="best", help_text=words)


class ScoreForm(forms.Form):
    """Which run scores which set."""

    run_choice = RunField()
    stimulus_set = forms.ChoiceField(label="Stimulus set", help_text="Its clips must have vectors.")

    def __init__(self, *args: Any, sets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stimulus_set"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(sets)
            field.widget.attrs["class"] = "form-select form-select-sm"
        self.fields["run_choice"].widget.attrs["class"] = "form-control form-control-sm"


class SelectForm(forms.Form):
    """How to choose a detector's errors, and the name of the set that they go to."""

    run_choice = RunField()
    per_class = forms.IntegerField(
        label="Per category", min_value=1, max_value=1000, initial=7, help_text="At most, of each kind of error."
    )
    into = forms.SlugField(label="Name of the new set", max_length=80, help_text="Letters, digits, - and _.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            each.widget.attrs["class"] = "form-control form-control-sm"
