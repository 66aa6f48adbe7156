"""Close a study to new participants, and open it again."""

from django.db import transaction

from studyapp.errors import InvalidAction
from studyapp.models import AuditEntry, Study, User
from studyapp.vocab import StudyState


def close_study(*, study: Study, user: User | None = None) -> Study:
    """Admit nobody more; sessions that are open go on. Raises InvalidAction unless the study is live."""
    return _change(study, user, "close_study", allowed=(StudyState.LIVE, StudyState.PAUSED), to=StudyState.CLOSED)


def reopen_study(*, study: Study, user: User | None = None) -> Study:
    """Admit participants to the latest version again. Raises InvalidAction unless the study was closed."""
    return _change(study, user, "reopen_study", allowed=(StudyState.CLOSED, StudyState.PAUSED), to=StudyState.LIVE)


def _change(study: Study, user: User | None, action: str, *, allowed: tuple[StudyState, ...], to: StudyState) -> Study:
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if StudyState(locked.state) not in allowed:
            raise InvalidAction(
                f"the study is {locked.state}; only a study that is {' or '.join(allowed)} can become {to.value}"
            )
        locked.state = to.value
        locked.save(update_fields=["state", "updated_at"])
        AuditEntry.objects.create(actor=user, action=action, object_type="study", object_id=locked.slug)
    study.state = locked.state
    return locked
