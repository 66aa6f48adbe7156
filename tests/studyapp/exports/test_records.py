"""Events and screening tests in the export: whose, what, and never words that may say who somebody is."""

import pytest

from studyapp.exports.records import (
    ATTEMPT_HEADER,
    EVENT_HEADER,
    SCREENING_TRIAL_HEADER,
    attempt_rows,
    event_rows,
    screening_trial_rows,
)
from studyapp.models import ClientEvent, ScreeningAttempt, ScreeningTrial
from studyapp.vocab import Origin
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db


def test_what_stands_beside_the_answers(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    version = make_version(n_fake=1, n_real=1, slug="s")
    ann, bob = make_session(version, pseudonym="ANN"), make_session(version, pseudonym="BOB", screening_correct=None)
    make_session(version, origin=Origin.BOT)
    ClientEvent.objects.create(session=bob, event="audio_stopped", trial_position=1, data={"said": "I am Bob", "n": 2})
    attempt = ScreeningAttempt.objects.get(session=ann)
    for position in range(2):
        ScreeningTrial.objects.create(
            attempt=attempt, position=position, token=f"t{position}", sound="IOS", right_answer=3, answer=1, n_plays=1
        )
    made = ((EVENT_HEADER, event_rows), (ATTEMPT_HEADER, attempt_rows), (SCREENING_TRIAL_HEADER, screening_trial_rows))
    tables = []
    for header, rows_of in made:
        with django_assert_num_queries(1):
            tables.append(
                [dict(zip(header, row, strict=True)) for row in rows_of(study=version.study, origin=Origin.LIVE)]
            )
    (event,), (went,), trials = tables
    assert (event["subject_id"], event["event"], event["event_detail"]) == ("BOB", "audio_stopped", "n=2")
    assert (went["subject_id"], went["screening_test"], went["n_correct"], went["passed"]) == (
        "ANN",
        "antiphase",
        6,
        True,
    )
    assert [(row["row_id"], row["screening_trial"], row["right_interval"]) for row in trials] == [(1, 0, 3), (2, 1, 3)]
