"""Plan a session's trials."""

import secrets

from studyapp.design.config import StudyConfig
from studyapp.design.orders import Placeable, draw_order
from studyapp.models import Block, Presentation, Session, Trial
from studyapp.vocab import TrialKind


def plan_trials(*, session: Session, config: StudyConfig) -> None:
    """Draw the order from the session's seed and store every trial and its sound's token, in two inserts."""
    block = Block.objects.get(version=session.version, kind=TrialKind.MAIN.value)
    frozen = list(session.version.frozen_stimuli.order_by("pk").values_list("pk", "label", "category"))
    order = draw_order(
        [Placeable(key=pk, label=label, category=category) for pk, label, category in frozen],
        seed=session.seed,
        kind=config.order.kind,
        max_same_label=config.order.max_same_label,
    )
    trials = Trial.objects.bulk_create(
        Trial(session=session, block=block, position=position, kind=block.kind) for position in range(len(order))
    )
    Presentation.objects.bulk_create(
        Presentation(trial=trial, interval=0, frozen_stimulus_id=key, token=secrets.token_urlsafe(16))
        for trial, key in zip(trials, order, strict=True)
    )
