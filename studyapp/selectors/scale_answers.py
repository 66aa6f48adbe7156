"""The answers that are more than real or fake: ratings, and which sound of a pair was called fake."""

import pandas as pd
from django.db.models import Exists, OuterRef, QuerySet

from studyapp.models import Presentation, Session
from studyapp.selectors.judgement_stream import CHUNK, answered_trials
from studyapp.vocab import Label, TrialKind

LISTENER = "trial__session__participant__pseudonym"


def rating_frame(*, sessions: QuerySet[Session], leave_out_in_doubt: bool) -> pd.DataFrame:
    """Return the ratings of main trials, one row each: listener, truth, rating (1 to 6). One query."""
    rated = _main(sessions, leave_out_in_doubt).exclude(trial__response__choice="")
    rows = rated.filter(trial__response__value__isnull=False).order_by("trial_id")
    found = rows.values_list(LISTENER, "frozen_stimulus__label", "trial__response__value")
    return pd.DataFrame(found.iterator(CHUNK), columns=["listener", "truth", "rating"])


def pair_frame(*, sessions: QuerySet[Session], leave_out_in_doubt: bool) -> pd.DataFrame:
    """Return the forced choices of main trials, one row each: listener, fake_at and chosen (interval 1 or 2).

    One query. A pair is left out where the label of either sound is in doubt.
    """
    second = Presentation.objects.filter(trial=OuterRef("trial"), interval=1)
    pairs = _main(sessions, leave_out_in_doubt).filter(Exists(second), trial__response__value__isnull=False)
    if leave_out_in_doubt:
        pairs = pairs.filter(~Exists(second.filter(frozen_stimulus__stimulus__label_in_doubt=True)))
    rows = pairs.order_by("trial_id").values_list(LISTENER, "frozen_stimulus__label", "trial__response__value")
    frame = pd.DataFrame(rows.iterator(CHUNK), columns=["listener", "fake_at", "chosen"])
    return frame.assign(fake_at=(frame["fake_at"] != Label.FAKE.value).astype(int) + 1)


def _main(sessions: QuerySet[Session], leave_out_in_doubt: bool) -> QuerySet[Presentation]:
    answered = answered_trials(sessions).filter(trial__kind=TrialKind.MAIN.value, frozen_stimulus__isnull=False)
    return answered.filter(frozen_stimulus__stimulus__label_in_doubt=False) if leave_out_in_doubt else answered
