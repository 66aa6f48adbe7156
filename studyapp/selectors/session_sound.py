"""Find the sound behind a token, for the one session that may hear it now."""

from django.utils.crypto import constant_time_compare, salted_hmac

from studyapp.errors import NotFound
from studyapp.models import Session
from studyapp.selectors.session_screening import open_screening
from studyapp.selectors.session_trial import presentations_to_come
from studyapp.vocab import Step


def volume_token(session: Session) -> str:
    """Return the session's own name of the volume noise: no two sessions share one, and nobody can guess it."""
    return salted_hmac("earwitness.volume", session.token, algorithm="sha256").hexdigest()[:32]


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
    if session.step == Step.TRIALS:
        for presentation in presentations_to_come(session):
            if constant_time_compare(presentation.token, sound_token):
                return presentation.frozen_stimulus.copy_path
    sounds = session.version.screening
    if session.step == Step.SCREENING:
        screening = open_screening(session)
        for trial in (screening.trial, screening.next_trial) if screening else ():
            if trial is not None and constant_time_compare(trial.token, sound_token):
                return str(sounds[trial.attempt.test][trial.sound]["path"])
    if session.step != Step.ENDED and "volume" in sounds and constant_time_compare(volume_token(session), sound_token):
        return str(sounds["volume"]["path"])
    return None
