"""No log line holds a session's token."""

import logging

import pytest

from studyapp.log_filters import HideTokens

pytestmark = pytest.mark.once
TOKEN = "vuEpCljiFiawD1ZkM5zQ_sWbQhTfYXCmwV5zlg5lUEk"


def record(message, *args, **more):
    made = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    made.__dict__.update(more)
    return made


def test_a_token_is_hidden_wherever_it_stands():
    for each in (
        record("%s: %s", "Internal Server Error", f"/p/{TOKEN}/act/play/"),
        record(f'"GET /p/{TOKEN}/state/ HTTP/1.1" 500'),
    ):
        assert HideTokens().filter(each)
        assert TOKEN not in each.getMessage()
        assert "/p/<session>/" in each.getMessage()


def test_other_messages_stay_as_they_are():
    message = record("%s of %s", 3, 82)
    assert HideTokens().filter(message)
    assert message.getMessage() == "3 of 82"


def test_a_conflict_is_no_news():
    assert not HideTokens().filter(record("Conflict: %s", f"/p/{TOKEN}/act/play/", status_code=409))
    assert HideTokens().filter(record("Conflict: %s", "/studies/", status_code=409))
