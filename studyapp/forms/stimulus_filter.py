"""The filter above a set's table, as its address has it."""

from typing import Any

from django import forms
from django.utils.http import urlencode

from studyapp.selectors.stimulus_filter import FLAGS, StimulusFilter
from studyapp.vocab import Label, category_words

ALL = [("", "all")]
MAX_LENGTH = 200


class KnownSelect(forms.CharField):
    """A choice among what the set holds; a value that it does not hold any more finds nothing, and is no error."""

    def __init__(self, label: str, name: str) -> None:
        super().__init__(label=label, required=False, max_length=MAX_LENGTH, widget=forms.Select)
        self.widget.attrs = {"class": "form-select form-select-sm", "id": f"filter-{name}"}


def _number(label: str, name: str) -> forms.FloatField:
    attributes = {"class": "form-control form-control-sm", "id": f"filter-{name}", "step": "any"}
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput(attributes))


def _words(label: str, name: str) -> forms.CharField:
    attributes = {"class": "form-control form-control-sm", "id": f"filter-{name}", "type": "search"}
    return forms.CharField(label=label, required=False, max_length=MAX_LENGTH, widget=forms.TextInput(attributes))


class StimulusFilterForm(forms.Form):
    """Reads the filter; what is wrong is said at its field and asks for nothing."""

    use_required_attribute = False

    label = KnownSelect("Label", "label")
    category = KnownSelect("Category", "category")
    generator = KnownSelect("Generator", "generator")
    tag = KnownSelect("Tag", "tag")
    flag = KnownSelect("Flag", "flag")
    q = _words("Name holds", "q")
    duration_from = _number("Duration from, s", "duration-from")
    duration_to = _number("to, s", "duration-to")
    level_from = _number("Level from, dBFS", "level-from")
    level_to = _number("to, dBFS", "level-to")
    source = _words("Source holds", "source")
    bandwidth_from = _number("Bandwidth from, kHz", "bandwidth-from")
    bandwidth_to = _number("to, kHz", "bandwidth-to")

    def offer(self, *, categories: list[str], generators: list[str], tags: list[str]) -> None:
        """Fill the choices with what the set holds."""
        offered = {
            "label": [(each.value, each.value) for each in Label],
            "category": [(each, category_words(each)) for each in categories],
            "generator": [(each, each) for each in generators],
            "tag": [(each, each) for each in tags],
            "flag": [(each, each) for each in FLAGS],
        }
        for name, choices in offered.items():
            widget = self.fields[name].widget
            if isinstance(widget, forms.Select):
                widget.choices = ALL + choices

    def clean_flag(self) -> str:
        flag: str = self.cleaned_data["flag"]
        if flag and flag not in FLAGS:
            raise forms.ValidationError(f"There is no flag {flag}; known are {', '.join(FLAGS)}.")
        return flag

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, words in (("duration", "duration"), ("level", "level"), ("bandwidth", "bandwidth")):
            low, high = data.get(f"{name}_from"), data.get(f"{name}_to")
            if low is not None and high is not None and low > high:
                self.add_error(f"{name}_to", f"The largest {words} lies below the smallest, {low:g}.")
        return data

    def read(self) -> StimulusFilter:
        """Return the filter without what is wrong in it."""
        self.is_valid()
        return StimulusFilter(**self.cleaned_data)


def filter_query(chosen: StimulusFilter) -> str:
    """Return the filter as the query of an address, without the question mark."""
    return urlencode(chosen.asked)
