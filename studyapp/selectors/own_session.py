"""Which session a person who comes by a recruiter's link may go on with.

A recruiter's id of a person can be guessed (SONA's are 2 to 7 digits), and nobody's session is opened by it alone. It
needs a secret beside it: the session's token, kept in the browser in which it began, or an id of the submission that
nobody can guess.
"""

from django.db.models import Q, QuerySet

from studyapp.design.arrival import Arrival
from studyapp.models import Session, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_open import admits
from studyapp.vocab import Origin, Outcome

# Whoever ended so has not taken part, and may come back: with another device, or having thought again.
NOT_TAKEN_PART = (Outcome.DEVICE_UNSUITABLE, Outcome.NO_CONSENT, Outcome.QUOTA_FULL, Outcome.DUPLICATE)
# Prolific's SESSION_ID has 24 hexadecimal digits, Mechanical Turk's assignmentId 30 letters and digits.
SECRET_SUBMISSIONS = {"prolific": 24, "mturk": 30}


def identity_key(version: StudyVersion, arrival: Arrival, origin: Origin) -> dict[str, object]:
    """Return what tells the person apart. In a pilot everybody is somebody else than in the live study."""
    recruiter: str = frozen_config(version).recruitment.recruiter
    if origin is Origin.PILOT:
        recruiter = f"{recruiter}-pilot"
    return {"study_id": version.study_id, "recruiter": recruiter, "external_id": arrival.person}


def own_session(version: StudyVersion, arrival: Arrival, *, origin: Origin, secret: str) -> Session | None:
    """Return the person's open session, else the one of this very sitting that has ended; None without the secret.

    secret: the token that the person's browser kept; empty for none.
    """
    proof = _proof(version, arrival, secret)
    if not arrival.person or proof is None:
        return None
    mine = sessions_of(version, arrival, origin).filter(proof).order_by("-pk")
    still_open = mine.filter(outcome="").first()
    if still_open is not None:
        return still_open
    recruitment = frozen_config(version).recruitment
    if not arrival.submission and recruitment.on_return == "allow" and admits(version, pilot=origin is Origin.PILOT):
        return None  # another sitting; a recruiter that names submissions gives it another id
    same = mine.filter(recruiter_visit__submission_id=arrival.submission)
    return same.exclude(outcome__in=NOT_TAKEN_PART).first()


def is_begun_elsewhere(version: StudyVersion, arrival: Arrival, origin: Origin) -> bool:
    """Return whether the person has an open session that was consented to: it holds a place, and answers perhaps."""
    return bool(arrival.person) and begun(sessions_of(version, arrival, origin)).exists()


def sessions_of(version: StudyVersion, arrival: Arrival, origin: Origin) -> QuerySet[Session]:
    """Return the sessions of the origin of whom the recruiter names so."""
    key = identity_key(version, arrival, origin)
    return Session.objects.filter(
        origin=origin.value, **{f"participant__recruiter_identity__{name}": value for name, value in key.items()}
    )


def begun(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Return those of the sessions that are open and consented to."""
    return sessions.filter(outcome="", consented_at__isnull=False)


def _proof(version: StudyVersion, arrival: Arrival, secret: str) -> Q | None:
    proof = Q(token=secret) if secret else None
    least = SECRET_SUBMISSIONS.get(frozen_config(version).recruitment.recruiter)
    if least is not None and len(arrival.submission) >= least:
        named = Q(recruiter_visit__submission_id=arrival.submission)
        return named if proof is None else proof | named
    return proof
