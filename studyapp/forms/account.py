"""The forms about accounts: a new one from an invitation, a new password."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm
from django.forms import BaseForm

from studyapp.models import User

if TYPE_CHECKING:  # Django's own class takes no type argument when the program runs
    _UserCreationForm = BaseUserCreationForm[User]
else:
    _UserCreationForm = BaseUserCreationForm


def styled(form: BaseForm) -> None:
    """Give the fields the classes of the site's own."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "form-select" if getattr(field, "choices", None) else "form-control"


class ChangePasswordForm(PasswordChangeForm):
    """The old password and twice the new one, which Django's validators judge."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class NewAccountForm(_UserCreationForm):
    """The name and password of a new account, and nothing else: what it may do is the invitation's."""

    class Meta:
        model = User
        fields = ("username",)
        labels = {"username": "Name"}
        help_texts = {"username": "What others see of you. Letters, digits and @ . + - _; at most 150."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}

    def clean_username(self) -> str:
        """Refuse a name that is another account's but for capitals: people would take one for the other."""
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            self.add_error("username", "This name is taken. Choose another one.")
        return username
