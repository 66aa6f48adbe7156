"""What is shown when a page is not there, is forbidden, or fails: in the site's own look, and to participants too."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import permission_denied, server_error

from tests.factories import make_user


@pytest.mark.django_db
def test_a_page_that_is_not_there_has_the_sites_look_and_its_menu_only_for_who_signed_in(client: Client) -> None:
    answer = client.get("/nothing/here/")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "css/site.css" in text and "This page is not there" in text and "Sign out" not in text
    client.force_login(make_user("ada"))
    for address in ("/nothing/here/", reverse("stimulus_set", args=["none"])):
        assert "Sign out" in client.get(address).content.decode()


@pytest.mark.once
def test_a_refusal_says_why(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    answer = permission_denied(request, PermissionDenied("Somebody else started this work."))
    assert answer.status_code == 403 and "Somebody else started this work." in answer.content.decode()
    assert "You may not do this here." in permission_denied(request, PermissionDenied()).content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_answered_with_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "ada", "password": "x"})
    assert answer.status_code == 403
    assert "The form was not accepted" in answer.content.decode()


@pytest.mark.once
def test_a_failure_is_shown_without_database_session_or_user(rf: RequestFactory) -> None:
    # No django_db mark: a query would fail the test.
    answer: Any = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "css/site.css" in answer.content.decode() and 'href="/"' in answer.content.decode()
