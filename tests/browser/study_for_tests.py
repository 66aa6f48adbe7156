"""Fill an installation with the studies that the browser tests walk: python -m tests.browser.study_for_tests FOLDER.

Runs in a process of its own, with the installation's EARWITNESS_DATA_DIR.
"""

import sys
from pathlib import Path
from typing import Any

import django
import numpy as np
import soundfile

SAMPLE_RATE_HZ = 16_000
DURATION_S = 1.0
CATEGORIES = ("dog_bark", "rain", "keyboard")

# Two screening trials of 4 s instead of six: the test of the whole session stays under half a minute.
WHOLE = {
    "slug": "whole",
    "title": "Which sounds are real?",
    "stimulus_set": "six",
    "screening": {"n_trials": 2, "pass_mark": 2},
}
STRICT = WHOLE | {"slug": "strict", "screening": {"n_trials": 1, "pass_mark": 1}}
SHORT: dict[str, Any] = {
    "slug": "short",
    "title": "Trials only",
    "stimulus_set": "six",
    "volume": {"enabled": False},
    "screening": {"test": "none"},
}
ONCE = SHORT | {"slug": "once", "title": "No second chance", "task": {"replays_after_fault": 0}}
TWICE = SHORT | {"slug": "twice", "title": "Two plays", "task": {"plays": 2}}
WORDS = SHORT | {
    "slug": "words",
    "title": "Several reasons",
    "task": {
        "reasons": {
            "mode": "multiple",
            "after": "both",
            "items": [
                {"code": "distorted", "label": "It is distorted"},
                {"code": "repetitive", "label": "It repeats itself"},
                {"code": "other", "label": "Something else", "needs_text": True},
            ],
        }
    },
}


def write_clips(folder: Path) -> None:
    """Write three real and three fake clips, each a different shaped noise of DURATION_S."""
    rng = np.random.default_rng(7)
    time_s = np.arange(int(SAMPLE_RATE_HZ * DURATION_S)) / SAMPLE_RATE_HZ
    for index, category in enumerate(CATEGORIES):
        for place in (f"real/{category}", f"fake/generator_a/{category}"):
            tone = np.sin(2 * np.pi * (300 + 170 * index) * time_s)
            samples = 0.1 * tone + 0.02 * rng.standard_normal(time_s.size)
            (folder / place).mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / place / f"clip{index}.wav", samples, SAMPLE_RATE_HZ, subtype="PCM_16")


def main(folder: Path) -> None:
    django.setup()
    from studyapp.services.launch import launch_study
    from studyapp.services.stimulus_import import import_stimuli
    from studyapp.services.study_create import create_study

    write_clips(folder)
    import_stimuli(path=folder, set_slug="six", layout="folders")
    for config in (WHOLE, STRICT, SHORT, ONCE, TWICE, WORDS):
        launch_study(study=create_study(config=config, owner=None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
