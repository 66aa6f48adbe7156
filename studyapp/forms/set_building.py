"""The forms that build a set of clips from others: which sets, which clips of them, into which set."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from studyapp.models import StimulusSet, User
from studyapp.selectors.set_candidates import built_sets, choices_in
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.services.set_controls import GOT_RIGHT, OTHER_LABEL
from studyapp.vocab import Label

RANGES = (
    ("score", "Fake score", 0.0, 1.0),
    ("duration", "Duration, s", 0.0, None),
    ("level", "Level, dBFS", None, None),
)


class SourcesForm(forms.Form):
    """The sets to take clips from; nothing else can be chosen before."""

    sets: "forms.ModelMultipleChoiceField[StimulusSet]" = forms.ModelMultipleChoiceField(
        label="Sets to take clips from",
        queryset=StimulusSet.objects.none(),
        to_field_name="slug",
        help_text="One or several: hold Ctrl (Cmd) to choose more than one.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sets"].queryset = list_sets(user)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[StimulusSet]:
        """The sets chosen; none while the form is wrong."""
        return list(self.cleaned_data["sets"]) if self.is_valid() else []


class FilterForm(forms.Form):
    """Which clips of the sets."""

    def __init__(self, *args: Any, sets: list[StimulusSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = choices_in(sets)
        self._add_choice("label", "Label", [label.value for label in Label])
        self._add_choice("category", "Category", found["category"])
        self._add_choice("generator", "Generator", found["generator"])
        self._add_choice("tag", "Tag", found["tag"])
        self._add_choice("machine", "Judged by", found["machine"])
        self.fields["name"] = forms.CharField(label="Name holds", required=False, max_length=200)
        for key, label, low, high in RANGES:
            for end in ("from", "to"):
                self.fields[f"{key}_{end}"] = forms.FloatField(
                    label=f"{label}, {end}", required=False, min_value=low, max_value=high
                )
        self.fields["without_doubt"] = forms.BooleanField(label="Leave out what is in doubt", required=False)

    def _add_choice(self, name: str, label: str, values: list[str]) -> None:
        choices = [("", "all" if name != "machine" else "any or none"), *((value, value) for value in values)]
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for key, label, *_ in RANGES:
            low, high = given.get(f"{key}_from"), given.get(f"{key}_to")
            if low is not None and high is not None and low > high:
                self.add_error(f"{key}_to", f"{label}: {high:g} is below {low:g}, so that no clip can be between.")
        scored = [name for name in ("score_from", "score_to") if given.get(name) is not None]
        if scored and not given.get("machine"):
            self.add_error("machine", "Choose the machine whose scores are meant.")
        return given

    @property
    def given(self) -> dict[str, Any]:
        """What is filtered by, without what was left empty."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, False)}


class TargetForm(forms.Form):
    """The set to add clips to: a new one, or one that was built here."""

    into = forms.CharField(
        label="Name of the set",
        max_length=80,
        help_text="A new name (letters, digits, hyphens, underscores), or that of a set you built, to add to it.",
    )
    title = forms.CharField(label="Title (of a new set)", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].widget.attrs["list"] = "built-sets"
        self.built: QuerySet[StimulusSet] = built_sets(user)


class ControlsForm(SourcesForm):
    """How the controls of a set are matched."""

    kind = forms.ChoiceField(
        label="Each clip's control is",
        choices=[
            (OTHER_LABEL, "a clip of the other label"),
            (GOT_RIGHT, "a clip of the same label that a machine got right"),
        ],
    )
    machine = forms.ChoiceField(label="Machine", required=False)

    def __init__(self, *args: Any, machines: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sets"].label = "Take controls from"
        self.fields["machine"].choices = [("", "–"), *((name, name) for name in machines)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == GOT_RIGHT and not given.get("machine") and "machine" not in self.errors:
            self.add_error("machine", "Choose the machine that got the controls right.")
        return given
