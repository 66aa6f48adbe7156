"""Two requests at once to one session: whatever their order, nothing is stored twice and nothing is lost."""

import json
import threading
from collections import Counter

import pytest
from django.db import connection
from django.test import Client

from studyapp.models import Play, Response, SessionAction
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db(transaction=True)
CONFIG = BARE
N_TABS = 4


def at_once(walker, action, bodies):
    """Send the bodies from as many threads at the same moment; return the status codes counted."""
    barrier, codes = threading.Barrier(len(bodies)), []

    def send(body):
        barrier.wait()
        response = Client().post(f"{walker.base}act/{action}/", json.dumps(body), content_type="application/json")
        codes.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(codes)


@pytest.fixture
def walker():
    walker = Walker(launch(n_fake=2, n_real=2, config=CONFIG).study)
    walker.hear(walker.to_trials())
    return walker


def test_one_of_several_answers_at_once_is_stored(walker):
    body = {"position": 0, "choice": "real", "source": "button"}
    codes = at_once(walker, "answer", [body | {"key": f"tab-key-{tab}"} for tab in range(N_TABS)])
    assert codes == {200: 1, 409: N_TABS - 1}
    assert Response.objects.count() == 1
    assert walker.state()["trial"]["position"] == 1


def test_the_same_answer_sent_several_times_at_once_is_accepted_every_time(walker):
    body = {"position": 0, "choice": "real", "source": "button", "key": "one-key-for-all"}
    assert at_once(walker, "answer", [body] * N_TABS) == {200: N_TABS}
    assert Response.objects.count() == 1
    assert SessionAction.objects.filter(action="answer").count() == 1


def test_plays_granted_at_once_keep_within_what_is_allowed(walker):
    walker.answer(walker.state(), "real")
    codes = at_once(walker, "play", [{"position": 1, "key": f"tab-key-{tab}"} for tab in range(N_TABS)])
    assert codes == {200: 2, 409: N_TABS - 2}  # one play, and one more after the interruption
    assert Play.objects.filter(presentation__trial__position=1).count() == 2
