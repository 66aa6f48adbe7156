"""One of everything that an address can name, all of it the owner's, and somebody for each part in it."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from detector.models import ComparedTraining, Comparison, EmbeddingRun, Report, Scoring
from studyapp.models import (
    BotRun,
    ClipNote,
    Presentation,
    Session,
    StimulusSet,
    StimulusUpload,
    StoredAnalysis,
    Study,
    StudyExport,
    StudyLaunch,
    StudyMember,
    StudyRevision,
    StudyVersion,
    User,
)
from studyapp.selectors.stimulus_filter import StimulusFilter
from studyapp.services import media
from studyapp.services.api_tokens import make_token
from studyapp.services.invitation import invite
from studyapp.services.listening import start_pass
from studyapp.services.set_building import add_clips
from studyapp.services.study_create import create_study
from studyapp.sound.picture import KINDS
from studyapp.vocab import JobState, StudyRole
from tests.detector.drawn_training import draw_training
from tests.detector.material import give_audio
from tests.factories import CONFIG, make_session, make_user, make_version


@dataclass(frozen=True)
class World:
    """`users` by actor; `things` are the values of the addresses' arguments, by the names of tests/access/table.py."""

    users: dict[str, User]
    things: dict[str, Any]


def make_world() -> World:
    roles = [role.value for role in StudyRole]
    users = {name: make_user(name, is_staff=name == "staff") for name in ("stranger", *roles, "owner", "staff")}
    owner = users["owner"]
    version = make_version(slug="study", n_fake=10, n_real=10, owner=owner, config=CONFIG | {"analysis": {}})
    study, stimulus_set = version.study, version.study.stimulus_set
    stimulus_set.owner = owner
    stimulus_set.save()
    give_audio(stimulus_set, seconds=0.05)
    config = {"slug": study.slug, "title": study.title, "stimulus_set": stimulus_set.slug}
    for number, changed in enumerate((config, config | {"task": {"plays": 2}}), start=1):
        study.config, study.revision = changed, number
        revision = StudyRevision.objects.create(study=study, number=number, config=changed, author=owner)
    study.save()
    for role in roles:
        StudyMember.objects.create(study=study, user=users[role], role=role)
    extra = StudyMember.objects.create(study=study, user=make_user("helper"), role=StudyRole.VIEWER.value)
    session, sound = _session(version)
    into_study, token = invite(inviter=owner, note="for a test", study=study, role=StudyRole.VIEWER)
    tagged = stimulus_set.own_stimuli.order_by("pk").last()
    ClipNote.objects.create(stimulus=tagged, author=owner, tags=["echo"])
    return World(
        users=users,
        things={
            "study": study.slug,
            "set": stimulus_set.slug,
            "stimulus": stimulus_set.own_stimuli.order_by("pk")[0].pk,
            "second": stimulus_set.own_stimuli.order_by("pk")[1].pk,
            "session": session.pk,
            "session_token": session.token,
            "sound_token": sound.token,
            "version_number": version.number,
            "plan_ending": "md",
            "action": "answer",
            "revision_number": revision.number - 1,
            "revision": revision.number,
            "draft": create_study(config=config | {"slug": "draft"}, owner=owner).slug,
            "broken": Study.objects.create(
                slug="broken", title="Broken", owner=owner, stimulus_set=stimulus_set, config={"slug": "broken"}
            ).slug,
            "built": _built(stimulus_set, owner),
            "section": "task",
            "screen": "consent",
            "api_token": make_token(user=owner, name="own", may_write=False)[0].pk,
            **_jobs(study, owner),
            "upload": StimulusUpload.objects.create(
                stimulus_set=stimulus_set, owner=owner, state=JobState.FAILED.value, submitted_at=timezone.now()
            ).pk,
            "listening_pass": start_pass(
                user=owner, stimulus_set=stimulus_set, chosen=StimulusFilter(), is_blind=True, seed=1
            ).pk,
            "place": 0,
            "picture_kind": next(iter(KINDS)),
            "member": extra.pk,
            "invitation": into_study.pk,
            "invitation_token": token,
            "site_invitation": invite(inviter=users["staff"], note="for a test")[0].pk,
            **_work(stimulus_set, owner),
        },
    )


def _session(version: StudyVersion) -> tuple[Session, Presentation]:
    """Return an open session, and what it would hear next."""
    session = make_session(version, outcome=None, n_answers=2)
    sound = Presentation.objects.filter(trial__session=session).order_by("trial__position")[2]
    media.store(sound.frozen_stimulus.copy_path, b"RIFF")
    return session, sound


def _jobs(study: Study, owner: User) -> dict[str, Any]:
    """Return the keys of one job of each kind that a study has."""
    of_it = {"study": study, "owner": owner}
    done, cancelled = JobState.DONE.value, JobState.CANCELLED.value
    export = StudyExport.objects.create(
        **of_it, origin="live", state=done, file_name=media.store("exports/x.zip", b"PK")
    )
    bot_run = BotRun.objects.create(**of_it, n=1, seed=1, d_prime=1.0, criterion_c=0.0, state=cancelled)
    launch = StudyLaunch.objects.create(**of_it, config=study.config, state_before="live", state=done)
    analysis = StoredAnalysis.objects.create(
        study=study, origin="live", include_incomplete=False, leave_out_in_doubt=False, wanted="0" * 64
    )
    return {"export": export.pk, "bot_run": bot_run.pk, "launch": launch.pk, "stored_analysis": analysis.pk}


def _built(stimulus_set: StimulusSet, owner: User) -> str:
    clips = list(stimulus_set.own_stimuli.order_by("pk").values_list("pk", flat=True)[:2])
    add_clips(user=owner, into="built", stimuli=clips, sources=[stimulus_set], step={"how": "hand"})
    return "built"


def _work(stimulus_set: Any, owner: User) -> dict[str, Any]:
    """What detectors made of the set, started by the owner."""
    training, other = (draw_training(stimulus_set, n_runs=1, seed=seed) for seed in (0, 1))
    type(training).objects.filter(pk__in=(training.pk, other.pk)).update(owner=owner)
    done = {"state": JobState.DONE.value, "owner": owner}
    Report.objects.create(training=training, code_version="test", state=JobState.CANCELLED.value, owner=owner)
    comparison = Comparison.objects.create(
        key=f"{training.pk},{other.pk}", code_version="test", state=JobState.CANCELLED.value, owner=owner
    )
    for each in (training, other):
        ComparedTraining.objects.create(comparison=comparison, training=each)
    embedding = EmbeddingRun.objects.create(
        stimulus_set=stimulus_set, encoder="aisfx", fingerprint="0" * 64, recipe={}, n_clips=20, n_reused=0, **done
    )
    scoring = Scoring.objects.create(training=training, stimulus_set=stimulus_set, run_choice="best", **done)
    return {
        "training": training.pk,
        "other_training": other.pk,
        "comparison": comparison.pk,
        "embedding": embedding.pk,
        "scoring": scoring.pk,
    }
