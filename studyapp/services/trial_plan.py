"""Plan a session's trials."""

import secrets
from collections.abc import Sequence

from studyapp.design.config import StudyConfig
from studyapp.design.orders import Placeable
from studyapp.design.practice import draw_practice
from studyapp.design.session_plan import PlannedTrial, SessionRules, plan_session
from studyapp.models import Block, FrozenStimulus, Presentation, Session, StudyVersion, Trial
from studyapp.selectors.exposures import exposures
from studyapp.vocab import TrialKind


def plan_trials(*, session: Session, config: StudyConfig) -> None:
    """Draw the session's trials from its seed and store them with their sounds' tokens, in two inserts."""
    frozen = list(session.version.frozen_stimuli.order_by("pk"))
    main = [_placeable(each) for each in frozen if each.role == TrialKind.MAIN]
    rules = SessionRules.of(config)
    planned = plan_session(
        main,
        rules=rules,
        seed=session.seed,
        catch=[_placeable(each) for each in frozen if each.role == TrialKind.CATCH],
        exposures=exposures(session) if rules.n_stimuli is not None else {},
    )
    _store(session, planned, _blocks(session.version, TrialKind.MAIN))


def plan_practice(*, session: Session, config: StudyConfig) -> None:
    """Draw the session's practice trials from its seed and store them."""
    frozen = session.version.frozen_stimuli.filter(role=TrialKind.PRACTICE.value).order_by("pk")
    planned = draw_practice(
        [_placeable(each) for each in frozen],
        n_trials=config.practice.n_trials,
        task=SessionRules.of(config).task,
        seed=session.seed,
    )
    _store(session, planned, _blocks(session.version, TrialKind.PRACTICE))


def _placeable(frozen: FrozenStimulus) -> Placeable:
    return Placeable(key=frozen.pk, label=frozen.label, category=frozen.category)


def _blocks(version: StudyVersion, kind: TrialKind) -> list[Block]:
    return list(Block.objects.filter(version=version, kind=kind.value).order_by("position"))


def _store(session: Session, planned: Sequence[PlannedTrial], blocks: Sequence[Block]) -> None:
    first = session.trials.count()
    trials = Trial.objects.bulk_create(
        Trial(
            session=session,
            block=blocks[each.block],
            position=position,
            kind=each.kind,
            break_before=each.break_before,
        )
        for position, each in enumerate(planned, start=first)
    )
    Presentation.objects.bulk_create(
        Presentation(
            trial=trial,
            interval=interval,
            frozen_stimulus_id=key,
            builtin=each.builtin if key is None else "",
            token=secrets.token_urlsafe(16),
        )
        for trial, each in zip(trials, planned, strict=True)
        for interval, key in enumerate(each.keys or (None,))
    )
