"""What listeners said when a clip came again."""

import numpy as np
import pandas as pd
from django.db.models import QuerySet

from studyapp.models import Presentation, Session
from studyapp.vocab import Label, TrialKind

CHUNK = 2000
KEYS = ["version", "listener", "clip"]


def repeated_judgements(*, sessions: QuerySet[Session], judgements: pd.DataFrame) -> pd.DataFrame:
    """Return one row per repeat of a judgement of the sessions (see judgement_frame): listener, truth, first, again.

    `first` and `again` are whether the listener said fake. Empty where nothing was repeated. One query.
    """
    rows = (
        Presentation.objects.filter(
            interval=0, trial__kind=TrialKind.REPEAT.value, trial__session__in=sessions, frozen_stimulus__isnull=False
        )
        .exclude(trial__response__choice="")
        .filter(trial__response__isnull=False)
        .order_by("trial_id")
        .values_list(
            "trial__session__version__number",
            "trial__session__participant__pseudonym",
            "frozen_stimulus__stimulus_id",
            "trial__response__choice",
        )
    )
    again = pd.DataFrame(rows.iterator(CHUNK), columns=[*KEYS, "choice"]).drop_duplicates(KEYS)
    if again.empty:
        return pd.DataFrame({"listener": [], "truth": [], "first": np.array([], bool), "again": np.array([], bool)})
    again["again"] = again.pop("choice") == Label.FAKE.value
    # Only the clips and listeners of repeats are joined: of a million answers most have none.
    here = judgements["clip"].isin(again["clip"]) & judgements["listener"].isin(again["listener"])
    first = judgements.loc[here, [*KEYS, "truth", "said_fake"]].astype({"listener": str}).drop_duplicates(KEYS)
    both = first.merge(again, on=KEYS).rename(columns={"said_fake": "first"})
    return both[["listener", "truth", "first", "again"]]
