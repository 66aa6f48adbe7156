"""Keep every configuration that a study had, and go back and forth between them."""

from datetime import timedelta

from django.utils import timezone

from studyapp.errors import InvalidAction, RevisionConflict
from studyapp.models import Study, StudyRevision, User
from studyapp.selectors.study_revisions import redo_target, undo_target

TYPING = timedelta(minutes=1)  # changes of one setting by one author that close together are one revision


def refuse_conflict(*, study: Study, base: int | None) -> None:
    """Raise RevisionConflict when the study is no longer at the revision `base`."""
    if base is None or base == study.revision:
        return
    latest = study.revisions.select_related("author").first()
    who = latest.author.username if latest and latest.author else "Somebody"
    when = f" at {latest.created_at:%H:%M} UTC" if latest else ""
    raise RevisionConflict(
        f"{who} changed this study{when}, in another window. Load the page again to go on from there."
    )


def is_sent_again(*, study: Study, path: str, user: User | None, base: int | None) -> bool:
    """Return whether the only change since `base` is the user's own of that setting: its answer was lost on the way."""
    latest = study.revisions.first()
    is_own = latest is not None and user is not None and latest.author_id == user.pk and latest.restores is None
    return is_own and base == study.revision - 1 and latest is not None and path in latest.changed


def store_first_revision(*, study: Study) -> None:
    """Keep the configuration that a study had before revisions were kept, so that its first change can be undone."""
    if study.revision == 0:
        store_revision(study=study, author=None, changed=[])


def store_revision(*, study: Study, author: User | None, changed: list[str], restores: int | None = None) -> None:
    """Keep the study's configuration as its next revision; what is typed on in one setting stays one.

    The caller holds the study's row.
    """
    study.revision += 1
    study.save(update_fields=["revision"])
    latest = study.revisions.first()
    if restores is None and latest is not None and _goes_on(latest, author, changed):
        # Its number goes up: who loaded the page before is told.
        latest.number, latest.config, latest.created_at = study.revision, study.config, timezone.now()
        latest.save(update_fields=["number", "config", "created_at"])
        return
    StudyRevision.objects.create(
        study=study, number=study.revision, config=study.config, changed=changed, author=author, restores=restores
    )


def _goes_on(latest: StudyRevision, author: User | None, changed: list[str]) -> bool:
    is_same = latest.restores is None and author is not None and latest.author_id == author.pk
    return is_same and len(changed) == 1 and latest.changed == changed and timezone.now() - latest.created_at < TYPING


def revision_to_undo(*, study: Study) -> StudyRevision:
    """Return the revision before the current one. Raises InvalidAction when there is none."""
    found = undo_target(study)
    if found is None:
        raise InvalidAction("There is nothing to undo.")
    return found


def revision_to_redo(*, study: Study) -> StudyRevision:
    """Return the revision that the last undo went back from. Raises InvalidAction when nothing was undone."""
    found = redo_target(study)
    if found is None:
        raise InvalidAction("There is nothing to redo.")
    return found
