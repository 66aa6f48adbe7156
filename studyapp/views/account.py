"""Signing in, and changing one's password. Every attempt is in the audit log; axes locks a name that is guessed at."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from studyapp.forms.account import ChangePasswordForm
from studyapp.services.audit import record_audit
from studyapp.services.sign_in import record_failed_sign_in


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """The sign-in page. `next` leads to this site only; where somebody is signed in already, to the first page."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user: Any = form.get_user()
        record_audit(actor=user, action="sign_in", object_type="user", object_id=user.username)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        # What axes counted; while a name is locked it counts no more, and whoever guesses on does not fill the log.
        if getattr(self.request, "axes_failures_since_start", None) is not None:
            locks = bool(getattr(self.request, "axes_locked_out", False))
            record_failed_sign_in(username=form.data.get("username", ""), locks=locks)
        return super().form_invalid(form)


class ChangePassword(PasswordChangeView):
    """Change one's own password; other sign-ins of the account end."""

    form_class = ChangePasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("home")

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 400
        return response

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        user: Any = self.request.user
        record_audit(actor=user, action="change_password", object_type="user", object_id=user.username)
        messages.success(self.request, "Your password is changed. Wherever else you were signed in, you no longer are.")
        return response
