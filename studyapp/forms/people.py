"""The forms that say who takes part in running a study."""

from typing import Any

from django import forms

from studyapp.forms.account import styled
from studyapp.vocab import StudyRole

ROLE_WORDS = {
    StudyRole.EDITOR: "editor: changes, launches and closes the study, sees results",
    StudyRole.VIEWER: "viewer: sees the study and its results",
    StudyRole.ASSISTANT: "assistant: sees progress, no results and no labels",
}
ROLES = [(role.value, words) for role, words in ROLE_WORDS.items()]


class _StyledForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class InviteExperimenterForm(_StyledForm):
    """Who is invited to make an account, in the inviter's words."""

    note = forms.CharField(
        label="For whom",
        max_length=200,
        help_text="A name, say. Whoever may invite here sees it, and the log.",
        strip=True,
    )


class InviteForm(InviteExperimenterForm):
    """Who is invited into a study, and as what."""

    role = forms.ChoiceField(label="Role", choices=ROLES, initial=StudyRole.VIEWER.value)
    field_order = ["note", "role"]


class AddMemberForm(_StyledForm):
    """Somebody who has an account already."""

    username = forms.CharField(label="Name of the account", max_length=150, strip=True)
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=StudyRole.VIEWER.value)


class RoleForm(forms.Form):
    """A member's new role."""

    role = forms.ChoiceField(choices=ROLES)
