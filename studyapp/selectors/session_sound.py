"""Find the sound behind a token, for the one session that may hear it now."""

from django.utils.crypto import constant_time_compare, salted_hmac

from studyapp.errors import NotFound
from studyapp.models import Session
from studyapp.selectors.session_screening import open_screening, screening_example
from studyapp.selectors.session_trial import current_trial, presentation_facts, presentations_to_come
from studyapp.vocab import Step


def volume_token(session: Session) -> str:
    """Return the session's own name of the volume noise: no two sessions share one, and nobody can guess it."""
    return _own_token(session, "volume")


def example_token(session: Session, test: str) -> str:
    """Return the session's own name of the test's example sound."""
    return _own_token(session, f"example {test}")


def _own_token(session: Session, what: str) -> str:
    return salted_hmac("earwitness.volume", f"{what} {session.token}", algorithm="sha256").hexdigest()[:32]


def sound_path(*, session_token: str, sound_token: str) -> str:
    """Return the storage name of the sound. Raises NotFound for a sound that this session may not hear now."""
    try:
        session = Session.objects.select_related("version").get(token=session_token)
    except Session.DoesNotExist:
        raise NotFound("there is no such sound") from None
    path = _path_in_step(session, sound_token)
    if path is None:
        raise NotFound("there is no such sound")
    return path


def _path_in_step(session: Session, sound_token: str) -> str | None:
    if session.step in (Step.PRACTICE, Step.TRIALS):
        trial = current_trial(session)
        coming = presentations_to_come(session, trial).filter(token=sound_token) if trial else None
        presentation = coming.select_related("frozen_stimulus").first() if coming is not None else None
        if presentation is not None:
            return str(presentation_facts(session, presentation)["path"])
    if session.step == Step.SCREENING:
        path = _screening_path(session, sound_token)
        if path is not None:
            return path
    sounds = session.version.screening
    if session.step != Step.ENDED and "volume" in sounds and constant_time_compare(volume_token(session), sound_token):
        return str(sounds["volume"]["path"])
    return None


def _screening_path(session: Session, sound_token: str) -> str | None:
    screening = open_screening(session)
    if screening is None:
        return None
    test = screening.attempt.test
    for trial in (screening.trial, screening.next_trial):
        if trial is not None and constant_time_compare(trial.token, sound_token):
            return str(session.version.screening[test][trial.sound]["path"])
    example = screening_example(session, test)
    if example is not None and constant_time_compare(example_token(session, test), sound_token):
        return str(example["path"])
    return None
