"""What the reader of the audit log asks for."""

from collections.abc import Iterable
from typing import Any

from django import forms

from studyapp.forms.account import styled
from studyapp.selectors.audit_log import Wanted


class AuditFilter(forms.Form):
    """Filters from the address; what is not one of the choices is marked and filters nothing."""

    action = forms.ChoiceField(label="What", required=False)
    actor = forms.ChoiceField(label="Who", required=False)
    object = forms.CharField(label="Study, session or name", required=False, max_length=64)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, *, actions: Iterable[str], actors: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["action"].choices = [("", "everything"), *((a, a.replace("_", " ")) for a in actions)]  # type: ignore[attr-defined]
        self.fields["actor"].choices = [("", "everybody"), ("-", "commands and workers"), *((a, a) for a in actors)]  # type: ignore[attr-defined]
        styled(self)

    def wanted(self) -> Wanted:
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            action=given.get("action", ""),
            actor=given.get("actor", ""),
            object_id=given.get("object", ""),
            since=given.get("since"),
            until=given.get("until"),
        )
