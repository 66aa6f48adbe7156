"""The golden judgements: 14 listeners x 40 clips, 7.9 % missing, with what R lme4 1.1-31 fits to them.

glmer(y ~ x + (1 | listener) + (1 | clip), family = binomial(link), nAGQ = 1, bobyqa).
"""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parents[2] / "golden/crossed_judgements.csv"


def golden_table(column: str, one: str, *, truth: str) -> NDArray[np.float64]:
    """Return (listeners, clips of this truth): 1 where the column says `one`, 0 where not, NaN where missing."""
    with FILE.open() as file:
        rows = list(csv.DictReader(file))
    listeners = sorted({row["listener"] for row in rows})
    clips = sorted({row["clip"] for row in rows if row["truth"] == truth})
    table = np.full((len(listeners), len(clips)), np.nan)
    for row in rows:
        if row["truth"] == truth:
            table[listeners.index(row["listener"]), clips.index(row["clip"])] = float(row[column] == one)
    return table
