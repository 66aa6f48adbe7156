"""The type of a request behind login_required."""

from django.http import HttpRequest

from studyapp.models import User


class SignedInRequest(HttpRequest):
    """A request whose user has signed in; for annotations, since login_required lets no other through."""

    user: User
