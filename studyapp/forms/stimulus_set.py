"""The form that makes an empty stimulus set."""

from typing import Any

from django import forms

from studyapp.errors import ConfigError
from studyapp.models import StimulusSet, User
from studyapp.services.stimulus_set_create import create_set


class SetForm(forms.Form):
    """What a new set is called; `save` makes it, or marks at the fields why not."""

    title = forms.CharField(label="Title", max_length=200, help_text="As pages show it, such as “Street sounds 2024”.")
    slug = forms.CharField(
        label="Short name",
        required=False,
        max_length=80,
        help_text="For addresses and commands: letters, digits, hyphens. Left empty, it follows from the title.",
    )
    description = forms.CharField(
        label="Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the sounds come from, and what they are good for.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "aria-describedby": f"help-{name}"}

    def save(self, owner: User) -> StimulusSet | None:
        """Make the set; None where it cannot be, and the fields then say why."""
        if not self.is_valid():
            return None
        try:
            return create_set(owner=owner, **self.cleaned_data)
        except ConfigError as error:
            for field, message in error.problems:
                self.add_error(field, message)
            return None
