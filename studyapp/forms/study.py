"""The forms that make a study: from a preset, from a YAML file, and from another study."""

from collections.abc import Iterable
from typing import Any

from django import forms

from studyapp.design.config import StudyConfig
from studyapp.design.config_yaml import MAX_YAML_BYTES
from studyapp.design.presets import PRESETS


class StudyForm(forms.Form):
    """Title, address and sounds of a study to be."""

    title = forms.CharField(
        label="Title", max_length=200, help_text=StudyConfig.model_fields["title"].description or ""
    )
    slug = forms.CharField(
        label="Name in the address",
        max_length=80,
        help_text="a-z, 0-9, - and _. It stays as it is once stored.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )
    stimulus_set = forms.ChoiceField(
        label="Stimulus set", help_text=StudyConfig.model_fields["stimulus_set"].description or ""
    )

    def __init__(self, *args: Any, sets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stimulus_set"].choices = [("", "Choose a set"), *sets]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if name != "preset":
                field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs["aria-describedby"] = f"help-{name}"

    @property
    def n_problems(self) -> int:
        return sum(len(messages) for messages in self.errors.values())

    def configured(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return the configuration with what the form gives; empty where that is wrong: then all is marked at once."""
        self.full_clean()
        given = {name: self.cleaned_data.get(name, "") for name in ("slug", "title", "stimulus_set")}
        return given | {key: value for key, value in config.items() if key not in given}

    def show_problems(self, problems: list[tuple[str, str]]) -> None:
        """Put each problem at its field, unless that is marked already; those of other settings above the form."""
        marked = set(self.errors)
        for path, message in problems:
            if path not in self.fields:
                self.add_error(None, f"{path}: {message}" if path else message)
            elif path not in marked:
                self.add_error(path, message)


class NewStudyForm(StudyForm):
    """A study to be, from one of the presets."""

    preset = forms.ChoiceField(
        label="Begin with",
        choices=[(preset.code, preset.title) for preset in PRESETS],
        initial=PRESETS[0].code,
        widget=forms.RadioSelect,
    )


class YamlForm(forms.Form):
    """A whole configuration as YAML, pasted or as a file; the file wins."""

    file = forms.FileField(label="A YAML file", required=False)
    text = forms.CharField(
        label="or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "font-monospace form-control"}),
    )
    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Put what the file holds into `text`."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None and upload.size > MAX_YAML_BYTES:
            self.add_error("file", f"It is larger than {MAX_YAML_BYTES // 1024} KiB; that is no configuration.")
        elif upload is not None:
            try:
                cleaned["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "It is not UTF-8 text. Save it as UTF-8.")
        if not self.errors and not cleaned.get("text", "").strip():
            self.add_error("text", "Choose a file, or paste its text here.")
        return cleaned


def set_choices(sets: Iterable[Any]) -> list[tuple[str, str]]:
    """Return (name, words) of the sets that `list_sets` returned; the words tell sets of one title apart."""
    choices = []
    for each in sets:
        size = f"{each.n_stimuli} sound{'' if each.n_stimuli == 1 else 's'}"
        choices.append((each.slug, f"{each.title} ({each.slug}, {size})" if each.title else f"{each.slug} ({size})"))
    return choices
