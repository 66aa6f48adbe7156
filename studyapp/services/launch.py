"""Launch a study: ask for it, let a worker make the version, and open the study when that is done (design decision 7).

What is launched is the study as it was when it was asked for. A worker that dies leaves nothing but files that the next
one writes again: the version, the study's state and the job's end are written together.
"""

from collections.abc import Callable
from contextlib import suppress

from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from studyapp.design.config_reading import read_config
from studyapp.errors import NotLaunchable
from studyapp.models import StimulusSet, Study, StudyLaunch, StudyVersion, User
from studyapp.selectors.launches import open_launch
from studyapp.services.audit import record_audit
from studyapp.services.jobs import Claim, cancel, do_claimed, do_or_await, enqueue
from studyapp.services.launch_check import check_launch
from studyapp.services.launch_sounds import sounds_digest
from studyapp.services.launch_version import freeze_version, prepare_version
from studyapp.vocab import StudyState

Progress = Callable[[int, int], None]


def plan_launch(*, study: Study, user: User | None = None, as_pilot: bool = False) -> StudyLaunch:
    """Queue a launch of the study as it is now. One at a time for a study. Warnings are `check_launch`'s.

    as_pilot: open it to those alone who bring the pilot link; not while it is live, for that would turn people away.

    Raises NotLaunchable with every reason.
    """
    launch = _plan(study, user, as_pilot)
    enqueue(StudyLaunch, [launch.pk])
    return launch


def do_launch(*, launch_id: int, progress: Progress | None = None) -> bool:
    """Do a queued launch; False when another worker has it or it was cancelled on the way.

    `progress` is called with the copies made and the copies in all.
    """
    return do_claimed(job=StudyLaunch, pk=launch_id, do=lambda held: _do(launch_id, held, progress))


def launch_study(
    *, study: Study, user: User | None = None, progress: Progress | None = None, as_pilot: bool = False
) -> StudyVersion:
    """Launch the study as it is now in this process, and return its version. When nothing changed, the latest goes on.

    Raises NotLaunchable with every reason.
    """
    launch = _plan(study, user, as_pilot)
    try:
        do_or_await(launch, lambda: do_launch(launch_id=launch.pk, progress=progress))
    except BaseException:
        # Whoever asked is told that it did not work, or ended the program: no worker may launch it afterwards.
        with suppress(DatabaseError):
            cancel(StudyLaunch.objects.filter(pk=launch.pk))
        raise
    study.refresh_from_db(fields=["state", "opened_as", "updated_at"])
    if launch.version is None:
        raise NotLaunchable(launch.error or "the launch was cancelled")
    return launch.version


def cancel_launch(*, launch: StudyLaunch, user: User) -> bool:
    """Cancel a launch; False where it had ended. Nothing of it is opened; the study stays as it was."""
    changed = cancel(StudyLaunch.objects.filter(pk=launch.pk))
    if changed:
        detail = {"launch": launch.pk}
        record_audit(
            actor=user, action="cancel_launch", object_type="study", object_id=launch.study.slug, detail=detail
        )
    return changed


def _plan(study: Study, user: User | None, as_pilot: bool) -> StudyLaunch:
    check = check_launch(study=study)
    if check.problems or check.config is None:
        raise NotLaunchable("\n".join(check.problems))
    n_sounds, sounds_sha256 = sounds_digest(study, check.config)
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if as_pilot and locked.state == StudyState.LIVE:
            raise NotLaunchable(
                "the study is live, and its pilot link works meanwhile; pause it first to make it a pilot"
            )
        there = open_launch(study)
        if there is not None:
            raise NotLaunchable(
                f"a launch of this study is at work already, asked for at {there.created_at:%H:%M} UTC; "
                "wait for it, or cancel it on the page Pilot and launch"
            )
        return StudyLaunch.objects.create(
            study=locked,
            owner=user,
            as_pilot=as_pilot,
            config=study.config,
            sounds_sha256=sounds_sha256,
            state_before=locked.state,
            n_total=n_sounds,
        )


def _do(launch_id: int, held: Claim, progress: Progress | None) -> None:
    launch = StudyLaunch.objects.select_related("study", "owner").get(pk=launch_id)
    study = _as_asked_for(launch)

    def note(n_done: int, n_total: int) -> None:
        held.beat(n_done=n_done)
        if progress is not None and n_total:
            progress(n_done, n_total)

    _refuse_changed_sounds(launch, study)  # before the work rather than after it
    prepared = prepare_version(study=study, progress=note)
    with transaction.atomic():
        held.finish()
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if locked.state != launch.state_before:
            raise NotLaunchable(
                f"the study was {launch.state_before} when the launch was asked for and is {locked.state} now: "
                "it stays so. Launch it again to open it."
            )
        _refuse_changed_sounds(launch, study)
        version = freeze_version(locked=locked, prepared=prepared, user=launch.owner)
        StudyLaunch.objects.filter(pk=launch.pk).update(version=version)
        _open(locked, version, launch)


def _as_asked_for(launch: StudyLaunch) -> Study:
    """Return the study with the configuration and the set that it had. It is never saved."""
    study, slug = launch.study, str(launch.config.get("stimulus_set"))
    stimulus_set = StimulusSet.objects.filter(slug=slug).first()
    if stimulus_set is None:
        raise NotLaunchable(f"the set {slug} is gone since the launch was asked for; choose another in the design")
    study.config, study.stimulus_set = launch.config, stimulus_set
    return study


def _refuse_changed_sounds(launch: StudyLaunch, study: Study) -> None:
    if sounds_digest(study, read_config(launch.config))[1] != launch.sounds_sha256:
        raise NotLaunchable(
            "a set of sounds was changed (its sounds, their order, labels or categories) after the launch was asked "
            "for. Launch the study again, so that what you saw is what is frozen."
        )


def _open(locked: Study, version: StudyVersion, launch: StudyLaunch) -> None:
    state = StudyState.PILOT if launch.as_pilot else StudyState.LIVE
    Study.objects.filter(pk=locked.pk).update(state=state.value, opened_as=state.value, updated_at=timezone.now())
    record_audit(
        actor=launch.owner,
        action="launch_study",
        object_type="study",
        object_id=locked.slug,
        detail={"version": version.number, "sha256": version.sha256, "as": state.value},
    )
