"""Start an attempt at a headphone test."""

import secrets

from studyapp.design.orders import stream
from studyapp.design.screening_plan import Stage
from studyapp.models import ScreeningAttempt, ScreeningTrial, Session
from studyapp.sound.screening import SCREENING_TESTS


def start_attempt(*, session: Session, stage: Stage) -> ScreeningAttempt:
    """Draw the next attempt's trials from the session's seed and store them."""
    test = SCREENING_TESTS[stage.test]
    number = session.screening_attempts.filter(test=stage.test).count() + 1
    attempt = ScreeningAttempt.objects.create(
        session=session, test=stage.test, number=number, n_trials=stage.n_trials, pass_mark=stage.pass_mark
    )
    sounds = test.draw_sounds(stream(session.seed, f"screening:{stage.test}:{number}"), stage.n_trials)
    ScreeningTrial.objects.bulk_create(
        ScreeningTrial(
            attempt=attempt,
            position=position,
            token=secrets.token_urlsafe(16),
            sound=sound,
            right_answer=test.right_answer(sound),
        )
        for position, sound in enumerate(sounds)
    )
    return attempt
