"""Answers as tables of listeners by clips, which is how variance components are estimated."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.vocab import Label


def answer_tables(frame: pd.DataFrame) -> dict[Label, NDArray[np.float64]]:
    """Return for each label the judgements (see judgement_frame) as (n_listeners, n_clips).

    1 for "fake", NaN where none was given; the same listeners in the same rows. Both are empty when nothing was judged.
    """
    rows, listeners = pd.factorize(frame["listener"], sort=True)
    said_fake = frame["said_fake"].to_numpy(dtype=np.float64)
    tables = {}
    for label in Label:
        is_label = (frame["truth"] == label.value).to_numpy()
        columns, clips = pd.factorize(frame["clip"][is_label], sort=True)
        tables[label] = np.full((len(listeners), len(clips)), np.nan)
        tables[label][rows[is_label], columns] = said_fake[is_label]
    return tables
