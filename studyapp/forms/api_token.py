"""The form that makes a token for the API."""

from datetime import timedelta

from django import forms
from django.utils import timezone

LASTS = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is revoked"}


class ApiTokenForm(forms.Form):
    """What a token is for, what it may do, how long."""

    name = forms.CharField(
        max_length=100,
        label="What it is for",
        help_text="Such as: notebook on my laptop.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    may_write = forms.ChoiceField(
        label="What it may do",
        choices=[("no", "read only"), ("yes", "read and change")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    lasts = forms.ChoiceField(
        label="How long it is good",
        choices=list(LASTS.items()),
        required=False,
        initial="90",
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean(self) -> dict[str, object]:
        given = self.cleaned_data
        days = given.get("lasts")
        given["expires_at"] = timezone.now() + timedelta(days=int(days)) if days else None
        return given
