"""A large installation for the measurement of pages: 5,000 stimuli, a study with 2,000 sessions and their answers."""

import secrets
from datetime import timedelta

from django.utils import timezone

from studyapp import models
from studyapp.models import Session, StimulusSet, Study, User
from studyapp.vocab import PAPER_REASONS, Label, Origin, Outcome, Step
from tests.factories import make_version

N_STIMULI = 5000
N_SESSIONS = 2000
N_CLIPS = 80
CATEGORIES = ("dog_bark", "footstep", "gunshot", "keyboard", "moving_motor_vehicle", "rain", "sneeze_cough")
BATCH = 5000


def fill(n_sessions: int = N_SESSIONS) -> tuple[User, StimulusSet, Study]:
    """Make the rows, none with a sound behind it, and return who owns them, the set and the study.

    Of ten sessions eight are completed, one is open with all its answers, and one has none.
    """
    owner = User.objects.create(username="bench", password="!")
    large = _large_set(owner)
    version = make_version(n_fake=N_CLIPS // 2, n_real=N_CLIPS // 2, categories=CATEGORIES, owner=owner, slug="large")
    _sessions(version, n_sessions)
    return owner, large, version.study


def _large_set(owner: User) -> StimulusSet:
    large = StimulusSet.objects.create(slug="large-set", title="A large set", owner=owner)
    rows = [
        models.Stimulus(
            home_set=large,
            sha256=f"{number:064x}",
            name=f"{CATEGORIES[number % 7]}/{'fake' if number % 2 else 'real'}/{number:05d}.wav",
            label=(Label.FAKE if number % 2 else Label.REAL).value,
            category=CATEGORIES[number % 7],
            generator=f"TASys{number % 9:02d}" if number % 2 else "",
            audio_path=f"audio/{number}.wav",
            container="WAV",
            subtype="PCM_16",
            n_bytes=176_444,
            n_samples=88_200,
            n_channels=1,
            sample_rate_hz=22_050,
            duration_s=4.0,
            level_dbfs=-20.0 - number % 23,
            peak_dbfs=-1.0,
            dc_offset=0.0,
            bandwidth_hz=4000.0 + number % 4001,
            leading_silence_s=0.001 * (number % 50),
            longest_zero_run_s=0.0,
            clipped_fraction=0.0,
        )
        for number in range(N_STIMULI)
    ]
    made = models.Stimulus.objects.bulk_create(rows, BATCH)
    models.SetMember.objects.bulk_create(
        (models.SetMember(stimulus_set=large, stimulus=each, position=at) for at, each in enumerate(made)), BATCH
    )
    return large


def _sessions(version: models.StudyVersion, n_sessions: int) -> None:
    now, block = timezone.now(), version.blocks.get(position=0)
    frozen = list(version.frozen_stimuli.order_by("pk"))
    people = models.Participant.objects.bulk_create(
        (models.Participant(study_id=version.study_id, pseudonym=f"P{number:06d}") for number in range(n_sessions)),
        BATCH,
    )
    outcomes = [Outcome.COMPLETED] * 8 + [Outcome.FAILED_HEADPHONE, None]
    sessions = Session.objects.bulk_create(
        (
            Session(
                version=version,
                participant=person,
                token=secrets.token_urlsafe(32),
                origin=Origin.LIVE.value,
                step=(Step.ENDED if outcomes[number % 10] else Step.TRIALS).value,
                outcome=(outcomes[number % 10] or Outcome.COMPLETED).value if outcomes[number % 10] else "",
                seed=number,
                fake_is_first=bool(number % 2),
                client={"browser": "Firefox" if number % 3 else "Chrome"},
                ended_at=now if outcomes[number % 10] else None,
            )
            for number, person in enumerate(people)
        ),
        BATCH,
    )
    models.ScreeningAttempt.objects.bulk_create(
        (
            models.ScreeningAttempt(
                session=session,
                test="huggins",
                number=1,
                n_trials=6,
                pass_mark=6,
                n_correct=6,
                passed=True,
                ended_at=now,
            )
            for session in sessions
        ),
        BATCH,
    )
    for start in range(0, n_sessions, 100):
        _answers(sessions[start : start + 100], block, frozen)


def _answers(sessions: list[Session], block: models.Block, frozen: list[models.FrozenStimulus]) -> None:
    now, codes = timezone.now(), list(PAPER_REASONS)
    trials = models.Trial.objects.bulk_create(
        models.Trial(session=session, block=block, position=at, completed_at=now)
        for session in sessions
        if session.outcome != Outcome.FAILED_HEADPHONE
        for at in range(len(frozen))
    )
    shown = models.Presentation.objects.bulk_create(
        models.Presentation(trial=trial, frozen_stimulus=frozen[trial.position], token=secrets.token_urlsafe(16))
        for trial in trials
    )
    models.Play.objects.bulk_create(
        models.Play(presentation=each, number=1, started_at=now - timedelta(seconds=4), ended_at=now, heard_ms=4000.0)
        for each in shown
    )
    answers = models.Response.objects.bulk_create(
        models.Response(
            trial=trial,
            choice=(Label.FAKE if (trial.pk * 2654435761) % 7 < 3 else Label.REAL).value,
            rt_from_offset_ms=500.0,
            choice_position=0,
            response_source="keyboard",
            idempotency_key=str(trial.pk),
        )
        for trial in trials
    )
    models.ChosenReason.objects.bulk_create(
        models.ChosenReason(response=answer, code=codes[answer.pk % len(codes)])
        for answer in answers
        if answer.choice == Label.FAKE
    )
