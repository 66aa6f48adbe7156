"""Start an attempt at the headphone screening."""

import secrets

from studyapp.design.config import StudyConfig
from studyapp.design.orders import stream
from studyapp.models import ScreeningAttempt, ScreeningTrial, Session
from studyapp.sound.screening import draw_orders, right_answer


def start_attempt(*, session: Session, config: StudyConfig) -> ScreeningAttempt:
    """Draw the next attempt's trials from the session's seed and store them."""
    screening = config.screening
    number = session.screening_attempts.count() + 1
    attempt = ScreeningAttempt.objects.create(
        session=session,
        test=screening.test,
        number=number,
        n_trials=screening.n_trials,
        pass_mark=screening.pass_mark,
    )
    orders = draw_orders(stream(session.seed, f"screening:{number}"), screening.n_trials)
    ScreeningTrial.objects.bulk_create(
        ScreeningTrial(
            attempt=attempt,
            position=position,
            token=secrets.token_urlsafe(16),
            sound=order,
            right_answer=right_answer(order),
        )
        for position, order in enumerate(orders)
    )
    return attempt
