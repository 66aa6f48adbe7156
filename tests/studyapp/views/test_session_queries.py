"""The database work of a request does not grow with the study."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
CONFIG = BARE


def count(call):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    return len(queries)


def walk_one(n_each):
    walker = Walker(launch(slug=f"s{n_each}", n_fake=n_each, n_real=n_each, config=CONFIG).study)
    counts = {"plan": count(walker.to_trials)}
    state = walker.state()
    counts["state"] = count(walker.state)
    counts["sound"] = count(lambda: walker.sound(state["trial"]["sounds"][0]))
    counts["play"] = count(lambda: walker.act("play", position=0))
    counts["played"] = count(lambda: walker.act("played", position=0, heard_ms=500))
    counts["answer"] = count(lambda: walker.answer(state, "fake"))
    counts["reason"] = count(lambda: walker.act("reason", position=0, codes=["other"]))
    return counts


def test_no_request_asks_more_queries_of_a_longer_study():
    short, long = walk_one(2), walk_one(20)
    assert short == long
    assert short["state"] <= 8
    assert short["sound"] <= 3
    assert max(short[action] for action in ("play", "played", "answer", "reason")) <= 24, short
