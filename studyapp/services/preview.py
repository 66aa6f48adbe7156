"""Let an experimenter see any step of a launched study. Of a preview no row remains."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from studyapp.design.config import StudyConfig
from studyapp.errors import InvalidAction
from studyapp.models import Session, Study, StudyVersion
from studyapp.selectors.preview_steps import END, PreviewStep, preview_steps
from studyapp.selectors.study_config import frozen_config
from studyapp.services.recruiter_identity import new_participant
from studyapp.services.session_delete import delete_sessions
from studyapp.services.session_end import end_session
from studyapp.services.session_start import browser_family, create_session
from studyapp.services.session_steps import prepare_step
from studyapp.vocab import Origin, Outcome, Step

KEPT = timedelta(hours=1)


def start_preview(*, study: Study, place: str, user_agent: str = "") -> Session:
    """Return a new preview session of the study's latest version that stands at the place, everything before skipped.

    place: the code of one of `preview_steps`.

    Raises InvalidAction when the study was never launched, or has no such place.
    """
    version = study.versions.order_by("-number").first()
    if version is None:
        raise InvalidAction("Launch the study as a pilot first: a preview presents the sounds that a launch prepares.")
    config = frozen_config(version)
    step = next((each for each in preview_steps(version) if each.code == place), None)
    if step is None:
        raise InvalidAction(f"The launched version has no step {place!r}; choose one of the list.")
    forget_previews()
    client = {"browser": browser_family(user_agent)}
    with transaction.atomic():
        session = create_session(version, new_participant(version), client, origin=Origin.PREVIEW)
        _lead_to(session, config, step)
    return session


def _lead_to(session: Session, config: StudyConfig, step: PreviewStep) -> None:
    if step.code.startswith(END):
        end_session(session=session, outcome=Outcome(step.code.removeprefix(END)))
        return
    prepare_step(session=session, config=config, step=step.step)
    if step.at_break:
        # What lies before the first break counts as done, so that the preview stands in it.
        first = session.trials.filter(break_before=True).order_by("position").first()
        if first is not None:
            session.trials.filter(position__lt=first.position).update(completed_at=timezone.now())


def forget_if_shown(session: Session) -> None:
    """Delete the session when it is a preview that has come to its end; call it once its last page was sent."""
    if session.origin == Origin.PREVIEW and session.step == Step.ENDED:
        delete_sessions(Session.objects.filter(pk=session.pk))


def forget_previews(*, study: Study | None = None) -> int:
    """Delete every preview that is older than an hour; of one study, every preview. Return how many."""
    previews = Session.objects.filter(origin=Origin.PREVIEW.value)
    if study is not None:
        return delete_sessions(previews.filter(version__in=StudyVersion.objects.filter(study=study)))
    return delete_sessions(previews.filter(started_at__lt=timezone.now() - KEPT))
