"""What to change in the chosen clips."""

from typing import Any

from django import forms

KEEP = ("", "leave as it is")
LABELS = [KEEP, ("real", "real"), ("fake", "fake")]
DOUBTS = [KEEP, ("yes", "in doubt"), ("no", "not in doubt")]


def _select(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    widget = forms.Select({"class": "form-select"})
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=widget)


def _text(label: str, max_length: int) -> forms.CharField:
    widget = forms.TextInput({"class": "form-control", "placeholder": "leave as it is"})
    return forms.CharField(label=label, required=False, max_length=max_length, widget=widget)


def _empty(label: str) -> forms.BooleanField:
    widget = forms.CheckboxInput({"class": "form-check-input"})
    return forms.BooleanField(label=label, required=False, widget=widget)


class StimulusChangeForm(forms.Form):
    """New facts; an empty field changes nothing."""

    use_required_attribute = False

    label = _select("Label", LABELS)
    category = _text("Category", 100)
    generator = _text("Generator", 200)
    empty_generator = _empty("Empty the generator")
    source_group = _text("Source group", 200)
    empty_source_group = _empty("Empty the source group")
    label_in_doubt = _select("Is the label in doubt?", DOUBTS)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("generator", "source_group"):
            if data.get(name) and data.get(f"empty_{name}"):
                self.add_error(name, "Give a new value, or empty it; not both.")
        if not self.errors and not self.facts:
            raise forms.ValidationError("Nothing is to be changed: fill at least one field.")
        return data

    @property
    def facts(self) -> dict[str, Any]:
        """The facts to store, by the stimulus's field."""
        data = self.cleaned_data
        facts = {name: data[name] for name in ("label", "category", "generator", "source_group") if data.get(name)}
        facts |= {name: "" for name in ("generator", "source_group") if data.get(f"empty_{name}")}
        return facts | ({"label_in_doubt": data["label_in_doubt"] == "yes"} if data.get("label_in_doubt") else {})
