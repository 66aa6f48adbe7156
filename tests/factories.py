"""Rows for tests, made directly: a study with its version, sessions with their answers. No audio is written."""

import hashlib
import itertools
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils import timezone

from studyapp.models import (
    Block,
    ChosenReason,
    FrozenStimulus,
    Machine,
    MachineScore,
    Participant,
    Play,
    Presentation,
    Response,
    ScreeningAttempt,
    Session,
    SetMember,
    Stimulus,
    StimulusSet,
    Study,
    StudyVersion,
    Trial,
    User,
)
from studyapp.vocab import PAPER_REASONS, Label, Origin, Outcome, Step, StudyState, TrialKind

_counter = itertools.count(1)

CONFIG = {
    "task": {
        "reasons": {
            "after": "fake",
            "mode": "single",
            "items": [{"code": code, "label": label, "needs_text": False} for code, label in PAPER_REASONS.items()],
        }
    }
}


def make_user(username: str = "", *, is_staff: bool = False) -> User:
    user = User(username=username or f"user{next(_counter)}", is_staff=is_staff, is_superuser=is_staff)
    user.set_unusable_password()
    user.save()
    return user


def make_stimulus(stimulus_set: StimulusSet, *, label: Label, category: str = "rain", name: str = "") -> Stimulus:
    number = next(_counter)
    # Of the set and the place in it, never of what ran before: folds and drawn vectors hang on the hashes.
    place = stimulus_set.members.count()
    stimulus = Stimulus.objects.create(
        home_set=stimulus_set,
        sha256=hashlib.sha256(f"clip {place} of {stimulus_set.slug}".encode()).hexdigest(),
        name=name or f"{category}/{label.value}-{number}.wav",
        label=label.value,
        category=category,
        generator="TASys01" if label is Label.FAKE else "",
        audio_path=f"stimuli/{number}.wav",
        container="WAV",
        subtype="PCM_16",
        n_bytes=100,
        n_samples=22050,
        n_channels=1,
        sample_rate_hz=22050,
        duration_s=1.0,
        level_dbfs=-20.0,
        peak_dbfs=-1.0,
        dc_offset=0.0,
        bandwidth_hz=8000.0,
        leading_silence_s=0.0,
        longest_zero_run_s=0.0,
        clipped_fraction=0.0,
    )
    SetMember.objects.create(stimulus_set=stimulus_set, stimulus=stimulus, position=number)
    return stimulus


def make_version(
    *,
    n_fake: int = 4,
    n_real: int = 4,
    categories: Sequence[str] = ("rain", "dog_bark"),
    owner: User | None = None,
    slug: str = "",
    config: dict | None = None,
    **set_fields: object,
) -> StudyVersion:
    """Make a live study whose one version has `n_fake` and `n_real` clips, categories taking turns."""
    number = next(_counter)
    slug = slug or f"study-{number}"
    stimulus_set = StimulusSet.objects.create(slug=f"set-{number}", title=f"Set {number}", **set_fields)
    study = Study.objects.create(
        slug=slug,
        title=f"Study {number}",
        owner=owner,
        stimulus_set=stimulus_set,
        config={"slug": slug},
        state=StudyState.LIVE.value,
    )
    version = StudyVersion.objects.create(
        study=study,
        number=1,
        config={"slug": slug, "title": f"Study {number}", "stimulus_set": f"set-{number}"} | (config or CONFIG),
        sha256="0" * 64,
        code_version="test",
        sample_rate_hz=22050,
        n_channels=1,
        calibration_level_dbfs=-20.0,
    )
    Block.objects.create(version=version, position=0, name="main")
    labels = [Label.FAKE] * n_fake + [Label.REAL] * n_real
    for index, label in enumerate(labels):
        stimulus = make_stimulus(stimulus_set, label=label, category=categories[index % len(categories)])
        FrozenStimulus.objects.create(
            version=version,
            stimulus=stimulus,
            label=stimulus.label,
            category=stimulus.category,
            copy_path=f"copies/{stimulus.pk}.wav",
            copy_sha256="1" * 64,
            duration_s=1.0,
        )
    return version


