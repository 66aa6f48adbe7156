"""Processor time of listeners beside machines, without the database: python -m benchmarks.machines."""

import os
from time import process_time

import numpy as np
import pandas as pd

# Listeners, clips, and the share of the clips that each listener judged.
SIZES = ((20, 81, 1.0), (20, 81, 0.5), (500, 5000, 1.0), (500, 5000, 0.1), (12_500, 100, 0.8))


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
    django.setup()
    from studyapp.models import Machine
    from studyapp.selectors.machine_comparison import MachineDecisions
    from studyapp.services.analysis_crowd import crowd_of
    from studyapp.services.analysis_machine_clips import clip_majorities, clips_of_both
    from studyapp.services.analysis_machines import compare_with_listeners

    print("| listeners | clips | judged | processor, s |\n|---|---|---|---|")
    for n_listeners, n_clips, share in SIZES:
        judgements, decisions, facts = drawn(n_listeners, n_clips, share)
        began = process_time()
        found = MachineDecisions(machine=Machine(slug="drawn", title="Drawn"), decisions=decisions)
        both = clips_of_both(found, clip_majorities(judgements), facts, seed=42)
        compare_with_listeners(both, crowd_of(both, judgements))
        print(f"| {n_listeners:,} | {n_clips:,} | {share:.0%} | {process_time() - began:.2f} |")


def drawn(n_listeners: int, n_clips: int, share: float) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return judgements, decisions and facts of clips, half of them fakes."""
    rng = np.random.default_rng(20240826)
    truth = np.where(np.arange(n_clips) < n_clips // 2, "fake", "real")
    chance = np.clip(rng.normal(np.where(truth == "fake", 0.6, 0.3), 0.2), 0.02, 0.98)
    rows, columns = np.nonzero(rng.random((n_listeners, n_clips)) < share)
    judgements = pd.DataFrame(
        {
            "listener": pd.Categorical.from_codes(rows, [f"P{number:06d}" for number in range(n_listeners)]),
            "clip": columns,
            "truth": pd.Categorical(truth[columns]),
            "category": pd.Categorical(np.array([f"category {number}" for number in range(15)])[columns % 15]),
            "said_fake": rng.random(len(rows)) < chance[columns],
        }
    )
    clips = np.arange(n_clips)
    scores = np.clip(rng.normal(np.where(truth == "fake", 0.65, 0.35), 0.2), 0, 1)
    called = np.where(scores >= 0.5, "fake", "real")
    decisions = pd.DataFrame({"clip": clips, "decision": called, "fake_score": scores, "split": ""})
    generators = np.where(truth == "fake", np.array([f"system {number}" for number in range(9)])[clips % 9], "")
    names = [f"{clip}.wav" for clip in clips]
    facts = pd.DataFrame({"clip": clips, "name": names, "generator": generators, "source_group": ""})
    return judgements, decisions, facts


if __name__ == "__main__":
    main()
