"""The form that makes a study. Its fields, help and defaults come from the configuration's own definition."""

from collections.abc import Iterable
from typing import Any, get_args

import yaml
from django import forms
from django.utils.html import format_html
from pydantic.fields import FieldInfo

from studyapp.design.config import Order, Reasons, Screening, StudyConfig, Task, Volume
from studyapp.design.config_reading import load_yaml
from studyapp.errors import ConfigError

# Form field -> path in the configuration; everything else is given as YAML.
PATHS: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "slug": ("slug",),
    "stimulus_set": ("stimulus_set",),
    "screening_test": ("screening", "test"),
    "screening_action": ("screening", "action"),
    "volume_enabled": ("volume", "enabled"),
    "show_category": ("task", "show_category"),
    "plays": ("task", "plays"),
    "reasons_after": ("task", "reasons", "after"),
    "order_kind": ("order", "kind"),
}
STAND_IN = "x"  # for a wrong title, slug or set
EXAMPLE = "consent:\n  text: |\n    Your own consent text, in Markdown.\nscreening:\n  attempts: 1"


def _choice(field: FieldInfo, label: str) -> forms.ChoiceField:
    words = [str(value) for value in get_args(field.annotation)]
    return forms.ChoiceField(
        label=label,
        choices=[(word, word.replace("_", " ")) for word in words],
        initial=field.default,
        help_text=field.description or "",
    )


def _switch(field: FieldInfo, label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, initial=field.default, help_text=field.description or "")


def _text(field: FieldInfo, label: str, max_length: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=max_length, help_text=field.description or "")


class CountedForm(forms.Form):
    """A form that knows how many problems it marks."""

    @property
    def n_problems(self) -> int:
        return sum(len(messages) for messages in self.errors.values())


class StudyForm(CountedForm):
    """The main settings one by one, and every other section as YAML."""

    title = _text(StudyConfig.model_fields["title"], "Title", 200)
    slug = _text(StudyConfig.model_fields["slug"], "Name in the address", 80)
    stimulus_set = forms.ChoiceField(
        label="Stimulus set", help_text=StudyConfig.model_fields["stimulus_set"].description or ""
    )
    screening_test = _choice(Screening.model_fields["test"], "Headphone screening")
    screening_action = _choice(Screening.model_fields["action"], "When the screening is failed")
    volume_enabled = _switch(Volume.model_fields["enabled"], "Volume page")
    show_category = _switch(Task.model_fields["show_category"], "Show the category's name")
    plays = forms.IntegerField(
        label="Plays of each sound",
        min_value=1,
        max_value=10,
        initial=Task.model_fields["plays"].default,
        help_text=Task.model_fields["plays"].description or "",
    )
    reasons_after = _choice(Reasons.model_fields["after"], "Ask for a reason after")
    order_kind = _choice(Order.model_fields["kind"], "Order of the sounds")
    more = forms.CharField(
        label="Other settings, as YAML",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "font-monospace"}),
    )

    def __init__(self, *args: Any, sets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stimulus_set"].choices = [("", "Choose a set"), *sets]  # type: ignore[attr-defined]
        self.fields["more"].help_text = format_html(
            "Texts, reasons, quota and the rest; docs/study_config.md lists every setting. For example: <pre>{}</pre>",
            EXAMPLE,
        )
        for name, field in self.fields.items():
            style = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            style = "form-check-input" if isinstance(field, forms.BooleanField) else style
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} {style}".strip()
            field.widget.attrs["aria-describedby"] = f"help-{name}"

    def read_config(self) -> dict[str, Any]:
        """Return the configuration that the posted fields describe, and mark what is wrong with the YAML.

        A wrong field is stood in for, so that all the rest can be looked at too; the form is not valid then.
        """
        self.full_clean()
        try:
            config = load_yaml(self.cleaned_data["more"]) if self.cleaned_data.get("more", "").strip() else {}
        except ConfigError as error:
            config = {}
            self.show_problems(error.problems)
        for name, path in PATHS.items():
            *sections, key = path
            place: Any = config
            for section in sections:
                place = place.setdefault(section, {}) if isinstance(place, dict) else None
            if not isinstance(place, dict):
                continue  # read_config refuses the section
            if key in place:
                message = f"is set in the field {self.fields[name].label!r}; leave it out here"
                self.add_error("more", f"{'.'.join(path)}: {message}")
            place[key] = self.cleaned_data.get(name, self.fields[name].initial or STAND_IN)
        return config

    def show_problems(self, problems: list[tuple[str, str]]) -> None:
        """Put each problem at the field that it is about, unless that is marked already; the rest at the YAML."""
        fields = {".".join(path): name for name, path in PATHS.items()}
        marked = set(self.errors)
        for path, message in problems:
            name = fields.get(path, "more")
            if name == "more":
                self.add_error(name, f"{path}: {message}" if path else message)
            elif name not in marked:
                self.add_error(name, message)


class StudyYamlForm(CountedForm):
    """The whole configuration as YAML."""

    config = forms.CharField(
        label="Configuration, as YAML",
        strip=False,
        help_text="docs/study_config.md lists every setting. What you leave out takes the paper's default.",
        widget=forms.Textarea(
            attrs={
                "rows": 28,
                "spellcheck": "false",
                "class": "font-monospace form-control",
                "aria-describedby": "help-config",
            }
        ),
    )

    def show_problems(self, problems: list[tuple[str, str]]) -> None:
        """List every problem with its path."""
        for path, message in problems:
            self.add_error("config", f"{path}: {message}" if path else message)


def set_choices(sets: Iterable[Any]) -> list[tuple[str, str]]:
    """Return (name, words) of the sets that `list_sets` returned; the words tell sets of one title apart."""
    choices = []
    for each in sets:
        size = f"{each.n_stimuli} sound{'' if each.n_stimuli == 1 else 's'}"
        choices.append((each.slug, f"{each.title} ({each.slug}, {size})" if each.title else f"{each.slug} ({size})"))
    return choices


def as_yaml(config: dict[str, Any]) -> str:
    """Return the configuration as a reader would write it: keys in order, long texts as blocks."""
    return yaml.dump(config, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True, width=100)


class _ReadableDumper(yaml.SafeDumper):
    """Writes texts of several lines as literal blocks."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_ReadableDumper.add_representer(str, _write_text)