def make_session(
    version: StudyVersion,
    *,
    says_fake: Callable[[FrozenStimulus, int], bool] = lambda frozen, index: frozen.label == Label.FAKE,
    reason: Callable[[int], str] | None = lambda index: "distorted",
    origin: Origin = Origin.LIVE,
    outcome: Outcome | None = Outcome.COMPLETED,
    n_answers: int | None = None,
    pseudonym: str = "",
    screening_correct: int | None = 6,
) -> Session:
    """Make a session that answered the first `n_answers` clips (all by default), in the order of the version."""
    participant = Participant.objects.create(study_id=version.study_id, pseudonym=pseudonym or f"P{next(_counter):06d}")
    session = Session.objects.create(
        version=version,
        participant=participant,
        token=secrets.token_urlsafe(32),
        origin=origin.value,
        step=(Step.ENDED if outcome else Step.TRIALS).value,
        outcome=outcome.value if outcome else "",
        seed=1,
        fake_is_first=True,
        ended_at=timezone.now() if outcome else None,
    )
    if screening_correct is not None:
        _make_attempt(session, screening_correct)
    block = version.blocks.get(position=0)
    for index, frozen in enumerate(version.frozen_stimuli.order_by("pk")):
        trial = Trial.objects.create(session=session, block=block, position=index)
        presentation = Presentation.objects.create(trial=trial, frozen_stimulus=frozen, token=secrets.token_urlsafe(16))
        if n_answers is None or index < n_answers:
            choice = Label.FAKE if says_fake(frozen, index) else Label.REAL
            _make_answer(presentation, choice, reason(index) if reason and choice is Label.FAKE else None)
    return session


def _make_attempt(session: Session, n_correct: int) -> None:
    ScreeningAttempt.objects.create(
        session=session,
        test="antiphase",
        number=1,
        n_trials=6,
        pass_mark=5,
        n_correct=n_correct,
        passed=n_correct >= 5,
        ended_at=timezone.now(),
    )


def _make_answer(presentation: Presentation, choice: Label, reason: str | None) -> None:
    """Play the sound once and answer it; the menu of reasons was shown after "fake"."""
    now, trial = timezone.now(), presentation.trial
    Play.objects.create(
        presentation=presentation,
        number=1,
        started_at=now,
        ended_at=now + timedelta(seconds=1),
        heard_ms=1000.0,
        output_latency_ms=12.5,
    )
    response = Response.objects.create(
        trial=trial,
        choice=choice.value,
        rt_from_onset_ms=1500.0 + trial.position,
        rt_from_offset_ms=500.0 + trial.position,
        choice_position=0 if choice is Label.FAKE else 1,
        response_source="button",
        idempotency_key=secrets.token_hex(8),
        reason_order=list(PAPER_REASONS) if choice is Label.FAKE else [],
        reason_rt_ms=None if reason is None else 900.0,
    )
    if reason is not None:
        ChosenReason.objects.create(response=response, code=reason)
    Trial.objects.filter(pk=trial.pk).update(completed_at=now)


def make_repeat(session: Session, frozen: FrozenStimulus, *, says_fake: bool) -> None:
    """Let the session hear a sound again after its last trial, and answer it."""
    position = session.trials.count()
    trial = Trial.objects.create(
        session=session, block=session.version.blocks.get(position=0), position=position, kind=TrialKind.REPEAT.value
    )
    presentation = Presentation.objects.create(trial=trial, frozen_stimulus=frozen, token=secrets.token_urlsafe(16))
    _make_answer(presentation, Label.FAKE if says_fake else Label.REAL, None)


def make_wrong_catch(session: Session) -> None:
    """Let the session count beeps wrongly after its last trial."""
    block, position = session.version.blocks.get(position=0), session.trials.count()
    trial = Trial.objects.create(session=session, block=block, position=position, kind=TrialKind.CATCH.value)
    Presentation.objects.create(trial=trial, builtin="beeps:3", token=secrets.token_urlsafe(16))
    Response.objects.create(trial=trial, value=2, choice_position=0, idempotency_key=secrets.token_hex(8))


def make_machine(version: StudyVersion, *, is_right: Callable[[FrozenStimulus, int], bool], slug: str = "") -> Machine:
    """Make a machine with a decision on every clip of the version."""
    number = next(_counter)
    machine = Machine.objects.create(slug=slug or f"machine-{number}", title=f"Machine {number}")
    for index, frozen in enumerate(version.frozen_stimuli.order_by("pk")):
        is_fake = (frozen.label == Label.FAKE) == is_right(frozen, index)
        MachineScore.objects.create(
            machine=machine,
            stimulus_id=frozen.stimulus_id,
            fake_score=0.9 if is_fake else 0.1,
            decision=(Label.FAKE if is_fake else Label.REAL).value,
        )
    return machine
