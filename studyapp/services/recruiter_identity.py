"""Find or make the participant behind a recruiter's ids. The ids stand apart from the answers."""

import secrets

from django.db import IntegrityError, transaction

from studyapp.design.arrival import Arrival
from studyapp.models import Participant, RecruiterIdentity, RecruiterVisit, Session, StudyVersion
from studyapp.selectors.own_session import NOT_TAKEN_PART, identity_key
from studyapp.vocab import Origin

PSEUDONYM_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def lock_identity(*, version: StudyVersion, arrival: Arrival, origin: Origin) -> RecruiterIdentity:
    """Return the identity of the person, locked; a new one with its participant when the person is new.

    The database's constraint decides between two that come at once. In a transaction.
    """
    key = identity_key(version, arrival, origin)
    try:
        with transaction.atomic():
            if not RecruiterIdentity.objects.filter(**key).exists():
                RecruiterIdentity.objects.create(participant=new_participant(version), **key)
    except IntegrityError:
        pass  # somebody was quicker: that row is the one
    return RecruiterIdentity.objects.select_for_update().get(**key)


def new_participant(version: StudyVersion) -> Participant:
    """Store a participant under a new pseudonym."""
    return Participant.objects.create(study_id=version.study_id, pseudonym=new_pseudonym())


def new_pseudonym() -> str:
    """Return a random name of a participant: 12 letters and digits, about 59 bits."""
    return "".join(secrets.choice(PSEUDONYM_LETTERS) for _ in range(12))


def has_taken_part(participant_id: int) -> bool:
    """Return whether a session of the person ended as one that took part."""
    ended = Session.objects.filter(participant=participant_id).exclude(outcome="")
    return ended.exclude(outcome__in=NOT_TAKEN_PART).exists()


def note_visit(*, identity: RecruiterIdentity, session: Session, arrival: Arrival) -> RecruiterVisit:
    """Store how the person came to the session."""
    return RecruiterVisit.objects.create(
        identity=identity, session=session, submission_id=arrival.submission, parameters=arrival.parameters
    )
